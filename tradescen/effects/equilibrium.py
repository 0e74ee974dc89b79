"""From old to new tariffs: the equilibrium of a world."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from attrs import frozen
from numpy.typing import NDArray

from tradescen.effects.closure import Closure
from tradescen.effects.geresult import GEResult
from tradescen.effects.hats import System, World
from tradescen.effects.rates import Rates, places
from tradescen.effects.solver import solved
from tradescen.errors import InvalidValue, UnknownName

if TYPE_CHECKING:
    from tradescen.effects.gedata import GEData

__all__ = ["Baseline", "baseline", "solve_ge"]

Array = NDArray[np.float64]
SLACK = 1e-6  # final demand that differs by less, as a share of income, is the same


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

    def system(self, tax: Array, cost: Array | None = None) -> System:
        """The map whose fixed point is the equilibrium under *tax* = 1 + new rates.

        *cost*: other costs of trade, new over old (sector, importer, exporter).
        """
        how = self.closure
        anchor = None
        if how.deficits == "nominal":
            anchor = self.data.countries.index(how.numeraire)
        return System(world=self.world, tax=tax, cost=cost, kappa=how.labour_elasticity,
                      tax_cut=how.rebate == "income_tax", anchor=anchor)

    def solve(self, rates_new: pd.DataFrame | Rates, *, missing: float | None = None,
              costs: pd.DataFrame | Array | None = None, tol: float = 1e-9,
              start: GEResult | Array | None = None) -> GEResult:
        """The equilibrium under *rates_new*; arguments as for :func:`solve_ge`."""
        rates = Rates.of(self.data, rates_new, missing=missing, what="rates_new")
        system = self.system(1.0 + rates.values, _costs(self.data, costs))
        first = start.point if isinstance(start, GEResult) else start
        if first is not None and first.size != system.start().size:
            raise InvalidValue("start= is of other data; leave it out, or take a result of these")
        found, levels = solved(system, self.world.tax, tol, first)
        return GEResult(base=self, rates=rates, system=system, point=found.point, levels=levels,
                        iterations=found.iterations)


def _costs(data: GEData, costs: pd.DataFrame | Array | None) -> Array | None:
    """Other costs, new over old, as an array; 1 where a frame says nothing."""
    if costs is None:
        return None
    if isinstance(costs, pd.DataFrame):
        given = np.ones_like(data.flows)
        for row in costs.to_dict("records"):
            n, i = (int(places(pd.Series([row.get(side)]), data.countries, "country (in costs)")[0])
                    for side in ("importer", "exporter"))
            goods = row.get("sector", "*")
            j = slice(None) if goods == "*" else places(
                pd.Series([goods]), data.sectors, "sector (in costs)")
            given[j, n, i] = row.get("cost", np.nan)
    else:
        given = np.asarray(costs, dtype=float)
    if given.shape != data.flows.shape or not (given > 0).all() or not np.isfinite(given).all():
        raise InvalidValue(
            f"costs are new over old ones, above 0: a frame importer, exporter[, sector], cost, or "
            f"an array {data.flows.shape} (sector, importer, exporter); these are "
            f"{given.shape} with a least of {np.nanmin(given):g}"
        )
    return given


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
        _accounts(data, demand, left, (data.flows * tax).sum(axis=(0, 2)), how)
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
    if not (world.income > 0).all():
        poor = data.countries[int(np.argmin(world.income))]
        raise InvalidValue(
            f"{poor} sends abroad more than it earns (income {world.income.min():.4g} after its "
            "surplus in trade), so nothing is left to spend; mend its deficit or its value added, "
            "or take deficits out: Closure(deficits='zero')"
        )
    if not solve and how.deficits != "zero":
        return Baseline(data=data, rates=rates, closure=how, world=world)
    plain = System(world=world, tax=tax)
    _, levels = solved(plain, tax, 1e-11, None)
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


def _accounts(data: GEData, demand: Array, left: Array, spent: Array, how: Closure) -> None:
    off = np.abs(demand - left) / spent
    if (off > SLACK).any():
        j, n = np.unravel_index(int(np.argmax(off)), off.shape)
        raise InvalidValue(
            f"final demand as given and what inputs leave of spending differ: {data.countries[n]}, "
            f"{data.sectors[j]}: {demand[j, n]:.5g} and {left[j, n]:.5g}, {off[j, n]:.2%} of "
            f"spending there ({int((off > SLACK).sum())} such accounts). Say balance="
            "'final_demand' (take what is left) or balance='solve' (keep shares, solve a world in "
            "which markets clear) when building the data",
            value=float(off[j, n]),
        )
    if (left < -SLACK * spent).any():
        j, n = np.unravel_index(int(np.argmin(left / spent)), left.shape)
        raise InvalidValue(
            f"inputs of {data.sectors[j]} in {data.countries[n]} are above all spending on it, so "
            f"final demand would be {left[j, n]:.5g} ({int((left < -SLACK * spent).sum())} such "
            "accounts). Say balance='solve' when building the data: final demand below 0 is set to "
            "0 and a world in which markets clear is solved"
            + ("; or, where output of the data is value added, scale it instead of roundabout=: "
               "world_data(value_added_share=…)" if how.roundabout else ""),
            value=float(left[j, n]),
        )


def solve_ge(data: GEData | Baseline, rates_old: pd.DataFrame | Rates | None,
             rates_new: pd.DataFrame | Rates, *, closure: Closure | None = None,
             missing: float | None = None, costs: pd.DataFrame | Array | None = None,
             tol: float = 1e-9, start: GEResult | Array | None = None) -> GEResult:
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
        costs: Other costs of trade (transport, standards): ``importer, exporter[, sector], cost``,
            new over old, 1 for pairs it does not hold; or an array (sector, importer, exporter).
        tol: Largest relative error left in any market.
        start: A result near the one sought, or its ``point``; saves steps.

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
    return base.solve(rates_new, missing=missing, costs=costs, tol=tol, start=start)
