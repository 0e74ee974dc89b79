"""What acts do to parts of measures, and how acts act on acts."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pytest

import tradescen as ts


def _case(*changes: object, **more: object) -> ts.Scenario:
    """20 % on goods 01 and 02 from China and Viet Nam from 2025 on, over free MFN."""
    scope = ts.Scope(importer="USA", exporters=("CHN", "VNM"), products=("01", "02"))
    return ts.Scenario(
        schedule=ts.TariffSchedule(
            measures=[ts.Measure(id="mfn", authority="MFN", group="mfn", duty="Free",
                                 scope=ts.Scope(importer="USA"), source="HTS")],
            plan=ts.StackPlan(groups=["mfn", "extra", "other"]),
        ),
        changes=[
            ts.Impose(measure=ts.Measure(id="ex", authority="E", group="extra", scope=scope,
                                         duty="20%"),
                      enacted="2025-01-01", effective="2025-01-01", source="Order"),
            *changes,
        ],
        **more,
    )


def _rates(scenario: ts.Scenario, day: str = "2025-06-01") -> dict[tuple[str, str], float]:
    return {
        (e, c): scenario.rate(importer="USA", exporter=e, product=c, on=day)
        for e in ("CHN", "VNM", "THA") for c in ("01", "02", "03")
    }


def _amend(**given: object) -> ts.Amend:
    return ts.Amend(**{"id": "a", "target": "ex", "enacted": "2025-03-01",
                       "effective": "2025-03-01", **given})


def test_a_new_scope_for_one_origin_leaves_the_others_alone() -> None:
    """Amending the products of a part changes that part only."""
    for limited in (_amend(products=("01",), only={"exporters": "CHN"}),
                    _amend(products=("01",), target=ts.Select(ids=("ex",), exporter="CHN"))):
        got = _rates(_case(limited))
        assert got["CHN", "01"] == got["VNM", "01"] == got["VNM", "02"] == 0.2
        assert got["CHN", "02"] == got["THA", "01"] == 0.0


def test_a_scope_widened_within_some_goods_stays_within_them() -> None:
    """New origins for some goods do not spread to the other goods."""
    got = _rates(_case(_amend(exporters=("CHN", "VNM", "THA"), duty="30%",
                              only={"products": ("01",)})))
    assert got["CHN", "01"] == got["THA", "01"] == 0.3
    assert got["CHN", "02"] == 0.2
    assert got["THA", "02"] == 0.0


def test_a_group_selects_the_pieces_in_it() -> None:
    """A Select by group acts on the part of a measure that is in the group."""
    got = _rates(_case(
        _amend(id="move", group="other", only={"products": ("01",)}),
        _amend(target=ts.Select(group="other"), duty="50%", effective="2025-04-01"),
    ))
    assert got["CHN", "01"] == 0.5
    assert got["CHN", "02"] == 0.2


def test_a_truce_that_ends_with_termination_ends_the_duty() -> None:
    """With then='terminate' nothing comes back, and what was never suspended stays."""
    got = _rates(_case(ts.Truce(id="t", parties=("USA", "CHN"), start="2025-02-01",
                                until="2025-05-01", suspends=["ex"], then="terminate")))
    assert got["CHN", "01"] == 0.0
    assert got["VNM", "01"] == 0.2


def test_residuals_in_points_and_parts() -> None:
    """A residual may be a level, points off or a part of the duty, and never raises it."""
    for residual, left in (("5%", 0.05), ("-15pp", 0.05), ("x0.25", 0.05), ("40%", 0.2)):
        truce = ts.Truce(id="t", parties=("USA", "CHN"), start="2025-02-01",
                         until="2025-12-01", suspends={"ex": residual})
        assert _rates(_case(truce))["CHN", "01"] == pytest.approx(left, abs=1e-12)
    with pytest.raises(ts.InvalidValue, match="raises the duty"):
        ts.Pause(select="ex", residual="x1.5")


def test_parts_of_a_truce_may_have_terms_of_their_own() -> None:
    """A Pause with its own end outlives the truce; extending the truce does not move it."""
    truce = ts.Truce(id="t", parties=("USA", "CHN", "VNM"), start="2025-02-01",
                     until="2025-05-01", suspends=[
                         ts.Pause(select=ts.Select(ids=("ex",), exporter="CHN")),
                         ts.Pause(select=ts.Select(ids=("ex",), exporter="VNM"),
                                  until="2025-07-01")])
    scenario = _case(truce)
    assert [_rates(scenario)[e, "01"] for e in ("CHN", "VNM")] == [0.2, 0.0]
    longer = scenario.extend("t", until="2025-09-01")
    assert [_rates(longer, "2025-08-01")[e, "01"] for e in ("CHN", "VNM")] == [0.0, 0.2]


def test_a_promised_truce_is_a_threat_with_its_milestones() -> None:
    """A promise holds nothing back; it and its milestones are threatened, then lapsed."""
    also = ts.Milestone(id="purchases", date="2025-03-01", announced="2025-02-01", text="wheat")
    scenario = _case(ts.Truce(id="t", parties=("USA", "CHN"), announced="2025-02-01",
                              start="2025-03-01", until="2025-12-01", suspends=["ex"],
                              also=[also], threat=True))
    assert _rates(scenario)["CHN", "01"] == 0.2
    timeline = scenario.fold()
    for name in ("t", "purchases"):
        assert timeline.status(name, also.date.replace(month=2, day=10)) == "threatened"
        assert timeline.status(name, also.date) == "lapsed"
    enacted = scenario.enact("t")
    assert _rates(enacted)["CHN", "01"] == 0.0


def test_a_truce_cannot_prolong_itself() -> None:
    """Circles of extensions are refused with a message, not a recursion."""
    with pytest.raises(ts.InvalidValue, match="prolong itself"):
        ts.Truce(id="t", parties=("USA", "CHN"), start="2025-02-01", until="2025-05-01",
                 extends=["t"])
    one = ts.Truce(id="a", parties=("USA", "CHN"), start="2025-02-01", until="2025-05-01",
                   suspends=["ex"], extends={"b": "2025-06-01"})
    two = ts.Truce(id="b", parties=("USA", "CHN"), start="2025-02-01", until="2025-05-01",
                   suspends=["ex"], extends={"a": "2025-06-01"})
    with pytest.raises(ts.ConflictingActs, match="prolongs itself"):
        _case(one, two)


def test_an_escalation_is_withdrawn_and_enacted_as_one() -> None:
    """The steps of an escalation follow what is done to the escalation."""
    steps = ts.Escalation(id="up", steps=[
        ts.EscalationStep(id="up-1", target="ex", add="10pp", effective="2025-03-01",
                          announced="2025-02-01", threat=True),
        ts.EscalationStep(id="up-2", target="ex", times=2, effective="2025-04-01",
                          announced="2025-02-01", threat=True)])
    threat = _case(steps)
    assert _rates(threat)["CHN", "01"] == 0.2
    war = threat.enact("up")
    assert _rates(war, "2025-03-15")["CHN", "01"] == pytest.approx(0.3)
    assert _rates(war)["CHN", "01"] == pytest.approx(0.6)
    assert _rates(war.withdraw("up", on="2025-03-20"))["CHN", "01"] == pytest.approx(0.3)
    with pytest.raises(ts.InvalidValue, match="nothing to collapse"):
        war.collapse("up", on="2025-05-01")


def test_unknowns_stay_where_they_belong() -> None:
    """An unknown duty makes its own contribution unknown and nothing of nothing."""
    scenario = _case(ts.Amend(id="u", target="ex", duty=ts.Unknown("not published"),
                              only={"products": ("01",)}, enacted="2025-03-01",
                              effective="2025-03-01"))
    got = _rates(scenario)
    assert math.isnan(got["CHN", "01"])
    assert got["CHN", "02"] == 0.2
    told = scenario.explain(importer="USA", exporter="CHN", product="01", on="2025-06-01")
    assert "not published" in str(told)


def test_an_act_of_nobody_cites_nobody() -> None:
    """A hypothetical amendment does not borrow the source of the law it changes."""
    told = _case(_amend(duty="50%")).explain(importer="USA", exporter="CHN", product="01",
                                             on="2025-06-01")
    assert told.steps[-1].source == "no source given"
    assert told.steps[-1].confidence == ""


def test_of_one_day_the_act_announced_later_is_applied_later() -> None:
    """Neither the day of enactment nor the id decides between acts of one day of one kind."""
    first = {"announced": "2025-02-01", "enacted": "2025-02-20", "effective": "2025-03-01"}
    later = {"announced": "2025-02-05", "enacted": "2025-02-06", "effective": "2025-03-01"}
    for one, other in (("a", "b"), ("b", "a")):
        level, points = {"duty": "50%"}, {"duty": "+10pp"}
        assert _rates(_case(_amend(id=one, **level, **first), _amend(id=other, **points, **later))
                      )["CHN", "01"] == pytest.approx(0.6)
        assert _rates(_case(_amend(id=one, **points, **first), _amend(id=other, **level, **later))
                      )["CHN", "01"] == 0.5
        held = [ts.Suspend(id=name, target="ex", duty=left, until="2025-09-01", **clocks)
                for name, left, clocks in ((one, "15%", first), (other, "5%", later))]
        assert _rates(_case(*held))["CHN", "01"] == 0.05


def test_an_older_suspension_governs_again() -> None:
    """When the latest suspension ends, one begun before it and still running takes over."""
    old = ts.Suspend(id="old", target="ex", duty="15%", enacted="2025-02-01",
                     effective="2025-02-01", until="2025-06-15")
    new = ts.Suspend(id="new", target="ex", duty="5%", enacted="2025-03-01",
                     effective="2025-03-01", until="2025-05-01")
    scenario = _case(old, new)
    days = ("2025-02-10", "2025-03-01", "2025-04-30", "2025-05-01", "2025-06-14", "2025-06-15")
    assert [_rates(scenario, day)["CHN", "01"] for day in days] == [
        0.15, 0.05, 0.05, 0.15, 0.15, 0.2]


def test_a_day_amends_before_it_suspends() -> None:
    """A Select by group sees the groups that the day's amendments made, whatever their ids."""
    clocks = {"enacted": "2025-03-01", "effective": "2025-03-01"}
    for amends, suspends in (("a", "z"), ("z", "a")):
        moved = _case(
            _amend(id=amends, group="other"),
            ts.Suspend(id=suspends, target=ts.Select(group="other"), **clocks))
        assert _rates(moved)["CHN", "01"] == 0.0
        left = _case(
            _amend(id=amends, group="other"),
            ts.Suspend(id=suspends, target=ts.Select(group="extra", missing="skip"), **clocks))
        assert _rates(left)["CHN", "01"] == 0.2


