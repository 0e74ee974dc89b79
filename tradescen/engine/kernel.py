"""The stacking kernel: arrays in, arrays out, numpy only.

Axes, in this order everywhere: SLOT (the measures that may charge in a cell, in plan order),
CELL (goods and origins no measure of the group tells apart), STATE (days, paths or draws).
The last may have length 1: the same in every state. Duties, shares and values are fractions
of customs value. NaN is *unknown*: it spreads to what depends on it, but nothing of nothing
is nothing, whatever is unknown.

For a measure *m* of a group: contribution = free × take × max(0, duty − what the groups it
tops up come to), where free = Π (1 − claim) over the groups its group yields to. The kernel
gives take × max(0, …) as ``value`` and each group's ``claim``; ``free`` and ``times`` join
them, on whatever cells two groups have in common.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SLOT, CELL, STATE = 0, 1, 2

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Index = NDArray[np.intp]

__all__ = ["Floor", "Group", "Outcome", "evaluate", "free", "outcome", "times"]


@dataclass(frozen=True)
class Floor:
    """An earlier group that a group tops up.

    Args:
        place: Of that group.
        cells: Its cell for each of ours.
        states: Its state for each of ours; ``None``: the same.
    """

    place: int
    cells: Index
    states: Index | None = None


@dataclass(frozen=True)
class Group:
    """The measures of one stacking group.

    Args:
        within: ``"sum"``, ``"max"`` or ``"first"``.
        duty: What each measure charges on the share it claims; NaN: unknown.
        coverage: The share of value each claims; NaN: unknown.
        active: Whether it claims at all there and then.
        precedence: For ``"first"``: the higher takes before the lower; with one state where it
            is the same in all.
        floors: Earlier groups it tops up.
    """

    within: str
    duty: Array
    coverage: Array
    active: Mask
    precedence: NDArray[np.int64]
    floors: tuple[Floor, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What a group comes to where all value is free to it.

    Args:
        take: The share of value each measure takes, by (slot, cell, state).
        value: What it charges on that: fractions of customs value, likewise.
        total: Its sum over slots, first to last.
        claim: The share of value the group claims, by (cell, state).
        tie: Where two measures of a ``"first"`` group bear one precedence, likewise.
    """

    take: Array
    value: Array
    total: Array
    claim: Array
    tie: Mask


def times(a: Array, b: Array) -> Array:
    """The product in which nothing stays nothing even of an unknown."""
    product: Array = a * b
    if np.isnan(product).any():
        product[np.broadcast_to((a == 0) | (b == 0), product.shape)] = 0.0
    return product


def free(claims: Iterable[Array]) -> Array | None:
    """The share of value left by some claims, on common axes; ``None`` where there are none."""
    out: Array | None = None
    for claim in claims:
        left = 1.0 - claim
        out = left if out is None else times(out, left)
    return out


def summed(parts: Array) -> Array:
    """The sum over slots, added first to last."""
    out: Array = parts[0]
    for part in parts[1:]:
        out = out + part
    return out


def _waterfall(share: Array, order: Index) -> tuple[Array, Array]:
    """Each measure in *order* takes its share of what is left; returns takes and the claim."""
    if order.shape[STATE] == 1:  # whole rows of states move together
        at = (order[:, :, 0], np.arange(order.shape[CELL]))
        shares = share[at]
    else:
        shares = np.take_along_axis(share, order, SLOT)
    takes = np.empty_like(shares)
    left = np.ones_like(shares[0])
    for m in range(shares.shape[SLOT]):
        takes[m] = times(shares[m], left)
        left = left - takes[m]
    out = np.empty_like(takes)
    if order.shape[STATE] == 1:
        out[at] = takes
    else:
        np.put_along_axis(out, order, takes, SLOT)
    return out, 1.0 - left


def _steady(group: Group, taking: Mask) -> Index | None:
    """The one order in which the measures of each cell take in all states, if there is one."""
    if group.precedence.shape[STATE] != 1:
        return None
    key = np.where(taking.any(axis=STATE, keepdims=True), -group.precedence.astype(float), np.inf)
    order = np.argsort(key, axis=SLOT, kind="stable")
    ranked = np.take_along_axis(key, order, SLOT)
    level = (ranked[1:] == ranked[:-1]) & np.isfinite(ranked[1:])
    return None if level.any() else order


def _takes(group: Group) -> tuple[Array, Array, Mask | None]:
    """The share each measure takes, the group's claim, ties."""
    share = np.where(group.active, group.coverage, 0.0)
    if group.within == "sum":
        return share, np.minimum(1.0, summed(share)), None
    if share.shape[SLOT] == 1:
        return share, share[0], None
    taking = share != 0
    if group.within == "first":
        order = _steady(group, taking)
        if order is not None:
            return *_waterfall(share, order), None
        key = np.where(taking, -group.precedence.astype(float), np.inf)
        order = np.argsort(key, axis=SLOT, kind="stable")
        ranked = np.take_along_axis(key, order, SLOT)
        tie = ((ranked[1:] == ranked[:-1]) & np.isfinite(ranked[1:])).any(axis=SLOT)
        return *_waterfall(share, order), tie
    unknown = taking & np.isnan(group.duty)
    if not unknown.any() and (~taking | (share == 1)).all():
        # Each would take all there is, so the highest does (of equal ones the first).
        key = np.where(taking, group.duty, -np.inf)
        best = key.argmax(axis=SLOT)
        won = np.arange(key.shape[SLOT]).reshape(-1, 1, 1) == best
        claim = taking.any(axis=SLOT).astype(float)
        return won * claim, np.broadcast_to(claim, best.shape), None
    # Of equal duties the known share goes first, so that no order hides what is known.
    key = np.where(taking & ~np.isnan(group.duty), -group.duty, np.inf)
    share = np.broadcast_to(share, key.shape)
    order = np.lexsort((np.where(np.isnan(share), np.inf, -share), key), axis=SLOT)
    takes, claim = _waterfall(share, order)
    # The rank of an unknown duty is unknown, and so is what it and its rivals are left.
    if unknown.any():
        unsure = unknown.any(axis=SLOT) & (taking.sum(axis=SLOT) > 1)
        takes = np.where(taking & unsure, np.nan, takes)
    return takes, claim, None


def outcome(group: Group, done: Sequence[Outcome]) -> Outcome:
    """What a group comes to, given the groups before it."""
    takes, claim, tie = _takes(group)
    duty = group.duty
    for floor in group.floors:
        base = done[floor.place].total[floor.cells]
        if floor.states is not None and base.shape[-1] > 1:
            base = base[:, floor.states]
        duty = np.maximum(0.0, duty - base)
    value = times(takes, duty)
    return Outcome(takes, value, summed(value), claim,
                   np.zeros((1, 1), dtype=bool) if tie is None else tie)


def evaluate(groups: Sequence[Group]) -> list[Outcome]:
    """Each group's values and claim, in plan order."""
    done: list[Outcome] = []
    for group in groups:
        done.append(outcome(group, done))
    return done
