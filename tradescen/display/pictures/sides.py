"""Both sides against each other: one side's rate across, the other's up, stepping act by act."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import frozen
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Bbox

from tradescen.display.pictures.canvas import (
    FAINT,
    GRID,
    INK,
    SMALL,
    Style,
    caption,
    day_of,
    day_text,
    panels,
    percent_text,
    root,
    size,
    style,
    title,
)
from tradescen.display.pictures.chosen import Pair, labels, pairs_of, runs_of, series, steps, where
from tradescen.display.pictures.marks import Mark, behind, marks_of, said, shared
from tradescen.display.pictures.steps import about, top_of
from tradescen.errors import InvalidValue, MissingData
from tradescen.vocab.countries import country
from tradescen.vocab.duty import as_fraction

if TYPE_CHECKING:
    from tradescen.frames.run import Run
    from tradescen.result import Result

__all__ = ["ladder"]

Point = tuple[float, float]
NARROW = 320.0  # points of width with less than which the key goes below
_ROUND = [(dx * r, dy * r) for r in (4, 12, 24, 38, 54) for dx, dy in (
    (1, 1), (-1, 1), (1, -1), (-1, -1), (1.4, 0), (-1.4, 0), (0, 1.4), (0, -1.4))]


@frozen
class Move:
    """From one pair of rates to the next, on a day."""

    day: dt.date
    before: Point
    after: Point

    @property
    def size(self) -> float:
        """The larger of the two changes."""
        both = zip(self.after, self.before, strict=True)
        return max((abs(a - b) for a, b in both if not math.isnan(a - b)), default=0.0)


def _sides(result: Result, sides: Any) -> tuple[Pair, Pair]:
    held = pairs_of(result)
    if sides is None:
        first = next((p for p in held if (p[1], p[0]) in held), None)
        if first is None:
            said = ", ".join(f"{i} on goods of {e}" for i, e in held)
            raise MissingData(f"a ladder needs both directions between two territories, and this "
                              f"result holds {said}; run it with both as importers=")
        one, other = sorted(first, reverse=True)
    else:
        given = [sides] if isinstance(sides, str) else list(sides)
        if len(given) != 2:
            raise InvalidValue(f"sides={sides!r} are not two territories", value=sides)
        one, other = (country(c) for c in given)
    for pair in ((one, other), (other, one)):
        pairs_of(result, *pair)
    return (one, other), (other, one)


def _moves(rates: Any, run: Run, across: Pair, up: Pair) -> tuple[list[Move], Point]:
    """The moves of one path in their order, and where it starts."""
    lines = [steps(where(rates, run, pair)) for pair in (across, up)]
    if not all(len(days) for days, _ in lines):
        return [], (math.nan, math.nan)
    days = np.unique(np.concatenate([d[:-1] for d, _ in lines]))
    values = [v[np.searchsorted(d[:-1], days, side="right") - 1] for d, v in lines]
    points = list(zip(*(v.tolist() for v in values), strict=True))
    out = [Move(day_of(day), a, b) for day, a, b in
           zip(days[1:].tolist(), points, points[1:], strict=False) if a != b]
    return out, points[0]


def ladder(result: Result, ax: Any = None, *, sides: Any = None, scenario: Any = None,
           path: Any = None, product: str | None = None, least: Any = "2%",
           average: str = "trade", weights: Any = None, limit: Any = None,
           figsize: tuple[float, float] | None = None) -> Axes:
    """See :meth:`ResultPictures.ladder`."""
    runs, (across, up) = runs_of(result, scenario, path), _sides(result, sides)
    smallest = as_fraction(least, "least")
    frame, what = series(result, product, average, weights)
    called = labels(runs)
    paths = {name: _moves(frame, run, across, up)
             for name, run in zip(called, runs, strict=True)}
    numbers: dict[Move, int] = {}
    owners: dict[Move, list[str]] = {}
    for move, name in sorted(((m, name) for name, (moves, _) in paths.items() for m in moves
                              if m.size >= smallest), key=lambda pair: pair[0].day):
        numbers.setdefault(move, len(numbers) + 1)
        owners.setdefault(move, []).append(name)
    acts = [shared({name: marks_of(run, *pair) for name, run in zip(called, runs, strict=True)})
            for pair in (across, up)]
    key = [(_key(move, n, owners[move], called, acts, (across, up)), owners[move])
           for move, n in numbers.items()]
    tall = max(4.6, 1.2 + len(key) * (SMALL + 2.5) / 72)
    (one,) = panels(ax, 1, "ladder", figsize or (7.6, tall))
    styles = {name: style(n) for n, name in enumerate(called)}
    corners = [np.array([start, *(m.after for m in moves)], dtype=float)
               for moves, start in paths.values()]
    top = top_of([c.ravel() for c in corners], limit)
    title(one, f"{across[0]} and {up[0]} against each other: "
               f"{', '.join(dict.fromkeys(r.scenario for r in runs))}")
    _ground(one, across, up, top)
    outside = [str(n) for m, n in numbers.items() if max(m.after) > top]
    cut = f"axes cut at {top:.0%}" + (
        f", outside lies {'' if len(outside) > 1 else 'only '}{', '.join(outside)}"
        if outside else "") if limit is not None else ""
    said_ = [f"{text}\n      only {', '.join(names)}" if len(names) < len(called) else text
             for text, names in key]
    beside = size(one)[0] > NARROW
    if beside:
        _key_written(one, said_)
    caption(one, *about(frame, what)[:1],
            f"moves under {smallest * 100:g} points are drawn, not numbered", cut)
    if not beside:
        one.xaxis.label.set_text("\n".join([*said_, "", one.get_xlabel()]))
    root(one).draw_without_rendering()
    words: list[tuple[Point, str, str]] = []
    for (name, (moves, start)), points in zip(paths.items(), corners, strict=True):
        _walk(one, name, points, styles[name])
        if start[0] == start[0] and not any(start == p for p, _, _ in words):
            words.append((start, day_text(runs[0].start), FAINT))
        if moves and len(called) > 1:
            words.append((moves[-1].after, name, INK))
    shown: dict[Point, list[int]] = {m.after: [] for m in numbers if max(m.after) <= top}
    for m, n in numbers.items():
        if m.after in shown:
            shown[m.after].append(n)
    _numbered(one, shown, words)
    return one


def _key(move: Move, n: int, owners: Sequence[str], paths: Sequence[str],
         acts: Sequence[Sequence[Mark]], pairs: Sequence[Pair]) -> str:
    """One line of the key: the day, who moves from where to where, by which act."""
    parts = []
    for k, pair in enumerate(pairs):
        before, after = percent_text(move.before[k]), percent_text(move.after[k])
        if before != after:
            names = list(dict.fromkeys(
                said(m) for m in behind(acts[k], move.day, owners, paths)))
            more = f" +{len(names) - 1}" if len(names) > 1 else ""
            act = f" ({names[0]}{more})" if names else ""
            parts.append(f"{pair[0]} {before} → {after}{act}")
    return f"{n:>2}  {day_text(move.day)}: " + "\n      ".join(parts)


def _key_written(ax: Axes, key: Sequence[str]) -> None:
    """Write the key right of the axes, from the top down."""
    down = 0.0
    for text in key:
        ax.annotate(text, (1.0, 1.0), xycoords="axes fraction", xytext=(14, -down),
                    textcoords="offset points", va="top", size=SMALL - 0.5, linespacing=1.15,
                    color=INK, annotation_clip=False)
        down += (text.count("\n") + 1) * (SMALL + 2.2) + 2


def _ground(ax: Axes, across: Pair, up: Pair, top: float) -> None:
    ax.set_xlim(0, top)
    ax.set_ylim(0, top)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(lambda v, _: f"{v * 100:g}%")
    ax.grid(color=GRID, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.plot([0, top], [0, top], color=FAINT, linewidth=0.7, linestyle=(0, (1, 3)), label="_equal",
            zorder=1)
    ax.tick_params(labelsize=SMALL, colors=FAINT, labelcolor=INK)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    ax.text(1.0, 0.015, f"{across[0]} on goods of {across[1]} →", transform=ax.transAxes,
            ha="right", va="bottom", size=SMALL, color=INK)
    ax.set_ylabel(f"{up[0]} on goods of {up[1]} →", size=SMALL, color=INK, loc="top")


def _walk(ax: Axes, name: str, points: Any, s: Style) -> None:
    """The line of one path, an arrowhead in the middle of each move that has room for it."""
    ax.plot(points[:, 0], points[:, 1], color=s.colour, linestyle=s.line, linewidth=s.width,
            label=name, zorder=3)
    ax.plot(*points[:1].T, marker="o", markersize=6, markerfacecolor="white", color=INK,
            label="_start", zorder=4)
    ax.plot(*points[-1:].T, marker=s.marker, markersize=6, color=s.colour, label="_end", zorder=4)
    pixels = ax.transData.transform(points)
    for (a, b), (p, q) in zip(pairwise(points), pairwise(pixels), strict=True):
        step = q - p
        if np.hypot(*step) * 72 / root(ax).dpi > 16:
            turn = math.degrees(math.atan2(step[1], step[0])) - 90
            ax.plot(*((a + b) / 2)[:, None], marker=(3, 0, turn), markersize=8, color=s.colour,
                    label="_arrow", zorder=4)


def _numbered(ax: Axes, shown: dict[Point, list[int]],
              words: Sequence[tuple[Point, str, str]]) -> None:
    """Write numbers at points, those of near points as one, and words, where they are free."""
    scale = 72.0 / root(ax).dpi
    clusters: list[tuple[Point, list[int]]] = []
    for point, numbers in shown.items():
        at = ax.transData.transform(point) * scale
        for where_, held in clusters:
            if np.hypot(*(ax.transData.transform(where_) * scale - at)) < 11:
                held += numbers
                break
        else:
            clusters.append((point, list(numbers)))
    wanted = [(p, _ranges(sorted(n)), INK) for p, n in clusters]
    # Words keep off marks and off each other: the nearest of the places round a point is taken.
    taken: list[Any] = [Bbox.from_bounds(x - 4 / scale, y - 4 / scale, 8 / scale, 8 / scale)
                        for line in ax.lines if line.get_label() in ("_arrow", "_start", "_end")
                        for x, y in ax.transData.transform(line.get_xydata())]
    for point, text_, colour in [*wanted, *words]:
        text = ax.annotate(text_, point, xytext=(4, 4), textcoords="offset points", color=colour,
                           size=SMALL, zorder=6, annotation_clip=False)
        text.set_path_effects([withStroke(linewidth=2, foreground="white")])
        for dx, dy in _ROUND:
            text.set(ha="left" if dx > 0 else "right" if dx < 0 else "center",
                     va="bottom" if dy > 0 else "top" if dy < 0 else "center")
            text.xyann = (dx, dy)
            box = text.get_window_extent()
            inside = box.x0 >= ax.bbox.x0 and box.y0 >= ax.bbox.y0 and box.x1 <= ax.bbox.x1 + 8
            if inside and not any(box.overlaps(other) for other in taken):
                break
        taken.append(text.get_window_extent())
        if max(map(abs, text.xyann)) > 10:
            ax.annotate("", point, xytext=text.xyann, textcoords="offset points", zorder=2,
                        arrowprops={"arrowstyle": "-", "linewidth": 0.5, "color": colour,
                                    "shrinkA": 0.0, "shrinkB": 3.0})


def _ranges(numbers: Sequence[int]) -> str:
    """``1–3, 5`` for 1, 2, 3, 5."""
    out: list[list[int]] = []
    for n in numbers:
        if out and n == out[-1][-1] + 1:
            out[-1].append(n)
        else:
            out.append([n])
    return ", ".join(str(g[0]) if len(g) == 1 else f"{g[0]}–{g[-1]}" for g in out)


