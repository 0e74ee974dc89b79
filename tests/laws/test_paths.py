"""Averages over many paths: summed at once they are what each path gives by itself."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
import pytest
from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.laws.common import DAY, END, START, few, same
from tradescen import Fork, Result, Scenario, TariffSchedule, Weights, simulate, testing
from tradescen.frames import averages
from tradescen.testing import values as v
from tradescen.testing.moves import moves_over
from tradescen.testing.writer import Writer

DAYS = testing.days(START, END - DAY)
COLUMNS = ["rate", "additional_rate", "weight_usd", "known_share", "additional_known_share"]
KEYS = [("importer", "exporter"), ("exporter", "HS4"), ("HS2",), ("section", "importer"), ()]


@st.composite
def forked(draw: st.DrawFn, schedule: TariffSchedule | None = None) -> Scenario:
    """A scenario that goes on in one to three ways, each with acts of its own."""
    law = schedule or draw(v.schedules())
    some = moves_over(v.measures(plan=law.plan))
    head = draw(some)
    common = Writer(law).write(head)
    odds = draw(st.sampled_from(((0.25, 0.75), (0.5, 0.2, 0.3), (1.0,))))
    branches = {
        f"way {n}": (p, Writer(law).write([*head, *draw(some)])[len(common):])
        for n, p in enumerate(odds)
    }
    return Scenario(name="forked", schedule=law,
                    changes=(*common, Fork(name="f", branches=branches)))


AMOUNTS = st.integers(0, 5).map(float)


@st.composite
def weighed(draw: st.DrawFn) -> Result:
    """A forked scenario over the window, for one or two importers, and trade with each."""
    scenario = draw(forked())
    sides = draw(st.sampled_from((["USA"], ["USA", "CHN"])))
    codes = st.dictionaries(st.sampled_from(testing.CODES), AMOUNTS, min_size=1, max_size=5)
    values = {(i, e): draw(codes) for i in sides for e in ("CHN", "DEU", "GBR", "USA") if e != i}
    return simulate(scenario, start=START, end=END, importers=sides,
                    exporters=["CHN", "DEU", "GBR", "USA"],
                    weights=Weights(name="w", year=2019, values=values))


def by_path(result: Result, **options: Any) -> pd.DataFrame:
    """The same table, each path laid out on lines by itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(averages, "together", lambda runs: False)
        return result.average(**options)


@few
@given(weighed(), st.data())
def test_at_once_is_path_by_path(result: Result, data: st.DataObject) -> None:
    """Whatever is asked for, the table summed at once for all paths is the table of each path
    laid out on its lines: same rows in the same order, same numbers, unknown where unknown."""
    when: dict[str, Any] = data.draw(st.sampled_from((
        {}, {"freq": "MS"}, {"freq": "MS", "how": "mean"}, {"freq": "YS"},
        {"on": data.draw(st.lists(DAYS, min_size=1, max_size=3))})))
    options: dict[str, Any] = {
        **when, "by": data.draw(st.sampled_from(KEYS)),
        "over": data.draw(st.sampled_from(("known", "all"))),
        "average": data.draw(st.sampled_from(("trade", "simple"))),
        "within": data.draw(st.none() | st.sampled_from(testing.CODES)),
    }
    ours, theirs = result.average(**options), by_path(result, **options)
    assert list(ours.columns) == list(theirs.columns)
    numbers = [c for c in COLUMNS if c in ours]
    if when:  # intervals may be cut where sums differ by their last bit
        pd.testing.assert_frame_equal(ours.drop(columns=numbers), theirs.drop(columns=numbers),
                                      check_dtype=False)
        assert same(ours[numbers].to_numpy(dtype=float), theirs[numbers].to_numpy(dtype=float))
    else:
        names = ["path", *options["by"]]
        for day in (START, START + 40 * DAY, END - DAY):
            stamp = pd.Timestamp(day)
            one, other = (
                f[(f["start"] <= stamp) & (stamp < f["end"])].set_index(names)[numbers]
                for f in (ours, theirs))
            assert list(one.index) == list(other.index)
            assert same(one.to_numpy(dtype=float), other.to_numpy(dtype=float))


