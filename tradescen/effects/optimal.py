"""The tariffs a country would choose alone, by the slope of its welfare."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from attrs import evolve, frozen
from numpy.typing import NDArray

from tradescen.effects.anderson import fixed_point
from tradescen.effects.ascent import climb
from tradescen.effects.closure import Closure
from tradescen.effects.equilibrium import Baseline, baseline
from tradescen.effects.geresult import GEResult
from tradescen.effects.rates import Rates, labels, places
from tradescen.effects.reading import HIGHEST
from tradescen.errors import InvalidValue, NotConverged

if TYPE_CHECKING:
    from tradescen.effects.gedata import GEData

__all__ = ["OptimalTariff", "gradient", "optimal_tariff", "prepare"]

Array = NDArray[np.float64]
KINDS = ("uniform", "by_partner", "by_sector", "by_partner_and_sector")
SCAN = 6  # points looked at before a uniform rate is refined
SMALL = 1e-7  # imports below this share of income bend welfare too little to be measured


@frozen(eq=False, repr=False, kw_only=True)
class OptimalTariff:
    """The rates that give an importer most, others keeping theirs.

    Attributes:
        importer, kind, bounds: What was asked.
        result: The equilibrium under these rates, against the old one.
        gain: Change of the importer's welfare from the rates in force to these, a fraction.
        at_bound: Share of the importer's old imports whose rate a bound stops.
        slope: Largest slope of welfare left, over the imports of the rate it belongs to.
        solves: Equilibria solved.
    """

    importer: str
    kind: str
    bounds: tuple[float, float]
    result: GEResult
    gain: float
    at_bound: float
    slope: float
    solves: int

    def __repr__(self) -> str:
        return (f"<OptimalTariff of {self.importer}, {self.kind}: mean {self.mean:.1%}, gain "
                f"{self.gain:.3%}, {self.solves} solves>")

    @property
    def rates(self) -> pd.DataFrame:
        """``importer, exporter[, sector], rate, imports`` (old, customs value) of this importer."""
        data = self.result.base.data
        frame = labels(data, {"rate": self.result.rates.values,
                              "imports": self.result.base.world.flows}, home=False)
        frame = frame[(frame["importer"] == self.importer) & (frame["imports"] > 0)]
        frame.attrs = self.result.definition
        return frame.reset_index(drop=True)

    @property
    def mean(self) -> float:
        """The mean rate, weighted with old imports."""
        frame = self.rates
        return float(np.average(frame["rate"], weights=frame["imports"]))


def gradient(result: GEResult, country: str) -> Array:
    """How the log of a country's welfare answers each of its own rates (sector, exporter).

    The implicit function theorem, backwards: one linear system solved for all rates.

    Raises:
        NotConverged: if that system was not solved.
    """
    system, z = result.system, result.point
    at = int(places(pd.Series([country]), result.base.data.countries, "country")[0])
    gain = np.zeros(result.base.world.size[1])
    gain[at] = 1.0
    known = system.forward(z)
    found = fixed_point(lambda bar: system.pullback(z, known, bar, gain)[0], np.zeros_like(z),
                        tol=1e-10, memory=20, stride=np.inf)
    if not found.converged:
        raise NotConverged(
            f"the slope of welfare of {country} was not found after {found.iterations} steps "
            f"(error {found.error:.1e}); look for the optimum on a grid of rates instead",
            residual=found.error, iterations=found.iterations,
        )
    log = system.pullback(z, known, found.point, gain, at)[1]
    slopes: Array = log / system.tax[:, at, :]
    return slopes


def _groups(base: Baseline, at: int, kind: str, against: Sequence[str] | None) -> NDArray[np.intp]:
    """The unknown each rate (sector, exporter) belongs to; −1: none."""
    sectors, countries = base.world.size
    imports = base.world.flows[:, at, :]
    cell = {
        "uniform": np.zeros((sectors, countries), dtype=np.intp),
        "by_partner": np.tile(np.arange(countries), (sectors, 1)),
        "by_sector": np.repeat(np.arange(sectors)[:, None], countries, axis=1),
        "by_partner_and_sector": np.arange(sectors * countries).reshape(sectors, countries),
    }[kind]
    open_to = imports > 0
    open_to[:, at] = False
    if against is not None:
        chosen = places(pd.Series(list(against), dtype=object), base.data.countries, "country")
        allowed = np.zeros(countries, dtype=bool)
        allowed[chosen] = True
        open_to &= allowed
    cell = np.where(open_to, cell, -1)
    used, packed = np.unique(cell, return_inverse=True)
    numbered: NDArray[np.intp] = packed.reshape(cell.shape) - int(used[0] == -1)
    return numbered


def prepare(data: GEData | Baseline, rates_old: Any, closure: Closure | None,
             missing: float | None, kind: str, bounds: tuple[float, float]) -> Baseline:
    """The old equilibrium, once *kind* and *bounds* are seen to mean something."""
    if kind not in KINDS:
        raise InvalidValue(f"kind={kind!r} is not one of {', '.join(KINDS)}", value=kind)
    low, high = bounds
    if not -1 < low < high <= HIGHEST:
        raise InvalidValue(
            f"bounds={bounds!r} are not a lower and a higher rate above -1 and up to {HIGHEST:g}",
            value=bounds,
        )
    if isinstance(data, Baseline):
        return data
    return baseline(data, rates_old, closure=closure, missing=missing)


def optimal_tariff(data: GEData | Baseline, importer: str, rates_old: Any = None, *,
                   rates_now: Any = None, kind: str = "uniform",
                   bounds: tuple[float, float] = (0.0, 1.0),
                   against: Sequence[str] | None = None, closure: Closure | None = None,
                   missing: float | None = None, start: GEResult | None = None,
                   tol: float = 1e-5) -> OptimalTariff:
    """The import rates that give *importer* the highest welfare while others keep theirs.

    A uniform rate is looked for on a coarse grid, then refined by the slope of welfare; more
    rates start from the uniform one. The slope for all rates takes one adjoint solve.

    Args:
        data: Data, or a baseline.
        importer: Who chooses.
        rates_old: The rates of the data; ``None`` with a baseline.
        rates_now: Those in force when it chooses; by default the old ones.
        kind: ``"uniform"``, ``"by_partner"``, ``"by_sector"`` or ``"by_partner_and_sector"``.
        bounds: Lowest and highest rate.
        against: The partners whose rate may move; ``None``: all.
        closure, missing: As for :func:`~tradescen.effects.solve_ge`.
        start: A result near the optimum: its rates are where the search begins.
        tol: Largest slope left, over the share of income spent on the imports it belongs to.

    Raises:
        InvalidValue: for a kind or bounds that mean nothing, or no imports to charge.
        NotConverged: if an equilibrium on the way, or the optimum, was not found.
    """
    base = prepare(data, rates_old, closure, missing, kind, bounds)
    at = int(places(pd.Series([importer]), base.data.countries, "country")[0])
    name = base.data.countries[at]
    now = base.rates if rates_now is None else Rates.of(base.data, rates_now, missing=missing,
                                                        what="rates_now")
    group = _groups(base, at, kind, against)
    if not (group >= 0).any():
        raise InvalidValue(f"{name} imports nothing it could charge from those named")
    imports = base.world.flows[:, at, :]
    search = _Search(base, now, at, group, start)
    held = search.result(search.full(now.values[:, at, :]))
    first = start.rates.values[:, at, :] if start is not None else None
    if first is not None:
        begin = search.of(first)
    elif search.size == 1:
        grid = np.linspace(*bounds, SCAN)
        tried = [search.welfare(np.array([t])) for t in grid]
        begin = np.array([grid[int(np.argmax(tried))]])
    else:
        even = optimal_tariff(base, name, rates_now=now, bounds=bounds, against=against, tol=tol)
        search.solves += even.solves
        begin = search.of(even.result.rates.values[:, at, :])
    weight = search.sum_of(imports) / base.world.income[at]
    mean_theta = float((base.world.theta[:, None] * imports).sum() / imports.sum())
    top = climb(search.value, begin, np.full(search.size, bounds[0]),
                np.full(search.size, bounds[1]), np.maximum(weight, SMALL) * (1 + mean_theta),
                tol=tol)
    if not top.ended:
        raise NotConverged(
            f"the best rates of {name} were not found: after {top.calls} steps welfare still rises "
            f"by a slope of {top.slope:.1e} (wanted: {tol:.0e}); start near the optimum (start=), "
            "narrow the bounds, or choose a coarser kind",
            residual=top.slope, iterations=top.calls,
        )
    best = search.result(search.full(search.spread(top.point)))
    edge = (top.point <= bounds[0]) | (top.point >= bounds[1])
    charged = search.sum_of(imports)
    gain = (1 + best.welfare[name]) / (1 + held.welfare[name]) - 1
    return OptimalTariff(
        importer=name, kind=kind, bounds=bounds, result=best, gain=float(gain),
        at_bound=float(charged[edge].sum() / charged.sum()), slope=top.slope,
        solves=search.solves,
    )


class _Search:
    """Welfare as a function of the unknown rates; each solve starts from the last."""

    def __init__(self, base: Baseline, now: Rates, at: int, group: NDArray[np.intp],
                 near: GEResult | None) -> None:
        self.base, self.now, self.at, self.group, self.near = base, now, at, group, near
        self.size = int(group.max()) + 1
        self.name = base.data.countries[at]
        self.solves = 0

    def sum_of(self, cells: Array) -> Array:
        live = self.group >= 0
        total = np.bincount(self.group[live], cells[live], minlength=self.size)
        return np.asarray(total, dtype=np.float64)

    def of(self, cells: Array) -> Array:
        """The unknowns nearest to given rates: means weighted with imports."""
        imports = self.base.world.flows[:, self.at, :]
        mean: Array = self.sum_of(cells * imports) / self.sum_of(imports)
        return mean

    def spread(self, x: Array) -> Array:
        own = self.now.values[:, self.at, :]
        return np.where(self.group >= 0, x[np.maximum(self.group, 0)], own)

    def full(self, mine: Array) -> Rates:
        values = self.now.values.copy()
        values[:, self.at, :] = mine
        return evolve(self.now, values=values)

    def result(self, rates: Rates) -> GEResult:
        self.near = self.base.solve(rates, start=self.near)
        self.solves += 1
        return self.near

    def welfare(self, x: Array) -> float:
        return self._log(self.result(self.full(self.spread(x))))

    def _log(self, result: GEResult) -> float:
        return float(result.system.welfare(result.levels)[self.at])

    def value(self, x: Array) -> tuple[float, Array]:
        result = self.result(self.full(self.spread(x)))
        return self._log(result), self.sum_of(gradient(result, self.name))
