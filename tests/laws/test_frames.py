"""What the tables say: parts, classes, intervals, averages and explanations agree."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.laws.common import (
    DAY,
    END,
    EXACT,
    LINES,
    START,
    alike,
    few,
    full,
    grid,
    importers,
    origins,
    same,
)
from tradescen import (
    AmbiguousPartner,
    AmbiguousProduct,
    ByProduct,
    Measure,
    MissingData,
    Result,
    Scenario,
    TariffSchedule,
    Weights,
    simulate,
    testing,
)
from tradescen.testing import values as v

CODES = testing.CODES
DAYS = testing.days(START, END - DAY)


def run(scenario: Scenario, importer: str = "USA", **more: Any) -> Result:
    """A scenario over the window, one importer."""
    return simulate(scenario, start=START, end=END, importers=[importer],
                    exporters=list(origins(importer)), **more)


def asked(result: Result) -> list[str]:
    """The schedule's own lines."""
    return [c for c in result.runs[0].lines["USA"].codes if c]


# -- parts --------------------------------------------------------------------------------


@given(testing.scenarios())
def test_contributions_sum_to_the_rate(scenario: Scenario) -> None:
    """The rate is the sum of its contributions, left to right in plan order, to the last bit;
    the additional rate is the sum of those outside the base."""
    timeline = scenario.fold()
    for importer in importers(timeline):
        got = grid(timeline, importer)
        total, more = np.zeros_like(got.rate), np.zeros_like(got.rate)
        for row in got.program.rows:
            part = got.contribution(row)
            total = total + part
            more = more + (0.0 if row.base else part)
        assert np.array_equal(total, got.rate, equal_nan=True)
        assert np.array_equal(more, got.additional, equal_nan=True)


@few
@given(testing.scenarios(), st.sampled_from(("measure", "group", "authority")), DAYS)
def test_parts_in_the_table_sum_to_the_rate_in_the_table(scenario: Scenario, by: str,
                                                         day: Any) -> None:
    """By line and day, what the authorities, groups or measures add comes to the rate."""
    result = run(scenario)
    rates = result.rates(on=day, products=asked(result))
    parts = result.contributions(by=by, on=day, products=asked(result))
    keys = ["exporter", "product", "asked"]
    sums = parts.groupby(keys)["rate"].sum()
    for row in rates.to_dict("records"):
        if not math.isnan(row["rate"]):
            assert alike(sums.get(tuple(row[k] for k in keys), 0.0), row["rate"])


# -- classes ------------------------------------------------------------------------------


@given(testing.scenarios(), st.sampled_from(("USA", "CHN")))
def test_classes_are_the_full_grid(scenario: Scenario, importer: str) -> None:
    """Each line computed by itself bears the rate of its class, bit for bit."""
    timeline = scenario.fold()
    whole = full(grid(timeline, importer))
    for k, line in enumerate(LINES):
        alone = full(grid(timeline, importer, lines=[line]))
        assert np.array_equal(whole[:, [k]], alone, equal_nan=True)


@few
@given(testing.scenarios(), DAYS)
def test_class_rows_stand_for_all_lines(scenario: Scenario, day: Any) -> None:
    """The rows by class count every line once, and each line asked for bears its class's rate."""
    result = run(scenario)
    own = result.runs[0].lines["USA"].codes
    classes = result.rates(on=day)
    by_line = result.rates(on=day, products=[c for c in own if c])
    for origin, rows in classes.groupby("exporter"):
        assert rows["lines"].sum() == len(own)
        lines = by_line[by_line["exporter"] == origin]
        said = {(r, a) for r, a in zip(rows["rate"], rows["additional_rate"], strict=True)
                if not math.isnan(r + a)}
        for row in lines.to_dict("records"):
            if not math.isnan(row["rate"] + row["additional_rate"]):
                assert (row["rate"], row["additional_rate"]) in said


