"""Weights: sums, levels, addition, frames."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradescen import Assumptions, Specific, Weights, duty
from tradescen.errors import InvalidValue, MissingData
from tradescen.law import nomenclature as hs

LINES = st.dictionaries(
    st.one_of(st.sampled_from(hs.codes()), st.sampled_from(["98010010", "0101", "99", "85171300"])),
    st.floats(min_value=0, max_value=1e12), max_size=15,
)


def weights(values: dict[str, float], **more: object) -> Weights:
    """One direction of a year."""
    said = {"name": "w", "year": 2024, "nomenclature": {"USA": "HTS 2025 rev. 10"}} | more
    return Weights(values={("USA", "CHN"): values}, **said)  # type: ignore[arg-type]


@given(LINES, st.sampled_from(["HS2", "HS4", "HS6", "HS8", "HS10", "section"]))
def test_aggregation_keeps_the_total(values: dict[str, float], by: str) -> None:
    """Whatever the key, the parts sum to the total."""
    made = weights(values)
    parts = made.aggregate(by)[("USA", "CHN")]
    assert math.fsum(parts.values()) == pytest.approx(made.total(), rel=1e-12)


def test_sections_and_chapters_outside_them() -> None:
    """Goods are grouped by section; national chapters stand for themselves."""
    parts = weights({"851713": 2, "840991": 1, "98010010": 5}).aggregate("section")
    assert parts == {("USA", "CHN"): {"XVI": 3.0, "chapter 98": 5.0}}


def test_shorter_codes_are_those_of_the_base_edition() -> None:
    """Six digits of a national schedule are codes of the HS it is built on."""
    made = weights({"8517.13.00": 2, "8517.13.10": 1}).at("HS6")
    assert made.lines(importer="USA", exporter="CHN") == (("851713", 3.0),)
    assert made.nomenclature == (("USA", "HS 2022"),)
    assert weights({"8517.13.00": 2}).at("HS8").nomenclature == (("USA", "HTS 2025 rev. 10"),)


def test_totals_by_direction() -> None:
    """Totals are asked by importer, exporter or both; nothing held is an error, not 0."""
    made = Weights(name="w", year=2024, values={
        ("USA", "CHN"): {"01": 1}, ("USA", "MEX"): {"01": 2}, ("CHN", "USA"): {"01": 4}})
    assert made.total() == 7
    assert made.total(importer="USA") == 3
    assert made.total(importer="US", exporter="MX") == 2
    with pytest.raises(MissingData, match="hold no trade"):
        made.total(importer="USA", exporter="CAN")


@given(LINES, LINES)
def test_sum_of_sets_is_the_sum_of_values(a: dict[str, float], b: dict[str, float]) -> None:
    """Added sets hold the sum, in whichever order they are added."""
    both = weights(a) + weights(b)
    assert both.total() == pytest.approx(weights(a).total() + weights(b).total(), rel=1e-12)
    assert both.values == (weights(b) + weights(a)).values


def test_unlike_sets_are_not_added() -> None:
    """Different years, valuations or editions are refused, all differences at once."""
    with pytest.raises(InvalidValue, match="year: 2024 and 2020; valuation"):
        weights({"01": 1}) + weights({"01": 1}, year=2020, valuation="c.i.f.")
    with pytest.raises(InvalidValue, match="codes of USA"):
        weights({"01": 1}) + weights({"01": 1}, nomenclature={"USA": "HS 2017"})


def test_frames_say_what_they_hold() -> None:
    """A frame has codes as text and its definition in attrs."""
    frame = weights({"0101.21": 5}).to_frame()
    assert frame.iloc[0].to_dict() == {
        "importer": "USA", "exporter": "CHN", "product": "010121", "value": 5.0}
    assert frame.attrs["year"] == 2024
    assert frame.attrs["nomenclature"] == {"USA": "HTS 2025 rev. 10"}
    assert list(weights({}).to_frame().columns) == ["importer", "exporter", "product", "value"]


def test_infinite_values_are_refused() -> None:
    """A value that is no number of money is refused."""
    with pytest.raises(InvalidValue, match="0 or more"):
        weights({"01": math.inf})


def test_two_spellings_of_a_direction_are_summed() -> None:
    """``US`` and ``USA`` spell one direction; no part of its trade is hidden."""
    made = Weights(name="w", year=2024, values={
        ("USA", "CHN"): {"01": 1.0}, ("US", "CN"): {"01": 2.0, "02": 4.0}})
    assert made.lines(importer="USA", exporter="CHN") == (("01", 3.0), ("02", 4.0))


@pytest.mark.parametrize("more", [
    {"values": {("USA", "CHN"): {"01": "5"}}}, {"values": {("USA", "CHN"): {"01": None}}},
    {"nomenclature": "HS 2022"},
])
def test_weights_refuse_what_they_cannot_mean(more: dict[str, object]) -> None:
    """A value as text or an edition of nobody is refused with the way out."""
    said: dict[str, object] = {"name": "w", "year": 2024, "values": {("USA", "CHN"): {"01": 1.0}}}
    with pytest.raises(InvalidValue):
        Weights(**{**said, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize("given", [5.2, {"kg": "5"}, {"kg": math.inf}, {"kg": 0}])
def test_unit_values_are_numbers_by_unit(given: object) -> None:
    """A unit value without its unit, as text, 0 or without end is refused."""
    with pytest.raises(InvalidValue):
        Assumptions(name="a", unit_values={"USA": {"0201": given}})


@pytest.mark.parametrize("given", [
    {"kg": 5.2, "t": 520}, {"kg": 5.2, "USD/kg": 4.8}, {"dozen": 12, "item": 2},
    (("kg", 5.2), ("kg", 4.8)),
])
def test_unit_values_may_not_contradict_each_other(given: object) -> None:
    """Two values of one quantity in one money must agree, up to rounding."""
    with pytest.raises(InvalidValue, match="contradict each other"):
        Assumptions(name="a", unit_values={"USA": {"0201": given}})


def test_unit_values_side_by_side() -> None:
    """Units that convert and agree, other things measured and other moneys stand together; a
    value that names no money is in US dollars, whatever the money of the duty."""
    held = {"kg": 5.2, "t": 5200.1, "EUR/kg": 4.8, "kg on drained weight": 6, "item": 2}
    given = Assumptions(name="a", unit_values={"USA": {"0201": held}}).units("USA")
    assert given is not None
    found = dict(given["0201"])
    assert duty("52¢/kg").ave(found) == pytest.approx(0.1)
    assert duty("0.48 EUR/kg").ave(found) == pytest.approx(0.1)
    only_dollars = Assumptions(name="a", unit_values={"CHN": {"0201": {"kg": 5.2}}}).units("CHN")
    assert only_dollars is not None
    assert math.isnan(Specific(3, unit="kg", currency="CNY").ave(dict(only_dollars["0201"])))


def test_one_set_says_one_thing_of_a_measure() -> None:
    """Two shares of one measure, or two tables of one importer, are refused."""
    with pytest.raises(InvalidValue, match="two shares"):
        Assumptions(name="a", shares=(("m", 0.5), ("m", 0.6)))
    with pytest.raises(InvalidValue, match="two tables"):
        Assumptions(name="a", unit_values={"USA": {"01": {"kg": 1}}, "US": {"02": {"kg": 1}}})


def test_members_beside_their_group_count_once() -> None:
    """Of a group and its members the group counts, by the membership of the year."""
    trade = {("USA", e): {"01": n} for e, n in (("EU", 8.0), ("GBR", 4.0), ("DEU", 2.0),
                                               ("CHN", 1.0))}
    before, after = (Weights(name="w", year=y, values=trade) for y in (2019, 2020))
    assert (before.total(), after.total()) == (9, 13)
    assert after.total(exporter="DEU") == 2
    assert ("USA", "DEU") not in after.apart
    apart = Weights(name="w", year=2020, values={p: v for p, v in trade.items() if p[1] != "EU"})
    assert apart.apart == apart.pairs
