"""The law on day zero."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from attrs import field, frozen

from tradescen.errors import InvalidValue, counted
from tradescen.law.measure import Measure
from tradescen.law.stacking import StackPlan
from tradescen.looks import Shown

__all__ = ["TariffSchedule"]


def _sorted(measures: Iterable[Measure]) -> tuple[Measure, ...]:
    return tuple(sorted(measures, key=lambda m: m.id))


@frozen(kw_only=True, repr=False)
class TariffSchedule(Shown):
    """The measures in force on day zero and the plan by which all measures stack.

    Args:
        measures: Measures that run from the beginning (the MFN duties, as a rule). Their
            order does not matter.
        plan: The stacking plan, for these and for all that acts impose later.

    Raises:
        InvalidValue: if two measures share an id.
        UnknownName: if a measure's group is not in the plan.
    """

    measures: tuple[Measure, ...] = field(default=(), converter=_sorted)
    plan: StackPlan

    def __attrs_post_init__(self) -> None:
        seen: set[str] = set()
        for measure in self.measures:
            if measure.id in seen:
                raise InvalidValue(
                    f"two measures bear the id {measure.id!r}; ids are unique", value=measure.id
                )
            seen.add(measure.id)
            self.plan.index(measure.group)

    @cached_property
    def worked_out(self) -> dict[Any, Any]:
        """Room for what is worked out from this law once and used again; no part of its value."""
        return {}

    def __repr__(self) -> str:
        plan = " → ".join(self.plan.names)
        lines = [f"<TariffSchedule of {counted(len(self.measures), 'measure')}; {plan}>"]
        lines += [f"  {m}" for m in self.measures[:12]]
        if len(self.measures) > 12:
            lines.append(f"  … {len(self.measures) - 12} more; .measures holds all")
        return "\n".join(lines)
