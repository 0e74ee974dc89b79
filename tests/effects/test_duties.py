"""Duty revenue, effective rates, and which acts bring the revenue."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tradescen as ts
from tests.effects.common import KEYS, frame, new_of, old_of, worlds
from tests.laws.common import few
from tradescen import InvalidValue, MissingData, UnknownName
from tradescen.effects import (
    Elasticities,
    contributions,
    effective_rates,
    rate_frame,
    revenue,
    trade_response,
)

SHORT = Elasticities(sigma=0.76, demand=0.76, name="short")
LONG = Elasticities(sigma=2.0, demand=1.0, name="long")


@few
@given(worlds(unknown=True), st.floats(0, 1.5))
def test_revenue_is_rate_times_trade(world: pd.DataFrame, realised: float) -> None:
    """Static revenue is Σ rate·trade·factor over known trade, whatever it is grouped by."""
    known = world["new"].notna()
    old = (world["old"] * world["value"])[known].sum() * realised
    new = (world["new"] * world["value"])[known].sum() * realised
    for by in ((), "importer", ("exporter", "HS2"), "product", ("HS6", "importer"), "section"):
        got = revenue(old_of(world), new_of(world), world, by=by, realised=realised)
        assert got["old"].sum() == pytest.approx(old)
        assert got["static"].sum() == pytest.approx(new)
        assert got["static_change"].sum() == pytest.approx(new - old, abs=1e-6)
        assert (got["unknown_share"] * got["value"]).sum() == pytest.approx(
            world.loc[~known, "value"].sum())
    assert got.attrs["realised"] == realised


@few
@given(worlds(), st.sampled_from([SHORT, LONG]))
def test_behavioural_revenue_is_that_of_the_response(
    world: pd.DataFrame, given_: Elasticities,
) -> None:
    """Revenue after trade answers is the new rate times the trade a response gives."""
    got = revenue(old_of(world), new_of(world), world, by="exporter", response=given_)
    flows = trade_response(old_of(world), new_of(world), world, elasticities=given_).flows
    want = flows.groupby("exporter")["revenue_new"].sum()
    np.testing.assert_allclose(got.set_index("exporter")["new"], want, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(got["change"], got["static_change"] + got["offset"], atol=1e-6)
    rates = effective_rates(old_of(world), new_of(world), world, by=(), response=given_)
    assert rates["rate_new_trade"].iloc[0] == pytest.approx(
        flows["revenue_new"].sum() / flows["value_new"].sum())


@few
@given(worlds(), st.integers(1, 364))
def test_days_in_force_count(world: pd.DataFrame, day: int) -> None:
    """A duty in force for part of a year yields that part of a year's duty."""
    cut = pd.Timestamp("2025-01-01") + pd.Timedelta(days=day)
    whole = {"start": pd.Timestamp("2025-01-01"), "end": pd.Timestamp("2026-01-01")}
    old = old_of(world).assign(**whole)
    new = pd.concat([old.assign(end=cut), new_of(world).assign(**{**whole, "start": cut})])
    got = revenue(old, new, world, by=())
    full = revenue(old_of(world), new_of(world), world, by=())
    part = (365 - day) / 365
    assert got["static_change"].iloc[0] == pytest.approx(
        full["static_change"].iloc[0] * part, abs=1e-6)
    assert got["old"].iloc[0] == pytest.approx(full["old"].iloc[0])
    for answer in (SHORT, LONG):
        moving = revenue(old, new, world, by="year", response=answer)
        flat = revenue(old_of(world), new_of(world), world, by=(), response=answer)
        assert moving["change"].sum() == pytest.approx(flat["change"].iloc[0] * part, abs=1e-5)


def test_a_duty_half_the_year_yields_half() -> None:
    """2 July is the 183rd day of 365: from there 10 % on 365 brings 18.3; years are kept apart."""
    old = pd.DataFrame([("USA", "CHN", "*", pd.Timestamp("2025-01-01"),
                         pd.Timestamp("2027-01-01"), 0.0)],
                       columns=[*KEYS, "start", "end", "rate"])
    new = pd.concat([old.assign(end=pd.Timestamp("2025-07-02")),
                     old.assign(start=pd.Timestamp("2025-07-02"), rate=0.1)])
    trade = frame(("USA", "CHN", "8517", 365.0), last="value")
    got = revenue(old, new, trade, by="year")
    assert got["year"].tolist() == [2025, 2026]
    np.testing.assert_allclose(got["static"], [18.3, 36.5])
    assert got["value"].tolist() == [365.0, 365.0]
    rates = effective_rates(old, new, trade, by="year")
    np.testing.assert_allclose(rates["rate_new"], [0.1 * 183 / 365, 0.1])


@given(worlds())
def test_effective_rates_lie_between_rates(world: pd.DataFrame) -> None:
    """An effective rate lies between the lowest and highest rate; equal rates change nothing."""
    got = effective_rates(old_of(world), new_of(world), world, by="importer", response=LONG)
    for name in ("rate_new", "rate_new_trade"):
        assert got[name].max() <= world["new"].max() + 1e-12
        assert got[name].min() >= world["new"].min() - 1e-12
    same = effective_rates(old_of(world), old_of(world), world, by=())
    assert same["change"].iloc[0] == 0


