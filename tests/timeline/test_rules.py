"""Rules: who answers what, when, by how much, and where it ends."""

from __future__ import annotations

import datetime as dt

import pytest

import tradescen as ts

CN = {"importer": "CHN", "exporter": "USA", "product": "1201.90"}
US = {"importer": "USA", "exporter": "CHN", "product": "9503"}


def _spiral(*changes: object) -> ts.Scenario:
    """The US duty of April 2025: 34 % enacted on the 2nd, raised by 50 points, then to 125 %.

    Dates: EO 14257 (2025-04-02), EO 14259 (2025-04-08), EO 14266 (2025-04-09).
    """
    return ts.Scenario(
        name="spiral",
        schedule=ts.TariffSchedule(
            measures=[
                ts.Measure(id="us-mfn", authority="MFN", group="mfn", duty={"9503": "Free"},
                           scope=ts.Scope(importer="USA")),
                ts.Measure(id="cn-mfn", authority="MFN", group="mfn", duty={"1201.90": "3%"},
                           scope=ts.Scope(importer="CHN"))],
            plan=ts.StackPlan(groups=["mfn", "extra"]),
        ),
        changes=[
            ts.Impose(id="us-34", enacted="2025-04-02", effective="2025-04-09",
                      measure=ts.Measure(id="us", authority="IEEPA", group="extra", duty="34%",
                                         scope=ts.Scope(importer="USA", exporters="CHN"))),
            ts.EscalationStep(id="us-84", target="us", add="50pp", announced="2025-04-07",
                              enacted="2025-04-08", effective="2025-04-09"),
            ts.EscalationStep(id="us-125", target="us", to="125%", enacted="2025-04-09",
                              effective="2025-04-10"),
            *changes,
        ],
    )


def _points(scenario: ts.Scenario, day: str, pair: dict[str, str] = CN) -> float:
    return round(scenario.explain(**pair, on=day).additional_rate * 100, 9)


def test_a_mirror_with_the_lags_of_april_2025_is_history() -> None:
    """With its lags China's answers are 34 announced, 84 from the 10th, 125 from the 12th."""
    rule = ts.Retaliation(id="cn", by="CHN", against="USA", lag=(2, 1, 2), notice=(6, 1, 1),
                          start="2025-04-01")
    scenario = _spiral(rule)
    days = ("2025-04-09", "2025-04-10", "2025-04-11", "2025-04-12", "2025-06-01")
    assert [_points(scenario, d) for d in days] == [0, 84, 84, 125, 125]
    answers = [r.item for n, r in scenario.fold().records.items() if n.startswith("cn-")
               and n != "cn-mfn"]
    assert [a.enacted for a in answers] == [dt.date(2025, 4, d) for d in (4, 9, 11)]
    assert [round(a.measure.duty.rate, 9) for a in answers] == [0.34, 0.5, 0.41]
    with_one_lag = _spiral(ts.Retaliation(id="cn", by="CHN", against="USA", lag=3,
                                          start="2025-04-01"))
    assert _points(with_one_lag, "2025-06-01") == 125


def test_a_rule_changes_nothing_before_the_day_after_it_starts() -> None:
    """What was seen before the start is not answered, and no answer comes before start + 1."""
    rule = ts.Retaliation(id="cn", by="CHN", against="USA", start="2025-04-08")
    scenario = _spiral(rule)
    assert [_points(scenario, f"2025-04-{d:02}") for d in (8, 9, 10)] == [0, 50, 91]
    assert scenario.without("cn") == _spiral()


def test_caps_thresholds_and_scales() -> None:
    """A cap bounds the points held, a threshold spares small rises, a scale weighs them."""
    def final(**more: object) -> float:
        rule = ts.Retaliation(id="cn", by="CHN", against="USA", start="2025-04-01", **more)
        return _points(_spiral(rule), "2025-06-01")

    assert final(cap="60%") == 60
    assert final(cap="60%", caps="total") == 60
    assert final(scale=0.5) == 62.5
    assert final(threshold="45%") == 50
    assert final(match="list", products=("1201",), duty="15%") == 45
    assert final(match="points", products=("8802",)) == 0
    assert final(answers="announced") == 125
    assert final(answers="effective") == 125
    assert final(until="2025-04-03") == 34


