"""Three partial-equilibrium models of import demand on arrays: CES, linear SMART, GSIM.

Rows are flows of one importer, exporter and product; a market is one importer and product.
Shares are of duty-paid value. Each takes :class:`Flows` and returns an :class:`Answer`.
"""

from __future__ import annotations

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from tradescen.errors import InvalidValue

__all__ = ["MODELS", "Answer", "Flows", "ces", "gsim", "smart"]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]


@frozen(eq=False, kw_only=True)
class Flows:
    """What a model is asked: known rates only.

    Args:
        value: Customs value before the change.
        old, new: Duty factors 1 + rate.
        market: The market of each row, 0 … markets - 1.
        exporter, importer, product: Labels of rows, 0 …
        sigma, demand, supply: Elasticities of each row, alike within a market.
    """

    value: Array
    old: Array
    new: Array
    market: Labels
    exporter: Labels
    importer: Labels
    product: Labels
    sigma: Array
    demand: Array
    supply: Array

    def sums(self, values: Array) -> Array:
        """Sums over markets."""
        out: Array = np.bincount(self.market, values, minlength=self.markets).astype(float)
        return out

    @property
    def markets(self) -> int:
        return int(self.market.max()) + 1 if len(self.market) else 0

    @property
    def first(self) -> Labels:
        """A row of each market."""
        at = np.zeros(self.markets, dtype=np.int64)
        at[self.market[::-1]] = np.arange(len(self.market))[::-1]
        return at


@frozen(eq=False, kw_only=True)
class Answer:
    """What a model says, by row and by market.

    Args:
        quantity: Relative change of the quantity.
        border: Relative change of the price exporters get.
        creation, diversion: Changes of quantity at old border prices, in money.
        index: Relative change of the duty-paid price of the market's composite.
        consumer: Change of consumers' surplus, by market.
        exporters: Change of exporters' surplus, by row.
        residual: How far markets are from clearing, relative to trade.
    """

    quantity: Array
    border: Array
    creation: Array
    diversion: Array
    index: Array
    consumer: Array
    exporters: Array
    residual: float


def _parts(flows: Flows, quantity: Array) -> tuple[Array, Array]:
    """Creation: the market's mean change; diversion: what a row departs from it."""
    total = flows.sums(flows.value)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(total > 0, flows.sums(flows.value * quantity) / total, 0.0)
    creation = flows.value * mean[flows.market]
    return creation, flows.value * quantity - creation


def _shares(flows: Flows) -> tuple[Array, Array]:
    """Duty-paid value by market, and each row's share of it."""
    paid = flows.value * flows.old
    total = flows.sums(paid)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(total[flows.market] > 0, paid / total[flows.market], 0.0)
    return total, share


