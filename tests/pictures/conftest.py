"""Results to draw, made once, and readers of what was drawn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

import tradescen as ts


@pytest.fixture(scope="session")
def record() -> ts.Result:
    """The packaged record from 2025 to a month after its data date, both directions."""
    return ts.load("us-china").run(start="2025-01-01", end="2026-12-01")


@pytest.fixture(scope="session")
def futures() -> ts.Result:
    """Five futures of the evening of 24 October 2025, without odds."""
    return ts.load("november-1").run(start="2025-10-01", end="2026-12-01")


@pytest.fixture(scope="session")
def talks() -> ts.Result:
    """A fork with odds, one of its branches forking again."""
    eve = ts.load("us-china").as_known("2025-10-24")
    vote = ts.Fork(name="congress", branches={
        "passes": (0.25, []), "blocks": (0.75, [ts.Collapse(id="geneva", on="2026-04-01")])})
    fork = ts.Fork(name="talks", branches={
        "deal": (0.6, [ts.Withdraw(id="us-threat-100", on="2025-10-30"),
                       ts.Extend(id="geneva", until="2026-11-10"), vote]),
        "war": (0.4, [ts.Enact(id="us-threat-100")])})
    return eve.then(fork, name="talks").run(start="2025-10-01", end="2026-12-01")


@pytest.fixture(scope="session")
def several() -> ts.Result:
    """Three scenarios of one evening."""
    eve = ts.load("us-china").as_known("2025-10-24")
    held = eve.extend("geneva", until="2026-11-10", name="held")
    return ts.simulate([held, held.enact("us-threat-100", name="war"),
                        held.collapse("geneva", on="2026-04-01", name="lapse")],
                       start="2025-10-01", end="2026-12-01")


PICTURES: dict[str, Any] = {
    "timeline of a record": lambda r, f, t, s, w: r.plot.timeline(importer="USA", figsize=w),
    "timeline, cut": lambda r, f, t, s, w: r.plot.timeline(importer="USA", limit="60%", figsize=w),
    "timeline of futures": lambda r, f, t, s, w: f.plot.timeline(importer="USA", figsize=w),
    "stack": lambda r, f, t, s, w: r.plot.stack(importer="USA", figsize=w),
    "fan": lambda r, f, t, s, w: t.plot.fan(importer="USA", q=(0.1, 0.5, 0.9), figsize=w),
    "diff": lambda r, f, t, s, w: s.plot.diff("held", importer="USA", figsize=w),
    "bars": lambda r, f, t, s, w: s.plot.diff("held", on="2026-05-01", scenario="war",
                                              importer="USA", most=10, figsize=w),
    "goods by date": lambda r, f, t, s, w: r.plot.heatmap(importer="USA", figsize=w),
    "partners": lambda r, f, t, s, w: r.plot.heatmap(by="partners", figsize=w),
    "tree": lambda r, f, t, s, w: t.plot.tree(on="2026-05-01", figsize=w),
    "ladder": lambda r, f, t, s, w: r.plot.ladder(figsize=w),
    "ladder of futures": lambda r, f, t, s, w: f.plot.ladder(figsize=w),
}


@pytest.fixture(scope="session")
def drawn(record: ts.Result, futures: ts.Result, talks: ts.Result,
          several: ts.Result) -> Callable[..., Any]:
    """Pictures by name, each drawn once for all tests that read it (and change nothing)."""
    @cache
    def draw(name: str, width: Any = None) -> Any:
        return PICTURES[name](record, futures, talks, several, width)

    return draw


def panels(ax: Any) -> list[Any]:
    """All panels of a picture."""
    return list(ax.figure.axes)


def lines(ax: Any) -> dict[str, Any]:
    """The lines that bear rates, by name."""
    return {line.get_label(): line for line in ax.lines if not line.get_label().startswith("_")}


def day(number: float) -> dt.date:
    """The day a place across stands for."""
    from matplotlib.dates import num2date

    return num2date(number).date()  # type: ignore[no-any-return, no-untyped-call]


def drawn_steps(line: Any) -> list[tuple[dt.date, float]]:
    """The days a line of steps begins anew, with the rate from then on; its last end."""
    assert line.get_drawstyle() == "steps-post"
    return [(day(x), float(y)) for x, y in line.get_xydata()]


def told_steps(rows: Any, column: str = "rate") -> list[tuple[dt.date, float]]:
    """The same out of rows of a frame."""
    rows = rows.sort_values("start")
    out = [(d.date(), float(v)) for d, v in zip(rows["start"], rows[column], strict=True)]
    return [*out, (rows["end"].iloc[-1].date(), out[-1][1])]


def same(a: list[tuple[dt.date, float]], b: list[tuple[dt.date, float]]) -> bool:
    """Equal to the last bit, unknown equal to unknown."""
    return [d for d, _ in a] == [d for d, _ in b] and np.array_equal(
        [v for _, v in a], [v for _, v in b], equal_nan=True)


def overlaps(ax: Any) -> Iterator[tuple[str, str]]:
    """Pairs of words of a figure that lie upon each other."""
    from matplotlib.text import Annotation, Text

    figure = ax.figure
    figure.draw_without_rendering()
    boxes = []
    for one in figure.axes:
        texts = [t for t in one.findobj(Text) if t.get_text().strip() and t.get_visible()]
        for text in texts:
            if isinstance(text, Annotation):
                text.update_positions(figure._get_renderer())
            box = Text.get_window_extent(text)
            if box.width and box.height:
                boxes.append((text.get_text(), box))
    for n, (name, box) in enumerate(boxes):
        for other, its in boxes[n + 1:]:
            wide = min(box.x1, its.x1) - max(box.x0, its.x0)
            high = min(box.y1, its.y1) - max(box.y0, its.y0)
            if wide > 1.5 and high > 2.5:  # pixels; descenders may touch
                yield name, other