def test_the_total_cap_counts_what_is_charged_already() -> None:
    """caps='total' leaves only the room up to the cap on the day of the answer."""
    old = ts.Impose(measure=ts.Measure(id="cn-old", authority="x", group="extra", duty="25%",
                                       scope=ts.Scope(importer="CHN", exporters="USA",
                                                      products="1201.90")),
                    enacted="2025-01-01", effective="2025-01-01")
    rule = ts.Retaliation(id="cn", by="CHN", against="USA", start="2025-04-01", cap="100%",
                          caps="total")
    assert _points(_spiral(old, rule), "2025-06-01") == 100


def test_standing_down_takes_back_what_answered_the_same_measure() -> None:
    """When the duty answered falls, the rule's points in answer to it fall, never below 0."""
    down = ts.Amend(id="us-30", target="us", duty="30%", enacted="2025-05-12",
                    effective="2025-05-14")
    gone = ts.Terminate(id="us-0", target="us", enacted="2025-06-01", effective="2025-06-01")
    rule = ts.Retaliation(id="cn", by="CHN", against="USA", start="2025-04-01", stand_down=True)
    scenario = _spiral(down, gone, rule)
    assert [_points(scenario, d) for d in ("2025-05-12", "2025-05-13", "2025-06-02")] == [
        125, 30, 0]
    stubborn = _spiral(down, gone, ts.Retaliation(id="cn", by="CHN", against="USA",
                                                  start="2025-04-01"))
    assert _points(stubborn, "2025-06-02") == 125


def test_standing_down_touches_only_the_goods_that_fell() -> None:
    """A mirror takes back on the goods the rise is taken back on; the rest stays as it was."""
    rule = ts.Retaliation(id="cn", by="CHN", against="USA", start="2025-04-01", stand_down=True)
    for goods, left in (("1201", 25), ("8802", 125)):
        part = ts.Amend(id="us-part", target="us", duty="25%", only=ts.ProductSet.of(goods),
                        enacted="2025-05-01", effective="2025-05-02")
        assert _points(_spiral(part, rule), "2025-06-01") == left


def test_a_rise_in_parts_is_answered_once() -> None:
    """On goods of its own a rule answers a measure once, however the measure is cut up."""
    cut = ts.Amend(id="us-cut", target="us", duty="30%", only=ts.ProductSet.of("95"),
                   enacted="2025-05-01", effective="2025-05-02")
    more = ts.Amend(id="us-more", target="us", duty="+10pp", enacted="2025-05-05",
                    effective="2025-05-06")
    assert _points(_spiral(cut, more, ts.Retaliation(
        id="cn", by="CHN", against="USA", match="points", products=("1201",),
        start="2025-05-04")), "2025-06-01") == 10
    listed = ts.Retaliation(id="cn", by="CHN", against="USA", match="list", products=("1201",),
                            duty="15%", start="2025-05-04")
    assert _points(_spiral(cut, more, listed), "2025-06-01") == 15


def test_lists_heed_thresholds_caps_and_falls() -> None:
    """A list leaves small rises alone, holds no more than its cap and is taken back in part."""
    def final(*more: object, **fields: object) -> float:
        rule = ts.Retaliation(id="cn", by="CHN", against="USA", match="list", duty="15%",
                              products=("1201",), start="2025-04-01", **fields)
        return _points(_spiral(rule, *more), "2025-06-10")

    gone = ts.Terminate(id="us-0", target="us", enacted="2025-06-01", effective="2025-06-01")
    assert final(threshold="45%") == 15
    assert final(cap="20%") == 20
    assert final(gone) == 45
    assert final(gone, stand_down=True) == 0
    with pytest.raises(ts.InvalidValue, match="one ad valorem"):
        ts.Retaliation(id="cn", by="CHN", against="USA", match="list", products=("1201",),
                       duty={"1201": "15%"}, cap="20%")


