"""Numbers read in one way by all functions: rates, the rate of what has none, money, days."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tradescen.errors import InvalidValue
from tradescen.vocab.duty_kinds import as_fraction

__all__ = ["HIGHEST", "amounts", "check_missing", "check_rates", "rate_numbers", "times"]

Array = NDArray[np.float64]
HIGHEST = 10.0  # a rate above it is percent written as a fraction
RANGE = (f"fractions of customs value, above -1 (at -1 goods would be free of charge) and up to "
         f"{HIGHEST:g} (25 % is 0.25)")


def rate_numbers(column: Any, what: str) -> Array:
    """A column of rates as floats; text such as ``"25%"`` is read, and what is empty is NaN.

    Raises:
        InvalidValue: for text that is no rate.
    """
    if pd.api.types.is_numeric_dtype(column):
        return np.asarray(column, dtype=float)
    return np.array([np.nan if pd.isna(v) else as_fraction(v, what) if isinstance(v, str)
                     else float(v) for v in column], dtype=float)


def check_rates(rate: Array, what: str, whose: Callable[[int], str]) -> None:
    """Refuse what is no rate; NaN, an unknown rate, passes.

    Args:
        rate: Rates in a row.
        what: What holds them.
        whose: Position → whose rate that is.

    Raises:
        InvalidValue: for a rate at or below −1, above 10, or infinite.
    """
    bad = np.isinf(rate) | (rate <= -1) | (rate > HIGHEST)
    if bad.any():
        at = int(np.argmax(bad))
        raise InvalidValue(f"{what}: the rate for {whose(at)} is {rate[at]:g}; rates are {RANGE}",
                           value=float(rate[at]))


def check_missing(missing: Any) -> float | None:
    """The rate that stands for those a frame does not give, or ``None``.

    Raises:
        InvalidValue: for what is no known rate.
    """
    if missing is None:
        return None
    number = isinstance(missing, (int, float, np.number)) and not isinstance(missing, bool)
    if not number or math.isnan(missing) or not -1 < missing <= HIGHEST:
        raise InvalidValue(f"missing={missing!r} is not a rate; give 0, or another of the "
                           f"{RANGE}", value=missing)
    return float(missing)


def amounts(column: Any, what: str, whose: Callable[[int], str]) -> Array:
    """A column of money, 0 or more.

    Raises:
        InvalidValue: for text, and for what is negative, infinite or unknown.
    """
    given = pd.to_numeric(pd.Series(np.asarray(column)), errors="coerce")
    value = given.to_numpy(dtype=float)
    bad = ~np.isfinite(value) | (value < 0)
    if bad.any():
        at = int(np.argmax(bad))
        raise InvalidValue(
            f"{what}: the value of {whose(at)} is {np.asarray(column, dtype=object)[at]}; values "
            "are 0 or more, and an unknown one is not 0: leave the row out if there is no trade",
            value=np.asarray(column, dtype=object)[at],
        )
    return np.asarray(value)


def times(column: pd.Series[Any], what: str) -> NDArray[np.datetime64]:
    """A column of days, as ``datetime64[s]``; text such as ``"2025-11-01"`` is read.

    Raises:
        InvalidValue: for what is no day, and for what is empty.
    """
    given = pd.to_datetime(column, errors="coerce", format="ISO8601")
    if given.isna().any():
        raise InvalidValue(f"{what} holds {column[given.isna()].iloc[0]!r}; intervals are given "
                           "by days, '2025-11-01', and end on the day after their last")
    return given.to_numpy().astype("datetime64[s]")
