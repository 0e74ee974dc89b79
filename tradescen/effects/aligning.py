"""Old and new rates laid beside each other and beside trade, on one set of rows and times."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from attrs import evolve, frozen
from numpy.typing import NDArray

from tradescen.effects.keys import KEY, Keyed, keyed, keyed_trade
from tradescen.effects.reading import check_missing, check_rates, rate_numbers, times
from tradescen.errors import InvalidValue, MissingData
from tradescen.vocab.countries import country

__all__ = ["Aligned", "aligned"]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]


@frozen(eq=False)
class _Rates:
    """The rates of one frame: its keys once each, rows with the place of theirs, and cuts."""

    keys: Keyed
    place: Labels
    rows: pd.DataFrame
    cuts: tuple[np.datetime64, ...]  # empty: the same at all times


def _rates(frame: pd.DataFrame, what: str, name: Callable[[object], str]) -> _Rates:
    if isinstance(frame, pd.DataFrame):
        for kind in ("scenario", "path"):
            if kind in frame and frame[kind].nunique() > 1:
                known = ", ".join(map(str, frame[kind].unique()[:6]))
                raise InvalidValue(
                    f"{what} holds the {kind}s {known}; give the rates of one, as "
                    "effects.rate_frame(result, scenario, path) does"
                )
        if "lines" in frame and (frame["lines"] > 1).any():
            raise InvalidValue(
                f"{what} has a row for each class of lines, and its products are only their "
                "first lines; take effects.rate_frame(result, …) or rates(level='HS6')"
            )
        if "date" in frame and frame["date"].nunique() > 1:
            raise InvalidValue(
                f"{what} holds the rates of {frame['date'].nunique()} days; give one day, or "
                "intervals with start and end"
            )
    got = keyed(frame, what, ["rate"], name)
    rows = got.frame
    rate = rate_numbers(rows["rate"], what)
    check_rates(rate, what, got.whose)
    rows["rate"] = rate
    if "known_share" not in rows:
        rows["known_share"] = 1.0
    rows["known_share"] = np.where(np.isnan(rate), 0.0, rows["known_share"].fillna(1.0))
    place, _ = pd.factorize(got.keys({n: k for k, n in enumerate(got.names)}))
    first = np.zeros(int(place.max(initial=-1)) + 1, dtype=np.int64)
    first[place[::-1]] = np.arange(len(rows))[::-1]
    cuts: tuple[np.datetime64, ...] = ()
    if "start" in rows and "end" in rows:
        for side in ("start", "end"):
            rows[side] = times(rows[side], f"{what}: {side}")
        if (rows["start"] >= rows["end"]).any():
            raise InvalidValue(f"{what} has an interval that ends before it starts")
        cuts = tuple(np.unique(np.concatenate([_days(rows, "start"), _days(rows, "end")])))
    return _Rates(got.take(first), place.astype(np.int64), rows, cuts)


def _days(rows: pd.DataFrame, name: str) -> Any:
    return rows[name].to_numpy().astype("datetime64[D]")


def _cube(got: _Rates, cuts: Sequence[np.datetime64], what: str) -> tuple[Array, Array, Array]:
    """(rate, known share, how many rows) by key and segment."""
    segments = max(len(cuts) - 1, 1)
    keys = len(got.keys.frame)
    rate = np.full((keys, segments), np.nan)
    known = np.zeros_like(rate)
    rows = np.zeros_like(rate)
    value = got.rows["rate"].to_numpy(dtype=float)
    share = got.rows["known_share"].to_numpy(dtype=float)
    here = np.arange(len(value))
    if got.cuts:
        start, end = _days(got.rows, "start"), _days(got.rows, "end")
    for s in range(segments):
        if got.cuts:
            here = np.flatnonzero((start <= cuts[s]) & (end > cuts[s]))
        at = got.place[here]
        rate[at, s] = value[here]
        known[at, s] = share[here]
        rows[:, s] = np.bincount(at, minlength=keys)
    if (rows > 1).any():
        row = got.keys.frame.iloc[int(np.argwhere(rows > 1)[0][0])]
        raise InvalidValue(
            f"{what} has several rates for {row['importer']} on {row['exporter']}, "
            f"{row['product'] or '*'} at one time; give one each"
        )
    return rate, known, rows


def _find(trade: Keyed, got: _Rates, cube: tuple[Array, Array, Array]) -> tuple[
        Array, Array, NDArray[np.bool_]]:
    """Rates of trade rows: of the longest code that holds theirs, else of all codes under it."""
    rate, known, rows = cube
    if not len(rate):
        shape = (len(trade.pair), rate.shape[1])
        return np.full(shape, np.nan), np.zeros(shape), np.zeros(shape, dtype=bool)
    book = {n: k for k, n in enumerate(dict.fromkeys((*trade.names, *got.keys.names)))}
    index = pd.Index(got.keys.keys(book))
    at = np.full(len(trade.pair), -1)
    for digits in sorted(set(got.keys.digits.tolist()), reverse=True):
        todo = np.flatnonzero((at < 0) & (trade.digits >= digits))
        if len(todo):
            at[todo] = index.get_indexer(pd.Index(trade.keys(book, digits)[todo]))
    out, share, there = rate[at], known[at], rows[at] > 0
    none = np.flatnonzero(at < 0)
    there[none] = False
    # A code above those of the rates has a rate if all rates under it are one.
    for digits in sorted(set(trade.digits[none].tolist())):
        below = np.flatnonzero(got.keys.digits > digits)
        groups, found = pd.factorize(got.keys.keys(book, digits)[below])
        some = rows[below] > 0
        filled = np.where(np.isnan(rate[below]), np.inf, rate[below])
        low = np.full((len(found), rate.shape[1]), np.inf)
        high = np.full_like(low, -np.inf)
        whole = np.full_like(low, 1.0)
        np.minimum.at(low, groups, np.where(some, filled, np.inf))
        np.maximum.at(high, groups, np.where(some, filled, -np.inf))
        np.minimum.at(whole, groups, np.where(some, known[below], 1.0))
        here = none[trade.digits[none] == digits]
        to = pd.Index(found).get_indexer(pd.Index(trade.keys(book)[here]))
        here, to = here[to >= 0], to[to >= 0]
        one = (low[to] == high[to]) & np.isfinite(low[to])
        out[here] = np.where(one, low[to], np.nan)
        share[here] = np.where(one, whole[to], 0.0)
        there[here] = high[to] > -np.inf
    return out, share, there


# -- side by side ---------------------------------------------------------------------------


@frozen(eq=False, kw_only=True)
class Aligned:
    """Old and new rates beside trade.

    Args:
        trade: ``importer, exporter, product, value``, one row a key.
        old, new: Rates on (rows, segments); NaN is unknown.
        known: The share of each row's value whose rates are known, same shape.
        years: The share of a year's trade in each segment: days in force over days of the year.
        calendar: The calendar year of each segment; 0 where rates have no times.
        cuts: The days on which segments begin and the last one ends; empty without times.
        labels: The importer, exporter and product of each row as integers.
        about: What goes into ``attrs``.
    """

    trade: pd.DataFrame
    old: Array
    new: Array
    known: Array
    years: Array
    calendar: NDArray[np.int64]
    cuts: tuple[np.datetime64, ...]
    labels: dict[str, Labels]
    about: dict[Any, Any]

    @property
    def value(self) -> Array:
        return np.asarray(self.trade["value"].to_numpy(dtype=float))

    def flat(self, what: str) -> Aligned:
        """The same if rates have no times.

        Raises:
            InvalidValue: if they move.
        """
        moves = any(
            not np.array_equal(v, np.broadcast_to(v[:, :1], v.shape), equal_nan=True)
            for v in (self.old, self.new)
        )
        if moves:
            raise InvalidValue(
                f"{what} compares two states, and these rates move over "
                f"{self.old.shape[1]} intervals; take those of one day, "
                "effects.rate_frame(result, …, on=…)"
            )
        return evolve(self, old=self.old[:, :1], new=self.new[:, :1], known=self.known[:, :1],
                      years=np.ones(1), calendar=np.zeros(1, dtype=np.int64), cuts=())


def aligned(rates_old: pd.DataFrame, rates_new: pd.DataFrame, trade: Any,
            missing: float | None = None,
            name: Callable[[object], str] = country) -> Aligned:
    """Lay old and new rates beside trade.

    Args:
        rates_old, rates_new: Rate frames.
        trade: Weights or a frame ``importer, exporter, product, value``: a year's trade.
        missing: The rate of trade that a frame has none for; ``None``: refuse it. An importer's
            own goods bear none, unless a rate is given (a region of several countries).
        name: How countries are read: by ISO code, or as a model calls them.

    Raises:
        MissingData: for trade without a rate.
        InvalidValue: for rates at or below -1, negative trade, several rates of one key, frames
            over different windows.
    """
    table, about = keyed_trade(trade, name)
    held = table.frame[[*KEY, "value"]]
    whats = ("rates", "rates") if rates_old is rates_new else ("rates_old", "rates_new")
    both = [_rates(rates_old, whats[0], name)]
    both.append(both[0] if rates_old is rates_new else _rates(rates_new, whats[1], name))
    windows = [(g.cuts[0], g.cuts[-1]) for g in both if g.cuts]
    if len(set(windows)) > 1:
        said = [f"from {a!s} to {b!s}" for a, b in windows]
        raise InvalidValue(
            f"rates_old runs {said[0]}, rates_new {said[1]}; compare them over one window"
        )
    cuts = sorted({c for g in both for c in g.cuts})
    if cuts:
        first, last = (c.astype("datetime64[Y]") for c in (cuts[0], cuts[-1]))
        turns = np.arange(first + 1, last + 1).astype("datetime64[D]")
        cuts = sorted({*cuts, *turns})
    own = (held["importer"] == held["exporter"]).to_numpy()
    missing = check_missing(missing)
    out, shares = [], []
    filled = 0.0
    for got, what in zip(both, whats, strict=True):
        rate, share, there = _find(table, got, _cube(got, cuts, what))
        lacking = ~there & ~own[:, None]
        if lacking.any() and missing is None:
            _refuse(held, lacking, what)
        filled = max(filled, float(held["value"].to_numpy()[lacking.any(axis=1)].sum()))
        rate = np.where(lacking, missing if missing is not None else np.nan, rate)
        rate = np.where(own[:, None] & ~there, 0.0, rate)
        out.append(rate)
        shares.append(np.where(lacking | (own[:, None] & ~there), 1.0, share))
    if cuts:
        days = np.diff(np.array(cuts)).astype(float)
        calendar = np.array(cuts[:-1]).astype("datetime64[Y]").astype(np.int64) + 1970
        length = np.array([366.0 if isleap(y) else 365.0 for y in calendar.tolist()])
        part = days / length
    else:
        calendar, part = np.zeros(1, dtype=np.int64), np.ones(1)
    total = float(held["value"].sum())
    about |= {
        "missing": missing,
        "missing_share": filled / total if total else 0.0,
        "scenario_old": rates_old.attrs.get("scenario"),
        "scenario_new": rates_new.attrs.get("scenario"),
        "path_old": rates_old.attrs.get("path"), "path_new": rates_new.attrs.get("path"),
    }
    labels = {key: pd.factorize(held[key])[0].astype(np.int64) for key in KEY}
    return Aligned(trade=held, old=out[0], new=out[1], known=np.minimum(*shares), years=part,
                   calendar=calendar, cuts=tuple(cuts), labels=labels, about=about)


def _refuse(trade: pd.DataFrame, lacking: NDArray[np.bool_], what: str) -> None:
    rows = trade.iloc[np.flatnonzero(lacking.any(axis=1))]
    share = rows["value"].sum() / max(trade["value"].sum(), 1e-300)
    first = "; ".join(f"{i} from {e}, {p or '*'}"
                      for i, e, p in rows.head(3)[KEY].itertuples(index=False))
    raise MissingData(
        f"{what} has no rate for {len(rows):,} of {len(trade):,} rows of trade ({share:.1%} of "
        f"its value), such as {first}; give their rates, or say missing=0 if they bear none in "
        "either state",
        rows=len(rows), share=float(share),
    )
