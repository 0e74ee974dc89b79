"""Prices after a change of rates: at the border, duty paid, and in the shop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from tradescen import __version__
from tradescen.effects.aligning import aligned
from tradescen.effects.duties import by_keys, key_columns
from tradescen.effects.inputoutput import MARGINS, InputOutput, shock_vector
from tradescen.effects.priors import Prior, paired
from tradescen.effects.sectors import by_sector
from tradescen.errors import InvalidValue, MissingData

__all__ = ["consumer_prices", "import_prices"]


def import_prices(rates_old: pd.DataFrame, rates_new: pd.DataFrame, trade: Any, *,
                  border: Any = 1.0, by: str | Sequence[str] = ("importer", "exporter"),
                  missing: float | None = None) -> pd.DataFrame:
    """Import prices with and without duty after a change of rates.

    With pass-through π and duty factors T = 1 + t: duty-paid prices move by (T'/T)^π, what
    exporters get by (T'/T)^(π-1). π = 1: importers bear all; π = 0: exporters do.

    Args:
        rates_old, rates_new: Rates of two states.
        trade: A year's customs values.
        border: Pass-through: a number, ``(low, middle, high)``, or an array of draws.
        by: Any of ``importer, exporter, product, HS2, HS4, HS6, HS8, section``.
        missing: The rate of trade a frame has none for; ``None``: refuse.

    Returns:
        ``value, unknown_share`` and ``duty_paid_low, duty_paid, duty_paid_high`` (with duty),
        ``border_low, border, border_high`` (what exporters get): relative changes,
        means over known trade with old duty-paid (and old customs) values as weights. Of draws:
        the 5th, 50th and 95th percentile.

    Raises:
        MissingData: for trade without a rate.
        InvalidValue: for rates that move in time, or what is no pass-through.
    """
    prior = Prior.of(border, "border")
    names = by_keys(by)
    if "year" in names:
        raise InvalidValue("by='year' has no meaning between two states", value=by)
    held = aligned(rates_old, rates_new, trade, missing).flat("a change of prices")
    columns = pd.DataFrame(key_columns(held, names), index=held.trade.index)
    if names:
        groups = columns.groupby(names, sort=True)
        label = groups.ngroup().to_numpy()
        keys = groups.size().reset_index()[names]
    else:
        label, keys = np.zeros(len(held.trade), dtype=np.int64), pd.DataFrame(index=[0])
    n = len(keys)

    def sums(values: Any) -> Any:
        return np.bincount(label, values, minlength=n)

    old, new = held.old[:, 0], held.new[:, 0]
    both = ~np.isnan(old) & ~np.isnan(new)
    known = np.where(both, held.value * held.known[:, 0], 0.0)
    t_old, t_new = np.where(both, old, 0.0), np.where(both, new, 0.0)
    factor = np.log1p(t_new) - np.log1p(t_old)
    paid = known * (1 + t_old)
    with np.errstate(invalid="ignore", divide="ignore"):
        duty_paid = np.array([sums(paid * np.expm1(p * factor)) / sums(paid)
                              for p in prior.draws])
        exporter = np.array([sums(known * np.expm1((p - 1) * factor)) / sums(known)
                             for p in prior.draws])
        total = sums(held.value)
        unknown = np.where(total > 0, np.maximum(total - sums(known), 0.0) / total, 0.0)
    out = keys.copy()
    out["value"], out["unknown_share"] = total, unknown
    for name, draws in (("duty_paid", duty_paid), ("border", exporter)):
        out[f"{name}_low"], out[name], out[f"{name}_high"] = prior.band(draws)
    out = out.reset_index(drop=True)
    out.attrs = {"quantity": "relative change of import prices", "border": prior.said,
                 "definition": "duty paid (T'/T)^π; what exporters get (T'/T)^(π-1)",
                 "tradescen": __version__, **held.about}
    return out


def consumer_prices(rates_old: pd.DataFrame, rates_new: pd.DataFrame, trade: Any, *,
                    io: InputOutput, sectors: Any, margins: str, border: Any = 1.0,
                    retail: Any = 1.0, missing: float | None = None) -> pd.DataFrame:
    """Consumer prices after a change of rates, with bands: direct, chain, total.

    Duty-paid import prices by commodity (:func:`sector_shocks`) go through the input-output
    table (:func:`cost_push`); consumers are charged the share *retail* of what comes out.

    Args:
        rates_old, rates_new: Rates of two states.
        trade: A year's customs values of one importer **from all origins**, those whose rates
            do not change too: the table knows imports, not origins.
        io: The importer's table.
        sectors: Products to its commodities, as in :func:`sector_shocks`.
        margins: As in :func:`cost_push`. Estimates of retail pass-through relate shop prices to
            the tariff rate, which is ``"percent"``.
        border, retail: Pass-through: a number, ``(low, middle, high)``, or draws. Triples go low
            with low and high with high.
        missing: The rate of trade a frame has none for; ``None``: refuse.

    Returns:
        Rows ``direct, chain, total``: ``part, low, middle, high``, relative changes of the price
        of all consumption. ``attrs``: pass-throughs, coverage, share unknown, years.

    Raises:
        UnknownName: for sectors the table has not.
        InvalidValue: if the trade is less than half of the table's imports in its sectors, or
            more than twice: then it is not the trade of all origins, or of another size.
        MissingData: for a sector none of whose rates is known, or if more than half of the trade
            in sectors has no known rate.
    """
    first, second = Prior.of(border, "border"), Prior.of(retail, "retail")
    pi, phi, how = paired(first, second)
    shares = io.shares(margins)
    unique = Prior(np.unique(pi), "draws", None)
    got = by_sector(rates_old, rates_new, trade, sectors, unique, missing)
    empty = [s for s, v, k in zip(got.sectors, got.value, got.known, strict=True) if v > 0 >= k]
    if empty:
        raise MissingData(
            f"no rate is known in the sectors {', '.join(empty)}, and their prices would count as "
            "unchanged; leave their trade out, or give rates",
            sectors=tuple(empty),
        )
    taus = np.array([
        shock_vector(io, {s: v for s, v, k in zip(got.sectors, row, got.known, strict=True)
                          if k > 0})
        for row in got.shocks
    ])[np.searchsorted(unique.draws, pi)]
    held = [n for n, c in enumerate(io.commodities) if c in got.sectors]
    inside = float(io.imports[held].sum())
    ratio = float(got.value.sum()) / io.unit / inside if inside else np.nan
    if not 0.5 <= ratio <= 2:
        raise InvalidValue(
            f"the trade is {ratio:.2g} times the imports {io.name} has in its sectors; the table "
            "needs the trade of all origins (missing=0 for those whose rates do not change)",
            ratio=ratio,
        )
    value = float(got.value.sum())
    unknown = 1 - float(got.known.sum()) / value
    if unknown > 0.5:
        raise MissingData(
            f"the rates of {unknown:.0%} of the trade in sectors are unknown, too many for the "
            "rest to stand for them; give rates, or missing=0 and leave unknown rows out",
            share=unknown,
        )
    weight = io.consumption / io.consumption.sum()
    direct = phi * (taus @ (shares[0] * weight))
    chain = phi * (io.chain(taus) @ (shares[1] * weight))
    rows = []
    for part, draws in (("direct", direct), ("chain", chain), ("total", direct + chain)):
        low, middle, high = how.band(draws)
        rows.append({"part": part, "low": float(low), "middle": float(middle),
                     "high": float(high)})
    out = pd.DataFrame(rows)
    out.attrs = {
        "quantity": "relative change of consumer prices", "margins": margins,
        "definition": MARGINS[margins], "border": first.said, "retail": second.said,
        "coverage": got.coverage, "unknown_share": unknown,
        "trade_over_imports": ratio, "table": io.name, "table_year": io.year,
        "tradescen": __version__, **got.held.about,
    }
    return out

