"""What a conversion of codes did with each value."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from attrs import frozen

from tradescen.errors import counted

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ConversionReport", "Shares", "Tally"]

Shares = tuple[tuple[str, float], ...]  # code, share


@frozen(kw_only=True)
class ConversionReport:
    """What a conversion did with each value.

    Args:
        from_, to: The editions.
        total: All value.
        placed: Value that stands under codes of the new edition.
        split: Old codes that became several → their value.
        merged: New codes that took from several of the codes given → their value.
        unplaced: Old codes no row places → their value; they keep their code.
        reasons: Old codes → why they were not placed.
    """

    from_: str
    to: str
    total: float
    placed: float
    split: tuple[tuple[str, float], ...] = ()
    merged: tuple[tuple[str, float], ...] = ()
    unplaced: tuple[tuple[str, float], ...] = ()
    reasons: tuple[tuple[str, str], ...] = ()

    @property
    def placed_share(self) -> float:
        """Placed value over all value; 1 where there is none."""
        return self.placed / self.total if self.total else 1.0

    def to_frame(self) -> pd.DataFrame:
        """One row a code: ``what`` (split, merged, unplaced), ``product, value, reason``."""
        import pandas as pd

        why = dict(self.reasons)
        rows = [
            (what, code, value, why.get(code, "") if what == "unplaced" else "")
            for what in ("split", "merged", "unplaced") for code, value in getattr(self, what)
        ]
        return pd.DataFrame(rows, columns=["what", "product", "value", "reason"])

    def __str__(self) -> str:
        def said(what: str) -> str:
            held = getattr(self, what)
            return f"{what} {counted(len(held), 'code')} worth {math.fsum(v for _, v in held):,.0f}"

        return (
            f"{self.from_} to {self.to}: placed {self.placed_share:.4%} of {self.total:,.0f}; "
            f"{said('split')}, {said('merged')}, {said('unplaced')}"
        )


class Tally:
    """What went where, while a conversion runs."""

    def __init__(self) -> None:
        self.given: list[float] = []
        self.split: dict[str, list[float]] = {}
        self.takes: dict[str, tuple[set[str], list[float]]] = {}
        self.unplaced: dict[str, list[float]] = {}
        self.reasons: dict[str, str] = {}

    def note(self, code: str, targets: Shares, why: str, value: float) -> None:
        self.given.append(value)
        if why:
            self.unplaced.setdefault(code, []).append(value)
            self.reasons[code] = why
            return
        if len(targets) > 1:
            self.split.setdefault(code, []).append(value)
        for target, share in targets:
            froms, values = self.takes.setdefault(target, (set(), []))
            froms.add(code)
            values.append(value * share)

    def report(self, from_: str, to: str) -> ConversionReport:
        def summed(held: Mapping[str, list[float]]) -> tuple[tuple[str, float], ...]:
            return tuple((c, math.fsum(v)) for c, v in sorted(held.items()))

        unplaced = summed(self.unplaced)
        total = math.fsum(self.given)
        return ConversionReport(
            from_=from_, to=to, total=total, placed=total - math.fsum(v for _, v in unplaced),
            split=summed(self.split), unplaced=unplaced,
            reasons=tuple(sorted(self.reasons.items())),
            merged=summed({t: v for t, (froms, v) in self.takes.items() if len(froms) > 1}),
        )