@few
@given(testing.scenarios(), DAYS, testing.hs_codes(), st.sampled_from(("CHN", "DEU", "GBR")))
def test_one_rate_is_the_frame_cell(scenario: Scenario, day: Any, code: str,
                                    origin: str) -> None:
    """``Scenario.rate`` of a code equals each of its lines' cells, or says that they differ."""
    result = simulate(scenario, start=START, end=END, importers=["USA"], exporters=[origin])
    lines = result.runs[0].lines["USA"]
    ask = {"importer": "USA", "exporter": origin, "product": code, "on": day}
    if not lines.under(code) and lines.holding(code) is None:
        with pytest.raises(MissingData):
            scenario.rate(**ask)
        return
    cells = result.rates(on=day, products=[code])["rate"].tolist()
    if len(set(map(str, cells))) > 1:
        with pytest.raises(AmbiguousProduct) as told:
            scenario.rate(**ask)
        assert set(map(str, told.value.values["rates"])) == set(map(str, cells))
        return
    rate = scenario.rate(**ask)
    assert all(alike(rate, cell, 0) for cell in cells)


@few
@given(testing.scenarios(), DAYS)
def test_a_group_is_a_label_for_its_members(scenario: Scenario, day: Any) -> None:
    """A group of origins bears the rate of its members of the day if all agree, else none."""
    from tradescen.vocab.countries import members

    own = [c for c in run(scenario).runs[0].lines["USA"].codes if len(c) == 8]
    assume(own)
    rates = {m: scenario.rate(importer="USA", exporter=m, product=own[0], on=day)
             for m in members("EU", day) if m in ("DEU", "FRA", "GBR")}
    try:
        rate = scenario.rate(importer="USA", exporter="EU", product=own[0], on=day)
    except AmbiguousPartner:
        assert len({str(r) for r in rates.values()}) > 1
        return
    assert all(alike(rate, one, 0) for one in rates.values())


# -- time ---------------------------------------------------------------------------------


@given(testing.scenarios(), st.lists(DAYS, max_size=6))
def test_extra_cut_points_change_nothing(scenario: Scenario, extra: list[Any]) -> None:
    """Cutting time at more days leaves every day's rate as it is, bit for bit."""
    timeline = scenario.fold()
    for importer in importers(timeline):
        more = grid(timeline, importer, extra=extra)
        assert {d for d in extra if d > START} <= set(more.program.cuts)
        assert np.array_equal(full(grid(timeline, importer)), full(more), equal_nan=True)


KEY = ["exporter", "product", "asked"]


def rows_of(frame: Any) -> dict[tuple[str, ...], list[dict[str, Any]]]:
    """The rows of a table by direction and line, in the order of time."""
    out: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in frame.to_dict("records"):
        out.setdefault(tuple(row[k] for k in KEY), []).append(row)
    return out


@few
@given(testing.scenarios())
def test_days_and_intervals_agree(scenario: Scenario) -> None:
    """The table by days and the table by intervals say the same of each day, and one is got
    from the other either way round."""
    result = simulate(scenario, start=START, end=END, importers=["USA"], exporters=["GBR"])
    codes = asked(result)[:3]
    intervals, daily = result.rates(products=codes), result.rates(freq="D", products=codes)
    testing.assert_rates_equal(intervals, daily, tolerance=0)
    steps, each = rows_of(intervals), rows_of(daily)
    assert steps.keys() == each.keys()
    for key, rows in each.items():
        said = [(str(r["rate"]), str(r["additional_rate"]), r["status"]) for r in rows]
        moved = [n for n in range(len(said)) if not n or said[n] != said[n - 1]]
        assert len(rows) == (END - START).days
        assert [rows[n]["date"] for n in moved] == [r["start"] for r in steps[key]]
        ends = [*(r["start"] for r in steps[key][1:]), pd.Timestamp(END)]
        assert [r["end"] for r in steps[key]] == ends


