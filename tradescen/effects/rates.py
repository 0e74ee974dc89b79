"""Tariff rates for an equilibrium: tidy frames read once into an array."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from attrs import frozen
from numpy.typing import NDArray

from tradescen.errors import InvalidValue, MissingData, TradescenError, UnknownName
from tradescen.vocab.countries import country
from tradescen.vocab.duty_kinds import as_fraction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tradescen.effects.gedata import GEData

__all__ = ["Rates", "labels", "numbers", "places", "revise"]

Array = NDArray[np.float64]
HIGHEST = 10.0  # a rate above it is percent written as a fraction
SIDES = ("importer", "exporter")


@frozen(eq=False, repr=False, kw_only=True)
class Rates:
    """Rates of every pair and sector of some data, checked: fractions of customs value.

    A frame is read each time it is given; where many equilibria start from one frame, read it once
    with :meth:`of` and give this instead.

    Attributes:
        values: (sector, importer, exporter).
        missing: The rate that stands where none was given, if that was said.
        filled: Share of the trade between countries that bears it.
    """

    values: Array
    missing: float | None = None
    filled: float = 0.0

    def __repr__(self) -> str:
        j, n, _ = self.values.shape
        return f"<Rates of {n} countries, {j} sectors, highest {self.values.max():.1%}>"

    @classmethod
    def of(cls, data: GEData, rates: pd.DataFrame | Rates, *, missing: float | None = None,
           what: str = "rates") -> Rates:
        """Read a frame for *data*.

        Args:
            data: Whose pairs and sectors need a rate.
            rates: ``importer, exporter, rate`` and, where there are several sectors,
                ``sector`` (``"*"``: all sectors).
            missing: The rate of pairs the frame does not hold; ``None``: refuse them.
            what: What the frame is called in errors.

        Raises:
            MissingData: for trade without a rate, and for an unknown (NaN) rate.
            UnknownName: for a country or sector the data do not hold.
            InvalidValue: for a rate at or below −1 or above 10, one given twice, or one on a
                country's own goods.
        """
        shape = data.flows.shape
        if isinstance(rates, Rates):
            if rates.values.shape != shape:
                raise InvalidValue(
                    f"{what} were read for other data ({rates.values.shape}, not {shape}); read "
                    "them again with Rates.of"
                )
            return rates
        columns = [*SIDES, "rate"]
        if len(data.sectors) > 1:
            columns.insert(2, "sector")
        _needs(rates, columns, what)
        values = np.full(shape, np.nan)
        given = np.zeros(shape, dtype=bool)
        n, i = (places(rates[side], data.countries, f"country ({side} in {what})")
                for side in SIDES)
        rate = numbers(rates["rate"], what)
        _check(rate, rates, what)
        wide = np.ones(len(rates), dtype=bool)
        if "sector" in rates and len(data.sectors) > 1:
            wide = (rates["sector"] == "*").to_numpy()
            j = places(rates["sector"][~wide], data.sectors, f"sector (in {what})")
            _once((j, n[~wide], i[~wide]), shape, rates[~wide], what)
            values[j, n[~wide], i[~wide]] = rate[~wide]
            given[j, n[~wide], i[~wide]] = True
        elif "sector" in rates and not rates["sector"].isin(["*", data.sectors[0]]).all():
            places(rates["sector"][rates["sector"] != "*"], data.sectors, f"sector (in {what})")
        if wide.any():
            _once((n[wide], i[wide]), shape[1:], rates[wide], what)
            broad = np.full(shape[1:], np.nan)
            held = np.zeros(shape[1:], dtype=bool)
            broad[n[wide], i[wide]] = rate[wide]
            held[n[wide], i[wide]] = True
            values = np.where(given, values, broad)
            given |= held
        return cls._whole(data, values, given, missing, what)

    @classmethod
    def _whole(cls, data: GEData, values: Array, given: NDArray[np.bool_],
               missing: float | None, what: str) -> Rates:
        own = np.arange(values.shape[1])
        at_home = values[:, own, own]
        if (np.nan_to_num(at_home) != 0).any():
            at = int(np.argwhere(np.nan_to_num(at_home) != 0)[0][1])
            raise InvalidValue(
                f"{what}: {data.countries[at]} charges its own goods; a tariff falls on imports",
                value=data.countries[at],
            )
        values[:, own, own] = 0.0
        given[:, own, own] = True
        lacking = ~given & (data.flows > 0)
        abroad = data.flows.sum() - data.flows[:, own, own].sum()
        share = float(data.flows[lacking].sum() / abroad) if abroad else 0.0
        if lacking.any() and missing is None:
            raise MissingData(
                f"{what} has no rate for {int(lacking.sum()):,} of the flows between countries "
                f"({share:.1%} of their value), such as {_pair(data, lacking)}; give their rates, "
                "or say missing=0 if they bear none",
                share=share,
            )
        unknown = given & np.isnan(values) & (data.flows > 0)
        if unknown.any():
            raise MissingData(
                f"{what}: the rate of {_pair(data, unknown)} is unknown (NaN), and an equilibrium "
                "needs one; give a rate, and say where it comes from"
            )
        if missing is not None:
            _check(np.array([float(missing)]), None, "missing=")
        values = np.where(given & ~np.isnan(values), values, missing or 0.0)
        return cls(values=values, missing=missing, filled=share if missing is not None else 0.0)

    def to_frame(self, data: GEData) -> pd.DataFrame:
        """``importer, exporter[, sector], rate`` of all pairs of different countries."""
        return labels(data, {"rate": self.values}, home=False)


def revise(rates: pd.DataFrame, changes: pd.DataFrame) -> pd.DataFrame:
    """*rates* with the rows of *changes* in place of those of the same pair and sector.

    Raises:
        InvalidValue: if a column is missing from one of the two.
    """
    keys = [*SIDES, "sector"] if "sector" in rates else list(SIDES)
    _needs(rates, [*keys, "rate"], "rates")
    _needs(changes, [*keys, "rate"], "changes")
    old = pd.MultiIndex.from_frame(rates[keys])
    kept = rates[~old.isin(pd.MultiIndex.from_frame(changes[keys]))]
    return pd.concat([kept[[*keys, "rate"]], changes[[*keys, "rate"]]], ignore_index=True)


def labels(data: GEData, values: dict[str, Array], *, home: bool) -> pd.DataFrame:
    """Arrays (sector, importer, exporter) as a tidy frame; *home*: with domestic sales."""
    j, n, _ = next(iter(values.values())).shape
    names = np.array(data.countries, dtype=object)
    columns: dict[str, Any] = {
        "importer": np.tile(np.repeat(names, n), j),
        "exporter": np.tile(names, n * j),
    }
    if len(data.sectors) > 1:
        columns["sector"] = np.repeat(np.array(data.sectors, dtype=object), n * n)
    columns |= {name: v.reshape(-1) for name, v in values.items()}
    frame = pd.DataFrame(columns).infer_objects()
    if not home:
        frame = frame[frame["importer"] != frame["exporter"]].reset_index(drop=True)
    return frame


def places(given: pd.Series[Any], known: Sequence[str], kind: str) -> NDArray[np.intp]:
    """Where each name stands among *known*; countries may be spelt by any ISO code.

    Raises:
        UnknownName: for a name that is not there.
    """
    codes, names = pd.factorize(given, use_na_sentinel=False)
    where = {name: n for n, name in enumerate(known)}
    at = np.empty(len(names), dtype=np.intp)
    for n, name in enumerate(names):
        if name not in where and kind.startswith("country") and isinstance(name, str):
            try:
                at[n] = where[country(name)]
                continue
            except (KeyError, TradescenError):
                pass
        if name not in where:
            raise UnknownName.among(kind, str(name), known, "The data do not hold it")
        at[n] = where[name]
    return at[codes]


def _needs(frame: Any, columns: Sequence[str], what: str) -> None:
    if not isinstance(frame, pd.DataFrame):
        raise InvalidValue(
            f"{what} is a {type(frame).__name__}; give a frame with {', '.join(columns)}",
            value=frame,
        )
    lacking = [c for c in columns if c not in frame]
    if lacking:
        hint = ""
        if lacking == ["sector"]:
            hint = "; write sector='*' for rates that hold in every sector"
        raise InvalidValue(
            f"{what} has no column {', '.join(map(repr, lacking))} (it has: "
            f"{', '.join(map(str, frame.columns))}); give {', '.join(columns)}{hint}",
            columns=tuple(lacking),
        )


def numbers(column: pd.Series[Any], what: str) -> Array:
    """A column of rates as floats; text such as ``"25%"`` is read."""
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy(dtype=float)
    return np.array([np.nan if pd.isna(v) else as_fraction(v, what) if isinstance(v, str)
                     else float(v) for v in column], dtype=float)


def _check(rate: Array, frame: pd.DataFrame | None, what: str) -> None:
    bad = np.isinf(rate) | (rate <= -1) | (rate > HIGHEST)
    if bad.any():
        at = int(np.argmax(bad))
        whose = "" if frame is None else (
            f" for {frame['importer'].iloc[at]} on {frame['exporter'].iloc[at]}")
        raise InvalidValue(
            f"{what}: the rate{whose} is {rate[at]:g}; rates are fractions of customs value, above "
            f"-1 (at -1 goods would be free of charge) and up to {HIGHEST:g} (25 % is 0.25)",
            value=float(rate[at]),
        )


def _once(keys: tuple[NDArray[np.intp], ...], shape: tuple[int, ...], rows: pd.DataFrame,
          what: str) -> None:
    flat = np.ravel_multi_index(keys, shape)
    count = np.bincount(flat)
    if count.size and count.max() > 1:
        row = rows.iloc[int(np.argmax(flat == np.argmax(count)))]
        raise InvalidValue(
            f"{what} has several rates for {row['importer']} on {row['exporter']}; give one each "
            "(of one scenario, path and day)",
        )


def _pair(data: GEData, where: NDArray[np.bool_]) -> str:
    value = np.where(where, data.flows, -1.0)
    j, n, i = np.unravel_index(int(np.argmax(value)), value.shape)
    goods = f", {data.sectors[j]}" if len(data.sectors) > 1 else ""
    return f"{data.countries[n]} on {data.countries[i]}{goods}"
