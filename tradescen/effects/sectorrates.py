"""Rates by product to rates by sector of a model, weighted with trade."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from tradescen.effects.rates import numbers
from tradescen.errors import InvalidValue, MissingData
from tradescen.vocab.hs import normal_code

__all__ = ["sector_rates"]

KEY = ["importer", "exporter", "product"]


def sector_rates(rates: pd.DataFrame, trade: Any, concordance: Any, *,
                 missing: float | None = None) -> pd.DataFrame:
    """The mean rate of each pair and sector.

    Args:
        rates: ``importer, exporter, product, rate``; a product is a tariff code or ``"*"``. NaN is
            an unknown rate: its trade counts in ``value`` and not in the mean.
        trade: Weights, or a frame ``importer, exporter, product, value``.
        concordance: Code → sector, a mapping or a frame ``product, sector``; a short code stands
            for all under it, and the longest one that holds a product decides.
        missing: The rate of trade no row of *rates* holds; ``None``: refuse it.

    Returns:
        ``importer, exporter, sector, rate, value, known_share``. Pairs and sectors whose rates are
        all unknown have NaN, which an equilibrium refuses.

    Raises:
        MissingData: for trade without a sector or without a rate.
        InvalidValue: for a frame without its columns, or several rates of one key.
    """
    frame = trade.to_frame() if hasattr(trade, "to_frame") else trade
    for what, given, columns in (("rates", rates, [*KEY, "rate"]), ("trade", frame, KEY)):
        lacking = [c for c in columns if c not in given]
        if lacking:
            raise InvalidValue(f"{what} has no column {', '.join(lacking)}; give "
                               f"{', '.join(columns)}", columns=tuple(lacking))
    money = "value" if "value" in frame else "value_usd"
    held = frame[[*KEY, money]].rename(columns={money: "value"})
    held = held.assign(product=held["product"].map(normal_code))
    held = held.groupby(KEY, as_index=False, sort=True)["value"].sum()
    held["sector"] = _sectors(held, concordance)
    held["rate"] = _rates(held, rates, missing)
    held["known"] = held["value"].where(held["rate"].notna(), 0.0)
    held["duty"] = (held["value"] * held["rate"]).fillna(0.0)
    out: pd.DataFrame = held.groupby(["importer", "exporter", "sector"], as_index=False)[
        ["value", "known", "duty"]].sum()
    none = np.full(len(out), np.nan)
    known = out["known"].to_numpy()
    out["rate"] = np.divide(out["duty"].to_numpy(), known, out=none.copy(), where=known > 0)
    value = out["value"].to_numpy()
    out["known_share"] = np.divide(known, value, out=none.copy(), where=value > 0)
    out = out[["importer", "exporter", "sector", "rate", "value", "known_share"]]
    total = float(held["value"].sum())
    out.attrs = {
        "quantity": "mean rate by sector, weighted with trade", "missing": missing,
        "known_share": float(held["known"].sum()) / total if total else float("nan"),
    }
    return out


def _sectors(held: pd.DataFrame, concordance: Any) -> pd.Series[Any]:
    if isinstance(concordance, pd.DataFrame):
        concordance = dict(zip(concordance["product"], concordance["sector"], strict=True))
    if not isinstance(concordance, Mapping):
        raise InvalidValue("a concordance maps codes to sectors: give a mapping, or a frame "
                           "product, sector")
    known = {normal_code(code): str(sector) for code, sector in concordance.items()}
    lengths = sorted({len(code) for code in known}, reverse=True)
    found = {p: next((known[p[:n]] for n in lengths if p[:n] in known), None)
             for p in held["product"].unique()}
    lost = held[held["product"].map(found).isna()]
    if len(lost):
        share = lost["value"].sum() / held["value"].sum()
        raise MissingData(
            f"{lost['product'].nunique():,} products ({share:.1%} of the trade) have no sector, "
            f"such as {', '.join(lost['product'].unique()[:4])}; add them to the concordance",
            share=float(share),
        )
    return held["product"].map(found)


def _rates(held: pd.DataFrame, rates: pd.DataFrame, missing: float | None) -> np.ndarray[Any, Any]:
    given = rates[KEY].copy()
    given["product"] = [c if c == "*" else normal_code(c) for c in rates["product"]]
    given["rate"] = numbers(rates["rate"], "rates")
    if given.duplicated(KEY).any():
        row = given[given.duplicated(KEY)].iloc[0]
        raise InvalidValue(f"several rates for {row['importer']} on {row['exporter']}, "
                           f"{row['product']}; give one each")
    index = pd.MultiIndex.from_frame(given[KEY])
    at = index.get_indexer(pd.MultiIndex.from_frame(held[KEY]))
    wide = index.get_indexer(pd.MultiIndex.from_frame(held[KEY].assign(product="*")))
    at = np.where(at >= 0, at, wide)
    lacking = at < 0
    if lacking.any() and missing is None:
        row = held[lacking].iloc[0]
        share = held["value"][lacking].sum() / held["value"].sum()
        raise MissingData(
            f"rates hold nothing for {int(lacking.sum()):,} rows of trade ({share:.1%} of it), "
            f"such as {row['importer']} on {row['exporter']}, {row['product']}; give their rates, "
            "or say missing=0 if they bear none",
            share=float(share),
        )
    value = given["rate"].to_numpy(dtype=float)
    return np.where(lacking, missing if missing is not None else np.nan, value[at])
