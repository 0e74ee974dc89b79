"""What analysts do to a course, as values: each turns a law and its changes into new ones.

``Scenario.enact(…)`` and its siblings apply these; forks and files hold them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, Union

from attrs import field, frozen

from tradescen.errors import ConflictingActs, InvalidValue
from tradescen.law.schedule import TariffSchedule
from tradescen.timeline import moves
from tradescen.timeline.acts import Milestone, Reschedule, Terminate
from tradescen.timeline.escalation import Escalation
from tradescen.timeline.fold import fold
from tradescen.timeline.pruning import without
from tradescen.timeline.settle import Record, settle
from tradescen.timeline.truce import Truce
from tradescen.vocab.period import maybe_announced, maybe_on, on_day, until_day

__all__ = ["VERBS", "Collapse", "Enact", "Extend", "Shift", "Verb", "Withdraw", "Without"]

Law = tuple[TariffSchedule, tuple[Any, ...]]


Parts = tuple[tuple[Any, ...], tuple[Milestone, ...], dict[str, tuple[dt.date, dt.date | None]]]


def _plain(changes: tuple[Any, ...]) -> Parts:
    acts: list[Any] = []
    milestones: list[Milestone] = []
    terms: dict[str, tuple[dt.date, dt.date | None]] = {}
    for change in changes:
        acts += moves.plain_acts(change)
        if isinstance(change, Milestone):
            milestones.append(change)
        elif isinstance(change, Truce):
            milestones += change.milestones()
            terms[change.id] = (change.start, change.until)
        elif isinstance(change, Escalation):
            terms[change.id] = (change.steps[0].effective, None)
    return tuple(acts), tuple(milestones), terms


def _records(schedule: TariffSchedule, changes: tuple[Any, ...]) -> dict[str, Record]:
    """What became of each act so far: first days and ends as moved."""
    return dict(settle(*_plain(changes), [m.id for m in schedule.measures]).records)


def _fold(schedule: TariffSchedule, changes: tuple[Any, ...]) -> None:
    fold(schedule, *_plain(changes))


@frozen(kw_only=True)
class Enact:
    """A threat becomes law, by default on the day it would take effect."""

    id: str
    on: dt.date | None = field(default=None, converter=maybe_on)

    def apply(self, schedule: TariffSchedule, changes: tuple[Any, ...]) -> Law:
        """The law with the threat enacted."""
        moves.find(changes, self.id)
        records = _records(schedule, changes)
        item = records[self.id].item if self.id in records else None
        target = records.get(item.act) if isinstance(item, Reschedule) else None
        ends = None if target is None else target.until
        return schedule, moves.enact(changes, self.id, self.on, ends)


@frozen(kw_only=True)
class Withdraw:
    """An act that has not yet taken effect is given up."""

    id: str
    on: dt.date = field(converter=on_day)

    def apply(self, schedule: TariffSchedule, changes: tuple[Any, ...]) -> Law:
        """The law with the act withdrawn."""
        moves.find(changes, self.id)
        act = Terminate(id=moves.fresh_id(changes, f"withdraw-{self.id}"), target=self.id,
                        enacted=self.on, effective=self.on)
        return schedule, (*changes, act)


@frozen(kw_only=True)
class Extend:
    """A truce (or one act) is prolonged.

    It becomes law when announced, by default on the day it would have run out.
    """

    id: str
    until: dt.date = field(converter=until_day)
    announced: dt.date | None = field(default=None, converter=maybe_announced)

    def apply(self, schedule: TariffSchedule, changes: tuple[Any, ...]) -> Law:
        """The law with the later end.

        Raises:
            InvalidValue: if it has no end, or runs longer already.
            ConflictingActs: if it has run out by then.
        """
        moves.find(changes, self.id)
        ends = _records(schedule, changes)[self.id].until
        if ends is None:
            raise InvalidValue(
                f"{self.id} has no end, so there is nothing to prolong", id=self.id
            )
        if self.until <= ends:
            raise InvalidValue(
                f"{self.id} runs to {ends} already, and {self.until} is not later; to end it "
                "sooner use the verb collapse",
                id=self.id,
            )
        day = self.announced or ends
        act = Reschedule(id=moves.fresh_id(changes, f"{self.id}-extended-{self.until}"),
                         act=self.id, until=self.until, announced=day, enacted=day)
        return schedule, (*changes, act)


@frozen(kw_only=True)
class Collapse:
    """A truce ends early: what it holds back is charged again as amended meanwhile."""

    id: str
    on: dt.date = field(converter=on_day)

    def apply(self, schedule: TariffSchedule, changes: tuple[Any, ...]) -> Law:
        """The law with the earlier end.

        Raises:
            InvalidValue: if it has ended by then or has not begun.
        """
        moves.find(changes, self.id)
        records = _records(schedule, changes)
        record = records[self.id]
        if record.effective is not None and self.on <= record.effective:
            raise InvalidValue(
                f"{self.id} begins on {record.effective}; it cannot collapse on {self.on}. To "
                "take it out use the verb without or withdraw",
                id=self.id,
            )
        if record.item is None and not any(
            r.item is not None and r.item.cause == self.id and getattr(r.item, "until", None)
            for r in records.values()
        ) and record.until is None:
            raise InvalidValue(
                f"{self.id} holds nothing back for a term, so there is nothing to collapse",
                id=self.id,
            )
        if record.until is not None and self.on >= record.until:
            raise InvalidValue(
                f"{self.id} runs out on {record.until}; it cannot collapse on {self.on}",
                id=self.id,
            )
        act = Reschedule(id=moves.fresh_id(changes, f"{self.id}-collapsed-{self.on}"),
                         act=self.id, until=self.on, announced=self.on, enacted=self.on)
        # What would have prolonged it after that day is moot.
        return _less_moot(schedule, (*changes, act))


@frozen(kw_only=True)
class Shift:
    """All clocks of an act move by some days; a truce's end and what it caused move too."""

    id: str
    days: int

    def apply(self, schedule: TariffSchedule, changes: tuple[Any, ...]) -> Law:
        """The law with the act moved."""
        return schedule, moves.shift(changes, self.id, self.days)


def _ids(value: Iterable[str] | str) -> tuple[str, ...]:
    ids = (value,) if isinstance(value, str) else tuple(value)
    for one in ids:
        if not isinstance(one, str):
            raise InvalidValue(f"{one!r} is not a name; give ids one by one, as text", value=one)
    return ids


def _maybe_ids(value: Iterable[str] | str | None) -> tuple[str, ...]:
    return () if value is None else _ids(value)


def _less_moot(schedule: TariffSchedule, changes: tuple[Any, ...]) -> Law:
    """Take out acts that are left without anything to act on, one after the other."""
    while True:
        try:
            _fold(schedule, changes)
            return schedule, changes
        except ConflictingActs as error:
            moot = error.values.get("id")
            if moot not in {a.id for c in changes for a in moves.plain_acts(c)}:
                raise
            schedule, changes = without(schedule, changes, (moot,), ())


@frozen(kw_only=True)
class Without:
    """Measures and acts are taken out, with all acts on them."""

    ids: tuple[str, ...] = field(default=(), converter=_ids)
    authority: tuple[str, ...] = field(default=(), converter=_maybe_ids)

    def apply(self, schedule: TariffSchedule, changes: tuple[Any, ...]) -> Law:
        """The law without them, and without what is moot then."""
        return _less_moot(*without(schedule, changes, self.ids, self.authority))


Verb = Union[Enact, Withdraw, Extend, Collapse, Shift, Without]
VERBS = (Enact, Withdraw, Extend, Collapse, Shift, Without)
