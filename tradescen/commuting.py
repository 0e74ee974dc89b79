"""Which changes do not commute: pairs that come to something else in the other order.

Acts commute by construction: a scenario holds them as a set and the law orders them by their
days. A verb reads what stands when it is applied, so its place in a list may matter.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from attrs import fields

from tradescen.errors import TradescenError
from tradescen.timeline.fork import Fork
from tradescen.timeline.spells import Spell, Timeline
from tradescen.timeline.verbs import VERBS

if TYPE_CHECKING:
    import pandas as pd

    from tradescen.scenario import Scenario

__all__ = ["clashes"]

COLUMNS = ("where", "first", "second", "kind", "message")
Found = tuple[str, str, str, str, str]


def clashes(scenario: Scenario, changes: Sequence[Any]) -> pd.DataFrame:
    """Pairs of *changes*, made in this order, that do not commute; see ``Scenario.clashes``."""
    import pandas as pd

    rows: list[Found] = []
    if changes:
        rows = _of(scenario, changes, "")
    else:
        for way in _branches(scenario.changes, ()):
            base, where, listed = way
            state = _made(scenario.named("whole"), base)
            if not isinstance(state, TradescenError):
                rows += _of(state, listed, where)
    return pd.DataFrame(list(dict.fromkeys(rows)), columns=list(COLUMNS))


Listed = tuple[tuple[Any, ...], str, tuple[Any, ...]]


def _branches(changes: Sequence[Any], names: tuple[str, ...]) -> list[Listed]:
    """The list of each branch of each fork: what stands without the fork, where, the list."""
    out: list[Listed] = []
    for fork in (c for c in changes if isinstance(c, Fork)):
        rest = tuple(c for c in changes if c is not fork)
        for branch in fork.branches:
            where = (*names, fork.name, branch.name)
            out.append((rest, "/".join(where), branch.changes))
            inner = [c for c in branch.changes if isinstance(c, Fork)]
            if inner:
                plain = [c for c in (*rest, *branch.changes) if not isinstance(c, Fork)]
                out += _branches((*plain, *inner), where)
    return out


def _of(scenario: Scenario, changes: Sequence[Any], where: str) -> list[Found]:
    rows: list[Found] = []
    for j, second in enumerate(changes):
        for i, first in enumerate(changes[:j]):
            if not isinstance(first, VERBS) and not isinstance(second, VERBS):
                continue  # both are held as a set
            state = _then(scenario, changes[:i])
            if isinstance(state, TradescenError):
                continue  # told of an earlier pair
            there, back = _then(state, (first, second)), _then(state, (second, first))
            if isinstance(there, TradescenError):
                continue  # the second needs what lies between as well
            names = (where, _said(first), _said(second))
            if isinstance(back, TradescenError):
                rows.append((*names, "needs the first", f"the other way round: {back}"))
            elif (unlike := _unlike(there, back)) is not None:
                rows.append((*names, "order matters", unlike))
    return rows


def _then(scenario: Scenario, changes: Sequence[Any]) -> Scenario | TradescenError:
    try:
        return scenario.then(*changes)
    except TradescenError as error:
        return error


def _made(scenario: Scenario, changes: tuple[Any, ...]) -> Scenario | TradescenError:
    """The scenario with other changes; verbs among them are made after all others."""
    from attrs import evolve

    try:
        plain = evolve(scenario, changes=tuple(c for c in changes if not isinstance(c, VERBS)))
        return plain.then(*(c for c in changes if isinstance(c, VERBS)))
    except TradescenError as error:
        return error


def _said(change: Any) -> str:
    """The change, with what is not left at its default."""
    kind = type(change).__name__
    if not isinstance(change, VERBS):
        return f"{kind} {change.id}"
    given = {f.name: getattr(change, f.name) for f in fields(type(change))}
    name = given.pop("id", None)
    told = ", ".join(f"{k} {_plain(v)}" for k, v in given.items() if v not in (None, ()))
    return " ".join(part for part in (kind, name, told) if part)


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


# -- what differs -------------------------------------------------------------------------


def _unlike(one: Scenario, other: Scenario) -> str | None:
    """In words, the first thing in which two scenarios differ; ``None`` if they come to one."""
    if one.schedule == other.schedule and one.changes == other.changes:
        return None
    theirs = {p.name: p for p in other.paths()}
    for path in one.paths():
        if path.name not in theirs:
            return f"only in this order there is a path {path.name!r}"
        a, b = one.fold(path), other.fold(theirs[path.name])
        said = _charged(a, b) or _clocks(a, b)
        if said is not None:
            return said if not path.name else f"{path.name}: {said}"
    return None


def _held(s: Spell) -> tuple[Any, ...]:
    return (s.measure, s.status, str(s.duty), str(s.exporters), str(s.products), s.group,
            s.precedence, str(s.coverage))


def _charged(a: Timeline, b: Timeline) -> str | None:
    """The first day on which something else is held, and what."""
    days = sorted({d for t in (a, b) for s in t.spells for d in (s.start, s.end) if d is not None})
    for day in days:
        here, there = (_on(t, day) for t in (a, b))
        if here == there:
            continue
        name = min({h[0] for h in here ^ there})
        return (f"from {day} {name} is {_level(here, name)}; the other way round it is "
                f"{_level(there, name)}")
    return None


def _on(timeline: Timeline, day: dt.date) -> set[tuple[Any, ...]]:
    return {_held(s) for s in timeline.spells
            if s.start <= day and (s.end is None or day < s.end)}


def _level(held: set[tuple[Any, ...]], name: str) -> str:
    levels = sorted({f"{h[1]} at {h[2]}" for h in held if h[0] == name})
    return " and ".join(levels) or "not there"


def _clocks(a: Timeline, b: Timeline) -> str | None:
    """An act whose days differ, though nothing is charged otherwise: a threat, as a rule."""
    for name in sorted(set(a.records) | set(b.records)):
        one, other = _told(a, name), _told(b, name)
        if one != other and "" in (one, other):
            where = "only this way" if one else "only the other way round"
            if ", a threat" in (one or other):  # of law the duties have told already
                return f"{name} is there {where}"
        elif one != other:
            return f"{name} runs {one}; the other way round {other}"
    return None


def _told(timeline: Timeline, name: str) -> str:
    """The days of an act, and whether it is law; nothing if it is not there."""
    record = timeline.records.get(name)
    if record is None:
        return ""
    law = getattr(record.item, "enacted", dt.date.min) is not None
    kind = "" if law else ", a threat"
    gone = "" if record.withdrawn is None else f", withdrawn on {record.withdrawn}"
    return f"from {record.effective} to {record.until or 'no end'}{kind}{gone}"
