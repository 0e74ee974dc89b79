"""The equilibrium in exact hats: arrays only.

One system for one sector or many, with or without input–output links: Eaton and Kortum (2002) and
Armington with one sector, Caliendo and Parro (2015) with many. In changes the two supply sides are
one: the trade elasticity θ is the dispersion of productivity, or σ − 1.

Axes: sector j (k for an input), importer n, exporter i. Flows, shares and tariffs are arrays
(sector, importer, exporter), other values (sector, country). The unknowns are logs of changes,
``[w, P, X]``: wages (N), price indices (J·N) and expenditures (J·N).
"""

from __future__ import annotations

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

__all__ = ["Levels", "System", "World"]

Array = NDArray[np.float64]


@frozen(eq=False, kw_only=True)
class World:
    """An equilibrium of old: what is spent where, and the shares that stay as they are.

    Attributes:
        flows: Sales (sector, importer, exporter) in money at customs value, without duty.
        tax: 1 + the old rate (sector, importer, exporter).
        vashare: Value added as a share of output (sector, country).
        inputs: (country, input sector, using sector): shares of output spent on inputs.
        theta: Trade elasticity (sector).
        final: Shares of final demand (sector, country); they sum to 1.
        deficit: Transfers received (country): what is bought abroad beyond what is sold.
        shares, spent, live, output, labour, revenue, income, linked: What follows from these:
            shares and sums of spending and whether there is any, sales, value added, duties,
            income, and whether output needs inputs.
    """

    flows: Array
    tax: Array
    vashare: Array
    inputs: Array
    theta: Array
    final: Array
    deficit: Array
    shares: Array = field(init=False)
    spent: Array = field(init=False)
    live: NDArray[np.bool_] = field(init=False)
    output: Array = field(init=False)
    labour: Array = field(init=False)
    revenue: Array = field(init=False)
    income: Array = field(init=False)
    linked: bool = field(init=False)  # output needs inputs

    def __attrs_post_init__(self) -> None:
        paid = self.flows * self.tax
        spent = paid.sum(axis=2)
        over = spent[:, :, None]
        put = object.__setattr__
        put(self, "spent", spent)
        put(self, "live", spent > 0)
        put(self, "shares", np.divide(paid, over, out=np.zeros_like(paid), where=over > 0))
        put(self, "output", self.flows.sum(axis=1))
        put(self, "labour", (self.vashare * self.output).sum(axis=0))
        put(self, "revenue", (paid - self.flows).sum(axis=(0, 2)))
        put(self, "income", self.labour + self.revenue + self.deficit)
        put(self, "linked", bool(self.inputs.any()))

    @property
    def size(self) -> tuple[int, int]:
        """(sectors, countries)."""
        return self.spent.shape[0], self.spent.shape[1]


@frozen(eq=False, kw_only=True)
class Levels:
    """An equilibrium worked out: levels in money, changes as logs."""

    flows: Array  # (sector, importer, exporter), customs value
    spent: Array  # (sector, country)
    output: Array
    wage: Array  # log change (country)
    hours: Array  # log change of labour supplied (country)
    price: Array  # log change (sector, country)
    cost: Array
    cpi: Array  # log change of the price of final demand (country)
    labour: Array  # labour income (country)
    revenue: Array
    deficit: Array
    income: Array
    net: Array  # labour income after the rebate, if that is a tax cut
    residuals: dict[str, float]

    @property
    def residual(self) -> float:
        """The largest; NaN if one is (Python's ``max`` would pass over it)."""
        return float(np.max(list(self.residuals.values())))


