"""Autumn 2025 and what surrounds it, told with the packaged record alone.

Sources of the numbers: EO 14257, 14259, 14266 (reciprocal duties, April 2025); EO 14298 and
SCTC announcement 2025 No. 7 (Geneva, 14 May 2025: 34 % of which 24 points suspended); EO 14334
(to 10 November 2025); EO 14357, 14358 and SCTC 2025 No. 9, No. 10 (Busan, 10 November 2025);
EO 14389 after Learning Resources v. Trump (end of IEEPA duties, 24 February 2026).
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import tradescen as ts

EVE = "2025-10-24"
TOYS = "9503.00.00.11"  # on no Section 301 list that was ever charged
VANILLA = "0905.10"  # on none of China's lists
US = {"importer": "USA", "exporter": "CHN"}
CN = {"importer": "CHN", "exporter": "USA"}


@pytest.fixture(name="record", scope="module")
def _record() -> ts.Scenario:
    return ts.load("us-china")


@pytest.fixture(name="eve", scope="module")
def _eve(record: ts.Scenario) -> ts.Scenario:
    return record.as_known(EVE)


def _points(scenario: ts.Scenario, day: str, pair: dict[str, str], product: str) -> float:
    return scenario.explain(**pair, product=product, on=day).additional_rate


def test_the_threat_is_known_with_its_day_and_charges_nothing(eve: ts.Scenario) -> None:
    """On the evening of 24 October the +100 % is a threat for 1 November and charges nothing."""
    row = eve.timeline().set_index("id").loc["us-threat-100"]
    assert row["status"] == "threatened"
    assert row["date"] == pd.Timestamp("2025-11-01")
    before, after = (_points(eve, day, US, TOYS) for day in ("2025-10-31", "2025-11-02"))
    assert before == after == pytest.approx(0.30)
    pending = eve.explain(**US, product=TOYS, on=EVE).pending
    assert [s.status for s in pending if s.because == ("us-threat-100",)] == ["threatened"]


def test_nothing_announced_later_is_visible(eve: ts.Scenario) -> None:
    """No act or milestone announced after the evening is in the scenario told from it."""
    late = pd.Timestamp(EVE).date()
    assert [a.id for a in eve.plain() if a.known > late] == []
    assert [m.id for m in eve.milestones if m.known > late] == []
    assert [a.id for a in eve.plain() if a.enacted is not None and a.enacted > late] == []
    with pytest.raises(ts.UnknownName):
        eve.extend("kuala-lumpur", until="2027-01-10")


def test_enacting_the_threat_adds_one_to_every_line_and_nothing_elsewhere(
    eve: ts.Scenario,
) -> None:
    """Enacted, it adds exactly 1.00 to every line of its scope from 1 November, else nothing."""
    eve = eve.covering(USA=("VNM",))  # as if nothing were charged on them: nothing is added
    war = eve.enact("us-threat-100", name="war")
    result = ts.simulate([eve, war], start="2025-10-01", end="2026-03-01",
                         exporters=["CHN", "HKG", "VNM", "USA"])
    diff = result.diff("us-china", unknown=True)
    assert set(diff["importer"]) == {"USA"}
    assert set(diff["exporter"]) == {"CHN"}
    assert (diff["change_rate"] == 1.0).all()
    one_day = result.diff("us-china", on="2025-12-01", unknown=True)
    own = len(result.runs[0].lines["USA"])
    assert one_day["lines"].sum() == own  # every line, those of unknown base duty too
    assert diff["start"].min() == pd.Timestamp("2025-11-01")


def test_a_lapse_of_geneva_gives_34_not_125(record: ts.Scenario) -> None:
    """As known on 1 July 2025, Geneva lapses on 12 August and leaves 34 % on both sides."""
    july = record.as_known("2025-07-01")
    for measure, pair, product in (("us-recip-cn", US, TOYS), ("cn-recip-us", CN, VANILLA)):
        def level(day: str, pair: dict[str, str] = pair, product: str = product,
                  measure: str = measure) -> float:
            steps = july.explain(**pair, product=product, on=day).steps
            return next(s.contribution for s in steps if s.measure == measure)

        assert level("2025-08-11") == pytest.approx(0.10, abs=1e-12)
        assert level("2025-08-12") == pytest.approx(0.34, abs=1e-12)
        assert level("2026-08-12") == pytest.approx(0.34, abs=1e-12)
    snap = july.timeline()
    snap = snap[snap["kind"] == "snapback"]
    assert set(snap["date"]) >= {pd.Timestamp("2025-08-12")}


def test_the_deal_collapsing_revives_24_points_on_each_side_that_still_has_them(
    eve: ts.Scenario, record: ts.Scenario,
) -> None:
    """Told from October both sides' 24 points come back; in the record only China's are left."""
    deal = eve.withdraw("us-threat-100", on="2025-10-30", name="deal").then(ts.Truce(
        id="kl", parties=("USA", "CHN"), start="2025-11-10", until="2026-11-10",
        amends={ts.Select(authority="IEEPA fentanyl", importer="USA"): "10%"},
        suspends={ts.Select(ids=("us-recip-cn", "cn-recip-us")): "10%"}))
    lapse = deal.collapse("kl", on="2026-04-01", name="lapse")
    for pair, product in ((US, TOYS), (CN, VANILLA)):
        gap = _points(lapse, "2026-04-01", pair, product) - _points(
            deal, "2026-04-01", pair, product)
        assert gap == pytest.approx(0.24, abs=1e-12)
    assert _points(deal, "2025-11-10", US, TOYS) == pytest.approx(0.20)

    broken = record.collapse("kuala-lumpur", on="2026-04-01", name="broken")
    assert _points(broken, "2026-04-01", CN, VANILLA) == pytest.approx(0.34)
    assert _points(record, "2026-04-01", CN, VANILLA) == pytest.approx(0.10)
    diff = ts.simulate([record, broken], start="2026-03-01", end="2026-05-01").diff("us-china")
    us = diff[diff["importer"] == "USA"]
    assert set(diff["importer"]) == {"CHN", "USA"}
    # On the US side only the duty on cranes and chassis comes back.
    parts = broken.explain(**US, product=str(us["product"].iloc[0]), on="2026-04-02").steps
    assert "us-recip-cn" not in [s.measure for s in parts]
    assert us["lines"].sum() < 20


def test_the_truce_ran_out_in_the_record_and_not_in_the_promised_extension(
    record: ts.Scenario,
) -> None:
    """Without an instrument China's 24 points return on 10 November 2026; the promise, enacted,
    holds them to 10 January 2027."""
    extended = ts.load("truce-extended")
    assert record.gaps
    assert "2027-01-10" in record.gaps[0]
    for day, bare, promised in (("2026-11-09", 0.10, 0.10), ("2026-11-10", 0.34, 0.10),
                                ("2027-01-09", 0.34, 0.10), ("2027-01-10", 0.34, 0.34)):
        assert _points(record, day, CN, VANILLA) == pytest.approx(bare, abs=1e-12)
        assert _points(extended, day, CN, VANILLA) == pytest.approx(promised, abs=1e-12)


@pytest.mark.parametrize(("words", "kind"), [
    (("rare earth",), "export-control"),
    (("50%",), "export-control"),
    (("software",), None),
    (("Phase One",), "investigation"),
    (("oybeans",), "purchases"),
    (("Busan",), "summit"),
])
def test_elements_of_the_october_story_have_a_place(
    record: ts.Scenario, words: tuple[str, ...], kind: str | None
) -> None:
    """Controls, the 50 % rule, software limits, the probe, soybeans, the meeting: all are there."""
    found = [m for m in record.milestones
             if all(w.lower() in m.text.lower() for w in words)
             and m.date >= pd.Timestamp("2025-09-01").date()
             and m.date <= pd.Timestamp("2025-12-01").date()]
    assert found
    assert all(m.source is not None for m in found)
    if kind is not None:
        assert kind in {m.kind for m in found}


def test_both_sides_pass_100_percent_in_april_2025(record: ts.Scenario) -> None:
    """From 12 April to 14 May 2025 both sides charge 125 points of new reciprocal duty."""
    for pair, product in ((US, TOYS), (CN, VANILLA)):
        assert _points(record, "2025-05-13", pair, product) >= 1.25
        assert _points(record, "2025-05-14", pair, product) < 1.0
    assert _points(record, "2025-05-13", US, TOYS) == pytest.approx(1.45)
    assert _points(record, "2025-05-14", US, TOYS) == pytest.approx(0.30)


@pytest.mark.parametrize("name", ["november-1", "truce-extended"])
def test_explained_numbers_equal_the_frames_bit_for_bit(name: str) -> None:
    """An explanation's rate is the frame's cell and the left-to-right sum of its steps."""
    from tradescen.packaged import scenarios

    listed = scenarios(name)
    days = ["2026-10-05", "2026-11-10"]
    result = ts.simulate(listed, start="2025-10-01", end="2027-02-01")
    for pair, products in ((US, ["8517.13.00", "7208.10.15", "8703.80.00", "0101.21.00"]),
                           (CN, ["1201.90", VANILLA, "2711.11"])):
        frame = result.rates(on=days, products=products)
        frame = frame[(frame["importer"] == pair["importer"])
                      & (frame["exporter"] == pair["exporter"])]
        assert len(frame) >= len(products) * len(days) * len(result.runs)
        for row in frame.itertuples():
            told = result.explain(**pair, scenario=row.scenario, path=row.path,
                                  product=row.product, on=row.date)
            assert told.rate == row.rate or (math.isnan(told.rate) and math.isnan(row.rate))
            total = 0.0
            for step in told.steps:
                total += step.contribution
                assert step.source
            assert total == told.rate or (math.isnan(total) and math.isnan(told.rate))


def test_every_act_of_the_record_traces_to_a_source(record: ts.Scenario) -> None:
    """Nothing in the pack is uncited."""
    assert [m.id for m in record.schedule.measures if m.source is None] == []
    assert [a.id for a in record.plain() if a.source is None] == []
    assert not (record.check()["severity"] == "error").any()


def test_additional_points_follow_the_published_steps(record: ts.Scenario) -> None:
    """A line of List 1, one of List 4A and one of no list follow the published steps."""
    story = {
        "8483.50.90": {"2018-07-05": 0, "2018-07-06": 25, "2025-02-04": 35, "2025-03-04": 45},
        "6109.10.00": {"2019-08-31": 0, "2019-09-01": 15, "2020-02-13": 15, "2020-02-14": 7.5,
                       "2025-02-04": 17.5, "2025-04-10": 152.5, "2025-05-14": 37.5,
                       "2025-11-10": 27.5, "2026-02-24": 17.5, "2026-07-24": 20},
        TOYS: {"2025-02-03": 0, "2025-02-04": 10, "2025-04-08": 30, "2025-04-09": 104,
               "2025-04-10": 145, "2025-11-10": 20, "2026-02-24": 10, "2026-07-23": 10,
               "2026-07-24": 12.5},
    }
    for product, steps in story.items():
        for day, points in steps.items():
            got = _points(record, day, US, product)
            assert got * 100 == pytest.approx(points, abs=1e-9), (product, day)


def test_list_4b_is_printed_and_never_charged(record: ts.Scenario) -> None:
    """List 4B was law for 15 December 2019 and was suspended without end on that day."""
    explained = record.explain(**US, product="8471.30.01.00", on="2019-12-20")
    assert "us-301-list4b" in [s.measure for s in explained.steps]
    assert explained.additional_rate == 0
    row = record.measures(on="2019-12-20").set_index("measure").loc["us-301-list4b"]
    assert row["status"] == "suspended"
    assert np.isfinite(explained.rate)
