"""Slopes of averages in a measure's duty, against averages over duties really moved."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, note
from hypothesis import strategies as st

import tradescen as ts
from tests.laws.common import few, grid, importers, rarely
from tests.laws.test_generators import count
from tradescen import testing
from tradescen.engine.panel import Panel, panel
from tradescen.frames.sensitivity import slopes

STEP = 2.0**-20  # far below the gaps between drawn duties, far above the noise of floats


def moved(got: Panel, measure: str, by: float) -> np.ndarray[Any, Any]:
    """The rate once a measure's duty is *by* higher wherever it stands."""
    layers = list(got.program.layers)
    for row in got.program.rows:
        if row.measure == measure:
            layer = layers[row.place]
            duty = layer.duty.copy()
            duty[np.unique(layer.slot[layer.measure == row.at])] += by
            layers[row.place] = evolve(layer, duty=duty)
    return panel(evolve(got.program, layers=tuple(layers))).rate


levels = st.sampled_from(range(30)).map(lambda n: f"{5 * (n % 6)}%" if n else ts.Unknown("none"))
coverages = st.sampled_from((*(1.0,) * 9, *(0.5, 0.2, 0.8) * 3, 0.0, ts.Unknown("not told")))


@st.composite
def stacks(draw: st.DrawFn) -> ts.Scenario:
    """Groups that sum, take the highest or the first, yield to and top up one another; duties
    in steps of five points, so that many are level; some shares and duties are unknown."""
    groups: list[Any] = ["mfn"]
    whole = ["mfn"]  # groups that charge on full value: a floor stands over these only
    for n, name in enumerate(("a", "b", "c")):
        relation: set[Any] = set()
        for kind in draw(st.lists(st.sampled_from(("floor", "floor", "yield")), max_size=2)):
            relation.add(ts.Floor(over=draw(st.sampled_from(whole))) if kind == "floor" else
                         ts.Yield(to=draw(st.sampled_from(("mfn", "a", "b")[: n + 1]))))
        groups.append(ts.StackGroup(
            name=name, within=draw(st.sampled_from(("sum", "max", "max", "first"))),
            relation=tuple(relation)))
        whole += [] if groups[-1].yields else [name]
    measures = [ts.Measure(id="mfn", authority="MFN", group="mfn", scope=ts.Scope(importer="USA"),
                           duty={"01": draw(levels), "72": "10%", "85": "10%"})]
    for name in ("a", "b", "c"):
        for k in range(draw(st.integers(1, 3))):
            measures.append(ts.Measure(
                id=f"{name}{k}", authority=name, group=name, precedence=k, duty=draw(levels),
                coverage=draw(coverages),
                scope=ts.Scope(importer="USA", products=draw(st.sampled_from((
                    ts.ProductSet.all(), ts.ProductSet.all(), ts.ProductSet.of("01", "72")))))))
    law = ts.TariffSchedule(measures=measures, plan=ts.StackPlan(groups=groups))
    return ts.Scenario(schedule=law)


def panels(scenario: ts.Scenario) -> list[tuple[Panel, str]]:
    """Each measure with the panel of its importer."""
    timeline = scenario.fold()
    return [(got, name) for i in importers(timeline) for got in [grid(timeline, i)]
            for name in dict.fromkeys(r.measure for r in got.program.rows)]


def kinks(scenario: ts.Scenario) -> set[str]:
    """What is special about the slopes of a scenario's measures."""
    out: set[str] = set()
    for got, name in panels(scenario):
        up, down = slopes(got, name, 1), slopes(got, name, -1)
        known = ~np.isnan(got.rate + up + down)
        out |= {"kink"} if (np.abs(up - down) > 1e-9)[known].any() else set()
        out |= {"part"} if ((up > 1e-9) & (up < 1 - 1e-9))[known].any() else set()
        out |= {"below 0"} if (up < -1e-9)[known].any() else set()
    return out


def test_kinks_and_parts_are_common() -> None:
    """Kinks, slopes between 0 and 1 and slopes below 0 are met often enough to be tested."""
    found = count(stacks(), kinks, draws=60)
    assert found["kink"] >= 8, found
    assert found["part"] >= 15, found
    assert found["below 0"] >= 1, found


def check(scenario: ts.Scenario) -> None:
    """To either side a slope is the change of the rate over a small change of the duty."""
    for got, name in panels(scenario):
        for side in (1, -1):
            note(f"{got.program.importer} {name} {side}")
            want = (moved(got, name, side * STEP) - got.rate) / (side * STEP)
            have = slopes(got, name, side)
            both = ~np.isnan(want)
            assert np.allclose(have[both], want[both], rtol=0, atol=1e-9)


@few
@given(stacks())
def test_slopes_are_those_of_the_rate(scenario: ts.Scenario) -> None:
    """On every line the slope is that of the rate to its side; unknown only where that is."""
    check(scenario)


@rarely
@given(testing.scenarios())
def test_slopes_hold_over_courses(scenario: ts.Scenario) -> None:
    """The same for drawn courses: on every line and origin, suspended or amended, on each day."""
    check(scenario)


def _case(*measures: ts.Measure, plan: ts.StackPlan) -> ts.Scenario:
    base = ts.Measure(id="mfn", authority="MFN", group="mfn", scope=ts.Scope(importer="USA"),
                      duty={"72": "0%", "85": "10%"})
    weights = ts.Weights(name="w", year=2024, values={("USA", "CHN"): {"72": 300.0, "85": 100.0}})
    return ts.Scenario(name="case", schedule=ts.TariffSchedule(measures=[base, *measures],
                                                               plan=plan), weights=weights)


