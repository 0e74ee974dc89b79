"""The five acts by which law moves, and the milestones beside them.

An act has three clocks: *announced*, when the world knew; *enacted*, when it became law
(``None``: a threat); *effective*, the first day it is charged. Everything else that an
analyst composes is sugar over these five.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Union

from attrs import field, frozen, validators

from tradescen.errors import InvalidValue, a_name, one_of
from tradescen.law.measure import Coverage, Measure, as_coverage
from tradescen.looks import Shown
from tradescen.timeline.targets import (
    Only,
    Select,
    Target,
    as_only,
    as_target,
    optional_text,
)
from tradescen.vocab.countries import CountrySet, as_countries, country
from tradescen.vocab.duty import AdValorem, Change, Duty, Points, Residual, Times, as_change
from tradescen.vocab.hs import ByProduct, ProductSet, as_products
from tradescen.vocab.period import (
    date_day,
    maybe_announced,
    maybe_effective,
    maybe_enacted,
    maybe_until,
)
from tradescen.vocab.source import Source, as_source

__all__ = [
    "Act",
    "Amend",
    "Impose",
    "Milestone",
    "Only",
    "Reschedule",
    "Select",
    "Suspend",
    "Target",
    "Terminate",
    "as_residual",
    "as_target",
]


def _maybe_change(value: Any) -> Change | ByProduct[Duty] | None:
    return None if value is None else as_change(value)


def _maybe_coverage(value: Any) -> Coverage | None:
    return None if value is None else as_coverage(value)


def _maybe_products(value: Any) -> ProductSet | None:
    return None if value is None else as_products(value)


def _maybe_countries(value: Any) -> CountrySet | None:
    return None if value is None else as_countries(value)


def _actors(value: Any) -> tuple[str, ...]:
    return tuple(country(c) for c in optional_text(value))


@frozen(kw_only=True, repr=False)
class _Header(Shown):
    """What every act bears.

    Args:
        id: Its name; unique among measures and acts (an Impose may bear its measure's).
        announced: The day the world knew; by default the day of enactment.
        enacted: The day it became law; ``None`` for a threat. It has no default.
        effective: The first day it is charged; may lie before *enacted*.
        source: Where it was read.
        cause: The id of the truce, rule, ruling … that brought it about.
    """

    id: str = field(validator=a_name)
    announced: dt.date | None = field(default=None, converter=maybe_announced)
    enacted: dt.date | None = field(converter=maybe_enacted)
    effective: dt.date | None = field(default=None, converter=maybe_effective)
    source: Source | None = field(default=None, converter=as_source)
    cause: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.announced is None:
            if self.enacted is None:
                raise InvalidValue(
                    f"{self.id}: a threat (enacted=None) needs the day it was announced",
                    id=self.id,
                )
            object.__setattr__(self, "announced", self.enacted)
        elif self.enacted is not None and self.announced > self.enacted:
            raise InvalidValue(
                f"{self.id}: announced on {self.announced}, after it was enacted on "
                f"{self.enacted}; an act is known by the day it becomes law",
                id=self.id,
            )
        if self.effective is None and self.enacted is not None and self._needs_effective:
            raise InvalidValue(
                f"{self.id}: an enacted {type(self).__name__} needs the first day it is charged "
                "(effective=…); only a threat may leave it open",
                id=self.id,
            )

    @property
    def _needs_effective(self) -> bool:
        return True

    @property
    def known(self) -> dt.date:
        """The day the world knew."""
        assert self.announced is not None
        return self.announced

    def __str__(self) -> str:
        return f"{self.id}: {type(self).__name__} {self.effective or '(no day)'}"

    def __repr__(self) -> str:
        law = f"enacted {self.enacted}" if self.enacted else "a threat"
        return f"<{self}, announced {self.announced}, {law}>"


@frozen(kw_only=True, repr=False)
class Impose(_Header):
    """A measure begins. Without an ``id`` of its own it bears its measure's."""

    id: str = ""
    measure: Measure = field(validator=validators.instance_of(Measure))

    def __attrs_post_init__(self) -> None:
        if not self.id:
            object.__setattr__(self, "id", self.measure.id)
        until = self.measure.until
        if until is not None and self.effective is not None and until <= self.effective:
            raise InvalidValue(
                f"{self.id}: the measure ends on {until}, not after its first day "
                f"{self.effective}",
                id=self.id,
            )
        super().__attrs_post_init__()


@frozen(kw_only=True, repr=False)
class Amend(_Header):
    """A measure changes. What is not given stays as it is.

    Args:
        target: Measure id, act id (the measure it acts on) or Select.
        duty: A new duty, or a relative one (``"+50pp"``, ``"x1.1"``) applied line by line.
        coverage, group, precedence, until: New values.
        products, exporters: The new whole scope ("taken off the list" is a smaller one).
        only: The part of the target the change is limited to.
    """

    target: Target = field(converter=as_target)
    duty: Change | ByProduct[Duty] | None = field(default=None, converter=_maybe_change)
    coverage: Coverage | None = field(default=None, converter=_maybe_coverage)
    products: ProductSet | None = field(default=None, converter=_maybe_products)
    exporters: CountrySet | None = field(default=None, converter=_maybe_countries)
    group: str | None = None
    precedence: int | None = None
    until: dt.date | None = field(default=None, converter=maybe_until)
    only: Only = field(factory=Only, converter=as_only)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        given = (self.duty, self.coverage, self.products, self.exporters, self.group,
                 self.precedence, self.until)
        if all(g is None for g in given):
            raise InvalidValue(f"{self.id}: an Amend that changes nothing", id=self.id)
        _after(self, self.until)


@frozen(kw_only=True, repr=False)
class Terminate(_Header):
    """A measure ends; or an act that has not yet taken effect is withdrawn."""

    target: Target = field(converter=as_target)
    only: Only = field(factory=Only, converter=as_only)


def as_residual(value: Any) -> Residual:
    """What a suspension leaves: a level (``"10%"``), points off (``"-24pp"``) or a part of
    the duty (``"x0.5"``)."""
    got = as_change(value)
    if isinstance(got, Times):
        if got.factor > 1:
            raise InvalidValue(
                f"a suspension leaves {got}, which raises the duty; a part of it is x1 or less",
                value=value,
            )
        return got
    if isinstance(got, Points):
        if got.points > 0:
            raise InvalidValue(
                f"a suspension leaves {got}, which raises the duty; a residual is a level such "
                "as '10%' or points off such as '-24pp'",
                value=value,
            )
        return got
    if isinstance(got, AdValorem):
        return got
    raise InvalidValue(
        f"{value!r} is not what a suspension can leave; give a level or points off", value=value
    )


@frozen(kw_only=True, repr=False)
class Suspend(_Header):
    """A measure is held back for a term, as an overlay: its base may be amended meanwhile.

    Args:
        target: Measure id, act id or Select.
        until: First day the suspension no longer holds; ``None`` for no end.
        duty: What is still charged: a level, never above the duty, points off, or a part.
        then: At its end the base is charged again (``"snapback"``) or ends (``"terminate"``).
        only: The part of the target that is suspended.
    """

    target: Target = field(converter=as_target)
    until: dt.date | None = field(default=None, converter=maybe_until)
    duty: Residual = field(default=AdValorem(0), converter=as_residual)
    then: str = field(
        default="snapback", validator=one_of("snapback", "terminate")
    )
    only: Only = field(factory=Only, converter=as_only)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        _after(self, self.until)


@frozen(kw_only=True, repr=False)
class Reschedule(_Header):
    """Another act, truce or milestone is moved or given another end on the day of enactment.

    Args:
        act: The id of what is moved. A truce stands for all it brought about.
        effective: Its new first day (``None``: unchanged).
        until: Its new end, the first day it no longer holds (``None``: unchanged).
    """

    act: str = field(validator=a_name)
    until: dt.date | None = field(default=None, converter=maybe_until)

    @property
    def _needs_effective(self) -> bool:
        return False

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self.until is None and self.effective is None:
            raise InvalidValue(
                f"{self.id}: a Reschedule of {self.act} without a new first day or end",
                id=self.id,
            )
        _after(self, self.until)


Act = Union[Impose, Amend, Terminate, Suspend, Reschedule]
ACTS = (Impose, Amend, Terminate, Suspend, Reschedule)


def _after(act: _Header, until: dt.date | None) -> None:
    if until is not None and act.effective is not None and until <= act.effective:
        raise InvalidValue(
            f"{act.id}: its end {until} is not after its start {act.effective}", id=act.id
        )


@frozen(kw_only=True, repr=False)
class Milestone(Shown):
    """Something that happened, or is due, without a rate: controls, talks, rulings, purchases.

    Args:
        id: Its name, in the namespace of acts.
        announced: The day the world knew; by default its day.
        date: The day it happened or takes hold.
        until: First day it no longer holds, where it has a term.
        actor: Who acts: ISO codes.
        kind: ``"export-control"``, ``"talks"``, ``"ruling"``, ``"purchases"`` …
        text: What happened.
        source: Where it was read.
        cause: The id of what brought it about.
    """

    id: str = field(validator=a_name)
    announced: dt.date | None = field(default=None, converter=maybe_announced)
    date: dt.date = field(converter=date_day)
    until: dt.date | None = field(default=None, converter=maybe_until)
    actor: tuple[str, ...] = field(default=(), converter=_actors)
    kind: str = "event"
    text: str = ""
    source: Source | None = field(default=None, converter=as_source)
    cause: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.announced is None:
            object.__setattr__(self, "announced", self.date)
        if self.until is not None and self.until <= self.date:
            raise InvalidValue(
                f"{self.id}: its end {self.until} is not after its day {self.date}", id=self.id
            )

    @property
    def known(self) -> dt.date:
        """The day the world knew."""
        assert self.announced is not None
        return self.announced

    def __repr__(self) -> str:
        return f"<Milestone {self.id}: {self.date}, {self.kind}, {self.text}>"
