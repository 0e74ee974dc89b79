"""Panels over time: lines in the middle, notes above them, rows of acts below, names at the right.

Words take the same room in points whatever the data, so limits are set last, when widths are
known: first names at the right (they narrow the axes), then notes (their rows follow from the
width), then heights.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import define, field
from matplotlib.axes import Axes

from tradescen.display.pictures.canvas import SMALL, percents, root, size
from tradescen.display.pictures.words import (
    LINE,
    End,
    Note,
    ends_parted,
    ends_written,
    notes_raised,
    notes_written,
)

__all__ = ["ROW", "Panel", "settle"]

ROW = SMALL + 3.0  # points from one row of acts to the next


@define
class Panel:
    """One panel before its limits are set.

    Args:
        ax: Where it is drawn.
        low, high: What the upright axis spans, in data.
        ends, notes: Names at the right, notes above.
        kinds: Names of the rows below.
        sign: Whether the axis is of changes, in points.
        rows: Height of each row in data, once settled.
    """

    ax: Axes
    low: float
    high: float
    ends: Sequence[End] = ()
    notes: Sequence[Note] = ()
    kinds: Sequence[str] = ()
    sign: bool = False
    rows: dict[str, float] = field(factory=dict)


def settle(panels: Sequence[Panel], grow: bool) -> None:
    """Place all words and set all limits.

    Args:
        panels: Of one figure.
        grow: Whether the figure may grow by the room that notes and rows take.
    """
    figure = root(panels[0].ax)
    for p in panels:  # the names of ticks and rows take width too
        percents(p.ax, p.low, p.high, [(p.low, kind) for kind in p.kinds], p.sign)
        p.ax.set_ylim(p.low, p.high)  # of what is drawn so far nothing may lie far outside
    figure.draw_without_rendering()
    written: list[Any] = [ends_written(p.ax, p.ends) for p in panels]
    figure.draw_without_rendering()
    raised = [notes_written(p.ax, p.notes) for p in panels]
    needs = [(LINE * (1 + max((row for _, _, row in notes), default=-1)) + 3,
              ROW * len(p.kinds) + 2) for p, notes in zip(panels, raised, strict=True)]
    if grow:
        width, height = figure.get_size_inches()
        figure.set_size_inches(width, height + sum(map(sum, needs)) / 72)
    figure.draw_without_rendering()
    for p, (head, foot), ends, notes in zip(panels, needs, written, raised, strict=True):
        _, height = size(p.ax)
        per_point = (p.high - p.low) / max(height - head - foot, 0.3 * height)
        p.rows = {kind: p.low - (n + 0.9) * ROW * per_point for n, kind in enumerate(p.kinds)}
        percents(p.ax, p.low, p.high, [(y, k) for k, y in p.rows.items()], p.sign)
        p.ax.set_ylim(p.low - foot * per_point, p.high + head * per_point)
        notes_raised(p.ax, p.high, per_point, notes)
        ends_parted(p.ax, p.ends, ends)
