"""Data of an equilibrium: nonsense in, clear error out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tradescen as ts
from tests.effects.worlds import random_world

E = ts.effects
FLOWS = pd.DataFrame({
    "importer": ["A", "A", "B", "B"], "exporter": ["A", "B", "A", "B"],
    "value": [80.0, 20.0, 20.0, 180.0]})
RATES = pd.DataFrame({"importer": ["A", "B"], "exporter": ["B", "A"], "rate": [0.1, 0.0]})
TWO = pd.concat([FLOWS.assign(sector="food"), FLOWS.assign(sector="steel")], ignore_index=True)


def by(**values):
    """A frame country, value."""
    return pd.DataFrame({"country": list(values), "value": list(values.values())})


def test_flows_become_data():
    """What goes in comes out: pairs, values, one elasticity for every sector."""
    data = E.GEData.from_frames(TWO, theta={"food": 3.0, "steel": 5.0}, year=2020)
    assert data.countries == ("A", "B")
    assert data.sectors == ("food", "steel")
    assert data.theta.tolist() == [3.0, 5.0]
    back = data.to_frame().sort_values(["sector", "importer", "exporter"]).reset_index(drop=True)
    pd.testing.assert_frame_equal(
        back[TWO.columns], TWO.sort_values(["sector", "importer", "exporter"]).reset_index(
            drop=True), check_dtype=False)


def test_domestic_sales_are_what_exports_leave_of_output():
    """Output given beside trade between countries makes domestic sales."""
    trade = FLOWS[FLOWS["importer"] != FLOWS["exporter"]]
    data = E.GEData.from_frames(trade, output=by(A=100.0, B=200.0))
    assert np.allclose(data.flows[0], [[80, 20], [20, 180]])
    with pytest.raises(ts.InvalidValue, match=r"exports are above output, most in A.*re-exports"):
        E.GEData.from_frames(trade, output=by(A=10.0, B=200.0))
    with pytest.raises(ts.InvalidValue, match="count them twice"):
        E.GEData.from_frames(FLOWS, output=by(A=100.0, B=200.0))


@pytest.mark.parametrize("value", [-1.0, np.nan, np.inf])
def test_negative_or_unknown_trade_is_refused(value):
    """Trade is 0 or more, and unknown trade is not 0."""
    with pytest.raises(ts.InvalidValue, match="values are 0 or more"):
        E.GEData.from_frames(FLOWS.assign(value=[80.0, value, 20.0, 180.0]))


@pytest.mark.parametrize("theta", [0.0, -2.0, 0.01, np.nan, np.inf, 1e4])
def test_elasticities_without_a_model_are_refused(theta):
    """θ = 0 is σ = 1: the price index has no form; the error says what range has."""
    with pytest.raises(ts.InvalidValue, match=r"theta=.*between 0\.05 and 200.*σ-1"):
        E.GEData.from_frames(FLOWS, theta=theta)


def test_sectors_must_match():
    """A sector one frame has and another has not is named, with the near name."""
    with pytest.raises(ts.UnknownName, match=r"'steels'.*did you mean 'steel'"):
        E.GEData.from_frames(TWO, theta={"food": 3.0, "steels": 5.0})
    with pytest.raises(ts.MissingData, match="no elasticity for steel"):
        E.GEData.from_frames(TWO, theta={"food": 3.0})
    added = pd.DataFrame({"country": ["A", "B"], "sector": ["food", "iron"], "value": [1.0, 1.0]})
    with pytest.raises(ts.UnknownName, match="sectors must match in all frames"):
        E.GEData.from_frames(TWO, value_added=added, inputs=added)
    data = E.GEData.from_frames(TWO)
    wrong = RATES.assign(sector=["food", "stel"])
    with pytest.raises(ts.UnknownName, match=r"'stel'.*did you mean 'steel'"):
        E.solve_ge(data, wrong, wrong, missing=0)


def test_accounts_that_do_not_add_up_show_by_how_much():
    """Value added and inputs are output, or an error with the gap."""
    added = pd.DataFrame([(c, s, 50.0) for c in "AB" for s in ("food", "steel")],
                         columns=["country", "sector", "value"])
    inputs = pd.DataFrame([(c, "food", s, 50.0) for c in "AB" for s in ("food", "steel")],
                          columns=["country", "input", "sector", "value"])
    with pytest.raises(ts.InvalidValue, match=r"differ by up to 100 \(B, food: 200 and 100"):
        E.GEData.from_frames(TWO, value_added=added, inputs=inputs)


def test_final_demand_that_does_not_fit_names_the_options():
    """Given final demand is weighed against spending under the old rates, duties included."""
    final = by(A=90.0, B=200.0)
    data = E.GEData.from_frames(FLOWS, final=final)
    with pytest.raises(ts.InvalidValue, match=r"A, goods: 90 and 102.*'final_demand'.*'solve'"):
        E.baseline(data, RATES)
    left = E.baseline(E.GEData.from_frames(FLOWS, final=final, balance="final_demand"), RATES)
    assert left.moved == 0
    solved = E.baseline(E.GEData.from_frames(FLOWS, final=final, balance="solve"), RATES)
    assert solved.solve(RATES).residual <= 1e-9


def test_inputs_above_spending_are_refused():
    """Final demand below 0 is no residual to carry on with."""
    flows = pd.concat([FLOWS.assign(sector="food"), FLOWS.assign(sector="steel")])
    added = pd.DataFrame([("A", "food", 50.0), ("A", "steel", 50.0), ("B", "food", 20.0),
                          ("B", "steel", 20.0)], columns=["country", "sector", "value"])
    inputs = pd.DataFrame([("A", "food", "food", 50.0), ("A", "food", "steel", 50.0),
                           ("B", "food", "food", 180.0), ("B", "food", "steel", 180.0)],
                          columns=["country", "input", "sector", "value"])
    data = E.GEData.from_frames(flows, value_added=added, inputs=inputs)
    rates = RATES.assign(sector="*")
    with pytest.raises(ts.InvalidValue, match=r"inputs of food in B.*-160.*balance='solve'"):
        E.baseline(data, rates)
    again = E.GEData.from_frames(flows, value_added=added, inputs=inputs, balance="solve")
    assert E.baseline(again, rates).moved > 0


def test_a_country_that_sells_nothing_is_refused():
    """No income is known where nothing is sold."""
    with pytest.raises(ts.InvalidValue, match="B sells nothing"):
        E.GEData.from_frames(FLOWS[FLOWS["exporter"] == "A"])


@pytest.mark.parametrize(("rate", "said"), [
    (-1.0, "above -1"), (-1.5, "above -1"), (25.0, r"25 % is 0\.25"), (np.inf, "above -1")])
def test_rates_that_are_none_are_refused(rate, said):
    """Rates are fractions above −1; 25 is percent."""
    data = E.GEData.from_frames(FLOWS)
    with pytest.raises(ts.InvalidValue, match=said):
        E.solve_ge(data, RATES, RATES.assign(rate=[rate, 0.0]))


def test_missing_and_unknown_rates_are_refused():
    """A pair without a rate is an error until missing= is said; NaN stays unknown."""
    data = E.GEData.from_frames(FLOWS)
    with pytest.raises(ts.MissingData, match=r"50\.0% of their value.*B on A.*missing=0"):
        E.solve_ge(data, RATES, RATES.head(1))
    got = E.solve_ge(data, RATES, RATES.head(1), missing=0)
    assert got.definition["missing"]["new"] == 0
    assert got.definition["missing_share"] == {"old": 0.0, "new": 0.5}
    with pytest.raises(ts.MissingData, match=r"A on B is unknown \(NaN\)"):
        E.solve_ge(data, RATES, RATES.assign(rate=[np.nan, 0.0]), missing=0)
    with pytest.raises(ts.InvalidValue, match="several rates for A on B"):
        E.solve_ge(data, RATES, pd.concat([RATES, RATES]))
    with pytest.raises(ts.InvalidValue, match="charges its own goods"):
        E.solve_ge(data, RATES, pd.concat([RATES, pd.DataFrame(
            {"importer": ["A"], "exporter": ["A"], "rate": [0.1]})]))
    with pytest.raises(ts.UnknownName, match="C"):
        E.solve_ge(data, RATES, RATES.assign(exporter=["C", "A"]))
    with pytest.raises(ts.InvalidValue, match="rates_old=None"):
        E.solve_ge(data, None, RATES)


def test_text_rates_and_iso_codes_are_read():
    """``"25%"`` is a rate and ``US`` a country."""
    flows = FLOWS.replace({"A": "USA", "B": "CHN"})
    data = E.GEData.from_frames(flows)
    rates = pd.DataFrame({"importer": ["US", "CN"], "exporter": ["CN", "US"],
                          "rate": ["25%", "Free"]})
    got = E.Rates.of(data, rates)
    assert got.values[0, 1, 0] == 0.25
    assert got.values.sum() == 0.25


def test_sectors_are_asked_for_where_there_are_several():
    """A rate frame without sectors does not silently tax services."""
    data = E.GEData.from_frames(TWO)
    with pytest.raises(ts.InvalidValue, match=r"sector='\*'"):
        E.solve_ge(data, RATES, RATES)
    wide = RATES.assign(sector="*")
    own = pd.concat([wide, pd.DataFrame({"importer": ["A"], "exporter": ["B"],
                                         "sector": ["steel"], "rate": [0.5]})])
    rates = E.Rates.of(data, own)
    assert rates.values[:, 0, 1].tolist() == [0.1, 0.5]


def test_closures_that_contradict_are_refused():
    """Nominal deficits need a money; roundabout inputs are for data without inputs."""
    with pytest.raises(ts.InvalidValue, match="numeraire='USA'"):
        E.Closure(deficits="nominal")
    with pytest.raises(ts.InvalidValue, match="below 1"):
        E.Closure(roundabout=1.0)
    with pytest.raises(ts.InvalidValue, match="not one of 'lump_sum', 'income_tax'"):
        E.Closure(rebate="thrown away")
    data, old, _ = random_world(1, countries=3, sectors=2, linked=True)
    with pytest.raises(ts.InvalidValue, match=r"roundabout=0\.5 is for data of one sector"):
        E.baseline(data, old, closure=E.Closure(roundabout=0.5))
    with pytest.raises(ts.UnknownName, match="numeraire"):
        E.baseline(data, old, closure=E.Closure(numeraire="XYZ"))


def test_merging_countries_keeps_what_is_sold():
    """Output, value added and inputs of a group are those of its members."""
    data, _, _ = random_world(9, countries=5, sectors=2, linked=True)
    both = data.merged({"bloc": ["C000", "C003"]}, rest="rest")
    assert both.countries == ("bloc", "rest")
    assert both.flows.sum() == pytest.approx(data.flows.sum())
    made = data.flows.sum(axis=1)
    assert (both.vashare * both.flows.sum(axis=1)).sum() == pytest.approx(
        (data.vashare * made).sum())
    assert np.allclose(both.inputs.sum(axis=1).T + both.vashare, 1.0)
    with pytest.raises(ts.InvalidValue, match="stands in the groups"):
        data.merged({"a": ["C000"], "b": ["C000"]})


def test_revised_rates_replace_pairs():
    """Rows of changes stand in place of those of the same pair; the others stay."""
    got = E.revise(RATES, pd.DataFrame({"importer": ["B"], "exporter": ["A"], "rate": [0.3]}))
    assert dict(zip(got["importer"], got["rate"], strict=True)) == {"A": 0.1, "B": 0.3}
    with pytest.raises(ts.InvalidValue, match="no column 'rate'"):
        E.revise(RATES, RATES.drop(columns="rate"))


def test_costs_and_starts_that_do_not_fit_are_refused():
    """Other costs are new over old, above 0; a start is of the same data; a baseline holds its
    old rates already."""
    data = E.GEData.from_frames(FLOWS)
    base = E.baseline(data, RATES)
    cost = pd.DataFrame({"importer": ["A"], "exporter": ["B"], "cost": [0.0]})
    for bad in (cost, cost.assign(cost=np.nan), cost.drop(columns="cost"), np.ones((1, 3, 3))):
        with pytest.raises(ts.InvalidValue, match="new over old ones, above 0"):
            base.solve(RATES, costs=bad)
    with pytest.raises(ts.UnknownName, match="C"):
        base.solve(RATES, costs=cost.assign(importer="C", cost=1.1))
    frame = base.solve(RATES, costs=cost.assign(cost=0.9)).welfare
    array = np.ones((1, 2, 2))
    array[0, 0, 1] = 0.9
    assert np.allclose(frame, base.solve(RATES, costs=array).welfare)
    other, old, new = random_world(1, countries=3)
    with pytest.raises(ts.InvalidValue, match="start= is of other data"):
        base.solve(RATES, start=E.solve_ge(other, old, new))
    with pytest.raises(ts.InvalidValue, match="a baseline holds its old rates"):
        E.solve_ge(base, RATES, RATES)
    with pytest.raises(ts.InvalidValue, match="DataFrame is not data of an equilibrium"):
        E.solve_ge(FLOWS, RATES, RATES)
    with pytest.raises(ts.InvalidValue, match="names no keys of trade"):
        base.solve(RATES).flows(by="HS2")


def test_flows_add_up_by_any_key():
    """Sums by importer, exporter or sector are those of the pairs."""
    data, old, new = random_world(3, countries=4, sectors=3)
    got = E.solve_ge(data, old, new)
    pairs = got.flows(by=("importer", "exporter", "sector"))
    for key in ("importer", "exporter", "sector"):
        table = got.flows(by=key).set_index(key)
        assert np.allclose(table["new"], pairs.groupby(key, sort=False)["new"].sum())
        assert np.allclose(table["change"], table["new"] / table["old"] - 1)
