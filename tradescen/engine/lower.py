"""From spells to arrays: one importer, some origins, sorted lines, days on one or many paths."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from tradescen.engine.grid import Lines, classes
from tradescen.engine.kernel import Floor, Group
from tradescen.engine.table import Standing, Table, drawn_rates, states, table
from tradescen.law.assumptions import Assumptions
from tradescen.law.stacking import StackPlan
from tradescen.timeline.spells import Spell, Timeline
from tradescen.vocab.duty import Duty

__all__ = ["Columns", "Layer", "Program", "Row", "cut_points", "lower", "lower_many"]

Ints = NDArray[np.int64]
Draws = Mapping[str, NDArray[np.float64]]
_LEAST = np.iinfo(np.int64).min
MOST_TABLES = 4096  # kept for one set of lines; then all are forgotten


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
class Columns:
    """The times asked for: a day on a path each.

    Args:
        path: The place of each one's path.
        day: The place of its day in *days*.
        days: Days, sorted.
    """

    path: Ints
    day: Ints
    days: tuple[dt.date, ...]

    def __len__(self) -> int:
        return len(self.path)


@frozen(eq=False)
class Layer:
    """One stacking group in arrays.

    Args:
        within: How its measures stack.
        product_of: The kind of goods of each line.
        partner_of: The kind of origin of each exporter.
        cell: The cell of each (kind of goods, kind of origin).
        slot: The row that charges in each (slot, cell); the last row, which never does, where
            there is none.
        measure: The place of the measure in each (slot, cell); -1: none.
        duty, coverage, active, held: By (row, state).
        precedence: Likewise, or one state where it never changes.
        state: The state of each column.
        yields: Places of the groups it is left the rest of.
        floors: Groups it tops up; the states of each for its own.
        drawn: (row, state, duty) where the duty is drawn at random.
    """

    within: str
    product_of: Ints
    partner_of: Ints
    cell: Ints
    slot: Ints
    measure: Ints
    duty: NDArray[np.float64]
    coverage: NDArray[np.float64]
    active: NDArray[np.bool_]
    precedence: Ints
    held: NDArray[np.bool_]
    state: Ints
    yields: tuple[int, ...]
    floors: tuple[Floor, ...]
    drawn: tuple[tuple[int, int, Duty], ...]

    def group(self, drawn: float = math.nan) -> Group:
        """The layer as the kernel takes it, in each of its states; *drawn* stands for all drawn
        duties."""
        duty = self.duty
        if self.drawn and not math.isnan(drawn):
            duty = duty.copy()
            rows, states, _ = zip(*self.drawn, strict=True)
            duty[list(rows), list(states)] = drawn
        return Group(within=self.within, duty=duty[self.slot],
                     coverage=self.coverage[self.slot], active=self.active[self.slot],
                     precedence=self.precedence[self.slot], floors=self.floors)

    def drawn_group(self, state: Ints, draws: Draws) -> Group:
        """The layer in some states with drawn duties put in, one state a draw; its floors
        are for the caller to place.

        Args:
            state: The state of each draw.
            draws: The rates by name, one a draw.
        """
        duty = self.duty[:, state]
        for row, u, one in self.drawn:
            at = np.flatnonzero(state == u)
            if len(at):
                duty[row, at] = drawn_rates(one, {k: v[at] for k, v in draws.items()})
        return Group(within=self.within, duty=duty[self.slot],
                     coverage=self.coverage[:, state][self.slot],
                     active=self.active[:, state][self.slot],
                     precedence=(self.precedence if self.precedence.shape[1] == 1
                                 else self.precedence[:, state])[self.slot])


@frozen(eq=False)
class Program:
    """Arrays ready for the kernel, and what their axes mean.

    A program of one path has *cuts*, one more than it has columns: column *t* stands for the
    interval ``[cuts[t], cuts[t + 1])``.
    """

    importer: str
    exporters: tuple[str, ...]
    lines: Lines
    cuts: tuple[dt.date, ...]
    names: tuple[str, ...]  # of the groups
    layers: tuple[Layer, ...]
    rows: tuple[Row, ...]  # in plan order
    columns: int

    def kinds(self, place: int) -> Ints:
        """The kind of goods of each line, as a layer and those it yields to tell them apart."""
        layer = self.layers[place]
        of, _ = classes([layer.product_of, *(self.layers[p].product_of for p in layer.yields)],
                        len(self.lines))
        return of


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


def lower(timeline: Timeline, importer: str, exporters: Sequence[str], lines: Lines,
          start: dt.date, end: dt.date, assumptions: Assumptions,
          extra: Sequence[dt.date] = ()) -> Program:
    """Lower the spells of one importer on one path to arrays.

    Args:
        timeline: What holds when.
        importer: The customs territory that charges.
        exporters: Origins (ISO codes).
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
    at = np.arange(len(cuts) - 1)
    return lower_many([timeline], importer, exporters, lines,
                      Columns(np.zeros_like(at), at, cuts[:-1]), assumptions, cuts)


