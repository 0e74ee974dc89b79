"""What differs between two scenarios: contribution by contribution, so that an unknown both
share cancels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tradescen.engine.grid import classes
from tradescen.frames.rates import (
    KEYS,
    TIMES,
    Trade,
    _asked,
    _frame,
    direction,
    level_digits,
    spread,
)
from tradescen.frames.run import Run, Slice
from tradescen.frames.tidy import Clock, concat, tidy
from tradescen.vocab.hs import dotted

__all__ = ["diff"]

COLUMNS = (*KEYS, "product", "asked", *TIMES, "rate_base", "rate", "change_rate",
           "change_relative", "lines")
ZERO = 1e-12


def _on(piece: Slice, values: NDArray[Any], k: NDArray[np.int64],
        at: NDArray[np.int64]) -> NDArray[Any]:
    return piece.of(values, k)[:, at]


def _change(a: Slice, b: Slice, lines: NDArray[np.int64], at: NDArray[np.int64],
            bt: NDArray[np.int64]) -> NDArray[np.float64]:
    """Rates of *a* less rates of *b* on (lines, times), summed over measures in plan order."""
    ka, kb = a.panel.class_of[lines], b.panel.class_of[lines]
    shape = (len(lines), len(at))
    parts: dict[tuple[str, str], list[NDArray[np.float64] | None]] = {}
    for n, (piece, k, t) in enumerate(((a, ka, at), (b, kb, bt))):
        for row, values in piece.panel.contributions():
            parts.setdefault((row.group, row.measure), [None, None])[n] = _on(piece, values, k, t)
    out = np.zeros(shape)
    for ours, theirs in parts.values():
        one = np.zeros(shape) if ours is None else ours
        other = np.zeros(shape) if theirs is None else theirs
        gap = one - other
        gap[np.isnan(one) & np.isnan(other)] = 0.0
        out += gap
    out[np.abs(out) < ZERO] = 0.0
    return out


def diff(runs: Sequence[Run], bases: Sequence[Run], clock: Clock,
         products: Sequence[str] | None, level: str | None, weights: Trade,
         unknown: bool) -> pd.DataFrame:
    """Rows of *runs* whose rate differs from that of the base of the same path (or its only one).

    Args:
        runs: The scenarios compared.
        bases: The paths of the scenario compared with.
        clock: How time is shown.
        products: Codes, or ``None`` for classes of lines.
        level: ``"HS2"`` …: trade-weighted means of the lines' changes.
        weights: For *level*.
        unknown: Also show rows whose change is unknown.
    """
    by_path = {b.path: b for b in bases}
    parts = []
    for run in runs:
        base = by_path.get(run.path, bases[0])
        for importer, exporter in run.directions():
            a, b = run.slice(importer, exporter, clock), base.slice(importer, exporter, clock)
            cuts = tuple(sorted({*a.cuts, *b.cuts}))
            at, names, extra, join = _rows(a, b, products, level, weights)
            times = [np.array([max(n for n, c in enumerate(p.cuts[:-1]) if c <= day)
                               for day in cuts[:-1]], dtype=np.int64) for p in (a, b)]
            change = join(_change(a, b, at, times[0], times[1]))
            if not (change != 0).any():
                continue
            ours = join(_on(a, a.panel.rate, a.panel.class_of[at], times[0]))
            theirs = join(_on(b, b.panel.rate, b.panel.class_of[at], times[1]))
            with np.errstate(invalid="ignore", divide="ignore"):
                relative = np.where(theirs > 0, change / theirs, np.nan)
            row, columns = tidy(
                {"rate_base": theirs, "rate": ours, "change_rate": change,
                 "change_relative": relative}, cuts, clock, run.start, run.end)
            columns["product"] = np.array(names, dtype=object)[row]
            columns.update({name: v[row] for name, v in extra.items()})
            frame = _frame(run, a, columns)
            moved = frame["change_rate"]
            parts.append(frame[(moved.abs() > 0) | (moved.isna() if unknown else False)])
    return concat(parts, COLUMNS)


Rows = tuple[NDArray[np.int64], list[str], dict[str, NDArray[Any]],
             Callable[[NDArray[np.float64]], NDArray[np.float64]]]


def _rows(a: Slice, b: Slice, products: Sequence[str] | None, level: str | None,
          weights: Trade) -> Rows:
    """Lines compared, names of the rows, further columns, and how lines join into rows."""
    if level is not None:
        placed = direction(a, "trade", weights)
        digits = level_digits(level)
        heads, label = np.unique([a.lines.codes[n][:digits] for n in placed.at],
                                 return_inverse=True)

        def mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
            return spread(values, label, len(heads), placed.value)[0]

        return placed.at, [dotted(str(c)) for c in heads], {}, mean

    def same(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return values

    if products is None:
        of, at = classes([a.panel.class_of, b.panel.class_of], len(a.lines))
        lines = {"lines": np.bincount(of, minlength=len(at))}
        return at, [dotted(a.lines.codes[n]) for n in at], lines, same
    places, names, asked = _asked(a.lines, products)
    return (np.array(places, dtype=np.int64), names, {"asked": np.array(asked, dtype=object)},
            same)
