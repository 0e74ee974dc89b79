"""Packaged trade: US imports by partner at six digits, and the duties collected on them."""

from __future__ import annotations

import gzip
import json
from functools import cache
from importlib.resources import files
from itertools import accumulate
from typing import Any

from tradescen.errors import InvalidValue, MissingData
from tradescen.law.weights import Weights
from tradescen.vocab.source import Source

__all__ = ["us_duties_collected", "us_imports"]

FORM = "tradescen/weights/1"
_YEARS = (2024,)


def us_imports(year: int = 2024) -> Weights:
    """Customs values of US imports by partner and HS 2022 subheading.

    51 partners, the European Union as one. Slovakia stands beside the European Union it
    belongs to: ``total()`` and :attr:`~tradescen.Weights.apart` leave it out of sums over all
    partners.

    Raises:
        MissingData: for a year that is not packaged.
    """
    return _weights(year, "value")


def us_duties_collected(year: int = 2024) -> Weights:
    """Duties collected on :func:`us_imports`, by the same partners and codes.

    What was collected is no law: the ratio to the value mixes preferences used, exclusions,
    and rates that changed within the year.

    Raises:
        MissingData: for a year that is not packaged.
    """
    return _weights(year, "duty")


def _read(year: int) -> dict[str, Any]:
    if year not in _YEARS:
        raise MissingData(
            f"no US imports of {year} are packaged (packaged: {', '.join(map(str, _YEARS))}); "
            "read a file of your own with tradescen.read_weights",
            year=year,
        )
    path = files("tradescen.packaged") / "data" / f"us-imports-{year}" / "trade.json.gz"
    body: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    if body["form"] != FORM:
        raise InvalidValue(
            f"the packaged trade has the form {body['form']!r}; this version reads {FORM!r}: "
            "install the package anew"
        )
    return body


@cache
def _weights(year: int, what: str) -> Weights:
    body = _read(year)
    codes = body["codes"].split()
    importer = body["importer"]
    said = {"value": "US imports", "duty": "duties collected on US imports"}[what]
    return Weights(
        name=f"{said} {year}",
        values={
            (importer, partner): zip(
                (codes[n] for n in accumulate(held["step"])), held[what], strict=True
            )
            for partner, held in body["partners"].items()
        },
        year=year,
        valuation=body["valuation"] if what == "value" else "duties collected",
        currency=body["currency"],
        nomenclature={importer: body["nomenclature"]},
        source=Source(**body["source"]),
    )
