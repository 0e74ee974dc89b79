"""Which changes commute: acts always do, and where verbs do not, it is told."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from hypothesis import assume, event, given
from hypothesis import strategies as st

import tradescen as ts
from tests.laws.common import DAY, importers, rarely, rates, same
from tests.laws.test_generators import count
from tradescen import testing
from tradescen.timeline.verbs import VERBS


@st.composite
def lists(draw: st.DrawFn) -> tuple[ts.Scenario, tuple[Any, Any]]:
    """A scenario with a truce, and two changes that hold on it in their order, one a verb."""
    scenario = draw(testing.scenarios())
    truce = draw(testing.truces(scenario.schedule))
    ends = truce.start + draw(st.integers(5, 40)) * DAY
    # Its parts have the truce's own term: one that began later might end before it begins.
    parts = tuple(evolve(p, start=None, until=None) for p in truce.suspends)
    scenario = scenario.then(evolve(truce, threat=False, until=ends, suspends=parts))
    every = [c.id for c in scenario.changes]
    within = truce.start + draw(st.integers(1, 4)) * DAY
    later = ends + draw(st.integers(1, 30)) * DAY
    some = draw(st.sampled_from(every))
    can = (
        ts.Extend(id="truce", until=later), ts.Collapse(id="truce", on=within),
        ts.Extend(id="truce", until=later, announced=truce.start),
        ts.Shift(id="truce", days=draw(st.integers(-3, 9))), ts.Without(ids=("truce",)),
        ts.Shift(id=some, days=draw(st.integers(-9, 9))), ts.Without(ids=(some,)),
        ts.Enact(id=some), ts.Collapse(id="truce", on=later - DAY),
        ts.Milestone(id="talks", date=within))
    two = draw(st.permutations(can).map(lambda p: p[:2]))
    assume(isinstance(two[0], VERBS) or isinstance(two[1], VERBS))
    try:
        scenario.then(*two)
    except ts.TradescenError:
        assume(False)
    return scenario, (two[0], two[1])


def kinds(pair: tuple[ts.Scenario, tuple[Any, Any]]) -> set[str]:
    scenario, two = pair
    return set(scenario.clashes(*two)["kind"]) or {"commute"}


def test_clashes_are_common() -> None:
    """Pairs that commute, pairs whose order matters and pairs that need one another are drawn."""
    found = count(lists(), kinds, draws=24)
    assert found["all"] == 24
    assert found["commute"] >= 0.3 * found["all"], found
    assert found["order matters"] >= 2, found
    assert found["needs the first"] >= 2, found


def alike(a: ts.Scenario, b: ts.Scenario) -> bool:
    """Whether two scenarios charge the same on all lines, origins and days."""
    ours, theirs = rates(a), rates(b)
    return set(ours) == set(theirs) and all(same(ours[i], theirs[i], 0) for i in ours)


@rarely
@given(lists())
def test_a_pair_without_a_row_commutes(pair: tuple[ts.Scenario, tuple[Any, Any]]) -> None:
    """No row: both orders hold and charge the same everywhere. Unequal rates: a row."""
    scenario, (first, second) = pair
    frame = scenario.clashes(first, second)
    assert len(frame) <= 1
    there = scenario.then(first, second)
    if frame["kind"].tolist() == ["needs the first"]:
        with pytest.raises(ts.TradescenError) as met:
            scenario.then(second, first)
        assert str(met.value) in frame["message"].item()
        return
    back = scenario.then(second, first)
    event("both ways hold")
    if frame.empty:
        assert alike(there, back)
        assert importers(there.fold()) == importers(back.fold())
    else:
        assert frame["kind"].tolist() == ["order matters"]


@rarely
@given(testing.scenarios(), st.randoms(use_true_random=False))
def test_acts_always_commute(scenario: ts.Scenario, random: Any) -> None:
    """Acts made in any order are one scenario, and no pair of them is told."""
    bare = ts.Scenario(name=scenario.name, schedule=scenario.schedule)
    mixed = list(scenario.changes)
    random.shuffle(mixed)
    assert bare.then(*mixed) == scenario
    assert bare.clashes(*mixed).empty


# -- by example -----------------------------------------------------------------------------


def _case() -> ts.Scenario:
    law = ts.TariffSchedule(
        measures=[ts.Measure(id="mfn", authority="MFN", group="mfn", duty="5%",
                             scope=ts.Scope(importer="USA"))],
        plan=ts.StackPlan(groups=["mfn", "extra"]))
    measure = ts.Measure(id="m", authority="Act", group="extra", duty="34%",
                         scope=ts.Scope(importer="USA", exporters="CHN"))
    return ts.Scenario(schedule=law, changes=[
        ts.Impose(measure=measure, enacted="2025-04-02", effective="2025-04-09"),
        ts.Truce(id="pause", parties=("USA", "CHN"), start="2025-05-14", until="2025-08-12",
                 suspends={"m": "10%"}),
        ts.Amend(id="threat", target="m", duty="+100pp", announced="2025-06-01", enacted=None,
                 effective="2025-09-01"),
    ])


EXTEND = ts.Extend(id="pause", until="2025-11-10")
BREAK = ts.Collapse(id="pause", on="2025-07-01")


def test_prolonged_and_broken_is_not_broken_and_prolonged() -> None:
    """Prolonged and then broken in July a truce ends in July, and what prolonged it is moot;
    broken first, it is prolonged on the day it breaks."""
    row = _case().clashes(EXTEND, BREAK).iloc[0]
    assert (row["first"], row["second"]) == (
        "Extend pause until 2025-11-10", "Collapse pause on 2025-07-01")
    assert (row["kind"], row["where"]) == ("order matters", "")
    assert row["message"] == ("from 2025-07-01 m is in force at 34%; the other way round it is "
                              "suspended at 10%")


def test_a_truce_breaks_in_the_term_it_was_given_first() -> None:
    """It may break in the term it is prolonged by, but not before it is prolonged."""
    row = _case().clashes(EXTEND, ts.Collapse(id="pause", on="2025-10-01")).iloc[0]
    assert row["kind"] == "needs the first"
    assert "runs out on 2025-08-12" in row["message"]
    assert _case().clashes(EXTEND, ts.Enact(id="threat")).empty


def test_without_then_enact_needs_what_it_took_out() -> None:
    """An act cannot be made law once it is taken out; the other way round it can be."""
    frame = _case().clashes(ts.Enact(id="threat"), ts.Without(ids="threat"))
    assert frame["kind"].tolist() == ["needs the first"]
    assert "threat" in frame["message"].item()


def test_branches_of_forks_are_looked_at() -> None:
    """Without changes given, the lists in the branches of all forks are tried, nested ones too."""
    inner = ts.Fork(name="later", branches={"x": [EXTEND, BREAK],
                                                 "y": []})
    tree = _case().then(ts.Fork(name="talks", branches={
        "hold": [ts.Enact(id="threat"), inner], "lapse": []}))
    assert tree.clashes()["where"].tolist() == ["talks/hold/later/x"]
    assert tree.clashes().attrs["quantity"] == "changes that do not commute"
    assert _case().clashes().empty


def test_two_acts_of_one_day_are_told_by_check() -> None:
    """Of two acts that set one duty from one day the later holds, and check() says which."""
    def to(name: str, duty: str) -> ts.Amend:
        return ts.Amend(id=name, target="m", duty=duty, enacted="2025-04-20",
                        effective="2025-05-01")

    both = _case().then(to("b", "50%"), to("a", "40%"))
    row = both.check().set_index("rule").loc["same day"]
    assert row["id"] == "a"
    assert "a and b set the same from 2025-05-01" in row["message"]
    assert both.rate(importer="USA", exporter="CHN", product="9503", on="2025-05-02") == 0.55
    assert both == _case().then(to("a", "40%"), to("b", "50%"))
    assert both.clashes(*both.changes).empty
