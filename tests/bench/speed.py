"""The engine against baselines in one run, and how its time grows.

Each pair is measured in turns, so that a busy machine is busy for both. Times are processor
times, the least of the runs: what disturbs a run only ever adds to it.
"""

from __future__ import annotations

import datetime as dt
import gc
import io
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from typing import Any

import numpy as np
import pandas as pd
from attrs import frozen

from tests.bench.baselines import Dense, Flows, Frame, Plan
from tests.bench.tracker import END, START, Case, case, part, scenario
from tradescen.engine.exposure import Exposure, expose
from tradescen.engine.grid import Lines
from tradescen.engine.loads import Loads, loads
from tradescen.engine.lower import Columns, Program, lower_many
from tradescen.engine.panel import Panel, panel, settled
from tradescen.frames.panels import Rates

DAYS = 730
DRAWS, TIMED = 10_000, 20  # draws, and those of the baseline that are timed
WHEN = 30  # the revision shown alone
EXACT = 1e-12


def timed(*works: Callable[[], Any], runs: int) -> list[float]:
    """The least processor time of each piece of work, done in turns."""
    took: list[list[float]] = [[] for _ in works]
    for _ in range(runs):
        for n, work in enumerate(works):
            gc.collect()
            start = time.process_time()
            made = work()
            took[n].append(time.process_time() - start)
            del made
    return [min(t) for t in took]


