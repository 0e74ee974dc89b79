"""What the page holds, as plain data: the frames column by column, the acts, the lines."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from tradescen.display.phrases import path_name
from tradescen.display.report.lines import heads, line_data
from tradescen.display.tables import is_threat, moves
from tradescen.errors import UnknownName
from tradescen.frames import compare
from tradescen.frames.acts import timeline_rows
from tradescen.frames.run import Run
from tradescen.frames.tidy import Clock
from tradescen.law.nomenclature import base_edition, packaged

if TYPE_CHECKING:
    from tradescen.result import Result

__all__ = ["content", "differences", "labels"]

FORM = "tradescen/report/1"
TEXTS = "HS 2022"


def labels(result: Result) -> list[str]:
    """How each path is named: by itself where one scenario is shown, else with its scenario."""
    return [path_name(r.scenario, r.path, len(result.scenarios) == 1) for r in result.runs]


def _plain(value: Any) -> Any:
    if value is None or value is pd.NaT:
        return None
    if isinstance(value, dt.date):  # pandas timestamps too
        return value.isoformat()[:10]
    if isinstance(value, float):
        return None if math.isnan(value) else value
    return value.item() if hasattr(value, "item") else value


def columns(frame: pd.DataFrame) -> dict[str, Any]:
    """A frame column by column; one that repeats itself as its values and their places."""
    out: dict[str, Any] = {}
    for name in frame.columns:
        values = [_plain(v) for v in frame[name].tolist()]
        places: dict[Any, int] = {}
        at = [places.setdefault(v, len(places)) for v in values]
        out[str(name)] = {"of": list(places), "at": at} if 2 * len(places) < len(values) else values
    return {"rows": len(frame), "columns": out}


def _with_run(frame: pd.DataFrame, runs: Sequence[Run]) -> pd.DataFrame:
    """The place of each row's path instead of its names."""
    places = {(r.scenario, r.path): n for n, r in enumerate(runs)}
    keys = zip(frame["scenario"], frame["path"], strict=True)
    rest = frame.drop(columns=["scenario", "path", "probability"], errors="ignore")
    rest.insert(0, "run", [places[key] for key in keys])
    return rest


def _base(result: Result, vs: str | None) -> int:
    """The path others are compared with, by its label or its scenario's name."""
    named = labels(result)
    if vs is None:
        return 0
    for n, run in enumerate(result.runs):
        if vs in (named[n], run.scenario):
            return n
    raise UnknownName.among("scenario or path", vs, [*named, *(s.name for s in result.scenarios)])


def differences(result: Result, base: int, level: str | None) -> pd.DataFrame:
    """Against another scenario path by path; within one scenario, against one of its paths."""
    if len(result.scenarios) > 1:
        return result.diff(vs=result.runs[base].scenario, level=level)
    others = [r for n, r in enumerate(result.runs) if n != base]
    return compare.diff(others, [result.runs[base]], Clock(), result.products, level,
                        result._weigh(None) if level else {}, False)


def _calendar(runs: Sequence[Run]) -> tuple[list[dict[str, Any]], list[dict[str, int]],
                                            list[dict[str, Any]]]:
    """Rows of the calendar with the paths they stand on; acts by path; what is said of acts."""
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    acts: dict[str, int] = {}
    held: list[dict[str, Any]] = []
    by_run: list[dict[str, int]] = []
    for n, run in enumerate(runs):
        frame = timeline_rows(run.timeline, None, None, run.horizon or run.end)
        own: dict[str, int] = {}
        for row in frame.to_dict("records"):
            plain = {str(k): _plain(v) for k, v in row.items()}
            if row["kind"] != "snapback":
                said = _act(run, plain)
                key = repr(said)
                if key not in acts:
                    acts[key] = len(held)
                    held.append(said)
                own[plain["id"]] = acts[key]
            day = plain["date"]
            if day is None or not str(run.start) <= day < str(run.end):
                continue
            # Whether a threat came to be charged is told from the end, on each path for itself.
            last = row if row["kind"] == "snapback" else row | {
                "status": run.timeline.status(row["id"], run.end)}
            plain |= {"threat": last["status"] if is_threat(last) else "", "moves": moves(last)}
            rows.setdefault(tuple(plain.values()), plain | {"runs": []})["runs"].append(n)
        by_run.append(own)
    return sorted(rows.values(), key=lambda r: (r["date"], r["id"], r["runs"])), by_run, held


