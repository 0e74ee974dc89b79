"""Acts on acts: what reschedulings and withdrawals leave of each act before any law is folded.

``settle`` walks the enacted :class:`Reschedule` and withdrawing :class:`Terminate` acts in the
order they became law and returns, for each act, truce and milestone, the first day and the
end it comes to have.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import define, frozen

from tradescen.errors import ConflictingActs, InvalidValue, UnknownName
from tradescen.timeline.acts import Act, Amend, Impose, Milestone, Reschedule, Suspend, Terminate

__all__ = ["Record", "Settled", "settle"]


@define
class Record:
    """What became of one act, milestone or truce (mutable only inside :func:`settle`)."""

    item: Any  # Act, Milestone, or None for a truce itself
    effective: dt.date | None
    until: dt.date | None
    withdrawn: dt.date | None = None
    by: tuple[str, ...] = ()  # the acts that moved or withdrew it


@frozen
class Settled:
    """The outcome: records by id, the acts left for the fold, and notes on what was skipped."""

    records: Mapping[str, Record]
    acts: tuple[Act, ...]
    notes: tuple[str, ...]


def _until(item: Any) -> dt.date | None:
    if isinstance(item, Impose):
        return item.measure.until
    until: dt.date | None = getattr(item, "until", None)
    return until


def _start(item: Any) -> dt.date | None:
    if isinstance(item, Milestone):
        return item.date
    start: dt.date | None = item.effective
    return start


def _law_order(act: Act) -> tuple[Any, ...]:
    # What becomes law on one day: withdrawals first, then moves.
    return (act.enacted, isinstance(act, Reschedule), act.known, act.id)


def _same_measure(one: Impose, other: Impose) -> None:
    """A measure that begins anew may have another duty and scope, not another importer or
    authority: by these it is selected whenever it stands."""
    a, b = one.measure, other.measure
    if (a.scope.importer, a.authority) != (b.scope.importer, b.authority):
        raise InvalidValue(
            f"{one.id} imposes {a.id} for {a.scope.importer} under {a.authority!r}, and "
            f"{other.id} imposes it for {b.scope.importer} under {b.authority!r}; a measure that "
            "begins anew keeps its importer and authority, so give one of the two an id of its "
            "own",
            value=a.id,
        )


class _Settling:
    def __init__(self, acts: Iterable[Act], milestones: Iterable[Milestone],
                 truces: Mapping[str, tuple[dt.date, dt.date | None]],
                 measures: Iterable[str]) -> None:
        self.records: dict[str, Record] = {}
        self.parts: dict[str, list[str]] = {}
        self.notes: list[str] = []
        items = (*acts, *milestones)
        self.records.update((item.id, Record(item, _start(item), _until(item))) for item in items)
        if len(self.records) < len(items):
            ids = [item.id for item in items]
            twice = next(i for i in ids if ids.count(i) > 1)
            raise InvalidValue(f"two acts bear the id {twice!r}; ids are unique", value=twice)
        for item in items:
            if item.cause:
                self.parts.setdefault(item.cause, []).append(item.id)
        for name, (start, until) in truces.items():
            if name in self.records:
                raise InvalidValue(
                    f"the truce {name!r} bears the id of an act; ids are unique", value=name
                )
            self.records[name] = Record(None, start, until)
        self.moving: set[str] = set()
        self.measures = {
            *measures, *(a.measure.id for a in acts if isinstance(a, Impose))
        }
        imposed: dict[str, Impose] = {}
        for act in acts:
            if not isinstance(act, Impose):
                continue
            if act.id != act.measure.id and act.id in self.measures:
                raise InvalidValue(
                    f"the act {act.id!r} bears the id of another measure; ids are unique",
                    value=act.id,
                )
            _same_measure(imposed.setdefault(act.measure.id, act), act)

    def record(self, name: str) -> Record:
        if name not in self.records:
            raise UnknownName.among("act or truce", name, self.records)
        return self.records[name]

    # -- moving -----------------------------------------------------------------------

    def reschedule(self, act: Reschedule) -> None:
        day = act.enacted
        assert day is not None
        record = self.record(act.act)
        if record.item is None:
            self._move_truce(act.act, record, act, day)
        elif not self._move(act.act, record, act.effective, act.until, day, act.id):
            end = record.until or record.withdrawn
            raise ConflictingActs(
                f"{act.id}: {act.act} had run out on {end} when it was to be moved on {day}; "
                "move it while it runs (the day it runs out is early enough), or take this act "
                "out with the verb without",
                id=act.id, target=act.act,
            )

    def _move(self, name: str, record: Record, effective: dt.date | None,
              until: dt.date | None, day: dt.date, by: str) -> bool:
        """Move one act; ``False`` if it has run out or was withdrawn."""
        if name in self.moving:
            raise ConflictingActs(
                f"{by}: {name} is prolonged by what it prolongs itself; take one of them out",
                id=by, target=name,
            )
        self.moving.add(name)
        try:
            return self._moved(name, record, effective, until, day, by)
        finally:
            self.moving.discard(name)

    def _moved(self, name: str, record: Record, effective: dt.date | None,
               until: dt.date | None, day: dt.date, by: str) -> bool:
        if record.withdrawn is not None or (record.until is not None and record.until < day):
            return False
        if effective is not None:
            if record.effective is not None and record.effective < day:
                raise ConflictingActs(
                    f"{by}: {name} took effect on {record.effective}; its first day cannot be "
                    f"moved on {day}",
                    id=by, target=name,
                )
            record.effective = effective
            if until is None and record.until is not None and record.until <= effective:
                record.withdrawn = day  # it would end before it begins: never takes effect
        if until is not None:
            if isinstance(record.item, Reschedule):
                target = self.record(record.item.act)
                held = record.until
                record.until = until
                if record.item.enacted is not None:
                    self._follow(record.item.act, target, held, until, day, by)
            elif isinstance(record.item, (Suspend, Impose, Amend, Milestone)):
                self._end(record, until)
            else:
                raise ConflictingActs(
                    f"{by}: {name} is a {type(record.item).__name__}, which has no end to move",
                    id=by, target=name,
                )
        record.by = (*record.by, by)
        return True

    @staticmethod
    def _end(record: Record, until: dt.date) -> None:
        if record.effective is not None and until <= record.effective:
            record.withdrawn = until  # ends before it begins: never takes effect
        else:
            record.until = until

    def _follow(self, name: str, target: Record, held: dt.date | None, until: dt.date,
                day: dt.date, by: str) -> None:
        """An extension is itself moved: what it had prolonged follows, if it still did."""
        if target.item is None:
            if target.until == held:
                target.until = until
            for part in self.parts.get(name, ()):
                record = self.records[part]
                if record.until == held:
                    self._move(part, record, None, until, day, by)
        elif target.until == held:
            self._move(name, target, None, until, day, by)

    def _move_truce(self, name: str, truce: Record, act: Reschedule, day: dt.date) -> None:
        old_start, old_end = truce.effective, truce.until
        if old_end is not None and old_end < day:
            raise ConflictingActs(
                f"{act.id}: the truce {name} had run out on {old_end} when it was to be moved "
                f"on {day}; move it while it runs (the day it runs out is early enough)",
                id=act.id, target=name,
            )
        moved, skipped = 0, []
        for part in self.parts.get(name, ()):
            record = self.records[part]
            effective = act.effective if record.effective == old_start else None
            until = act.until
            if isinstance(record.item, Terminate) or (
                isinstance(record.item, (Amend, Impose)) and record.until is None
            ):
                until = None  # for good: no end to move
            elif until is not None:
                if isinstance(record.item, Reschedule) and record.item.enacted is None:
                    until = None
                elif record.until not in (old_end, until) and (
                    (old_end is not None and old_end < until)
                    or (record.until is not None and record.until < until)
                ):
                    until = None  # a part with a term of its own keeps it, if it can
                    skipped.append(part)
            if effective is None and until is None:
                continue
            if self._move(part, record, effective, until, day, act.id):
                moved += 1
            else:
                skipped.append(part)
        self.notes += [f"{act.id}: {part} had ended or has its own term; skipped"
                       for part in skipped]
        if not moved:
            raise ConflictingActs(
                f"{act.id}: nothing is left of the truce {name} on {day} that could be moved",
                id=act.id, target=name,
            )
        truce.effective = act.effective or truce.effective
        if act.until is not None:
            truce.until = act.until
        truce.by = (*truce.by, act.id)

    # -- withdrawing ------------------------------------------------------------------

    def terminate(self, act: Terminate) -> bool:
        """Handle a Terminate of an act; ``False`` if it is about measures."""
        name = act.target
        if not isinstance(name, str) or name not in self.records:
            return False
        record = self.records[name]
        day = act.effective or act.enacted
        assert day is not None
        if record.item is None:
            for part in self.parts.get(name, ()):
                self._end_part(part, self.records[part], act.id, day)
            record.until = day
            record.by = (*record.by, act.id)
            return True
        if record.effective is not None and record.effective < day:
            if isinstance(record.item, Impose):
                return False  # the measure it imposed ends
            if isinstance(record.item, (Suspend, Milestone)):
                if record.until is None or record.until > day:
                    record.until = day
                record.by = (*record.by, act.id)
                return True
            took = "lapsed" if record.item.enacted is None else "took effect"
            raise ConflictingActs(
                f"{act.id}: {name} {took} on {record.effective}; it can no longer be withdrawn "
                f"on {day}. Terminate or amend the measure it acts on",
                id=act.id, target=name,
            )
        record.withdrawn = day
        record.by = (*record.by, act.id)
        return True

    def _end_part(self, name: str, record: Record, by: str, day: dt.date) -> None:
        if record.effective is not None and record.effective >= day:
            record.withdrawn = day
        elif isinstance(record.item, (Suspend, Milestone)) and (
            record.until is None or record.until > day
        ):
            record.until = day
        record.by = (*record.by, by)


def settle(acts: tuple[Act, ...], milestones: tuple[Milestone, ...],
           truces: Mapping[str, tuple[dt.date, dt.date | None]],
           measures: Iterable[str]) -> Settled:
    """Carry out all enacted acts on acts.

    Args:
        acts: Plain acts.
        milestones: Milestones; they can be moved too.
        truces: Truce id → (start, until).
        measures: Ids of the measures of the schedule.

    Raises:
        InvalidValue: for ids that are not unique.
        UnknownName: for an act on an act that does not exist.
        ConflictingActs: for moving what has run out or withdrawing what took effect.
    """
    work = _Settling(acts, milestones, truces, measures)
    handled: set[str] = set()
    for act in acts:
        if isinstance(act, Reschedule):
            work.record(act.act)
    meta = [a for a in acts if isinstance(a, (Reschedule, Terminate)) and a.enacted is not None]
    for act in sorted(meta, key=_law_order):
        if work.records[act.id].withdrawn is not None:
            continue
        if isinstance(act, Reschedule):
            work.reschedule(act)
            handled.add(act.id)
        elif work.terminate(act):
            handled.add(act.id)
    left = tuple(
        a for a in acts
        if a.id not in handled
        and a.enacted is not None
        and not isinstance(a, Reschedule)
        and work.records[a.id].withdrawn is None
    )
    return Settled(work.records, left, tuple(work.notes))
