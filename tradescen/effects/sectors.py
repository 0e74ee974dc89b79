"""Products to sectors: rates of a model's sectors, price changes of an input-output table's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from attrs import frozen
from numpy.typing import NDArray

from tradescen import __version__
from tradescen.effects.aligning import Aligned, aligned
from tradescen.effects.priors import Prior
from tradescen.errors import InvalidValue, MissingData, TradescenError
from tradescen.vocab.countries import country

__all__ = ["BySector", "by_sector", "sector_rates", "sector_shocks", "us_sectors"]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]


def us_sectors() -> pd.DataFrame:
    """HS 2022 subheadings in the commodities of the US summary input-output table.

    Columns ``product, sector, share``; a subheading whose statistical numbers fall into several
    commodities is divided by US imports of 2024. Subheadings whose numbers have no commodity
    (scrap, returned goods, chapters 98 and 99) are left out, so they count as not covered.
    """
    from tradescen.packaged.tables import read_table

    body = read_table("us-sectors")
    names = body["sectors"]
    rows = [(code, names[n], share) for code, parts in zip(
        body["codes"].split(), body["parts"], strict=True) for n, share in parts]
    frame = pd.DataFrame(rows, columns=["product", "sector", "share"])
    frame.attrs = {"source": body["source"]["citation"], "note": body["source"]["note"],
                   "nomenclature": body["nomenclature"], "covered": body["covered"]}
    return frame


def _read(sectors: Any) -> dict[str, tuple[tuple[str, float], ...]]:
    """Code → its sectors with shares."""
    if isinstance(sectors, pd.DataFrame):
        lacking = [c for c in ("product", "sector") if c not in sectors]
        if lacking:
            raise InvalidValue(f"sectors= has no column {lacking[0]!r}; give product, sector and, "
                               "where a product is divided, share", value=lacking[0])
        given = sectors["share"].tolist() if "share" in sectors else [1.0] * len(sectors)
        rows = list(zip(sectors["product"], sectors["sector"], given, strict=True))
    elif isinstance(sectors, Mapping):
        rows = [(code, s, v) for code, to in sectors.items()
                for s, v in (to.items() if isinstance(to, Mapping) else ((to, 1.0),))]
    else:
        raise InvalidValue(
            f"sectors= is a {type(sectors).__name__}; give a mapping {{'8517': '334'}} or a frame "
            "product, sector, share",
            value=sectors,
        )
    out: dict[str, dict[str, float]] = {}
    for code, sector, share_ in rows:
        digits = "" if code == "*" else str(code).replace(".", "")
        if digits and not digits.isdigit():
            raise InvalidValue(f"sectors= has the product {code!r}; give leading digits of codes",
                               value=code)
        held = out.setdefault(digits, {})
        held[str(sector)] = held.get(str(sector), 0.0) + float(share_)
    for digits, parts in out.items():
        total = sum(parts.values())
        if not (0 < total <= 1 + 1e-6) or min(parts.values()) < 0:
            raise InvalidValue(
                f"the shares of product {digits or '*'} in sectors= sum to {total:g}; a product "
                "goes to its sectors with shares that sum to 1 (or less, the rest is uncovered)",
                value=digits,
            )
    return {d: tuple(p.items()) for d, p in out.items()}


@frozen(eq=False)
class BySector:
    """Trade of one importer by sector.

    Args:
        sectors: Names.
        value: Customs value by sector.
        known: The value whose rates are known.
        paid: Duty-paid value at old rates, known trade.
        shocks: Relative change of the duty-paid price on (draws, sectors).
        rates: Effective rates old and new on (2, sectors), known trade.
        coverage: The share of all trade that has a sector.
    """

    sectors: tuple[str, ...]
    value: Array
    known: Array
    paid: Array
    shocks: Array
    rates: Array
    coverage: float
    held: Aligned


def _placed(products: pd.Series[Any], sectors: Any) -> tuple[Labels, Any, Labels, Array]:
    """One entry a row of trade and sector of its product: the row, all sectors, the place of
    the entry's among them, and its share.

    Raises:
        MissingData: if no product has a sector.
    """
    table = _read(sectors)
    widths = sorted({len(c) for c in table}, reverse=True)
    code, found = pd.factorize(products)
    parts = [
        table[key] if (key := next((c[:w] for w in widths if len(c) >= w and c[:w] in table),
                                   None)) is not None else ()
        for c in found
    ]
    names, label_of = np.unique([s for p in parts for s, _ in p] or [""], return_inverse=True)
    counts = np.array([len(p) for p in parts])
    if not counts.any():
        raise MissingData(
            "no product of the trade has a sector in sectors=; their codes do not meet (are they "
            "of one nomenclature, at six digits or fewer?)"
        )
    rows = np.repeat(np.arange(len(code)), counts[code])
    nth = np.arange(len(rows)) - np.repeat(np.cumsum(counts[code]) - counts[code], counts[code])
    place = (np.cumsum(counts) - counts)[code[rows]] + nth
    label = label_of.reshape(-1)[place]
    split = np.array([v for p in parts for _, v in p])[place]
    return rows, names, label, split


def by_sector(rates_old: pd.DataFrame, rates_new: pd.DataFrame, trade: Any, sectors: Any,
              border: Prior, missing: float | None) -> BySector:
    """Put known trade into sectors and average price changes there."""
    held = aligned(rates_old, rates_new, trade, missing).flat("a change of prices")
    importers = sorted(set(held.trade["importer"]))
    if len(importers) > 1:
        raise InvalidValue(
            f"the trade is of {', '.join(importers)}; sectors are those of one importer's table: "
            "take one at a time",
            value=importers,
        )
    rows, names, label, split = _placed(held.trade["product"], sectors)
    size = len(names)

    def sums(values: Array) -> Array:
        out: Array = np.bincount(label, split * values[rows], minlength=size).astype(float)
        return out

    old, new = held.old[:, 0], held.new[:, 0]
    both = ~np.isnan(old) & ~np.isnan(new)
    money: Array = np.where(both, held.value * held.known[:, 0], 0.0)
    t_old, t_new = np.where(both, old, 0.0), np.where(both, new, 0.0)
    factor = np.log1p(t_new) - np.log1p(t_old)
    paid = money * (1 + t_old)
    known, below = sums(money), sums(paid)
    with np.errstate(invalid="ignore", divide="ignore"):
        shocks = np.array([sums(paid * np.expm1(p * factor)) / below for p in border.draws])
        rates = np.array([sums(money * t_old) / known, sums(money * t_new) / known])
    total = float(held.value.sum())
    placed = sums(held.value)
    return BySector(tuple(names.tolist()), placed, known, below, shocks, rates,
                    float(placed.sum()) / total if total else 0.0, held)


def sector_shocks(rates_old: pd.DataFrame, rates_new: pd.DataFrame, trade: Any, *, sectors: Any,
                  border: Any = 1.0, missing: float | None = None) -> pd.DataFrame:
    """The change of duty-paid import prices by sector.

    Averages over all origins in *trade*, weighted with duty-paid value: give the trade of every
    origin, those whose rates do not change too (``missing=0``), or the shock is that of some.

    Args:
        rates_old, rates_new: Rates of two states.
        trade: A year's customs values of one importer.
        sectors: Leading digits of products → sector, or → {sector: share}; or a frame
            ``product, sector, share`` such as :func:`us_sectors`.
        border: Pass-through to duty-paid prices: a number, ``(low, middle, high)`` or draws.
        missing: The rate of trade a frame has none for; ``None``: refuse.

    Returns:
        ``sector, value, known_share, rate_old, rate_new, shock, shock_low, shock_high``; NaN
        where no rate of a sector is known. ``attrs["coverage"]``: the share of trade in sectors.

    Raises:
        MissingData: for trade without a rate, or if no product has a sector.
        InvalidValue: for several importers, or shares of a product above 1.
    """
    prior = Prior.of(border, "border")
    got = by_sector(rates_old, rates_new, trade, sectors, prior, missing)
    low, middle, high = prior.band(got.shocks)
    with np.errstate(invalid="ignore", divide="ignore"):
        known = np.where(got.value > 0, got.known / np.maximum(got.value, 1e-300), 0.0)
    out = pd.DataFrame({
        "sector": list(got.sectors), "value": got.value, "known_share": known,
        "rate_old": got.rates[0], "rate_new": got.rates[1], "shock": middle, "shock_low": low,
        "shock_high": high,
    })
    out.attrs = {"quantity": "relative change of duty-paid import prices",
                 "definition": "duty-paid value weights, all origins in the trade, known rates",
                 "border": prior.said, "coverage": got.coverage, "tradescen": __version__,
                 **got.held.about}
    return out


def _region(name: object) -> str:
    """A country by its ISO code, whatever its spelling; else what a model calls it."""
    try:
        return country(name)
    except TradescenError:
        if not isinstance(name, str):
            raise
        return name


def sector_rates(rates: pd.DataFrame, trade: Any, *, sectors: Any,
                 missing: float | None = None) -> pd.DataFrame:
    """The mean rate of each pair and sector, weighted with trade: from a rate frame by product to
    one that :func:`solve_ge` and, if it has times, :func:`time_path` take.

    Args:
        rates: ``importer, exporter, product, rate``, with or without ``start, end``.
        trade: A year's customs values. Countries may be a model's own (``"ROW"``).
        sectors: As in :func:`sector_shocks`.
        missing: The rate of trade a frame has none for; ``None``: refuse.

    Returns:
        ``importer, exporter, sector[, start, end], rate, value, known_share``. The mean is over
        trade whose rate is known; where none is, the rate is NaN, which an equilibrium refuses.
        ``attrs["coverage"]``: the share of trade that has a sector; the rest is in no mean.

    Raises:
        MissingData: for trade without a rate, or if no product has a sector.
        InvalidValue: for what is no rate or trade, and several rates of one key.
    """
    held = aligned(rates, rates, trade, missing, _region)
    rows, names, label, split = _placed(held.trade["product"], sectors)
    keys = pd.DataFrame({"importer": held.trade["importer"].to_numpy()[rows],
                         "exporter": held.trade["exporter"].to_numpy()[rows],
                         "sector": names[label].astype(object)})
    groups = keys.groupby(list(keys), sort=True)
    at, kept = groups.ngroup().to_numpy(), groups.size().reset_index()[list(keys)]

    def sums(values: Array) -> Array:
        return np.bincount(at, split * values[rows], minlength=len(kept)).astype(float)

    value, unknown, parts = sums(held.value), 0.0, []
    for s in range(held.old.shape[1]):
        rate = held.old[:, s]
        known = np.where(np.isnan(rate), 0.0, held.value * held.known[:, s])
        sure, duty = sums(known), sums(known * np.nan_to_num(rate))
        part = kept.copy()
        if held.cuts:
            part["start"], part["end"] = (pd.Timestamp(held.cuts[s]),
                                          pd.Timestamp(held.cuts[s + 1]))
        with np.errstate(invalid="ignore", divide="ignore"):
            part["rate"], part["value"], part["known_share"] = duty / sure, value, sure / value
        unknown += float(value.sum() - sure.sum()) / held.old.shape[1]
        parts.append(part)
    out = pd.concat(parts, ignore_index=True)
    total = float(held.value.sum())
    about = {k: v for k, v in held.about.items() if k[-4:] not in ("_old", "_new")}
    out.attrs = {"quantity": "mean rate by sector", "unit": "fractions of customs value",
                 "definition": "weighted with the customs value of trade whose rate is known",
                 "coverage": float(value.sum()) / total if total else 0.0,
                 "unknown_share": unknown / float(value.sum()) if value.any() else 0.0,
                 "scenario": held.about["scenario_new"], "path": held.about["path_new"],
                 "tradescen": __version__, **about}
    return out
