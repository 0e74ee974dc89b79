"""How much each duty weighs in each average: the trade a layer charges, by duty.

While the shares that measures take do not change, a mean is linear in what is charged, so the
value of all cells under one duty (and over one base, where a group tops up) is summed once.
Days on which only rates move, and draws of rates, then cost a product over duties, not cells.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from tradescen.engine.exposure import Exposure, Sums
from tradescen.engine.grid import classes
from tradescen.engine.kernel import Array, Outcome, free, times
from tradescen.engine.lower import Draws, Layer
from tradescen.engine.weighing import Load

__all__ = ["Loads", "load", "loads"]

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


def load(layers: Sequence[Layer], outcomes: Sequence[Outcome], place: int,
         cells: Sequence[Ints], label: Ints, weight: Array, labels: int, states: Sequence[Ints],
         known: Mask | None = None) -> Load:
    """Sum some trade to the duties of a layer.

    Args:
        layers, outcomes: All layers, and what they come to.
        place: Of the layer.
        cells: The cell of each item, in the layer and in those it yields to.
        label, weight: Of each item.
        labels: How many sums there are.
        states: By layer: the state at each time.
        known: By (item, time): whether it counts then; ``None``: always.
    """
    layer, outcome = layers[place], outcomes[place]
    if known is None:
        # What is yielded to tells times apart only where it claims another share.
        others = [_alike_columns(outcomes[p].claim)[states[p]] for p in layer.yields
                  if outcomes[p].claim.shape[1] > 1]
        column, at = classes([states[place], *others], len(states[place]))
    else:
        column = at = np.arange(known.shape[1])
    own = cells[0]

    def of(values: Array, cell: Ints, p: int) -> Array:
        rows = values[cell]
        return rows if rows.shape[1] == 1 else np.take(rows, states[p][at], axis=1)

    share = free(of(outcomes[p].claim, c, p)
                 for p, c in zip(layer.yields, cells[1:], strict=True))
    taken = np.ones((1, 1)) if share is None else share
    counted = weight[:, None] * taken if known is None else np.where(
        known, weight[:, None] * taken, 0.0)
    under, base = _under(layer, outcomes)
    kind = _alike(layer)
    pad = layer.duty.shape[0] - 1
    whole = layer.within == "max" and bool(
        (~layer.active | (layer.coverage == 1) | (layer.coverage == 0)).all())
    entries: list[tuple[Ints, Ints, Array]] = []  # label, brick, amount
    if whole:
        rows = np.sort(kind[layer.slot], axis=0)
        brick, first = classes([*rows, under], layer.slot.shape[1])
        rows, stands = rows[:, first].T, under[first]
        entries.append((label, brick[own], _times(counted, of(outcome.claim, own, place))))
    else:
        keys = kind[layer.slot] * (int(under.max(initial=0)) + 1) + under
        found, which = np.unique(keys, return_inverse=True)
        which = which.reshape(layer.slot.shape)
        rows = (found // (int(under.max(initial=0)) + 1))[:, None]
        stands = found % (int(under.max(initial=0)) + 1)
        for slot, take in enumerate(outcome.take):
            some = np.flatnonzero(layer.slot[slot][own] != pad)
            if len(some):
                part = counted if len(counted) == 1 else counted[some]
                entries.append((label[some], which[slot][own[some]],
                                _times(part, of(take, own[some], place))))
    n = len(at)
    fixed = whole or layer.within != "max" or layer.slot.shape[0] == 1
    state = states[place][at]
    high = None if base is None else (
        base[stands] if base.shape[1] == 1 else base[stands][:, state])
    if high is not None and high.shape[1] != n:
        high = np.broadcast_to(high, (len(high), n))
    if not entries:
        none = np.zeros(0, dtype=np.int64)
        return Load(layer, place, fixed, none, none, np.zeros((0, n)), rows, high, state, column,
                    labels)
    sums = np.concatenate([e[0] for e in entries])
    bricks = np.concatenate([e[1] for e in entries])
    amount: Array = np.concatenate([np.broadcast_to(e[2], (len(e[0]), n)) for e in entries])
    of_entry, head = classes([sums, bricks], len(sums))
    order = np.argsort(of_entry, kind="stable")
    total = np.add.reduceat(amount[order], np.flatnonzero(np.diff(of_entry[order], prepend=-1)),
                            axis=0) if len(order) else amount
    some = np.flatnonzero(total.any(axis=1))
    return Load(layer, place, fixed, sums[head][some], bricks[head][some], total[some], rows,
                high, state, column, labels)


def _times(a: Array, b: Array) -> Array:
    """A product; what is unknown of it belongs to goods that are left out, or to no duty."""
    return np.nan_to_num(times(a, b), nan=0.0)


def _alike_columns(values: Array) -> Ints:
    """For each state the place of its values among the different ones."""
    found: dict[bytes, int] = {}
    return np.array([found.setdefault(one.tobytes(), len(found))
                     for one in np.ascontiguousarray(values.T)], dtype=np.int64)


def _alike(layer: Layer) -> Ints:
    """For each row the first that bears the same duty in every state, where it takes any."""
    taking = layer.active & (layer.coverage != 0)
    drawn = np.zeros(layer.duty.shape[0], dtype=np.int64)
    known: dict[object, int] = {}
    for row, state, one in layer.drawn:
        if taking[row, state]:
            drawn[row] = known.setdefault((int(drawn[row]), state, one), len(known) + 1)
    key = np.where(taking, np.nan_to_num(layer.duty, nan=-1.0), 0.0)
    _, first, of = np.unique(np.column_stack([drawn, key]), axis=0, return_index=True,
                             return_inverse=True)
    return first[of.reshape(-1)].astype(np.int64)


def _under(layer: Layer, outcomes: Sequence[Outcome]) -> tuple[Ints, Array | None]:
    """The different things the layer's cells stand on: of each cell, and by (thing, state)."""
    n = layer.slot.shape[1]
    if not layer.floors:
        return np.zeros(n, dtype=np.int64), None
    under, first = classes([f.cells for f in layer.floors], n)
    parts = []
    for floor in layer.floors:
        total = outcomes[floor.place].total[floor.cells[first]]
        parts.append(total if floor.states is None or total.shape[1] == 1
                     else total[:, floor.states])
    return under, np.nan_to_num(sum(parts[1:], parts[0]), nan=0.0)


