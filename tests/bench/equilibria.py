"""How long equilibria take, beside a textbook implementation, scipy and gegravity.

Usage: python -m tests.bench.equilibria [RUNS]

All contenders of a table run in one go, in turn, so that ratios hold on a busy machine; times are
the least CPU time (and wall time) over RUNS (5). Set GEGRAVITY_PYTHON to an interpreter that has
gegravity; without it, and without ``../shared``, what needs them is left out with a word.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import tradescen as ts
from tests.bench.textbook import nested, one_sector_residual
from tests.effects.worlds import nafta, random_world

E = ts.effects
HERE = Path(__file__).resolve().parent
SHARED = HERE.parents[2] / "shared" / "data"


def clock(work: Callable[[], Any], runs: int) -> tuple[float, float, Any]:
    """(least CPU seconds, least wall seconds, the answer)."""
    cpu, wall, out = [], [], None
    for _ in range(runs):
        a, b = time.perf_counter(), time.process_time()
        out = work()
        cpu.append(time.process_time() - b)
        wall.append(time.perf_counter() - a)
    return min(cpu), min(wall), out


def line(what: str, cpu: float, wall: float, bound: str = "") -> None:
    """One row of the table."""
    print(f"  {what:<58}{cpu * 1e3:10.2f}{wall * 1e3:10.2f}  {bound}")


def world_194(runs: int) -> None:
    """The packaged world under +100 % between two countries, every closure."""
    data = E.world_data()
    old = data.no_rates()
    new = E.revise(old, pd.DataFrame({"importer": ["USA", "CHN"], "exporter": ["CHN", "USA"],
                                      "rate": [1.43, 1.33]}))
    print("one sector, 194 economies (ms: CPU, wall)")
    for name, closure in {
        "lump sum": E.Closure(),
        "income tax, labour elasticity 0.5": E.Closure(rebate="income_tax", labour_elasticity=0.5),
        "half of output spent on inputs": E.Closure(),
    }.items():
        made = E.world_data(value_added_share=0.5) if "inputs" in name else data
        base = E.baseline(made, old, closure=closure)
        rates = E.Rates.of(data, new)
        cpu, wall, got = clock(lambda b=base, r=rates: b.solve(r), runs)
        line(f"tradescen, {name}: {got.iterations} its, residual {got.residual:.0e}", cpu, wall,
             "bound 30")
    base = E.baseline(data, old)
    ours, _, got = clock(lambda: base.solve(rates), runs)
    cpu, wall, _ = clock(lambda: E.solve_ge(data, old, new), runs)
    line("tradescen, both frames read anew", cpu, wall)
    world = base.world
    residual, start, real = one_sector_residual(world.flows[0], world.tax[0], 1 + rates.values[0],
                                                float(world.theta[0]), world.deficit)
    try:
        from scipy.optimize import fsolve
    except ImportError:
        print("  scipy is not installed: fsolve left out")
    else:
        cpu, wall, z = clock(lambda: fsolve(residual, start, xtol=1e-10), 1)
        gap = np.abs(real(z) - np.log1p(got.welfare.to_numpy())).max()
        line(f"scipy fsolve on the same equations (differs by {gap:.0e})", cpu, wall)
        print(f"  ratio to fsolve: {cpu / ours:.0f} (bound 10)")


def small(runs: int) -> None:
    """A made-up world small enough for the textbook."""
    data, old, new = random_world(3, countries=30, sectors=4, linked=True)
    base = E.baseline(data, old)
    print("30 countries, 4 sectors, made up (ms: CPU, wall)")
    beside_textbook(base, new, clock(lambda: base.solve(new), runs))


def beside_textbook(base: Any, rates: Any, ours: tuple[float, float, Any]) -> None:
    """Ours and the textbook on one problem, and how far the answers are apart."""
    world, (cpu, wall, got) = base.world, ours
    line(f"tradescen: {got.iterations} its, residual {got.residual:.0e}", cpu, wall)
    slow, long, out = clock(lambda: nested(
        world.flows, world.tax, 1 + rates.values, world.vashare, world.inputs, world.theta,
        world.final, world.deficit, tol=1e-6, move=0.3), 1)
    gap = np.abs(out[0] - np.log1p(got.welfare.to_numpy())).max()
    line(f"textbook loops to 1e-6, {out[1]} its (differs by {gap:.0e})", slow, long)
    print(f"  ratio to the textbook: {slow / cpu:.0f}")


def nafta_31(runs: int) -> None:
    """Caliendo and Parro's NAFTA, 31 countries and 40 sectors."""
    if not SHARED.is_dir():
        print("31 countries, 40 sectors: left out, its data are not beside this checkout")
        return
    data, old, new = nafta(SHARED / "cp2015_nafta")
    base = E.baseline(data, old, closure=E.Closure(deficits="zero"))
    rates = E.Rates.of(data, new)
    print("31 countries, 40 sectors, input–output links (ms: CPU, wall)")
    ours = clock(lambda: base.solve(rates), runs)
    print(f"  bound 50: {ours[0] * 1e3:.1f}")
    beside_textbook(base, rates, ours)


