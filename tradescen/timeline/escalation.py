"""Escalation: dated steps up, as analysts write them. Each expands to one plain act."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from attrs import evolve, field, frozen, validators

from tradescen.errors import InvalidValue, a_name
from tradescen.law.measure import Measure
from tradescen.looks import Shown
from tradescen.timeline.acts import Act, Amend, Impose
from tradescen.timeline.targets import Only, Target, as_only, as_target
from tradescen.vocab.duty import AdValorem, Change, Duty, Points, Times, as_change
from tradescen.vocab.hs import ByProduct
from tradescen.vocab.period import effective_day, maybe_announced, maybe_enacted
from tradescen.vocab.source import Source, as_source

__all__ = ["Escalation", "EscalationStep"]


def _maybe(value: Any) -> Target | None:
    return None if value is None else as_target(value)


def _points(value: Any) -> Points | None:
    change = None if value is None else as_change(value)
    if isinstance(change, AdValorem) and not change.on:
        change = Points(change.rate)
    if change is None or isinstance(change, Points):
        return change
    raise InvalidValue(f"add={value!r} is not a number of points; write '50pp'", value=value)


def _factor(value: Any) -> Times | None:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    factor = Times(value) if number else value if value is None else as_change(value)
    if factor is None or isinstance(factor, Times):
        return factor
    raise InvalidValue(f"times={value!r} is not a factor; write 1.1 or 'x1.1'", value=value)


def _level(value: Any) -> Change | ByProduct[Duty] | None:
    return None if value is None else as_change(value)


@frozen(kw_only=True, repr=False)
class EscalationStep(Shown):
    """One dated step: points added, a factor, or a new level; or a new measure.

    Args:
        id: Its name, in the namespace of acts.
        effective: The first day it is charged.
        target: The measures stepped up (id or Select); not with *measure*.
        add: Points, ``"50pp"`` or 0.5. times: a factor. to: a level, ``"84%"``.
            Give exactly one of them with *target*.
        measure: A measure that begins with this step.
        announced: By default the day it is enacted.
        enacted: By default *announced*, else *effective*. ``threat=True`` leaves it open.
        only: The part of the target that is stepped up.
        source: Where it was read.

    Raises:
        InvalidValue: if what is stepped up, or by how much, is missing or said twice.
    """

    id: str = field(validator=a_name)
    effective: dt.date = field(converter=effective_day)
    target: Target | None = field(default=None, converter=_maybe)
    add: Points | None = field(default=None, converter=_points)
    times: Times | None = field(default=None, converter=_factor)
    to: Change | ByProduct[Duty] | None = field(default=None, converter=_level)
    measure: Measure | None = field(
        default=None, validator=validators.optional(validators.instance_of(Measure))
    )
    announced: dt.date | None = field(default=None, converter=maybe_announced)
    enacted: dt.date | None = field(default=None, converter=maybe_enacted)
    threat: bool = False
    only: Only = field(factory=Only, converter=as_only)
    source: Source | None = field(default=None, converter=as_source)
    cause: str | None = None

    def __attrs_post_init__(self) -> None:
        if (self.target is None) == (self.measure is None):
            raise InvalidValue(
                f"{self.id}: a step raises existing measures (target=) or begins a new one "
                "(measure=): give one of the two",
                id=self.id,
            )
        given = [g for g in (self.add, self.times, self.to) if g is not None]
        if len(given) != (1 if self.target is not None else 0):
            raise InvalidValue(
                f"{self.id}: say by how much with one of add=, times= or to= (and none of them "
                "with measure=, which has its own duty)",
                id=self.id,
            )
        if self.threat and self.enacted is not None:
            raise InvalidValue(f"{self.id}: a threat has no day of enactment", id=self.id)

    @property
    def known(self) -> dt.date:
        """The day the world knew."""
        return self.announced or self.enacted or self.effective

    def change(self) -> Change | ByProduct[Duty] | None:
        """The change of duty the step makes."""
        return next((c for c in (self.add, self.times, self.to) if c is not None), None)

    def acts(self) -> tuple[Act, ...]:
        """The plain act the step stands for; always the same object."""
        return self._acts

    @cached_property
    def _acts(self) -> tuple[Act, ...]:
        enacted = None if self.threat else self.enacted or self.announced or self.effective
        announced = self.known
        if self.measure is not None:
            return (
                Impose(id=self.id, measure=self.measure, announced=announced, enacted=enacted,
                       effective=self.effective, source=self.source, cause=self.cause),
            )
        assert self.target is not None
        return (
            Amend(id=self.id, target=self.target, duty=self.change(), only=self.only,
                  announced=announced, enacted=enacted, effective=self.effective,
                  source=self.source, cause=self.cause),
        )

    def __repr__(self) -> str:
        what = self.measure or f"{self.target} {self.change()}"
        return f"<EscalationStep {self.id}: {self.effective}, {what}>"


def _steps(value: Iterable[EscalationStep]) -> tuple[EscalationStep, ...]:
    return tuple(value)


@frozen(kw_only=True, repr=False)
class Escalation(Shown):
    """An ordered run of steps.

    Args:
        id: Its name; the cause of its steps.
        steps: The steps, in the order of their days.
    """

    id: str = field(validator=a_name)
    steps: tuple[EscalationStep, ...] = field(converter=_steps)

    def __attrs_post_init__(self) -> None:
        days = [s.effective for s in self.steps]
        if not days:
            raise InvalidValue(f"{self.id}: an escalation without steps", id=self.id)
        if days != sorted(days):
            raise InvalidValue(
                f"{self.id}: the steps are not in the order of their days: "
                + ", ".join(map(str, days)),
                id=self.id,
            )

    def acts(self) -> tuple[Act, ...]:
        """The plain acts of all steps, each caused by the escalation; always the same objects."""
        return self._acts

    @cached_property
    def _acts(self) -> tuple[Act, ...]:
        return tuple(
            act for s in self.steps for act in evolve(s, cause=s.cause or self.id).acts()
        )

    def __repr__(self) -> str:
        first, last = self.steps[0].effective, self.steps[-1].effective
        return f"<Escalation {self.id}: {len(self.steps)} steps, {first} → {last}>"

    def __str__(self) -> str:
        return "\n".join([repr(self), *(f"  {s}" for s in self.steps)])
