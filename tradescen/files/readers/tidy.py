"""Plain tidy tables: one row a direction and code, columns by common names. CSV or parquet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from attrs import evolve

from tradescen.errors import InvalidValue
from tradescen.files.readers.base import Head, Read, Reader, Trade
from tradescen.files.readers.codes import Territories
from tradescen.files.readers.table import (
    Table,
    frame_table,
    parquet_table,
    picked,
    read_table,
    refuse_numbers,
)
from tradescen.files.readers.trade import Layout, Wanted, read_trades

__all__ = ["TIDY", "read_frame"]

_NAMES: dict[str, tuple[str, ...]] = {
    "importer": ("importer", "reporter", "destination", "importer_iso3", "iso_d"),
    "exporter": ("exporter", "partner", "origin", "country", "cty_code", "exporter_iso3", "iso_o"),
    "product": (
        "product", "code", "hs", "hs2", "hs4", "hs6", "hs8", "hs10", "hts", "hts8", "hts10",
        "cmdcode", "commodity", "hscode", "hs_code", "product_code", "i_commodity",
    ),
    "year": ("year", "period", "time", "t"),
    "value": (
        "value", "value_usd", "trade_value", "tradevalue", "customs_value", "trade_value_usd",
        "imports", "imports_usd",
    ),
    "duty": ("duty", "duty_usd", "duties", "calculated_duty", "duties_usd"),
    "flow": ("flow",),
}
_CONSTANT = ("valuation", "currency", "nomenclature")


def _flow(text: str) -> tuple[str | None, str]:
    plain = text.lower()
    if plain in ("imports", "exports"):
        return plain, ""
    return None, f"flow {text!r} is neither 'imports' nor 'exports'"


def _layout(columns: Mapping[str, str] | None, countries: str) -> Layout:
    names: dict[str, Any] = dict(_NAMES)
    for what, column in (columns or {}).items():
        if what not in names:
            raise InvalidValue(
                f"columns={{{what!r}: …}}: a table of trade has {', '.join(names)}", value=what
            )
        names[what] = (column,)
    # A tidy row names importer and exporter themselves, whichever side reports.
    return Layout(name="tidy", by=countries, flow_of=_flow, strict=True, **names)


def _by_importer(rows: list[tuple[int, list[str]]], at: int | None, importer: int | None,
                 territory: Territories) -> tuple[tuple[str, str], ...]:
    """The edition of each importer; empty if all have one, or if one has several."""
    held: dict[str | None, set[str]] = {}
    for _, cells in rows:
        held.setdefault(territory(picked(cells, importer))[0], set()).add(picked(cells, at))
    if len(set().union(*held.values())) < 2 or any(len(e) > 1 for e in held.values()):
        return ()
    return tuple(sorted((i, e) for i, (e,) in held.items() if i and e))


def _constants(table: Table, given: dict[str, Any], importer: int | None,
               territory: Territories) -> dict[str, Any]:
    """What the table says of all its rows in columns of one value.

    Raises:
        InvalidValue: for a column of several values, which would be mixed.
    """
    rows = list(table.rows)
    found: dict[str, Any] = {}
    for what in _CONSTANT:
        at = table.find(what)
        held = sorted({c[at] for _, c in rows if at < len(c)} - {""}) if at is not None else []
        if what == "nomenclature" and held and given[what] is None:
            found["editions"] = _by_importer(rows, at, importer, territory)
            if found["editions"]:
                held = []
        if given.get(what) is None and len(held) > 1:
            raise InvalidValue(
                f"{table.path.name} holds several values of {what}: {', '.join(held)}; they "
                "cannot be averaged together: give one file each",
                values=tuple(held),
            )
        found[what] = given.get(what) or (held[0] if held else None)
    return {"table": evolve(table, rows=rows), **found}


def _read(table: Table, *, digits: int | None, columns: Mapping[str, str] | None,
          countries: str, edition: str | None, valuation: str | None, currency: str | None,
          flow: str | None, asked: dict[str, Any]) -> Read:
    layout = _layout(columns, countries)
    said = _constants(table, {"valuation": valuation, "currency": currency,
                              "nomenclature": edition},
                      table.find(*layout.importer), Territories(countries))
    read = read_trades(
        said["table"], layout, Wanted(**asked, flow=flow), digits=digits,
        edition=said["nomenclature"], flow=flow, valuation=said["valuation"],
        currency=said["currency"],
    )
    read = evolve(read, editions=said.get("editions", ()))
    flows = {r.flow for r in cast("tuple[Trade, ...]", read.rows)}
    return evolve(read, flow=flows.pop()) if len(flows) == 1 else read


def _tidy(path: Path | str, *, digits: int | None = None,
          columns: Mapping[str, str] | None = None, countries: str = "iso",
          edition: str | None = None, valuation: str | None = None,
          currency: str | None = None, flow: str | None = None, **asked: Any) -> Read:
    path = Path(path)
    named = [*_NAMES["product"], *((columns or {}).get("product", ""),)]
    if path.name.lower().removesuffix(".gz").endswith((".parquet", ".pq")):
        table = parquet_table(path, named)
    else:
        table = read_table(path)
    return _read(table, digits=digits, columns=columns, countries=countries, edition=edition,
                 valuation=valuation, currency=currency, flow=flow, asked=asked)


def read_frame(frame: Any, *, digits: int | None = None,
               columns: Mapping[str, str] | None = None, countries: str = "iso",
               edition: str | None = None, valuation: str | None = None,
               currency: str | None = None, flow: str | None = None, **asked: Any) -> Read:
    """A DataFrame of trade, as :data:`TIDY` reads a file. Line numbers are places of rows.

    Raises:
        InvalidValue: if codes are numbers, since leading zeros are lost.
    """
    refuse_numbers(frame, [*_NAMES["product"], *((columns or {}).get("product", ""),)], "the frame")
    return _read(frame_table(frame), digits=digits, columns=columns, countries=countries,
                 edition=edition, valuation=valuation, currency=currency, flow=flow, asked=asked)


def _is_tidy(head: Head) -> bool:
    return not head.text.lstrip().startswith(("{", "["))


TIDY = Reader(
    name="tidy", kind="trade",
    title="plain table, CSV or parquet",
    read=_tidy, sniff=_is_tidy,
)
