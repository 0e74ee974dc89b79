"""The changes of a scenario file, made one after the other; what cannot be made is a fault of
its own line, and what comes after is still looked at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from attrs import define, evolve, field

from tradescen.errors import UnknownName
from tradescen.files.forms import ERRORS, Reading, met
from tradescen.files.grammar import VERBS
from tradescen.files.nodes import Items, Node, Table, Text
from tradescen.law.schedule import TariffSchedule
from tradescen.scenario import Scenario
from tradescen.timeline.fork import Fork
from tradescen.timeline.moves import plain_acts
from tradescen.timeline.verbs import VERBS as MOVES

__all__ = ["Broken", "apply"]

TRIED = 100  # changes left out one by one to find the one at fault
Law = tuple[TariffSchedule, tuple[Any, ...]]


@define
class Broken:
    """What could not be read: names it would have defined, names it would have moved, and
    whether all that follows is in doubt."""

    defined: set[str] = field(factory=set)
    moved: set[str] = field(factory=set)
    all: bool = False

    def add(self, node: Node) -> None:
        """Take in the names of a change that could not be read."""
        defined, moved = _names(node)
        self.defined |= defined
        self.moved |= moved

    def covers(self, error: Exception | str, message: str) -> bool:
        """Whether an error may only follow from what could not be read."""
        unknown = isinstance(error, UnknownName)
        doubtful = self.defined if unknown else self.defined | self.moved
        return (self.all and not unknown) or any(
            re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", message) for name in doubtful)
_MET = (*ERRORS, LookupError)


def _names(node: Node, verb: str = "") -> tuple[set[str], set[str]]:
    """The names a change that could not be read would have defined, and those it would have
    moved."""
    defined: set[str] = set()
    moved: set[str] = set()
    if isinstance(node, Items):
        inner = [_names(one, verb) for one in node.values]
    elif isinstance(node, Table):
        inner = [
            ({one.value}, set()) if isinstance(one, Text) and key.value in ("id", "name") else
            _names(one, key.value if key.value in VERBS or not verb else verb)
            for key, one in node.pairs
        ]
    else:
        inner = []
    for one, other in inner:
        defined |= one
        moved |= other
    if verb and (verb not in VERBS or VERBS[verb] in MOVES):
        return set(), defined | moved
    return defined, moved


def apply(template: Scenario, law: Law, changes: Sequence[Any], to: Reading, broken: Broken,
          at: Node) -> Law:
    """The law with *changes* made in their order.

    Faults of meaning are noted where the change stands; those that may only follow from
    *broken*, the names of changes that could not be read, are not.
    """
    schedule, made = law
    try:
        for change in changes:
            if isinstance(change, MOVES):
                schedule, made = change.apply(schedule, made)
            else:
                made = (*made, change)
        evolve(template, schedule=schedule, changes=made)
        return schedule, made
    except _MET as error:
        first = error
    careful = _Careful(template, *law, to=to, broken=broken)
    careful.run(changes)
    if not to.faults.found:
        to.faults.add(at, "$.changes", met(first))
    return careful.schedule, careful.made


@define
class _Careful:
    """Makes changes one by one and looks after each whether the law still holds."""

    template: Scenario
    schedule: TariffSchedule
    made: tuple[Any, ...]
    to: Reading = field(kw_only=True)
    broken: Broken = field(kw_only=True)
    pending: list[Any] = field(factory=list)  # put in, not yet known to hold
    forks: list[str] = field(factory=list)
    reported: int = 0

    taken: set[str] = field(factory=set)

    def run(self, changes: Iterable[Any]) -> None:
        self.taken = {c.id for c in self.made}
        for change in changes:
            if isinstance(change, MOVES):
                self._settle()
                self._move(change)
            elif change.id in self.taken:
                self._report(change, f"the id {change.id!r} is taken; ids are unique: give this "
                             "another, or take the other out first (without:)")
            else:
                self.made = (*self.made, change)
                self.taken.add(change.id)
                if isinstance(change, Fork):
                    self.forks.append(change.id)
                else:
                    self.pending.append(change)
        self._settle()
        for fork in [c for c in self.made if c.id in self.forks]:
            self._branch(fork)

    def _report(self, change: Any, error: Exception | str) -> None:
        self.reported += 1
        message = met(error)
        if self.broken.covers(error, message):
            return
        _, node, path = self.to.places[id(change)]
        self.to.faults.add(node, path, message)

    def _error(self, *less: Any, plus: tuple[Any, ...] = ()) -> Exception | None:
        """What is wrong with the law without the forks of the file and without *less*."""
        held = tuple(c for c in self.made if c.id not in self.forks
                     and not any(c is one for one in less))
        try:
            evolve(self.template, schedule=self.schedule, changes=(*held, *plus))
        except _MET as error:
            return error
        return None

    def _settle(self) -> None:
        while (error := self._error()) is not None and self.pending:
            culprit = self._culprit(error)
            self._report(culprit, error)
            self.pending.remove(culprit)
            self.made = tuple(c for c in self.made if c is not culprit)
        self.pending = []

    def _culprit(self, error: Exception) -> Any:
        named = getattr(error, "values", {}).get("id")
        for change in self.pending:
            if named in {change.id, *(a.id for a in plain_acts(change))}:
                return change
        others = [(c, self._error(c)) for c in self.pending[: -TRIED - 1 : -1]]
        for change, left in others:
            if left is None:
                return change
        return next((c for c, left in others if str(left) != str(error)), self.pending[-1])

    def _move(self, verb: Any) -> None:
        before = self.schedule, self.made
        try:
            self.schedule, self.made = verb.apply(*before)
            error = self._error()
        except _MET as met_now:
            error = met_now
        if error is not None:
            self.schedule, self.made = before
            self._report(verb, error)
        self.taken = {c.id for c in self.made}

    def _branch(self, fork: Fork) -> None:
        error = self._error(plus=(fork,))
        if error is None:
            return
        held = tuple(c for c in self.made if c.id not in self.forks)
        found = 0
        for branch in fork.branches:
            inner = _Careful(self.template, self.schedule, held, to=self.to, broken=self.broken)
            inner.run(c for c in branch.changes if id(c) in self.to.places)
            found += inner.reported
        if not found and id(fork) in self.to.places:
            self._report(fork, error)
        self.reported += found
