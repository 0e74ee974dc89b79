"""The textbook way, as a measure: nested loops, damped, each equation written out once.

Caliendo and Parro (2015), appendix: guess wages; iterate prices given wages; solve the linear
system of all expenditures; move wages by excess demand; repeat. Kept plain on purpose.
"""

from __future__ import annotations

import numpy as np


def nested(flows, tax_old, tax_new, vashare, inputs, theta, final, deficit, *, tol=1e-7,
           move=0.1, most=2000):
    """Log changes of real income by country, outer iterations and the error left.

    Arrays as in :class:`tradescen.effects.hats.World`.
    """
    sectors, size = vashare.shape
    paid = flows * tax_old
    spent = paid.sum(axis=2)
    share = np.divide(paid, spent[:, :, None], out=np.zeros_like(paid),
                      where=spent[:, :, None] > 0)
    labour = (vashare * flows.sum(axis=1)).sum(axis=0)
    change = tax_new / tax_old
    wage, price = np.ones(size), np.ones((sectors, size))
    for outer in range(1, most + 1):  # noqa: B007 (told at the end)
        for _ in range(most):
            cost = wage ** vashare
            for k in range(sectors):
                cost = cost * price[k][None, :] ** inputs[:, k, :].T
            new = np.ones_like(price)
            for j in range(sectors):
                total = (share[j] * (change[j] * cost[j][None, :]) ** -theta[j]).sum(axis=1)
                new[j] = np.where(total > 0, total, 1.0) ** (-1.0 / theta[j])
            gap, price = np.abs(new - price).max(), new
            if gap < tol:
                break
        now = np.empty_like(share)
        for j in range(sectors):
            now[j] = share[j] * (change[j] * cost[j][None, :] / price[j][:, None]) ** -theta[j]
        net = now / tax_new
        # One linear system for the expenditure of every sector and country.
        matrix = np.eye(sectors * size)
        for n in range(size):
            rows = np.arange(sectors) * size + n
            for k in range(sectors):
                columns = k * size + np.arange(size)
                matrix[np.ix_(rows, columns)] -= np.outer(inputs[n, :, k], net[k][:, n])
                duty = 1.0 - net[k][n].sum()
                matrix[rows, k * size + n] -= final[:, n] * duty
        spent_now = np.linalg.solve(matrix, (final * (wage * labour + deficit)).ravel())
        spent_now = spent_now.reshape(sectors, size)
        sold = (net * spent_now[:, :, None]).sum(axis=1)
        excess = (vashare * sold).sum(axis=0) / (wage * labour) - 1.0
        error = np.abs(excess).max()
        if error < tol:
            break
        wage = wage * (1.0 + move * excess)
        wage = wage / ((wage * labour).sum() / labour.sum())
    revenue = (spent_now - (net * spent_now[:, :, None]).sum(axis=2)).sum(axis=0)
    income = wage * labour + revenue + deficit
    income_old = labour + (paid - flows).sum(axis=(0, 2)) + deficit
    real = np.log(income / income_old) - (final * np.log(price)).sum(axis=0)
    return real, outer, error


def one_sector_residual(flows, tax_old, tax_new, theta, deficit):
    """The excess demands of one sector as a function of log wages and log income, for fsolve."""
    paid = flows * tax_old
    share = paid / paid.sum(axis=1, keepdims=True)
    labour = flows.sum(axis=0)
    income_old = labour + (paid - flows).sum(axis=1) + deficit
    size = len(labour)

    def residual(z):
        wage, income = np.exp(z[:size]), income_old * np.exp(z[size:])
        pull = share * ((tax_new / tax_old) * wage[None, :]) ** -theta
        now = pull / pull.sum(axis=1, keepdims=True)
        sales = now * income[:, None] / tax_new
        earned = wage * labour
        excess = sales.sum(axis=0) / earned - 1.0
        excess[0] = earned.sum() / labour.sum() - 1.0  # the numeraire, for Walras' law
        budget = (earned + (income - sales.sum(axis=1)) + deficit) / income - 1.0
        return np.concatenate([excess, budget])

    def real_income(z):
        wage, income = np.exp(z[:size]), np.exp(z[size:])
        pull = share * ((tax_new / tax_old) * wage[None, :]) ** -theta
        return np.log(income) + np.log(pull.sum(axis=1)) / theta

    return residual, np.zeros(2 * size), real_income
