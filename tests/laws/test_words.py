"""Sets of goods and of countries are sets; values are values: they pickle, hash and encode."""

from __future__ import annotations

import json
import pickle
from itertools import pairwise
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.laws import oracle
from tradescen import CountrySet, Period, ProductSet, TariffSchedule, testing
from tradescen.files.codec import Decoder, Encoder, fingerprint
from tradescen.testing import values as v

GOODS = testing.product_sets(empty=True)
COUNTRIES = testing.country_sets(empty=True)
# Every code the sets name, and one below each that none names.
CODES = ("", *testing.CODES, "99", "9999", "730490", "73041190", "8517130010")
DAYS = (testing.FIRST, oracle.MEMBERS["EU"]["GBR"] - oracle.DAY, oracle.MEMBERS["EU"]["GBR"],
        testing.LAST)
SETS: Any = pytest.mark.parametrize("sets", [GOODS, COUNTRIES], ids=["goods", "countries"])


def points(one: Any) -> list[bool]:
    """Membership point by point, by the set's own account."""
    if isinstance(one, ProductSet):
        return [one.sign(c) for c in CODES]
    return [one.has(o, d) for o in oracle.ORIGINS for d in DAYS]


def words(one: Any) -> list[bool]:
    """Membership point by point, by brute force over the words the set was given."""
    if isinstance(one, ProductSet):
        return [oracle.holds(one, c) for c in CODES]
    return [oracle.is_in(one, oracle.atom(o, d)) for o in oracle.ORIGINS for d in DAYS]


@given(one=st.one_of(GOODS, COUNTRIES))
def test_membership_is_by_the_words(one: Any) -> None:
    """A code or country is in a set exactly if the longest prefix, or the words, say so."""
    assert points(one) == words(one)


@SETS
@given(data=st.data())
def test_joins_are_pointwise(sets: Any, data: st.DataObject) -> None:
    """``&``, ``|`` and ``-`` hold point by point."""
    a, b = data.draw(sets), data.draw(sets)
    for x, y, both, either, less in zip(
        points(a), points(b), points(a & b), points(a | b), points(a - b), strict=True
    ):
        assert (both, either, less) == (x and y, x or y, x and not y)


@SETS
@given(data=st.data())
def test_joins_are_structural(sets: Any, data: st.DataObject) -> None:
    """Sets that say the same are equal and hash alike, however they were come by."""
    a, b, c = data.draw(sets), data.draw(sets), data.draw(sets)
    for one, other in (
        ((a & b) | (a - b), a), (a & b, b & a), (a | b, b | a), (a - b, a - (a & b)),
        (a & (b | c), (a & b) | (a & c)), (a - (b | c), (a - b) & (a - c)),
        ((a - b) & b, a - a), (a | a, a), (a & a, a),
    ):
        assert one == other
        assert hash(one) == hash(other)
    assert bool(a - a) is False


@SETS
@given(data=st.data())
def test_equal_sets_are_alike_everywhere(sets: Any, data: st.DataObject) -> None:
    """Two sets are equal exactly if no point tells them apart."""
    a, b = data.draw(sets), data.draw(sets)
    assert (a == b) == (points(a) == points(b))


@given(GOODS, testing.hs_codes())
def test_part_of_a_code(one: ProductSet, code: str) -> None:
    """A code is wholly inside, wholly outside or cut up, as its own set of goods is."""
    under = ProductSet.of(code)
    inside, outside = bool(one & under), bool(under - one)
    assert one.part(code) is (None if inside and outside else inside)
    assert (code in one) == (not outside)


@given(COUNTRIES)
def test_membership_changes_on_cuts_only(one: CountrySet) -> None:
    """Between the cut points of a set of countries nobody enters or leaves it."""
    for before, after in pairwise(DAYS):
        if not any(before < cut <= after for cut in one.cuts()):
            for origin in oracle.ORIGINS:
                assert one.has(origin, before) == one.has(origin, after)


@given(st.data())
def test_duty_by_line_is_found_by_longest_prefix(data: st.DataObject) -> None:
    """A table gives the value of the longest prefix, else its default, else nothing."""
    table = data.draw(v.tables(testing.duties()))
    assert [table.find(c) for c in CODES] == [oracle.by_line(table, c) for c in CODES]


def values() -> st.SearchStrategy[Any]:
    """Values of every kind: words, law, acts, truces."""
    courses = testing.schedules().flatmap(
        lambda law: st.one_of(testing.acts(law), testing.scenarios(schedule=law).map(
            lambda s: s.changes)))
    return st.one_of(
        GOODS, COUNTRIES, testing.duties(), v.tables(testing.duties()), testing.measures(),
        testing.schedules(), courses, testing.schedules().flatmap(testing.truces),
        v.coverages(), v.parts(),
    )


def encoded(value: Any) -> Any:
    """A value written to JSON text and read again."""
    encoder = Encoder()
    text = json.dumps([encoder.encode(value), encoder.sets, encoder.tables])
    body, sets, tables = json.loads(text)
    return Decoder(sets, tables).decode(body)


@given(values())
def test_codec_gives_back_what_it_was_given(value: Any) -> None:
    """``decode(encode(x)) == x``, through JSON text, with types and digest kept."""
    back = encoded(value)
    assert back == value
    assert type(back) is type(value)
    assert fingerprint(back) == fingerprint(value)
    assert encoded(back) == value


@given(values())
def test_values_pickle_and_hash(value: Any) -> None:
    """A value survives pickling, is equal to its copy and hashes like it."""
    copy = pickle.loads(pickle.dumps(value))
    assert copy == value
    assert hash(copy) == hash(value)


@given(testing.schedules(), st.randoms(use_true_random=False))
def test_order_of_measures_is_not_part_of_a_schedule(law: TariffSchedule, random: Any) -> None:
    """A schedule is equal to one given the same measures in another order."""
    measures = list(law.measures)
    random.shuffle(measures)
    assert evolve(law, measures=tuple(measures)) == law


@given(testing.periods(), testing.days())
def test_period_holds_its_start_and_not_its_end(period: Period, day: Any) -> None:
    """A day is in a period from its start up to, not including, its end."""
    assert (day in period) == (day >= period.start and (period.end is None or day < period.end))
    assert period.start in period
    assert period.end not in period
