"""Tariffs that are chosen, against theory and brute force."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

import tradescen as ts
from tests.effects.worlds import random_world
from tradescen.effects import optimal
from tradescen.effects.ascent import climb
from tradescen.effects.optimal import gradient

E = ts.effects


def two(size: float, theta: float, share: float = 0.3):
    """A country of *size* beside one of size 1, trading *share* of the smaller one's income."""
    trade = share * size
    flows = np.array([[[size - trade, trade], [trade, 1.0 - trade]]])
    return E.GEData(countries=("A", "B"), sectors=("goods",), flows=flows,
                    vashare=np.ones((1, 2)), inputs=np.zeros((2, 1, 1)), theta=theta)


def free(data):
    return E.baseline(data, data.no_rates())


@settings(max_examples=15)
@given(st.floats(1.5, 12.0), st.floats(0.05, 0.8))
def test_a_small_country_charges_one_over_theta(theta, share):
    """With no weight in the world its best uniform rate is 1/θ, whatever it trades (Gros 1987)."""
    best = E.optimal_tariff(free(two(1e-6, theta, share)), "A", bounds=(0.0, 2.0))
    assert best.mean == pytest.approx(1 / theta, rel=2e-3)
    assert best.gain > 0
    assert best.at_bound == 0


@settings(max_examples=10)
@given(st.floats(1.5, 8.0), st.floats(0.1, 0.6))
def test_a_large_country_charges_more(theta, share):
    """Gros (1987): 1/(θ λ), λ what the rest spends on its own goods at the optimum."""
    best = E.optimal_tariff(free(two(0.8, theta, share)), "A", bounds=(0.0, 3.0))
    flows = best.result.flows(by=("importer", "exporter")).set_index("importer")["new"]
    spent = best.result.levels.spent[0, 1]
    assert best.mean == pytest.approx(1 / (theta * (1 - flows["B"] / spent)), rel=1e-3)


@pytest.mark.parametrize("linked", [False, True])
@pytest.mark.parametrize("how", [
    {}, {"labour_elasticity": 0.6, "rebate": "income_tax"},
    {"deficits": "nominal", "numeraire": "C001"}])
def test_the_slope_is_what_differences_say(linked, how):
    """The adjoint slope of welfare in each rate agrees with differences of solved worlds."""
    data, old, new = random_world(21, countries=4, sectors=2, linked=linked, steep=6)
    base = E.baseline(data, old, closure=E.Closure(**how))
    slope = gradient(base.solve(new, tol=1e-11), "C002")
    for j, i in itertools.product(range(2), (0, 1, 3)):
        ends = []
        for step in (1e-4, -1e-4):
            values = new.values.copy()
            values[j, 2, i] += step
            got = base.solve(E.Rates(values=values), tol=1e-11)
            ends.append(got.system.welfare(got.levels)[2])
        assert slope[j, i] == pytest.approx((ends[0] - ends[1]) / 2e-4, rel=1e-4, abs=1e-9)


def test_the_uniform_optimum_is_that_of_a_fine_grid():
    """No rate on a grid of two points gives more."""
    data, _, _ = random_world(5, countries=5, deficits=False)
    base = free(evolve(data, theta=4.0))
    best = E.optimal_tariff(base, "C001")
    others = [c for c in data.countries if c != "C001"]
    grid = {}
    for rate in np.arange(0.0, 1.0, 0.02):
        frame = E.revise(data.no_rates(), pd.DataFrame(
            {"importer": "C001", "exporter": others, "rate": rate}))
        grid[rate] = base.solve(frame).welfare["C001"]
    top = max(grid, key=grid.get)
    assert abs(best.mean - top) <= 0.02
    assert best.result.welfare["C001"] >= grid[top] - 1e-9
    assert best.solves < 25


def _brute(base, country, kind, axes):
    """The best of all combinations of rates on the axes."""
    data = base.data
    at = data.countries.index(country)
    cells = [n for n in range(len(data.countries)) if n != at]
    found = {}
    for combo in itertools.product(*axes):
        values = base.rates.values.copy()
        if kind == "by_partner":
            values[:, at, cells] = np.array(combo)
        else:
            values[:, at, cells] = np.array(combo)[:, None]
        found[combo] = base.solve(E.Rates(values=values)).welfare[country]
    top = max(found, key=found.get)
    return np.array(top), found[top]


@pytest.mark.parametrize("kind", ["by_partner", "by_sector"])
def test_several_rates_are_those_of_brute_force(kind):
    """Two rates at once, against all pairs of a grid, refined round its best point."""
    size, sectors = (3, 1) if kind == "by_partner" else (3, 2)
    data, _, _ = random_world(14, countries=size, sectors=sectors, deficits=False)
    base = free(evolve(data, theta=np.array([3.0, 7.0])[:sectors]))
    top, worth = _brute(base, "C000", kind, [np.linspace(0, 1, 11)] * 2)
    top, worth = _brute(base, "C000", kind, [np.clip(t + np.linspace(-0.1, 0.1, 11), 0, 1)
                                             for t in top])
    best = E.optimal_tariff(base, "C000", kind=kind)
    key = "exporter" if kind == "by_partner" else "sector"
    mine = best.rates.groupby(key)["rate"].first().to_numpy()
    assert np.abs(mine - top).max() <= 0.02
    assert best.result.welfare["C000"] >= worth - 1e-9
    assert best.gain >= E.optimal_tariff(base, "C000").gain - 1e-9


