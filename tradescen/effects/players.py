"""Tariffs by a rule of reciprocity, and those of several who each choose theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from attrs import field, frozen

from tradescen.effects.closure import Closure
from tradescen.effects.equilibrium import Baseline
from tradescen.effects.geresult import GEResult
from tradescen.effects.optimal import OptimalTariff, optimal_tariff, prepare
from tradescen.effects.rates import Rates, places
from tradescen.errors import InvalidValue, NotConverged

if TYPE_CHECKING:
    from tradescen.effects.gedata import GEData

__all__ = ["Nash", "nash", "reciprocal"]


@frozen(eq=False, repr=False, kw_only=True)
class Nash:
    """Rates of which each player's are its best answer to the others'.

    Attributes:
        players, kind, bounds: What was asked.
        result: The equilibrium under these rates.
        rounds: Rounds of answers.
        moved: Largest move of a player's rates in the last round (weighted with its imports).
        best: Each player's last best answer.
    """

    players: tuple[str, ...]
    kind: str
    bounds: tuple[float, float]
    result: GEResult
    rounds: int
    moved: float
    best: Mapping[str, OptimalTariff] = field(factory=dict)

    def __repr__(self) -> str:
        said = ", ".join(f"{p} {self.best[p].mean:.1%}" for p in self.players)
        return f"<Nash of {said}; {self.rounds} rounds>"

    def summary(self) -> pd.DataFrame:
        """``player, mean_rate, welfare, gain_left``: what each charges and gets; *gain_left* is
        what it gained by its last answer, near 0 at the equilibrium."""
        welfare = self.result.welfare
        frame = pd.DataFrame({
            "player": list(self.players),
            "mean_rate": [self.best[p].mean for p in self.players],
            "welfare": [float(welfare[p]) for p in self.players],
            "gain_left": [self.best[p].gain for p in self.players],
        })
        frame.attrs = self.result.definition
        return frame


def nash(data: GEData | Baseline, players: Sequence[str], rates_old: Any = None, *,
         rates_now: Any = None, kind: str = "uniform", bounds: tuple[float, float] = (0.0, 1.0),
         among: bool = False, closure: Closure | None = None, missing: float | None = None,
         tol: float = 1e-4, rounds: int = 60) -> Nash:
    """Rates of several importers of which each is the best answer to the others.

    Players answer in turn until no one's rates move by more than *tol*. There may be other
    equilibria (no trade at all is one); this is the one reached from *rates_now*.

    Args:
        players: Who chooses; all others keep their rates.
        among: Whether players charge each other only; otherwise all their partners.
        tol: Largest move of a player's rates at the end, root mean square weighted with imports.
        rounds: Rounds after which to give up.
        data, rates_old, rates_now, kind, bounds, closure, missing: As for
            :func:`optimal_tariff`.

    Raises:
        InvalidValue: for fewer than two players.
        NotConverged: if answers still move after *rounds*.
    """
    base = prepare(data, rates_old, closure, missing, kind, bounds)
    at = places(pd.Series(list(players), dtype=object), base.data.countries, "country")
    names = tuple(base.data.countries[n] for n in at)
    if len(set(names)) < 2 or len(set(names)) < len(names):
        raise InvalidValue(f"players={tuple(players)!r} are not two or more different countries",
                           value=players)
    now = base.rates if rates_now is None else Rates.of(base.data, rates_now, missing=missing,
                                                        what="rates_now")
    best: dict[str, OptimalTariff] = {}
    moved = np.inf
    near: dict[str, GEResult] = {}
    for played in range(1, rounds + 1):
        moved = 0.0
        for n, name in zip(at, names, strict=True):
            others = tuple(p for p in names if p != name) if among else None
            answer = optimal_tariff(base, name, rates_now=now, kind=kind, bounds=bounds,
                                    against=others, start=near.get(name), tol=tol / 10)
            mine, was = answer.result.rates.values[:, n], now.values[:, n]
            imports = base.world.flows[:, n].copy()
            imports[:, n] = 0.0
            if others is not None:
                kept = [base.data.countries.index(o) for o in others]
                imports = imports * np.isin(np.arange(imports.shape[1]), kept)
            moved = max(moved, float(np.sqrt(np.average((mine - was) ** 2, weights=imports))))
            now, best[name], near[name] = answer.result.rates, answer, answer.result
        if moved <= tol:
            result = base.solve(now, start=near[names[-1]])
            return Nash(players=names, kind=kind, bounds=bounds, result=result, rounds=played,
                        moved=moved, best=best)
    raise NotConverged(
        f"after {rounds} rounds the answers of {', '.join(names)} still move by {moved:.2g}; "
        "narrow the bounds, allow more rounds, or choose a coarser kind",
        residual=moved, iterations=rounds,
    )


def reciprocal(data: GEData, importer: str, rates: Any, *, rule: str = "mirror",
               missing: float | None = None, elasticity: float = 4.0, pass_through: float = 0.25,
               discount: float = 0.5, least: float = 0.10) -> pd.DataFrame:
    """The rates in force with those of *importer* set by a rule of reciprocity.

    Args:
        rule: ``"mirror"``: each partner is charged what it charges. ``"deficit"``: the formula of
            the US Trade Representative of 2 April 2025 ("Reciprocal Tariff Calculations"):
            (imports − exports) / (elasticity × pass-through × imports), halved, at least 10 %,
            and at least that in trade with a surplus; in all sectors alike.
        rates: The rates in force: ``importer, exporter[, sector], rate``.
        elasticity, pass_through, discount, least: The terms of that formula.

    Returns:
        ``importer, exporter[, sector], rate`` of all pairs. No claim is made that such rates are
        good for anyone: weigh them with ``solve_ge``.

    Raises:
        InvalidValue: for another rule.
    """
    held = Rates.of(data, rates, missing=missing, what="rates")
    at = int(places(pd.Series([importer]), data.countries, "country")[0])
    values = held.values.copy()
    if rule == "mirror":
        values[:, at, :] = held.values[:, :, at]
    elif rule == "deficit":
        bought, sold = data.flows[:, at, :].sum(axis=0), data.flows[:, :, at].sum(axis=0)
        gap = np.divide(bought - sold, elasticity * pass_through * bought,
                        out=np.zeros_like(bought), where=bought > 0)
        values[:, at, :] = np.maximum(least, discount * gap)
    else:
        raise InvalidValue(f"rule={rule!r} is neither 'mirror' nor 'deficit'", value=rule)
    values[:, at, at] = 0.0
    return Rates(values=values, missing=held.missing).to_frame(data)
