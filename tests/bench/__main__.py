"""Benchmarks at the size of the largest public tracker. Usage: python -m tests.bench [PART …]

Parts: ``engine`` (against pandas and numpy as an analyst would write them, in the same run),
``curves`` (how time grows with lines, partners, measures, revisions, draws), ``waits`` (start-up,
in fresh processes), ``futures`` (a thousand paths and ten thousand draws over the packaged record).
Without any: ``engine`` and ``curves``. One thread throughout.
"""

from __future__ import annotations

import argparse
import os
import sys

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
TUNED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")  # would name another processor than this one


def main() -> None:
    """Measure what was asked for and print it."""
    ask = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__.split("\n")[0])
    ask.add_argument("parts", nargs="*", metavar="PART", help="engine, curves, waits, futures")
    ask.add_argument("--runs", type=int, default=7, help="of each measurement (7)")
    ask.add_argument("--seed", type=int, default=1, help="of what is synthetic (1)")
    ask.add_argument("--no-pandas", action="store_true", help="leave out the slowest baseline")
    given = ask.parse_args()
    if any(v in os.environ for v in TUNED) or any(os.environ.get(v) != "1" for v in THREADS):
        # Read by the linear algebra when it is loaded, so a process of its own.
        fresh = {k: v for k, v in os.environ.items() if k not in TUNED}
        os.execve(sys.executable, [sys.executable, "-m", "tests.bench", *sys.argv[1:]],
                  {**fresh, **dict.fromkeys(THREADS, "1")})
    parts = given.parts or ["engine", "curves"]
    if unknown := set(parts) - {"engine", "curves", "waits", "futures"}:
        ask.error(f"no such part: {', '.join(sorted(unknown))}")
    if "waits" in parts:
        from tests.bench.waits import main as waits

        waits(given.runs)
    if "futures" in parts:
        from tests.bench.many_futures import main as futures

        futures()
    if set(parts) & {"engine", "curves"}:
        from tests.bench.speed import run

        run(parts, given.runs, given.seed, not given.no_pandas)


if __name__ == "__main__":
    main()
