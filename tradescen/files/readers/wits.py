"""Tariffs of WITS (TRAINS): SDMX-JSON, and the result of an Advanced Query as CSV.

Rates are percentages averaged over national lines. Lines without an ad valorem rate count as
nothing in these averages: where all lines of a code are such, the published 0 is no rate, and
the row is unknown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

from tradescen.errors import InvalidValue, TradescenError, counted
from tradescen.files.readers.base import Dropped, Faults, Head, Read, Reader, Tariff, report
from tradescen.files.readers.codes import Territories
from tradescen.files.readers.table import (
    LOST,
    Codes,
    amount,
    picked,
    read_table,
    text_of,
    whole,
)
from tradescen.law.nomenclature import EDITIONS, edition
from tradescen.vocab.source import Source

__all__ = ["WITS_QUERY", "WITS_SDMX"]

_SOURCE = Source(citation="World Bank, WITS; UNCTAD TRAINS")


def _fraction(text: object) -> float | None:
    """A percentage as a fraction, exact in decimals, without the noise of single precision."""
    got = None if text is None else amount(str(text))
    if got is None:
        return None
    said = repr(got) if len(str(text)) < 10 else f"{got:.7g}"
    return got / 100 if "e" in said else float(f"{said}e-2")


def _count(text: object) -> int | None:
    got = None if text is None else amount(str(text))
    return None if got is None else int(got)


def _edition(names: Sequence[str]) -> str | None:
    found = set()
    for name in names:
        try:
            found.add(edition(name))
        except TradescenError:
            continue
    only = found.pop() if len(found) == 1 else ""
    return only if only in EDITIONS else None


def _tariff(cells: Mapping[str, Any], line: int, who: tuple[str | None, str | None],
            code: str) -> Tariff:
    """A row out of the parts both files have."""
    lines, unpriced = _count(cells.get("lines")), _count(cells.get("unpriced"))
    rate, text = _fraction(cells.get("rate")), str(cells.get("rate") or "")
    low, high = _fraction(cells.get("low")), _fraction(cells.get("high"))
    if "lines" in cells and not lines:
        rate = low = high = None
        text = "no national line stated"
    elif lines and unpriced and unpriced >= lines:
        rate = low = high = None
        text = "no national line has an ad valorem rate"
    elif unpriced:
        text = f"average over the lines with an ad valorem rate; {unpriced} of {lines} have none"
    return Tariff(*who, code, whole(str(cells.get("year") or "")), str(cells.get("kind") or ""),
                  rate, low, high, lines, unpriced, text, line)


def _notes(rows: Sequence[Tariff]) -> list[str]:
    unknown = sum(r.rate is None for r in rows)
    partly = sum(bool(r.unpriced) and r.rate is not None for r in rows)
    out = []
    if unknown:
        out.append(f"{counted(unknown, 'code')} with no line at an ad valorem rate: unknown "
                   "(published: 0)")
    if partly:
        out.append(f"{counted(partly, 'average')} over lines of which some have no ad valorem rate")
    bounds = [r.maximum for r in rows if r.maximum and r.maximum >= 0.01]
    if len(bounds) > 20 and all(abs(b * 100 - round(b * 100)) < 1e-9 for b in bounds):
        out.append("every rate of a line from 1 % up is a whole percent: decimals seem cut off")
    return out


# -- SDMX-JSON ------------------------------------------------------------------------------


def _order(dims: Sequence[Mapping[str, Any]], keys: Sequence[Sequence[int]], name: str
           ) -> tuple[int, ...]:
    """The place in a key of each dimension.

    TRAINS files declare partner before product and write them the other way round, so the
    declared order is held against the sizes: every value listed is used.
    """
    used = [max(k[n] for k in keys) + 1 for n in range(len(dims))]
    sizes = [len(d["values"]) for d in dims]
    declared = tuple(range(len(dims)))
    for order in sorted(permutations(declared), key=lambda o: sum(a != b for a, b in zip(
            o, declared, strict=True))):
        if all(used[order[n]] == sizes[n] for n in declared):
            return order
    if all(u <= s for u, s in zip(used, sizes, strict=True)):
        return declared
    raise InvalidValue(
        f"{name}: keys of the series use {used} values by place, and the dimensions have {sizes}; "
        "the file does not fit its own structure: fetch it again",
        path=name,
    )


def _sdmx(path: Path | str, *, digits: int | None = None, edition: str | None = None) -> Read:
    path = Path(path)
    try:
        body = json.loads(text_of(path), parse_float=str, parse_int=str)
        structure = body["structure"]
        dims = structure["dimensions"]["series"]
        times = structure["dimensions"]["observation"][0]["values"]
        attributes = structure["attributes"]["observation"]
        series = body["dataSets"][0]["series"]
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise InvalidValue(
            f"{path.name} is no SDMX-JSON of WITS ({type(error).__name__}: {error}); save the "
            "answer of the service as it came",
            path=path.name,
        ) from error
    keys = [[int(n) for n in key.split(":")] for key in series]
    names = [d["id"] for d in dims]
    order = _order(dims, keys, path.name) if keys else tuple(range(len(dims)))
    faults = Faults(path)
    codes, territory = Codes(faults, digits), Territories("wits")
    rows: list[Tariff] = []
    dropped: list[Dropped] = []
    noted = {"TARIFFTYPE": "kind", "MIN_RATE": "low", "MAX_RATE": "high",
             "TOTALNOOFLINES": "lines", "NBR_NA_LINES": "unpriced"}
    for n, (key, one) in enumerate(zip(keys, series.values(), strict=True), 1):
        said = {name: dims[d]["values"][key[order[d]]]["id"] for d, name in enumerate(names)}
        product = said.get("PRODUCTCODE", "")
        if not product.isdigit():
            dropped.append(Dropped(n, "a group of goods, no code", product))
            continue
        code = codes(product, n)
        importer, why = territory(said.get("REPORTER", ""))
        exporter = _partner(territory, said.get("PARTNER", ""))
        if importer is None or exporter is None or code is None:
            dropped.append(Dropped(n, why or f"partner {said.get('PARTNER')!r} is no country",
                                   product))
            continue
        for when, observed in one["observations"].items():
            held = {a["id"]: a["values"][int(i)]["id"] if i is not None else None
                    for a, i in zip(attributes, observed[1:], strict=False)}
            cells = {noted[k]: v for k, v in held.items() if k in noted}
            cells |= {"rate": observed[0], "year": times[int(when)]["id"]}
            rows.append(_tariff(cells, n, (importer, exporter), code))
    faults.check(LOST)
    nomens = [v["id"] for a in attributes if a["id"] == "NOMENCODE" for v in a["values"]]
    notes = ["lines are the places of the series", *_notes(rows)]
    if order != tuple(range(len(dims))):
        notes.append("the file writes its keys in another order than it declares; put right")
    return Read(
        kind="tariff", rows=tuple(rows), edition=edition or _edition(nomens), source=_SOURCE,
        report=report(WITS_SDMX.name, path, len(keys), rows, dropped, notes),
    )


def _partner(territory: Territories, text: str) -> str | None:
    """The partner; the world as partner means all origins."""
    if text in ("000", "0", "WLD"):
        return "ALL"
    return territory(text)[0]


def _is_sdmx(head: Head) -> bool:
    return head.text.lstrip()[:1] == "{" and "DF_WITS" in head.text


# -- Advanced Query -------------------------------------------------------------------------

_QUERY = {
    "nomen": ("NomenCode", "Selected Nomen"),
    "importer": ("Reporter", "Reporter_ISO_N", "Reporter ISO3", "Reporter Name"),
    "exporter": ("Partner", "Partner ISO3", "Partner Name"),
    "product": ("Product", "ProductCode", "Product Code"),
    "year": ("Tariff Year", "Year"),
    "kind": ("DutyType", "Duty Type", "EstCode"),
    "rate": ("Simple Average", "SimpleAverage", "Simple Tariff Line Average"),
    "low": ("Minimum Rate", "Min_Rate", "Min Rate"),
    "high": ("Maximum Rate", "Max_Rate", "Max Rate"),
    "lines": ("Nbr of Total Lines", "TotalNoOfLines", "Number of Total Lines"),
    "unpriced": ("Nbr of NA Lines", "Nbr_NA_Lines", "Number of NA Lines"),
}


def _query(path: Path | str, *, digits: int | None = None, edition: str | None = None) -> Read:
    path = Path(path)
    table = read_table(path, _is_query_header)
    at = {
        what: table.find(*names, need=what in ("importer", "product", "rate"))
        for what, names in _QUERY.items()
    }
    faults = Faults(path)
    codes, territory = Codes(faults, digits), Territories("wits")
    rows: list[Tariff] = []
    dropped: list[Dropped] = []
    nomens: set[str] = set()
    read = 0
    for line, cells in table.rows:
        read += 1
        text = picked(cells, at["product"])
        if not text.replace(".", "").isdigit():
            dropped.append(Dropped(line, "a group of goods, no code", text))
            continue
        importer, why = territory(picked(cells, at["importer"]))
        spelt = picked(cells, at["exporter"])
        exporter = "ALL" if at["exporter"] is None else _partner(territory, spelt)
        if importer is None or exporter is None:
            dropped.append(Dropped(line, why or f"partner {spelt!r} is no country", text))
            continue
        code = codes(text, line)
        if code is None:
            continue
        nomens.add(picked(cells, at["nomen"]))
        held = {what: picked(cells, n) for what, n in at.items() if n is not None}
        rows.append(_tariff(held, line, (importer, exporter), code))
    faults.check(LOST)
    return Read(
        kind="tariff", rows=tuple(rows), edition=edition or _edition(sorted(nomens)),
        source=_SOURCE,
        report=report(WITS_QUERY.name, path, read, rows, dropped,
                      [*table.notes, *_notes(rows)]),
    )


def _is_query_header(cells: Sequence[str]) -> bool:
    plain = {c.lower().replace(" ", "").replace("_", "") for c in cells}
    return any("reporter" in c for c in plain) and bool(
        plain & {"dutytype", "simpleaverage", "simpletarifflineaverage"}
    )


def _is_query(head: Head) -> bool:
    return _is_query_header(head.first.replace('"', "").split(",")) or _is_query_header(
        head.first.replace('"', "").split("\t")
    )


WITS_SDMX = Reader(
    name="wits-sdmx", kind="tariff",
    title="WITS (TRAINS) tariffs, SDMX-JSON",
    read=_sdmx, sniff=_is_sdmx,
)
WITS_QUERY = Reader(
    name="wits-query", kind="tariff",
    title="WITS Advanced Query, tariff result as CSV",
    read=_query, sniff=_is_query,
)
