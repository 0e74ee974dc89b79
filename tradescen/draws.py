"""Ensembles: many futures drawn at random, and the distribution of averages they come to.

Draw *i* is seeded by ``[seed, i]``, so the result is the same whatever executor runs it and in
whatever order.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from tradescen.errors import InvalidValue, MissingData
from tradescen.vocab.period import as_date

if TYPE_CHECKING:
    import pandas as pd

    from tradescen.display.pictures import EnsemblePictures
    from tradescen.scenario import Scenario

__all__ = ["Ensemble", "ensemble"]

Sample = Callable[[np.random.Generator], Iterable[Any]]
DAY = dt.timedelta(days=1)
CHUNK = 50  # draws handed to an executor at a time


@frozen(eq=False, repr=False, kw_only=True)
class Ensemble:
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
        """Quantiles over draws by direction and day, one row for each q."""
        import pandas as pd

        wanted = (q,) if isinstance(q, (int, float)) else tuple(q)
        rows = [
            {"importer": i, "exporter": e, "date": pd.Timestamp(day), "q": one,
             "rate": float(np.quantile(self.rates[:, k, t], one)),
             "additional_rate": float(np.quantile(self.additional[:, k, t], one))}
            for k, (i, e) in enumerate(self.pairs)
            for t, day in enumerate(self.days)
            for one in wanted
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

    @property
    def plot(self) -> EnsemblePictures:
        """Pictures: ``fan`` (extra ``plot``)."""
        from tradescen.display.pictures import EnsemblePictures

        return EnsemblePictures(self)

    def __repr__(self) -> str:
        return (f"<Ensemble of {self.draws} draws, {len(self.pairs)} directions, "
                f"{len(self.days)} days, seed {self.seed}>")


def _draw(scenario: Scenario, sample: Sample, seed: int, n: int) -> Scenario:
    """The *n*-th future: a branch at each fork by its odds, then what *sample* changes."""
    rng = np.random.default_rng([seed, n])
    paths = scenario.paths()
    if len(paths) > 1:
        odds = np.array([p.probability for p in paths])
        scenario = scenario.along(paths[int(rng.choice(len(paths), p=odds / odds.sum()))].name)
    return scenario.then(*sample(rng), name="draw")


def _chunk(scenario: Scenario, sample: Sample, seed: int, days: tuple[dt.date, ...],
           options: dict[str, Any], numbers: range) -> tuple[
               tuple[tuple[str, str], ...], NDArray[np.float64], NDArray[np.float64]]:
    from tradescen.simulation import simulate

    rates, more = [], []
    pairs: tuple[tuple[str, str], ...] = ()
    lines = None
    for n in numbers:
        one = _draw(scenario, sample, seed, n)
        result = simulate(one, start=days[0], end=days[-1] + DAY, lines=lines, **options)
        lines = result.runs[0].lines  # masks of goods are worked out once
        frame = result.bilateral(on=days)
        pairs = tuple(dict.fromkeys(zip(frame["importer"], frame["exporter"], strict=True)))
        shape = (len(pairs), len(days))
        rates.append(frame["rate"].to_numpy().reshape(shape))
        more.append(frame["additional_rate"].to_numpy().reshape(shape))
    return pairs, np.stack(rates), np.stack(more)


def ensemble(scenario: Scenario, draws: int, *, sample: Sample, seed: int, on: Any,
             executor: Executor | None = None, progress: Callable[[int], Any] | None = None,
             **options: Any) -> Ensemble:
    """Draw futures and average each.

    Args:
        scenario: What the draws start from; at its forks branches are drawn by their odds.
        draws: How many.
        sample: Takes a numpy ``Generator`` and returns the changes and verbs of one draw:
            random dates of enactment or collapse, rates, lags … A process pool needs a function
            it can pickle.
        seed: Draw *i* uses ``default_rng([seed, i])``.
        on: The days on which averages are taken, one or several.
        executor: Any ``concurrent.futures.Executor``; ``None``: in this thread.
        progress: Called with the number of draws done after each chunk.
        **options: As for ``simulate``: importers, exporters, products, weights, assumptions.

    Raises:
        InvalidValue: for no draws or no days.
        MissingData: if a fork has no odds.
    """
    if not isinstance(draws, int) or draws < 1:
        raise InvalidValue(f"draws={draws!r} is not a number of draws, 1 or more", value=draws)
    many = on if isinstance(on, (list, tuple)) else [on]
    days = tuple(sorted({as_date(d, "on") for d in many}))
    if not days:
        raise InvalidValue("on= names no day; give one or several", value=on)
    paths = scenario.paths()
    if len(paths) > 1 and any(p.probability != p.probability for p in paths):
        raise MissingData("a fork has no odds, so its branches cannot be drawn; give them odds")
    work = partial(_chunk, scenario, sample, seed, days, options)
    chunks = [range(a, min(a + CHUNK, draws)) for a in range(0, draws, CHUNK)]
    done, parts = 0, []
    for numbers, part in zip(chunks, (map if executor is None else executor.map)(work, chunks),
                             strict=True):
        parts.append(part)
        done += len(numbers)
        if progress is not None:
            progress(done)
    return Ensemble(pairs=parts[0][0], days=days, rates=_joined([p[1] for p in parts]),
                    additional=_joined([p[2] for p in parts]), seed=seed)


def _joined(parts: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.concatenate(parts, axis=0)
