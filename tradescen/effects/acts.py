"""Which acts bring the revenue: a change of duty revenue shared out among changes of the law."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tradescen import __version__
from tradescen.attribution import changed, kind_of, mixed, shared_out
from tradescen.effects.aligning import aligned
from tradescen.effects.duties import factor_of
from tradescen.effects.rateframes import rate_frame
from tradescen.errors import InvalidValue, MissingData
from tradescen.simulation import pick_weights, simulate
from tradescen.vocab.period import DateLike

if TYPE_CHECKING:
    from tradescen.scenario import Scenario

__all__ = ["contributions"]

_COLUMNS = ("change", "kind", "what", "revenue", "share", "spread")


def contributions(base: Scenario, other: Scenario, *, start: DateLike, end: DateLike,
                  importers: Any = None, exporters: Any = None, weights: Any = None,
                  method: str = "shapley", realised: float = 1.0, orders: int = 20,
                  seed: int = 0) -> pd.DataFrame:
    """Share out the change of static duty revenue between two scenarios among its changes.

    Each act, truce or milestone that one scenario has and the other has not (or not alike) gets
    what it adds to the revenue of the window when it is made after others: in the order of
    their days (``"ordered"``), or the mean over all orders (``"shapley"``, sampled beyond six).
    The parts sum to the change. Duties that only keep another from being charged share with it.

    Args:
        base, other: The change is that from *base* to *other*; neither has forks.
        start, end: The window, its last day not in it. Days in force count.
        importers, exporters, weights: As in :func:`tradescen.simulate`.
        method, orders, seed: As in :func:`tradescen.attribute`.
        realised: Duty collected over duty the statute asks.

    Returns:
        ``change, kind, what, revenue, share, spread``: *revenue* in the money of the trade,
        *share* of the whole change, *spread* the standard error of a sampled part. ``attrs``:
        ``change``, ``revenue_old``, ``revenue_new``, ``unknown_share``, weights and their year.

    Raises:
        InvalidValue: for forks or different schedules.
        MissingData: where a rate known in both scenarios is unknown with only some changes made.
    """
    if method not in ("shapley", "ordered"):
        raise InvalidValue(f"method={method!r} is not 'shapley' or 'ordered'", value=method)
    if base.forks or other.forks:
        raise InvalidValue("contributions() compares single paths; take one with .along(path)")
    if base.schedule != other.schedule:
        raise InvalidValue(
            "the scenarios have different schedules, and only changes can be shared out; build "
            "both from one by .then(…), .without(…) of acts"
        )
    given = pick_weights(weights) or base.weights
    both = simulate([base.named("base"), other.named("other")], start=start, end=end,
                    importers=importers, exporters=exporters, weights=given)
    # All that is run later is run for the same directions, whatever its acts would suggest.
    run = both.runs[0]
    window = {"start": start, "end": end, "importers": list(run.importers),
              "exporters": sorted({e for _, e in run.directions()})}

    def frame(scenario: Scenario) -> pd.DataFrame:
        return rate_frame(scenario.run(**window, weights=given))

    first, last = rate_frame(both, "base"), rate_frame(both, "other")
    pairs = set(zip(first["importer"], first["exporter"], strict=True))
    trade = pd.concat([w.to_frame() for w in _each(given, pairs)], ignore_index=True)
    held = aligned(first, last, trade)
    money = held.value * factor_of(realised, held)[0]
    known = (~np.isnan(held.old) & ~np.isnan(held.new)).all(axis=1)
    names = changed(base, other)
    revenue = _revenues(base, other, names, frame, trade, money, known)
    old, new = revenue(frozenset()), revenue(frozenset(names))
    parts, taken = shared_out(names, revenue, method, orders, seed)
    made = {c.id: c for c in (*base.changes, *other.changes)}
    change = new - old
    rows = [{"change": n, "kind": kind_of(n, base, other), "what": repr(made[n]),
             "revenue": value, "share": value / change + 0.0 if change else 0.0, "spread": spread}
            for n, (value, spread) in parts.items()]
    out = pd.DataFrame(rows, columns=list(_COLUMNS))
    total = float(held.value.sum())
    used = _each(given, pairs)
    out.attrs = {
        "quantity": "change of static duty revenue by act", "method": method, "orders": taken,
        "change": change, "revenue_old": old, "revenue_new": new, "realised": realised,
        "unknown_share": float(held.value[~known].sum()) / total if total else 0.0,
        "years": float(held.years.sum()), "weights": [w.name for w in used],
        "weights_year": sorted({w.year for w in used}), "currency": used[0].currency,
        "residual": change - float(out["revenue"].sum()), "tradescen": __version__,
    }
    return out


def _each(given: Any, pairs: set[tuple[str, str]]) -> list[Any]:
    """The weights that hold the directions, cut to them, each direction once."""
    from attrs import evolve

    left = set(pairs)
    out = []
    for one in given:
        mine = {p: dict(v) for p, v in one.values if p in left}
        if mine:
            out.append(evolve(one, values=mine))
            left -= set(mine)
    return out


def _revenues(base: Scenario, other: Scenario, names: list[str],
              frame: Callable[[Scenario], pd.DataFrame], trade: pd.DataFrame, money: Any,
              known: Any) -> Callable[[frozenset[str]], float]:
    """Revenue of the window once a set of changes is made, each set computed once."""
    theirs = {c.id: c for c in other.changes}
    done: dict[frozenset[str], float] = {}

    def revenue(made: frozenset[str]) -> float:
        if made not in done:
            kept = [c for c in base.changes if c.id not in made]
            wanted = [theirs[n] for n in made if n in theirs]
            rates = frame(mixed(base, kept, wanted, other) if made else base)
            held = aligned(rates, rates, trade)
            if np.isnan(held.old[known]).any():
                raise MissingData(
                    f"with only {', '.join(sorted(made))} made, rates are unknown that are known "
                    "in both scenarios; share out the other changes, or give unit values"
                )
            done[made] = float((held.old[known] * held.years).sum(axis=1) @ money[known])
        return done[made]

    return revenue
