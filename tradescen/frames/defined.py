"""One rate under each of the common definitions."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tradescen.frames.averages import times_on
from tradescen.frames.placing import Placed
from tradescen.frames.rates import Trade, direction, limited
from tradescen.frames.run import Run
from tradescen.frames.tidy import Clock
from tradescen.vocab.hs import ProductSet

__all__ = ["definitions"]

Array = NDArray[np.float64]


def _mean(rate: Array, weight: Array, over: str, lost: float = 0.0) -> tuple[float, float]:
    """A weighted mean on one day, and the share of all weight it is known on."""
    known = ~np.isnan(rate)
    held, total = float(weight[known].sum()), float(weight.sum()) + lost
    below = held if over == "known" else total
    return (float((rate[known] * weight[known]).sum()) / below if below else np.nan,
            held / total if total else np.nan)


def definitions(run: Run, importer: str, exporter: str, on: dt.date, since: dt.date | None,
                weights: Trade, within: ProductSet | None = None) -> pd.DataFrame:
    """One direction's rate on one day under each of the common definitions.

    Columns: ``definition, rate, known_share, unit, note``; ``known_share`` is the share of all
    trade (or lines) the mean is over. Published figures differ by a factor of two for the
    definition alone.
    """
    piece = run.slice(importer, exporter, Clock(on=(on,) if since is None else (since, on)))
    trade = limited(direction(piece, "trade", weights), piece, within)
    lines = limited(direction(piece, "simple", weights), piece, within)
    rows: list[dict[str, Any]] = []

    def column(values: Array, placed: Placed, day: dt.date) -> Array:
        t = int(times_on(piece.cuts, [day])[0])
        got: Array = piece.of(values, piece.panel.class_of[placed.at])[:, t]
        return got

    def mean(rate: Array, over: str = "known") -> tuple[float, float]:
        return _mean(rate, trade.value, over, trade.unplaced)

    def add(name: str, value: float, share: float, note: str, unit: str = "rate") -> None:
        rows.append({"definition": name, "rate": value, "known_share": share, "unit": unit,
                     "note": note})

    rate, extra = piece.panel.rate, piece.panel.additional
    for name, values, short in (("all-in statutory", rate, "MFN and all additional duties"),
                                ("additional only", extra, "all duties on top of MFN")):
        now = column(values, trade, on)
        add(f"{name}, trade-weighted", *mean(now),
            f"{short}; over the trade whose rate is known")
        add(f"{name}, trade-weighted over all trade", *mean(now, "all"),
            f"{short}; unknown rates add nothing, so this is a lower bound")
        add(f"{name}, over trade that bears it", *mean(np.where(now > 0, now, np.nan)),
            f"{short}; denominators with matched trade only give this")
        flat = column(values, lines, on)
        add(f"{name}, simple mean over lines", *_mean(flat, lines.value, "known"),
            f"{short}; every tariff line counts the same")
        if since is not None:
            then = column(values, trade, since)
            add(f"{name}, change since {since}", *mean(now - then),
                f"{short}; over the trade known on both days", "points")
    base = column(rate, trade, on) - column(extra, trade, on)
    add("base duty only (MFN), trade-weighted", *mean(base),
        "over the trade whose MFN duty is ad valorem")
    return pd.DataFrame(rows)
