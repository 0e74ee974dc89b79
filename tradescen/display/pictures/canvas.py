"""The ground pictures are drawn on: axes, days, percent, and styles told apart without colour."""

from __future__ import annotations

import datetime as dt
import io
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from attrs import frozen
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.dates import (
    DAILY,
    MONTHLY,
    AutoDateLocator,
    ConciseDateFormatter,
    date2num,
    num2date,
)
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from tradescen.display.palette import LIGHT
from tradescen.display.phrases import tenth
from tradescen.errors import InvalidValue

__all__ = [
    "COLOURS", "FAINT", "GRID", "HATCHES", "INK", "SMALL", "Picture", "Style", "caption", "cut_at",
    "dates", "day_number", "day_numbers", "day_of", "day_text", "panels", "percent_text",
    "percents", "root", "size", "style", "title",
]

INK, FAINT, GRID = "#222222", "#6b6b6b", "#dddddd"
SMALL = 8.0  # points; the size of all words but titles
COLOURS = LIGHT
# Lines and marks differ as well, so that no two of the first 42 are alike in grey.
LINES: tuple[Any, ...] = ("-", (0, (6, 2)), (0, (1, 1.2)), (0, (6, 2, 1.2, 2)), (0, (3, 1)),
                          (0, (9, 2, 1.2, 2, 1.2, 2)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
HATCHES = ("", "////", "....", "\\\\\\\\", "xxxx", "----", "++", "oo")


class Picture(Axes):
    """Axes that show their whole figure in a notebook, with no pyplot behind them."""

    name = "tradescen-picture"

    def _repr_png_(self) -> bytes:
        out = io.BytesIO()
        root(self).savefig(out, format="png", dpi=144)
        return out.getvalue()


@frozen
class Style:
    """How one of several lines is told from the others."""

    colour: str
    line: Any
    marker: str
    width: float


def style(n: int) -> Style:
    """The style of the *n*-th line; earlier ones are wider, so that they show under later."""
    return Style(COLOURS[n % len(COLOURS)], LINES[n % len(LINES)], MARKERS[n % len(MARKERS)],
                 max(1.3, 2.6 - 0.3 * n))


def root(ax: Axes) -> Figure:
    """The figure that axes lie in, however deep."""
    figure: Any = ax.figure
    while figure is not figure.figure:
        figure = figure.figure
    found: Figure = figure
    return found


def size(ax: Axes) -> tuple[float, float]:
    """Width and height of axes in points, after the layout of their figure."""
    box = ax.get_window_extent()
    scale = 72.0 / root(ax).dpi
    return float(box.width) * scale, float(box.height) * scale


def panels(ax: Any, n: int, what: str, figsize: tuple[float, float] | None = None,
           height: float = 3.2, share: bool = True) -> list[Axes]:
    """Axes for *n* panels: those given, or new ones below each other.

    Raises:
        InvalidValue: if fewer or more axes are given than there are panels.
    """
    if ax is None:
        figure = Figure(figsize=figsize or (7.2, height * n), layout="constrained")
        made: list[Axes] = []
        for k in range(n):
            made.append(figure.add_subplot(n, 1, k + 1, axes_class=Picture,
                                           sharex=made[0] if made and share else None))
        return made
    if isinstance(ax, Axes):
        given = [ax]
    else:
        given = list(getattr(ax, "flat", ax))
    if len(given) != n or not all(isinstance(a, Axes) for a in given):
        raise InvalidValue(
            f"{what} has {n} panel{'s' if n > 1 else ''}, one for each direction, and ax= holds "
            f"{len(given)}; give as many axes, or choose one direction with importer= and "
            "exporter=",
            value=ax,
        )
    return given


def day_number(day: Any) -> float:
    """A day as matplotlib counts it."""
    return float(date2num(day))  # type: ignore[no-untyped-call]


def day_numbers(days: Sequence[Any]) -> NDArray[np.float64]:
    """Days as matplotlib counts them."""
    return np.array([day_number(d) for d in days], dtype=np.float64)


def day_of(number: float) -> dt.date:
    """The day matplotlib counts so."""
    day: dt.date = num2date(number).date()  # type: ignore[no-untyped-call]
    return day


def day_text(day: dt.date) -> str:
    """A day as written beside a mark."""
    return f"{day.day} {day:%b %Y}"


def percent_text(value: float, sign: bool = False) -> str:
    """A rate in percent to one place; points of change if *sign*."""
    if sign and value == value:
        said = f"{value * 100:+.1f}"
        return "0.0" if said in ("+0.0", "-0.0") else said
    return tenth(value)


class _Days(ConciseDateFormatter):
    """Short dates, the first with its year below (the corner is taken by other words)."""

    def __init__(self, locator: AutoDateLocator) -> None:
        super().__init__(locator, show_offset=False)  # type: ignore[no-untyped-call]

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        said: list[str] = super().format_ticks(values)  # type: ignore[no-untyped-call]
        if said and not (len(said[0]) == 4 and said[0].isdigit()):
            first = day_of(values[0])
            said[0] += f"\n{first:%Y}" if not said[0].isdigit() else f"\n{first:%b %Y}"
        return said


def dates(ax: Axes, start: dt.date, end: dt.date) -> None:
    """An axis of days from *start* to *end*, with no more dates than there is room for."""
    ax.xaxis_date()
    ax.set_xlim(day_number(start), day_number(end))
    ticks = max(4, int(size(ax)[0] / 45))
    locator = AutoDateLocator(minticks=3, maxticks=ticks)  # type: ignore[no-untyped-call]
    locator.intervald[MONTHLY] = [1, 2, 3, 4, 6, 12]  # so that four are enough for any span
    locator.intervald[DAILY] = [1, 2, 3, 7, 14, 31]
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(_Days(locator))
    ax.tick_params(labelsize=SMALL, colors=FAINT, labelcolor=INK)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color(FAINT)


def percents(ax: Axes, low: float, high: float, rows: Sequence[tuple[float, str]] = (),
             sign: bool = False) -> None:
    """The upright axis in percent from *low* to *high*; *rows* are further, named heights."""
    span = [v for v in MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]).tick_values(
        low * 100, high * 100) if low * 100 - 1e-9 <= v <= high * 100 + 1e-9]
    said = [f"{v:+g}" if sign and v else f"{v:g}{'' if sign else '%'}" for v in span]
    ax.set_yticks([*(v / 100 for v in span), *(y for y, _ in rows)],
                  [*said, *(name for _, name in rows)])
    for text in ax.get_yticklabels()[len(span):]:
        text.set(size=SMALL - 1, color=FAINT)
    for tick in ax.yaxis.get_major_ticks()[len(span):]:
        tick.tick1line.set_visible(False)
    ax.fmt_ydata = percent_text
    for line in [one for one in ax.lines if one.get_label() == "_grid"]:
        line.remove()
    for v in span:
        ax.axhline(v / 100, color=GRID, linewidth=0.6, zorder=0, label="_grid")


def cut_at(ax: Axes, top: float, artists: Iterable[Artist]) -> None:
    """Show artists up to *top* only: above it is room for words."""
    low = 0.02 * top  # half a line at zero lies below it
    inside = Rectangle((0.0, -low), 1.0, low + top, transform=ax.get_yaxis_transform())
    for artist in artists:
        artist.set_clip_path(inside)


def title(ax: Axes, text: str) -> None:
    """The heading of a panel."""
    ax.set_title(text, loc="left", size=10, color=INK, pad=5)


def caption(ax: Axes, *parts: str) -> None:
    """What the numbers are, in small words below."""
    text = "; ".join(p for p in parts if p)
    wide = max(30, int(size(ax)[0] / (SMALL * 0.5)))
    ax.set_xlabel("\n".join(textwrap.wrap(text, wide)), size=SMALL - 0.5, color=FAINT, loc="left")
