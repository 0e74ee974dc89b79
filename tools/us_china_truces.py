"""Truces of the US-China record: each holds the acts its notices spell, under their own ids."""

from __future__ import annotations

import datetime as dt
from typing import Any

from attrs import evolve

from tools.us_china_events import BIS_STAY, OF_KUALA_LUMPUR, SOFTWARE
from tools.us_china_measures import Made
from tradescen.timeline.acts import Milestone, Reschedule, Terminate
from tradescen.timeline.truce import Truce
from tradescen.vocab.source import Source

_LISTS = ("USA", "CHN")  # the lists of 2018-20 never reached Hong Kong or Macau
_ALL = ("USA", "CHN", "HKG", "MAC")

# Truce → (row of truces.csv, terms, acts it holds).
_TRUCES: dict[str, tuple[str, dict[str, Any], tuple[str, ...]]] = {
    "buenos-aires": (
        "Buenos Aires",
        {"parties": _LISTS, "announced": "2018-12-01", "start": "2018-12-01",
         "until": "2019-03-02"},
        ("us-301-l3-25-postponed", "us-301-l3-25-shelved", "cn-301-autos-susp25",
         "cn-301-autos-susp5"),
    ),
    "osaka": (
        "Osaka",
        {"parties": _LISTS, "announced": "2019-06-29", "start": "2019-06-29"},
        (),
    ),
    "phase-one": (
        "Phase One",
        {"parties": _LISTS, "announced": "2019-12-13", "enacted": "2020-01-15",
         "start": "2020-02-14"},
        ("us-301-l4b-susp", "us-301-l4a-7p5", "cn-301-l4-2-susp", "cn-301-l4-2-5-susp",
         "cn-301-l4-1-5h", "cn-301-l4-1-2p5"),
    ),
    "geneva": (
        "Geneva",
        {"parties": _ALL, "announced": "2025-05-12", "start": "2025-05-14",
         "until": "2025-08-12"},
        ("us-ieepa-recip-10b", "us-ieepa-recip-24-susp1", "cn-2025-10", "cn-2025-24-susp1"),
    ),
    "london": ("London", {"parties": _LISTS, "start": "2025-06-09"}, ()),
    # Its law is the later of the two orders, so that it can prolong the whole of Geneva.
    "stockholm": (
        "Stockholm",
        {"parties": _ALL, "announced": "2025-08-11", "enacted": "2025-08-12",
         "start": "2025-08-12", "until": "2025-11-10", "extends": {"geneva": "2025-11-10"}},
        ("us-ieepa-recip-24-susp2", "cn-2025-24-susp2"),
    ),
    "kuala-lumpur": (
        "Kuala Lumpur",
        {"parties": _ALL, "announced": "2025-10-30", "enacted": "2025-11-05",
         "start": "2025-11-10", "until": "2026-11-10", "extends": {"geneva": "2026-11-10"}},
        ("us-ieepa-recip-24-susp3", "cn-2025-24-susp3", "us-ieepa-fent-10b",
         "cn-2025-mar-15-end", "cn-2025-mar-10-end", "us-301-ship-cranes100-susp1",
         "us-threat-100-end", "us-software-limits-end", "us-301-excl-164-ext3",
         "us-301-excl-solar14-ext3", "cn-excl-market-until"),
    ),
    "beijing-summit": ("Beijing summit", {"parties": _LISTS, "start": "2026-05-14"}, ()),
    "washington-extension": (
        "Washington / 8th-round",
        {"parties": _ALL, "announced": "2026-09-23", "start": "2026-11-10",
         "until": "2027-01-10", "threat": True},
        ("cn-2025-24-susp4", "us-301-ship-cranes100-susp2", "bis-50-rule-stay-ext",
         "rare-earth-controls-suspended-ext", "port-fees-suspended-ext"),
    ),
    "30-for-30": (
        "30-for-30",
        {"parties": _LISTS, "announced": "2026-05-20", "start": "2026-09-27", "threat": True},
        ("us-30for30", "cn-30for30"),
    ),
    "mofcom-46": (
        "MOFCOM No.46",
        {"parties": ("CHN",), "start": "2025-11-09", "until": "2026-11-27", "everywhere": True},
        (),
    ),
}
_ALSO = {
    "london": ("2025-06-09-london-talks",),
    "beijing-summit": ("2026-05-14-beijing-summit",),
}
_PROMISED = {
    "bis-50-rule-stay-ext": BIS_STAY,
    "rare-earth-controls-suspended-ext": "2025-11-07-rare-earth-controls-suspended",
    "port-fees-suspended-ext": "2025-11-10-port-fees-suspended",
}
# Rows of truces.csv that are halves of Kuala Lumpur with instruments of their own: a second
# truce over the same milestone would have nothing of its own to prolong or end.
_HALVES = {
    "Port-fee truce": "2025-11-10-port-fees-suspended",
    "BIS 50% Affiliates Rule stay": BIS_STAY,
    "MOFCOM rare-earth": "2025-11-07-rare-earth-controls-suspended",
}