def test_a_part_of_a_truce_has_its_own_days_and_outcome() -> None:
    """A Pause may begin later, end sooner and end the duty where the truce lets it come back."""
    truce = ts.Truce(id="t", parties=("USA", "CHN", "VNM"), start="2025-02-01",
                     until="2025-08-01", residual="15%", suspends=[
                         ts.Pause(select=ts.Select(ids=("ex",), exporter="CHN")),
                         ts.Pause(select=ts.Select(ids=("ex",), exporter="VNM"), residual="5%",
                                  start="2025-03-01", until="2025-05-01", then="terminate")])
    scenario = _case(truce)
    days = ("2025-02-28", "2025-03-01", "2025-04-30", "2025-05-01", "2025-08-01")
    assert [_rates(scenario, day)["VNM", "01"] for day in days] == [0.2, 0.05, 0.05, 0.0, 0.0]
    assert [_rates(scenario, day)["CHN", "01"] for day in days] == [0.15] * 4 + [0.2]


def test_an_act_on_an_act_that_selects_in_vain_goes_with_it() -> None:
    """Where nothing is left of an authority, acts that select it go, and acts on these too."""
    scenario = _case(
        _amend(target=ts.Select(authority="E"), duty="30%", until="2025-08-01"),
        ts.Reschedule(id="r", act="a", enacted="2025-03-05", until="2025-09-01"),
        ts.Truce(id="t", parties=("USA", "CHN"), start="2025-04-01", until="2025-05-01",
                 suspends=[ts.Select(authority="E")]),
        ts.Reschedule(id="longer", act="t", enacted="2025-04-05", until="2025-06-01"))
    assert scenario.without("ex").changes == ()
    assert scenario.without(authority="E").changes == ()