def lower_many(timelines: Sequence[Timeline], importer: str, exporters: Sequence[str],
               lines: Lines, columns: Columns, assumptions: Assumptions,
               cuts: tuple[dt.date, ...] = ()) -> Program:
    """Lower days on many paths of one law at once; what paths share is worked out once."""
    plan = timelines[0].schedule.plan
    tracks = _tracks(timelines, importer, columns.days)
    names = tuple(n for n in plan.names if n in tracks)
    place = {name: n for n, name in enumerate(names)}
    layers: list[Layer] = []
    rows: list[Row] = []
    for name in names:
        measures = sorted(tracks[name])
        tables, of = [], []
        for m in measures:
            got = states(tracks[name][m], columns.path, columns.day, columns.days,
                         tuple(exporters))
            tables.append(_kept(got.standing, lines, len(exporters), assumptions))
            of.append(got.of)
        layers.append(_layer(plan, name, place, tables, of, layers, len(lines), len(exporters),
                             len(columns)))
        rows += [
            Row(m, _authority(tracks[name][m]), name, place[name], at, name in plan.base)
            for at, m in enumerate(measures)
        ]
    return Program(importer, tuple(exporters), lines, cuts, names, tuple(layers), tuple(rows),
                   len(columns))


Tracks = dict[str, dict[str, list[tuple[Spell, ...]]]]  # group → measure → spells by path


def _tracks(timelines: Sequence[Timeline], importer: str, days: Sequence[dt.date]) -> Tracks:
    """The spells of each measure in each group that meet the days, path by path.

    The same spells on two paths are the same object, so that they are looked at once.
    """
    out: Tracks = {}
    kept: dict[Any, tuple[tuple[str, tuple[Spell, ...]], ...]] = {}
    first, last = days[0], days[-1]
    for n, timeline in enumerate(timelines):
        for name, spells in timeline.tracks.items():
            split = kept.get(id(spells))
            if split is None:
                here = [s for s in spells if s.importer == importer and s.start <= last
                        and (s.end is None or s.end > first)]
                split = kept[id(spells)] = tuple(
                    (g, tuple(s for s in here if s.group == g))
                    for g in dict.fromkeys(s.group for s in here)
                )
            for group, part in split:
                paths = out.setdefault(group, {}).setdefault(name, [])
                paths += [()] * (n - len(paths))
                paths.append(part)
    for group_tracks in out.values():
        for paths in group_tracks.values():
            paths += [()] * (len(timelines) - len(paths))
    return out


def _kept(standing: tuple[Standing, ...], lines: Lines, n_exporters: int,
          assumptions: Assumptions) -> Table:
    """The table of a measure; one worked out for the same pieces on the same lines is taken."""
    key = (n_exporters, id(assumptions),
           tuple(tuple((id(s), bits) for s, bits in here) for here in standing))
    got = lines.worked_out.get(key)
    if got is None:
        importer = next((s.importer for here in standing for s, _ in here), "")
        one = table(standing, lines, n_exporters, assumptions, assumptions.units(importer))
        if len(lines.worked_out) > MOST_TABLES:
            lines.worked_out.clear()
        # What the key names by identity is held, so that no other object takes its place.
        got = lines.worked_out[key] = (one, standing, assumptions)
    return got[0]


def _authority(tracks: Sequence[tuple[Spell, ...]]) -> str:
    return next(s.authority for spells in tracks for s in spells)


