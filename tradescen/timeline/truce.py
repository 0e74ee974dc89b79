"""Truces: sides hold duties back for a term. A truce expands to plain acts it is the cause of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Union

from attrs import evolve, field, frozen

from tradescen.errors import InvalidValue, a_name, one_of
from tradescen.looks import Shown
from tradescen.timeline.acts import (
    ACTS,
    Act,
    Amend,
    Milestone,
    Only,
    Reschedule,
    Select,
    Suspend,
    Target,
    Terminate,
    as_residual,
    as_target,
)
from tradescen.vocab.countries import CountrySet, country
from tradescen.vocab.duty import AdValorem, Change, Duty, Residual, as_change
from tradescen.vocab.hs import ByProduct
from tradescen.vocab.period import (
    maybe_announced,
    maybe_date,
    maybe_enacted,
    maybe_start,
    maybe_until,
    start_day,
)
from tradescen.vocab.source import Source, as_source

__all__ = ["Pause", "Truce"]


def _maybe_residual(value: Any) -> Residual | None:
    return None if value is None else as_residual(value)


@frozen(kw_only=True)
class Pause:
    """A part of a truce with terms of its own.

    Args:
        select: The measures held back.
        residual: What is still charged; by default the truce's.
        start, until, then: By default the truce's.
        id: A name for the act, in the namespace of acts.
    """

    select: Target = field(converter=as_target)
    residual: Residual | None = field(default=None, converter=_maybe_residual)
    start: dt.date | None = field(default=None, converter=maybe_start)
    until: dt.date | None = field(default=None, converter=maybe_until)
    then: str | None = None
    id: str | None = None


def _many(value: Any) -> tuple[Any, ...]:
    if value is None:
        return ()
    if isinstance(value, (str, Select, Pause, Milestone)):
        return (value,)
    return tuple(value)


def _pauses(value: Any) -> tuple[Pause, ...]:
    if isinstance(value, Mapping):
        return tuple(Pause(select=k, residual=v) for k, v in value.items())
    return tuple(v if isinstance(v, Pause) else Pause(select=v) for v in _many(value))


Amends = tuple[tuple[Target, Union[Change, ByProduct[Duty]]], ...]


def _amends(value: Any) -> Amends:
    value = {} if value is None else value
    pairs = value.items() if isinstance(value, Mapping) else value
    return tuple((as_target(k), as_change(v)) for k, v in pairs)


def _extends(value: Any) -> tuple[tuple[str, dt.date | None], ...]:
    if isinstance(value, Mapping):
        return tuple((str(k), maybe_date(v, "until")) for k, v in value.items())
    pairs = [(v, None) if isinstance(v, str) else v for v in _many(value)]
    return tuple((str(k), maybe_date(v, "until")) for k, v in pairs)


def _targets(value: Any) -> tuple[Target, ...]:
    return tuple(as_target(v) for v in _many(value))


def _acts(value: Iterable[Act]) -> tuple[Act, ...]:
    acts = tuple(value)
    for act in acts:
        if not isinstance(act, ACTS):
            raise InvalidValue(f"{act!r} is not an act a truce can bring about", value=act)
    return acts


def _parties(value: Any) -> tuple[str, ...]:
    return tuple(country(c) for c in _many(value))


@frozen(kw_only=True, repr=False)
class Truce(Shown):
    """Sides agree to hold duties back from *start* until *until*.

    Every selection is cut to importers among the parties and to origins of the other
    parties, unless ``everywhere=True``.

    Args:
        id: Its name; the cause of every act it brings about.
        parties: Customs territories (mainland China is ``CHN``; Hong Kong must be named).
        suspends: What is held back: Selects, ``{Select: residual}`` or :class:`Pause`.
        amends: ``{Select: duty}``: what is changed for good.
        terminates: What ends for good.
        withdraws: Ids of acts not yet in effect that are given up.
        extends: Ids of acts or truces prolonged, to this truce's end or ``{id: until}``.
        start: First day.
        until: First day it no longer holds; ``None`` for no end.
        residual: What suspended measures still charge.
        then: At its end duties come back as amended (``"snapback"``) or end
            (``"terminate"``).
        announced: By default the day of enactment.
        enacted: By default *announced*, else *start*. ``threat=True`` makes it a promise.
        also: Milestones (the non-tariff halves), which start and lapse with it.
        acts: Plain acts that belong to it, as its notices spell them.
        source: Where it was read.

    >>> Truce(id="pause", parties=("USA", "CHN"), start="2025-05-14", until="2025-08-12",
    ...       suspends={"us-recip-cn": "10%"})
    <Truce pause: USA, CHN, agreed 2025-05-14, 2025-05-14 → 2025-08-12>

    Raises:
        InvalidValue: for a truce over nothing, an end before its start, fewer than two
            parties (``everywhere=True`` lifts that).
    """

    id: str = field(validator=a_name)
    parties: tuple[str, ...] = field(converter=_parties)
    suspends: tuple[Pause, ...] = field(default=(), converter=_pauses)
    amends: Amends = field(default=(), converter=_amends)
    terminates: tuple[Target, ...] = field(default=(), converter=_targets)
    withdraws: tuple[str, ...] = field(default=(), converter=_many)
    extends: tuple[tuple[str, dt.date | None], ...] = field(default=(), converter=_extends)
    start: dt.date = field(converter=start_day)
    until: dt.date | None = field(default=None, converter=maybe_until)
    residual: Residual = field(default=AdValorem(0), converter=as_residual)
    then: str = field(
        default="snapback", validator=one_of("snapback", "terminate")
    )
    announced: dt.date | None = field(default=None, converter=maybe_announced)
    enacted: dt.date | None = field(default=None, converter=maybe_enacted)
    threat: bool = False
    also: tuple[Milestone | str, ...] = field(default=(), converter=_many)
    acts: tuple[Act, ...] = field(default=(), converter=_acts)
    everywhere: bool = False
    source: Source | None = field(default=None, converter=as_source)

    def __attrs_post_init__(self) -> None:
        if self.until is not None and self.until <= self.start:
            raise InvalidValue(
                f"{self.id}: the truce ends on {self.until}, not after its start {self.start}",
                id=self.id,
            )
        if not (self.suspends or self.amends or self.terminates or self.withdraws
                or self.extends or self.also or self.acts):
            raise InvalidValue(
                f"{self.id}: a truce over nothing; say what it suspends, amends, terminates, "
                "withdraws or extends, or which milestones go with it (also=)",
                id=self.id,
            )
        if self.id in {name for name, _ in self.extends}:
            raise InvalidValue(f"{self.id}: a truce cannot prolong itself", id=self.id)
        if len(set(self.parties)) < 2 and not self.everywhere:
            raise InvalidValue(
                f"{self.id}: a truce needs two parties or more, not {self.parties}; a one-sided "
                "pause is a Suspend, or takes everywhere=True",
                id=self.id,
            )
        if self.threat and self.enacted is not None:
            raise InvalidValue(f"{self.id}: a promise has no day of enactment", id=self.id)
        if self.announced and self.enacted and self.announced > self.enacted:
            raise InvalidValue(
                f"{self.id}: announced on {self.announced}, after it was enacted on "
                f"{self.enacted}",
                id=self.id,
            )

    @property
    def law(self) -> dt.date | None:
        """The day it became law; ``None`` for a promise."""
        return None if self.threat else self.enacted or self.announced or self.start

    @property
    def known(self) -> dt.date:
        """The day the world knew."""
        return self.announced or self.law or self.start

    def _cut(self) -> Only:
        if self.everywhere:
            return Only()
        sides = CountrySet(self.parties)
        return Only(importers=sides, exporters=sides)

    def expand(self) -> tuple[Act, ...]:
        """The plain acts of the truce, each with it as the cause; always the same objects."""
        return self._expanded

    @cached_property
    def _expanded(self) -> tuple[Act, ...]:
        clocks: dict[str, Any] = {"announced": self.known, "enacted": self.law}
        header: dict[str, Any] = {**clocks, "source": self.source, "cause": self.id}
        cut = self._cut()
        out: list[Act] = [evolve(a, cause=a.cause or self.id) for a in self.acts]
        for n, (target, change) in enumerate(self.amends, 1):
            out.append(Amend(id=f"{self.id}/amend-{n}", target=_soft(target), duty=change,
                             only=cut, effective=self.start, **header))
        for n, target in enumerate(self.terminates, 1):
            out.append(Terminate(id=f"{self.id}/terminate-{n}", target=_soft(target), only=cut,
                                 effective=self.start, **header))
        for n, pause in enumerate(self.suspends, 1):
            out.append(Suspend(
                id=pause.id or f"{self.id}/suspend-{n}", target=_soft(pause.select), only=cut,
                effective=pause.start or self.start, until=pause.until or self.until,
                duty=self.residual if pause.residual is None else pause.residual,
                then=pause.then or self.then, **header))
        for act in self.withdraws:
            out.append(Terminate(id=f"{self.id}/withdraw-{act}", target=act,
                                 effective=self.law or self.start, **header))
        for act, until in self.extends:
            end = until or self.until
            if end is None:
                raise InvalidValue(
                    f"{self.id}: extends {act} without an end; give extends={{{act!r}: day}}",
                    id=self.id,
                )
            out.append(Reschedule(id=f"{self.id}/extend-{act}", act=act, until=end, **header))
        return tuple(out)

    def milestones(self) -> tuple[Milestone, ...]:
        """The milestones given with the truce, with its term where they have none."""
        return tuple(
            evolve(m, until=m.until or self.until, cause=m.cause or self.id)
            for m in self.also
            if isinstance(m, Milestone)
        )

    def __repr__(self) -> str:
        kind = "promised" if self.threat else "agreed"
        return (f"<Truce {self.id}: {', '.join(self.parties)}, {kind} {self.known}, "
                f"{self.start} → {self.until or 'no end'}>")


def _soft(target: Target) -> Target:
    """Parts of a truce that find nothing are skipped with a note; all of them is an error."""
    if isinstance(target, Select):
        return evolve(target, missing="skip")
    return Select(ids=(target,), missing="skip")
