"""A naive oracle: the law replayed day by day, cell by cell, as the design states it.

It reads the values of acts and nothing else of ours: no set algebra, no spells, no arrays.
What it cannot carry out it refuses with :class:`Impossible`.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from attrs import evolve

from tradescen.law.schedule import TariffSchedule
from tradescen.timeline.acts import (
    Amend,
    Impose,
    Milestone,
    Only,
    Reschedule,
    Select,
    Suspend,
    Terminate,
)
from tradescen.timeline.escalation import EscalationStep
from tradescen.timeline.truce import Truce
from tradescen.vocab.duty import AdValorem, Compound, Points, Specific, Times, Unknown
from tradescen.vocab.hs import ByProduct

DAY = dt.timedelta(days=1)
NEVER = dt.date.max
NAN = math.nan

# Origins that the drawn acts can tell apart. FRA stands for the other members of the EU, BRA
# for all others; the United Kingdom is a member until the day it leaves.
ORIGINS = ("CHN", "USA", "DEU", "GBR", "VNM", "FRA", "BRA")
MEMBERS = {"EU": {"DEU": NEVER, "FRA": NEVER, "GBR": dt.date(2020, 2, 1)}}


class Impossible(Exception):
    """Acts that cannot hold together."""


class Widened(Impossible):
    """A measure whose parts differ is given a wider scope."""


# -- sets, by their words -----------------------------------------------------------------

Atom = tuple[str, frozenset[str]]  # an origin and the words that fit it on a day


def atom(origin: str, day: dt.date) -> Atom:
    groups = {g for g, m in MEMBERS.items() if day < m.get(origin, dt.date.min)}
    return origin, frozenset({origin, "ALL", *groups})


@cache
def atoms() -> list[Atom]:
    days = (dt.date(2000, 1, 1), dt.date(2025, 1, 1))
    return sorted({atom(o, d) for o in ORIGINS for d in days}, key=str)


def lasts(one: Atom, day: dt.date) -> bool:
    """Whether the origin bears these words on a day or later."""
    origin, words = one
    return all(day < MEMBERS[g].get(origin, dt.date.min) for g in words & set(MEMBERS))


def is_in(countries: Any, one: Atom) -> bool:
    return bool(one[1] & set(countries.include)) and not one[1] & set(countries.exclude)


def prefixes(code: str) -> list[str]:
    return [code[:n] for n in range(len(code), -1, -1)]


def holds(products: Any, code: str) -> bool:
    signs = dict(products.entries)
    return next((signs[p] for p in prefixes(code) if p in signs), False)


def by_line(value: Any, code: str) -> Any:
    """The value for one line; ``None`` where the table has none."""
    if not isinstance(value, ByProduct):
        return value
    found = dict(value.values)
    return next((found[p] for p in prefixes(code) if p in found), value.default)


# -- duties, as numbers -------------------------------------------------------------------


@dataclass(frozen=True)
class Charge:
    """A duty on one line: its rate (NaN: unknown), and whether it is a plain rate."""

    rate: float
    plain: bool = True


def charge(duty: Any) -> Charge:
    if isinstance(duty, AdValorem):
        return Charge(duty.rate)
    if isinstance(duty, Compound):
        parts = [charge(p).rate for p in duty.parts]
        if any(math.isnan(p) for p in parts):
            return Charge(NAN, plain=False)
        return Charge({"sum": sum, "max": max, "min": min}[duty.op](parts), plain=False)
    if isinstance(duty, Specific):
        return Charge(0.0 if duty.amount == 0 else NAN, plain=False)
    assert duty is None or isinstance(duty, Unknown)
    return Charge(NAN)


def changed(old: Charge, change: Any, code: str) -> Charge:
    if isinstance(change, Times):
        if change.factor == 0:
            return Charge(0.0)  # a duty is finite: nothing of it is nothing
        return Charge(old.rate * change.factor, old.plain)
    if isinstance(change, Points):
        if old.plain:
            return Charge(math.nan if math.isnan(old.rate) else max(0.0, old.rate + change.points))
        if change.points >= 0:
            return Charge(old.rate + change.points, plain=False)
        return Charge(NAN)  # points off a duty that is no plain rate
    return charge(by_line(change, code))


def held_back(old: Charge, residual: Any) -> Charge:
    """What a suspension leaves: a level, never above the duty, points off, or a part."""
    if isinstance(residual, (Points, Times)):
        return changed(old, residual, "")
    if residual.rate == 0:
        return Charge(0.0)
    return Charge(NAN if math.isnan(old.rate) else min(residual.rate, old.rate), old.plain)


@cache
def under(duties: tuple[Any, ...], code: str) -> Charge:
    """The duty of one line after all that was done to it."""
    got = charge(by_line(duties[0], code))
    for change in duties[1:]:
        got = changed(got, change, code)
    return got


def share(coverage: Any, code: str) -> float:
    got = by_line(coverage, code)
    return NAN if got is None or isinstance(got, Unknown) else got


# -- acts on acts -------------------------------------------------------------------------


@dataclass
class Term:
    """The clocks an act comes to have."""

    item: Any
    start: dt.date | None
    end: dt.date | None
    dead: bool = False


@dataclass
class Book:
    """Every act with its term, and the acts a truce brought about."""

    terms: dict[str, Term]
    parts: dict[str, list[str]]

    def over(self, name: str, day: dt.date) -> bool:
        term = self.terms[name]
        return term.dead or (term.end is not None and term.end < day)

    def move_end(self, name: str, end: dt.date, day: dt.date) -> None:
        term = self.terms[name]
        if isinstance(term.item, Reschedule):
            # An extension that is itself moved: what it prolonged follows while it runs.
            before, term.end = term.end, end
            if term.item.enacted is None:
                return
            for other in (term.item.act, *self.parts.get(term.item.act, ())):
                if self.terms[other].end == before and not self.over(other, day):
                    self.move_end(other, end, day)
        elif term.start is not None and end <= term.start:
            term.dead = True  # it would end before it begins
        else:
            term.end = end


def softly(target: Any) -> Select:
    """A part of a truce that finds nothing is skipped."""
    return Select(ids=(target,), missing="skip") if isinstance(target, str) else evolve(
        target, missing="skip")


def brought_about(truce: Truce) -> list[Any]:
    """The plain acts of a truce, as its fields state them; a part's own terms come first."""
    law = None if truce.threat else truce.enacted or truce.announced or truce.start
    head: dict[str, Any] = {"announced": truce.announced or law or truce.start, "enacted": law,
                            "cause": truce.id}
    only = Only() if truce.everywhere else Only(
        importers=truce.parties, exporters=truce.parties)
    acts: list[Any] = [a if a.cause else evolve(a, cause=truce.id) for a in truce.acts]
    for n, (target, duty) in enumerate(truce.amends, 1):
        acts.append(Amend(id=f"{truce.id}/amend-{n}", target=softly(target), duty=duty, only=only,
                          effective=truce.start, **head))
    for n, target in enumerate(truce.terminates, 1):
        acts.append(Terminate(id=f"{truce.id}/terminate-{n}", target=softly(target), only=only,
                              effective=truce.start, **head))
    for n, part in enumerate(truce.suspends, 1):
        own = {k: getattr(part, k) for k in ("start", "until", "residual", "then")
               if getattr(part, k) is not None}
        terms = {k: own.get(k, getattr(truce, k)) for k in ("start", "until", "residual", "then")}
        acts.append(Suspend(id=part.id or f"{truce.id}/suspend-{n}", target=softly(part.select),
                            only=only, effective=terms["start"], until=terms["until"],
                            duty=terms["residual"], then=terms["then"], **head))
    for name in truce.withdraws:
        acts.append(Terminate(id=f"{truce.id}/withdraw-{name}", target=name,
                              effective=law or truce.start, **head))
    for name, end in truce.extends:
        acts.append(Reschedule(id=f"{truce.id}/extend-{name}", act=name,
                               until=truce.until if end is None else end, **head))
    return acts


