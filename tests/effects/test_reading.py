"""One way to give rates, trade and the rate that stands for a missing one, in every function."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import tradescen as ts

E = ts.effects
KEYS = ["importer", "exporter", "product"]
TRADE = pd.DataFrame([("USA", "CHN", "8517", 100.0), ("USA", "VNM", "8517", 50.0)],
                     columns=[*KEYS, "value"])
RATES = pd.DataFrame([("USA", "CHN", "*", 0.25), ("USA", "VNM", "*", 0.0)],
                     columns=[*KEYS, "rate"])
FLOWS = pd.DataFrame({"importer": ["USA", "USA", "CHN", "CHN"],
                      "exporter": ["USA", "CHN", "USA", "CHN"],
                      "value": [80.0, 20.0, 20.0, 180.0]})
ONE = E.GEData.from_frames(FLOWS)
TWO = E.GEData.from_frames(pd.concat([FLOWS.assign(sector=s) for s in ("food", "steel")]))


def partial(rates: Any, **kind: Any) -> Any:
    """A function that takes rates by product."""
    return E.revenue(rates, rates, TRADE, **kind)


def by_sector(rates: Any, **kind: Any) -> Any:
    """Another."""
    return E.sector_rates(rates, TRADE, sectors={"85": "machines"}, **kind)


def general(rates: Any, **kind: Any) -> Any:
    """One that takes rates by pair."""
    if isinstance(rates, pd.DataFrame):
        rates = rates.replace({"exporter": {"VNM": "USA"}, "importer": {}}).assign(
            importer=["USA", "CHN"])
    return E.solve_ge(ONE, ONE.no_rates(), rates, **kind)


ALL = pytest.mark.parametrize("ask", [partial, by_sector, general])


@ALL
def test_rates_may_be_text(ask: Any) -> None:
    """``"25%"`` and ``"Free"`` are rates everywhere; words are refused everywhere."""
    ask(RATES.assign(rate=["25%", "Free"]))
    with pytest.raises(ts.InvalidValue, match="'ten' is not a rate"):
        ask(RATES.assign(rate=["ten", 0.0]))


def test_text_and_numbers_are_the_same_rates() -> None:
    """A quarter is a quarter, however it is written."""
    pd.testing.assert_frame_equal(partial(RATES), partial(RATES.assign(rate=["25%", "Free"])))


@ALL
@pytest.mark.parametrize("rate", [-1.0, -2.0, 25.0, np.inf, -np.inf])
def test_what_is_no_rate_is_refused_in_one_wording(ask: Any, rate: float) -> None:
    """At −1 or below, above 10 and infinite: refused, with the pair and the way out."""
    with pytest.raises(ts.InvalidValue, match=(
            r"rate for USA on CHN.* is .*above -1 .*up to 10 \(25 % is 0\.25\)")):
        ask(RATES.assign(rate=[rate, 0.0]))


@ALL
@pytest.mark.parametrize("missing", [-1.0, 25.0, np.nan, np.inf, "0", True])
def test_a_missing_rate_is_a_rate(ask: Any, missing: Any) -> None:
    """What stands for a missing rate is a rate, known, and a number."""
    with pytest.raises(ts.InvalidValue, match=r"missing=.* is not a rate"):
        ask(RATES, missing=missing)


@ALL
def test_rates_are_frames(ask: Any) -> None:
    """Lists and frames without their columns are refused with the columns wanted."""
    with pytest.raises(ts.InvalidValue, match="is a list; give a frame with importer, exporter"):
        ask([0.1])
    with pytest.raises(ts.InvalidValue, match="no column 'rate'"):
        ask(RATES.drop(columns="rate"))


def test_rates_of_all_goods_say_so() -> None:
    """By product, a frame without products is asked for ``"*"``; by pair, one of some products
    is not taken for the rate of all goods."""
    with pytest.raises(ts.InvalidValue, match=r"product='\*'"):
        partial(RATES.drop(columns="product"))
    with pytest.raises(ts.InvalidValue, match=r"rates_new.*product 8517.*sector_rates"):
        general(RATES.assign(product="8517"))
    plain = general(RATES.drop(columns="product")).welfare
    pd.testing.assert_series_equal(general(RATES).welfare, plain)


@pytest.mark.parametrize("value", ["x", None, -1.0, np.nan, np.inf])
def test_trade_is_numbers_of_0_or_more(value: Any) -> None:
    """Text, unknown, negative and endless trade is refused by all."""
    bad = TRADE.assign(value=[value, 1.0])
    for ask in (lambda: E.revenue(RATES, RATES, bad),
                lambda: E.sector_rates(RATES, bad, sectors={"85": "m"}),
                lambda: E.GEData.from_frames(FLOWS.assign(value=[value, 1.0, 1.0, 1.0]))):
        with pytest.raises(ts.InvalidValue, match="0 or more"):
            ask()


def test_times_are_days() -> None:
    """Days may be text; times that cannot be read, and unknown ones, are refused."""
    def path(rates: Any) -> Any:
        return E.time_path(ONE, ONE.no_rates(), rates.head(1))

    for ask in (partial, by_sector, path):
        ask(RATES.assign(start="2025-01-01", end="2026-01-01"))
        for start in ("soon", pd.NaT):
            with pytest.raises(ts.InvalidValue, match=r"start .*days"):
                ask(RATES.assign(start=start, end="2026-01-01"))
    with pytest.raises(ts.MissingData, match=r"USA on CHN from 2025-01-01 is unknown \(NaN\)"):
        path(RATES.assign(start="2025-01-01", end="2026-01-01", rate=np.nan))


@pytest.mark.parametrize("name", [None, np.nan, 840.5])
def test_a_country_is_a_name(name: Any) -> None:
    """What is no text is no country and no region."""
    for ask in (partial, by_sector):
        with pytest.raises(ts.TradescenError):
            ask(RATES.assign(exporter=[name, "VNM"]))


# -- values instead of frames ---------------------------------------------------------------


@pytest.mark.parametrize("rate", [-2.0, np.nan, 25.0])
def test_rates_given_as_an_array_are_checked(rate: float) -> None:
    """Rates built by hand are held to what frames are held to, when they are used."""
    values = np.zeros((1, 2, 2))
    values[0, 0, 1] = rate
    with pytest.raises((ts.InvalidValue, ts.MissingData), match=r"CHN on USA|USA on CHN"):
        E.solve_ge(ONE, ONE.no_rates(), E.Rates(values=values))
    with pytest.raises(ts.InvalidValue, match="charges its own goods"):
        E.solve_ge(ONE, ONE.no_rates(), E.Rates(values=np.full((1, 2, 2), 0.1)))


def test_rates_read_for_other_countries_are_refused() -> None:
    """The same number of countries does not make the same countries."""
    other = E.GEData.from_frames(FLOWS.replace({"USA": "DEU"}))
    with pytest.raises(ts.InvalidValue, match="read for other data"):
        E.solve_ge(ONE, ONE.no_rates(), E.Rates.of(other, other.no_rates()))


@pytest.mark.parametrize(("change", "words"), [
    ({"flows": np.array([[[80.0, -3.0], [20.0, 180.0]]])}, "flows.*0 or more"),
    ({"flows": np.array([[[80.0, np.nan], [20.0, 180.0]]])}, "flows.*0 or more"),
    ({"countries": ("A", "B", "C")}, "flows has the shape"),
    ({"countries": ("A", "A")}, "twice"),
    ({"vashare": np.full((1, 2), 0.5)}, "value added and inputs"),
    ({"inputs": np.full((2, 1, 1), -0.1)}, "inputs.*0 or more"),
    ({"final": np.array([[100.0, -1.0]])}, "final.*0 or more"),
    ({"theta": "four"}, "theta='four'"),
])
def test_data_given_as_arrays_are_checked(change: dict[str, Any], words: str) -> None:
    """Data built by hand are held to what frames are held to."""
    whole = {"countries": ("A", "B"), "sectors": ("goods",), "theta": 4.0,
             "flows": np.array([[[80.0, 20.0], [20.0, 180.0]]]), "vashare": np.ones((1, 2)),
             "inputs": np.zeros((2, 1, 1))}
    E.GEData(**whole)  # type: ignore[arg-type]
    with pytest.raises(ts.InvalidValue, match=words):
        E.GEData(**{**whole, **change})  # type: ignore[arg-type]


@pytest.mark.parametrize("tol", [0.0, -1e-9, 1.0, np.nan, "fine"])
def test_a_tolerance_that_means_nothing_is_refused(tol: Any) -> None:
    """Numbers that are no equilibrium cannot be asked for by a wide tolerance."""
    with pytest.raises(ts.InvalidValue, match="tol="):
        E.solve_ge(ONE, ONE.no_rates(), ONE.no_rates(0.1), tol=tol)


# -- all sectors at once --------------------------------------------------------------------


def test_a_change_in_all_sectors_replaces_those_of_each() -> None:
    """``"*"`` among changes stands in place of what single sectors had; the other way round the
    sector's own rate counts."""
    change = pd.DataFrame({"importer": ["USA"], "exporter": ["CHN"], "sector": ["*"],
                           "rate": [0.5]})
    got = E.Rates.of(TWO, E.revise(TWO.no_rates(), change))
    at = TWO.countries.index
    assert got.values[:, at("USA"), at("CHN")].tolist() == [0.5, 0.5]
    assert got.values.sum() == 1.0
    back = E.Rates.of(TWO, E.revise(E.revise(TWO.no_rates(), change), change.assign(
        sector="steel", rate=0.1)))
    assert back.values[:, at("USA"), at("CHN")].tolist() == [0.5, 0.1]
    with pytest.raises(ts.InvalidValue, match="is a Rates; give a frame"):
        E.revise(got, change)  # type: ignore[arg-type]


