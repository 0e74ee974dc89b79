"""What a scenario says at a glance, before it is drawn: the same rows for text and for HTML.

Nothing here runs a simulation, and no rule is let answer: the law is shown as it stands without
the answers, and the rules beside it.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from attrs import frozen

from tradescen.display.sparks import Step
from tradescen.timeline.acts import Impose
from tradescen.timeline.rules import RULES
from tradescen.timeline.spells import DAY_ZERO, Spell, Timeline
from tradescen.timeline.truce import Truce
from tradescen.vocab.duty import duty_range, said
from tradescen.vocab.source import Source

if TYPE_CHECKING:
    from tradescen.scenario import Scenario

__all__ = ["Outline", "Row", "TruceRow", "outline", "steps"]

YEAR = dt.timedelta(days=366)


@frozen(kw_only=True)
class Row:
    """One measure as it stands: what it charges, since when, until when, and by what."""

    importer: str
    measure: str
    authority: str
    status: str
    duty: str
    start: dt.date | None
    end: dt.date | None
    base: bool
    source: Source | None


@frozen(kw_only=True)
class TruceRow:
    """One truce with the terms it has come to have."""

    id: str
    parties: tuple[str, ...]
    start: dt.date | None
    until: dt.date | None
    status: str
    source: Source | None


@frozen(kw_only=True)
class Outline:
    """A scenario at a glance.

    ``on`` is the day it is told for, the last one known; without one all spells are listed.
    ``first`` and ``last`` bound the time its pictures show.
    """

    timeline: Timeline
    on: dt.date | None
    rows: tuple[Row, ...]
    truces: tuple[TruceRow, ...]
    first: dt.date
    last: dt.date
    acts: int
    milestones: int


def steps(spells: Iterable[Spell], first: dt.date, last: dt.date) -> list[Step]:
    """The rates of one measure over time, of all its pieces: lowest to highest, and the
    duty underneath where it is suspended."""
    held = [(s, *duty_range(s.duty), duty_range(s.base)[1]) for s in spells
            if s.start < last and (s.end is None or s.end > first)]
    cuts = {max(s.start, first) for s, *_ in held} | {min(s.end or last, last) for s, *_ in held}
    days = sorted(cuts)
    out = []
    for start, end in pairwise(days):
        now = [h for h in held if h[0].start <= start and (h[0].end is None or h[0].end > start)]
        if not now:
            continue
        lows = [low for _, low, _, _ in now if not math.isnan(low)]
        highs = [high for _, _, high, _ in now if not math.isnan(high)]
        under = [base for s, _, _, base in now
                 if s.status == "suspended" and not math.isnan(base)]
        out.append(Step(start, end, max(highs, default=math.nan), min(lows, default=math.nan),
                        max(under, default=math.nan)))
    return out


def _day(day: dt.date | None) -> dt.date | None:
    return None if day == DAY_ZERO else day


def _rows(timeline: Timeline, base: tuple[str, ...], on: dt.date | None) -> list[Row]:
    rows: dict[tuple[Any, ...], Row] = {}
    for s in timeline.spells:
        if on is not None and not (s.start <= on and (s.end is None or on < s.end)):
            continue
        row = Row(importer=s.importer, measure=s.measure, authority=s.authority,
                  status=s.status, duty=said(s.duty), start=_day(s.start), end=s.end,
                  base=s.group in base, source=s.source)
        # Pieces of one measure that read alike are one line.
        rows.setdefault((s.importer, s.measure, s.status, row.duty, s.start, s.end), row)
    for name, record in timeline.records.items():
        item = record.item
        if not isinstance(item, Impose):
            continue
        status = timeline.status(name, on) if on is not None else (
            "threatened" if item.enacted is None else ""
        )
        if status not in ("threatened", "scheduled"):
            continue
        m = item.measure
        rows[name,] = Row(importer=m.scope.importer, measure=m.id, authority=m.authority,
                          status=status, duty=said(m.duty), start=record.effective,
                          end=record.until, base=m.group in base, source=item.source or m.source)
    importers = dict.fromkeys(r.importer for r in rows.values())
    return [r for i in importers for r in rows.values() if r.importer == i]


def outline(scenario: Scenario) -> Outline:
    """What there is to say of a scenario's first path, from its timeline alone."""
    path = scenario.paths()[0]
    rules = any(isinstance(c, RULES) for c in path.changes)
    timeline = path.fold() if rules else scenario.fold(path)
    on = scenario.horizon
    late = dt.date.max if on is None else on
    truces = tuple(
        TruceRow(id=c.id, parties=c.parties, start=timeline.records[c.id].effective,
                 until=timeline.records[c.id].until,
                 status=timeline.status(c.id, late).replace("unknown", "not yet announced"),
                 source=c.source)
        for c in path.changes if isinstance(c, Truce)
    )
    days = sorted({d for s in timeline.spells for d in (s.start, s.end)
                   if d is not None and d != DAY_ZERO}
                  | {r.effective for r in timeline.records.values() if r.effective is not None}
                  | ({on} if on is not None else set()))
    first = scenario.first_day or (days[0] if days else dt.date(2000, 1, 1))
    last = (days[-1] if days else first) + YEAR / 6
    return Outline(
        timeline=timeline, on=on,
        rows=tuple(_rows(timeline, scenario.schedule.plan.base, on)), truces=truces,
        first=first, last=last, acts=len(scenario.plain()),
        milestones=len(path.milestones),
    )
