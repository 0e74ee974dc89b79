"""Laws of averages, on small synthetic laws and trade."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tradescen as ts
from tradescen.errors import InvalidValue, MissingData
from tradescen.frames.collected import realised

FIRST, LATER, END = "2025-01-01", "2025-03-01", "2025-06-01"
PAIR = ("USA", "CHN")
LINES = ("84131000", "84131900", "84821000", "85171300", "85176200", "94016100")
CODES = (*LINES, "8413", "84", "851713", "85", "8517130010", "9401610011")
FINER = ("8517130010", "9401610011")
FREE = ("98010010", "6404")  # trade no line of the schedule holds
TINY = 1e-12
SOME = settings(deadline=None, max_examples=50)

levels = st.integers(0, 60).map(lambda n: f"{n / 2}%")
amounts = st.integers(0, 10_000_000).map(float)


def trade(values: Mapping[str, float], name: str = "trade") -> ts.Weights:
    return ts.Weights(name=name, year=2024, values={PAIR: values})


@st.composite
def scenarios(draw: st.DrawFn) -> ts.Scenario:
    """MFN on six lines, some of it unknown; two powers on some goods; one act in March."""
    mfn = {
        line: draw(st.one_of(levels, st.just("Free"), st.just("3.5¢/kg"))) for line in LINES
    }
    goods = st.lists(st.sampled_from(CODES), min_size=1, max_size=4, unique=True).map(tuple)
    usa = ts.Scope(importer="USA")

    def measure(name: str, authority: str, products: Any) -> ts.Measure:
        scope = ts.Scope(importer="USA", exporters="CHN", products=products)
        return ts.Measure(id=name, authority=authority, group=name, duty=draw(levels),
                          scope=scope, source="assumed")

    return ts.Scenario(
        name="law",
        schedule=ts.TariffSchedule(
            measures=[
                ts.Measure(id="mfn", authority="MFN", group="mfn", scope=usa, duty=mfn,
                           source="assumed"),
                measure("one", "Power one", draw(goods)),
            ],
            plan=ts.StackPlan(groups=["mfn", "one", "two"]),
        ),
        changes=[ts.Impose(measure=measure("two", "Power two", draw(goods)),
                           enacted="2025-02-01", effective=LATER)],
    )


weights = st.dictionaries(st.sampled_from((*LINES, *FREE)), amounts, min_size=1).filter(
    lambda v: sum(v.values()) > 0
)


def run(scenario: ts.Scenario, values: Mapping[str, float]) -> ts.Result:
    return scenario.run(start=FIRST, end=END, importers="USA", exporters="CHN",
                        weights=trade(values))


def same(a: float, b: float) -> bool:
    return (math.isnan(a) and math.isnan(b)) or abs(a - b) <= TINY


@SOME
@given(scenarios(), weights)
def test_average_lies_between_least_and_greatest(law: ts.Scenario, values: Any) -> None:
    """An average lies between the least and the greatest rate of the lines that hold trade."""
    result = run(law, values)
    held = [c for c, v in values.items() if v > 0 and c in LINES]
    for day in (FIRST, LATER):
        mean = result.average(on=day)["rate"].iloc[0]
        rates = result.rates(products=held, on=day)["rate"].dropna() if held else []
        if not math.isnan(mean):
            assert min(rates) - TINY <= mean <= max(rates) + TINY
        elif len(rates):  # trade told by line, where the law tells its numbers apart
            assert any(code[:8] in held for code in FINER)


@SOME
@given(scenarios(), weights, st.lists(st.integers(1, 9), min_size=2, max_size=5))
def test_finer_weights_change_nothing(law: ts.Scenario, values: Any, cut: list[int]) -> None:
    """Trade told by statistical numbers of its lines gives the average of trade told by line."""
    finer: dict[str, float] = {}
    for code, value in values.items():
        parts = [value * n / sum(cut) for n in cut] if code == "84131900" else [value]
        for n, part in enumerate(parts):
            finer[f"{code}{10 + n}" if len(parts) > 1 else code] = part
    # Lines are those of the schedule, so a number under a line is that line.
    coarse, fine = run(law, values), run(law, finer)
    for day in (FIRST, LATER):
        a, b = (r.average(on=day).iloc[0] for r in (coarse, fine))
        assert same(a["rate"], b["rate"])
        assert same(a["additional_rate"], b["additional_rate"])
        assert same(a["known_share"], b["known_share"])


@SOME
@given(scenarios(), weights, st.sampled_from(["known", "all"]),
       st.sampled_from(["authority", "group", "measure"]))
def test_parts_sum_to_the_rate(law: ts.Scenario, values: Any, over: str, part: str) -> None:
    """What each part of the law adds sums to the rate, over known as over all trade."""
    result = run(law, values)
    for day in (FIRST, LATER):
        whole = result.average(on=day, over=over)["rate"].iloc[0]
        parts = result.average(on=day, over=over, by=("importer", "exporter", part))["rate"]
        assert math.isnan(whole) or parts.sum() == pytest.approx(whole, abs=TINY)


@SOME
@given(scenarios(), weights)
def test_over_all_trade_is_a_lower_bound(law: ts.Scenario, values: Any) -> None:
    """Over all trade no average exceeds the one over known trade, and their ratio is the share."""
    result = run(law, values)
    for day in (FIRST, LATER):
        known, everything = (result.average(on=day, over=o).iloc[0] for o in ("known", "all"))
        assert known["known_share"] == everything["known_share"]
        if not math.isnan(known["rate"]):
            assert everything["rate"] <= known["rate"] + TINY
            assert everything["rate"] == pytest.approx(known["rate"] * known["known_share"],
                                                       abs=TINY)


@SOME
@given(scenarios(), weights, st.sampled_from(["HS2", "HS4", "HS6", "HS8", "section"]))
def test_levels_recombine(law: ts.Scenario, values: Any, level: str) -> None:
    """Averages by chapter, heading or section, with their known trade, give the whole again."""
    result = run(law, values)
    for day in (FIRST, LATER):
        whole = result.average(on=day).iloc[0]
        parts = result.average(on=day, by=("importer", "exporter", level))
        assert parts["weight_usd"].sum() == pytest.approx(whole["weight_usd"])
        known = parts["weight_usd"] * parts["known_share"].fillna(0.0)
        if known.sum() > 0:
            mean = (parts["rate"].fillna(0.0) * known).sum() / known.sum()
            assert mean == pytest.approx(whole["rate"], abs=TINY)


@SOME
@given(scenarios(), weights)
def test_definitions_agree_with_the_frames(law: ts.Scenario, values: Any) -> None:
    """Each definition that a frame also gives has the frame's number and known share."""
    result = run(law, values)
    for day in (FIRST, LATER):
        rows = result.definitions(importer="USA", exporter="CHN", on=day, since=FIRST)
        rows = rows.set_index("definition")
        two = result.bilateral(on=day).iloc[0]
        simple = result.bilateral(on=day, average="simple").iloc[0]
        lower = result.average(on=day, over="all").iloc[0]
        for name, rate, share in (
            ("all-in statutory", "rate", "known_share"),
            ("additional only", "additional_rate", "additional_known_share"),
        ):
            assert same(rows["rate"][f"{name}, trade-weighted"], two[rate])
            assert same(rows["known_share"][f"{name}, trade-weighted"], two[share])
            assert same(rows["rate"][f"{name}, simple mean over lines"], simple[rate])
            assert same(rows["rate"][f"{name}, trade-weighted over all trade"], lower[rate])
        before = result.bilateral(on=FIRST).iloc[0]["additional_rate"]
        if two["additional_known_share"] > 0:
            change = rows["rate"][f"additional only, change since {FIRST}"]
            assert change == pytest.approx(two["additional_rate"] - before, abs=TINY)