def test_a_measure_keeps_its_importer_and_authority() -> None:
    """A measure may begin anew with another duty, not for another importer or authority."""
    end = ts.Terminate(id="x", target="ex", enacted="2025-02-01", effective="2025-02-01")

    def anew(**other: object) -> ts.Impose:
        scope = ts.Scope(importer=str(other.pop("importer", "USA")))
        measure = ts.Measure(**{"id": "ex", "authority": "E", "group": "extra", "duty": "35%",
                                "scope": scope, **other})
        return ts.Impose(id="again", measure=measure, enacted="2025-03-01",
                         effective="2025-03-01")

    assert _rates(_case(end, anew()))["THA", "03"] == 0.35
    for other in ({"importer": "CHN"}, {"authority": "F"}):
        with pytest.raises(ts.InvalidValue, match="keeps its importer and authority"):
            _case(end, anew(**other))
    first = _case(end, anew()).fold().measures["ex"]
    assert first.scope.exporters == ts.CountrySet(("CHN", "VNM"))  # whatever the ids of the acts


def test_times_nothing_leaves_nothing_of_an_unknown_duty() -> None:
    """``x0`` of whatever duty is free; any other factor of an unknown duty is unknown."""
    unread = _amend(id="u", duty=ts.Unknown("not published"), effective="2025-02-01",
                    enacted="2025-02-01")
    assert math.isnan(_rates(_case(unread, _amend(duty="x0.5")))["CHN", "01"])
    assert _rates(_case(unread, _amend(duty="x0")))["CHN", "01"] == 0.0
    held = ts.Suspend(id="s", target="ex", duty="x0", enacted="2025-03-01",
                      effective="2025-03-01")
    assert _rates(_case(unread, held))["CHN", "01"] == 0.0
    battery = ts.AdValorem("10%", on="battery")
    assert math.isnan(battery.ave())
    assert ts.AdValorem(0, on="battery").ave() == 0.0


