"""Bands over elasticities, and scenarios as sequences of equilibria."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

import tradescen as ts
from tests.effects.worlds import random_world

E = ts.effects


@pytest.fixture(scope="module")
def small():
    data, old, new = random_world(31, countries=5, sectors=1)
    return data, old, {"calm": old, "war": new}


def test_draws_depend_on_the_seed_alone(small):
    """One thread, a pool of threads and a pool of processes draw and solve the same, bit for
    bit; another seed does not."""
    data, old, paths = small
    draws = E.Theta(n=20, sd=0.3)
    one = E.solve_many(data, old, paths, draws=draws, seed=1)
    for pool in (ThreadPoolExecutor(2), ProcessPoolExecutor(2)):
        with pool as executor:
            other = E.solve_many(data, old, paths, draws=draws, seed=1, executor=executor)
        assert (one.values["welfare"] == other.values["welfare"]).all()
    assert (one.thetas != E.solve_many(data, old, paths, draws=draws, seed=2).thetas).all()


def test_each_draw_is_one_solve(small):
    """A row of the frame is what solve_ge gives under that elasticity."""
    data, old, paths = small
    bands = E.solve_many(data, old, paths, draws=E.Theta(n=3, low=2.0, high=8.0), seed=5)
    row = bands.to_frame().query("draw == 1 and path == 'war'").set_index("country")
    theta = float(row["theta"].iloc[0])
    assert 2.0 <= theta <= 8.0
    got = E.solve_ge(data.with_theta(theta), old, paths["war"]).welfare
    assert np.allclose(row["welfare"], got[row.index], atol=1e-9)


def test_bands_without_spread_are_the_point(small):
    """With sd=0 every quantile is the central number; against itself a path is 0."""
    data, old, paths = small
    bands = E.solve_many(data, old, paths, draws=E.Theta(n=4, sd=0.0), seed=1,
                         relative_to="calm")
    table = bands.quantiles()
    for q in ("q0.05", "q0.5", "q0.95"):
        assert np.allclose(table[q], table["central"], atol=1e-8)
    assert np.allclose(table[table["path"] == "calm"]["central"], 0)
    assert table.attrs["relative_to"] == "calm"
    assert table.attrs["seed"] == 1


def test_the_future_as_a_whole_mixes_paths_by_their_odds(small):
    """The 30 % quantile of a war with odds of one half and a calm of 0 lies in the war."""
    data, old, paths = small
    bands = E.solve_many(data, old, paths, draws=E.Theta(n=10, sd=0.1), seed=1,
                         probabilities={"calm": 0.5, "war": 0.5})
    country = bands.countries[int(np.argmin(bands.central["welfare"][1]))]
    table = bands.quantiles(q=(0.0, 0.3, 0.7, 1.0), countries=[country]).set_index("path")
    assert table.loc["all paths", "q0.3"] < table.loc["war", "q1"] + 1e-12 < 0
    assert table.loc["all paths", "q0.7"] == pytest.approx(0, abs=1e-9)
    assert table.loc["all paths", "central"] == pytest.approx(
        0.5 * table.loc["war", "central"], abs=1e-9)


def test_nonsense_about_draws_is_refused(small):
    """Spread or range, not both; paths and quantities that are there."""
    data, old, paths = small
    for bad in ({}, {"sd": 0.1, "low": 1.0, "high": 2.0}, {"low": 3.0}, {"low": 5.0, "high": 2.0},
                {"n": 0, "sd": 0.1}, {"sd": -1.0}):
        with pytest.raises(ts.InvalidValue):
            E.Theta(**bad)
    with pytest.raises(ts.UnknownName, match="'truce'"):
        E.solve_many(data, old, paths, draws=E.Theta(n=1, sd=0.1), seed=1, relative_to="truce")
    bands = E.solve_many(data, old, paths, draws=E.Theta(n=1, sd=0.1), seed=1)
    with pytest.raises(ts.UnknownName, match="quantity"):
        bands.quantiles("happiness")


def dated(*rows):
    return pd.DataFrame(rows, columns=["path", "importer", "exporter", "start", "end", "rate"]
                        ).assign(start=lambda f: pd.to_datetime(f["start"]),
                                 end=lambda f: pd.to_datetime(f["end"]))


PATHS = dated(
    ("truce", "C000", "C001", "2025-01-01", "2026-01-01", 0.1),
    ("lapse", "C000", "C001", "2025-01-01", "2025-07-02", 0.1),
    ("lapse", "C000", "C001", "2025-07-02", "2026-01-01", 0.9),
)


def test_a_path_is_a_sequence_of_equilibria(small):
    """Each stretch with the same rates is one solve, shared between paths; pairs that are not
    named keep their old rate."""
    data, old, _ = small
    path = E.time_path(data, old, PATHS)
    assert path.intervals["days"].tolist() == [365, 182, 183]
    assert path.intervals["solve"].tolist() == [0, 0, 1]
    assert len(path.results) == 2
    frame = E.revise(old.to_frame(data), PATHS[PATHS["rate"] == 0.9])
    assert np.allclose(path.results[1].welfare, E.solve_ge(data, old, frame).welfare, atol=1e-9)


def test_means_over_a_path_weigh_days(small):
    """The mean of two halves is theirs by days; discounting moves it towards the first; a path
    against itself is 0, and against another it is measured day by day."""
    data, old, _ = small
    path = E.time_path(data, old, PATHS)
    a, b = (r.welfare["C000"] for r in path.results)
    mean = path.average(countries=["C000"]).set_index("path")["welfare"]
    assert mean["truce"] == pytest.approx(a)
    assert mean["lapse"] == pytest.approx((182 * a + 183 * b) / 365)
    late = path.average(countries=["C000"], discount=0.5).set_index("path")["welfare"]
    assert abs(late["lapse"] - a) < abs(mean["lapse"] - a)
    against = path.average(countries=["C000"], relative_to="truce").set_index("path")
    assert against.loc["truce", "welfare"] == 0
    assert against.loc["lapse", "welfare"] == pytest.approx(
        183 / 365 * ((1 + b) / (1 + a) - 1))
    assert against["days"].tolist() == [365, 365]


def test_yearly_rates_are_averages_over_days(small):
    """freq="YS" solves once a year at rates averaged over its days."""
    data, old, _ = small
    path = E.time_path(data, old, PATHS, freq="YS")
    assert len(path.intervals) == 2
    at = path.base.data.countries.index
    rate = path.results[1].rates.values[0, at("C000"), at("C001")]
    assert rate == pytest.approx((182 * 0.1 + 183 * 0.9) / 365)
    with pytest.raises(ts.InvalidValue, match="freq='fortnight'"):
        E.time_path(data, old, PATHS, freq="fortnight")


def test_gaps_and_unknown_rates_in_time_are_refused(small):
    """A day without a rate, or with two, or an unknown one, is an error."""
    data, old, _ = small
    other = dated(("lapse", "C001", "C000", "2025-03-01", "2026-01-01", 0.2))
    with pytest.raises(ts.MissingData, match=r"C001 on C000 has 0 rates from 2025-01-01"):
        E.time_path(data, old, pd.concat([PATHS[1:], other]))
    with pytest.raises(ts.MissingData, match=r"unknown \(NaN\)"):
        E.time_path(data, old, PATHS.assign(rate=np.nan))
    with pytest.raises(ts.InvalidValue, match="no column rate"):
        E.time_path(data, old, PATHS.drop(columns="rate"))
    with pytest.raises(ts.UnknownName, match="quantity"):
        E.time_path(data, old, PATHS).average("country")


def test_the_paths_of_november_are_told_apart():
    """On the packaged world the threat costs both sides more than the truce prolonged, a deal
    less, and a country that stands by gains from the diversion."""
    told = ["USA", "CHN", "VNM", "MEX"]
    data = E.world_data().merged({c: [c] for c in told}, rest="others")
    futures = ts.load("november-1").run(start="2023-01-01", end="2026-12-01")
    now = futures.bilateral(on="2023-07-01")
    old = E.revise(data.no_rates(), now[now["path"] == "b-prolonged"])
    dates = futures.bilateral()
    dates = dates[dates["end"] > "2025-10-01"].assign(
        start=lambda f: f["start"].clip(lower=pd.Timestamp("2025-10-01")))
    path = E.time_path(data, old, dates)
    got = path.average(countries=["USA", "CHN", "VNM"], relative_to="b-prolonged")
    table = got.pivot(index="path", columns="country", values="welfare")
    assert (table.loc["c-threat", ["USA", "CHN"]] < 0).all()
    assert table.loc["c-threat", "VNM"] > 0
    assert (table.loc["d-deal", ["USA", "CHN"]] > 0).all()
    assert table.loc["d-deal", "VNM"] < 0
    assert (table.loc["b-prolonged"] == 0).all()
    assert path.summary(["USA"])["days"].groupby(path.summary(["USA"])["path"]).sum().eq(426).all()
