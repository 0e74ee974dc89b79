"""How much an average moves with the rate of one measure: exact one-sided slopes.

An average is piecewise linear in a measure's ad valorem rate. Which share a measure takes does
not depend on rates, but for the order within a ``"max"`` group and for what lies above a floor;
so the slope is read off the shares, and no step is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tradescen.engine.kernel import SLOT, Group, times
from tradescen.engine.lower import Row
from tradescen.engine.panel import Panel
from tradescen.frames.rates import Trade, direction, limited
from tradescen.frames.run import Run
from tradescen.frames.tidy import Clock, concat, tidy
from tradescen.vocab.hs import ProductSet

__all__ = ["sensitivities", "slopes"]

Array = NDArray[np.float64]
TIE = 1e-11  # duties nearer than this are level
COLUMNS = ("scenario", "path", "probability", "importer", "exporter", "measure", "authority",
           "date", "start", "end", "up", "down", "weight_usd", "known_share")


def _taken(group: Group, at: int, side: int) -> Array:
    """The share a measure takes once its duty is a trace higher (*side* 1) or lower (-1).

    With *side* 0 the duty stays, and of level measures the first takes first.
    """
    share: Array = np.where(group.active, group.coverage, 0.0)
    own: Array = share[at]
    if group.within == "sum":
        return own
    taking = share != 0
    if group.within == "first":
        before = group.precedence > group.precedence[at]
    else:
        gap = group.duty - group.duty[at]
        earlier = (np.arange(len(share)) < at)[:, None, None]
        level = earlier if side == 0 else side < 0
        before = (gap > TIE) | ((np.abs(gap) <= TIE) & level)
    before = before & taking  # precedences may be the same in every state
    before[at] = False
    left = np.ones_like(own)
    for n in range(len(share)):
        left = times(left, np.where(before[n], 1.0 - share[n], 1.0))
    take = times(own, left)
    if group.within == "max":  # whom an unknown duty stands before is unknown
        unsure = (taking & np.isnan(group.duty)).any(axis=SLOT) & (
            taking.sum(axis=SLOT) > 1)
        take = np.where(unsure & taking[at], np.nan, take)
    return take


def _under(got: Panel, place: int) -> Array:
    """What the groups a layer tops up come to."""
    return sum((got.cells.of(f.place, got.outcomes[f.place].total)
                for f in got.program.layers[place].floors), np.zeros(()))


def slopes(got: Panel, measure: str, side: int) -> Array:
    """The change of the rate per change of one measure's duty, on (classes, partners, times).

    Args:
        got: The panel.
        measure: Its id. Where it has duties by line, or lies in several groups, all move alike.
        side: 1: the slope towards higher duties; -1: towards lower ones.
    """
    rows = {r.place: r.at for r in got.program.rows if r.measure == measure}
    moved: dict[int, Array] = {}
    for place, layer in enumerate(got.program.layers):
        below = [f.place for f in layer.floors if f.place in moved]
        ours = rows.get(place)
        if ours is None and not below:
            continue
        group = got.by_measure(place)
        lift = sum((moved[p] for p in below), np.zeros(group.duty.shape[1:]))
        share, base = got.left(place), _under(got, place)
        total = np.zeros_like(lift)
        for m in range(len(group.duty)) if below else [ours or 0]:
            drive = (1.0 if m == ours else 0.0) - lift
            slope = times(_taken(group, m, side if m == ours else 0), drive)
            if share is not None:
                slope = times(slope, share)
            if layer.floors:
                room = group.duty[m] - base
                above = np.where(np.abs(room) <= TIE, side * drive > 0, room > 0)
                slope = np.where(above, slope, 0.0) + np.where(slope != 0, 0.0 * room, 0.0)
            total = total + slope
        moved[place] = total
    return got.on_items(sum(moved.values(), np.zeros((1, 1))))


def _live(got: Panel, row: Row) -> NDArray[np.bool_]:
    """Where a measure claims: in force, or suspended to a residual."""
    live: NDArray[np.bool_] = got.on_items(got.by_measure(row.place).active[row.at])
    return live


def _by_measure(got: Panel) -> Iterator[tuple[Row, NDArray[np.bool_], Array, Array]]:
    """Each measure with where it claims and its slopes; a measure in two groups is one."""
    names = list(dict.fromkeys(r.measure for r in got.program.rows))
    for name in names:
        rows = [r for r in got.program.rows if r.measure == name]
        live = [_live(got, r) for r in rows]
        if any(x.any() for x in live):
            yield rows[0], np.logical_or.reduce(live), slopes(got, name, 1), slopes(got, name, -1)


def sensitivities(runs: Sequence[Run], clock: Clock, average: str, weights: Trade,
                  within: ProductSet | None = None, side: str | None = None) -> pd.DataFrame:
    """d(average rate) / d(duty of a measure), by direction, measure and interval.

    Args:
        within: Only trade in these goods.
        side: Only what this importer imports.
    """
    parts = []
    for run in runs:
        sides = [i for i in run.importers if side in (None, i)]
        slopes_of = {i: list(_by_measure(run.panel(i))) for i in sides}
        for importer, exporter in run.directions(sides):
            piece = run.slice(importer, exporter, clock)
            placed = limited(direction(piece, average, weights), piece, within)
            of, value = piece.panel.class_of[placed.at], placed.value[:, None]
            total = placed.value.sum() + placed.unplaced
            known = ~np.isnan(piece.of(piece.panel.rate, of))
            held = (known * value).sum(axis=0)
            for row, live, up, down in slopes_of[importer]:
                met = np.asarray((piece.of(live, of) & (value > 0)).any(axis=0))
                if not met.any():
                    continue
                with np.errstate(invalid="ignore", divide="ignore"):
                    values = {
                        name: ((np.where(known, piece.of(slope, of), 0.0) * value).sum(axis=0)
                               / held)[None]
                        for name, slope in (("up", up), ("down", down))
                    }
                    values["known_share"] = (held / total)[None]
                values["met"] = met[None]
                _, columns = tidy(values, piece.cuts, clock, run.start, run.end)
                frame = pd.DataFrame({
                    "scenario": run.scenario, "path": run.path, "probability": run.probability,
                    "importer": importer, "exporter": exporter, "measure": row.measure,
                    "authority": row.authority, **columns,
                    "weight_usd": np.nan if average == "simple" else total,
                })
                parts.append(frame[frame["met"]])
    return concat([p for p in parts if len(p)] or parts[:1], COLUMNS)
