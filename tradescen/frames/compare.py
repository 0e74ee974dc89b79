"""What differs between two scenarios: contribution by contribution, so that an unknown both
share cancels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tradescen.engine.grid import classes
from tradescen.frames.rates import KEYS, TIMES, Own, _asked, _frame
from tradescen.frames.run import Run, Slice
from tradescen.frames.tidy import Clock, concat, tidy
from tradescen.vocab.hs import dotted

__all__ = ["diff"]

COLUMNS = (*KEYS, "product", "asked", *TIMES, "rate_base", "rate", "change_rate",
           "change_relative", "lines")
ZERO = 1e-12


def _on(piece: Slice, values: NDArray[Any], k: NDArray[np.int64],
        at: NDArray[np.int64]) -> NDArray[Any]:
    return piece.of(values)[k][:, at]


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
         products: Sequence[str] | None, own: Own,
         unknown: bool) -> pd.DataFrame:
    """Rows of *runs* whose rate differs from that of the base of the same path (or its only one).

    Args:
        runs: The scenarios compared.
        bases: The paths of the scenario compared with.
        clock: How time is shown.
        products: Codes, or ``None`` for classes of lines.
        own: By importer, which lines are the schedule's own.
        unknown: Also show rows whose change is unknown.
    """
    by_path = {b.path: b for b in bases}
    parts = []
    for run in runs:
        base = by_path.get(run.path, bases[0])
        for importer, exporter in run.directions():
            a, b = run.slice(importer, exporter), base.slice(importer, exporter)
            extra: dict[str, Any] = {}
            if products is None:
                mine = np.flatnonzero(own[importer])
                of, first = classes([a.panel.class_of[mine], b.panel.class_of[mine]], len(mine))
                at = mine[first]
                names = [dotted(a.lines.codes[n]) for n in at]
                extra["lines"] = np.bincount(of, minlength=len(first))
            else:
                places, names, asked = _asked(a.lines, products)
                at = np.array(places, dtype=np.int64)
                extra["asked"] = np.array(asked, dtype=object)
            cuts = tuple(sorted({*a.cuts, *b.cuts}))
            times = [np.array([max(n for n, c in enumerate(p.cuts[:-1]) if c <= day)
                               for day in cuts[:-1]], dtype=np.int64) for p in (a, b)]
            change = _change(a, b, at, times[0], times[1])
            if not (change != 0).any():
                continue
            ours = _on(a, a.panel.rate, a.panel.class_of[at], times[0])
            theirs = _on(b, b.panel.rate, b.panel.class_of[at], times[1])
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
