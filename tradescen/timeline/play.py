"""Rules answer in one forward sweep: what is seen first is answered first, and no answer lies
before the day after it was seen, so what a rule does never reaches back."""

from __future__ import annotations

import datetime as dt
from typing import Any, Protocol

from attrs import evolve, frozen

from tradescen.errors import InvalidValue, MissingData, RunawayRules, UnknownName
from tradescen.law.measure import Measure, Scope
from tradescen.timeline.acts import (
    ACTS,
    Act,
    Amend,
    Impose,
    Only,
    Select,
    Terminate,
)
from tradescen.timeline.answers import LEAST, Answer, Fall, Holdings
from tradescen.timeline.course import Path, resolved
from tradescen.timeline.escalation import Escalation, EscalationStep
from tradescen.timeline.moves import shifted
from tradescen.timeline.rules import Retaliation, Trigger
from tradescen.timeline.settle import Record
from tradescen.timeline.spells import Timeline
from tradescen.timeline.transitions import MOVING, Move, charged_by, moves_of, resumptions
from tradescen.timeline.truce import Truce
from tradescen.timeline.verbs import VERBS
from tradescen.vocab.countries import CountrySet
from tradescen.vocab.duty import AdValorem, Points, Times
from tradescen.vocab.hs import ProductSet
from tradescen.vocab.source import Source

__all__ = ["MOST_ANSWERS", "Probe", "play"]

Clocks = dict[str, Any]  # the days of an answer: enacted, effective

MOST_ANSWERS = 120  # of one path; a chain as long as this has no end


class Probe(Protocol):
    """What rules may ask of the engine and the trade data; the caller answers."""

    def trade(self, importer: str, exporter: str, products: ProductSet) -> float:
        """The value of a flow of goods."""

    def additional(self, timeline: Timeline, importer: str, exporter: str,
                   products: ProductSet, on: dt.date) -> list[tuple[ProductSet, float]]:
        """The additional rate on a day, by disjoint sets of goods that cover *products*."""

    def crossing(self, timeline: Timeline, when: dict[str, Any], start: dt.date,
                 end: dt.date) -> dt.date | None:
        """The first day on which a rate is past a level."""


@frozen
class Transition:
    """An act seen, and what it moved."""

    act: str
    moves: tuple[Move, ...]


