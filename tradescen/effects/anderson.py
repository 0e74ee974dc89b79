"""Anderson acceleration of a fixed point: arrays in, arrays out.

D. G. Anderson (1965), "Iterative procedures for nonlinear integral equations"; the form with
differences is that of Walker and Ni (2011), "Anderson acceleration for fixed-point iterations".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Found", "fixed_point"]

Array = NDArray[np.float64]
RIDGE = 1e-14  # relative, on the scaled Gram matrix: keeps it invertible, costs no accuracy
STRIDE = 4.0  # longest step in one unknown: logs, so a factor of 55
HOPELESS = 1e8  # growth over the best error after which the memory misleads


class Found(NamedTuple):
    """What the iteration came to: the point, its error, the steps taken."""

    point: Array
    error: float
    iterations: int
    converged: bool


def fixed_point(step: Callable[[Array], Array], start: Array, *, scale: Array | float = 1.0,
                tol: float = 1e-10, memory: int = 10, most: int = 500,
                stride: float = STRIDE) -> Found:
    """The point z with ``step(z) == z``.

    Args:
        step: The map; may return NaN where it is not defined, which shortens the step.
        start: Where to begin.
        scale: Errors are measured as ``max |scale × (step(z) − z)|``.
        tol: The error at which to stop.
        memory: How many past steps are combined.
        most: Steps after which to give up; the answer then says ``converged=False``.
        stride: Longest step in one unknown; none is needed where the map is linear.
    """
    with np.errstate(all="ignore"):  # what is not finite is seen below, and not a warning
        return _iterate(step, np.array(start, dtype=float), scale, tol, memory, most, stride)


def _iterate(step: Callable[[Array], Array], z: Array, scale: Array | float, tol: float,
             memory: int, most: int, stride: float) -> Found:
    size = z.size
    changes = np.empty((memory, size))  # of the residual
    images = np.empty((memory, size))  # of the map
    gram = np.zeros((memory, memory))
    kept = 0
    last: tuple[Array, Array] | None = None
    good = z
    best = np.inf
    error = np.inf
    for taken in range(most):
        image = step(z)
        residual = scale * (image - z)
        error = float(np.abs(residual).max())
        if not np.isfinite(error) or error > HOPELESS * best:
            if z is good:  # even the start is undefined
                return Found(z, float("inf"), taken, False)
            z, last, kept = 0.5 * (z + good), None, 0
            continue
        if error <= tol:
            return Found(image, error, taken + 1, True)
        best = min(best, error)
        good = z
        ahead = image
        if last is not None:
            at = kept % memory
            np.subtract(residual, last[0], out=changes[at])
            np.subtract(image, last[1], out=images[at])
            kept += 1
            held = min(kept, memory)
            gram[at, :held] = gram[:held, at] = changes[:held] @ changes[at]
            size_of = np.sqrt(gram.ravel()[:: memory + 1][:held])
            if size_of.all():
                normed = gram[:held, :held] / (size_of[:, None] * size_of)
                normed.ravel()[:: held + 1] += RIDGE
                share = np.linalg.solve(normed, (changes[:held] @ residual) / size_of) / size_of
                ahead = image - share @ images[:held]
        last = (residual, image)
        move = ahead - z
        longest = float(np.abs(move).max())
        z = z + move * (stride / longest) if longest > stride else ahead
    return Found(z, error, most, False)
