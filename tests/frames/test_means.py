"""What a mean may be over, what a wide table shows of it, and what a quantile is."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tradescen as ts
from tradescen.errors import InvalidValue
from tradescen.frames.odds import quantile

USA = ts.Scope(importer="USA", exporters="CHN")
CHN = ts.Scope(importer="CHN", exporters="USA")


def _law(*measures: ts.Measure, changes: tuple[ts.Impose, ...] = ()) -> ts.Scenario:
    return ts.Scenario(
        name="law", schedule=ts.TariffSchedule(
            measures=measures, plan=ts.StackPlan(groups=["mfn", "extra"])),
        changes=changes,
    )


def _charge(name: str, scope: ts.Scope, duty: object, day: str, until: str | None = None,
            ) -> ts.Impose:
    measure = ts.Measure(id=name, authority="E", group="extra", duty=duty, scope=scope,
                         until=until, source="made")
    return ts.Impose(measure=measure, enacted=day, effective=day)


def _unknown_in_june() -> ts.Scenario:
    """China's duty is unknown in June and known on 3 of 100 dollars in July; another side moves."""
    return _law(
        ts.Measure(id="us", authority="MFN", group="mfn", duty={"0101": "2%", "0102": "2%"},
                   scope=USA),
        ts.Measure(id="cn", authority="MFN", group="mfn", duty={"0101": "5%", "0102": "5%"},
                   scope=CHN),
        changes=(
            _charge("all", CHN, ts.Unknown("not printed"), "2025-06-01", "2025-07-01"),
            _charge("most", ts.Scope(importer="CHN", exporters="USA", products="0102"),
                    ts.Unknown("not printed"), "2025-07-01", "2025-08-01"),
            _charge("move", USA, "10%", "2025-06-15"),
        ),
    )


WEIGHTS = ts.Weights(name="made", year=2024, values={
    ("USA", "CHN"): {"0101": 50.0, "0102": 50.0}, ("CHN", "USA"): {"0101": 3.0, "0102": 97.0}})


def test_a_wide_table_holds_a_step_and_keeps_an_unknown() -> None:
    """A wide table fills the days on which only another side moves, and nothing else: an
    unknown rate stays unknown until it is known again."""
    result = _unknown_in_june().run(start="2025-05-01", end="2025-09-01", weights=WEIGHTS)
    wide = result.bilateral(wide=True, min_known=0)
    china = wide.xs("CHN", axis=1, level="importer").iloc[:, 0]
    assert [str(d.date()) for d in china.index] == [
        "2025-05-01", "2025-06-01", "2025-06-15", "2025-07-01", "2025-08-01"]
    np.testing.assert_allclose(china.to_numpy(), [0.05, np.nan, np.nan, 0.05, 0.05])
    usa = wide.xs("USA", axis=1, level="importer").iloc[:, 0]
    np.testing.assert_allclose(usa.to_numpy(), [0.02, 0.02, 0.12, 0.12, 0.12])


def test_every_cell_of_a_wide_table_is_the_rate_of_that_day() -> None:
    """A cell of the wide table is the long table's rate on its day, unknown where that is."""
    result = _unknown_in_june().run(start="2025-05-01", end="2025-09-01", weights=WEIGHTS)
    wide = result.bilateral(wide=True, min_known=0)
    days = [d.date() for d in wide.index]
    same = result.bilateral(wide=True, min_known=0, on=days)
    np.testing.assert_array_equal(wide.to_numpy(), same.to_numpy())


def test_a_mean_over_little_trade_is_unknown_in_a_wide_table() -> None:
    """A mean over less than half of the trade is unknown where its share is not shown beside it;
    min_known= sets another share, in the long table too."""
    result = _unknown_in_june().run(start="2025-05-01", end="2025-09-01", weights=WEIGHTS)
    july = {"on": "2025-07-15", "wide": True}
    cell = ("law", "", "CHN", "USA")
    assert math.isnan(result.bilateral(**july)[cell].item())
    assert result.bilateral(**july, min_known=0.03)[cell].item() == pytest.approx(0.05)
    assert math.isnan(result.bilateral(**july, min_known="3.1%")[cell].item())
    assert result.bilateral(**july).attrs["min_known"] == 0.5
    rows = result.bilateral(on="2025-07-15").set_index("importer")
    assert (rows["rate"]["CHN"], rows["known_share"]["CHN"]) == (pytest.approx(0.05), 0.03)
    less = result.bilateral(on="2025-07-15", min_known=0.5).set_index("importer")
    assert less.loc["CHN", ["rate", "min_rate", "max_rate"]].isna().all()
    assert (less["rate"]["USA"], less["known_share"]["CHN"]) == (rows["rate"]["USA"], 0.03)
    with pytest.raises(InvalidValue, match="from 0 to 1"):
        result.bilateral(min_known=1.5)


