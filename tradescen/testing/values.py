"""Strategies for the words of the trade and the law on day zero, valid by construction."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

from attrs import evolve
from hypothesis import strategies as st

from tradescen.law.measure import Coverage, Measure, Scope
from tradescen.law.schedule import TariffSchedule
from tradescen.law.stacking import Floor, StackGroup, StackPlan, Yield
from tradescen.timeline.acts import Only
from tradescen.vocab.countries import CountrySet
from tradescen.vocab.duty import AdValorem, Compound, Duty, Points, Specific, Times, Unknown
from tradescen.vocab.hs import ByProduct, ProductSet
from tradescen.vocab.period import Period

IMPORTERS = ("USA", "CHN", "EU")
ORIGINS = ("CHN", "USA", "DEU", "GBR", "VNM")  # GBR leaves the EU within the window
CODES = ("01", "72", "0101", "7304", "8517", "010121", "730411", "851713", "73041100",
         "85171300")
FIRST = dt.date(2020, 1, 6)
LAST = dt.date(2020, 4, 1)
DAY = dt.timedelta(days=1)
WHOLE = "Act on the whole"  # measures of this authority are never acted on in parts
_AUTHORITIES = ("Act A", "Act B")
_NAMES = ("extra", "remedy", "reciprocal", "metals", "levy", "remedy", "reciprocal")


@cache
def hs_codes() -> st.SearchStrategy[str]:
    """Codes of two to eight digits, many of them under one another."""
    return st.sampled_from(CODES)


def _goods(inside: frozenset[str], outside: frozenset[str]) -> ProductSet:
    signs = {**dict.fromkeys(outside, False), **dict.fromkeys(inside, True)}
    return ProductSet(tuple(signs.items()))


@cache
def product_sets(*, empty: bool = False) -> st.SearchStrategy[ProductSet]:
    """Sets of goods with carve-outs, and carve-outs carved back in.

    Args:
        empty: Whether the set of no goods may be drawn.
    """
    inside = st.frozensets(st.sampled_from(("", *CODES)), min_size=0 if empty else 1, max_size=4)
    return st.one_of(
        st.just(ProductSet.all()), st.just(ProductSet.all()),
        st.builds(_goods, inside, st.frozensets(hs_codes(), max_size=3)),
    )


@cache
def country_sets(*, empty: bool = False) -> st.SearchStrategy[CountrySet]:
    """Sets of origins, among them a group whose membership changes within the window.

    Args:
        empty: Whether a set that nobody is ever in may be drawn.
    """
    named = st.sampled_from(("EU", *ORIGINS))
    inside = st.frozensets(st.sampled_from(("ALL", "EU", *ORIGINS)), min_size=0 if empty else 1,
                           max_size=4)
    drawn = st.one_of(
        st.just(CountrySet.all()), st.just(CountrySet.all()),
        st.builds(CountrySet, inside, st.frozensets(named, max_size=2)),
    )
    return drawn if empty else drawn.filter(bool)


def days(first: dt.date = FIRST, last: dt.date = LAST) -> st.SearchStrategy[dt.date]:
    """Days of the window."""
    return st.integers(0, (last - first).days).map(lambda n: first + n * DAY)


@cache
def periods() -> st.SearchStrategy[Period]:
    """Periods that begin in the window; some have no end."""
    terms = st.one_of(st.integers(1, 40), st.none())
    return st.builds(
        lambda start, n: Period(start=start, end=None if n is None else start + n * DAY),
        days(), terms,
    )


@cache
def levels(most: int = 12) -> st.SearchStrategy[AdValorem]:
    """Ad valorem duties in steps of five points."""
    return st.integers(0, most).map(lambda n: AdValorem(f"{5 * n}%"))


@cache
def duties(*, unknown: bool = True) -> st.SearchStrategy[Duty]:
    """Duties, mostly ad valorem.

    Args:
        unknown: Whether duties without an ad valorem rate may be drawn.
    """
    plain: list[st.SearchStrategy[Duty]] = [levels()] * 6
    mixed = st.builds(Compound, st.sampled_from(("sum", "max", "min")),
                      st.lists(levels(), min_size=2, max_size=2))
    if not unknown:
        return st.one_of(*plain, mixed)
    return st.one_of(
        *plain, mixed,
        st.just(Unknown("not read")),
        st.integers(1, 50).map(lambda n: Specific(n / 10, unit="kg")),
    )


def tables(values: st.SearchStrategy[Any]) -> st.SearchStrategy[ByProduct[Any]]:
    """Values by line; some tables have no default."""
    return st.builds(
        lambda pairs, default: ByProduct(pairs, default=default),
        st.dictionaries(hs_codes(), values, min_size=1, max_size=4),
        st.one_of(values, values, st.none()),
    )


@cache
def scheduled(*, unknown: bool = True) -> st.SearchStrategy[Duty | ByProduct[Duty]]:
    """A duty, or one by line."""
    one = duties(unknown=unknown)
    return st.one_of(one, one, tables(one))


@cache
def coverages(*, unknown: bool = True) -> st.SearchStrategy[Coverage]:
    """Shares of value, mostly the whole."""
    part = st.sampled_from((1.0, 0.5, 0.25, 0.0))
    drawn: list[st.SearchStrategy[Coverage]] = [st.just(1.0), st.just(1.0), part, tables(part)]
    if unknown:
        drawn.append(st.just(Unknown("share not known")))
    return st.one_of(*drawn)


@cache
def changes_of_duty() -> st.SearchStrategy[Any]:
    """New levels, points added or taken off, and factors."""
    points = st.integers(-6, 8).map(lambda n: Points(n / 20))
    return st.one_of(scheduled(), points, st.sampled_from((2.0, 0.5, 1.5, 0.0)).map(Times))


@cache
def residuals() -> st.SearchStrategy[Any]:
    """What a suspension leaves: nothing, a level, points off, or a part."""
    return st.one_of(st.just(AdValorem(0)), levels(4),
                     st.integers(0, 6).map(lambda n: Points(-n / 20)),
                     st.sampled_from((0.5, 1.0, 0.0)).map(Times))


@cache
def parts() -> st.SearchStrategy[Only]:
    """The part of its target an act is limited to."""
    goods = st.builds(_goods, st.frozensets(hs_codes(), min_size=1, max_size=3),
                      st.frozensets(hs_codes(), max_size=2))
    named = st.sampled_from(("EU", *ORIGINS))
    some = st.builds(CountrySet, st.frozensets(named, min_size=1, max_size=3),
                     st.frozensets(named, max_size=1)).filter(bool)
    return st.one_of(st.builds(Only, exporters=some), st.builds(Only, products=goods),
                     st.builds(Only, exporters=some, products=goods))


@cache
def stack_plans() -> st.SearchStrategy[StackPlan]:
    """Plans of six groups.

    ``mfn`` and ``levy`` charge on full value and are what floors stand over; ``extra`` only
    adds and nothing yields to it.
    """
    ways = st.sampled_from(("sum", "max", "first"))
    relations = st.sampled_from((
        (), (Yield("metals"),), (Floor("mfn"),), (Floor(("mfn", "levy")),),
        (Yield(("metals", "levy")),), (Yield("metals"), Floor("mfn")),
    ))
    late = st.sampled_from((
        (), (Yield("metals"),), (Floor(("levy", "mfn")),), (Yield("metals"), Floor("levy")),
        (Yield(("reciprocal", "metals")), Floor("mfn")), (Yield("reciprocal"),),
    ))

    def plan(metals: str, recip: str, first: Any, remedy: str, second: Any,
             levy: str) -> StackPlan:
        return StackPlan(groups=(
            StackGroup(name="mfn"),
            StackGroup(name="metals", within=metals),
            StackGroup(name="levy", within=levy),
            StackGroup(name="reciprocal", within=recip, relation=first),
            StackGroup(name="extra"),
            StackGroup(name="remedy", within=remedy, relation=second),
        ))

    return st.builds(plan, ways, ways, relations, ways, late, ways)


def full_groups(plan: StackPlan) -> frozenset[str]:
    """The groups whose measures must charge on full value, as floors stand over them."""
    return frozenset({*plan.base, "mfn", "levy", *(n for g in plan.groups for n in g.floors)})


@st.composite
def _measure(draw: st.DrawFn, id: str, names: tuple[str, ...], full: frozenset[str],
             importer: str | None, unknown: bool, precedence: int | None) -> Measure:
    group = draw(st.sampled_from(names)) if len(names) > 1 else names[0]
    return Measure(
        id=id,
        authority=draw(st.sampled_from((*_AUTHORITIES, *_AUTHORITIES, WHOLE))),
        group=group,
        scope=Scope(
            importer=importer or draw(st.sampled_from(("USA", "CHN", "USA", "EU"))),
            exporters=draw(country_sets()),
            products=draw(product_sets()),
        ),
        duty=draw(scheduled(unknown=unknown)),
        coverage=1.0 if group in full else draw(coverages(unknown=unknown)),
        precedence=draw(st.integers(0, 9)) if precedence is None else precedence,
    )


def measures(*, id: str = "measure", plan: StackPlan | None = None, importer: str | None = None,
             group: str | None = None, unknown: bool = True,
             precedence: int | None = None) -> st.SearchStrategy[Measure]:
    """Measures of one of the groups of *plan* (by default, those of :func:`stack_plans`)."""
    names = _NAMES if plan is None else tuple(n for n in _NAMES if n in plan.names) or plan.names
    names = names if group is None else (group,)
    full = frozenset({"mfn", "levy"}) if plan is None else full_groups(plan)
    return _known_measure(id, names, full, importer, unknown, precedence)


@cache  # a strategy built once is drawn from much faster
def _known_measure(*args: Any) -> st.SearchStrategy[Measure]:
    return _measure(*args)


@st.composite
def schedules(draw: st.DrawFn, *, plan: StackPlan | None = None,
              unknown: bool = True) -> TariffSchedule:
    """The law on day zero: base duties of USA and CHN by line, and some measures more."""
    plan = plan or draw(stack_plans())
    base = [
        Measure(id=f"mfn-{importer.lower()}", authority="MFN", group=plan.base[0],
                scope=Scope(importer=importer), duty=draw(tables(duties(unknown=unknown))))
        for importer in IMPORTERS[:2]
    ]
    # Measures of the groups that stand over others, for one importer, so that they meet.
    more = [
        draw(measures(plan=plan, importer=IMPORTERS[0], group=group, unknown=unknown))
        for group in ("metals", "levy", "reciprocal", "remedy")
        if group in plan.names and draw(st.sampled_from((False, True, True)))
    ]
    more += draw(st.lists(measures(plan=plan, unknown=unknown), max_size=3))
    named = [evolve(m, id=f"s{n}", precedence=n) for n, m in enumerate(more, 1)]
    return TariffSchedule(measures=(*base, *named), plan=plan)
