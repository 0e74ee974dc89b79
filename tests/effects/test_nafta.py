"""Caliendo and Parro (2015): what they published, and what their model says exactly."""

from __future__ import annotations

import numpy as np
import pytest

import tradescen as ts
from tests.effects.worlds import nafta

E = ts.effects
BLOC = ["Mexico", "Canada", "USA"]


@pytest.fixture(scope="module")
def solved(shared):
    data, old, new = nafta(shared / "data" / "cp2015_nafta")
    base = E.baseline(data, old, closure=E.Closure(deficits="zero"))
    return base, base.solve(new)


def test_the_published_welfare_is_the_first_order_formula(solved):
    """The paper's table of welfare effects, percent: 1.31, −0.06, 0.08, of which terms of trade
    −0.41, −0.11, 0.04 and volume of trade 1.72, 0.04, 0.04."""
    table = 100 * solved[1].decompose("first_order").set_index("country").loc[
        BLOC, ["total", "terms_of_trade", "volume_of_trade", "exact"]]
    assert table["total"].round(2).tolist() == [1.31, -0.06, 0.08]
    assert table["terms_of_trade"].round(2).tolist() == [-0.41, -0.11, 0.04]
    assert table["volume_of_trade"].round(2).tolist() == [1.72, 0.04, 0.04]


def test_the_exact_change_is_another(solved):
    """The exact change of the same model is 0.01, −0.11, 0.07 percent: imports of Mexico more
    than double, and a formula with old duties on new trade overstates what was gained."""
    exact = 100 * solved[1].welfare[BLOC]
    assert exact.round(2).tolist() == [0.01, -0.11, 0.07]
    path = solved[1].decompose("path", steps=32).set_index("country").loc[BLOC]
    assert np.abs(path["gap"]).max() < 5e-6


def test_the_published_trade_inside_the_bloc(solved):
    """Imports from the two partners grow by 118, 11 and 41 percent (Mexico, Canada, USA)."""
    flows = solved[1].flows()
    inside = flows[flows["importer"].isin(BLOC) & flows["exporter"].isin(BLOC)]
    total = inside.groupby("importer")[["old", "new"]].sum().loc[BLOC]
    assert (100 * (total["new"] / total["old"] - 1)).round().tolist() == [118, 11, 41]


def test_markets_clear(solved):
    """The base had to move first, by three percent of spending, and says so."""
    base, got = solved
    assert got.residual <= 1e-9
    assert 0.01 < base.moved < 0.05
    assert got.definition["balancing_moved"] == base.moved


def test_the_data_do_not_add_up_and_say_so(shared):
    """As they stand, final demand and what inputs leave of spending differ; the error shows
    where and names the options."""
    from attrs import evolve

    data, old, _ = nafta(shared / "data" / "cp2015_nafta")
    with pytest.raises(ts.InvalidValue, match=r"(?s)differ.*balance='final_demand'.*'solve'"):
        E.baseline(evolve(data, balance=None), old)
