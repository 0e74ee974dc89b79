"""Estimates, kept apart from the law: shares of value that no act states."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from tradescen.errors import InvalidValue
from tradescen.law.measure import Coverage, as_coverage
from tradescen.vocab.countries import country
from tradescen.vocab.hs import ByProduct
from tradescen.vocab.source import Source, as_source
from tradescen.vocab.units import contradict, with_money

__all__ = ["Assumptions"]


def _shares(value: Any) -> tuple[tuple[str, Coverage], ...]:
    pairs = value.items() if isinstance(value, Mapping) else value
    out: dict[str, Coverage] = {}
    for name, share in ((str(k), as_coverage(v)) for k, v in pairs):
        if out.setdefault(name, share) != share:
            raise InvalidValue(
                f"{name} is given two shares, {out[name]} and {share}; one number computed under "
                "both means nothing: keep one, or make two sets",
                value=name,
            )
    return tuple(sorted(out.items()))


def _notes(value: Any) -> tuple[tuple[str, str], ...]:
    pairs = value.items() if isinstance(value, Mapping) else value
    return tuple(sorted((str(k), str(v)) for k, v in pairs))


MONEY = "USD"  # of a unit value that names none
UnitValues = ByProduct[tuple[tuple[str, float], ...]]  # by line: (unit, money per unit)


def _unit_values(value: Any) -> tuple[tuple[str, UnitValues], ...]:
    out: dict[str, UnitValues] = {}
    pairs = value.items() if isinstance(value, Mapping) else value
    for importer, given in pairs:
        if isinstance(given, Mapping):
            given = ByProduct({code: _units(code, one) for code, one in given.items()})
        if not isinstance(given, ByProduct):
            raise InvalidValue(
                f"the unit values of {importer} are {given!r}; give {{code: {{unit: value}}}}",
                value=given,
            )
        if out.setdefault(country(importer), given) != given:
            raise InvalidValue(
                f"{importer} is given two tables of unit values; put them into one",
                value=importer,
            )
    return tuple(sorted(out.items()))


def _units(code: str, value: Any) -> tuple[tuple[str, float], ...]:
    if not isinstance(value, (Mapping, tuple, list)):
        raise InvalidValue(
            f"the unit value of {code} is {value!r}; say per which unit: {{'kg': {value!r}}}",
            value=value,
        )
    pairs = tuple(sorted(value.items() if isinstance(value, Mapping) else value))
    for unit, amount in pairs:
        if isinstance(amount, (str, bool)) or amount is None or not 0 < amount < math.inf:
            raise InvalidValue(
                f"the unit value of {code} per {unit} is {amount!r}; it must be a number above 0",
                value=amount,
            )
    if contradict(pairs, MONEY):
        said = ", ".join(f"{amount:g} per {unit}" for unit, amount in pairs)
        raise InvalidValue(
            f"the unit values of {code} contradict each other: {said}; duties per unit would "
            "depend on which is taken, so keep one of those that convert into each other",
            value=pairs,
        )
    return pairs


@frozen(kw_only=True)
class Assumptions:
    """A named set of shares by measure.

    The share given for a measure stands in place of its ``coverage``: utilisation of a
    preference, metal content, quota fill, waivers granted. The set in use is named with
    every number computed under it.

    Args:
        name: The name of the set.
        shares: Measure id → share (0 to 1), a share by product, or unknown.
        notes: Measure id → what is assumed and why, in words.
        unit_values: Importer → {code: {unit: money per unit}}, by which duties per unit become
            ad valorem equivalents (``{"USA": {"0201.10": {"kg": 5.2}}}``, USD where the key
            names no other money). Without one in the money of the duty a duty per unit stays
            unknown.
        source: Where the set comes from.
    """

    name: str
    shares: tuple[tuple[str, Coverage], ...] = field(default=(), converter=_shares)
    notes: tuple[tuple[str, str], ...] = field(default=(), converter=_notes)
    unit_values: tuple[tuple[str, UnitValues], ...] = field(default=(), converter=_unit_values)
    source: Source | None = field(default=None, converter=as_source)

    def units(self, importer: str) -> UnitValues | None:
        """The unit values by line for an importer, if any are given; each names its money."""
        found = dict(self.unit_values).get(importer)
        return None if found is None else found.map(
            lambda pairs: tuple((with_money(unit, MONEY), amount) for unit, amount in pairs))

    def share(self, measure: str) -> Coverage | None:
        """The share assumed for a measure, or ``None`` if the law's own coverage stands."""
        return dict(self.shares).get(measure)

    def note(self, measure: str) -> str:
        """What is assumed of a measure, in words."""
        return dict(self.notes).get(measure, "")
