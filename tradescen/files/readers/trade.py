"""Rows of trade out of a table: one engine for every layout of columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from attrs import field, frozen

from tradescen.errors import InvalidValue, counted
from tradescen.files.readers.base import Dropped, Faults, Read, Trade, report
from tradescen.files.readers.codes import Territories
from tradescen.files.readers.table import LOST, Codes, Table, amount, picked, whole
from tradescen.vocab.countries import country
from tradescen.vocab.source import Source

__all__ = ["Layout", "Wanted", "read_trades"]


STRAY = (
    "Trade of no country is lost from every mean, so it is not left out in silence. Countries are "
    "ISO codes ('CHN', 'CN') or groups ('EU'); say so if they are written in another way "
    "(countries='un', 'wits' or 'census'), or take the rows out of the table"
)
# A value in the notation of the continent, as rows are dropped for it.
_COMMA = re.compile(
    r"value '(-?(?:\d+,\d+|\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:\.\d{3}){2,}))' is no number"
)


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

    def may_hold(self, importer: str | None, exporter: str | None, year: int | None,
                 flow: str | None) -> bool:
        """Whether a row is asked for, as far as it can be told of one without some country."""
        return (
            (self.importer is None or importer is None or importer in self.importer)
            and (self.exporter is None or exporter is None or exporter in self.exporter)
            and (self.year is None or year in self.year)
            and (self.flow is None or flow is None or flow == self.flow)
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
        by_reporter: Whether the two are reporter and partner, so that the reporter of exports
            is the exporter.
        product_of: A cell → the code in it, or why the row is none (a total).
        flow_of: A cell → ``"imports"``, ``"exports"``, or why the row is left out.
        skip: A row → why it is left out, or the empty text.
        scale: What a value is multiplied by to be money.
        strict: Whether a country that is none is a fault. Publishers have areas of their own,
            so a row of one is left out with its value told; in a plain table it is a slip.
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
    by_reporter: bool = False
    product_of: Callable[[str], tuple[str, str]] = _whole_code
    flow_of: Callable[[str], tuple[str | None, str]] = lambda text: (None, "")
    skip: Callable[[dict[str, str]], str] | None = None
    scale: float = 1.0
    strict: bool = False
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
        InvalidValue: for a missing column, or codes (in a plain table, countries too) that are
            none, all with their lines.
    """
    at = {
        what: table.find(*getattr(layout, what), need=what in ("product", "value"))
        if getattr(layout, what) else None
        for what in ("importer", "exporter", "product", "year", "value", "duty", "flow")
    }
    faults = Faults(table.path)
    codes = Codes(faults, digits)
    take = _Taker(table, layout, wanted, at, codes, flow, year)
    rows: list[Trade] = []
    dropped: list[Dropped] = []
    read = 0
    for line, cells in table.rows:
        read += 1
        got = take(line, cells)
        if isinstance(got, Trade):
            rows.append(got)
        elif got is not None:
            dropped.append(got)
    faults.check(LOST)
    take.strays.check_alike(STRAY)
    _refuse_commas(dropped, Path(table.path).name)
    said = [*table.notes, *notes]
    again = len(rows) - len({(*row[:4], row.flow) for row in rows})
    if again:
        said.append(f"{counted(again, 'row')} with a direction, code and year met before; as "
                    "weights they are summed")
    if take.others:
        said.append(
            f"{counted(take.others, 'row')} of other importers, origins, years, flows left out "
            "as asked"
        )
    if codes.restored:
        said.append(f"{counted(codes.restored, 'code')} got the leading zero back, as digits= asks")
    return Read(
        kind="trade", rows=tuple(rows), edition=edition, flow=flow, valuation=valuation,
        currency=currency, report=report(layout.name, table.path, read, rows, dropped, said),
        source=Source(citation=layout.source or f"the file {Path(table.path).name}"),
    )


def _refuse_commas(dropped: Iterable[Dropped], name: str) -> None:
    """Refuse a file of decimal commas: its dots may part thousands, and would be misread.

    Raises:
        InvalidValue: with the first such value and its line.
    """
    for one in dropped:
        found = _COMMA.fullmatch(one.why)
        if found:
            raise InvalidValue(
                f"{name}:{one.line}: {found.group(1)!r} has a decimal comma, or dots between "
                "thousands, so '1.716' in this file may be 1,716 or less than 2; write values as "
                "1716.41 (or 1,716.41)",
                value=found.group(1), line=one.line,
            )


