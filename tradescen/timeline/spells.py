"""What holds when, as values: spells, what became of each act, and where each stands on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from attrs import frozen

from tradescen.law.measure import Coverage, Measure
from tradescen.law.schedule import TariffSchedule
from tradescen.timeline.acts import Milestone, Reschedule, Suspend, Terminate
from tradescen.timeline.settle import Record
from tradescen.vocab.countries import CountrySet
from tradescen.vocab.duty import Duty, Residual
from tradescen.vocab.hs import ByProduct, ProductSet
from tradescen.vocab.source import Source

__all__ = ["DAY_ZERO", "Spell", "Timeline"]

DAY_ZERO = dt.date.min  # measures of the schedule run from here
_NEVER = dt.date.max


@frozen
class Spell:
    """One piece of one measure while nothing about it changes.

    ``duty`` is what is charged (the residual while suspended), ``base`` the duty underneath,
    ``because`` the ids of the acts it rests on, the governing suspension last.
    """

    measure: str
    authority: str
    importer: str
    exporters: CountrySet
    products: ProductSet
    start: dt.date
    end: dt.date | None
    status: str  # "in force" or "suspended"
    duty: Duty | ByProduct[Duty]
    base: Duty | ByProduct[Duty]
    residual: Residual | None
    coverage: Coverage
    group: str
    precedence: int
    because: tuple[str, ...]
    source: Source | None


@frozen
class Timeline:
    """Spells, what became of each act, and what was skipped on the way."""

    schedule: TariffSchedule
    spells: tuple[Spell, ...]
    records: Mapping[str, Record]
    truces: Mapping[str, tuple[dt.date, dt.date | None]]
    overtaken: frozenset[str]
    notes: tuple[str, ...]
    promised: frozenset[str]  # truces whose every act is a threat
    measures: Mapping[str, Measure]  # every measure ever imposed, as first imposed
    tracks: Mapping[str, tuple[Spell, ...]]  # the spells by measure

    def status(self, act_id: str, on: dt.date) -> str:
        """Where an act stands on a day: threatened, scheduled, in force, suspended, ended,
        withdrawn, lapsed, overtaken, or unknown before it is announced."""
        record = self.records[act_id]
        item = record.item
        if isinstance(item, Milestone) or item is None:
            start = record.effective
            promised = act_id in self.promised or (
                item is not None and item.cause in self.promised
            )
            if on < (item.known if item is not None else self._known(act_id)):
                return "unknown"
            if record.withdrawn is not None and on >= record.withdrawn:
                return "withdrawn"
            if start is None or on < start:
                return "threatened" if promised else "scheduled"
            if promised:  # a promise without a day never lapses
                undated = item is None and any(
                    r.effective is None and not isinstance(r.item, Reschedule)
                    for r in self.records.values()
                    if r.item is not None and r.item.cause == act_id
                )
                return "threatened" if undated else "lapsed"
            return "ended" if record.until is not None and on >= record.until else "in force"
        if on < item.known:
            return "unknown"
        if record.withdrawn is not None and on >= min(
            record.withdrawn, *(self._law(b) for b in record.by)
        ):
            return "withdrawn"
        effective = record.effective
        if item.enacted is None:
            return "lapsed" if effective is not None and on >= effective else "threatened"
        if on < item.enacted and (effective is None or on < effective):
            return "threatened"
        if isinstance(item, Reschedule):
            return "in force"
        if effective is not None and on < effective:
            return "scheduled"
        if act_id in self.overtaken:
            return "overtaken"
        live = [s for s in self.spells
                if act_id in s.because and s.start <= on and (s.end is None or on < s.end)]
        if isinstance(item, Terminate):
            return "in force"
        if not live:
            return "ended"
        if isinstance(item, Suspend):
            return "in force"
        return "suspended" if all(s.status == "suspended" for s in live) else "in force"

    def _known(self, truce: str) -> dt.date:
        """The day the first act of a truce was announced."""
        days = [r.item.known for r in self.records.values()
                if r.item is not None and r.item.cause == truce]
        return min(days, default=dt.date.min)

    def _law(self, act_id: str) -> dt.date:
        record = self.records.get(act_id)
        item = None if record is None else record.item
        enacted = None if item is None else item.enacted
        return enacted or _NEVER
