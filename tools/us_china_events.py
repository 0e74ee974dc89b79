"""Milestones of the US-China record: dated events, and rows of measures.csv without a rate."""

from __future__ import annotations

import datetime as dt

from tools.us_china_facts import Event, Facts, Row
from tools.us_china_measures import RULING, Made
from tradescen.timeline.acts import Milestone, Terminate
from tradescen.vocab.source import Source

# One name for each row of events.csv, in the order of the file: (day, name). The id of the
# milestone is both joined; a row that is not here stops the tool.
_NAMES: tuple[tuple[str, str], ...] = (
    ("2018-03-22", "section-301-finding"),
    ("2018-12-01", "buenos-aires-dinner"),
    ("2019-05-05", "list3-to-25-announced"),
    ("2019-08-23", "list4-escalation"),
    ("2020-01-15", "phase-one-signed"),
    ("2024-05-14", "four-year-review-proposed"),
    ("2024-12-23", "legacy-chips-probe"),
    ("2025-02-04", "wto-complaint-and-controls"),
    ("2025-04-04", "rare-earth-licences-no-18"),
    ("2025-04-11", "electronics-exempted"),
    ("2025-05-10", "geneva-talks"),
    ("2025-06-05", "leaders-call"),
    ("2025-06-09", "london-talks"),
    ("2025-07-28", "stockholm-talks"),
    ("2025-09-14", "madrid-talks"),
    ("2025-09-29", "bis-50-rule"),
    ("2025-10-09", "rare-earth-controls"),
    ("2025-10-10", "plus-100-threat"),
    ("2025-10-14", "us-port-fees"),
    ("2025-10-14", "cn-port-fees"),
    ("2025-10-24", "phase-one-probe"),
    ("2025-10-25", "kuala-lumpur-talks"),
    ("2025-10-30", "busan-leaders-meeting"),
    ("2025-11-01", "soybean-purchases"),
    ("2025-11-07", "rare-earth-controls-suspended"),
    ("2025-11-10", "port-fees-suspended"),
    ("2025-12-23", "legacy-chips-determination"),
    ("2026-02-04", "leaders-call"),
    ("2026-02-20", "learning-resources-ruling"),
    ("2026-02-23", "mofcom-full-assessment"),
    ("2026-03-04", "refund-ruling"),
    ("2026-03-11", "excess-capacity-probe"),
    ("2026-03-12", "forced-labor-probe"),
    ("2026-03-14", "paris-talks"),
    ("2026-05-07", "section-122-ruling"),
    ("2026-05-14", "beijing-summit"),
    ("2026-05-20", "mutual-cuts-statement"),
    ("2026-06-02", "forced-labor-determinations"),
    ("2026-06-11", "section-122-stay"),
    ("2026-09-22", "new-york-talks"),
    ("2026-09-23", "extension-announced"),
    ("2026-09-24", "washington-summit"),
    ("2026-09-25", "coal-purchases"),
    ("2026-09-27", "30-for-30-lists"),
    ("2026-09-28", "extension-confirmed"),
    ("2026-11-10", "truce-deadline"),
    ("2026-11-27", "mofcom-46-deadline"),
    ("2027-07-01", "de-minimis-repeal"),
)
# What the world knew before its day: the day of the source that says it.
_KNOWN = {
    "2026-11-10-truce-deadline": "2026-10-07",
    "2026-11-27-mofcom-46-deadline": "2025-12-03",
    "2027-07-01-de-minimis-repeal": "2026-06-03",
}
# Halves of the Kuala Lumpur arrangement: the truce holds them, with its term or their own.
OF_KUALA_LUMPUR = {
    "2025-11-01-soybean-purchases": dt.date(2029, 1, 1),
    "2025-11-07-rare-earth-controls-suspended": None,
    "2025-11-10-port-fees-suspended": None,
}
BIS_STAY = "2025-11-10-bis-50-rule-stay"
SOFTWARE = "2025-11-01-us-software-limits"
_KINDS = {
    "us-de-minimis-cn": "de-minimis",
    "us-301-excess-capacity": "investigation",
    "us-301-phase-one": "investigation",
    "us-threat-venezuela-oil": "threat",
    "us-threat-iran-trade": "threat",
    "cn-301-list3-as-announced": "threat",
    "us-301-forced-labor-cn": "proposal",
    "us-recip-cn": "threat",
}
_ONLY_SAID = ("never_imposed", "realised")  # the day is that of the announcement