class _Taker:
    """Takes one row at a time: a trade, a row dropped, or nothing (not asked for, a fault)."""

    def __init__(self, table: Table, layout: Layout, wanted: Wanted, at: dict[str, int | None],
                 codes: Codes, flow: str | None, year: int | None) -> None:
        self.columns, self.layout, self.wanted, self.at = table.columns, layout, wanted, at
        self.codes, self.flow, self.year = codes, flow, year
        self.territory = Territories(layout.by)
        self.has = (at["importer"] is not None, at["exporter"] is not None,
                    at["year"] is not None)
        self.years: dict[str, int | None] = {}
        self.others = 0
        self.strays = Faults(table.path)

    def _places(self, cells: list[str]) -> tuple[str | None, str | None, dict[str, str]]:
        """Importer and exporter as the columns have them; what stands where there is none."""
        found: list[str | None] = []
        missing: dict[str, str] = {}
        for what in ("importer", "exporter"):
            n = self.at[what]
            text = picked(cells, n)
            place = None if n is None else self.territory(text)[0]
            if n is not None and place is None:
                missing[what] = text
            found.append(place)
        return found[0], found[1], missing

    def _placeless(self, line: int, cells: list[str], code: str,
                   missing: dict[str, str]) -> Dropped | None:
        """A row with a country that is none: a fault, or left out with the value it takes along."""
        why = "; ".join(f"{what}: {self.territory(text)[1]}" for what, text in missing.items())
        if self.layout.strict and any(map(self.territory.stray, missing.values())):
            self.strays.add(line, why)
            return None
        if any(map(self.territory.total, missing.values())):
            return Dropped(line, why, code)
        value = amount(picked(cells, self.at["value"]))
        return Dropped(line, why, code, None if value is None else value * self.layout.scale)

    def __call__(self, line: int, cells: list[str]) -> Trade | Dropped | None:
        layout, at, flow = self.layout, self.at, self.flow
        text = picked(cells, at["product"])
        if layout.skip is not None:
            why = layout.skip(dict(zip(self.columns, cells, strict=False)))
            if why:
                return Dropped(line, why, text)
        code, why = layout.product_of(text)
        if why or not code:
            return Dropped(line, why or "no code", text)
        importer, exporter, missing = self._places(cells)
        if at["flow"] is not None:
            flow, why = layout.flow_of(picked(cells, at["flow"]))
            if why:
                return Dropped(line, why, text)
        if flow == "exports" and layout.by_reporter:
            importer, exporter = exporter, importer
        year = self._year(picked(cells, at["year"])) if self.has[2] else self.year
        if year is None and self.has[2]:
            return Dropped(line, f"year {picked(cells, at['year'])!r} is no year", text)
        filled = self.wanted.filled(importer or layout.always_importer, exporter, year, self.has)
        if missing and self.wanted.may_hold(*filled, flow):
            return self._placeless(line, cells, text, missing)
        if not self.wanted.holds(*filled, flow):
            self.others += 1
            return None
        digits = self.codes(code, line)
        if digits is None:
            return None
        return self._valued(line, cells, text, digits, filled, flow)

    def _year(self, text: str) -> int | None:
        if text not in self.years:
            self.years[text] = whole(text)
        return self.years[text]

    def _valued(self, line: int, cells: list[str], text: str, code: str,
                filled: tuple[str | None, str | None, int | None],
                flow: str | None) -> Trade | Dropped:
        cell = picked(cells, self.at["value"])
        value = amount(cell)
        if value is None:
            why = "no value stated" if not cell else f"value {cell!r} is no number"
            return Dropped(line, why, text)
        duty = amount(picked(cells, self.at["duty"])) if self.at["duty"] is not None else None
        if value < 0 or (duty or 0) < 0:
            return Dropped(line, "a negative value (a correction)", cell)
        scale = self.layout.scale
        return Trade(filled[0], filled[1], code, filled[2], value * scale,
                     None if duty is None else duty * scale, flow, line)


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
