"""Trade response: published examples, closed forms and laws of the three models."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.effects.common import KEYS, frame, new_of, old_of, worlds
from tests.laws.common import few
from tradescen import InvalidValue, MissingData, UnknownName
from tradescen.effects import Elasticities, trade_response
from tradescen.effects.models import MODELS, Flows

MIXED = Elasticities(sigma=2.5, demand=0.9, supply=3.0)
elasticities = st.builds(
    Elasticities, sigma=st.floats(0.1, 8), demand=st.floats(0.0, 4),
    supply=st.one_of(st.just(math.inf), st.floats(0.2, 50)),
)
exact = {"rtol": 1e-9, "atol": 1e-6}


def ask(world: pd.DataFrame, given_: Elasticities, model: str):  # type: ignore[no-untyped-def]
    """The response; examples a linear model cannot do are skipped."""
    try:
        return trade_response(old_of(world), new_of(world), world, elasticities=given_,
                              model=model)
    except InvalidValue as error:
        assume("negative" not in str(error))
        raise


def test_gsim_matches_the_published_example(shared: Path) -> None:
    """Francois and Hall's four countries: prices, revenue, surpluses and welfare to 4 decimals."""
    told = json.loads((shared / "data" / "gsim_4x4.json").read_text(encoding="utf-8"))
    names = ["USA", "JPN", "EU", "IND"]  # the fourth stands for the rest of the world
    rows = [
        (names[m], names[e], "*", told["M"][e][m], told["T0"][e][m] - 1,
         0.0 if {names[e], names[m]} == {"USA", "EU"} else told["T0"][e][m] - 1)
        for e in range(4) for m in range(4)
    ]
    world = pd.DataFrame(rows, columns=[*KEYS, "value", "old", "new"])
    got = trade_response(
        old_of(world), new_of(world), world, model="gsim",
        elasticities=Elasticities(sigma=told["Es"], demand=-told["Em"], supply=told["Ex"]))
    price = got.flows.groupby("exporter")["border_price"].first()
    totals = got.total("importer").set_index("importer")
    by_exporter = got.total("exporter").set_index("exporter")["exporter_surplus"]
    want = told["computed"]
    for n, name in enumerate(names):
        assert price[name] == pytest.approx(told["expected_price_change"][n], abs=5e-5)
        assert totals.loc[name, "revenue_change"] == pytest.approx(want["rev"][n], abs=5e-5)
        assert totals.loc[name, "consumer_surplus"] == pytest.approx(want["cs"][n], abs=5e-5)
        assert by_exporter[name] == pytest.approx(want["ps"][n], abs=5e-5)
        assert totals.loc[name, "welfare"] == pytest.approx(want["welfare"][n], abs=5e-5)
    assert got.residual < 1e-12


@few
@given(worlds(top=0.2), st.floats(0.1, 3), st.floats(0, 3))
def test_smart_is_its_closed_form(world: pd.DataFrame, sigma: float, demand: float) -> None:
    """With infinite supply: creation -ε·M·ΔT/T, diversion -σ·M·(ΔT/T - its trade-weighted mean)."""
    got = ask(world, Elasticities(sigma=sigma, demand=demand), "smart").flows
    held = world.set_index(KEYS).loc[pd.MultiIndex.from_frame(got[KEYS])].reset_index()
    shock = (1 + held["new"]) / (1 + held["old"]) - 1
    both = held.assign(x=shock * held["value"]).groupby(["importer", "product"])[["x", "value"]]
    mean = both.transform("sum")
    np.testing.assert_allclose(got["creation"], -demand * held["value"] * shock, **exact)
    np.testing.assert_allclose(
        got["diversion"], -sigma * held["value"] * (shock - mean["x"] / mean["value"]), **exact)
    half = (held["old"] + held["new"]) / 2 * got["change"]
    total = ask(world, Elasticities(sigma=sigma, demand=demand), "smart").welfare["welfare"].sum()
    np.testing.assert_allclose(total, half.sum(), rtol=1e-9, atol=1e-4)


