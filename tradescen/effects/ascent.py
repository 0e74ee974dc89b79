"""The highest point of a smooth function within bounds: arrays only.

Projected L-BFGS: Nocedal (1980) for the memory, Bertsekas (1982) for the projection.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Top", "climb"]

Array = NDArray[np.float64]
Pair = tuple[Array, Array, float]
MEMORY = 8
ENOUGH = 1e-4  # share of the promised rise that a step must bring (Armijo)


class Top(NamedTuple):
    """Where the climb ended."""

    point: Array
    value: float
    slope: float  # largest scaled slope that bounds do not stop
    calls: int
    ended: bool  # flat, or as high as the precision of the function tells; else out of steps


def climb(value: Callable[[Array], tuple[float, Array]], start: Array, low: Array, high: Array,
          weight: Array, *, tol: float = 1e-6, most: int = 100) -> Top:
    """Climb from *start*.

    Args:
        value: The function and its gradient at a point.
        start: Where to begin.
        low, high: Bounds of each unknown.
        weight: About how strongly the function bends in each unknown; slopes are measured in it.
        tol: The scaled slope at which to stop.
        most: Steps at most.
    """
    x = np.clip(start, low, high)
    now, slope = value(x)
    calls = 1
    pairs: list[Pair] = []
    left, ended = np.inf, True
    for _ in range(most):
        free = ~(((x <= low) & (slope < 0)) | ((x >= high) & (slope > 0)))
        left = float(np.max(np.abs(slope / weight)[free], initial=0.0))
        if left <= tol:
            break
        way = _direction(np.where(free, slope, 0.0), weight, pairs, free)
        if way @ slope <= 0:
            pairs, way = [], np.where(free, slope / weight, 0.0)
        length = 1.0
        for _ in range(30):
            ahead = np.clip(x + length * way, low, high)
            then, slope_then = value(ahead)
            calls += 1
            if then >= now + ENOUGH * (slope @ (ahead - x)):
                break
            length *= 0.5
        else:
            break  # no step rises: as high as the precision of the function tells
        moved, bent = ahead - x, slope - slope_then
        if moved @ bent > 1e-14 * np.sqrt((moved @ moved) * (bent @ bent)):
            pairs = [*pairs[-(MEMORY - 1):], (moved, bent, 1.0 / float(moved @ bent))]
        x, now, slope = ahead, then, slope_then
        if not moved.any():
            break
    else:
        ended = False
    return Top(x, now, left, calls, ended)


def _direction(slope: Array, weight: Array, pairs: list[Pair],
               free: NDArray[np.bool_]) -> Array:
    q = slope.copy()
    kept = []
    for moved, bent, rho in reversed(pairs):
        a = rho * (moved @ q)
        q -= a * bent
        kept.append(a)
    q /= weight
    for (moved, bent, rho), a in zip(pairs, reversed(kept), strict=True):
        q += moved * (a - rho * (bent @ q))
    return np.where(free, q, 0.0)
