"""How measures stack: the kernel against a scalar stacker, and what no plan may break."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.laws import oracle
from tests.laws.common import EXACT, LINES, alike, days, origins, rates, same
from tradescen import (
    AdValorem,
    ByProduct,
    Floor,
    Measure,
    Scenario,
    Scope,
    StackGroup,
    StackPlan,
    TariffSchedule,
    Unknown,
    Yield,
    testing,
)
from tradescen.engine import kernel as kernels
from tradescen.engine.kernel import Group
from tradescen.testing import values as v

NAN = math.nan
RATES = st.one_of(st.integers(0, 8).map(lambda n: n / 20), st.just(NAN))
SHARES = st.one_of(st.just(1.0), st.sampled_from((0.0, 0.25, 0.5)), st.just(NAN))
ROW = st.tuples(RATES, SHARES, st.booleans())


@st.composite
def stacks(draw: st.DrawFn) -> list[tuple[str, list[Any], tuple[int, ...], tuple[int, ...]]]:
    """Groups of one cell: (within, rows, places yielded to, places topped up)."""
    out: list[Any] = []
    for place in range(draw(st.integers(1, 4))):
        earlier = st.frozensets(st.sampled_from(range(place)), max_size=2) if place else (
            st.just(frozenset()))
        rows = draw(st.lists(ROW, min_size=1, max_size=4))
        # A floor stands over groups that charge on full value.
        whole = [p for p in range(place) if not out[p][2]]
        under = st.frozensets(st.sampled_from(whole), max_size=2) if whole else (
            st.just(frozenset()))
        out.append((draw(st.sampled_from(("sum", "max", "first"))), rows,
                    tuple(sorted(draw(earlier))), tuple(sorted(draw(under)))))
    return out


def scalar(stack: list[Any]) -> list[list[float]]:
    """Contributions by group and measure, as the one rule gives them, a number at a time."""
    done: list[list[float]] = []
    claims: list[float] = []
    for within, rows, yields, floors in stack:
        live = [(n, d, s, -n) for n, (d, s, active) in enumerate(rows) if active]
        takes, claim = oracle.taken(within, live)
        free = oracle.product(*(1.0 - claims[p] for p in yields))
        base = sum(sum(done[p]) for p in floors)
        out = [0.0] * len(rows)
        for (n, duty, _, _), take in zip(live, takes, strict=True):
            out[n] = oracle.product(free, take, oracle.less(duty, base))
        done.append(out)
        claims.append(claim)
    return done


def kernel(stack: list[Any], order: list[tuple[int, ...]] | None = None) -> list[list[float]]:
    """The same by the kernel; *order* permutes the measures of each group on the way in."""
    groups = []
    at = np.zeros(1, dtype=np.intp)
    order = order or [tuple(range(len(rows))) for _, rows, _, _ in stack]
    for (within, rows, _, floors), places in zip(stack, order, strict=True):
        shape = (len(rows), 1, 1)
        columns = [np.array([rows[p][n] for p in places]).reshape(shape) for n in range(3)]
        groups.append(Group(
            within=within, duty=columns[0].astype(float), coverage=columns[1].astype(float),
            active=columns[2].astype(bool),
            precedence=-np.array(places, dtype=np.int64).reshape(shape),
            floors=tuple(kernels.Floor(p, at) for p in floors),
        ))
    out = []
    outcomes = kernels.evaluate(groups)
    for outcome, (_, _, yields, _), places in zip(outcomes, stack, order, strict=True):
        share = kernels.free(outcomes[p].claim for p in yields)
        charged = outcome.value if share is None else kernels.times(outcome.value, share)
        values = np.broadcast_to(charged, (len(places), 1, 1)).reshape(-1)
        assert not outcome.tie.any()
        out.append([float(values[places.index(n)]) for n in range(len(places))])
    return out


@given(stacks())
def test_kernel_is_the_scalar_rule(stack: Any) -> None:
    """Every contribution is free × share taken × what the floor leaves, unknowns included."""
    for have, want in zip(kernel(stack), scalar(stack), strict=True):
        assert all(alike(h, w) for h, w in zip(have, want, strict=True)), (have, want)


@given(stacks(), st.data())
def test_order_of_measures_is_irrelevant(stack: Any, data: st.DataObject) -> None:
    """``sum`` and ``max`` give one sum whatever the order of their measures; so does ``first``,
    where the order is that of precedence."""
    order = [tuple(data.draw(st.permutations(range(len(rows))))) for _, rows, _, _ in stack]
    for have, want in zip(kernel(stack, order), kernel(stack), strict=True):
        assert alike(sum(have), sum(want)), (have, want)


@given(stacks(), st.data())
def test_a_group_never_charges_more_than_its_measures_would(stack: Any,
                                                           data: st.DataObject) -> None:
    """No contribution is negative or above duty × coverage."""
    for (_, rows, _, _), values in zip(stack, kernel(stack), strict=True):
        for (duty, share, active), value in zip(rows, values, strict=True):
            if not math.isnan(value):
                assert value >= 0
                assert math.isnan(duty * share) or value <= (duty * share if active else 0) + EXACT


@given(stacks(), st.data())
def test_unknown_spreads_and_is_never_zero(stack: Any, data: st.DataObject) -> None:
    """If an unknown is replaced by two numbers and the sum differs, the sum was unknown."""
    spots = [(g, n, c) for g, (_, rows, _, _) in enumerate(stack)
             for n, row in enumerate(rows) for c in (0, 1) if math.isnan(row[c])]
    assume(spots)
    fills = {spot: (data.draw(st.sampled_from((0.0, 0.05, 0.4))),
                    data.draw(st.sampled_from((0.1, 0.6)))) for spot in spots}

    def filled(which: int) -> list[Any]:
        out = []
        for g, (within, rows, yields, floors) in enumerate(stack):
            new = [tuple(fills[(g, n, c)][which] if (g, n, c) in fills else row[c]
                         for c in range(3)) for n, row in enumerate(rows)]
            out.append((within, new, yields, floors))
        return out

    said = kernel(stack)
    one, other = kernel(filled(0)), kernel(filled(1))
    for g, values in enumerate(said):
        for n, value in enumerate(values):
            if not math.isnan(value) and stack[g][0] != "max":
                assert alike(value, one[g][n])
                assert alike(value, other[g][n])
        total = sum(values)
        if not math.isnan(total):
            assert alike(total, sum(one[g]))
            assert alike(total, sum(other[g]))


@given(stacks(), st.integers(0, 3), ROW)
def test_kernel_ignores_what_claims_nothing(stack: Any, place: int, row: Any) -> None:
    """A measure that is not active changes no other, whatever its duty and coverage."""
    place %= len(stack)
    longer = [(w, [*rows, (row[0], row[1], False)] if g == place else rows, y, f)
              for g, (w, rows, y, f) in enumerate(stack)]
    have = kernel(longer)
    assert have[place].pop() == 0.0
    for ours, theirs in zip(have, kernel(stack), strict=True):
        assert all(alike(a, b) for a, b in zip(ours, theirs, strict=True))


# -- on scenarios -------------------------------------------------------------------------


@given(testing.scenarios(), testing.measures(id="added", precedence=99),
       st.sampled_from(("sum", "max")))
def test_an_added_measure_never_lowers_a_rate(scenario: Scenario, measure: Measure,
                                              within: str) -> None:
    """In a ``sum`` or ``max`` group that nothing yields to and no floor stands over."""
    plan = scenario.schedule.plan
    last = plan.groups[-1]
    plan = evolve(plan, groups=(*plan.groups[:-1], evolve(last, within=within)))
    law = evolve(scenario.schedule, plan=plan)
    before = Scenario(schedule=law, changes=scenario.changes)
    measure = evolve(measure, group=last.name)
    after = Scenario(
        schedule=evolve(law, measures=(*law.measures, measure)), changes=scenario.changes)
    ours, theirs = rates(before), rates(after)
    for importer, old in ours.items():
        new = theirs[importer]
        known = ~np.isnan(old) & ~np.isnan(new)
        assert (new[known] >= old[known] - EXACT).all()


LEVELS = v.tables(v.levels())


@given(st.lists(LEVELS, min_size=1, max_size=3), LEVELS, testing.product_sets(),
       testing.country_sets(), st.sampled_from(("sum", "max")), st.sampled_from(("sum", "max")))
def test_a_floor_is_reached_and_never_lowers(base: list[Any], duty: Any, products: Any,
                                             exporters: Any, within: str, own: str) -> None:
    """Where a floor stands, what it tops up and the floor come to its duty or more."""
    plan = StackPlan(groups=(StackGroup(name="mfn", within=within), "extra",
                             StackGroup(name="floor", within=own, relation=Floor("mfn"))))
    usa = Scope(importer="USA")
    law = TariffSchedule(plan=plan, measures=(
        *(Measure(id=f"b{n}", authority="A", group="mfn", scope=usa, duty=d)
          for n, d in enumerate(base)),
        Measure(id="x", authority="A", group="extra", scope=usa, duty="5%")))
    floor = Measure(id="floor", authority="A", group="floor", duty=duty,
                    scope=Scope(importer="USA", exporters=exporters, products=products))
    plain = Scenario(schedule=law)
    floored = Scenario(schedule=evolve(law, measures=(*law.measures, floor)))
    old, new = rates(plain)["USA"][0], rates(floored)["USA"][0]
    level = Scenario(schedule=TariffSchedule(
        plan=StackPlan(groups=("mfn", "extra", "floor")), measures=(floor, law.measures[-1])))
    want = rates(level)["USA"][0]  # the floor's duty and the 5 % beside it, 5 % where none stands
    known = ~np.isnan(new) & ~np.isnan(old)
    assert (new[known] >= old[known] - EXACT).all()
    reached = ~np.isnan(new) & ~np.isnan(want)
    assert (new[reached] >= want[reached] - EXACT).all()
    # Where the base is known and lower, the floor is exactly its duty.
    low = reached & ~np.isnan(old) & (old < want)
    assert same(new[low], want[low])


@given(testing.schedules(), testing.product_sets(), testing.country_sets(),
       st.sampled_from(("duty", "coverage", "table")))
def test_an_unknown_part_makes_the_rate_unknown(law: TariffSchedule, products: Any,
                                                exporters: Any, what: str) -> None:
    """In the scope of a measure of unknown duty or share, and only there, the rate becomes
    unknown."""
    duty = {"duty": Unknown("not read"), "coverage": AdValorem("5%"),
            "table": ByProduct({"99": AdValorem("5%")})}[what]
    coverage = Unknown("not known") if what == "coverage" else 1.0
    hidden = Measure(id="hidden", authority="A", group="extra", duty=duty, coverage=coverage,
                     scope=Scope(importer="USA", exporters=exporters, products=products))
    old = rates(Scenario(schedule=law))["USA"]
    new = rates(Scenario(schedule=evolve(law, measures=(*law.measures, hidden))))["USA"]
    inside = np.array([[[
        oracle.is_in(exporters, oracle.atom(origin, day)) and oracle.holds(products, line)
        for day in days()] for origin in origins("USA")] for line in LINES])
    assert (np.isnan(new) == (np.isnan(old) | inside)).all()
    assert same(new[:, ~inside], old[:, ~inside])


def test_yield_and_floor_named_twice_count_once() -> None:
    """A group named twice in a relation is yielded to, or topped up, once."""
    twice = StackGroup(name="g", relation=(Yield(("a", "a")), Yield("a"), Floor("b"), Floor("b")))
    assert twice.yields == ("a",)
    assert twice.floors == ("b",)


def test_every_pair_of_ways_is_drawn() -> None:
    """The scalar stacker and the kernel agree on all small stacks of known numbers."""
    numbers = [(0.1, 1.0, True), (0.25, 0.5, True), (0.4, 1.0, False), (0.0, 1.0, True)]
    for first, second in itertools.product(("sum", "max", "first"), repeat=2):
        for a, b, c in itertools.product(numbers, repeat=3):
            stack = [(first, [a, b], (), ()), (second, [c, a], (0,), ()),
                     ("sum", [b], (), (0,)), ("max", [c, b], (1,), (0,))]
            for have, want in zip(kernel(stack), scalar(stack), strict=True):
                assert all(alike(h, w) for h, w in zip(have, want, strict=True))


def test_of_equal_duties_the_larger_share_is_taken_first() -> None:
    """Of two measures of one duty in a ``max`` group that which claims more takes before the
    other, in whatever order they are written, so that their parts do not depend on it."""
    for order in ((1.0, 0.5), (0.5, 1.0)):
        shape = (2, 1, 1)
        (out,) = kernels.evaluate([Group(
            within="max", duty=np.full(shape, 0.25), coverage=np.array(order).reshape(shape),
            active=np.ones(shape, dtype=bool), precedence=np.zeros(shape, dtype=np.int64))])
        found = dict(zip(order, out.value.ravel().tolist(), strict=True))
        assert found == {1.0: 0.25, 0.5: 0.0}