def expanded(changes: Any) -> tuple[list[Any], dict[str, Truce], list[Milestone]]:
    acts, truces, milestones = [], {}, []
    for change in changes:
        if isinstance(change, Truce):
            truces[change.id] = change
            acts += brought_about(change)
            milestones += [
                evolve(m, until=m.until or change.until, cause=m.cause or change.id)
                for m in change.also if not isinstance(m, str)]
        elif isinstance(change, EscalationStep):
            acts += change.acts()
        elif isinstance(change, Milestone):
            milestones.append(change)
        else:
            acts.append(change)
    return acts, truces, milestones


def settled(acts: list[Any], truces: dict[str, Truce], milestones: list[Any]) -> tuple[
        Book, set[str]]:
    """The clocks of all acts once every act on acts is carried out, and which those were."""
    book = Book({}, {})
    for act in acts:
        end = act.measure.until if isinstance(act, Impose) else getattr(act, "until", None)
        book.terms[act.id] = Term(act, act.effective, end)
    for m in milestones:
        book.terms[m.id] = Term(m, m.date, m.until)
    for item in (*acts, *milestones):
        if item.cause is not None:
            book.parts.setdefault(item.cause, []).append(item.id)
    for name, truce in truces.items():
        book.terms[name] = Term(truce, truce.start, truce.until)
    done: set[str] = set()
    law = [a for a in acts if a.enacted is not None and isinstance(a, (Terminate, Reschedule))]
    law.sort(key=lambda a: (a.enacted, isinstance(a, Reschedule), a.known, a.id))
    for act in law:
        if book.terms[act.id].dead:
            continue
        if isinstance(act, Reschedule):
            rescheduled(book, act)
            done.add(act.id)
        elif withdrawn(book, act):
            done.add(act.id)
    return book, done


