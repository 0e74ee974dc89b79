"""Ensembles: many futures drawn at random, and the distribution of averages they come to.

What is drawn follows from the seed alone, and is cut into the same chunks whatever executor
runs them, so the result is the same to the last bit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from tradescen.errors import InvalidValue, MissingData, counted
from tradescen.looks import Shown
from tradescen.vocab.period import as_date

if TYPE_CHECKING:
    import pandas as pd

    from tradescen.display.pictures import EnsemblePictures
    from tradescen.futures import Futures
    from tradescen.scenario import Scenario

__all__ = ["Ensemble", "ensemble"]

Sample = Callable[[np.random.Generator], Iterable[Any]]
DAY = dt.timedelta(days=1)
CHUNK = 50  # draws handed to an executor at a time
PATTERNS = 256  # patterns of draws, likewise
Array = NDArray[np.float64]
Ints = NDArray[np.int64]


@frozen(eq=False, repr=False, kw_only=True)
class Ensemble(Shown):
    """The averages of all draws.

    Args:
        pairs: (importer, exporter) directions.
        days: The days.
        rates, additional: Shape (draws, directions, days); fractions of customs value.
        seed: Of the draws.
    """

    pairs: tuple[tuple[str, str], ...]
    days: tuple[dt.date, ...]
    rates: NDArray[np.float64]
    additional: NDArray[np.float64]
    seed: int

    @property
    def draws(self) -> int:
        return int(self.rates.shape[0])

    def frame(self) -> pd.DataFrame:
        """One row a draw, direction and day: ``draw, importer, exporter, date, rate, …``."""
        import pandas as pd

        n, p, d = self.rates.shape
        stamps = np.array([day.isoformat() for day in self.days], dtype="datetime64[us]")
        return pd.DataFrame({
            "draw": np.repeat(np.arange(n), p * d),
            "importer": np.tile(np.repeat([i for i, _ in self.pairs], d), n),
            "exporter": np.tile(np.repeat([e for _, e in self.pairs], d), n),
            "date": np.tile(stamps, n * p),
            "rate": self.rates.reshape(-1),
            "additional_rate": self.additional.reshape(-1),
        })

    def quantiles(self, q: Any = (0.05, 0.5, 0.95)) -> pd.DataFrame:
        """The rates that draws stay at or below with odds *q*, by direction and day.

        Each is the rate of some draw, as in :meth:`Result.quantiles`; unknown where that of
        some draw is. One row for each q.

        Raises:
            InvalidValue: for a *q* that is not from 0 to 1.
        """
        import pandas as pd

        from tradescen.frames.odds import quantile

        wanted = (q,) if isinstance(q, (int, float)) else tuple(q)
        odds = np.full(self.draws, 1 / self.draws)
        rate, more = (quantile(v, odds, wanted) for v in (self.rates, self.additional))
        rows = [
            {"importer": i, "exporter": e, "date": pd.Timestamp(day), "q": one,
             "rate": float(rate[n, k, t]), "additional_rate": float(more[n, k, t])}
            for k, (i, e) in enumerate(self.pairs)
            for t, day in enumerate(self.days)
            for n, one in enumerate(wanted)
        ]
        return pd.DataFrame(rows)

    def mean(self) -> pd.DataFrame:
        """Means over draws by direction and day, with their standard errors."""
        import pandas as pd

        error = np.sqrt(max(1, self.draws))
        rows = [
            {"importer": i, "exporter": e, "date": pd.Timestamp(day),
             "rate": float(self.rates[:, k, t].mean()),
             "error": float(self.rates[:, k, t].std() / error)}
            for k, (i, e) in enumerate(self.pairs)
            for t, day in enumerate(self.days)
        ]
        return pd.DataFrame(rows)

    def __str__(self) -> str:
        from tradescen.display.results import ensemble_text

        return ensemble_text(self)

    @property
    def plot(self) -> EnsemblePictures:
        """Pictures: ``fan`` (extra ``plot``)."""
        from tradescen.display.pictures import EnsemblePictures

        return EnsemblePictures(self)

    def __repr__(self) -> str:
        return (f"<Ensemble of {counted(self.draws, 'draw')}, "
                f"{counted(len(self.pairs), 'direction')}, {counted(len(self.days), 'day')}, "
                f"seed {self.seed}>")


def _draw(scenario: Scenario, sample: Sample, seed: int, n: int) -> Scenario:
    """The *n*-th future: a branch at each fork by its odds, then what *sample* changes."""
    rng = np.random.default_rng([seed, n])
    paths = scenario.paths()
    if len(paths) > 1:
        odds = np.array([p.probability for p in paths])
        scenario = scenario.along(paths[int(rng.choice(len(paths), p=odds / odds.sum()))].name)
    return scenario.then(*sample(rng), name="draw")


Part = tuple[Ints, tuple[tuple[str, str], ...], Array, Array]  # draws, directions, rates


def _one_by_one(make: Callable[[int], Scenario], days: tuple[dt.date, ...],
                options: dict[str, Any], numbers: Ints) -> Part:
    from tradescen.simulation import simulate, unlike_draws

    rates, more = [], []
    pairs: tuple[tuple[str, str], ...] = ()
    lines = None
    for n in numbers:
        result = simulate(make(int(n)), start=days[0], end=days[-1] + DAY, lines=lines, **options)
        lines = result.runs[0].lines  # masks of goods are worked out once
        frame = result.average(on=days)
        here = tuple(dict.fromkeys(zip(frame["importer"], frame["exporter"], strict=True)))
        if pairs and here != pairs:
            raise unlike_draws()
        pairs = here
        shape = (len(pairs), len(days))
        rates.append(frame["rate"].to_numpy().reshape(shape))
        more.append(frame["additional_rate"].to_numpy().reshape(shape))
    return numbers, pairs, np.stack(rates), np.stack(more)


def _by_pattern(drawn: Futures, days: tuple[dt.date, ...], options: dict[str, Any],
                open_rates: bool, chunk: tuple[list[Ints], list[int]]) -> Part:
    from tradescen.patterns import OpenRates, rates_of
    from tradescen.simulation import simulate

    which, reps = chunk
    numbers = np.concatenate(which)
    first = simulate(drawn.scenario(reps[0]), start=days[0], end=days[-1] + DAY, **options)
    if first.products is not None or first.level is not None:
        return _one_by_one(drawn.scenario, days, options, numbers)
    named = (options.get("importers") is not None, options.get("exporters") is not None)
    try:
        got = rates_of(drawn, which, reps, first.runs[0], first.chosen(), days, open_rates, named)
    except OpenRates:
        got = None
    if got is None:
        return _one_by_one(drawn.scenario, days, options, numbers)
    return numbers, tuple(first.runs[0].directions()), *got


def _chunks(of: Ints, first: Ints) -> list[tuple[list[Ints], list[int]]]:
    """Draws by pattern, some patterns at a time."""
    order = np.argsort(of, kind="stable")
    which = np.split(order, np.cumsum(np.bincount(of))[:-1])
    return [(which[a : a + PATTERNS], [int(n) for n in first[a : a + PATTERNS]])
            for a in range(0, len(which), PATTERNS)]


def ensemble(scenario: Scenario, draws: int, *, sample: Any, seed: int,
             on: Any, executor: Executor | None = None,
             progress: Callable[[int], Any] | None = None, **options: Any) -> Ensemble:
    """Draw futures and average each.

    Args:
        scenario: What the draws start from; at its forks branches are drawn by their odds.
        draws: How many.
        sample: What varies. Either changes and verbs (one, or a list), some of them
            :class:`Vary` with distributions in their fields: draws that differ only by rates
            and by dates in between are then folded once. Or a function that takes a numpy
            ``Generator`` and returns the changes and verbs of one draw, each folded by itself;
            a process pool needs one it can pickle.
        seed: Every draw follows from it, whatever executor runs it.
        on: The days on which averages are taken, one or several.
        executor: Any ``concurrent.futures.Executor``; ``None``: in this thread.
        progress: Called with the number of draws done after each chunk.
        **options: As for ``simulate``: importers, exporters, products, weights, assumptions.

    Raises:
        InvalidValue: for no draws or no days, a seed that is none, or draws that are not all
            about the same directions.
        MissingData: if a fork has no odds.
    """
    if not isinstance(draws, int) or draws < 1:
        raise InvalidValue(f"draws={draws!r} is not a number of draws, 1 or more", value=draws)
    if not isinstance(seed, int) or seed < 0:
        raise InvalidValue(f"seed={seed!r} is not a seed, a whole number of 0 or more", value=seed)
    many = on if isinstance(on, (list, tuple)) else [on]
    days = tuple(sorted({as_date(d, "on") for d in many}))
    if not days:
        raise InvalidValue("on= names no day; give one or several", value=on)
    paths = scenario.paths()
    if len(paths) > 1 and any(p.probability != p.probability for p in paths):
        raise MissingData("a fork has no odds, so its branches cannot be drawn; give them odds")
    work: Callable[[Any], Part]
    chunks: list[Any]
    if callable(sample):
        work = partial(_one_by_one, partial(_draw, scenario, sample, seed), days, options)
        chunks = [np.arange(a, min(a + CHUNK, draws)) for a in range(0, draws, CHUNK)]
    else:
        from tradescen.futures import futures, patterns

        many = sample if isinstance(sample, (list, tuple)) else [sample]
        drawn = futures(scenario, many, draws, seed)
        open_rates = not drawn.counts_days
        work = partial(_by_pattern, drawn, days, options, open_rates)
        chunks = _chunks(*patterns(drawn, open_rates))
    done = 0
    parts: list[Part] = []
    for part in (map if executor is None else executor.map)(work, chunks):
        parts.append(part)
        done += len(part[0])
        if progress is not None:
            progress(done)
    if len({p[1] for p in parts}) > 1:
        from tradescen.simulation import unlike_draws

        raise unlike_draws()
    order = np.argsort(np.concatenate([p[0] for p in parts]), kind="stable")
    return Ensemble(pairs=parts[0][1], days=days,
                    rates=np.concatenate([p[2] for p in parts])[order],
                    additional=np.concatenate([p[3] for p in parts])[order], seed=seed)
