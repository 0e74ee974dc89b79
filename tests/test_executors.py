"""One ensemble to the last bit, whatever runs it: this thread, threads, new processes, Dask.

The draws hold a rule, a fork and verbs, so that all of them travel to the workers.
"""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

import tradescen as ts

DAYS = ["2025-05-20", "2025-07-15", "2025-10-01"]
DRAWS = 60


def case() -> ts.Scenario:
    """A duty of 34 % under a truce, a mirror on the other side, and a fork with odds."""
    both = {"USA": "CHN", "CHN": "USA"}
    return ts.Scenario(
        name="case",
        schedule=ts.TariffSchedule(
            measures=[ts.Measure(id=f"mfn-{i}", authority="MFN", group="mfn", duty="4%",
                                 scope=ts.Scope(importer=i)) for i in both],
            plan=ts.StackPlan(groups=["mfn", "extra"])),
        changes=[
            ts.Impose(measure=ts.Measure(id="ex", authority="E", group="extra", duty="34%",
                                         scope=ts.Scope(importer="USA", exporters="CHN")),
                      enacted="2025-04-01", effective="2025-04-05"),
            ts.Truce(id="pause", parties=("USA", "CHN"), start="2025-05-14", until="2025-12-31",
                     suspends={"ex": "10%"}),
            ts.Retaliation(id="cn", by="CHN", against="USA", lag=2, start="2025-05-01", cap="60%"),
            ts.Fork(name="talks", branches={
                "hold": (0.7, []), "raise": (0.3, [ts.EscalationStep(
                    id="more", target="ex", add="10pp", effective="2025-06-01")])}),
        ],
        weights=ts.Weights(name="w", year=2024, values={
            pair: {"9503": 1.0} for pair in both.items()}),
    )


def sample(rng: np.random.Generator) -> list[Any]:
    """The truce breaks on a day of the summer; a step of random size follows."""
    day = date(2025, 6, 1) + timedelta(days=int(rng.integers(0, 100)))
    return [ts.Collapse(id="pause", on=day),
            ts.EscalationStep(id="up", target="ex", add=round(float(rng.uniform(0, 0.5)), 4),
                              effective=day)]


def run(executor: Any = None) -> ts.Ensemble:
    """The ensemble on an executor; chunks of it go to its workers."""
    return ts.ensemble(case(), DRAWS, sample=sample, seed=11, on=DAYS, executor=executor)


@pytest.fixture(name="serial", scope="module")
def _serial() -> ts.Ensemble:
    got = run()
    assert len(np.unique(got.rates[:, 1, 2])) > 20  # the draws are unlike each other
    return got


def same(a: ts.Ensemble, b: ts.Ensemble) -> bool:
    """Equal to the last bit, in the same order."""
    return a.pairs == b.pairs and all(
        x.tobytes() == y.tobytes()
        for x, y in ((a.rates, b.rates), (a.additional, b.additional)))


def test_threads(serial: ts.Ensemble) -> None:
    """Threads share all memoised work and still come to the same."""
    with ThreadPoolExecutor(2) as executor:
        assert same(serial, run(executor))


def test_new_processes(serial: ts.Ensemble) -> None:
    """Spawned processes, which share nothing and hash text otherwise, come to the same."""
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as executor:
        assert same(serial, run(executor))


@pytest.mark.parametrize("processes", [
    False, pytest.param(True, marks=pytest.mark.slow)], ids=["threads", "processes"])
def test_dask(serial: ts.Ensemble, processes: bool) -> None:
    """Dask's executor runs the draws, on its threads or in its worker processes."""
    pytest.importorskip("distributed", reason="needs dask[distributed], of the extra dev")
    from distributed import Client, LocalCluster

    with (LocalCluster(n_workers=2, threads_per_worker=1, processes=processes,
                       dashboard_address=None) as cluster,
          Client(cluster) as client, client.get_executor() as executor):
        assert same(serial, run(executor))
