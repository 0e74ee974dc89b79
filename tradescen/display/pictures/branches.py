"""Forks as a tree: branches with their odds; at each end the odds of the path and its rates."""

from __future__ import annotations

import datetime as dt
import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen
from matplotlib.axes import Axes

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
from tradescen.display.pictures.chosen import pairs_of, runs_of, series, where
from tradescen.display.pictures.steps import about
from tradescen.errors import InvalidValue
from tradescen.vocab.period import as_date

if TYPE_CHECKING:
    from tradescen.result import Result
    from tradescen.scenario import Scenario
    from tradescen.timeline.course import Path

__all__ = ["forks", "tree"]

DAY = dt.timedelta(days=1)
LEAF = 34.0  # points from one end to the next


@frozen(kw_only=True)
class Leaf:
    """One end: the branches that lead there, and the words of its columns."""

    choices: tuple[tuple[str, str, float], ...]
    odds: float
    cells: tuple[str, ...] = ()


def forks(scenario: Scenario, ax: Any = None, *,
          figsize: tuple[float, float] | None = None) -> Axes:
    """See :meth:`ScenarioPictures.tree`."""
    return _draw([(scenario.name, p) for p in scenario.paths()], scenario.name, (), {}, ax,
                 figsize, [])


def tree(result: Result, ax: Any = None, *, scenario: Any = None, importer: Any = None,
         exporter: Any = None, product: str | None = None, on: Any = None,
         average: str = "trade", weights: Any = None,
         figsize: tuple[float, float] | None = None) -> Axes:
    """See :meth:`ResultPictures.tree`."""
    runs, pairs = runs_of(result, scenario), pairs_of(result, importer, exporter)
    day = runs[0].end - DAY if on is None else as_date(on, "on")
    if not runs[0].start <= day < runs[0].end:
        raise InvalidValue(f"on={day} lies outside the window of this result, {runs[0].start} to "
                           f"{runs[0].end}; run it over a longer one", value=day)
    frame, what = series(result, product, average, weights)
    held = frame[(frame["start"] <= str(day)) & (frame["end"] > str(day))]
    named = {s.name: s for s in result.scenarios}
    cells, ways = {}, []
    for name in dict.fromkeys(r.scenario for r in runs):
        mine = [r for r in runs if r.scenario == name]
        for run, path in zip(mine, named[name].paths(), strict=True):
            ways.append((name, path))
            rates = [where(held, run, pair)["rate"].tolist() for pair in pairs]
            cells[name, path.name] = tuple(percent_text(r[0]) if r else "–" for r in rates)
    names = list(dict.fromkeys(r.scenario for r in runs))
    return _draw(ways, ", ".join(names), tuple(f"{i} on {e}" for i, e in pairs), cells, ax,
                 figsize, [f"rates on {day_text(day)}: {about(frame, what)[0]}"])


