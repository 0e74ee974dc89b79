"""Bad input gets one clear error that names the value and the way out, and changes nothing."""

from __future__ import annotations

import pickle
from collections.abc import Callable

import pytest

import tradescen as ts


@pytest.fixture(name="small")
def _small() -> ts.Scenario:
    """Two sides, one duty each, a truce over one of them and a threat."""
    usa = ts.Scope(importer="USA", exporters="CHN")
    return ts.Scenario(
        name="small",
        schedule=ts.TariffSchedule(
            measures=(
                ts.Measure(id="us-mfn", authority="MFN", group="mfn",
                           scope=ts.Scope(importer="USA"),
                           duty={"8517.13.00": "Free", "9503.00.00": "4%"}, source="HTS"),
                ts.Measure(id="cn-mfn", authority="MFN", group="mfn",
                           scope=ts.Scope(importer="CHN"), duty={"1201.90": "3%"}, source="T"),
            ),
            plan=ts.StackPlan(groups=("mfn", "extra", "threat")),
        ),
        changes=(
            ts.Impose(measure=ts.Measure(id="us-extra", authority="Emergency", group="extra",
                                         scope=usa, duty="34%"),
                      enacted="2025-04-02", effective="2025-04-05", source="Order 1"),
            ts.Impose(id="us-threat",
                      measure=ts.Measure(id="us-more", authority="Threat", group="threat",
                                         scope=usa, duty="100%"),
                      announced="2025-06-01", enacted=None, effective="2025-11-01", source="Post"),
            ts.Truce(id="pause", parties=("USA", "CHN"), start="2025-05-14", until="2025-08-12",
                     suspends={"us-extra": "10%"}, source="Joint statement"),
        ),
    )


