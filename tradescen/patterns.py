"""Many futures at once: draws that differ only by dates in between and by rates are one pattern.

What is in force on a day follows from the order of events, not from how many days lie between
them; no act counts days but rules and shifts. So all draws whose dates stand in one order, to
each other and to every day the law names, share one fold, and a drawn rate stays open until
the kernel. Where rules answer or acts are shifted, only draws alike to the day share a fold.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from tradescen.engine.kernel import Floor, Outcome, outcome
from tradescen.engine.lower import Columns
from tradescen.engine.table import draw_of, is_drawn
from tradescen.errors import InvalidValue
from tradescen.frames.batch import Batch, batch, together
from tradescen.frames.rates import Trade, direction
from tradescen.frames.run import Run
from tradescen.sampling import Vary
from tradescen.simulation import lines_of
from tradescen.timeline.course import resolved
from tradescen.timeline.fork import Fork
from tradescen.timeline.rules import RULES
from tradescen.timeline.spells import Timeline
from tradescen.timeline.verbs import VERBS, Shift
from tradescen.vocab.countries import CountrySet
from tradescen.vocab.duty import Unknown
from tradescen.vocab.hs import ByProduct, ProductSet
from tradescen.vocab.source import Source

if TYPE_CHECKING:
    from tradescen.scenario import Scenario

__all__ = ["Futures", "OpenRates", "futures", "patterns", "rates_of"]

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
BLOCK = 4096  # draws and days evaluated at a time where rates are drawn
DAY = dt.timedelta(days=1)


class OpenRates(Exception):
    """A drawn rate met something that needs its number; the draws are folded one by one."""


@frozen(eq=False, kw_only=True)
class Futures:
    """What was drawn.

    Args:
        ways: The scenario along each of its paths.
        way: The path of each draw.
        sample: Changes in their order, some of them :class:`Vary`.
        values: By (place in the sample, field): the value in each draw.
    """

    ways: tuple[Scenario, ...]
    way: Ints
    sample: tuple[Any, ...]
    values: dict[tuple[int, str], list[Any]]
    _made: dict[Any, Any] = field(factory=dict, init=False)

    def changes(self, n: int, open_rates: bool = False) -> tuple[Any, ...]:
        """The changes of the *n*-th draw; with open rates these stay to be drawn."""
        out = []
        for k, one in enumerate(self.sample):
            if not isinstance(one, Vary):
                out.append(one)
                continue
            values = {
                name: draw_of(f"{k}.{name}") if open_rates and one.rated(name)
                else self.values[k, name][n]
                for name, _ in one.fields
            }
            key = (k, *values.values())
            if key not in self._made:  # the same change is the same object, folded once
                self._made[key] = one.with_values(values)
            out.append(self._made[key])
        return tuple(out)

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
    ways = (scenario,) if len(paths) == 1 else tuple(scenario.along(p.name) for p in paths)
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


def _fixed(drawn: Futures) -> Ints:
    out: set[dt.date] = set()
    seen: set[int] = set()
    for way in drawn.ways:
        for one in (*way.schedule.measures, *way.changes):
            if id(one) not in seen:
                seen.add(id(one))
                _dates(one, out)
    for one in drawn.sample:
        _dates(one.change if isinstance(one, Vary) else one, out)
    return np.array(sorted(d.toordinal() for d in out), dtype=np.int64)


def patterns(drawn: Futures, open_rates: bool) -> tuple[Ints, Ints]:
    """The pattern of each draw, and the first draw of each pattern."""
    columns: list[Ints] = [drawn.way]
    days: list[Ints] = []
    for (k, name), given in drawn.values.items():
        if open_rates and drawn.sample[k].rated(name):
            continue
        if isinstance(given[0], dt.date) and not drawn.counts_days:
            days.append(np.array([d.toordinal() for d in given], dtype=np.int64))
        else:
            known: dict[Any, int] = {}
            columns.append(np.array([known.setdefault(v, len(known)) for v in given]))
    fixed = _fixed(drawn) if days else np.zeros(0, dtype=np.int64)
    for n, one in enumerate(days):
        columns.append(np.searchsorted(fixed, one) + np.searchsorted(fixed, one, side="right"))
        columns += [np.sign(one - other) for other in days[:n]]
    _, first, of = np.unique(np.stack(columns, axis=1), axis=0, return_index=True,
                             return_inverse=True)
    return of.reshape(-1).astype(np.int64), first.astype(np.int64)


def _times(timeline: Timeline, rep: dict[str, dt.date], numbers: Ints,
           drawn: dict[str, Ints], days: Sequence[dt.date]) -> tuple[Ints, list[dt.date]]:
    """Where the days of some draws fall in the timeline of their pattern.

    Args:
        timeline: Of the pattern's first draw.
        rep: The days that draw has for each field that varies.
        numbers: The draws of the pattern.
        drawn: All days drawn, by field.
        days: The days asked for, sorted.

    Returns:
        For each (draw, day) the place of a day of the timeline, and these days.
    """
    edges = sorted({
        *(s.start for s in timeline.spells), *(s.end for s in timeline.spells if s.end is not None),
        *(d for one in {s.exporters for s in timeline.spells} for d in one.cuts()),
    })
    moving = {day: name for name, day in rep.items()}
    actual = np.stack([
        drawn[moving[e]][numbers] if e in moving
        else np.full(len(numbers), e.toordinal(), dtype=np.int64) for e in edges
    ], axis=1)
    asked = np.array([d.toordinal() for d in days], dtype=np.int64)
    passed = (actual[:, None, :] <= asked[None, :, None]).sum(axis=2)
    used, at = np.unique(passed, return_inverse=True)
    stand = [edges[max(0, int(j) - 1)] if j else dt.date.min for j in used]
    return at.reshape(passed.shape).astype(np.int64), stand


def rates_of(drawn: Futures, which: Sequence[Ints], reps: Sequence[int], base: Run,
             weights: Trade, days: Sequence[dt.date],
             open_rates: bool) -> tuple[Array, Array] | None:
    """Averages of some patterns' draws: (draws in their order, directions, days).

    Args:
        drawn: What was drawn.
        which: The draws of each pattern.
        reps: The draw that stands for each pattern.
        base: A run of one draw, for its window, origins and assumptions.
        weights: Trade by direction.
        days: Days, sorted.
        open_rates: Whether rates stay open while the law is folded.

    Returns:
        Rates and additional rates; ``None`` where trade cannot be placed for all at once.

    Raises:
        OpenRates: where a drawn rate cannot stay open.
    """
    moving = {f"{k}.{name}": given for (k, name), given in drawn.values.items()
              if isinstance(given[0], dt.date)}
    ordinals = {k: np.array([d.toordinal() for d in v], dtype=np.int64)
                for k, v in moving.items()}
    timelines, places, stands = [], [], []
    for numbers, n in zip(which, reps, strict=True):
        timeline = drawn.timeline(n, base.end, open_rates)
        at, stand = _times(timeline, {k: v[n] for k, v in moving.items()}, numbers, ordinals,
                           days)
        timelines.append(timeline)
        places.append(at)
        stands.append(stand)
    if open_rates:
        _refuse(timelines)
    every = tuple(sorted({d for s in stands for d in s}))
    day_at = {d: n for n, d in enumerate(every)}
    starts = np.cumsum([0, *(len(s) for s in stands)])
    columns = Columns(np.repeat(np.arange(len(stands)), [len(s) for s in stands]),
                      np.array([day_at[d] for s in stands for d in s], dtype=np.int64), every)
    column = np.concatenate([at + start for at, start in zip(places, starts, strict=False)])
    lines = {i: lines_of(drawn.ways, timelines, i, base.assumptions) for i in base.lines}
    runs = [evolve(base, timeline=t, lines=lines, panels={}) for t in timelines]
    if not together(runs):
        return None
    pairs = base.directions()
    shape = (len(column), len(pairs), len(days))
    rates, more = np.full(shape, np.nan), np.full(shape, np.nan)
    given = {f"{k}.{name}": np.array(v)[np.concatenate(which)]
             for (k, name), v in drawn.values.items()
             if open_rates and drawn.sample[k].rated(name)}
    for importer in base.importers:
        labels: dict[tuple[str, ...], int] = {}
        one = batch(runs, importer, [e for i, e in pairs if i == importer], columns,
                    lambda side: direction(side, "trade", weights),
                    lambda side, codes: [(side.importer, side.exporter)] * len(codes), labels)
        if one is None:
            return None
        got = _averages(one, column, given)
        for (i, e), label in labels.items():
            rates[:, pairs.index((i, e))] = got[0][label]
            more[:, pairs.index((i, e))] = got[1][label]
    return rates, more


def _refuse(timelines: Iterable[Timeline]) -> None:
    """Refuse drawn rates in tables of duties, or lost in what is not known."""
    duties = {id(v): v for t in timelines for s in t.spells for v in (s.duty, s.base)}
    for one in duties.values():
        if isinstance(one, ByProduct):
            if any(is_drawn(v) for v in {v for _, v in one.values if v is not None}):
                raise OpenRates
        elif isinstance(one, Unknown) and "draw " in one.text:
            raise OpenRates


def _averages(one: Batch, column: Ints, given: dict[str, Array]) -> tuple[Array, Array]:
    """Rates and additional rates by (label, draw, day)."""
    layers = one.program.layers
    if not any(x.drawn for x in layers):
        sums = one.sums()
        with np.errstate(invalid="ignore", divide="ignore"):
            return ((sums.rate / sums.known)[:, column],
                    (sums.additional / sums.additional_known)[:, column])
    flat = column.reshape(-1)
    weighed = one.loads()
    draw = np.repeat(np.arange(column.shape[0]), column.shape[1])
    rates = np.empty((one.exposure.labels, len(flat)))
    more = np.empty_like(rates)
    for start in range(0, len(flat), BLOCK):
        at = slice(start, start + BLOCK)
        rates_there = {k: v[draw[at]] for k, v in given.items()}
        sums = weighed.drawn(rates_there, flat[at]) if weighed is not None else (
            one.exposure.sums(*_drawn_outcomes(one, flat[at], rates_there)))
        with np.errstate(invalid="ignore", divide="ignore"):
            rates[:, at] = sums.rate / sums.known
            more[:, at] = sums.additional / sums.additional_known
    shape = (one.exposure.labels, *column.shape)
    return rates.reshape(shape), more.reshape(shape)


def _drawn_outcomes(one: Batch, column: Ints,
                    given: dict[str, Array]) -> tuple[list[Outcome], list[Ints]]:
    """What layers come to: those with drawn rates (or on top of such) draw by draw, others in
    their own states."""
    layers = one.program.layers
    each = np.arange(len(column))
    outcomes: list[Outcome] = []
    states: list[Ints] = []
    touched: set[int] = set()
    for place, layer in enumerate(layers):
        here = layer.state[column]
        if not layer.drawn and not any(f.place in touched for f in layer.floors):
            outcomes.append(one.outcomes[place])
            states.append(here)
            continue
        touched.add(place)
        group = layer.drawn_group(here, given)
        floors = tuple(
            Floor(f.place, f.cells, None if f.place in touched else layers[f.place].state[column])
            for f in layer.floors
        )
        outcomes.append(outcome(replace(group, floors=floors), outcomes))
        states.append(each)
    return outcomes, states
