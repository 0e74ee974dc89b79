"""Rules against a naive replay by day and line, and what rules must never do."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from hypothesis import assume, event, given, note
from hypothesis import strategies as st

from tests.laws.common import assert_same, few, grid, rarely
from tests.laws.rule_oracle import Oracle
from tests.laws.test_generators import count
from tradescen import (
    Amend,
    Branch,
    Fork,
    Impose,
    Measure,
    Only,
    ProductSet,
    Retaliation,
    RunawayRules,
    Scenario,
    Scope,
    Select,
    Shift,
    StackPlan,
    Suspend,
    TariffSchedule,
    Terminate,
    TradescenError,
    Truce,
    Weights,
    attribute,
    testing,
)

FIRST = dt.date(2020, 1, 6)
DAY = dt.timedelta(days=1)
END = FIRST + 70 * DAY
LINES = ("", "01", "72", "8517", "851713")
GOODS = (
    ProductSet.of("01"), ProductSet.of("8517"), ProductSet.of("851713"), ProductSet.all(),
    ProductSet.of("01", "72"), ProductSet.all(excluding=("8517",)),
    ProductSet.of("8517", excluding=("851713",)),
)
TRADE = {"USA": {"01": 30.0, "72": 50.0, "8517": 100.0, "851713": 20.0},
         "CHN": {"01": 60.0, "72": 10.0, "8517": 40.0, "851713": 5.0}}
WEIGHTS = Weights(name="w", year=2020, values={
    ("USA", "CHN"): TRADE["USA"], ("CHN", "USA"): TRADE["CHN"]})
LAW = TariffSchedule(
    measures=[Measure(id=f"mfn-{i}", authority="MFN", group="mfn", duty="Free",
                      scope=Scope(importer=i)) for i in ("USA", "CHN")],
    plan=StackPlan(groups=["mfn", "extra"]))
OTHER = {"USA": "CHN", "CHN": "USA"}

goods = st.sampled_from(GOODS)
duties = st.integers(1, 10).map(lambda n: f"{5 * n}%")


@st.composite
def courses(draw: st.DrawFn, importer: str, name: str) -> list[Any]:
    """The life of one measure: it is imposed, changed in whole or part, held back, ended.

    Every act finds its measure, and no two take effect on one day.
    """
    known = FIRST + draw(st.integers(1, 12)) * DAY
    law = known + draw(st.integers(0, 4)) * DAY
    first = law + draw(st.integers(0, 6)) * DAY
    measure = Measure(id=name, authority="Act", group="extra", duty=draw(duties),
                      scope=Scope(importer=importer, exporters=OTHER[importer],
                                  products=draw(goods)))
    acts: list[Any] = [Impose(measure=measure, announced=known, enacted=law, effective=first)]
    for n in range(draw(st.integers(0, 4))):
        law = law + draw(st.integers(0, 12)) * DAY
        first = max(first + DAY, law + draw(st.integers(-2, 7)) * DAY)
        head: dict[str, Any] = {
            "id": f"{name}-{n}", "target": Select(ids=(name,), missing="skip"),
            "announced": max(known, law - draw(st.integers(0, 3)) * DAY), "enacted": law,
            "effective": first,
            "only": Only(products=draw(st.one_of(st.just(ProductSet.all()), goods)))}
        known = head["announced"]
        kind = draw(st.sampled_from(("up", "down", "to", "hold", "end", "threat", "hold")))
        if kind == "hold":
            until = max(first, law) + draw(st.integers(1, 25)) * DAY
            acts.append(Suspend(duty=draw(st.sampled_from(("0%", "10%"))), until=until, **head))
        elif kind == "end":
            acts.append(Terminate(**head))
        elif kind == "threat":
            acts.append(Amend(duty="+20pp", **{**head, "enacted": None}))
        else:
            more = draw(st.integers(1, 6)) * 5
            duty = {"up": f"+{more}pp", "down": f"-{more}pp", "to": f"{more}%"}[kind]
            acts.append(Amend(duty=duty, **head))
    return acts


days = st.one_of(st.integers(0, 8), st.lists(st.integers(0, 8), min_size=2, max_size=3))


@st.composite
def rules(draw: st.DrawFn, by: str, name: str, kinds: tuple[str, ...], *, alone: bool) -> Any:
    """A rule; one that is *alone* may be of any form."""
    match = draw(st.sampled_from(kinds))
    more: dict[str, Any] = {}
    own = match in ("points", "value", "list") or (alone and draw(st.integers(0, 3)) == 3)
    if own:
        more["products"] = draw(goods)
    if match == "list":
        more["duty"] = draw(duties)
    for clock, least in (("lag", 1), ("notice", 0)):
        got = draw(days if alone else st.integers(0, 8))
        more[clock] = got + least if isinstance(got, int) else tuple(n + least for n in got)
    more["cap"] = draw(st.sampled_from((None, "15%", "40%", "60%") if alone else ("40%", "60%")))
    more["caps"] = draw(st.sampled_from(("own", "total") if alone else ("own",)))
    more["stand_down"] = draw(st.booleans())
    more["scale"] = draw(st.sampled_from((1.0, 1.0, 0.5, 1.5)))
    if not alone:
        # What of two sides' acts of one day meets a cap first is a matter of names, and shows
        # when it is taken back: one side stands down without a cap, and fades.
        if more["stand_down"]:
            more |= {"cap": None, "scale": 0.5, "lag": draw(st.integers(6, 9))}
        else:
            more["scale"] = max(more["scale"], 1.0)
    if alone:
        more["answers"] = draw(st.sampled_from((
            ("enacted",), ("announced",), ("effective",), ("enacted", "resumed"))))
        more["threshold"] = draw(st.sampled_from((None, None, "10%", "20%")))
        more["start"] = draw(st.sampled_from((None, FIRST + 8 * DAY)))
        more["until"] = draw(st.sampled_from((None, FIRST + 50 * DAY)))
        more["select"] = draw(st.sampled_from((None, None, Select(ids=("u1", "c1")))))
    return Retaliation(id=name, by=by, against=OTHER[by], match=match, **more)


@st.composite
def games(draw: st.DrawFn) -> tuple[Scenario, tuple[Any, ...]]:
    """Acts of both sides, and one rule of any form or a rule on each side."""
    acts = [*draw(courses("USA", "u1")), *draw(courses("CHN", "c1"))]
    if draw(st.booleans()):
        acts += draw(courses("USA", "u2"))
    if draw(st.integers(0, 2)):
        made = (draw(rules("CHN", "rule", ("mirror", "points", "value", "list", "mirror"),
                           alone=True)),)
    else:
        kinds = draw(st.sampled_from((("mirror",), ("points",))))
        made = tuple(draw(rules(by, name, kinds, alone=False))
                     for by, name in (("CHN", "cn"), ("USA", "us")))
    return Scenario(schedule=LAW, changes=acts, weights=WEIGHTS), made


def played(game: tuple[Scenario, tuple[Any, ...]]) -> Oracle:
    scenario, made = game
    acts = [c for c in scenario.changes if not isinstance(c, Retaliation)]
    return Oracle(acts, list(made), LINES, TRADE, FIRST, END).play()


def charged(scenario: Scenario, importer: str) -> tuple[list[dt.date], Any]:
    """The additional rate on goods of the other side: first days, and rates by line and time."""
    got = grid(scenario.fold(until=END), importer, lines=LINES, start=FIRST, end=END)
    origin = got.program.exporters.index(OTHER[importer])
    return list(got.program.cuts[:-1]), got.additional[got.class_of][:, origin]


def features(game: tuple[Scenario, tuple[Any, ...]]) -> set[str]:
    """What happens in a game, by what it comes to."""
    oracle = played(game)
    return oracle.did | {f"{r.match} answered" for r in game[1] if oracle.counts.get(r.id)} | (
        {"spiral"} if sum(oracle.counts.values()) > 3 and len(game[1]) > 1 else set()) | (
        {"rounds"} if any(n > 1 for n in oracle.counts.values()) else set())


def test_interesting_games_are_common() -> None:
    """Answers, caps that bind, standing down, several rounds and each form are often met."""
    found = count(games(), features, draws=80)
    share = {name: n / found["all"] for name, n in found.items()}
    for name, least in (("answered", 0.7), ("capped", 0.3), ("stood down", 0.2), ("rounds", 0.3),
                        ("spiral", 0.1), ("mirror answered", 0.2), ("points answered", 0.1),
                        ("value answered", 0.05), ("list answered", 0.05)):
        assert share.get(name, 0) >= least, (name, share)


@few
@given(games())
def test_rules_agree_with_the_oracle(game: tuple[Scenario, tuple[Any, ...]]) -> None:
    """On every line and day both sides charge what a replay by hand comes to."""
    scenario, made = game
    for change in scenario.changes:
        note(f"{change!r} {getattr(change, 'only', change)} {getattr(change, 'duty', '')} "
             f"{getattr(change, 'until', '')}")
    oracle = played(game)
    ours = scenario.then(*made)
    assume(sum(oracle.counts.values()) < 60)  # each piece of an answer is one of the 120
    for importer in ("USA", "CHN"):
        cuts, got = charged(ours, importer)
        for day in sorted({*cuts, *oracle.days}):
            at = bisect_right(cuts, day) - 1
            for k, line in enumerate(LINES):
                want = oracle.charged(importer, line, day)
                assert abs(got[k, at] - want) < 1e-9, f"{importer} on {line}, {day}: {want}"


def alone(**fixed: Any) -> st.SearchStrategy[tuple[Scenario, Any]]:
    """A course of both sides and one mirror or rule with points of its own."""
    acts = st.tuples(courses("USA", "u1"), courses("USA", "u2"), courses("CHN", "c1"))
    kinds = ("mirror", "points", "list")
    return st.tuples(
        acts.map(lambda three: Scenario(schedule=LAW, weights=WEIGHTS,
                                        changes=[a for one in three for a in one])),
        rules("CHN", "rule", kinds, alone=True).map(lambda r: evolve(r, **fixed)))


def held_by(scenario: Scenario, rule: str) -> Any:
    """What a rule's own measures add, by line and time."""
    got = grid(scenario.fold(until=END), "CHN", lines=LINES, start=FIRST, end=END)
    rows = [got.contribution(r) for r in got.program.rows if r.measure.startswith(f"{rule}-")]
    return sum(rows, np.zeros_like(got.rate))