@SOME
@given(scenarios(), weights)
def test_average_agrees_with_bilateral(law: ts.Scenario, values: Any) -> None:
    """By importer and exporter, ``average`` is ``bilateral``, interval by interval."""
    result = run(law, values)
    a, b = result.average(), result.bilateral()
    assert list(a["start"]) == list(b["start"])
    for column in ("rate", "additional_rate", "known_share", "additional_known_share"):
        assert all(same(x, y) for x, y in zip(a[column], b[column], strict=True))


@SOME
@given(scenarios(), weights, st.sampled_from(["84", "8413", "8517", "94"]))
def test_within_goods_is_their_own_row(law: ts.Scenario, values: Any, goods: str) -> None:
    """An average within a chapter or heading is that chapter's or heading's own row."""
    result = run(law, values)
    level = f"HS{len(goods)}"
    inside = result.average(on=LATER, within=goods)
    rows = result.average(on=LATER, by=("importer", "exporter", level))
    row = rows[rows[level] == goods]
    if len(row):
        assert same(inside["rate"].iloc[0], row["rate"].iloc[0])
        assert same(inside["weight_usd"].iloc[0], row["weight_usd"].iloc[0])


@SOME
@given(scenarios(), weights, st.integers(2, 1000))
def test_money_is_no_rate(law: ts.Scenario, values: Any, factor: int) -> None:
    """All trade multiplied alike leaves every average where it is."""
    more = {code: value * factor for code, value in values.items()}
    a, b = (run(law, v).average(on=LATER).iloc[0] for v in (values, more))
    assert same(a["rate"], b["rate"])
    assert same(a["known_share"], b["known_share"])