def test_the_rest_of_a_schedule_is_no_tariff_line() -> None:
    """A simple mean is over the tariff lines named; the class ``*`` for all other goods is shown
    among the rates and counts as no line, unless there is no other."""
    lines = {"0101": "2%", "0102": ts.Unknown("not printed")}
    part, rest = _charge("part", USA, lines, "2025-01-01"), _charge("all", USA, "10%", "2025-01-01")
    case = _law(changes=(part, rest))
    result = case.run(start="2025-05-01", end="2025-06-01")
    assert "*" in set(result.rates()["product"])
    row = result.bilateral(average="simple").iloc[0]
    assert (row["rate"], row["known_share"]) == (pytest.approx(0.12), 0.5)
    assert row["max_rate"] == pytest.approx(0.12)
    same = result.average(average="simple").iloc[0]
    assert (same["rate"], same["known_share"]) == (row["rate"], 0.5)
    parts = result.contributions(by="measure", average="simple").set_index("measure")["rate"]
    assert parts.sum() == pytest.approx(row["rate"])
    only = _law(changes=(_charge("all", USA, "10%", "2025-01-01"),))
    alone = only.run(start="2025-05-01", end="2025-06-01").bilateral(average="simple").iloc[0]
    assert (alone["rate"], alone["known_share"]) == (0.1, 1.0)


RATES = st.lists(st.one_of(st.floats(0, 3), st.just(0.1)), min_size=1, max_size=30)


@given(RATES, st.floats(0, 1), st.data())
def test_a_quantile_is_the_least_value_reached_with_its_odds(
    values: list[float], q: float, data: st.DataObject
) -> None:
    """A quantile is the rate of some future, the least at or below which rates lie with odds q."""
    odds = np.array(data.draw(st.lists(st.integers(1, 9), min_size=len(values),
                                       max_size=len(values))), dtype=float)
    odds /= odds.sum()
    got = float(quantile(np.array(values), odds, [q])[0])
    assert got in values
    below = [p for v, p in zip(values, odds, strict=True) if v <= got]
    assert sum(below) >= q - 1e-8
    less = [p for v, p in zip(values, odds, strict=True) if v < got]
    assert sum(less) < q + 1e-8


@given(st.integers(1, 12), st.lists(st.floats(0, 1), min_size=1, max_size=4), st.booleans())
def test_quantiles_of_draws_and_of_paths_are_one(n: int, qs: list[float], unknown: bool) -> None:
    """Draws with equal odds and paths with equal odds have the same quantiles, and one unknown
    rate makes them unknown."""
    rng = np.random.default_rng(n)
    values = rng.uniform(0, 1, (n, 1, 2))
    if unknown:
        values[0, 0, 1] = np.nan
    day = dt.date(2025, 1, 1)
    drawn = ts.Ensemble(pairs=(("USA", "CHN"),), days=(day, day), rates=values,
                        additional=values, seed=1).quantiles(qs)
    odds = np.full(n, 1 / n)
    for t in range(2):
        want = quantile(values[:, 0, t], odds, qs)
        np.testing.assert_array_equal(drawn["rate"].to_numpy()[t * len(qs):][: len(qs)], want)
        held = set(values[:, 0, t].tolist())
        assert np.isnan(want).all() or set(want.tolist()) <= held
    with pytest.raises(InvalidValue, match="share of the odds"):
        ts.Ensemble(pairs=(), days=(), rates=values, additional=values, seed=1).quantiles(5)


def test_china_is_unknown_where_the_deal_is_taken_out() -> None:
    """Without phase one China's duty on 15 December 2019 is unknown, in both shapes."""
    case = ts.load("us-china").without("phase-one")
    wide = ts.simulate(case, start="2019-06-01", end="2020-03-01").bilateral(wide=True)
    china = wide.xs("CHN", axis=1, level="importer").iloc[:, 0]
    assert china[:"2019-12-14"].notna().all()
    assert china["2019-12-15":].isna().all()
    assert isinstance(wide.index, pd.DatetimeIndex)
