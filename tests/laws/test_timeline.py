"""How the law moves: acts, truces and what analysts do to them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from hypothesis import assume, event, given
from hypothesis import strategies as st

from tests.laws import oracle
from tests.laws.common import (
    DAY,
    END,
    LINES,
    START,
    alike,
    assert_same,
    days,
    few,
    importers,
    origins,
    rates,
)
from tradescen import (
    AdValorem,
    Amend,
    ByProduct,
    Impose,
    Measure,
    Milestone,
    Only,
    Pause,
    Reschedule,
    Scenario,
    Scope,
    Select,
    Suspend,
    TariffSchedule,
    Terminate,
    Truce,
    testing,
)
from tradescen.errors import ConflictingActs, InvalidValue
from tradescen.testing import values as v
from tradescen.testing.courses import with_an_act
from tradescen.timeline.course import Course
from tradescen.timeline.fold import fold

WITH_TRUCE = testing.scenarios().flatmap(
    lambda s: testing.truces(s.schedule).map(lambda t: (s, evolve(t, threat=False))))


def of_truce(scenario: Scenario, truce: Truce) -> Scenario:
    """A scenario with a truce; it is about a base duty too, so it always finds something."""
    return scenario.then(truce)


def outside(truce: Truce) -> np.ndarray[Any, Any]:
    """The days on which neither the truce nor a part with a term of its own holds."""
    ends = [truce.until, *(p.until or truce.until for p in truce.suspends)]
    last = dt.date.max if None in ends else max(e for e in ends if e is not None)
    return np.array([not truce.start <= day < last for day in days()])


# -- the order of acts --------------------------------------------------------------------


@given(testing.scenarios(), st.randoms(use_true_random=False))
def test_input_order_of_acts_is_irrelevant(scenario: Scenario, random: Any) -> None:
    """Acts given in any order fold to the same spells, statuses and notes."""
    path = scenario.paths()[0]
    acts = list(path.acts)
    random.shuffle(acts)
    there = fold(path.schedule, acts, path.milestones, path.truces)
    here = path.fold()
    assert set(there.spells) == set(here.spells)
    assert len(there.spells) == len(here.spells)
    assert {n: (r.effective, r.until, r.withdrawn) for n, r in there.records.items()} == {
        n: (r.effective, r.until, r.withdrawn) for n, r in here.records.items()}
    assert there.overtaken == here.overtaken
    assert there.measures == here.measures
    assert sorted(there.notes) == sorted(here.notes)
    changes = list(scenario.changes)
    random.shuffle(changes)
    assert evolve(scenario, changes=tuple(changes)) == scenario


def disjoint(scenario: Scenario) -> None:
    """Of one measure no two spells share an origin, a line and a day; spells are in order."""
    order = scenario.schedule.plan.names
    spells = scenario.fold().spells
    assert [order.index(s.group) for s in spells] == sorted(order.index(s.group) for s in spells)
    by_measure: dict[str, list[Any]] = {}
    for spell in spells:
        assert spell.end is None or spell.start < spell.end
        assert spell.exporters.lasts(spell.start)
        assert spell.products
        by_measure.setdefault(spell.measure, []).append(spell)
    for held in by_measure.values():
        for n, one in enumerate(held):
            assert n == 0 or one.group != held[n - 1].group or held[n - 1].start <= one.start
            for other in held[:n]:
                apart = (
                    not one.exporters & other.exporters or not one.products & other.products
                    or (one.end or dt.date.max) <= other.start
                    or (other.end or dt.date.max) <= one.start
                )
                assert apart, (one, other)


@given(testing.scenarios())
def test_spells_of_a_measure_are_disjoint(scenario: Scenario) -> None:
    """Of one measure no two spells share an origin, a line and a day, and all are in order."""
    disjoint(scenario)


# -- truces -------------------------------------------------------------------------------


@given(WITH_TRUCE)
def test_snapback_leaves_all_else_unchanged(pair: tuple[Scenario, Truce]) -> None:
    """Outside its term a snapback truce changes no rate: what was amended meanwhile shows."""
    scenario, truce = pair
    here, there = rates(scenario), rates(of_truce(scenario, truce))
    free = outside(truce)
    for importer, old in here.items():
        assert np.array_equal(old[..., free], there[importer][..., free], equal_nan=True)


@given(WITH_TRUCE)
def test_a_truce_over_additive_duties_never_raises_them(pair: tuple[Scenario, Truce]) -> None:
    """What a suspended measure still charges is never above its duty."""
    scenario, truce = pair
    for spell in of_truce(scenario, truce).fold().spells:
        if spell.status == "suspended":
            for line in LINES:
                base = oracle.charge(oracle.by_line(spell.base, line)).rate
                left = oracle.charge(oracle.by_line(spell.duty, line)).rate
                assert np.isnan(base) or np.isnan(left) or left <= base + 1e-12


TERMS = st.integers(1, 40)


def ending(truce: Truce, until: dt.date) -> Truce:
    """The truce with another end; what would begin on it or later is no part of it."""
    return evolve(truce, until=until, suspends=tuple(
        p for p in truce.suspends if (p.start or truce.start) < (p.until or until)))


@given(WITH_TRUCE, TERMS, TERMS)
def test_extend_is_a_longer_truce(pair: tuple[Scenario, Truce], term: int, more: int) -> None:
    """A truce prolonged on its last day charges as one agreed for longer from the start."""
    scenario, truce = pair
    truce = ending(truce, truce.start + term * DAY)
    assume(all(p.until != truce.until for p in truce.suspends))
    longer = truce.start + (term + more) * DAY
    assert truce.until is not None
    extended = of_truce(scenario, truce).extend(truce.id, until=longer)
    assert_same(extended, of_truce(scenario, evolve(truce, until=longer)))


@few
@given(WITH_TRUCE, TERMS, TERMS)
def test_collapse_is_a_shorter_truce(pair: tuple[Scenario, Truce], term: int, more: int) -> None:
    """A truce that collapses charges as one agreed to end on that day, all its parts included."""
    scenario, truce = pair
    early = truce.start + term * DAY
    truce = ending(truce, early + more * DAY)
    collapsed = of_truce(scenario, truce).collapse(truce.id, on=early)
    cut = tuple(
        evolve(p, until=None if p.until is None else min(p.until, early))
        for p in truce.suspends if (p.start or truce.start) < early)
    assert_same(collapsed, of_truce(scenario, evolve(truce, until=early, suspends=cut)))


@few
@given(WITH_TRUCE, TERMS, TERMS)
def test_extended_and_collapsed_is_collapsed(pair: tuple[Scenario, Truce], term: int,
                                             more: int) -> None:
    """Prolonging a truce that then collapses within its first term changes nothing."""
    scenario, truce = pair
    early = truce.start + term * DAY
    truce = ending(truce, early + more * DAY)
    first = of_truce(scenario, truce)
    assert truce.until is not None
    longer = first.extend(truce.id, until=truce.until + 9 * DAY, announced=truce.start)
    assert_same(longer.collapse(truce.id, on=early), first.collapse(truce.id, on=early))


# -- threats ------------------------------------------------------------------------------


def as_threat(change: Any) -> Any:
    """The same change, announced but not law."""
    if isinstance(change, Milestone):
        return change
    if hasattr(change, "threat"):
        return evolve(change, threat=True, enacted=None, announced=change.known)
    return evolve(change, enacted=None, announced=change.known)


@few
@given(st.data())
def test_a_threat_changes_no_rate(data: st.DataObject) -> None:
    """Whatever is announced and not enacted, alone or beside what is law, charges nothing."""
    scenario = data.draw(testing.scenarios())
    law = data.draw(st.frozensets(st.sampled_from(
        [c.id for c in scenario.changes]))) if scenario.changes else frozenset()
    threats = evolve(scenario, changes=tuple(as_threat(c) for c in scenario.changes))
    assert_same(threats, Scenario(schedule=scenario.schedule), tolerance=0)
    try:
        some = evolve(scenario, changes=tuple(c for c in scenario.changes if c.id in law))
        mixed = evolve(scenario, changes=tuple(
            c if c.id in law else as_threat(c) for c in scenario.changes))
    except (ConflictingActs, KeyError):
        event("the law alone does not hold together")
        return
    assert_same(some, mixed, tolerance=0)


@few
@given(testing.scenarios(), testing.product_sets(), testing.country_sets(),
       st.integers(1, 12), st.sampled_from((1.0, 0.5)), testing.days(), TERMS)
def test_enacting_adds_exactly_its_points(
    scenario: Scenario, products: Any, exporters: Any, points: int, coverage: float, day: dt.date,
    term: int,
) -> None:
    """In a ``sum`` group that neither yields nor is yielded to, a threat made law adds duty ×
    coverage inside its scope and term, and nothing outside."""
    measure = Measure(id="more", authority="Act of the threat", group="extra", coverage=coverage,
                      duty=f"{5 * points}%", until=day + term * DAY,
                      scope=Scope(importer="USA", exporters=exporters, products=products))
    # Acts of the course that take whole groups would take it as well.
    loose = tuple(c for c in scenario.changes
                  if not (isinstance(getattr(c, "target", None), Select) and c.target.group))
    try:
        scenario = evolve(scenario, changes=loose)
    except (ConflictingActs, KeyError):
        assume(False)
    told = scenario.then(Impose(id="threat", measure=measure, announced=day, enacted=None,
                                effective=day))
    assert_same(scenario, told, tolerance=0)
    before, after = rates(scenario), rates(told.enact("threat"))
    for importer, old in before.items():
        gap = after[importer] - old
        for e, origin in enumerate(origins(importer)):
            for t, date in enumerate(days()):
                if t and date not in (day, day + term * DAY, oracle.MEMBERS["EU"]["GBR"]):
                    continue
                one = oracle.atom(origin, date)
                live = importer == "USA" and day <= date < day + term * DAY and oracle.is_in(
                    exporters, one)
                for k, line in enumerate(LINES):
                    want = points / 20 * coverage if live and oracle.holds(products, line) else 0
                    for n in (0, 1):
                        assert np.isnan(old[n, k, e, t]) or alike(float(gap[n, k, e, t]), want)


@given(testing.scenarios(), testing.days(), st.data())
def test_a_withdrawn_threat_is_as_if_never_made(scenario: Scenario, day: dt.date,
                                                data: st.DataObject) -> None:
    """What is withdrawn before its first day charges nothing."""
    measure = data.draw(testing.measures(id="more", plan=scenario.schedule.plan, precedence=99))
    told = scenario.then(Impose(id="threat", measure=measure, announced=day, enacted=day,
                                effective=day + 5 * DAY))
    assume(not any(isinstance(c, Truce) for c in told.changes))
    gone = told.withdraw("threat", on=day + data.draw(st.integers(0, 5)) * DAY)
    assert_same(gone, scenario, tolerance=0)


# -- what was known -----------------------------------------------------------------------


def known_by_hand(change: Any, day: dt.date) -> Any:
    """A change as the world knew it on an evening; ``None`` if it did not."""
    if change.known > day:
        return None
    if isinstance(change, Milestone):
        return change
    law = change.law if isinstance(change, Truce) else (
        (change.enacted or (None if change.threat else change.known))
        if hasattr(change, "threat") else change.enacted)
    if isinstance(change, Truce):
        change = evolve(change, also=tuple(
            m for m in change.also if isinstance(m, str) or m.known <= day))
    return as_threat(change) if law is not None and law > day else change


@given(testing.scenarios(), testing.days(START, END))
def test_as_known_is_the_course_without_later_knowledge(scenario: Scenario,
                                                        day: dt.date) -> None:
    """Later announcements are gone, what became law later is a threat; all else stays."""
    seen = scenario.as_known(day)
    by_hand = tuple(
        c for c in (known_by_hand(c, day) for c in scenario.changes) if c is not None)
    plain = Scenario(name=scenario.name, schedule=scenario.schedule, changes=by_hand)
    assert seen.known_on == day
    assert_same(seen, plain, tolerance=0)
    assert {a.id for a in seen.plain()} == {a.id for a in scenario.plain() if a.known <= day}
    assert all(a.enacted is None or a.enacted <= day for a in seen.plain())


@given(testing.scenarios(), testing.days(START, END), testing.days(START, END))
def test_as_known_twice_is_the_earlier_evening(scenario: Scenario, a: dt.date,
                                               b: dt.date) -> None:
    """``as_known(a).as_known(b)`` is ``as_known(min(a, b))``."""
    twice, once = scenario.as_known(a).as_known(b), scenario.as_known(min(a, b))
    assert twice == once
    assert twice.digest == once.digest


@given(testing.scenarios())
def test_as_known_at_the_end_is_the_course(scenario: Scenario) -> None:
    """On the evening of the last act everything is known and nothing is changed."""
    last = max([START, *(a.enacted or a.known for a in scenario.plain())])
    assert_same(scenario.as_known(last), scenario, tolerance=0)


# -- splitting ----------------------------------------------------------------------------


@given(with_an_act(), v.parts())
def test_an_act_split_in_parts_is_the_act(pair: tuple[Scenario, Any], part: Only) -> None:
    """A partial act over a set is the acts over a part of the set and over the rest."""
    scenario, act = pair
    soft = act.target if isinstance(act.target, Select) else Select(
        ids=(act.target,), missing="skip")
    only = act.only
    both = Only(exporters=only.exporters & part.exporters, products=only.products - part.products)
    pieces = (only & part, both, evolve(only, exporters=only.exporters - part.exporters))
    halves = [evolve(act, id=f"{act.id}.{n}", target=soft, only=one)
              for n, one in enumerate(pieces) if one.products and one.exporters]
    event(f"{type(act).__name__} in {len(halves)}")
    split = evolve(scenario, changes=(*(c for c in scenario.changes if c is not act), *halves))
    assert_same(split, scenario)


def in_two(law: TariffSchedule, name: str, one: Any, other: Any) -> TariffSchedule:
    """A schedule whose measure *name* is two measures over the parts of its scope."""
    (measure,) = (m for m in law.measures if m.id == name)
    halves = [evolve(measure, id=f"{name}.{n}", scope=scope)
              for n, scope in enumerate((one, other)) if scope.products and scope.exporters]
    return evolve(law, measures=(*(m for m in law.measures if m.id != name), *halves))


@given(testing.schedules(), testing.product_sets(), testing.country_sets(), st.integers(0, 5),
       st.booleans())
def test_a_measure_split_in_parts_is_the_measure(law: TariffSchedule, products: Any,
                                                 exporters: Any, pick: int, goods: bool) -> None:
    """Two measures over the parts of a scope charge as one over the whole."""
    measure = law.measures[pick % len(law.measures)]
    scope = measure.scope
    if goods:
        one = evolve(scope, products=scope.products & products)
        other = evolve(scope, products=scope.products - products)
    else:
        one = evolve(scope, exporters=scope.exporters & exporters)
        other = evolve(scope, exporters=scope.exporters - exporters)
    split = in_two(law, measure.id, one, other)
    assert_same(Scenario(schedule=split), Scenario(schedule=law))


# -- taking out and moving ----------------------------------------------------------------


def mentioned(change: Any) -> set[str]:
    """Every id of a measure or act that a change speaks of."""
    out = {change.id}
    for act in (*(change.expand() if isinstance(change, Truce) else ()),
                *(change.acts() if hasattr(change, "steps") or hasattr(change, "add") else ()),
                *((change,) if not hasattr(change, "expand") else ())):
        out |= {act.id}
        if isinstance(act, Impose):
            out |= {act.measure.id}
        target = getattr(act, "act", None) or getattr(act, "target", None)
        out |= set(target.ids) if isinstance(target, Select) else {target} if target else set()
    return out


@given(testing.scenarios(), st.integers(0, 9))
def test_without_leaves_nothing_of_it(scenario: Scenario, pick: int) -> None:
    """After ``without(x)`` no measure, act or part of a truce bears or names *x*."""
    names = sorted({*(m.id for m in scenario.schedule.measures if m.id.startswith("s")),
                    *(c.id for c in scenario.changes)})
    assume(names)
    name = names[pick % len(names)]
    gone = {name}
    change = next((c for c in scenario.changes if c.id == name), None)
    if isinstance(change, Impose):
        gone.add(change.measure.id)
    assume(not isinstance(change, Impose) or sum(
        isinstance(c, Impose) and c.measure.id == change.measure.id
        for c in scenario.changes) == 1)
    left = scenario.without(name)
    assert not gone & {m.id for m in left.schedule.measures}
    assert not gone & {i for c in left.changes for i in mentioned(c)}
    assert not gone & {s.measure for s in left.fold().spells}
    assert all(not gone & set(s.because) for s in left.fold().spells)


@given(testing.scenarios(), st.integers(0, 9), st.integers(-20, 20))
def test_shift_there_and_back_is_the_identity(scenario: Scenario, pick: int, by: int) -> None:
    """An act moved by some days and back is as it was; in between all its clocks moved."""
    names = [c.id for c in scenario.changes]
    assume(names)
    name = names[pick % len(names)]
    try:
        moved = scenario.shift(name, by)
    except (ConflictingActs, InvalidValue):
        event("the acts do not hold together in between")
        return
    one = next(c for c in moved.changes if c.id == name)
    old = next(c for c in scenario.changes if c.id == name)
    for clock in ("announced", "enacted", "effective", "until", "start", "date"):
        before, after = getattr(old, clock, None), getattr(one, clock, None)
        assert (before is None) == (after is None)
        assert before is None or after == before + by * DAY
    assert moved.shift(name, -by) == scenario


@given(testing.scenarios())
def test_changes_are_values(scenario: Scenario) -> None:
    """A scenario made of equal parts is equal, hashes alike and has the same digest."""
    again = Scenario(name=scenario.name, schedule=scenario.schedule,
                     changes=tuple(reversed(scenario.changes)))
    assert again == scenario
    assert hash(again) == hash(scenario)
    assert again.digest == scenario.digest
    assert Course(schedule=again.schedule, changes=again.changes).paths() == again.paths()


# -- acts on acts -------------------------------------------------------------------------


def single(duty: Any = "10%", **more: Any) -> Scenario:
    """One base duty and one measure that an act imposes."""
    law = TariffSchedule(
        measures=(Measure(id="base", authority="MFN", group="mfn", duty="5%",
                          scope=Scope(importer="USA")),),
        plan=v.StackPlan(groups=("mfn", "extra")))
    measure = Measure(id="m", authority="Act", group="extra", duty=duty,
                      scope=Scope(importer="USA"), **more)
    return Scenario(schedule=law, changes=(
        Impose(id="i", measure=measure, enacted="2020-01-10", effective="2020-01-20"),))


@pytest.mark.parametrize("until", ["2020-02-01", "2020-02-10"])
def test_an_act_moved_past_its_end_never_takes_effect(until: str) -> None:
    """A first day moved to its end or later leaves no day on which the act holds."""
    moved = single(until=until).then(
        Reschedule(id="r", act="i", enacted="2020-01-12", effective="2020-02-10"))
    assert_same(moved, single().without("i"))
    assert [s.measure for s in moved.fold().spells] == ["base"]
    held = single().then(
        Suspend(id="s", target="m", enacted="2020-01-12", effective="2020-01-22", until=until),
        Reschedule(id="r", act="s", enacted="2020-01-13", effective="2020-02-10"))
    assert_same(held, single())
    assert [(s.measure, s.status) for s in held.fold().spells] == [
        ("base", "in force"), ("m", "in force")]


def test_a_part_with_a_longer_term_is_not_shortened_by_an_extension() -> None:
    """A truce prolonged leaves alone what it suspends for longer still."""
    truce = Truce(id="t", parties=("USA", "CHN"), start="2020-01-25", until="2020-02-05",
                  suspends=("base", pause("m", until="2020-03-20")))
    longer = single().then(truce).extend("t", until="2020-02-20")
    assert_same(longer, single().then(evolve(truce, until=dt.date(2020, 2, 20))))


def pause(select: str, until: str) -> Pause:
    """A part of a truce with an end of its own."""
    return Pause(select=select, until=until)


def test_an_act_id_stands_for_the_measures_it_acts_on() -> None:
    """A target that names an act on one importer's measures means those, not all measures."""
    usa = single()
    chn = Measure(id="n", authority="Act", group="extra", duty="10%",
                  scope=Scope(importer="CHN"))
    both = usa.then(
        Impose(id="j", measure=chn, enacted="2020-01-10", effective="2020-01-20"),
        Amend(id="a", target=Select(importer="USA", group="extra"), duty="+5pp",
              enacted="2020-01-25", effective="2020-01-25"))
    held = both.then(Suspend(id="s", target="a", enacted="2020-02-01", effective="2020-02-01"))
    assert {s.measure for s in held.fold().spells if s.status == "suspended"} == {"m"}


