"""The window a scenario file asks to be run over."""

from __future__ import annotations

import datetime as dt
from typing import Any

from attrs import field, frozen

from tradescen.errors import InvalidValue
from tradescen.vocab.countries import country
from tradescen.vocab.hs import normal_code
from tradescen.vocab.period import maybe_end, maybe_start

__all__ = ["Window"]

_LEVELS = ("HS2", "HS4", "HS6", "HS8", "HS10")


def _territories(value: Any) -> tuple[str, ...]:
    given = (value,) if isinstance(value, str) else tuple(value or ())
    return tuple(country(c) for c in given)


def _products(value: Any) -> tuple[str, ...]:
    given = (value,) if isinstance(value, str) else tuple(value or ())
    if len(given) == 1 and given[0].upper() in _LEVELS:
        return (given[0].upper(),)
    for code in given:
        normal_code(code)
    return given


@frozen(kw_only=True)
class Window:
    """What to run: the arguments of ``simulate`` that a scenario file may give.

    Args:
        start: First day.
        end: First day no longer in it.
        importers, exporters: Who charges, and the origins; by default all the law names.
        products: Codes, or one level such as HS6; by default the schedule's own lines.
    """

    start: dt.date | None = field(default=None, converter=maybe_start)
    end: dt.date | None = field(default=None, converter=maybe_end)
    importers: tuple[str, ...] = field(default=(), converter=_territories)
    exporters: tuple[str, ...] = field(default=(), converter=_territories)
    products: tuple[str, ...] = field(default=(), converter=_products)

    def __attrs_post_init__(self) -> None:
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise InvalidValue(f"the end {self.end} is not after the start {self.start}",
                               value=self.end)

    def options(self) -> dict[str, Any]:
        """The arguments of ``simulate`` that are given."""
        level = self.products[:1] if self.products[:1] and self.products[0] in _LEVELS else ()
        given = {"start": self.start, "end": self.end, "importers": self.importers,
                 "exporters": self.exporters, "products": level[0] if level else self.products}
        return {name: value for name, value in given.items() if value}
