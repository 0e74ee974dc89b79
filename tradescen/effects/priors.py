"""A number that is not known exactly: a point, a low-middle-high triple, or draws."""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from tradescen.errors import InvalidValue
from tradescen.vocab.duty_kinds import MOST

__all__ = ["Prior", "paired"]

Array = NDArray[np.float64]
BAND = (0.05, 0.5, 0.95)


@frozen(eq=False)
class Prior:
    """Draws of a pass-through, and how their results are summed up.

    Args:
        draws: One for a point, three for a triple, or as many as were drawn.
        kind: ``"point"``, ``"triple"`` or ``"draws"``.
        said: For ``attrs``.
    """

    draws: Array
    kind: str
    said: Any

    @classmethod
    def of(cls, value: Any, name: str) -> Prior:
        """Read a number, ``(low, middle, high)``, or an array of four draws or more.

        Raises:
            InvalidValue: for a negative or non-number, one above 3 (a percent), a triple out of
                order, other lengths.
        """
        try:
            draws = np.atleast_1d(np.asarray(value, dtype=float))
        except (TypeError, ValueError):
            draws = np.array([np.nan])
        if draws.ndim == 1 and ((draws > MOST) & np.isfinite(draws)).any():
            raise InvalidValue(f"{name}={value!r} looks like percent; all passed on is 1, four "
                               "fifths 0.8", value=value)
        if draws.ndim != 1 or not np.isfinite(draws).all() or (draws < 0).any() or len(draws) in (
                0, 2):
            raise InvalidValue(
                f"{name}={value!r} is no pass-through; give a number of 0 or more, (low, middle, "
                "high), or an array of draws",
                value=value,
            )
        if len(draws) == 1:
            return cls(draws, "point", float(draws[0]))
        if len(draws) == 3:
            if not draws[0] <= draws[1] <= draws[2]:
                raise InvalidValue(f"{name}={value!r} is not in the order low, middle, high",
                                   value=value)
            return cls(draws, "triple", tuple(draws.tolist()))
        low, middle, high = np.quantile(draws, BAND).tolist()
        return cls(draws, "draws", {"draws": len(draws), "quantiles": list(BAND),
                                    "values": [low, middle, high]})

    def band(self, results: Array) -> tuple[Array, Array, Array]:
        """Low, middle, high over the first axis, which is that of the draws."""
        if self.kind == "point":
            return results[0], results[0], results[0]
        if self.kind == "triple":
            # The ends of a triple need not be the ends of a result that falls with it.
            return np.minimum(results[0], results[2]), results[1], np.maximum(
                results[0], results[2])
        low, middle, high = np.quantile(results, BAND, axis=0)
        return low, middle, high


def paired(a: Prior, b: Prior) -> tuple[Array, Array, Prior]:
    """Draws of two, side by side; the second prior that came out says how to sum up.

    Triples go low with low and high with high: the widest band. Draws of two are one draw each
    by place, so they must be as many.

    Raises:
        InvalidValue: for draws of different numbers, or draws beside a triple.
    """
    if a.kind == "point" or b.kind == "point":
        n = max(len(a.draws), len(b.draws))
        return (np.broadcast_to(a.draws, (n,)), np.broadcast_to(b.draws, (n,)),
                b if a.kind == "point" else a)
    if a.kind != b.kind or len(a.draws) != len(b.draws):
        raise InvalidValue(
            f"one pass-through is given as {len(a.draws)} {a.kind}, the other as {len(b.draws)} "
            f"{b.kind}; give both as triples, or both as equally many draws"
        )
    return a.draws, b.draws, a