def test_a_group_selects_the_parts_in_it() -> None:
    """Of a measure that lies in two groups a Select by group takes the part in that group."""
    plan = v.StackPlan(groups=("mfn", "extra", "other"))
    apart = evolve(single(), schedule=evolve(single().schedule, plan=plan)).then(
        Amend(id="a", target="m", group="other", only=Only(products="72"),
              enacted="2020-01-25", effective="2020-01-25"),
        Terminate(id="x", target=Select(group="other"), enacted="2020-02-01",
                  effective="2020-02-01"))
    assert apart.rate(importer="USA", exporter="CHN", product="72", on="2020-02-02") == 0.05
    assert alike(apart.rate(importer="USA", exporter="CHN", product="85", on="2020-02-02"), 0.15)


def test_a_line_without_a_duty_is_suspended_to_nothing_as_any_other() -> None:
    """Nothing is left of a duty that is not given, if nothing is left of all."""
    table = ByProduct({"72": AdValorem("10%")})
    held = single(duty=table).then(
        Suspend(id="s", target="m", enacted="2020-02-01", effective="2020-02-01"))
    assert np.isnan(held.rate(importer="USA", exporter="CHN", product="85", on="2020-01-31"))
    assert held.rate(importer="USA", exporter="CHN", product="85", on="2020-02-01") == 0.05
    assert importers(held.fold()) == ("USA",)
