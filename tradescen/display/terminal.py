"""What the command line prints: tables that fit the terminal, bars, and the tree of a rate.

Bars and colours are for people: neither is printed where the output is piped or kept in a file.
"""

from __future__ import annotations

import os
import shutil
import textwrap
from collections.abc import Callable, Sequence
from typing import IO, TYPE_CHECKING, Any

import click
from attrs import frozen

from tradescen.display.sparks import text_bar
from tradescen.display.tables import columns_text, shown, wrapped
from tradescen.vocab.duty import percent
from tradescen.vocab.period import as_date

if TYPE_CHECKING:
    import pandas as pd

    from tradescen.frames.explain import Explanation, Step

__all__ = ["Look", "calendar_text", "check_text", "fitted", "measures_text", "packs_text",
           "rates_text", "tree", "tree_text"]

PIPED = 118  # columns where there is no terminal to ask
BAR = 14
LEAST = 24  # columns of a cell that is wrapped

Node = tuple[str, list[Any]]  # what is said, and what stands under it


@frozen(kw_only=True)
class Look:
    """How much room there is, and whether bars and colours are welcome.

    Args:
        width: Columns.
        bars: Bars and sparklines of block characters.
        colour: ANSI colours.
    """

    width: int = PIPED
    bars: bool = False
    colour: bool = False

    @classmethod
    def of(cls, stream: IO[Any]) -> Look:
        """What suits a stream: a terminal's own width, bars, and colours unless ``NO_COLOR`` is
        set or the terminal is dumb; elsewhere ``COLUMNS`` or a fixed width, and neither."""
        terminal = bool(getattr(stream, "isatty", bool)())
        dumb = os.environ.get("TERM") == "dumb"
        return cls(width=max(40, shutil.get_terminal_size((PIPED, 24)).columns), bars=terminal,
                   colour=terminal and not dumb and not os.environ.get("NO_COLOR"))

    def paint(self, text: str, **style: Any) -> str:
        """Text in a style, where colours are welcome."""
        return click.style(text, **style) if self.colour and style else text


def fitted(head: Sequence[str], rows: Sequence[Sequence[str]], look: Look, flex: int,
           styles: Sequence[dict[str, Any]] = (), least: int = LEAST) -> str:
    """A table no wider than the look allows: the column *flex* is wrapped in its cell, down to
    *least* characters."""
    wide = [max(len(r[n]) for r in (head, *rows)) for n in range(len(head))]
    others = sum(w for n, w in enumerate(wide) if n != flex) + 2 * (len(head) - 1)
    wide[flex] = min(wide[flex], max(least, look.width - others))
    out = [look.paint("  ".join(h.ljust(w) for h, w in zip(head, wide, strict=True)).rstrip(),
                      bold=True),
           look.paint("  ".join("─" * w for w in wide), dim=True)]
    for k, row in enumerate(rows):
        style = styles[k] if k < len(styles) else {}
        cell = textwrap.wrap(row[flex], wide[flex], break_on_hyphens=False) or [""]
        for n, line in enumerate(cell):
            cells = [line if c == flex else (text if n == 0 else "") for c, text in enumerate(row)]
            out.append(look.paint(
                "  ".join(c.ljust(w) for c, w in zip(cells, wide, strict=True)).rstrip(), **style))
    return "\n".join(out)


def _style(row: dict[Any, Any]) -> dict[str, Any]:
    if row["kind"] == "snapback":
        return {"fg": "red", "bold": True}
    if row["status"] == "threatened":
        return {"fg": "yellow"}
    if row["status"] in ("lapsed", "withdrawn"):
        return {"dim": True}
    return {}


