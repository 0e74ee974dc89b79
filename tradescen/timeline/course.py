"""A course: the law on day zero and all that changes it. Its paths are plain acts only."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from functools import cached_property
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
from tradescen.timeline.fork import Fork
from tradescen.timeline.moves import plain_acts
from tradescen.timeline.rules import RULES, Retaliation, Trigger
from tradescen.timeline.truce import Truce
from tradescen.timeline.verbs import VERBS

__all__ = ["CHANGES", "Change", "Course", "Path", "resolved"]

Change = Union[
    Impose, Amend, Terminate, Suspend, Reschedule, Milestone, Truce, EscalationStep, Escalation,
    Fork, Retaliation, Trigger,
]
CHANGES = (*ACTS, Milestone, Truce, EscalationStep, Escalation, Fork, *RULES)
MOST_PATHS = 4096


@frozen(kw_only=True)
class Path:
    """One way things may go: plain acts, milestones, and the terms of its truces.

    ``changes`` are what they were expanded from, forks and verbs resolved; ``choices`` the
    branches that lead here: fork, branch and its odds (NaN without), one for each fork met.
    """

    name: str
    probability: float
    schedule: TariffSchedule
    changes: tuple[Any, ...]
    acts: tuple[Act, ...]
    milestones: tuple[Milestone, ...]
    truces: Mapping[str, tuple[dt.date, dt.date | None]] = field(eq=False)
    choices: tuple[tuple[str, str, float], ...] = field(default=(), eq=False)

    @cached_property
    def ruled(self) -> bool:
        """Whether rules answer on it."""
        return any(isinstance(c, RULES) for c in self.changes)

    def fold(self) -> Timeline:
        """What holds when."""
        return fold(self.schedule, self.acts, self.milestones, self.truces)


def _changes(value: Iterable[Any]) -> tuple[Change, ...]:
    out = tuple(value)
    for change in out:
        if isinstance(change, (list, tuple)):
            raise InvalidValue(
                "a list of changes is given as one change; give them one by one, or the list with "
                "a star: .then(*changes)",
                value=change,
            )
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
        _unique(self.changes)

    @staticmethod
    def ordered(changes: Iterable[Any]) -> tuple[Change, ...]:
        """Changes by id, each checked to be one."""
        return _changes(changes)

    def paths(self) -> tuple[Path, ...]:
        """The ways things may go, with their probabilities: one per choice at each fork.

        Forks are taken in the order of their names; a branch's changes are made in the order
        they are written. The odds of a path are the product of those of its branches; without
        odds on some fork they are NaN if there are several ways.

        Raises:
            InvalidValue: for more ways than can be enumerated (sample them instead), or two of
                one name.
        """
        out: dict[str, Path] = {}
        for choices, odds, schedule, changes in _ways(self.schedule, self.changes):
            name = "/".join(b for _, b, _ in choices)
            if name in out:
                raise InvalidValue(
                    f"two ways through the forks are both named {name!r}, so their rates could not "
                    "be told apart; give a branch another name, one without '/'",
                    value=name,
                )
            out[name] = evolve(resolved(name, odds, schedule, changes), choices=choices)
        return tuple(out.values())


Way = tuple[tuple[tuple[str, str, float], ...], float, TariffSchedule, tuple[Any, ...]]


def _ways(schedule: TariffSchedule, changes: tuple[Any, ...]) -> list[Way]:
    done: list[Way] = []
    open_ways: list[Way] = [((), 1.0, schedule, changes)]
    while open_ways:
        names, odds, law, here = open_ways.pop()
        forks = sorted((c for c in here if isinstance(c, Fork)), key=lambda f: f.name)
        if not forks:
            done.append((names, odds, law, here))
        for branch in reversed(forks[0].branches if forks else ()):
            now, rest = law, tuple(c for c in here if c is not forks[0])
            for change in branch.changes:
                now, rest = (
                    change.apply(now, rest) if isinstance(change, VERBS)
                    else (now, (*rest, change))
                )
            chance = math.nan if branch.probability is None else branch.probability
            choices = (*names, (forks[0].name, branch.name, chance))
            open_ways.append((choices, odds * chance, now, rest))
        if len(done) + len(open_ways) > MOST_PATHS:
            raise InvalidValue(
                f"the forks open more than {MOST_PATHS:,} ways, too many to enumerate; sample "
                "them with ensemble(…), or take some branches together"
            )
    return done


def resolved(name: str, odds: float, schedule: TariffSchedule, changes: tuple[Any, ...]) -> Path:
    """A path out of changes in which forks and verbs are resolved."""
    _unique(_changes(changes))
    acts: list[Act] = []
    milestones: list[Milestone] = []
    named: dict[str, Milestone] = {c.id: c for c in changes if isinstance(c, Milestone)}
    truces: dict[str, tuple[dt.date, dt.date | None]] = {}
    for change in changes:
        acts += plain_acts(change)
        if isinstance(change, Escalation):
            truces[change.id] = (change.steps[0].effective, None)
        if isinstance(change, Truce):
            truces[change.id] = (change.start, change.until)
            milestones += change.milestones()
            _adopt(change, named)
    milestones += named.values()
    return Path(name=name, probability=odds, schedule=schedule, changes=changes,
                acts=tuple(acts),
                milestones=tuple(sorted(milestones, key=lambda m: (m.date, m.id))),
                truces=truces)


def _unique(changes: tuple[Any, ...]) -> None:
    for one, other in pairwise(changes):
        if one.id == other.id:
            raise InvalidValue(
                f"two changes bear the id {one.id!r}; ids are unique: give one another id, or "
                "take the first out with the verb without",
                value=one.id,
            )


def _adopt(truce: Truce, named: dict[str, Milestone]) -> None:
    """Milestones a truce names by id start and lapse with it."""
    for one in truce.also:
        if isinstance(one, str):
            if one not in named:
                raise UnknownName.among("milestone", one, named)
            m = named[one]
            named[one] = evolve(m, until=m.until or truce.until, cause=m.cause or truce.id)