def _more_acts(made: Made) -> None:
    """Acts of truces that no row of measures.csv or acts.csv spells."""
    threat = made.acts["us-threat-100-end"]
    made.add(
        Terminate(
            id="us-software-limits-end",
            target=SOFTWARE,
            announced=threat.announced,
            enacted=threat.enacted,
            effective=threat.effective,
            source=Source(
                citation=made.facts.truce("Kuala Lumpur").source.citation,
                note="taken to be withdrawn with the +100 % it was announced with",
                confidence="medium",
            ),
        )
    )
    promise = made.facts.truce("Washington / 8th-round").source
    for name, milestone in _PROMISED.items():
        made.add(
            Reschedule(
                id=name, act=milestone, announced="2026-09-23", enacted=None, until="2027-01-10",
                source=promise,
            )
        )


def _own_milestones(made: Made, events: dict[str, Milestone]) -> dict[str, tuple[Milestone, ...]]:
    """Milestones a truce holds itself; they leave *events*."""
    halves = [evolve(events.pop(name), until=term) for name, term in OF_KUALA_LUMPUR.items()]
    halves.append(events.pop(BIS_STAY))
    osaka = made.facts.truce("Osaka")
    no46 = made.facts.truce("MOFCOM No.46")
    return {
        "kuala-lumpur": tuple(halves),
        "osaka": (
            Milestone(
                id="2019-06-29-list4-held", date="2019-06-29", actor=("USA",), kind="truce",
                text="Threatened duties on about $300bn held back", source=osaka.source,
            ),
        ),
        "mofcom-46": (
            Milestone(
                id="2025-11-09-mofcom-46-suspended", date="2025-11-09", actor=("CHN",),
                kind="export-control",
                text="Export ban of MOFCOM No. 46 of 2024 (gallium, germanium, antimony, "
                "graphite) to US users suspended; the row names the month only",
                source=no46.source,
            ),
        ),
    }


def read_truces(made: Made, events: dict[str, Milestone]) -> tuple[list[Truce], list[Terminate]]:
    """Every truce, taking its acts out of *made* and its milestones out of *events*."""
    _more_acts(made)
    own = _own_milestones(made, events)
    truces = []
    for name, (row, terms, acts) in _TRUCES.items():
        truces.append(
            Truce(
                id=name,
                acts=tuple(made.acts.pop(a) for a in acts),
                also=own.get(name, _ALSO.get(name, ())),
                source=made.facts.truce(row).source,
                **terms,
            )
        )
    listed = [*(row for row, _, _ in _TRUCES.values()), *_HALVES]
    left = [t.name for t in made.facts.truces if not t.name.startswith(tuple(listed))]
    if left:
        raise ValueError(f"truces without a place: {left}")
    day = dt.date(2019, 8, 20)
    ended = Terminate(
        id="osaka-end", target="osaka", enacted=day, effective=day,
        source=Source(
            citation=made.facts.truce("Osaka").source.citation,
            note=made.facts.truce("Osaka").outcome, confidence="medium",
        ),
    )
    return truces, [ended]


def truce_rows() -> list[dict[str, str]]:
    """What each row of truces.csv became, for the disposition."""
    held = [(row, name, "Truce") for name, (row, _, _) in _TRUCES.items()]
    held += [(row, part, "part of the truce kuala-lumpur") for row, part in _HALVES.items()]
    return [
        {"spell": f"truces.csv: {row}", "measure": "", "act": act, "became": became, "note": ""}
        for row, act, became in held
    ]
