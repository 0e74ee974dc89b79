"""From old to new tariffs: the equilibrium of a world, and what it comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from attrs import evolve, frozen
from numpy.typing import NDArray

from tradescen import __version__
from tradescen.effects.anderson import Found, fixed_point
from tradescen.effects.closure import Closure
from tradescen.effects.hats import Levels, System, World
from tradescen.effects.rates import Rates, labels
from tradescen.errors import InvalidValue, NotConverged, UnknownName

if TYPE_CHECKING:
    from tradescen.effects.gedata import GEData

__all__ = ["Baseline", "GEResult", "baseline", "solve_ge"]

Array = NDArray[np.float64]
SLACK = 1e-6  # final demand that differs by less, as a share of income, is the same
STEPS = (1, 4, 16)  # a jump; where that fails, smaller ones


@frozen(eq=False, repr=False, kw_only=True)
class Baseline:
    """A world in equilibrium under its old rates: what new rates are weighed against.

    Attributes:
        data, rates, closure: What it was made of.
        world: Its arrays.
        moved: Share of spending that had to move until all markets cleared (0 where the data are
            an equilibrium as they stand).
    """

    data: GEData
    rates: Rates
    closure: Closure
    world: World
    moved: float = 0.0

    def __repr__(self) -> str:
        return f"<Baseline of {self.data!r}, moved {self.moved:.2%}>"

    def system(self, tax: Array) -> System:
        """The map whose fixed point is the equilibrium under *tax* = 1 + new rates."""
        how = self.closure
        anchor = None
        if how.deficits == "nominal":
            anchor = self.data.countries.index(how.numeraire)
        return System(world=self.world, tax=tax, kappa=how.labour_elasticity,
                      tax_cut=how.rebate == "income_tax", anchor=anchor)

    def solve(self, rates_new: pd.DataFrame | Rates, *, missing: float | None = None,
              tol: float = 1e-9, start: GEResult | None = None) -> GEResult:
        """The equilibrium under *rates_new*; arguments as for :func:`solve_ge`."""
        rates = Rates.of(self.data, rates_new, missing=missing, what="rates_new")
        system = self.system(1.0 + rates.values)
        first = None
        if start is not None and start.base.world.size == self.world.size:
            first = start.point
        found, levels = _solve(system, self.world.tax, tol, first)
        return GEResult(base=self, rates=rates, system=system, point=found.point, levels=levels,
                        iterations=found.iterations)


def _solve(system: System, old: Array, tol: float, start: Array | None) -> tuple[Found, Levels]:
    """The fixed point of *system*, in one jump or along a path of tariffs."""
    spent, worst = 0, float("inf")
    for steps in STEPS:
        z = system.start() if start is None or steps > 1 else start
        found = Found(z, float("inf"), 0, False)
        for k in range(1, steps + 1):
            part = system
            if k < steps:
                way = k / steps
                part = evolve(system, tax=old ** (1 - way) * system.tax ** way)
            found = fixed_point(part.step, z, scale=part.scale(), tol=tol / 10)
            spent += found.iterations
            if not found.converged:
                break
            z = found.point
        if found.converged:
            # The solver looks at its own map; the accounts are looked at here, on their own.
            levels = system.levels(found.point)
            for tighter in (1e-2, 1e-3):
                if max(levels.residuals.values()) <= tol:
                    break
                found = fixed_point(system.step, found.point, scale=system.scale(),
                                    tol=tol * tighter)
                spent += found.iterations
                levels = system.levels(found.point)
            worst = max(levels.residuals.values())
            if worst <= tol:
                return found._replace(iterations=spent), levels
        else:
            worst = found.error
    raise NotConverged(
        f"no equilibrium was found after {spent:,} steps: markets are still off by {worst:.1e} "
        f"(wanted: {tol:.0e}), so there are no numbers. Transfers above what a country earns, or "
        "rates and elasticities that close a country off, are the usual causes; look at the "
        "deficits of the data, or try deficits='zero'",
        residual=worst, iterations=spent,
    )


def baseline(data: GEData, rates_old: pd.DataFrame | Rates, *, closure: Closure | None = None,
             missing: float | None = None) -> Baseline:
    """The equilibrium of the data under their old rates, to be used for many new ones.

    Raises:
        InvalidValue: if the accounts do not add up under these rates, with the imbalance and the
            options that balance them.
        NotConverged: if a balanced world was asked for and not found.
    """
    how = closure or Closure()
    if how.numeraire != "world" and how.numeraire not in data.countries:
        raise UnknownName.among("country (numeraire)", how.numeraire, data.countries)
    vashare, inputs = _technology(data, how)
    rates = Rates.of(data, rates_old, missing=missing, what="rates_old")
    tax = 1.0 + rates.values
    made = data.flows.sum(axis=1)
    left = (data.flows * tax).sum(axis=2) - np.matmul(inputs, made.T[:, :, None])[:, :, 0].T
    gap = data.flows.sum(axis=(0, 2)) - made.sum(axis=0)
    solve = data.balance == "solve"
    demand = left if data.final is None or data.balance == "final_demand" else data.final
    if not solve:
        _accounts(data, demand, left)
    demand = np.maximum(demand, 0.0)
    total = demand.sum(axis=0)
    if not (total > 0).all():
        poor = data.countries[int(np.argmin(total))]
        raise InvalidValue(
            f"{poor} has no final demand left ({total.min():.4g}): its exports or inputs are above "
            "what it earns and receives; mend its deficit or its domestic sales"
        )
    world = World(flows=data.flows, tax=tax, vashare=vashare, inputs=inputs, theta=data.theta,
                  final=demand / total, deficit=0.0 * gap if how.deficits == "zero" else gap)
    if not solve and how.deficits != "zero":
        return Baseline(data=data, rates=rates, closure=how, world=world)
    plain = System(world=world, tax=tax)
    found, levels = _solve(plain, tax, 1e-11, None)
    moved = 0.5 * np.abs(levels.flows * tax - data.flows * tax).sum() / world.spent.sum()
    # Labelled anew, the world found is the one in which nothing has changed yet.
    settled = World(flows=levels.flows, tax=tax, vashare=vashare, inputs=inputs,
                    theta=data.theta, final=world.final, deficit=levels.deficit)
    return Baseline(data=data, rates=rates, closure=how, world=settled, moved=float(moved))


def _technology(data: GEData, how: Closure) -> tuple[Array, Array]:
    if not how.roundabout:
        return data.vashare, data.inputs
    if len(data.sectors) > 1 or data.inputs.any():
        raise InvalidValue(
            f"roundabout={how.roundabout:g} is for data of one sector without inputs, and these "
            f"have {len(data.sectors)} sectors"
            + (" and inputs of their own" if data.inputs.any() else "") + "; leave it out",
            value=how.roundabout,
        )
    return data.vashare * (1 - how.roundabout), np.full_like(data.inputs, how.roundabout)


def _accounts(data: GEData, demand: Array, left: Array) -> None:
    income = np.maximum(left.sum(axis=0), 1e-300)
    off = np.abs(demand - left) / income
    if (off > SLACK).any():
        j, n = np.unravel_index(int(np.argmax(off)), off.shape)
        raise InvalidValue(
            f"final demand as given and what inputs leave of spending differ: {data.countries[n]}, "
            f"{data.sectors[j]}: {demand[j, n]:.5g} and {left[j, n]:.5g}, {off[j, n]:.2%} of final "
            f"spending there ({int((off > SLACK).sum())} such accounts). Say balance="
            "'final_demand' (take what is left) or balance='solve' (keep shares, solve a world in "
            "which markets clear) when building the data",
            value=float(off[j, n]),
        )
    if (left < -SLACK * income).any():
        j, n = np.unravel_index(int(np.argmin(left / income)), left.shape)
        raise InvalidValue(
            f"inputs of {data.sectors[j]} in {data.countries[n]} are above all spending on it, so "
            f"final demand would be {left[j, n]:.5g} ({int((left < -SLACK * income).sum())} such "
            "accounts). Say balance='solve' when building the data: final demand below 0 is set to "
            "0 and a world in which markets clear is solved",
            value=float(left[j, n]),
        )


def solve_ge(data: GEData | Baseline, rates_old: pd.DataFrame | Rates | None,
             rates_new: pd.DataFrame | Rates, *, closure: Closure | None = None,
             missing: float | None = None, tol: float = 1e-9,
             start: GEResult | None = None) -> GEResult:
    """The equilibrium under new tariffs, in exact changes from the old one.

    One sector: Eaton and Kortum (2002) or Armington; several with inputs: Caliendo and Parro
    (2015). Wages, prices and spending of all countries are solved together.

    Args:
        data: Trade and technology, or a :func:`baseline`, which holds the old rates already.
        rates_old: The rates the data were made under: ``importer, exporter[, sector], rate``.
            ``None`` with a baseline.
        rates_new: Those to weigh.
        closure: Rebate of revenue, labour supply, deficits, numeraire.
        missing: The rate of pairs a frame does not hold; ``None``: they are refused.
        tol: Largest relative error left in any market.
        start: A result near the one sought; saves steps.

    Raises:
        NotConverged: if no equilibrium was found.
        MissingData, InvalidValue, UnknownName: for rates or data that do not fit.
    """
    from tradescen.effects.gedata import GEData

    if isinstance(data, Baseline):
        if rates_old is not None or closure not in (None, data.closure):
            raise InvalidValue(
                "a baseline holds its old rates and closure; give rates_old=None, or the data"
            )
        base = data
    elif isinstance(data, GEData):
        if rates_old is None:
            raise InvalidValue("rates_old=None; say under which rates the data were made: a frame, "
                               "or data.no_rates() for free trade")
        base = baseline(data, rates_old, closure=closure, missing=missing)
    else:
        raise InvalidValue(f"{type(data).__name__} is not data of an equilibrium; build GEData or "
                           "take world_data()")
    return base.solve(rates_new, missing=missing, tol=tol, start=start)


@frozen(eq=False, repr=False, kw_only=True)
class GEResult:
    """An equilibrium under new rates, beside the old one. Changes are fractions: 0.01 is 1 %.

    Attributes:
        base: The old equilibrium, its data and closure.
        rates: The new rates.
        iterations: Steps the solver took.
        levels, system, point: Arrays, for whoever goes on from here.
    """

    base: Baseline
    rates: Rates
    system: System
    point: Array
    levels: Levels
    iterations: int

    def __repr__(self) -> str:
        return (f"<GEResult of {self.base.data.name!r}: {len(self.base.data.countries)} countries, "
                f"residual {self.residual:.0e}, {self.iterations} iterations>")

    @property
    def residuals(self) -> dict[str, float]:
        """Relative errors left: in price indices, goods, labour, and Walras' law (imports less
        exports against the transfer, over income; not used in solving)."""
        return self.levels.residuals

    @property
    def residual(self) -> float:
        """The largest of :attr:`residuals`."""
        return max(self.levels.residuals.values())

    @property
    def definition(self) -> dict[str, Any]:
        """What the numbers are: data, year, elasticities, closure, residual."""
        data, how = self.base.data, self.base.closure
        return {
            "data": data.name, "data_year": data.year, "notes": data.notes,
            "sources": [s.citation for s in data.sources],
            "theta": dict(zip(data.sectors, self.base.world.theta.tolist(), strict=True)),
            "closure": {a: getattr(how, a) for a in ("rebate", "labour_elasticity", "deficits",
                                                     "roundabout", "numeraire")},
            "missing_rate": {"old": self.base.rates.missing, "new": self.rates.missing},
            "missing_trade_share": {"old": self.base.rates.filled, "new": self.rates.filled},
            "balancing_moved": self.base.moved,
            "residual": self.residual, "iterations": self.iterations, "tradescen": __version__,
        }

    def _shift(self) -> float:
        """Log of the numeraire: what all values are told in."""
        name = self.base.closure.numeraire
        return 0.0 if name == "world" else float(
            self.levels.wage[self.base.data.countries.index(name)])

    def _series(self, values: Array, name: str) -> pd.Series[Any]:
        index = pd.Index(list(self.base.data.countries), name="country")
        return pd.Series(values, index=index, name=name)

    @property
    def welfare(self) -> pd.Series[Any]:
        """Change of welfare by country, exact: of real consumption, less the cost of more work."""
        return self._series(np.expm1(self.system.welfare(self.levels)), "welfare")

    @property
    def real_wage(self) -> pd.Series[Any]:
        """Change of the wage over the price of final demand."""
        return self._series(np.expm1(self.levels.wage - self.levels.cpi), "real_wage")

    @property
    def terms_of_trade(self) -> pd.Series[Any]:
        """Change of export prices over import prices before duty, old trade as weights."""
        flows = self.base.world.flows.copy()
        own = np.arange(flows.shape[1])
        flows[:, own, own] = 0.0
        cost = self.levels.cost
        sold, bought = flows.sum(axis=(0, 1)), flows.sum(axis=(0, 2))
        out = (flows.sum(axis=1) * cost).sum(axis=0) / np.where(sold > 0, sold, 1.0)
        into = np.matmul(flows, cost[:, :, None])[:, :, 0].sum(axis=0) / np.where(
            bought > 0, bought, 1.0)
        return self._series(np.expm1(out - into), "terms_of_trade")

    def summary(self) -> pd.DataFrame:
        """One row a country: changes as fractions, revenue and trade as levels.

        ``welfare, real_income, real_wage, wage, price_index, labour, terms_of_trade, exports,
        imports`` are changes; ``revenue_old, revenue`` and ``gdp_old`` (value added) are in the
        money of the data under the numeraire.
        """
        w, v, shift = self.base.world, self.levels, self._shift()
        own = np.arange(w.flows.shape[1])

        def abroad(flows: Array, axis: int) -> Array:
            total: Array = flows.sum(axis=(0, axis)) - flows[:, own, own].sum(axis=0)
            return total

        trade = {}
        for name, axis in (("exports", 1), ("imports", 2)):
            before, after = abroad(w.flows, axis), abroad(v.flows, axis) * np.exp(-shift)
            trade[name] = np.divide(after, before, out=np.full_like(after, np.nan),
                                    where=before > 0) - 1.0
        frame = pd.DataFrame({
            "country": list(self.base.data.countries),
            "welfare": self.welfare.to_numpy(),
            "real_income": np.expm1(np.log(v.income / w.income) - v.cpi),
            "real_wage": self.real_wage.to_numpy(),
            "wage": np.expm1(v.wage - shift),
            "price_index": np.expm1(v.cpi - shift),
            "labour": np.expm1(v.hours),
            "terms_of_trade": self.terms_of_trade.to_numpy(),
            **trade,
            "revenue_old": w.revenue,
            "revenue": v.revenue * np.exp(-shift),
            "gdp_old": w.labour,
        })
        frame.attrs = self.definition
        return frame

    def flows(self, by: Any = ("importer", "exporter")) -> pd.DataFrame:
        """Trade at customs value before and after: ``…, old, new, change``.

        Args:
            by: ``importer, exporter, sector``, any of them.

        Raises:
            InvalidValue: for another key.
        """
        names = (by,) if isinstance(by, str) else tuple(by)
        if not names or not set(names) <= {"importer", "exporter", "sector"}:
            raise InvalidValue(f"by={by!r} names no keys of trade; take importer, exporter, sector",
                               value=by)
        new = self.levels.flows * np.exp(-self._shift())
        frame = labels(self.base.data, {"old": self.base.world.flows, "new": new}, home=False)
        if "sector" in names and "sector" not in frame:
            frame["sector"] = self.base.data.sectors[0]
        frame = frame.groupby(list(names), as_index=False, sort=False)[["old", "new"]].sum()
        frame["change"] = np.divide(frame["new"], frame["old"], where=frame["old"] > 0,
                                    out=np.full(len(frame), np.nan)) - 1.0
        frame.attrs = self.definition
        return frame

    def against(self, other: GEResult) -> pd.DataFrame:
        """Changes of welfare, real wage and prices from *other* to this one, by country.

        Raises:
            InvalidValue: if the two do not start from one old equilibrium.
        """
        if other.base is not self.base:
            raise InvalidValue(
                "the two results start from different baselines; solve both from one: base = "
                "baseline(data, rates_old), base.solve(rates)"
            )
        mine, others = self.summary(), other.summary()
        frame = pd.DataFrame({"country": mine["country"]})
        for name in ("welfare", "real_income", "real_wage", "wage", "price_index", "labour",
                     "terms_of_trade", "exports", "imports"):
            frame[name] = (1 + mine[name]) / (1 + others[name]) - 1
        frame["revenue_change"] = mine["revenue"] - others["revenue"]
        frame.attrs = self.definition
        return frame

    def decompose(self, kind: str = "path", *, steps: int = 16) -> pd.DataFrame:
        """What makes up the change of welfare; see :mod:`tradescen.effects.decompose`."""
        from tradescen.effects.decompose import decompose

        return decompose(self, kind, steps)
