"""One layer's part of some sums, under its own duties or under drawn ones."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from tradescen.engine.kernel import Array
from tradescen.engine.lower import Draws, Layer
from tradescen.engine.table import drawn_rates

__all__ = ["Load"]

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
Weighed = tuple[Ints, Ints, Array | None, list[tuple[Ints, Array, Array, Array]]]
BLOCK = 1024  # draws at a time: so many stay in the cache


@frozen(eq=False)
class Load:
    """One layer's part of some sums.

    Args:
        layer, place: The layer and its place.
        fixed: Whether the shares stay as they are whatever the duties.
        label, brick: Of each entry, sorted by label: the sum it belongs to, and the brick.
        amount: The value under each entry, by (entry, column).
        rows: The rows of the layer of which the highest is charged, by (brick, slot).
        base: What the layer's duties stand on, by (brick, column); ``None``: nothing.
        state: The layer's state in each column.
        column: Of each time asked for its column.
        labels: How many sums there are.
    """

    layer: Layer
    place: int
    fixed: bool
    label: Ints
    brick: Ints
    amount: Array
    rows: Ints
    base: Array | None
    state: Ints
    column: Ints
    labels: int
    _kept: dict[int, Weighed] = field(factory=dict, init=False)

    def _charged(self, duty: Array, base: Array | None, rows: Ints) -> Array:
        """What some bricks are charged, given the duty of each row."""
        out: Array = duty[rows[:, 0]]
        for slot in rows.T[1:]:
            np.maximum(out, duty[slot], out=out)
        if base is not None:
            out -= base
            np.maximum(out, 0.0, out=out)
        return out

    def sums(self) -> Array:
        """Σ value × rate by (label, time) under the layer's own duties."""
        if not len(self.label):
            return np.zeros((self.labels, len(self.column)))
        charged = self._charged(self.duties[:, self.state], self.base, self.rows)
        out = np.zeros((self.labels, charged.shape[1]))
        who, weight, label, brick, amount = self._steady
        out[who] = weight @ charged
        if len(label):
            part = np.take(charged, brick, axis=0)
            part *= amount
            start = np.flatnonzero(np.diff(label, prepend=-1))
            out[label[start]] += np.add.reduceat(part, start, axis=0)
        got: Array = np.take(out, self.column, axis=1)
        return got

    @cached_property
    def _steady(self) -> tuple[Ints, Array, Ints, Ints, Array]:
        """Entries whose value is the same wherever something is charged, as weights of bricks by
        label (few have any); and the others one by one."""
        charged = self._charged(self.duties[:, self.state], self.base, self.rows)
        most = self.amount.max(axis=1, initial=0.0)
        same = self.amount == most[:, None]
        same |= (self.amount == 0) & (charged[self.brick] == 0)
        steady = same.all(axis=1)
        who, row = np.unique(self.label[steady], return_inverse=True)
        n = len(self.rows)
        weight = np.bincount(row * n + self.brick[steady], most[steady], minlength=len(who) * n)
        moving = np.flatnonzero(~steady)
        return (who.astype(np.int64), weight.astype(float).reshape(len(who), n),
                self.label[moving], self.brick[moving], self.amount[moving])

    def drawn(self, draws: Draws, column: Ints) -> Array:
        """The same draw by draw.

        Args:
            draws: The rates by name, one a draw.
            column: The time of each draw.
        """
        out = np.zeros((self.labels, len(column)))
        at = self.column[column]
        for j in np.unique(at):
            if (at == j).all():
                self._draw(int(j), draws, out)
                continue
            some = np.flatnonzero(at == j)
            part = np.zeros((self.labels, len(some)))
            self._draw(int(j), {k: v[some] for k, v in draws.items()}, part)
            out[:, some] = part
        return out

    def _draw(self, j: int, draws: Draws, out: Array) -> None:
        """Add what draws in one column come to."""
        rows, sets, weight, sums = self._weighed(j)
        for start in range(0, out.shape[1], BLOCK):
            at = slice(start, start + BLOCK)
            here = out[:, at]
            duty = self._drawn_duties(j, rows, {k: v[at] for k, v in draws.items()},
                                      here.shape[1])
            charged = duty if sets.shape[1] == 1 else self._charged(duty, None, sets)
            if weight is not None:
                here += weight @ charged
            for high, (who, levels, held, under) in zip(charged, sums, strict=False):
                below = np.searchsorted(levels, high)
                part = np.take(held, below, axis=1)
                part *= high
                part -= np.take(under, below, axis=1)
                here[who] += part

    def _weighed(self, j: int) -> Weighed:
        """What draws in one column are weighed with: rows, sets of them (by place), and the
        weight of each set by label; or, where these stand on something, for each set the labels,
        the levels stood on, and the sums of value and of value × level below each."""
        if j in self._kept:
            return self._kept[j]
        live = np.flatnonzero(self.amount[:, j])
        label, brick, amount = self.label[live], self.brick[live], self.amount[live, j]
        sets, of = self._sets
        used, kind = np.unique(of[brick], return_inverse=True)
        rows, place = np.unique(sets[used], return_inverse=True)
        place = place.reshape(sets[used].shape)
        weight: Array | None = None
        sums = []
        if self.base is None:
            n = int(label.max(initial=-1)) + 1
            flat = np.bincount(label * len(used) + kind, amount, minlength=n * len(used))
            weight = np.zeros((self.labels, len(used)))
            weight[:n] = flat.reshape(n, len(used))
        else:
            base = self.base[brick, j]
            for n in range(len(used)):
                # Of levels below the duty the rest is charged, so two running sums suffice.
                some = np.flatnonzero(kind == n)
                levels, level = np.unique(base[some], return_inverse=True)
                who, row = np.unique(label[some], return_inverse=True)
                held = np.zeros((2, len(who), len(levels) + 1))
                np.add.at(held[0], (row, level + 1), amount[some])
                np.add.at(held[1], (row, level + 1), amount[some] * base[some])
                held.cumsum(axis=2, out=held)
                sums.append((who, levels, held[0], held[1]))
        got = self._kept[j] = (rows, place, weight, sums)
        return got

    @cached_property
    def _sets(self) -> tuple[Ints, Ints]:
        """The different sets of rows, and that of each brick."""
        sets, of = np.unique(self.rows, axis=0, return_inverse=True)
        return sets, of.reshape(-1)

    def _drawn_duties(self, j: int, rows: Ints, draws: Draws, n: int) -> Array:
        """The duty of some rows in each draw of one column."""
        state = int(self.state[j])
        open_ = {row: one for row, u, one in self.layer.drawn
                 if u == state and self.taking[row, u]}
        out = np.empty((len(rows), n))
        for k, row in enumerate(rows.tolist()):
            out[k] = drawn_rates(open_[row], draws) if row in open_ else self.duties[row, state]
        return out

    @cached_property
    def taking(self) -> Mask:
        """Which rows take something, by state."""
        taking: Mask = self.layer.active & (self.layer.coverage != 0)
        return taking

    @cached_property
    def duties(self) -> Array:
        """The layer's duties by (row, state), 0 where nothing is taken; 0 for unknown ones too,
        since what they weigh is left out of the sums."""
        return np.where(self.taking & ~np.isnan(self.layer.duty), self.layer.duty, 0.0)
