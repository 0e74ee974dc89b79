"""Ensembles: reproducible draws, whatever runs them."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

import tradescen as ts


def _case() -> ts.Scenario:
    """A duty of 34 %, held at 10 % by a truce to the end of 2025."""
    return ts.Scenario(
        name="case",
        schedule=ts.TariffSchedule(
            measures=[ts.Measure(id="mfn", authority="MFN", group="mfn", duty={"9503": "4%"},
                                 scope=ts.Scope(importer="USA"))],
            plan=ts.StackPlan(groups=["mfn", "extra"]),
        ),
        changes=[
            ts.Impose(measure=ts.Measure(id="ex", authority="E", group="extra", duty="34%",
                                         scope=ts.Scope(importer="USA", exporters="CHN")),
                      enacted="2025-04-01", effective="2025-04-05"),
            ts.Truce(id="pause", parties=("USA", "CHN"), start="2025-05-14",
                     until="2025-12-31", suspends={"ex": "10%"}),
        ],
        weights=ts.Weights(name="w", year=2024, values={("USA", "CHN"): {"9503": 1.0}}),
    )


def sample(rng: np.random.Generator) -> list[Any]:
    """The truce collapses on a random day of the summer; then a step of random size follows."""
    day = date(2025, 6, 1) + timedelta(days=int(rng.integers(0, 100)))
    step = round(float(rng.uniform(0, 0.5)), 4)
    return [ts.Collapse(id="pause", on=day),
            ts.EscalationStep(id="up", target="ex", add=step, effective=day)]


DAYS = ["2025-05-20", "2025-07-15", "2025-10-01"]


def test_draws_are_the_same_whatever_runs_them() -> None:
    """Serial, threads and processes give the same numbers to the last bit; another seed not."""
    case = _case()
    serial = ts.ensemble(case, 120, sample=sample, seed=7, on=DAYS)
    with ThreadPoolExecutor(2) as threads, ProcessPoolExecutor(2) as processes:
        for executor in (threads, processes):
            other = ts.ensemble(case, 120, sample=sample, seed=7, on=DAYS, executor=executor)
            assert np.array_equal(serial.rates, other.rates)
    assert not np.array_equal(
        serial.rates, ts.ensemble(case, 120, sample=sample, seed=8, on=DAYS).rates)
    fewer = ts.ensemble(case, 30, sample=sample, seed=7, on=DAYS)
    assert np.array_equal(serial.rates[:30], fewer.rates)


def test_the_distribution_is_that_of_what_was_drawn() -> None:
    """Before the summer all draws agree; after it they hold the duty and the random step."""
    seen: list[int] = []
    result = ts.ensemble(_case(), 150, sample=sample, seed=1, on=DAYS, progress=seen.append)
    assert seen == [50, 100, 150]
    before, _, after = result.rates[:, 0, :].T
    assert np.allclose(before, 0.14)
    assert after.min() >= 0.38
    assert after.max() <= 0.88
    table = result.quantiles((0.0, 0.5, 1.0))
    late = table[table["date"] == "2025-10-01"]["rate"].tolist()
    assert late == [after.min(), np.sort(after)[74], after.max()]
    assert len(result.frame()) == 150 * 3
    mean = result.mean()
    row = mean[mean["date"] == "2025-10-01"].iloc[0]
    assert abs(row["rate"] - after.mean()) < 1e-12
    assert abs(row["rate"] - (0.38 + 0.25)) < 5 * row["error"] + 0.03


def test_branches_are_drawn_by_their_odds() -> None:
    """At a fork the share of draws that go a way nears its odds."""
    fork = ts.Fork(name="f", branches={"hold": (0.75, []),
                                       "lapse": (0.25, [ts.Collapse(id="pause",
                                                                    on="2025-06-01")])})
    result = ts.ensemble(_case().then(fork), 400, sample=lambda rng: [], seed=3, on="2025-07-01")
    share = (result.rates[:, 0, 0] > 0.3).mean()
    assert abs(share - 0.25) < 0.08


def test_one_change_that_varies_needs_no_list() -> None:
    """A single change stands for a list of one."""
    one = ts.Vary(ts.Collapse(id="pause", on="2025-08-01"),
                  on=ts.Uniform("2025-06-01", "2025-11-30"))
    alone = ts.ensemble(_case(), 20, sample=one, seed=3, on=DAYS)
    assert np.array_equal(alone.rates, ts.ensemble(_case(), 20, sample=[one], seed=3,
                                                   on=DAYS).rates)


def test_bad_calls_are_refused() -> None:
    """No draws, no days and forks without odds are refused with the way out."""
    with pytest.raises(ts.InvalidValue, match="draws=0"):
        ts.ensemble(_case(), 0, sample=sample, seed=1, on=DAYS)
    with pytest.raises(ts.InvalidValue, match="names no day"):
        ts.ensemble(_case(), 5, sample=sample, seed=1, on=[])
    with pytest.raises(ts.MissingData, match="odds"):
        ts.ensemble(_case().then(ts.Fork(name="f", branches={"a": [], "b": []})), 5,
                    sample=sample, seed=1, on=DAYS)
