"""Old and new rates laid beside each other and beside trade, on one set of rows and times."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from attrs import evolve, frozen
from numpy.typing import NDArray

from tradescen.errors import InvalidValue, MissingData
from tradescen.law.weights import Weights
from tradescen.vocab.countries import country
from tradescen.vocab.hs import normal_code

__all__ = ["KEY", "Aligned", "aligned", "trade_frame"]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]
KEY = ["importer", "exporter", "product"]
_PLACES = 10**11  # above any product number
HIGHEST = 10.0  # a rate above it is percent written as a fraction


# -- what is given --------------------------------------------------------------------------


@frozen(eq=False)
class _Table:
    """A frame with its keys in one spelling, and as integers.

    A pair is a place in *names*; a product is the number its digits make behind a 1, so that
    leading zeros count and a division cuts digits off.
    """

    frame: pd.DataFrame
    names: tuple[str, ...]
    pair: Labels
    product: Labels
    digits: Labels

    def keys(self, book: dict[str, int], digits: int | None = None) -> Labels:
        """One integer a row, from pair and (leading digits of the) product."""
        ids = np.array([book[n] for n in self.names], dtype=np.int64)[self.pair]
        product = self.product
        if digits is not None:
            product = product // 10 ** np.maximum(self.digits - digits, 0)
        return ids * _PLACES + product

    def take(self, rows: Labels) -> _Table:
        return _Table(self.frame.iloc[rows].reset_index(drop=True), self.names, self.pair[rows],
                      self.product[rows], self.digits[rows])


def _code(code: object) -> str:
    return "" if code in ("*", "") else normal_code(code)


def _table(frame: pd.DataFrame, what: str, values: Sequence[str]) -> _Table:
    needed = [*KEY, *values]
    if not isinstance(frame, pd.DataFrame):
        raise InvalidValue(
            f"{what} is a {type(frame).__name__}; give a frame with {', '.join(needed)}",
            value=frame,
        )
    lacking = [c for c in needed if c not in frame]
    if lacking:
        raise InvalidValue(
            f"{what} has no column {', '.join(map(repr, lacking))} (it has: "
            f"{', '.join(map(str, frame.columns))}); give {', '.join(needed)}",
            columns=tuple(lacking),
        )
    columns, codes = {}, {}
    for side, read in (("importer", country), ("exporter", country), ("product", _code)):
        code, found = pd.factorize(np.asarray(frame[side], dtype=object), use_na_sentinel=False)
        made = np.array([read(v) for v in found], dtype=object)
        columns[side] = made[code] if len(made) else np.array([], dtype=object)
        codes[side] = (code.astype(np.int64), made)
    (i, importers), (e, exporters) = codes["importer"], codes["exporter"]
    pair, found = pd.factorize(i * (len(exporters) + 1) + e)
    names = tuple(f"{importers[n // (len(exporters) + 1)]} {exporters[n % (len(exporters) + 1)]}"
                  for n in found.tolist())
    p, products = codes["product"]
    number = np.array([int(f"1{c}") for c in products], dtype=np.int64)
    digits = np.array([len(c) for c in products], dtype=np.int64)
    extra = [c for c in (*values, "start", "end", "known_share") if c in frame]
    out = pd.DataFrame({**columns, **{c: frame[c].to_numpy() for c in extra}})
    return _Table(out, names, pair.astype(np.int64), number[p] if len(p) else p,
                  digits[p] if len(p) else p)


def _trade(trade: Any) -> tuple[_Table, dict[Any, Any]]:
    """Trade with one row a key, and what it is."""
    about: dict[Any, Any] = {"weights": None, "weights_year": None, "currency": None}
    if isinstance(trade, Weights) or (
            isinstance(trade, (list, tuple)) and trade
            and all(isinstance(w, Weights) for w in trade)):
        sets = [trade] if isinstance(trade, Weights) else list(trade)
        if len({w.currency for w in sets}) > 1:
            raise InvalidValue(
                f"the trade is in {' and '.join(sorted({w.currency for w in sets}))}; sums need "
                "one money"
            )
        pairs = [p for w in sets for p in w.pairs]
        twice = sorted({p for p in pairs if pairs.count(p) > 1})
        if twice:
            raise InvalidValue(
                f"several sets of trade hold {' on '.join(twice[0])}, so it would count twice; "
                "give each direction once",
                value=twice,
            )
        trade = pd.concat([w.to_frame() for w in sets], ignore_index=True)
        about = {"weights": [w.name for w in sets], "weights_year": sorted({w.year for w in sets}),
                 "currency": sets[0].currency, "valuation": sorted({w.valuation for w in sets})}
    elif isinstance(trade, pd.DataFrame):
        if "value" not in trade and "value_usd" in trade:
            trade = trade.rename(columns={"value_usd": "value"})
        said = trade.attrs
        about.update({k: said[k] for k in ("weights", "currency", "valuation") if k in said})
        about["weights_year"] = said.get("weights_year", said.get("year"))
    got = _table(trade, "the trade", ["value"])
    value = got.frame["value"].to_numpy(dtype=float)
    bad = ~np.isfinite(value) | (value < 0)
    if bad.any():
        row = got.frame[bad].iloc[0]
        raise InvalidValue(
            f"the trade of {row['importer']} from {row['exporter']} in {row['product'] or '*'} is "
            f"{row['value']}; trade values are 0 or more",
            value=float(row["value"]),
        )
    if not len(value):
        raise MissingData("the trade has no row, and effects are changes of trade; give some")
    key = got.keys({n: k for k, n in enumerate(sorted(got.names))})
    order = np.argsort(key, kind="stable")
    new = np.append(True, np.diff(key[order]) != 0)
    out = got.take(order[new])
    out.frame["value"] = np.add.reduceat(value[order], np.flatnonzero(new))
    return out, about


def trade_frame(trade: Any) -> tuple[pd.DataFrame, dict[Any, Any]]:
    """Trade as ``importer, exporter, product, value`` (one row a key), and what it is.

    Args:
        trade: :class:`~tradescen.Weights`, several of them, or a frame with these columns.
    """
    got, about = _trade(trade)
    return got.frame[[*KEY, "value"]], about


@frozen(eq=False)
class _Rates:
    """The rates of one frame: its keys once each, rows with the place of theirs, and cuts."""

    keys: _Table
    place: Labels
    rows: pd.DataFrame
    cuts: tuple[np.datetime64, ...]  # empty: the same at all times


def _rates(frame: pd.DataFrame, what: str) -> _Rates:
    if isinstance(frame, pd.DataFrame):
        for name in ("scenario", "path"):
            if name in frame and frame[name].nunique() > 1:
                known = ", ".join(map(str, frame[name].unique()[:6]))
                raise InvalidValue(
                    f"{what} holds the {name}s {known}; give the rates of one, as "
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
    got = _table(frame, what, ["rate"])
    rows = got.frame
    rate = rows["rate"].to_numpy(dtype=float)
    bad = np.isinf(rate) | (rate <= -1) | (rate > HIGHEST)
    if bad.any():
        row = rows[bad].iloc[0]
        raise InvalidValue(
            f"{what} has the rate {row['rate']} for {row['importer']} on {row['exporter']}, "
            f"{row['product'] or '*'}; rates are fractions of customs value above -1 (25 % is "
            f"0.25), and none above {HIGHEST:g} is taken",
            value=float(row["rate"]),
        )
    if "known_share" not in rows:
        rows["known_share"] = 1.0
    rows["known_share"] = np.where(np.isnan(rate), 0.0, rows["known_share"].fillna(1.0))
    place, _ = pd.factorize(got.keys({n: k for k, n in enumerate(got.names)}))
    first = np.zeros(int(place.max(initial=-1)) + 1, dtype=np.int64)
    first[place[::-1]] = np.arange(len(rows))[::-1]
    cuts: tuple[np.datetime64, ...] = ()
    if "start" in rows and "end" in rows:
        for name in ("start", "end"):
            rows[name] = rows[name].to_numpy().astype("datetime64[s]")
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


def _find(trade: _Table, got: _Rates, cube: tuple[Array, Array, Array]) -> tuple[
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
        about: What goes into ``attrs``.
    """

    trade: pd.DataFrame
    old: Array
    new: Array
    known: Array
    years: Array
    calendar: NDArray[np.int64]
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
                      years=np.ones(1), calendar=np.zeros(1, dtype=np.int64))


def aligned(rates_old: pd.DataFrame, rates_new: pd.DataFrame, trade: Any,
            missing: float | None = None) -> Aligned:
    """Lay old and new rates beside trade.

    Args:
        rates_old, rates_new: Rate frames.
        trade: Weights or a frame ``importer, exporter, product, value``: a year's trade.
        missing: The rate of trade that a frame has none for; ``None``: refuse it. An importer's
            own goods bear none.

    Raises:
        MissingData: for trade without a rate.
        InvalidValue: for rates at or below -1, negative trade, several rates of one key, frames
            over different windows.
    """
    table, about = _trade(trade)
    held = table.frame[[*KEY, "value"]]
    both = [_rates(f, what) for f, what in ((rates_old, "rates_old"), (rates_new, "rates_new"))]
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
    if missing is not None and not -1 < missing <= HIGHEST:
        raise InvalidValue(f"missing={missing!r} is not a rate; give 0 or a fraction",
                           value=missing)
    out, shares = [], []
    filled = 0.0
    for got, what in zip(both, ("rates_old", "rates_new"), strict=True):
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
    return Aligned(trade=held, old=out[0], new=out[1], known=np.minimum(*shares), years=part,
                   calendar=calendar, about=about)


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