@few
@given(alone(caps="own", cap=0.3, answers=("enacted",)))
def test_a_rule_never_holds_more_than_its_own_cap(pair: tuple[Scenario, Any]) -> None:
    """On no line and no day do the answers of one rule come to more than its cap."""
    scenario, rule = pair
    assert held_by(scenario.then(rule), "rule").max() <= 0.3 + 1e-9


@few
@given(alone(lag=2, notice=1, caps="own"))
def test_standing_down_never_raises_a_rate(pair: tuple[Scenario, Any]) -> None:
    """With the same days and cap, a rule that stands down never charges more than one that
    does not."""
    scenario, rule = pair
    soft = charged(scenario.then(evolve(rule, stand_down=True)), "CHN")
    hard = charged(scenario.then(evolve(rule, stand_down=False)), "CHN")
    for day in sorted({*soft[0], *hard[0]}):
        a, b = (got[:, bisect_right(cuts, day) - 1] for cuts, got in (soft, hard))
        assert (a <= b + 1e-9).all(), day


@few
@given(alone(until=None), st.integers(0, 40))
def test_a_rule_changes_nothing_up_to_its_first_day(pair: tuple[Scenario, Any],
                                                    after: int) -> None:
    """A rule started on a day changes nothing before the next; taken out it leaves no trace."""
    scenario, rule = pair
    start = FIRST + after * DAY
    told = scenario.then(evolve(rule, start=start))
    for importer in ("USA", "CHN"):
        (cuts, with_it), (plain, without) = charged(told, importer), charged(scenario, importer)
        for day in sorted({*cuts, *plain}):
            if day <= start:
                a = with_it[:, bisect_right(cuts, day) - 1]
                assert np.array_equal(a, without[:, bisect_right(plain, day) - 1])
    assert told.without("rule") == scenario
    assert told.without("rule").digest == scenario.digest


