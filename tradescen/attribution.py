"""Which acts made the difference between two scenarios: in order, or by Shapley's shares."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from itertools import permutations
from typing import TYPE_CHECKING, Any

from attrs import evolve

from tradescen.errors import ConflictingActs, InvalidValue, MissingData, UnknownName
from tradescen.timeline.moves import plain_acts
from tradescen.timeline.pruning import pruned
from tradescen.vocab.countries import country
from tradescen.vocab.period import DateLike, as_date

if TYPE_CHECKING:
    import pandas as pd

    from tradescen.scenario import Scenario

__all__ = ["EXACT", "attribute"]

DAY = timedelta(days=1)
EXACT = 6  # changes up to which all orders are taken; beyond it orders are sampled
_COLUMNS = ("change", "kind", "what", "share", "spread")


def attribute(base: Scenario, other: Scenario, *, importer: str, exporter: str, on: DateLike,
              method: str = "shapley", product: str | None = None, orders: int = 60,
              seed: int = 0) -> pd.DataFrame:
    """Attribute the change of a rate between two scenarios to the changes that make it.

    A change is an act, truce, step, rule or milestone that one scenario has and the other has
    not, or not alike. Its share is what it adds to the rate when it is made after others;
    ``"ordered"`` makes them in the order of their days, ``"shapley"`` takes the mean over all
    orders (sampled beyond six changes). Changes that mean nothing without others add nothing
    until these are made. Shares sum to the change exactly as floats add.

    Args:
        base, other: The change is that from *base* to *other*.
        importer, exporter: The direction.
        on: The day.
        method: ``"shapley"`` or ``"ordered"``.
        product: A tariff code; ``None``: the trade-weighted mean.
        orders: How many orders are sampled where all are too many.
        seed: Of the sampling.

    Returns:
        One row a change: ``change, kind, what, share, spread``; *share* in fractions of customs
        value, *spread* the standard error of a sampled share (0 where exact). ``attrs`` has
        ``change``, ``rate_base``, ``rate``, ``method``.

    Raises:
        InvalidValue: for scenarios with forks or of different schedules.
        MissingData: where a rate is unknown.
    """
    import pandas as pd

    day = as_date(on, "on")
    if method not in ("shapley", "ordered"):
        raise InvalidValue(f"method={method!r} is not 'shapley' or 'ordered'", value=method)
    if base.forks or other.forks:
        raise InvalidValue("attribute() compares single paths; take one with .along(path)")
    if base.schedule != other.schedule:
        raise InvalidValue(
            "the scenarios have different schedules, and only changes can be attributed; build "
            "both from one by .then(…), .without(…) of acts"
        )
    names = changed(base, other)
    rate = _rates(base, other, names, country(importer), country(exporter), day, product)
    start, end = rate(frozenset()), rate(frozenset(names))
    for value, scenario in ((start, base), (end, other)):
        if math.isnan(value):
            raise MissingData(
                f"the rate of {scenario.name!r} is unknown on {day}, so its change cannot be "
                "attributed; ask for a product with a known rate, or give unit values",
            )
    shares, orders_taken = shared_out(names, rate, method, orders, seed)
    both = {c.id: c for c in (*base.changes, *other.changes)}
    rows = [{"change": name, "kind": kind_of(name, base, other), "what": repr(both[name]),
             "share": mean, "spread": spread} for name, (mean, spread) in shares.items()]
    frame = pd.DataFrame(rows, columns=list(_COLUMNS))
    frame.attrs = {"change": end - start, "rate_base": start, "rate": end, "method": method,
                   "orders": orders_taken, "unit": "fractions of customs value"}
    return frame


def shared_out(names: Sequence[str], value: Callable[[frozenset[str]], float], method: str,
               orders: int, seed: int) -> tuple[dict[str, tuple[float, float]], int]:
    """What each change adds to a value, and its standard error; and how many orders were taken.

    Args:
        names: The changes, in the order of their days.
        value: The value once a set of them is made.
        method, orders, seed: As in :func:`attribute`.
    """
    if method == "ordered" or len(names) < 2:
        taken: list[tuple[str, ...]] = [tuple(names)]
    elif len(names) <= EXACT:
        taken = list(permutations(names))
    else:
        draw = random.Random(seed)
        taken = []
        for _ in range(max(1, orders // 2)):
            one = list(names)
            draw.shuffle(one)
            taken += [tuple(one), tuple(reversed(one))]  # antithetic orders halve the error
    added: dict[str, list[float]] = {n: [0.0] * len(taken) for n in names}
    start = value(frozenset())
    for k, order in enumerate(taken):
        made: frozenset[str] = frozenset()
        level = start
        for name in order:
            made = made | {name}
            now = value(made)
            added[name][k] = now - level
            level = now
    sampled = method == "shapley" and len(names) > EXACT
    out = {}
    for name, values in added.items():
        mean = math.fsum(values) / len(values)
        out[name] = (mean, _error(values, mean) if sampled else 0.0)
    return out, len(taken)


def _error(values: Sequence[float], mean: float) -> float:
    n = len(values)
    return math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (n * (n - 1))) if n > 1 else 0.0


def kind_of(name: str, base: Scenario, other: Scenario) -> str:
    here = any(c.id == name for c in base.changes)
    there = any(c.id == name for c in other.changes)
    return "changed" if here and there else "removed" if here else "added"


def _first_day(change: Any) -> Any:
    days = [d for a in plain_acts(change) for d in (a.effective, a.until if hasattr(a, "until")
                                                    else None) if d is not None]
    return (min(days, default=None) is None, min(days, default=None), change.id)


def changed(base: Scenario, other: Scenario) -> list[str]:
    """Ids of changes not alike in both, in the order of their days."""
    ours = {c.id: c for c in base.changes}
    theirs = {c.id: c for c in other.changes}
    both = {**ours, **theirs}
    found = [both[n] for n in both if ours.get(n) != theirs.get(n)]
    return [c.id for c in sorted(found, key=_first_day)]


def _rates(base: Scenario, other: Scenario, names: Iterable[str], importer: str, exporter: str,
           day: Any, product: str | None) -> Callable[[frozenset[str]], float]:
    """The rate once a set of changes is made, each set computed once."""
    theirs = {c.id: c for c in other.changes}
    known: dict[frozenset[str], float] = {}

    def rate(made: frozenset[str]) -> float:
        if made not in known:
            kept = [c for c in base.changes if c.id not in made]
            wanted = [theirs[n] for n in made if n in theirs]
            scenario = mixed(base, kept, wanted, other)
            if product is not None:
                known[made] = scenario.rate(importer=importer, exporter=exporter,
                                            product=product, on=day)
            else:
                frame = scenario.run(start=day, end=day + DAY, importers=[importer],
                                     exporters=[exporter]).bilateral(on=day)
                known[made] = float(frame["rate"].iloc[0])
        return known[made]

    return rate


def mixed(base: Scenario, kept: list[Any], wanted: list[Any], other: Scenario) -> Scenario:
    """The base with some changes made; those that mean nothing yet are left out."""
    changes = [*kept, *wanted]
    while True:
        try:
            return evolve(base, changes=changes, known_on=other.known_on)
        except (ConflictingActs, UnknownName) as error:
            name = str(error.values.get("id") or error.values.get("name"))
            left = [p for c in changes if (p := pruned(c, {name})) is not None]
            if left == changes:
                raise
            changes = left
