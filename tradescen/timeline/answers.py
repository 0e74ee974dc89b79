"""What a rule holds: its answers, what each answers, and the points they come to on any day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from attrs import define, evolve, field

from tradescen.vocab.hs import ProductSet

__all__ = ["LEAST", "Answer", "Fall", "Holdings"]

LEAST = 1e-12  # points below it are none


@define
class Answer:
    """One duty a rule holds on some goods, in answer to a rise of one measure.

    Args:
        name: Of its measure.
        answered: The measure whose rise it answers.
        goods: What it is held on.
        enacted, start: The day it becomes law, and the day of its first charge or last change.
        rise: The size of what it answers, less what has been taken back since.
        points: The points held; 0 where the duty is no one ad valorem rate.
        whole: Whether all goods of its measure are still in this one answer.
    """

    name: str
    answered: str
    goods: ProductSet
    enacted: dt.date
    start: dt.date
    rise: float
    points: float
    whole: bool = True


@define
class Fall:
    """A part (or all, 1.0) of an answer to be taken back on some goods, and the points in it."""

    answer: Answer
    share: float
    points: float


@define
class Holdings:
    """The answers of one rule; mutable while it plays."""

    answers: list[Answer] = field(factory=list)
    # Day, goods, points added from that day on (or taken off).
    ledger: list[tuple[dt.date, ProductSet, float]] = field(factory=list)

    def add(self, answer: Answer) -> None:
        """Hold one more answer."""
        self.answers.append(answer)
        self.ledger.append((answer.start, answer.goods, answer.points))

    def levels(self, goods: ProductSet, on: dt.date) -> list[tuple[ProductSet, float]]:
        """The most points held on any day from *on*, by disjoint goods that make up *goods*."""
        areas: list[tuple[ProductSet, tuple[tuple[dt.date, float], ...]]] = [(goods, ())]
        for day, held, points in self.ledger:
            areas = [
                part for area, steps in areas
                for part in ((area - held, steps), (area & held, (*steps, (day, points))))
                if part[0]
            ]
        return [(area, _most(steps, on)) for area, steps in areas]

    def fall(self, answered: str, goods: ProductSet, size: float) -> Iterator[Fall]:
        """Take back what answers *answered* on some goods, up to *size* of its rise.

        The latest answer goes first, on each good for itself.
        """
        areas = [(goods, size)]
        for answer in reversed(list(self.answers)):
            if answer.answered != answered:
                continue
            rest: list[tuple[ProductSet, float]] = []
            for area, left in areas:
                both = area & answer.goods
                share = _share(answer.rise, left)
                if not both or not share > 0:
                    rest.append((area, left))
                    continue
                if area - answer.goods:
                    rest.append((area - answer.goods, left))
                part = self._cut(answer, both)
                yield Fall(part, share, part.points * share)
                if left == float("inf") or left > answer.rise:
                    more = left if left == float("inf") else left - answer.rise
                    rest.append((both, more))
                part.points = 0.0 if share == 1 else round(part.points * (1 - share), 12)
                part.rise = 0.0 if share == 1 else round(answer.rise - left, 12)
            areas = rest
        self.answers = [a for a in self.answers if a.rise != 0]

    def lowered(self, fall: Fall, on: dt.date) -> None:
        """Book what is taken back from a day on."""
        self.ledger.append((on, fall.answer.goods, -fall.points))

    def _cut(self, answer: Answer, goods: ProductSet) -> Answer:
        """The part of an answer on *goods*, as an answer of its own."""
        if goods == answer.goods:
            return answer
        part = evolve(answer, goods=goods, whole=False)
        answer.goods, answer.whole = answer.goods - goods, False
        self.answers.insert(self.answers.index(answer) + 1, part)
        return part


def _most(steps: tuple[tuple[dt.date, float], ...], on: dt.date) -> float:
    days = {on, *(day for day, _ in steps if day > on)}
    return max(sum(points for day, points in steps if day <= until) for until in days)


def _share(rise: float, fall: float) -> float:
    """The part of a rise that a fall takes back; nothing where neither is known."""
    if fall == float("inf"):
        return 1.0  # what was answered is gone, whatever it was
    if not rise > 0 or not fall > 0:  # NaN too
        return 0.0
    return 1.0 if fall > rise - LEAST else fall / rise