def test_simple_average_has_no_money() -> None:
    """A mean over lines has no trade behind it, so its weight is not a sum of dollars."""
    law = ts.Scenario(name="law", schedule=ts.TariffSchedule(
        measures=[ts.Measure(id="mfn", authority="MFN", group="mfn", source="assumed",
                             scope=ts.Scope(importer="USA"),
                             duty={"841310": "2%", "841319": "4%"})],
        plan=ts.StackPlan(groups=["mfn"]),
    ))
    result = law.run(start=FIRST, end=END, importers="USA", exporters="CHN")
    row = result.average(average="simple").iloc[0]
    assert row["rate"] == pytest.approx(0.03)
    assert math.isnan(row["weight_usd"])


def test_trade_without_a_line_counts_as_unknown() -> None:
    """Trade no line holds is in the denominator of every definition over all trade."""
    law = ts.Scenario(name="law", schedule=ts.TariffSchedule(
        measures=[ts.Measure(id="mfn", authority="MFN", group="mfn", source="assumed",
                             scope=ts.Scope(importer="USA"), duty={"84131000": "4%"})],
        plan=ts.StackPlan(groups=["mfn"]),
    ))
    result = law.run(start=FIRST, end=END, importers="USA", exporters="CHN",
                     weights=trade({"84131000": 75.0, "98010010": 25.0}))
    rows = result.definitions(importer="USA", exporter="CHN", on=FIRST).set_index("definition")
    assert rows["rate"]["all-in statutory, trade-weighted"] == pytest.approx(0.04)
    assert rows["rate"]["all-in statutory, trade-weighted over all trade"] == pytest.approx(0.03)
    assert rows["known_share"]["all-in statutory, trade-weighted"] == pytest.approx(0.75)
    assert rows["known_share"]["all-in statutory, over trade that bears it"] == pytest.approx(0.75)


# -- duties collected -----------------------------------------------------------------------

money = st.dictionaries(st.sampled_from(LINES), st.integers(1, 10**9).map(float), min_size=1)


@SOME
@given(money, st.data())
def test_realised_is_duty_over_value(values: dict[str, float], data: st.DataObject) -> None:
    """The ratio is the sum of duties over the sum of values, by partner and by chapter."""
    duties = {code: data.draw(st.integers(0, 10**8).map(float)) for code in values}
    whole = realised(trade(values), trade(duties, "duties")).iloc[0]
    assert whole["ratio"] == pytest.approx(sum(duties.values()) / sum(values.values()), rel=TINY)
    parts = realised(trade(values), trade(duties, "duties"), by=("exporter", "HS2"))
    assert parts["duty_usd"].sum() == pytest.approx(whole["duty_usd"])
    assert parts["value_usd"].sum() == pytest.approx(whole["value_usd"])
    for _, row in parts.iterrows():
        mine = [c for c in values if c.startswith(row["HS2"])]
        expected = sum(duties[c] for c in mine) / sum(values[c] for c in mine)
        assert row["ratio"] == pytest.approx(expected, rel=TINY)