@pytest.mark.slow
@pytest.mark.parametrize("days", [120, 121, 150])
def test_a_chain_without_end_is_told(days: int) -> None:
    """Two mirrors that answer each other each day run away at 120 answers and not before."""
    first = Impose(measure=Measure(id="u1", authority="Act", group="extra", duty="5%",
                                   scope=Scope(importer="USA", exporters="CHN")),
                   enacted=FIRST, effective=FIRST)
    wild = Scenario(schedule=LAW, changes=[first, *(
        Retaliation(id=n, by=by, against=OTHER[by]) for n, by in (("cn", "CHN"), ("us", "USA")))])
    # Day 0 is answered on day 1, that on day 2 …: before day n there are n answers.
    until = FIRST + days * DAY
    if days <= 120:
        assert len(wild.fold(until=until).measures) == 3 + days
    else:
        with pytest.raises(RunawayRules, match="cap") as met:
            wild.fold(until=until)
        assert len(met.value.chain) == 120


# -- composing ----------------------------------------------------------------------------


@few
@given(testing.scenarios(), st.integers(0, 10), st.integers(0, 10), st.booleans())
def test_composition_is_associative(scenario: Scenario, i: int, j: int, verb: bool) -> None:
    """However the changes are bracketed, ``then`` comes to the same scenario."""
    todo: list[Any] = sorted(scenario.changes, key=lambda c: c.id[1:])  # as written
    if verb and todo:
        todo.append(Shift(id=todo[i % len(todo)].id, days=j - 5))
    i, j = sorted((i % (len(todo) + 1), j % (len(todo) + 1)))
    bare = Scenario(name=scenario.name, schedule=scenario.schedule)
    a, b, c = todo[:i], todo[i:j], todo[j:]
    try:
        ways = [bare.then(*a, *b, *c), bare.then(*a).then(*b, *c), bare.then(*a, *b).then(*c),
                bare.then(*a).then(*b).then(*c)]
    except TradescenError:
        event("some part does not hold alone")
        return
    assert ways[1:] == ways[:1] * 3
    assert len({w.digest for w in ways}) == 1


