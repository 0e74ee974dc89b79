"""Pages of the packaged record, written from the record: every measure, every act, every gap.

Usage: python -m tools.record_page FOLDER

``docs/conf.py`` calls it, so the pages are never older than the pack they speak of.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import tradescen as ts
from tradescen.packaged.store import read_manifest

NAMES = {"USA": "The United States on goods of China", "CHN": "China on goods of the United States"}
OPEN = "no end"


def plain(text: Any) -> str:
    """Text that MyST prints as it is."""
    return re.sub(r"([\\`*_{}\[\]<>|$#~@])", r"\\\1", str(text)).replace("\n", " ")


def day(value: Any, none: str = OPEN) -> str:
    """A date as ISO text."""
    return none if value != value else str(value.date())


def citations(text: str) -> list[str]:
    """The documents of one citation, each once."""
    return list(dict.fromkeys(part.strip() for part in text.split("|") if part.strip()))


def spells(rows: list[dict[str, Any]]) -> Iterator[tuple[str, str, str, str]]:
    """First day, end, status and duty of each spell; spells that differ in goods only as one."""
    held: list[list[Any]] = []
    for row in sorted(rows, key=lambda r: (str(r["start"]), str(r["end"]))):
        same = next((h for h in held if h[2:] == [row["status"], row["duty"]]
                     and (h[1] == row["start"] or h[0] <= row["start"] < h[1]
                          or h[0] == row["start"])), None)
        if same is None:
            held.append([row["start"], row["end"], row["status"], row["duty"]])
        elif row["end"] != row["end"] or row["end"] > same[1]:
            same[1] = row["end"]
    for start, end, status, duty in held:
        yield day(start, "the start"), day(end), status, duty


def measures(record: ts.Scenario) -> str:
    """The page of measures."""
    frame = record.measures()
    out = [
        "---\ntocdepth: 3\n---",
        "# The record, measure by measure",
        f"Every measure of `ts.load(\"us-china\")`: {frame['measure'].nunique()} measures, data to "
        f"{record.data_date}. This page is written from the record each time the documentation is "
        "built. *Up to* is the first day on which the row no longer holds; what lies after the "
        "data date is the law as it stood. The duty of a suspended measure is what is still "
        "charged. A row spans changes of the list of goods, which the "
        "[calendar](calendar.md) shows act by act. Sources are those of all acts behind a row, "
        "so one document may speak of a later act. [Method and known gaps](method.md) says what "
        "is not here.",
    ]
    for importer in ("USA", "CHN"):
        side = frame[frame["importer"] == importer]
        out.append(f"## {NAMES[importer]}")
        for authority, held in side.groupby("authority", sort=True):
            out.append(f"### {authority} ({importer})")
            for name, rows in held.groupby("measure", sort=False):
                origins = rows["exporters"].iloc[-1]
                said = "all origins" if origins == "ALL" else plain(origins)
                out.append(f"**`{name}`**, goods of {said}")
                table = ["{.spells}", "| from | up to | status | duty |", "|---|---|---|---|"]
                table += ["| " + " | ".join([a, b, c, plain(d)]) + " |"
                          for a, b, c, d in spells(rows.to_dict("records"))]
                out.append("\n".join(table))
                read = dict.fromkeys(c for s in rows["source"] for c in citations(s))
                out.append("*Sources:* " + "; ".join(map(plain, read)) + ".")
    return "\n\n".join(out) + "\n"


def calendar(record: ts.Scenario) -> str:
    """The page of acts and events."""
    frame = record.timeline()
    out = [
        "---\ntocdepth: 2\n---",
        "# The calendar",
        f"`ts.load(\"us-china\").timeline()`: {len(frame)} acts, events and ends of suspensions by "
        "the day they take effect, with what each changed. Written from the record each time the "
        "documentation is built.",
    ]
    for year, rows in frame.groupby(frame["date"].dt.year):
        out.append(f"## {year}")
        for row in rows.to_dict("records"):
            moved = ""
            if row["before"] or row["after"]:
                moved = f": {row['before'] or 'nothing'} → {row['after'] or 'nothing'}"
            read = "; ".join(map(plain, citations(row["source"])))
            out.append(
                f"{day(row['date'])} · {row['actor'] or 'both'} · {row['kind']} · {row['status']}\n"
                f": {plain(row['what'] + moved)} (`{row['id']}`)" + (f". *{read}*" if read else "")
            )
    return "\n\n".join(out) + "\n"


def fragments(record: ts.Scenario) -> dict[str, str]:
    """What the pack says of itself, as lists for docs/method.md."""
    manifest = read_manifest(record.pack)
    editions = "; ".join(f"{k}: {v}" for k, v in manifest["editions"].items())
    return {
        "head": f"{manifest['title']}; version {manifest['version']}, "
                f"{manifest['first_day']} to {manifest['data_date']}; codes: {editions}.",
        "gaps": listed(manifest["known_gaps"]),
        "sources": listed(manifest["sources"]),
        "assumptions": listed(f"{name}: {note}" for name, note in record.assumptions.notes),
    }


def listed(texts: Iterable[str]) -> str:
    """A list, one point a text."""
    return "\n".join(f"* {plain(text)}" for text in texts)


def write_pages(folder: Path) -> None:
    """Write pages and fragments, those that changed."""
    record = ts.load("us-china")
    made = {"record.md": measures(record), "calendar.md": calendar(record)}
    made |= {f"_made/{name}.md": text + "\n" for name, text in fragments(record).items()}
    for name, text in made.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))
