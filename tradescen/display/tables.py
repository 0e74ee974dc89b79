"""Tables as text for terminals: futures × dates, and the acts behind each change."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tradescen.display.phrases import path_name
from tradescen.display.sparks import Step, text_stairs
from tradescen.vocab.period import as_date

if TYPE_CHECKING:
    import pandas as pd

    from tradescen.frames.run import Run
    from tradescen.result import Result

__all__ = ["acts_text", "bilateral_text", "columns_text", "is_threat", "label", "moves", "shown",
           "wrapped"]

WIDTH = 56  # of a free-text cell
WIDE = 100  # from here on there is room for sparklines
_MOVING = ("impose", "amend", "terminate", "suspend", "snapback")
TICKS = 16  # characters of a sparkline


def shown(value: Any, column: str = "") -> str:
    """A value as a cell: rates and shares as percentages, days as ISO text, long text cut."""
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


def label(result: Result, scenario: str, path: str) -> str:
    """The name of a future: its path's, with the scenario's before it where there are several."""
    return path_name(scenario, path, len(result.scenarios) == 1)


def _shown(row: dict[Any, Any]) -> str:
    if math.isnan(row["rate"]):
        return f"unknown ({row['additional_rate'] * 100:.1f})"
    return f"{row['rate'] * 100:.1f} ({row['additional_rate'] * 100:.1f})"


def _trends(part: pd.DataFrame, result: Result, top: float) -> dict[str, str]:
    """A sparkline over the window for each future of one direction, to the highest rate."""
    start, end = result.runs[0].start, result.runs[0].end
    found: dict[str, list[Step]] = {}
    for row in part.to_dict("records"):
        found.setdefault(label(result, row["scenario"], row["path"]), []).append(
            Step(as_date(row["start"]), as_date(row["end"]), row["rate"]))
    return {name: text_stairs(steps, start, end, top, TICKS) for name, steps in found.items()}


def bilateral_text(result: Result, width: int = 118, bars: bool = False) -> str:
    """One table per direction: futures down, the dates on which some future moves across.

    With *bars* and room for it, a sparkline over the whole window stands beside each future.
    """
    frame = result.bilateral()
    out = []
    for importer, exporter in dict.fromkeys(
        zip(frame["importer"], frame["exporter"], strict=True)
    ):
        pair = f"{importer} on {exporter}"
        part = frame[(frame["importer"] == importer) & (frame["exporter"] == exporter)]
        dates = sorted(set(part["start"]))
        cells = {label(result, r.scenario, r.path): [""] * len(dates) for r in result.runs}
        for row in part.to_dict("records"):
            for n, day in enumerate(dates):
                if row["start"] <= day < row["end"]:
                    cells[label(result, row["scenario"], row["path"])][n] = _shown(row)
        # A date on which nothing moves by as much as is printed needs no column.
        keep = [n for n in range(len(dates))
                if n == 0 or any(c[n] != c[n - 1] for c in cells.values())]
        out.append(wrapped(
            f"{importer} on goods of {exporter}: mean statutory rate, all-in "
            f"(additional)\nweighted by {frame.attrs['weights'][pair]}; the all-in rate is "
            f"known for {part['known_share'].min():.1%} of that trade, the additional for "
            f"{part['additional_known_share'].min():.1%}", width))
        top = float(part["rate"].max())
        trends = _trends(part, result, top) if bars and width >= WIDE else {}
        first = max(len("% from"), *map(len, cells)) + (TICKS + 2 if trends else 0)
        each = max(len("2025-01-01"), *(len(t) for c in cells.values() for t in c)) + 2
        many = max(1, (width - first) // each)
        for at in range(0, len(keep), many):
            columns = keep[at : at + many]
            if at:
                trends, out = {}, [*out, ""]
            head = ["% from", *([f"0–{top:.1%}"] if trends else []),
                    *(dates[n].strftime("%Y-%m-%d") for n in columns)]
            body = [[name, *([trends[name]] if trends else []), *(c[n] for n in columns)]
                    for name, c in cells.items()]
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


def acts_text(result: Result, width: int = 118) -> str:
    """The acts behind each change: those common to all futures once, then each one's own."""
    by_name = {label(result, r.scenario, r.path): _moves(r) for r in result.runs}
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
    return wrapped("\n".join(out), width)
