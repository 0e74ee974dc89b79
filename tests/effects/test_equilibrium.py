"""Laws an equilibrium must obey, whatever the world."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

import tradescen as ts
from tests.bench.textbook import nested
from tests.effects.worlds import names, random_world

E = ts.effects
few = settings(max_examples=20)
seeds = st.integers(0, 10_000)
worlds = st.builds(
    lambda seed, size, sectors, linked: random_world(
        seed, countries=size, sectors=sectors, linked=linked),
    seeds, st.integers(2, 7), st.integers(1, 4), st.booleans())


def even_world(seed, size, theta, *, sectors=1):
    """A world without rates and deficits, as data."""
    data, _, _ = random_world(seed, countries=size, sectors=sectors, deficits=False)
    return evolve(data, theta=theta)


def closed(data):
    """Costs of trade between countries that end all of it."""
    cost = np.full(data.flows.shape, 1e5)
    own = np.arange(len(data.countries))
    cost[:, own, own] = 1.0
    return cost


@few
@given(worlds, st.sampled_from([
    E.Closure(), E.Closure(deficits="zero"), E.Closure(labour_elasticity=0.7),
    E.Closure(labour_elasticity=0.7, rebate="income_tax"),
]))
def test_no_change_of_rates_changes_nothing(world, closure):
    """With the new rates equal to the old, nothing moves under any closure."""
    data, old, _ = world
    got = E.solve_ge(data, old, old, closure=closure)
    assert np.abs(got.welfare).max() < 1e-8
    frame = got.flows()
    assert np.abs(frame["new"] - frame["old"]).max() <= 1e-8 * frame["old"].max()


@few
@given(worlds)
def test_all_markets_clear_and_walras_law_holds(world):
    """Residuals are told, and each is at most 1e-9; Walras' law is not used in solving."""
    got = E.solve_ge(*world)
    assert set(got.residuals) == {"prices", "goods", "labour", "walras"}
    assert 0 <= got.residual <= 1e-9
    # The same from the tables: exports, imports and the transfer of the old year.
    flows = got.flows()
    trade = (flows.groupby("importer")[["old", "new"]].sum()
             - flows.groupby("exporter")[["old", "new"]].sum())
    assert np.allclose(trade["new"], trade["old"], rtol=0, atol=1e-8 * flows["old"].sum())


@few
@given(worlds, st.integers(0, 6))
def test_real_results_do_not_depend_on_the_numeraire(world, which):
    """Prices told in any country's wage give the same welfare, trade shares and revenue over
    income; the wage of that country does not move."""
    data, old, new = world
    name = data.countries[which % len(data.countries)]
    plain = E.solve_ge(data, old, new).summary().set_index("country")
    other = E.solve_ge(data, old, new, closure=E.Closure(numeraire=name)).summary().set_index(
        "country")
    for column in ("welfare", "real_wage", "terms_of_trade"):
        assert np.allclose(plain[column], other[column], atol=1e-9)
    assert other.loc[name, "wage"] == pytest.approx(0, abs=1e-12)
    assert np.allclose((1 + plain["exports"]) / (1 + plain["wage"]),
                       (1 + other["exports"]) / (1 + other["wage"]), atol=1e-8)


@few
@given(worlds, st.floats(1e-9, 1e9))
def test_the_unit_of_money_does_not_matter(world, unit):
    """Flows in dollars, thousands or yuan give the same changes."""
    data, old, new = world
    final = None if data.final is None else data.final * unit
    other = evolve(data, flows=data.flows * unit, final=final)
    one, two = (E.solve_ge(d, old, new).welfare for d in (data, other))
    assert np.allclose(one, two, atol=1e-8)


@few
@given(seeds, st.integers(2, 5), st.integers(1, 3), st.floats(0.1, 0.9))
def test_a_country_cut_in_two_changes_nothing(seed, size, sectors, share):
    """A country drawn as two parts with the same wages and rates and no barrier between them is
    still one country: its size is a matter of drawing borders."""
    data, old, new = random_world(seed, countries=size, sectors=sectors, linked=sectors > 1)
    part = np.array([1 - share, share])
    cut = np.repeat(np.arange(size), [1] * (size - 1) + [2])
    weight = np.ones(size + 1)
    weight[-2:] = part
    flows = data.flows[:, cut][:, :, cut] * weight[None, :, None] * weight[None, None, :]
    other = evolve(
        data, countries=names("C", size + 1), flows=flows, vashare=data.vashare[:, cut],
        inputs=data.inputs[cut], final=data.final[:, cut] * weight)
    rates = [E.Rates(values=r.values[:, cut][:, :, cut]) for r in (old, new)]
    one, two = E.solve_ge(data, old, new).welfare, E.solve_ge(other, *rates).welfare
    assert np.allclose(two.to_numpy(), one.to_numpy()[cut], atol=1e-7)


