"""The verbs on changes: each takes changes and returns new ones. Nothing is altered in place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from attrs import evolve

from tradescen.errors import ConflictingActs, InvalidValue, UnknownName
from tradescen.law.schedule import TariffSchedule
from tradescen.timeline.acts import (
    ACTS,
    Act,
    Impose,
    Milestone,
    Reschedule,
    Select,
    Target,
    Terminate,
)
from tradescen.timeline.escalation import Escalation, EscalationStep
from tradescen.timeline.fork import Fork
from tradescen.timeline.truce import Pause, Truce
from tradescen.vocab.source import Source

__all__ = ["act_known", "as_known", "enact", "find", "fresh_id", "plain_acts", "pruned", "shift",
           "shifted", "without"]

Change = Any  # acts, milestones, truces, escalations, forks: see course.Change
Changes = tuple[Change, ...]


def plain_acts(change: Change) -> tuple[Act, ...]:
    """The plain acts a change stands for; none for a milestone or a fork."""
    if isinstance(change, ACTS):
        return (change,)
    if isinstance(change, Truce):
        return change.expand()
    if isinstance(change, (EscalationStep, Escalation)):
        return change.acts()
    return ()


def find(changes: Changes, name: str) -> tuple[Change, Any]:
    """The change that bears or holds the id *name*, and what bears it.

    Raises:
        UnknownName: if nothing does.
    """
    known: list[str] = []
    for change in changes:
        if change.id == name:
            return change, change
        known.append(change.id)
        inside: tuple[Any, ...] = ()
        if isinstance(change, Truce):
            inside = (*change.acts, *(m for m in change.also if isinstance(m, Milestone)),
                      *change.expand())
        elif isinstance(change, Escalation):
            inside = change.steps
        for item in inside:
            if item.id == name:
                return change, item
            known.append(item.id)
    imposing = [a.id for c in changes for a in plain_acts(c)
                if isinstance(a, Impose) and a.measure.id == name]
    if imposing:
        raise UnknownName(
            f"{name!r} is a measure, not an act; the act that imposes it is {imposing[0]!r}",
            name=name, near=(imposing[0],),
        )
    raise UnknownName.among("act or truce", name, known)


def fresh_id(changes: Changes, name: str) -> str:
    """*name*, or *name* with a number if it is taken."""
    taken = {c.id for c in changes} | {a.id for c in changes for a in plain_acts(c)}
    n, found = 1, name
    while found in taken:
        n += 1
        found = f"{name}-{n}"
    return found


# -- as known on a day ------------------------------------------------------------------


def act_known(act: Act, on: dt.date) -> Act | None:
    """An act as known on the evening of a day; ``None`` before it was announced."""
    if act.known > on:
        return None
    if act.enacted is not None and act.enacted > on:
        return evolve(act, announced=act.known, enacted=None)
    return act


def _known(change: Any, on: dt.date) -> Any:
    if isinstance(change, ACTS):
        return act_known(change, on)
    if isinstance(change, Milestone):
        return change if change.known <= on else None
    if isinstance(change, EscalationStep):
        (act,) = change.acts()
        if act.known > on:
            return None
        if act.enacted is not None and act.enacted > on:
            return evolve(change, announced=act.known, enacted=None, threat=True)
        return change
    if isinstance(change, Escalation):
        steps = tuple(s for s in (_known(s, on) for s in change.steps) if s is not None)
        return evolve(change, steps=steps) if steps else None
    if isinstance(change, Fork):
        return _each_branch(change, lambda one: _known(one, on))
    if not isinstance(change, Truce):
        return change  # a verb or rule: what an analyst assumes, not what was announced
    if change.known > on:
        return None
    law = change.law
    kept: dict[str, Any] = {
        "acts": tuple(a for a in (act_known(a, on) for a in change.acts) if a is not None),
        "also": tuple(m for m in change.also if isinstance(m, str) or m.known <= on),
    }
    if law is not None and law > on:
        return evolve(change, announced=change.known, enacted=None, threat=True, **kept)
    return evolve(change, **kept)


def as_known(changes: Changes, on: dt.date) -> Changes:
    """What was announced on or before *on* (the evening); what became law later is a threat."""
    left = tuple(c for c in (_known(c, on) for c in changes) if c is not None)
    named = {c.id for c in left if isinstance(c, Milestone)}
    return tuple(
        evolve(c, also=tuple(m for m in c.also if not isinstance(m, str) or m in named))
        if isinstance(c, Truce) and any(isinstance(m, str) for m in c.also)
        else c
        for c in left
    )


def _each_branch(fork: Fork, how: Callable[[Change], Change | None]) -> Fork:
    return evolve(fork, branches=tuple(
        evolve(b, changes=tuple(c for c in map(how, b.changes) if c is not None))
        for b in fork.branches
    ))


# -- enacting a threat ------------------------------------------------------------------


def _assumed(source: Source | None, day: dt.date) -> Source:
    """The source of an act that only a scenario enacts: it says so before all else."""
    told = "" if source is None else f"; the threat: {source.citation}"
    return Source(citation=f"assumed in this scenario: enacted on {day}{told}",
                  note="" if source is None else source.note)


def _enacted(item: Any, on: dt.date | None, ends: dt.date | None) -> Any:
    if isinstance(item, (Truce, EscalationStep)):
        if not item.threat:
            raise ConflictingActs(f"{item.id} is law already", id=item.id)
        begins: dt.date = item.start if isinstance(item, Truce) else item.effective
        day = on or begins
        if day < item.known:
            raise InvalidValue(
                f"{item.id} was announced on {item.known}; it cannot be enacted on {day}",
                id=item.id,
            )
        new: dict[str, Any] = {"threat": False, "enacted": day, "announced": item.known,
                               "source": _assumed(item.source, day)}
        new["start" if isinstance(item, Truce) else "effective"] = max(begins, day)
        if isinstance(item, Truce):
            new["acts"] = tuple(
                _enacted(a, day, ends) if a.enacted is None else a for a in item.acts
            )
        return evolve(item, **new)
    if isinstance(item, Escalation):
        return evolve(item, steps=tuple(
            _enacted(s, on, ends) if s.threat else s for s in item.steps
        ))
    if not isinstance(item, ACTS):
        raise InvalidValue(f"{item.id} is a {type(item).__name__}; only acts are enacted")
    if item.enacted is not None:
        raise ConflictingActs(
            f"{item.id} is law already, since {item.enacted}; there is nothing to enact",
            id=item.id,
        )
    first: dt.date | None = item.effective
    last = on or first or ends
    if last is None:
        raise InvalidValue(
            f"{item.id} names no day on which it would take effect; say when it is enacted "
            "(on=…)",
            id=item.id,
        )
    if last < item.known:
        raise InvalidValue(
            f"{item.id} was announced on {item.known}; it cannot be enacted on {last}",
            id=item.id,
        )
    if not isinstance(item, Reschedule):
        first = max(first or last, last)
    return evolve(item, announced=item.known, enacted=last, effective=first,
                  source=_assumed(item.source, last))


def _replace(changes: Changes, name: str, how: Callable[[Any], Any]) -> Changes:
    change, item = find(changes, name)
    if change is item:
        new = how(change)
    elif isinstance(change, Escalation):
        new = evolve(change, steps=tuple(how(s) if s.id == name else s for s in change.steps))
    elif isinstance(change, Truce) and any(a.id == name for a in change.acts):
        new = evolve(change, acts=tuple(how(a) if a.id == name else a for a in change.acts))
    else:
        raise InvalidValue(
            f"{name} is a part of the truce {change.id}; do this to the truce itself", id=name
        )
    return tuple(new if c is change else c for c in changes)


def enact(changes: Changes, name: str, on: dt.date | None, ends: dt.date | None) -> Changes:
    """A threat becomes law on *on*, by default on the day it would take effect.

    *ends* is the present end of what a threatened extension prolongs: the day it would take
    effect.
    """
    for change in changes:
        for act in plain_acts(change):
            if isinstance(act, Terminate) and act.target == name and act.enacted is not None:
                raise ConflictingActs(
                    f"{name} was withdrawn by {act.id} on {act.enacted}, so enacting it changes "
                    f"nothing; take that out first: .without({act.id!r}), or go back in time "
                    "with .as_known(…)",
                    id=name, target=act.id,
                )
    return _replace(changes, name, lambda item: _enacted(item, on, ends))


# -- moving in time ---------------------------------------------------------------------

_CLOCKS = ("announced", "enacted", "effective", "until", "start", "date", "on")


def shifted(item: Any, by: dt.timedelta) -> Any:
    """A change with all its clocks moved."""
    new: dict[str, Any] = {}
    for name in _CLOCKS:
        value = getattr(item, name, None)
        if isinstance(value, dt.date):
            new[name] = value + by
    if isinstance(item, Impose) and item.measure.until is not None:
        new["measure"] = evolve(item.measure, until=item.measure.until + by)
    if isinstance(item, EscalationStep) and item.measure and item.measure.until:
        new["measure"] = evolve(item.measure, until=item.measure.until + by)
    if isinstance(item, Truce):
        new["acts"] = tuple(shifted(a, by) for a in item.acts)
        new["also"] = tuple(m if isinstance(m, str) else shifted(m, by) for m in item.also)
        new["suspends"] = tuple(shifted(p, by) for p in item.suspends)
        new["extends"] = tuple(
            (name, None if until is None else until + by) for name, until in item.extends
        )
    if isinstance(item, Escalation):
        new["steps"] = tuple(shifted(s, by) for s in item.steps)
    return evolve(item, **new)


def shift(changes: Changes, name: str, days: int) -> Changes:
    """All clocks of an act move; a truce's end and the acts it caused move with it."""
    if not isinstance(days, int) or isinstance(days, bool):
        raise InvalidValue(f"days={days!r} is not a whole number of days", value=days)
    by = dt.timedelta(days=days)
    moved = _replace(changes, name, lambda item: shifted(item, by))
    return tuple(
        shifted(c, by) if getattr(c, "cause", None) == name and c.id != name else c
        for c in moved
    )


