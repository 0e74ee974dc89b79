"""Words that do not overlap, errors that say the way out, and nothing changed behind one's back."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tradescen as ts
from tests.pictures.conftest import PICTURES, overlaps, panels
from tradescen.display.palette import LIGHT
from tradescen.display.pictures.words import apart, packed

Draw = Callable[..., Any]

CROWDED = ("timeline of futures", "stack", "ladder")
SIZES = [
    *((name, None) for name in PICTURES),
    *(pytest.param(name, (4.6, 5.6), id=f"{name}, narrow",
                   marks=() if name in CROWDED else pytest.mark.slow) for name in PICTURES),
]


@pytest.mark.parametrize(("name", "width"), SIZES)
def test_no_words_lie_upon_others(name: str, width: Any, drawn: Draw) -> None:
    """In every picture, at its own size and narrow, no words overlap."""
    assert list(overlaps(drawn(name, width))) == []


def test_words_that_overlap_are_found(talks: ts.Result) -> None:
    """The check of overlapping words sees two that lie upon each other."""
    ax = talks.plot.tree()
    word = next(t for t in ax.texts if t.get_text() == "odds")
    ax.text(*word.get_position(), "more", transform=word.get_transform(), ha="right")
    assert ("odds", "more") in list(overlaps(ax))


@given(st.lists(st.floats(-10, 10), max_size=12), st.floats(0.01, 1))
def test_places_are_apart_and_in_order(at: list[float], gap: float) -> None:
    """Places are at least the gap apart, in the order wanted, and where they were wanted if that
    was far enough apart already."""
    got = apart(at, gap, -20.0, 20.0)
    order = np.argsort(at, kind="stable")
    assert (np.diff(got[order]) >= gap - 1e-9).all()
    if len(at) > 1 and (np.diff(np.sort(at)) >= gap + 1e-9).all():
        assert np.allclose(got, at, atol=1e-9)
    if at:
        assert abs(got.mean() - np.mean(at)) < 1e-6 or got.min() <= -19.9 or got.max() >= 19.9


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(1, 40)), max_size=10))
def test_notes_in_a_row_do_not_overlap(given_: list[tuple[float, float]]) -> None:
    """Spans in one row keep the gap."""
    spans = [(left, left + wide) for left, wide in given_]
    rows = packed(spans, [left for left, _ in spans], 3.0)
    for n, (a, b) in enumerate(spans):
        for k in range(n):
            c, d = spans[k]
            assert rows[n] != rows[k] or b + 3.0 <= c or d + 3.0 <= a


def test_given_axes_are_drawn_on(record: ts.Result, talks: ts.Result) -> None:
    """``ax=`` takes the axes of the caller, one for each direction, and returns the first."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 7), layout="constrained")
    axes = figure.subplots(2, 1)
    assert record.plot.timeline(ax=axes, acts=False) is axes[0]
    assert axes[1].get_title(loc="left") == "USA on goods of CHN"
    alone = Figure().add_subplot()
    assert talks.plot.tree(ax=alone) is alone
    with pytest.raises(ts.InvalidValue, match="2 panels, one for each direction"):
        record.plot.timeline(ax=Figure().add_subplot())


def test_nothing_of_matplotlib_is_changed_and_no_figure_stays(talks: ts.Result) -> None:
    """No setting is changed, and a figure goes when it is no longer held."""
    import matplotlib

    before = matplotlib.rcParams.copy()
    ax = talks.plot.tree()
    assert ax._repr_png_().startswith(b"\x89PNG")
    assert dict.__eq__(before, matplotlib.rcParams)
    held = weakref.ref(ax.figure)
    del ax
    gc.collect()
    assert held() is None


