"""UN Comtrade as its web site exports it, and BACI as CEPII publishes it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from attrs import evolve

from tradescen.errors import InvalidValue, TradescenError
from tradescen.files.readers.base import Head, Read, Reader
from tradescen.files.readers.table import picked, read_table
from tradescen.files.readers.trade import Layout, Wanted, read_trades
from tradescen.law.nomenclature import EDITIONS, edition

__all__ = ["BACI", "COMTRADE"]

_BREAKDOWNS = {  # column → its value in rows that are not a part of another row
    "partner2code": "0", "motcode": "0", "moscode": "0", "customscode": "C00",
}


def _code(text: str) -> tuple[str, str]:
    if not text or text.upper() == "TOTAL" or text.upper().startswith("AG"):
        return "", "the total of all goods" if text else "no code"
    return text, ""


def _flow(text: str) -> tuple[str | None, str]:
    plain = text.strip().lower().replace("-", "")
    if plain in ("m", "import", "imports"):
        return "imports", ""
    if plain in ("x", "export", "exports"):
        return "exports", ""
    return None, f"flow {text!r} is neither imports nor exports"


def _part(row: dict[str, str]) -> str:
    for column, text in row.items():
        total = _BREAKDOWNS.get(column.lower())
        if total is not None and text and text != total:
            return f"a part of another row ({column} is not {total})"
    return ""


_COMTRADE = Layout(
    name="comtrade",
    importer=("reporterCode", "Reporter Code"),
    exporter=("partnerCode", "Partner Code"),
    product=("cmdCode", "Commodity Code"),
    year=("refYear", "period", "Year", "Period"),
    value=("primaryValue", "Trade Value (US$)", "cifvalue", "fobvalue"),
    flow=("flowCode", "Trade Flow", "flowDesc"),
    by="un", by_reporter=True, product_of=_code, flow_of=_flow, skip=_part,
    source="UN Comtrade Database, comtradeplus.un.org",
)


def _comtrade(path: Path | str, *, digits: int | None = None, edition: str | None = None,
              flow: str | None = None, **asked: Any) -> Read:
    """Reporters change edition in different years, so a file may hold codes of several."""
    table = read_table(Path(path), lambda cells: len(cells) > 5)
    at = table.find("classificationCode", "Classification")
    rows = list(table.rows)
    named = {c: _edition(c) for c in {picked(cells, at) for _, cells in rows}}
    held = sorted({e for e in named.values() if e})
    if edition is None and len(held) > 1:
        raise InvalidValue(
            f"{table.path.name} holds codes of {' and '.join(held)}, which cannot stand side by "
            "side; say which to keep with edition= (nomenclature= of read_weights), and bring the "
            "others over with Concordance.convert",
            values=tuple(held),
        )
    kept = _edition(edition) if edition else None

    def skip(row: dict[str, str]) -> str:
        own = named.get(picked(list(row.values()), at))
        if kept and own and own != kept:
            return f"a code of {own}"
        return _part(row)

    return read_trades(
        evolve(table, rows=rows), evolve(_COMTRADE, skip=skip), Wanted(**asked, flow=flow),
        digits=digits, edition=edition or (held[0] if held else None), currency="USD", flow=flow,
        valuation={"imports": "c.i.f.", "exports": "f.o.b."}.get(flow or ""),
    )


def _edition(text: str) -> str | None:
    try:
        named = edition(text)
    except TradescenError:
        return None
    return named if named in EDITIONS else None


_BACI_LAYOUT = Layout(
    name="baci", importer=("j",), exporter=("i",), product=("k",), year=("t",), value=("v",),
    by="un", scale=1000.0, source="CEPII, BACI (Etalab 2.0)",
)


def _baci(path: Path | str, *, digits: int | None = None, edition: str | None = None,
          flow: str | None = None, **asked: Any) -> Read:
    path = Path(path)
    named = re.search(r"HS(\d{2})(?!\d)", path.name)
    return read_trades(
        read_table(path), _BACI_LAYOUT, Wanted(**asked), digits=digits,
        edition=edition or (_edition(f"HS{named.group(1)}") if named else None),
        flow="imports", valuation="f.o.b.", currency="USD",
        notes=("values in thousands of USD, given in USD; reconciled f.o.b. flows",),
    )


def _is_comtrade(head: Head) -> bool:
    first = head.first.lower()
    pairs = (("reportercode", "cmdcode"), ("reporter code", "commodity code"))
    return any(a in first and b in first for a, b in pairs)


def _is_baci(head: Head) -> bool:
    cells = [c.strip().strip('"') for c in head.first.split(",")]
    return set(cells) >= {"t", "i", "j", "k", "v"} and len(cells) <= 7


COMTRADE = Reader(
    name="comtrade", kind="trade",
    title="UN Comtrade, CSV export of the web site",
    read=_comtrade, sniff=_is_comtrade,
)
BACI = Reader(
    name="baci", kind="trade",
    title="CEPII BACI, yearly CSV",
    read=_baci, sniff=_is_baci,
)