def test_a_path_may_move_all_sectors() -> None:
    """Dated rates take ``"*"`` for all sectors as undated ones do; a sector's own row counts."""
    dated = pd.DataFrame({
        "importer": "USA", "exporter": "CHN", "sector": ["*", "steel"], "rate": [0.5, 0.1],
        "start": pd.Timestamp("2025-01-01"), "end": pd.Timestamp("2026-01-01")})
    path = E.time_path(TWO, TWO.no_rates(), dated)
    at = TWO.countries.index
    assert path.results[0].rates.values[:, at("USA"), at("CHN")].tolist() == [0.5, 0.1]


def test_rates_by_product_become_dated_rates_by_sector() -> None:
    """Intervals of products become intervals of sectors, which a path takes."""
    cut = pd.Timestamp("2025-07-02")
    whole = RATES.head(1).assign(start=pd.Timestamp("2025-01-01"), end=pd.Timestamp("2026-01-01"))
    dated = pd.concat([whole.assign(end=cut), whole.assign(start=cut, rate=0.9)])
    got = E.sector_rates(dated, TRADE.head(1), sectors={"85": "steel"})
    assert got["rate"].tolist() == [0.25, 0.9]
    assert got["start"].tolist() == [pd.Timestamp("2025-01-01"), cut]
    path = E.time_path(TWO, TWO.no_rates(), got)
    assert path.intervals["days"].tolist() == [182, 183]


