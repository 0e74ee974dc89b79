"""Tables as text for terminals: futures × dates, and the acts behind each change."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tradescen.vocab.period import as_date

if TYPE_CHECKING:
    import pandas as pd

    from tradescen.frames.run import Run
    from tradescen.result import Result

__all__ = ["acts_text", "bilateral_text", "calendar_text", "columns_text", "is_threat", "moves",
           "table_text", "wrapped"]

WIDTH = 56  # of a free-text cell
_MOVING = ("impose", "amend", "terminate", "suspend", "snapback")
DATES = 6  # date columns of one table


def _cell(value: Any, column: str = "") -> str:
    if hasattr(value, "strftime"):
        return "" if str(value) == "NaT" else str(value.strftime("%Y-%m-%d"))
    if isinstance(value, float):
        if math.isnan(value):
            return "unknown" if "rate" in column else ""
        return f"{value * 100:.2f}%" if "rate" in column or "share" in column else f"{value:g}"
    text = str(value)
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


def columns_text(head: Sequence[str], rows: Sequence[Sequence[str]], right: bool = False) -> str:
    """Aligned columns under a rule; numbers to the right of the first column if *right*."""
    widths = [max(len(str(r[n])) for r in (head, *rows)) for n in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        out = [
            c.rjust(w) if right and n else c.ljust(w)
            for n, (c, w) in enumerate(zip(cells, widths, strict=True))
        ]
        return "  ".join(out).rstrip()

    return "\n".join([line(head), "  ".join("─" * w for w in widths), *map(line, rows)])


def wrapped(text: str, width: int = 118) -> str:
    """Text with long lines broken; what follows a break is indented under its line."""
    out = []
    for line in text.splitlines():
        pad = " " * (len(line) - len(line.lstrip()))
        out += textwrap.wrap(line, width, subsequent_indent=pad + "  ", break_on_hyphens=False,
                             replace_whitespace=False, drop_whitespace=True) or [""]
    return "\n".join(out)


def table_text(frame: pd.DataFrame) -> str:
    """A frame as aligned text; rates as percentages, unknown said as such."""
    head = [str(c) for c in frame.columns]
    rows = [[_cell(v, c) for v, c in zip(row, head, strict=True)]
            for row in frame.itertuples(index=False)]
    return columns_text(head, rows)


def calendar_text(frame: pd.DataFrame) -> str:
    """A calendar: one entry a row, what happened and what it changed."""
    out = []
    for row in frame.to_dict("records"):
        moved = f": {row['before'] or 'nothing'} → {row['after'] or 'nothing'}" if (
            row["before"] or row["after"]
        ) else ""
        out.append(wrapped(
            f"{as_date(row['date'])}  {row['actor']:<8} {row['kind']:<14} {row['what']}{moved}  "
            f"[{row['id']}; {row['status']}]"
        ))
    return "\n".join(out)


def _label(scenario: str, path: str) -> str:
    return path or scenario


def _shown(row: dict[Any, Any]) -> str:
    if math.isnan(row["rate"]):
        return f"unknown ({row['additional_rate'] * 100:.1f})"
    return f"{row['rate'] * 100:.1f} ({row['additional_rate'] * 100:.1f})"


def bilateral_text(result: Result) -> str:
    """One table per direction: futures down, the dates on which some future moves across."""
    frame = result.bilateral()
    out = []
    for importer, exporter in dict.fromkeys(
        zip(frame["importer"], frame["exporter"], strict=True)
    ):
        pair = f"{importer} on {exporter}"
        part = frame[(frame["importer"] == importer) & (frame["exporter"] == exporter)]
        dates = sorted(set(part["start"]))
        cells = {_label(r.scenario, r.path): [""] * len(dates) for r in result.runs}
        for row in part.to_dict("records"):
            for n, day in enumerate(dates):
                if row["start"] <= day < row["end"]:
                    cells[_label(row["scenario"], row["path"])][n] = _shown(row)
        # A date on which nothing moves by as much as is printed needs no column.
        keep = [n for n in range(len(dates))
                if n == 0 or any(c[n] != c[n - 1] for c in cells.values())]
        out.append(
            f"{importer} on goods of {exporter}: mean statutory rate, all-in (additional duties "
            f"alone in brackets)\nweighted by {frame.attrs['weights'][pair]}; the all-in rate is "
            f"known for {part['known_share'].min():.1%} of that trade, the additional for "
            f"{part['additional_known_share'].min():.1%}"
        )
        for at in range(0, len(keep), DATES):
            columns = keep[at : at + DATES]
            head = ["% from", *(dates[n].strftime("%Y-%m-%d") for n in columns)]
            body = [[name, *(c[n] for n in columns)] for name, c in cells.items()]
            out.append(columns_text(head, body, right=True))
        out.append("")
    return "\n".join(out)


def is_threat(row: dict[Any, Any]) -> bool:
    """Whether a row of the calendar is a measure that was never charged."""
    return row["kind"] == "impose" and row["status"] in ("threatened", "lapsed", "withdrawn")


def moves(row: dict[Any, Any]) -> bool:
    """Whether a row of the calendar moves a rate, or threatens to."""
    return row["kind"] in _MOVING and (
        row["before"] != row["after"] or is_threat(row) or "scope of" in row["what"]
    )


def _moves(run: Run) -> dict[tuple[str, ...], str]:
    """The acts of one path in the window that move a rate, as lines."""
    from tradescen.frames.acts import timeline_rows

    frame = timeline_rows(run.timeline, run.start, run.end, run.end)
    lines: dict[tuple[str, ...], str] = {}
    for row in frame.to_dict("records"):
        kind, before, after = row["kind"], row["before"], row["after"]
        threat, scope = is_threat(row), "scope of" in row["what"]
        if not moves(row):
            continue
        day = as_date(row["date"])
        change, mark = f"{before or 'nothing'} → {after or 'nothing'}", ""
        if scope:
            change = "other goods or origins"
        if kind == "snapback":
            mark = "SNAPBACK  "
        if threat:
            change, mark = f"{after}, {row['status']}: charges nothing", "THREAT    "
        key = (str(day), row["id"], kind, row["what"])
        lines[key] = f"{day}  {row['actor']:<4} {mark}{row['what']}: {change}  [{row['id']}]"
    return lines


def acts_text(result: Result) -> str:
    """The acts behind each change: those common to all futures once, then each one's own."""
    by_name = {_label(r.scenario, r.path): _moves(r) for r in result.runs}
    names = list(by_name)
    common = [
        text for key, text in by_name[names[0]].items()
        if all(other.get(key) == text for other in by_name.values())
    ]
    out = ["The acts behind the changes"]
    if len(names) > 1:
        out += ["  in every future", *(f"    {line}" for line in common or ["none"])]
    for name in names:
        own = [t for t in by_name[name].values() if len(names) == 1 or t not in common]
        out += [f"  {name}", *(f"    {line}" for line in own or ["nothing further"])]
    return "\n".join(out)
