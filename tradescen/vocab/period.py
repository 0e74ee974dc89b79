"""Days and periods. A period is ``[start, end)``: its end is the first day it no longer holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from attrs import field, frozen

from tradescen.errors import InvalidValue

__all__ = ["DateLike", "Period", "as_date", "optional_date", "to_date"]

DateLike = Any  # ISO text, date, datetime, pandas Timestamp, numpy datetime64


def as_date(value: DateLike, what: str = "date") -> dt.date:
    """A calendar day out of ISO text, ``date``, ``datetime``, ``Timestamp`` or ``datetime64``.

    Raises:
        InvalidValue: if *value* is none of these.
    """
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value.strip()[:10]) if len(value) > 10 else (
                dt.date.fromisoformat(value.strip())
            )
        except ValueError:
            pass
    elif type(value).__module__ == "numpy" and hasattr(value, "astype"):
        day = value.astype("datetime64[D]").item()
        if isinstance(day, dt.date):
            return day
    raise InvalidValue(
        f"{what}: {value!r} is not a day; write it as ISO text such as '2025-11-01'",
        value=value,
    )


def to_date(what: str) -> Callable[[DateLike], dt.date]:
    """A converter to a day whose error names *what*."""
    return lambda value: as_date(value, what)


def optional_date(what: str) -> Callable[[DateLike], dt.date | None]:
    """A converter to a day or ``None`` whose error names *what*."""
    return lambda value: None if value is None else as_date(value, what)


@frozen(kw_only=True)
class Period:
    """The days from *start* on, up to but not including *end*.

    Args:
        start: First day.
        end: First day after it; ``None`` for no end.

    Raises:
        InvalidValue: if *end* is not after *start*.
    """

    start: dt.date = field(converter=to_date("start"))
    end: dt.date | None = field(default=None, converter=optional_date("end"))

    def __attrs_post_init__(self) -> None:
        if self.end is not None and self.end <= self.start:
            raise InvalidValue(
                f"the end {self.end} is not after the start {self.start}; a period holds from "
                "its start up to, not including, its end",
                start=self.start,
                end=self.end,
            )

    def __contains__(self, day: object) -> bool:
        return (
            isinstance(day, dt.date)
            and self.start <= day
            and (self.end is None or day < self.end)
        )