def _measure(name: str, group: str, duty: Any, products: Any = None, **more: Any) -> ts.Measure:
    scope = ts.Scope(importer="USA", **({} if products is None else {"products": products}))
    return ts.Measure(id=name, authority=name, group=group, duty=duty, scope=scope, **more)


def _slopes(scenario: ts.Scenario) -> dict[str, tuple[float, float]]:
    frame = scenario.run(start="2025-01-01", end="2025-02-01", exporters="CHN").sensitivities()
    assert (frame["known_share"] == 1).all()
    assert frame.attrs["unit"].startswith("points")
    return {r.measure: (round(r.up, 12), round(r.down, 12)) for r in frame.itertuples()}


def test_slopes_by_hand() -> None:
    """Trade shares, coverage, yields, a floor and two level measures, as worked out by hand.

    Trade: 3/4 in chapter 72, 1/4 in 85. The metal duty claims half of 72, so a duty that
    yields to it is left 1/2 · 3/4 + 1/4 = 5/8.
    """
    plan = ts.StackPlan(groups=[
        "mfn", "metal", ts.StackGroup(name="rest", relation=ts.Yield(to="metal"))])
    assert _slopes(_case(_measure("steel", "metal", "50%", "72", coverage=0.5),
                         _measure("all", "rest", "10%"), plan=plan)) == {
        "mfn": (1, 1), "steel": (0.375, 0.375), "all": (0.625, 0.625)}
    # 15 % in all: over the MFN duty of 72 (0 %) and of 85 (10 %), which it fills up.
    floor = ts.StackPlan(groups=["mfn", ts.StackGroup(name="deal", relation=ts.Floor(over="mfn"))])
    assert _slopes(_case(_measure("deal", "deal", "15%"), plan=floor)) == {
        "mfn": (0, 0), "deal": (1, 1)}
    # 10 %: level with the MFN duty of 85, so a lower rate adds nothing there, a higher one does.
    assert _slopes(_case(_measure("deal", "deal", "10%"), plan=floor)) == {
        "mfn": (0.25, 0), "deal": (1, 0.75)}
    top = ts.StackPlan(groups=["mfn", ts.StackGroup(name="top", within="max")])
    assert _slopes(_case(_measure("a", "top", "25%", "72"), _measure("b", "top", "25%"),
                         plan=top)) == {"mfn": (1, 1), "a": (0.75, 0), "b": (1, 0.25)}


@rarely
@given(st.lists(st.integers(1, 9), min_size=1, max_size=4), st.integers(1, 5))
def test_slopes_and_duties_make_the_additional_rate(duties: list[int], weight: int) -> None:
    """Where duties add, the average is the sum of duty × slope."""
    made = [_measure(f"m{n}", "extra", f"{5 * d}%", ("72", "85", None)[n % 3],
                     coverage=d / 9) for n, d in enumerate(duties)]
    case = _case(*made, plan=ts.StackPlan(groups=["mfn", "extra"]))
    weights = ts.Weights(name="x", year=2024, values={
        ("USA", "CHN"): {"72": float(weight), "85": 2.0}})
    result = case.run(start="2025-01-01", end="2025-02-01", exporters="CHN", weights=weights)
    frame = result.sensitivities(on="2025-01-15").set_index("measure")
    total = sum(frame.loc[m.id, "up"] * m.duty.rate for m in made)  # type: ignore[union-attr]
    got = result.bilateral(on="2025-01-15")["additional_rate"].item()
    assert total == pytest.approx(got, abs=1e-12)
    assert (frame["up"] == frame["down"]).all()


def test_the_slope_is_that_of_an_act_on_the_record() -> None:
    """A point more on a measure moves the record's average by its slope, to 1e-12 a point.

    The fentanyl duty of 2025 and List 3, on the evening of 24 October 2025.
    """
    record = ts.load("us-china")
    ask = {"start": "2025-10-24", "end": "2025-10-26", "importers": "USA", "exporters": "CHN"}
    before = record.run(**ask)
    frame = before.sensitivities(on="2025-10-25").set_index("measure")
    base = before.bilateral(on="2025-10-25")["rate"].item()
    for name in ("us-fent-cn", "us-301-list3", "us-recip-cn"):
        act = ts.Amend(id="more", target=name, duty="+1pp", enacted="2025-10-24",
                       effective="2025-10-24")
        after = record.then(act).run(**ask).bilateral(on="2025-10-25")["rate"].item()
        if name == "us-recip-cn":  # suspended to 10 %, so that its rate is of no consequence
            assert after == base
        else:
            assert (after - base) / 0.01 == pytest.approx(frame.loc[name, "up"], abs=1e-12)
    assert set(frame["date"].dt.date) == {dt.date(2025, 10, 25)}
    # Over the goods of one list only its importer is shown, and its slope is the larger for it.
    over = record.run(start="2025-10-24", end="2025-10-26").sensitivities(
        on="2025-10-25", within="us-301-list3")
    assert set(over["importer"]) == {"USA"}
    listed = over.set_index("measure").loc["us-301-list3", "up"]
    assert 0.9 < listed <= 1
    assert frame.loc["us-301-list3", "up"] < 0.3
