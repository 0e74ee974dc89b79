"""How families of the fact base are described, and the one plan by which their measures stack.

A family (column ``family`` of measures.csv) is a measure. Where one rate falls on goods the
law treats in two ways (whole lines, and lines of which it names a part in words), the family
has several parts; the main part bears the family's id, the others ``<family>-<suffix>``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tools.us_china_facts import Row
from tools.us_china_goods import Goods
from tradescen.law.measure import Coverage
from tradescen.law.stacking import Floor, StackGroup, StackPlan, Yield
from tradescen.vocab.duty import AdValorem, Duty, Unknown
from tradescen.vocab.hs import ByProduct, ProductSet

Scope = Callable[[Goods, str], ProductSet]
Rate = Callable[[Goods, Row], "Duty | ByProduct[Duty]"]

_WINNERS = ("232-semi", "232-vehicles")
_ALL_232 = (*_WINNERS, "232-wood", "232-content", "232-metals", "232-metals-floor")

# One plan for both importers (groups of the other importer are empty). Sources: the exclusion
# matrix and order of test in facts/us_world/stacking.md.
PLAN = StackPlan(
    groups=(
        "mfn",
        StackGroup(name="201", within="first"),
        StackGroup(name="232-semi", within="max"),
        StackGroup(name="232-vehicles", within="max", relation=Yield("232-semi")),
        StackGroup(name="232-wood", within="max", relation=Yield(_WINNERS)),
        # Metal content until 6 April 2026: steel, aluminium and copper each on its share.
        StackGroup(name="232-content", relation=Yield(_WINNERS)),
        # From 6 April 2026 a metal good is charged once, on full value.
        StackGroup(name="232-metals", within="max", relation=Yield(_WINNERS)),
        StackGroup(
            name="232-metals-floor",
            within="max",
            relation=(Yield((*_WINNERS, "232-metals")), Floor("mfn")),
        ),
        "232-other",
        StackGroup(name="reciprocal", relation=Yield(_ALL_232)),
        "fentanyl",
        StackGroup(name="301", within="first"),
        "301-maritime",
        StackGroup(name="122", relation=Yield(_ALL_232)),
        StackGroup(name="301-forced-labor", relation=Yield(_ALL_232)),
        "threat",
        "cn-232",
        "cn-waiver",
        StackGroup(name="cn-301", relation=Yield("cn-waiver")),
        "cn-2025",
        "cn-reciprocal",
    ),
    base=("mfn",),
)


def _printed(_goods: Goods, row: Row) -> Duty:
    return AdValorem(row.rated)


@dataclass(frozen=True)
class Part:
    """One measure of a family.

    ``goods`` gives the scope when the part begins (at the spell ``since``; the family's first
    if empty), ``later`` the new whole scope at later spells. ``lists`` are named in its note.
    """

    goods: Scope
    suffix: str = ""
    since: str = ""
    later: Mapping[str, Scope] = field(default_factory=dict)
    rate: Rate = _printed
    coverage: Coverage = 1.0
    precedence: int = 0
    lists: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Family:
    """How a family stacks and on what power it rests."""

    group: str
    authority: str
    parts: tuple[Part, ...]
    moves: Mapping[str, str] = field(default_factory=dict)  # spell → the group it moves to


def lists(*names: str) -> Scope:
    """The scope made of some US lists."""
    return lambda goods, _spell: goods.of(*names)


def all_goods(_goods: Goods, _spell: str) -> ProductSet:
    """The scope of a measure on all goods."""
    return ProductSet.all()


def listed(
    group: str, authority: str, *names: str, precedence: int = 0, words: str = "", note: str = ""
) -> Family:
    """A family whose goods are some US lists; *words* says why its coverage is not known."""
    coverage: Coverage = Unknown(words) if words else 1.0
    part = Part(
        lists(*names), coverage=coverage, precedence=precedence, lists=names, note=note
    )
    return Family(group, authority, (part,))
