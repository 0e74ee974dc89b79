"""A measure: one duty an importer charges on goods of some origins and tariff lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Union

from attrs import field, frozen, validators

from tradescen.errors import InvalidValue, a_name
from tradescen.looks import Shown
from tradescen.vocab.countries import CountrySet, as_countries, country
from tradescen.vocab.duty import AdValorem, Duty, Unknown, as_scheduled_duty
from tradescen.vocab.hs import ByProduct, ProductSet, as_products
from tradescen.vocab.period import maybe_until
from tradescen.vocab.source import Source, as_source

__all__ = ["Coverage", "Measure", "Scope", "as_coverage"]

Coverage = Union[float, ByProduct[float], Unknown]


def _share(value: object) -> float:
    if isinstance(value, str):
        value = AdValorem(value).rate
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1:
        return float(value)
    raise InvalidValue(
        f"coverage {value!r} is not a share of value; it lies between 0 and 1", value=value
    )


def as_coverage(value: Any) -> Coverage:
    """A share of in-scope value: a number from 0 to 1, one by product, or unknown."""
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Mapping):
        value = ByProduct(value)
    if isinstance(value, ByProduct):
        return value.map(_share)
    return _share(value)


def _importer(value: Any) -> str:
    if not isinstance(value, str):
        raise InvalidValue(
            f"importer={value!r} is not one customs territory; give its ISO code, and one "
            "measure for each importer",
            value=value,
        )
    return country(value)


@frozen(kw_only=True, repr=False)
class Scope(Shown):
    """What a measure covers.

    Args:
        importer: The customs territory that charges; a group such as ``"EU"`` is one.
        exporters: Countries of origin.
        products: Goods.
    """

    importer: str = field(converter=_importer)
    exporters: CountrySet = field(factory=CountrySet.all, converter=as_countries)
    products: ProductSet = field(factory=ProductSet.all, converter=as_products)

    def __str__(self) -> str:
        return f"{self.importer} on {self.exporters}: {self.products}"

    def __repr__(self) -> str:
        return f"<Scope {self}>"


@frozen(kw_only=True, repr=False)
class Measure(Shown):
    """A duty one importer charges on the share of in-scope value it claims.

    Args:
        id: Its name; unique among measures and acts.
        authority: The power it rests on (``"Section 301"``).
        group: The group of the stacking plan it belongs to.
        scope: Importer, origins, goods.
        duty: A duty, or one by line. Fractions of customs value.
        coverage: The share of in-scope value the measure claims (preference use, metal
            content, quota fill, end use), 0 to 1; by product or unknown too.
        until: First day it no longer holds, where the act that imposed it fixed the day.
        precedence: In a ``"first"`` group the higher takes value before the lower.
        source: Where it was read.

    The day it starts belongs to the act that imposes it; measures of a
    :class:`~tradescen.law.schedule.TariffSchedule` run from its day zero.
    """

    id: str = field(validator=a_name)
    authority: str
    group: str
    scope: Scope = field(validator=validators.instance_of(Scope))
    duty: Duty | ByProduct[Duty] = field(converter=as_scheduled_duty)
    coverage: Coverage = field(default=1.0, converter=as_coverage)
    until: dt.date | None = field(default=None, converter=maybe_until)
    precedence: int = 0
    source: Source | None = field(default=None, converter=as_source)

    def __str__(self) -> str:
        said = "by line" if isinstance(self.duty, ByProduct) else str(self.duty)
        return f"{self.id}: {self.authority}, {said}, {self.scope}"

    def __repr__(self) -> str:
        return f"<Measure {self}>"
