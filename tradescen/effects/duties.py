"""Duty revenue and effective rates: at the old trade, and after trade has answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from attrs import frozen
from numpy.typing import NDArray

from tradescen import __version__
from tradescen.effects.aligning import Aligned, aligned
from tradescen.effects.elasticities import Elasticities
from tradescen.effects.response import answered, check_elasticities
from tradescen.errors import InvalidValue, UnknownName
from tradescen.law.nomenclature import section
from tradescen.vocab.duty_kinds import MOST
from tradescen.vocab.hs import dotted

__all__ = ["STATIC", "by_keys", "collected", "effective_rates", "key_columns", "revenue"]

Array = NDArray[np.float64]
Answers = Elasticities | Mapping[str, Elasticities] | None
KEYS = ("importer", "exporter", "product", "HS2", "HS4", "HS6", "HS8", "section", "year")
MONEY = ("old", "static", "static_change", "new", "change", "offset")
STATIC = "rates of each state times the same trade"


def by_keys(by: Any) -> list[str]:
    names = [by] if isinstance(by, str) else list(by)
    for name in names:
        if name not in KEYS:
            raise UnknownName.among("key", name, KEYS)
    if len(set(names)) < len(names):
        raise InvalidValue(f"by={by!r} names a key twice", value=by)
    return names


def key_columns(held: Aligned, by: Sequence[str]) -> dict[str, Any]:
    """A column for each key but the year, one entry a row of trade."""
    product = held.trade["product"]
    out: dict[str, Any] = {}
    for name in by:
        if name == "year":
            continue
        if name in ("importer", "exporter"):
            out[name] = held.trade[name].to_numpy()
            continue
        read: Callable[[str], str]
        if name == "product":
            read = _shown
        elif name == "section":
            read = _section
        else:
            digits = int(name[2:])

            def read(code: str, digits: int = digits) -> str:
                return _shown(code[:digits])

        made = {c: read(c) for c in product.unique()}
        out[name] = product.map(made).to_numpy(dtype=object)
    return out


def _shown(code: str) -> str:
    return dotted(code) if code else "*"


def _section(code: str) -> str:
    try:
        return section(code[:2]).number
    except (InvalidValue, UnknownName):  # chapters 98 and 99 are national; "*" is all goods
        return "none"


def collected(realised: Any, held: Aligned) -> tuple[Array, Any]:
    """What share of the statutory duty is collected, by row; and how that is said."""
    trade = held.trade
    if isinstance(realised, Mapping):
        pairs = list(zip(trade["importer"].tolist(), trade["exporter"].tolist(), strict=True))
        for importer, exporter in dict.fromkeys(pairs):
            if (importer, exporter) not in realised:
                raise InvalidValue(
                    f"realised= has no factor for {importer} on {exporter}; give one for each "
                    "direction, or one number for all",
                    value=(importer, exporter),
                )
        factor = np.array([realised[p] for p in pairs], dtype=float)
        said: Any = {f"{i} on {e}": v for (i, e), v in realised.items()}
    else:
        if isinstance(realised, bool) or not isinstance(realised, (int, float)):
            raise InvalidValue(f"realised={realised!r} is not a factor such as 0.885",
                               value=realised)
        factor, said = np.full(len(trade), float(realised)), float(realised)
    if not (np.isfinite(factor).all() and (factor >= 0).all()):
        raise InvalidValue(f"realised={realised!r} is not a factor of 0 or more", value=realised)
    if (factor > MOST).any():
        raise InvalidValue(
            f"realised={realised!r} looks like percent; it is a factor such as 0.885",
            value=realised,
        )
    return factor, said


@frozen(eq=False)
class _Sums:
    """Money by row and segment, over the trade whose rates are known in both states."""

    value: Array
    known: Array
    old: Array
    static: Array
    after: Array | None  # trade after the answer
    new: Array | None
    residual: float | None = None  # how far the answer's markets are from clearing


def _sums(held: Aligned, factor: Array, answer: Elasticities | None, model: str) -> _Sums:
    value = np.broadcast_to(held.value[:, None], held.old.shape) * held.years
    both = ~np.isnan(held.old) & ~np.isnan(held.new)
    known = np.where(both, value * held.known, 0.0)
    old = np.where(both, held.old, 0.0) * known * factor[:, None]
    static = np.where(both, held.new, 0.0) * known * factor[:, None]
    if answer is None:
        return _Sums(value, known, old, static, None, None)
    ratio = np.ones(held.old.shape)
    done: dict[bytes, Array] = {}
    residual = 0.0
    for s in range(len(held.years)):
        same = held.old[:, s].tobytes() + held.new[:, s].tobytes()
        if same not in done:
            got = answered(held, s, answer, model)
            residual = max(residual, got.answer.residual)
            column = np.ones(len(ratio))
            column[got.rows] = (1 + got.answer.quantity) * (1 + got.answer.border)
            done[same] = column
        ratio[:, s] = done[same]
    return _Sums(value, known, old, static, known * ratio, static * ratio, residual)


def _table(held: Aligned, by: Sequence[str], sums: _Sums) -> pd.DataFrame:
    columns_by = key_columns(held, by)
    calendar = held.calendar
    if "year" in by and not calendar.any():
        raise InvalidValue(
            "by='year' needs rates with start and end, and these have none; take "
            "effects.rate_frame(result, …) without on="
        )
    columns = {name: got for name in ("value", "known", "old", "static", "after", "new")
               if (got := getattr(sums, name)) is not None}
    parts = []
    for year in (np.unique(calendar).tolist() if "year" in by else [None]):
        pick = slice(None) if year is None else calendar == year
        sums_by = {k: v[:, pick].sum(axis=1) for k, v in columns.items()}
        part = pd.DataFrame({**columns_by, **sums_by})
        if year is not None:
            part["year"] = year
        parts.append(part)
    frame = pd.concat(parts, ignore_index=True)
    if not by:
        return frame[list(columns)].sum().to_frame().T
    return frame.groupby(list(by), sort=True)[list(columns)].sum().reset_index()


def _cases(response: Answers) -> dict[str, Elasticities | None]:
    if response is None:
        return {"": None}
    if isinstance(response, Mapping):
        if not response:
            raise InvalidValue("response={} names no case; give Elasticities by name, or None")
        return {str(k): check_elasticities(v) for k, v in response.items()}
    return {"": check_elasticities(response)}


def _attrs(held: Aligned, quantity: str, definition: str, said: Any, response: Answers,
           model: str, residuals: Sequence[float]) -> dict[Any, Any]:
    cases = _cases(response)
    return {
        "quantity": quantity, "definition": definition, "realised": said,
        "model": None if response is None else model,
        "elasticities": None if response is None else {
            name or e.name: e.said() for name, e in cases.items() if e is not None},
        "residual": max(residuals, default=None),
        "years": float(held.years.sum()) if held.calendar.any() else 1.0,
        "tradescen": __version__, **held.about,
    }


def revenue(rates_old: pd.DataFrame, rates_new: pd.DataFrame, trade: Any, *,
            by: str | Sequence[str] = ("importer", "exporter"), realised: Any = 1.0,
            response: Answers = None, model: str = "ces",
            missing: float | None = None) -> pd.DataFrame:
    """Duty revenue under old and new rates.

    Static revenue is Σ rate × trade at the old trade. With *response* trade answers the change
    of rates. Rates with ``start, end`` count by their days: trade is spread evenly over the
    year, so a duty in force half of it yields half; the sums are over the window of the frames.

    Args:
        rates_old, rates_new: Rate frames over one window, or both without times: then the sums
            are a year's.
        trade: A year's customs values.
        by: Any of ``importer, exporter, product, HS2, HS4, HS6, HS8, section, year``.
        realised: Duty collected over duty the statute asks: one factor, or one by
            ``(importer, exporter)``. Exclusions, preferences, lags and evasion are in it.
        response: Elasticities, or several by name (one column ``case``); ``None``: static only.
            Each interval is answered as if it lasted.
        model: As in :func:`trade_response`.
        missing: The rate, in both states, of trade a frame has none for; ``None``: refuse.

    Returns:
        ``value`` (trade of the window), ``unknown_share`` of it, ``old, static, static_change``;
        with *response* ``new, change, offset`` (= new - static: what shrinking trade takes
        back). In the money of the trade; sums are over trade whose rates are known, and NaN
        where none is.

    Raises:
        MissingData: for trade without a rate.
        InvalidValue: for negative trade, rates at or below -1, ``by="year"`` without times.
    """
    names = by_keys(by)
    held = aligned(rates_old, rates_new, trade, missing)
    factor, said = collected(realised, held)
    frames = []
    residuals: list[float] = []
    for case, answer in _cases(response).items():
        made = _sums(held, factor, answer, model)
        residuals += [] if made.residual is None else [made.residual]
        sums = _table(held, names, made)
        out = _keyed(sums, names, case)
        out["old"], out["static"] = sums["old"], sums["static"]
        out["static_change"] = sums["static"] - sums["old"]
        if answer is not None:
            out["new"] = sums["new"]
            out["change"] = sums["new"] - sums["old"]
            out["offset"] = sums["new"] - sums["static"]
        money = [c for c in MONEY if c in out]
        out[money] = out[money].where((sums["known"] > 0) | (sums["value"] == 0))
        frames.append(out)
    whole = pd.concat(frames, ignore_index=True)
    definition = STATIC if response is None else f"{STATIC}; new: after trade answers"
    whole.attrs = _attrs(held, "duty revenue", definition, said, response, model,
                         residuals)
    return whole


def _keyed(sums: pd.DataFrame, names: Sequence[str], case: str) -> pd.DataFrame:
    """The keys of some sums, the value under them and the share whose rates are unknown."""
    out = sums[list(names)].copy()
    if case:
        out.insert(0, "case", case)
    out["value"] = sums["value"]
    out["unknown_share"] = _share(sums["value"] - sums["known"], sums["value"])
    return out


def _share(part: Any, whole: Any) -> Any:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(whole > 0, np.maximum(part, 0.0) / whole, 0.0)


def effective_rates(rates_old: pd.DataFrame, rates_new: pd.DataFrame, trade: Any, *,
                    by: str | Sequence[str] = ("importer", "exporter"),
                    response: Answers = None, model: str = "ces",
                    missing: float | None = None) -> pd.DataFrame:
    """Effective tariff rates: old and new at the old trade, and new at the new trade.

    Arguments as in :func:`revenue`. A rise of duties shifts trade to what bears less, so the
    rate at the new trade lies below that at the old: published figures use one or the other.

    Returns:
        ``value, unknown_share, rate_old, rate_new, change``; with *response*
        ``rate_new_trade``. Fractions of customs value, over trade whose rates are known.
    """
    names = by_keys(by)
    held = aligned(rates_old, rates_new, trade, missing)
    one = np.ones(len(held.trade))
    frames = []
    residuals: list[float] = []
    for case, answer in _cases(response).items():
        made = _sums(held, one, answer, model)
        residuals += [] if made.residual is None else [made.residual]
        sums = _table(held, names, made)
        out = _keyed(sums, names, case)
        with np.errstate(invalid="ignore", divide="ignore"):
            out["rate_old"] = sums["old"] / sums["known"]
            out["rate_new"] = sums["static"] / sums["known"]
            out["change"] = out["rate_new"] - out["rate_old"]
            if answer is not None:
                out["rate_new_trade"] = sums["new"] / sums["after"]
        frames.append(out)
    whole = pd.concat(frames, ignore_index=True)
    whole.attrs = _attrs(held, "effective tariff rate", "duty over customs value, known trade",
                         1.0, response, model, residuals) | {"unit": "fractions of customs value"}
    return whole