@given(worlds(top=0.3), elasticities, st.sampled_from(sorted(MODELS)))
def test_parts_sum_to_the_change_and_diversion_to_nothing(
    world: pd.DataFrame, given_: Elasticities, model: str,
) -> None:
    """Creation, diversion and price effect are the change; in a market diversion sums to 0, and
    what exporters supply is what is bought."""
    whole = ask(world, given_, model)
    got = whole.flows
    assert whole.residual < 1e-9
    parts = got["creation"] + got["diversion"] + got["price_effect"]
    np.testing.assert_allclose(parts, got["change"], **exact)
    scale = got["value_old"].sum()
    shifted = got.groupby(["importer", "product"])["diversion"].sum()
    np.testing.assert_allclose(shifted / scale, 0, atol=1e-12)
    np.testing.assert_allclose(got["revenue_new"], got["rate_new"] * got["value_new"], **exact)
    np.testing.assert_allclose(got["revenue_old"], got["rate_old"] * got["value_old"], **exact)


@given(worlds(), elasticities, st.sampled_from(sorted(MODELS)))
def test_no_change_changes_nothing(world: pd.DataFrame, given_: Elasticities, model: str) -> None:
    """Equal rates leave trade, prices, revenue and welfare as they are."""
    same = world.assign(new=world["old"])
    got = ask(same, given_, model)
    assert np.abs(got.flows[["change", "creation", "diversion", "border_price"]]).max(
        axis=None) < 1e-6
    assert np.abs(got.markets[["price", "consumer_surplus", "welfare"]]).max(axis=None) < 1e-6


@given(worlds(importers=("USA",)), elasticities)
def test_small_changes_are_alike_in_ces_and_gsim(
    world: pd.DataFrame, given_: Elasticities,
) -> None:
    """With one importer GSIM is the CES model to first order."""
    step = 1e-6
    world = world.assign(new=world["old"] + step * (world["new"] - world["old"]))
    one, other = ask(world, given_, "ces").flows, ask(world, given_, "gsim").flows
    for name in ("quantity", "border_price"):
        np.testing.assert_allclose(one[name] / step, other[name] / step, rtol=1e-3, atol=1e-3)


@few
@given(worlds(importers=("USA",)), st.floats(0.1, 6), st.floats(0, 3))
def test_ces_limits(world: pd.DataFrame, sigma: float, demand: float) -> None:
    """σ → 1 is Cobb-Douglas; supply → ∞ is infinite supply; no supply moves no quantity; σ = ε
    makes each flow answer its own price alone; one origin answers with ε alone."""
    def flows(**kind: float) -> pd.DataFrame:
        return ask(world, Elasticities(**kind), "ces").flows

    near, at = flows(sigma=1 + 1e-9, demand=demand), flows(sigma=1.0, demand=demand)
    np.testing.assert_allclose(near["quantity"], at["quantity"], atol=1e-6)
    far, inf = flows(sigma=sigma, demand=demand, supply=1e9), flows(sigma=sigma, demand=demand)
    np.testing.assert_allclose(far["quantity"], inf["quantity"], atol=1e-5)
    none = flows(sigma=sigma, demand=demand + 0.1, supply=0.0)
    np.testing.assert_allclose(none["quantity"], 0, atol=1e-9)
    np.testing.assert_allclose(none["duty_paid_price"], 0, atol=1e-9)
    alone = flows(sigma=sigma, demand=sigma)
    factor = (1 + alone["rate_new"]) / (1 + alone["rate_old"])
    np.testing.assert_allclose(1 + alone["quantity"], factor ** -sigma, rtol=1e-9)
    single = world[world["exporter"] == world["exporter"].iloc[0]]
    got = ask(single, Elasticities(sigma=sigma, demand=demand), "ces").flows
    factor = (1 + got["rate_new"]) / (1 + got["rate_old"])
    np.testing.assert_allclose(1 + got["quantity"], factor ** -demand, rtol=1e-9)