@few
@given(seeds, st.integers(2, 6), st.floats(1.0, 12.0))
def test_autarky_costs_what_the_home_share_says(seed, size, theta):
    """Closing a country to trade changes its real income by λ^(1/θ) (Arkolakis, Costinot and
    Rodríguez-Clare 2012), λ the share spent at home."""
    data = even_world(seed, size, theta)
    free = data.no_rates()
    got = E.solve_ge(data, free, free, costs=closed(data)).welfare.to_numpy()
    home = np.einsum("jnn->n", data.flows) / data.flows.sum(axis=(0, 2))
    # A closed world needs no money between countries, so wages may differ; welfare may not.
    assert np.allclose(1 + got, home ** (1 / theta), rtol=1e-4)


@few
@given(seeds, st.integers(2, 5), st.floats(1.5, 8.0), st.floats(0.2, 0.7))
def test_inputs_multiply_the_gains_from_trade(seed, size, theta, roundabout):
    """With a share of output spent on inputs, autarky costs λ^(1/(θ(1 − share)))."""
    data = even_world(seed, size, theta)
    how = E.Closure(roundabout=roundabout)
    free = data.no_rates()
    got = E.solve_ge(data, free, free, costs=closed(data), closure=how).welfare.to_numpy()
    home = np.einsum("jnn->n", data.flows) / data.flows.sum(axis=(0, 2))
    assert np.allclose(1 + got, home ** (1 / theta / (1 - roundabout)), rtol=1e-3)


@few
@given(worlds)
def test_the_path_adds_up_to_the_exact_change(world):
    """Parts added along small steps sum to the exact log change, four times as close with
    twice the steps; a rise of duties is what they are made of."""
    got = E.solve_ge(*world)
    coarse, fine = (got.decompose("path", steps=k) for k in (4, 8))
    a, b = (np.abs(f["gap"]).max() for f in (coarse, fine))
    assert b <= max(0.4 * a, 1e-8)
    parts = ["terms_of_trade", "volume_of_trade", "trade_costs", "transfers", "labour"]
    assert np.allclose(fine[parts].sum(axis=1), fine["total"])
    assert np.allclose(fine["exact"], np.log1p(got.welfare.to_numpy()))


@few
@given(worlds, st.sampled_from(["lump_sum", "income_tax"]), st.sampled_from([0.0, 0.8]))
def test_to_first_order_small_changes_are_exact(world, rebate, kappa):
    """For a small step the published formula is the exact change, whatever the rebate."""
    data, old, new = world
    small = E.Rates(values=old.values + 1e-5 * (new.values - old.values))
    how = E.Closure(rebate=rebate, labour_elasticity=kappa)
    table = E.baseline(data, old, closure=how).solve(small, tol=1e-12).decompose("first_order")
    size = np.abs(table[["terms_of_trade", "volume_of_trade", "exact"]]).to_numpy().max()
    assert np.abs(table["gap"]).max() <= 2e-3 * size + 1e-11


def test_costs_of_trade_are_a_part_of_their_own():
    """A fall of transport costs shows in the part that bears its name, and the path closes."""
    data, old, _ = random_world(3, countries=4)
    cost = pd.DataFrame({"importer": ["C000"], "exporter": ["C001"], "cost": [0.8]})
    got = E.solve_ge(data, old, old, costs=cost)
    table = got.decompose("path", steps=64).set_index("country")
    assert table.loc["C000", "trade_costs"] > 0
    assert (table.drop("C000")["trade_costs"] == 0).all()
    assert np.abs(table["gap"]).max() < 1e-5


@pytest.mark.parametrize("seed", range(4))
def test_it_agrees_with_the_textbook(seed):
    """Nested loops with a linear solve of all expenditure come to the same real incomes."""
    data, old, new = random_world(seed, countries=5, sectors=3, linked=True, steep=8)
    base = E.baseline(data, old)
    w = base.world
    real, _, error = nested(w.flows, w.tax, 1 + new.values, w.vashare, w.inputs, w.theta, w.final,
                            w.deficit, tol=1e-9, move=0.3)
    assert error < 1e-9
    assert np.allclose(np.log1p(base.solve(new).welfare), real, atol=1e-7)


def _tried(worlds: range) -> None:
    for seed in worlds:
        data, old, new = random_world(
            seed, countries=2 + seed % 14, sectors=1 + (seed * 7) % 9, linked=seed % 3 > 0,
            steep=65.0, most=3.0)
        how = E.Closure(
            labour_elasticity=0.5 * (seed % 5 == 0), deficits="zero" if seed % 2 else "share",
            rebate="income_tax" if seed % 10 == 0 else "lump_sum")
        assert E.solve_ge(data, old, new, closure=how).residual <= 1e-9


def test_worlds_under_triple_rates_have_an_equilibrium():
    """40 worlds, elasticities up to 65, up to +300 % on three pairs in ten: all are solved."""
    _tried(range(40))


