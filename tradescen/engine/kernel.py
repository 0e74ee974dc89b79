"""The stacking kernel: arrays in, arrays out, numpy only.

Axes, in this order everywhere: MEASURE, PRODUCT (classes), PARTNER (origins), TIME (or
draws). Duties, shares and contributions are fractions of customs value. NaN is *unknown*:
it spreads to what depends on it, but nothing of nothing is nothing, whatever is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MEASURE, PRODUCT, PARTNER, TIME = 0, 1, 2, 3

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Index = NDArray[np.intp]

__all__ = ["MEASURE", "PARTNER", "PRODUCT", "TIME", "Group", "Outcome", "evaluate", "times"]


@dataclass(frozen=True)
class Group:
    """The measures of one stacking group on its own product classes.

    Shapes are (measures, classes, partners, times).

    Args:
        within: ``"sum"``, ``"max"`` or ``"first"``.
        duty: What each measure charges on the share it claims; NaN: unknown.
        coverage: The share of value each claims; NaN: unknown.
        active: Whether it claims at all there and then.
        precedence: For ``"first"``: the higher takes before the lower.
        yields: Earlier groups it is left the rest of: (place, its class for each of ours).
        floors: Earlier groups it tops up, likewise.
    """

    within: str
    duty: Array
    coverage: Array
    active: Mask
    precedence: NDArray[np.int64]
    yields: tuple[tuple[int, Index], ...] = ()
    floors: tuple[tuple[int, Index], ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What a group comes to.

    Args:
        contribution: Fractions of customs value, shape as the group's duty.
        claim: The share of value the group claims, without the measure axis.
        tie: Where two measures of a ``"first"`` group bear one precedence, likewise.
    """

    contribution: Array
    claim: Array
    tie: Mask


def times(a: Array, b: Array) -> Array:
    """The product in which nothing stays nothing even of an unknown."""
    product = a * b
    product[np.broadcast_to((a == 0) | (b == 0), product.shape)] = 0.0
    return product


def _waterfall(duty: Array, share: Array, order: Index) -> tuple[Array, Array]:
    """Each measure in *order* takes its share of what is left; returns takes and the claim."""
    shares = np.take_along_axis(share, order, MEASURE)
    takes = np.empty_like(shares)
    left = np.ones_like(shares[0])
    for m in range(shares.shape[MEASURE]):
        takes[m] = times(shares[m], left)
        left = left - takes[m]
    out = np.empty_like(takes)
    np.put_along_axis(out, order, takes, MEASURE)
    return out, 1.0 - left


def _shares(group: Group) -> tuple[Array, Array, Array, Mask]:
    """Duty, the share each measure takes, the group's claim, ties."""
    duty = group.duty
    share = np.where(group.active, group.coverage, 0.0)
    no_tie = np.zeros(share.shape[1:], dtype=bool)
    if group.within == "sum":
        claim = share[0].copy()
        for m in range(1, share.shape[MEASURE]):
            claim = claim + share[m]
        return duty, share, np.minimum(1.0, claim), no_tie
    if share.shape[MEASURE] == 1:
        return duty, share, share[0].copy(), no_tie
    taking = share != 0
    if group.within == "first":
        key = np.where(taking, -group.precedence.astype(float), np.inf)
        order = np.argsort(key, axis=MEASURE, kind="stable")
        ranked = np.take_along_axis(key, order, MEASURE)
        tie = ((ranked[1:] == ranked[:-1]) & np.isfinite(ranked[1:])).any(axis=MEASURE)
    else:
        # Of equal duties the known share goes first, so that no order hides what is known.
        key = np.where(taking & ~np.isnan(duty), -duty, np.inf)
        order = np.lexsort((np.where(np.isnan(share), np.inf, -share), key), axis=MEASURE)
        tie = no_tie
    takes, claim = _waterfall(duty, share, order)
    if group.within == "max":
        # The rank of an unknown duty is unknown, and so is what it and its rivals are left.
        unknown = taking & np.isnan(duty)
        if unknown.any():
            unsure = unknown.any(axis=MEASURE) & (taking.sum(axis=MEASURE) > 1)
            takes = np.where(taking & unsure, np.nan, takes)
    return duty, takes, claim, tie


def evaluate(groups: list[Group]) -> list[Outcome]:
    """Stack the groups in their order.

    For measure *m*: contribution = free × take × max(0, duty − Σ contributions of the groups
    it tops up), where free = Π (1 − claim) over the groups its group yields to.
    """
    done: list[Outcome] = []
    for group in groups:
        duty, takes, claim, tie = _shares(group)
        for place, classes in group.floors:
            under = done[place].contribution
            base = under[0][classes]
            for m in range(1, under.shape[MEASURE]):
                base = base + under[m][classes]
            duty = np.maximum(0.0, duty - base[None])
        charged = times(takes, duty)
        for place, classes in group.yields:
            charged = times(charged, (1.0 - done[place].claim[classes])[None])
        done.append(Outcome(charged, claim, tie))
    return done
