"""Rates by product to rates by sector."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tradescen as ts

rates_of = ts.effects.sector_rates
TRADE = pd.DataFrame({
    "importer": "USA", "exporter": "CHN", "product": ["0101.21", "8541.43", "8542.31", "7208.10"],
    "value": [10.0, 60.0, 30.0, 100.0]})
RATES = pd.DataFrame({
    "importer": "USA", "exporter": "CHN", "product": ["010121", "8541.43", "8542.31", "7208.10"],
    "rate": ["Free", "50%", 0.25, np.nan]})
MAP = {"01": "farm", "85": "machines", "8542": "chips", "72": "metals"}


def test_means_are_weighted_and_tell_what_is_known():
    """The longest code decides the sector; unknown rates stay unknown and count as unknown."""
    got = rates_of(RATES, TRADE, sectors=MAP).set_index("sector")
    assert got["rate"].drop("metals").to_dict() == {"farm": 0.0, "machines": 0.5, "chips": 0.25}
    assert np.isnan(got.loc["metals", "rate"])
    assert got.loc["metals", "known_share"] == 0
    assert got["value"].sum() == 200
    table = rates_of(RATES, TRADE, sectors={"01": "all", "85": "all", "72": "all"})
    assert table["rate"].tolist() == pytest.approx([(60 * 0.5 + 30 * 0.25) / 100])
    assert table["known_share"].tolist() == [0.5]
    assert table.attrs["unknown_share"] == 0.5
    assert table.attrs["coverage"] == 1


def test_a_star_stands_for_the_rest():
    """``"*"`` is the rate of products without one of their own."""
    frame = pd.concat([RATES.head(2), pd.DataFrame(
        {"importer": ["USA"], "exporter": ["CHN"], "product": ["*"], "rate": [0.1]})])
    got = rates_of(frame, TRADE, sectors=MAP).set_index("sector")["rate"]
    assert got.to_dict() == {"farm": 0.0, "machines": 0.5, "chips": 0.1, "metals": 0.1}


def test_what_has_no_sector_or_rate_is_told() -> None:
    """Trade without a sector is in no mean and its share is told; without a rate it is refused."""
    got = rates_of(RATES, TRADE, sectors={"01": "farm", "85": "machines"})
    assert got["sector"].tolist() == ["farm", "machines"]
    assert got.attrs["coverage"] == 0.5
    with pytest.raises(ts.MissingData, match="no product of the trade has a sector"):
        rates_of(RATES, TRADE, sectors={"02": "meat"})
    with pytest.raises(ts.MissingData, match=r"rates has no rate for 1 of 4 rows.*50\.0%.*=0"):
        rates_of(RATES.head(3), TRADE, sectors=MAP)
    assert rates_of(RATES.head(3), TRADE, sectors=MAP, missing=0).set_index("sector").loc[
        "metals", "rate"] == 0
    with pytest.raises(ts.InvalidValue, match="several rates"):
        rates_of(pd.concat([RATES, RATES.head(1)]), TRADE, sectors=MAP)
    with pytest.raises(ts.InvalidValue, match="no column 'rate'"):
        rates_of(RATES.drop(columns="rate"), TRADE, sectors=MAP)


def test_a_product_may_be_divided() -> None:
    """Shares put a product into several sectors; value and duty are divided with it."""
    shares = {"01": "farm", "85": {"machines": 0.75, "chips": 0.25}, "72": "metals"}
    got = rates_of(RATES, TRADE, sectors=shares).set_index("sector")
    assert got.loc["chips", "value"] == pytest.approx(0.25 * 90)
    assert got.loc["machines", "value"] == pytest.approx(0.75 * 90)
    assert got.loc["chips", "rate"] == pytest.approx((60 * 0.5 + 30 * 0.25) / 90)
    assert got["value"].sum() == 200


def test_countries_are_iso_codes_or_a_models_own() -> None:
    """``US`` is ``USA``, and a region no code stands for keeps its name."""
    trade = TRADE.assign(importer="US", exporter="ROW")
    got = rates_of(RATES.assign(exporter="ROW"), trade, sectors=MAP)
    assert set(got["importer"]) == {"USA"}
    assert set(got["exporter"]) == {"ROW"}


def test_the_mean_of_all_sectors_is_the_effective_rate() -> None:
    """Over one sector it is what effective_rates gives."""
    got = rates_of(RATES, TRADE, sectors={"*": "all"})
    want = ts.effects.effective_rates(RATES, RATES, TRADE)
    assert got["rate"].iloc[0] == pytest.approx(want["rate_new"].iloc[0])
    assert 1 - got["known_share"].iloc[0] == pytest.approx(want["unknown_share"].iloc[0])


def test_the_packaged_imports_are_weights():
    """Weights are trade, too: every chapter of US imports as a sector."""
    trade = ts.load("us-china").weights[0]
    frame = trade.to_frame()
    mean = pd.DataFrame({"importer": [frame["importer"].iloc[0]],
                         "exporter": [frame["exporter"].iloc[0]], "product": ["*"],
                         "rate": [0.2]})
    got = rates_of(mean, trade, missing=0, sectors={
        f"{n:02d}": f"chapter {n:02d}" for n in range(1, 100)})
    assert set(got["rate"].round(12)) <= {0.0, 0.2}
    assert got["value"].sum() == pytest.approx(frame.filter(like="value").iloc[:, 0].sum())