def _act(run: Run, row: dict[str, Any]) -> dict[str, Any]:
    """An act with its clocks and source, as it came to stand on one path."""
    record = run.timeline.records[row["id"]]
    item = record.item
    source = getattr(item, "source", None)
    found = {
        "what": row["what"], "source": row["source"],
        "url": "" if source is None else source.url,
        "note": "" if source is None else source.note,
        "confidence": "" if source is None else source.confidence,
        "announced": None if item is None else item.known,
        "enacted": getattr(item, "enacted", None), "effective": record.effective,
        "until": record.until, "withdrawn": record.withdrawn, "by": list(record.by),
    }
    return {k: _plain(v) for k, v in found.items() if v not in (None, "", [])}


def _sources(runs: Sequence[Run]) -> dict[str, str]:
    """Where each measure was read, for those that stood before any act."""
    return {
        m.id: m.source.citation
        for run in runs for m in run.timeline.measures.values() if m.source is not None
    }


def _weighted(result: Result) -> bool:
    """Whether averages can be over trade: some weights hold every direction."""
    chosen = result._weigh(None)
    return all(pair in chosen for pair in result._pairs())


def _expected(result: Result, average: str) -> dict[str, Any] | None:
    """Expected averages, where every path has odds and there is more than one."""
    if len(result.runs) == len(result.scenarios) or any(
        math.isnan(r.probability) for r in result.runs
    ):
        return None
    return columns(result.expected(average=average))


def _parts(result: Result, average: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What each authority, and each of its measures, adds to the averages."""
    if result.products is None:
        return (result.contributions(average=average),
                result.contributions(by=("authority", "measure"), average=average))
    # Asked for some codes, contributions come line by line; these are of their averages.
    sides = ("importer", "exporter")
    names = [*sides, "start", "end", "rate"]
    keys = ["scenario", "path"]
    of = {m.id: m.authority for run in result.runs for m in run.timeline.measures.values()}
    one = result.average(by=(*sides, "authority"), average=average)
    more = result.average(by=(*sides, "measure"), average=average)
    more["authority"] = [of[name] for name in more["measure"]]
    return one[[*keys, "authority", *names]], more[[*keys, "authority", "measure", *names]]


def _texts(lines: dict[str, Any], described: Sequence[str]) -> dict[str, str]:
    kept = {name: one for name, one in lines["importers"].items() if name in described}
    wanted = heads({"importers": kept})
    body = packaged("hs2022")
    return {c: t for c, t in zip(body["codes"].split(), body["texts"], strict=True)
            if c in wanted}


def content(result: Result, vs: str | None = None) -> dict[str, Any]:
    """Everything the page shows.

    Args:
        result: What is reported.
        vs: The scenario or path the differences are against; by default the first.

    Raises:
        UnknownName: for a *vs* that is not shown.
    """
    runs = result.runs
    average = "trade" if _weighted(result) else "simple"
    level = "HS2" if average == "trade" and result.products is None else None
    base = _base(result, vs)
    bilateral = result.bilateral(average=average)
    authorities, parts = _parts(result, average)
    goods = result.rates(level=level) if level else None
    rows, acts_of, acts = _calendar(runs)
    lines = line_data(runs, result.products)
    editions = {i: e for s in result.scenarios for i, e in s.editions}
    described = [i for i in lines["importers"]
                 if base_edition(editions.get(i, TEXTS)) in (None, TEXTS)]
    names = labels(result)
    return {
        "form": FORM,
        "start": str(runs[0].start), "end": str(runs[0].end),
        "average": average, "definition": bilateral.attrs,
        "runs": [
            {"label": names[n], "scenario": r.scenario, "path": r.path,
             "probability": _plain(r.probability),
             "horizon": _plain(r.horizon), "acts": acts_of[n]}
            for n, r in enumerate(runs)
        ],
        "base": base,
        "directions": [list(p) for p in result._pairs()],
        "editions": editions,
        "bilateral": columns(_with_run(bilateral, runs)),
        "authorities": columns(_with_run(authorities, runs)),
        "measures": columns(_with_run(parts, runs)),
        "chapters": None if goods is None else columns(_with_run(goods, runs)),
        "differences": None if len(runs) == 1 else columns(
            _with_run(differences(result, base, level), runs)),
        "differences_by": "chapter" if level else "line",
        "expected": _expected(result, average),
        "status": columns(_with_run(result.status(), runs)),
        "calendar": rows, "acts": acts, "sources": _sources(runs),
        "lines": lines, "texts": _texts(lines, described), "described": described,
    }
