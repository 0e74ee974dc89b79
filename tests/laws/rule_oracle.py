"""A naive oracle for rules: one day after the other, one line at a time.

It reads acts and rules as values and shares nothing with the library: no sets of goods are
computed, no spells, no answers of the library's making. An answer is a row of numbers by line.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tests.laws.oracle import holds
from tradescen.timeline.acts import Amend, Impose, Suspend, Terminate
from tradescen.vocab.duty import AdValorem, Points

DAY = dt.timedelta(days=1)
ORDER = (Terminate, Impose, Amend, Suspend)
LEAST = 1e-12


@dataclass
class Held:
    """What a rule holds on one line in answer to one rise."""

    id: str
    answered: str
    enacted: dt.date
    start: dt.date
    rise: float
    points: float


@dataclass
class Seen:
    """A step of one measure, as another rule sees it: points by line."""

    id: str
    measure: str
    importer: str
    enacted: dt.date
    points: dict[str, float]
    rule: str


@dataclass
class Oracle:
    """Plays rules over plain acts, each of which names one measure."""

    acts: list[Any]
    rules: list[Any]
    lines: tuple[str, ...]
    trade: dict[str, dict[str, float]]  # importer → line → value
    first: dt.date
    end: dt.date
    rounds: dict[str, int] = field(default_factory=dict)
    held: dict[tuple[str, str], list[Held]] = field(default_factory=dict)  # by rule and line
    # Rule, line → the day from which points are added (or taken off).
    ledger: dict[tuple[str, str], list[tuple[dt.date, float]]] = field(default_factory=dict)
    steps: list[Seen] = field(default_factory=list)
    answered: set[tuple[str, str]] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)
    did: set[str] = field(default_factory=set)

    # -- the law --------------------------------------------------------------------------

    def measure_of(self, act: Any) -> str:
        if isinstance(act, Impose):
            return act.measure.id
        return act.target if isinstance(act.target, str) else act.target.ids[0]

    def importer_of(self, measure: str) -> str:
        return next(a.measure.scope.importer for a in self.acts
                    if isinstance(a, Impose) and a.measure.id == measure)

    def state(self, measure: str, line: str, day: dt.date, acts: list[Any]) -> tuple[
            float, tuple[Any, ...], Any]:
        """Level on a day, the acts the base rests on, and the suspension that governs."""
        base, because, over = None, (), []
        mine = [a for a in acts if self.measure_of(a) == measure and a.effective is not None
                and a.effective <= day]
        for act in sorted(mine, key=lambda a: (a.effective, ORDER.index(type(a)), a.known, a.id)):
            if isinstance(act, Impose):
                if holds(act.measure.scope.products, line):
                    base, because, over = act.measure.duty.rate, (act.id,), []
            elif base is None or not holds(act.only.products, line):
                continue
            elif isinstance(act, Terminate):
                base, because, over = None, (), []
            elif isinstance(act, Amend):
                base = (max(0.0, base + act.duty.points) if isinstance(act.duty, Points)
                        else act.duty.rate)
                because = (*because, act.id)
            else:
                over.append(act)
        over = [o for o in over if o.until is None or day < o.until]
        if base is None:
            return 0.0, (), None
        governs = max(over, key=lambda o: (o.effective, o.known, o.id), default=None)
        return (base if governs is None else min(base, governs.duty.rate)), because, governs

    def level(self, measure: str, line: str, day: dt.date, acts: list[Any] | None = None) -> float:
        return self.state(measure, line, day, self.law if acts is None else acts)[0]

    @cached_property
    def law(self) -> list[Any]:
        return [a for a in self.acts if a.enacted is not None]

    @property
    def days(self) -> set[dt.date]:
        """The days on which anything may change."""
        found = {d for a in self.acts for d in (a.effective, getattr(a, "until", None))}
        found |= {d for steps in self.ledger.values() for d, _ in steps}
        return {d for d in found if d is not None and self.first <= d < self.end} | {self.first}

    def charged(self, importer: str, line: str, day: dt.date) -> float:
        """All additional duties of a side on one line."""
        names = {a.measure.id for a in self.acts if isinstance(a, Impose)
                 and a.measure.scope.importer == importer}
        own = sum(self.level(m, line, day) for m in names)
        return own + sum(
            points for rule in self.rules if rule.by == importer
            for start, points in self.ledger.get((rule.id, line), ()) if start <= day)

    # -- what is seen ---------------------------------------------------------------------

    def moves_known(self, act: Any, seen: dt.date) -> dict[str, float]:
        """An act against the law known on an evening without it."""
        def key(a: Any) -> tuple[int, dt.date, str]:
            return ORDER.index(type(a)), a.known, a.id

        if act.effective is None:
            return {}
        known = [a for a in self.acts if a is not act and a.known <= seen
                 and a.enacted is not None and a.enacted <= seen
                 and not (a.enacted == seen and key(a) > key(act))]
        name = self.measure_of(act)
        return {k: self.level(name, k, act.effective, [*known, act])
                - self.level(name, k, act.effective, known) for k in self.lines}

    def moves_charged(self, act: Any) -> dict[str, float]:
        """What is charged otherwise from the first day of an act, where it sets the duty."""
        name, day = self.measure_of(act), act.effective
        sets = isinstance(act, Terminate)
        for line in self.lines:
            _, because, governs = self.state(name, line, day, self.law)
            last = governs.id if governs is not None else because[-1] if because else None
            sets = sets or last == act.id
        return {k: self.level(name, k, day) - self.level(name, k, day - DAY)
                for k in self.lines} if sets else {}

    def resumed(self, act: Suspend, measure: str) -> dict[str, float]:
        out = {}
        for line in self.lines:
            before, was, governed = self.state(measure, line, act.until - DAY, self.law)
            after, now, governs = self.state(measure, line, act.until, self.law)
            if governed is act and governs is None and now == was and after > before + LEAST:
                out[line] = after - before
        return out

    def due(self, rule: Any, day: dt.date) -> list[tuple[str, Any]]:
        """What a rule sees on a day: an id, and measure → points by line."""
        start = rule.start or self.first
        if day < start or (rule.until is not None and day >= rule.until):
            return []
        clock = next(c for c in rule.answers if c in ("announced", "enacted", "effective"))
        out: list[tuple[str, Any]] = []
        for act in self.acts:
            when = act.known if clock == "announced" else act.enacted if (
                clock == "enacted" or act.enacted is None) else act.effective
            name = self.measure_of(act)
            if self.importer_of(name) != rule.against:
                continue
            if when == day:
                moves = (self.moves_charged(act) if clock == "effective"
                         else self.moves_known(act, day))
                out.append((act.id, (name, moves)))
            if "resumed" in rule.answers and isinstance(act, Suspend) and act.until == day and (
                act.enacted is not None
            ):
                out.append((f"{act.id}@{name}", (name, self.resumed(act, name))))
        for step in self.steps:
            if step.enacted == day and step.importer == rule.against and step.rule != rule.id:
                out.append((step.id, (step.measure, step.points)))
        return sorted(out, key=lambda one: one[0])

    # -- what is done ---------------------------------------------------------------------

    def play(self) -> Oracle:
        day = self.first
        while day < self.end:
            for rule in sorted(self.rules, key=lambda r: r.id):
                for _, (measure, moves) in self.due(rule, day):
                    if rule.select is None or measure in rule.select.ids:
                        points = {k: round(p, 12) for k, p in moves.items()}  # as decimals
                        self.answer(rule, measure, points, day)
            day += DAY
        return self

    def answer(self, rule: Any, measure: str, moves: dict[str, float], seen: dt.date) -> None:
        n = self.rounds.get(rule.id, 0)
        enacted = seen + rule.lag[min(n, len(rule.lag) - 1)] * DAY
        effective = enacted + rule.notice[min(n, len(rule.notice) - 1)] * DAY
        falls = {k: -p for k, p in moves.items() if p < -LEAST} if rule.stand_down else {}
        rises = {k: p for k, p in moves.items() if p > LEAST and p >= (rule.threshold or 0)}
        made = False
        if falls:
            made |= self.take_back(rule, measure, falls, enacted, effective)
        if rises:
            made |= self.rise(rule, measure, rises, enacted, effective)
        if made:
            self.rounds[rule.id] = n + 1
            self.counts[rule.id] = self.counts.get(rule.id, 0) + 1

    def sized(self, rule: Any, by_line: dict[str, float]) -> dict[str, float]:
        """What each line of the answer stands against."""
        if rule.products is None:
            return by_line
        if rule.match == "value":
            hit = self.trade[rule.against]
            size = sum(p * hit.get(k, 0.0) for k, p in by_line.items())
        else:
            size = max(by_line.values())
        return {k: size for k in self.lines if holds(rule.products, k)}

    def take_back(self, rule: Any, measure: str, falls: dict[str, float], enacted: dt.date,
                  effective: dt.date) -> bool:
        found: dict[tuple[str, dt.date], dict[str, float]] = {}
        for line, left in self.sized(rule, falls).items():
            for one in reversed(self.held.get((rule.id, line), [])):
                if one.answered != measure or one.rise <= LEAST or left <= LEAST:
                    continue
                taken = min(left, one.rise)
                off = one.points * taken / one.rise
                law = max(enacted, one.enacted + DAY)
                start = max(effective, one.start, law)
                self.ledger[rule.id, line].append((start, -off))
                one.start = start
                found.setdefault((one.id, law), {})[line] = -off
                one.points, one.rise, left = one.points - off, one.rise - taken, left - taken
                self.did.add("stood down")
        self.steps += [Seen(f"{name}-down", name, rule.by, law, points, rule.id)
                       for (name, law), points in found.items()]
        return bool(found)

    def rise(self, rule: Any, measure: str, rises: dict[str, float], enacted: dt.date,
             effective: dt.date) -> bool:
        sizes = self.sized(rule, rises)
        found: dict[str, dict[str, float]] = {}
        common = len(self.steps)
        for line, size in sizes.items():
            points = size * rule.scale
            if rule.match == "value":
                own = self.trade[rule.by]
                points /= sum(own.get(k, 0.0) for k in sizes)
            if rule.match == "list":
                assert isinstance(rule.duty, AdValorem)
                points = rule.duty.rate
            room = self.room(rule, line, effective)
            self.did.update({"capped"} if room < points else ())
            points = min(points, room)
            if points <= LEAST:
                continue
            name = f"{rule.id}/{'' if rule.products is not None else line}/{common}"
            self.held.setdefault((rule.id, line), []).append(
                Held(name, measure, enacted, effective, size, points))
            self.ledger.setdefault((rule.id, line), []).append((effective, points))
            found.setdefault(name, {})[line] = points
            self.did.add("answered")
        self.steps += [Seen(n, n, rule.by, enacted, points, rule.id)
                       for n, points in found.items()]
        return bool(found)

    def room(self, rule: Any, line: str, on: dt.date) -> float:
        if rule.cap is None:
            return math.inf
        if rule.caps == "total":
            return max(0.0, rule.cap - self.charged(rule.by, line, on))
        mine = self.ledger.get((rule.id, line), [])
        days = {on, *(d for d, _ in mine if d > on)}
        most = max(sum(p for d, p in mine if d <= t) for t in days)
        return max(0.0, rule.cap - most)