# -- what results say -----------------------------------------------------------------------


def test_every_result_says_what_it_is() -> None:
    """Quantity, definition, what was missing and the year of the weights stand in every table;
    where markets were solved, how far they are from clearing."""
    given = E.Elasticities(sigma=2.0, demand=1.0, supply=5.0)
    bands = E.solve_many(ONE, ONE.no_rates(), ONE.no_rates(0.1), draws=E.Theta(n=2, sd=0.1), seed=1)
    equilibrium = E.solve_ge(ONE, ONE.no_rates(), ONE.no_rates(0.1))
    plain = [
        partial(RATES), E.effective_rates(RATES, RATES, TRADE), by_sector(RATES),
        E.import_prices(RATES, RATES, TRADE),
        E.sector_shocks(RATES, RATES, TRADE, sectors={"85": "m"}),
    ]
    solved = [
        partial(RATES, response=given), E.effective_rates(RATES, RATES, TRADE, response=given),
        E.trade_response(RATES, RATES, TRADE, elasticities=given).flows,
        equilibrium.summary(), equilibrium.flows(), equilibrium.decompose("first_order"),
        bands.quantiles(), bands.to_frame(),
    ]
    for frame in (*plain, *solved):
        assert {"quantity", "definition", "missing", "missing_share", "weights_year",
                "tradescen"} <= set(frame.attrs)
    for frame in solved:
        assert frame.attrs["residual"] < 1e-8


def test_the_residual_of_bands_is_the_largest_of_their_equilibria() -> None:
    """No solve of a band is worse than what the band says."""
    free = ONE.no_rates()
    bands = E.solve_many(ONE, free, {"a": free, "b": ONE.no_rates(0.5)},
                         draws=E.Theta(n=3, sd=0.2), seed=1)
    worst = max(
        E.baseline(ONE.with_theta(theta), free).solve(r, start=E.baseline(ONE, free).solve(r))
        .residual for theta in bands.thetas for r in (free, ONE.no_rates(0.5)))
    assert 0 < bands.definition["residual"] <= 1e-9
    assert bands.definition["residual"] >= worst - 1e-12
