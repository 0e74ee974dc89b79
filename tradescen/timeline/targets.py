"""Who an act is about: the selector of measures, and the part of them it is limited to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Union

from attrs import field, frozen

from tradescen.errors import InvalidValue, one_of
from tradescen.vocab.countries import CountrySet, as_countries, country
from tradescen.vocab.hs import ProductSet, as_products

__all__ = ["Only", "Select", "Target", "as_only", "as_target", "optional_text"]


def optional_text(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    texts = (value,) if isinstance(value, str) else tuple(value)
    for text in texts:
        if not isinstance(text, str):
            raise InvalidValue(f"{text!r} is not a name; give text", value=text)
    return texts


def _optional_country(value: str | None) -> str | None:
    return None if value is None else country(value)


@frozen(kw_only=True)
class Select:
    """The measures an act is about, found on the day the act takes effect.

    Args:
        ids: Measure ids, or act ids (which stand for the measures they act on).
        authority: Measures resting on this power.
        group: Measures in this stacking group on that day.
        importer: Measures of this importer.
        exporter: Measures on goods of this origin; the act is then limited to it.
        missing: ``"error"``, or ``"skip"`` if finding nothing is fine.
    """

    ids: tuple[str, ...] = field(default=(), converter=optional_text)
    authority: str | None = None
    group: str | None = None
    importer: str | None = field(default=None, converter=_optional_country)
    exporter: str | None = field(default=None, converter=_optional_country)
    missing: str = field(default="error", validator=one_of("error", "skip"))

    def __attrs_post_init__(self) -> None:
        if not (self.ids or self.authority or self.group or self.importer or self.exporter):
            raise InvalidValue(
                "a Select without any condition would take every measure; name ids, an "
                "authority, a group, an importer or an exporter",
                value=self,
            )

    def __str__(self) -> str:
        said = [", ".join(self.ids)] if self.ids else []
        said += [
            f"{name}={value!r}"
            for name in ("authority", "group", "importer", "exporter")
            if (value := getattr(self, name))
        ]
        return "; ".join(said)


Target = Union[str, Select]


def as_target(value: Any) -> Target:
    """An id, several ids or a :class:`Select`."""
    if isinstance(value, (str, Select)):
        return value
    if isinstance(value, (tuple, list)):
        return Select(ids=tuple(value))
    raise InvalidValue(
        f"{value!r} is not a target; give the id of a measure or act, or a Select", value=value
    )


@frozen(kw_only=True)
class Only:
    """The part of its target an act is limited to: some importers, origins and goods."""

    importers: CountrySet = field(factory=CountrySet.all, converter=as_countries)
    exporters: CountrySet = field(factory=CountrySet.all, converter=as_countries)
    products: ProductSet = field(factory=ProductSet.all, converter=as_products)

    @property
    def everything(self) -> bool:
        return self.importers.is_all and self.exporters.is_all and self.products.is_all

    def __and__(self, other: Only) -> Only:
        return Only(
            importers=self.importers & other.importers,
            exporters=self.exporters & other.exporters,
            products=self.products & other.products,
        )


def as_only(value: Any) -> Only:
    if value is None:
        return Only()
    if isinstance(value, Only):
        return value
    if isinstance(value, ProductSet):
        return Only(products=value)
    if isinstance(value, CountrySet):
        return Only(exporters=value)
    if isinstance(value, Mapping):
        unknown = set(value) - {"importers", "exporters", "products"}
        if unknown:
            raise InvalidValue(
                f"only={value!r}: {', '.join(sorted(unknown))} is not one of importers, "
                "exporters, products",
                value=value,
            )
        return Only(**value)
    raise InvalidValue(
        f"only={value!r}: give a ProductSet, a CountrySet or {{'exporters': …, 'products': …}}",
        value=value,
    )
