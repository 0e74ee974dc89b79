"""Forks: points at which things may go one way or another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from tradescen.errors import InvalidValue, a_name
from tradescen.looks import Shown
from tradescen.vocab.duty import as_fraction

__all__ = ["Branch", "Fork"]


def _odds(value: Any) -> float | None:
    return as_fraction(value, "the odds of a branch") if isinstance(value, str) else value


@frozen(kw_only=True)
class Branch:
    """One way a fork may go.

    Args:
        name: Its name, which names the path.
        probability: Its odds, from 0 to 1 or text such as ``"60%"``; ``None`` where nobody puts
            odds on it.
        changes: What happens on it: acts, truces, steps, verbs, further forks, in this order.
    """

    name: str = field(validator=a_name)
    probability: float | None = field(default=None, converter=_odds)
    changes: tuple[Any, ...] = field(default=(), converter=tuple)


def _branches(value: Any) -> tuple[Branch, ...]:
    if not isinstance(value, Mapping):
        return tuple(value)
    out = []
    for name, given in value.items():
        if isinstance(given, tuple) and len(given) == 2 and isinstance(given[1], (list, tuple)):
            probability, changes = given
        elif isinstance(given, (list, tuple)):
            probability, changes = None, given
        else:
            raise InvalidValue(
                f"the branch {name!r} is {given!r}; give (probability, [changes]) or [changes]",
                value=given,
            )
        out.append(Branch(name=name, probability=probability, changes=tuple(changes)))
    return tuple(out)


@frozen(kw_only=True, repr=False)
class Fork(Shown):
    """A point at which things go one of several ways.

    Args:
        name: Its name, in the namespace of acts.
        branches: ``{name: (probability, [changes])}``, or ``{name: [changes]}`` without odds.

    >>> Fork(name="talks", branches={"deal": (0.7, []), "lapse": (0.3, [])}).id
    'talks'

    Raises:
        InvalidValue: without branches, with odds on some branches only, or odds that do not
            sum to 1 (within 1e-9).
    """

    name: str = field(validator=a_name)
    branches: tuple[Branch, ...] = field(converter=_branches)

    @property
    def id(self) -> str:
        """Its name, by which changes are told apart."""
        return self.name

    def __attrs_post_init__(self) -> None:
        names = [b.name for b in self.branches]
        if not names:
            raise InvalidValue(f"the fork {self.name!r} has no branches", value=self.name)
        if len(set(names)) < len(names):
            raise InvalidValue(f"the fork {self.name!r} has two branches of one name: {names}")
        odds = [b.probability for b in self.branches if b.probability is not None]
        if odds and len(odds) < len(names):
            raise InvalidValue(
                f"the fork {self.name!r} puts odds on some branches only; give all of them "
                "odds, or none",
                value=self.name,
            )
        if any(not 0 <= p <= 1 for p in odds):
            raise InvalidValue(
                f"the odds {odds} of the fork {self.name!r} are not from 0 to 1; write 0.6 or "
                "'60%'", value=tuple(odds))
        if odds and abs(sum(odds) - 1) > 1e-9:
            raise InvalidValue(
                f"the odds of the fork {self.name!r} sum to {sum(odds):g}, not to 1: "
                + ", ".join(f"{b.name} {b.probability:g}" for b in self.branches),
                value=tuple(odds),
            )

    def __repr__(self) -> str:
        ways = [b.name + ("" if b.probability is None else f" {b.probability * 100:.4g}%")
                for b in self.branches]
        return f"<Fork {self.name}: {', '.join(ways)}>"
