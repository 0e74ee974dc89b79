"""Duties collected over the value they were paid on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tradescen import __version__
from tradescen.errors import InvalidValue
from tradescen.frames.averages import LEVELS, PARTS, SIDES, check_by, goods_key
from tradescen.law.weights import Weights

__all__ = ["realised"]


def realised(values: Weights, duties: Weights, by: Sequence[str] = SIDES) -> pd.DataFrame:
    """Duties collected over customs value, by partner and level of goods.

    What was paid, not what the law says: preferences, exclusions, drawback and timing are in
    it. Never mixed into rates.

    Args:
        values: Customs value by direction and line.
        duties: Duty collected on it, same directions and codes.
        by: ``importer, exporter`` and at most one of ``HS2 … HS8, section``.

    Returns:
        Columns *by*, ``value_usd, duty_usd, ratio``.

    Raises:
        InvalidValue: for another key, or if the two are of different years or moneys.
        MissingData: if the duties lack a direction of the values.
    """
    check_by(by)
    if part := next((n for n in by if n in PARTS), None):
        raise InvalidValue(
            f"by={part!r} is a part of the law, and duties collected do not say under which "
            "act they were paid", value=part,
        )
    if (values.year, values.currency) != (duties.year, duties.currency):
        raise InvalidValue(
            f"the values are of {values.year} in {values.currency}, the duties of {duties.year} "
            f"in {duties.currency}; a ratio needs one year and one money"
        )
    level = next((n for n in by if n in LEVELS), None)
    key = None if level is None else goods_key(level)
    sums: dict[tuple[str, ...], list[float]] = {}
    for n, given in enumerate((values, duties)):
        # A group and its member count once where no partner is told.
        for importer, exporter in values.pairs if "exporter" in by else values.apart:
            sides = {"importer": importer, "exporter": exporter}
            for code, amount in given.lines(importer=importer, exporter=exporter):
                label = tuple(
                    key(code) if key is not None and name == level else sides[name]
                    for name in by
                )
                sums.setdefault(label, [0.0, 0.0])[n] += amount
    rows = [
        {**dict(zip(by, label, strict=True)), "value_usd": value, "duty_usd": duty,
         "ratio": duty / value if value else np.nan}
        for label, (value, duty) in sorted(sums.items())
    ]
    frame = pd.DataFrame(rows, columns=[*by, "value_usd", "duty_usd", "ratio"])
    frame.attrs = {
        "quantity": "duty collected over customs value", "unit": "fractions of customs value",
        "weights": values.name, "duties": duties.name, "weights_year": values.year,
        "tradescen": __version__,
    }
    return frame