def test_a_duty_by_line_that_ends_is_no_rise() -> None:
    """A list answers a duty by line when it begins, and takes that back when it ends."""
    table = ts.Measure(id="us-t", authority="301", group="extra", duty={"9503": "25%", "61": "10%"},
                       scope=ts.Scope(importer="USA", exporters="CHN", products=("9503", "61")))
    begins = ts.Impose(id="t", measure=table, enacted="2025-05-01", effective="2025-05-01")
    ends = ts.Terminate(id="t-ends", target="us-t", enacted="2025-06-01", effective="2025-06-01")
    for stand_down, left in ((False, 15), (True, 0)):
        rule = ts.Retaliation(id="cn", by="CHN", against="USA", match="list", duty="15%",
                              products=("1201",), start="2025-04-20", stand_down=stand_down)
        scenario = _spiral(begins, ends, rule)
        assert [_points(scenario, d) for d in ("2025-05-15", "2025-06-10")] == [15, left]


def test_what_is_withdrawn_later_is_seen_and_taken_back() -> None:
    """An act given up before its first day was answered, and the answer falls with it."""
    off = ts.Terminate(id="us-off", target="us-125", enacted="2025-04-09", effective="2025-04-09")
    late = ts.Impose(id="late", enacted="2025-05-01", effective="2025-07-01", measure=ts.Measure(
        id="us-late", authority="IEEPA", group="extra", duty="20%",
        scope=ts.Scope(importer="USA", exporters="CHN")))
    given_up = ts.Terminate(id="late-off", target="late", enacted="2025-06-01",
                            effective="2025-06-01")
    rule = ts.Retaliation(id="cn", by="CHN", against="USA", start="2025-04-20", stand_down=True)
    scenario = _spiral(late, given_up, rule)
    assert [_points(scenario, d) for d in ("2025-05-10", "2025-06-10")] == [20, 0]
    assert _points(_spiral(off), "2025-06-01", US) == 84


def test_truces_and_snapbacks_are_answered_only_if_asked() -> None:
    """The end of a suspension is no provocation unless the rule says so."""
    truce = ts.Truce(id="t", parties=("USA", "CHN"), start="2025-05-14", until="2025-08-12",
                     suspends={"us": "10%"})
    calm = ts.Retaliation(id="cn", by="CHN", against="USA", start="2025-05-01")
    assert _points(_spiral(truce, calm), "2025-09-01") == 0
    touchy = ts.Retaliation(id="cn", by="CHN", against="USA", start="2025-05-01",
                            answers=("enacted", "resumed"))
    assert _points(_spiral(truce, touchy), "2025-09-01") == 115


def test_two_rules_run_to_their_caps_or_run_away() -> None:
    """Two mirrors that answer each other end at a cap; without one they are told to."""
    us = ts.Retaliation(id="us-rule", by="USA", against="CHN", start="2025-04-01", cap="300%")
    cn = ts.Retaliation(id="cn", by="CHN", against="USA", start="2025-04-01", cap="300%")
    scenario = _spiral(us, cn)
    assert _points(scenario, "2026-01-01") <= 300
    assert _points(scenario, "2026-01-01", US) <= 425
    wild = _spiral(*(ts.Retaliation(id=i, by=b, against=a, start="2025-04-01", scale=1.0)
                     for i, b, a in (("u", "USA", "CHN"), ("c", "CHN", "USA"))))
    with pytest.raises(ts.RunawayRules, match="The chain last ran") as met:
        wild.run(start="2025-04-01", end="2027-12-31")
    assert len(met.value.chain) >= 100
    assert wild.run(start="2025-04-01", end="2025-04-20").rates() is not None


def test_a_value_is_matched_through_the_weights() -> None:
    """match='value' answers with points on other goods that hit as much trade."""
    weights = ts.Weights(name="w", year=2024, values={
        ("USA", "CHN"): {"9503": 300.0}, ("CHN", "USA"): {"1201.90": 100.0}})
    rule = ts.Retaliation(id="cn", by="CHN", against="USA", match="value", products=("1201",),
                          scale=0.1, start="2025-04-01")
    from attrs import evolve

    scenario = evolve(_spiral(rule), weights=(weights,))
    assert _points(scenario, "2025-06-01") == pytest.approx(0.1 * 125 * 3)