def _draw(ways: Sequence[tuple[str, Path]], name: str, heads: tuple[str, ...],
          cells: dict[tuple[str, str], tuple[str, ...]], ax: Any,
          figsize: tuple[float, float] | None, said: list[str]) -> Axes:
    several = len({s for s, _ in ways}) > 1
    leaves = [
        Leaf(choices=((("", s, 1.0), *p.choices) if several else p.choices), odds=p.probability,
             cells=cells.get((s, p.name), ()))
        for s, p in ways
    ]
    if len(leaves) == 1 and not leaves[0].choices:
        raise InvalidValue(f"{name} has no fork, so there is no tree; add one: "
                           ".then(Fork(name=…, branches={…}))", value=name)
    (one,) = panels(ax, 1, "tree", figsize, height=0.9 + len(leaves) * LEAF / 72)
    title(one, f"{name}: {len(leaves)} path{'s' if len(leaves) > 1 else ''}")
    some = any(not math.isnan(leaf.odds) for leaf in leaves)
    caption(one, *said, "lines are as thick as a path is likely" if some
            else "nobody puts odds on these forks")
    one.set_xticks([])
    one.set_yticks([])
    for spine in one.spines.values():
        spine.set_visible(False)
    one.set_ylim(len(leaves) - 0.4, -0.9)
    one.set_xlim(0, 1)
    root(one).draw_without_rendering()
    columns = [leaf.cells for leaf in leaves]
    if some:
        heads = ("odds", *heads)
        columns = [("no odds" if math.isnan(leaf.odds) else f"{leaf.odds:.1%}", *leaf.cells)
                   for leaf in leaves]
    wide = 1 - (_columns(one, columns, heads) + 8) / size(one)[0]
    depth = max(len(leaf.choices) for leaf in leaves)
    fork = "\n".join(textwrap.wrap(leaves[0].choices[0][0], 14))
    first = one.text(0, 0, fork, size=SMALL - 0.5, color=FAINT, ha="left", va="center")
    start = (first.get_window_extent().width * 72 / root(one).dpi + 8) / size(one)[0]
    step = (wide - start) / depth
    first.set_y(_grow(one, leaves, 0, start, list(range(len(leaves))), step))
    for n, leaf in enumerate(leaves):  # ends of unequal depth are led to the columns
        at = start + len(leaf.choices) * step
        if at < wide - 1e-9:
            one.plot([at, wide], [n, n], color="#bbbbbb", linewidth=0.8, linestyle=(0, (1, 2)),
                     label="_lead", zorder=1)
    return one


def _columns(ax: Axes, rows: Sequence[Sequence[str]], heads: Sequence[str]) -> float:
    """Write the columns from the right edge leftward; the points they take."""
    scale, (width, _) = 72.0 / root(ax).dpi, size(ax)
    taken = 0.0
    for k in reversed(range(len(heads))):
        texts = [ax.text(1 - taken / width, -0.75, heads[k], size=SMALL - 0.5, color=FAINT,
                         ha="right", va="center_baseline")]
        for n, row in enumerate(rows):
            texts.append(ax.text(1 - taken / width, n, row[k], size=SMALL + 0.5, color=INK,
                                 ha="right", va="center_baseline"))
        taken += max(t.get_window_extent().width for t in texts) * scale + 14
    return taken


def _grow(ax: Axes, leaves: Sequence[Leaf], depth: int, x: float, here: Sequence[int],
          step: float) -> float:
    """Draw what branches off at one point; its height."""
    groups: dict[str, list[int]] = {}
    for n in here:
        if len(leaves[n].choices) > depth:
            groups.setdefault(leaves[n].choices[depth][1], []).append(n)
    if not groups:
        return float(sum(here)) / len(here)
    heights = {b: _grow(ax, leaves, depth + 1, x + step, inside, step)
               for b, inside in groups.items()}
    middle = sum(heights.values()) / len(heights)
    bend = x + step * 0.14
    chars = max(6, int(step * 0.84 * size(ax)[0] / (SMALL * 0.58)))
    for branch, inside in groups.items():
        fork, _, odds = leaves[inside[0]].choices[depth]
        all_odds = [leaves[n].odds for n in inside]
        whole = math.fsum(all_odds)
        thick = 1.2 if math.isnan(whole) else 0.8 + 5.0 * whole
        y = heights[branch]
        ax.plot([x, bend, x + step], [middle, y, y], color="#0072B2", linewidth=thick,
                solid_capstyle="butt", solid_joinstyle="round", label=f"{fork}: {branch}",
                zorder=2)
        lift = thick / 2 + 2
        chance = f"{odds:.1%}".replace(".0%", "%")
        said = branch if math.isnan(odds) or not fork else f"{branch} {chance}"
        ax.annotate("\n".join(textwrap.wrap(said, chars)), (bend, y), xytext=(3, lift),
                    textcoords="offset points", va="bottom", size=SMALL, color=INK)
    fork = leaves[here[0]].choices[depth][0]
    ax.plot([x], [middle], marker="o", markersize=5, color=INK, zorder=3, label="_fork",
            clip_on=False)
    if fork and depth:
        ax.annotate(fork, (x, middle), xytext=(-5, -5), textcoords="offset points", va="top",
                    ha="right", size=SMALL - 0.5, color=FAINT)
    return middle
