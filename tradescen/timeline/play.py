"""Rules answer in one forward sweep: what is seen first is answered first, and no answer lies
before the day after it was seen, so what a rule does never reaches back."""

from __future__ import annotations

import datetime as dt
from typing import Any, Protocol

from attrs import evolve, frozen

from tradescen.errors import InvalidValue, MissingData, RunawayRules, UnknownName
from tradescen.law.measure import Measure, Scope
from tradescen.timeline.acts import ACTS, Act, Amend, Impose, Milestone, Terminate
from tradescen.timeline.course import Path, resolved
from tradescen.timeline.escalation import Escalation, EscalationStep
from tradescen.timeline.moves import shifted
from tradescen.timeline.rules import Retaliation, Trigger
from tradescen.timeline.spells import Timeline
from tradescen.timeline.transitions import MOVING, Move, charged_by, moves_of, resumptions
from tradescen.timeline.truce import Truce
from tradescen.timeline.verbs import VERBS
from tradescen.vocab.countries import CountrySet
from tradescen.vocab.duty import AdValorem, Points
from tradescen.vocab.hs import ProductSet
from tradescen.vocab.source import Source

__all__ = ["MOST_ANSWERS", "Probe", "play"]

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
        # rule → its answers: measure id, measure answered, goods, points still held
        self.held: dict[str, list[tuple[str, str, ProductSet, float]]] = {}
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
        if not isinstance(act, MOVING) or act.cause == rule.id:
            return None
        if act.cause in timeline.truces and "truce" not in rule.answers and not isinstance(
            next((c for c in self.path.changes if c.id == act.cause), None), Escalation
        ):
            return None
        if timeline.records[act.id].withdrawn is not None:
            return None
        clock = next(c for c in rule.answers if c in ("announced", "enacted", "effective"))
        day = act.known if clock == "announced" else act.enacted
        if clock == "effective" and act.enacted is not None:
            day = act.effective
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
        if move.points < 0:
            return rule.stand_down
        # A rise whose points are not known (NaN) is met by match="list" only.
        known = move.points == move.points
        return (known and move.points >= (rule.threshold or 0)) or rule.match == "list"

    # -- what is done -----------------------------------------------------------------

    def _answer(self, rule: Retaliation, t: Transition, seen: dt.date,
                timeline: Timeline) -> None:
        n = self.rounds.get(rule.id, 0)
        enacted = seen + dt.timedelta(days=rule.round(rule.lag, n))
        effective = enacted + dt.timedelta(days=rule.round(rule.notice, n))
        made = 0
        for move in t.moves:
            if not self._meant(rule, move, timeline):
                continue
            if move.points < 0:
                made += self._stand_down(rule, move, enacted, effective, t.act)
            else:
                made += self._rise(rule, move, enacted, effective, t.act, timeline)
        if made:
            self.rounds[rule.id] = n + 1
            self.chain.append(f"{seen}: {rule.id} answers {t.act}, charged from {effective}")

    def _rise(self, rule: Retaliation, move: Move, enacted: dt.date, effective: dt.date,
              act: str, timeline: Timeline) -> int:
        goods = self._goods(rule, move)
        if rule.match == "list":
            assert rule.duty is not None
            return self._impose(rule, move, goods, rule.duty, 0.0, enacted, effective, act)
        points = move.points * rule.scale
        if rule.match == "value":
            hit = self.probe.trade(move.importer, rule.by, move.products)
            answer = self.probe.trade(rule.by, rule.against, goods)
            if not answer > 0:
                raise MissingData(
                    f"{rule.id}: there is no trade of {rule.by} from {rule.against} in its "
                    "goods, so a value cannot be matched; give other products",
                    id=rule.id,
                )
            points = points * hit / answer
        made = 0
        for area, room in self._room(rule, goods, effective, timeline):
            left = round(min(points, room), 12)
            if left > 1e-12:
                made += self._impose(rule, move, area, AdValorem(f"{left * 100:.10f}%"), left,
                                     enacted, effective, act)
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

    def _room(self, rule: Retaliation, goods: ProductSet, on: dt.date,
              timeline: Timeline) -> list[tuple[ProductSet, float]]:
        """How many points may still be added, by disjoint goods."""
        if rule.cap is None:
            return [(goods, float("inf"))]
        if rule.caps == "total":
            return [(area, max(0.0, rule.cap - level)) for area, level in
                    self.probe.additional(timeline, rule.by, rule.against, goods, on)]
        areas = [(goods, rule.cap)]
        for _, _, held_on, held in self.held.get(rule.id, []):
            areas = [
                part for area, room in areas
                for part in ((area - held_on, room), (area & held_on, max(0.0, room - held)))
                if part[0]
            ]
        return areas

    def _impose(self, rule: Retaliation, move: Move, goods: ProductSet, duty: Any,
                points: float, enacted: dt.date, effective: dt.date, act: str) -> int:
        held = self.held.setdefault(rule.id, [])
        name = f"{rule.id}-{len(held) + 1}"
        source = rule.source or Source(citation=f"assumed: the rule {rule.id} answers {act}")
        measure = Measure(
            id=name, authority="Retaliation", group=self._group(rule), duty=duty, source=source,
            scope=Scope(importer=rule.by, exporters=(rule.against,), products=goods))
        held.append((name, move.measure, goods, points))
        self._add(Impose(measure=measure, enacted=enacted, effective=effective, source=source,
                         cause=rule.id))
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

    def _stand_down(self, rule: Retaliation, move: Move, enacted: dt.date,
                    effective: dt.date, act: str) -> int:
        """Take points off what the rule holds in answer to the same measure, latest first."""
        left = -move.points * rule.scale
        made = 0
        held = self.held.get(rule.id, [])
        for n in range(len(held) - 1, -1, -1):
            name, answered, goods, points = held[n]
            if answered != move.measure or points <= 0 or left <= 1e-12:
                continue
            off = min(points, left)
            clocks: dict[str, Any] = {
                "enacted": enacted, "effective": effective, "cause": rule.id, "target": name,
                "source": Source(citation=f"assumed: the rule {rule.id} stands down after {act}"),
            }
            fresh = f"{name}-down-{len(self.chain) + 1}"
            self._add(Terminate(id=fresh, **clocks) if points - off <= 1e-12
                      else Amend(id=fresh, duty=Points(-off), **clocks))
            held[n] = (name, answered, goods, round(points - off, 12))
            left = round(left - off, 12)
            made += 1
        return made

    # -- triggers ---------------------------------------------------------------------

    def _sets_off(self, trigger: Trigger, timeline: Timeline) -> dt.date | None:
        start = trigger.start or self.start
        when = trigger.when
        day: dt.date | None
        if isinstance(when, dt.date):
            day = when
        elif isinstance(when, str):
            record = timeline.records.get(when)
            if record is None:
                try:
                    day = dt.date.fromisoformat(when)
                except ValueError:
                    raise UnknownName.among("act or milestone", when, timeline.records) from None
            else:
                law = isinstance(record.item, Milestone) or record.item is None or (
                    record.item.enacted is not None
                )
                day = record.effective if law and record.withdrawn is None else None
        else:
            day = self.probe.crossing(timeline, dict(when), start, self.end)
        return day if day is not None and day >= start else None

    def _go_off(self, trigger: Trigger, seen: dt.date) -> None:
        firsts = [d for t in trigger.then if (d := _first(t)) is not None]
        target = seen + dt.timedelta(days=trigger.lag)
        by = (target - min(firsts)) if firsts else dt.timedelta(0)
        for template in trigger.then:
            change = shifted(template, by)
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