def test_a_mirror_of_national_lines_needs_goods_of_its_own() -> None:
    """Lines of eight digits mean nothing in another schedule: the rule asks for products."""
    listed = ts.Impose(measure=ts.Measure(
        id="us-list", authority="301", group="extra", duty="25%",
        scope=ts.Scope(importer="USA", exporters="CHN", products="9503.00.00")),
        enacted="2025-05-01", effective="2025-05-01")
    rule = ts.Retaliation(id="cn", by="CHN", against="USA", start="2025-04-20")
    with pytest.raises(ts.InvalidValue, match="products="):
        _points(_spiral(listed, rule), "2025-06-01")


def test_triggers_go_off_once_and_date_their_acts() -> None:
    """A day, a milestone, an act or a rate past a level sets acts off, a lag later."""
    step = ts.EscalationStep(id="more", target="us", add="10pp", effective="2030-01-01")
    pause = ts.Truce(id="pause", parties=("USA", "CHN"), start="2030-01-03",
                     until="2030-02-02", suspends={"us": "10%"})
    rate = {"importer": "USA", "exporter": "CHN", "product": "9503", "above": "100%"}
    for when, first in (("2025-05-01", "2025-05-03"), ("us-84", "2025-04-11"),
                        (dt.date(2025, 5, 1), "2025-05-03"), (rate, "2025-04-12")):
        trigger = ts.Trigger(id="t", when=when, then=[step], lag=2, start="2025-04-01")
        scenario = _spiral(trigger)
        day = dt.date.fromisoformat(first)
        before = str(day - dt.timedelta(days=1))
        plain = [_points(_spiral(), d, US) for d in (before, first)]
        got = [_points(scenario, d, US) for d in (before, first)]
        extra = 0 if first == "2025-04-11" else 10
        assert got[0] == plain[0]
        assert got[1] == plain[1] + (extra or 10)
    both = _spiral(ts.Trigger(id="t", when="2025-05-01", then=[step, pause],
                              start="2025-04-01"))
    assert [_points(both, d, US) for d in ("2025-05-01", "2025-05-02", "2025-05-03",
                                           "2025-05-04", "2025-06-03")] == [125, 135, 135, 10, 135]


def test_a_trigger_waits_for_an_answer_and_for_its_enactment() -> None:
    """The second answer of a rule sets a trigger off, on the day it becomes law if so told."""
    rule = ts.Retaliation(id="cn", by="CHN", against="USA", lag=2, notice=10, start="2025-04-01")
    step = ts.EscalationStep(id="more", target="us", add="10pp", enacted="2029-12-01",
                             effective="2030-01-01")
    for clock, first in (("effective", 21), ("enacted", 11)):
        trigger = ts.Trigger(id="t", when="cn-2", then=[step], clock=clock, lag=1,
                             start="2025-04-01")
        scenario = _spiral(rule, trigger)
        assert _points(scenario, f"2025-04-{first - 1}", US) in (84, 125)
        assert _points(scenario, f"2025-04-{first}", US) == 135
        more = scenario.fold().records["more"].item
        assert more.enacted == more.known == dt.date(2025, 4, first - 1)  # never before it is seen
    never = ts.Trigger(id="t", when="cn-9", then=[step], start="2025-04-01")
    assert _points(_spiral(rule, never), "2025-06-01", US) == 125


def test_bad_rules_are_refused() -> None:
    """A rule says what it lacks when it is made."""
    base = {"id": "r", "by": "CHN", "against": "USA"}
    for more, word in (({"lag": 0}, "a day later"), ({"notice": -1}, "before it is enacted"),
                       ({"match": "list"}, "duty="), ({"match": "points"}, "products="),
                       ({"match": "mirrors"}, "'mirror'"), ({"answers": "soon"}, "'enacted'"),
                       ({"by": "USA"}, "itself"), ({"cap": 60}, "60%")):
        with pytest.raises(ts.InvalidValue, match=word):
            ts.Retaliation(**{**base, **more})
    with pytest.raises(ts.UnknownName, match="us-84"):
        _points(_spiral(ts.Trigger(id="t", when="us-85", then=[], start="2025-04-01")),
                "2025-06-01")
