"""Packaged world trade: goods by exporter and importer, and GDP."""

from __future__ import annotations

import gzip
import json
from functools import cache
from importlib.resources import files
from itertools import accumulate

from attrs import frozen

from tradescen.errors import InvalidValue, MissingData
from tradescen.vocab.source import Source

__all__ = ["WorldTrade", "world_trade"]

FORM = "tradescen/world/1"
_YEARS = (2023,)


@frozen(kw_only=True, repr=False)
class WorldTrade:
    """Goods trade of a year between economies, and their GDP, both in USD.

    Attributes:
        year: Of both.
        countries: ISO3 codes.
        gdp: GDP at current prices, in the order of *countries*.
        flows: ``(exporter, importer, value)``; pairs without trade are absent.
        sources: Where the figures were read.
    """

    year: int
    countries: tuple[str, ...]
    gdp: tuple[float, ...]
    flows: tuple[tuple[str, str, float], ...]
    sources: tuple[Source, ...]

    def __repr__(self) -> str:
        return (f"<WorldTrade {self.year}: {len(self.countries)} economies, "
                f"{len(self.flows):,} flows>")


@cache
def world_trade(year: int = 2023) -> WorldTrade:
    """Goods trade between 194 economies (CEPII BACI, f.o.b.) and their GDP (World Bank).

    Raises:
        MissingData: for a year that is not packaged.
    """
    if year not in _YEARS:
        raise MissingData(
            f"no world trade of {year} is packaged (packaged: {', '.join(map(str, _YEARS))}); "
            "build data of your own with tradescen.effects.GEData.from_frames",
            year=year,
        )
    path = files("tradescen.packaged") / "data" / f"world-{year}" / "trade.json.gz"
    body = json.loads(gzip.decompress(path.read_bytes()))
    if body["form"] != FORM:
        raise InvalidValue(
            f"the packaged world has the form {body['form']!r}; this version reads {FORM!r}: "
            "install the package anew"
        )
    names = tuple(body["countries"].split())
    return WorldTrade(
        year=body["year"],
        countries=names,
        gdp=tuple(1e3 * v for v in body["gdp"]),
        flows=tuple(
            (exporter, names[at], 1e3 * value)
            for exporter, row in body["exports"].items()
            for at, value in zip(accumulate(row["step"]), row["value"], strict=True)
        ),
        sources=tuple(Source(**s) for s in body["sources"]),
    )
