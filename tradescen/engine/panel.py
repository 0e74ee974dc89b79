"""Rates on classes: the outcome of a program, joined where asked, expanded only on demand."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from tradescen.engine.grid import classes
from tradescen.engine.kernel import Group, Outcome, evaluate, free, times
from tradescen.engine.lower import Layer, Program, Row
from tradescen.errors import ConflictingActs

__all__ = ["Cells", "Panel", "panel", "settled"]

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
ROWS = 512  # of a table, added at a time
MANY = 8  # of a table at least this part: then the whole is made


@frozen(eq=False)
class Cells:
    """Some goods of some origins in some columns: the cell and state of each layer there.

    Args:
        cell: By layer: the cell of each item.
        state: By layer: the state of each column.
    """

    cell: tuple[Ints, ...]
    state: tuple[Ints, ...]

    def of(self, place: int, values: NDArray[Any]) -> NDArray[Any]:
        """A layer's values by (cell, state) on (items, columns)."""
        if values.shape[-1] == 1:
            return values[self.cell[place]]
        got: NDArray[Any] = np.take(values[self.cell[place]], self.state[place], axis=-1)
        return got


def _left(layers: Sequence[Layer], outcomes: Sequence[Outcome], place: int,
         cells: Cells) -> Array | None:
    """The share of value free to a layer on some cells; ``None``: all of it."""
    return free(cells.of(p, outcomes[p].claim) for p in layers[place].yields)


@frozen(eq=False)
class Part:
    """What a layer charges, on the goods, origins and times it tells apart.

    Args:
        base: Whether it is of the plan's base.
        goods, origins, times: The kind of each class, kind of partner and different time.
        values: By (time, goods, origins): the first contribution there, then the second …, so
            that adding them gives the sum of all in plan order.
    """

    base: bool
    goods: Ints
    origins: Ints
    times: Ints
    values: tuple[Array, ...]


