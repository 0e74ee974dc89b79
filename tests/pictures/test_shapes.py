"""Shades, bars, trees and ladders say what the tables say."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import tradescen as ts
from tests.pictures.conftest import lines, panels
from tradescen.display.pictures.chosen import where

Draw = Callable[..., Any]


def _mesh(ax: Any) -> Any:
    from matplotlib.collections import QuadMesh

    (mesh,) = (c for c in ax.collections if isinstance(c, QuadMesh))
    return mesh


def test_shades_of_goods_are_the_frame(record: ts.Result, drawn: Draw) -> None:
    """The cells are the monthly means by chapter, the largest chapters by trade in their order;
    unknown cells are hatched and said to be unknown."""
    ax = drawn("goods by date")
    cells = _mesh(ax).get_array()
    frame = record.average(by=("importer", "exporter", "HS2"), freq="MS", how="mean")
    frame = frame[frame["importer"] == "USA"]
    trade = frame.groupby("HS2")["weight_usd"].max().sort_values(ascending=False)
    named = [t.get_text().split()[0] for t in ax.get_yticklabels()]
    assert named == sorted(trade.index[:20])
    told = frame.pivot(index="HS2", columns="date", values="rate").loc[named].to_numpy()
    assert np.array_equal(np.ma.filled(cells, np.nan), told, equal_nan=True)
    hatched = [p for p in ax.patches if p.get_hatch()]
    assert len(hatched) == np.isnan(told).sum() > 0
    words = ax.get_xlabel().replace("\n", " ")
    assert "20 largest of 98" in words
    assert "hatched: unknown" in words
    top = _mesh(ax).norm.vmax
    assert top == np.nanmax(told), "no rate lies past the last shade"


def test_shades_may_be_read_as_numbers(record: ts.Result) -> None:
    """Where cells have room their rates are written in them; sections are in their order."""
    days = ["2025-01-01", "2025-04-15", "2025-06-01"]
    ax = record.plot.heatmap(importer="CHN", by="section", on=days, most=None)
    frame = record.average(by=("importer", "exporter", "section"), on=days)
    frame = frame[frame["importer"] == "CHN"]
    table = np.ma.filled(_mesh(ax).get_array(), np.nan)
    written = {(int(t.get_position()[1]), int(t.get_position()[0])): t.get_text()
               for t in ax.texts}
    for (row, column), value in np.ndenumerate(table):
        assert np.isnan(value) or written[row, column] == f"{value * 100:.1f}"
    named = [t.get_text().split()[0] for t in ax.get_yticklabels()]
    assert named[:3] == ["I", "II", "III"]
    for row, name in enumerate(named):
        told = frame[frame["section"] == name].sort_values("date")["rate"].tolist()
        assert np.array_equal(table[row], told, equal_nan=True)


def test_partners_are_the_averages_of_a_day(record: ts.Result) -> None:
    """Importers by exporters hold the bilateral rates of the day; by default the last one known."""
    ax = record.plot.heatmap(by="partners", on="2025-04-15")
    table = np.ma.filled(_mesh(ax).get_array(), np.nan)
    frame = record.bilateral(on="2025-04-15").set_index("importer")["rate"]
    names = [t.get_text() for t in ax.get_yticklabels()]
    for row, name in enumerate(names):
        assert frame[name] in table[row]
    assert np.isnan(table).sum() == 2, "nobody imports from itself"
    assert not [p for p in ax.patches if p.get_hatch()]
    assert "9 Nov 2026" in record.plot.heatmap(by="partners").get_title(loc="left")


def test_bars_are_the_largest_differences(several: ts.Result, drawn: Draw) -> None:
    """Bars on a day are the frame's changes by chapter, the largest first."""
    told = several.diff("held", on="2026-05-01", level="HS2")
    told = told[(told["scenario"] == "war") & (told["importer"] == "USA")]
    ax = drawn("bars")
    wide = [bar.get_width() for bar in ax.patches]
    want = sorted(told["change_rate"], key=lambda v: -abs(v))[:10]
    assert np.allclose(wide, want, atol=1e-6)
    named = [t.get_text().split()[0] for t in ax.get_yticklabels()]
    values = told.set_index("product")["change_rate"]
    assert [values[n] for n in named] == wide
    assert f"the 10 largest of {len(told)}" in ax.get_xlabel()


