"""Many futures of the packaged record: paths enumerated, and draws of days, rates and branches."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import tradescen as ts
from tradescen import patterns
from tradescen.futures import Futures

DAYS = ["2026-06-01", "2026-12-01"]
WINDOW = {"start": "2025-10-01", "end": "2026-12-31"}


def _extra(n: int, goods: tuple[str, ...], effective: str) -> ts.Impose:
    """A further duty of the United States (even *n*) or of China."""
    by, of, group = ("USA", "CHN", "threat") if n % 2 == 0 else ("CHN", "USA", "cn-2025")
    return ts.Impose(
        announced="2025-10-24", enacted="2025-10-24", effective=effective,
        measure=ts.Measure(id=f"extra-{n}", authority="assumed", group=group, duty=f"{n + 1}%",
                           scope=ts.Scope(importer=by, exporters=of, products=goods),
                           source="assumed"))


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    gc.collect()
    start = time.process_time()
    made = work()
    return time.process_time() - start, made


def paths(eve: ts.Scenario) -> None:
    """1,024 paths, each with a fold of its own, averaged in both directions on two days."""
    forks = [
        ts.Fork(name="threat", branches={"no": (0.5, []),
                                         "law": (0.5, [ts.Enact(id="us-threat-100")])}),
        ts.Fork(name="truce", branches={
            "holds": (0.5, []), "breaks": (0.5, [ts.Collapse(id="geneva", on="2025-11-05")])}),
        *(ts.Fork(name=f"f{n}", branches={
            "a": (0.5, []),
            "b": (0.5, [_extra(n, ("85", "8541.43", str(n + 28)), f"2026-0{n + 1}-01")])})
          for n in range(8)),
    ]
    took, tree = _timed(lambda: eve.then(*forks, name="tree"))
    ran, result = _timed(lambda: tree.run(**WINDOW))
    meant, frame = _timed(lambda: result.average(on=DAYS))
    expected, _ = _timed(lambda: result.expected(on=DAYS))
    assert len(frame) == 1024 * 4
    print(f"1,024 paths: folded {ran:.2f} s and averaged {meant:.2f} s, together "
          f"{ran + meant:.2f} s (≤ 2 s); expected rates {expected:.2f} s; before that the forks "
          f"were opened, each verb tried on its path, in {took:.2f} s")


def draws(eve: ts.Scenario, n: int = 10_000) -> None:
    """Draws with three random days, ten random rates and two forks, on two days."""
    base = eve.then(
        ts.Fork(name="threat", branches={"no": (0.5, []),
                                         "law": (0.5, [ts.Enact(id="us-threat-100")])}),
        ts.Fork(name="talks", branches={
            "hold": (0.6, [ts.Extend(id="geneva", until="2026-11-10")]), "fail": (0.4, [])}),
        name="base")
    sample = [
        *(ts.Vary(_extra(k, ("90", str(k + 38)), "2026-01-01"),
                  effective=ts.Uniform("2025-11-15", "2026-06-30")) for k in (20, 21, 22)),
        *(ts.Vary(_extra(k, ("85", "8541.43", str(k + 28)), "2026-01-01"),
                  duty=ts.Uniform("5%", "60%")) for k in range(10)),
    ]
    folding: list[float] = []
    own = Futures.timeline

    def counted(self: Futures, *given: Any) -> Any:
        took, made = _timed_alone(lambda: own(self, *given))
        folding.append(took)
        return made

    Futures.timeline = counted  # type: ignore[method-assign]
    summing: list[float] = []
    averages = patterns._averages

    def weighed(*given: Any) -> Any:
        took, made = _timed_alone(lambda: averages(*given))
        summing.append(took)
        return made

    patterns._averages = weighed
    try:
        took, drawn = _timed(lambda: ts.ensemble(base, n, sample=sample, seed=1, on=DAYS))
    finally:
        Futures.timeline, patterns._averages = own, averages  # type: ignore[method-assign]
    assert np.isfinite(drawn.rates).all()
    print(f"{n:,} draws: {took:.2f} s in all, of which {len(folding)} patterns folded "
          f"{sum(folding):.2f} s and, once they are lowered, draws summed {sum(summing):.2f} s "
          "(≤ 1 s)")


def _timed_alone(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.process_time()
    made = work()
    return time.process_time() - start, made


def main() -> None:
    """Measure and print; processor times, one thread."""
    eve = ts.load("us-china").as_known("2025-10-24")
    paths(eve)
    paths(eve)
    draws(eve)
    draws(eve)
