"""Pieces of measures while a timeline is folded: countries × goods with a base and overlays."""

from __future__ import annotations

import datetime as dt

from attrs import evolve, frozen

from tradescen.law.measure import Coverage
from tradescen.timeline.acts import Only
from tradescen.vocab.countries import CountrySet, is_group, members
from tradescen.vocab.duty import Duty, Residual
from tradescen.vocab.hs import ByProduct, ProductSet
from tradescen.vocab.source import Source

__all__ = ["Overlay", "Piece", "covers_importer", "cut", "minus"]


@frozen
class Overlay:
    """One suspension over one piece; sorts by what governs."""

    effective: dt.date
    announced: dt.date
    id: str
    until: dt.date
    duty: Residual
    then: str

    @property
    def key(self) -> tuple[dt.date, dt.date, str]:
        return (self.effective, self.announced, self.id)


@frozen
class Piece:
    exporters: CountrySet
    products: ProductSet
    duty: Duty | ByProduct[Duty]
    coverage: Coverage
    group: str
    precedence: int
    until: dt.date
    because: tuple[str, ...]
    source: Source | None
    overlays: tuple[Overlay, ...] = ()


def covers_importer(countries: CountrySet, importer: str, on: dt.date) -> bool:
    """Whether an importer (a group is one territory) lies inside a set on a day."""
    if countries.is_all:
        return True
    if is_group(importer):
        return all(countries.has(m, on) for m in members(importer, on))
    return countries.has(importer, on)


def cut(piece: Piece, only: Only, day: dt.date) -> tuple[Piece | None, list[Piece]]:
    """The part of a piece inside *only*, and the rest of it; members of the past are nobody."""
    exporters = piece.exporters & only.exporters
    products = piece.products & only.products
    if not exporters.lasts(day) or not products:
        return None, [piece]
    outside = []
    rest = piece.exporters - only.exporters
    if rest.lasts(day):
        outside.append(evolve(piece, exporters=rest))
    if products != piece.products:
        outside.append(
            evolve(piece, exporters=exporters, products=piece.products - only.products)
        )
    return evolve(piece, exporters=exporters, products=products), outside


def minus(area: Only, piece: Piece) -> list[Only]:
    """A rectangle (origins × goods) less a piece, as rectangles."""
    exporters = area.exporters & piece.exporters
    if not exporters or not (area.products & piece.products):
        return [area]
    out = [evolve(area, exporters=area.exporters - piece.exporters),
           evolve(area, exporters=exporters, products=area.products - piece.products)]
    return [o for o in out if o.exporters and o.products]