@rarely
@given(testing.scenarios(), testing.days(), st.integers(0, 5), st.integers(1, 9), st.data())
def test_enacted_and_withdrawn_is_never_enacted(scenario: Scenario, day: dt.date, lead: int,
                                                notice: int, data: st.DataObject) -> None:
    """A threat made law and given up before its first day charges what it charged as a threat."""
    measure = data.draw(testing.measures(id="more", plan=scenario.schedule.plan, precedence=99))
    assume(not any(isinstance(c, Truce) for c in scenario.changes))
    told = scenario.then(Impose(id="threat", measure=measure, announced=day - lead * DAY,
                                enacted=None, effective=day + notice * DAY))
    gone = told.enact("threat", on=day).withdraw(
        "threat", on=day + data.draw(st.integers(0, notice)) * DAY)
    assert_same(gone, told, tolerance=0)


@st.composite
def forks(draw: st.DrawFn, depth: int = 0, name: str = "f") -> Fork:
    """Forks with odds, forks inside their branches; each branch ends or lowers a duty."""
    shares = draw(st.lists(st.integers(0, 9), min_size=1, max_size=3).filter(any))
    branches = []
    for n, share in enumerate(shares):
        changes: list[Any] = [Impose(
            measure=Measure(id=f"{name}{n}", authority="Act", group="extra", duty=draw(duties),
                            scope=Scope(importer="USA", exporters="CHN")),
            enacted=FIRST, effective=FIRST)]
        if depth < 2 and draw(st.booleans()):
            changes.append(draw(forks(depth + 1, f"{name}{n}-")))
        branches.append(Branch(name=f"b{n}", probability=share / sum(shares), changes=changes))
    return Fork(name=name, branches=tuple(branches))


def mean_by_hand(fork: Fork) -> float:
    """What a fork adds on average: the odds and duties of its branches, one inside the other."""
    total = 0.0
    for branch in fork.branches:
        assert branch.probability is not None
        adds = sum(mean_by_hand(c) if isinstance(c, Fork) else c.measure.duty.rate
                   for c in branch.changes)
        total += branch.probability * adds
    return total


@rarely
@given(forks(), st.one_of(st.none(), forks(1, "g")))
def test_odds_sum_to_one_and_expected_is_the_sum_over_paths(one: Fork, other: Any) -> None:
    """Paths exhaust the odds, and the expected rate is odds × rate summed over them."""
    tree = Scenario(schedule=LAW, changes=[one, *([] if other is None else [other])],
                    weights=WEIGHTS)
    paths = tree.paths()
    assert abs(sum(p.probability for p in paths) - 1) < 1e-9
    assert len({p.name for p in paths}) == len(paths)
    result = tree.run(start=FIRST, end=FIRST + 9 * DAY, importers="USA")
    got = result.expected(on=FIRST)["rate"].item()
    rows = result.bilateral(on=FIRST)
    assert abs(got - (rows["probability"] * rows["rate"]).sum()) < 1e-12
    by_hand = mean_by_hand(one) + (0 if other is None else mean_by_hand(other))
    assert abs(got - by_hand) < 1e-9


@rarely
@given(games(), st.sampled_from(("01", "72", "851713")), st.integers(0, 60),
       st.sampled_from(("shapley", "ordered")))
def test_attributed_shares_sum_to_the_change(game: tuple[Scenario, tuple[Any, ...]], line: str,
                                             after: int, method: str) -> None:
    """What acts and rules add comes to the change, whatever the day, line and method."""
    scenario, made = game
    base = evolve(scenario, changes=[c for c in scenario.changes if c.id.startswith("c1")])
    try:
        frame = attribute(base, scenario.then(*made, name="other"), importer="CHN",
                          exporter="USA", on=FIRST + after * DAY, product=line, method=method,
                          orders=4)
    except RunawayRules:
        assume(False)
    assert abs(frame["share"].sum() - frame.attrs["change"]) < 1e-9
    assert set(frame["change"]) >= {r.id for r in made}
