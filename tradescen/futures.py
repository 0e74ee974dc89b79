"""What was drawn: many futures, and which of them are alike but for days in between and rates.

What is in force on a day follows from the order of events, not from how many days lie between
them; no act counts days but rules and shifts. So all draws whose dates stand in one order, to
each other and to every day the law names, are one pattern. Where rules answer or acts are
shifted, only draws alike to the day are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from tradescen.engine.table import draw_of
from tradescen.errors import InvalidValue
from tradescen.sampling import Vary
from tradescen.timeline.course import resolved
from tradescen.timeline.fork import Fork
from tradescen.timeline.rules import RULES
from tradescen.timeline.spells import Timeline
from tradescen.timeline.verbs import VERBS, Shift
from tradescen.vocab.countries import CountrySet, is_group
from tradescen.vocab.hs import ByProduct, ProductSet
from tradescen.vocab.source import Source

if TYPE_CHECKING:
    from tradescen.scenario import Scenario

__all__ = ["Futures", "futures", "patterns"]

Ints = NDArray[np.int64]
DAY = dt.timedelta(days=1)


@frozen(eq=False, kw_only=True)
class Futures:
    """What was drawn.

    Args:
        ways: The scenario along each of its paths; no fork is left in them.
        way: The path of each draw.
        sample: Changes in their order, some of them :class:`Vary`.
        values: By (place in the sample, field): the value in each draw.
    """

    ways: tuple[Scenario, ...]
    way: Ints
    sample: tuple[Any, ...]
    values: dict[tuple[int, str], list[Any]]
    _made: dict[Any, Any] = field(factory=dict, init=False)

    @cached_property
    def dated(self) -> frozenset[tuple[int, str]]:
        """The fields in which every draw has a day."""
        return frozenset(at for at, given in self.values.items()
                         if all(isinstance(v, dt.date) for v in given))

    def change(self, k: int, n: int, open_rates: bool = False) -> Any:
        """The *k*-th change of the *n*-th draw; with open rates these stay to be drawn."""
        one = self.sample[k]
        if not isinstance(one, Vary):
            return one
        values = {
            name: draw_of(f"{k}.{name}") if open_rates and one.rated(name)
            else self.values[k, name][n]
            for name, _ in one.fields
        }
        told = [_known_by(v) for v in values.values()]
        if any(kind is None for kind, _ in told):
            return one.with_values(values)
        key = (k, *told)
        if key not in self._made:  # the same change is the same object, folded once
            self._made[key] = one.with_values(values)
        return self._made[key]

    def changes(self, n: int, open_rates: bool = False) -> tuple[Any, ...]:
        """The changes of the *n*-th draw."""
        return tuple(self.change(k, n, open_rates) for k in range(len(self.sample)))

    def scenario(self, n: int) -> Scenario:
        """The *n*-th future."""
        base: Scenario = self.ways[int(self.way[n])]
        return base.then(*self.changes(n), name="draw")

    def timeline(self, n: int, end: dt.date, open_rates: bool) -> Timeline:
        """What holds when in the *n*-th future."""
        base: Scenario = self.ways[int(self.way[n])]
        schedule, made = base.schedule, base.changes
        for change in self.changes(n, open_rates):
            schedule, made = (change.apply(schedule, made) if isinstance(change, VERBS)
                              else (schedule, (*made, change)))
        if any(isinstance(c, RULES) for c in made):
            held: Timeline = evolve(base, schedule=schedule, changes=made).fold(until=end + DAY)
            return held
        return resolved("draw", 1.0, schedule, made).fold()

    @property
    def counts_days(self) -> bool:
        """Whether something counts days from one event to another."""
        kinds = (*RULES, Shift)
        given = [c.change if isinstance(c, Vary) else c for c in self.sample]
        return any(isinstance(c, kinds) for c in (*given, *(c for w in self.ways
                                                            for c in w.changes)))


def _known_by(value: Any) -> tuple[Any, Any]:
    """By what a value drawn is told from others: itself, or its identity (a table of duties)."""
    try:
        hash(value)
    except TypeError:
        return None, id(value)
    return type(value), value


def futures(scenario: Scenario, sample: Sequence[Any], draws: int, seed: int) -> Futures:
    """Draw branches by their odds, then every field that varies.

    Raises:
        InvalidValue: for a fork in the sample; it belongs into the scenario.
    """
    for one in sample:
        if isinstance(one.change if isinstance(one, Vary) else one, Fork):
            raise InvalidValue(
                "a fork in the sample cannot be drawn; add it to the scenario with .then(…), and "
                "its branches are drawn by their odds", value=one,
            )
    paths = scenario.paths()
    odds = np.array([p.probability for p in paths])
    way = np.zeros(draws, dtype=np.int64) if len(paths) == 1 else (
        np.random.default_rng([seed, 0]).choice(len(paths), size=draws, p=odds / odds.sum()))
    values: dict[tuple[int, str], list[Any]] = {}
    for k, one in enumerate(sample):
        for n, (name, given) in enumerate(one.fields if isinstance(one, Vary) else ()):
            values[k, name] = given.draw(np.random.default_rng([seed, 1, k, n]), draws)
    ways = tuple(scenario.along(p.name) for p in paths) if scenario.forks else (scenario,)
    return Futures(ways=ways, way=way, sample=tuple(sample), values=values)


def _dates(value: Any, out: set[dt.date]) -> None:
    """All days named in a value."""
    if isinstance(value, dt.date):
        out.add(value)
    elif isinstance(value, CountrySet):
        out.update(value.cuts())
    elif isinstance(value, (ProductSet, ByProduct, Source, str, float, int)):
        return
    elif attrs.has(type(value)):
        for a in attrs.fields(type(value)):
            _dates(getattr(value, a.name), out)
    elif isinstance(value, dict):
        for one in value.items():
            _dates(one, out)
    elif isinstance(value, (tuple, list, frozenset, set)):
        for one in value:
            _dates(one, out)


def _fixed(drawn: Futures, chosen: Iterable[tuple[int, str, int]]) -> Ints:
    """The days the law and the sample name, and those in fields of some draws:
    (place in the sample, field, draw)."""
    out: set[dt.date] = set()
    seen: set[int] = set()
    for way in drawn.ways:
        for one in (*way.schedule.measures, *way.changes):
            if id(one) not in seen:
                seen.add(id(one))
                _dates(one, out)
        sides = {m.scope.importer for m in way.schedule.measures}
        out.update(d for i in sides if is_group(i) for d in CountrySet((i,)).cuts())
    for one in drawn.sample:
        _dates(one.change if isinstance(one, Vary) else one, out)
    for k, name, n in chosen:
        _dates(getattr(drawn.change(k, n), name, None), out)
    return np.array(sorted(d.toordinal() for d in out), dtype=np.int64)


def patterns(drawn: Futures, open_rates: bool) -> tuple[Ints, Ints]:
    """The pattern of each draw, and the first draw of each pattern."""
    columns: list[Ints] = [drawn.way]
    days: list[Ints] = []
    chosen: list[tuple[int, str, int]] = []
    for (k, name), given in drawn.values.items():
        if open_rates and drawn.sample[k].rated(name):
            continue
        if (k, name) in drawn.dated and not drawn.counts_days:
            days.append(np.array([d.toordinal() for d in given], dtype=np.int64))
        else:
            first_of: dict[Any, int] = {}
            columns.append(np.array([first_of.setdefault(_known_by(v), n)
                                     for n, v in enumerate(given)]))
            chosen += [(k, name, n) for n in first_of.values()]
    fixed = _fixed(drawn, chosen) if days else np.zeros(0, dtype=np.int64)
    for n, one in enumerate(days):
        columns.append(np.searchsorted(fixed, one) + np.searchsorted(fixed, one, side="right"))
        columns += [np.sign(one - other) for other in days[:n]]
    _, first, of = np.unique(np.stack(columns, axis=1), axis=0, return_index=True,
                             return_inverse=True)
    return of.reshape(-1).astype(np.int64), first.astype(np.int64)