def test_bounds_and_partners_hold():
    """A bound stops a rate and the result says for how much trade; other partners keep theirs."""
    base = free(two(0.5, 2.0))
    best = E.optimal_tariff(base, "A", bounds=(0.0, 0.1))
    assert best.mean == pytest.approx(0.1)
    assert best.at_bound == 1.0
    data, old, _ = random_world(4, countries=4)
    base = E.baseline(data, old)
    best = E.optimal_tariff(base, "C000", against=["C001"])
    moved = best.result.rates.values - base.rates.values
    moved[0, 0, 1] = 0
    assert not moved.any()
    with pytest.raises(ts.InvalidValue, match="bounds"):
        E.optimal_tariff(base, "C000", bounds=(0.5, 0.1))
    with pytest.raises(ts.InvalidValue, match="kind='each'"):
        E.optimal_tariff(base, "C000", kind="each")
    with pytest.raises(ts.UnknownName):
        E.optimal_tariff(base, "C009")


@settings(max_examples=5)
@given(st.integers(0, 10_000), st.floats(2.0, 8.0))
def test_nash_never_beats_the_unilateral_optimum(seed, theta):
    """A player whose rival answers gets no more than one whose rival stands still, and at the end
    no player has anything left to gain. (Rates on third countries are kept: those of a rival
    could turn trade the player's way.)"""
    data, _, _ = random_world(seed, countries=3, deficits=False)
    base = free(evolve(data, theta=theta))
    game = E.nash(base, ["C000", "C001"], bounds=(0.0, 3.0), among=True)
    for player, rival in (game.players, game.players[::-1]):
        alone = E.optimal_tariff(base, player, bounds=(0.0, 3.0), against=[rival])
        assert game.result.welfare[player] <= alone.result.welfare[player] + 1e-9
        again = E.optimal_tariff(base, player, rates_now=game.result.rates, bounds=(0.0, 3.0),
                                 against=[rival])
        assert 0 <= again.gain + 1e-9 <= 1e-6


def test_no_deviation_on_a_grid_beats_nash():
    """Neither player does better with any other rate while its rival keeps its own."""
    base = free(two(0.7, 3.0, 0.4))
    game = E.nash(base, ["A", "B"], bounds=(0.0, 1.5))
    assert (game.summary()["gain_left"].abs() < 1e-8).all()
    for n, name in enumerate("AB"):
        for rate in np.linspace(0, 1.5, 26):
            values = game.result.rates.values.copy()
            values[0, n, 1 - n] = rate
            other = base.solve(E.Rates(values=values), start=game.result)
            assert other.welfare[name] <= game.result.welfare[name] + 1e-9
    with pytest.raises(ts.InvalidValue, match="two or more different"):
        E.nash(base, ["A", "A"])
    with pytest.raises(ts.NotConverged, match="after 1 rounds"):
        E.nash(base, ["A", "B"], rounds=1)


def test_players_may_charge_each_other_only():
    """With among=True the rates on third countries stay."""
    data, _, _ = random_world(2, countries=4, deficits=False)
    base = free(data)
    game = E.nash(base, ["C000", "C001"], kind="by_partner", among=True)
    moved = game.result.rates.values[0].copy()
    moved[0, 1] = moved[1, 0] = 0
    assert not moved.any()
    assert game.result.rates.values.any()


def test_reciprocity_by_rule():
    """Mirrored rates are the partner's own; the formula of April 2025 halves the deficit over
    imports and never goes below ten percent."""
    flows = pd.DataFrame({"importer": ["A", "A", "A", "B", "C", "B", "C"],
                          "exporter": ["A", "B", "C", "A", "A", "B", "C"],
                          "value": [500.0, 100.0, 40.0, 20.0, 60.0, 300.0, 300.0]})
    data = E.GEData.from_frames(flows)
    rates = pd.DataFrame({"importer": ["A", "A", "B", "C", "B", "C"],
                          "exporter": ["B", "C", "A", "A", "C", "B"],
                          "rate": [0.02, 0.0, 0.07, 0.3, 0.0, 0.0]})
    mirror = E.reciprocal(data, "A", rates).set_index(["importer", "exporter"])["rate"]
    assert mirror["A", "B"] == 0.07
    assert mirror["A", "C"] == 0.3
    assert mirror["B", "A"] == 0.07
    formula = E.reciprocal(data, "A", rates, rule="deficit").set_index(
        ["importer", "exporter"])["rate"]
    assert formula["A", "B"] == pytest.approx(0.5 * 80 / 100)
    assert formula["A", "C"] == 0.10
    with pytest.raises(ts.InvalidValue, match="neither 'mirror' nor 'deficit'"):
        E.reciprocal(data, "A", rates, rule="revenge")


def test_a_climb_that_runs_out_of_steps_says_so(monkeypatch):
    """Rates at which welfare still rises are no optimum, and none is returned."""
    def hill(x):
        return -float(((x - 0.5) ** 2 * (1, 100)).sum()), -2 * (x - 0.5) * (1, 100)

    ends = np.zeros(2), np.ones(2)
    assert climb(hill, ends[0], *ends, np.ones(2)).ended
    assert not climb(hill, ends[0], *ends, np.ones(2), most=2).ended
    monkeypatch.setattr(optimal, "climb", lambda *a, **k: climb(*a, **(k | {"most": 1})))
    with pytest.raises(ts.NotConverged, match=r"best rates of C000 were not found.*slope"):
        E.optimal_tariff(free(random_world(4, countries=4, deficits=False)[0]), "C000",
                         kind="by_partner")
