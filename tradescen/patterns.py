"""Many futures at once: draws of one pattern share one fold, and a drawn rate stays open until
the kernel."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from tradescen.engine.kernel import Floor, Outcome, outcome
from tradescen.engine.lower import Columns
from tradescen.engine.table import DRAWN, is_drawn
from tradescen.frames.batch import Batch, batch, together
from tradescen.frames.rates import Trade, direction
from tradescen.frames.run import Run
from tradescen.futures import Futures
from tradescen.simulation import lines_of, sides_of, unlike_draws
from tradescen.timeline.spells import Timeline
from tradescen.vocab.duty import Compound, Duty, Specific, Unknown
from tradescen.vocab.hs import ByProduct

__all__ = ["OpenRates", "rates_of"]

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
BLOCK = 4096  # draws and days evaluated at a time where rates are drawn


class OpenRates(Exception):
    """A drawn rate met something that needs its number; the draws are folded one by one."""


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
             weights: Trade, days: Sequence[dt.date], open_rates: bool,
             named: tuple[bool, bool]) -> tuple[Array, Array] | None:
    """Averages of some patterns' draws: (draws in their order, directions, days).

    Args:
        drawn: What was drawn.
        which: The draws of each pattern.
        reps: The draw that stands for each pattern.
        base: A run of one draw, for its window, origins and assumptions.
        weights: Trade by direction.
        days: Days, sorted.
        open_rates: Whether rates stay open while the law is folded.
        named: Whether importers, and exporters, were named by who asks.

    Returns:
        Rates and additional rates; ``None`` where trade cannot be placed for all at once.

    Raises:
        OpenRates: where a drawn rate cannot stay open.
        InvalidValue: where the draws are not about the same directions.
    """
    moving = {f"{k}.{name}": given for (k, name), given in drawn.values.items()
              if (k, name) in drawn.dated}
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
    if len({sides_of(t, base.importers, named) for t in timelines}) > 1:
        raise unlike_draws()
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
    """Refuse drawn rates in tables of duties, beside duties per unit (which ask for unit
    values), or lost in what is not known."""
    duties = {id(v): v for t in timelines for s in t.spells for v in (s.duty, s.base)}
    for one in duties.values():
        if isinstance(one, ByProduct):
            if any(v is not None and is_drawn(v)
                   for v in {*(v for _, v in one.values), one.default}):
                raise OpenRates
        elif (isinstance(one, Unknown) and DRAWN in one.text) or (
            isinstance(one, Compound) and is_drawn(one) and _per_unit(one)
        ):
            raise OpenRates


def _per_unit(duty: Duty) -> bool:
    if isinstance(duty, Compound):
        return any(map(_per_unit, duty.parts))
    return isinstance(duty, Specific)


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
