"""The Harmonized Tariff Schedule of the United States, as the USITC exports it.

The export is a printed table: rows are ordered, ``Indent`` says which row a row lies under,
rows without a number only describe, and a rate stands at the eight digits (or at ten where
they end in 00) and holds for all rows below it. Chapter 99 comes last; its headings bear
rates such as "The duty provided in the applicable subheading + 25%" as text.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Sequence
from html import unescape
from pathlib import Path
from typing import Any

from attrs import frozen

from tradescen.errors import InvalidValue, counted
from tradescen.files.readers.base import Dropped, Faults, Head, Line, Read, Reader, report
from tradescen.files.readers.table import LOST, Codes, picked, read_table, text_of
from tradescen.vocab.source import Source

__all__ = ["HTS_CSV", "HTS_JSON", "edition_of", "read_hts"]

_TAG = re.compile(r"</?[A-Za-z][^>]*>")
_RAISED = re.compile(r"\d\s*<sup>", re.IGNORECASE)
_EDITION = re.compile(
    r"(?<!\d)((?:19|20)\d{2})[ _-]*(?:HTS)?[ _-]*(?:(basic)|rev(?:ision)?[ _-]*(\d+))?",
    re.IGNORECASE,
)
_CSV = {
    "code": ("HTS Number", "htsno"),
    "indent": ("Indent",),
    "description": ("Description",),
    "units": ("Unit of Quantity", "units"),
    "general": ("General Rate of Duty", "general"),
    "special": ("Special Rate of Duty", "special"),
    "column2": ("Column 2 Rate of Duty", "other"),
    "quota": ("Quota Quantity", "quotaQuantity"),
    "additional": ("Additional Duties", "additionalDuties"),
}
_JSON = {
    "code": "htsno", "indent": "indent", "description": "description", "general": "general",
    "special": "special", "column2": "other", "quota": "quotaQuantity",
}


@frozen(kw_only=True)
class _Raw:
    """A row before it is put under others."""

    line: int
    code: str
    indent: str
    description: str
    units: tuple[str, ...]
    general: str
    special: str
    column2: str
    quota: str
    additional: str
    footnotes: tuple[str, ...] = ()


def _clean(text: object) -> str:
    """Text without mark-up, blanks single."""
    return " ".join(unescape(_TAG.sub("", "" if text is None else str(text))).split())


def _as_printed(what: str, text: object) -> str:
    """A cell, cleaned; a rate with a raised mark after a digit keeps it, or 1 would join 5 %."""
    said = "" if text is None else str(text)
    if what in ("general", "special", "column2", "additional") and _RAISED.search(said):
        return " ".join(unescape(said).split())
    return _clean(said)


def edition_of(name: str) -> str | None:
    """The edition a file name tells: ``hts_2025_revision_10_csv.csv`` → ``HTS 2025 rev. 10``."""
    found = _EDITION.search(name)
    if not found:
        return None
    year, basic, number = found.groups()
    return f"HTS {year}" + (" basic" if basic else f" rev. {number}" if number else "")


def _units(text: str) -> tuple[str, ...]:
    if text.startswith("["):
        try:
            return tuple(str(u) for u in json.loads(text))
        except ValueError:
            return (text,)
    return (text,) if text else ()


def _raw(line: int, units: tuple[str, ...], footnotes: tuple[str, ...],
         cells: dict[str, Any]) -> _Raw:
    return _Raw(line=line, units=units, footnotes=footnotes, **cells)


def _from_csv(path: Path) -> tuple[list[_Raw], tuple[str, ...]]:
    table = read_table(path, lambda cells: "indent" in [c.lower() for c in cells])
    at = {
        what: table.find(*names, need=what in ("code", "indent", "general"))
        for what, names in _CSV.items()
    }
    return [
        _raw(line, _units(picked(cells, at["units"])), (),
             {w: _as_printed(w, picked(cells, n)) for w, n in at.items() if w != "units"})
        for line, cells in table.rows
    ], table.notes


def _from_json(path: Path) -> tuple[list[_Raw], tuple[str, ...]]:
    try:
        body = json.loads(text_of(path), parse_int=str, parse_float=str)
    except ValueError as error:
        raise InvalidValue(
            f"{path.name} is no JSON: {error}; save the export of the schedule anew",
            path=path.name,
        ) from error
    records = body if isinstance(body, list) else body.get("results", [])
    out = []
    for n, one in enumerate(records, 1):
        if not isinstance(one, dict):
            raise InvalidValue(
                f"{path.name}: record {n} is {one!r}, no row of a schedule; save the export of "
                "the schedule anew",
                path=path.name,
            )
        # The publisher misspells one key; where both are there, either may be empty.
        additional = one.get("additionalDuties") or one.get("addiitionalDuties")
        cells = {w: _as_printed(w, one.get(k)) for w, k in _JSON.items()}
        out.append(_raw(
            n, tuple(_clean(u) for u in one.get("units") or ()),
            tuple(_clean(f.get("value")) for f in one.get("footnotes") or ()),
            {**cells, "additional": _as_printed("additional", additional)},
        ))
    return out, ("lines are the places of the records",)


def _lines(raw: Iterable[_Raw], path: Path, digits: int | None
           ) -> tuple[list[Line], list[Dropped], int]:
    faults = Faults(path)
    codes = Codes(faults, digits)
    above: list[Line] = []
    rows: list[Line] = []
    dropped: list[Dropped] = []
    read = 0
    for one in raw:
        read += 1
        if not (one.indent.isdigit() and one.indent.isascii()):
            dropped.append(Dropped(one.line, f"indent {one.indent!r} is no number",
                                   one.description[:60]))
            continue
        code = codes(one.code, one.line) if one.code else ""
        if code is None:
            continue
        indent = int(one.indent)
        while above and above[-1].indent >= indent:
            above.pop()
        rates = (one.general, one.special, one.column2)
        inherited = ""
        if not any(rates) and code:
            for upper in reversed(above):
                held = (upper.general, upper.special, upper.column2)
                if upper.code and any(held) and code.startswith(upper.code):
                    rates = held
                    inherited = upper.inherited or upper.code
                    break
        line = Line(code, indent, one.description, tuple(u.description for u in above), one.units,
                    *rates, one.quota, one.additional, one.footnotes, inherited, one.line)
        above.append(line)
        rows.append(line)
    faults.check(LOST)
    return rows, dropped, read


def _read(path: Path | str, raw: Any, name: str, digits: int | None, edition: str | None) -> Read:
    path = Path(path)
    found, notes = raw(path)
    rows, dropped, read = _lines(found, path, digits)
    said = edition or edition_of(path.name)
    described = sum(not r.code for r in rows)
    only = f"{counted(described, 'row')} without a number, for description only"
    more = [only] if described else []
    if said is None:
        more.append("the file name tells no edition; give edition=")
    seen: dict[str, int] = {}
    for row in rows:
        if row.code and row.code in seen:
            more.append(f"{row.code} stands on line {seen[row.code]} and on line {row.line}")
        seen.setdefault(row.code, row.line)
    return Read(
        kind="schedule", rows=tuple(rows), edition=said,
        report=report(name, path, read, rows, dropped, (*notes, *more)),
        source=Source(citation=f"USITC, Harmonized Tariff Schedule of the United States "
                               f"({said or path.name})"),
    )


def _read_csv(path: Path | str, *, digits: int | None = None, edition: str | None = None) -> Read:
    return _read(path, _from_csv, HTS_CSV.name, digits, edition)


def _read_json(path: Path | str, *, digits: int | None = None, edition: str | None = None) -> Read:
    return _read(path, _from_json, HTS_JSON.name, digits, edition)


def _is_csv(head: Head) -> bool:
    cells: Sequence[str] = next(csv.reader([head.first]), [])
    return {"hts number", "indent"} <= {c.strip().lower() for c in cells}


def _is_json(head: Head) -> bool:
    return head.text.lstrip()[:1] in "[{" and '"htsno"' in head.text


HTS_CSV = Reader(
    name="usitc-hts-csv", kind="schedule",
    title="USITC Harmonized Tariff Schedule, CSV export",
    read=_read_csv, sniff=_is_csv,
)
HTS_JSON = Reader(
    name="usitc-hts-json", kind="schedule",
    title="USITC Harmonized Tariff Schedule, JSON export",
    read=_read_json, sniff=_is_json,
)


def read_hts(path: Path | str, *, digits: int | None = None, edition: str | None = None) -> Read:
    """A schedule of the USITC, CSV or JSON, gzipped or not, as lines.

    Args:
        path: The export.
        digits: How many digits its codes have, if their leading zeros are lost.
        edition: The edition, where the file name does not tell it.

    Raises:
        InvalidValue: for codes that are none, all with their lines.
    """
    name = Path(path).name.removesuffix(".gz")
    how = _read_json if name.lower().endswith(".json") else _read_csv
    return how(path, digits=digits, edition=edition)