def rescheduled(book: Book, act: Reschedule) -> None:
    term, day = book.terms[act.act], act.enacted
    if book.over(act.act, day):
        raise Impossible(f"{act.act} has run out on {day}")
    if isinstance(term.item, Truce):
        moved = 0
        longer = act.until is not None and act.until > (term.end or NEVER)
        for name in book.parts.get(act.act, ()):
            part = book.terms[name]
            ends = isinstance(part.item, (Suspend, Milestone)) or (
                isinstance(part.item, Reschedule) and part.item.enacted is not None
            ) or part.end is not None
            if book.over(name, day):
                continue
            if act.effective is not None and part.start == term.start:
                part.start = act.effective
                moved += 1
            if act.until is None or not ends:
                continue
            if part.end != term.end and (
                longer or (part.end is not None and part.end < act.until)
            ):
                continue  # a part with a term of its own keeps it, and ends with the truce
            book.move_end(name, act.until, day)
            moved += 1
        if not moved:
            raise Impossible(f"nothing is left of {act.act}")
        term.start = act.effective or term.start
        term.end = act.until or term.end
        return
    if act.effective is not None:
        if term.start is not None and term.start < day:
            raise Impossible(f"{act.act} took effect on {term.start}")
        term.start = act.effective
    if act.until is not None:
        if isinstance(term.item, Terminate):
            raise Impossible("an end for good has no end")
        book.move_end(act.act, act.until, day)
    elif term.start is not None and term.end is not None and term.end <= term.start:
        term.dead = True


def withdrawn(book: Book, act: Terminate) -> bool:
    """Withdraw what has not taken effect, end what runs; ``False`` if it is about measures."""
    if not isinstance(act.target, str) or act.target not in book.terms:
        return False
    term, day = book.terms[act.target], act.effective
    if isinstance(term.item, Truce):
        for name in book.parts.get(act.target, ()):
            part = book.terms[name]
            if part.start is not None and part.start >= day:
                part.dead = True
            elif isinstance(part.item, (Suspend, Milestone)) and (part.end or NEVER) > day:
                part.end = day
        term.end = day
        return True
    if term.start is not None and term.start < day:
        if isinstance(term.item, Impose):
            return False
        if not isinstance(term.item, (Suspend, Milestone)):
            raise Impossible(f"{act.target} took effect on {term.start}")
        term.end = min(day, term.end or NEVER)
        return True
    term.dead = True
    return True


