"""Import prices, cost push through input-output tables, consumer prices with bands."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.effects.common import KEYS, frame, new_of, old_of, worlds
from tests.laws.common import few
from tradescen import InvalidValue, MissingData, UnknownName
from tradescen.effects import (
    InputOutput,
    consumer_prices,
    cost_push,
    import_prices,
    sector_shocks,
    us_input_output,
    us_sectors,
)

MARGINS = ("dollar", "percent", "absorption")
GOODS = tuple(c for c in us_input_output().commodities if c[0] in "13" or c[:3] in (
    "211", "212", "213"))


def _small(**change: object) -> InputOutput:
    """Two sectors, goods and services; goods use imported goods, services use goods."""
    table: dict[str, object] = {
        "name": "small", "year": 2024, "source": "made up", "industries": ("g", "s"),
        "commodities": ("g", "s"), "requirements": [[1.25, 0.5], [0.0, 1.0]],
        "imported_inputs": [[20.0, 0.0], [0.0, 0.0]], "output": [100.0, 100.0],
        "imports": [60.0, 0.0], "domestic": [140.0, 100.0], "consumption": [100.0, 100.0],
        "consumption_producers": [60.0, 100.0], "consumption_imports": [30.0, 0.0],
    }
    return InputOutput(**{**table, **change})  # type: ignore[arg-type]


@given(worlds(unknown=True), st.floats(0, 1))
def test_border_and_duty_paid_prices_split_the_duty(world: pd.DataFrame, border: float) -> None:
    """By product and direction, (1 + border price) × T'/T is 1 + the duty-paid price."""
    got = import_prices(old_of(world), new_of(world), world, border=border, by=KEYS)
    held = world.assign(product=world["product"].str.replace(
        r"(....)(..)", r"\1.\2", regex=True)).sort_values(KEYS).reset_index(drop=True)
    factor = (1 + held["new"]) / (1 + held["old"])
    np.testing.assert_allclose((1 + got["border"]) * factor, 1 + got["duty_paid"], rtol=1e-9)
    np.testing.assert_allclose(1 + got["duty_paid"], np.exp(border * np.log(factor)), rtol=1e-9)
    assert got.loc[held["new"].isna().to_numpy(), "duty_paid"].isna().all()


@few
@given(worlds(), st.lists(st.floats(0, 1.2), min_size=3, max_size=3).map(sorted))
def test_bands_hold_their_middle(world: pd.DataFrame, triple: list[float]) -> None:
    """Low ≤ middle ≤ high for one row; draws of one value are that value."""
    got = import_prices(old_of(world), new_of(world), world, border=tuple(triple), by=KEYS)
    for name in ("duty_paid", "border"):
        assert (got[f"{name}_low"] <= got[name] + 1e-12).all()
        assert (got[name] <= got[f"{name}_high"] + 1e-12).all()
    drawn = import_prices(old_of(world), new_of(world), world, by=KEYS,
                          border=np.full(8, triple[1]))
    np.testing.assert_allclose(drawn["duty_paid_low"], got["duty_paid"], atol=1e-12)


def test_ten_percent_on_all_goods() -> None:
    """10 % on all imported goods, all passed on: consumption 0.52 % direct and 0.50 % in the
    chain in the short form; 0.77 % with margins in dollars, 1.53 % with margins in percent."""
    io = us_input_output()
    got = {m: cost_push(io, dict.fromkeys(GOODS, 0.1), margins=m).attrs for m in MARGINS}
    told = {m: [round(100 * a[k], 2) for k in ("direct", "chain", "total")]
            for m, a in got.items()}
    assert told == {"absorption": [0.52, 0.50, 1.02], "dollar": [0.46, 0.31, 0.77],
                    "percent": [1.08, 0.45, 1.53]}


def test_dollar_margins_charge_what_imports_cost() -> None:
    """With margins in money the direct part is the duty on the imports households buy."""
    io = us_input_output()
    shocks = dict.fromkeys(GOODS, 0.1)
    got = cost_push(io, shocks, margins="dollar").attrs["direct"]
    bought = sum(v for c, v in zip(io.commodities, io.consumption_imports, strict=True)
                 if c in GOODS)
    assert got == pytest.approx(0.1 * bought / io.consumption.sum())


def test_small_table_by_hand() -> None:
    """Goods: 20 of 100 are imported inputs, so 10 % raises home costs by 2 %, times L."""
    got = cost_push(_small(), {"g": 0.1}, margins="percent").set_index("commodity")
    assert got.loc["g", "direct"] == pytest.approx(0.1 * 30 / 60)
    assert got.loc["g", "chain"] == pytest.approx(0.02 * 1.25 * 30 / 60)
    assert got.loc["s", "chain"] == pytest.approx(0.02 * 0.5)
    got = cost_push(_small(), {"g": 0.1}, margins="dollar").set_index("commodity")
    assert got.loc["g", "direct"] == pytest.approx(0.1 * 30 / 100)
    assert got.loc["g", "chain"] == pytest.approx(0.02 * 1.25 * 30 / 100)
    got = cost_push(_small(), {"g": 0.1}, margins="absorption").set_index("commodity")
    assert got.loc["g", "direct"] == pytest.approx(0.1 * 60 / 200)


