"""Averages of many paths at once: one program for all of them, trade summed to its cells once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from tradescen.engine.exposure import Exposure, Sums, expose
from tradescen.engine.grid import Lines, classes
from tradescen.engine.kernel import Outcome
from tradescen.engine.loads import Loads, loads
from tradescen.engine.lower import Columns, Program, lower_many
from tradescen.engine.panel import settled
from tradescen.frames.placing import Placed
from tradescen.frames.run import Run
from tradescen.vocab.countries import is_group

__all__ = ["Batch", "Side", "batch", "summed"]

Ints = NDArray[np.int64]


@frozen(eq=False)
class Side:
    """One direction on the lines of its importer."""

    importer: str
    exporter: str
    lines: Lines
    class_of: Ints


Place = Callable[[Side], Placed]
Label = Callable[[Side, Sequence[str]], Sequence[tuple[str, ...]]]


@frozen(eq=False)
class Batch:
    """One importer on some days of many paths, ready to be summed."""

    program: Program
    outcomes: tuple[Outcome, ...]
    exposure: Exposure
    lost: tuple[tuple[int, float], ...]  # trade that has no one line: label, value

    def sums(self) -> Sums:
        """The sums by label, in every column."""
        got = self.exposure.sums(self.outcomes, [x.state for x in self.program.layers])
        for label, value in self.lost:
            got.total[label] += value
        return got

    def loads(self) -> Loads | None:
        """How much each drawn duty weighs; ``None`` where that follows from the draw."""
        layers = self.program.layers
        return loads(layers, settled(self.program, drawn=1.0), self.exposure,
                     [x.state for x in layers])


def together(runs: Sequence[Run]) -> bool:
    """Whether paths stand on the same lines, origins and assumptions."""
    first = runs[0]
    return all(
        r.lines is first.lines and r.exporters is first.exporters
        and r.assumptions is first.assumptions and r.timeline.schedule is first.timeline.schedule
        for r in runs
    ) and not any(is_group(e) for names in first.exporters.values() for e in names)


def batch(runs: Sequence[Run], importer: str, exporters: Sequence[str],
          columns: Columns, place: Place, label: Label,
          labels: dict[tuple[str, ...], int]) -> Batch | None:
    """Lower one importer on many paths and sum its trade to the cells.

    Args:
        runs: Paths that stand :func:`together`.
        importer: Who charges.
        exporters: The origins that are averaged over.
        columns: Days on paths.
        place: The trade of a direction on its lines.
        label: The labels of some codes of a direction.
        labels: The place of each label; new ones are added.

    Returns:
        ``None`` where trade lies on codes with several lines under them: whether these are told
        apart is a matter of each path, so they cannot be placed for all paths at once.
    """
    lines = runs[0].lines[importer]
    origins = runs[0].exporters[importer]
    program = lower_many([r.timeline for r in runs], importer, origins, lines, columns,
                         runs[0].assumptions)
    class_of, _ = classes([x.product_of for x in program.layers], len(lines))
    line, origin, which, value = [], [], [], []
    lost: list[tuple[int, float]] = []
    for exporter in exporters:
        side = Side(importer, exporter, lines, class_of)
        placed = place(side)
        if placed.several:
            return None
        rows = [labels.setdefault(one, len(labels)) for one in label(side, placed.codes)]
        line.append(placed.at)
        origin.append(np.full(len(placed.at), origins.index(exporter), dtype=np.int64))
        which.append(np.array(rows, dtype=np.int64))
        value.append(placed.value)
        names = label(side, [code for code, _ in placed.lost])
        lost += [(labels.setdefault(one, len(labels)), amount)
                 for one, (_, amount) in zip(names, placed.lost, strict=True)]
    exposure = expose(program, np.concatenate(line), np.concatenate(origin),
                      np.concatenate(which), np.concatenate(value), len(labels))
    return Batch(program, settled(program), exposure, tuple(lost))


def summed(runs: Sequence[Run], days: Sequence[Sequence[dt.date]],
           directions: Sequence[tuple[str, str]], place: Place,
           label: Label) -> tuple[dict[tuple[str, ...], int], Sums] | None:
    """Sums by label over some days of each path, path after path.

    Args:
        runs: Paths that stand :func:`together`.
        days: Of each path.
        directions: (importer, exporter) pairs.
        place, label: As for :func:`batch`.
    """
    labels: dict[tuple[str, ...], int] = {}
    every = tuple(sorted({d for one in days for d in one}))
    at = {d: n for n, d in enumerate(every)}
    columns = Columns(
        np.repeat(np.arange(len(runs)), [len(one) for one in days]),
        np.array([at[d] for one in days for d in one], dtype=np.int64), every,
    )
    batches = []
    for importer in dict.fromkeys(i for i, _ in directions):
        one = batch(runs, importer, [e for i, e in directions if i == importer], columns, place,
                    label, labels)
        if one is None:
            return None
        batches.append(one)
    n = len(labels)

    def padded(values: NDArray[np.float64]) -> NDArray[np.float64]:
        out = np.zeros((n, *values.shape[1:]))
        out[: len(values)] = values
        return out

    parts = [b.sums() for b in batches]
    return labels, Sums(*(
        sum((padded(getattr(p, what)) for p in parts[1:]), padded(getattr(parts[0], what)))
        for what in ("total", "rate", "known", "additional", "additional_known")
    ))
