"""One path of one scenario over a window, evaluated importer by importer when asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from tradescen.engine.grid import Lines
from tradescen.engine.lower import cut_points, lower
from tradescen.engine.panel import Panel, panel
from tradescen.errors import AmbiguousPartner
from tradescen.law.assumptions import Assumptions
from tradescen.timeline.spells import Timeline
from tradescen.vocab.countries import ever_members, is_group, members, membership_cuts

if TYPE_CHECKING:
    from tradescen.frames.tidy import Clock

__all__ = ["Run", "Slice"]

Array = NDArray[np.float64]
DAY = dt.timedelta(days=1)


@frozen(eq=False)
class Slice:
    """The rates of one direction on (classes, times)."""

    importer: str
    exporter: str
    panel: Panel
    members: tuple[int, ...]  # places on the PARTNER axis
    inside: NDArray[np.bool_]  # (members, times): who belongs to the label then
    used: NDArray[np.int64]  # the times that will be shown

    @property
    def cuts(self) -> tuple[dt.date, ...]:
        return self.panel.program.cuts

    @property
    def lines(self) -> Lines:
        return self.panel.program.lines

    @property
    def class_of(self) -> NDArray[np.int64]:
        """The class of each line."""
        return self.panel.class_of

    def of(self, values: NDArray[Any], k: NDArray[np.int64] | None = None) -> NDArray[Any]:
        """Values on (classes, partners, times) for this direction's label.

        Args:
            values: As a panel holds them.
            k: The classes asked for, in this order; ``None``: all.

        Raises:
            AmbiguousPartner: if the members of a group differ in a cell that will be shown.
        """
        rows = slice(None) if k is None else k
        if len(self.members) == 1:
            got: NDArray[Any] = values[rows, self.members[0], :]
            return got
        first = self.inside.argmax(axis=0)  # the first member at each time
        block = values[rows][:, list(self.members), :]
        out: NDArray[Any] = np.take_along_axis(block, first[None, None, :], axis=1)[:, 0, :]
        same = (block == out[:, None, :]) | ((block != block) & (out != out)[:, None, :])
        wrong = (~same & self.inside[None]).any(axis=1)  # (classes, times)
        shown = self.used
        if wrong[:, shown].any():
            t = int(shown[wrong[:, shown].any(axis=0)][0])
            row = int(np.flatnonzero(wrong[:, t])[0])
            m = int(np.flatnonzero(~same[row, :, t] & self.inside[:, t])[0])
            codes = self.panel.program.exporters
            raise AmbiguousPartner(
                f"{self.exporter} is not charged one rate by {self.importer} on "
                f"{self.cuts[t]}: {codes[self.members[int(first[t])]]} and "
                f"{codes[self.members[m]]} differ; ask for the members one by one",
                group=self.exporter,
            )
        return out


@frozen(eq=False)
class Run:
    """A path of a scenario from *start* to *end*, with its lines and origins by importer.

    The window is evaluated one day past *end*, so that the last day can be asked for too.
    """

    scenario: str
    path: str
    probability: float
    timeline: Timeline
    start: dt.date
    end: dt.date
    horizon: dt.date | None  # the last day the record speaks of; later is projected
    lines: dict[str, Lines]
    exporters: dict[str, tuple[str, ...]]
    assumptions: Assumptions
    _panels: dict[str, Panel] = field(factory=dict)

    @property
    def importers(self) -> tuple[str, ...]:
        return tuple(self.lines)

    def codes(self, importer: str) -> tuple[str, ...]:
        """The origins evaluated for an importer: groups stand for their members."""
        out: dict[str, None] = {}
        for name in self.exporters[importer]:
            if is_group(name):
                out.update(dict.fromkeys(ever_members(name, self.start, self.end)))
            else:
                out[name] = None
        return tuple(out)

    def _extra(self, importer: str) -> list[dt.date]:
        """Days at which time is cut besides those on which a duty changes."""
        extra = [self.end]
        if self.horizon is not None and self.start < self.horizon + DAY < self.end:
            extra.append(self.horizon + DAY)
        for name in self.exporters[importer]:
            extra += membership_cuts(name, self.start, self.end)
        return extra

    def cuts(self, importer: str) -> tuple[dt.date, ...]:
        """The days from the start to a day past the end on which something changes."""
        spells = [s for s in self.timeline.spells
                  if s.importer == importer and s.start <= self.end
                  and (s.end is None or s.end > self.start)]
        return cut_points(spells, self.start, self.end + DAY, self._extra(importer))

    def panel(self, importer: str) -> Panel:
        """The rates of an importer; evaluated once."""
        if importer not in self._panels:
            self._panels[importer] = panel(lower(
                self.timeline, importer, self.codes(importer), self.lines[importer],
                self.start, self.end + DAY, self.assumptions, self._extra(importer),
            ))
        return self._panels[importer]

    def slice(self, importer: str, exporter: str, clock: Clock) -> Slice:
        """The rates of one direction, as *clock* will show them."""
        got = self.panel(importer)
        codes = got.program.exporters
        cuts = got.program.cuts
        used = clock.used(cuts, self.start, self.end)
        if not is_group(exporter):
            alone = np.ones((1, len(cuts) - 1), dtype=bool)
            return Slice(importer, exporter, got, (codes.index(exporter),), alone, used)
        everyone = sorted({m for d in cuts[:-1] for m in members(exporter, d)} & set(codes))
        inside = np.array([[m in members(exporter, d) for d in cuts[:-1]] for m in everyone])
        return Slice(importer, exporter, got, tuple(codes.index(m) for m in everyone), inside,
                     used)

    def directions(self, importers: Sequence[str] | None = None) -> list[tuple[str, str]]:
        """(importer, exporter) pairs in their order."""
        return [
            (i, e) for i in (importers or self.importers) for e in self.exporters[i]
        ]

    def projected(self, cuts: Sequence[dt.date]) -> NDArray[np.bool_]:
        """Which intervals start after the horizon."""
        if self.horizon is None:
            return np.zeros(len(cuts) - 1, dtype=bool)
        return np.array([c > self.horizon for c in cuts[:-1]], dtype=bool)
