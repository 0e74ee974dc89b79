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
        unplaced: The value under codes whose lines are told apart by some measure, while
            the weights do not tell them apart; its rate is unknown.
    """

    at: NDArray[np.int64]
    value: NDArray[np.float64]
    unplaced: float


def place(weights: Weights, importer: str, exporter: str, lines: Lines,
          class_of: NDArray[np.int64]) -> Placed:
    """Put the trade of one direction on lines.

    A code longer than its line falls to that line; a code with several lines under it is
    placed only if they are of one class.
    """
    at: list[int] = []
    value: list[float] = []
    unplaced = 0.0
    for code, amount in weights.lines(importer=importer, exporter=exporter):
        under = lines.under(code)
        if len(under) == 0:
            found = lines.holding(code)
        elif len({int(class_of[n]) for n in under}) == 1:
            found = under[0]
        else:
            found = None
        if found is None:
            unplaced += amount
        else:
            at.append(found)
            value.append(amount)
    return Placed(np.array(at, dtype=np.int64), np.array(value), unplaced)
