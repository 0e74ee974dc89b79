"""Shades: rates of goods by date, or of importers by exporters on a day."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from tradescen.display.pictures.canvas import (
    FAINT,
    INK,
    SMALL,
    caption,
    day_text,
    panels,
    percent_text,
    root,
    size,
    title,
)
from tradescen.display.pictures.chosen import one_run, pairs_of, where
from tradescen.display.pictures.steps import about, direction_text
from tradescen.errors import InvalidValue
from tradescen.law.nomenclature import describe, sections
from tradescen.vocab.period import as_date

if TYPE_CHECKING:
    from tradescen.frames.run import Run
    from tradescen.result import Result

__all__ = ["goods_text", "heatmap"]

DAY = dt.timedelta(days=1)
SHADES = "YlGnBu"  # from light to dark in grey too, and told apart by the colour-blind
SQUARE = "shades go by the square root of the rate"
GOODS = ("HS2", "HS4", "HS6", "HS8", "section")


def goods_text(code: str, ax: Axes) -> str:
    """A code with the first words of what it stands for, as many as the figure has room for."""
    wide = int(min(38.0, max(12.0, root(ax).get_figwidth() * 72 * 0.3 / (SMALL * 0.55))))
    named = {s.number: s.title for s in sections()}
    try:
        said = named[code] if code in named else describe(code)
    except (ValueError, LookupError):  # chapters 98 and 99 and "none" are no goods
        return code
    first = said.split(";")[0].split(",")[0].strip().capitalize()
    return textwrap.shorten(f"{code} {first}", wide, placeholder=" …")


def _ranked(goods: Iterable[Any]) -> list[str]:
    """Goods in the order of their nomenclature."""
    order = {s.number: n for n, s in enumerate(sections())}
    return sorted(map(str, goods), key=lambda g: (order.get(g, len(order)), g))


def heatmap(result: Result, ax: Any = None, *, by: str = "HS2", scenario: Any = None,
            path: Any = None, importer: Any = None, exporter: Any = None, freq: str = "MS",
            how: str = "mean", on: Any = None, most: int | None = 20, average: str = "trade",
            weights: Any = None, figsize: tuple[float, float] | None = None) -> Axes:
    """See :meth:`ResultPictures.heatmap`."""
    run = one_run(result, scenario, path, "heatmap")
    options = {"average": average, "weights": weights}
    if by == "partners":
        return _partners(result, run, ax, importer, exporter, on, options, figsize)
    if by not in GOODS:
        raise InvalidValue(f"by={by!r} is not 'partners' or one of {', '.join(GOODS)}", value=by)
    pairs = pairs_of(result, importer, exporter)
    if len(pairs) > 1:
        said = ", ".join(map(direction_text, pairs))
        raise InvalidValue(f"heatmap shows the goods of one direction and the result holds "
                           f"{len(pairs)} ({said}); say which: importer=… or exporter=…",
                           value=importer)
    (pair,) = pairs
    whole = result.average(by=("importer", "exporter", by), freq=freq, how=how, on=on, **options)
    frame = where(whole, run, pair)
    when = "date" if "date" in frame else "start"
    trade = frame.groupby(by)["weight_usd"].max()
    kept = trade.sort_values(ascending=False, kind="stable").index[:most or len(trade)]
    rows = _ranked(kept)
    table = frame[frame[by].isin(rows)].pivot(index=by, columns=when, values="rate")
    table = table.reindex(index=rows, columns=sorted(frame[when].unique()))
    if when == "start":  # a rate holds until the next row of its goods
        table = table.ffill(axis="columns")
    days = [as_date(d) for d in table.columns]
    (one,) = panels(ax, 1, "heatmap", figsize, height=1.2 + 0.19 * len(rows))
    title(one, f"{direction_text(pair)}: {run.path or run.scenario}")
    share = trade[rows].sum() / trade.sum() if trade.sum() else float("nan")
    cut = "" if len(rows) == len(trade) else (
        f"the {len(rows)} largest of {len(trade)} by trade, {share:.0%} of it")
    each = {"mean": f"means over periods ({freq})", "start": f"on the first day of each ({freq})"}
    timed = "days asked for" if on is not None else (
        "as they change" if freq == "interval" else each.get(how, ""))
    _shade(one, table.to_numpy(dtype=float), [goods_text(r, one) for r in rows],
           [f"{d:%b}\n{d:%Y}" if freq != "D" and on is None else f"{d.day} {d:%b}\n{d:%Y}"
            for d in days])
    hatched = "hatched: unknown" if table.isna().any(axis=None) else ""
    caption(one, *about(whole, "", pair)[:2], timed, cut, SQUARE, hatched)
    return one


def _partners(result: Result, run: Run, ax: Any, importer: Any, exporter: Any, on: Any,
              options: dict[str, Any], figsize: tuple[float, float] | None) -> Axes:
    """Importers by exporters on a day."""
    last = run.end - DAY
    day = as_date(on, "on") if on is not None else min(last, run.horizon or last)
    day = max(day, run.start)
    frame = result.bilateral(on=day, **options)
    pairs = pairs_of(result, importer, exporter)
    rows, columns = (list(dict.fromkeys(p[n] for p in pairs)) for n in (0, 1))
    table = np.full((len(rows), len(columns)), np.nan)
    for i, e in pairs:
        cell = where(frame, run, (i, e))
        if len(cell):
            table[rows.index(i), columns.index(e)] = float(cell["rate"].iloc[0])
    (one,) = panels(ax, 1, "heatmap", figsize, height=1.6 + 0.35 * len(rows))
    title(one, f"Importers by exporters on {day_text(day)}: {run.path or run.scenario}")
    none = {(rows.index(i), columns.index(e)) for i in rows for e in columns
            if (i, e) not in pairs}
    _shade(one, table, rows, columns, none)
    caption(one, *about(frame, ""), "rows charge goods of columns",
            SQUARE)
    return one


def _shade(ax: Axes, table: NDArray[np.float64], rows: Sequence[str], columns: Sequence[str],
           none: set[tuple[int, int]] | None = None) -> None:
    """Draw a table as shades, the first row on top; unknown cells are hatched.

    Args:
        none: Cells that are no direction, left empty.
    """
    known = table[~np.isnan(table)]
    norm = PowerNorm(0.5, vmin=0.0, vmax=max(float(known.max()) if len(known) else 0.0, 0.01))
    shades = colormaps[SHADES]
    edges = [np.arange(n + 1, dtype=float) for n in (len(columns), len(rows))]
    narrow = size(ax)[0] < 6.0 * len(columns)  # lines between the days would pale the shades
    mesh = ax.pcolormesh(*edges, np.ma.masked_invalid(table), cmap=shades, norm=norm,
                         edgecolors="none" if narrow else "white", linewidth=0.4)
    if narrow:
        ax.hlines(edges[1][1:-1], 0, len(columns), color="white", linewidth=0.8)
    for r, c in np.argwhere(np.isnan(table)).tolist():
        if none is None or (r, c) not in none:
            ax.add_patch(Rectangle((c, r), 1, 1, facecolor="white", edgecolor=FAINT,
                                   hatch="////", linewidth=0.2, label="_unknown"))
    ax.set_ylim(len(rows), 0)
    ax.set_xlim(0, len(columns))
    ax.set_yticks(np.arange(len(rows)) + 0.5, list(rows))
    ax.set_xticks(np.arange(len(columns)) + 0.5, list(columns))
    ax.tick_params(labelsize=SMALL, length=0, labelcolor=INK)
    for spine in ax.spines.values():
        spine.set_visible(False)
    root(ax).draw_without_rendering()
    scale = ax.inset_axes((1.02, 0.0, 0.025, 1.0))
    bar = root(ax).colorbar(mesh, cax=scale)
    top = norm.vmax or 0.01
    ticks: list[float] = []
    least = 1.6 * SMALL / size(ax)[1]  # of the height, from one word to the next
    for v in (0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10):
        if norm(v) < 1 - least and (not ticks or norm(v) > norm(ticks[-1]) + least):
            ticks.append(v)
    bar.set_ticks([*ticks, top], labels=[*(f"{v:.0%}" for v in ticks), percent_text(top)])
    bar.ax.tick_params(labelsize=SMALL, length=2)
    wide, high = (room / n for room, n in zip(size(ax), (len(columns), len(rows)), strict=True))
    _thinned(ax, columns, wide)
    if wide < 21 or high < SMALL + 1:
        return
    for (r, c), value in np.ndenumerate(table):
        if value == value:
            red, green, blue, _ = shades(norm(value))
            dark = 0.3 * red + 0.59 * green + 0.11 * blue < 0.55
            ax.text(c + 0.5, r + 0.5, f"{value * 100:.1f}", ha="center", va="center_baseline",
                    size=min(SMALL, wide / 3.2), color="white" if dark else INK)


def _thinned(ax: Axes, columns: Sequence[str], wide: float) -> None:
    """Leave out names of columns that would run into each other."""
    need = max((len(part) for name in columns for part in name.split("\n")), default=1) * 5.0 + 12
    every = max(1, int(np.ceil(need / wide)))
    if every > 1:
        at = np.arange(0, len(columns), every)
        ax.set_xticks(at + 0.5, [columns[n] for n in at.tolist()])
