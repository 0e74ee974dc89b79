"""Tables of the law: what can be told apart in them, where it is read, what it is called."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tradescen as ts
from tradescen import testing

USA = ts.Scope(importer="USA", exporters="CHN")


def _case() -> ts.Scenario:
    """A threat whose act names no source, and a duty of which some goods are exempt for a time."""
    threat = ts.Measure(id="more", authority="A", group="extra", duty="100%", scope=USA,
                        source="a post")
    duty = ts.Measure(id="ex", authority="A", group="extra", duty="10%", scope=USA,
                      source="the order")
    return ts.Scenario(
        name="case", data_date="2025-06-01",
        schedule=ts.TariffSchedule(
            measures=[ts.Measure(id="mfn", authority="MFN", group="mfn", source="HTS",
                                 scope=ts.Scope(importer="USA"),
                                 duty={"9503": "4%", "0201": ts.Unknown("per kilogram")})],
            plan=ts.StackPlan(groups=["mfn", "extra"])),
        changes=[
            ts.Impose(measure=duty, enacted="2025-04-01", effective="2025-04-05"),
            ts.Amend(id="toys", target="ex", only=ts.Only(products="9503"), duty="10%",
                     enacted="2025-05-01", effective="2025-05-01", source="notice"),
            ts.Impose(id="us-more", measure=threat, announced="2025-05-20", enacted=None,
                      effective="2025-12-01"),
            ts.Milestone(id="talks", date="2025-08-01", announced="2025-07-15", actor="USA",
                         text="talks in July", source="news"),
        ],
    )


def test_pieces_that_differ_in_goods_are_told_apart() -> None:
    """Rows of a measure that read alike are told apart by their goods, and each names its acts."""
    frame = _case().measures(on="2025-05-10")
    held = frame[frame["measure"] == "ex"].set_index("products")
    assert set(held.index) == {"9503", "all goods except 9503"}
    assert held["because"].to_dict() == {"9503": "toys", "all goods except 9503": "ex"}
    assert not frame.duplicated(["measure", "exporters", "products", "start"]).any()


def test_an_act_without_a_source_is_read_where_its_measure_is() -> None:
    """Where an act that imposes a measure names no source, tables give the measure's."""
    case = _case()
    assert case.measures(on="2025-06-01").set_index("because")["source"]["us-more"] == "a post"
    rows = case.timeline().set_index("id")["source"]
    assert (rows["us-more"], rows["ex"], rows["toys"]) == ("a post", "the order", "notice")
    step = case.explain(importer="USA", exporter="CHN", product="9503", on="2025-04-10").steps[1]
    assert step.source == "the order"


def test_what_the_world_did_not_know_is_called_so() -> None:
    """In the calendar an act announced after the data date is not yet announced, not unknown."""
    rows = _case().timeline().set_index("id")["status"]
    assert rows["talks"] == "not yet announced"
    assert rows["us-more"] == "threatened"
    later = _case().then(ts.Truce(
        id="pause", parties=("USA", "CHN"), start="2025-10-01", until="2026-01-01",
        announced="2025-09-01", suspends={"ex": "0%"}, source="statement"))
    assert later.truces()["status"].tolist() == ["not yet announced"]
    assert "unknown" not in set(later.timeline()["status"])
    assert "not yet announced" in repr(later)


@given(testing.scenarios(), st.sampled_from(testing.CODES), testing.days())
def test_an_explanation_is_strict_json(case: ts.Scenario, code: str, on: object) -> None:
    """An explanation as plain data holds no NaN at any depth: unknown numbers are null."""
    try:
        told = case.explain(importer="USA", exporter="CHN", product=code,
                            on=on)  # type: ignore[arg-type]
    except ts.TradescenError:
        return
    plain = json.loads(json.dumps(told.to_dict(), allow_nan=False))
    assert (plain["rate"] is None) == (told.rate != told.rate)
    for one, step in zip(plain["steps"], told.steps, strict=True):
        assert (one["contribution"] is None) == (step.contribution != step.contribution)
        assert (one["coverage"] is None) == (step.coverage != step.coverage)


def test_unknown_shares_and_duties_are_null() -> None:
    """A duty per kilogram and a share the law leaves open are null in JSON, with a reason."""
    case = _case().then(ts.Impose(id="open", measure=ts.Measure(
        id="part", authority="A", group="extra", duty="5%", coverage=ts.Unknown("metal content"),
        scope=USA, source="x"), enacted="2025-05-01", effective="2025-05-01"))
    told = case.explain(importer="USA", exporter="CHN", product="0201", on="2025-05-10").to_dict()
    json.dumps(told, allow_nan=False)
    steps = {s["measure"]: s for s in told["steps"]}
    assert (told["rate"], steps["mfn"]["contribution"]) == (None, None)
    assert (steps["part"]["coverage"], steps["part"]["reason"]) == (None, "metal content")


def test_sources_of_a_pack_are_one_a_line() -> None:
    """Sources hold semicolons, so they stand one a line as the known gaps do."""
    row = ts.packs().set_index("name").loc["us-china"]
    sources = row["sources"].splitlines()
    assert any("; " in one for one in sources)
    assert len(sources) > 20
    assert any("us-threat-100" in gap for gap in row["known_gaps"].splitlines())


@pytest.mark.parametrize(("n", "said"), [(1, "1 measure,"), (2, "2 measures,")])
def test_one_is_not_said_as_many(n: int, said: str) -> None:
    """One of something is said in the singular."""
    measures = [ts.Measure(id=f"m{k}", authority="A", group="mfn", duty="1%", source="x",
                           scope=ts.Scope(importer="USA")) for k in range(n)]
    case = ts.Scenario(name="s", schedule=ts.TariffSchedule(
        measures=measures, plan=ts.StackPlan(groups=["mfn"])))
    assert said in repr(case)
    with pytest.raises(ts.InvalidValue, match="given as an int"):
        case.rate(importer="USA", exporter="CHN", product=9503, on="2025-01-01")  # type: ignore