def _layer(plan: StackPlan, name: str, place: Mapping[str, int], tables: Sequence[Table],
           of: Sequence[Ints], layers: Sequence[Layer], n_lines: int, n_exporters: int,
           n_columns: int) -> Layer:
    group = plan.groups[plan.index(name)]
    under = [place[n] for n in group.floors if n in place]
    kinds = [t.product_of for t in tables] + [layers[p].product_of for p in under]
    origins = [t.partner_of for t in tables] + [layers[p].partner_of for p in under]
    product_of, first = classes(_unlike(kinds), n_lines)
    partner_of, who = classes(_unlike(origins), n_exporters)
    columns = np.stack([*of, *(layers[p].state for p in under)]) if n_columns else (
        np.zeros((len(of) + len(under), 0), dtype=np.int64))
    state, at = classes(list(columns), n_columns)
    slot, measure = _slots(tables, first, who)
    pad = sum(t.duty.shape[0] for t in tables)
    slot[slot < 0] = pad
    grid = slot.reshape(slot.shape[0], -1)
    floored = [layers[p].cell[layers[p].product_of[first]][:, layers[p].partner_of[who]].reshape(-1)
               for p in under]
    # Where nothing ever charges, what it would stand on makes no difference.
    floored = [np.where((grid == pad).all(axis=0), 0, f) for f in floored]
    cell, some = classes(list(np.concatenate([grid, floored]) if floored else grid),
                         grid.shape[1])
    tall = [getattr(t, what)[:, n[at]]
            for what in ("duty", "coverage", "active", "precedence", "held")
            for t, n in zip(tables, of, strict=True)]
    many = len(tables)
    stacked = [
        np.concatenate([*tall[k * many : (k + 1) * many],
                        np.zeros((1, len(at)), dtype=tall[k * many].dtype)])
        for k in range(5)
    ]
    return Layer(
        within=group.within, product_of=product_of, partner_of=partner_of,
        cell=cell.reshape(slot.shape[1:]), slot=grid[:, some],
        measure=measure.reshape(slot.shape[0], -1)[:, some],
        duty=stacked[0], coverage=stacked[1], active=stacked[2],
        precedence=_steady(stacked[3], stacked[2]),
        held=stacked[4], state=state,
        yields=tuple(place[n] for n in group.yields if n in place),
        floors=tuple(Floor(p, f[some], layers[p].state[at])
                     for p, f in zip(under, floored, strict=True)),
        drawn=_drawn(tables, of, at),
    )


def _steady(precedence: Ints, active: NDArray[np.bool_]) -> Ints:
    """Precedence as one state, if no row that claims ever changes it."""
    if not precedence.size:
        return precedence
    high = np.where(active, precedence, _LEAST).max(axis=1, keepdims=True)
    return high if (~active | (precedence == high)).all() else precedence


def _drawn(tables: Sequence[Table], of: Sequence[Ints],
           at: Ints) -> tuple[tuple[int, int, Duty], ...]:
    out: list[tuple[int, int, Duty]] = []
    start = 0
    for one, n in zip(tables, of, strict=True):
        for row, state, duty in one.drawn:
            out += [(start + row, int(u), duty) for u in np.flatnonzero(n[at] == state)]
        start += one.duty.shape[0]
    return tuple(out)


def _slots(tables: Sequence[Table], first: Ints, who: Ints) -> tuple[Ints, Ints]:
    """Rows and measures that may charge, by (slot, kind of goods, kind of origin); -1: none."""
    starts = np.cumsum([0, *(t.duty.shape[0] for t in tables)])
    grids = [
        t.row[t.product_of[first]][:, t.partner_of[who]] for t in tables
    ]
    count = sum((g >= 0).astype(np.int64) for g in grids)
    shape = (max(1, int(np.max(count, initial=0))), len(first), len(who))
    slot = np.full(shape, -1, dtype=np.int64)
    measure = np.full(shape, -1, dtype=np.int64)
    level = np.zeros(shape[1:], dtype=np.int64)
    for n, (g, start) in enumerate(zip(grids, starts, strict=False)):
        k, e = np.nonzero(g >= 0)
        slot[level[k, e], k, e] = g[k, e] + start
        measure[level[k, e], k, e] = n
        level[k, e] += 1
    return slot, measure


def _unlike(columns: Sequence[Ints]) -> list[NDArray[np.generic]]:
    """Columns without repeats of the same array."""
    return list({id(c): c for c in columns}.values())

