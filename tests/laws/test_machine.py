"""A course of acts made up step by step: after each the fold agrees with the oracle.

The machine does not plan ahead: it also tries what cannot hold, and then the library and the
oracle must both refuse.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from attrs import evolve
from hypothesis import note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.laws import oracle
from tests.laws.common import LINES, days
from tests.laws.test_oracle import check
from tests.laws.test_timeline import disjoint
from tradescen import (
    Amend,
    Impose,
    Pause,
    Reschedule,
    Scenario,
    Select,
    Suspend,
    TariffSchedule,
    Terminate,
    Truce,
    testing,
)
from tradescen.errors import ConflictingActs, InvalidValue
from tradescen.testing import values as v

DAY = dt.timedelta(days=1)
PICK = st.integers(0, 9)
GAP = st.integers(0, 5)
LEAD = st.integers(0, 4)
NOTICE = st.one_of(st.integers(0, 9), st.integers(-4, 9))
TERM = st.one_of(st.integers(1, 25), st.none())
ONLY = st.one_of(st.none(), v.parts())
LATEST = testing.LAST - 12 * DAY


class Courses(RuleBasedStateMachine):
    """Random acts, and what analysts do to them."""

    def __init__(self) -> None:
        super().__init__()
        self.day = testing.FIRST
        self.scenario = Scenario(schedule=TariffSchedule(plan=v.StackPlan(groups=("mfn",))))
        self.count = 0

    @initialize(law=testing.schedules())
    def begin(self, law: TariffSchedule) -> None:
        """Day zero."""
        self.scenario = Scenario(schedule=law)

    # -- helpers ----------------------------------------------------------------------

    def measures(self) -> list[str]:
        """All measures, those of acts last."""
        return [*(m.id for m in self.scenario.schedule.measures),
                *(c.measure.id for c in self.scenario.changes if isinstance(c, Impose))]

    def acts(self, kind: Any = object) -> list[str]:
        """The acts of a kind, truces among them."""
        return [c.id for c in self.scenario.changes if isinstance(c, kind)]

    def name(self, letter: str) -> str:
        """A fresh id."""
        self.count += 1
        return f"{letter}{self.count:02d}"

    def header(self, gap: int, lead: int, notice: int, threat: bool = False) -> dict[str, Any]:
        """The clocks of an act of today."""
        self.day = min(self.day + gap * DAY, LATEST)
        return {"announced": self.day - lead * DAY, "enacted": None if threat else self.day,
                "effective": self.day + notice * DAY}

    def attempt(self, change: Any) -> None:
        """Add a change if it can hold; library and oracle agree whether it can."""
        ours = theirs = ""
        after = self.scenario
        try:
            after = self.scenario.then(change)
        except ConflictingActs as error:
            ours = str(error)
        try:
            oracle.cells_on(self.scenario.schedule, (*self.scenario.changes, change), days(),
                            LINES)
        except oracle.Widened:
            return  # whether parts of equal duty count as different, the design leaves open
        except oracle.Impossible as error:
            theirs = str(error)
        assert bool(ours) == bool(theirs), f"{change!r}: {ours or 'held'} / {theirs or 'held'}"
        note(f"{change!r} {getattr(change, 'target', '')} {getattr(change, 'until', '')}"
             f" {ours}")
        self.scenario = after

    def target(self, pick: int, soft: bool, by_act: bool) -> Any:
        """A measure, or an act that stands for the measures it acts on."""
        acts = self.acts((Amend, Suspend, Impose))
        name = acts[pick % len(acts)] if by_act and acts else (
            self.measures()[pick % len(self.measures())])
        return Select(ids=(name,), missing="skip") if soft else name

    # -- acts -------------------------------------------------------------------------

    @rule(measure=testing.measures(), gap=GAP, lead=LEAD, notice=NOTICE, term=TERM,
          threat=st.sampled_from((False, False, True)), own=st.booleans())
    def impose(self, measure: Any, gap: int, lead: int, notice: int, term: int | None,
               threat: bool, own: bool) -> None:
        """A new measure, or the threat of one."""
        head = self.header(gap, lead, notice, threat)
        name = self.name("m")
        until = None if term is None else head["effective"] + term * DAY
        measure = evolve(measure, id=name, precedence=10 + self.count, until=until)
        self.attempt(Impose(id=name if own else f"i{self.count:02d}", measure=measure, **head))

    @rule(pick=PICK, duty=v.scheduled(), gap=GAP, notice=NOTICE)
    def impose_again(self, pick: int, duty: Any, gap: int, notice: int) -> None:
        """A measure that was imposed before begins anew; refused while it is in force."""
        before = [c.measure for c in self.scenario.changes if isinstance(c, Impose)]
        if before:
            measure = evolve(before[pick % len(before)], duty=duty, until=None)
            self.attempt(Impose(id=self.name("n"), measure=measure,
                                **self.header(gap, 0, notice)))

    @rule(pick=PICK, duty=v.changes_of_duty(), only=ONLY, gap=GAP, lead=LEAD, notice=NOTICE,
          soft=st.booleans(), by_act=st.booleans(), term=TERM)
    def amend(self, pick: int, duty: Any, only: Any, gap: int, lead: int, notice: int,
              soft: bool, by_act: bool, term: int | None) -> None:
        """A new duty or a relative one, perhaps with an end."""
        head = self.header(gap, lead, notice)
        until = None if term is None or not pick else head["effective"] + term * DAY
        self.attempt(Amend(id=self.name("a"), target=self.target(pick, soft, by_act), duty=duty,
                           only=only, until=until, **head))

    @rule(pick=PICK, products=v.product_sets(), exporters=v.country_sets(), goods=st.booleans(),
          gap=GAP, notice=NOTICE, only=st.one_of(st.none(), st.none(), v.parts()))
    def rescope(self, pick: int, products: Any, exporters: Any, goods: bool, gap: int,
                notice: int, only: Any) -> None:
        """A new whole scope."""
        scope = {"products": products} if goods else {"exporters": exporters}
        self.attempt(Amend(id=self.name("b"), target=self.target(pick, True, False), only=only,
                           **scope, **self.header(gap, 0, notice)))

    @rule(pick=PICK, group=st.sampled_from(("extra", "metals", "reciprocal")), gap=GAP,
          notice=NOTICE, only=ONLY)
    def regroup(self, pick: int, group: str, gap: int, notice: int, only: Any) -> None:
        """Another group, with a precedence of its own."""
        names = [n for n in self.measures() if not n.startswith("mfn")]
        if names:
            self.attempt(Amend(
                id=self.name("g"), target=Select(ids=(names[pick % len(names)],), missing="skip"),
                group=group, precedence=100 + self.count, only=only,
                **self.header(gap, 0, notice)))

    @rule(pick=PICK, residual=v.residuals(), only=ONLY, gap=GAP, lead=LEAD, notice=NOTICE,
          term=TERM, soft=st.booleans(), by_act=st.booleans(),
          then=st.sampled_from(("snapback", "snapback", "terminate")))
    def suspend(self, pick: int, residual: Any, only: Any, gap: int, lead: int, notice: int,
                term: int | None, soft: bool, by_act: bool, then: str) -> None:
        """A suspension over whatever suspensions there are."""
        head = self.header(gap, lead, notice)
        until = None if term is None else head["effective"] + term * DAY
        self.attempt(Suspend(id=self.name("h"), target=self.target(pick, soft, by_act),
                             duty=residual, until=until, then=then, only=only, **head))

    @rule(pick=PICK, only=ONLY, gap=GAP, notice=NOTICE, soft=st.booleans())
    def terminate(self, pick: int, only: Any, gap: int, notice: int, soft: bool) -> None:
        """A measure, or a part of it, ends."""
        self.attempt(Terminate(id=self.name("x"), target=self.target(pick, soft, False),
                               only=only, **self.header(gap, 0, notice)))

    @precondition(lambda self: self.acts())
    @rule(pick=PICK, gap=GAP, notice=st.integers(0, 6))
    def give_up(self, pick: int, gap: int, notice: int) -> None:
        """An act is withdrawn, or ends if it holds something back; refused where too late."""
        acts = self.acts((Impose, Amend, Suspend, Terminate, Truce))
        if acts:
            self.attempt(Terminate(id=self.name("w"), target=acts[pick % len(acts)],
                                   **self.header(gap, 0, notice)))

    @precondition(lambda self: self.acts())
    @rule(pick=PICK, gap=GAP, start=st.one_of(st.none(), st.integers(0, 20)), term=TERM)
    def reschedule(self, pick: int, gap: int, start: int | None, term: int | None) -> None:
        """An act gets another first day or end; refused where too late."""
        acts = self.acts((Impose, Amend, Suspend, Reschedule, Truce))
        if not acts or (start is None and term is None):
            return
        name = acts[pick % len(acts)]
        head = self.header(gap, 0, 0)
        if name in self.acts((Truce, Reschedule)):
            start = None
            if term is None:
                return
        head["effective"] = None if start is None else self.day + start * DAY
        until = None if term is None else self.day + ((start or 0) + term) * DAY
        self.attempt(Reschedule(id=self.name("r"), act=name, until=until, **head))

    @rule(picks=st.lists(PICK, min_size=1, max_size=3), residual=v.residuals(), gap=GAP,
          notice=st.integers(0, 6), term=TERM, threat=st.sampled_from((False, False, True)),
          own=st.one_of(st.none(), st.integers(1, 30)), everywhere=st.booleans(),
          late=st.sampled_from((0, 0, 0, 2, 7)),
          then=st.sampled_from((None, None, "snapback", "terminate")))
    def truce(self, picks: list[int], residual: Any, gap: int, notice: int, term: int | None,
              threat: bool, own: int | None, everywhere: bool, late: int,
              then: str | None) -> None:
        """A truce, parts of it with terms of their own; one over nothing is refused."""
        head = self.header(gap, 0, notice)
        names = self.measures()
        start = head["effective"]
        late = 0 if own is None and term is not None and late >= term else late
        pauses = [Pause(select=names[p % len(names)],
                        start=None if not late or not n else start + late * DAY,
                        until=None if own is None or not n else start + (late + own) * DAY,
                        then=then if n else None)
                  for n, p in enumerate(picks)]
        self.attempt(Truce(
            id=self.name("t"), parties=("USA", "CHN"), suspends=tuple(pauses), residual=residual,
            start=start, until=None if term is None else start + term * DAY, threat=threat,
            announced=self.day, enacted=None if threat else self.day, everywhere=everywhere))

    # -- what analysts do -------------------------------------------------------------

    def change(self, verb: str, *args: Any) -> None:
        """A verb; where the library refuses it the course stays as it is."""
        try:
            self.scenario = getattr(self.scenario, verb)(*args)
        except (ConflictingActs, InvalidValue) as error:
            note(f"{verb}{args}: {error}")
        else:
            note(f"{verb}{args}")

    @precondition(lambda self: self.acts((Truce, Suspend)))
    @rule(pick=PICK, term=st.integers(1, 30))
    def extend(self, pick: int, term: int) -> None:
        """A truce or a suspension is prolonged."""
        acts = self.acts((Truce, Suspend))
        name = acts[pick % len(acts)]
        ends = self.scenario.fold().records[name].until
        if ends is not None and ends < LATEST:
            self.change("extend", name, ends + term * DAY)

    @precondition(lambda self: self.acts((Truce, Suspend)))
    @rule(pick=PICK, after=st.integers(1, 20))
    def collapse(self, pick: int, after: int) -> None:
        """A truce or a suspension ends early."""
        acts = self.acts((Truce, Suspend))
        name = acts[pick % len(acts)]
        start = self.scenario.fold().records[name].effective
        if start is not None:
            self.change("collapse", name, start + after * DAY)

    @precondition(lambda self: self.acts())
    @rule(pick=PICK, on=st.one_of(st.none(), st.integers(0, 10)))
    def enact(self, pick: int, on: int | None) -> None:
        """A threat becomes law."""
        threats = [c for c in self.scenario.changes
                   if getattr(c, "enacted", None) is None and not isinstance(c, Reschedule)
                   and (not isinstance(c, Truce) or c.threat)]
        if threats:
            one = threats[pick % len(threats)]
            self.change("enact", one.id, None if on is None else one.known + on * DAY)

    @precondition(lambda self: self.acts())
    @rule(pick=PICK, gap=GAP)
    def withdraw(self, pick: int, gap: int) -> None:
        """An act not yet in effect is given up."""
        acts = self.acts((Impose, Amend, Suspend))
        if acts:
            self.day = min(self.day + gap * DAY, LATEST)
            self.change("withdraw", acts[pick % len(acts)], self.day)

    @rule(day=testing.days())
    def look_back(self, day: dt.date) -> None:
        """What was known on an evening is a course of its own, if what was law then holds."""
        try:
            seen = self.scenario.as_known(day)
        except (ConflictingActs, KeyError) as error:
            note(f"as_known({day}): {error}")
            return
        check(seen)
        assert seen.as_known(day) == seen

    # -- what always holds ------------------------------------------------------------

    @invariant()
    def agrees_with_the_oracle(self) -> None:
        """Every contribution on every day is the oracle's."""
        check(self.scenario)

    @invariant()
    def spells_are_disjoint_and_sorted(self) -> None:
        """Of one measure no two spells share an origin, a line and a day; all are in order."""
        disjoint(self.scenario)


TestCourses = Courses.TestCase
TestCourses.settings = settings(
    max_examples=max(10, settings().max_examples // 3), stateful_step_count=12)


class LongCourses(Courses):
    """The same over fifty steps: what only shows where much has gone before."""


TestLongCourses = pytest.mark.slow(LongCourses.TestCase)
TestLongCourses.settings = settings(
    max_examples=max(10, settings().max_examples // 5), stateful_step_count=50)