@pytest.mark.slow  # a process of its own
def test_a_process_that_draws_loads_no_pyplot() -> None:
    """Pyplot is neither loaded nor given a figure, the import of the package and a run load no
    matplotlib, and no setting is changed."""
    code = (
        "import sys, tradescen as ts\n"
        "law = [ts.Measure(id=i, authority='MFN', group='mfn', scope=ts.Scope(importer=i), "
        "duty='5%') for i in ('USA', 'CHN')]\n"
        "r = ts.Scenario(schedule=ts.TariffSchedule(measures=law, plan=ts.StackPlan("
        "groups=['mfn']))).run(start='2025-01-01', end='2025-06-01', "
        "importers=['USA', 'CHN'], exporters=['USA', 'CHN'])\n"
        "assert 'matplotlib' not in sys.modules\n"
        "import matplotlib\n"
        "before = matplotlib.rcParams.copy()\n"  # reading all of them by hand would load pyplot
        "for draw in (r.plot.timeline, r.plot.stack, r.plot.ladder):\n"
        "    ax = draw(average='simple')\n"
        "assert ax._repr_png_().startswith(b'\\x89PNG')\n"
        "assert dict.__eq__(before, matplotlib.rcParams)\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_without_matplotlib_the_command_is_told(record: ts.Result,
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    """Where matplotlib is missing every picture fails with the command that installs it."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for draw in (record.plot.timeline, record.plot.heatmap, record.scenarios[0].plot.tree):
        with pytest.raises(ImportError, match=r"pip install 'tradescen\[plot\]'"):
            draw()


def test_bad_choices_are_refused(record: ts.Result, several: ts.Result,
                                 talks: ts.Result) -> None:
    """What cannot be drawn is refused with what is there and the way out."""
    for draw in (several.plot.stack, several.plot.heatmap):
        with pytest.raises(ts.InvalidValue, match="one future and 3 are meant"):
            draw()
    with pytest.raises(ts.InvalidValue, match="goods of one direction"):
        record.plot.heatmap()
    with pytest.raises(ts.InvalidValue, match="'partners' or one of"):
        record.plot.heatmap(by="HS3")
    with pytest.raises(ts.UnknownName, match="lapse"):
        several.plot.timeline(scenario="laps")
    with pytest.raises(ts.UnknownName, match="deal/blocks"):
        talks.plot.timeline(path="deal/block")
    with pytest.raises(ts.MissingData, match="BRA"):
        record.plot.timeline(exporter="BRA")
    with pytest.raises(ts.MissingData, match="both directions"):
        ts.load("us-china").run(start="2025-01-01", end="2025-02-01",
                                importers="USA").plot.ladder()
    with pytest.raises(ts.InvalidValue, match="two territories"):
        record.plot.ladder(sides=("USA",))
    with pytest.raises(ts.UnknownName, match="scenario"):
        several.plot.diff("peace")
    with pytest.raises(ts.InvalidValue, match="nothing to compare"):
        record.plot.diff("us-china")
    with pytest.raises(ts.InvalidValue, match="spans no band"):
        talks.plot.fan(q=0.5)
    with pytest.raises(ts.InvalidValue, match="outside the window"):
        talks.plot.tree(on="2030-01-01")
    with pytest.raises(ts.InvalidValue, match="holds the scenarios"):
        several.plot.fan()


def test_a_fan_needs_odds(futures: ts.Result) -> None:
    """Paths without odds have no quantiles, and the fan says so as the table does."""
    with pytest.raises(ts.MissingData, match="odds"):
        futures.plot.fan()


def test_lines_differ_without_colour(drawn: Draw) -> None:
    """No two lines of a picture have the same dashes, and no two ends the same mark."""
    ax = drawn("timeline of futures")
    found = [line for line in ax.lines if not line.get_label().startswith("_")]
    assert len({str(line._unscaled_dash_pattern) for line in found}) == len(found)
    assert [line.get_color() for line in found] == list(LIGHT[:5])
    ends = [line.get_marker() for line in ax.lines if line.get_label() == "_leader"]
    assert len(set(ends)) == len(ends) == 5
    assert len(panels(ax)) == 1