@few
@given(worlds(), elasticities)
def test_ces_solves_its_equations(world: pd.DataFrame, given_: Elasticities) -> None:
    """Demand p^-σ P^(σ-ε) meets supply p^μ, P being the share-weighted CES mean of prices."""
    got = ask(world, given_, "ces")
    flows = got.flows.merge(got.markets[["importer", "product", "price"]],
                            on=["importer", "product"])
    paid, whole = 1 + flows["duty_paid_price"], 1 + flows["price"]
    demand = paid ** -given_.sigma * whole ** (given_.sigma - given_.demand)
    np.testing.assert_allclose(1 + flows["quantity"], demand, rtol=1e-8)
    if given_.supply != math.inf:
        np.testing.assert_allclose((1 + flows["border_price"]) ** given_.supply,
                                   1 + flows["quantity"], rtol=1e-8)
    share = flows["value_old"] * (1 + flows["rate_old"])
    share = share / share.groupby([flows["importer"], flows["product"]]).transform("sum")
    if abs(given_.sigma - 1) > 1e-3:
        power = share * paid ** (1 - given_.sigma)
        mean = power.groupby([flows["importer"], flows["product"]]).transform("sum")
        np.testing.assert_allclose(mean ** (1 / (1 - given_.sigma)), whole, rtol=1e-7)


@given(worlds(importers=("USA",)), elasticities)
def test_welfare_is_the_triangle_for_small_changes(
    world: pd.DataFrame, given_: Elasticities,
) -> None:
    """Where exporters' prices do not answer, welfare is ½(t + t')ΔM up to the third order."""
    fixed = Elasticities(sigma=given_.sigma, demand=given_.demand)
    step = 1e-3
    world = world.assign(new=world["old"] + step * (world["new"] - world["old"]))
    got = ask(world, fixed, "ces")
    half = ((got.flows["rate_old"] + got.flows["rate_new"]) / 2 * got.flows["change"]).sum()
    size = got.flows["value_old"].sum()
    assert got.welfare["welfare"].sum() == pytest.approx(half, abs=200 * size * step**3)


@few
@given(worlds(importers=("USA",)), elasticities, st.sampled_from(["ces", "gsim"]))
def test_scale_does_not_matter(world: pd.DataFrame, given_: Elasticities, model: str) -> None:
    """Twice the trade gives twice the change and the same prices."""
    world = world.assign(new=world["old"] + 0.1 * (world["new"] - world["old"]))
    one = ask(world, given_, model).flows
    two = ask(world.assign(value=2 * world["value"]), given_, model).flows
    np.testing.assert_allclose(two["change"], 2 * one["change"], **exact)
    np.testing.assert_allclose(two["border_price"], one["border_price"], atol=1e-12)


@few
@given(worlds(unknown=True), st.sampled_from(["ces", "gsim"]))
def test_unknown_rates_stay_unknown(world: pd.DataFrame, model: str) -> None:
    """A row of unknown rate has no answer, its value is reported, and others are as without it."""
    world = world.assign(new=world["old"] + 0.1 * (world["new"] - world["old"]))
    got = ask(world, MIXED, model)
    lost = got.flows["rate_new"].isna()
    assert got.flows.loc[lost, "value_new"].isna().all()
    assert got.flows.loc[~lost, "value_new"].notna().all()
    want = world.loc[world["new"].isna(), "value"].sum() / world["value"].sum()
    assert got.attrs["unknown_share"] == pytest.approx(want)
    if (~lost).any():
        alone = ask(world[world["new"].notna()], MIXED, model).flows
        np.testing.assert_allclose(alone["value_new"], got.flows.loc[~lost, "value_new"],
                                   rtol=1e-9)


def test_elasticities_differ_by_product() -> None:
    """A mapping from leading digits gives each product its own; the longest that fits counts."""
    old = frame(("USA", "CHN", "851713", 0.0), ("USA", "CHN", "090111", 0.0))
    new = old.assign(rate=0.1)
    trade = old.rename(columns={"rate": "value"}).assign(value=100.0)
    got = trade_response(old, new, trade, elasticities=Elasticities(
        sigma=2, demand={"85": 1.0, "8517": 2.0, "*": 0.0})).flows.set_index("product")["quantity"]
    assert got["851713"] == pytest.approx(1.1**-2 - 1)
    assert got["090111"] == 0


def test_totals_of_a_response() -> None:
    """Sums by any key are those of the flows; welfare is shown where a market is whole."""
    world = pd.DataFrame([("USA", "CHN", "851713", 10.0, 0.0, 0.2),
                          ("USA", "VNM", "851713", 20.0, 0.0, 0.0),
                          ("USA", "VNM", "090111", 30.0, 0.1, 0.1)],
                         columns=[*KEYS, "value", "old", "new"])
    got = trade_response(old_of(world), new_of(world), world, elasticities=MIXED)
    by = got.total(["exporter", "HS2"])
    assert by["value_old"].sum() == 60
    assert "welfare" not in by
    assert got.total("HS2").set_index("HS2").loc["09", "welfare"] == pytest.approx(0)
    assert got.revenue["revenue_change"].sum() == pytest.approx(
        got.flows["revenue_new"].sum() - 3.0)
    assert "elasticities" in got.total("importer").attrs
    with pytest.raises(UnknownName, match="key 'country'"):
        got.total("country")
    with pytest.raises(InvalidValue, match="twice"):
        got.total(["importer", "importer"])


