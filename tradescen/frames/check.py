"""What a careful reader should know before trusting the numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from tradescen.frames.tidy import concat
from tradescen.law.assumptions import Assumptions
from tradescen.timeline.acts import Act, Impose, Select
from tradescen.timeline.spells import Timeline
from tradescen.vocab.duty import Unknown
from tradescen.vocab.hs import ByProduct

__all__ = ["check"]

COLUMNS = ("rule", "severity", "id", "message")
ASSUMED = "enactment assumed"  # the words by which a pack's source note says so


def _unsourced(timeline: Timeline, acts: Sequence[Act]) -> Iterable[tuple[str, str, str, str]]:
    for m in timeline.measures.values():
        if m.source is None:
            yield "source", "error", m.id, f"the measure {m.id} names no source"
    for act in acts:
        if act.source is None and not (isinstance(act, Impose) and act.measure.source):
            yield "source", "warning", act.id, f"the act {act.id} names no source"


def _clocks(acts: Sequence[Act]) -> Iterable[tuple[str, str, str, str]]:
    for act in acts:
        source = act.source
        if source is not None and ASSUMED in source.note:
            yield ("clock", "warning", act.id,
                   f"no source for the day {act.id} was enacted; its first day "
                   f"{act.effective} stands in")
        if source is not None and source.confidence == "low":
            yield "confidence", "info", act.id, f"{act.id} rests on a weak source"


def _shares(timeline: Timeline,
            assumptions: Assumptions) -> Iterable[tuple[str, str, str, str]]:
    for m in timeline.measures.values():
        assumed = assumptions.share(m.id)
        if assumed is not None:
            yield ("assumption", "info", m.id,
                   f"{assumptions.name}: "
                   + (assumptions.note(m.id) or f"share of {m.id} assumed"))
        elif isinstance(m.coverage, Unknown):
            yield ("coverage", "warning", m.id,
                   f"the share {m.id} covers is unknown ({m.coverage.reason}); rates in its "
                   "scope are unknown")
    for name, _ in assumptions.shares:
        if name not in timeline.measures:
            yield ("assumption", "warning", name,
                   f"{assumptions.name} assumes a share of {name}, which is no measure here")


def _duties(timeline: Timeline) -> Iterable[tuple[str, str, str, str]]:
    for m in timeline.measures.values():
        if isinstance(m.duty, Unknown):
            yield "duty", "warning", m.id, f"the duty of {m.id} is unknown: {m.duty.reason}"
        elif isinstance(m.duty, ByProduct):
            n = sum(v.ave() != v.ave() for _, v in m.duty.values)
            if n:
                yield ("duty", "info", m.id,
                       f"{n:,} of {len(m.duty.values):,} lines of {m.id} are not computable and "
                       "stay unknown")


def _overtaken(timeline: Timeline) -> Iterable[tuple[str, str, str, str]]:
    """Acts that set what another act of the same day sets: the later of the two holds."""
    for name in sorted(timeline.overtaken):
        record = timeline.records[name]
        item = record.item
        target = item.measure.id if isinstance(item, Impose) else item.target
        names = target.ids if isinstance(target, Select) else (target,)
        holds = sorted({
            s.because[-1] for s in timeline.spells
            if s.start == record.effective and (s.measure in names or not names)
        } - {name})
        if holds:
            yield ("same day", "info", name,
                   f"{name} and {', '.join(holds)} set the same from {record.effective}; the "
                   f"later by kind, announcement and id holds ({holds[-1]})")


def check(timeline: Timeline, acts: Sequence[Act], assumptions: Assumptions,
          gaps: Sequence[str]) -> pd.DataFrame:
    """One row per finding, errors first: rule, severity, id, message."""
    found: list[tuple[Any, ...]] = [
        *_unsourced(timeline, acts), *_clocks(acts), *_shares(timeline, assumptions),
        *_duties(timeline), *_overtaken(timeline),
        *(("skipped", "info", "", note) for note in timeline.notes),
        *(("known gap", "info", "", gap) for gap in gaps),
    ]
    order = {"error": 0, "warning": 1, "info": 2}
    found.sort(key=lambda row: order[row[1]])
    return concat([pd.DataFrame(found, columns=list(COLUMNS))], COLUMNS)
