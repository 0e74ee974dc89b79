"""What differs from another scenario: mean rates over time, or goods on a day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes

from tradescen.display.pictures.canvas import (
    FAINT,
    GRID,
    INK,
    SMALL,
    caption,
    dates,
    day_text,
    panels,
    percent_text,
    style,
    title,
)
from tradescen.display.pictures.chosen import (
    Series,
    labels,
    one_run,
    pairs_of,
    runs_of,
    series,
    steps,
    where,
)
from tradescen.display.pictures.grids import goods_text
from tradescen.display.pictures.layout import Panel, settle
from tradescen.display.pictures.steps import about, direction_text, horizons, step_lines
from tradescen.errors import InvalidValue, UnknownName
from tradescen.vocab.period import as_date

if TYPE_CHECKING:
    from tradescen.frames.run import Run
    from tradescen.result import Result

__all__ = ["diff"]


def _bases(result: Result, vs: Any) -> tuple[str, list[Run]]:
    name = getattr(vs, "name", vs)
    known = [s.name for s in result.scenarios]
    if name not in known:
        raise UnknownName.among("scenario", str(name), known)
    if len(known) == 1:
        raise InvalidValue(f"the result holds only {name!r}, so there is nothing to compare; "
                           "simulate it with others", value=name)
    return name, runs_of(result, name)


def _less(ours: tuple[Series, Series], theirs: tuple[Series, Series]) -> tuple[Series, Series]:
    """One line of steps less another."""
    days = np.unique(np.concatenate([ours[0], theirs[0]]))
    at = [np.clip(np.searchsorted(d, days, side="right") - 1, 0, len(d) - 1)
          for d in (ours[0], theirs[0])]
    return days, ours[1][at[0]] - theirs[1][at[1]]


def diff(result: Result, vs: Any, ax: Any = None, *, scenario: Any = None, path: Any = None,
         importer: Any = None, exporter: Any = None, product: str | None = None, on: Any = None,
         level: str = "HS2", most: int = 15, average: str = "trade", weights: Any = None,
         figsize: tuple[float, float] | None = None) -> Axes:
    """See :meth:`ResultPictures.diff`."""
    name, bases = _bases(result, vs)
    others = [s.name for s in result.scenarios if s.name != name]
    runs = runs_of(result, others if scenario is None else scenario, path)
    runs = [r for r in runs if r.scenario != name]
    pairs = pairs_of(result, importer, exporter)
    if on is not None:
        if product is not None:
            raise InvalidValue("with on= the bars are of all goods; leave product= out, or on=",
                               value=product)
        run = one_run(result, [r.scenario for r in runs], path, "diff on one day")
        return _bars(result, name, run, pairs, ax, on, level, most, weights, figsize)
    frame, what = series(result, product, average, weights)
    called = labels(runs)
    styles = {one: style(n) for n, one in enumerate(called)}
    by_path = {b.path: b for b in bases}
    drawn = panels(ax, len(pairs), "diff", figsize, height=2.7)
    made = []
    for one, pair in zip(drawn, pairs, strict=True):
        lines = {}
        for label, run in zip(called, runs, strict=True):
            base = by_path.get(run.path, bases[0])
            ours, theirs = where(frame, run, pair), where(frame, base, pair)
            if len(ours) and len(theirs):
                lines[label] = _less(steps(ours), steps(theirs))
        dates(one, runs[0].start, runs[0].end)
        one.axhline(0.0, color=INK, linewidth=1.0, zorder=2, label="_base")
        known = np.concatenate([v[~np.isnan(v)] for _, v in lines.values()] or [np.zeros(1)])
        low, high = min(0.0, *known.tolist(), 0.0), max(0.0, *known.tolist(), 0.0)
        pad = 0.06 * max(high - low, 0.01)
        ends = step_lines(one, lines, styles, sign=True)
        made.append(Panel(one, low - pad, high + pad, ends, horizons(one, result, runs),
                          sign=True))
        title(one, f"{direction_text(pair)}, points against {name}")
        caption(one, "difference of two means: " + about(frame, what, pair)[0],
                *about(frame, what, pair)[1:2])
    settle(made, grow=ax is None and figsize is None)
    return drawn[0]


def _bars(result: Result, name: str, run: Run, pairs: Any, ax: Any, on: Any, level: str,
          most: int, weights: Any, figsize: tuple[float, float] | None) -> Axes:
    """The goods whose rates differ most on a day."""
    day = as_date(on, "on")
    whole = result.diff(name, on=day, level=level, weights=weights)
    values = result.rates(on=day, level=level, weights=weights)
    trade = values.groupby(["importer", "exporter", "product"])["weight_usd"].max().to_dict()
    drawn = panels(ax, len(pairs), "diff", figsize, height=0.9 + 0.19 * most, share=False)
    for one, pair in zip(drawn, pairs, strict=True):
        rows = where(whole, run, pair)
        order = sorted(rows.index, key=lambda n: (
            -round(abs(rows["change_rate"][n]), 6),
            -trade.get((*pair, rows["product"][n]), 0.0)))
        kept = rows.loc[order[:most]]
        change = kept["change_rate"].to_numpy(dtype=float)
        at = np.arange(len(kept), dtype=float)
        bars = one.barh(at, change, height=0.7, zorder=2, color=[
            "#0072B2" if v >= 0 else "#E69F00" for v in change])
        for bar, v in zip(bars, change.tolist(), strict=True):
            bar.set_hatch("" if v >= 0 else "////")
            bar.set_edgecolor("white")
            bar.set_linewidth(0)
            one.annotate(percent_text(v, sign=True), (v, bar.get_y() + 0.35),
                         xytext=(3 if v >= 0 else -3, 0), textcoords="offset points",
                         ha="left" if v >= 0 else "right", va="center_baseline", size=SMALL)
        one.set_yticks(at, [goods_text(str(c), one) for c in kept["product"]])
        one.set_ylim(max(len(kept), 1) - 0.4, -0.6)
        low, high = min(0.0, *change.tolist(), 0.0), max(0.0, *change.tolist(), 0.0)
        pad = 0.13 * max(high - low, 0.01)
        one.set_xlim(low - (pad if low else 0), high + (pad if high else 0))
        one.axvline(0.0, color=INK, linewidth=1.0, zorder=3)
        one.xaxis.set_major_formatter(lambda v, _: f"{v * 100:+g}" if v else "0")
        one.tick_params(labelsize=SMALL, length=0, labelcolor=INK)
        one.grid(axis="x", color=GRID, linewidth=0.6, zorder=0)
        one.set_axisbelow(True)
        for side in ("top", "right", "left"):
            one.spines[side].set_visible(False)
        one.spines["bottom"].set_color(FAINT)
        title(one, f"{direction_text(pair)} on {day_text(day)}: "
                   f"{run.path or run.scenario} less {name}, points")
        if not len(kept):
            one.text(0.5, 0.5, "no rate differs", transform=one.transAxes, ha="center",
                     size=SMALL, color=FAINT)
        rest = f"all {len(rows)} changes" if len(rows) == len(kept) else (
            f"the {len(kept)} largest of {len(rows)} changes, of equal ones those of more trade")
        caption(one, f"means at {level} of what lines differ by", rest,
                *about(whole, "", pair)[1:2])
    return drawn[0]