# -- the replay ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Overlay:
    start: dt.date
    announced: dt.date
    id: str
    end: dt.date
    residual: Any
    then: str


@dataclass(frozen=True)
class Holding:
    """A measure on one line and origin: its base, and the suspensions over it."""

    duties: tuple[Any, ...]  # the duty imposed and all later changes of it
    coverage: Any
    group: str
    precedence: int
    end: dt.date
    overlays: tuple[Overlay, ...] = ()

    @property
    def governing(self) -> Overlay | None:
        return max(self.overlays, key=lambda o: (o.start, o.announced, o.id), default=None)


Cells = dict[tuple[Atom, str], Holding]


@dataclass
class World:
    """What holds on a day: measure → (origin, line) → holding."""

    schedule: TariffSchedule
    codes: tuple[str, ...]
    book: Book
    measures: dict[str, Any]
    cells: dict[str, Cells] = field(default_factory=dict)
    idle: dt.date | None = None  # nothing ends before this day
    skipped: set[str] = field(default_factory=set)  # acts that found nothing

    def begin(self, measure: Any, end: dt.date | None, day: dt.date = dt.date.min) -> None:
        if any(lasts(a, day) for a, _ in self.cells.get(measure.id, {})):
            raise Impossible(f"{measure.id} is in force already")
        self.cells[measure.id] = {
            (a, c): Holding((measure.duty,), measure.coverage, measure.group, measure.precedence,
                            end or NEVER)
            for a in atoms() if is_in(measure.scope.exporters, a)
            for c in self.codes if holds(measure.scope.products, c)
        }

    def expire(self, day: dt.date) -> bool:
        """End what ends on a day; whether anything did."""
        ends = (e for cells in self.cells.values() for h in cells.values()
                for e in (h.end, *(o.end for o in h.overlays)))
        if self.idle is not None and day < self.idle:
            return False
        self.idle = min(ends, default=NEVER)
        if day < self.idle:
            return False
        self.idle, some = None, False
        for cells in self.cells.values():
            for key, held in list(cells.items()):
                over = [o for o in held.overlays if o.end <= day]
                if held.end <= day or any(o.then == "terminate" for o in over):
                    del cells[key]
                elif over:
                    left = tuple(o for o in held.overlays if o.end > day)
                    cells[key] = replace(held, overlays=left)
                else:
                    continue
                some = True
        return some

    # -- who is meant ---------------------------------------------------------------------

    def names(self, target: Any, seen: frozenset[str] = frozenset()) -> list[str]:
        """The measures an id or a Select means, before origins and groups of cells."""
        if isinstance(target, str):
            if target in self.measures:
                return [target]
            act = self.book.terms[target].item
            if target in seen:
                raise Impossible(target)
            if isinstance(act, Impose):
                return [act.measure.id]
            inner = act.act if isinstance(act, Reschedule) else act.target
            found = self.names(inner, seen | {target})
            if isinstance(inner, Select) and inner.group:
                found = [n for n in found
                         if any(h.group == inner.group for h in self.cells.get(n, {}).values())]
            return found
        found = [n for i in target.ids for n in self.names(i, seen)] or (
            [] if target.ids else list(self.measures)
        )
        return [
            n for n in dict.fromkeys(found)
            if target.authority in (None, self.measures[n].authority)
            and target.importer in (None, self.measures[n].scope.importer)
        ]

    def meant(self, act: Any, day: dt.date) -> dict[str, list[tuple[Atom, str]]]:
        """The cells an act is about, by measure."""
        select = act.target if isinstance(act.target, Select) else None
        out = {}
        for name in self.names(act.target):
            importer = self.measures[name].scope.importer
            sides = act.only.importers
            inside = (importer in MEMBERS and "EU" in sides.include) or "ALL" in sides.include or (
                importer in sides.include
            )
            if not inside:
                continue
            out[name] = [
                (a, c) for (a, c), held in self.cells.get(name, {}).items()
                if is_in(act.only.exporters, a) and holds(act.only.products, c) and lasts(a, day)
                and (select is None or select.exporter is None or a[0] == select.exporter)
                and (select is None or select.group in (None, held.group))
            ]
        return out

    # -- one act --------------------------------------------------------------------------

    def apply(self, act: Any, term: Term) -> None:
        self.idle = None
        if isinstance(act, Impose):
            self.begin(act.measure, term.end, term.start)
            return
        touched = 0
        for name, keys in self.meant(act, term.start).items():
            cells = self.cells.get(name, {})
            touched += len(keys)
            if isinstance(act, Amend) and (act.products or act.exporters) is not None:
                if keys:
                    self.rescope(act, name, keys, term)
                continue
            for key in keys:
                if isinstance(act, Terminate):
                    del cells[key]
                elif isinstance(act, Suspend):
                    over = Overlay(term.start, act.known, act.id, term.end or NEVER, act.duty,
                                   act.then)
                    cells[key] = replace(cells[key], overlays=(*cells[key].overlays, over))
                else:
                    cells[key] = self.amended(cells[key], act, term)
        skips = isinstance(act.target, Select) and act.target.missing == "skip"
        if not touched and not skips:
            raise Impossible(f"{act.id} finds nothing")
        if not touched:
            self.skipped.add(act.id)

    @staticmethod
    def amended(held: Holding, act: Amend, term: Term) -> Holding:
        return replace(
            held,
            duties=held.duties if act.duty is None else (*held.duties, act.duty),
            coverage=held.coverage if act.coverage is None else act.coverage,
            group=act.group or held.group,
            precedence=held.precedence if act.precedence is None else act.precedence,
            end=term.end or held.end,
        )

    def rescope(self, act: Amend, name: str, keys: list[tuple[Atom, str]], term: Term) -> None:
        """A new whole scope for the part an act is about. What is added bears what that part
        bears, if that is one thing."""
        cells = self.cells[name]
        part = {k: cells[k] for k in keys}
        origins = {a for a, _ in part} if act.exporters is None else {
            a for a in atoms() if is_in(act.exporters, a)}
        lines = {c for _, c in part} if act.products is None else {
            c for c in self.codes if holds(act.products, c)}
        scope = [(a, c) for a in origins for c in lines
                 if is_in(act.only.exporters, a) and holds(act.only.products, c)]
        pattern = next(iter(part.values()))
        if set(scope) - set(cells) and len({
            (h.duties, h.coverage, h.group, h.precedence, h.end) for h in part.values()
        }) > 1:
            raise Widened(f"{act.id} widens {name}, whose parts differ")
        common = tuple(o for o in pattern.overlays
                       if all(o in h.overlays for h in part.values()))
        fresh = replace(pattern, overlays=common)
        self.cells[name] = {
            **{k: h for k, h in cells.items() if k not in part},
            **{k: self.amended(part.get(k, fresh), act, term) for k in scope
               if k in part or k not in cells},
        }


