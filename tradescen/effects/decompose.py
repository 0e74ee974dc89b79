"""Changes of welfare by their sources, to first order and along a path of tariffs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tradescen.effects.hats import Levels, System, World
from tradescen.effects.solver import solved
from tradescen.errors import InvalidValue

if TYPE_CHECKING:
    from tradescen.effects.geresult import GEResult

__all__ = ["decompose"]

Array = NDArray[np.float64]
PARTS = ("terms_of_trade", "volume_of_trade", "trade_costs", "transfers", "labour")


def _parts(flows: Array, tax: Array, revenue: Array, hours: Array, cost: Array, trade: Array,
           carriage: Array | float, transfer: Array, tax_cut: bool) -> Array:
    """(part, country) in money: weights in levels times changes.

    The welfare formula of Caliendo and Parro (2015): what is sold gets dearer, less what is
    bought; and duty times real imports that are added. Domestic sales fall out of the first. Three
    terms stand beside them: other costs of trade (*carriage*), transfers, and under a tax cut the
    wedge between pay and product of added work.
    """
    own = np.arange(flows.shape[1])
    abroad = flows.copy()
    abroad[:, own, own] = 0.0
    terms = (abroad.sum(axis=1) * cost).sum(axis=0) - np.matmul(
        abroad, cost[:, :, None])[:, :, 0].sum(axis=0)
    volume = ((tax - 1.0) * flows * (trade - cost[:, None, :])).sum(axis=(0, 2))
    carried = -(tax * flows * carriage).sum(axis=(0, 2))
    wedge = -revenue * hours if tax_cut else np.zeros_like(revenue)
    return np.stack([terms, volume, carried, transfer, wedge])


def _worth(system: System, income: Array, net: Array) -> Array:
    """What a part in money is divided by: utility in money."""
    leisure = system.kappa / (1.0 + system.kappa)
    worth: Array = income - leisure * net
    return worth


def decompose(result: GEResult, kind: str, steps: int) -> pd.DataFrame:
    """The change of welfare of each country by source.

    Args:
        result: An equilibrium.
        kind: ``"first_order"``: the formula of Caliendo and Parro (2015) with old weights and
            whole changes (new over old less 1), as published tables show it; for large changes it
            is not the change of welfare, which stands beside it. ``"path"``: the same formula
            added up over *steps* small steps of all tariffs from old to new, each solved exactly;
            the parts sum to the exact log change as steps grow.
        steps: For ``"path"``.

    Returns:
        ``country, terms_of_trade, volume_of_trade, trade_costs, transfers, labour, total, exact,
        gap``: fractions. ``exact`` is the change of welfare (for ``"path"`` its log), ``gap``
        what the parts miss. ``transfers`` and ``terms_of_trade`` are told with world income as
        numeraire.

    Raises:
        InvalidValue: for another kind, or fewer than one step.
    """
    if kind not in ("first_order", "path"):
        raise InvalidValue(f"kind={kind!r} is neither 'first_order' nor 'path'", value=kind)
    if not isinstance(steps, int) or steps < 1:
        raise InvalidValue(f"steps={steps!r} is not a number of steps, 1 or more", value=steps)
    system, world = result.system, result.base.world
    exact = system.welfare(result.levels)
    if kind == "first_order":
        parts = _first_order(system, world, result.levels)
        exact = np.expm1(exact)
    else:
        parts = _path(result, steps)
    frame = pd.DataFrame({"country": list(result.base.data.countries),
                          **dict(zip(PARTS, parts, strict=True))})
    frame["total"] = parts.sum(axis=0)
    frame["exact"] = exact
    frame["gap"] = frame["total"] - frame["exact"]
    how = "first order, old weights" if kind == "first_order" else f"logs along {steps} steps"
    frame.attrs = result.definition | {"quantity": f"change of welfare by source, {how}"}
    return frame


def _growth(new: Array, old: Array) -> Array:
    grown: Array = np.divide(new, old, out=np.ones_like(new), where=old > 0)
    return grown


def _first_order(system: System, world: World, after: Levels) -> Array:
    net = world.labour + world.revenue if system.tax_cut else world.labour
    parts = _parts(world.flows, world.tax, world.revenue, np.expm1(after.hours),
                   np.expm1(after.cost), _growth(after.flows, world.flows) - 1.0,
                   0.0 if system.cost is None else system.cost - 1.0,
                   after.deficit - world.deficit, system.tax_cut)
    shares: Array = parts / _worth(system, world.income, net)
    return shares


def _path(result: GEResult, steps: int) -> Array:
    base, system = result.base, result.system
    parts = np.zeros((len(PARTS), base.world.size[1]))
    old = base.world.tax
    last = base.system(old).levels(system.start())  # nothing has changed
    before = old
    carriage = 0.0 if system.cost is None else np.log(system.cost) / steps
    point: Array | None = None
    for k in range(1, steps + 1):
        way = k / steps
        tax = system.tax if k == steps else old ** (1 - way) * system.tax ** way
        part = base.system(tax, None if system.cost is None else system.cost ** way)
        found, now = solved(part, old, 1e-9, point)
        point = found.point
        # The trapezoid: mean weights of both ends times the log change between them.
        hours, cost = now.hours - last.hours, now.cost - last.cost
        trade = np.log(_growth(now.flows, last.flows))
        ends = [
            _parts(at.flows, duty, at.revenue, hours, cost, trade, carriage,
                   np.zeros_like(at.deficit), system.tax_cut) / _worth(system, at.income, at.net)
            for at, duty in ((last, before), (now, tax))
        ]
        step = 0.5 * (ends[0] + ends[1])
        moved = now.deficit - last.deficit
        step[PARTS.index("transfers")] = 0.5 * sum(
            moved / _worth(system, at.income, at.net) for at in (last, now))
        parts += step
        last, before = now, tax
    return parts
