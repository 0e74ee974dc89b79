"""Trade values on lines: which line each value belongs to, and what cannot be placed."""

from __future__ import annotations

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from tradescen.engine.grid import Lines
from tradescen.law.weights import Weights

__all__ = ["Placed", "place"]


@frozen(eq=False)
class Placed:
    """Values by line.

    Args:
        at: Place of the line of each value.
        value: The values.
        codes: What the goods of each value are: the code of the trade or, where that is longer,
            of its line. A line may be the rest of a schedule, and says nothing of the goods.
        lost: Codes and values of trade that has no one line: some measure tells apart the
            lines under the code, and the weights do not. Its rate is unknown.
        several: Whether some value was placed by a code whose goods lie on several lines.
    """

    at: NDArray[np.int64]
    value: NDArray[np.float64]
    codes: tuple[str, ...] = ()
    lost: tuple[tuple[str, float], ...] = ()
    several: bool = False

    @property
    def unplaced(self) -> float:
        """The value of the trade that has no one line."""
        return sum(value for _, value in self.lost)


def place(weights: Weights, importer: str, exporter: str, lines: Lines,
          class_of: NDArray[np.int64]) -> Placed:
    """Put the trade of one direction on lines.

    A code longer than its line falls to that line; a code with lines under it, of which there
    are several or which leave some of its goods to a shorter line, is placed only if all these
    are of one class.
    """
    pairs = weights.lines(importer=importer, exporter=exporter)
    low, high, held = lines.locate([code for code, _ in pairs])
    value = np.array([amount for _, amount in pairs])
    at = np.where(high > low, low, held)
    left = (held >= 0) & (held < low)  # goods of the code that no line under it holds
    several = (high > low) & (high - low + left > 1)
    for n in np.flatnonzero(several):
        rest = class_of[held[n] : held[n] + 1] if left[n] else class_of[:0]
        if len(np.unique(np.concatenate([class_of[low[n] : high[n]], rest]))) > 1:
            at[n] = -1
    placed = at >= 0
    lost = tuple(pairs[n] for n in np.flatnonzero(~placed))
    codes = tuple(
        max(code, lines.codes[n], key=len)
        for (code, _), n in zip(pairs, at.tolist(), strict=True) if n >= 0
    )
    return Placed(at[placed], value[placed], codes, lost, bool(several.any()))