def _ratio(supply: Array, over: Array) -> Array:
    """supply / (supply + over), 1 where supply is infinite."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(np.isinf(supply), 1.0, supply / (supply + over))


def ces(flows: Flows) -> Answer:
    """Constant elasticities throughout; exact for any size of change.

    With composite price P and duty-paid prices p, quantities are p^-σ P^(σ-ε), border prices
    quantity^(1/μ); with one μ in a market this solves in closed form.
    """
    sigma, demand, supply = flows.sigma, flows.demand, flows.supply
    paid, share = _shares(flows)
    x = _ratio(supply, sigma) * np.log(flows.new / flows.old)
    at = flows.first
    gap = 1.0 - sigma[at]
    power = gap[flows.market] * x
    with np.errstate(invalid="ignore", divide="ignore"):
        index = np.where(
            gap == 0.0, flows.sums(share * x),
            np.log1p(flows.sums(share * np.expm1(power))) / np.where(gap == 0, 1.0, gap))
        stretch = np.where(np.isinf(supply[at]), 1.0,
                           (supply[at] + sigma[at]) / (supply[at] + demand[at]))
    index = np.where(paid > 0, index * stretch, 0.0)
    whole = index[flows.market]
    with np.errstate(invalid="ignore", divide="ignore"):
        border = np.where(
            np.isinf(supply), 0.0,
            (-sigma * np.log(flows.new / flows.old) + (sigma - demand) * whole)
            / np.where(np.isinf(supply), 1.0, supply + sigma))
    quantity = np.expm1(-sigma * (np.log(flows.new / flows.old) + border)
                        + (sigma - demand) * whole)
    eps = demand[at]
    with np.errstate(invalid="ignore", divide="ignore"):
        consumer = -paid * np.where(eps == 1.0, index,
                                    np.expm1((1 - eps) * index) / np.where(eps == 1, 1, 1 - eps))
    exporters = np.where(np.isinf(supply), 0.0, flows.value * np.expm1(
        (1 + np.where(np.isinf(supply), 0.0, supply)) * border)
        / (1 + np.where(np.isinf(supply), 0.0, supply)))
    some = ~np.isinf(supply)
    off = np.abs(supply[some] * border[some] - np.log1p(quantity[some]))
    return Answer(quantity=quantity, border=np.expm1(border),
                  **_named(_parts(flows, quantity)), index=np.expm1(index), consumer=consumer,
                  exporters=exporters, residual=float(off.max(initial=0.0)))


def _named(parts: tuple[Array, Array]) -> dict[str, Array]:
    return {"creation": parts[0], "diversion": parts[1]}


def smart(flows: Flows) -> Answer:
    """SMART in changes: creation ε·M·ΔT/T, diversion σ·M·(departure from the mean), Σ = 0.

    The mean is over customs value, so that diversion sums to zero. Linear: good for small changes.
    """
    sigma, demand, supply = flows.sigma, flows.demand, flows.supply
    shock = flows.new / flows.old - 1.0
    total = flows.sums(flows.value)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(total > 0, flows.sums(flows.value * shock) / total, 0.0)[flows.market]
        # Duty-paid prices: all origins' mean first, then each one's departure from it.
        mean = mean * _ratio(supply, demand)
        back = np.where(np.isinf(supply), 0.0, sigma / np.where(supply > 0, supply, np.inf))
        price = np.where(supply == 0, 0.0, (shock + back * mean) * _ratio(supply, demand + sigma))
    creation = -demand * flows.value * price
    diversion = -sigma * flows.value * (price - mean)
    with np.errstate(invalid="ignore", divide="ignore"):
        quantity = np.where(flows.value > 0, (creation + diversion) / flows.value, 0.0)
    border = np.where(np.isinf(supply), 0.0, price - shock)
    consumer = -flows.sums(flows.value * flows.old * price * (1 + quantity / 2))
    _, share = _shares(flows)
    off = np.where(np.isinf(supply), 0.0, np.where(np.isinf(supply), 0.0, supply) * border
                   - quantity)
    off = np.where(flows.value > 0, np.abs(off), 0.0)
    return Answer(quantity=quantity, border=border, creation=creation, diversion=diversion,
                  index=flows.sums(share * price), consumer=consumer,
                  exporters=flows.value * border * (1 + quantity / 2),
                  residual=float(off.max(initial=0.0)))


def gsim(flows: Flows) -> Answer:
    """GSIM (Francois and Hall 2003): one world market for each exporter's variety, linear.

    Exporters' prices clear the sum of all importers' demands; own elasticity θ·ε - (1-θ)·σ,
    cross elasticity θ·(ε + σ), with ε < 0 in the paper's sign and θ duty-paid shares.
    """
    shock = flows.new / flows.old - 1.0
    paid, share = _shares(flows)
    price = np.zeros(len(flows.value))
    worst = 0.0
    order = np.argsort(flows.product, kind="stable")
    edges = np.flatnonzero(np.diff(flows.product[order])) + 1
    for rows in np.split(order, edges) if len(order) else []:
        got, off = _cleared(flows, rows, share, shock)
        price[rows] = got
        worst = max(worst, off)
    duty_paid = price + shock
    index = flows.sums(share * duty_paid)
    gap = flows.sigma - flows.demand
    quantity = -flows.sigma * duty_paid + gap * index[flows.market]
    eps = flows.demand[flows.first]
    # As published: full price changes, and a second term that takes the sign of the price, so a
    # rise of prices costs more than the area under the demand curve (which has + in both cases).
    full = flows.sums(share * (flows.new / flows.old * (1 + price) - 1))
    consumer = paid * (-0.5 * eps * full**2 * np.sign(full) - full)
    return Answer(quantity=quantity, border=price, **_named(_parts(flows, quantity)), index=full,
                  consumer=consumer, exporters=flows.value * price * (1 + quantity / 2),
                  residual=worst)


def _cleared(flows: Flows, rows: Labels, share: Array, shock: Array) -> tuple[Array, float]:
    """Exporters' price changes on the rows of one product, and how far from clearing."""
    supply = float(flows.supply[rows[0]])
    if np.isinf(supply):
        return np.zeros(len(rows)), 0.0
    who, e = np.unique(flows.exporter[rows], return_inverse=True)
    where, m = np.unique(flows.importer[rows], return_inverse=True)
    shape = (len(who), len(where))
    value, theta, tau = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    value[e, m], theta[e, m], tau[e, m] = flows.value[rows], share[rows], shock[rows]
    sigma, gap = np.zeros(len(where)), np.zeros(len(where))
    sigma[m] = flows.sigma[rows]
    gap[m] = (flows.sigma - flows.demand)[rows]
    sold = value.sum(axis=1)
    some = sold > 0
    phi = np.zeros(shape)
    phi[some] = value[some] / sold[some, None]
    matrix = np.diag(supply + phi @ sigma) - (phi * gap) @ theta.T
    right = (phi * (-sigma * tau + gap * (theta * tau).sum(axis=0))).sum(axis=1)
    matrix[~some] = np.eye(len(who))[~some]
    try:
        price = np.linalg.solve(matrix, right)
    except np.linalg.LinAlgError:
        price = np.full(len(who), np.nan)
    if not np.isfinite(price).all():
        raise InvalidValue(
            "no exporters' prices clear these markets: with these elasticities supply and demand "
            "answer alike; give a positive supply or demand elasticity"
        )
    return price[e], float(np.abs(matrix @ price - right).max())


MODELS = {"ces": ces, "smart": smart, "gsim": gsim}
