"""One measure as a table: a row for each kind of goods and origin it tells apart, a state for
each different thing it is over the days and paths asked for."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from tradescen.engine.grid import Lines, classes
from tradescen.law.assumptions import Assumptions, UnitValues
from tradescen.law.measure import Coverage
from tradescen.timeline.spells import Spell
from tradescen.vocab.countries import CountrySet
from tradescen.vocab.duty import AdValorem, Compound, Duty, Specific, Unknown
from tradescen.vocab.hs import ByProduct

__all__ = ["DRAWN", "States", "Table", "draw_of", "drawn_rates", "is_drawn", "states", "table"]

Ints = NDArray[np.int64]
Units = dict[str, float]  # money per unit of goods, by unit
Standing = tuple[tuple[Spell, tuple[bool, ...]], ...]  # pieces in force, for which origins


@frozen(eq=False)
class States:
    """What one measure of one group is, at each of some times.

    Args:
        of: The state at each time.
        standing: What stands in each state.
    """

    of: Ints
    standing: tuple[Standing, ...]


def states(tracks: Sequence[tuple[Spell, ...]], path: Ints, day: Ints, days: Sequence[dt.date],
           exporters: tuple[str, ...]) -> States:
    """The states of a measure at some times.

    Args:
        tracks: The measure's spells on each path (the same object for the same spells).
        path, day: For each time its path and the place of its day in *days*.
        days: Days, sorted.
        exporters: Origins (ISO codes).
    """
    known: dict[Any, int] = {}
    standing: list[Standing] = []
    row_of: dict[int, int] = {}
    rows: list[list[int]] = []
    which = []
    for spells in tracks:
        at = row_of.get(id(spells))
        if at is None:
            at = row_of[id(spells)] = len(rows)
            rows.append(_along(spells, days, exporters, known, standing))
        which.append(at)
    by_track = np.array(rows, dtype=np.int64).reshape(len(rows), len(days))
    return States(by_track[np.array(which, dtype=np.int64)[path], day], tuple(standing))


def _along(spells: tuple[Spell, ...], days: Sequence[dt.date], exporters: tuple[str, ...],
           known: dict[Any, int], standing: list[Standing]) -> list[int]:
    cuts = {s.start for s in spells} | {s.end for s in spells if s.end is not None}
    cuts |= {d for s in spells for d in s.exporters.cuts()}
    edges = sorted(cuts)
    out: list[int] = []
    last, place = -1, -1
    at = 0
    for day in days:
        while at < len(edges) and edges[at] <= day:
            at += 1
        if at != last:
            last, place = at, _state(spells, day, exporters, known, standing)
        out.append(place)
    return out


def _state(spells: tuple[Spell, ...], day: dt.date, exporters: tuple[str, ...],
           known: dict[Any, int], standing: list[Standing]) -> int:
    here: Standing = tuple(
        (s, bits) for s in spells
        if s.start <= day and (s.end is None or day < s.end)
        and any(bits := _inside(s.exporters, _era(s.exporters, day), exporters))
    )
    key = tuple(
        (s.products, bits, s.status, s.duty, s.base, s.residual, s.coverage, s.precedence)
        for s, bits in here
    )
    place = known.get(key)
    if place is None:
        place = known[key] = len(standing)
        standing.append(here)
    return place


def _era(countries: CountrySet, day: dt.date) -> dt.date:
    """The first day from which a set of countries is as it is on a day."""
    return max((d for d in countries.cuts() if d <= day), default=dt.date.min)


@lru_cache(maxsize=4096)
def _inside(countries: CountrySet, day: dt.date, exporters: tuple[str, ...]) -> tuple[bool, ...]:
    """Which origins are in a set of countries on a day."""
    named = set(countries.named)
    others = countries.has("", day)  # all that the set does not name are alike
    return tuple(countries.has(e, day) if e in named else others for e in exporters)


@frozen(eq=False)
class Table:
    """A measure's numbers.

    Args:
        product_of: The kind of goods of each line.
        partner_of: The kind of origin of each exporter.
        row: The row of each (kind of goods, kind of origin); -1: never in scope.
        duty, coverage, active, precedence, held: By (row, state).
        drawn: (row, state, duty) where the duty is drawn at random; its number there is NaN.
    """

    product_of: Ints
    partner_of: Ints
    row: Ints
    duty: NDArray[np.float64]
    coverage: NDArray[np.float64]
    active: NDArray[np.bool_]
    precedence: Ints
    held: NDArray[np.bool_]
    drawn: tuple[tuple[int, int, Duty], ...]


def table(standing: Sequence[Standing], lines: Lines, n_exporters: int,
          assumptions: Assumptions, unit_values: UnitValues | None) -> Table:
    """The table of one measure.

    Args:
        standing: What stands in each state.
        lines: The tariff lines.
        n_exporters: How many origins there are.
        assumptions: Shares that stand in place of coverages.
        unit_values: Money per unit of goods by line, for duties by weight or piece.
    """
    pieces = list({id(s): s for here in standing for s, _ in here}.values())
    columns: dict[int, NDArray[np.generic]] = {}
    for s in pieces:
        mask = lines.mask(s.products)
        columns[id(mask)] = mask
        for value in (s.duty, s.base, _coverage(s, assumptions)):
            if isinstance(value, ByProduct):
                marks = lines.marks(value)
                columns[id(marks)] = marks
    by_unit = unit_values is not None and any(_by_unit(s.duty) for s in pieces)
    if by_unit:
        assert unit_values is not None
        marks = lines.marks(unit_values)
        columns[id(marks)] = marks
    product_of, first = classes(list(columns.values()), len(lines))
    origins = sorted({bits for here in standing for _, bits in here})
    partner_of, who = classes([np.array(bits) for bits in origins], n_exporters)
    ever = np.zeros((len(first), len(who)), dtype=bool)
    inside = {id(s): np.flatnonzero(lines.mask(s.products)[first]) for s in pieces}
    for here in standing:
        for s, bits in here:
            ever[np.ix_(inside[id(s)], np.array(bits)[who])] = True
    row = np.full(ever.shape, -1, dtype=np.int64)
    row[ever] = np.arange(int(ever.sum()))
    shape = (int(ever.sum()), len(standing))
    duty, coverage = np.zeros(shape), np.zeros(shape)
    active, held = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    precedence = np.zeros(shape, dtype=np.int64)
    drawn: list[tuple[int, int, Duty]] = []
    numbers: dict[int, Numbers] = {}
    for u, here in enumerate(standing):
        for s, bits in here:
            if id(s) not in numbers:
                numbers[id(s)] = _numbers(s, lines, first[inside[id(s)]], assumptions,
                                          unit_values if by_unit else None)
            charged, share, claims = numbers[id(s)]
            at = row[np.ix_(inside[id(s)], np.flatnonzero(np.array(bits)[who]))]
            duty[at, u], coverage[at, u] = charged[:, None], share[:, None]
            active[at, u], precedence[at, u] = claims[:, None], s.precedence
            held[at, u] = s.status == "suspended"
            if not isinstance(s.duty, ByProduct) and is_drawn(s.duty):
                drawn += [(int(r), u, s.duty) for r in at.reshape(-1)]
    return Table(product_of, partner_of, row, duty, coverage, active, precedence, held,
                 tuple(drawn))


DRAWN = "rate drawn as "  # a duty on the "part of the value" of this name is drawn at random


def draw_of(name: str) -> AdValorem:
    """The duty that stands for the drawn rate *name* while the law is folded."""
    return AdValorem(1.0, on=f"{DRAWN}{name}")


def is_drawn(duty: Duty) -> bool:
    """Whether a drawn rate is in a duty."""
    if isinstance(duty, Compound):
        return any(is_drawn(part) for part in duty.parts)
    return isinstance(duty, AdValorem) and duty.on.startswith(DRAWN)


def drawn_rates(duty: Duty, draws: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """A duty in each draw."""
    if isinstance(duty, Compound):
        op = {"sum": np.add, "min": np.minimum, "max": np.maximum}[duty.op]
        parts = [drawn_rates(part, draws) for part in duty.parts]
        out = parts[0]
        for part in parts[1:]:
            out = op(out, part)
        return out
    if is_drawn(duty):
        assert isinstance(duty, AdValorem)
        return duty.rate * draws[duty.on.removeprefix(DRAWN)]
    return np.array(duty.ave())


Numbers = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]


def _numbers(s: Spell, lines: Lines, at: Ints, assumptions: Assumptions,
             unit_values: UnitValues | None) -> Numbers:
    """Duty, coverage and whether it claims, for the lines *at* some places."""
    units = [_units(unit_values, lines.codes[n]) for n in at] if (
        unit_values is not None and _by_unit(s.duty)
    ) else None
    charged = _by_class(s.duty, lines, at, _rate, units)
    under = _by_class(s.base, lines, at, _rate, units)
    share = _by_class(_coverage(s, assumptions), lines, at, _share, None)
    claims = np.ones(len(at), dtype=bool)
    if s.status == "suspended":
        kept = isinstance(s.residual, AdValorem) and s.residual.rate > 0
        # Held at nothing it claims nothing; a 0 % measure held at 10 % is still one.
        claims = (charged != 0) | (kept & (under == 0))
    return charged, share, claims


def _rate(duty: Duty, units: Units) -> float:
    return duty.ave(units)


def _share(share: float | Unknown, units: Units) -> float:
    return math.nan if isinstance(share, Unknown) else share


def _coverage(spell: Spell, assumptions: Assumptions) -> Coverage:
    assumed = assumptions.share(spell.measure)
    return spell.coverage if assumed is None else assumed


def _by_unit(duty: Any) -> bool:
    """Whether a duty, or one of a table, is charged per unit of goods."""
    if isinstance(duty, ByProduct):
        return any(_by_unit(v) for v in {v for _, v in duty.values}) or _by_unit(duty.default)
    return isinstance(duty, (Specific, Compound))


def _units(unit_values: UnitValues | None, code: str) -> Units:
    found = None if unit_values is None else unit_values.find(code)
    return dict(found or ())


def _by_class(value: Any, lines: Lines, at: Ints, number: Callable[[Any, Units], float],
              units: list[Units] | None) -> NDArray[np.float64]:
    """A duty or share for each class, read at its first line; NaN where none is given."""
    if not isinstance(value, ByProduct):
        if units is None:
            return np.full(len(at), number(value, {}))
        return np.array([number(value, one) for one in units])
    marks = lines.marks(value)[at]
    found = {
        mark: value.default if mark < 0 else value.values[mark][1]
        for mark in map(int, np.unique(marks))
    }
    if units is not None:
        return np.array([
            math.nan if (one := found[int(m)]) is None else number(one, held)
            for m, held in zip(marks, units, strict=True)
        ])
    rates = {m: math.nan if one is None else number(one, {}) for m, one in found.items()}
    return np.array([rates[int(m)] for m in marks])
