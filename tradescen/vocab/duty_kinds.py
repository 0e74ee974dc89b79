"""The kinds of duty, what each is as a share of value, and how a change changes it.

Rates are fractions of customs value: ``0.25`` and ``"25%"`` are the same. A bare number
above 3 is refused, because ``25`` almost surely means 25 %, not 2,500 %.

What is public of these is named by :mod:`tradescen.vocab.duty`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Union

from attrs import evolve, field, frozen, validators

from tradescen.errors import InvalidValue
from tradescen.vocab.hs import ByProduct
from tradescen.vocab.units import as_unit, worth

MOST = 3.0
_PERCENT = re.compile(r"^\s*([0-9]+(?:\.[0-9]+)?)\s*%\s*$")
Values = Mapping[str, float]


class _Exact(float):
    """A computed fraction; it may pass 3 without being a percentage by mistake."""


def exact(rate: float) -> float:
    """A fraction known to be one, such as 3.5 for 350 %: it is not refused as a percentage."""
    return _Exact(rate)


def percent(rate: float) -> str:
    """A fraction as text: 0.075 is ``7.5%``, an unknown is ``unknown``."""
    return "unknown" if math.isnan(rate) else f"{round(rate * 100, 4):g}%"


def _plain(number: float, shift: int = 0) -> str:
    """A number times ten to the *shift* as text, with every digit and no exponent."""
    said = format(Decimal(repr(float(number))).scaleb(shift), "f")
    return said.rstrip("0").rstrip(".") if "." in said else said


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


def _part_of_value(text: str) -> str:
    """The name of a part of the value: ``"the value of the lead content"`` is lead content."""
    said = re.sub(r",? if any$", "", " ".join(text.split()))
    return re.sub(r"^(?:the )?(?:value of )?(?:the )?(?=\S)", "", said)


# The field *text* holds what a schedule prints where ``str`` of the duty differs from it. It
# takes no part in equality: duties are equal if they charge the same.


@frozen
class AdValorem:
    """A duty as a fraction of customs value. ``AdValorem("25%") == AdValorem(0.25)``.

    Args:
        rate: The fraction.
        on: The part of the value it is charged on (``"battery"``); empty for all of it.
        text: As printed, where that differs.
    """

    rate: float = field(converter=_rate)
    on: str = field(default="", converter=_part_of_value, kw_only=True)
    text: str = field(default="", kw_only=True, eq=False, repr=False)

    def ave(self, unit_values: Values | None = None, shares: Values | None = None) -> float:
        """The rate; on a part of the value times its share, NaN where that is not given."""
        if self.on and self.rate:
            return self.rate * (shares or {}).get(self.on, math.nan)
        return self.rate

    def __str__(self) -> str:
        if self.on:
            return f"{_plain(self.rate, 2)}% on the {self.on}"
        return f"{_plain(self.rate, 2)}%" if self.rate else "Free"


def _money(value: float) -> float:
    if 0 <= value < math.inf:
        return float(value)
    raise InvalidValue(f"amount {value!r} is not money per unit; it is 0 or more", value=value)


@frozen
class Specific:
    """A duty as money per unit, such as 46.3 cents a kilogram.

    Args:
        amount: Money per unit, 0 or more.
        unit: The unit (``"kg"``, ``"100 kg"``, ``"item"``, ``"kg on drained weight"`` …).
        currency: ISO code of the money.
        text: As printed, where that differs.
    """

    amount: float = field(converter=_money)
    unit: str = field(converter=as_unit, validator=validators.min_len(1), kw_only=True)
    currency: str = field(
        default="USD", validator=validators.matches_re("[A-Z]{3}"), kw_only=True
    )
    text: str = field(default="", kw_only=True, eq=False, repr=False)

    def ave(self, unit_values: Values | None = None, shares: Values | None = None) -> float:
        """Amount over unit value; NaN without a unit value of this currency.

        Args:
            unit_values: Money per unit. Keys are units (``"kg"``) or, to name the money,
                ``"EUR/kg"``; see :func:`~tradescen.vocab.units.unit_value`. Units convert:
                a value per ``t`` serves a duty per ``100 kg``.
            shares: Not used.
        """
        if self.amount == 0:
            return 0.0
        return self.amount / worth(self.unit, self.currency, unit_values)

    def __str__(self) -> str:
        per = " each" if self.unit == "item" else f"/{self.unit}"
        if self.currency != "USD":
            return f"{_plain(self.amount)} {self.currency}{per}"
        if self.amount < 1:
            return f"{_plain(self.amount, 2)}¢{per}"
        return f"${_plain(self.amount)}{per}"


_OPS: dict[str, Callable[[list[float]], float]] = {"sum": sum, "max": max, "min": min}
_WORDS = {"sum": " + ", "max": " but not less than ", "min": " but not more than "}


def _parts(value: Iterable[Duty]) -> tuple[Duty, ...]:
    return tuple(value)


@frozen
class Compound:
    """Several duties at once: their ``"sum"``, the ``"max"`` or the ``"min"`` of them.

    Args:
        op: ``"sum"``, ``"max"`` or ``"min"``.
        parts: Two duties or more; a part of the same kind is dissolved into its own parts.
        text: As printed, where that differs.
    """

    op: str = field(validator=validators.in_(tuple(_OPS)))
    parts: tuple[Duty, ...] = field(converter=_parts)
    text: str = field(default="", kw_only=True, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        flat: list[Duty] = []
        for part in self.parts:
            if not isinstance(part, DUTIES):
                raise InvalidValue(f"{part!r} is not a duty", value=part)
            same = isinstance(part, Compound) and part.op == self.op
            flat += part.parts if isinstance(part, Compound) and same else [part]
        if len(flat) < 2:
            raise InvalidValue(
                f"a {self.op} of {len(flat)} duties; give two or more", parts=self.parts
            )
        object.__setattr__(self, "parts", tuple(flat))

    def ave(self, unit_values: Values | None = None, shares: Values | None = None) -> float:
        """The ad valorem equivalent; NaN if that of any part is."""
        got = [p.ave(unit_values, shares) for p in self.parts]
        if any(math.isnan(g) for g in got):
            return math.nan
        return float(_OPS[self.op](got))

    def __str__(self) -> str:
        said = []
        for n, part in enumerate(self.parts):
            bound = isinstance(part, Compound) and part.op != "sum"
            said.append(f"({part})" if bound and (n or self.op == "sum") else str(part))
        return _WORDS[self.op].join(said)


@frozen
class Unknown:
    """A duty or share that is not known, and why. It is never read as 0.

    Args:
        reason: Why, in words.
        text: What the schedule prints, where it prints something.
    """

    reason: str
    text: str = ""

    def ave(self, unit_values: Values | None = None, shares: Values | None = None) -> float:
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
    """Whatever the duty is, times a factor: ``"x1.1"``.

    ``"x0"`` leaves nothing of any duty, an unknown one included: a duty is finite. By any other
    factor an unknown duty stays unknown.
    """

    factor: float = field(validator=validators.ge(0))

    def __str__(self) -> str:
        return f"x{self.factor:g}"


Change = Union[Duty, Points, Times]
Residual = Union[Duty, Points, Times]  # what a suspension leaves: a level, points off, a part


def _clean(rate: float) -> float:
    """Free of the last bits that decimals leave behind: 0.34 - 0.24 is 0.1."""
    return exact(round(rate, 12))


def _scaled(old: Duty, factor: float) -> Duty:
    if isinstance(old, AdValorem):
        return AdValorem(_clean(old.rate * factor), on=old.on)
    if isinstance(old, Specific):
        return evolve(old, amount=round(old.amount * factor, 12), text="")
    if isinstance(old, Compound):
        return Compound(old.op, [_scaled(part, factor) for part in old.parts])
    return old


def _changed(old: Duty, change: Points | Times) -> Duty:
    if isinstance(old, Unknown):
        return old
    if isinstance(change, Times):
        return _scaled(old, change.factor)
    if isinstance(old, AdValorem) and not old.on:
        return AdValorem(_clean(max(0.0, old.rate + change.points)))
    if change.points >= 0:
        return Compound("sum", (old, AdValorem(exact(change.points))))
    return Unknown(f"{change} of a duty that is not ad valorem", text=str(old))


def changed(
    old: Duty | ByProduct[Duty], change: Change | ByProduct[Duty]
) -> Duty | ByProduct[Duty]:
    """The duty after a change; relative changes apply line by line."""
    if not isinstance(change, (Points, Times)):
        return change
    if change == Times(0):
        return AdValorem(0)
    if isinstance(old, ByProduct):
        return old.map(lambda one: _changed(one, change))
    return _changed(old, change)


def _residual(old: Duty, residual: Residual) -> Duty:
    if isinstance(residual, (Points, Times)):
        return _changed(old, residual)
    if isinstance(residual, AdValorem):
        if isinstance(old, AdValorem) and not old.on and not residual.on:
            return old if old.rate <= residual.rate else residual
        if isinstance(old, Unknown):
            return old
    return Compound("min", (residual, old))


def residual_of(
    old: Duty | ByProduct[Duty], residual: Residual
) -> Duty | ByProduct[Duty]:
    """What is still charged under a suspension: the residual level, never above the duty.

    A residual in points (``"-24pp"``) is taken off the duty, a part (``"x0.5"``) of it is left.
    Where nothing is left, nothing is left of an unknown duty either, or of one not given.
    """
    if residual == Times(0) or (isinstance(residual, AdValorem) and residual.rate == 0):
        return AdValorem(0)
    if isinstance(old, ByProduct):
        return old.map(lambda one: _residual(one, residual))
    return _residual(old, residual)