def calendar_text(frame: pd.DataFrame, look: Look) -> str:
    """A calendar: one act, milestone or end of a suspension a row, and what it changed."""
    rows, styles = [], []
    kinds = look.width >= 100  # else the words of the row have to tell
    for row in frame.to_dict("records"):
        moved = f": {row['before'] or 'nothing'} → {row['after'] or 'nothing'}" if (
            row["before"] or row["after"]
        ) else ""
        rows.append([str(as_date(row["date"])), row["actor"], *([row["kind"]] if kinds else []),
                     f"{row['what']}{moved}  [{row['id']}]",
                     row["status"]])
        styles.append(_style(row))
    head = ["date", "by", *(["kind"] if kinds else []), "what", "status"]
    return fitted(head, rows, look, head.index("what"), styles)


def measures_text(frame: pd.DataFrame, look: Look) -> str:
    """Measures and their spells; pieces of a measure that read alike are one row."""
    head = ["by", "measure", "status", "duty", "start", "end"]
    found = {(r["importer"], r["measure"], r["status"], r["duty"], shown(r["start"]),
              shown(r["end"])): _style({"kind": "", **r}) for r in frame.to_dict("records")}
    return fitted(head, [list(row) for row in found], look, 3, list(found.values()), least=8)


def check_text(frame: pd.DataFrame, more: str, look: Look) -> str:
    """What to know, one entry a line, those that are errors in red; last what is left out."""
    out = []
    for row in frame.to_dict("records"):
        named = f" {row['id']}" if row["id"] else ""
        text = wrapped(f"{row['severity']:<8}{row['rule']}{named}: {row['message']}", look.width)
        style = {"fg": "red"} if row["severity"] == "error" else {}
        out += [look.paint(line, **style) for line in text.splitlines()]
    return "\n".join([*out, *([wrapped(more, look.width)] if more else [])])


def rates_text(frame: pd.DataFrame, look: Look) -> str:
    """The rates of lines of one direction on one day; on a terminal a bar for each rate."""
    rows = frame.to_dict("records")
    if not rows:
        return "no lines"
    title = f"{rows[0]['importer']} on goods of {rows[0]['exporter']}, {as_date(rows[0]['date'])}"
    values = [float(r["rate"]) for r in rows]
    top = max((v for v in values if v == v), default=0.0) or 1.0
    cells = [[r["product"], shown(v, "rate"), *([text_bar(v / top, BAR)] if look.bars else []),
              shown(r["additional_rate"], "rate"),
              "part suspended" if r["status"] == "suspended" else r["status"]]
             for r, v in zip(rows, values, strict=True)]
    head = ["product", "rate", *([""] if look.bars else []), "additional", "status"]
    return f"{look.paint(title, bold=True)}\n{columns_text(head, cells)}"


# -- the tree of a rate -------------------------------------------------------------------


def tree(nodes: Sequence[Node], width: int, stem: str = "") -> list[str]:
    """Nodes under each other with their branches drawn, each wrapped beside its stem."""
    out = []
    for n, (text, under) in enumerate(nodes):
        last = n + 1 == len(nodes)
        first, rest = stem + ("└─ " if last else "├─ "), stem + ("   " if last else "│  ")
        hang = rest + ("│    " if under else "     ")
        lines = textwrap.wrap(text, max(LEAST, width - len(first)), break_on_hyphens=False,
                              drop_whitespace=False)
        room = max(LEAST, width - len(hang))
        out.append(first + (lines[0].rstrip() if lines else ""))
        out += [hang + line for line in textwrap.wrap("".join(lines[1:]).strip(), room,
                                                      break_on_hyphens=False)]
        out += tree(under, width, rest)
    return out


def _facts(step: Step) -> list[Node]:
    """What stands behind a part: its act with the clocks, what moved it, where it was read."""
    doubt = "" if step.confidence in ("", "high") else f" [confidence: {step.confidence}]"
    said = [
        ("act", ", ".join(step.because) + (f"; {step.clocks}" if step.clocks else "")),
        ("moved by", ", ".join(step.moved_by)), ("snapback", step.snapback),
        ("goods amended by", ", ".join(step.scope_by)), ("unknown", step.reason),
        ("assumed", step.note), ("source", f"{step.source}{doubt}" if step.source else ""),
    ]
    return [(f"{name}: {text}", []) for name, text in said if text]


