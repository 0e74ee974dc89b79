"""Count the forms of rates that public tariff schedules print, and what is not read of them.

Usage: python -m tools.duty_forms FACTS_FOLDER [--date DAY]

FACTS_FOLDER holds ``data/`` and ``samples/``. Prints the table and writes docs/duty-forms.md.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tools.readers import read_rows
from tradescen.vocab.duty import AdValorem, Compound, Duty, Specific, Unknown, duty, programmes
from tradescen.vocab.duty_text import REFERENCE, SLIDING

PAGE = Path(__file__).resolve().parent.parent / "docs" / "duty-forms.md"

FREE, PLAIN, PART, UNIT = "free", "ad valorem", "on a part of the value", "specific"
SUM, BOUND, ADDED = "sum", "bounded", "added"
REFERRED, SLID, UNREAD = "by reference", "sliding", "not read"
FORMS = (FREE, PLAIN, PART, UNIT, SUM, BOUND, ADDED, REFERRED, SLID, UNREAD)
NOT_READ = (REFERRED, SLID, UNREAD)

# (source, file, {column: what it holds}); a special column holds a rate per programme.
BOOKS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("HTS 2025 rev. 10, 8-digit lines", "data/us_hts_2025_rev10_mfn_hs8.csv.gz",
     {"general": "general", "special": "special", "column2": "column 2"}),
    ("HTS 2025 rev. 10, chapter 99", "samples/usitc_hts_2025_revision_10_ch99.csv",
     {"General Rate of Duty": "general", "Special Rate of Duty": "special",
      "Column 2 Rate of Duty": "column 2"}),
    ("HTS 2025 basic, ten chapters", "samples/usitc_hts_2025_basic_subset.csv",
     {"General Rate of Duty": "general", "Special Rate of Duty": "special",
      "Column 2 Rate of Duty": "column 2"}),
    ("HTS 2022 rev. 3, chapter 85", "samples/usitc_hts_2022_revision_3_ch85.csv",
     {"General Rate of Duty": "general", "Special Rate of Duty": "special",
      "Column 2 Rate of Duty": "column 2"}),
    ("USITC tariff database 2017, 600 lines", "samples/usitc_tariff_database_2017_head600.csv",
     {"mfn_text_rate": "general", "col1_special_text": "special", "col2_text_rate": "column 2"}),
    ("HTS export as JSON, six records", "samples/usitc_hts_json_sample.json",
     {"general": "general", "special": "special", "other": "column 2"}),
)


def form(one: Duty) -> str:
    """The form a rate has, by the duty it was read into."""
    if isinstance(one, Unknown):
        return {REFERENCE: REFERRED, SLIDING: SLID}.get(one.reason, UNREAD)
    if one.text.lower().startswith("the "):
        return ADDED
    if isinstance(one, AdValorem):
        return PART if one.on else PLAIN if one.rate else FREE
    if isinstance(one, Compound):
        return SUM if one.op == "sum" else BOUND
    assert isinstance(one, Specific)
    return UNIT


def rates(text: str, special: bool) -> list[Duty]:
    """The rates of a cell: one, or in a special column one per programme named."""
    if not special:
        return [duty(text)]
    return list(programmes(text).values()) or [duty(text)]


def _rows(path: Path) -> Iterator[dict[str, str]]:
    if path.suffix == ".json":
        yield from json.loads(path.read_text(encoding="utf-8"))
    else:
        yield from read_rows(path)


def count(shared: Path) -> tuple[list[tuple[str, str, Counter[str]]], Counter[tuple[str, str]]]:
    """Forms by source and column, and the texts not read of all columns but the special ones."""
    table: list[tuple[str, str, Counter[str]]] = []
    unread: Counter[tuple[str, str]] = Counter()
    for name, file, columns in BOOKS:
        found: dict[str, Counter[str]] = {column: Counter() for column in columns}
        for row in _rows(shared / file):
            for column, holds in columns.items():
                text = (row.get(column) or "").strip()
                for one in rates(text, holds == "special") if text else ():
                    found[column][form(one)] += 1
                    if isinstance(one, Unknown) and holds != "special":
                        unread[form(one), one.text] += 1
        table += [(name, columns[c], counts) for c, counts in found.items() if counts.total()]
    return table, unread


def page(shared: Path, day: dt.date) -> str:
    """The page as Markdown."""
    table, unread = count(shared)
    lines = [
        "# Forms of rates", "",
        f"What `tradescen.duty` reads of the rates that USITC prints, counted on {day}. A special "
        "column counts one rate per programme named in brackets. Blank cells (headings, "
        "ten-digit lines) are left out.", "",
        "*On a part of the value*: a percentage of the case, the battery or the lead content. "
        "*Sum*: `46.3¢/kg + 14.9%`. *Added*: \"The duty provided in the applicable subheading + "
        "25%\" is read as the 25 %. *By reference*: the rate of another provision. *Sliding*: "
        "sugar by its polarisation. What is not read is `Unknown` with its text and reason, "
        "never 0.", "",
        "| source | column | rates | read | " + " | ".join(FORMS) + " |",
        "|---" * 2 + "|--:" * (2 + len(FORMS)) + "|",
    ]
    for name, column, counts in table:
        total = counts.total()
        read = total - sum(counts[f] for f in NOT_READ)
        cells = " | ".join(str(counts[f] or "") for f in FORMS)
        lines.append(f"| {name} | {column} | {total} | {100 * read / total:.2f}% | {cells} |")
    lines += [
        "", "## Not read", "",
        "Distinct texts of the general columns and of column 2.", "",
        "| why | times | text |", "|---|--:|---|",
    ]
    for (why, text), n in sorted(unread.items(), key=lambda kv: (kv[0][0], -kv[1], kv[0][1])):
        lines.append(f"| {why} | {n} | {text} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("shared", type=Path, help="folder with data/ and samples/")
    parser.add_argument("--date", type=dt.date.fromisoformat, default=dt.date.today(),
                        help="the day the page names")
    given = parser.parse_args()
    csv.field_size_limit(1 << 24)
    text = page(given.shared, given.date)
    PAGE.write_text(text, encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