def test_revenue_of_which_nothing_is_known_is_unknown() -> None:
    """Where no rate of a group is known its revenue is NaN, not 0; where some are, their sum."""
    trade = frame(("USA", "CHN", "8517", 100.0), ("USA", "CHN", "0901", 20.0),
                  ("USA", "VNM", "8517", 50.0), ("USA", "MEX", "8517", 0.0), last="value")
    old = frame(("USA", "CHN", "8517", 0.1), ("USA", "CHN", "0901", np.nan),
                ("USA", "VNM", "*", np.nan), ("USA", "MEX", "*", 0.1))
    got = revenue(old, old, trade, response=LONG).set_index("exporter")
    money = ["old", "static", "static_change", "new", "change", "offset"]
    assert got.loc["VNM", money].isna().all()
    assert got.loc["VNM", "unknown_share"] == 1
    assert got.loc["CHN", "old"] == pytest.approx(10.0)
    assert got.loc["CHN", "unknown_share"] == pytest.approx(1 / 6)
    assert got.loc["MEX", "old"] == 0
    assert math.isnan(revenue(old, old, trade.iloc[2:3], by=())["old"].iloc[0])
    assert effective_rates(old, old, trade).set_index("exporter").loc["VNM"].isna().any()


def test_cases_and_factors() -> None:
    """Several elasticities give a row each; a factor may differ by direction."""
    world = frame(("USA", "CHN", "8517", 100.0), ("USA", "VNM", "8517", 100.0), last="value")
    old = frame(("USA", "CHN", "*", 0.1), ("USA", "VNM", "*", 0.1))
    new = frame(("USA", "CHN", "*", 0.6), ("USA", "VNM", "*", 0.1))
    got = revenue(old, new, world, by=(), response={"short": SHORT, "long": LONG})
    assert got["case"].tolist() == ["short", "long"]
    assert got["offset"].iloc[1] < got["offset"].iloc[0] < 0
    assert got.attrs["elasticities"]["long"]["sigma"] == 2.0
    got = revenue(old, new, world, realised={("USA", "CHN"): 0.5, ("USA", "VNM"): 1.0})
    assert got["static"].tolist() == [30.0, 10.0]


@pytest.mark.parametrize(("kind", "error", "words"), [
    ({"by": "colour"}, UnknownName, "unknown key 'colour'"),
    ({"by": ["HS2", "HS2"]}, InvalidValue, "twice"),
    ({"by": "year"}, InvalidValue, "start and end"),
    ({"realised": -0.5}, InvalidValue, "factor of 0 or more"),
    ({"realised": 88.5}, InvalidValue, "looks like percent"),
    ({"realised": "all"}, InvalidValue, "not a factor"),
    ({"realised": {("USA", "VNM"): 1.0}}, InvalidValue, "no factor for USA on CHN"),
    ({"response": {}}, InvalidValue, "names no case"),
    ({"response": 1.5}, InvalidValue, "are not Elasticities"),
    ({"response": SHORT, "model": "x"}, UnknownName, "unknown model"),
])
def test_nonsense_is_refused(kind: dict[str, object], error: type[Exception],
                             words: str) -> None:
    """Keys, factors and answers that mean nothing are refused."""
    rates = frame(("USA", "CHN", "*", 0.1))
    with pytest.raises(error, match=words):
        revenue(rates, rates, frame(("USA", "CHN", "8517", 1.0), last="value"),
                **kind)  # type: ignore[arg-type]


# -- out of scenarios -----------------------------------------------------------------------


def _base() -> ts.Scenario:
    return ts.Scenario(
        name="base",
        schedule=ts.TariffSchedule(
            measures=[ts.Measure(id="mfn", authority="MFN", group="mfn",
                                 duty={"9503": "4%", "8517": "Free"},
                                 scope=ts.Scope(importer="USA"))],
            plan=ts.StackPlan(groups=["mfn", "extra", ts.StackGroup(name="top", within="max")]),
        ),
        weights=ts.Weights(name="w", year=2024,
                           values={("USA", "CHN"): {"9503": 100.0, "8517": 300.0, "0101": 7.0}}),
    )


def _impose(name: str, rate: float, group: str = "extra", day: str = "2025-07-02") -> ts.Impose:
    measure = ts.Measure(id=name, authority="E", group=group, duty=rate,
                         scope=ts.Scope(importer="USA", exporters="CHN", products="9503"))
    return ts.Impose(measure=measure, enacted=day, effective=day)