def synthetic(runs: int) -> None:
    """A made-up world of the size of GTAP: 141 countries, 65 sectors."""
    data, old, new = random_world(7, countries=141, sectors=65, linked=True)
    base = E.baseline(data, old)
    print("141 countries, 65 sectors, made up (ms: CPU, wall)")
    cpu, wall, got = clock(lambda: base.solve(new), max(1, runs // 2))
    line(f"tradescen: {got.iterations} its, residual {got.residual:.0e}", cpu, wall, "bound 3000")


def gegravity(runs: int) -> None:
    """Canada and Japan agree on trade: the example of gegravity's documentation."""
    print("gegravity's own example, 30 countries (ms: CPU, wall)")
    python = os.environ.get("GEGRAVITY_PYTHON")
    sample = SHARED / "gegravity_sample_30x30_2006.csv"
    if not python or not sample.is_file():
        print("  left out: GEGRAVITY_PYTHON names no interpreter with gegravity, or the sample is "
              "not beside this checkout")
        return
    done = subprocess.run([python, str(HERE / "run_gegravity.py"), str(sample), "3"],
                          capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"  left out: {done.stderr.strip().splitlines()[-1]}")
        return
    theirs = json.loads(done.stdout.strip().splitlines()[-1])
    data, costs = fitted(pd.read_csv(sample))
    base = E.baseline(data, data.no_rates())
    rates = base.rates
    other = np.ones_like(data.flows)
    for row in costs.itertuples():
        other[0, data.countries.index(row.importer), data.countries.index(row.exporter)] = row.cost
    cpu, wall, got = clock(lambda: base.solve(rates, costs=other, tol=1e-8), 20 * runs)
    got = got.welfare
    line("gegravity simulate, experiment defined before, to 1e-8", min(theirs["cpu"]),
         min(theirs["wall"]))
    line("tradescen solve, rates and costs read before, to 1e-8", cpu, wall)
    whole, _, _ = clock(lambda: base.solve(rates, costs=costs).summary(), 5 * runs)
    line("tradescen to 1e-9, with the frame of costs read and the table made", whole, whole)
    print(f"  ratio to gegravity: {min(theirs['cpu']) / cpu:.0f} by CPU, "
          f"{min(theirs['wall']) / wall:.0f} by wall (bound 500)")
    key = next(k for k in theirs["results"] if "GDP" in k)
    both = {c: (theirs["results"][key][c], 100 * got[c]) for c in ("CAN", "JPN", "USA")}
    print("  change of real GDP, percent (theirs, ours): "
          + ", ".join(f"{c} {a:.3f}, {b:.3f}" for c, (a, b) in both.items()))


def fitted(sample: pd.DataFrame) -> tuple[Any, pd.DataFrame]:
    """The sample's world with trade as its gravity equation fits it, and the change of costs."""
    from tests.bench.coefficients import COEFFICIENTS, SIGMA

    log = sum(sample[k] * v for k, v in COEFFICIENTS.items())
    table = sample.assign(pull=np.exp(log)).pivot(index="importer", columns="exporter",
                                                  values="pull")
    output = sample.groupby("exporter")["Y"].first().reindex(table.columns).to_numpy(float)
    spending = sample.groupby("importer")["E"].first().reindex(table.index).to_numpy(float)
    spending = spending * output.sum() / spending.sum()
    flows = table.to_numpy()
    for _ in range(5000):  # both margins in turn, as the multilateral resistances do
        flows = flows * (spending / flows.sum(axis=1))[:, None]
        flows = flows * (output / flows.sum(axis=0))[None, :]
    names = list(table.index)
    frame = pd.DataFrame(flows, index=names, columns=names).rename_axis(
        index="importer", columns="exporter").stack().rename("value").reset_index()
    data = E.GEData.from_frames(frame, theta=SIGMA - 1, name="gegravity sample", year=2006)
    cost = float(np.exp(-COEFFICIENTS["pta"] / (SIGMA - 1)))
    return data, pd.DataFrame({"importer": ["CAN", "JPN"], "exporter": ["JPN", "CAN"],
                               "cost": [cost, cost]})


def main() -> None:
    """Measure and print."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    slow = [k for k in os.environ if k.startswith("OPENBLAS_")]
    if slow:
        print(f"beware: {', '.join(slow)} is set, which can make products of matrices slow")
    world_194(runs)
    small(runs)
    nafta_31(runs)
    synthetic(runs)
    gegravity(runs)


if __name__ == "__main__":
    main()
