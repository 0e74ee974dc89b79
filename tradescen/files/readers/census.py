"""US trade as the Census Bureau and the USITC give it: API, USA Trade Online, DataWeb."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

from attrs import evolve

from tradescen.errors import InvalidValue, counted
from tradescen.files.readers.base import Dropped, Faults, Head, Read, Reader, Trade, report
from tradescen.files.readers.codes import Territories
from tradescen.files.readers.table import (
    LOST,
    Codes,
    Table,
    amount,
    parquet_table,
    picked,
    read_table,
    text_of,
)
from tradescen.files.readers.trade import Layout, Wanted, read_trades
from tradescen.law.nomenclature import base_edition
from tradescen.vocab.source import Source

__all__ = ["CENSUS_API", "DATAWEB", "USA_TRADE", "is_api_parquet"]

_CODE = ("I_COMMODITY", "E_COMMODITY")
_MOVING = re.compile(r"_(?:MO|YR)(?:_FLAG)?$|^(?:time|year|month|LAST_UPDATE)$", re.IGNORECASE)
_GLUED = re.compile(r"^\s*(\d[\d.]*)(?:\s|$)")


def _dated(read: Read) -> Read:
    """The edition of the Harmonized System the codes are of, by the year of the trade.

    US statistics are classified as the schedule in force is. It is its first six digits that
    the edition tells; what is longer is of the schedule of that year. Of exports only codes of
    six digits and fewer are those of the partner, too.
    """
    rows = cast("tuple[Trade, ...]", read.rows)
    bases = {base_edition(f"HTS {r.year}") for r in rows if r.year is not None}
    long = any(len(r.product) > 6 for r in rows)
    if read.edition is not None or len(bases) != 1 or (long and read.flow == "exports"):
        return read
    (base,) = bases
    notes = (*read.report.notes,
             f"codes are of {base} by the year of the trade"
             + ("; those of more than six digits are of the schedule of that year" if long else "")
             + "; in the first weeks of its first year the edition before may have stood")
    return evolve(read, edition=base, report=evolve(read.report, notes=notes))


# -- Census API -----------------------------------------------------------------------------


def _api_code(text: str) -> tuple[str, str]:
    return ("", "the total of all goods") if text in ("-", "TOTAL") else (text, "")


def _api_layout(flow: str) -> Layout:
    imports = flow == "imports"
    return Layout(
        name="census-api",
        exporter=("CTY_CODE", "CTY_NAME") if imports else (),
        importer=() if imports else ("CTY_CODE", "CTY_NAME"),
        product=_CODE, year=("YEAR", "time"),
        value=("CON_VAL_YR", "CON_VAL_MO", "GEN_VAL_YR", "GEN_VAL_MO") if imports
        else ("ALL_VAL_YR", "ALL_VAL_MO"),
        duty=("CAL_DUT_YR", "CAL_DUT_MO"), by="census", always_importer="USA" if imports else None,
        product_of=_api_code, source="US Census Bureau, international trade API",
    )


def _api_table(path: Path) -> Table:
    name = path.name.removesuffix(".gz").lower()
    if name.endswith(".parquet"):
        return parquet_table(path, _CODE)
    if not name.endswith(".json"):
        return read_table(path, lambda cells: any(c in cells for c in _CODE))
    try:
        body = json.loads(text_of(path), parse_int=str, parse_float=str)
        header, *rows = body
        columns = tuple(str(c) for c in header)
    except (ValueError, TypeError) as error:
        raise InvalidValue(
            f"{path.name} is no answer of the Census API (a list of lists, the first one the "
            "names of the columns); save it as it came",
            path=path.name,
        ) from error
    return Table(path, columns, _records(rows))


def _records(rows: list[Any]) -> Iterator[tuple[int, list[str]]]:
    for n, row in enumerate(rows, 2):
        yield n, ["" if c is None else str(c).strip() for c in row]


def _api(path: Path | str, *, digits: int | None = None, edition: str | None = None,
         flow: str | None = None, **asked: Any) -> Read:
    path = Path(path)
    table = _api_table(path)
    here = "exports" if table.find("E_COMMODITY") is not None else "imports"
    if flow not in (None, here):
        raise InvalidValue(
            f"{path.name} holds {here} of the United States, and flow={flow!r} is asked",
            value=flow,
        )
    layout = _api_layout(here)
    column = next((c for c in layout.value if table.find(c) is not None), layout.value[0])
    notes = [f"values are {column}"]
    if column.endswith("_YR"):
        table, skip, more = _last_months(table)
        layout, notes = evolve(layout, skip=skip), notes + more
    if table.find("COMM_LVL") is not None:
        notes.append("COMM_LVL tells the level of a row; levels may stand side by side")
    if here == "exports":
        asked.setdefault("exporter", None)
        asked["exporter"] = asked["exporter"] or "USA"
    return _dated(read_trades(
        table, layout, Wanted(**asked), digits=digits, edition=edition, flow=here,
        valuation="customs" if here == "imports" else "f.a.s.", currency="USD", notes=notes,
    ))


def _month(row: dict[str, str]) -> tuple[str, str]:
    """(year, month) of a row, as far as it tells."""
    time = next((t for c, t in row.items() if c.lower() == "time"), "")
    got = re.match(r"(\d{4})-(\d{2})", time)
    year = row.get("YEAR") or (got.group(1) if got else time[:4])
    month = row.get("MONTH") or (got.group(2) if got else "")
    return year, month.zfill(2) if month else ""


def _what(row: dict[str, str]) -> tuple[str, ...]:
    """What a row is of: all its cells but values and times."""
    return tuple(text for column, text in row.items() if not _MOVING.search(column))


def _last_months(table: Table) -> tuple[Table, Callable[[dict[str, str]], str], list[str]]:
    """Year-to-date values of several months hold one another: keep the last month of each.

    The last of each line and partner: one without trade in December may have no row there.
    """
    rows = list(table.rows)
    last: dict[tuple[str, ...], str] = {}
    months: dict[str, str] = {}
    for _, cells in rows:
        row = dict(zip(table.columns, cells, strict=False))
        year, month = _month(row)
        key = (year, *_what(row))
        last[key] = max(last.get(key, ""), month)
        months[year] = max(months.get(year, ""), month)

    def skip(row: dict[str, str]) -> str:
        year, month = _month(row)
        kept = month == last[year, *_what(row)]
        return "" if kept else "year to date of an earlier month"

    notes = [f"{year} is the first {int(month)} months only"
             for year, month in sorted(months.items()) if month and int(month) < 12]
    return evolve(table, rows=rows), skip, notes


def is_api_parquet(path: Path) -> bool:
    """Whether a parquet file holds an answer of the Census API."""
    table = parquet_table(path, ())
    return any(c in table.columns for c in _CODE)


def _is_api(head: Head) -> bool:
    return any(c in head.text[:4000] for c in _CODE)


# -- USA Trade Online -----------------------------------------------------------------------


def _glued(text: str) -> tuple[str, str]:
    found = _GLUED.match(text)
    if found:
        return found.group(1), ""
    return "", "the total of all goods" if "all commodities" in text.lower() else "no code"


def _district(row: dict[str, str]) -> str:
    for column, text in row.items():
        if column.lower() in ("district", "port") and text and not text.lower().startswith("all "):
            return f"one {column.lower()} only"
    return ""


_USA_TRADE = Layout(
    name="usa-trade-online", exporter=("Country",), product=("Commodity",), year=("Time", "Year"),
    value=("Customs Value (Cons) ($US)", "Customs Value (Gen) ($US)", "Customs Import Value (Gen)",
           "Customs Import Value (Cons)", "Customs Value"),
    duty=("Calculated Duty ($US)", "Calculated Duty"), by="census", always_importer="USA",
    product_of=_glued, skip=_district, source="US Census Bureau, USA Trade Online",
)


def _usa_trade(path: Path | str, *, digits: int | None = None, edition: str | None = None,
               flow: str | None = None, **asked: Any) -> Read:
    table = read_table(Path(path), lambda cells: "Commodity" in cells)
    return _dated(read_trades(
        table, _USA_TRADE, Wanted(**asked), digits=digits, edition=edition, flow="imports",
        valuation="customs", currency="USD",
    ))


def _is_usa_trade(head: Head) -> bool:
    return any(
        re.match(r'"?Commodity"?,"?(Country|District|Time|Port)', row)
        for row in head.text.splitlines()[:12]
    )


# -- DataWeb --------------------------------------------------------------------------------

_KINDS = {"customs value": 0, "calculated duties": 1}
_YEAR_COLUMN = re.compile(r"^(?:year\s*)?((?:19|20)\d{2})$", re.IGNORECASE)


def _is_dataweb_header(cells: Any) -> bool:
    plain = [c.lower() for c in cells]
    return "data type" in plain and any(c.startswith(("hts", "hs")) for c in plain)


def _dataweb(path: Path | str, *, digits: int | None = None, edition: str | None = None,
             flow: str | None = None, **asked: Any) -> Read:
    """One row a kind of value, line and country; one column a year."""
    path = Path(path)
    wanted = Wanted(**asked)
    table = read_table(path, _is_dataweb_header)
    kind_at = table.find("Data Type", need=True)
    code_at = next(n for n, c in enumerate(table.columns) if c.lower().startswith(("hts", "hs")))
    place_at = table.find("Country", "Partner", "Country of Origin")
    years = {n: int(m.group(1)) for n, c in enumerate(table.columns)
             if (m := _YEAR_COLUMN.match(c))}
    if not years:
        raise InvalidValue(
            f"{path.name} has no column named by a year, such as 2024 (it has: "
            f"{', '.join(table.columns)})", columns=table.columns,
        )
    faults = Faults(path)
    codes, territory = Codes(faults, digits), Territories("census")
    found: dict[tuple[str, str | None, int], list[Any]] = {}
    dropped: list[Dropped] = []
    read = others = 0
    for line, cells in table.rows:
        read += 1
        text, spelt = picked(cells, code_at), picked(cells, place_at)
        which = _KINDS.get(picked(cells, kind_at).lower())
        place, why = territory(spelt) if place_at is not None else (None, "")
        if which is None:
            why = f"{picked(cells, kind_at)!r} is neither customs value nor calculated duties"
        elif not why and text.lower() in ("", "total"):
            why = "the total of all goods"
        if why:
            lost = None
            if place_at is not None and place is None and which == 0 and not territory.total(spelt):
                lost = sum(amount(picked(cells, at)) or 0.0 for at in years)
            dropped.append(Dropped(line, why, text or spelt, lost))
            continue
        code = codes(text, line)
        if code is None:
            continue
        for at, year in years.items():
            filled = wanted.filled("USA", place, year, (True, place_at is not None, True))
            if not wanted.holds(*filled, "imports"):
                others += 1
                continue
            value = amount(picked(cells, at))
            if value is None:
                dropped.append(Dropped(line, f"no value stated for {year}", text))
                continue
            kept = found.setdefault((code, filled[1], year), [None, None, line])
            kept[which or 0] = (kept[which or 0] or 0.0) + value
    faults.check(LOST)
    rows = [
        Trade("USA", place, code, year, value, duty, "imports", line)
        for (code, place, year), (value, duty, line) in found.items()
    ]
    notes = [*table.notes, "the report counts rows of the file; a row may hold several years"]
    if others:
        notes.append(f"{counted(others, 'value')} of other importers, origins or years left out "
                     "as asked")
    return _dated(Read(
        kind="trade", rows=tuple(rows), edition=edition, flow="imports", valuation="customs",
        currency="USD", report=report(DATAWEB.name, path, read, rows, dropped, notes),
        source=Source(citation="USITC, DataWeb"),
    ))


def _is_dataweb(head: Head) -> bool:
    return any(
        "data type" in row.lower() and re.search(r"\b(hts|hs)\b", row.lower())
        for row in head.text.splitlines()[:40]
    )


CENSUS_API = Reader(
    name="census-api", kind="trade",
    title="US Census Bureau API (JSON, CSV or parquet)",
    read=_api, sniff=_is_api,
)
USA_TRADE = Reader(
    name="usa-trade-online", kind="trade",
    title="US Census Bureau, USA Trade Online, CSV",
    read=_usa_trade, sniff=_is_usa_trade,
)
DATAWEB = Reader(
    name="dataweb", kind="trade",
    title="USITC DataWeb, CSV",
    read=_dataweb, sniff=_is_dataweb,
)