def cells_on(schedule: TariffSchedule, changes: Any, days: list[dt.date],
             codes: tuple[str, ...]) -> dict[dt.date, dict[str, Cells]]:
    """What holds on each of *days* (consecutive), for every atom and line."""
    acts, truces, milestones = expanded(changes)
    book, done = settled(acts, truces, milestones)
    measures = {m.id: m for m in schedule.measures}
    for act in acts:
        if isinstance(act, Impose):
            measures.setdefault(act.measure.id, act.measure)
    live = [a for a in acts if a.id not in done and not book.terms[a.id].dead
            and a.enacted is not None and not isinstance(a, Reschedule)]
    world = World(schedule, codes, book, measures)
    for m in schedule.measures:
        world.begin(m, m.until)
    order = (Terminate, Impose, Amend, Suspend)
    first = min([days[0], *(book.terms[a.id].start for a in live)])
    out: dict[dt.date, dict[str, Cells]] = {}
    shown: dict[str, Cells] | None = None
    day = first
    while day <= days[-1]:
        if world.expire(day):
            shown = None
        todays = [a for a in live if book.terms[a.id].start == day]
        for act in sorted(todays, key=lambda a: (order.index(type(a)), a.known, a.id)):
            world.apply(act, book.terms[act.id])
            shown = None
        if shown is None:  # days alike share one value
            shown = {n: dict(c) for n, c in world.cells.items() if c}
        if day >= days[0]:
            out[day] = shown
        day += DAY
    late = [a for a in live if book.terms[a.id].start > days[-1]]
    assert not late, "acts after the window"
    for name in truces:
        caused = book.parts.get(name, ())
        if caused and world.skipped.issuperset(caused):
            raise Impossible(f"{name} is about nothing")
    return out


