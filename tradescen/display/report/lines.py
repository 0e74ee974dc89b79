"""Every tariff line of a result with the parts of its rate, small enough for one page.

Lines that no measure tells apart on any path form a class, and within a stacking group the
classes are fewer still: the page holds the parts by group and class and adds them up in plan
order, as the engine does, so its rates are those of the frames to the last bit.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from attrs import field, fields, frozen
from numpy.typing import NDArray

from tradescen.engine.grid import Lines, classes
from tradescen.frames.explain import (
    Step,
    _ahead,
    _at,
    _change,
    _reason,
    _said,
    _step,
    _targets,
)
from tradescen.frames.rates import _asked
from tradescen.frames.run import Run, Slice
from tradescen.frames.tidy import Clock
from tradescen.law.measure import Measure
from tradescen.timeline.spells import Spell
from tradescen.vocab.duty import Unknown
from tradescen.vocab.hs import ByProduct

__all__ = ["line_data", "runs_of"]

Ints = NDArray[np.int64]
BY_LINE = ("duty", "coverage", "contribution", "reason")  # what of a step the line decides
AHEAD = ("threatened", "scheduled")


def runs_of(values: Iterable[int]) -> list[int]:
    """Run lengths: ``[value, count, value, count, …]``."""
    out: list[int] = []
    for one in values:
        if out and out[-2] == one:
            out[-1] += 1
        else:
            out += [int(one), 1]
    return out


@frozen
class _Pool:
    """Values held once, named by their place."""

    held: list[Any] = field(factory=list)
    places: dict[Any, int] = field(factory=dict)

    def place(self, value: Any, key: Any = None) -> int:
        key = json.dumps(value) if key is None else key
        if key not in self.places:
            self.places[key] = len(self.held)
            self.held.append(value)
        return self.places[key]


@frozen
class _Pools:
    metas: _Pool = field(factory=_Pool)  # of steps: all but what the line decides
    steps: _Pool = field(factory=_Pool)
    duties: _Pool = field(factory=_Pool)
    maps: _Pool = field(factory=_Pool)  # class of lines → class of a group, in run lengths
    cells: _Pool = field(factory=_Pool)  # class of a group → its steps from each day on

    def meta(self, step: Step) -> int:
        found = {}
        for a in fields(Step):
            value = getattr(step, a.name)
            if a.name in BY_LINE or value in ("", (), None):
                continue
            found[a.name] = value.isoformat() if isinstance(value, dt.date) else (
                list(value) if isinstance(value, tuple) else value)
        return self.metas.place(found)

    def step(self, meta: int, duty: str, coverage: float, contribution: float,
             reason: str) -> int:
        one = (meta, self.duties.place(duty, duty), _number(coverage), _number(contribution),
               *((reason,) if reason else ()))
        return self.steps.place(one, one)


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


@frozen(eq=False)
class _Goods:
    """The lines shown of one importer, and the classes they form over all paths."""

    lines: Lines
    codes: tuple[str, ...]  # digits of each line shown
    at: Ints  # its place among the lines
    of: Ints  # its class
    first: Ints  # the first line shown of each class
    days: tuple[dt.date, ...]

    @property
    def places(self) -> Ints:
        """The line that stands for each class."""
        found: Ints = self.at[self.first]
        return found


def _shown(lines: Lines, products: Sequence[str] | None) -> tuple[tuple[str, ...], Ints]:
    if products is None:
        return lines.codes, np.arange(len(lines))
    at, names, _ = _asked(lines, products)
    digits = {n.replace(".", "").replace("*", ""): place
              for n, place in zip(names, at, strict=True)}
    codes = tuple(sorted(digits))
    return codes, np.array([digits[c] for c in codes], dtype=np.int64)


def _goods(runs: Sequence[Run], importer: str, products: Sequence[str] | None) -> _Goods:
    lines = runs[0].lines[importer]
    codes, at = _shown(lines, products)
    columns: list[NDArray[Any]] = []
    days = set()
    for run in runs:
        program = run.panel(importer).program
        columns += [program.kinds(place) for place in range(len(program.names))]
        days |= {c for c in program.cuts if c < run.end}
        for name, m, _ in _promises(run, importer):
            columns.append(lines.mask(m.scope.products))
            change = _change(run.timeline, name)
            if isinstance(change, ByProduct):
                columns.append(lines.marks(change))
    unlike = {id(c): c for c in columns}.values()
    of, first = classes([c[at] for c in unlike], len(at))
    return _Goods(lines, codes, at, of, first, tuple(sorted(days)))


def _promises(run: Run, importer: str) -> list[tuple[str, Measure, list[tuple[
        dt.date, dt.date, str]]]]:
    """Acts not yet in effect at some time of the window, by measure, with their statuses."""
    out = []
    for name, record in run.timeline.records.items():
        mine = [m for m in _targets(run.timeline, name) if m.scope.importer == importer]
        if not mine:
            continue
        clocks = [record.item.known, record.item.enacted, record.effective, record.withdrawn]
        for by in record.by:
            other = run.timeline.records.get(by)
            if other is not None and other.item is not None:
                clocks += [other.item.known, getattr(other.item, "enacted", None)]
        for m in mine:
            days = {run.start, *(d for d in (*clocks, *m.scope.exporters.cuts())
                                 if d is not None and run.start < d < run.end)}
            edges = [*sorted(days), run.end]
            parts = [
                (a, b, status) for a, b in pairwise(edges)
                if (status := run.timeline.status(name, a)) in AHEAD
            ]
            if parts:
                out.append((name, m, parts))
    return out


def line_data(runs: Sequence[Run], products: Sequence[str] | None) -> dict[str, Any]:
    """Lines, classes, and the steps of every line, path and day, as plain data."""
    pools = _Pools()
    importers = {}
    for importer in runs[0].importers:
        goods = _goods(runs, importer, products)
        if not len(goods.codes):
            continue
        paths = []
        for run in runs:
            sides = {}
            for exporter in run.exporters[importer]:
                piece = run.slice(importer, exporter, Clock())
                sides[exporter] = {
                    "groups": _groups(run, piece, goods, pools),
                    "ahead": _ahead_data(run, importer, exporter, goods, pools),
                    "exempt": _exempt_data(run, piece, goods, pools),
                }
            paths.append(sides)
        importers[importer] = {
            "codes": " ".join(c or "*" for c in goods.codes),
            "class": runs_of(goods.of.tolist()),
            "days": [d.isoformat() for d in goods.days],
            "paths": paths,
        }
    return {
        "importers": importers, "metas": pools.metas.held, "steps": pools.steps.held,
        "duties": pools.duties.held, "maps": pools.maps.held, "cells": pools.cells.held,
    }


def _members(piece: Slice) -> Ints:
    """The place on the PARTNER axis that stands for the label at each time."""
    if len(piece.members) == 1:
        return np.full(piece.inside.shape[1], piece.members[0], dtype=np.int64)
    first: Ints = np.array(piece.members, dtype=np.int64)[piece.inside.argmax(axis=0)]
    return first


def _times(piece: Slice, goods: _Goods) -> Ints:
    """The time of the panel at each day."""
    cuts = piece.panel.program.cuts
    return np.array([max(n for n, c in enumerate(cuts) if c <= d) for d in goods.days])


def _exporters(piece: Slice, goods: _Goods) -> list[str]:
    """The origin that stands for the label on each day."""
    program = piece.panel.program
    return [program.exporters[n] for n in _members(piece)[_times(piece, goods)]]


def _groups(run: Run, piece: Slice, goods: _Goods, pools: _Pools) -> list[list[int]]:
    """By stacking group: whether it is a base group, its classes, the steps of each."""
    program = piece.panel.program
    base = {r.place: r.base for r in program.rows}
    piece.of(piece.panel.rate)  # a group of countries must agree, as in the frames
    time = _times(piece, goods)
    partner, exporters = _members(piece)[time], _exporters(piece, goods)
    out = []
    for place in range(len(program.names)):
        kinds, sample, of = np.unique(program.kinds(place)[goods.places], return_index=True,
                                      return_inverse=True)
        at = piece.panel.class_of[goods.places[sample]]
        cells: list[list[list[int]]] = [[[] for _ in goods.days] for _ in kinds]
        for row in program.rows:
            if row.place != place:
                continue
            value = piece.panel.contribution(row)[at]
            spells = [s for s in run.timeline.spells
                      if s.measure == row.measure and s.group == row.group]
            for spell in spells:
                _place_steps(run, spell, value[:, partner, time], cells, sample, goods, pools,
                             exporters)
        held = [_changes(one) for one in cells]
        out.append([int(base[place]), pools.maps.place(runs_of(of.reshape(-1).tolist())),
                    pools.cells.place(held)])
    return out


def _changes(steps: list[list[int]]) -> list[Any]:
    """``[place of a day, steps from it on, …]``, where they change."""
    out: list[Any] = []
    for n, one in enumerate(steps):
        if not out or out[-1] != one:
            out += [n, one]
    return out


def _when(spell: Spell, goods: _Goods, exporters: Sequence[str]) -> list[int]:
    """The places of the days on which a spell is over the origin."""
    return [
        n for n, d in enumerate(goods.days)
        if spell.start <= d and (spell.end is None or d < spell.end)
        and spell.exporters.has(exporters[n], d)
    ]


def _place_steps(run: Run, spell: Spell, value: NDArray[np.float64],
                 cells: list[list[list[int]]], sample: Ints, goods: _Goods, pools: _Pools,
                 exporters: list[str]) -> None:
    """Add the steps of one spell to the classes and days on which it holds."""
    when = _when(spell, goods, exporters)
    inside = np.flatnonzero(goods.lines.mask(spell.products)[goods.places[sample]])
    if not when or not len(inside):
        return
    # The words on a suspension that ran out may change while the spell goes on.
    ends = {s.end for s in run.timeline.spells
            if s.measure == spell.measure and s.status == "suspended"}
    metas: dict[int, int] = {}
    for n in when:
        if n == when[0] or goods.days[n] in ends or n - 1 not in metas:
            code = goods.codes[goods.first[sample[inside[0]]]]
            step = _step(run.timeline, spell, code, 0.0, run.assumptions, goods.days[n])
            metas[n] = pools.meta(step)
        else:
            metas[n] = metas[n - 1]
    assumed = run.assumptions.share(spell.measure)
    for k in inside.tolist():
        code = goods.codes[goods.first[sample[k]]]
        said = _said(spell, code)
        share = _at(spell.coverage if assumed is None else assumed, code)
        coverage = math.nan if share is None or isinstance(share, Unknown) else float(share)
        before: tuple[int, float] | None = None
        for n in when:
            part = float(value[k, n])
            if before != (metas[n], part):
                reason = _reason(spell, code, share) if math.isnan(part) else ""
                place = pools.step(metas[n], said, coverage, part, reason)
                before = (metas[n], part)
            cells[k][n].append(place)


def _ahead_data(run: Run, importer: str, exporter: str, goods: _Goods,
                pools: _Pools) -> list[list[Any]]:
    """Threatened and scheduled acts: from, to, what is said of them, the duty by class."""
    out = []
    for name, m, parts in _promises(run, importer):
        mask = goods.lines.mask(m.scope.products)[goods.places]
        if not mask.any():
            continue
        change = _change(run.timeline, name)
        sample = [goods.codes[goods.first[n]] for n in np.flatnonzero(mask)]
        for start, end, status in parts:
            if not m.scope.exporters.has(exporter, start):
                continue
            one = _ahead(run.timeline, name, m, status, sample[0])
            by_class = np.zeros(len(mask), dtype=np.int64)
            if isinstance(change, ByProduct):
                by_class[mask] = [
                    1 + pools.duties.place(said, said) for said in (
                        _ahead(run.timeline, name, m, status, c).duty for c in sample)
                ]
            else:
                by_class[mask] = 1 + pools.duties.place(one.duty, one.duty)
            out.append([start.isoformat(), end.isoformat(), pools.meta(one),
                        pools.maps.place(runs_of(by_class.tolist()))])
    return out


def _exempt_data(run: Run, piece: Slice, goods: _Goods, pools: _Pools) -> list[list[Any]]:
    """Measures on all goods but a list: from, to, measure, acts, which classes are on the list."""
    exporters = _exporters(piece, goods)
    edges = (*goods.days, run.end)
    out: list[list[Any]] = []
    for s in run.timeline.spells:
        if s.importer != piece.importer or not s.products.sign(""):
            continue
        off = ~goods.lines.mask(s.products)[goods.places]
        when = _when(s, goods, exporters) if off.any() else []
        for n in when:  # an origin may leave a group, and come back, while the spell goes on
            start, end = str(edges[n]), str(edges[n + 1])
            if n - 1 in when:
                out[-1][1] = end
            else:
                out.append([start, end, s.measure, list(s.because),
                            pools.maps.place(runs_of(off.astype(int).tolist()))])
    return out


def heads(data: dict[str, Any]) -> set[str]:
    """The subheadings, headings and chapters of the lines shown."""
    found = {c[:6] for one in data["importers"].values() for c in one["codes"].split()}
    return {c[:n] for c in found for n in (2, 4, 6)}