def tree_text(found: Explanation, look: Look) -> str:
    """A rate as a tree: its parts, under each the act and the source, then what charges nothing."""
    e = found
    late = ", projected" if e.status == "projected" else ""
    way = f"{e.scenario}{'/' + e.path if e.path else ''}"
    assumed = f"; assumptions: {e.assumptions}" if e.assumptions not in ("", "none") else ""
    title = (f"{e.importer} on {e.product} from {e.exporter}, {e.on}{late} ({way}): "
             f"{percent(e.rate)}, of which additional {percent(e.additional_rate)}{assumed}")
    idle = [s for s in e.steps if s.status == "suspended" and s.contribution == 0]
    top = max((s.contribution for s in e.steps if s.contribution == s.contribution), default=0.0)

    def label(s: Step) -> str:
        share = "" if s.coverage == 1 else f" on {percent(s.coverage)} of value"
        bar = f" {text_bar(s.contribution / (top or 1.0), BAR):<{BAR}}" if look.bars else ""
        return (f"{percent(s.contribution):>7}{bar}  {s.measure} ({s.authority}), {s.status}: "
                f"{s.duty}{share}")

    nodes: list[Node] = [(label(s), _facts(s)) for s in e.steps if s not in idle]
    alike: dict[Any, list[Step]] = {}  # one act over several measures is one node
    for s in (*e.pending, *idle):
        alike.setdefault((s.because, s.status, s.duty, s.authority), []).append(s)
    free: list[Node] = [
        (f"{held[0].status}  {', '.join(s.measure for s in held)} ({held[0].authority}): "
         f"{held[0].duty}", _facts(held[0])) for held in alike.values()
    ]
    free += [(f"exempt  {measure}: this product is on its list of exceptions",
              [(f"act: {', '.join(by)}", [])]) for measure, by in e.exempt]
    if free:
        nodes.append(("charging nothing", free))
    lines = tree(nodes, look.width)
    if look.colour:
        lines = [_dimmed(line, look) for line in lines]
    return "\n".join([look.paint(wrapped(title, look.width), bold=True), *lines])


def _dimmed(line: str, look: Look) -> str:
    """The stem of a line of a tree in a faint colour, the parts themselves bold."""
    text = line.lstrip("│├└─ ")
    stem = line[: len(line) - len(text)]
    part = stem.startswith(("├", "└"))  # a part of the rate, not what stands behind it
    return look.paint(stem, dim=True) + (look.paint(text, bold=True) if part else text)


# -- packs --------------------------------------------------------------------------------


def packs_text(frame: pd.DataFrame, look: Look) -> str:
    """Records with their known gaps, then the what-ifs with a line each on what they ask."""
    kinds: dict[str, Callable[[dict[Any, Any]], list[str]]] = {
        "record": _record, "what-if": _whatif}
    out = []
    for kind, lines in kinds.items():
        rows = [r for r in frame.to_dict("records") if r["kind"] == kind]
        if rows:
            out += [look.paint(f"{kind}s", bold=True)]
            out += [wrapped(line, look.width) for row in rows for line in lines(row)]
            out.append("")
    return "\n".join([*out, "`tradescen run NAME` shows one; a way of a what-if is NAME/WAY"])


def _record(row: dict[Any, Any]) -> list[str]:
    out = [f"  {row['name']}: {row['what']}",
           f"    version {row['version']}, data to {row['data_date']:%Y-%m-%d}"]
    if row["editions"]:
        out.append(f"    codes: {row['editions']}")
    if row["known_gaps"]:
        out += ["    known gaps:", *(f"      - {g}" for g in row["known_gaps"].splitlines())]
    return out


def _whatif(row: dict[Any, Any]) -> list[str]:
    return [f"  {row['name']}: {row['what']} ({row['sources']})"]
