"""Over paths: expected rates, quantiles, and the odds that a rate passes a level."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tradescen.errors import InvalidValue, MissingData

__all__ = ["chance", "expected", "quantile", "quantiles"]

Array = NDArray[np.float64]

KEYS = ("scenario", "importer", "exporter", "product", "asked", "date")
RATES = ("rate", "additional_rate")


def _weighed(frame: pd.DataFrame) -> list[str]:
    """The keys of the rows that paths share.

    Raises:
        MissingData: where some path has no odds.
    """
    if frame["probability"].isna().any():
        names = sorted(set(frame.loc[frame["probability"].isna(), "path"]))
        raise MissingData(
            f"nobody puts odds on the paths {', '.join(names)}; give the fork's branches "
            "probabilities, or compare the paths one by one",
        )
    return [k for k in KEYS if k in frame]


def expected(frame: pd.DataFrame) -> pd.DataFrame:
    """Σ probability × rate over the paths of each scenario; unknown where some path's is.

    Expected rates come from paths, never from averaged duties: stacking is not linear.
    """
    keys = _weighed(frame)
    work = frame[keys].copy()
    for name in RATES:
        work[name] = frame[name] * frame["probability"]
    grouped = work.groupby(keys, sort=False, observed=True)
    return grouped.agg(_whole_sum).reset_index()


def _whole_sum(values: pd.Series[float]) -> float:
    return float(values.sum(skipna=False))


def quantile(values: Array, odds: Array, q: Sequence[float]) -> Array:
    """The least values that the odds of being at or below them reach *q*.

    Each is a value that some future has, never one in between; NaN where any is unknown.

    Args:
        values: Shape (futures, …).
        odds: Of each future; they sum to 1.
        q: Shares of the odds, from 0 to 1.

    Returns:
        Shape (q, …).

    Raises:
        InvalidValue: for a *q* that is no share.
    """
    for one in q:
        if not 0 <= one <= 1:
            raise InvalidValue(f"q={one!r} is not a share of the odds, from 0 to 1", value=one)
    order = np.argsort(values, axis=0, kind="stable")  # unknown ones come last
    ranked = np.take_along_axis(values, order, axis=0)
    reached = np.cumsum(odds[order], axis=0)
    out = np.empty((len(q), *values.shape[1:]))
    for n, one in enumerate(q):
        # Odds sum to 1 within 1e-9, so the last is reached at q = 1 whatever the rounding.
        at = np.minimum((reached < one - 1e-9).sum(axis=0), len(values) - 1)
        found = np.take_along_axis(ranked, np.asarray(at)[None], axis=0)[0]
        out[n] = np.where(np.isnan(ranked[-1]), np.nan, found)
    return out


def quantiles(frame: pd.DataFrame, q: Sequence[float]) -> pd.DataFrame:
    """The rates that paths stay at or below with odds *q*, one row for each q."""
    keys = _weighed(frame)
    rows = []
    for key, part in frame.groupby(keys, sort=False, observed=True):
        odds = part["probability"].to_numpy()
        found = {name: quantile(part[name].to_numpy(), odds, q) for name in RATES}
        rows += [{**dict(zip(keys, key, strict=True)), "q": one,
                  **{name: float(values[n]) for name, values in found.items()}}
                 for n, one in enumerate(q)]
    return pd.DataFrame(rows, columns=[*keys, "q", *RATES])


def chance(frame: pd.DataFrame, above: float) -> pd.DataFrame:
    """The odds that the rate is above a level; unknown where some path's rate is."""
    keys = _weighed(frame)
    work = frame[keys].copy()
    met = (frame["rate"] > above) * frame["probability"]
    work["probability"] = met.where(frame["rate"].notna())
    grouped = work.groupby(keys, sort=False, observed=True)["probability"]
    return grouped.agg(_whole_sum).reset_index()