def test_wits_25_percent_case_goes_negative_at_100() -> None:
    """The linear model is refused where it drives trade below nothing; the CES model is not."""
    world = pd.DataFrame([("USA", "CHN", "851713", 30.0, 0.0, 1.0),
                          ("USA", "VNM", "851713", 70.0, 0.0, 0.0)],
                         columns=[*KEYS, "value", "old", "new"])
    given_ = Elasticities(sigma=1.5, demand=1.5)
    with pytest.raises(InvalidValue, match=r"model 'smart' makes 1 flows negative.*model='ces'"):
        trade_response(old_of(world), new_of(world), world, elasticities=given_, model="smart")
    assert trade_response(old_of(world), new_of(world), world,
                          elasticities=given_).flows["value_new"].min() > 0


@pytest.mark.parametrize(("change", "error", "words"), [
    ({"elasticities": 1.5}, InvalidValue, "are not Elasticities"),
    ({"model": "cge"}, UnknownName, "unknown model 'cge'"),
    ({"elasticities": Elasticities(sigma={"01": 2.0}, demand=1)}, MissingData,
     "sigma has no number for product 851713"),
    ({"elasticities": Elasticities(sigma=0, demand=1, supply=0)}, InvalidValue, "undetermined"),
])
def test_nonsense_is_refused(change: dict[str, object], error: type[Exception],
                             words: str) -> None:
    """What cannot mean anything is refused with what to do instead."""
    old = frame(("USA", "CHN", "851713", 0.0))
    trade = frame(("USA", "CHN", "851713", 5.0), last="value")
    with pytest.raises(error, match=words):
        trade_response(old, old, trade, **{"elasticities": MIXED, **change})  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [{"sigma": -1.5}, {"sigma": float("nan")}, {"sigma": "2"},
                                  {"sigma": float("inf")}, {"sigma": {}}, {"sigma": {"ab": 1.0}},
                                  {"supply": -1.0}, {"demand": True}])
def test_elasticities_are_positive_numbers(kind: dict[str, object]) -> None:
    """Signs, texts, infinities and empty mappings are refused."""
    with pytest.raises(InvalidValue):
        Elasticities(**{"sigma": 1.5, "demand": 1.0, **kind})  # type: ignore[arg-type]


def test_moving_rates_are_refused() -> None:
    """A response compares two states, so rates that move are refused."""
    old = frame(("USA", "CHN", "851713", 0.0))
    new = pd.concat([old.assign(start="2025-01-01", end="2025-02-01"),
                     old.assign(start="2025-02-01", end="2025-03-01", rate=0.1)])
    new[["start", "end"]] = new[["start", "end"]].astype("datetime64[s]")
    trade = frame(("USA", "CHN", "851713", 5.0), last="value")
    with pytest.raises(InvalidValue, match="compares two states"):
        trade_response(old, new, trade, elasticities=MIXED)


def test_smart_on_89_000_rows_takes_milliseconds() -> None:
    """The model itself is a few sums over 89,000 rows (about 4 ms on a quiet machine)."""
    n, markets = 89_000, 5_600
    draw = np.random.default_rng(1)
    market = np.sort(draw.integers(0, markets, n))
    market = np.unique(market, return_inverse=True)[1].reshape(-1)
    flows = Flows(value=draw.random(n), old=np.ones(n), new=1 + 0.1 * draw.random(n),
                  market=market, exporter=draw.integers(0, 50, n), importer=np.zeros(n, int),
                  product=market, sigma=np.full(n, 1.5), demand=np.ones(n),
                  supply=np.full(n, np.inf))
    took = []
    for _ in range(5):
        start = time.perf_counter()
        MODELS["smart"](flows)
        took.append(time.perf_counter() - start)
    assert min(took) < 0.1  # far above what it takes, so that a busy machine does not fail it
