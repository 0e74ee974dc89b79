"""Draws that vary by value are what each of them would be, drawn and folded by itself."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, reject, settings
from hypothesis import strategies as st

import tradescen as ts
from tests.test_draws import DAYS, _case
from tradescen import testing
from tradescen.draws import _one_by_one
from tradescen.futures import futures, patterns
from tradescen.testing.courses import with_an_act

DAY = dt.timedelta(days=1)
EXTRA = ts.Measure(id="new", authority="N", group="extra", duty="10%",
                   scope=ts.Scope(importer="USA", exporters="CHN", products="9503"))


def _impose(day: str = "2025-06-15") -> ts.Impose:
    return ts.Impose(measure=EXTRA, announced="2025-04-02", enacted="2025-04-02", effective=day)


SUMMER = ts.Uniform("2025-05-10", "2025-08-20")
RATE = ts.Uniform("0%", "60%")
VARIED: list[Any] = [
    ts.Vary(_impose(), effective=SUMMER, duty=RATE),
    ts.Vary(ts.Collapse(id="pause", on="2025-08-01"), on=ts.Uniform("2025-06-01", "2025-11-30")),
    ts.Vary(ts.Extend(id="pause", until="2026-03-01"), until=ts.Uniform("2026-02-01",
                                                                      "2026-06-30")),
    ts.Vary(ts.Amend(id="up", target="ex", duty="50%", enacted="2025-04-06",
                     effective="2025-06-15"), effective=SUMMER, duty=RATE),
    ts.Vary(ts.EscalationStep(id="step", target="ex", to="50%", effective="2025-07-01"), to=RATE),
    ts.Vary(ts.Amend(id="more", target="ex", duty="+5pp", enacted="2025-04-06",
                     effective="2025-06-20"), effective=SUMMER),
    ts.Vary(ts.Suspend(id="hold", target="ex", duty="10%", until="2025-09-01",
                       enacted="2025-04-07", effective="2025-06-01"), duty=RATE),
    ts.Vary(ts.Shift(id="pause", days=3), days=ts.Uniform(-10, 20)),
    ts.Vary(ts.Retaliation(id="answer", by="CHN", against="USA", start="2025-04-01", cap="40%"),
            lag=ts.Choice({1: 0.5, 9: 0.5})),
]


def _alone(case: ts.Scenario, sample: list[Any], draws: int, seed: int) -> np.ndarray[Any, Any]:
    drawn = futures(case, sample, draws, seed)
    days = tuple(dt.date.fromisoformat(d) for d in DAYS)
    return _one_by_one(drawn.scenario, days, {}, np.arange(draws))[2]


@given(st.lists(st.sampled_from(VARIED), min_size=1, max_size=4, unique_by=id),
       st.integers(0, 99))
@settings(max_examples=25)
def test_a_pattern_is_what_each_of_its_draws_is(sample: list[Any], seed: int) -> None:
    """Draws folded together give what each gives by itself, whatever varies: days, rates,
    residuals, ends, shifts and the lags of rules."""
    case = evolve(_case(), weights=ts.Weights(name="w", year=2024, values={
        ("USA", "CHN"): {"9503": 1.0}, ("CHN", "USA"): {"9503": 1.0}}))
    if any(isinstance(v.change, ts.Collapse) for v in sample):
        sample = [v for v in sample if not isinstance(v.change, (ts.Extend, ts.Shift))]
    elif any(isinstance(v.change, ts.Extend) for v in sample):  # a truce moved may end before
        sample = [v for v in sample if not isinstance(v.change, ts.Shift)]
    try:
        want = _alone(case, sample, 12, seed)
    except ts.TradescenError:  # a shift may carry one act past another it has to precede
        reject()
    got = ts.ensemble(case, 12, sample=sample, seed=seed, on=DAYS)
    np.testing.assert_allclose(got.rates, want, rtol=0, atol=1e-12)


@st.composite
def _spread(draw: st.DrawFn) -> tuple[ts.Scenario, list[Any]]:
    """A drawn course, and one or two of its acts with days and rates that vary."""
    scenario, act = draw(with_an_act())
    start = act.enacted or act.known
    until = getattr(act, "until", None)
    last = start + 60 * DAY if until is None else min(start + 60 * DAY, until - DAY)
    first = min(start - 5 * DAY, last)
    fields: dict[str, Any] = {"effective": draw(st.sampled_from((
        ts.Uniform(first, last), ts.Triangular(first, last, last),
        ts.Choice([first, last, first + (last - first) / 2]))))}
    if until is not None and draw(st.booleans()):
        fields["until"] = ts.Uniform(until, until + 30 * DAY)
    if not isinstance(act, ts.Terminate) and draw(st.booleans()):
        fields["duty"] = RATE
    more = ts.Impose(measure=ts.Measure(
        id="more", authority="N", group=scenario.schedule.plan.names[-1], duty="10%",
        precedence=999, scope=ts.Scope(importer="USA", exporters="CHN", products="01")),
        enacted=testing.FIRST, effective=testing.FIRST)
    sample = [ts.Vary(act, **fields)]
    if draw(st.booleans()):
        sample.append(ts.Vary(more, effective=ts.Uniform(first, last), duty=RATE))
    trade = {(i, e): dict.fromkeys(testing.CODES[-4:], 1.0) for i in ("USA", "CHN")
             for e in ("USA", "CHN", "GBR") if e != i}
    return evolve(scenario, changes=[c for c in scenario.changes if c.id != act.id],
                  weights=ts.Weights(name="w", year=2019, values=trade)), sample


@given(_spread(), st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_a_pattern_of_any_course_is_what_each_of_its_draws_is(
    drawn: tuple[ts.Scenario, list[Any]], seed: int
) -> None:
    """Whatever else happens, draws folded together give what each gives by itself, or are
    refused where one of them is."""
    case, sample = drawn
    days = tuple(testing.FIRST + n * DAY for n in (10, 45, 80))
    options: dict[str, Any] = {"importers": ["USA", "CHN"], "exporters": ["USA", "CHN", "GBR"]}
    try:
        alone = _one_by_one(futures(case, sample, 10, seed).scenario, days, options,
                            np.arange(10))[2]
    except ts.TradescenError:
        with pytest.raises(ts.TradescenError):
            ts.ensemble(case, 10, sample=sample, seed=seed, on=list(days), **options)
        return
    got = ts.ensemble(case, 10, sample=sample, seed=seed, on=list(days), **options)
    np.testing.assert_allclose(got.rates, alone, rtol=0, atol=1e-11)


def test_days_in_between_make_no_pattern() -> None:
    """Draws that differ by rates, and by days no event lies between, share one fold."""
    sample = [ts.Vary(_impose(), effective=ts.Uniform("2025-07-01", "2025-10-31"), duty=RATE)]
    _, first = patterns(futures(_case(), sample, 500, 1), open_rates=True)
    assert len(first) == 1
    _, each = patterns(futures(_case(), [*sample, VARIED[7]], 500, 1), open_rates=False)
    assert len(each) > 400


def test_varied_draws_are_the_same_whatever_runs_them() -> None:
    """Serial, threads and processes give the same numbers to the last bit; another seed not."""
    fork = ts.Fork(name="f", branches={"a": (0.3, [ts.Impose(
        measure=ts.Measure(id="x", authority="X", group="extra", duty="7%",
                           scope=ts.Scope(importer="USA", exporters="CHN")),
        enacted="2025-04-01", effective="2025-06-30")]), "b": (0.7, [])})
    case, sample = _case().then(fork), [VARIED[0], VARIED[3]]
    serial = ts.ensemble(case, 300, sample=sample, seed=7, on=DAYS)
    with ThreadPoolExecutor(2) as threads, ProcessPoolExecutor(2) as processes:
        for executor in (threads, processes):
            other = ts.ensemble(case, 300, sample=sample, seed=7, on=DAYS, executor=executor)
            assert np.array_equal(serial.rates, other.rates)
    assert not np.array_equal(
        serial.rates, ts.ensemble(case, 300, sample=sample, seed=8, on=DAYS).rates)


def test_branches_and_fields_are_drawn_by_their_odds() -> None:
    """The share of draws with a branch, and the mean of a rate, are near what was asked for."""
    case = _case().then(ts.Fork(name="f", branches={
        "a": (0.25, [ts.Withdraw(id="pause", on="2025-05-01")]), "b": (0.75, [])}))
    got = ts.ensemble(case, 4000, sample=[ts.Vary(_impose("2025-05-01"), duty=RATE)], seed=2,
                      on="2025-07-15")
    mean = float(got.rates.mean())
    assert abs(mean - (0.04 + 0.25 * 0.34 + 0.75 * 0.10 + 0.30)) < 0.01


BY_WEIGHT = ts.Assumptions(name="u", unit_values={"USA": {"9503": {"kg": 2.0}}})


def _held(duty: Any) -> list[Any]:
    """A further duty, and a suspension of it that leaves a drawn rate."""
    return [evolve(_impose("2025-04-10"), measure=evolve(EXTRA, duty=duty)),
            ts.Vary(ts.Suspend(id="hold", target="new", duty="10%", until="2025-09-01",
                               enacted="2025-04-07", effective="2025-06-01"), duty=RATE)]


ONE_WAY = ts.Fork(name="f", branches={"a": (1.0, [_impose("2025-04-10")])})
HOLD = ts.Suspend(id="hold", target="ex", duty="1%", until="2025-09-01", enacted="2025-04-07",
                  effective="2025-06-01")


@pytest.mark.parametrize(("case", "sample", "options"), [
    (_case(), [ts.Vary(_impose(), effective=ts.Uniform("2025-06-01", "2025-09-20")),
               ts.Vary(ts.Collapse(id="pause", on="2025-08-01"),
                       on=ts.Choice(["2025-06-20", "2025-07-10", "2025-09-01"]))], {}),
    (_case(), [ts.Vary(_impose(), effective=ts.Uniform("2025-06-01", "2025-09-20")),
               ts.Vary(HOLD, until=ts.Choice(["2025-07-10", None]))], {}),
    (_case(), [ts.Vary(HOLD, until=ts.Choice([dt.datetime(2025, 7, 1), "2025-08-01"]))], {}),
    (_case(), [ts.Vary(_impose(), duty=ts.Choice([{"9503": "5%"}, {"9503": "8%"}]))], {}),
    (_case().then(ONE_WAY), [ts.Vary(HOLD, duty=RATE)], {}),
    (_case(), _held("50¢/kg"), {"assumptions": BY_WEIGHT}),
    (_case(), _held(ts.ByProduct({"9504": ts.Unknown("not printed")}, default=ts.AdValorem("30%"))),
     {}),
    (_case(), [ts.Vary(_impose(), duty=ts.Uniform("350%", "350%"))], {}),
    (_case().then(evolve(_impose(), measure=evolve(EXTRA, duty=ts.AdValorem(
        "10%", on="draw gear")))), [ts.Vary(HOLD, until=ts.Uniform("2025-07-01", "2025-09-01"))],
     {}),
], ids=["days chosen", "a day or none", "times of day", "tables", "a fork of one way", "by weight",
        "the rest of a table", "always the same", "a part of the value"])
def test_what_is_drawn_beside_what_is_not_so_plain(case: ts.Scenario, sample: list[Any],
                                                   options: dict[str, Any]) -> None:
    """Days that are chosen stand in order with days drawn; rates drawn over duties by weight, or
    over the rest of a table, are what each draw is by itself."""
    got = ts.ensemble(case, 40, sample=sample, seed=1, on=DAYS, **options)
    days = tuple(dt.date.fromisoformat(d) for d in DAYS)
    alone = _one_by_one(futures(case, sample, 40, 1).scenario, days, options, np.arange(40))[2]
    np.testing.assert_allclose(got.rates, alone, rtol=0, atol=1e-12)


@pytest.mark.parametrize("sample", [[ts.Vary(_impose(), duty=RATE)], lambda rng: [_impose()]])
def test_draws_about_other_directions_are_refused(sample: Any) -> None:
    """A side that charges duties on one branch only gives no distribution, whichever way draws
    are folded; naming sides that all draws have does."""
    answer = ts.Measure(id="cn", authority="C", group="extra", duty="10%",
                        scope=ts.Scope(importer="CHN", exporters="USA"))
    case = evolve(_case(), weights=ts.Weights(name="w", year=2024, values={
        ("USA", "CHN"): {"9503": 1.0}, ("CHN", "USA"): {"9503": 1.0}})).then(
            ts.Fork(name="f", branches={"a": (0.5, [ts.Impose(
                measure=answer, enacted="2025-04-02", effective="2025-04-10")]), "b": (0.5, [])}))
    with pytest.raises(ts.InvalidValue, match="same directions"):
        ts.ensemble(case, 20, sample=sample, seed=1, on=DAYS)
    got = ts.ensemble(case, 20, sample=sample, seed=1, on=DAYS, importers=["USA"],
                      exporters=["CHN"])
    assert got.pairs == (("USA", "CHN"),)


@pytest.mark.parametrize(("made", "said"), [
    (lambda: ts.Vary(_impose(), efective=SUMMER), "effective"),
    (lambda: ts.Vary(_impose(), effective="2025-06-01"), "does not vary"),
    (lambda: ts.Vary("geneva", on=SUMMER), "not a change"),
    (lambda: ts.Uniform("2025-06-01", "25%"), "different kinds"),
    (lambda: ts.Uniform("60%", "10%"), "not in order"),
    (lambda: ts.Choice({"10%": 0.5, "20%": 0.4}), "do not sum to 1"),
    (lambda: ts.ensemble(_case(), 3, seed=1, on=DAYS, sample=[
        ts.Fork(name="f", branches={"a": (1.0, [])})]), "add it to the scenario"),
    (lambda: ts.ensemble(_case(), 3, seed=-1, on=DAYS, sample=[]), "not a seed"),
])
def test_what_cannot_vary_is_refused(made: Any, said: str) -> None:
    """A field that does not exist, bounds that are no bounds, odds that are none: each says so."""
    with pytest.raises(ts.TradescenError, match=said):
        made()
