"""Verbs, forks and tables on a small case of two sides."""

from __future__ import annotations

import math
import pickle

import pandas as pd
import pytest
from attrs import evolve

import tradescen as ts

US = {"importer": "USA", "exporter": "CHN"}


@pytest.fixture(name="small")
def _small() -> ts.Scenario:
    """A duty of 34 %, suspended to 10 % from 14 May to 12 August 2025, and a threat of 100 %."""
    scope = ts.Scope(importer="USA", exporters="CHN")
    return ts.Scenario(
        name="small",
        schedule=ts.TariffSchedule(
            measures=[
                ts.Measure(id="us-mfn", authority="MFN", group="mfn",
                           scope=ts.Scope(importer="USA"), source="HTS",
                           duty={"8517.13.00": "Free", "9503.00.00": "4%",
                                 "0201.10.05": "4.4¢/kg"}),
                ts.Measure(id="cn-mfn", authority="MFN", group="mfn", source="T",
                           scope=ts.Scope(importer="CHN"), duty={"1201.90": "3%"}),
            ],
            plan=ts.StackPlan(groups=["mfn", "extra", "threat"]),
        ),
        changes=[
            ts.Impose(measure=ts.Measure(id="us-extra", authority="Emergency", group="extra",
                                         scope=scope, duty="34%"),
                      enacted="2025-04-02", effective="2025-04-05", source="Order 1"),
            ts.Impose(id="us-threat",
                      measure=ts.Measure(id="us-more", authority="Threat", group="threat",
                                         scope=scope, duty="100%"),
                      announced="2025-06-01", enacted=None, effective="2025-07-01",
                      source="Post"),
            ts.Truce(id="pause", parties=("USA", "CHN"), start="2025-05-14",
                     until="2025-08-12", suspends={"us-extra": "10%"}, source="Statement"),
        ],
        weights=ts.Weights(name="made", year=2024, values={
            ("USA", "CHN"): {"8517.13.00": 60.0, "9503.00.00": 30.0, "0201.10.05": 10.0},
            ("CHN", "USA"): {"1201.90": 1.0}}),
    )


def _rate(scenario: ts.Scenario, day: str, product: str = "9503.00.00") -> float:
    return scenario.rate(**US, product=product, on=day)


def test_the_life_of_a_truce(small: ts.Scenario) -> None:
    """Suspended duties are held at the residual and come back when the truce ends."""
    days = {"2025-04-04": 0.04, "2025-04-05": 0.38, "2025-05-14": 0.14, "2025-08-11": 0.14,
            "2025-08-12": 0.38}
    assert {d: pytest.approx(r) for d, r in days.items()} == {d: _rate(small, d) for d in days}


def test_extend_collapse_and_withdraw(small: ts.Scenario) -> None:
    """A truce extended holds longer, one collapsed shorter; a withdrawn threat stays away."""
    assert _rate(small.extend("pause", until="2026-01-01"), "2025-12-31") == pytest.approx(0.14)
    broken = small.collapse("pause", on="2025-06-15")
    assert [_rate(broken, d) for d in ("2025-06-14", "2025-06-15")] == pytest.approx([0.14, 0.38])
    gone = small.withdraw("us-threat", on="2025-06-20")
    table = gone.timeline().set_index("id")
    assert table.loc["us-threat", "status"] == "withdrawn"
    assert small.timeline().set_index("id").loc["us-threat", "status"] == "lapsed"


def test_enact_shift_and_without(small: ts.Scenario) -> None:
    """A threat enacted is charged from its day, a shift moves it, without takes it out."""
    war = small.enact("us-threat")
    assert _rate(war, "2025-07-01") - _rate(small, "2025-07-01") == 1.0
    later = war.shift("us-threat", 10)
    assert _rate(later, "2025-07-10") == _rate(small, "2025-07-10")
    assert _rate(later, "2025-07-11") == _rate(war, "2025-07-11")
    assert _rate(war.without("us-threat"), "2025-07-01") == _rate(small, "2025-07-01")
    assert _rate(small.without(authority="Emergency"), "2025-12-01") == pytest.approx(0.04)
    assert "assumed in this scenario" in str(war.explain(**US, product="9503", on="2025-07-01"))


