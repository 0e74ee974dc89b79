"""How frames show time and groups of countries."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tradescen as ts
from tradescen.errors import InvalidValue, MissingData


def _case(**scope: object) -> ts.Scenario:
    """A duty of 30 % from 10 April to 20 June 2025 over free MFN."""
    return ts.Scenario(
        schedule=ts.TariffSchedule(
            measures=[ts.Measure(id="mfn", authority="MFN", group="mfn", source="HTS",
                                 scope=ts.Scope(importer="USA"),
                                 duty={"0101": "Free", "0102": "Free"})],
            plan=ts.StackPlan(groups=["mfn", "extra"]),
        ),
        changes=[ts.Impose(
            measure=ts.Measure(id="ex", authority="E", group="extra", duty="30%",
                               until="2025-06-20", source="Order",
                               scope=ts.Scope(importer="USA", **scope)),
            enacted="2025-04-01", effective="2025-04-10")],
    )


@pytest.mark.parametrize("freq", ["D", "W-MON", "MS", "ME", "QS", "QE", "YS", "YE"])
def test_period_means_equal_the_means_of_their_days(freq: str) -> None:
    """A mean over a period is the mean of its days in the window, the cut first one included."""
    result = _case(exporters="CHN").run(start="2025-03-15", end="2025-07-10")
    daily = result.rates(freq="D", products=["0101"]).set_index("date")["rate"]
    got = result.rates(freq=freq, how="mean", products=["0101"]).set_index("date")["rate"]
    period = pd.date_range("2001-01-01", periods=2, freq=freq).to_period().freqstr
    want = daily.groupby(daily.index.to_period(period)).mean()
    assert len(got) == len(want)
    np.testing.assert_allclose(got.to_numpy(), want.to_numpy(), atol=1e-12)


def test_days_asked_twice_come_once() -> None:
    """Repeats among days, origins and codes are asked once."""
    result = _case(exporters="CHN").run(start="2025-03-15", end="2025-07-10",
                                        exporters=["CN", "CHN"])
    frame = result.rates(on=["2025-05-01", "2025-05-01"], products=["0101", "0101"])
    assert len(frame) == 1
    assert len(result.bilateral(average="simple", on=["2025-05-01"] * 2, wide=True)) == 1


def test_the_last_day_can_be_asked() -> None:
    """The end of the window is not shown in intervals but can be asked for."""
    result = _case(exporters="CHN").run(start="2025-03-15", end="2025-06-20")
    assert result.rates(products=["0101"])["end"].max() == pd.Timestamp("2025-06-20")
    assert result.rates(on="2025-06-19", products=["0101"])["rate"].item() == 0.3
    assert result.rates(on="2025-06-20", products=["0101"])["rate"].item() == 0.0


def test_a_group_must_agree_only_where_it_is_shown() -> None:
    """Members may differ on other lines and days than those asked for, not on these."""
    case = _case(exporters="DEU", products="0102")
    result = case.run(start="2025-03-15", end="2025-07-10", exporters=["EU"])
    assert result.rates(products=["0101"])["rate"].tolist() == [0.0]
    assert set(result.rates(on="2025-07-01")["rate"]) == {0.0}
    with pytest.raises(ts.AmbiguousPartner, match="DEU"):
        result.rates(on="2025-05-01")
    ask = {"importer": "USA", "exporter": "EU", "on": "2025-05-01"}
    assert case.rate(**ask, product="0101") == 0.0
    with pytest.raises(ts.AmbiguousPartner, match=r"0102"):
        case.rate(**ask, product="01")


def test_a_change_of_membership_is_a_cut() -> None:
    """A country that leaves a group leaves its duty on that day."""
    case = _case(exporters="EU")
    moved = case.then(ts.Impose(
        measure=ts.Measure(id="old", authority="E", group="extra", duty="7%", source="x",
                           scope=ts.Scope(importer="USA", exporters="EU")),
        enacted="2019-01-01", effective="2019-01-01"))
    frame = moved.run(start="2020-01-15", end="2020-02-15", exporters=["GBR", "FRA"]).rates(
        products=["0101"])
    by = dict(list(frame.groupby("exporter")))
    assert by["FRA"]["rate"].tolist() == [0.07]
    assert by["GBR"]["rate"].tolist() == [0.07, 0.0]
    assert by["GBR"]["start"].iloc[1] == pd.Timestamp("2020-02-01")


def test_products_limit_averages_too() -> None:
    """A result of some goods averages these goods."""
    weights = ts.Weights(name="made", year=2024,
                         values={("USA", "CHN"): {"0101": 1.0, "0102": 3.0}})
    case = _case(exporters="CHN", products="0102")
    whole = case.run(start="2025-05-01", end="2025-06-01", weights=weights)
    part = case.run(start="2025-05-01", end="2025-06-01", weights=weights, products=["0102"])
    assert whole.bilateral()["rate"].item() == pytest.approx(0.225)
    assert part.bilateral()["rate"].item() == 0.3
    assert part.bilateral()["weight_usd"].item() == 3.0
    inside = whole.average(within="0102")
    assert inside["rate"].item() == 0.3
    assert inside.attrs["within"] == "0102"
    assert whole.average().attrs["within"] is None


def test_current_weights_change_with_the_year() -> None:
    """With current weights each day is averaged by the trade of its year, or the last before."""
    sets = [
        ts.Weights(name=str(year), year=year,
                   values={("USA", "CHN"): {"0101": 1.0, "0102": float(share)}})
        for year, share in ((2024, 1), (2026, 3))
    ]
    case = _case(exporters="CHN", products="0102").then(ts.Amend(
        id="longer", target="ex", until="2027-01-01", enacted="2025-05-01",
        effective="2025-05-01"))
    result = case.run(start="2025-05-01", end="2026-06-01")
    frame = result.average(weights=sets, current=True)
    assert frame["weights_year"].tolist() == [2024, 2026]
    assert frame["rate"].tolist() == pytest.approx([0.15, 0.225])
    assert frame["end"].iloc[0] == frame["start"].iloc[1] == pd.Timestamp("2026-01-01")
    fixed = result.average(weights=sets)
    assert fixed["rate"].tolist() == pytest.approx([0.15])


def test_current_weights_name_the_year_each_row_rests_on() -> None:
    """A direction without weights of a year is labelled with the year it is weighed by."""
    sets = [
        ts.Weights(name="to", year=2024, values={("USA", "CHN"): {"0101": 1.0, "0102": 1.0}}),
        ts.Weights(name="fro", year=2017, values={("CHN", "USA"): {"0101": 1.0, "0102": 1.0}}),
    ]
    back = ts.Measure(id="back", authority="A", group="extra", duty="5%",
                      scope=ts.Scope(importer="CHN", exporters="USA", products="0102"))
    case = _case(exporters="CHN", products="0102").then(
        ts.Impose(measure=back, enacted="2025-01-01", effective="2025-05-02"))
    result = case.run(start="2025-05-01", end="2025-06-01")
    frame = result.average(weights=sets, current=True)
    years = frame.groupby("importer")["weights_year"].unique().map(list).to_dict()
    assert years == {"USA": [2024], "CHN": [2017]}
    assert frame.attrs["weights"]["USA on CHN"] == ["to"]
    mixed = result.average(weights=sets, current=True, by=())
    assert mixed["weights_year"].isna().all()
    with pytest.raises(InvalidValue, match="current=True"):
        result.average(weights=sets, current=True, average="simple")


def test_definitions_hold_to_the_goods_and_directions_of_the_result() -> None:
    """One rate under each definition is of the goods asked for; other pairs are refused."""
    weights = ts.Weights(name="made", year=2024,
                         values={("USA", "CHN"): {"0101": 1.0, "0102": 3.0}})
    case = _case(exporters="CHN", products="0102")
    part = case.run(start="2025-05-01", end="2025-06-01", weights=weights, products=["0102"])
    asked = {"importer": "USA", "exporter": "CHN", "on": "2025-05-10"}
    assert part.definitions(**asked)["rate"].iloc[0] == 0.3  # type: ignore[arg-type]
    for other in ({"exporter": "DEU"}, {"importer": "DEU"}):
        with pytest.raises(MissingData, match="holds no rates"):
            part.definitions(**{**asked, **other})  # type: ignore[arg-type]


@pytest.mark.parametrize("within", [(), "0101"])
def test_an_average_over_no_goods_is_refused(within: object) -> None:
    """No goods is not all goods: an empty restriction, or one outside the result's, is refused."""
    weights = ts.Weights(name="made", year=2024,
                         values={("USA", "CHN"): {"0101": 1.0, "0102": 3.0}})
    part = _case(exporters="CHN", products="0102").run(
        start="2025-05-01", end="2025-06-01", weights=weights, products=["0102"])
    with pytest.raises(InvalidValue, match="no goods"):
        part.average(within=within)
