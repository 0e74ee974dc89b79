"""Where an act stands on a day, as its clocks and what became of it tell."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

import tradescen as ts


def day(text: str) -> dt.date:
    """A day of 2025."""
    return dt.date.fromisoformat(f"2025-{text}")


def case(*changes: object) -> ts.Scenario:
    """20 % on goods from China and Viet Nam, announced, enacted and charged one after the other."""
    scope = ts.Scope(importer="USA", exporters=("CHN", "VNM"))
    measure = ts.Measure(id="ex", authority="E", group="extra", scope=scope, duty="20%")
    return ts.Scenario(
        schedule=ts.TariffSchedule(plan=ts.StackPlan(groups=["mfn", "extra"]), measures=[
            ts.Measure(id="mfn", authority="MFN", group="mfn", duty="Free",
                       scope=ts.Scope(importer="USA"))]),
        changes=[ts.Impose(measure=measure, announced="2025-01-05", enacted="2025-01-10",
                           effective="2025-01-20"), *changes])


def statuses(scenario: ts.Scenario, act: str, *days: str) -> list[str]:
    """The status of an act on days of 2025."""
    timeline = scenario.fold()
    return [timeline.status(act, day(d)) for d in days]


HELD: dict[str, Any] = {"target": "ex", "enacted": "2025-02-01", "effective": "2025-02-10",
                        "until": "2025-03-01"}
ONE = {"exporters": "CHN"}


def test_law_is_announced_enacted_charged() -> None:
    """Each clock changes the status on its own day."""
    assert statuses(case(), "ex", "01-04", "01-05", "01-09", "01-10", "01-19", "01-20") == [
        "unknown", "threatened", "threatened", "scheduled", "scheduled", "in force"]


def test_a_threat_lapses_on_its_day() -> None:
    """A threat whose day comes without its being enacted has lapsed from that day on."""
    more = ts.Amend(id="a", target="ex", duty="50%", announced="2025-02-01", enacted=None,
                    effective="2025-02-20")
    assert statuses(case(more), "a", "01-31", "02-01", "02-19", "02-20") == [
        "unknown", "threatened", "threatened", "lapsed"]
    assert statuses(case(ts.Amend(id="a", target="ex", duty="50%", announced="2025-02-01",
                                  enacted=None)), "a", "12-31") == ["threatened"]


def test_a_retroactive_act_is_in_force_from_its_first_day() -> None:
    """What is charged before it was enacted stands from the first day charged."""
    late = ts.Amend(id="a", target="ex", duty="50%", announced="2025-02-01",
                    enacted="2025-02-20", effective="2025-02-10")
    assert statuses(case(late), "a", "02-09", "02-10", "02-20") == [
        "threatened", "in force", "in force"]


def test_an_act_is_suspended_where_all_of_it_is() -> None:
    """A suspension of a part leaves the measure in force; one of the whole suspends it."""
    days = ("02-09", "02-10", "02-28", "03-01")
    assert statuses(case(ts.Suspend(id="s", **HELD)), "ex", *days) == [
        "in force", "suspended", "suspended", "in force"]
    assert statuses(case(ts.Suspend(id="s", only=ONE, **HELD)), "ex", *days) == ["in force"] * 4
    assert statuses(case(ts.Suspend(id="s", **HELD)), "s", *days) == [
        "scheduled", "in force", "in force", "ended"]


def test_what_is_withdrawn_is_so_once_that_is_law() -> None:
    """Giving up counts from the day it is enacted, though it names a later one."""
    gone = ts.Terminate(id="w", target="s", enacted="2025-02-03", effective="2025-02-08")
    scenario = case(ts.Suspend(id="s", **HELD), gone)
    assert statuses(scenario, "s", "02-02", "02-03", "02-08", "02-10") == [
        "scheduled", "withdrawn", "withdrawn", "withdrawn"]


def test_an_act_superseded_on_its_first_day_is_overtaken() -> None:
    """An amendment that another of the same day replaces never stood."""
    clocks = {"enacted": "2025-02-10", "effective": "2025-02-10"}
    scenario = case(
        ts.Amend(id="a", target="ex", duty="50%", announced="2025-02-01", **clocks),
        ts.Amend(id="b", target="ex", duty="60%", announced="2025-02-05", **clocks))
    assert statuses(scenario, "a", "02-09", "02-10") == ["threatened", "overtaken"]
    assert statuses(scenario, "b", "02-09", "02-10") == ["threatened", "in force"]


def test_milestones_of_a_truce_end_with_it() -> None:
    """A milestone without a term has that of its truce; on the day it ends it holds no more."""
    truce = ts.Truce(
        id="t", parties=("USA", "CHN"), start="2025-02-10", until="2025-03-01", suspends=["ex"],
        also=[ts.Milestone(id="own", date="2025-02-10", until="2025-02-20"),
              ts.Milestone(id="its", date="2025-02-10")])
    days = ("02-09", "02-10", "02-19", "02-20", "02-28", "03-01")
    for name, stands in (("own", 2), ("its", 4), ("t", 4)):
        assert statuses(case(truce), name, *days)[1:] == (
            ["in force"] * stands + ["ended"] * (5 - stands)), name


def test_a_truce_given_up_ends_what_still_runs() -> None:
    """Ending a truce by an act ends its running parts that day; what had ended stays ended,
    and what had not begun is withdrawn."""
    truce = ts.Truce(id="t", parties=("USA", "CHN", "VNM"), start="2025-02-10",
                     until="2025-06-01", suspends=[
                         ts.Pause(select=ts.Select(ids=("ex",), exporter="CHN")),
                         ts.Pause(select=ts.Select(ids=("ex",), exporter="VNM"),
                                  until="2025-03-01"),
                         ts.Pause(select=ts.Select(ids=("mfn",), exporter="CHN"),
                                  start="2025-05-01")])
    scenario = case(truce, ts.Terminate(id="w", target="t", enacted="2025-04-01",
                                        effective="2025-04-01"))

    def rate(origin: str, on: str) -> float:
        return scenario.rate(importer="USA", exporter=origin, product="01", on=day(on))

    assert [rate("CHN", d) for d in ("02-10", "03-31", "04-01")] == [0.0, 0.0, 0.2]
    assert [rate("VNM", d) for d in ("02-10", "02-28", "03-01", "03-31")] == [0.0, 0.0, 0.2, 0.2]
    assert statuses(scenario, "t/suspend-3", "04-01", "05-01") == ["withdrawn", "withdrawn"]


@pytest.mark.parametrize(("extends", "ends"), [(["t"], "05-01"), ({"t": "2025-04-01"}, "04-01")])
def test_a_truce_prolongs_another_to_the_day_it_names(extends: Any, ends: str) -> None:
    """``extends`` prolongs to the new truce's end, or to the day given for each."""
    first = ts.Truce(id="t", parties=("USA", "CHN"), start="2025-02-10", until="2025-03-01",
                     suspends=["ex"])
    more = ts.Truce(id="u", parties=("USA", "CHN"), start="2025-03-01", until="2025-05-01",
                    announced="2025-02-20", extends=extends)
    record = case(first, more).fold().records["t"]
    assert record.until == day(ends)


def test_an_act_that_found_nothing_is_not_overtaken() -> None:
    """What is skipped, as there was nothing to act on, has ended and was not superseded."""
    none = ts.Amend(id="a", target=ts.Select(ids=("ex",), missing="skip"), duty="50%",
                    only={"exporters": "BRA"}, enacted="2025-02-01", effective="2025-02-10")
    assert statuses(case(none), "a", "02-09", "02-10") == ["scheduled", "ended"]
