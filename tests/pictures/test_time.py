"""Pictures over time say what the tables say, to the last bit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import tradescen as ts
from tests.laws.common import END, START
from tests.pictures.conftest import day, drawn_steps, lines, panels, same, told_steps
from tradescen import testing
from tradescen.display.pictures.chosen import where
from tradescen.display.pictures.marks import marks_of

Draw = Callable[..., Any]


def _run(result: ts.Result, path: str) -> Any:
    return next(r for r in result.runs if path in (r.path, r.scenario))


def test_steps_drawn_are_the_frame(futures: ts.Result, drawn: Draw) -> None:
    """Each path's line has the days and rates of its rows, and its last rate at its end."""
    frame = futures.bilateral()
    ax = drawn("timeline of futures")
    assert ax.get_title(loc="left") == "USA on goods of CHN"
    found = lines(ax)
    assert list(found) == [r.path for r in futures.runs]
    for name, line in found.items():
        told = told_steps(where(frame, _run(futures, name), ("USA", "CHN")))
        assert same(drawn_steps(line), told)
        assert any(t.get_text() == f"{name} {told[-1][1]:.1%}" for t in ax.texts)


@settings(max_examples=settings().max_examples // 25)
@given(testing.scenarios())
def test_drawn_steps_equal_the_frame_for_any_scenario(scenario: ts.Scenario) -> None:
    """Whatever the scenario, the lines of its mean rates are the rows of its table; where a rate
    is unknown the line has a gap and a note says so."""
    result = ts.simulate(scenario, start=START, end=END, importers=["USA"], exporters=["CHN"])
    frame = result.bilateral(average="simple")
    drawn = panels(result.plot.timeline(average="simple"))
    for ax, pair in zip(drawn, result._pairs(), strict=True):
        rows = where(frame, result.runs[0], pair)
        assert same(drawn_steps(lines(ax)[scenario.name]), told_steps(rows))
        gaps = rows["rate"].isna().any()
        assert gaps == any("unknown" in t.get_text() for t in ax.texts)


@settings(max_examples=settings().max_examples // 25)
@given(testing.scenarios())
def test_marks_are_the_acts_of_the_calendar(scenario: ts.Scenario) -> None:
    """A snapback is marked on each day the calendar has one, and what the calendar says is
    threatened is never marked as enacted."""
    result = ts.simulate(scenario, start=START, end=END, importers=["USA"], exporters=["CHN"])
    (run,) = result.runs
    marks = marks_of(run, "USA", "CHN")
    calendar = scenario.timeline(START, END)
    back = {(r["id"], r["date"].date()) for r in calendar.to_dict("records")
            if r["kind"] == "snapback" and r["actor"] == "USA"}
    assert {(m.id, m.start) for m in marks if m.kind == "snapback"} <= back
    for mark in marks:
        item = run.timeline.records[mark.id].item
        law = getattr(item, "enacted", None)
        if mark.kind in ("enacted", "suspended"):
            assert law is not None
        if mark.kind == "enacted" and mark.end is not None:
            assert mark.end == run.timeline.records[mark.id].effective
        if mark.kind == "threatened" and law is not None:
            assert mark.start < law == mark.end


def test_acts_of_the_record_are_marked_where_they_fell(drawn: Draw) -> None:
    """The step to 84 % was enacted on 8 and charged from 9 April 2025; the 34 % enacted on 2
    April never was; the threat of +100 % was announced on 10 October and given up; Geneva lapses
    in the record on 10 November 2026."""
    ax = drawn("timeline of a record")
    marks = {line.get_gid(): [day(x) for x in line.get_xdata()]
             for line in ax.lines if line.get_gid()}
    assert marks["enacted:us-ieepa-recip-84"] == [dt.date(2025, 4, 8), dt.date(2025, 4, 9)]
    assert marks["enacted:us-ieepa-recip-34"] == [dt.date(2025, 4, 2)]
    start, end = marks["threatened:us-threat-100"]
    assert start == dt.date(2025, 10, 10)
    assert end <= dt.date(2025, 11, 1)
    assert any(k.startswith("snapback:") and v == [dt.date(2026, 11, 10)]
               for k, v in marks.items())
    named = " | ".join(t.get_text() for t in ax.texts)
    for said in ("10 Apr 2025 us-ieepa-recip-125", "14 May 2025 geneva", "record to 9 Nov 2026"):
        assert said in named


def test_only_acts_of_the_paths_that_move_are_named(drawn: Draw) -> None:
    """On 1 November 2025 only the threat's path moves, so its act is named and not those on
    lorries of that day, which all paths share; the horizon is named too."""
    ax = drawn("timeline of futures")
    named = [t.get_text() for t in ax.texts]
    assert "1 Nov 2025 us-threat-100 (c-threat)" in named
    assert "as known on 24 Oct 2025" in named
    assert not any("us-232-buses" in n for n in named)


def test_acts_asked_for_are_named(record: ts.Result) -> None:
    """``names=`` with ids names these, each on its days, and nothing else."""
    ax = record.plot.timeline(importer="USA", names=["us-threat-100", "geneva"])
    named = [t.get_text() for t in ax.texts]
    assert "10 Oct 2025 us-threat-100 threatened" in named
    assert "14 May 2025 geneva" in named
    assert not any("recip-84" in n for n in named)
    with pytest.raises(ts.UnknownName, match="us-threat-100"):
        record.plot.timeline(importer="USA", names=["us-threat-10"])
    bare = record.plot.timeline(importer="USA", acts=False)
    assert not [line for line in bare.lines if line.get_gid()]


def test_a_cut_axis_says_what_it_leaves_out(record: ts.Result, drawn: Draw) -> None:
    """With ``limit=`` the line keeps all its rates, and the stretch above is stated with its
    highest rate and its end."""
    ax = drawn("timeline, cut")
    (line,) = lines(ax).values()
    most = max(v for _, v in drawn_steps(line))
    assert most > 1.1
    words = [t.get_text() for t in ax.texts]
    assert f"▲ {most:.1%} to 14 May 2025" in words
    assert "axis cut at 60%" in ax.get_xlabel().replace("\n", " ")
    whole = drawn("timeline of a record")
    assert whole.get_ylim()[1] > most
    assert not any("▲" in t.get_text() for t in whole.texts)
    with pytest.raises(ts.InvalidValue, match="not above 0"):
        record.plot.timeline(limit=0)


def test_a_product_is_drawn_as_its_line_or_the_mean_under_it(record: ts.Result) -> None:
    """A line's own rate is drawn for a line, the mean over its lines for a heading."""
    line = lines(record.plot.timeline(importer="USA", product="8541.43.00", acts=False))["us-china"]
    rows = record.rates(products=["8541.43.00"])
    assert same(drawn_steps(line), told_steps(rows[rows["importer"] == "USA"]))
    ax = record.plot.timeline(importer="USA", product="8517", acts=False)
    rows = record.average(within="8517")
    assert same(drawn_steps(lines(ax)["us-china"]), told_steps(rows[rows["importer"] == "USA"]))
    assert "goods under 8517" in ax.get_xlabel()


def test_bands_sum_to_the_rate_and_are_the_frame(record: ts.Result, drawn: Draw) -> None:
    """Each band is as high as the frame says its authority adds, on every day on which the rate
    moves; the topmost edge is the rate."""
    frame = record.bilateral()
    days = frame[frame["importer"] == "USA"]["start"].tolist()
    total = record.bilateral(on=days)
    parts = record.average(by=("importer", "exporter", "authority"), on=days)
    ax = drawn("stack")
    height = np.zeros(len(days))
    for band in (c for c in ax.collections if c.get_gid()):
        low, high = _edges(band, days)
        assert np.allclose(low, height, atol=1e-12)
        name = band.get_gid().removeprefix("band:")
        rows = parts[(parts["importer"] == "USA") & (parts["authority"] == name)]
        told = rows.set_index("date")["rate"].reindex(days).fillna(0.0).to_numpy()
        assert np.allclose(high - low, told, atol=1e-12), name
        height = high
    assert np.allclose(height, total[total["importer"] == "USA"]["rate"].to_numpy(), atol=1e-9)
    assert same(drawn_steps(lines(ax)["rate"]), told_steps(frame[frame["importer"] == "USA"]))


def _edges(band: Any, days: list[Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The lower and upper edge of a filled band of steps on each day."""
    from matplotlib.dates import date2num

    (path,) = band.get_paths()
    corners = path.vertices
    at = [float(date2num(d)) + 0.5 for d in days]  # type: ignore[no-untyped-call]
    low, high = [], []
    for x in at:
        hits = []
        for (x0, y0), (x1, y1) in pairwise(corners):
            if min(x0, x1) <= x < max(x0, x1):
                assert y0 == y1, "a step is level between days"
                hits.append(y0)
        low.append(min(hits, default=np.nan))
        high.append(max(hits, default=np.nan))
    return np.array(low), np.array(high)


def test_small_parts_are_summed_into_one_that_says_so(record: ts.Result) -> None:
    """With ``most=3`` there are two authorities and the others, and they still sum to the rate."""
    ax = record.plot.stack(importer="USA", most=3)
    bands = [c.get_gid() for c in ax.collections if c.get_gid()]
    assert len(bands) == 3
    assert bands[-1].endswith("others")
    days = record.bilateral(freq="MS")
    days = days[days["importer"] == "USA"]
    top = _edges([c for c in ax.collections if c.get_gid()][-1], days["date"].tolist())[1]
    assert np.allclose(top, days["rate"].to_numpy(), atol=1e-9)
    with pytest.raises(ts.InvalidValue, match="most=40"):
        record.plot.stack(most=40)
    with pytest.raises(ts.InvalidValue, match="by='HS2'"):
        record.plot.stack(by="HS2")


def test_the_fan_is_the_quantiles(talks: ts.Result, drawn: Draw) -> None:
    """The lines of a fan are the frame's quantiles and its expected rate."""
    odds = (0.1, 0.5, 0.9)
    told, mean = talks.quantiles(q=odds), talks.expected()
    ax = drawn("fan")
    for q in odds:
        rows = told[(told["q"] == q) & (told["importer"] == "USA")]
        steps = drawn_steps(lines(ax)[f"q={q:g}"])
        want = list(zip((d.date() for d in rows["date"]), rows["rate"], strict=True))
        assert same(steps[:-1], want)
        assert steps[-1] == (dt.date(2026, 12, 1), want[-1][1])
    rows = mean[mean["importer"] == "USA"]
    assert [v for _, v in drawn_steps(lines(ax)["expected"])[:-1]] == rows["rate"].tolist()


def test_the_fan_of_an_ensemble_is_its_quantiles() -> None:
    """The fan of draws has their quantiles and mean on the days drawn."""
    case = ts.load("us-china").as_known("2025-10-24")
    days = [dt.date(2025, 10, 20), dt.date(2025, 10, 28), dt.date(2025, 11, 4)]

    def sample(rng: np.random.Generator) -> list[Any]:
        return [ts.Collapse(id="geneva", on=dt.date(2025, 10, 25) + dt.timedelta(
            days=int(rng.integers(0, 9))))]

    result = ts.ensemble(case, 5, sample=sample, seed=3, on=days, importers="USA")
    told, mean = result.quantiles((0.1, 0.9)), result.mean()
    for ax, (importer, _) in zip(panels(result.plot.fan(q=(0.1, 0.9))), result.pairs, strict=True):
        for q in (0.1, 0.9):
            rows = told[(told["q"] == q) & (told["importer"] == importer)]
            line = lines(ax)[f"q={q:g}"]
            assert [day(x) for x in line.get_xdata()] == days
            assert line.get_ydata().tolist() == rows["rate"].tolist()
        rows = mean[mean["importer"] == importer]
        assert lines(ax)["mean"].get_ydata().tolist() == rows["rate"].tolist()
    with pytest.raises(ts.InvalidValue, match="one day"):
        ts.ensemble(case, 1, sample=sample, seed=3, on=days[0]).plot.fan()
    with pytest.raises(ts.MissingData, match="holds"):
        result.plot.fan(importer="BRA")


def test_differences_over_time_are_those_of_the_means(several: ts.Result, drawn: Draw) -> None:
    """A line of differences is the scenario's mean less the base's, on the first of each month."""
    daily = several.bilateral(freq="MS", how="start")
    found = lines(drawn("diff"))
    assert list(found) == ["war", "lapse"]
    here = daily[daily["importer"] == "USA"].pivot(index="date", columns="scenario",
                                                   values="rate")
    for name, line in found.items():
        steps = drawn_steps(line)
        for stamp, row in here.iterrows():
            value = [v for d, v in steps if d <= stamp.date()][-1]
            assert abs(value - (row[name] - row["held"])) < 1e-12


@settings(max_examples=settings().max_examples // 25)
@given(testing.scenarios())
def test_a_scenario_does_not_differ_from_itself(a: ts.Scenario) -> None:
    """Against a copy of itself a scenario's line is zero wherever its rate is known."""
    result = ts.simulate([a.named("a"), a.named("b")], start=START, end=END, importers=["USA"],
                         exporters=["CHN"])
    for ax in panels(result.plot.diff("a", average="simple")):
        values = lines(ax)["b"].get_ydata()
        assert (values[~np.isnan(values)] == 0).all()


def test_a_scenario_without_acts_has_an_empty_calendar() -> None:
    """A case in which nothing happens has a calendar without rows, and can be drawn."""
    law = ts.TariffSchedule(plan=ts.StackPlan(groups=["mfn"]), measures=[
        ts.Measure(id="mfn", authority="MFN", group="mfn", duty="4%",
                   scope=ts.Scope(importer="USA"))])
    case = ts.Scenario(name="still", schedule=law)
    assert case.timeline().empty
    ax = case.run(start="2025-01-01", end="2026-01-01",
                  exporters="CHN").plot.timeline(average="simple")
    assert drawn_steps(lines(ax)["still"])[0] == (dt.date(2025, 1, 1), 0.04)
