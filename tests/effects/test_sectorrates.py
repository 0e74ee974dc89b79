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
    got = rates_of(RATES, TRADE, MAP).set_index("sector")
    assert got["rate"].drop("metals").to_dict() == {"farm": 0.0, "machines": 0.5, "chips": 0.25}
    assert np.isnan(got.loc["metals", "rate"])
    assert got.loc["metals", "known_share"] == 0
    assert got["value"].sum() == 200
    table = rates_of(RATES, TRADE, {"01": "all", "85": "all", "72": "all"})
    assert table["rate"].tolist() == pytest.approx([(60 * 0.5 + 30 * 0.25) / 100])
    assert table["known_share"].tolist() == [0.5]
    assert table.attrs["known_share"] == 0.5


def test_a_star_stands_for_the_rest():
    """``"*"`` is the rate of products without one of their own."""
    frame = pd.concat([RATES.head(2), pd.DataFrame(
        {"importer": ["USA"], "exporter": ["CHN"], "product": ["*"], "rate": [0.1]})])
    got = rates_of(frame, TRADE, MAP).set_index("sector")["rate"]
    assert got.to_dict() == {"farm": 0.0, "machines": 0.5, "chips": 0.1, "metals": 0.1}


def test_trade_without_a_sector_or_a_rate_is_refused():
    """Each refusal says for how much of the trade, and the way out."""
    with pytest.raises(ts.MissingData, match=r"1 products \(50\.0% of the trade\).*720810"):
        rates_of(RATES, TRADE, {"01": "farm", "85": "machines"})
    with pytest.raises(ts.MissingData, match=r"1 rows of trade \(50\.0% of it\).*missing=0"):
        rates_of(RATES.head(3), TRADE, MAP)
    assert rates_of(RATES.head(3), TRADE, MAP, missing=0).set_index("sector").loc[
        "metals", "rate"] == 0
    with pytest.raises(ts.InvalidValue, match="several rates"):
        rates_of(pd.concat([RATES, RATES.head(1)]), TRADE, MAP)
    with pytest.raises(ts.InvalidValue, match="no column rate"):
        rates_of(RATES.drop(columns="rate"), TRADE, MAP)


def test_the_packaged_imports_are_weights():
    """Weights are trade, too: every chapter of US imports as a sector."""
    trade = ts.load("us-china").weights[0]
    frame = trade.to_frame()
    mean = pd.DataFrame({"importer": [frame["importer"].iloc[0]],
                         "exporter": [frame["exporter"].iloc[0]], "product": ["*"],
                         "rate": [0.2]})
    got = rates_of(mean, trade, {f"{n:02d}": f"chapter {n:02d}" for n in range(1, 100)}, missing=0)
    assert set(got["rate"].round(12)) <= {0.0, 0.2}
    assert got["value"].sum() == pytest.approx(frame.filter(like="value").iloc[:, 0].sum())
