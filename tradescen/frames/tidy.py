"""From arrays on (rows, times) to tidy rows: intervals without idle cuts, or single days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from attrs import frozen
from numpy.typing import NDArray

from tradescen.errors import InvalidValue
from tradescen.vocab.period import as_date

__all__ = ["Clock", "concat", "stamped", "tidy"]


@frozen
class Clock:
    """How time is shown: as intervals, on given days, or at a frequency.

    Args:
        freq: ``"interval"`` or a pandas frequency (``"D"``, ``"MS"`` …).
        on: Days; overrides *freq*.
        how: ``"start"``: the rate on that day. ``"mean"``: the mean over the period.
    """

    freq: str = "interval"
    on: tuple[dt.date, ...] = ()
    how: str = "start"

    @classmethod
    def of(cls, freq: str, on: Any, how: str) -> Clock:
        """A clock out of what users type."""
        if how not in ("start", "mean"):
            raise InvalidValue(f"how={how!r} is neither 'start' nor 'mean'", value=how)
        if on is None:
            return cls(freq=freq, how=how)
        many = isinstance(on, (list, tuple, pd.Index)) or (
            isinstance(on, np.ndarray) and on.ndim > 0
        )
        return cls(on=tuple(as_date(d, "on") for d in (on if many else [on])))

    def days(self, start: dt.date, end: dt.date) -> pd.DatetimeIndex | None:
        """The days shown, or ``None`` for intervals."""
        if self.on:
            for day in self.on:
                if not start <= day <= end:
                    raise InvalidValue(
                        f"on={day} lies outside the window of this result, {start} to {end}; "
                        "run it over a longer one",
                        value=day,
                    )
            return stamped(self.on)
        if self.freq == "interval":
            return None
        try:
            days = pd.date_range(start, end, freq=self.freq, inclusive="left")
        except ValueError as error:
            raise InvalidValue(
                f"freq={self.freq!r} is not 'interval' or a pandas frequency such as 'D' or "
                "'MS'",
                value=self.freq,
            ) from error
        return days.as_unit("us")


def stamped(days: Sequence[dt.date | None]) -> pd.DatetimeIndex:
    """Days as pandas timestamps."""
    return pd.DatetimeIndex(
        np.array(["NaT" if d is None else d.isoformat() for d in days], dtype="datetime64[s]")
    ).as_unit("us")


def _alike(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether each column of (rows, times) equals the one before; unknown equals unknown."""
    a, b = values[:, 1:], values[:, :-1]
    same: NDArray[np.bool_] = a == b
    if values.dtype.kind == "f":
        same = same | (np.isnan(a) & np.isnan(b))
    return same


def tidy(values: dict[str, NDArray[Any]], cuts: Sequence[dt.date], clock: Clock,
         start: dt.date, end: dt.date) -> tuple[NDArray[np.int64], dict[str, Any]]:
    """Rows out of arrays of shape (rows, times).

    Args:
        values: Columns by name.
        cuts: Cut points, one more than times; *end* is one of them.
        clock: How time is shown.
        start, end: The window.

    Returns:
        The row each output line comes from, and its columns (times first).
    """
    shown = [t for t in range(len(cuts) - 1) if cuts[t] < end] or [0]
    days = clock.days(start, end)
    edges = np.array([c.isoformat() for c in cuts], dtype="datetime64[D]")
    if days is None:
        block = {k: v[:, shown] for k, v in values.items()}
        rows, times = next(iter(block.values())).shape
        keep = np.ones((rows, times), dtype=bool)
        if times > 1:
            same = np.ones((rows, times - 1), dtype=bool)
            for v in block.values():
                same &= _alike(v)
            keep[:, 1:] = ~same
        row, at = np.nonzero(keep)
        last = np.append(row[1:] != row[:-1], True) if len(row) else np.zeros(0, dtype=bool)
        stop = np.where(last, len(shown), np.append(at[1:], 0))
        out: dict[str, Any] = {
            "start": edges[at], "end": edges[stop],
            **{k: v[row, at] for k, v in block.items()},
        }
        return row, out
    stamps = days.to_numpy().astype("datetime64[D]")
    if clock.how == "mean" and not clock.on:
        return _means(values, edges, stamps, np.datetime64(end), shown)
    at = np.searchsorted(edges[:-1], stamps, side="right") - 1
    rows = next(iter(values.values())).shape[0]
    row = np.repeat(np.arange(rows), len(stamps))
    out = {"date": np.tile(stamps, rows),
           **{k: v[:, at].reshape(-1) for k, v in values.items()}}
    return row, out


def _means(values: dict[str, NDArray[Any]], edges: NDArray[Any], stamps: NDArray[Any],
           end: Any, shown: list[int]) -> tuple[NDArray[np.int64], dict[str, Any]]:
    """Day-weighted means over the period that begins with each stamp."""
    stops = np.append(stamps[1:], end)
    low = np.maximum(edges[:-1][None], stamps[:, None])
    high = np.minimum(edges[1:][None], stops[:, None])
    share = np.maximum((high - low).astype("timedelta64[D]").astype(float), 0.0)
    share = share / share.sum(axis=1, keepdims=True)  # (periods, times)
    first = np.searchsorted(edges[:-1], stamps, side="right") - 1
    rows = next(iter(values.values())).shape[0]
    out: dict[str, Any] = {"date": np.tile(stamps, rows)}
    for name, v in values.items():
        if v.dtype.kind == "f":
            met = np.where(share[None] > 0, v[:, None, :], 0.0)
            out[name] = (met * share[None]).sum(axis=2).reshape(-1)
        else:
            out[name] = v[:, first].reshape(-1)
    return np.repeat(np.arange(rows), len(stamps)), out


def concat(parts: list[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    """Parts one below the other, columns in the order of the contract."""
    if not parts:
        return pd.DataFrame(columns=list(columns))
    frame = pd.concat(parts, ignore_index=True)
    for name in ("date", "start", "end"):
        if name in frame:
            frame[name] = frame[name].astype("datetime64[us]")
    return frame[[c for c in columns if c in frame]]
