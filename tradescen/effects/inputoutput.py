"""Cost push through an input-output table: import prices to consumer prices, direct and chain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from attrs import field, frozen
from numpy.typing import NDArray

from tradescen import __version__
from tradescen.errors import InvalidValue, MissingData, UnknownName

__all__ = ["MARGINS", "InputOutput", "cost_push", "us_input_output"]

Array = NDArray[np.float64]
MARGINS = {
    "dollar": "traders keep their margins in money: a dollar of duty costs buyers a dollar",
    "percent": "traders keep their margins in percent: consumer prices move as producers' do",
    "absorption": "import shares of all uses at purchasers' prices, one formula for both parts",
}


def _array(value: Any) -> Array:
    out: Array = np.array(value, dtype=float)
    out.setflags(write=False)
    return out


@frozen(kw_only=True, eq=False, repr=False)
class InputOutput:
    """An input-output table of one country, in money of one year.

    Args:
        name, year, source: What it is.
        industries, commodities: Codes.
        unit: Units of currency in one unit of the table.
        titles: Commodity code → what it is.
        requirements: Output of industries (rows) per unit of final demand for commodities
            (columns) met at home: total domestic requirements.
        imported_inputs: Imported commodities (rows) used by industries (columns).
        output: Output of industries.
        imports, domestic: All uses of each commodity, imported and domestic, at purchasers'
            prices (margins on both are in *domestic*).
        consumption: Household consumption of each commodity at purchasers' prices.
        consumption_producers: The same at producers' prices, without transport and trade margins.
        consumption_imports: The imports in it.

    Raises:
        InvalidValue: for shapes that do not fit, values that are no numbers, outputs of 0 or less.
    """

    name: str
    year: int
    source: str
    unit: float = 1.0
    industries: tuple[str, ...] = field(converter=tuple)
    commodities: tuple[str, ...] = field(converter=tuple)
    titles: Mapping[str, str] = field(factory=dict)
    requirements: Array = field(converter=_array)
    imported_inputs: Array = field(converter=_array)
    output: Array = field(converter=_array)
    imports: Array = field(converter=_array)
    domestic: Array = field(converter=_array)
    consumption: Array = field(converter=_array)
    consumption_producers: Array = field(converter=_array)
    consumption_imports: Array = field(converter=_array)

    def __attrs_post_init__(self) -> None:
        i, c = len(self.industries), len(self.commodities)
        if len(set(self.industries)) < i or len(set(self.commodities)) < c:
            raise InvalidValue("a code stands twice among the industries or the commodities")
        wanted = {"requirements": (i, c), "imported_inputs": (c, i), "output": (i,)}
        for name in ("imports", "domestic", "consumption", "consumption_producers",
                     "consumption_imports"):
            wanted[name] = (c,)
        for name, shape in wanted.items():
            got = getattr(self, name)
            if got.shape != shape:
                raise InvalidValue(
                    f"{name} has the shape {got.shape}, and {i} industries and {c} commodities "
                    f"ask for {shape}"
                )
            if not np.isfinite(got).all():
                raise InvalidValue(f"{name} holds something that is no number")
        if (self.output <= 0).any():
            bad = self.industries[int(np.argmin(self.output))]
            raise InvalidValue(f"industry {bad} has no output, so its cost shares are undefined")
        if self.consumption.sum() <= 0:
            raise InvalidValue("consumption sums to nothing, so its prices have no weights")

    def chain(self, shocks: Array) -> Array:
        """The rise of the producers' price of home-made commodities: L'B'τ.

        Args:
            shocks: Relative changes of import prices on (…, commodities).
        """
        costs = np.asarray(shocks) @ (self.imported_inputs / self.output)
        out: Array = costs @ self.requirements
        return out

    def shares(self, margins: str) -> tuple[Array, Array]:
        """What a relative change of import prices, and of home producers' prices, does to the
        consumer price of each commodity: its weights of the direct and of the chain part.

        Raises:
            UnknownName: for another treatment of margins.
        """
        if margins not in MARGINS:
            raise UnknownName.among("treatment of margins", margins, MARGINS)
        with np.errstate(invalid="ignore", divide="ignore"):
            if margins == "absorption":
                use = self.imports + self.domestic
                direct = np.where(use > 0, self.imports / use, 0.0)
                return np.clip(direct, 0, 1), np.clip(np.where(use > 0, 1 - direct, 0.0), 0, 1)
            made = self.consumption_producers
            below = made if margins == "percent" else self.consumption
            fine = (self.consumption > 0) & (made > 0)
            direct = np.where(fine, self.consumption_imports / below, 0.0)
            home = np.where(fine, (made - self.consumption_imports) / below, 0.0)
        return np.clip(direct, 0, 1), np.clip(home, 0, 1)

    def __repr__(self) -> str:
        return (f"<InputOutput {self.name} {self.year}: {len(self.industries)} industries, "
                f"{len(self.commodities)} commodities>")


def us_input_output() -> InputOutput:
    """The summary input-output table of the United States for 2024, millions of dollars.

    Source: US Bureau of Economic Analysis: use and import matrices, domestic requirements,
    bridge of consumption (public domain).
    """
    from tradescen.packaged.tables import read_table

    body = read_table("us-io-2024")
    return InputOutput(
        name=body["name"], year=body["year"], source=body["source"]["citation"],
        unit=body["unit"], titles=body["titles"], industries=body["industries"],
        commodities=body["commodities"],
        **{name: body[name] for name in (
            "requirements", "imported_inputs", "output", "imports", "domestic", "consumption",
            "consumption_producers", "consumption_imports")},
    )


def shock_vector(io: InputOutput, shocks: Mapping[str, float]) -> Array:
    """Shocks in the order of the table's commodities; those not named are 0.

    Raises:
        UnknownName: for a sector the table has not.
        MissingData: for an unknown shock.
        InvalidValue: for a fall to nothing or below.
    """
    place = {c: n for n, c in enumerate(io.commodities)}
    out = np.zeros(len(place))
    for code, value in shocks.items():
        if code not in place:
            raise UnknownName.among(f"commodity of {io.name}", str(code), place,
                                    "Sectors of shocks and table must be the same")
        if value is None or np.isnan(value):
            raise MissingData(
                f"the price change of {code} is unknown, and would count as none; give it, or "
                "leave it out to say that it bears none",
                sector=code,
            )
        if not -1 < value < np.inf:
            raise InvalidValue(f"the price change of {code} is {value}; fractions above -1",
                               value=value)
        out[place[code]] = value
    return out


def cost_push(io: InputOutput, shocks: Mapping[str, float] | pd.DataFrame, *,
              margins: str) -> pd.DataFrame:
    """Consumer prices after a change of import prices, direct and through home-made goods.

    Direct: imports in what households buy. Chain: imported inputs of every stage of home
    production, Δp = L'B'τ with domestic requirements L and imported inputs per unit of output B
    (Leontief's dual); costs are passed on fully and nothing is substituted.

    Args:
        io: The table.
        shocks: Relative changes of import prices by commodity code, or :func:`sector_shocks`'s
            frame. Commodities not named bear none.
        margins: ``"dollar"``: transport and trade margins stay in money (lower). ``"percent"``:
            they stay in percent (upper). ``"absorption"``: the usual short form with import
            shares of all uses, ω_M·τ + (1-ω_M)·L'B'τ; its shares are of purchasers' values, so
            its direct part is close to ``"dollar"``, while its chain counts margins as home-made
            goods.

    Returns:
        ``commodity, title, weight, shock, direct, chain, total`` (relative changes of consumer
        prices; weight in consumption). ``attrs``: ``direct, chain, total`` over all consumption.

    Source: the short form and the two treatments of margins follow Barbiero and Stein, "The
    Impact of Tariffs on Inflation", Federal Reserve Bank of Boston, February 2025, in the form
    github.com/Budget-Lab-Yale/Tariff-Model (82cfad3, src/io_price_model.R) gives them.
    """
    if isinstance(shocks, pd.DataFrame):
        lacking = [c for c in ("sector", "shock") if c not in shocks]
        if lacking:
            raise InvalidValue(f"shocks has no column {lacking[0]!r}; give sector and shock",
                               value=lacking[0])
        named = dict(zip(shocks["sector"], shocks["shock"].astype(float), strict=True))
    else:
        named = dict(shocks)
    tau = shock_vector(io, named)
    imported, home = io.shares(margins)
    weight = io.consumption / io.consumption.sum()
    direct, chain = imported * tau, home * io.chain(tau)
    out = pd.DataFrame({
        "commodity": list(io.commodities),
        "title": [io.titles.get(c, "") for c in io.commodities],
        "weight": weight, "shock": tau, "direct": direct, "chain": chain,
        "total": direct + chain,
    })
    out.attrs = {
        "quantity": "relative change of consumer prices", "margins": margins,
        "definition": MARGINS[margins], "direct": float(weight @ direct),
        "chain": float(weight @ chain), "total": float(weight @ (direct + chain)),
        "table": io.name, "table_year": io.year, "weights_year": io.year, "source": io.source,
        "tradescen": __version__,
    }
    return out