@few
@given(testing.scenarios(), st.sampled_from(("MS", "W", "QS")))
def test_means_over_periods_are_means_of_days(scenario: Scenario, freq: str) -> None:
    """``how="mean"`` is the mean of the daily rates of the period; unknown if one of them is."""
    result = simulate(scenario, start=START, end=END, importers=["USA"], exporters=["GBR"])
    codes = asked(result)[:3]
    means = rows_of(result.rates(freq=freq, how="mean", products=codes))
    daily = rows_of(result.rates(freq="D", products=codes))
    assert means.keys() == daily.keys()
    for key, rows in means.items():
        labels = [r["date"] for r in rows]
        days = [d["date"] for d in daily[key]]
        if freq == "W":  # a week bears the name of its last day
            periods = [sum(lab < d for lab in labels) for d in days]
        else:
            periods = [sum(lab <= d for lab in labels) - 1 for d in days]
        assert sorted(set(periods)) == list(range(len(rows)))
        for n, row in enumerate(rows):
            held = [d["rate"] for d, p in zip(daily[key], periods, strict=True) if p == n]
            assert alike(row["rate"], sum(held) / len(held))


# -- averages -----------------------------------------------------------------------------

AMOUNTS = st.integers(0, 5).map(float)
TRADE = st.dictionaries(st.sampled_from(CODES), AMOUNTS, min_size=1, max_size=6)


def weights(values: dict[str, float]) -> Weights:
    """Trade of the United States with every origin of the universe."""
    return Weights(name="w", year=2019,
                   values={("USA", origin): values for origin in origins("USA")})


def leaves(result: Result) -> list[str]:
    """Lines with no line under them."""
    own = result.runs[0].lines["USA"].codes
    return [c for c in own if c and sum(o.startswith(c) for o in own) == 1]


@few
@given(testing.scenarios(), TRADE)
def test_averages_lie_between_extremes(scenario: Scenario, values: dict[str, float]) -> None:
    """A weighted average lies between the lowest and the highest rate it is over, and the share
    known between 0 and 1."""
    frame = run(scenario, weights=weights(values)).bilateral()
    known = frame[frame["rate"].notna()]
    assert (known["min_rate"] <= known["rate"]).all()
    assert (known["rate"] <= known["max_rate"]).all()
    shares = frame[["known_share", "additional_known_share"]].to_numpy()
    inside = (shares >= -EXACT) & (shares <= 1 + EXACT)
    assert (inside | np.isnan(shares)).all()
    assert (frame["rate"].isna() == ~(frame["known_share"] > 0)).all()


@few
@given(testing.scenarios(), st.data())
def test_averages_are_sums_over_lines(scenario: Scenario, data: st.DataObject) -> None:
    """A weighted average is the sum of value × rate over known lines by their value."""
    result = run(scenario)
    names = leaves(result)
    assume(names)
    values = {n: data.draw(AMOUNTS) for n in names}
    day = data.draw(DAYS)
    frame = run(scenario, weights=weights(values)).bilateral(on=day)
    cells = run(scenario).rates(on=day, products=names)
    for row in frame.to_dict("records"):
        here = cells[cells["exporter"] == row["exporter"]]
        pairs = [(values[r["asked"]], r["rate"]) for r in here.to_dict("records")
                 if not math.isnan(r["rate"])]
        held, total = sum(w for w, _ in pairs), sum(values.values())
        assert row["weight_usd"] == total
        assert alike(row["rate"], sum(w * r for w, r in pairs) / held if held else math.nan)
        assert alike(row["known_share"], held / total if total else math.nan)


@few
@given(testing.scenarios(), st.data())
def test_averages_do_not_change_when_lines_are_refined(scenario: Scenario,
                                                       data: st.DataObject) -> None:
    """Splitting the value of a line over finer codes, or the line itself into finer lines of
    the same duty, changes no weighted average."""
    names = [n for n in leaves(run(scenario)) if len(n) < 10]
    assume(names)
    values = {n: data.draw(AMOUNTS) for n in names}
    finer = {
        code: part for n, value in values.items()
        for code, part in ((f"{n}11", value / 4), (f"{n}90", value - value / 4))
    }
    base = run(scenario, weights=weights(values)).bilateral()
    testing.assert_rates_equal(run(scenario, weights=weights(finer)).bilateral(), base)

    def refined(m: Measure) -> Measure:
        if not isinstance(m.duty, ByProduct) or m.group != "mfn":
            return m
        more = {f"{n}{tail}": m.duty.find(n) for n in names for tail in ("11", "90")
                if m.duty.find(n) is not None}
        return evolve(m, duty=ByProduct({**dict(m.duty.values), **more}, default=m.duty.default))

    law = evolve(scenario.schedule,
                 measures=tuple(map(refined, scenario.schedule.measures)))
    split = evolve(scenario, schedule=law)
    testing.assert_rates_equal(run(split, weights=weights(finer)).bilateral(), base)


