"""One path of one scenario over a window, evaluated importer by importer when asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from tradescen.engine.grid import Lines
from tradescen.engine.lower import lower
from tradescen.engine.panel import Panel, panel
from tradescen.errors import AmbiguousPartner
from tradescen.law.assumptions import Assumptions
from tradescen.timeline.fold import Timeline
from tradescen.vocab.countries import ever_members, is_group, members

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

    @property
    def cuts(self) -> tuple[dt.date, ...]:
        return self.panel.program.cuts

    @property
    def lines(self) -> Lines:
        return self.panel.program.lines

    def of(self, values: NDArray[Any]) -> NDArray[Any]:
        """Values on (classes, partners, times) for this direction's label.

        Raises:
            AmbiguousPartner: if the members of a group differ.
        """
        if len(self.members) == 1:
            return values[:, self.members[0], :]
        out = values[:, self.members[0], :].copy()
        for t in range(out.shape[1]):
            here = [m for m, e in enumerate(self.members) if self.inside[m, t]]
            if not here:
                continue
            first = values[:, self.members[here[0]], t]
            out[:, t] = first
            for m in here[1:]:
                other = values[:, self.members[m], t]
                if not ((first == other) | ((first != first) & (other != other))).all():
                    codes = self.panel.program.exporters
                    raise AmbiguousPartner(
                        f"{self.exporter} is not charged one rate by {self.importer} on "
                        f"{self.cuts[t]}: {codes[self.members[here[0]]]} and "
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

    def panel(self, importer: str) -> Panel:
        """The rates of an importer; evaluated once."""
        if importer not in self._panels:
            extra = []
            if self.horizon is not None and self.start < self.horizon + DAY < self.end:
                extra.append(self.horizon + DAY)
            self._panels[importer] = panel(lower(
                self.timeline, importer, self.codes(importer), self.lines[importer],
                self.start, self.end + DAY, self.assumptions, [*extra, self.end],
            ))
        return self._panels[importer]

    def slice(self, importer: str, exporter: str) -> Slice:
        """The rates of one direction."""
        got = self.panel(importer)
        codes = got.program.exporters
        cuts = got.program.cuts
        if not is_group(exporter):
            at = (codes.index(exporter),)
            return Slice(importer, exporter, got, at, np.ones((1, len(cuts) - 1), dtype=bool))
        everyone = sorted({m for d in cuts[:-1] for m in members(exporter, d)} & set(codes))
        inside = np.array([[m in members(exporter, d) for d in cuts[:-1]] for m in everyone])
        return Slice(importer, exporter, got, tuple(codes.index(m) for m in everyone), inside)

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