def _event(event: Event, name: str) -> Milestone:
    day = event.date.isoformat()
    if day != name[:10]:
        raise ValueError(f"events.csv has a row of {day} where {name} was expected")
    more = f" (see {event.related})" if event.related else ""
    return Milestone(
        id=name,
        announced=_KNOWN.get(name, event.date),
        date=event.date,
        actor=event.actors,
        kind=event.kind,
        text=event.text + more,
        source=event.source,
    )


def read_events(facts: Facts) -> dict[str, Milestone]:
    """Every row of events.csv by id, and the two halves of October 2025 it has no row for."""
    names = [f"{day}-{name}" for day, name in _NAMES]
    found = {
        name: _event(event, name) for event, name in zip(facts.events, names, strict=True)
    }
    threat = found["2025-10-10-plus-100-threat"]
    found[SOFTWARE] = Milestone(
        id=SOFTWARE,
        announced=threat.date,
        date=dt.date(2025, 11, 1),
        actor=("USA",),
        kind="export-control",
        text="Export limits on critical software, announced with the +100 % of us-threat-100",
        source=threat.source,
    )
    stay = facts.truce("BIS 50% Affiliates Rule stay")
    found[BIS_STAY] = Milestone(
        id=BIS_STAY,
        announced=dt.date(2025, 11, 1),
        date=dt.date(2025, 11, 10),
        actor=("USA",),
        kind="export-control",
        text="BIS 50 % affiliates rule of 2025-09-29 stayed for a year; it comes back on lapse",
        source=stay.source,
    )
    return found


def event_rows() -> list[dict[str, str]]:
    """What each row of events.csv became, for the disposition."""
    return [
        {"spell": f"events.csv: {day} {name}", "measure": "", "act": f"{day}-{name}",
         "became": "Milestone", "note": ""}
        for day, name in _NAMES
    ]


def row_milestones(made: Made) -> list[Milestone]:
    """Rows of measures.csv that are no measures; where one ends, an act with its clocks ends it."""
    out: list[Milestone] = []
    for row in made.milestones:
        rate = "" if row.rate is None else f"{row.rate:.1%}: "
        said = [row.authority, f"{rate}{row.scope}", row.rate_note, row.stacking]
        known = min(d for d in (row.announced, row.enacted, row.start) if d)
        out.append(
            Milestone(
                id=row.id,
                announced=known,
                date=known if row.code in _ONLY_SAID else row.start,
                actor=(row.importer,),
                kind=_KINDS[row.family],
                text="; ".join(s for s in said if s),
                source=row.end_source(),
            )
        )
        if row.charged and row.enacted is None:
            made.assumed.append(row.id)
        end = _end(made, row)
        if end is not None:
            made.add(end)
        made.record(
            row.id, "", row.id, "Milestone" + (f"; Terminate {end.id}" if end else ""),
            "no rate on a tariff line: shown in the timeline, known gap",
        )
    return out


def _end(made: Made, row: Row) -> Terminate | None:
    """What ended a milestone: its own clocks, the row that follows it, or the ruling."""
    rows = made.facts.families()[row.family]
    follows = [r for r in rows if r is not row and r.start == row.end]
    cause = None
    if row.code == "never_imposed":
        announced = enacted = effective = dt.date(2026, 2, 20)
        cause = RULING
    elif row.end_enacted and row.end:
        announced, enacted = row.end_announced or row.end_enacted, row.end_enacted
        effective = row.end
    elif follows and row.end and row.code != "pending":
        after = follows[-1]
        enacted = after.enacted or after.start
        announced, effective = after.announced or enacted, row.end
    else:
        return None
    return Terminate(
        id=f"{row.id}-end",
        target=row.id,
        announced=announced,
        enacted=enacted,
        effective=effective,
        source=Source(citation=row.citation, note=row.status, confidence=row.confidence),
        cause=cause,
    )