def test_realised_says_what_it_is() -> None:
    """The frame carries its quantity, its trade and the year."""
    frame = realised(trade({"8413": 10.0}), trade({"8413": 1.0}, "duties"))
    assert frame.attrs["quantity"] == "duty collected over customs value"
    assert frame.attrs["weights"] == "trade"
    assert frame.attrs["weights_year"] == 2024


def test_realised_refuses_what_has_no_ratio() -> None:
    """Duties of another year, of another direction, or by act make no ratio."""
    values = trade({"8413": 10.0})
    other = ts.Weights(name="duties", year=2023, values={PAIR: {"8413": 1.0}})
    with pytest.raises(InvalidValue, match="one year"):
        realised(values, other)
    with pytest.raises(InvalidValue, match="part of the law"):
        realised(values, values, by=("authority",))
    away = ts.Weights(name="duties", year=2024, values={("USA", "VNM"): {"8413": 1.0}})
    with pytest.raises(MissingData):
        realised(values, away)


def test_the_rest_of_a_schedule_keeps_its_goods_apart() -> None:
    """Trade on no line of its own stands under its own chapter and section, not under all."""
    law = ts.TariffSchedule(
        measures=[ts.Measure(
            id="mfn", authority="MFN", group="mfn", scope=ts.Scope(importer="USA"),
            duty=ts.ByProduct({"8413": ts.duty("5%")}, default=ts.Unknown("no line")))],
        plan=ts.StackPlan(groups=["mfn"]))
    result = ts.Scenario(schedule=law).run(
        start=FIRST, end=END, exporters=["CHN"],
        weights=trade({"8413": 1.0, "98010010": 2.0, "64041100": 4.0}))
    chapters = result.average(by=("HS2",)).set_index("HS2")["weight_usd"]
    assert chapters.to_dict() == {"84": 1.0, "98": 2.0, "64": 4.0}
    levels = result.rates(level="HS4").set_index("product")["weight_usd"]
    assert levels.to_dict() == {"8413": 1.0, "9801": 2.0, "6404": 4.0}
    sections = result.average(by=("section",)).set_index("section")["weight_usd"]
    assert sections.to_dict() == {"XVI": 1.0, "none": 2.0, "XII": 4.0}
    assert result.average(within="98")["weight_usd"].item() == 2.0


def test_a_frequency_without_a_day_in_the_window_gives_no_row() -> None:
    """A window from January 2 to June holds no first day of a year, so there is nothing to say."""
    law = ts.Scenario(name="law", schedule=ts.TariffSchedule(
        measures=[ts.Measure(id="mfn", authority="MFN", group="mfn", duty={"84131000": "4%"},
                             scope=ts.Scope(importer="USA"))],
        plan=ts.StackPlan(groups=["mfn"])))
    result = law.run(start="2025-01-02", end=END, exporters="CHN",
                     weights=trade({"84131000": 1.0}))
    assert result.average(freq="YS").empty
    assert len(result.average(freq="MS")) == 4


@pytest.mark.parametrize("mfn", [{"9503": "4%"}, {"950300": "4%"}, "4%"])
def test_trade_partly_on_a_longer_line_is_not_taken_for_all_of_it(mfn: Any) -> None:
    """Trade told by six digits, where a duty is on one eight-digit line of these only and the
    rest lies on a shorter line, is of unknown rate; told by eight digits it is known."""
    law = ts.Scenario(name="law", schedule=ts.TariffSchedule(
        measures=[
            ts.Measure(id="mfn", authority="MFN", group="mfn", duty=mfn,
                       scope=ts.Scope(importer="USA")),
            ts.Measure(id="one", authority="One", group="one", duty="50%", scope=ts.Scope(
                importer="USA", exporters="CHN", products="9503.00.11"))],
        plan=ts.StackPlan(groups=["mfn", "one"])))

    def told(values: dict[str, float]) -> Any:
        return law.run(start=FIRST, end=END, exporters="CHN",
                       weights=trade(values)).average(on=FIRST).iloc[0]

    coarse, fine = told({"950300": 4.0}), told({"95030011": 1.0, "95030090": 3.0})
    assert math.isnan(coarse["rate"])
    assert coarse["known_share"] == 0
    assert same(fine["rate"], 0.04 + 0.125)
