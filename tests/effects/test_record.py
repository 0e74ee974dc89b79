"""Effects of the packaged record: one number from two sides, and the November threat."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tradescen as ts
from tradescen.effects import (
    Elasticities,
    effective_rates,
    import_prices,
    rate_frame,
    revenue,
    trade_response,
)
from tradescen.packaged.weights import us_imports

DAY = "2025-12-01"


@pytest.fixture(name="november", scope="module")
def _november() -> ts.Result:
    return ts.load("november-1").run(start="2025-11-01", end="2026-11-01", importers="USA",
                                     exporters="CHN")


def test_effective_rate_is_the_bilateral_average(november: ts.Result) -> None:
    """The effective rate over known trade is the trade-weighted average of the result."""
    trade = november.weights[0]
    frame = november.bilateral(on=DAY).set_index("path")
    for path in ("b-prolonged", "c-threat"):
        rates = rate_frame(november, path=path, on=DAY)
        got = effective_rates(rates, rates, trade, by=()).iloc[0]
        assert got["rate_old"] == pytest.approx(frame.loc[path, "rate"], abs=1e-12)
        assert 1 - got["unknown_share"] == pytest.approx(frame.loc[path, "known_share"], abs=1e-12)


def test_levels_give_one_revenue(november: ts.Result) -> None:
    """Rates by ten digits and by subheading give the same static revenue and unknown share."""
    trade = november.weights[0]
    fine = [rate_frame(november, path=p, on=DAY) for p in ("b-prolonged", "c-threat")]
    coarse = [rate_frame(november, path=p, on=DAY, level="HS6")
              for p in ("b-prolonged", "c-threat")]
    one = revenue(*fine, trade, by=()).iloc[0]
    two = revenue(*coarse, trade.at("HS6"), by=()).iloc[0]
    for name in ("value", "old", "static", "unknown_share"):
        assert one[name] == pytest.approx(two[name], rel=1e-9)


def test_the_threat_is_the_value_of_what_it_charges(november: ts.Result) -> None:
    """The threat adds 1.00 to every known line, so a year of it is all known trade."""
    trade = november.weights[0]
    frames = [rate_frame(november, path=p) for p in ("b-prolonged", "c-threat")]
    got = revenue(*frames, trade, by=()).iloc[0]
    known = got["value"] * (1 - got["unknown_share"])
    assert got["static_change"] == pytest.approx(known, rel=1e-9)
    price = import_prices(rate_frame(november, path="b-prolonged", on=DAY),
                          rate_frame(november, path="c-threat", on=DAY), trade, by=()).iloc[0]
    assert price["duty_paid"] == pytest.approx(1 / (1 + got["old"] / known), rel=5e-3)


def test_long_run_answers_are_larger(november: ts.Result) -> None:
    """More substitution leaves less Chinese trade, less revenue and more trade of others."""
    trade = us_imports().to_frame()
    trade = trade[trade["exporter"].isin(["CHN", "VNM", "MEX"])]
    old, new = (pd.concat([rate_frame(november, path=p, on=DAY, level="HS6"),
                           pd.DataFrame({"importer": "USA", "exporter": ["VNM", "MEX"],
                                         "product": "*", "rate": 0.0})])
                for p in ("b-prolonged", "c-threat"))
    kept = []
    for sigma in (0.76, 2.0, 4.0):
        got = trade_response(old, new, trade, missing=0,
                             elasticities=Elasticities(sigma=sigma, demand=0.76))
        by = got.total("exporter").set_index("exporter")
        kept.append([by.loc["CHN", "value_new"], -by.loc["VNM", "diversion"],
                     got.revenue["revenue_new"].iloc[0]])
    assert (np.diff(np.array(kept), axis=0) < 0).all()


def test_smart_cuts_chinese_imports_by_half_at_25_percent() -> None:
    """25 points on the 10.9 % collected in 2024, with ε = σ = 1.5: imports from China fall by 52 %
    in the linear model of WITS."""
    trade = us_imports().to_frame()
    trade = trade[trade["exporter"] != "SVK"]
    old = trade[["importer", "exporter", "product"]].copy()
    old["rate"] = np.where(old["exporter"] == "CHN", 0.109, 0.0)
    new = old.assign(rate=np.where(old["exporter"] == "CHN", 0.359, 0.0))
    got = trade_response(old, new, trade, model="smart",
                         elasticities=Elasticities(sigma=1.5, demand=1.5)).total("exporter")
    china = got.set_index("exporter").loc["CHN"]
    assert china["change"] / china["value_old"] == pytest.approx(-0.52, abs=0.005)
