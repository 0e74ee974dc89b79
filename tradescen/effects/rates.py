"""Tariff rates for an equilibrium: tidy frames read once into an array."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from attrs import frozen
from numpy.typing import NDArray

from tradescen.effects.reading import check_missing, check_rates, rate_numbers
from tradescen.errors import InvalidValue, MissingData, TradescenError, UnknownName
from tradescen.vocab.countries import country

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tradescen.effects.gedata import GEData

__all__ = ["Rates", "labels", "places", "revise"]

Array = NDArray[np.float64]
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
        read_for: The countries and sectors they were read for; empty if built by hand.
    """

    values: Array
    missing: float | None = None
    filled: float = 0.0
    read_for: tuple[tuple[str, ...], ...] = ()

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
                ``sector`` (``"*"``: all sectors without a row of their own). Rates by product
                are averaged by :func:`sector_rates` first.
            missing: The rate of pairs the frame does not hold; ``None``: refuse them.
            what: What the frame is called in errors.

        Raises:
            MissingData: for trade without a rate, and for an unknown (NaN) rate.
            UnknownName: for a country or sector the data do not hold.
            InvalidValue: for a rate at or below −1 or above 10, one given twice, one of some
                products, or one on a country's own goods.
        """
        if isinstance(rates, Rates):
            return rates._checked(data, what)
        shape = data.flows.shape
        missing = check_missing(missing)
        columns = [*SIDES, "rate"]
        if len(data.sectors) > 1:
            columns.insert(2, "sector")
        _needs(rates, columns, what)
        values = np.full(shape, np.nan)
        given = np.zeros(shape, dtype=bool)
        n, i = (places(rates[side], data.countries, f"country ({side} in {what})")
                for side in SIDES)
        rate = rate_numbers(rates["rate"], what)
        check_rates(rate, what, lambda at: f"{rates['importer'].iloc[at]} on "
                                           f"{rates['exporter'].iloc[at]}")
        if "product" in rates and not rates["product"].isin(["*", ""]).all():
            some = rates["product"][~rates["product"].isin(["*", ""])].iloc[0]
            raise InvalidValue(
                f"{what} has rates of single products, such as product {some}, and these data "
                "know sectors; average them first: effects.sector_rates(rates, trade, sectors=…)",
                value=some,
            )
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
        _not_at_home(data, values, what)
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
        values = np.where(given & ~np.isnan(values), values, missing or 0.0)
        return cls(values=values, missing=missing, filled=share if missing is not None else 0.0,
                   read_for=(data.countries, data.sectors))

    def _checked(self, data: GEData, what: str) -> Rates:
        """These, once they are seen to be rates of *data*."""
        shape = data.flows.shape
        if self.values.shape != shape or self.read_for not in (
                (), (data.countries, data.sectors)):
            raise InvalidValue(
                f"{what} were read for other data ({self.values.shape}, not {shape}, or of other "
                "names); read them again with Rates.of"
            )

        def whose(at: int) -> str:
            j, n, i = np.unravel_index(at, shape)
            return f"{data.countries[n]} on {data.countries[i]}, {data.sectors[j]}"

        check_rates(self.values.reshape(-1), what, whose)
        if np.isnan(self.values).any():
            raise MissingData(
                f"{what}: the rate of {whose(int(np.argmax(np.isnan(self.values))))} is unknown "
                "(NaN), and an equilibrium needs one; give a rate, and say where it comes from"
            )
        _not_at_home(data, self.values, what)
        return self

    def to_frame(self, data: GEData) -> pd.DataFrame:
        """``importer, exporter[, sector], rate`` of all pairs of different countries."""
        return labels(data, {"rate": self.values}, home=False)


def revise(rates: pd.DataFrame, changes: pd.DataFrame) -> pd.DataFrame:
    """*rates* with the rows of *changes* in place of those of the same pair and sector.

    A change of the sector ``"*"`` stands in place of all sectors' rates of its pair.

    Raises:
        InvalidValue: if a column is missing from one of the two.
    """
    _needs(rates, [*SIDES, "rate"], "rates")
    keys = [*SIDES, "sector"] if "sector" in rates else list(SIDES)
    _needs(rates, [*keys, "rate"], "rates")
    _needs(changes, [*keys, "rate"], "changes")
    old = pd.MultiIndex.from_frame(rates[keys])
    gone = old.isin(pd.MultiIndex.from_frame(changes[keys]))
    if "sector" in keys:
        wide = changes.loc[changes["sector"] == "*", list(SIDES)]
        gone |= pd.MultiIndex.from_frame(rates[list(SIDES)]).isin(pd.MultiIndex.from_frame(wide))
    kept = rates[~gone]
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


def _not_at_home(data: GEData, values: Array, what: str) -> None:
    at_home = np.nan_to_num(np.einsum("jnn->jn", values)) != 0
    if at_home.any():
        name = data.countries[int(np.argwhere(at_home)[0][1])]
        raise InvalidValue(f"{what}: {name} charges its own goods; a tariff falls on imports",
                           value=name)


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
