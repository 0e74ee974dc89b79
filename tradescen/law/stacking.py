"""How measures stack: groups, and what one group leaves to another.

Every measure claims a share of customs value and charges a duty on the share it claims;
a plan only decides which share is left for whom.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any, Union

from attrs import field, frozen

from tradescen.errors import InvalidValue, UnknownName, one_of
from tradescen.looks import Shown

__all__ = ["Floor", "StackGroup", "StackPlan", "Yield"]


def _names(value: Iterable[str] | str) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


@frozen
class Yield:
    """The group is left what the groups *to* do not claim."""

    to: tuple[str, ...] = field(converter=_names)


@frozen
class Floor:
    """The group tops up: its duty less what the groups *over* charge, never below 0.

    ``over`` may name only groups that charge on full value.
    """

    over: tuple[str, ...] = field(converter=_names)


Relation = Union[Yield, Floor]


def _relations(value: Any) -> tuple[Relation, ...]:
    return (value,) if isinstance(value, (Yield, Floor)) else tuple(value)


@frozen(kw_only=True)
class StackGroup:
    """Measures that are weighed against each other.

    Args:
        name: Its name.
        within: ``"sum"``: every measure charges. ``"max"`` (highest duty first) and
            ``"first"`` (highest precedence first): each takes its coverage of what is left.
        relation: One or several of :class:`Yield` and :class:`Floor`; none: it adds.
    """

    name: str
    within: str = field(default="sum", validator=one_of("sum", "max", "first"))
    relation: tuple[Relation, ...] = field(default=(), converter=_relations)

    @property
    def yields(self) -> tuple[str, ...]:
        """The groups it yields to, each once."""
        return tuple(dict.fromkeys(n for r in self.relation if isinstance(r, Yield) for n in r.to))

    @property
    def floors(self) -> tuple[str, ...]:
        """The groups it tops up, each once."""
        over = (n for r in self.relation if isinstance(r, Floor) for n in r.over)
        return tuple(dict.fromkeys(over))


def _groups(value: Iterable[StackGroup | str]) -> tuple[StackGroup, ...]:
    if isinstance(value, str):
        value = (value,)
    return tuple(g if isinstance(g, StackGroup) else StackGroup(name=g) for g in value)


@frozen(kw_only=True)
class StackPlan(Shown):
    """The groups in their order, undated: what changes by date is a measure's group,
    coverage or products, by ``Amend``.

    >>> plan = StackPlan(groups=["mfn", "232", StackGroup(name="recip", relation=Yield("232"))])
    >>> plan.names
    ('mfn', '232', 'recip')

    Args:
        groups: Groups (a bare name is a ``"sum"`` group that adds). Relations name earlier
            groups only, so there are no circles.
        base: The groups outside ``additional_rate``; by default ``("mfn",)``, if there is one.
    """

    groups: tuple[StackGroup, ...] = field(converter=_groups)
    base: tuple[str, ...] = field(converter=_names)

    @base.default
    def _mfn(self) -> tuple[str, ...]:
        return ("mfn",) if "mfn" in (g.name for g in self.groups) else ()

    def __attrs_post_init__(self) -> None:
        seen: list[str] = []
        for group in self.groups:
            if group.name in seen:
                raise InvalidValue(
                    f"the plan names the group {group.name!r} twice", value=group.name
                )
            for name in (*group.yields, *group.floors):
                if name not in seen:
                    raise InvalidValue(
                        f"the group {group.name!r} stands over {name!r}, which is not an earlier "
                        f"group of the plan (earlier: {', '.join(seen) or 'none'}); put it "
                        "earlier or drop the relation",
                        value=name,
                    )
            for name in group.floors:
                if self.groups[seen.index(name)].yields:
                    raise InvalidValue(
                        f"the group {group.name!r} tops up {name!r}, which yields to others and "
                        "so does not charge on full value; a floor stands over full-value groups",
                        value=name,
                    )
            seen.append(group.name)
        for name in self.base:
            if name not in seen:
                raise UnknownName.among("base group", name, seen)

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(g.name for g in self.groups)

    def index(self, name: str) -> int:
        """The place of a group in the plan.

        Raises:
            UnknownName: if the plan has no such group.
        """
        if name not in self.names:
            raise UnknownName.among("stacking group", name, self.names)
        return self.names.index(name)
