"""Rows of trade out of a table: one engine for every layout of columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from attrs import field, frozen

from tradescen.errors import InvalidValue
from tradescen.files.readers.base import Dropped, Faults, Read, Trade, report
from tradescen.files.readers.codes import Territories
from tradescen.files.readers.table import LOST, Codes, Table, amount, picked, whole
from tradescen.vocab.countries import country
from tradescen.vocab.source import Source

__all__ = ["Layout", "Wanted", "read_trades"]


def _countries(value: Any) -> frozenset[str] | None:
    if value is None:
        return None
    return frozenset(country(c) for c in ((value,) if isinstance(value, str) else value))


def _years(value: Any) -> frozenset[int] | None:
    if value is None:
        return None
    return frozenset((value,) if isinstance(value, int) else value)


@frozen(kw_only=True)
class Wanted:
    """What is asked of a file: rows of these importers, origins, years, flow.

    Where the file has no such column, a single importer, origin or year fills it.
    """

    importer: frozenset[str] | None = field(default=None, converter=_countries)
    exporter: frozenset[str] | None = field(default=None, converter=_countries)
    year: frozenset[int] | None = field(default=None, converter=_years)
    flow: str | None = None

    @staticmethod
    def _only(value: frozenset[Any] | None) -> Any:
        return next(iter(value)) if value and len(value) == 1 else None

    def filled(self, importer: str | None, exporter: str | None, year: int | None,
               has: tuple[bool, bool, bool]) -> tuple[str | None, str | None, int | None]:
        """The three with what the file has no column for."""
        return (
            importer if has[0] else importer or self._only(self.importer),
            exporter if has[1] else exporter or self._only(self.exporter),
            year if has[2] else year or self._only(self.year),
        )

    def holds(self, importer: str | None, exporter: str | None, year: int | None,
              flow: str | None) -> bool:
        """Whether a row is asked for."""
        return (
            (self.importer is None or importer in self.importer)
            and (self.exporter is None or exporter in self.exporter)
            and (self.year is None or year in self.year)
            and (self.flow is None or flow is None or flow == self.flow)
        )


def _whole_code(text: str) -> tuple[str, str]:
    return text, ""


@frozen(kw_only=True)
class Layout:
    """Where a kind of file keeps what.

    Args:
        name: The reader's.
        importer, exporter, product, year, value, duty, flow: Names of columns.
        by: How countries are written (see :class:`Territories`).
        always_importer: The importer of all such files.
        product_of: A cell → the code in it, or why the row is none (a total).
        flow_of: A cell → ``"imports"``, ``"exports"``, or why the row is left out.
        skip: A row → why it is left out, or the empty text.
        scale: What a value is multiplied by to be money.
    """

    name: str
    importer: tuple[str, ...] = ()
    exporter: tuple[str, ...] = ()
    product: tuple[str, ...]
    year: tuple[str, ...] = ()
    value: tuple[str, ...]
    duty: tuple[str, ...] = ()
    flow: tuple[str, ...] = ()
    by: str = "iso"
    always_importer: str | None = None
    product_of: Callable[[str], tuple[str, str]] = _whole_code
    flow_of: Callable[[str], tuple[str | None, str]] = lambda text: (None, "")
    skip: Callable[[dict[str, str]], str] | None = None
    scale: float = 1.0
    source: str = ""


def read_trades(table: Table, layout: Layout, wanted: Wanted, *, digits: int | None = None,
                edition: str | None = None, flow: str | None = None,
                valuation: str | None = None, currency: str | None = None,
                notes: Iterable[str] = (), year: int | None = None) -> Read:
    """All rows of trade of a table, laid out as *layout* says.

    Args:
        table, layout, wanted: The table, where it keeps what, and what is asked of it.
        digits: See :class:`~tradescen.files.readers.table.Codes`.
        edition, flow, valuation, currency: What the publisher or the user says of all rows.
        notes: For the report.
        year: The year of all rows, if no column holds one.

    Raises:
        InvalidValue: for a missing column, or codes that are none (all with their lines).
    """
    at = {
        what: table.find(*getattr(layout, what), need=what in ("product", "value"))
        if getattr(layout, what) else None
        for what in ("importer", "exporter", "product", "year", "value", "duty", "flow")
    }
    faults = Faults(table.path)
    codes = Codes(faults, digits)
    territory = Territories(layout.by)
    has = (at["importer"] is not None, at["exporter"] is not None, at["year"] is not None)
    rows: list[Trade] = []
    dropped: list[Dropped] = []
    read = others = 0
    for line, cells in table.rows:
        read += 1
        got = _row(line, cells, table, layout, at, codes, territory, flow, year)
        if isinstance(got, Dropped):
            dropped.append(got)
            continue
        if got is None:
            continue
        filled = wanted.filled(got.importer or layout.always_importer, got.exporter, got.year, has)
        if not wanted.holds(*filled, got.flow):
            others += 1
            continue
        importer, exporter, when = filled
        rows.append(got._replace(importer=importer, exporter=exporter, year=when))
    faults.check(LOST)
    said = [*table.notes, *notes]
    if others:
        said.append(f"{others:,} rows of other importers, origins, years, flows left out as asked")
    if codes.restored:
        said.append(f"{codes.restored:,} codes got their leading zero back, as digits= asks")
    return Read(
        kind="trade", rows=tuple(rows), edition=edition, flow=flow, valuation=valuation,
        currency=currency, report=report(layout.name, table.path, read, rows, dropped, said),
        source=Source(citation=layout.source or f"the file {Path(table.path).name}"),
    )


def _row(line: int, cells: list[str], table: Table, layout: Layout,
         at: dict[str, int | None], codes: Codes, territory: Territories,
         flow: str | None, year: int | None) -> Trade | Dropped | None:
    def out(why: str, text: str = "") -> Dropped:
        return Dropped(line, why, text or picked(cells, at["product"]))

    if layout.skip is not None:
        why = layout.skip(dict(zip(table.columns, cells, strict=False)))
        if why:
            return out(why)
    text, why = layout.product_of(picked(cells, at["product"]))
    if why:
        return out(why)
    if not text:
        return out("no code")
    places: list[str | None] = []
    for what in ("importer", "exporter"):
        if at[what] is None:
            places.append(None)
            continue
        spelt = picked(cells, at[what])
        place, why = territory(spelt)
        if place is None:
            return out(f"{what}: {why}", spelt)
        places.append(place)
    if at["flow"] is not None:
        flow, why = layout.flow_of(picked(cells, at["flow"]))
        if why:
            return out(why)
    if flow == "exports" and layout.flow and layout.importer and layout.exporter:
        places.reverse()  # the reporter is the exporter
    code = codes(text, line)
    if code is None:
        return None
    cell = picked(cells, at["value"])
    value = amount(cell)
    if value is None:
        return out("no value stated" if not cell else f"value {cell!r} is no number")
    duty = amount(picked(cells, at["duty"]))
    if value < 0 or (duty or 0) < 0:
        return out("a negative value (a correction)", cell)
    found = whole(picked(cells, at["year"])) if at["year"] is not None else year
    if at["year"] is not None and found is None:
        return out(f"year {picked(cells, at['year'])!r} is no year")
    return Trade(places[0], places[1], code, found, value * layout.scale,
                 None if duty is None else duty * layout.scale, flow, line)


def refuse_levels(rows: Iterable[Trade], path: str) -> None:
    """Refuse totals beside their parts: their sum would count goods twice.

    Raises:
        InvalidValue: with the first codes that lie within one another.
    """
    seen: dict[tuple[Any, ...], dict[str, int]] = {}
    for row in rows:
        key = (row.importer, row.exporter, row.year, row.flow)
        seen.setdefault(key, {}).setdefault(row.product, row.line)
    for key, codes in seen.items():
        for code, line in codes.items():
            for cut in range(2, len(code), 2):
                if code[:cut] in codes:
                    raise InvalidValue(
                        f"{path} holds {code[:cut]} (line {codes[code[:cut]]}) and {code} (line "
                        f"{line}) of {key[0]} from {key[1]}: the one may be the total of the "
                        "other, and goods would count twice. Say which level to keep with "
                        "level='HS6', or level='all' if the codes share no goods",
                        codes=(code[:cut], code),
                    )
