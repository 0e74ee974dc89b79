"""The library agrees with a naive day-by-day replay on every day, origin, line and measure."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, note

from tests.laws import oracle
from tests.laws.common import LINES, alike, days, grid, importers, origins
from tradescen import Scenario, testing

# The oracle writes the line of all other goods as a code no measure names.
WINDOW = days()


def check(scenario: Scenario, window: list[Any] = WINDOW) -> None:
    """Contributions and rates of a scenario are those of the oracle.

    Days on which the oracle's world is that of the day before are stacked once.
    """
    timeline = scenario.fold()
    worlds = oracle.cells_on(scenario.schedule, scenario.changes, window, LINES)
    importer_of = {n: m.scope.importer for n, m in timeline.measures.items()}
    plan = scenario.schedule.plan
    for importer in importers(timeline):
        got = grid(timeline, importer)
        program = got.program
        index = np.searchsorted(np.array(program.cuts[:-1], dtype="datetime64[D]"),
                                np.array(window, dtype="datetime64[D]"), side="right") - 1
        places = {(r.measure, r.group): got.contribution(r)[got.class_of] for r in program.rows}
        rate = got.rate[got.class_of]
        additional = got.additional[got.class_of]
        base = set(plan.base)
        for e, origin in enumerate(origins(importer)):
            done, stacked = set(), dict[Any, dict[str, float]]()
            for day, t in zip(window, index, strict=True):
                one = oracle.atom(origin, day)
                if (id(worlds[day]), one, t) in done:
                    continue
                done.add((id(worlds[day]), one, t))
                for k, line in enumerate(LINES):
                    key = (one, line)
                    here = {n: c[key] for n, c in worlds[day].items()
                            if key in c and importer_of[n] == importer}
                    state = (line, *((n, id(h)) for n, h in here.items()))
                    if state not in stacked:
                        stacked[state] = oracle.stacked(
                            {n: {key: h} for n, h in here.items()}, plan, importer_of, importer,
                            key)
                    parts = stacked[state]
                    where = f"{importer} on {line or 'the rest'} from {origin}, {day}"
                    for (name, group), values in places.items():
                        want = parts.get(name, 0.0) if (
                            name in here and here[name].group == group) else 0.0
                        have = float(values[k, e, t])
                        assert alike(have, want), f"{where}: {name} adds {have}, not {want}"
                    for name, want in parts.items():
                        if (name, here[name].group) not in places:
                            raise AssertionError(f"{where}: {name} is missing ({want})")
                    total = sum(parts.values())
                    more = sum(v for n, v in parts.items() if here[n].group not in base)
                    assert alike(float(rate[k, e, t]), total), f"{where}: the rate"
                    assert alike(float(additional[k, e, t]), more), f"{where}: the additional rate"


@given(testing.scenarios())
def test_library_agrees_with_the_oracle(scenario: Scenario) -> None:
    """Every contribution and every rate on every day is what the design's text gives."""
    for change in scenario.changes:
        note(f"{change!r} {getattr(change, 'target', '')} {getattr(change, 'until', '')}")
    check(scenario)
