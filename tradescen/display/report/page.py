"""The page itself: template, style and script are files beside this one; data is filled in."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import html
import json
import math
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from tradescen import __version__
from tradescen.display.palette import DARK, LIGHT
from tradescen.display.report.content import content
from tradescen.vocab.duty import percent

if TYPE_CHECKING:
    from tradescen.result import Result

__all__ = ["as_script_data", "page", "write"]

SCRIPTS = ("base.js", "model.js", "chart.js", "table.js", "explain.js", "goods.js", "page.js")


def _file(name: str) -> str:
    return (files("tradescen.display.report") / name).read_text(encoding="utf-8")


def _style() -> str:
    """The style sheet with the colours of the series."""
    light, dark = (" ".join(f"--s{n}: {one};" for n, one in enumerate(c)) for c in (LIGHT, DARK))
    return Template(_file("page.css")).substitute(light=light, dark=dark)


def _digest(text: str) -> str:
    """The hash by which the page's own policy knows its script and style."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def as_script_data(data: Any) -> str:
    """JSON that may stand inside ``<script>``: no text in it can end the element."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text


def _words(day: str | dt.date) -> str:
    """A day as it is read: 24 October 2025."""
    given = dt.date.fromisoformat(str(day))
    return f"{given.day} {given:%B %Y}"


def _title(result: Result) -> str:
    return "Tariff scenarios: " + ", ".join(s.name for s in result.scenarios)


def _definition(result: Result, data: dict[str, Any]) -> list[tuple[str, str]]:
    """What the numbers are, as terms and their values."""
    attrs = data["definition"]
    first = result.runs[0]
    weights = [
        f"{pair}: {name}" + ("" if str(year) in name else f" ({year})")
        for (pair, name), year in zip((attrs["weights"] or {}).items(),
                                      (attrs["weights_year"] or {}).values(), strict=True)
    ]
    out = [
        ("Quantity", f"{attrs['quantity']}, % of customs value"),
        ("Weights", "; ".join(weights) or "none: every tariff line counts the same"),
        ("Assumptions", ", ".join(attrs["assumptions"])),
        *([("Goods", ", ".join(result.products))] if result.products else []),
        ("Days shown", f"{_words(first.start)} to {_words(first.end - dt.timedelta(days=1))}"),
    ]
    for term, name in (("Told from the evening of", "known_on"), ("Data to", "data_date")):
        days = attrs[name]
        told = [_words(d) for d in days.values()] if len(set(days.values())) == 1 and len(
            days) == len(result.scenarios) else [f"{s}: {_words(d)}" for s, d in days.items()]
        if told:
            out.append((term, "; ".join(dict.fromkeys(told))))
    same = len(set(attrs["digests"].values())) == 1
    out.append(("Schedule digest", "; ".join(
        d if same else f"{s}: {d}" for s, d in list(attrs["digests"].items())[: 1 if same else None]
    )))
    out.append(("Version", f"tradescen {attrs['tradescen']}"))
    return out


def _conventions(result: Result, data: dict[str, Any]) -> list[tuple[str, str]]:
    attrs = data["definition"]
    weighted = "; ".join(f"{p}: {n}" for p, n in (attrs["weights"] or {}).items())
    mean = (
        f"Rates of tariff lines weighted by trade ({weighted}), over the trade whose rate is "
        "known. “Known for” says how much of the trade that is."
        if weighted else
        "The plain mean over tariff lines whose rate is known; no trade weights were given."
    )
    return [
        ("Statutory rate", "What the law charges, as a share of customs value. It is not what was "
         "collected: preferences, drawback and goods on the water when a duty began are not in "
         "it."),
        ("All-in rate", "The base (MFN) duty and all additional duties."),
        ("Additional rate", "All duties on top of the base duty."),
        ("Average", mean),
        ("Unknown", "No number can be given: a duty by weight or piece without a unit value, a "
         "share no act states, a line no list places. It is never counted as 0."),
        ("Contribution", "What one authority or measure adds to the rate. The contributions sum "
         "to the rate."),
        ("“USA on goods of CHN”", "The importer charges; the other is the country of origin. "
         "Names are customs territories, so CHN does not include Hong Kong or Macao."),
        ("From, until", "“From” is the first day of a rate, “until” the first day it no longer "
         "holds."),
        ("Threatened, scheduled", "Announced but not enacted: charges nothing. Enacted but not "
         "yet in effect: charges nothing yet."),
        ("Suspended, snapback", "Held back for a term; a residual duty may stay. When the term "
         "ends, the duty as amended meanwhile is charged again: the snapback."),
        ("Projected", "After the last day the scenario speaks of, the law as it then stood is "
         "carried forward."),
    ]


def _list(pairs: Iterable[tuple[str, str]], kind: str) -> str:
    rows = "".join(
        f"<div><dt>{html.escape(term)}</dt><dd>{html.escape(said)}</dd></div>"
        for term, said in pairs
    )
    return f'<dl class="{kind}">{rows}</dl>'


def _items(texts: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{html.escape(t)}</li>" for t in texts) + "</ul>"


def _gaps(result: Result) -> str:
    """What is known to be missing, and what is assumed."""
    gaps = list(dict.fromkeys(g for s in result.scenarios for g in s.gaps))
    days = sorted({str(s.data_date) for s in result.scenarios if s.data_date})
    upto = f" (to {', '.join(_words(d) for d in days)})" if days else ""
    out = [f"<p>What the record{html.escape(upto)} is known not to hold:</p>{_items(gaps)}"
           if gaps else "<p>The scenarios name no known gaps.</p>"]
    sets = {r.assumptions.name: r.assumptions for r in result.runs}
    for name, one in sets.items():
        if one.notes:
            out.append(f"<h3>Assumptions “{html.escape(name)}”</h3>"
                       + _items(f"{measure}: {note}" for measure, note in one.notes))
    return "".join(out)


def _values(table: dict[str, Any], name: str) -> list[Any]:
    column = table["columns"][name]
    return column if isinstance(column, list) else [column["of"][n] for n in column["at"]]


def _bare(data: dict[str, Any]) -> str:
    """The averages as a plain table, for browsers that run no script."""
    rows = []
    names = ("run", "importer", "exporter", "start", "end", "rate", "additional_rate")
    for run, *words, rate, more in zip(*(_values(data["bilateral"], n) for n in names),
                                       strict=True):
        cells = (data["runs"][run]["label"], *words,
                 *(percent(math.nan if v is None else v) for v in (rate, more)))
        rows.append("<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in cells) + "</tr>")
    head = "".join(f"<th scope=col>{h}</th>" for h in (
        "Scenario", "Importer", "Origin", "From", "Until", "Rate", "Additional"))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def page(result: Result, *, title: str | None = None, vs: str | None = None) -> str:
    """The report as HTML text; the same result gives the same text.

    Args:
        result: What is reported.
        title: The heading; by default the names of the scenarios.
        vs: The scenario or path the differences are against; by default the first.

    Raises:
        UnknownName: for a *vs* that is not shown.
    """
    data = content(result, vs)
    heading = (_title(result) if title is None else title).replace(" %", "\u00a0%")
    script = '"use strict";\n' + "\n".join(_file(name) for name in SCRIPTS)
    style = _style()
    return Template(_file("page.html")).substitute(
        title=html.escape(heading),
        policy=html.escape(
            f"default-src 'none'; script-src {_digest(script)}; style-src {_digest(style)}; "
            "img-src data:; base-uri 'none'; form-action 'none'"),
        style=style, script=script, version=html.escape(__version__),
        definition=_list(_definition(result, data), "definition"),
        conventions=_list(_conventions(result, data), "conventions"),
        gaps=_gaps(result), bare=_bare(data), data=as_script_data(data),
    )


def write(result: Result, path: str | Path, *, title: str | None = None,
          vs: str | None = None) -> Path:
    """Write the report to *path* and return it; arguments as for :func:`page`."""
    target = Path(path)
    target.write_bytes(page(result, title=title, vs=vs).encode("utf-8", "replace"))
    return target