def test_a_scope_of_the_past_is_no_spell() -> None:
    """A part only of those who were members once is nobody's by the day it would begin."""
    left = ts.CountrySet("EU") - ts.CountrySet((
        "AUT", "BEL", "BGR", "HRV", "CYP", "CZE", "DNK", "EST", "FIN", "FRA", "DEU", "GRC", "HUN",
        "IRL", "ITA", "LVA", "LTU", "LUX", "MLT", "NLD", "POL", "PRT", "ROU", "SVK", "SVN", "ESP",
        "SWE"))
    assert left.has("GBR", dt.date(2019, 1, 1))
    assert not left.lasts(dt.date(2025, 3, 1))
    wider = _case(_amend(exporters=left | ts.CountrySet(("CHN", "VNM"))))
    assert [s.exporters for s in wider.fold().spells if s.start == dt.date(2025, 3, 1)] == [
        ts.CountrySet(("CHN", "VNM"))]


def _last(scenario: ts.Scenario) -> list[Any]:
    return [s for s in scenario.fold().spells if s.measure == "ex" and s.end is None]


def test_a_spell_rests_on_every_act_its_duty_comes_of() -> None:
    """Points rest on the duty they are added to, a new level on itself alone; an amendment of
    the scope keeps the source of the duty."""
    (added,) = _last(_case(_amend(duty="+5pp", source="Notice")))
    assert (added.because, added.source.citation) == (("ex", "a"), "Notice")
    (level,) = _last(_case(_amend(duty="25%", source="Notice")))
    assert (level.because, level.source.citation) == (("a",), "Notice")
    (other,) = _last(_case(_amend(coverage=0.5, source="Notice")))
    assert (other.because, other.source.citation) == (("ex", "a"), "Order")