@few
@given(forked(), st.data())
def test_an_average_is_the_sum_over_lines_of_each_path(scenario: Scenario,
                                                       data: st.DataObject) -> None:
    """Σ value × rate over what is known, by that value, of the rates each path bears by line."""
    window: dict[str, Any] = {"start": START, "end": END, "importers": ["USA", "CHN"],
                              "exporters": ["CHN", "DEU", "GBR", "USA"]}
    lines = simulate(scenario, **window).runs[0].lines
    leaves = {i: [c for c in one.codes if c and len(one.under(c)) == 1]
              for i, one in lines.items()}
    assume(all(leaves.values()))
    values = {
        (i, e): data.draw(st.dictionaries(st.sampled_from(leaves[i]), AMOUNTS, min_size=1))
        for i in lines for e in window["exporters"] if e != i}
    result = simulate(scenario, weights=Weights(name="w", year=2019, values=values), **window)
    day, by = data.draw(DAYS), data.draw(st.sampled_from(KEYS[:3]))
    frame = result.average(on=day, by=by)
    table = result.rates(on=day, products=sorted({c for one in leaves.values() for c in one}))
    rate_of = table.set_index(["path", "importer", "exporter", "asked"])["rate"].to_dict()
    for path in (r.path for r in result.runs):
        sums: dict[tuple[str, ...], list[float]] = {}
        for (importer, exporter), held in values.items():
            for code, amount in held.items():
                said = {"importer": importer, "exporter": exporter,
                        "HS2": code[:2], "HS4": code[:4]}
                into = sums.setdefault(tuple(said[k] for k in by), [0.0, 0.0, 0.0])
                rate = rate_of[path, importer, exporter, code]
                known = not np.isnan(rate)
                for n, more in enumerate((amount, amount * known, amount * rate if known else 0)):
                    into[n] += more
        rows = frame[frame["path"] == path].to_dict("records")
        assert {tuple(r[k] for k in by) for r in rows} == set(sums)
        for row in rows:
            total, known_value, summed = sums[tuple(row[k] for k in by)]
            assert same(row["weight_usd"], total)
            assert same(row["rate"], summed / known_value if known_value else np.nan)
            assert same(row["known_share"], known_value / total if total else np.nan)


@few
@given(weighed(), DAYS)
def test_the_expected_rate_is_the_sum_over_paths(result: Result, day: Any) -> None:
    """``expected`` is Σ odds × rate of the paths, and unknown where one of them is."""
    frame = result.expected(on=day)
    paths = result.bilateral(on=day)
    for row in frame.to_dict("records"):
        here = paths[(paths["importer"] == row["importer"])
                     & (paths["exporter"] == row["exporter"])]
        assert same(here["probability"].sum(), 1.0)
        for name in ("rate", "additional_rate"):
            assert same(row[name], (here["probability"] * here[name]).sum(skipna=False))
    assert len(frame) == len(paths) / len(result.runs)


@few
@given(forked(), st.data())
def test_what_is_kept_of_a_law_changes_no_fold(one: Scenario, data: st.DataObject) -> None:
    """Measures worked out once for a law are taken again, also by threads side by side, and
    every path holds what it holds over the same law looked at for the first time."""
    law = one.schedule
    paths = [*one.paths(), *data.draw(forked(law)).paths()]
    with ThreadPoolExecutor(3) as threads:
        held = list(threads.map(lambda p: p.fold(), paths * 2))
    for path, again, timeline in zip(paths * 2, (p.fold() for p in paths * 2), held, strict=True):
        fresh = evolve(path, schedule=evolve(path.schedule)).fold()
        assert timeline.spells == again.spells == fresh.spells
        assert timeline.overtaken == again.overtaken == fresh.overtaken
        assert timeline.notes == again.notes == fresh.notes


@few
@given(weighed(), DAYS)
def test_a_result_that_was_sent_elsewhere_says_the_same(result: Result, day: Any) -> None:
    """What is worked out is known by the identity of objects, so a copy begins without it."""
    before = result.average(on=day)
    sent = pickle.loads(pickle.dumps(result))
    assert all(not lines.worked_out for lines in sent.runs[0].lines.values())
    assert all(not r.timeline.schedule.worked_out for r in sent.runs)
    pd.testing.assert_frame_equal(sent.average(on=day), before)