CASES: dict[str, tuple[Callable[[ts.Scenario], object], type[Exception], tuple[str, ...]]] = {
    "unknown country": (
        lambda s: s.rate(importer="USA", exporter="CHX", product="8517.13", on="2025-06-01"),
        ts.UnknownName, ("'CHX'", "'CHN'")),
    "country by name": (
        lambda s: s.rate(importer="China", exporter="USA", product="8517.13", on="2025-06-01"),
        ts.UnknownName, ("'China'", "'CHN'")),
    "importer of nothing": (
        lambda s: s.rate(importer="FRA", exporter="CHN", product="8517.13", on="2025-06-01"),
        ts.UnknownName, ("'FRA'", "USA")),
    "unknown measure": (
        lambda s: s.then(ts.Amend(id="a", target="us-extr", duty="5%", enacted="2025-06-01",
                                  effective="2025-06-01")),
        ts.UnknownName, ("'us-extr'", "'us-extra'")),
    "unknown act to enact": (
        lambda s: s.enact("us-treat"), ts.UnknownName, ("'us-treat'", "'us-threat'")),
    "unknown truce to extend": (
        lambda s: s.extend("pausa", until="2026-01-01"), ts.UnknownName, ("'pausa'", "'pause'")),
    "unknown authority to take out": (
        lambda s: s.without(authority="Emergancy"), ts.UnknownName, ("Emergancy", "Emergency")),
    "code of the wrong length": (
        lambda s: s.rate(importer="USA", exporter="CHN", product="95030", on="2025-06-01"),
        ts.InvalidValue, ("'95030'", "5 digits", "0950.30")),
    "code with a lost zero": (
        lambda s: ts.HS("2071100"), ts.InvalidValue, ("'2071100'", "0207.11.00")),
    "code as a number": (
        lambda s: ts.ProductSet.of(8517), ts.InvalidValue, ("8517", "text")),
    "rate of 25": (
        lambda s: ts.AdValorem(25), ts.InvalidValue, ("25", "'25%'", "0.25")),
    "rate of 25 in an act": (
        lambda s: s.then(ts.Amend(id="a", target="us-extra", duty=25, enacted="2025-06-01",
                                  effective="2025-06-01")),
        ts.InvalidValue, ("25", "'25%'")),
    "negative rate": (lambda s: ts.AdValorem(-0.1), ts.InvalidValue, ("-0.1",)),
    "truce that ends before it starts": (
        lambda s: ts.Truce(id="t", parties=("USA", "CHN"), start="2025-06-01",
                           until="2025-05-01", suspends=("us-extra",)),
        ts.InvalidValue, ("2025-05-01", "2025-06-01")),
    "window that ends before it starts": (
        lambda s: s.run(start="2025-06-01", end="2025-05-01"),
        ts.InvalidValue, ("2025-05-01", "2025-06-01")),
    "selector that matches nothing": (
        lambda s: s.then(ts.Amend(id="a", target=ts.Select(authority="Emergency", importer="CHN"),
                                  duty="5%", enacted="2025-06-01", effective="2025-06-01")),
        ts.ConflictingActs, ("nothing", "skip")),
    "selector of no such authority": (
        lambda s: s.then(ts.Suspend(id="a", target=ts.Select(authority="Emergenzy"),
                                    enacted="2025-06-01", effective="2025-06-01")),
        ts.UnknownName, ("Emergenzy", "Emergency")),
    "selector without a condition": (
        lambda s: ts.Select(), ts.InvalidValue, ("every measure",)),
    "truce over nothing": (
        lambda s: ts.Truce(id="t", parties=("USA", "CHN"), start="2025-06-01"),
        ts.InvalidValue, ("over nothing", "suspends")),
    "truce whose parts all find nothing": (
        lambda s: s.then(ts.Truce(id="t", parties=("USA", "CHN"), start="2025-04-01",
                                  until="2025-04-03", suspends=("us-extra",))),
        ts.ConflictingActs, ("t", "nothing")),
    "id taken": (
        lambda s: s.then(ts.Truce(id="pause", parties=("USA", "CHN"), start="2025-06-01",
                                  suspends=("us-extra",))),
        ts.InvalidValue, ("'pause'",)),
    "threat without an announcement": (
        lambda s: ts.Amend(id="a", target="us-extra", duty="5%", enacted=None),
        ts.InvalidValue, ("announced",)),
    "law without a first day": (
        lambda s: ts.Amend(id="a", target="us-extra", duty="5%", enacted="2025-06-01"),
        ts.InvalidValue, ("effective",)),
    "enacting law": (lambda s: s.enact("us-extra"), ts.ConflictingActs, ("law already",)),
    "withdrawing what took effect": (
        lambda s: s.then(ts.Amend(id="a", target="us-extra", duty="5%", enacted="2025-06-01",
                                  effective="2025-06-01")).withdraw("a", on="2025-07-01"),
        ts.ConflictingActs, ("took effect", "2025-06-01")),
    "extending what ran out": (
        lambda s: s.extend("pause", until="2026-01-01", announced="2025-09-01"),
        ts.ConflictingActs, ("run out", "2025-08-12")),
    "collapsing before it begins": (
        lambda s: s.collapse("pause", on="2025-05-01"), ts.InvalidValue, ("begins",)),
    "two scenarios of one name": (
        lambda s: ts.simulate([s, s], start="2025-01-01", end="2025-12-31"),
        ts.InvalidValue, ("'small'", ".named(")),
    "average without weights": (
        lambda s: s.run(start="2025-01-01", end="2025-12-31").bilateral(),
        ts.MissingData, ("weights=", "simple")),
    "day outside the window": (
        lambda s: s.run(start="2025-01-01", end="2025-12-31").rates(on="2026-05-01"),
        ts.InvalidValue, ("2026-05-01", "2025-12-31")),
    "not a day": (
        lambda s: s.as_known("24 October"), ts.InvalidValue, ("'24 October'", "ISO")),
    "code the schedule does not have": (
        lambda s: s.rate(importer="USA", exporter="CHN", product="7201.10", on="2025-06-01"),
        ts.MissingData, ("7201.10",)),
    "group not in the plan": (
        lambda s: s.then(ts.Impose(measure=ts.Measure(
            id="m", authority="A", group="extras", scope=ts.Scope(importer="USA"), duty="1%"),
            enacted="2025-06-01", effective="2025-06-01")),
        ts.UnknownName, ("'extras'", "'extra'")),
    "change that is no change": (
        lambda s: s.then("us-extra"), ts.InvalidValue, ("us-extra",)),
    "frequency pandas does not know": (
        lambda s: s.run(start="2025-01-01", end="2025-12-31").rates(freq="fortnight"),
        ts.InvalidValue, ("fortnight", "'MS'")),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_input_names_the_value_and_changes_nothing(case: str, small: ts.Scenario) -> None:
    """Each fault raises its error, says what was wrong, and leaves the scenario as it was."""
    act, kind, words = CASES[case]
    before = small.digest
    with pytest.raises(kind) as met:
        act(small)
    for word in words:
        assert word in str(met.value)
    assert small.digest == before


def test_errors_have_one_root_and_are_builtins_too() -> None:
    """Every error is a TradescenError and the builtin it refines."""
    assert issubclass(ts.InvalidValue, ValueError)
    assert issubclass(ts.UnknownName, KeyError)
    assert issubclass(ts.MissingData, LookupError)
    for name in ts.__all__:
        value = getattr(ts, name)
        if isinstance(value, type) and issubclass(value, Exception):
            assert issubclass(value, ts.TradescenError)


def test_errors_survive_a_process_pool() -> None:
    """An error keeps its message and values when pickled."""
    error = ts.UnknownName.among("country", "CHX", ["CHN", "CHE"])
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is ts.UnknownName
    assert str(again) == str(error)
    assert again.values == error.values


def test_ambiguous_product_lists_lines_and_rates(small: ts.Scenario) -> None:
    """One number for a code whose lines differ is refused, with the lines and their rates."""
    two = small.then(ts.Impose(
        measure=ts.Measure(id="m", authority="A", group="extra",
                           scope=ts.Scope(importer="USA", products="9503.00.00.11"), duty="7%"),
        enacted="2025-06-01", effective="2025-06-01"))
    with pytest.raises(ts.AmbiguousProduct, match=r"9503\.00\.00\.11  21%") as met:
        two.rate(importer="USA", exporter="CHN", product="9503.00", on="2025-06-01")
    assert len(met.value.values["rates"]) == 2
    assert "9503.00.00  14%  (the rest of it: ask with all digits)" in str(met.value)
    assert two.rate(importer="USA", exporter="CHN", product="9503.00.00.90",
                    on="2025-06-01") == pytest.approx(0.14)


def test_ambiguous_partner_names_the_members(small: ts.Scenario) -> None:
    """One number for a group whose members differ is refused."""
    france = small.then(ts.Impose(
        measure=ts.Measure(id="m", authority="A", group="extra",
                           scope=ts.Scope(importer="USA", exporters="FRA"), duty="7%"),
        enacted="2025-06-01", effective="2025-06-01"))
    ask = {"importer": "USA", "exporter": "EU", "product": "9503.00"}
    assert france.rate(**ask, on="2025-05-31") == pytest.approx(0.04)
    with pytest.raises(ts.AmbiguousPartner, match="FRA"):
        france.rate(**ask, on="2025-06-01")
    result = france.run(start="2025-05-01", end="2025-07-01", importers=["USA"],
                        exporters=["EU"])
    with pytest.raises(ts.AmbiguousPartner, match="EU"):
        result.rates()