@frozen(eq=False)
class Loads:
    """The parts of all layers in the sums of the rate and of the additional rate.

    Args:
        labels: How many sums there are.
        total: All value by label.
        parts: Some layers' parts.
        whole, more: Which of them the rate and the additional rate are made of.
        known, additional_known: The value whose rate is known, by (label, time).
    """

    labels: int
    total: Array
    parts: tuple[Load, ...]
    whole: tuple[int, ...]
    more: tuple[int, ...]
    known: Array
    additional_known: Array

    def sums(self) -> Sums:
        """The sums under the law's own duties."""
        return self._summed([part.sums() for part in self.parts], self.known,
                            self.additional_known)

    def drawn(self, draws: Draws, column: Ints) -> Sums:
        """The sums with drawn duties put in, draw by draw.

        Args:
            draws: The rates by name, one a draw.
            column: The time of each draw.
        """
        got = [part.drawn(draws, column) if part.layer.drawn
               else np.take(part.sums(), column, axis=1) for part in self.parts]
        return self._summed(got, self.known[:, column], self.additional_known[:, column])

    def _summed(self, got: Sequence[Array], known: Array, more: Array) -> Sums:
        zero = np.zeros_like(known)
        return Sums(self.total, sum((got[n] for n in self.whole), zero), known,
                    sum((got[n] for n in self.more), zero), more)


