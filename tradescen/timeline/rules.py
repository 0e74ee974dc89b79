"""Rules: what one side does when the other moves. Transitions in, acts out.

A rule is a value; :mod:`tradescen.timeline.play` lets rules answer in one forward sweep.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import field, frozen

from tradescen.errors import InvalidValue, a_name, one_of
from tradescen.looks import Shown
from tradescen.timeline.acts import Select
from tradescen.vocab.countries import country
from tradescen.vocab.duty import AdValorem, Duty, as_fraction, as_scheduled_duty, exact
from tradescen.vocab.hs import ByProduct, ProductSet, as_products
from tradescen.vocab.period import maybe_start, maybe_until
from tradescen.vocab.source import Source, as_source

__all__ = ["ANSWERS", "RULES", "Retaliation", "Trigger"]

ANSWERS = ("announced", "enacted", "effective", "resumed", "truce")


def _rounds(value: Any) -> tuple[int, ...]:
    rounds = (value,) if isinstance(value, int) else tuple(value)
    if not rounds or any(not isinstance(n, int) or isinstance(n, bool) for n in rounds):
        raise InvalidValue(
            f"{value!r} is not a number of days; give one, or one per round: (1, 3, 2)",
            value=value,
        )
    return rounds


def _answers(value: Iterable[str] | str) -> tuple[str, ...]:
    answers = (value,) if isinstance(value, str) else tuple(value)
    for one in answers:
        if one not in ANSWERS:
            raise InvalidValue(
                f"answers={one!r} is not one of {', '.join(map(repr, ANSWERS))}", value=one
            )
    if not set(answers) & {"announced", "enacted", "effective"}:
        answers = ("enacted", *answers)
    return answers


def _said(rounds: tuple[int, ...]) -> str:
    return f"{', '.join(map(str, rounds))} day{'' if rounds == (1,) else 's'}"


def _maybe_rate(value: Any) -> float | None:
    return None if value is None else exact(as_fraction(value, "points"))


def _maybe_products(value: Any) -> ProductSet | None:
    return None if value is None else as_products(value)


def _maybe_duty(value: Any) -> Duty | ByProduct[Duty] | None:
    return None if value is None else as_scheduled_duty(value)


def _party(value: str) -> str:
    return country(value)


@frozen(kw_only=True, repr=False)
class Retaliation(Shown):
    """One side answers the duties of another.

    A rule sees a transition, a rise of what *against* charges on goods of *by*, on its seen
    day: that of enactment unless *answers* says otherwise. The answer is enacted *lag* days
    later and charged *notice* days after that.

    Args:
        id: Its name, in the namespace of acts; its measures are ``<id>-1``, ``<id>-2`` …
        by: The side that answers. against: The side it answers.
        match: ``"mirror"``: the points of the rise, on the goods of the rise (if these are all
            goods or named by at most six digits, else give *products*). ``"points"``: the
            points of the rise, on *products*. ``"value"``: points on *products* such that
            points × trade equals that hit, through the caller's probe. ``"list"``: *duty* on
            *products* whatever the rise. On *products* each measure that rises is answered
            once, by the most points of any of its parts.
        scale: The points are multiplied by it.
        answers: ``"announced"``, ``"enacted"`` or ``"effective"``: which clock is seen (one of
            them), and ``"resumed"`` (also the end of suspensions) and ``"truce"`` (also what a
            truce brings about).
        lag: Days from seeing to enacting, 1 or more; a tuple gives one per round, the last
            repeats. notice: Days from enacting to charging, 0 or more; likewise.
        products, duty: See *match*.
        threshold: Rises of fewer points are not answered.
        cap: The most points the rule may hold on a line (``caps="own"``), or the most
            additional rate the side may come to on a line on the day of the answer
            (``caps="total"``). A list is capped only if its duty is one ad valorem rate.
        stand_down: When the measure answered falls, what is held in answer to it falls in
            proportion, the latest answer first; where the goods of the answer are those of the
            rise, on the goods that fall.
        start: No transition before it is seen; by default the evening or data date the
            scenario is told from. until: Nothing is seen from it on.
        select: Only rises of these measures are answered.
        group: The stacking group of the answers; by default the last group of the plan in which
            duties simply add.
    """

    id: str = field(validator=a_name)
    by: str = field(converter=_party)
    against: str = field(converter=_party)
    match: str = field(default="mirror", validator=one_of("mirror", "points", "value", "list"))
    scale: float = 1.0
    answers: tuple[str, ...] = field(default=("enacted",), converter=_answers)
    lag: tuple[int, ...] = field(default=(1,), converter=_rounds)
    notice: tuple[int, ...] = field(default=(0,), converter=_rounds)
    products: ProductSet | None = field(default=None, converter=_maybe_products)
    duty: Duty | ByProduct[Duty] | None = field(default=None, converter=_maybe_duty)
    threshold: float | None = field(default=None, converter=_maybe_rate)
    cap: float | None = field(default=None, converter=_maybe_rate)
    caps: str = field(default="own", validator=one_of("own", "total"))
    stand_down: bool = False
    start: dt.date | None = field(default=None, converter=maybe_start)
    until: dt.date | None = field(default=None, converter=maybe_until)
    select: Select | None = None
    group: str | None = None
    source: Source | None = field(default=None, converter=as_source)

    def __attrs_post_init__(self) -> None:
        if self.by == self.against:
            raise InvalidValue(f"{self.id}: {self.by} does not answer itself", id=self.id)
        if min(self.lag) < 1:
            raise InvalidValue(
                f"{self.id}: lag={self.lag}: an answer is enacted a day later at the earliest",
                id=self.id,
            )
        if min(self.notice) < 0:
            raise InvalidValue(
                f"{self.id}: notice={self.notice}: an answer is not charged before it is enacted",
                id=self.id,
            )
        if not 0 <= self.scale < float("inf"):
            raise InvalidValue(f"{self.id}: scale={self.scale!r} is not 0 or more", id=self.id)
        if self.match == "list" and (self.products is None or self.duty is None):
            raise InvalidValue(
                f"{self.id}: match='list' answers with duty= on products=; give both", id=self.id
            )
        if self.match == "list" and self.cap is not None and not isinstance(
                self.duty, AdValorem):
            raise InvalidValue(
                f"{self.id}: cap= is in points, and the duty of the list is not one ad valorem "
                "rate; give one, or leave the cap out and end the rule with until=",
                id=self.id,
            )
        if self.match in ("points", "value") and self.products is None:
            raise InvalidValue(
                f"{self.id}: match={self.match!r} needs the goods of the answer: products=",
                id=self.id,
            )

    def round(self, days: tuple[int, ...], n: int) -> int:
        """The number of days of the *n*-th round, counted from 0."""
        return days[min(n, len(days) - 1)]

    def __repr__(self) -> str:
        cap = "" if self.cap is None else f", at most {self.cap * 100:g} points ({self.caps})"
        return (f"<Retaliation {self.id}: {self.by} answers {self.against}, {self.match}, enacted "
                f"after {_said(self.lag)}, charged after {_said(self.notice)}{cap}>")


def _when(value: Any) -> Any:
    """An id, a day (also out of ISO text), or a crossing as sorted pairs."""
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            return value
    pairs = value.items() if isinstance(value, Mapping) else value
    if not isinstance(pairs, (tuple, type({}.items()))):
        return value
    return tuple(sorted(
        (k, exact(as_fraction(v, "level")) if k in ("above", "below") else v) for k, v in pairs
    ))


@frozen(kw_only=True)
class Trigger(Shown):
    """When something happens, acts follow.

    Args:
        id: Its name; the cause of the acts it brings about.
        when: What sets it off: the id of an act (the day of its *clock*), of a milestone (its
            day) or a day as a date; or ``{"importer", "exporter", "product", "above": level}``
            (or ``"below"``), met on the first day the rate is past the level. An answer of a
            rule is an act too: ``"cn-2"`` is the second one of the rule ``cn``.
        then: Acts, truces, steps or verbs. Only the distances between their days count: all
            are moved so that the earliest first day falls *lag* days after.
        lag: Days from what sets it off to the first day of the templates, 1 or more.
        start: Nothing before it sets the trigger off.
        clock: Of an act: ``"effective"``, the first day it is charged, ``"enacted"`` or
            ``"announced"``.
    """

    id: str = field(validator=a_name)
    when: Any = field(converter=_when)
    then: tuple[Any, ...] = field(converter=tuple)
    lag: int = 1
    start: dt.date | None = field(default=None, converter=maybe_start)
    clock: str = field(default="effective", validator=one_of("announced", "enacted", "effective"))

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.lag, int) or self.lag < 1:
            raise InvalidValue(
                f"{self.id}: lag={self.lag!r}: what a trigger sets off follows a day later at "
                "the earliest",
                id=self.id,
            )


RULES = (Retaliation, Trigger)
