"""Packaged what-ifs: a record as known on an evening, and the futures seen from it."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from tradescen.law.measure import Measure, Scope
from tradescen.packaged.store import open_pack
from tradescen.scenario import Scenario
from tradescen.timeline.acts import Select
from tradescen.timeline.escalation import EscalationStep
from tradescen.timeline.fork import Fork
from tradescen.timeline.truce import Truce
from tradescen.timeline.verbs import Collapse, Enact, Extend, Withdraw
from tradescen.vocab.source import Source

__all__ = ["WHATIFS", "WhatIf", "build"]


@frozen
class WhatIf:
    """A named what-if.

    Args:
        title: What it asks, in one sentence.
        pack: The record it is built on.
        start, end: The window it is shown over.
        futures: Builds its scenarios from the record.
    """

    title: str
    pack: str
    start: str
    end: str
    futures: Callable[[Scenario], tuple[Scenario, ...]]


def _november_1(record: Scenario) -> tuple[Scenario, ...]:
    """Five futures seen from the evening of 24 October 2025; nobody puts odds on them."""
    mirror = EscalationStep(
        id="cn-mirror-100", effective="2025-11-01",
        measure=Measure(
            id="cn-mirror", authority="SCTC 2025", group="cn-reciprocal", duty="100%",
            scope=Scope(importer="CHN", exporters="USA"),
            source=Source(citation="assumed: China mirrors the step point for point"),
        ),
        source=Source(citation="assumed: China answers on the day the step is charged"),
    )
    kl = Truce(
        id="kl", parties=("USA", "CHN", "HKG", "MAC"), start="2025-11-10", until="2026-11-10",
        announced="2025-11-01",
        amends={Select(authority="IEEPA fentanyl", importer="USA"): "10%"},
        suspends={Select(ids=("us-recip-cn", "cn-recip-us")): "10%"},
        terminates=(Select(ids=("cn-retaliation-2025-03-15", "cn-retaliation-2025-03-10")),),
        source=Source(citation="White House fact sheet of 1 November 2025; EO 14357 and 14358; "
                               "SCTC announcements 2025 No. 9 and No. 10"),
    )
    prolonged = Extend(id="geneva", until="2026-11-10")
    dropped = Withdraw(id="us-threat-100", on="2025-10-30")
    futures = Fork(name="futures", branches={
        "a-lapse": [],
        "b-prolonged": [prolonged],
        "c-threat": [prolonged, Enact(id="us-threat-100"), mirror],
        "d-deal": [dropped, kl],
        "e-collapse": [dropped, kl, Collapse(id="kl", on="2026-04-01")],
    })
    return (record.as_known("2025-10-24").then(futures, name="november-1"),)


def _truce_extended(record: Scenario) -> tuple[Scenario, ...]:
    """The extension to 10 January 2027, announced by both sides, as if enacted."""
    extended = record
    for act in ("cn-2025-24-susp4", "us-301-ship-cranes100-susp2"):
        extended = extended.enact(act, on="2026-11-10")
    return (extended.named("truce-extended"), record)


WHATIFS: dict[str, WhatIf] = {
    "november-1": WhatIf(
        "The evening of 24 October 2025: truce lapsing, truce prolonged, the +100 % enacted and "
        "mirrored, the deal, the deal collapsing in April 2026",
        "us-china", "2025-10-01", "2026-12-01", _november_1,
    ),
    "truce-extended": WhatIf(
        "The truce prolonged to 10 January 2027 as both sides announced, against the record, in "
        "which it ran out on 10 November 2026",
        "us-china", "2026-10-01", "2027-02-01", _truce_extended,
    ),
}


def build(name: str) -> tuple[Scenario, ...]:
    """The scenarios of a what-if, the first one its own."""
    whatif = WHATIFS[name]
    return whatif.futures(open_pack(whatif.pack))