def loads(layers: Sequence[Layer], outcomes: Sequence[Outcome], trade: Exposure,
          states: Sequence[Ints]) -> Loads | None:
    """Sum trade to the duties of all layers.

    Args:
        layers, outcomes: All layers, and what they come to; a drawn duty there is any known one.
        trade: Trade on their cells.
        states: By layer: the state at each time.

    Returns:
        ``None`` where the shares follow from drawn duties, so that these have no fixed weight.
    """
    n = len(states[0]) if states else 0
    used = [g for g, x in enumerate(outcomes) if x.total.any()]
    unknown = {g: mask for g in used if (mask := _unknown(trade, outcomes, g, states)) is not None}
    parts: list[Load] = []
    sides: dict[tuple[int, ...], tuple[list[int], Array]] = {}
    sets = []
    for some in (used, [g for g in used if not trade.base[g]]):
        key = tuple(g for g in some if g in unknown)
        if key not in sides:
            sides[key] = _side(layers, outcomes, trade, states, used, [unknown[g] for g in key],
                               parts, n)
        at, known = sides[key]
        sets.append((tuple(k for k in at if parts[k].place in some), known))
    if any(_open(part, layers, outcomes) for part in parts):
        return None
    return Loads(trade.labels, trade.total, tuple(parts), sets[0][0], sets[1][0], sets[0][1],
                 sets[1][1])


def _side(layers: Sequence[Layer], outcomes: Sequence[Outcome], trade: Exposure,
          states: Sequence[Ints], used: Sequence[int], unknown: Sequence[Mask],
          parts: list[Load], n: int) -> tuple[list[int], Array]:
    """The parts over the trade that is known throughout, and over that known at times; and the
    value known, by (label, time)."""
    size = len(trade.weight)
    ever, never = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    for mask in unknown:
        ever |= mask.any(axis=1)
        never |= mask.all(axis=1)
    weight = np.where(ever, 0.0, trade.weight)
    held = np.bincount(trade.label, weight, minlength=trade.labels).astype(float)
    known = np.repeat(held[:, None], n, axis=1)
    at = []
    for g in used:
        pair, cells = trade.pair[g], trade.cells[g]
        key, first = classes([trade.label, pair], size)
        value = np.bincount(key, weight, minlength=len(first)).astype(float)
        at.append(len(parts))
        parts.append(load(layers, outcomes, g, [c[pair[first]] for c in cells],
                          trade.label[first], value, trade.labels, states))
    some = np.flatnonzero(ever & ~never)
    if len(some):
        told = np.ones((len(some), n), dtype=bool)
        for mask in unknown:
            told &= ~mask[some]
        by = np.zeros((trade.labels, len(some)))
        by[trade.label[some], np.arange(len(some))] = trade.weight[some]
        known += by @ told
        for g in used:
            cells = tuple(c[trade.pair[g][some]] for c in trade.cells[g])
            at.append(len(parts))
            parts.append(load(layers, outcomes, g, cells, trade.label[some], trade.weight[some],
                              trade.labels, states, told))
    return at, known


def _unknown(trade: Exposure, outcomes: Sequence[Outcome], g: int,
             states: Sequence[Ints]) -> Mask | None:
    """Where what a layer charges on each item is unknown; ``None``: nowhere."""
    places = (g, *trade.yields[g])
    if not (np.isnan(outcomes[g].total).any()
            or any(np.isnan(outcomes[p].claim).any() for p in places[1:])):
        return None
    charged, joint = trade.charged(g, outcomes, states)
    mask: Mask = np.isnan(charged)[trade.pair[g]][:, joint]
    return mask if mask.any() else None


def _open(part: Load, layers: Sequence[Layer], outcomes: Sequence[Outcome]) -> bool:
    """Whether a part's shares, or what it stands on, may follow from drawn duties."""
    layer = part.layer
    if any(layers[f.place].drawn for f in layer.floors):
        return True
    if not layer.drawn:
        return False
    shares = (layer.coverage, *(outcomes[p].claim for p in layer.yields))
    return not part.fixed or any(bool(np.isnan(x).any()) for x in shares)