@given(arrays(float, 2 * 3, elements=st.floats(0, 0.3)), st.sampled_from(MARGINS))
def test_requirements_solve_the_price_equations(a: np.ndarray, margins: str) -> None:
    """L'B'τ is what prices p = A'p + B'τ come to, here by iterating them."""
    home = a[:4].reshape(2, 2)
    imported = np.array([[a[4], a[5]], [0.0, 0.0]])
    io = _small(requirements=np.linalg.inv(np.eye(2) - home), imported_inputs=imported * 100)
    tau = np.array([0.1, 0.0])
    price = np.zeros(2)
    for _ in range(400):
        price = home.T @ price + imported.T @ tau
    np.testing.assert_allclose(io.chain(tau), price, atol=1e-10)
    got = cost_push(io, {"g": 0.1}, margins=margins)
    np.testing.assert_allclose(got["chain"], io.shares(margins)[1] * price, atol=1e-10)


@given(st.dictionaries(st.sampled_from(GOODS), st.floats(-0.5, 2)), st.sampled_from(MARGINS),
       st.floats(0.1, 3))
def test_cost_push_is_linear(shocks: dict[str, float], margins: str, times: float) -> None:
    """Shocks add and scale; no shock changes no price; direct and chain are the total."""
    io = us_input_output()
    got = cost_push(io, shocks, margins=margins)
    np.testing.assert_allclose(got["direct"] + got["chain"], got["total"])
    parts = sum(cost_push(io, {k: v}, margins=margins).attrs["total"] for k, v in shocks.items())
    assert got.attrs["total"] == pytest.approx(parts, abs=1e-12)
    if all(v * times > -1 for v in shocks.values()):
        scaled = cost_push(io, {k: times * v for k, v in shocks.items()}, margins=margins)
        assert scaled.attrs["total"] == pytest.approx(times * got.attrs["total"], abs=1e-12)


@given(worlds(importers=("USA",), unknown=True),
       st.dictionaries(st.sampled_from(["09", "8517", "950300", "*"]),
                       st.sampled_from(["g", "s", "both"]), min_size=1))
def test_sector_shocks_are_means_of_their_products(
    world: pd.DataFrame, table: dict[str, str],
) -> None:
    """A sector's shock is the duty-paid mean over its known trade; coverage is what has one."""
    def to(code: str) -> dict[str, float]:
        key = next((code[:n] for n in (6, 4, 2) if code[:n] in table), "*")
        sector = table.get(key)
        return {} if sector is None else {"g": 0.25, "s": 0.75} if sector == "both" else {
            sector: 1.0}

    given_ = {k: ({"g": 0.25, "s": 0.75} if v == "both" else v) for k, v in table.items()}
    covered = sum(v for c, v in zip(world["product"], world["value"], strict=True) if to(c))
    if not covered:
        with pytest.raises(MissingData, match="no product of the trade has a sector"):
            sector_shocks(old_of(world), new_of(world), world, sectors=given_)
        return
    got = sector_shocks(old_of(world), new_of(world), world, sectors=given_)
    assert got.attrs["coverage"] == pytest.approx(covered / world["value"].sum())
    for row in got.itertuples():
        share = np.array([to(c).get(str(row.sector), 0.0) for c in world["product"]])
        known = world["new"].notna().to_numpy()
        paid = share * known * world["value"] * (1 + world["old"])
        cost = (paid * ((1 + world["new"].fillna(0)) / (1 + world["old"]) - 1)).sum()
        if paid.sum() > 0:
            assert row.shock == pytest.approx(cost / paid.sum(), abs=1e-9)
        else:
            assert np.isnan(row.shock)


