"""Sparklines and bars: a step is drawn where and as high as the rate says."""

from __future__ import annotations

import datetime as dt
import math
import re

from hypothesis import given
from hypothesis import strategies as st

from tradescen.display.sparks import (
    HEIGHT,
    PAD,
    WIDTH,
    Step,
    bar,
    fan,
    spark,
    text_bar,
    text_spark,
    text_stairs,
)

FIRST = dt.date(2025, 1, 1)
rates = st.floats(0, 3, allow_nan=False)


def _line(picture: str) -> list[tuple[float, float]]:
    """The corners of the drawn line of charged rates."""
    path = re.findall(r'd="([^"]*)" fill="none" stroke="currentColor" stroke-width', picture)
    corners, x, y = [], 0.0, 0.0
    for kind, numbers in re.findall(r"([MHV])([\d. ]+)", path[0] if path else ""):
        values = [float(n) for n in numbers.split()]
        if kind == "M":
            x, y = values
        elif kind == "H":
            x = values[0]
        else:
            y = values[0]
        corners.append((x, y))
    return corners


@given(st.lists(rates, min_size=1, max_size=8))
def test_steps_are_drawn_at_their_height(found: list[float]) -> None:
    """Each rate is a level stretch at a height in proportion to the highest one."""
    steps = [Step(FIRST + dt.timedelta(days=30 * n), FIRST + dt.timedelta(days=30 * (n + 1)), r)
             for n, r in enumerate(found)]
    end = steps[-1].end
    corners = _line(spark(steps, FIRST, end, said="x"))
    top = max(found) or 1.0
    heights = {y for _, y in corners}
    for rate in found:
        wanted = HEIGHT - PAD - (HEIGHT - 2 * PAD) * rate / top
        assert any(abs(wanted - y) <= 0.1 for y in heights)
    xs = [x for x, _ in corners]
    assert xs == sorted(xs)
    assert xs[-1] == WIDTH - PAD


def test_an_unknown_rate_leaves_a_gap() -> None:
    """Where the rate is unknown nothing is drawn, and the line starts anew after it."""
    days = [FIRST + dt.timedelta(days=10 * n) for n in range(4)]
    steps = [Step(days[0], days[1], 0.1), Step(days[1], days[2], math.nan),
             Step(days[2], days[3], 0.1)]
    picture = spark(steps, days[0], days[3], said="x")
    path = re.findall(r'd="(M[^"]*)" fill="none"', picture)[-1]
    assert path.count("M") == 2
    assert picture.count("<rect") == 2


def test_what_a_picture_says_is_escaped() -> None:
    """The title of a picture is text."""
    assert "<b>" not in spark([], FIRST, FIRST + dt.timedelta(days=9), said="<b>")
    assert "<b>" not in bar(0.5, said="<b>")


def test_a_fan_leaves_out_days_without_numbers() -> None:
    """Days on which a quantile is unknown are not drawn; without any there is no picture."""
    days = [FIRST, FIRST + dt.timedelta(days=1), FIRST + dt.timedelta(days=2)]
    known = fan(days, [0.1, math.nan, 0.1], [0.2, 0.2, 0.2], [0.3, 0.3, 0.3], said="x")
    assert known.count("<circle") == 2
    assert "nan" not in known
    assert fan(days, [math.nan] * 3, [0.1] * 3, [0.1] * 3, said="x") == ""


@given(st.floats(0, 1), st.floats(0, 1), st.integers(4, 40))
def test_bars_grow_with_the_share(a: float, b: float, width: int) -> None:
    """A bar of blocks is never longer than its room, and a greater share never shorter."""
    low, high = sorted((a, b))
    assert len(text_bar(low, width)) <= len(text_bar(high, width)) <= width
    assert (text_bar(high, width) == "") == (high == 0)


@given(st.lists(st.one_of(rates, st.just(math.nan)), max_size=30))
def test_one_block_a_rate(found: list[float]) -> None:
    """A sparkline has a character a rate; an unknown one is a dot, the highest a full block."""
    top = max((r for r in found if r == r), default=0.0)
    line = text_spark(found, top)
    assert len(line) == len(found)
    assert [c == "·" for c in line] == [math.isnan(r) for r in found]
    if top > 0:
        assert line[found.index(top)] == "█"


def test_stairs_take_the_rate_of_the_day() -> None:
    """Evenly spaced days each show the rate that holds on them."""
    half = FIRST + dt.timedelta(days=50)
    end = FIRST + dt.timedelta(days=100)
    steps = [Step(FIRST, half, 0.0), Step(half, end, 1.0)]
    assert text_stairs(steps, FIRST, end, 1.0, 10) == "▁▁▁▁▁█████"
