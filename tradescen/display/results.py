"""Results, explanations and ensembles as HTML for notebooks, and results as text."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from tradescen.display.markup import Html, card, details, joined, lines, table, tag
from tradescen.display.notebook import badge, dim, head, more
from tradescen.display.phrases import odds, tenth
from tradescen.display.scenarios import html
from tradescen.display.sparks import Step as Stair
from tradescen.display.sparks import bar, fan, spark, text_stairs
from tradescen.display.tables import columns_text, label
from tradescen.draws import Ensemble
from tradescen.errors import counted
from tradescen.frames.explain import Explanation
from tradescen.frames.explain import Step as Part
from tradescen.frames.odds import quantile
from tradescen.result import Result
from tradescen.vocab.duty import percent

__all__ = ["Way", "ensemble_text", "html", "result_text", "ways"]

WAYS = 8  # futures shown
PAIRS = 6  # directions shown; more of them are not averaged for a look
MARKS = (0.05, 0.5, 0.95)
DAYS = 60  # days listed for a direction
TICKS = 24  # characters of a sparkline in text


# -- results ------------------------------------------------------------------------------


@frozen(kw_only=True)
class Way:
    """The mean rate of one direction in one future over the window, as the frame has it."""

    importer: str
    exporter: str
    name: str
    probability: float
    stairs: tuple[Stair, ...]
    first: float
    last: float
    low: float
    high: float
    additional: float
    known_share: float


def ways(result: Result) -> list[Way]:
    """A row for each future and direction; only the first futures are averaged."""
    average = "trade" if set(result._pairs()) <= set(result._weigh(None)) else "simple"
    frame = evolve(result, runs=result.runs[:WAYS]).bilateral(average=average)
    out = []
    keys = ["importer", "exporter", "scenario", "path"]
    for key, part in frame.groupby(keys, sort=False):
        importer, exporter, scenario, path = map(str, key)
        rates = part["rate"].tolist()
        known = [r for r in rates if not math.isnan(r)]
        stairs = tuple(
            Stair(a.date(), b.date(), rate)
            for a, b, rate in zip(part["start"], part["end"], rates, strict=True)
        )
        out.append(Way(
            importer=importer, exporter=exporter, name=label(result, scenario, path),
            probability=float(part["probability"].iloc[0]), stairs=stairs, first=rates[0],
            last=rates[-1], low=min(known, default=math.nan), high=max(known, default=math.nan),
            additional=float(part["additional_rate"].iloc[-1]),
            known_share=float(part["known_share"].min()),
        ))
    pairs = dict.fromkeys((w.importer, w.exporter) for w in out)
    return [w for p in pairs for w in out if (w.importer, w.exporter) == p]


def _shown(result: Result) -> bool:
    """Whether the averages are few enough to be taken for a look."""
    return len(result._pairs()) <= PAIRS


def _about(result: Result) -> list[str]:
    first = result.runs[0]
    held = [f"{first.start} → {first.end}"]
    if len(result.scenarios) > 1:
        held.append(f"{len(result.scenarios)} scenarios")
    if len(result.runs) > len(result.scenarios):
        held.append(f"{len(result.runs)} paths")
    held.append("; ".join(f"{i} on {e}" for i, e in result._pairs()[:PAIRS])
                + (" …" if len(result._pairs()) > PAIRS else ""))
    return held


def _weighting(result: Result, pair: tuple[str, str], share: float) -> str:
    chosen = result._weigh(None)
    if not set(result._pairs()) <= set(chosen):
        return "simple over lines, since no weights are given"
    name = f"weighted by {chosen[pair].name}"
    return name if math.isnan(share) else f"{name}; known for {share:.1%} of that trade"


NEXT = (".bilateral(), .rates(products=…), .contributions(), .diff(vs=…), .explain(…) give the "
        "numbers")


@html.register
def _result(result: Result) -> str:
    names = ", ".join(s.name for s in result.scenarios[:WAYS])
    top = head(names, dim(", ".join(_about(result))))
    if not _shown(result):
        return card(top, dim(f"{len(result._pairs())} directions: {NEXT}"))
    held = ways(result)
    window = (result.runs[0].start, result.runs[0].end)
    high = max((w.high for w in held if not math.isnan(w.high)), default=0.0)
    parts: list[Html] = [top]
    chances = any(not math.isnan(w.probability) and w.probability != 1 for w in held)
    for importer, exporter in dict.fromkeys((w.importer, w.exporter) for w in held):
        mine = [w for w in held if (w.importer, w.exporter) == (importer, exporter)]
        rows = [
            (w.name, *((odds(None if math.isnan(w.probability) else w.probability),)
                       if chances else ()),
             spark(w.stairs, *window, top=high, mark=result.runs[0].horizon,
                   said=f"{w.name}: {importer} on goods of {exporter}, {tenth(w.first)} to "
                        f"{tenth(w.last)}"),
             *map(tenth, (w.first, w.low, w.high, w.last, w.additional)))
            for w in mine
        ]
        columns = ["", *(["odds"] if chances else []), f"0 to {tenth(high)}",
                   f"on {window[0]}", "lowest", "highest", "at the end", "additional"]
        css = ["ts-id", *(["ts-num"] if chances else []), "", *["ts-num"] * 5]
        share = min((w.known_share for w in mine), default=math.nan)
        parts += [
            tag("div", joined((tag("b", f"{importer} on goods of {exporter}"), " ", dim(
                "mean statutory rate, " + _weighting(result, (importer, exporter), share)))),
                "ts-title"),
            table(columns, rows, css),
        ]
    parts.append(more(result.runs, WAYS, ".bilateral() has all"))
    assumed = sorted({r.assumptions.name for r in result.runs} - {"none"})
    parts.append(tag("div", dim(
        (f"assumptions: {', '.join(assumed)}; " if assumed else "") + NEXT)))
    return card(*parts)


def result_text(result: Result) -> str:
    """A result as a table for terminals: where each future begins, goes and ends."""
    names = ", ".join(s.name for s in result.scenarios[:WAYS])
    out = [f"{names}: {', '.join(_about(result))}"]
    if not _shown(result):
        return f"{out[0]}\n{NEXT}"
    held = ways(result)
    start, end = result.runs[0].start, result.runs[0].end
    high = max((w.high for w in held if not math.isnan(w.high)), default=0.0)
    for importer, exporter in dict.fromkeys((w.importer, w.exporter) for w in held):
        mine = [w for w in held if (w.importer, w.exporter) == (importer, exporter)]
        share = min((w.known_share for w in mine), default=math.nan)
        rows = [[w.name, text_stairs(w.stairs, start, end, high, TICKS),
                 *map(tenth, (w.first, w.low, w.high, w.last, w.additional))] for w in mine]
        out += ["", f"{importer} on goods of {exporter}, mean statutory rate, "
                    + _weighting(result, (importer, exporter), share),
                columns_text(["", f"0 to {tenth(high)}", str(start), "lowest", "highest",
                              "at the end", "additional"], rows, right=True)]
    if len(result.runs) > WAYS:
        out.append(f"{len(result.runs) - WAYS} more: .bilateral() has all")
    return "\n".join(out)


# -- explanations -------------------------------------------------------------------------


def _act(part: Part) -> Html:
    said: list[object] = [", ".join(part.because)]
    said += [dim(part.clocks)] if part.clocks else []
    said += [f"snapback: {part.snapback}"] if part.snapback else []
    return lines(said)


def _named(names: Sequence[str], part: Part) -> Html:
    """Measures with what stands behind them: what moved the act, its goods, its source."""
    said = [part.source]
    said += [f"moved by {', '.join(part.moved_by)}"] if part.moved_by else []
    said += [f"goods amended by {', '.join(part.scope_by)}"] if part.scope_by else []
    if part.confidence not in ("", "high"):
        said.append(f"confidence: {part.confidence}")
    return details(lines(names), lines(said))


def _duty(part: Part) -> Html:
    said = [part.duty + ("" if part.coverage == 1 else f" on {percent(part.coverage)} of value")]
    said += [f"unknown: {part.reason}"] if part.reason else []
    said += [f"assumed: {part.note}"] if part.note else []
    return lines(said)


@html.register
def _explanation(e: Explanation) -> str:
    late = joined((" ", badge("projected"))) if e.status == "projected" else ""
    way = f"{e.scenario}{'/' + e.path if e.path else ''}"
    told = [f"{way}, {e.on}", f"additional {percent(e.additional_rate)}"]
    told += [f"assumptions: {e.assumptions}"] if e.assumptions not in ("", "none") else []
    whole = math.fsum(s.contribution for s in e.steps if not math.isnan(s.contribution))
    rows: list[Sequence[object]] = []
    at = 0.0
    for s in e.steps:
        share = s.contribution / whole if whole else 0.0
        rows.append((percent(s.contribution), bar(share, start=at, said=(
            f"{s.measure}: {percent(s.contribution)}")), _named([s.measure], s), s.authority,
            badge(s.status), _duty(s), _act(s)))
        at += 0.0 if math.isnan(share) else share
    alike: dict[object, list[Part]] = {}  # one act over several measures is one row
    for s in e.pending:
        alike.setdefault((s.because, s.status, s.duty, s.authority), []).append(s)
    rows += [("–", "", _named([s.measure for s in held], held[0]), held[0].authority,
              badge(held[0].status), _duty(held[0]), _act(held[0])) for held in alike.values()]
    rows += [("–", "", m, "", badge("exempt"), "this product is on its list of exceptions",
              ", ".join(by)) for m, by in e.exempt]
    return card(
        head(f"{e.importer} on {e.product} from {e.exporter}: {percent(e.rate)}",
             dim(", ".join(told)), late),
        table(("part", "", "measure", "authority", "", "duty", "act"), rows,
              ("ts-num", "", "ts-id", "ts-id", "", "ts-what", "ts-what")),
    )


# -- ensembles ----------------------------------------------------------------------------


def _quantiles(e: Ensemble) -> NDArray[np.float64]:
    """Quantiles over draws, shape (marks, directions shown, days)."""
    return quantile(e.rates[:, :WAYS], np.full(e.draws, 1 / e.draws), MARKS)


def ensemble_text(e: Ensemble) -> str:
    """An ensemble as a table for terminals: the spread of the draws on each day."""
    low, middle, top = _quantiles(e)
    rows = [
        [f"{i} on {x}", str(day), *map(tenth, (low[k, t], middle[k, t], top[k, t]))]
        for k, (i, x) in enumerate(e.pairs[:WAYS]) for t, day in enumerate(e.days[:DAYS])
    ]
    return f"{e!r}\n" + columns_text(["", "day", "q=0.05", "median", "q=0.95"], rows,
                                     right=True)


@html.register
def _ensemble(e: Ensemble) -> str:
    pairs = e.pairs[:WAYS]
    low, middle, top = _quantiles(e)
    high = float(np.nanmax(top)) if not np.isnan(top).all() else 0.0
    rows = []
    for k, (importer, exporter) in enumerate(pairs):
        last = e.rates[:, k, -1]
        rows.append((
            f"{importer} on {exporter}",
            fan(e.days, low[k].tolist(), middle[k].tolist(), top[k].tolist(), top=high,
                said=f"{importer} on {exporter}: q=0.05 to 0.95 of draws around the median"),
            *map(tenth, (low[k, -1], middle[k, -1], top[k, -1], last.mean())),
            f"{np.isnan(last).mean():.0%}",
        ))
    days: list[Sequence[object]] = []
    for k, (importer, exporter) in enumerate(pairs):
        days.append((f"{importer} on {exporter}",))
        days += [(day, *map(tenth, (low[k, t], middle[k, t], top[k, t])))
                 for t, day in enumerate(e.days[:DAYS])]
    by_day = table(("day", "q=0.05", "median", "q=0.95"), days,
                   ("ts-day", *["ts-num"] * 3))
    return card(
        head(counted(e.draws, "draw"), dim(f"seed {e.seed}; {counted(len(e.days), 'day')}, "
                                       f"{e.days[0]} → {e.days[-1]}; band: q=0.05 to 0.95 of "
                                       "draws")),
        table(("", f"0 to {tenth(high)}", "q=0.05", "median", "q=0.95", "mean",
               "unknown"), rows, ("ts-id", "", *["ts-num"] * 5)),
        dim(f"numbers on {e.days[-1]}; .quantiles(), .mean() and .frame() have all days"),
        details("by day", joined((by_day, more(e.days, DAYS, ".quantiles() has all"))))
        if len(e.days) > 1 else "",
    )
