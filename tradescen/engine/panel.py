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
from tradescen.engine.kernel import Outcome, evaluate, free, times
from tradescen.engine.lower import Layer, Program, Row
from tradescen.errors import ConflictingActs

__all__ = ["Cells", "Panel", "panel", "settled"]

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


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


def left(layers: Sequence[Layer], outcomes: Sequence[Outcome], place: int,
         cells: Cells) -> Array | None:
    """The share of value free to a layer on some cells; ``None``: all of it."""
    return free(cells.of(p, outcomes[p].claim) for p in layers[place].yields)


@frozen(eq=False)
class Panel:
    """Rates of one importer on (classes, partners, times).

    A rate is the sum of its contributions, added left to right in plan order. ``class_of``
    gives the class of each line, ``first`` the first line of each class. Partners that no
    measure tells apart share a column of the tables, and so do times at which nothing differs:
    ``partner_of`` and ``time_of`` give it.
    """

    program: Program
    outcomes: tuple[Outcome, ...]
    class_of: Ints
    first: Ints
    partner_of: Ints
    time_of: Ints
    cells: Cells
    shape: tuple[int, int, int]  # of the tables

    def _wide(self, values: NDArray[Any]) -> NDArray[Any]:
        """A table on all partners and times."""
        got: NDArray[Any] = np.take(np.take(values, self.partner_of, axis=1), self.time_of, axis=2)
        return got

    def _table(self, values: NDArray[Any]) -> NDArray[Any]:
        """Values on (items, columns) as a table."""
        return np.broadcast_to(values, (self.shape[0] * self.shape[1], self.shape[2])).reshape(
            self.shape)

    def _left(self, place: int) -> Array | None:
        if place not in self._lefts:
            self._lefts[place] = left(self.program.layers, self.outcomes, place, self.cells)
        return self._lefts[place]

    @cached_property
    def _lefts(self) -> dict[int, Array | None]:
        return {}

    @cached_property
    def tables(self) -> tuple[Array, Array]:
        """Rate and additional rate on (classes, kinds of partner, different times)."""
        items = (self.shape[0] * self.shape[1], self.shape[2])
        rate, more = np.zeros(items), np.zeros(items)
        based = {r.place for r in self.program.rows if r.base}
        for place in range(len(self.program.layers)):
            for part in self.outcomes[place].value:
                if part.any():
                    here = self._charged(place, self.cells.of(place, part))
                    rate += here
                    if place not in based:
                        more += here
        return self._table(rate), self._table(more)

    def _charged(self, place: int, values: Array) -> Array:
        share = self._left(place)
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
    cells = Cells(
        cell=tuple(x.cell[x.product_of[first]][:, x.partner_of[who]].reshape(-1) for x in layers),
        state=tuple(x.state[some] for x in layers),
    )
    return Panel(program, outcomes, of, first, partner_of, time_of, cells,
                 (len(first), len(who), len(some)))


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