@frozen(eq=False)
class Panel:
    """Rates of one importer on (classes, partners, times).

    A rate is the sum of its contributions, added left to right in plan order. ``class_of``
    gives the class of each line, ``first`` the first line of each class. Partners that no
    measure tells apart share a column of the tables, and so do times at which nothing differs:
    ``partner_of`` and ``time_of`` give it. Nothing is expanded before it is asked for: layers
    keep what they charge on their own kinds of goods and origins.
    """

    program: Program
    outcomes: tuple[Outcome, ...]
    class_of: Ints
    first: Ints
    partner_of: Ints
    time_of: Ints
    who: Ints  # the first exporter of each kind of partner
    some: Ints  # the first column of each different time

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of the tables: classes, kinds of partner, different times."""
        return len(self.first), len(self.who), len(self.some)

    @cached_property
    def cells(self) -> Cells:
        """The cells of the tables."""
        layers = self.program.layers
        return Cells(
            cell=tuple(x.cell[x.product_of[self.first]][:, x.partner_of[self.who]].reshape(-1)
                       for x in layers),
            state=tuple(x.state[self.some] for x in layers),
        )

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """What each layer charges, in plan order."""
        based = {r.place for r in self.program.rows if r.base}
        return tuple(
            _part(self, place, place in based) for place, x in enumerate(self.outcomes)
            if x.total.any()
        )

    def table(self, time: int, additional: bool = False) -> Array:
        """The rate (or the additional rate) at one different time, on (classes, kinds of
        partner)."""
        out = np.zeros(self.shape[:2])
        for part in self.parts:
            if not (additional and part.base):
                for values in part.values:
                    _add(out, values[part.times[time]], part.goods, part.origins)
        return out

    def expand(self, columns: Sequence[int] | Ints | None = None, out: NDArray[Any] | None = None,
               additional: bool = False, dtype: Any = np.float64) -> NDArray[Any]:
        """Rates of all lines and exporters in full, on (columns, lines, exporters).

        Args:
            columns: The columns of the program; ``None``: all.
            out: Where to write.
            additional: The additional rate instead.
            dtype: Of the result where *out* is not given; rates are computed in float64.
        """
        at = self.time_of if columns is None else self.time_of[np.asarray(columns, dtype=int)]
        shape = (len(at), len(self.class_of), len(self.partner_of))
        if out is None:
            out = np.empty(shape, dtype=dtype)
        wide = np.empty((len(self.first), len(self.partner_of)), dtype=out.dtype)
        last = -1
        for n in np.argsort(at, kind="stable"):
            if at[n] != last:
                table = self.table(int(at[n]), additional).astype(out.dtype, copy=False)
                np.take(table, self.partner_of, axis=1, out=wide, mode="clip")
                last = int(at[n])
            np.take(wide, self.class_of, axis=0, out=out[n], mode="clip")
        return out

    def some_of(self, lines: Ints, exporters: Ints, columns: Ints,
                additional: bool = False) -> Array:
        """Rates of some lines and exporters on (columns, lines, exporters)."""
        if len(lines) > len(self.first):  # lines of one class are alike
            some = self.some_of(self.first, exporters, columns, additional)
            return np.take(some, self.class_of[lines], axis=1)
        k, partners, t = (self.class_of[lines], self.partner_of[exporters],
                          self.time_of[columns])
        out = np.zeros((len(t), len(k), len(partners)))
        if len(k) * len(partners) > self.shape[0] * self.shape[1] // MANY:
            for n in np.unique(t):
                table = self.table(int(n), additional)
                out[t == n] = np.take(np.take(table, k, axis=0), partners, axis=1)
            return out
        for part in self.parts:
            if not (additional and part.base):
                at = (part.times[t], part.goods[k], part.origins[partners])
                for here in part.values:
                    for axis in np.argsort([len(x) / n for x, n in zip(at, here.shape,
                                                                      strict=True)]):
                        here = np.take(here, at[axis], axis=axis)  # the narrowest first
                    out += here
        return out

    def _wide(self, values: NDArray[Any]) -> NDArray[Any]:
        """A table on all partners and times."""
        got: NDArray[Any] = np.take(np.take(values, self.partner_of, axis=1), self.time_of, axis=2)
        return got

    def _table(self, values: NDArray[Any]) -> NDArray[Any]:
        """Values on (items, columns) as a table."""
        return np.broadcast_to(values, (self.shape[0] * self.shape[1], self.shape[2])).reshape(
            self.shape)

    def left(self, place: int) -> Array | None:
        """The share of value left to a layer, by (item, column); ``None``: all of it."""
        if place not in self._lefts:
            self._lefts[place] = _left(self.program.layers, self.outcomes, place, self.cells)
        return self._lefts[place]

    @cached_property
    def _lefts(self) -> dict[int, Array | None]:
        return {}

    @cached_property
    def tables(self) -> tuple[Array, Array]:
        """Rate and additional rate on (classes, kinds of partner, different times)."""
        rate, more = (np.stack([self.table(t, additional) for t in range(self.shape[2])])
                      .transpose(1, 2, 0) for additional in (False, True))
        return rate, more

    def _charged(self, place: int, values: Array) -> Array:
        share = self.left(place)
        return values if share is None else times(values, share)

    @cached_property
    def rate(self) -> Array:
        """The all-in rate on (classes, partners, times)."""
        return self._wide(self.tables[0])

    @cached_property
    def additional(self) -> Array:
        """The rate outside the plan's base, likewise."""
        return self._wide(self.tables[1])

    def contribution(self, row: Row) -> Array:
        """What one measure contributes, shape as the rate."""
        layer, outcome = self.program.layers[row.place], self.outcomes[row.place]
        own = np.where((layer.measure == row.at)[:, :, None], outcome.value, 0.0).sum(axis=0)
        return self._wide(self._table(self._charged(row.place, self.cells.of(row.place, own))))

    def contributions(self) -> Iterator[tuple[Row, Array]]:
        """All contributions that are anywhere other than 0, in plan order."""
        for row in self.program.rows:
            layer, outcome = self.program.layers[row.place], self.outcomes[row.place]
            if outcome.value[layer.measure == row.at].any():
                yield row, self.contribution(row)

    def by_measure(self, place: int) -> Group:
        """A layer by (measure, item, column): its rows laid out on the cells of the panel."""
        layer = self.program.layers[place]
        rows = [r for r in self.program.rows if r.place == place]
        cell, state = self.cells.cell[place], self.cells.state[place]
        slot, which = layer.slot[:, cell], layer.measure[:, cell]
        row = np.full((len(rows), slot.shape[1]), len(layer.duty) - 1, dtype=np.int64)
        j, item = np.nonzero(which >= 0)
        row[which[j, item], item] = slot[j, item]

        def laid(values: NDArray[Any]) -> NDArray[Any]:
            return (values if values.shape[1] == 1 else np.take(values, state, axis=1))[row]

        return Group(within=layer.within, duty=laid(layer.duty), coverage=laid(layer.coverage),
                     active=laid(layer.active), precedence=laid(layer.precedence))

    def on_items(self, values: NDArray[Any]) -> NDArray[Any]:
        """Values by (item, column) on (classes, partners, times)."""
        return self._wide(self._table(values))

    def status(self) -> NDArray[np.int8]:
        """Per cell: 0 no measure, 1 in force, 2 some measure is suspended."""
        out = np.zeros((self.shape[0] * self.shape[1], self.shape[2]), dtype=np.int8)
        for place, layer in enumerate(self.program.layers):
            inside = layer.active[layer.slot].any(axis=0)
            # Of unknown coverage nothing is known to be held back.
            held = (layer.held & (layer.coverage > 0))[layer.slot].any(axis=0)
            out = np.maximum(out, self.cells.of(place, np.where(held, 2, inside.astype(np.int8))))
        return self._wide(self._table(out)).astype(np.int8)


