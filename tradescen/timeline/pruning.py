"""Taking measures and acts out of a course, with all that acts on them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import evolve

from tradescen.errors import InvalidValue, UnknownName
from tradescen.law.schedule import TariffSchedule
from tradescen.timeline.acts import (
    ACTS,
    Act,
    Impose,
    Milestone,
    Reschedule,
    Select,
    Target,
)
from tradescen.timeline.escalation import Escalation, EscalationStep
from tradescen.timeline.fork import Fork
from tradescen.timeline.moves import Change, Changes, each_branch, plain_acts
from tradescen.timeline.truce import Pause, Truce

__all__ = ["pruned", "without"]


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
        return each_branch(change, lambda one: pruned(one, ids))
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
    # acts on it; an authority of which nothing is left is selected in vain.
    inner = {
        c.id: {*(a.id for a in c.expand()), *(m.id for m in c.also if isinstance(m, Milestone))}
        for c in changes if isinstance(c, Truce)
    }
    while True:
        left = {m.authority for name, m in measures.items() if name not in gone}
        lost = {m.authority for m in measures.values()} - left
        more = {m.id for act_id, m in imposed.items() if act_id in gone} - gone
        more |= {i for truce, ids in inner.items() if truce in gone for i in ids} - gone
        more |= {a.id for a in acts if a.id not in gone and (
            _pruned_act(a, gone) is None or _by_authority(a) in lost)}
        more |= {c.id for c in changes if c.id not in gone and pruned(c, gone) is None}
        if not more:
            break
        gone |= more
    kept = tuple(m for m in schedule.measures if m.id not in gone)
    left_over = (pruned(c, gone) for c in changes)
    return evolve(schedule, measures=kept), tuple(c for c in left_over if c is not None)


def _by_authority(act: Act) -> str | None:
    """The authority an act selects by, if it does."""
    target = getattr(act, "target", None)
    return target.authority if isinstance(target, Select) else None
