"""Days and periods. A period is ``[start, end)``: its end is the first day it no longer holds."""

from __future__ import annotations

import datetime as dt
from typing import Any

from attrs import field, frozen

from tradescen.errors import InvalidValue

__all__ = ["DateLike", "Period", "as_date", "maybe_date"]

DateLike = Any  # ISO text, date, datetime, pandas Timestamp, numpy datetime64


def as_date(value: DateLike, what: str = "date") -> dt.date:
    """A calendar day out of ISO text, ``date``, ``datetime``, ``Timestamp`` or ``datetime64``.

    Raises:
        InvalidValue: if *value* is none of these.
    """
    if isinstance(value, dt.datetime) and value == value:  # a missing time equals nothing
        return value.date()
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    if isinstance(value, str):
        try:
            return dt.datetime.fromisoformat(value.strip()).date()
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


def maybe_date(value: DateLike, what: str = "date") -> dt.date | None:
    """As :func:`as_date`, and ``None`` stays ``None``."""
    return None if value is None else as_date(value, what)


def effective_day(value: DateLike) -> dt.date:
    """A converter for the field *effective*."""
    return as_date(value, "effective")


def maybe_announced(value: DateLike) -> dt.date | None:
    """A converter for the field *announced*."""
    return maybe_date(value, "announced")


def maybe_data_date(value: DateLike) -> dt.date | None:
    """A converter for the field *data_date*."""
    return maybe_date(value, "data_date")


def maybe_effective(value: DateLike) -> dt.date | None:
    """A converter for the field *effective*."""
    return maybe_date(value, "effective")


def maybe_enacted(value: DateLike) -> dt.date | None:
    """A converter for the field *enacted*."""
    return maybe_date(value, "enacted")


def maybe_end(value: DateLike) -> dt.date | None:
    """A converter for the field *end*."""
    return maybe_date(value, "end")


def maybe_known_on(value: DateLike) -> dt.date | None:
    """A converter for the field *known_on*."""
    return maybe_date(value, "known_on")


def maybe_start(value: DateLike) -> dt.date | None:
    """A converter for the field *start*."""
    return maybe_date(value, "start")


def maybe_until(value: DateLike) -> dt.date | None:
    """A converter for the field *until*."""
    return maybe_date(value, "until")


def date_day(value: DateLike) -> dt.date:
    """A converter for the field *date*."""
    return as_date(value, "date")


def start_day(value: DateLike) -> dt.date:
    """A converter for the field *start*."""
    return as_date(value, "start")


def maybe_first_day(value: DateLike) -> dt.date | None:
    """A converter for the field *first_day*."""
    return maybe_date(value, "first_day")


def on_day(value: DateLike) -> dt.date:
    """A converter for the field *on*."""
    return as_date(value, "on")


def maybe_on(value: DateLike) -> dt.date | None:
    """A converter for the field *on*."""
    return maybe_date(value, "on")


def until_day(value: DateLike) -> dt.date:
    """A converter for the field *until*."""
    return as_date(value, "until")


@frozen(kw_only=True)
class Period:
    """The days from *start* on, up to but not including *end*.

    Args:
        start: First day.
        end: First day after it; ``None`` for no end.

    Raises:
        InvalidValue: if *end* is not after *start*.

    >>> as_date("2025-08-12") in Period(start="2025-05-14", end="2025-08-12")
    False
    """

    start: dt.date = field(converter=start_day)
    end: dt.date | None = field(default=None, converter=maybe_end)

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
