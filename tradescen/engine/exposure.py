"""Averages without a panel: trade is summed to the cells of each group once, and an average is
then a small product, whatever the number of tariff lines, partners, days or draws.

A rate is a sum over groups, so its weighted mean is a sum over groups of cell weights times
cell values. Only what is unknown ties groups together: an average is over the value whose
whole rate is known. Goods that are always known or never known are told apart beforehand; the
few that are known at some times and not at others are joined and summed one by one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from tradescen.engine.grid import classes
from tradescen.engine.kernel import Array, Outcome, free, times
from tradescen.engine.lower import Program

__all__ = ["Exposure", "Sums", "expose"]

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
BLOCK = 1 << 21  # numbers in one block of the goods joined one by one


@frozen(eq=False)
class Sums:
    """Sums over (labels, columns); each average is rate / known.

    Args:
        total: All value, by label.
        rate, known: Σ value × rate over the value whose rate is known, and that value.
        additional, additional_known: Likewise for the additional rate.
    """

    total: Array
    rate: Array
    known: Array
    additional: Array
    additional_known: Array


@frozen(eq=False)
class Exposure:
    """Trade on the cells of a program.

    Args:
        labels: How many sums are asked for.
        base: Whether each layer is of the plan's base.
        yields: The layers each is left the rest of.
        label, weight: Of each item: goods and origins of one label that no layer tells apart.
        pair: By layer: the pair of each item.
        cells: By layer: the cells of each pair, in the layer and in those it yields to.
    """

    labels: int
    base: tuple[bool, ...]
    yields: tuple[tuple[int, ...], ...]
    label: Ints
    weight: Array
    pair: tuple[Ints, ...]
    cells: tuple[tuple[Ints, ...], ...]
    _kept: dict[bytes, tuple[Mask, list[Array], Array]] = field(factory=dict)

    @property
    def total(self) -> Array:
        """All value by label."""
        return np.bincount(self.label, self.weight, minlength=self.labels).astype(float)

    def sums(self, outcomes: Sequence[Outcome], states: Sequence[Ints]) -> Sums:
        """The sums in some columns.

        Args:
            outcomes: What the layers come to.
            states: By layer: the state of each column.
        """
        column, some = classes(list(states), len(states[0]) if states else 0)
        charged = [self.charged(g, outcomes, [s[some] for s in states])
                   if outcomes[g].total.any() else None for g in range(len(self.base))]
        n = len(some)
        whole = self._summed(charged, [True] * len(self.base), n)
        more = self._summed(charged, [not b for b in self.base], n)
        return Sums(self.total, *(x[:, column] for x in (*whole, *more)))

    def charged(self, g: int, outcomes: Sequence[Outcome],
                states: Sequence[Ints]) -> tuple[Array, Ints]:
        """What a layer charges on its pairs in its own different states, and the state of each
        column."""
        own, *others = self.cells[g]
        places = (g, *self.yields[g])
        joint, some = classes([states[p] for p in places], len(states[0]))

        def of(values: Array, cell: Ints, place: int) -> Array:
            rows = values[cell]
            return rows if rows.shape[1] == 1 else np.take(rows, states[place][some], axis=1)

        here = of(outcomes[g].total, own, g)
        share = free(of(outcomes[p].claim, c, p)
                     for p, c in zip(self.yields[g], others, strict=True))
        if share is not None:
            here = times(here, share)
        return np.broadcast_to(here, (len(own), len(some))), joint

    def _summed(self, charged: Sequence[tuple[Array, Ints] | None],
                taken: Sequence[bool], n: int) -> tuple[Array, Array]:
        """Σ value × rate over what is known, and the value known, by (label, column)."""
        used = [(g, *one) for g, one in enumerate(charged) if one is not None and taken[g]]
        unknown = {g: mask for g, values, _ in used if (mask := np.isnan(values)).any()}
        never = np.zeros(len(self.weight), dtype=bool)
        ever = np.zeros(len(self.weight), dtype=bool)
        for g, mask in unknown.items():
            never |= np.take(mask.all(axis=1), self.pair[g])
            ever |= np.take(mask.any(axis=1), self.pair[g])
        clean, weights, held = self._weights(ever)
        out = np.zeros((self.labels, n))
        known = np.repeat(held[:, None], n, axis=1)
        for g, values, joint in used:
            known_values = np.where(unknown[g], 0.0, values) if g in unknown else values
            out += (weights[g] @ known_values)[:, joint]
        some = np.flatnonzero(~clean & ~never)
        step = max(1, BLOCK // max(1, len(some)))
        for start in range(0, n if len(some) else 0, step):
            at = slice(start, min(start + step, n))
            rate = np.zeros((len(some), at.stop - start))
            for g, values, joint in used:
                rate += values[self.pair[g][some]][:, joint[at]]
            told = ~np.isnan(rate)
            by = np.zeros((self.labels, len(some)))
            by[self.label[some], np.arange(len(some))] = self.weight[some]
            out[:, at] += by @ np.where(told, rate, 0.0)
            known[:, at] += by @ told
        return out, known

    def _weights(self, ever: Mask) -> tuple[Mask, list[Array], Array]:
        """The items known throughout, their value by layer on (labels, pairs), and by label."""
        key = ever.tobytes() if ever.any() else b""
        got = self._kept.get(key)
        if got is None:
            clean = ~ever
            weight = np.where(clean, self.weight, 0.0)
            by = [
                np.bincount(self.label * len(cells[0]) + pair, weight,
                            minlength=self.labels * len(cells[0]))
                .astype(float).reshape(self.labels, len(cells[0]))
                for pair, cells in zip(self.pair, self.cells, strict=True)
            ]
            held = np.bincount(self.label, weight, minlength=self.labels).astype(float)
            if len(self._kept) > 8:
                self._kept.clear()
            got = self._kept[key] = (clean, by, held)
        return got


def expose(program: Program, line: Ints, exporter: Ints, label: Ints, weight: Array,
           labels: int) -> Exposure:
    """Sum trade to the cells of a program.

    Args:
        program: Whose layers tell goods and origins apart.
        line, exporter: The place of the line and of the origin of each value.
        label: Which sum each value goes to.
        weight: The values.
        labels: How many labels there are.
    """
    layers = program.layers
    # First what no layer tells apart, on few numbers; all else is done on what is left.
    product_of, _ = classes([x.product_of for x in layers], len(program.lines))
    partner_of, _ = classes([x.partner_of for x in layers], len(program.exporters))
    of, first = classes([label, partner_of[exporter], product_of[line]], len(line))
    total = np.bincount(of, weight, minlength=len(first)).astype(float)
    line, exporter, label = line[first], exporter[first], label[first]
    cell = [np.take(x.cell, x.product_of[line] * x.cell.shape[1] + x.partner_of[exporter])
            for x in layers]
    pairs, cells = [], []
    for g, layer in enumerate(layers):
        own = [cell[p] for p in (g, *layer.yields)]
        pair, some = classes(own, len(first))
        pairs.append(pair)
        cells.append(tuple(c[some] for c in own))
    base = {r.place for r in program.rows if r.base}
    return Exposure(
        labels=labels, base=tuple(g in base for g in range(len(layers))),
        yields=tuple(x.yields for x in layers), label=label, weight=total,
        pair=tuple(pairs), cells=tuple(cells),
    )