# -- taking out -------------------------------------------------------------------------


def _gone(target: Target, ids: set[str]) -> tuple[Target | None, bool]:
    """A target less the ids taken out, and whether it changed."""
    if isinstance(target, str):
        return (None, True) if target in ids else (target, False)
    left = tuple(i for i in target.ids if i not in ids)
    if left == target.ids:
        return target, False
    return (evolve(target, ids=left) if left else None), True


def _pruned_act(act: Act, ids: set[str]) -> Act | None:
    if act.id in ids:
        return None
    if isinstance(act, Impose):
        return None if act.measure.id in ids else act
    if isinstance(act, Reschedule):
        return None if act.act in ids else act
    target, changed = _gone(act.target, ids)
    if target is None:
        return None
    return evolve(act, target=target) if changed else act


def _pruned_truce(truce: Truce, ids: set[str]) -> Truce | None:
    if truce.id in ids:
        return None
    new: dict[str, Any] = {
        "acts": tuple(a for a in (_pruned_act(a, ids) for a in truce.acts) if a is not None),
        "amends": tuple(
            (left, change) for n, (target, change) in enumerate(truce.amends, 1)
            if f"{truce.id}/amend-{n}" not in ids and (left := _gone(target, ids)[0])
        ),
        "terminates": tuple(
            left for n, target in enumerate(truce.terminates, 1)
            if f"{truce.id}/terminate-{n}" not in ids and (left := _gone(target, ids)[0])
        ),
        "withdraws": tuple(
            a for a in truce.withdraws if not {a, f"{truce.id}/withdraw-{a}"} & ids
        ),
        "extends": tuple(
            e for e in truce.extends if not {e[0], f"{truce.id}/extend-{e[0]}"} & ids
        ),
        "also": tuple(
            m for m in truce.also if (m if isinstance(m, str) else m.id) not in ids
        ),
    }
    pauses: list[Pause] = []
    for n, pause in enumerate(truce.suspends, 1):
        target = _gone(pause.select, ids)[0]
        if target is not None and (pause.id or f"{truce.id}/suspend-{n}") not in ids:
            pauses.append(evolve(pause, select=target))
    new["suspends"] = tuple(pauses)
    if not any(new.values()):
        return None
    return evolve(truce, **new)