def test_forks_open_paths_with_odds(small: ts.Scenario) -> None:
    """Each branch is a path; expected rates weigh paths, quantiles and odds order them."""
    fork = ts.Fork(name="summer", branches={
        "war": (0.2, [ts.Enact(id="us-threat")]),
        "hold": (0.3, [ts.Extend(id="pause", until="2026-01-01")]),
        "lapse": (0.5, []),
    })
    tree = small.then(fork, name="tree")
    result = tree.run(start="2025-06-01", end="2025-12-31")
    day = "2025-09-01"
    by_path = result.rates(on=day, products=["9503.00.00"])
    by_path = by_path[by_path["importer"] == "USA"].set_index("path")["rate"]
    assert by_path.to_dict() == pytest.approx({"war": 1.38, "hold": 0.14, "lapse": 0.38})
    told = result.expected(on=day, products=["9503.00.00"])
    mean = told.loc[told["importer"] == "USA", "rate"].item()
    assert mean == pytest.approx(0.2 * 1.38 + 0.3 * 0.14 + 0.5 * 0.38)
    low, mid, high = (
        result.quantiles(q, on=day, products=["9503.00.00"]).query("importer == 'USA'")["rate"]
        .item() for q in (0.3, 0.5, 0.9)
    )
    assert (low, mid, high) == pytest.approx((0.14, 0.38, 1.38))
    above = result.chance("35%", on=day, products=["9503.00.00"])
    assert above.loc[above["importer"] == "USA", "probability"].item() == pytest.approx(0.7)
    assert tree.along("hold").rate(**US, product="9503", on=day) == pytest.approx(0.14)
    assert tree.rate(**US, product="9503", on=day, path="war") == pytest.approx(1.38)


def test_odds_are_checked_and_never_invented(small: ts.Scenario) -> None:
    """Odds must sum to 1; without odds nothing is expected; nested forks multiply."""
    with pytest.raises(ts.InvalidValue, match=r"sum to 0\.9"):
        ts.Fork(name="f", branches={"a": (0.4, []), "b": (0.5, [])})
    with pytest.raises(ts.InvalidValue, match="some branches only"):
        ts.Fork(name="f", branches={"a": (1.0, []), "b": []})
    with pytest.raises(ts.InvalidValue, match=r"write 0\.6 or '60%'"):
        ts.Fork(name="f", branches={"a": (60, []), "b": (40, [])})
    assert ts.Fork(name="f", branches={"a": ("62.5%", []), "b": ("37.5%", [])}) == ts.Fork(
        name="f", branches={"a": (0.625, []), "b": (0.375, [])})
    open_tree = small.then(ts.Fork(name="f", branches={"a": [], "b": []}))
    with pytest.raises(ts.MissingData, match="odds"):
        open_tree.run(start="2025-06-01", end="2025-12-31").expected()
    inner = ts.Fork(name="g", branches={"x": (0.5, []), "y": (0.5, [ts.Enact(id="us-threat")])})
    nested = small.then(ts.Fork(name="f", branches={"a": (0.4, [inner]), "b": (0.6, [])}))
    assert {p.name: p.probability for p in nested.paths()} == pytest.approx(
        {"a/x": 0.2, "a/y": 0.2, "b": 0.6})


def test_a_list_of_changes_is_refused_with_the_star_it_needs(small: ts.Scenario) -> None:
    """``then`` takes changes one by one; a list is answered with how to give it."""
    changes = [ts.Enact(id="us-threat")]
    with pytest.raises(ts.InvalidValue, match=r"\.then\(\*changes\)"):
        small.then(changes)  # type: ignore[arg-type]
    assert small.then(*changes) == small.enact("us-threat")


def test_a_record_refuses_what_it_does_not_hold(small: ts.Scenario) -> None:
    """Origins and days outside the reach of a record are refused, with the way out."""
    record = evolve(small, covers={"USA": ("CHN",)}, first_day="2025-01-01")
    with pytest.raises(ts.MissingData, match=r"covering\(USA=\('VNM',\)\)"):
        record.rate(importer="USA", exporter="VNM", product="9503.00.00", on="2025-06-01")
    with pytest.raises(ts.MissingData, match="begins on 2025-01-01"):
        record.run(start="2024-06-01", end="2025-06-01")
    wider = record.covering(USA=("VNM",))
    assert wider.rate(importer="USA", exporter="VNM", product="9503.00.00",
                      on="2025-06-01") == pytest.approx(0.04)