def peak() -> float:
    """The most memory the process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def ms(seconds: float) -> str:
    if seconds >= 10:
        return f"{seconds:,.0f} s"
    if seconds < 1e-4:
        return f"{seconds * 1e6:,.1f} µs"
    return f"{seconds * 1e3:,.1f} ms" if seconds < 1 else f"{seconds:,.2f} s"


def row(what: str, ours: float, theirs: str, other: float | None, target: str, met: bool | None,
        ratio: str | None = None) -> None:
    """One line of the table."""
    if ratio is None and other is not None:
        ratio = f"{other / ours:,.0f} × faster" if other > ours else f"{ours / other:.1f} × of it"
    said = "" if met is None else "yes" if met else "NO"
    print(f"{what:<46}{ms(ours):>10}  {theirs:<26}{'' if other is None else ms(other):>11}  "
          f"{ratio or '':>18}  {target:<18}{said:>4}", flush=True)


@frozen(eq=False)
class Built:
    """A case, lowered."""

    case: Case
    program: Program

    @classmethod
    def of(cls, one: Case, days: Sequence[dt.date], drawn: bool = False,
           lines: Lines | None = None) -> Built:
        timeline = scenario(one, drawn).fold()
        at = np.arange(len(days))
        return cls(one, lower_many(
            [timeline], "USA", one.exporters, lines or Lines(one.lines),
            Columns(np.zeros_like(at), at, tuple(days)), scenario(one).assumptions))

    @property
    def states(self) -> list[Any]:
        return [x.state for x in self.program.layers]

    def expose(self, label: Any = None, labels: int | None = None) -> Exposure:
        c = self.case
        return expose(self.program, c.line, c.exporter, c.exporter if label is None else label,
                      c.value, labels or len(c.exporters))

    def loads(self, trade: Exposure, drawn: float = float("nan")) -> Loads:
        got = loads(self.program.layers, settled(self.program, drawn), trade, self.states)
        assert got is not None
        return got


def check(what: str, a: Any, b: Any) -> None:
    """Stop where two ways of working a thing out do not agree."""
    off = float(np.nanmax(np.abs(a - b)))
    print(f"  {what}: differs by at most {off:.1e}", flush=True)
    if not off <= EXACT or not np.array_equal(np.isnan(a), np.isnan(b)):
        raise SystemExit(f"{what} does not agree")


def _machine() -> None:
    into = io.StringIO()
    with redirect_stdout(into):
        np.show_config()
    blas = next((line.split(":", 1)[1].strip() for line in into.getvalue().splitlines()
                 if "openblas configuration" in line), "")
    print(f"{dt.date.today()}, {os.cpu_count()} cores, one thread; load "
          f"{os.getloadavg()[0]:.1f}; Python {sys.version.split()[0]}, numpy {np.__version__}, "
          f"pandas {pd.__version__}; {blas or 'BLAS of numpy'}; processor found by itself "
          "(OPENBLAS_CORETYPE unset)")


def run(parts: Sequence[str], runs: int, seed: int, pandas: bool) -> None:
    """Measure and print."""
    _machine()
    start = time.perf_counter()
    one = case(seed)
    print(f"{len(one.lines):,} lines × {len(one.exporters)} partners, {len(one.specs) + 1} "
          f"measures in 8 groups, {len(one.revisions)} revisions, {len(one.changes)} days of "
          f"change, {len(one.line):,} flows; "
          + ("lists, MFN rates, content, claims and the flows of 50 partners and the EU real, "
             "the rest synthetic" if one.real else "all synthetic (no ../shared/data)"))
    print(f"case built in {time.perf_counter() - start:.1f} s")
    if "engine" in parts:
        engine(one, runs, pandas)
    if "curves" in parts:
        curves(one, max(3, runs // 2))


def engine(one: Case, runs: int, pandas: bool) -> None:
    """The table, after all ways of working things out have been compared."""
    plan = Plan(one)
    built = Built.of(one, one.revisions)
    got = panel(built.program)
    source = Dense(plan).rate(one.revisions[WHEN])
    print("\nagreement")
    check("panel and dense numpy", got.expand([WHEN])[0], source)
    means = _means(one, plan, built)
    draws = _draws(one, plan)
    print(f"\n{'':<46}{'engine':>10}  {'baseline':<26}{'':>11}  {'':>18}  {'target':<18}"
          f"{'met':>4}")
    _one_date(one, plan, got, source, runs, pandas)
    _revisions(built, got, source, runs)
    means(runs)
    draws(runs)
    _compile(one, built, runs)
    _tidy(one, runs)
    print(f"  peak memory of all {peak():,.0f} MB")


def _one_date(one: Case, plan: Plan, got: Panel, source: Any, runs: int, pandas: bool) -> None:
    day = one.revisions[WHEN]
    out = np.zeros((1, *source.shape))
    copy, full = timed(lambda: np.copyto(out[0], source), lambda: got.expand([WHEN], out),
                       runs=2 * runs)
    row("one date in full, float64", full, "np.copyto of its bytes", copy, "≤ 4 × (≤ 2 ×)",
        full <= 4 * copy)
    small, half = source.astype(np.float32), np.zeros(out.shape, dtype=np.float32)
    copied, fast = timed(lambda: np.copyto(half[0], small), lambda: got.expand([WHEN], half),
                         runs=2 * runs)
    row("one date in full, float32", fast, "np.copyto of its bytes", copied, "", None)
    dense = Dense(plan)
    row("", full, "dense numpy", timed(lambda: dense.rate(day), runs=3)[0], "", None)
    if pandas:
        del dense, half, small
        line, exporter = np.divmod(np.arange(source.size), source.shape[1])
        frame = Frame(plan, line, exporter)
        begin = time.process_time()
        theirs = frame.rate(day)
        took = time.process_time() - begin
        row("", full, "pandas, isin and .loc", took, "≥ 1,000 ×", took >= 1000 * full)
        row("  41 dates, pandas extrapolated", 41 * full, "pandas", 41 * took, "", None)
        check("pandas and dense numpy", theirs.reshape(source.shape), source)
    print(f"  peak memory so far {peak():,.0f} MB")


def _revisions(built: Built, got: Panel, source: Any, runs: int) -> None:
    def lazy() -> Panel:
        made = panel(built.program)
        assert made.parts
        return made

    ready, made = timed(lazy, lambda: [got.table(t) for t in range(got.shape[2])], runs=runs)
    kept = sum(v.nbytes for p in got.parts for v in p.values) / 1e6
    row("41 revisions, ready for any slice", ready, f"{kept:.0f} MB kept", None,
        "≤ 80 ms (≤ 30)", ready <= 0.08)
    size, whole = 8e-6 * np.prod(got.shape), 8e-6 * source.size * len(built.case.revisions)
    row(f"  all {got.shape[2]} class tables, {got.shape[0]:,} × {got.shape[1]}", made,
        f"{size:.0f} MB, dense {whole:,.0f} MB", None, "", None)
    n, c = source.shape
    every = np.arange(len(built.case.revisions))
    line = timed(lambda: got.some_of(np.array([7]), np.arange(c), every), runs=runs)[0]
    row("  slice of one line, 41 revisions", line, "", None, "", None)
    partner = timed(lambda: got.some_of(np.arange(n), np.array([0]), every), runs=runs)[0]
    row("  slice of one partner, 41 revisions", partner, "", None, "", None)
    into = np.zeros((len(every), n, c))

    def copies() -> None:
        for slab in into:
            np.copyto(slab, source)

    copy, full = timed(copies, lambda: got.expand(out=into), runs=max(3, runs // 2))
    row("41 revisions in full, float64", full, "np.copyto of its bytes", copy, "≤ 3 ×",
        full <= 3 * copy)
    print(f"  peak memory so far {peak():,.0f} MB")


Shown = Callable[[int], None]


def _means(one: Case, plan: Plan, built: Built) -> Shown:
    moving = Built.of(one, one.changes, lines=built.program.lines)
    weighed = moving.loads(moving.expose())
    change = np.maximum(0, np.array([one.change(START + dt.timedelta(days=d))
                                     for d in range(DAYS)]))
    flows = Flows(plan)

    def ours() -> Any:
        sums = weighed.sums()
        with np.errstate(invalid="ignore"):
            return np.take(sums.rate / sums.known, change, axis=1)

    def theirs() -> Any:
        return np.stack([flows.by_partner(plan.rates(d)) for d in one.changes], axis=1)[:, change]

    check("averages by partner on 730 days and numpy on flows", ours(), theirs())

    def show(runs: int) -> None:
        (fast,), (slow,) = timed(ours, runs=4 * runs), timed(theirs, runs=3)
        row("means by partner, 730 days, after compile", fast, "numpy on flows, 29 changes",
            slow, "≥ 200 × (≥ 400 ×)", slow >= 200 * fast)

    return show


def _draws(one: Case, plan: Plan) -> Shown:
    last = one.changes[-1]
    built = Built.of(one, [last], drawn=True)
    weighed = built.loads(built.expose(np.zeros(len(one.line), dtype=np.int64), 1), drawn=1.0)
    partners = built.loads(built.expose(), drawn=1.0)
    rng = np.random.default_rng(1)
    rates = {s.id: rng.uniform(0.0, 0.6, DRAWS) for s in one.specs}
    column = np.zeros(DRAWS, dtype=np.int64)
    flows, held = Flows(plan), plan.rates(last)
    thousand = {k: v[:1000] for k, v in rates.items()}

    def ours() -> Any:
        sums = weighed.drawn(rates, column)
        return sums.rate[0] / sums.known[0]

    def theirs() -> Any:
        return np.array([flows.overall({k: float(rates[k][d]) for k in held})
                         for d in range(TIMED)])

    check("draws with all rates random and numpy on flows", ours()[:TIMED], theirs())
    sums = partners.drawn(thousand, column[:1000])
    check("draws by partner and numpy on flows", sums.rate[:, :3] / sums.known[:, :3], np.stack([
        flows.by_partner({k: float(rates[k][d]) for k in held}) for d in range(3)], axis=1))

    def show(runs: int) -> None:
        (fast,), (slow,) = timed(ours, runs=2 * runs), timed(theirs, runs=3)
        slow *= DRAWS / TIMED
        row("10,000 draws, all 157 rates random", fast, f"numpy on flows, from {TIMED}", slow,
            "≥ 2,000 ×", slow >= 2000 * fast)
        row("  of one draw", fast / DRAWS, "", None, "≥ 100,000 (300,000)",
            DRAWS / fast >= 100_000, f"{DRAWS / fast:,.0f}/s")
        took = timed(lambda: partners.drawn(thousand, column[:1000]), runs=runs)[0]
        row("  1,000 draws by partner", took, "", None, "", None, f"{1000 / took:,.0f}/s")

    return show


def _compile(one: Case, built: Built, runs: int) -> None:
    ours = timed(built.expose, runs=runs)[0]
    row(f"compile: {len(one.line):,} flows to cells", ours, "", None, "≤ 400 ms (≤ 100)",
        ours <= 0.4)
    trade = built.expose()
    took = timed(lambda: built.loads(trade), runs=3)[0]
    row("  and cells to duties, kernel included", took, "", None, "", None)
    sets = {x.measure.scope.products for x in scenario(one).changes if hasattr(x, "measure")}

    def masks(lines: Lines) -> None:
        for goods in sets:
            lines.mask(goods)

    blank = [Lines(one.lines) for _ in range(2 * runs)]
    ours = timed(lambda: masks(blank.pop()), runs=len(blank))[0]
    row(f"masks of 158 measures ({len(sets)} lists)", ours, "", None, "≤ 22 ms (≤ 5)",
        ours <= 0.022)
    took = timed(lambda: Built.of(one, one.revisions), runs=2)[0]
    row("  fold, masks and lowering of 41 revisions", took, "", None, "", None)


def _tidy(one: Case, runs: int) -> None:
    day = one.revisions[WHEN]
    result = scenario(one).run(start=START, end=END, exporters=list(one.exporters))
    begin = time.process_time()
    held: Rates = result.panel("USA")
    count = len(held.to_frame(on=day))
    row("run to first tidy frame of all lines, cold", time.process_time() - begin, "", None, "",
        None)
    values = held.expand(on=day)
    alone, both = timed(lambda: held.expand(on=day), lambda: held.to_frame(on=day), runs=runs)
    row(f"tidy frame, {count:,} rows, rates included", both, f"of which rates {ms(alone)}", None,
        "", None)
    ours = timed(lambda: held.framed(values, on=day), runs=2 * runs)[0]
    row("  rates given", ours, "", None, "≤ 20 ms", ours <= 0.02)
    some = list(one.exporters[:50])
    count = len(held.to_frame(exporters=some))
    ours = timed(lambda: held.to_frame(exporters=some), runs=3)[0]
    row(f"interval rows, {count:,}, of 50 partners", ours, "", None, "", None)


def curves(one: Case, runs: int) -> None:
    """Times as one size grows, and the exponent of the growth between the last two."""
    print(f"\n{'growth':<22}{'':>8}{'lower':>10}{'panel':>10}{'one date':>10}{'compile':>10}"
          f"{'730 days':>10}")
    sizes: dict[str, tuple[int, ...]] = {
        "lines": (2_338, 4_675, 9_350, 18_700), "partners": (30, 60, 120, 240),
        "measures": (20, 40, 79, 158)}
    for name, steps in sizes.items():
        took = []
        for size in steps:
            small = part(one, **{name: size})
            took.append(_grown(small, one.changes, runs))
            print(f"{name:<22}{size:>8,}" + "".join(f"{ms(t):>10}" for t in took[-1]), flush=True)
        _fit(steps, took)
    took = []
    for size in (5, 10, 20, 29):
        took.append(_grown(one, one.changes[:size], runs))
        print(f"{'days of change':<22}{size:>8,}" + "".join(f"{ms(t):>10}" for t in took[-1]),
              flush=True)
    _fit((5, 10, 20, 29), took)
    open_ = Built.of(one, [one.changes[-1]], drawn=True)
    heavy = open_.loads(open_.expose(np.zeros(len(one.line), dtype=np.int64), 1), drawn=1.0)
    rng = np.random.default_rng(1)
    draws = (1_000, 4_000, 16_000, 64_000)
    times = []
    for size in draws:
        rates = {s.id: rng.random(size) for s in one.specs}
        at = np.zeros(size, dtype=np.int64)
        times.append([timed(lambda rates=rates, at=at: heavy.drawn(rates, at), runs=runs)[0]])
        print(f"{'draws':<22}{size:>8,}{ms(times[-1][0]):>10}", flush=True)
    _fit(draws, times)


def _grown(one: Case, days: Sequence[dt.date], runs: int) -> list[float]:
    timeline = scenario(one).fold()
    at = np.arange(len(days))
    columns = Columns(np.zeros_like(at), at, tuple(days))

    def lowered() -> Program:
        return lower_many([timeline], "USA", one.exporters, Lines(one.lines), columns,
                          scenario_assumptions)

    scenario_assumptions = scenario(one).assumptions
    built = Built(one, lowered())
    got = panel(built.program)
    out = np.zeros((1, len(one.lines), len(one.exporters)))
    weighed = built.loads(built.expose())
    return [
        timed(lowered, runs=1)[0], timed(lambda: panel(built.program).parts, runs=runs)[0],
        timed(lambda: got.expand([len(days) - 1], out), runs=runs)[0],
        timed(built.expose, runs=runs)[0], timed(weighed.sums, runs=runs)[0],
    ]


def _fit(sizes: Sequence[int], took: Sequence[Sequence[float]]) -> None:
    """The exponents of a power law through all sizes (least squares of logarithms)."""
    powers = [np.polyfit(np.log(sizes), np.log([t[k] for t in took]), 1)[0]
              for k in range(len(took[0]))]
    print(f"{'  grows with power':<30}" + "".join(f"{p:>10.2f}" for p in powers), flush=True)
