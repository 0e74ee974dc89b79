"""Assert helpers: tables and scenarios that must bear the same rates."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tradescen.vocab.period import DateLike

if TYPE_CHECKING:
    import pandas as pd

    from tradescen.scenario import Scenario

EXACT = 1e-12
_KEYS = ("path", "importer", "exporter", "product", "asked", "authority", "group", "measure")
_NUMBERS = ("rate", "additional_rate", "min_rate", "max_rate", "known_share",
            "additional_known_share")
_NEVER = dt.date.max


def _alike(a: float, b: float, tolerance: float) -> bool:
    return (math.isnan(a) and math.isnan(b)) or abs(a - b) <= tolerance


def _steps(frame: pd.DataFrame, keys: list[str],
           numbers: list[str]) -> dict[tuple[Any, ...], list[tuple[Any, Any, tuple[float, ...]]]]:
    """Key → (start, end, numbers), in the order of time; a day is its own start and end."""
    begins, ends = ("date", "date") if "date" in frame else ("start", "end")
    out: dict[tuple[Any, ...], list[tuple[Any, Any, tuple[float, ...]]]] = {}
    for row in frame.sort_values(begins).to_dict("records"):
        key = tuple(row[k] for k in keys)
        got = tuple(float(row[n]) for n in numbers)
        out.setdefault(key, []).append((row[begins], row[ends], got))
    return out


def _at(steps: list[tuple[Any, Any, tuple[float, ...]]], day: Any) -> tuple[float, ...] | None:
    for start, end, got in steps:
        if start <= day < end or (start == end == day):
            return got
    return None


def assert_rates_equal(frame_a: pd.DataFrame, frame_b: pd.DataFrame, *,
                       tolerance: float = EXACT) -> None:
    """Assert that two tables say the same number of every row and day they both speak of.

    Interval and daily tables may be mixed; scenario names and cut points do not matter.
    Unknown equals unknown only.

    Raises:
        AssertionError: naming the first row and day that differ.
    """
    keys = [k for k in _KEYS if k in frame_a and k in frame_b]
    numbers = [n for n in _NUMBERS if n in frame_a and n in frame_b]
    ours, theirs = _steps(frame_a, keys, numbers), _steps(frame_b, keys, numbers)
    assert set(ours) == set(theirs), (
        f"the tables speak of different rows: {sorted(set(ours) ^ set(theirs), key=str)[:5]}"
    )
    daily = "date" in frame_a or "date" in frame_b
    for key, a in ours.items():
        b = theirs[key]
        days = sorted({start for start, _, _ in (*a, *b)})
        if daily:  # only the days that are asked for
            days = [d for d in days if _at(a, d) is not None and _at(b, d) is not None]
            assert days, f"{key}: no day in common"
        for day in days:
            one, other = _at(a, day), _at(b, day)
            assert one is not None, f"{key}: no row on {day} in the first table"
            assert other is not None, f"{key}: no row on {day} in the second table"
            for name, x, y in zip(numbers, one, other, strict=True):
                assert _alike(x, y, tolerance), f"{key} on {day}: {name} is {x!r}, then {y!r}"


def assert_same_rates(scenario_a: Scenario, scenario_b: Scenario, *, start: DateLike,
                      end: DateLike, importers: Iterable[str] | None = None,
                      exporters: Iterable[str] | None = None,
                      tolerance: float = EXACT) -> None:
    """Assert that two scenarios charge the same rates on every line, origin and day.

    Args:
        scenario_a, scenario_b: The scenarios; their names do not matter.
        start, end: The window ``[start, end)``.
        importers, exporters: As in ``simulate``.
        tolerance: The largest difference that counts as none; 0 for bit for bit.

    Raises:
        AssertionError: naming the first cell that differs.
    """
    from tradescen.simulation import simulate

    result = simulate([scenario_a.named("a"), scenario_b.named("b")], start=start, end=end,
                      importers=None if importers is None else list(importers),
                      exporters=None if exporters is None else list(exporters))
    ours = {r.path: r for r in result.runs if r.scenario == "a"}
    theirs = {r.path: r for r in result.runs if r.scenario == "b"}
    assert set(ours) == set(theirs), f"different paths: {sorted(set(ours) ^ set(theirs))}"
    for path, run in ours.items():
        for importer in run.importers:
            a, b = run.panel(importer), theirs[path].panel(importer)
            for name in ("rate", "additional"):
                x, y = getattr(a, name)[a.class_of], getattr(b, name)[b.class_of]
                ours_cuts, their_cuts = a.program.cuts, b.program.cuts
                for day in sorted({d for d in (*ours_cuts, *their_cuts) if d < run.end}):
                    s = max(n for n, d in enumerate(ours_cuts) if d <= day)
                    t = max(n for n, d in enumerate(their_cuts) if d <= day)
                    for k, line in enumerate(a.program.lines.codes):
                        for e, exporter in enumerate(a.program.exporters):
                            one, other = float(x[k, e, s]), float(y[k, e, t])
                            assert _alike(one, other, tolerance), (
                                f"{importer} on {line or 'the rest'} from {exporter}, {day}: "
                                f"{name} {one!r}, then {other!r}"
                            )
