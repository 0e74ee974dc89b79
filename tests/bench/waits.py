"""How long a user waits, in fresh processes.

Prints the median and range over some runs of the wall time of each piece of work, less the wall
time of a bare interpreter, and the bound it should stay under.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

WORK = {
    "import tradescen": ("import tradescen", 0.05),
    "load the record": ("import tradescen; tradescen.load('us-china')", 0.5),
    "run november-1": (
        "import sys; sys.argv = ['tradescen', 'run', 'november-1']; "
        "from tradescen.cli import main; main()", 3.0),
}


def _wall(code: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    return time.perf_counter() - start


def main(runs: int) -> None:
    """Measure and print."""
    bare = statistics.median(_wall("pass") for _ in range(runs))
    print(f"bare interpreter {bare * 1e3:.0f} ms; {runs} runs each, fresh processes")
    print(f"{'work':<20}{'median':>9}{'least':>9}{'most':>9}{'bound':>9}")
    for name, (code, bound) in WORK.items():
        _wall(code)  # once to warm the disk
        took = sorted(_wall(code) - bare for _ in range(runs))
        print(f"{name:<20}" + "".join(
            f"{t:8.3f}s" for t in (statistics.median(took), took[0], took[-1], bound)))