def test_unit_values_make_specific_duties_known(small: ts.Scenario) -> None:
    """A duty per unit is unknown without a unit value, and the same in frame and explanation."""
    assert math.isnan(_rate(small, "2025-06-01", "0201.10.05"))
    priced = evolve(small, assumptions=ts.Assumptions(
        name="prices", unit_values={"USA": {"0201.10.05": {"kg": 4.4}}}))
    assert _rate(priced, "2025-06-01", "0201.10.05") == pytest.approx(0.01 + 0.10)
    cell = priced.run(start="2025-06-01", end="2025-07-01").rates(
        on="2025-06-01", products=["0201.10.05"])
    cell = cell[cell["importer"] == "USA"]["rate"].item()
    assert cell == _rate(priced, "2025-06-01", "0201.10.05")


def test_averages_say_what_they_are(small: ts.Scenario) -> None:
    """A mean is over its known value, between the least and greatest rate, and says its share."""
    row = small.run(start="2025-06-01", end="2025-07-01").bilateral(on="2025-06-01")
    row = row[row["importer"] == "USA"].iloc[0]
    assert row["rate"] == pytest.approx((60 * 0.10 + 30 * 0.14) / 90)
    assert row["additional_rate"] == pytest.approx(0.10)
    assert (row["known_share"], row["additional_known_share"]) == pytest.approx((0.9, 1.0))
    assert row["min_rate"] <= row["rate"] <= row["max_rate"]
    frame = small.run(start="2025-06-01", end="2025-07-01").bilateral()
    assert frame.attrs["weights"] == {"CHN on USA": "made", "USA on CHN": "made"}
    assert frame.attrs["unit"] == "fractions of customs value"
    assert frame.attrs["digests"] == {"small": small.digest}


def test_differences_by_line_and_by_level(small: ts.Scenario) -> None:
    """Unknown base duties cancel in a difference; by level it is the weighted mean of changes."""
    war = small.enact("us-threat", name="war")
    result = ts.simulate([small, war], start="2025-06-01", end="2025-12-31")
    lines = result.diff("small", on="2025-07-15", unknown=True)
    assert lines["change_rate"].tolist() == [1.0, 1.0, 1.0]
    chapters = result.diff("small", on="2025-07-15", level="HS2")
    assert chapters["product"].tolist() == ["02", "85", "95"]
    assert chapters["change_rate"].tolist() == [1.0, 1.0, 1.0]


def test_scenarios_are_values(small: ts.Scenario) -> None:
    """Equal content is an equal scenario with an equal digest, whatever the order of changes."""
    again = evolve(small, changes=tuple(reversed(small.changes)))
    assert again == small
    assert hash(again) == hash(small)
    assert again.digest == small.digest
    copy = pickle.loads(pickle.dumps(small))
    assert copy == small
    assert copy.digest == small.digest
    assert small.enact("us-threat").digest != small.digest


def test_the_frames_are_plain_pandas(small: ts.Scenario) -> None:
    """Text columns are text, dates are datetimes, numbers are floats."""
    frame = small.run(start="2025-04-01", end="2025-12-31").rates()
    columns = ["scenario", "path", "probability", "importer", "exporter", "product", "start",
               "end", "rate", "additional_rate", "status", "lines"]
    assert list(frame.columns) == columns
    assert all(pd.api.types.is_string_dtype(frame[c]) for c in ("scenario", "product", "status"))
    assert all(pd.api.types.is_datetime64_dtype(frame[c]) for c in ("start", "end"))
    assert frame["rate"].dtype == float
    daily = small.run(start="2025-04-01", end="2025-12-31").rates(freq="D")
    joined = daily.merge(frame, on=["importer", "exporter", "product"], suffixes=("", "_i"))
    joined = joined[(joined["start"] <= joined["date"]) & (joined["date"] < joined["end"])]
    assert len(joined) == len(daily)
    same = (joined["rate"] == joined["rate_i"]) | joined["rate"].isna() & joined["rate_i"].isna()
    assert same.all()


def test_two_ways_of_one_name_are_refused() -> None:
    """A branch named a/b beside a branch a that goes on to b would be the same path by name."""
    law = ts.TariffSchedule(plan=ts.StackPlan(groups=["mfn"]))
    inner = ts.Fork(name="g", branches={"b": (1.0, [])})
    with pytest.raises(ts.InvalidValue, match="both named 'a/b'"):
        ts.Scenario(name="s", schedule=law, changes=[
            ts.Fork(name="f", branches={"a": (0.5, [inner]), "a/b": (0.5, [])})])
