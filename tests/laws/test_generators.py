"""The strategies make what is interesting common, and make nothing that cannot hold."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.laws.common import END, START
from tradescen import Amend, Measure, Scenario, Suspend, Terminate, Truce, testing
from tradescen.timeline.fold import Timeline

DRAWS = 200


def related(scenario: Scenario, timeline: Timeline, relation: str) -> bool:
    """Whether a measure in force stands in a group that yields or tops up while one does in a
    group it looks at."""
    for group in scenario.schedule.plan.groups:
        looked_at = set(getattr(group, relation))
        for one in timeline.spells:
            if one.group == group.name and any(
                other.group in looked_at and other.importer == one.importer
                and other.exporters & one.exporters and other.products & one.products
                and other.start < (one.end or dt.date.max)
                and one.start < (other.end or dt.date.max)
                for other in timeline.spells
            ):
                return True
    return False


def nested(timeline: Timeline) -> bool:
    """Whether one suspension takes over from another and leaves to it again, or the other way."""
    spells = [s for s in timeline.spells if s.status == "suspended"]
    return any(
        one.measure == other.measure and one.end == other.start
        and one.because[-1] != other.because[-1]
        and one.exporters & other.exporters and one.products & other.products
        for one in spells for other in spells
    )


def features(scenario: Scenario) -> set[str]:
    """What is interesting about a scenario, by what it comes to and not by what was drawn."""
    timeline = scenario.fold()
    out = {name for name in ("yields", "floors") if related(scenario, timeline, name)}
    acts = [a for a in scenario.plain() if isinstance(a, (Amend, Suspend, Terminate))]
    if any(not a.only.everything and a.cause is None for a in acts):
        out.add("partial acts")
    if nested(timeline):
        out.add("nested suspensions")
    if any(isinstance(c, Truce) for c in scenario.changes):
        out.add("truces")
    if any(a.enacted is None for a in scenario.plain()):
        out.add("threats")
    if any(s.exporters.cuts() for s in timeline.spells):
        out.add("dated origins")
    return out


def count(strategy: st.SearchStrategy[Any], what: Any, draws: int = DRAWS) -> Counter[str]:
    """How many of many drawn values have each feature."""
    found: Counter[str] = Counter()

    @settings(max_examples=draws, phases=[Phase.generate], database=None, deadline=None,
              derandomize=True, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def look(value: Any) -> None:
        found.update({*what(value), "all"})

    look()
    return found


def test_interesting_cases_are_common() -> None:
    """Floors, yields, partial acts and nested suspensions each stand in 30 % of examples."""
    found = count(testing.scenarios(), features)
    often = ("floors", "yields", "partial acts", "nested suspensions")
    some = ("truces", "threats", "dated origins")
    share = {name: found[name] / found["all"] for name in (*often, *some)}
    assert not {n: share[n] for n in often if share[n] < 0.3}
    assert not {n: share[n] for n in some if share[n] < 0.15}


def test_every_kind_of_act_is_drawn() -> None:
    """Sequences of acts hold each of the five, and most hold several."""
    kinds = count(testing.schedules().flatmap(testing.acts),
                  lambda acts: {type(a).__name__ for a in acts})
    for name in ("Impose", "Amend", "Suspend", "Terminate", "Reschedule"):
        assert kinds[name] > 0.1 * kinds["all"], name


@given(testing.schedules().flatmap(lambda law: st.tuples(st.just(law), testing.acts(law))))
def test_acts_hold_together(pair: Any) -> None:
    """A drawn sequence of acts makes a scenario as it stands."""
    law, acts = pair
    assert len(Scenario(schedule=law, changes=acts).plain()) == len(acts)


@given(testing.scenarios(), st.data())
def test_truces_always_find_something(scenario: Scenario, data: st.DataObject) -> None:
    """A drawn truce can be added to any scenario over the schedule it was drawn for."""
    truce = data.draw(testing.truces(scenario.schedule))
    assert scenario.then(truce).changes != scenario.changes


@given(testing.periods(), testing.days(), testing.hs_codes(), testing.measures())
def test_small_universe(period: Any, day: dt.date, code: str, measure: Measure) -> None:
    """Days, codes and importers stay within the universe that is told."""
    assert testing.FIRST <= day <= testing.LAST
    assert testing.FIRST <= period.start <= testing.LAST
    assert code in testing.CODES
    assert measure.scope.importer in testing.IMPORTERS
    assert START < testing.FIRST < testing.LAST < END


def test_helpers_find_what_differs() -> None:
    """``assert_rates_equal`` names the row and day of the first difference, unknowns included."""
    import pandas as pd

    rows = {"importer": ["USA"] * 2, "exporter": ["CHN"] * 2, "product": ["72"] * 2,
            "rate": [0.1, float("nan")]}
    times = pd.to_datetime(["2020-01-01", "2020-02-01", "2020-03-01"])
    frame = pd.DataFrame({**rows, "start": times[:2], "end": times[1:]})
    testing.assert_rates_equal(frame, frame.copy())
    near = frame.assign(rate=[0.1 + 1e-13, float("nan")])
    testing.assert_rates_equal(frame, near)
    for other in ([0.1 + 1e-11, float("nan")], [0.1, 0.0], [float("nan")] * 2):
        with pytest.raises(AssertionError, match="rate is"):
            testing.assert_rates_equal(frame, frame.assign(rate=other))
    with pytest.raises(AssertionError, match="different rows"):
        testing.assert_rates_equal(frame, frame.assign(product="73"))
    with pytest.raises(AssertionError, match="no row"):
        testing.assert_rates_equal(frame, frame[:1])
    daily = pd.DataFrame({**rows, "date": times[:2]})
    testing.assert_rates_equal(frame, daily)
    with pytest.raises(AssertionError, match="rate is"):
        testing.assert_rates_equal(daily.assign(rate=[0.2, float("nan")]), frame)