def _everyone(china: float) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Trade of the size of the small table, half of it Chinese; old rates and new."""
    trade = frame(("USA", "CHN", "8517", 30.0), ("USA", "VNM", "8517", 30.0), last="value")
    return (trade, frame(("USA", "CHN", "*", 0.0), ("USA", "VNM", "*", 0.0)),
            frame(("USA", "CHN", "*", china), ("USA", "VNM", "*", 0.0)))


def test_consumer_prices_put_the_parts_together() -> None:
    """Shocks through the table, times what consumers are charged; triples go low with low."""
    trade, old, new = _everyone(0.2)
    ask = {"io": _small(), "sectors": {"8517": "g"}, "margins": "percent"}
    got = consumer_prices(old, new, trade, **ask).set_index("part")  # type: ignore[arg-type]
    whole = cost_push(_small(), {"g": 0.1}, margins="percent").attrs
    for part in ("direct", "chain", "total"):
        assert got.loc[part, "middle"] == pytest.approx(whole[part])
    band = consumer_prices(old, new, trade, border=(0.5, 0.8, 1.0), retail=(0.2, 0.5, 1.0),
                           **ask).set_index("part")  # type: ignore[arg-type]
    low = consumer_prices(old, new, trade, border=0.5, retail=0.2, **ask)  # type: ignore[arg-type]
    assert band.loc["total", "low"] == pytest.approx(low["middle"].iloc[2])
    assert band.loc["total", "high"] == pytest.approx(whole["total"])
    draws = np.random.default_rng(3).uniform(0.2, 1.0, 200)
    drawn = consumer_prices(old, new, trade, retail=draws, **ask)  # type: ignore[arg-type]
    assert drawn["low"].iloc[2] == pytest.approx(whole["total"] * np.quantile(draws, 0.05))
    assert drawn.attrs["retail"]["draws"] == 200
    with pytest.raises(InvalidValue, match="both as triples"):
        consumer_prices(old, new, trade, border=(0.5, 0.8, 1.0), retail=draws, **ask)  # type: ignore[arg-type]


def test_trade_of_some_origins_only_is_refused() -> None:
    """The table knows no origins: trade that is a fraction of its imports is refused."""
    trade, old, new = _everyone(0.2)
    few = evolve(_small(), imports=[600.0, 0.0])
    with pytest.raises(InvalidValue, match="trade of all origins"):
        consumer_prices(old, new, trade, io=few, sectors={"8517": "g"}, margins="dollar")
    unknown = frame(("USA", "CHN", "*", 0.2), ("USA", "VNM", "*", np.nan))
    most = frame(("USA", "CHN", "8517", 20.0), ("USA", "VNM", "8517", 40.0), last="value")
    with pytest.raises(MissingData, match="67% of the trade in sectors are unknown"):
        consumer_prices(old, unknown, most, io=_small(), sectors={"8517": "g"}, margins="dollar")
    with pytest.raises(MissingData, match="no rate is known in the sectors g"):
        consumer_prices(old, unknown, most.iloc[1:], io=_small(), sectors={"8517": "g"},
                        margins="dollar")


def test_sectors_that_do_not_match_are_refused() -> None:
    """A sector the table has not, an unknown shock, one that leaves no price: refused."""
    trade, old, new = _everyone(0.2)
    with pytest.raises(UnknownName, match="unknown commodity of small 'x'"):
        consumer_prices(old, new, trade, io=_small(), sectors={"8517": "x"}, margins="dollar")
    with pytest.raises(UnknownName, match="must be the same"):
        cost_push(_small(), {"334": 0.1}, margins="dollar")
    with pytest.raises(UnknownName, match="treatment of margins"):
        cost_push(_small(), {"g": 0.1}, margins="none")
    with pytest.raises(MissingData, match="is unknown"):
        cost_push(_small(), {"g": np.nan}, margins="dollar")
    with pytest.raises(InvalidValue, match="above -1"):
        cost_push(_small(), {"g": -1.0}, margins="dollar")
    with pytest.raises(InvalidValue, match="no column 'sector'"):
        cost_push(_small(), pd.DataFrame({"shock": [0.1]}), margins="dollar")
    with pytest.raises(InvalidValue, match=r"sum to 1\.5"):
        sector_shocks(old, new, trade, sectors={"8517": {"g": 0.75, "s": 0.75}})
    with pytest.raises(InvalidValue, match="is a list"):
        sector_shocks(old, new, trade, sectors=["g"])
    both = pd.concat([trade, frame(("DEU", "CHN", "8517", 1.0), last="value")])
    with pytest.raises(InvalidValue, match="one importer's"):
        sector_shocks(old, new, both, sectors={"8517": "g"}, missing=0)


@pytest.mark.parametrize("change", [
    {"output": [100.0]}, {"output": [0.0, 100.0]}, {"imports": [np.nan, 0.0]},
    {"industries": ("g", "g")}, {"consumption": [0.0, 0.0]},
])
def test_broken_tables_are_refused(change: dict[str, object]) -> None:
    """Shapes that do not fit, no output, numbers that are none, a code twice."""
    with pytest.raises(InvalidValue):
        _small(**change)


@pytest.mark.parametrize("border", [-0.1, "all", (0.5, 0.6), (0.9, 0.5, 1.0), [np.nan] * 5, [],
                                    95, (80, 95, 100)])
def test_pass_through_is_a_number_a_triple_or_draws(border: object) -> None:
    """What is none of these is refused."""
    rates = frame(("USA", "CHN", "*", 0.1))
    with pytest.raises(InvalidValue, match="border="):
        import_prices(rates, rates, frame(("USA", "CHN", "85", 1.0), last="value"), border=border)


def test_us_sectors_are_those_of_the_table() -> None:
    """All sectors of products are commodities of the table; the shares of a product sum to 1."""
    table = us_sectors()
    assert set(table["sector"]) <= set(us_input_output().commodities)
    sums = table.groupby("product")["share"].sum()
    np.testing.assert_allclose(sums, 1, atol=1e-9)
    assert len(sums) > 5600
    assert table.attrs["covered"] > 0.95
    one = table.set_index("product")["sector"]
    assert one["870323"] == "3361MV"
    assert one["880240"] == "3364OT"
    assert one["610910"] == "315AL"
    assert one["270900"] == "211"