def test_added_goods_are_held_back_where_all_the_others_are() -> None:
    """What a wider scope adds is under the suspensions that lie over the whole part."""
    clocks = {"enacted": "2025-02-01", "effective": "2025-02-01"}
    wider = _amend(products=("01", "02", "03"))
    some = ts.Suspend(id="s", target="ex", only={"products": ("01",)}, **clocks)
    every = ts.Suspend(id="s", target="ex", **clocks)
    assert [_rates(_case(some, wider))["CHN", c] for c in ("01", "02", "03")] == [0.0, 0.2, 0.2]
    assert [_rates(_case(every, wider))["CHN", c] for c in ("01", "02", "03")] == [0.0] * 3


def test_a_part_that_grows_leaves_the_other_parts_what_they_hold() -> None:
    """Goods that another part of the measure holds are not charged twice."""
    scenario = _case(
        _amend(id="move", group="other", only={"products": ("01",)}),
        _amend(target=ts.Select(ids=("ex",), group="extra"), products=("01", "02", "03"),
               enacted="2025-04-01", effective="2025-04-01"))
    assert [_rates(scenario)["CHN", c] for c in ("01", "02", "03")] == [0.2] * 3


def test_moving_an_extension_moves_what_it_prolonged() -> None:
    """Parts with an end of their own were not prolonged, so they do not follow."""
    truce = ts.Truce(id="t", parties=("USA", "CHN", "VNM"), start="2025-02-01",
                     until="2025-05-01", suspends=[
                         ts.Pause(select=ts.Select(ids=("ex",), exporter="CHN")),
                         ts.Pause(select=ts.Select(ids=("ex",), exporter="VNM"),
                                  until="2025-07-01")])
    moved = _case(
        truce, ts.Reschedule(id="r", act="t", enacted="2025-04-01", until="2025-06-01"),
        ts.Reschedule(id="rr", act="r", enacted="2025-05-20", until="2025-08-01"))
    days = ("2025-06-30", "2025-07-01", "2025-07-31", "2025-08-01")
    assert [_rates(moved, day)["CHN", "01"] for day in days] == [0.0, 0.0, 0.0, 0.2]
    assert [_rates(moved, day)["VNM", "01"] for day in days] == [0.0, 0.2, 0.2, 0.2]


def test_of_two_moves_of_one_day_the_one_announced_later_stands() -> None:
    """Neither the id nor the order given decides between moves that become law on one day."""
    held = ts.Suspend(id="s", target="ex", enacted="2025-02-01", effective="2025-02-01",
                      until="2025-05-01")
    for one, other in (("a", "b"), ("b", "a")):
        moved = _case(
            held,
            ts.Reschedule(id=one, act="s", announced="2025-04-01", enacted="2025-04-10",
                          until="2025-06-01"),
            ts.Reschedule(id=other, act="s", announced="2025-04-05", enacted="2025-04-10",
                          until="2025-07-01"))
        assert [_rates(moved, day)["CHN", "01"] for day in ("2025-06-30", "2025-07-01")] == [
            0.0, 0.2]


def test_a_truce_put_off_leaves_parts_with_a_first_day_of_their_own() -> None:
    """Only what begins with the truce begins later with it."""
    truce = ts.Truce(id="t", parties=("USA", "CHN", "VNM"), start="2025-03-01",
                     announced="2025-02-01", until="2025-08-01", suspends=[
                         ts.Pause(select=ts.Select(ids=("ex",), exporter="CHN")),
                         ts.Pause(select=ts.Select(ids=("ex",), exporter="VNM"),
                                  start="2025-03-15")])
    later = _case(truce, ts.Reschedule(id="r", act="t", enacted="2025-02-10",
                                       effective="2025-04-01"))
    days = ("2025-03-14", "2025-03-15", "2025-03-31", "2025-04-01")
    assert [_rates(later, day)["CHN", "01"] for day in days] == [0.2, 0.2, 0.2, 0.0]
    assert [_rates(later, day)["VNM", "01"] for day in days] == [0.2, 0.0, 0.0, 0.0]
