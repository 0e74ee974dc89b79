"""What the laws share: rates of the library on cells, and the window they are compared over."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import settings

from tradescen import Scenario, testing
from tradescen.engine.grid import Lines
from tradescen.engine.lower import lower
from tradescen.engine.panel import Panel, panel
from tradescen.law.assumptions import Assumptions
from tradescen.timeline.spells import Timeline

DAY = dt.timedelta(days=1)
START, END = testing.FIRST - 6 * DAY, testing.LAST + 20 * DAY
LINES = tuple(sorted(("", *testing.CODES)))
ORIGINS = (*testing.ORIGINS, "BRA")
NONE = Assumptions(name="none")
# For laws whose examples are long: half as many of them.
few = settings(max_examples=settings().max_examples // 2)
rarely = settings(max_examples=settings().max_examples // 5)
EXACT = 1e-12


def alike(a: float, b: float, tolerance: float = EXACT) -> bool:
    """Equal within the tolerance; unknown equals unknown only."""
    return (math.isnan(a) and math.isnan(b)) or abs(a - b) <= tolerance


def same(a: Any, b: Any, tolerance: float = EXACT) -> bool:
    """As :func:`alike`, for arrays."""
    return bool(np.allclose(a, b, rtol=0, atol=tolerance, equal_nan=True))


def origins(importer: str) -> tuple[str, ...]:
    """The origins an importer is asked about: never itself or its members."""
    own = ("DEU", "GBR") if importer == "EU" else (importer,)
    return tuple(o for o in ORIGINS if o not in own)


def importers(timeline: Timeline) -> tuple[str, ...]:
    """The importers of all measures ever imposed."""
    return tuple(sorted({m.scope.importer for m in timeline.measures.values()}))


def grid(timeline: Timeline, importer: str, *, lines: Sequence[str] = LINES,
         start: dt.date = START, end: dt.date = END,
         extra: Sequence[dt.date] = ()) -> Panel:
    """Rates of one importer on lines × origins × intervals."""
    return panel(lower(timeline, importer, origins(importer), Lines(lines), start, end, NONE,
                       extra))


def full(got: Panel, extra: Sequence[dt.date] = ()) -> np.ndarray[Any, Any]:
    """Rate and additional rate by (quantity, line, origin, day) over the whole window."""
    days = [START + n * DAY for n in range((END - START).days)]
    at = np.searchsorted(np.array(got.program.cuts[:-1], dtype="datetime64[D]"),
                         np.array(days, dtype="datetime64[D]"), side="right") - 1
    return np.stack([got.rate, got.additional])[:, got.class_of][..., at]


def rates(scenario: Scenario) -> dict[str, np.ndarray[Any, Any]]:
    """Importer → rate and additional rate by (quantity, line, origin, day)."""
    timeline = scenario.fold()
    return {i: full(grid(timeline, i)) for i in importers(timeline)}


def days(start: dt.date = START, end: dt.date = END) -> list[dt.date]:
    """The days of the window."""
    return [start + n * DAY for n in range((end - start).days)]


def assert_same(a: Scenario, b: Scenario, tolerance: float = EXACT) -> None:
    """Two scenarios charge the same on every line, origin and day of the window."""
    ours, theirs = rates(a), rates(b)
    for importer in sorted({*ours, *theirs}):
        one = ours.get(importer)
        other = theirs.get(importer)
        one = np.zeros_like(other) if one is None else one
        other = np.zeros_like(one) if other is None else other
        if not same(one, other, tolerance):
            bad = np.argwhere(~np.isclose(one, other, rtol=0, atol=tolerance, equal_nan=True))[0]
            raise AssertionError(
                f"{importer} on {LINES[bad[1]] or 'the rest'} from {origins(importer)[bad[2]]}, "
                f"{days()[bad[3]]}: {one[tuple(bad)]!r}, then {other[tuple(bad)]!r}"
            )
