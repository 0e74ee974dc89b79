"""The equilibrium of a system, or an error: never numbers that are not one."""

from __future__ import annotations

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from tradescen.effects.anderson import Found, fixed_point
from tradescen.effects.hats import Levels, System
from tradescen.errors import InvalidValue, NotConverged

__all__ = ["solved"]

Array = NDArray[np.float64]
FINEST, COARSEST = 1e-12, 1e-3  # below is rounding, above is no equilibrium
STEPS = (1, 4, 16)  # a jump; where that fails, smaller ones


def solved(system: System, old: Array, tol: float, start: Array | None) -> tuple[Found, Levels]:
    """The equilibrium of *system*, in one jump or along a path of tariffs from *old*.

    Raises:
        NotConverged: if none was found whose accounts agree to *tol*.
        InvalidValue: for a tolerance below what numbers can hold, or too wide to call it one.
    """
    if not isinstance(tol, (int, float)) or not FINEST <= tol <= COARSEST:
        raise InvalidValue(
            f"tol={tol!r}: markets clear to a relative error between {FINEST:g} and {COARSEST:g}; "
            "take 1e-9", value=tol)
    spent, worst = 0, float("inf")
    for steps in STEPS:
        z = system.start() if start is None or steps > 1 else start
        found = Found(z, float("inf"), 0, False)
        for k in range(1, steps + 1):
            part = system
            if k < steps:
                way = k / steps
                part = evolve(system, tax=old ** (1 - way) * system.tax ** way,
                              cost=None if system.cost is None else system.cost ** way)
            found = fixed_point(part.step, z, scale=part.scale(), tol=tol / 10)
            spent += found.iterations
            if not found.converged:
                break
            z = found.point
        if found.converged:
            # The solver looks at its own map; the accounts are looked at here, on their own.
            levels = system.levels(found.point)
            for tighter in (1e-2, 1e-3):
                if levels.residual <= tol:
                    break
                found = fixed_point(system.step, found.point, scale=system.scale(),
                                    tol=tol * tighter)
                spent += found.iterations
                levels = system.levels(found.point)
            worst = levels.residual
            if worst <= tol:
                return found._replace(iterations=spent), levels
        else:
            worst = found.error
    worst = worst if np.isfinite(worst) else float("inf")
    raise NotConverged(
        f"no equilibrium was found after {spent:,} steps: markets are still off by {worst:.1e} "
        f"(wanted: {tol:.0e}), so there are no numbers. Transfers above what a country earns, or "
        "rates and elasticities that close a country off, are the usual causes; look at the "
        "deficits of the data, or try deficits='zero'",
        residual=worst, iterations=spent,
    )
