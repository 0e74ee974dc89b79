"""What is given, in one spelling: countries, products and trade, and their keys as integers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from attrs import frozen
from numpy.typing import NDArray

from tradescen.effects.reading import amounts
from tradescen.errors import InvalidValue, MissingData
from tradescen.law.weights import Weights
from tradescen.vocab.countries import country
from tradescen.vocab.hs import normal_code

__all__ = ["KEY", "Keyed", "keyed", "keyed_trade", "trade_frame"]

Labels = NDArray[np.int64]
KEY = ["importer", "exporter", "product"]
_PLACES = 10**11  # above any product number


@frozen(eq=False)
class Keyed:
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

    def whose(self, at: int) -> str:
        """A row in words."""
        importer, exporter, product = self.frame[KEY].iloc[at]
        return f"{importer} on {exporter}, {product or '*'}"

    def take(self, rows: Labels) -> Keyed:
        return Keyed(self.frame.iloc[rows].reset_index(drop=True), self.names, self.pair[rows],
                      self.product[rows], self.digits[rows])


def _code(code: object) -> str:
    return "" if code in ("*", "") else normal_code(code)


def keyed(frame: pd.DataFrame, what: str, values: Sequence[str],
          name: Callable[[object], str] = country) -> Keyed:
    """Read a frame's keys, countries by *name*."""
    needed = [*KEY, *values]
    if not isinstance(frame, pd.DataFrame):
        raise InvalidValue(
            f"{what} is a {type(frame).__name__}; give a frame with {', '.join(needed)}"
            + (" (rates of a Result: effects.rate_frame(result, …))" if "rate" in needed else ""),
            value=frame,
        )
    lacking = [c for c in needed if c not in frame]
    if lacking:
        hint = "; write product='*' for all goods" if lacking == ["product"] else ""
        raise InvalidValue(
            f"{what} has no column {', '.join(map(repr, lacking))} (it has: "
            f"{', '.join(map(str, frame.columns))}); give {', '.join(needed)}{hint}",
            columns=tuple(lacking),
        )
    columns, codes = {}, {}
    for side, read in (("importer", name), ("exporter", name), ("product", _code)):
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
    return Keyed(out, names, pair.astype(np.int64), number[p] if len(p) else p,
                  digits[p] if len(p) else p)


def keyed_trade(trade: Any, name: Callable[[object], str] = country) -> tuple[
        Keyed, dict[Any, Any]]:
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
    got = keyed(trade, "the trade", ["value"], name)
    value = amounts(got.frame["value"], "the trade", got.whose)
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
    got, about = keyed_trade(trade)
    return got.frame[[*KEY, "value"]], about
