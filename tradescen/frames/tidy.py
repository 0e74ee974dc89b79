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
        many = isinstance(on, (list, tuple, pd.Index, pd.Series)) or (
            isinstance(on, np.ndarray) and on.ndim > 0
        )
        days = tuple(dict.fromkeys(as_date(d, "on") for d in (on if many else [on])))
        if not days:
            raise InvalidValue("on= names no day; give one or several", value=on)
        return cls(on=days)

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
        offset = self._offset()
        return pd.date_range(start, end, freq=offset, inclusive="left").as_unit("us")

    def chosen(self, start: dt.date, end: dt.date) -> tuple[dt.date, ...] | None:
        """The single days whose rates are shown as they are; ``None`` for intervals, means."""
        if self.how == "mean" and not self.on:
            return None
        days = self.days(start, end)
        return None if days is None else tuple(d.date() for d in days)

    def _offset(self) -> Any:
        try:
            if not isinstance(self.freq, str):
                raise ValueError
            offset = pd.tseries.frequencies.to_offset(self.freq)
            probe = pd.date_range("2001-01-01", periods=3, freq=offset)
            whole = bool(((probe[1:] - probe[:-1]) >= pd.Timedelta(days=1)).all())
        except ValueError:
            whole = False
        if not whole:
            raise InvalidValue(
                f"freq={self.freq!r} is not 'interval' or a pandas frequency of whole days such "
                "as 'D', 'W-MON', 'MS', 'QS' or 'YS'",
                value=self.freq,
            )
        return offset

    def periods(self, start: dt.date, end: dt.date) -> tuple[Stamps, Stamps, Stamps]:
        """The periods of *freq* that meet the window: labels, first days, first days after.

        The first and last are cut to the window. A period is labelled as its frequency is: by
        its first day (within the window), or by its last for those that name ends.
        """
        offset = self._offset()
        probe = pd.date_range("2001-01-01", periods=2, freq=offset)
        spans = probe.to_period()
        by_end = bool((probe == spans.end_time.normalize()).all())
        met = pd.period_range(start, end - dt.timedelta(days=1), freq=spans.freqstr)
        low = np.maximum(_days(met.start_time), np.datetime64(start))
        high = np.minimum(_days(met.end_time) + np.timedelta64(1, "D"), np.datetime64(end))
        return (_days(met.end_time) if by_end else low), low, high

    def used(self, cuts: Sequence[dt.date], start: dt.date, end: dt.date) -> NDArray[np.int64]:
        """The times that will be shown."""
        days = self.days(start, end)
        if days is None or (self.how == "mean" and not self.on):
            return np.array([t for t in range(len(cuts) - 1) if cuts[t] < end], dtype=np.int64)
        edges = np.array([c.isoformat() for c in cuts[:-1]], dtype="datetime64[D]")
        at = np.searchsorted(edges, _days(days), side="right") - 1
        return np.unique(at).astype(np.int64)


Stamps = NDArray[np.datetime64]


def _days(stamps: Any) -> Stamps:
    return np.asarray(stamps.to_numpy().astype("datetime64[D]"))


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
    if clock.how == "mean" and not clock.on:
        return _means(values, edges, *clock.periods(start, end))
    stamps = _days(days)
    at = np.searchsorted(edges[:-1], stamps, side="right") - 1
    rows = next(iter(values.values())).shape[0]
    row = np.repeat(np.arange(rows), len(stamps))
    out = {"date": np.tile(stamps, rows),
           **{k: v[:, at].reshape(-1) for k, v in values.items()}}
    return row, out


def _means(values: dict[str, NDArray[Any]], edges: NDArray[Any], labels: Stamps, first: Stamps,
           after: Stamps) -> tuple[NDArray[np.int64], dict[str, Any]]:
    """Day-weighted means over periods; what is no number is that of the first day."""
    low = np.maximum(edges[:-1][None], first[:, None])
    high = np.minimum(edges[1:][None], after[:, None])
    share = np.maximum((high - low).astype("timedelta64[D]").astype(float), 0.0)
    share = share / share.sum(axis=1, keepdims=True)  # (periods, times)
    at = np.searchsorted(edges[:-1], first, side="right") - 1
    rows = next(iter(values.values())).shape[0]
    out: dict[str, Any] = {"date": np.tile(labels, rows)}
    for name, v in values.items():
        if v.dtype.kind == "f":
            met = np.where(share[None] > 0, v[:, None, :], 0.0)
            out[name] = (met * share[None]).sum(axis=2).reshape(-1)
        else:
            out[name] = v[:, at].reshape(-1)
    return np.repeat(np.arange(rows), len(labels)), out


def concat(parts: list[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    """Parts one below the other, columns in the order of the contract."""
    if not parts:
        return pd.DataFrame(columns=list(columns))
    frame = pd.concat(parts, ignore_index=True)
    for name in ("date", "start", "end"):
        if name in frame:
            frame[name] = frame[name].astype("datetime64[us]")
    return frame[[c for c in columns if c in frame]]
