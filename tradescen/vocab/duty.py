"""Duties: what is charged on the share of value a measure claims.

Rates are fractions of customs value: ``0.25`` and ``"25%"`` are the same. A bare number
above 3 is refused, because ``25`` almost surely means 25 %, not 2,500 %.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Union

from attrs import field, frozen, validators

from tradescen.errors import InvalidValue
from tradescen.vocab.hs import ByProduct

__all__ = [
    "AdValorem",
    "Change",
    "Compound",
    "Duty",
    "Points",
    "Specific",
    "Times",
    "Unknown",
    "as_change",
    "as_duty",
    "as_fraction",
    "as_scheduled_duty",
    "changed",
    "duty",
    "exact",
    "percent",
    "residual_of",
]

MOST = 3.0
_PERCENT = re.compile(r"^\s*([0-9]+(?:\.[0-9]+)?)\s*%\s*$")
_POINTS = re.compile(r"^\s*([+-]?[0-9]+(?:\.[0-9]+)?)\s*(?:pp|points?)\s*$", re.IGNORECASE)
_TIMES = re.compile(r"^\s*[x×]\s*([0-9]+(?:\.[0-9]+)?)\s*$", re.IGNORECASE)


class _Exact(float):
    """A computed fraction; it may pass 3 without being a percentage by mistake."""


def exact(rate: float) -> float:
    """A fraction known to be one, such as 3.5 for 350 %: it is not refused as a percentage."""
    return _Exact(rate)


def percent(rate: float) -> str:
    """A fraction as text: 0.075 is ``7.5%``, an unknown is ``unknown``."""
    return "unknown" if math.isnan(rate) else f"{round(rate * 100, 4):g}%"


def as_fraction(value: object, what: str = "rate") -> float:
    """A fraction out of a number (0.25) or text (``"25%"``).

    Raises:
        InvalidValue: for a bare number above 3, a negative or a non-number.
    """
    if isinstance(value, str):
        got = _PERCENT.match(value)
        if got:
            # Decimal-exact: "12.5%" must be the same float as 0.125 and "7.5%" as 0.075.
            return float(f"{got.group(1)}e-2")
        if value.strip().lower() == "free":
            return 0.0
    elif isinstance(value, _Exact):
        return float(value)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        number = float(value)
        if number > MOST:
            raise InvalidValue(
                f"{what}: {value!r} looks like percent; rates are fractions of customs value: "
                f"write '{value:g}%' or {number / 100:g}",
                value=value,
            )
        if number >= 0:
            return number
        if number < 0:
            raise InvalidValue(f"{what}: {value!r} is negative; a duty is 0 or more", value=value)
    raise InvalidValue(
        f"{what}: {value!r} is not a rate; write '25%' or 0.25 (points: '10pp', "
        "proportions: 'x1.1')",
        value=value,
    )


def _rate(value: object) -> float:
    return as_fraction(value, "rate")


@frozen
class AdValorem:
    """A duty as a fraction of customs value. ``AdValorem("25%") == AdValorem(0.25)``."""

    rate: float = field(converter=_rate)

    def ave(self, unit_values: Mapping[str, float] | None = None) -> float:
        """The ad valorem equivalent: the rate itself."""
        return self.rate

    def __str__(self) -> str:
        return percent(self.rate) if self.rate else "Free"


@frozen
class Specific:
    """A duty as money per unit, such as 46.3 cents a kilogram.

    Args:
        amount: Money per unit, 0 or more.
        unit: The unit (``"kg"``, ``"item"`` …).
        currency: ISO code of the money.
    """

    amount: float = field(validator=validators.ge(0))
    unit: str = field(kw_only=True)
    currency: str = field(default="USD", kw_only=True)

    def ave(self, unit_values: Mapping[str, float] | None = None) -> float:
        """Amount over unit value (money per unit); NaN without a unit value."""
        value = (unit_values or {}).get(self.unit)
        return self.amount / value if value else math.nan

    def __str__(self) -> str:
        return f"{self.amount:g} {self.currency}/{self.unit}"


_OPS: dict[str, Callable[[list[float]], float]] = {"sum": sum, "max": max, "min": min}


def _parts(value: Iterable[Duty]) -> tuple[Duty, ...]:
    return tuple(value)


@frozen
class Compound:
    """Several duties at once: their ``"sum"``, the ``"max"`` or the ``"min"`` of them."""

    op: str = field(validator=validators.in_(tuple(_OPS)))
    parts: tuple[Duty, ...] = field(converter=_parts)

    def ave(self, unit_values: Mapping[str, float] | None = None) -> float:
        """The ad valorem equivalent; NaN if that of any part is."""
        got = [p.ave(unit_values) for p in self.parts]
        if any(math.isnan(g) for g in got):
            return math.nan
        return float(_OPS[self.op](got))

    def __str__(self) -> str:
        if self.op == "sum":
            return " + ".join(str(p) for p in self.parts)
        return f"{self.op} of " + ", ".join(str(p) for p in self.parts)


@frozen
class Unknown:
    """A duty or share that is not known, and why. It is never read as 0.

    Args:
        reason: Why, in words.
        text: What the schedule prints, where it prints something.
    """

    reason: str
    text: str = ""

    def ave(self, unit_values: Mapping[str, float] | None = None) -> float:
        """NaN."""
        return math.nan

    def __str__(self) -> str:
        return self.text or f"unknown ({self.reason})"


Duty = Union[AdValorem, Specific, Compound, Unknown]
DUTIES = (AdValorem, Specific, Compound, Unknown)


@frozen
class Points:
    """Points added to (or taken off) whatever the duty is: ``"10pp"``, ``"-24pp"``."""

    points: float

    def __str__(self) -> str:
        return f"{round(self.points * 100, 4):+g}pp"


@frozen
class Times:
    """Whatever the duty is, times a factor: ``"x1.1"``."""

    factor: float = field(validator=validators.ge(0))

    def __str__(self) -> str:
        return f"x{self.factor:g}"


Change = Union[Duty, Points, Times]


def duty(text: str) -> Duty:
    """A duty out of a rate as schedules print it.

    Reads ``Free`` and plain percentages. Anything else (``46.3¢/kg + 14.9%``) becomes
    :class:`Unknown` with its text kept: it is not computed, and never 0.
    """
    cleaned = text.strip()
    if cleaned.lower() == "free":
        return AdValorem(0.0)
    if _PERCENT.match(cleaned):
        return AdValorem(cleaned)
    return Unknown("not a plain ad valorem rate", text=cleaned)


def as_duty(value: object) -> Duty:
    """A duty out of a :class:`Duty`, a fraction or text such as ``"25%"``."""
    return value if isinstance(value, DUTIES) else AdValorem(value)


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


def _changed(old: Duty, change: Points | Times) -> Duty:
    if isinstance(old, Unknown):
        return old
    if isinstance(old, AdValorem):
        if isinstance(change, Times):
            return AdValorem(_clean(old.rate * change.factor))
        return AdValorem(_clean(max(0.0, old.rate + change.points)))
    if isinstance(change, Points) and change.points >= 0:
        return Compound("sum", (old, AdValorem(change.points)))
    return Unknown(f"{change} of a duty that is not ad valorem", text=str(old))


def _clean(rate: float) -> float:
    """Free of the last bits that decimals leave behind: 0.34 - 0.24 is 0.1."""
    return exact(round(rate, 12))


def changed(
    old: Duty | ByProduct[Duty], change: Change | ByProduct[Duty]
) -> Duty | ByProduct[Duty]:
    """The duty after a change; relative changes apply line by line."""
    if not isinstance(change, (Points, Times)):
        return change
    if isinstance(old, ByProduct):
        return old.map(lambda one: _changed(one, change))
    return _changed(old, change)


def _residual(old: Duty, residual: Duty | Points) -> Duty:
    if isinstance(residual, Points):
        return _changed(old, residual)
    if isinstance(residual, AdValorem):
        if residual.rate == 0:
            return residual
        if isinstance(old, AdValorem):
            return old if old.rate <= residual.rate else residual
        if isinstance(old, Unknown):
            return old
    return Compound("min", (residual, old))


def residual_of(
    old: Duty | ByProduct[Duty], residual: Duty | Points
) -> Duty | ByProduct[Duty]:
    """What is still charged under a suspension: the residual level, never above the duty.

    A residual in points (``"-24pp"``) is taken off the duty instead.
    """
    if isinstance(old, ByProduct):
        return old.map(lambda one: _residual(one, residual))
    return _residual(old, residual)
