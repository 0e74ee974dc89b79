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
    key = ("trade", id(weights), importer, exporter)
    known = lines.worked_out.get(key)
    if known is None:
        # The weights are held, so that no others take the place their key names.
        known = lines.worked_out[key] = (_looked_up(weights, importer, exporter, lines), weights)
    trade: _Trade = known[0]
    if trade.whole is not None:
        return trade.whole
    at = trade.at.copy()
    for n in np.flatnonzero(trade.several):
        rest = trade.held[n : n + 1][trade.left[n : n + 1]]
        over = np.concatenate([np.arange(trade.low[n], trade.high[n]), rest])
        if len(np.unique(class_of[over])) > 1:
            at[n] = -1
    return _placed(trade.pairs, at, lines, several=True)


@frozen(eq=False)
class _Trade:
    """The trade of one direction, looked up in some lines.

    ``left`` marks codes some of whose goods no line under them holds, but a shorter line,
    ``several`` those that are about more than one line.
    """

    pairs: tuple[tuple[str, float], ...]
    low: NDArray[np.int64]
    high: NDArray[np.int64]
    held: NDArray[np.int64]
    left: NDArray[np.bool_]
    several: NDArray[np.bool_]
    at: NDArray[np.int64]
    whole: Placed | None  # where every code has one line, whatever the classes


def _looked_up(weights: Weights, importer: str, exporter: str, lines: Lines) -> _Trade:
    pairs = tuple(weights.lines(importer=importer, exporter=exporter))
    low, high, held = lines.locate([code for code, _ in pairs])
    at = np.where(high > low, low, held)
    left = (held >= 0) & (held < low)
    several = (high > low) & (high - low + left > 1)
    whole = None if several.any() else _placed(pairs, at, lines, several=False)
    return _Trade(pairs, low, high, held, left, several, at, whole)


def _placed(pairs: tuple[tuple[str, float], ...], at: NDArray[np.int64], lines: Lines, *,
            several: bool) -> Placed:
    placed = at >= 0
    value = np.array([amount for _, amount in pairs])
    codes = tuple(
        max(code, lines.codes[n], key=len)
        for (code, _), n in zip(pairs, at.tolist(), strict=True) if n >= 0
    )
    lost = tuple(pairs[n] for n in np.flatnonzero(~placed))
    return Placed(at[placed], value[placed], codes, lost, several)
