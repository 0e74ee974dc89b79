"""What may vary from draw to draw: changes some of whose fields are drawn at random."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Union

import attrs
from attrs import evolve, field, frozen

from tradescen.errors import InvalidValue, UnknownName
from tradescen.timeline.acts import Amend, Impose, Suspend
from tradescen.timeline.course import CHANGES
from tradescen.timeline.escalation import EscalationStep
from tradescen.timeline.verbs import VERBS
from tradescen.vocab.duty import as_fraction, exact
from tradescen.vocab.period import as_date

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Choice", "Triangular", "Uniform", "Vary"]

Value = Union[dt.date, int, float]


def _end(value: Any) -> Value:
    """A bound: a day, a whole number of days, or a fraction of customs value."""
    if isinstance(value, bool):
        raise InvalidValue(f"{value!r} is neither a day, a number of days nor a rate", value=value)
    if isinstance(value, int):
        return value
    if isinstance(value, str) and "%" not in value and "." not in value:
        return as_date(value, "bound")
    if isinstance(value, (str, float)):
        return float(as_fraction(value, "bound"))
    return as_date(value, "bound")


def _ordered(values: tuple[Any, ...]) -> None:
    kinds = {type(v) for v in values}
    if len(kinds) > 1:
        raise InvalidValue(
            f"the bounds {', '.join(map(str, values))} are of different kinds; give days, whole "
            "numbers of days, or rates such as '25%'",
            value=values,
        )
    if list(values) != sorted(values):
        raise InvalidValue(
            f"the bounds {', '.join(map(str, values))} are not in order", value=values
        )


def _numbers(values: tuple[Any, ...]) -> list[float]:
    return [v.toordinal() if isinstance(v, dt.date) else v for v in values]


def _back(like: Any, drawn: Any) -> list[Any]:
    if isinstance(like, dt.date):
        return [dt.date.fromordinal(int(n)) for n in drawn]
    # Drawn within bounds that were read as rates: 3.5 is 350 %, no percentage by mistake.
    return [int(n) for n in drawn] if isinstance(like, int) else [exact(float(x)) for x in drawn]


@frozen
class Uniform:
    """Any day, number of days or rate from *low* to *high*, each as likely; both ends count.

    Days are dates or ISO text, whole numbers are days, rates are fractions of customs value
    (``"25%"`` or ``0.25``; a decimal point tells a rate from a number of days).

    >>> Uniform("2025-11-01", "2026-03-31")
    Uniform(low=datetime.date(2025, 11, 1), high=datetime.date(2026, 3, 31))

    Raises:
        InvalidValue: for bounds of different kinds, or not in order.
    """

    low: Value = field(converter=_end)
    high: Value = field(converter=_end)

    def __attrs_post_init__(self) -> None:
        _ordered((self.low, self.high))

    def draw(self, rng: np.random.Generator, n: int) -> list[Any]:
        """*n* values."""
        low, high = _numbers((self.low, self.high))
        if isinstance(self.low, float):
            return _back(self.low, rng.uniform(low, high, n))
        return _back(self.low, rng.integers(int(low), int(high), n, endpoint=True))


@frozen
class Triangular:
    """From *low* to *high*, *mode* the likeliest; days and numbers of days are rounded.

    Bounds are given as for :class:`Uniform`.

    >>> Triangular("10%", "25%", "60%")
    Triangular(low=0.1, mode=0.25, high=0.6)

    Raises:
        InvalidValue: for bounds of different kinds, or not in order.
    """

    low: Value = field(converter=_end)
    mode: Value = field(converter=_end)
    high: Value = field(converter=_end)

    def __attrs_post_init__(self) -> None:
        _ordered((self.low, self.mode, self.high))

    def draw(self, rng: np.random.Generator, n: int) -> list[Any]:
        """*n* values."""
        low, mode, high = _numbers((self.low, self.mode, self.high))
        drawn = rng.triangular(low, mode, high, n) if low < high else [low] * n
        return _back(self.low, drawn if isinstance(self.low, float) else
                     [round(float(x)) for x in drawn])


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _option(value: Any) -> Any:
    """A value to choose; whatever names a day is that day."""
    dated = isinstance(value, dt.date) or (isinstance(value, str) and _DAY.fullmatch(value))
    return as_date(value, "a choice") if dated else value


def _odds(value: Any) -> tuple[tuple[Any, float], ...]:
    pairs = value.items() if isinstance(value, Mapping) else [(v, None) for v in value]
    given = [(_option(v), None if p is None else float(p)) for v, p in pairs]
    if not given:
        raise InvalidValue("a choice among nothing; give values, or {value: odds}", value=value)
    if any(p is None for _, p in given):
        return tuple((v, 1 / len(given)) for v, _ in given)
    odds = [p for _, p in given if p is not None]
    if min(odds) < 0 or abs(sum(odds) - 1) > 1e-9:
        raise InvalidValue(f"the odds {odds} of a choice do not sum to 1", value=tuple(odds))
    return tuple((v, p) for v, p in given if p is not None)


@frozen
class Choice:
    """One of some values: ``Choice(["10%", "25%"])``, or with odds ``Choice({1: 0.7, 3: 0.3})``.

    Values are whatever the field takes: days (ISO text is a day), rates, tables by line, ids,
    ``None`` where the field may be left open.

    Raises:
        InvalidValue: for nothing to choose from, or odds that do not sum to 1 (within 1e-9).
    """

    values: tuple[tuple[Any, float], ...] = field(converter=_odds)

    def draw(self, rng: np.random.Generator, n: int) -> list[Any]:
        """*n* values."""
        odds = [p for _, p in self.values]
        at = rng.choice(len(odds), size=n, p=[p / sum(odds) for p in odds])
        return [self.values[int(k)][0] for k in at]


DISTRIBUTIONS = (Uniform, Triangular, Choice)
_RATED = {Impose: ("duty",), Amend: ("duty",), Suspend: ("duty",), EscalationStep: ("to",)}


@frozen(init=False)
class Vary:
    """A change or verb, some of whose fields are drawn anew in each future.

    Args:
        change: The change as it would be, which fixes all other fields.
        fields: Distributions by field: ``on``, ``until``, ``effective`` take days; ``duty`` (of
            an Impose its measure's) and ``to`` take rates; ``lag``, ``days`` whole numbers.

    >>> from tradescen import Collapse
    >>> Vary(Collapse(id="geneva", on="2026-01-01"), on=Uniform("2025-12-01", "2026-06-01"))
    Vary(Collapse geneva: on)

    Raises:
        InvalidValue: for something that is no change, or a field without a distribution.
        UnknownName: for a field the change does not have.
    """

    change: Any
    fields: tuple[tuple[str, Any], ...]

    def __init__(self, change: Any, **fields: Any) -> None:
        if not isinstance(change, (*CHANGES, *VERBS)):
            raise InvalidValue(f"{change!r} is not a change or verb to vary", value=change)
        known = {a.name for a in attrs.fields(type(change))}
        known |= {"duty"} if isinstance(change, Impose) else set()
        for name, given in fields.items():
            if name not in known:
                raise UnknownName.among(f"field of {type(change).__name__}", name, known)
            if not isinstance(given, DISTRIBUTIONS):
                raise InvalidValue(
                    f"{name}={given!r} does not vary; give it in the change itself, or a "
                    "Uniform, Triangular or Choice",
                    value=given,
                )
        object.__setattr__(self, "change", change)
        object.__setattr__(self, "fields", tuple(fields.items()))

    def rated(self, name: str) -> bool:
        """Whether a field is a rate that may stay open while the law is folded.

        One that is always the same stays closed: it may be 0, by which nothing is claimed.
        """
        given = dict(self.fields)[name]
        plain = isinstance(given, (Uniform, Triangular)) and isinstance(given.low, float)
        return plain and given.low < given.high and any(
            isinstance(self.change, kind) and name in names for kind, names in _RATED.items()
        )

    def with_values(self, values: Mapping[str, Any]) -> Any:
        """The change with values in place of distributions."""
        given = dict(values)
        if isinstance(self.change, Impose) and "duty" in given:
            given["measure"] = evolve(self.change.measure, duty=given.pop("duty"))
        return evolve(self.change, **given)

    def __repr__(self) -> str:
        name = getattr(self.change, "id", "")
        return f"Vary({type(self.change).__name__} {name}: {', '.join(k for k, _ in self.fields)})"
