"""Rates on classes: the outcome of a program, summed in plan order, expanded only when asked."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from tradescen.engine.grid import classes
from tradescen.engine.kernel import Outcome, evaluate
from tradescen.engine.lower import Program, Row
from tradescen.errors import ConflictingActs

__all__ = ["Panel", "panel"]

Array = NDArray[np.float64]


@frozen(eq=False)
class Panel:
    """Rates of one importer on (classes, partners, times).

    A rate is the sum of its contributions, added left to right in plan order. ``class_of``
    gives the class of each line, ``first`` the first line of each class.
    """

    program: Program
    outcomes: tuple[Outcome, ...]
    class_of: NDArray[np.int64]
    first: NDArray[np.int64]
    rate: Array
    additional: Array

    def contribution(self, row: Row) -> Array:
        """What one measure contributes, shape as the rate."""
        of = self.program.class_of[row.place][self.first]
        got: Array = self.outcomes[row.place].contribution[row.at][of]
        return got

    def contributions(self) -> Iterator[tuple[Row, Array]]:
        """All contributions that are anywhere other than 0, in plan order."""
        for row in self.program.rows:
            if self.outcomes[row.place].contribution[row.at].any():
                yield row, self.contribution(row)

    def status(self) -> NDArray[np.int8]:
        """Per cell: 0 no measure, 1 in force, 2 some measure is suspended."""
        out = np.zeros(self.rate.shape, dtype=np.int8)
        for place, group in enumerate(self.program.groups):
            of = self.program.class_of[place][self.first]
            inside = group.active.any(axis=0)
            # Of unknown coverage nothing is known to be held back.
            held = (self.program.suspended[place] & (group.coverage > 0)).any(axis=0)
            out = np.maximum(out, np.where(held, 2, inside.astype(np.int8))[of])
        return out.astype(np.int8)


def panel(program: Program) -> Panel:
    """Evaluate a program.

    Raises:
        ConflictingActs: where two measures of a ``"first"`` group bear one precedence.
    """
    outcomes = evaluate(list(program.groups))
    for place, outcome in enumerate(outcomes):
        if outcome.tie.any():
            _tie(program, place, outcome)
    n = len(program.lines)
    of, first = classes(list(program.class_of), n)
    shape = (len(first), len(program.exporters), len(program.cuts) - 1)
    rate, additional = np.zeros(shape), np.zeros(shape)
    for row in program.rows:
        got = outcomes[row.place].contribution[row.at]
        if not got.any():
            continue
        here = got[program.class_of[row.place][first]]
        rate += here
        if not row.base:
            additional += here
    return Panel(program, tuple(outcomes), of, first, rate, additional)


def _tie(program: Program, place: int, outcome: Outcome) -> None:
    k, e, t = (int(i[0]) for i in np.nonzero(outcome.tie))
    group = program.groups[place]
    taking = group.active[:, k, e, t] & (group.coverage[:, k, e, t] != 0)
    names = [r.measure for r in program.rows if r.place == place and taking[r.at]]
    line = program.lines.codes[int(np.flatnonzero(program.class_of[place] == k)[0])]
    raise ConflictingActs(
        f"the group {program.names[place]!r} takes its measures by precedence, but "
        f"{', '.join(names)} are level on {line or 'all goods'} from {program.cuts[t]}; give "
        "them different precedences",
        names=tuple(names), line=line,
    )