def pruned(change: Change, ids: set[str]) -> Change | None:
    """A change without what bears or names one of *ids*; ``None`` if nothing is left of it."""
    if isinstance(change, Truce):
        return _pruned_truce(change, ids)
    if isinstance(change, ACTS):
        return _pruned_act(change, ids)
    if isinstance(change, Escalation):
        steps = tuple(s for s in change.steps if pruned(s, ids) is not None)
        return evolve(change, steps=steps) if steps and change.id not in ids else None
    if isinstance(change, EscalationStep):
        if change.id in ids or (change.measure is not None and change.measure.id in ids):
            return None
        if change.target is not None and _gone(change.target, ids)[0] is None:
            return None
        return change
    if isinstance(change, Fork) and change.id not in ids:
        return _each_branch(change, lambda one: pruned(one, ids))
    return None if getattr(change, "id", None) in ids else change


def without(schedule: TariffSchedule, changes: Changes, ids: Iterable[str],
            authorities: tuple[str, ...]) -> tuple[TariffSchedule, Changes]:
    """Take measures and acts out, with every act on them; truces lose those parts.

    Raises:
        UnknownName: for an id or authority that names nothing.
    """
    gone = set(ids)
    acts = [a for c in changes for a in plain_acts(c)]
    imposed = {a.id: a.measure for a in acts if isinstance(a, Impose)}
    measures = {m.id: m for m in (*schedule.measures, *imposed.values())}
    known = {*measures, *(a.id for a in acts), *(c.id for c in changes),
             *(m.id for c in changes if isinstance(c, Truce)
               for m in c.also if isinstance(m, Milestone))}
    for name in gone:
        if name not in known:
            raise UnknownName.among("measure or act", name, known)
    for authority in authorities:
        of = {m.authority for m in measures.values()}
        if authority not in of:
            raise UnknownName.among("authority", authority, of)
        gone |= {name for name, m in measures.items() if m.authority == authority}
    if not gone:
        raise InvalidValue("without() takes out what it is given: name ids or an authority")
    # Taking out an act that imposes takes out its measure; taking out an act takes out what
    # acts on it.
    inner = {
        c.id: {*(a.id for a in c.expand()), *(m.id for m in c.also if isinstance(m, Milestone))}
        for c in changes if isinstance(c, Truce)
    }
    while True:
        more = {m.id for act_id, m in imposed.items() if act_id in gone} - gone
        more |= {i for truce, ids in inner.items() if truce in gone for i in ids} - gone
        more |= {a.id for a in acts if a.id not in gone and _pruned_act(a, gone) is None}
        if not more:
            break
        gone |= more
    left = tuple(c for c in (pruned(c, gone) for c in changes) if c is not None)
    still = {a.measure.id for c in left for a in plain_acts(c) if isinstance(a, Impose)}
    kept = tuple(m for m in schedule.measures if m.id not in gone)
    lost = {m.authority for m in measures.values()} - {
        m.authority for m in measures.values() if m.id in still or m in kept
    }
    left = tuple(c for c in (_unauthorised(c, lost) for c in left) if c is not None)
    return evolve(schedule, measures=kept), left


def _unauthorised(change: Change, lost: set[str]) -> Change | None:
    """Drop acts that select by an authority of which nothing is left."""

    def dead(target: Any) -> bool:
        return isinstance(target, Select) and target.authority in lost

    if isinstance(change, Truce):
        new: dict[str, Any] = {
            "acts": tuple(a for a in change.acts if not dead(getattr(a, "target", None))),
            "amends": tuple(a for a in change.amends if not dead(a[0])),
            "terminates": tuple(t for t in change.terminates if not dead(t)),
            "suspends": tuple(p for p in change.suspends if not dead(p.select)),
        }
        rest = (*change.withdraws, *change.extends, *change.also)
        return evolve(change, **new) if any(new.values()) or rest else None
    return None if dead(getattr(change, "target", None)) else change
