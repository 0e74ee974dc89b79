"""Bands: one set of scenarios under many elasticities, reproducible from the seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from tradescen.effects.closure import Closure
from tradescen.effects.equilibrium import baseline
from tradescen.effects.gedata import LEAST, MOST, GEData
from tradescen.effects.geresult import GEResult
from tradescen.effects.rates import Rates
from tradescen.errors import InvalidValue, UnknownName

__all__ = ["Bands", "Theta", "solve_many"]

Array = NDArray[np.float64]
CHUNK = 8
QUANTITIES = ("welfare", "real_wage", "price_index", "terms_of_trade", "exports", "imports",
              "revenue")


@frozen(kw_only=True)
class Theta:
    """How trade elasticities are drawn.

    Give *sd*, or *low* and *high*.

    Args:
        n: How many draws.
        sd: Standard deviation of the log around the elasticity of the data (its median).
        low, high: Ends of a range, drawn evenly in logs: say a short-run and a long-run estimate.
        common: Whether one draw scales all sectors (with *low, high*: replaces all); else each
            sector has its own.
    """

    n: int = 200
    sd: float | None = None
    low: float | None = None
    high: float | None = None
    common: bool = field(default=True)

    def __attrs_post_init__(self) -> None:
        if isinstance(self.n, bool) or not isinstance(self.n, int) or self.n < 1:
            raise InvalidValue(f"n={self.n!r} is not a number of draws, 1 or more", value=self.n)
        ranged = self.low is not None and self.high is not None
        if (self.sd is None) == (not ranged) or (self.low is None) != (self.high is None):
            raise InvalidValue("give sd, or low and high, and not both")
        if self.sd is not None and not 0 <= self.sd < 3:
            raise InvalidValue(f"sd={self.sd!r} is not the spread of a log, 0 or more and below 3",
                               value=self.sd)
        if self.low is not None and self.high is not None and not (
            LEAST <= self.low <= self.high <= MOST
        ):
            raise InvalidValue(
                f"low={self.low!r}, high={self.high!r} are not a range of elasticities within "
                f"{LEAST:g} and {MOST:g}"
            )

    def draw(self, seed: int, number: int, theta: Array) -> Array:
        """Draw *number* of *seed*, around *theta* (sector)."""
        rng = np.random.default_rng([seed, number])
        size = 1 if self.common else theta.size
        if self.sd is not None:
            drawn = theta * np.exp(self.sd * rng.standard_normal(size))
        else:
            ends = np.log(np.array([self.low, self.high], dtype=float))
            drawn = np.exp(rng.uniform(ends[0], ends[1], size)) * np.ones_like(theta)
        # A model below or above these has no use; the ends of a wide normal are cut there.
        clipped: Array = np.clip(drawn, LEAST, MOST)
        return clipped


@frozen(eq=False, repr=False, kw_only=True)
class Bands:
    """Equilibria of several paths under drawn elasticities.

    Attributes:
        paths, countries: The axes.
        probabilities: Of the paths, NaN where unknown.
        thetas: (draw, sector).
        values: Quantity → (draw, path, country): changes as fractions, ``revenue`` in money.
        central: The same under the elasticities of the data: (path, country).
        seed, relative_to, definition: What they are.
    """

    paths: tuple[str, ...]
    countries: tuple[str, ...]
    probabilities: tuple[float, ...]
    thetas: Array
    values: Mapping[str, Array]
    central: Mapping[str, Array]
    seed: int
    relative_to: str | None
    definition: Mapping[Any, Any]

    def __repr__(self) -> str:
        return (f"<Bands of {len(self.paths)} paths × {len(self.thetas)} draws, "
                f"{len(self.countries)} countries, seed {self.seed}>")

    def _of(self, quantity: str) -> tuple[Array, Array]:
        if quantity not in self.values:
            raise UnknownName.among("quantity", quantity, self.values)
        return self.values[quantity], self.central[quantity]

    def to_frame(self, quantity: str = "welfare") -> pd.DataFrame:
        """``draw, theta, path, country`` and the quantity; *theta* is the mean over sectors."""
        values = self._of(quantity)[0]
        n, p, c = values.shape
        frame = pd.DataFrame({
            "draw": np.repeat(np.arange(n), p * c),
            "theta": np.repeat(self.thetas.mean(axis=1), p * c),
            "path": np.tile(np.repeat(np.array(self.paths, dtype=object), c), n),
            "country": np.tile(np.array(self.countries, dtype=object), n * p),
            quantity: values.reshape(-1),
        }).infer_objects()
        frame.attrs = self._attrs(quantity)
        return frame

    def _attrs(self, quantity: str) -> dict[Any, Any]:
        return dict(self.definition) | {
            "quantity": quantity, "relative_to": self.relative_to, "seed": self.seed,
            "draws": len(self.thetas)}

    def quantiles(self, quantity: str = "welfare", q: Any = (0.05, 0.5, 0.95),
                  countries: Sequence[str] | None = None) -> pd.DataFrame:
        """``path, country, central`` and a column for each q over draws of elasticities.

        Where all paths have odds, the path ``"all paths"`` is the mixture: the quantiles of the
        future as a whole, over paths and elasticities.
        """
        values, central = self._of(quantity)
        wanted = [float(one) for one in ((q,) if isinstance(q, (int, float)) else q)]
        if any(not 0 <= one <= 1 for one in wanted):
            raise InvalidValue(f"q={q!r} are not odds between 0 and 1", value=q)
        chosen = list(countries) if countries is not None else list(self.countries)
        unknown = [c for c in chosen if c not in self.countries]
        if unknown:
            raise UnknownName.among("country", unknown[0], self.countries)
        at = [self.countries.index(c) for c in chosen]
        rows = []
        for p, path in enumerate(self.paths):
            found = np.quantile(values[:, p, at], wanted, axis=0)
            rows.append(self._rows(path, chosen, central[p, at], wanted, found))
        odds = np.array(self.probabilities)
        if len(self.paths) > 1 and np.isfinite(odds).all():
            weight = odds / odds.sum()
            every = values[:, :, at].reshape(-1, len(at))
            # Each draw of a path counts with the odds of the path.
            share = np.tile(weight, len(values)) / len(values)
            found = np.stack([_weighted(every[:, k], share, wanted) for k in range(len(at))], 1)
            rows.append(self._rows("all paths", chosen, weight @ central[:, at], wanted, found))
        frame = pd.concat(rows, ignore_index=True)
        frame.attrs = self._attrs(quantity)
        return frame

    def _rows(self, path: str, countries: list[str], central: Array, wanted: list[float],
              found: Array) -> pd.DataFrame:
        return pd.DataFrame({
            "path": path, "country": countries, "central": central,
            **{f"q{one:g}": found[k] for k, one in enumerate(wanted)},
        })


def _weighted(values: Array, share: Array, wanted: list[float]) -> Array:
    order = np.argsort(values)
    reached = np.cumsum(share[order])
    at = np.searchsorted(reached, np.array(wanted) - 1e-12)
    picked: Array = values[order][np.minimum(at, len(values) - 1)]
    return picked


def _all(results: Sequence[GEResult], reference: int | None) -> Array:
    """(quantity, path, country)."""
    frames = [r.summary() for r in results]
    out = np.stack([np.stack([f[name].to_numpy() for f in frames]) for name in QUANTITIES])
    if reference is not None:
        money = QUANTITIES.index("revenue")
        difference = out[money] - out[money, reference]
        out = (1 + out) / (1 + out[:, reference, None]) - 1
        out[money] = difference
    return out


def _chunk(data: GEData, old: Rates, new: Sequence[Rates], closure: Closure | None, tol: float,
           reference: int | None, start: Sequence[Array], thetas: Array) -> tuple[Array, float]:
    """One draw after the other; the start is the same for each, so chunks do not matter.

    Returns:
        (draw, quantity, path, country), and the largest residual.
    """
    out, worst = [], 0.0
    for theta in thetas:
        base = baseline(evolve(data, theta=theta), old, closure=closure)
        results = [base.solve(rates, tol=tol, start=near)
                   for rates, near in zip(new, start, strict=True)]
        out.append(_all(results, reference))
        worst = max(worst, *(r.residual for r in results))
    return np.stack(out), worst


def solve_many(data: GEData, rates_old: pd.DataFrame | Rates,
               rates_new: pd.DataFrame | Rates | Mapping[str, pd.DataFrame | Rates], *,
               draws: Theta, seed: int, probabilities: Mapping[str, float] | None = None,
               relative_to: str | None = None, closure: Closure | None = None,
               missing: float | None = None, executor: Executor | None = None,
               tol: float = 1e-9) -> Bands:
    """Solve each path under each draw of elasticities.

    Every draw is used for all paths, so a difference between paths is not blurred by the draws.

    Args:
        data: Whose elasticities are the centre of the draws.
        rates_old: The rates of the data.
        rates_new: One frame, or path → frame.
        draws: How elasticities are drawn.
        seed: Draw *i* uses ``default_rng([seed, i])``; any executor gives the same numbers.
        probabilities: Odds of the paths, for the mixture over all.
        relative_to: A path all are measured against, draw by draw; ``None``: the old equilibrium.
        closure, missing, tol: As for :func:`~tradescen.effects.solve_ge`.
        executor: Any ``concurrent.futures.Executor``; ``None``: in this thread.

    Raises:
        NotConverged: if any equilibrium was not found.
        UnknownName: for a path that is not among *rates_new*.
    """
    named = dict(rates_new) if isinstance(rates_new, Mapping) else {"new": rates_new}
    if not named:
        raise InvalidValue("rates_new names no path; give a frame, or path → frame")
    paths = tuple(str(p) for p in named)
    for name in (*(probabilities or {}), *([relative_to] if relative_to is not None else [])):
        if name not in paths:
            raise UnknownName.among("path", str(name), paths)
    old = Rates.of(data, rates_old, missing=missing, what="rates_old")
    new = [Rates.of(data, r, missing=missing, what=f"rates_new of {p}")
           for p, r in zip(paths, named.values(), strict=True)]
    reference = None if relative_to is None else paths.index(relative_to)
    base = baseline(data, old, closure=closure)
    middle = [base.solve(r, tol=tol) for r in new]
    central = _all(middle, reference)
    thetas = np.stack([draws.draw(seed, k, data.theta) for k in range(draws.n)])
    work = partial(_chunk, data, old, new, closure, tol, reference, [m.point for m in middle])
    parts = list((map if executor is None else executor.map)(
        work, [thetas[k:k + CHUNK] for k in range(0, draws.n, CHUNK)]))
    values = np.concatenate([part for part, _ in parts])
    odds = probabilities or {}
    definition = middle[0].definition
    del definition["iterations"]
    definition["residual"] = max(*(m.residual for m in middle), *(worst for _, worst in parts))
    definition["tol"] = tol
    return Bands(
        paths=paths, countries=data.countries,
        probabilities=tuple(float(odds.get(p, np.nan)) for p in paths), thetas=thetas,
        values={name: values[:, k] for k, name in enumerate(QUANTITIES)},
        central={name: central[k] for k, name in enumerate(QUANTITIES)},
        seed=seed, relative_to=relative_to, definition=definition,
    )