class _Play:
    def __init__(self, path: Path, start: dt.date, end: dt.date, probe: Probe) -> None:
        self.path = path
        self.start = start
        self.end = end
        self.probe = probe
        self.rules = [c for c in path.changes if isinstance(c, Retaliation)]
        self.triggers = [c for c in path.changes if isinstance(c, Trigger)]
        self.done: set[tuple[str, str]] = set()
        self.rounds: dict[str, int] = {}
        self.held: dict[str, Holdings] = {}  # by rule
        self.imposed: dict[str, int] = {}  # by rule, how many measures so far
        self.downs = 0
        self.chain: list[str] = []

    def run(self) -> Path:
        while True:
            timeline = self.path.fold()
            due = self._due(timeline)
            if due is None:
                return self.path
            if len(self.chain) >= MOST_ANSWERS:
                tail = "\n".join(f"  {line}" for line in self.chain[-8:])
                raise RunawayRules(
                    f"{MOST_ANSWERS} answers and no end; give the rules a cap, a threshold or "
                    f"an end (until=). The chain last ran:\n{tail}",
                    chain=tuple(self.chain),
                )
            seen, rule, what = due
            self.done.add((rule.id, what.act))
            if isinstance(rule, Trigger):
                self._go_off(rule, seen)
            else:
                self._answer(rule, what, seen, timeline)

    # -- what is seen next ------------------------------------------------------------

    def _due(self, timeline: Timeline) -> tuple[dt.date, Any, Transition] | None:
        """What is seen first among all that no rule has dealt with yet."""
        found: list[tuple[dt.date, str, str, Any, tuple[Move, ...] | None]] = []
        for rule in self.rules:
            for act in self.path.acts:
                day = self._seen(rule, act, timeline)
                if day is not None and (rule.id, act.id) not in self.done:
                    found.append((day, rule.id, act.id, (rule, act), None))
            if "resumed" in rule.answers:
                for name, day, back in resumptions(timeline, rule.against):
                    if self._open(rule, day) and (rule.id, name) not in self.done:
                        found.append((day, rule.id, name, (rule, None), back))
        for trigger in self.triggers:
            if (trigger.id, "") not in self.done:
                day = self._sets_off(trigger, timeline)
                if day is not None and day < self.end:
                    found.append((day, trigger.id, "", (trigger, None), None))
        for day, _, name, (rule, act), given in sorted(found, key=lambda one: one[:3]):
            moves: tuple[Move, ...] | None = given
            if isinstance(rule, Trigger):
                return day, rule, Transition(name, ())
            if moves is None:
                moves = charged_by(timeline, act, rule.against) if (
                    "effective" in rule.answers
                ) else moves_of(self.path, act, day, rule.against)
            if any(self._meant(rule, m, timeline) for m in moves):
                return day, rule, Transition(name, moves)
            self.done.add((rule.id, name))
        return None

    def _open(self, rule: Retaliation, day: dt.date | None) -> bool:
        start = rule.start or self.start
        return day is not None and start <= day < self.end and (
            rule.until is None or day < rule.until
        )

    def _seen(self, rule: Retaliation, act: Act, timeline: Timeline) -> dt.date | None:
        """The day a rule sees an act, or ``None`` if it never does."""
        if not isinstance(act, MOVING) or act.cause == rule.id or not _concerns(
                act, rule, timeline):
            return None
        if act.cause in timeline.truces and "truce" not in rule.answers and not isinstance(
            next((c for c in self.path.changes if c.id == act.cause), None), Escalation
        ):
            return None
        clock = next(c for c in rule.answers if c in ("announced", "enacted", "effective"))
        day = act.known if clock == "announced" else act.enacted
        if clock == "effective" and act.enacted is not None:
            record = timeline.records[act.id]
            day = None if record.withdrawn is not None else record.effective  # as moved
        return day if self._open(rule, day) else None

    def _meant(self, rule: Retaliation, move: Move, timeline: Timeline) -> bool:
        if move.importer != rule.against or not (move.exporters & CountrySet((rule.by,))):
            return False
        if rule.select is not None:
            m, s = timeline.measures[move.measure], rule.select
            if (s.ids and m.id not in s.ids) or s.authority not in (None, m.authority) or (
                s.group not in (None, m.group)
            ):
                return False
        if not move.rises:
            return rule.stand_down
        # A rise whose points are not known (NaN) is met by match="list" only.
        if move.points != move.points:
            return rule.match == "list"
        return move.points >= (rule.threshold or 0)

    # -- what is done -----------------------------------------------------------------

    def _answer(self, rule: Retaliation, t: Transition, seen: dt.date,
                timeline: Timeline) -> None:
        """Falls first, then rises, measure by measure.

        On the goods of the rise each good is answered by its own points; on goods of the
        rule's own a measure is answered once, whatever its parts.
        """
        n = self.rounds.get(rule.id, 0)
        enacted = seen + dt.timedelta(days=rule.round(rule.lag, n))
        effective = enacted + dt.timedelta(days=rule.round(rule.notice, n))
        clocks = {"enacted": enacted, "effective": effective}
        meant = [m for m in t.moves if self._meant(rule, m, timeline)]
        made = 0
        for rises in (False, True):
            for name in sorted({m.measure for m in meant if m.rises is rises}):
                moves = [m for m in meant if m.measure == name and m.rises is rises]
                batches = [moves] if rule.products is not None else [[m] for m in moves]
                for batch in batches:
                    how = self._rise if rises else self._stand_down
                    made += how(rule, batch, clocks, t.act)
        if made:
            self.rounds[rule.id] = n + 1
            self.chain.append(f"{seen}: {rule.id} answers {t.act}, charged from {effective}")

    def _size(self, rule: Retaliation, moves: list[Move]) -> float:
        """The size of a rise or fall: its points (the most of any part), or the money in it."""
        if rule.match != "value":
            return max(abs(m.points) for m in moves)
        return sum(abs(m.points) * self.probe.trade(m.importer, rule.by, m.products)
                   for m in moves)

    def _rise(self, rule: Retaliation, moves: list[Move], clocks: Clocks, act: str) -> int:
        size = self._size(rule, moves)
        goods = self._goods(rule, moves[0])
        answer = Answer("", moves[0].measure, goods, clocks["enacted"], clocks["effective"],
                        size, 0.0)
        if rule.match == "list" and not isinstance(rule.duty, AdValorem):
            return self._impose(rule, answer, rule.duty, clocks, act)
        if rule.match == "list":
            assert isinstance(rule.duty, AdValorem)
            points = rule.duty.rate
        elif rule.match == "value":
            trade = self.probe.trade(rule.by, rule.against, goods)
            if not trade > 0:
                raise MissingData(
                    f"{rule.id}: there is no trade of {rule.by} from {rule.against} in its "
                    "goods, so a value cannot be matched; give other products",
                    id=rule.id,
                )
            points = size * rule.scale / trade
        else:
            points = size * rule.scale
        made = 0
        for area, left in self._room(rule, goods, points, clocks["effective"]):
            part = evolve(answer, goods=area, points=left)
            made += self._impose(rule, part, AdValorem(f"{left * 100:.10f}%"), clocks, act)
        return made

    def _goods(self, rule: Retaliation, move: Move) -> ProductSet:
        if rule.products is not None:
            return rule.products
        longest = max((len(c) for c in move.products.codes), default=0)
        if longest > 6:
            raise InvalidValue(
                f"{rule.id}: {move.measure} is on goods named by {longest} digits, which another "
                "side's schedule does not share; give the goods of the answer: products=",
                id=rule.id,
            )
        return move.products

    def _room(self, rule: Retaliation, goods: ProductSet, points: float,
              on: dt.date) -> list[tuple[ProductSet, float]]:
        """The points that may be added, by disjoint goods."""
        if rule.cap is None:
            areas = [(goods, 0.0)]
        elif rule.caps == "total":
            areas = self.probe.additional(self.path.fold(), rule.by, rule.against, goods, on)
        else:
            areas = self._held(rule).levels(goods, on)
        found: dict[float, ProductSet] = {}
        for area, level in areas:
            room = points if rule.cap is None else min(points, rule.cap - level)
            left = round(room, 12)
            if left > LEAST:
                found[left] = found[left] | area if left in found else area
        return [(area, left) for left, area in found.items()]

    def _held(self, rule: Retaliation) -> Holdings:
        return self.held.setdefault(rule.id, Holdings())

    def _impose(self, rule: Retaliation, answer: Answer, duty: Any, clocks: Clocks,
                act: str) -> int:
        n = self.imposed[rule.id] = self.imposed.get(rule.id, 0) + 1
        name = f"{rule.id}-{n}"
        source = rule.source or Source(citation=f"assumed: the rule {rule.id} answers {act}")
        measure = Measure(
            id=name, authority="Retaliation", group=self._group(rule), duty=duty, source=source,
            scope=Scope(importer=rule.by, exporters=(rule.against,), products=answer.goods))
        self._held(rule).add(evolve(answer, name=name))
        self._add(Impose(measure=measure, source=source, cause=rule.id, **clocks))
        return 1

    def _group(self, rule: Retaliation) -> str:
        plan = self.path.schedule.plan
        if rule.group is not None:
            return plan.groups[plan.index(rule.group)].name
        adding = [g.name for g in plan.groups
                  if g.within == "sum" and not g.relation and g.name not in plan.base]
        if not adding:
            raise InvalidValue(
                f"{rule.id}: no group of the plan simply adds; say where answers go: group=",
                id=rule.id,
            )
        return adding[-1]

    def _stand_down(self, rule: Retaliation, moves: list[Move], clocks: Clocks,
                    act: str) -> int:
        """Take back what the rule holds in answer to the same measure, latest first."""
        held = self._held(rule)
        goods = moves[0].products if rule.products is None else rule.products
        made = 0
        for fall in held.fall(moves[0].measure, goods, self._size(rule, moves)):
            # It follows the answer it takes back, in law by a day and in force not before it.
            law = max(clocks["enacted"], fall.answer.enacted + dt.timedelta(days=1))
            on = max(clocks["effective"], fall.answer.start, law)
            held.lowered(fall, on)
            self._add(self._lower(rule, fall, {"enacted": law, "effective": on}, act))
            fall.answer.start = on  # what is taken back next is not taken back before
            made += 1
        return made

    def _lower(self, rule: Retaliation, fall: Fall, clocks: Clocks, act: str) -> Act:
        self.downs += 1
        answer = fall.answer
        head: dict[str, Any] = {
            **clocks, "cause": rule.id, "id": f"{answer.name}-down-{self.downs}",
            "source": Source(citation=f"assumed: the rule {rule.id} stands down after {act}"),
        }
        target = Select(ids=(answer.name,), missing="skip")
        only = Only() if answer.whole else Only(products=answer.goods)
        if fall.share == 1 and clocks["effective"] > answer.start:
            return Terminate(target=target, only=only, **head)
        if fall.share == 1 and answer.whole:
            return Terminate(target=answer.name, **head)  # it never takes effect
        by = Points(-fall.points) if fall.points else Times(1 - fall.share)
        return Amend(target=target, only=only, duty=by, **head)

    # -- triggers ---------------------------------------------------------------------

    def _sets_off(self, trigger: Trigger, timeline: Timeline) -> dt.date | None:
        start = trigger.start or self.start
        when = trigger.when
        day: dt.date | None
        if isinstance(when, dt.date):
            day = when
        elif isinstance(when, str):
            record = timeline.records.get(when)
            if record is not None:
                day = _clock(trigger.clock, record)
            elif when.rpartition("-")[0] in {r.id for r in self.rules}:
                day = None  # an answer not given yet
            else:
                try:
                    day = dt.date.fromisoformat(when)
                except ValueError:
                    raise UnknownName.among("act or milestone", when, timeline.records) from None
        else:
            day = self.probe.crossing(timeline, dict(when), start, self.end)
        return day if day is not None and day >= start else None

    def _go_off(self, trigger: Trigger, seen: dt.date) -> None:
        firsts = [d for t in trigger.then if (d := _first(t)) is not None]
        target = seen + dt.timedelta(days=trigger.lag)
        by = (target - min(firsts)) if firsts else dt.timedelta(0)
        for template in trigger.then:
            change = _not_before(shifted(template, by), seen)
            if isinstance(change, (*ACTS, EscalationStep)) and change.cause is None:
                change = evolve(change, cause=trigger.id)
            self._add(change)
        self.chain.append(f"{seen}: {trigger.id} goes off, from {target}")

    def _add(self, change: Any) -> None:
        schedule, changes = self.path.schedule, self.path.changes
        if isinstance(change, VERBS):
            schedule, changes = change.apply(schedule, changes)
        else:
            changes = (*changes, change)
        self.path = resolved(self.path.name, self.path.probability, schedule, changes)


