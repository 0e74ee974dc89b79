"""Pieces of HTML for notebooks and pages: everything is escaped unless it is `Html` already.

One rule for looks: no colour of its own for text or background. Lines and tints are
``currentColor`` or the one accent, so that a piece reads on light and on dark pages alike. The
style sheet names nothing outside ``.tradescen``.
"""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Iterable, Sequence
from typing import Any

from tradescen.vocab.source import Source

__all__ = ["Html", "card", "details", "esc", "joined", "lines", "pairs", "source", "table", "tag"]

STYLE = """
.tradescen{font-size:13px;line-height:1.45;margin:.3em 0;max-width:100%;overflow-x:auto}
.tradescen .ts-head{margin:.1em 0 .5em}
.tradescen .ts-head b{font-size:1.12em}
.tradescen .ts-dim{opacity:.72}
.tradescen .ts-title{margin:.6em 0 .1em}
.tradescen table.ts-table{border-collapse:collapse;margin:.2em 0 .6em;border:0;font-size:inherit;
color:inherit;table-layout:auto;width:auto}
.tradescen table.ts-table tr,.tradescen table.ts-table tr:nth-child(n){background:transparent}
.tradescen table.ts-table th,.tradescen table.ts-table td{text-align:left;vertical-align:top;
padding:.16em .8em .16em 0;border:0;border-bottom:1px solid color-mix(in srgb,currentColor 14%,
transparent);max-width:34em;white-space:normal;color:inherit;background:transparent}
.tradescen table.ts-table thead th{border-bottom-color:color-mix(in srgb,currentColor 45%,
transparent);font-weight:600;white-space:nowrap}
.tradescen table.ts-table th.ts-band{padding-top:.7em;font-weight:600}
.tradescen table.ts-table .ts-num{text-align:right;white-space:nowrap;
font-variant-numeric:tabular-nums}
.tradescen table.ts-table .ts-what{min-width:12em}
.tradescen table.ts-table .ts-day,.tradescen table.ts-table .ts-id{white-space:nowrap;
font-variant-numeric:tabular-nums}
.tradescen .ts-badge{white-space:nowrap;border:1px solid color-mix(in srgb,currentColor 35%,
transparent);border-radius:.7em;padding:0 .5em;font-size:.92em}
.tradescen .ts-badge.ts-open{border-style:dashed}
.tradescen details{margin:.1em 0}
.tradescen details summary{cursor:pointer;opacity:.8;white-space:nowrap}
.tradescen td details{margin:0}
.tradescen details[open] summary{opacity:1}
.tradescen details .ts-more{margin:.2em 0 .4em .9em}
.tradescen td .ts-more{min-width:20em;white-space:normal}
.tradescen a{color:inherit;text-decoration:underline;text-decoration-style:dotted}
.tradescen svg{vertical-align:middle;overflow:visible}
.tradescen ul.ts-tree{margin:.1em 0;padding-left:1.2em}
""".strip().replace("\n", "")


class Html(str):
    """Text that is markup already and is not escaped again."""

    __slots__ = ()


def esc(value: Any) -> Html:
    """A value as markup: text is escaped, days are ISO, nothing is shown for ``None``."""
    if isinstance(value, Html):
        return value
    if value is None:
        return Html("")
    if isinstance(value, dt.date):
        return Html(f"{value:%Y-%m-%d}")
    return Html(html.escape(str(value), quote=True))


def joined(parts: Iterable[Any], between: str = "") -> Html:
    """Pieces one after the other, each escaped if it is no markup."""
    return Html(html.escape(between).join(esc(p) for p in parts))


def lines(parts: Iterable[Any]) -> Html:
    """Pieces one below the other."""
    return Html("<br>".join(esc(p) for p in parts))


def tag(name: str, content: Any = "", css: str = "", **attributes: Any) -> Html:
    """One element; *css* names its classes."""
    given = {"class": css, **attributes} if css else attributes
    said = "".join(f' {key.rstrip("_")}="{esc(value)}"' for key, value in given.items())
    return Html(f"<{name}{said}>{esc(content)}</{name}>")


def details(summary: Any, content: Any, open_: bool = False) -> Html:
    """What opens on a click."""
    inner = tag("div", content, "ts-more")
    start = "<details open>" if open_ else "<details>"
    return Html(f"{start}{tag('summary', summary)}{inner}</details>")


def table(head: Sequence[Any], rows: Iterable[Sequence[Any]], css: Sequence[str] = ()) -> Html:
    """A table; *css* gives a class for each column. A row of one cell is a band across."""
    kinds = [*css, *[""] * (len(head) - len(css))]
    top = joined(tag("th", h, kinds[n], scope="col") for n, h in enumerate(head))
    body = []
    for row in rows:
        if len(row) == 1:
            cells: Html = tag("th", row[0], "ts-band", colspan=len(head), scope="rowgroup")
        else:
            cells = joined(tag("td", c, kinds[n]) for n, c in enumerate(row))
        body.append(tag("tr", cells))
    inner = joined((tag("thead", tag("tr", top)), tag("tbody", joined(body))))
    return tag("table", inner, "ts-table")


def pairs(rows: Iterable[tuple[Any, Any]]) -> Html:
    """What is said of a value, a name and its content a row; empty ones are left out."""
    body = joined(
        tag("tr", joined((tag("th", name, "ts-dim ts-id", scope="row"), tag("td", content))))
        for name, content in rows if content not in (None, "", ())
    )
    return tag("table", tag("tbody", body), "ts-table")


def source(value: Source | None, summary: str = "source") -> Html:
    """A citation behind a click on *summary*; a link only where the address is one of the web."""
    if value is None:
        return esc(summary) if summary != "source" else tag("span", "no source given", "ts-dim")
    said: list[Any] = [value.citation]
    if value.url.lower().startswith(("https://", "http://")):
        said.append(tag("a", value.url, href=value.url, rel="noopener noreferrer"))
    elif value.url:
        said.append(value.url)
    if value.note:
        said.append(value.note)
    if value.confidence != "high":
        said.append(f"confidence: {value.confidence}")
    return details(summary, lines(said))


def card(*parts: Any) -> str:
    """The whole of what a notebook shows for one value."""
    return str(tag("div", joined((Html(f"<style>{STYLE}</style>"), *parts)), "tradescen"))
