"""Duties: what is charged on the share of value a measure claims.

The kinds are in :mod:`tradescen.vocab.duty_kinds`, the reading of printed rates in
:mod:`tradescen.vocab.duty_text`; both are to be had here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from tradescen.errors import InvalidValue
from tradescen.vocab.duty_kinds import (
    DUTIES,
    AdValorem,
    Change,
    Compound,
    Duty,
    Points,
    Residual,
    Specific,
    Times,
    Unknown,
    as_fraction,
    changed,
    exact,
    percent,
    residual_of,
)
from tradescen.vocab.duty_text import programmes, read
from tradescen.vocab.hs import ByProduct
from tradescen.vocab.units import unit_value

__all__ = [
    "AdValorem",
    "Change",
    "Compound",
    "Duty",
    "Points",
    "Residual",
    "Specific",
    "Times",
    "Unknown",
    "as_change",
    "as_duty",
    "as_fraction",
    "as_scheduled_duty",
    "changed",
    "duty",
    "duty_range",
    "exact",
    "percent",
    "programmes",
    "residual_of",
    "said",
    "unit_value",
]

_POINTS = re.compile(r"^\s*([+-]?[0-9]+(?:\.[0-9]+)?)\s*(?:pp|points?)\s*$", re.IGNORECASE)
_TIMES = re.compile(r"^\s*[x×]\s*([0-9]+(?:\.[0-9]+)?)\s*$", re.IGNORECASE)


def duty(text: str, *, currency: str = "USD") -> Duty:
    """A duty out of a rate as schedules print it.

    Percentages, money per unit, their sums, and lower and upper bounds are read:
    ``"46.3¢/kg + 14.9%"``, ``"10% MIN €22/100 kg MAX €56/100 kg"``, ``"8% but not less than
    1.5¢/kg"``, ``"10% or $2/kg, whichever is higher"``. A percentage of a part of the value
    (``"5.3% on the battery"``) keeps that part. "The duty provided in the applicable subheading
    + 25%" is 25 %: what its heading adds. Where the text says more than ``str`` of the duty,
    the duty's ``text`` holds it.

    What cannot be read becomes :class:`Unknown` with its reason and text; only a text that says
    free or 0 is 0.

    Args:
        text: The rate as printed.
        currency: The money that ``$`` and ``¢`` stand for.

    Raises:
        InvalidValue: if *text* is not text.
    """
    if not isinstance(text, str):
        raise InvalidValue(
            f"{text!r} is not a rate as printed; give text such as '25%', or AdValorem(0.25)",
            value=text,
        )
    return read(text, currency)


def as_duty(value: object) -> Duty:
    """A duty out of a :class:`Duty`, a fraction or text such as ``"25%"`` or ``"46.3¢/kg"``."""
    if isinstance(value, DUTIES):
        return value
    if not isinstance(value, str):
        return AdValorem(value)
    got = read(value)
    if isinstance(got, Unknown) and not value.lstrip().startswith("unknown ("):
        raise InvalidValue(
            f"rate: {value!r} is not a rate: {got.reason}; write '25%', 0.25 or '46.3¢/kg' "
            "(points: '10pp', proportions: 'x1.1'), or Unknown(reason) where it is not known",
            value=value,
        )
    return got


def as_scheduled_duty(value: object) -> Duty | ByProduct[Duty]:
    """As :func:`as_duty`, but a mapping or :class:`ByProduct` gives a duty by line."""
    if isinstance(value, Mapping):
        value = ByProduct(value)
    if isinstance(value, ByProduct):
        if all(isinstance(v, DUTIES) for _, v in value.values) and (
            value.default is None or isinstance(value.default, DUTIES)
        ):
            return value
        return value.map(as_duty)
    return as_duty(value)


def as_change(value: Any) -> Change | ByProduct[Duty]:
    """A new duty, or a relative change: ``"+50pp"`` or ``"x1.1"``."""
    if isinstance(value, (Points, Times)):
        return value
    if isinstance(value, str):
        got = _POINTS.match(value)
        if got:
            return Points(float(f"{got.group(1)}e-2"))
        got = _TIMES.match(value)
        if got:
            return Times(float(got.group(1)))
    return as_scheduled_duty(value)


@lru_cache(maxsize=1024)  # a table by line is met again in every spell of its measure
def duty_range(duty: Duty | ByProduct[Duty]) -> tuple[float, float]:
    """The lowest and highest ad valorem rate over the lines; NaN where none is known."""
    if not isinstance(duty, ByProduct):
        return duty.ave(), duty.ave()
    found = {v for _, v in duty.values} | ({duty.default} if duty.default is not None else set())
    rates = [r for r in (one.ave() for one in found) if not math.isnan(r)]
    return (min(rates), max(rates)) if rates else (math.nan, math.nan)


def said(duty: Any) -> str:
    """A duty in words: a rate, or the range of rates by line."""
    return _by_line(duty) if isinstance(duty, ByProduct) else str(duty)


@lru_cache(maxsize=1024)  # as above
def _by_line(duty: ByProduct[Duty]) -> str:
    low, high = duty_range(duty)
    if math.isnan(low):
        return "by line"
    one = len({v for _, v in duty.values} | ({duty.default} - {None})) == 1
    first, last = f"{low * 100:g}%", f"{high * 100:g}%"
    return first if first == last and one else f"{first} to {last} by line"