def test_the_tree_has_the_forks_odds_and_rates(talks: ts.Result, drawn: Draw) -> None:
    """A branch is drawn for each choice, and each end bears the path's odds and its rates."""
    ax = drawn("tree")
    assert set(lines(ax)) == {"talks: deal", "talks: war", "congress: passes", "congress: blocks"}
    words = [t.get_text() for t in ax.texts]
    for said in ("deal 60%", "war 40%", "passes 25%", "blocks 75%", "talks", "congress"):
        assert said in words
    frame = talks.bilateral(on="2026-05-01")
    for n, run in enumerate(talks.runs):
        row = [t.get_text() for t in ax.texts if t.get_position()[1] == n]
        assert f"{run.probability:.1%}" in row
        for pair in talks._pairs():
            assert f"{where(frame, run, pair)['rate'].iloc[0]:.1%}" in row
    thick = {name: line.get_linewidth() for name, line in lines(ax).items()}
    assert thick["congress: blocks"] > thick["talks: war"] > thick["congress: passes"]


def test_a_scenario_shows_its_forks_before_it_is_run(talks: ts.Result,
                                                     futures: ts.Result) -> None:
    """The tree of a scenario is that of its paths; without odds it says so; without forks there
    is none."""
    (scenario,) = talks.scenarios
    assert set(lines(scenario.plot.tree())) == set(lines(talks.plot.tree()))
    (scenario,) = futures.scenarios
    ax = scenario.plot.tree()
    assert len(lines(ax)) == 5
    assert "nobody puts odds" in ax.get_xlabel()
    with pytest.raises(ts.InvalidValue, match="no fork"):
        ts.load("us-china").plot.tree()


def test_paths_know_the_choices_that_lead_to_them(talks: ts.Result) -> None:
    """The odds of a path are the product of those of its choices, which its name lists."""
    for path in talks.scenarios[0].paths():
        assert path.name == "/".join(branch for _, branch, _ in path.choices)
        assert abs(np.prod([odds for _, _, odds in path.choices]) - path.probability) < 1e-12


def test_the_ladder_steps_through_both_sides_rates(record: ts.Result, drawn: Draw) -> None:
    """Its corners are the pairs of rates of each day on which a side moves; the key tells the
    large moves with their acts."""
    ax = drawn("ladder")
    daily = record.bilateral(freq="D").pivot(index="date", columns="importer", values="rate")
    corners = [tuple(row) for row in daily[["USA", "CHN"]].to_numpy().tolist()]
    want = [corners[0], *(b for a, b in pairwise(corners) if a != b)]
    assert [tuple(p) for p in lines(ax)["us-china"].get_xydata().tolist()] == want
    key = "\n".join(t.get_text() for t in ax.texts)
    assert "9 Apr 2025: USA 40.8% → 90.9% (us-ieepa-recip-84)" in key
    assert "12 Apr 2025: CHN 107.7% → 148.7% (cn-2025-apr-125)" in key
    turned = record.plot.ladder(sides=("CHN", "USA"))
    assert [(y, x) for x, y in lines(turned)["us-china"].get_xydata().tolist()] == want


def test_a_cut_ladder_says_which_moves_lie_outside(record: ts.Result) -> None:
    """With ``limit=`` the moves beyond are named below, and their rates stay in the key."""
    ax = record.plot.ladder(limit="60%")
    words = ax.get_xlabel().replace("\n", " ")
    assert "axes cut at 60%, outside lies" in words
    assert ax.get_xlim()[1] == ax.get_ylim()[1] == 0.6
    assert any("148.7%" in t.get_text() for t in ax.texts)


def test_ladders_of_futures_name_whose_move_it_is(drawn: Draw) -> None:
    """A move that not all futures make says which do."""
    ax = drawn("ladder of futures")
    key = [t.get_text() for t in ax.texts if "1 Nov 2025" in t.get_text()]
    assert len(key) == 1
    assert "USA 42.8% → 142.8% (us-threat-100)" in key[0]
    assert "only c-threat" in key[0]
    assert len(panels(ax)) == 1