# -- explanations -------------------------------------------------------------------------


@few
@given(testing.scenarios(), DAYS, st.sampled_from(("CHN", "DEU", "GBR", "VNM")), st.data())
def test_an_explained_rate_is_the_cell_and_the_sum_of_its_steps(
    scenario: Scenario, day: Any, origin: str, data: st.DataObject
) -> None:
    """``explain`` gives the frame's cell bit for bit, and its steps added left to right give
    it again."""
    result = simulate(scenario, start=START, end=END, importers=["USA"], exporters=[origin])
    own = result.runs[0].lines["USA"].codes
    names = [c for c in own if sum(o.startswith(c) for o in own) == 1 and c] or ["99"]
    line = data.draw(st.sampled_from(names))
    try:
        told = result.explain(importer="USA", exporter=origin, product=line, on=day)
    except AmbiguousProduct:
        return
    cell = result.rates(on=day, products=[line]).iloc[0]
    assert alike(told.rate, cell["rate"], 0)
    assert alike(told.additional_rate, cell["additional_rate"], 0)
    total, more = 0.0, 0.0
    base = set(scenario.schedule.plan.base)
    for step in told.steps:
        total += step.contribution
        more += 0.0 if step.group in base else step.contribution
        assert math.isnan(step.contribution) == bool(step.reason)
        assert step.because
    assert alike(total, told.rate, 0)
    assert alike(more, told.additional_rate, 0)
    assert math.isnan(told.rate) == any(math.isnan(s.contribution) for s in told.steps)
    said = told.to_dict()
    assert said["rate"] == (None if math.isnan(told.rate) else told.rate)


@few
@given(testing.scenarios(), testing.scenarios())
def test_assert_helpers_tell_apart_what_differs(a: Scenario, b: Scenario) -> None:
    """``assert_same_rates`` passes exactly if every cell agrees."""
    law = a.schedule
    b = Scenario(schedule=evolve(law, measures=tuple(
        m for m in b.schedule.measures if m.group in law.plan.names)))
    ours, theirs = (full(grid(s.fold(), "USA")) for s in (a, b))
    alike_ = same(ours[:, :, :-1], theirs[:, :, :-1])
    window = {"start": START, "end": END, "importers": ["USA"],
              "exporters": list(testing.ORIGINS)}
    if alike_:
        testing.assert_same_rates(a, b, **window)
    testing.assert_same_rates(a, a, tolerance=0, **window)
    if not same(ours[:, :2, :-1], theirs[:, :2, :-1]):
        with pytest.raises(AssertionError, match="USA on"):
            testing.assert_same_rates(a, b, **window)


@given(st.lists(v.tables(v.levels()), min_size=1, max_size=2))
def test_unknown_is_told_in_the_tables(tables: list[Any]) -> None:
    """A line without a duty is NaN in the table, never 0, and its additional rate is known."""
    law = TariffSchedule(plan=v.StackPlan(groups=("mfn", "extra")), measures=(
        Measure(id="m", authority="MFN", group="mfn", duty=tables[0],
                scope=v.Scope(importer="USA")),
        Measure(id="x", authority="A", group="extra", duty="10%",
                scope=v.Scope(importer="USA"))))
    result = run(Scenario(schedule=law))
    frame = result.rates(on=START, products=asked(result))
    for row in frame.to_dict("records"):
        duty = tables[0].find(row["product"].replace(".", ""))
        assert alike(row["rate"], math.nan if duty is None else duty.rate + 0.1)
        assert alike(row["additional_rate"], 0.1)