def test_rate_frames_of_a_result() -> None:
    """Rates by the codes of the trade, over time or on a day, by line or by level."""
    other = _base().then(_impose("m", 0.5), name="other")
    result = ts.simulate([_base(), other], start="2025-01-01", end="2026-01-01")
    with pytest.raises(InvalidValue, match="say which: scenario="):
        rate_frame(result)
    with pytest.raises(UnknownName):
        rate_frame(result, "third")
    got = rate_frame(result, "other")
    rows = got[got["product"] == "9503"]
    assert rows["rate"].tolist() == [0.04, 0.54]
    assert rows["start"].tolist() == [pd.Timestamp("2025-01-01"), pd.Timestamp("2025-07-02")]
    assert got.attrs["weights_year"] == {"USA on CHN": 2024}
    on = rate_frame(result, "other", on="2025-08-01").set_index("product")["rate"]
    assert on["9503"] == 0.54
    assert math.isnan(on["0101"])  # no line: unknown, not 0
    level = rate_frame(result, "other", on="2025-08-01", level="HS2").set_index("product")
    assert level.loc["95", "rate"] == 0.54
    with pytest.raises(InvalidValue, match="names 2 days"):
        rate_frame(result, "other", on=["2025-08-01", "2025-08-02"])
    sums = revenue(rate_frame(result, "base"), got, _base().weights, by=())
    assert sums["static_change"].iloc[0] == pytest.approx(0.5 * 100 * 183 / 365)
    assert sums["unknown_share"].iloc[0] == pytest.approx(7 / 407)


@settings(max_examples=15)
@given(st.lists(st.tuples(st.integers(0, 120), st.sampled_from(["extra", "top"]),
                          st.sampled_from(["2025-01-01", "2025-07-02", "2026-05-01"])),
                max_size=4),
       st.sampled_from(["shapley", "ordered"]))
def test_contributions_sum_to_the_change(acts: list[tuple[int, str, str]], method: str) -> None:
    """The parts sum to the change of revenue, which is that of the two rate frames."""
    changes = [_impose(f"m{n}", rate / 100, group, day)
               for n, (rate, group, day) in enumerate(acts)]
    other = _base().then(*changes, name="other")
    got = contributions(_base(), other, start="2025-01-01", end="2026-03-01",
                        method=method, exporters="CHN")
    result = ts.simulate([_base(), other], start="2025-01-01", end="2026-03-01", exporters="CHN")
    want = revenue(rate_frame(result, "base"), rate_frame(result, "other"), _base().weights, by=())
    assert got["revenue"].sum() == pytest.approx(want["static_change"].iloc[0], abs=1e-9)
    assert got.attrs["change"] == pytest.approx(want["static_change"].iloc[0], abs=1e-9)
    assert abs(got.attrs["residual"]) < 1e-9
    assert sorted(got["change"]) == sorted(c.id for c in changes)


def test_two_duties_of_which_the_higher_counts_share() -> None:
    """In a group where the higher duty counts, Shapley halves what either alone would bring."""
    other = _base().then(_impose("a", 0.2, "top", "2025-01-01"),
                         _impose("b", 0.2, "top", "2025-01-01"), name="other")
    window = {"start": "2025-01-01", "end": "2026-01-01"}
    got = contributions(_base(), other, **window).set_index("change")["revenue"]  # type: ignore[arg-type]
    assert got["a"] == pytest.approx(10.0)
    assert got["b"] == pytest.approx(10.0)
    first = contributions(_base(), other, method="ordered", realised=0.5,
                          **window).set_index("change")["revenue"]  # type: ignore[arg-type]
    assert first.tolist() == pytest.approx([10.0, 0.0])
    each = contributions(_base(), other, realised={("USA", "CHN"): 0.25}, **window)  # type: ignore[arg-type]
    assert each["revenue"].sum() == pytest.approx(5.0)
    with pytest.raises(InvalidValue, match="factor of 0 or more"):
        contributions(_base(), other, realised=-1, **window)  # type: ignore[arg-type]


def test_contributions_refuse_what_they_cannot_share() -> None:
    """Unknown methods, other schedules and trade nobody gave are refused."""
    window = {"start": "2025-01-01", "end": "2026-01-01"}
    with pytest.raises(InvalidValue, match="'shapley' or 'ordered'"):
        contributions(_base(), _base(), method="last", **window)  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="looks like percent"):
        contributions(_base(), _base(), realised=88.5, importers="USA", exporters="CHN",
                      **window)  # type: ignore[arg-type]
    other = ts.Scenario(name="o", schedule=ts.TariffSchedule(
        measures=[], plan=ts.StackPlan(groups=["mfn"])))
    with pytest.raises(InvalidValue, match="different schedules"):
        contributions(_base(), other, **window)  # type: ignore[arg-type]
    from attrs import evolve

    lost = evolve(_base(), weights=ts.Weights(
        name="w", year=2024, values={("USA", "CHN"): {"0101": 7.0}}))
    with pytest.raises(MissingData, match="no rate of this trade is known"):
        contributions(lost, lost, importers="USA", exporters="CHN", **window)  # type: ignore[arg-type]
    bare = evolve(_base(), weights=())
    with pytest.raises(MissingData, match="pass weights="):
        contributions(bare, bare, importers="USA", exporters="CHN", **window)  # type: ignore[arg-type]
