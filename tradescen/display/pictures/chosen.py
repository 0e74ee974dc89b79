"""What of a result is shown: its paths, its directions, and their rates as steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tradescen.display.phrases import path_name
from tradescen.display.pictures.canvas import day_numbers
from tradescen.errors import InvalidValue, MissingData, UnknownName
from tradescen.vocab.countries import country

if TYPE_CHECKING:
    import pandas as pd

    from tradescen.frames.run import Run
    from tradescen.result import Result

__all__ = ["Pair", "Series", "label", "one_run", "pairs_of", "runs_of", "series", "steps", "where"]

Pair = tuple[str, str]  # importer, exporter
Series = NDArray[np.float64]


def _many(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple, set, frozenset)) else [value]


def runs_of(result: Result, scenario: Any = None, path: Any = None) -> list[Run]:
    """The paths meant.

    Raises:
        UnknownName: for a scenario or path that is not in the result.
    """
    runs = list(result.runs)
    if scenario is not None:
        names = [getattr(s, "name", s) for s in _many(scenario)]
        for name in names:
            if name not in {r.scenario for r in runs}:
                raise UnknownName.among("scenario", name, [r.scenario for r in runs])
        runs = [r for name in dict.fromkeys(names) for r in runs if r.scenario == name]
    if path is not None:
        names = _many(path)
        for name in names:
            if name not in {r.path for r in runs}:
                raise UnknownName.among("path", name, [r.path for r in runs])
        runs = [r for r in runs if r.path in names]
    return runs


def one_run(result: Result, scenario: Any, path: Any, what: str) -> Run:
    """The one path meant.

    Raises:
        InvalidValue: if several are.
    """
    runs = runs_of(result, scenario, path)
    if len(runs) > 1:
        held = ", ".join(labels(runs))
        raise InvalidValue(
            f"{what} shows one future and {len(runs)} are meant ({held}); say which: "
            "scenario=… or path=…", value=scenario,
        )
    return runs[0]


def pairs_of(result: Result, importer: Any = None, exporter: Any = None) -> list[Pair]:
    """The directions meant.

    Raises:
        MissingData: if the result holds none of them.
    """
    held = list(dict.fromkeys(p for r in result.runs for p in r.directions()))
    imports = None if importer is None else [country(c) for c in _many(importer)]
    exports = None if exporter is None else [country(c) for c in _many(exporter)]
    found = [
        (i, e) for i, e in held
        if (imports is None or i in imports) and (exports is None or e in exports)
    ]
    missing = [
        c for n, asked in enumerate((imports, exports))
        for c in asked or () if c not in {pair[n] for pair in found}
    ]
    if missing or not found:
        said = ", ".join(f"{i} on goods of {e}" for i, e in held)
        raise MissingData(
            f"this result holds no rates of {importer or 'any importer'} on goods of "
            f"{exporter or 'any exporter'} (it holds: {said}); run it with importers= and "
            "exporters= that do",
            importer=importer, exporter=exporter,
        )
    return found


def label(run: Run, runs: Iterable[Run]) -> str:
    """How a path is named among those shown."""
    return path_name(run.scenario, run.path, len({r.scenario for r in runs}) == 1)


def labels(runs: Sequence[Run]) -> list[str]:
    """The names of the paths shown."""
    return [label(r, runs) for r in runs]


def where(frame: pd.DataFrame, run: Run, pair: Pair) -> pd.DataFrame:
    """The rows of one path and direction."""
    return frame[(frame["scenario"] == run.scenario) & (frame["path"] == run.path)
                 & (frame["importer"] == pair[0]) & (frame["exporter"] == pair[1])]


def series(result: Result, product: str | None, average: str,
           weights: Any) -> tuple[pd.DataFrame, str]:
    """The rates of all paths and directions by interval, and what they are rates of, in words.

    With *product* the rate of that line, or the mean over the lines under it.
    """
    if product is None:
        return result.bilateral(average=average, weights=weights), ""
    lines = result.rates(products=[product])
    alone = lines.groupby(["importer", "exporter"])["product"].nunique().max() == 1
    if alone:
        return lines, f"line {product}"
    within = result.average(within=product, average=average, weights=weights)
    return within, f"goods under {product}"


def steps(frame: pd.DataFrame, column: str = "rate") -> tuple[Series, Series]:
    """Intervals as the corners of a line of steps: days as matplotlib counts them, and values.

    The last value is repeated at the last end.
    """
    rows = frame.sort_values("start")
    if not len(rows):
        return np.array([]), np.array([])
    days = day_numbers([*rows["start"], rows["end"].iloc[-1]])
    values = rows[column].to_numpy(dtype=float)
    return days, np.append(values, values[-1])