def _concerns(act: Act, rule: Retaliation, timeline: Timeline) -> bool:
    """Whether an act may be about what a rule looks at; it saves weighing those that are not."""
    if isinstance(act, Impose):
        named = {act.measure.id: act.measure}
    else:
        target = getattr(act, "target", "")
        ids = target.ids if isinstance(target, Select) else (target,)
        if not ids or any(i not in timeline.measures for i in ids):
            return True
        named = {i: timeline.measures[i] for i in ids}
    wanted = () if rule.select is None else rule.select.ids
    return any(m.scope.importer == rule.against and (not wanted or m.id in wanted)
               for m in named.values())


def _clock(clock: str, record: Record) -> dt.date | None:
    """The day of an act as law, a milestone or a truce; ``None`` if it is withdrawn."""
    item = record.item
    if record.withdrawn is not None:
        return None
    if isinstance(item, ACTS) and clock == "announced":
        return item.known
    if isinstance(item, ACTS) and (clock == "enacted" or item.enacted is None):
        return item.enacted
    return record.effective


def _not_before(change: Any, seen: dt.date) -> Any:
    """A change known and law on the day it was set off at the earliest."""
    days = {name: day for name in ("announced", "enacted")
            if isinstance(day := getattr(change, name, None), dt.date) and day < seen}
    return evolve(change, **dict.fromkeys(days, seen)) if days else change


def _first(template: Any) -> dt.date | None:
    """The first day of a template."""
    if isinstance(template, Escalation):
        return template.steps[0].effective
    if isinstance(template, Truce):
        return template.start
    for name in ("effective", "on", "date", "until"):
        day = getattr(template, name, None)
        if isinstance(day, dt.date):
            return day
    return None


def play(path: Path, start: dt.date, end: dt.date, probe: Probe) -> Path:
    """The path with the answers of its rules to all they see from *start* up to *end*.

    Raises:
        RunawayRules: for a chain without end, which it prints.
    """
    if not any(isinstance(c, (Retaliation, Trigger)) for c in path.changes):
        return path
    return _Play(path, start, end, probe).run()