def settled(program: Program, drawn: float = math.nan) -> tuple[Outcome, ...]:
    """What each layer comes to in each of its states; *drawn* stands for all drawn duties.

    Raises:
        ConflictingActs: where two measures of a ``"first"`` group bear one precedence.
    """
    outcomes = evaluate([layer.group(drawn) for layer in program.layers])
    for place, outcome in enumerate(outcomes):
        if outcome.tie.any():
            _tie(program, place, outcome)
    return tuple(outcomes)


def panel(program: Program) -> Panel:
    """Evaluate a program.

    Raises:
        ConflictingActs: where two measures of a ``"first"`` group bear one precedence.
    """
    layers = program.layers
    outcomes = settled(program)
    of, first = classes([x.product_of for x in layers], len(program.lines))
    partner_of, who = classes([x.partner_of for x in layers], len(program.exporters))
    time_of, some = classes([x.state for x in layers], program.columns)
    return Panel(program, outcomes, of, first, partner_of, time_of, who, some)


def _part(panel: Panel, place: int, base: bool) -> Part:
    """What one layer charges."""
    layers, outcomes = panel.program.layers, panel.outcomes
    own = layers[place]
    goods, origins, moments = ([x[at]] for x, at in (
        (own.product_of, panel.first), (own.partner_of, panel.who), (own.state, panel.some)))
    for p in own.yields:  # of these only the share they claim makes a difference
        one = layers[p]
        claim = outcomes[p].claim[one.cell]
        for axis, (kinds, theirs) in enumerate((
            (goods, one.product_of[panel.first]), (origins, one.partner_of[panel.who]),
            (moments, one.state[panel.some]),
        )):
            if claim.shape[axis] > 1:
                kinds.append(_alike(claim, axis)[theirs])
    kind, k = classes(goods, len(panel.first))
    origin, e = classes(origins, len(panel.who))
    time, t = classes(moments, len(panel.some))
    k, e, t = panel.first[k], panel.who[e], panel.some[t]

    def of(values: Array, p: int) -> Array:
        """A layer's values by (cell, state) on (times, goods, origins)."""
        one = layers[p]
        got = values if values.shape[1] == 1 else np.take(values, one.state[t], axis=1)
        return np.ascontiguousarray(got.T)[:, one.cell[one.product_of[k]][:, one.partner_of[e]]]

    share = free(of(outcomes[p].claim, p) for p in own.yields)
    shape = (len(t), len(k), len(e))
    return Part(base, kind, origin, time, tuple(
        np.broadcast_to(here if share is None else times(here, share), shape)
        for here in (of(values, place) for values in _ranked(outcomes[place].value))
    ))


def _alike(values: Array, axis: int) -> Ints:
    """For each place on an axis the place of its values among the different ones."""
    found: dict[bytes, int] = {}
    return np.array([found.setdefault(one.tobytes(), len(found))
                     for one in np.moveaxis(values, axis, 0)], dtype=np.int64)


def _ranked(value: Array) -> list[Array]:
    """Values by (slot, cell, state) as the first one that is not 0, the second …"""
    out: list[Array] = []
    count = np.zeros(value.shape[1:], dtype=np.int64)
    for part in value:
        live = part != 0
        for rank in range(int(count[live].max(initial=-1)) + 1):
            if rank == len(out):
                out.append(np.zeros(value.shape[1:]))
            np.copyto(out[rank], part, where=live & (count == rank))
        count += live
    return out


def _add(out: Array, values: Array, goods: Ints, origins: Ints) -> None:
    """Add values by (kind of goods, kind of origin) where they are other than 0."""
    live = values != 0
    columns = np.flatnonzero(live.any(axis=0)[origins])
    if len(columns) <= out.shape[1] // 4:
        for c in columns:
            out[:, c] += values[:, origins[c]][goods]
        return
    wide = np.take(values, origins, axis=1)
    rows = live.any(axis=1)[goods]
    if 2 * np.count_nonzero(rows) < len(rows):
        some = np.flatnonzero(rows)
        out[some] += np.take(wide, goods[some], axis=0)
        return
    for start in range(0, len(out), ROWS):  # so many at a time stay in the cache
        at = slice(start, start + ROWS)
        out[at] += np.take(wide, goods[at], axis=0)


def _tie(program: Program, place: int, outcome: Outcome) -> None:
    cell, u = (int(i[0]) for i in np.nonzero(outcome.tie))
    layer = program.layers[place]
    rows, places = layer.slot[:, cell], layer.measure[:, cell]
    taking = layer.active[rows, u] & (layer.coverage[rows, u] != 0)
    at = set(places[taking].tolist())
    names = [r.measure for r in program.rows if r.place == place and r.at in at]
    kinds = np.flatnonzero((layer.cell == cell).any(axis=1))
    line = program.lines.codes[int(np.flatnonzero(np.isin(layer.product_of, kinds))[0])]
    column = int(np.flatnonzero(layer.state == u)[0])
    day = f" from {program.cuts[column]}" if program.cuts else ""
    raise ConflictingActs(
        f"the group {program.names[place]!r} takes its measures by precedence, but "
        f"{', '.join(names)} are level on {line or 'all goods'}{day}; give "
        "them different precedences",
        names=tuple(names), line=line,
    )

