"""From spells to arrays: one importer, some origins, sorted lines, a window of days."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from tradescen.engine.grid import Lines, classes
from tradescen.engine.kernel import Group
from tradescen.law.assumptions import Assumptions, UnitValues
from tradescen.law.measure import Coverage
from tradescen.timeline.spells import Spell, Timeline
from tradescen.vocab.duty import AdValorem, Compound, Duty, Specific, Unknown
from tradescen.vocab.hs import ByProduct

__all__ = ["Program", "Row", "cut_points", "lower"]

Ints = NDArray[np.int64]
Units = dict[str, float]  # money per unit of goods, by unit


@frozen
class Row:
    """One measure in one group: where its contributions lie."""

    measure: str
    authority: str
    group: str
    place: int  # of the group among the program's groups
    at: int  # of the measure within the group
    base: bool


@frozen(eq=False)
class Program:
    """Arrays ready for the kernel, and what their axes mean.

    ``cuts`` has one more day than the time axis: interval *t* is ``[cuts[t], cuts[t + 1])``.
    """

    importer: str
    exporters: tuple[str, ...]
    lines: Lines
    cuts: tuple[dt.date, ...]
    names: tuple[str, ...]  # of the groups
    groups: tuple[Group, ...]
    class_of: tuple[Ints, ...]  # per group: the class of each line
    rows: tuple[Row, ...]  # in plan order
    suspended: tuple[NDArray[np.bool_], ...]  # per group, shape as its duty


def cut_points(spells: Sequence[Spell], start: dt.date, end: dt.date,
               extra: Sequence[dt.date] = ()) -> tuple[dt.date, ...]:
    """The days from *start* to *end* on which anything about the spells changes."""
    days = {start, end, *extra}
    for s in spells:
        days.add(s.start)
        if s.end is not None:
            days.add(s.end)
        days.update(s.exporters.cuts())
    return tuple(sorted(d for d in days if start <= d <= end))


def _rate(duty: Duty, units: Units) -> float:
    return duty.ave(units)


def _share(share: float | Unknown, units: Units) -> float:
    return math.nan if isinstance(share, Unknown) else share


def _coverage(spell: Spell, assumptions: Assumptions) -> Coverage:
    assumed = assumptions.share(spell.measure)
    return spell.coverage if assumed is None else assumed


def lower(timeline: Timeline, importer: str, exporters: Sequence[str], lines: Lines,
          start: dt.date, end: dt.date, assumptions: Assumptions,
          extra: Sequence[dt.date] = ()) -> Program:
    """Lower the spells of one importer to arrays.

    Args:
        timeline: What holds when.
        importer: The customs territory that charges.
        exporters: Origins (ISO codes), the PARTNER axis.
        lines: The tariff lines.
        start, end: The window ``[start, end)``.
        assumptions: Shares that stand in place of coverages.
        extra: Further days at which to cut the time axis; they change no rate.
    """
    window = [
        s for s in timeline.spells
        if s.importer == importer and s.start < end and (s.end is None or s.end > start)
    ]
    cuts = cut_points(window, start, end, extra)
    plan = timeline.schedule.plan
    by_group = {name: [s for s in window if s.group == name] for name in plan.names}
    names = tuple(n for n in plan.names if by_group[n])
    place = {name: n for n, name in enumerate(names)}
    unit_values = assumptions.units(importer)
    groups: list[Group] = []
    class_of: list[Ints] = []
    rows: list[Row] = []
    suspended: list[NDArray[np.bool_]] = []
    for name in names:
        group = plan.groups[plan.index(name)]
        spells = by_group[name]
        over = [place[n] for n in (*group.yields, *group.floors) if n in place]
        columns: list[NDArray[np.generic]] = [lines.mask(s.products) for s in spells]
        for s in spells:
            for value in (s.duty, s.base, _coverage(s, assumptions)):
                if isinstance(value, ByProduct):
                    columns.append(lines.marks(value))
        if unit_values is not None and any(_by_unit(s.duty) for s in spells):
            columns.append(lines.marks(unit_values))
        columns += [class_of[p] for p in over]
        of, first = classes(_unlike(columns), len(lines))
        measures = list(dict.fromkeys(s.measure for s in spells))
        shape = (len(measures), len(first), len(exporters), len(cuts) - 1)
        filled = _fill(shape, spells, measures, lines, first, exporters, cuts, assumptions,
                       unit_values)
        groups.append(Group(
            within=group.within, duty=filled[0], coverage=filled[1], active=filled[2],
            precedence=filled[3],
            yields=tuple((place[n], class_of[place[n]][first]) for n in group.yields
                         if n in place),
            floors=tuple((place[n], class_of[place[n]][first]) for n in group.floors
                         if n in place),
        ))
        suspended.append(filled[4])
        class_of.append(of)
        authority = {s.measure: s.authority for s in spells}
        rows += [
            Row(m, authority[m], name, place[name], at, name in plan.base)
            for at, m in enumerate(measures)
        ]
    return Program(importer, tuple(exporters), lines, cuts, names, tuple(groups),
                   tuple(class_of), tuple(rows), tuple(suspended))


def _unlike(columns: list[NDArray[np.generic]]) -> list[NDArray[np.generic]]:
    """Columns without repeats of the same array (masks are memoised per set of goods)."""
    return list({id(c): c for c in columns}.values())


def _fill(shape: tuple[int, int, int, int], spells: Sequence[Spell], measures: list[str],
          lines: Lines, first: Ints, exporters: Sequence[str], cuts: tuple[dt.date, ...],
          assumptions: Assumptions, unit_values: UnitValues | None) -> tuple[
              NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_], NDArray[np.int64],
              NDArray[np.bool_]]:
    duty = np.zeros(shape)
    coverage = np.zeros(shape)
    active = np.zeros(shape, dtype=bool)
    precedence = np.zeros(shape, dtype=np.int64)
    held = np.zeros(shape, dtype=bool)
    for s in spells:
        m = measures.index(s.measure)
        k = np.flatnonzero(lines.mask(s.products)[first])
        if not len(k):
            continue
        at = first[k]
        units = [_units(unit_values, lines.codes[n]) for n in at] if (
            unit_values is not None and _by_unit(s.duty)
        ) else None
        charged = _by_class(s.duty, lines, at, _rate, units)
        under = _by_class(s.base, lines, at, _rate, units)
        share = _by_class(_coverage(s, assumptions), lines, at, _share, None)
        claims = np.ones(len(k), dtype=bool)
        if s.status == "suspended":
            kept = isinstance(s.residual, AdValorem) and s.residual.rate > 0
            # Held at nothing it claims nothing; a 0 % measure held at 10 % is still one.
            claims = (charged != 0) | (kept & (under == 0))
        for e, code in enumerate(exporters):
            for t in _times(s, code, cuts):
                duty[m, k, e, t] = charged
                coverage[m, k, e, t] = share
                active[m, k, e, t] = claims
                precedence[m, k, e, t] = s.precedence
                held[m, k, e, t] = s.status == "suspended"
    return duty, coverage, active, precedence, held


def _times(s: Spell, exporter: str, cuts: tuple[dt.date, ...]) -> list[int]:
    return [
        t for t in range(len(cuts) - 1)
        if s.start <= cuts[t] and (s.end is None or cuts[t] < s.end)
        and s.exporters.has(exporter, cuts[t])
    ]


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