# -- stacking -----------------------------------------------------------------------------


def product(*factors: float) -> float:
    """Nothing of anything is nothing, even of an unknown."""
    return 0.0 if 0.0 in factors else math.prod(factors)


def less(duty: float, base: float) -> float:
    return NAN if math.isnan(duty - base) else max(0.0, duty - base)


def stacked(world: dict[str, Cells], plan: Any, importer_of: dict[str, str], importer: str,
            key: tuple[Atom, str]) -> dict[str, float]:
    """What each measure contributes on one cell, in the order of the plan."""
    out: dict[str, float] = {}
    claims: dict[str, float] = {}
    sums: dict[str, float] = {}
    for group in plan.groups:
        rows = []  # (measure, duty, coverage, precedence) of what claims
        for name in sorted(world):
            held = world[name].get(key)
            if held is None or held.group != group.name or importer_of[name] != importer:
                continue
            base = under(held.duties, key[1])
            duty, over = base.rate, held.governing
            if over is not None:
                duty = held_back(base, over.residual).rate
                level = getattr(over.residual, "rate", 0.0)
                if duty == 0 and not (level > 0 and base.rate == 0):
                    out[name] = 0.0
                    continue  # suspended to nothing it claims nothing
            rows.append((name, duty, share(held.coverage, key[1]), held.precedence))
        takes, claim = taken(group.within, rows)
        free = product(*(1.0 - claims[n] for n in dict.fromkeys(group.yields)))
        base_sum = sum(sums[n] for n in dict.fromkeys(group.floors))
        for (name, duty, _, _), take in zip(rows, takes, strict=True):
            out[name] = product(free, take, less(duty, base_sum))
        claims[group.name] = claim
        sums[group.name] = sum(out[r[0]] for r in rows)
    return out


def known_first(value: float) -> tuple[bool, float]:
    """A key that sorts what is unknown last, and all unknowns alike."""
    return (True, 0.0) if math.isnan(value) else (False, value)


def taken(within: str, rows: list[Any]) -> tuple[list[float], float]:
    """The share each measure of a group takes, and the share the group claims."""
    shares = [r[2] for r in rows]
    if within == "sum":
        total = sum(shares)
        return shares, NAN if math.isnan(total) else min(1.0, total)
    live = [n for n in range(len(rows)) if shares[n] != 0]
    if within == "first":
        ranks = [rows[n][3] for n in live]
        if len(set(ranks)) < len(ranks):
            raise Impossible("two measures of one precedence")
        order = sorted(live, key=lambda n: -rows[n][3])
        unsure = False
    else:
        # The highest duty goes first. Of equal duties the order is of no consequence, so what
        # is known of them is taken first. Whom an unknown duty stands before is unknown.
        unsure = len(live) > 1 and any(math.isnan(rows[n][1]) for n in live)
        order = sorted(live, key=lambda n: (known_first(-rows[n][1]), known_first(-shares[n])))
    takes, left = [0.0] * len(rows), 1.0
    for n in order:
        takes[n] = product(shares[n], left)
        left -= takes[n]
    if unsure:
        for n in live:
            takes[n] = NAN
    return takes, 1.0 - left