@frozen(eq=False, kw_only=True)
class System:
    """The response of a world to new tariffs, as a map whose fixed point is the equilibrium.

    Attributes:
        world: The old equilibrium.
        tax: 1 + the new rate (sector, importer, exporter).
        cost: Change of other costs of trade (same shape), or ``None``.
        kappa: Elasticity of labour supply in the real wage after tax.
        tax_cut: Whether tariff revenue cuts the tax on labour instead of being paid out.
        anchor: The country in whose wage transfers are fixed; ``None``: in world income.
        damp: Weight of the wage step.
    """

    world: World
    tax: Array
    cost: Array | None = None
    kappa: float = 0.0
    tax_cut: bool = False
    anchor: int | None = None
    damp: float = 0.2
    pull: Array = field(init=False)  # old shares × (T̂ d̂)^-θ
    net: Array = field(init=False)  # the same over 1 + t'
    whole: bool = field(init=False)  # every country spends on every sector

    def __attrs_post_init__(self) -> None:
        put = object.__setattr__
        change = np.log(self.tax / self.world.tax)
        if self.cost is not None:
            change = change + np.log(self.cost)
        pull = self.world.shares * np.exp(-self.world.theta[:, None, None] * change)
        put(self, "pull", pull)
        put(self, "net", pull / self.tax)
        put(self, "whole", bool(self.world.live.all()))

    # -- the map ---------------------------------------------------------------------------

    def start(self) -> Array:
        """No change."""
        j, n = self.world.size
        return np.zeros(n + 2 * j * n)

    def scale(self) -> Array:
        """What makes each residual a relative error of a market: θ for prices."""
        j, n = self.world.size
        theta = np.maximum(1.0, np.repeat(self.world.theta, n))
        return np.concatenate([np.full(n, 1.0 / self.damp), theta, np.ones(j * n)])

    def _parts(self, z: Array) -> tuple[Array, Array, Array]:
        j, n = self.world.size
        return z[:n], z[n:n + j * n].reshape(j, n), z[n + j * n:].reshape(j, n)

    def _cost(self, wage: Array, price: Array) -> Array:
        cost = self.world.vashare * wage
        if self.world.linked:
            cost = cost + np.matmul(price.T[:, None, :], self.world.inputs)[:, 0, :].T
        return cost

    def step(self, z: Array) -> Array:
        """The map: one round of prices, sales, incomes and spending.

        NaN where a wild *z* leaves it undefined; callers silence numpy's warnings of that.
        """
        return self._forward(z)[0]

    def _forward(self, z: Array) -> tuple[Array, dict[str, Array]]:
        # Small worlds spend their time in calls, not in sums: each line counts.
        w, sector = self.world, np.add.reduce
        wage, price, spend = self._parts(z)
        theta = w.theta[:, None]
        low = np.exp(-theta * self._cost(wage, price))
        phi = np.matmul(self.pull, low[:, :, None])[:, :, 0]
        if not self.whole:
            phi = np.where(w.live, phi, 1.0)
        price_new = np.log(phi) / -theta
        spent = w.spent * np.exp(spend)
        quota = spent / phi
        reach = np.matmul(quota[:, None, :], self.net)[:, 0, :]
        output = low * reach
        bought = np.matmul(self.net, low[:, :, None])[:, :, 0]
        revenue = sector(spent - quota * bought)
        value = sector(w.vashare * output)
        hours: Array | float = 0.0
        if self.kappa:
            net = wage
            if self.tax_cut:
                net = net + np.log1p(revenue / value) - np.log1p(w.revenue / w.labour)
            hours = self.kappa * (net - sector(w.final * price_new))
        labour = w.labour * np.exp(wage + hours)
        income = labour + revenue + self._transfer(wage)
        wanted = w.final * income
        if w.linked:
            wanted = wanted + np.matmul(w.inputs, output.T[:, :, None])[:, :, 0].T
        if self.whole:
            spend_new = np.log(wanted / w.spent)
        else:
            spend_new = np.where(w.live, np.log(wanted / np.where(w.live, w.spent, 1.0)), 0.0)
        wage_new = wage + self.damp * np.log(value / labour)
        weight = w.labour * np.exp(wage_new + hours)
        weight = weight / sector(w.labour)
        total = sector(weight)
        wage_new = wage_new - np.log(total)
        out = np.concatenate([wage_new, price_new.ravel(), spend_new.ravel()])
        return out, {
            "low": low, "phi": phi, "quota": quota, "reach": reach, "output": output,
            "bought": bought, "spent": spent, "revenue": revenue, "value": value,
            "labour": labour, "income": income, "wanted": wanted, "weight": weight / total,
        }

    def _transfer(self, wage: Array) -> Array:
        if self.anchor is None:
            return self.world.deficit
        moved: Array = self.world.deficit * np.exp(wage[self.anchor])
        return moved

    # -- its adjoint -----------------------------------------------------------------------

    def forward(self, z: Array) -> dict[str, Array]:
        """What :meth:`pullback` needs to know of the point *z*."""
        return self._forward(z)[1]

    def pullback(self, z: Array, v: dict[str, Array], bar: Array, gain: Array,
                 importer: int | None = None) -> tuple[Array, Array]:
        """The gradient of ``bar · step(z) + gain · log W(z)``.

        Reverse accumulation by hand: each line undoes one line of the map, last first. W is
        welfare (see :meth:`welfare`).

        Returns:
            The gradient in *z*, and that in the log of the taxes of *importer* (sector,
            exporter), empty if no importer is named.
        """
        w = self.world
        wage, _, _ = self._parts(z)
        wage_bar, price_bar, spend_bar = (part.copy() for part in self._parts(bar))
        theta = w.theta[:, None]

        total = wage_bar.sum()
        wage_bar = wage_bar - total * v["weight"]
        hours_bar = -total * v["weight"]
        value_bar = self.damp * wage_bar / v["value"]
        labour_bar = -self.damp * wage_bar / v["labour"]

        wanted_bar = np.where(w.live, spend_bar / np.where(w.live, v["wanted"], 1.0), 0.0)
        leisure = self.kappa / (1.0 + self.kappa)
        net = v["labour"] + v["revenue"] if self.tax_cut else v["labour"]
        worth = gain / (v["income"] - leisure * net)
        income_bar = (w.final * wanted_bar).sum(axis=0) + worth
        revenue_bar = income_bar.copy()
        labour_bar = labour_bar + income_bar - leisure * worth
        cpi_bar = -gain
        if self.tax_cut:
            revenue_bar = revenue_bar - leisure * worth
        if self.anchor is not None:
            wage_bar[self.anchor] += (income_bar * self._transfer(wage)).sum()
        labour_log = labour_bar * v["labour"]
        wage_bar = wage_bar + labour_log
        hours_bar = hours_bar + labour_log
        if self.kappa:
            pay_bar = self.kappa * hours_bar
            wage_bar = wage_bar + pay_bar
            cpi_bar = cpi_bar - pay_bar
            if self.tax_cut:
                both = v["value"] + v["revenue"]
                revenue_bar = revenue_bar + pay_bar / both
                value_bar = value_bar + pay_bar * (1.0 / both - 1.0 / v["value"])
        price_bar = price_bar + w.final * cpi_bar

        output_bar = w.vashare * value_bar
        if w.linked:
            output_bar = output_bar + np.matmul(wanted_bar.T[:, None, :], w.inputs)[:, 0, :].T
        bought_bar = -revenue_bar * v["quota"]
        reach_bar = output_bar * v["low"]
        quota_bar = -revenue_bar * v["bought"] + np.matmul(
            self.net, reach_bar[:, :, None])[:, :, 0]
        spent_bar = revenue_bar + quota_bar / v["phi"]
        phi_bar = -(quota_bar * v["quota"] + price_bar / theta) / v["phi"]
        phi_bar = np.where(w.live, phi_bar, 0.0)
        low_bar = output_bar * v["reach"] + np.matmul(
            phi_bar[:, None, :], self.pull)[:, 0, :] + np.matmul(
            bought_bar[:, None, :], self.net)[:, 0, :]
        cost_bar = -theta * v["low"] * low_bar
        wage_bar = wage_bar + (w.vashare * cost_bar).sum(axis=0)
        if w.linked:
            price_old = np.matmul(w.inputs, cost_bar.T[:, :, None])[:, :, 0].T
        else:
            price_old = np.zeros_like(cost_bar)
        back = np.concatenate([wage_bar, price_old.ravel(), (spent_bar * v["spent"]).ravel()])

        if importer is None:
            return back, np.empty(0)
        # Shares fall with the tax to the θ; what is left after it, to the θ + 1.
        n = importer
        tax_bar = -theta * self.pull[:, n] * phi_bar[:, n, None] * v["low"] - (
            theta + 1.0) * self.net[:, n] * (
                bought_bar[:, n, None] * v["low"] + v["quota"][:, n, None] * reach_bar)
        return back, tax_bar

    def welfare(self, levels: Levels) -> Array:
        """Log change of welfare (country): real consumption, less what added work costs.

        With labour in elastic supply utility is that of Greenwood, Hercowitz and Huffman (1988),
        consumption less a power of hours, whose cost is κ/(1+κ) of labour income after tax.
        """
        w = self.world
        leisure = self.kappa / (1.0 + self.kappa)
        before = w.labour + w.revenue if self.tax_cut else w.labour
        change: Array = np.log((levels.income - leisure * levels.net)
                               / (w.income - leisure * before)) - levels.cpi
        return change

    # -- what it comes to ------------------------------------------------------------------

    def levels(self, z: Array) -> Levels:
        """Everything at *z*, and how far each market is from clearing.

        Nothing is put right here: shares come from the prices in *z*, sales from the shares,
        and the residuals say by how much the accounts differ.
        """
        w = self.world
        wage, price, spend = self._parts(z)
        cost = self._cost(wage, price)
        theta = w.theta[:, None]
        low = np.exp(-theta * cost)
        high = np.exp(theta * price)
        spent = w.spent * np.exp(spend)
        share = self.pull * low[:, None, :] * high[:, :, None]
        flows = share * (spent[:, :, None] / self.tax)
        output = flows.sum(axis=1)
        bought = flows.sum(axis=2)
        revenue = ((flows * self.tax).sum(axis=2) - bought).sum(axis=0)
        value = (w.vashare * output).sum(axis=0)
        cpi = (w.final * price).sum(axis=0)
        hours = np.zeros_like(wage)
        if self.kappa:
            net = wage
            if self.tax_cut:
                net = net + np.log1p(revenue / value) - np.log1p(w.revenue / w.labour)
            hours = self.kappa * (net - cpi)
        labour = w.labour * np.exp(wage + hours)
        deficit = self._transfer(wage)
        income = labour + revenue + deficit
        wanted = w.final * income + np.matmul(w.inputs, output.T[:, :, None])[:, :, 0].T
        trade = bought.sum(axis=0) - output.sum(axis=0)
        residuals = {
            "prices": float(np.abs(share.sum(axis=2) - 1.0)[w.live].max()),
            "goods": float((np.abs(wanted - spent)[w.live] / spent[w.live]).max()),
            "labour": float((np.abs(value - labour) / labour).max()),
            "walras": float((np.abs(trade - deficit) / income).max()),
        }
        return Levels(flows=flows, spent=spent, output=output, wage=wage, hours=hours,
                      price=price, cost=cost, cpi=cpi, labour=labour, revenue=revenue,
                      deficit=deficit, income=income,
                      net=labour + revenue if self.tax_cut else labour, residuals=residuals)
