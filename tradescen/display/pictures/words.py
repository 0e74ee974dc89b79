"""Words beside lines: names at their ends and notes above the axes, none over another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import frozen
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from numpy.typing import NDArray

from tradescen.display.pictures.canvas import FAINT, INK, SMALL, day_number, root, size

__all__ = ["LINE", "End", "Note", "apart", "ends_parted", "ends_written", "notes_raised",
           "notes_written", "packed"]

LINE = SMALL + 2  # points from one line of words to the next


@frozen(kw_only=True)
class End:
    """What is written at the right end of a line or band.

    Args:
        y: Where it ends, in data.
        text: Its name and last value.
        colour, line, marker: As the line is drawn.
        hatch: Of a band; ``None``: it is a line.
    """

    y: float
    text: str
    colour: str
    line: Any = "-"
    marker: str = ""
    hatch: str | None = None


@frozen(kw_only=True)
class Note:
    """A day that bears words above the axes."""

    day: dt.date
    text: str
    colour: str = FAINT
    line: Any = (0, (1, 2))


def apart(at: Sequence[float], gap: float, low: float, high: float) -> NDArray[np.float64]:
    """Places at least *gap* apart, as near as can be to those wanted (least squares).

    They keep their order and lie between *low* and *high* if there is room; else from *low* up.

    >>> apart([1.0, 1.0, 5.0], 1.0, 0.0, 9.0).tolist()
    [0.5, 1.5, 5.0]
    """
    wanted = np.asarray(at, dtype=float)
    order = np.argsort(wanted, kind="stable")
    steps = np.arange(len(wanted)) * gap
    # With the gaps taken out the places must not fall: pool neighbours that do (isotonic fit).
    blocks: list[tuple[float, int]] = []
    for value in wanted[order] - steps:
        mean, n = float(value), 1
        while blocks and blocks[-1][0] > mean:
            before, m = blocks.pop()
            mean, n = (before * m + mean * n) / (m + n), m + n
        blocks.append((mean, n))
    fitted = np.concatenate([np.full(n, mean) for mean, n in blocks]) if blocks else wanted
    top = max(low, high - (steps[-1] if len(steps) else 0.0))
    out = np.empty_like(wanted)
    out[order] = np.clip(fitted, low, top) + steps
    return out


def ends_written(ax: Axes, ends: Sequence[End]) -> list[tuple[Line2D, Rectangle | None, Text]]:
    """Write names at the right of the axes, level with the ends; :func:`ends_parted` parts them."""
    width, _ = size(ax)
    across = ax.get_yaxis_transform()
    reach, band = 13 / width, 9 / width
    out = []
    for end in ends:
        leader = Line2D([1.0, 1 + reach], [end.y, end.y], transform=across, clip_on=False,
                        color=end.colour, linewidth=0.8, marker=end.marker or None, markevery=[1],
                        markersize=4.5, label="_leader")
        ax.add_line(leader)
        key = None
        if end.hatch is not None:
            key = Rectangle((1 + reach, end.y), band, 0.0, transform=across, clip_on=False,
                            facecolor=end.colour, hatch=end.hatch, edgecolor="white",
                            linewidth=0, label="_key")
            ax.add_patch(key)
        at = 1 + reach + 6 / width + (0.0 if key is None else band)
        text = ax.text(at, end.y, end.text, transform=across, va="center_baseline", ha="left",
                       size=SMALL, color=INK, clip_on=False)
        out.append((leader, key, text))
    return out


def ends_parted(ax: Axes, ends: Sequence[End],
                written: Sequence[tuple[Line2D, Rectangle | None, Text]]) -> None:
    """Move names apart, once the axes have their final height and limits."""
    low, high = ax.get_ylim()
    per_point = (high - low) / size(ax)[1]
    wanted = [min(max(e.y, low), high) for e in ends]
    places = apart(wanted, LINE * per_point, low + 3 * per_point, high - 3 * per_point)
    for start, y, (leader, key, text) in zip(wanted, places.tolist(), written, strict=True):
        leader.set_ydata([start, y])
        text.set_y(y)
        if key is not None:
            key.set_y(y - 4 * per_point)
            key.set_height(8 * per_point)


def packed(spans: Sequence[tuple[float, float]], stems: Sequence[float], gap: float) -> list[int]:
    """The row of each span (left, right), so that none in a row overlap.

    A stem comes up from below to its span; rows are chosen so that stems cross no other span
    where that can be: later ones lie lower, and earlier words begin left of them.
    """
    rows: list[list[tuple[float, float]]] = []
    out = [0] * len(spans)

    def free(row: Sequence[tuple[float, float]], left: float, right: float) -> bool:
        return all(right + gap <= a or b + gap <= left for a, b in row)

    for n in sorted(range(len(spans)), key=lambda n: -stems[n]):
        stem = (stems[n], stems[n])
        fits = [k for k in range(len(rows)) if free(rows[k], *spans[n])]
        clear = [k for k in fits if all(b <= stem[0] or stem[0] <= a
                                        for row in rows[:k] for a, b in row if a < b)]
        at = (clear or [len(rows)])[0]
        if at == len(rows):
            rows.append([])
        rows[at].append(spans[n])
        for row in rows[:at]:
            row.append(stem)
        out[n] = at
    return out


def _across(ax: Axes, day: dt.date) -> float:
    """Where a day stands, in points from the left."""
    low, high = ax.get_xlim()
    return (day_number(day) - low) / (high - low) * size(ax)[0]


def notes_written(ax: Axes, notes: Sequence[Note]) -> list[tuple[Note, Text, int]]:
    """Write notes at their days, each in the first row with room for it."""
    low, high = ax.get_xlim()
    kept = sorted((n for n in dict.fromkeys(notes) if low <= day_number(n.day) <= high),
                  key=lambda n: n.day)
    width, _ = size(ax)
    scale = 72.0 / root(ax).dpi
    texts, spans = [], []
    for note in kept:
        text = ax.annotate(note.text, (day_number(note.day), 0.0), textcoords="offset points",
                           xytext=(2, 0), va="baseline", size=SMALL - 0.5, color=INK,
                           annotation_clip=False, zorder=5)
        text.set_path_effects([withStroke(linewidth=2.5, foreground="white")])  # over stems
        wide = text.get_window_extent().width * scale
        left = _across(ax, note.day)
        if left + wide > width and left > width - left:  # no room on the right, more on the left
            text.set(ha="right")
            text.xyann = (-2, 0)
            left -= wide
        texts.append(text)
        spans.append((left, left + wide))
    rows = packed(spans, [_across(ax, n.day) for n in kept], 5.0)
    return list(zip(kept, texts, rows, strict=True))


def notes_raised(ax: Axes, high: float, per_point: float,
                 written: Sequence[tuple[Note, Text, int]]) -> None:
    """Raise notes into rows above *high*, each over a thin line at its day."""
    bottom = ax.get_ylim()[0]
    for note, text, row in written:
        y = high + (row * LINE + 3) * per_point
        day = day_number(note.day)
        text.xy = (day, y)  # type: ignore[attr-defined]
        ax.plot([day, day], [bottom, y + 6 * per_point], color=note.colour, linewidth=0.7,
                linestyle=note.line, zorder=1, label="_note", scalex=False, scaley=False)
