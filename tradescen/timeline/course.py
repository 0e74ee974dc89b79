"""A course: the law on day zero and all that changes it. Its paths are plain acts only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any, Union

from attrs import evolve, field, frozen

from tradescen.errors import InvalidValue, UnknownName
from tradescen.law.schedule import TariffSchedule
from tradescen.timeline.acts import (
    ACTS,
    Act,
    Amend,
    Impose,
    Milestone,
    Reschedule,
    Suspend,
    Terminate,
)
from tradescen.timeline.escalation import Escalation, EscalationStep
from tradescen.timeline.fold import Timeline, fold
from tradescen.timeline.truce import Truce

__all__ = ["CHANGES", "Change", "Course", "Path", "plain_acts"]

Change = Union[
    Impose, Amend, Terminate, Suspend, Reschedule, Milestone, Truce, EscalationStep, Escalation
]
CHANGES = (*ACTS, Milestone, Truce, EscalationStep, Escalation)


def plain_acts(change: Change) -> tuple[Act, ...]:
    """The plain acts a change stands for; none for a milestone."""
    if isinstance(change, ACTS):
        return (change,)
    if isinstance(change, Truce):
        return change.expand()
    if isinstance(change, (EscalationStep, Escalation)):
        return change.acts()
    return ()


@frozen(kw_only=True)
class Path:
    """One way things may go: plain acts, milestones, and the terms of its truces."""

    name: str
    probability: float
    schedule: TariffSchedule
    acts: tuple[Act, ...]
    milestones: tuple[Milestone, ...]
    truces: Mapping[str, tuple[dt.date, dt.date | None]] = field(eq=False)

    def fold(self) -> Timeline:
        """What holds when."""
        return fold(self.schedule, self.acts, self.milestones, self.truces)


def _changes(value: Iterable[Any]) -> tuple[Change, ...]:
    out = tuple(value)
    for change in out:
        if not isinstance(change, CHANGES):
            raise InvalidValue(
                f"{change!r} is not a change of the law; give acts, milestones, escalation "
                "steps or truces",
                value=change,
            )
    return tuple(sorted(out, key=lambda c: c.id))


@frozen(kw_only=True)
class Course:
    """The law on day zero and what changes it; the order changes are given in is irrelevant."""

    schedule: TariffSchedule
    changes: tuple[Change, ...] = field(default=(), converter=_changes)

    def __attrs_post_init__(self) -> None:
        for one, other in pairwise(self.changes):
            if one.id == other.id:
                raise InvalidValue(
                    f"two changes bear the id {one.id!r}; ids are unique: give one another id, "
                    "or take the first out with .without(…)",
                    value=one.id,
                )

    def paths(self) -> tuple[Path, ...]:
        """The ways things may go, with their probabilities."""
        acts: list[Act] = []
        milestones: list[Milestone] = []
        named: dict[str, Milestone] = {
            c.id: c for c in self.changes if isinstance(c, Milestone)
        }
        truces: dict[str, tuple[dt.date, dt.date | None]] = {}
        for change in self.changes:
            acts += plain_acts(change)
            if isinstance(change, Truce):
                truces[change.id] = (change.start, change.until)
                milestones += change.milestones()
                _adopt(change, named)
        milestones += named.values()
        return (
            Path(name="", probability=1.0, schedule=self.schedule, acts=tuple(acts),
                 milestones=tuple(sorted(milestones, key=lambda m: (m.date, m.id))),
                 truces=truces),
        )


def _adopt(truce: Truce, named: dict[str, Milestone]) -> None:
    """Milestones a truce names by id start and lapse with it."""
    for one in truce.also:
        if isinstance(one, str):
            if one not in named:
                raise UnknownName.among("milestone", one, named)
            m = named[one]
            named[one] = evolve(m, until=m.until or truce.until, cause=m.cause or truce.id)
