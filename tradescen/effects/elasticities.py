"""Elasticities with their sources: values given by the caller, published ones, a packaged table."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from tradescen.errors import InvalidValue, MissingData, UnknownName
from tradescen.vocab.countries import country

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Elasticities", "import_elasticities", "published_elasticities"]

Number = float | Mapping[str, float]
Array = NDArray[np.float64]


def _one(name: str, value: object, infinite: bool) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, np.floating, np.integer)):
        raise InvalidValue(f"{name}={value!r} is not a number; give one, or a mapping from "
                           "product codes to numbers", value=value)
    number = float(value)
    if math.isnan(number) or number < 0 or (math.isinf(number) and not infinite):
        why = "it is written as a positive number: 1.5, not -1.5" if number < 0 else "give a number"
        raise InvalidValue(f"{name}={value!r} is no elasticity; {why}", value=value)
    return number


def _read(name: str, value: Any) -> Number:
    """One field: a number, or a mapping from leading digits to numbers."""
    infinite = name == "supply"
    if not isinstance(value, Mapping):
        return _one(name, value, infinite)
    out = {}
    for code, number in value.items():
        digits = "" if code == "*" else str(code).replace(".", "")
        if digits and not digits.isdigit():
            raise InvalidValue(f"{name} has the key {code!r}; keys are leading digits of "
                               "product codes, or '*' for all others", value=code)
        out[digits] = _one(f"{name}[{code!r}]", number, infinite)
    if not out:
        raise InvalidValue(f"{name} is an empty mapping; give at least one number")
    return out


def _sigma(value: Any) -> Number:
    return _read("sigma", value)


def _demand(value: Any) -> Number:
    return _read("demand", value)


def _supply(value: Any) -> Number:
    return _read("supply", value)


@frozen(kw_only=True)
class Elasticities:
    """How trade answers prices. All are written as positive numbers.

    Args:
        sigma: Of substitution among origins of one product.
        demand: Of the demand for imports of a product from all origins together.
        supply: Of export supply; infinite where exporters' prices do not answer.
        name: How the set is named in tables (``"short run"``).
        source: Where the numbers are from.

    A number, or a mapping from the leading digits of product codes to numbers (the longest that
    fits counts; ``"*"`` for all others).

    Raises:
        InvalidValue: for a negative or non-number, or where the three leave prices undetermined.
    """

    sigma: Number = field(converter=_sigma)
    demand: Number = field(converter=_demand)
    supply: Number = field(default=math.inf, converter=_supply)
    name: str = "given"
    source: str = "given by the caller"

    def of(self, products: Any) -> tuple[Array, Array, Array]:
        """Sigma, demand and supply of each product.

        Raises:
            MissingData: for a product a mapping has no number for.
            InvalidValue: where supply and demand are both 0, so that no price clears.
        """
        codes = list(products)
        sigma, demand, supply = (
            _looked_up(name, getattr(self, name), codes) for name in ("sigma", "demand", "supply"))
        if ((supply == 0) & ((demand == 0) | (sigma == 0))).any():
            raise InvalidValue(
                "supply=0 with demand=0 or sigma=0 leaves prices undetermined: nothing answers "
                "them; make one of them positive"
            )
        return sigma, demand, supply

    def said(self) -> dict[str, Any]:
        """For ``attrs``: numbers, or the range of a mapping; name and source."""
        out: dict[str, Any] = {}
        for name in ("sigma", "demand", "supply"):
            value = getattr(self, name)
            out[name] = value if not isinstance(value, Mapping) else {
                "products": len(value), "lowest": min(value.values()),
                "highest": max(value.values()),
            }
        return {**out, "name": self.name, "source": self.source}


def _looked_up(name: str, value: Number, codes: list[str]) -> Array:
    if not isinstance(value, Mapping):
        return np.full(len(codes), value)
    known: dict[str, float] = {}
    for code in dict.fromkeys(codes):
        found = next((value[code[:n]] for n in range(len(code), -1, -1) if code[:n] in value), None)
        if found is None:
            raise MissingData(
                f"{name} has no number for product {code or '*'}; add one, or '*' for all others",
                product=code,
            )
        known[code] = found
    return np.array([known[c] for c in codes])


# -- published ------------------------------------------------------------------------------

_BLP = ("Boehm, Levchenko and Pandalai-Nayar, AER 113(4), 2023 (abstract): elasticity of "
        "tariff-exclusive trade flows")
_PUBLISHED = (
    ("Boehm and others", "sigma", "short run (one year)", 0.76, 0.76, 0.76, _BLP),
    ("Boehm and others", "sigma", "long run (7 to 10 years)", 1.75, 2.0, 2.25,
     f"{_BLP}; range of the working paper, NBER 27064, about 2 in print"),
    ("WITS", "sigma", "default of SMART", 1.5, 1.5, 1.5,
     "World Bank, WITS online help, SMART: default substitution among origins"),
    ("WITS", "supply", "default of SMART", 99.0, 99.0, 99.0,
     "World Bank, WITS online help, SMART: 99 stands for infinite"),
    ("Simonovska and Waugh", "theta", "long run", 4.0, 4.0, 4.0,
     "Simonovska and Waugh, JIE 92, 2014 (abstract): trade elasticity roughly four, 123 countries, "
     "2004"),
    ("GSIM", "demand", "example", 1.25, 1.25, 1.25, "Francois and Hall, GSIM, version 3, 2003"),
    ("GSIM", "supply", "example", 1.5, 1.5, 1.5, "Francois and Hall, GSIM, version 3, 2003"),
    ("GSIM", "sigma", "example", 5.0, 5.0, 5.0, "Francois and Hall, GSIM, version 3, 2003"),
)


def published_elasticities() -> pd.DataFrame:
    """Published elasticities: ``study, elasticity, horizon, low, value, high, source``.

    For orientation: none is applied unless it is passed to :class:`Elasticities`.
    """
    import pandas as pd

    return pd.DataFrame(list(_PUBLISHED), columns=["study", "elasticity", "horizon", "low",
                                                   "value", "high", "source"])


def import_elasticities(importer: str, *, cap: float | None = None) -> pd.Series[float]:
    """Elasticities of substitution of one importer by three-digit product.

    The estimates of Broda, Greenfield and Weinstein for 73 importers, codes of the first edition
    of the Harmonized System at three digits (``"851"``: headings 8510 to 8519). A few are in the
    hundreds or thousands: estimates near the edge of what the method identifies.

    Args:
        importer: Country.
        cap: Estimates above it are set to it; ``None``: the 95th percentile over all importers,
            25.0. ``attrs["capped"]`` says which were.

    Returns:
        A series by leading digits; ``dict(series)`` goes into :class:`Elasticities`.

    Raises:
        UnknownName: for an importer the table does not hold.
    """
    import pandas as pd

    from tradescen.packaged.tables import read_table

    body = read_table("elasticities")
    code = country(importer)
    if code not in body["sigma"]:
        raise UnknownName.among("importer of the table of elasticities", code, body["sigma"])
    held = body["sigma"][code]
    top = float(body["p95"]) if cap is None else _one("cap", cap, infinite=True)
    if top <= 1:
        raise InvalidValue(f"cap={cap!r} lies at or below 1, where all estimates begin", value=cap)
    raw = pd.Series(held, dtype=float).sort_index()
    out = raw.clip(upper=top)
    out.name = "sigma"
    out.attrs = {"quantity": "elasticity of substitution among origins", "importer": code,
                 "cap": top, "capped": raw[raw > top].index.tolist(),
                 "nomenclature": body["nomenclature"], "source": body["source"]["citation"]}
    return out
