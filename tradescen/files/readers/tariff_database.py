"""The annual tariff data base of the USITC: one row an eight-digit line."""

from __future__ import annotations

import re
from pathlib import Path

from tradescen.files.readers.base import Faults, Head, Line, Read, Reader, report
from tradescen.files.readers.table import LOST, Codes, picked, read_table
from tradescen.vocab.source import Source

__all__ = ["TARIFF_DATABASE"]


def _read(path: Path | str, *, digits: int | None = None, edition: str | None = None) -> Read:
    path = Path(path)
    table = read_table(path, lambda cells: "hts8" in [c.lower() for c in cells])
    at = {
        what: table.find(name, need=what in ("code", "general"))
        for what, name in {
            "code": "hts8", "description": "brief_description", "unit": "quantity_1_code",
            "general": "mfn_text_rate", "special": "col1_special_text",
            "column2": "col2_text_rate", "additional": "additional_duty",
            "footnote": "footnote_comment",
        }.items()
    }
    faults = Faults(path)
    codes = Codes(faults, digits)
    rows: list[Line] = []
    read = 0
    for line, cells in table.rows:
        read += 1
        code = codes(picked(cells, at["code"]), line)
        if code is None:
            continue
        got = {what: picked(cells, n) for what, n in at.items()}
        rows.append(Line(
            code, 0, got["description"], (), (got["unit"],) if got["unit"] else (),
            got["general"], got["special"], got["column2"], "", got["additional"],
            (got["footnote"],) if got["footnote"] else (), "", line,
        ))
    faults.check(LOST)
    year = re.search(r"(?<!\d)((?:19|20)\d{2})(?!\d)", path.name)
    said = edition or (f"HTS {year.group(1)}" if year else None)
    return Read(
        kind="schedule", rows=tuple(rows), edition=said,
        report=report(TARIFF_DATABASE.name, path, read, rows, (), table.notes),
        source=Source(citation=f"USITC, annual tariff data base ({said or path.name})"),
    )


def _is_ours(head: Head) -> bool:
    return head.first.lower().startswith(('hts8,', '"hts8",')) and "mfn_text_rate" in head.first


TARIFF_DATABASE = Reader(
    name="usitc-tariff-database", kind="schedule",
    title="USITC annual tariff data base, CSV",
    read=_read, sniff=_is_ours,
)