@pytest.mark.slow
def test_two_hundred_worlds_under_triple_rates_have_an_equilibrium():
    """The same for 200 worlds."""
    _tried(range(200))


def test_labour_and_rebates():
    """The rebate is neutral with labour in fixed supply; with elastic labour a tax cut out of
    revenue makes people work more than the same money paid out."""
    data, old, new = random_world(11, countries=5, deficits=False)
    solve = {
        (rebate, kappa): E.solve_ge(data, old, new, closure=E.Closure(
            rebate=rebate, labour_elasticity=kappa)).summary().set_index("country")
        for rebate in ("lump_sum", "income_tax") for kappa in (0.0, 0.5)
    }
    assert np.allclose(solve["lump_sum", 0.0]["welfare"], solve["income_tax", 0.0]["welfare"])
    assert (solve["income_tax", 0.0]["labour"] == 0).all()
    raised = solve["lump_sum", 0.5]["revenue"] > 1.2 * solve["lump_sum", 0.5]["revenue_old"]
    more = solve["income_tax", 0.5]["labour"] > solve["lump_sum", 0.5]["labour"]
    assert raised.any()
    assert more[raised].all()


def test_deficits_kept_nominal_depend_on_the_money():
    """Transfers fixed in one country's wage differ from those fixed in world income."""
    data, old, new = random_world(5, countries=4)
    share = E.solve_ge(data, old, new).welfare
    nominal = E.solve_ge(data, old, new, closure=E.Closure(
        deficits="nominal", numeraire="C001"))
    assert np.abs(share - nominal.welfare).max() > 1e-6
    flows = nominal.flows()
    gap = (flows.groupby("importer")[["old", "new"]].sum()
           - flows.groupby("exporter")[["old", "new"]].sum())
    assert np.allclose(gap["old"], gap["new"], rtol=1e-6)  # in that country's money


def test_zero_deficits_are_taken_out_first():
    """Against a world without transfers, a zero change is zero, and exports equal imports."""
    data, old, new = random_world(8, countries=5)
    base = E.baseline(data, old, closure=E.Closure(deficits="zero"))
    assert base.moved > 0
    flows = base.solve(new).flows()
    assert np.allclose(flows.groupby("importer")["new"].sum(),
                       flows.groupby("exporter")["new"].sum())


def test_a_start_nearby_saves_steps_and_changes_nothing():
    """Where the search begins is no part of the answer."""
    data, old, new = random_world(2, countries=8, sectors=3, linked=True)
    base = E.baseline(data, old)
    cold = base.solve(new)
    warm = base.solve(new, start=cold)
    assert warm.iterations < cold.iterations
    assert np.allclose(cold.welfare, warm.welfare, atol=1e-8)


def test_results_say_what_they_are():
    """Every table carries data, year, elasticities, closure, residual and iterations."""
    data, old, new = random_world(4, countries=3)
    got = E.solve_ge(data, old, new)
    for frame in (got.summary(), got.flows(), got.decompose("first_order")):
        assert frame.attrs["theta"] == {data.sectors[0]: float(data.theta[0])}
        assert {"data", "weights_year", "closure", "residual", "iterations"} <= set(frame.attrs)
    assert got.summary().attrs["closure"]["deficits"] == "share"


def test_results_of_one_baseline_compare():
    """The difference of two futures is measured from one to the other, not from the old year."""
    data, old, new = random_world(6, countries=4)
    base = E.baseline(data, old)
    one, two = base.solve(new), base.solve(old)
    both = one.against(two).set_index("country")
    assert np.allclose(both["welfare"], (1 + one.welfare) / (1 + two.welfare) - 1)
    with pytest.raises(ts.InvalidValue, match="different baselines"):
        one.against(E.solve_ge(data, old, old))


def test_a_residual_that_is_no_number_is_not_passed_over():
    """One market whose error is NaN makes the whole NaN, so that nothing takes it for solved."""
    data, old, new = random_world(4, countries=3)
    got = E.solve_ge(data, old, new)
    for name in got.residuals:
        spoilt = evolve(got.levels, residuals=got.residuals | {name: float("nan")})
        assert np.isnan(evolve(got, levels=spoilt).residual)


def test_what_is_not_found_has_no_numbers():
    """Where B owes A nearly all it earns and A closes its market, B cannot pay: an error says
    so, with the residual, and no numbers are returned."""
    flows = np.array([[[10.0, 9.0], [0.0, 0.1]]])
    data = E.GEData(countries=("A", "B"), sectors=("goods",), flows=flows,
                    vashare=np.ones((1, 2)), inputs=np.zeros((2, 1, 1)), theta=4.0)
    new = pd.DataFrame({"importer": ["A", "B"], "exporter": ["B", "A"], "rate": [9.0, 0.0]})
    with pytest.raises(ts.NotConverged, match="there are no numbers") as caught:
        E.solve_ge(data, data.no_rates(), new)
    assert not caught.value.residual <= 1e-9
