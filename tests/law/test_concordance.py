"""From one edition to another: no value is lost, and what is not placed is told."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradescen import Concordance, Weights
from tradescen.errors import InvalidValue, NomenclatureMismatch, UnknownName
from tradescen.law import nomenclature as hs

FORWARD = Concordance.hs("HS 2017", "HS 2022")
BACK = Concordance.hs("HS 2022", "HS 2017")
EVERY = Concordance.hs("HS 2017", "HS 2022", links="all")
SPLIT = Concordance.from_rows(  # the codes that become several, and no others
    [(s, t) for s, t, share in FORWARD.rows if share < 1], from_="HS 2017", to="HS 2022")
VALUES = st.floats(min_value=0, max_value=1e12, allow_nan=False)


def _weights(values: dict[str, float], edition: str | None = "HS 2017") -> Weights:
    return Weights(name="trade", values={("CHN", "USA"): values}, year=2019,
                   nomenclature={"CHN": edition} if edition else {})


def codes(edition: str) -> st.SearchStrategy[str]:
    """Subheadings, those that split or merge as often as all others, headings, strangers."""
    known = hs.codes(edition)
    changed = sorted(set(known) ^ set(hs.codes("HS 2017" if edition == "HS 2022" else "HS 2022")))
    changed = [c for c in changed if c in set(known)]
    return st.one_of(
        st.sampled_from(known), st.sampled_from(changed), st.sampled_from(hs.codes(edition, 4)),
        st.sampled_from(hs.codes(edition, 2)), st.sampled_from(["999998", "98", "7701"]),
        st.sampled_from(known).map(lambda c: c + "10"),
    )


@given(st.dictionaries(codes("HS 2017"), VALUES, max_size=20))
def test_forward_conserves_value(values: dict[str, float]) -> None:
    """From HS 2017 to HS 2022 the sum stays, and the report accounts for all of it."""
    made, told = FORWARD.convert(values), FORWARD.report(values)
    total = math.fsum(values.values())
    assert math.fsum(made.values()) == pytest.approx(total, rel=1e-12)
    assert told.total == total
    left = math.fsum(v for _, v in told.unplaced)
    assert told.placed + left == pytest.approx(total, rel=1e-12)


@given(st.dictionaries(codes("HS 2022"), VALUES, max_size=20))
def test_back_conserves_value(values: dict[str, float]) -> None:
    """From HS 2022 to HS 2017 the sum stays, in weights as in mappings."""
    made = BACK.convert(_weights(values, "HS 2022"))
    assert made.total() == pytest.approx(math.fsum(values.values()), rel=1e-12)
    assert dict(made.nomenclature) == {"CHN": "HS 2017"}


@given(st.lists(st.tuples(codes("HS 2017"), st.sampled_from(["A", "NA"]), VALUES), max_size=12))
def test_frames_conserve_value(rows: list[tuple[str, str, float]]) -> None:
    """A frame keeps its other columns apart and its sum within each."""
    frame = pd.DataFrame(rows, columns=["product", "partner", "value"])
    frame["value"] = frame["value"].astype(float)
    made = FORWARD.convert(frame)
    assert list(made.columns) == list(frame.columns)
    for partner in ("A", "NA"):
        before = frame.loc[frame["partner"] == partner, "value"].sum()
        after = made.loc[made["partner"] == partner, "value"].sum()
        assert after == pytest.approx(before, rel=1e-12)
    assert not made.duplicated(["product", "partner"]).any()


@given(st.dictionaries(st.sampled_from(sorted({t for _, t, _ in SPLIT.rows})), VALUES,
                       min_size=1, max_size=30),
       st.dictionaries(codes("HS 2017"), VALUES, max_size=9))
def test_split_by_weights_conserves_value(by: dict[str, float], values: dict[str, float]) -> None:
    """Shares by weights sum to one whatever the weights are."""
    made = SPLIT.split_by(by)
    total = math.fsum(values.values())
    assert math.fsum(made.convert(values).values()) == pytest.approx(total, rel=1e-9)


def test_one_to_many_is_split_in_equal_parts_or_as_stated() -> None:
    """Parts of telephones became two: in halves, or by the trade given."""
    assert FORWARD.targets("8517.70") == {"851771": 0.5, "851779": 0.5}
    by = Concordance.hs("HS 2017", "HS 2022", weights={"851771": 3.0, "8517.79.10": 1.0})
    assert by.targets("851770") == {"851771": 0.75, "851779": 0.25}
    assert by.targets("854140") == FORWARD.targets("854140"), "no trade there: as before"
    assert by.source is not None
    assert "split by" in by.source.note


def test_both_ways_are_honest_about_what_splits() -> None:
    """Backward each code has one source; forward and over all links many codes split."""
    assert "0 of them split" in repr(BACK)
    assert "117 of them split" in repr(FORWARD)
    assert len(EVERY.targets("853400")) > 5


def test_report_names_codes_and_values() -> None:
    """The report says what was split, merged and not placed, with values and reasons."""
    told = FORWARD.report({"851770": 10.0, "851712": 4.0, "999998": 3.0, "9803": 2.0})
    assert dict(told.split) == {"851712": 4.0, "851770": 10.0}
    assert dict(told.unplaced) == {"9803": 2.0, "999998": 3.0}
    assert told.placed_share == pytest.approx(14 / 19)
    assert "no code of HS 2017" in dict(told.reasons)["999998"]
    assert set(told.to_frame()["what"]) == {"split", "unplaced"}
    assert "placed 73.6842%" in str(told)


def test_headings_pass_only_where_all_goods_stay() -> None:
    """A heading whose goods stay under it keeps its code; one whose goods leave is not placed."""
    assert FORWARD.targets("8517") == {"8517": 1.0}
    told = FORWARD.report({"3816": 1.0, "2518": 1.0})
    assert dict(told.unplaced) == {"2518": 1.0}
    assert "other headings" in dict(told.reasons)["2518"]


def test_national_digits_stay_where_nothing_changed() -> None:
    """Eight digits survive under an unchanged subheading and are given up under a split one."""
    assert FORWARD.targets("0101.21.00") == {"01012100": 1.0}
    assert set(FORWARD.targets("8517.70.10")) == {"851771", "851779"}


def test_weights_of_another_edition_are_refused() -> None:
    """Weights say their edition; another one is an error with the way out."""
    with pytest.raises(NomenclatureMismatch, match=r"at\('HS6'\)"):
        FORWARD.convert(_weights({"85177000": 1.0}, "HTS 2019"))
    with pytest.raises(NomenclatureMismatch, match="importers="):
        FORWARD.convert(_weights({"851771": 1.0}, "HS 2022"))
    both = Weights(name="both", year=2019, nomenclature={"CHN": "H5", "USA": "HS 2022"},
                   values={("CHN", "USA"): {"851770": 2}, ("USA", "CHN"): {"851771": 5}})
    made = FORWARD.convert(both, importers=("CHN",))
    assert made.lines(importer="USA", exporter="CHN") == (("851771", 5.0),)
    assert dict(made.nomenclature) == {"CHN": "HS 2022", "USA": "HS 2022"}


def test_converted_weights_say_so() -> None:
    """Converted weights keep year and definition, and their source tells of the conversion."""
    made = FORWARD.convert(_weights({"851770": 10.0, "999998": 10.0}))
    assert made.year == 2019
    assert made.source is not None
    assert "HS 2017 to HS 2022, 50.00% placed" in made.source.note


def test_values_not_known_are_not_split() -> None:
    """A missing value is neither 0 nor split: all such rows are named at once."""
    with pytest.raises(InvalidValue, match="2 values are no numbers"):
        FORWARD.convert({"0101": math.nan, "0102": None, "0103": 1.0})
    frame = pd.DataFrame({"product": ["010121"], "value": [math.nan]})
    with pytest.raises(InvalidValue, match="is not 0"):
        FORWARD.convert(frame)
    with pytest.raises(InvalidValue, match="no column 'hs6'"):
        FORWARD.convert(frame, product="hs6")


def test_faults_of_rows_are_named_together() -> None:
    """Rows of a concordance are checked as a whole."""
    rows = [("0101", "0102", 0.5), ("101", "0102", 0.5), ("0101", "0102", 0.5)]
    with pytest.raises(InvalidValue, match="3 faults") as error:
        Concordance.from_rows(rows, from_="A", to="B")
    assert "leading zero" in error.value.message
    with pytest.raises(InvalidValue, match=r"fields \[2, 3\]|\[2, 3\] fields"):
        Concordance.from_rows([("01", "02"), ("03", "04", 1.0)], from_="A", to="B")
    with pytest.raises(UnknownName, match="from_rows"):
        Concordance.hs("HS 2012", "HS 2022")


def test_own_rows_with_shares() -> None:
    """Rows with shares are taken as they are, and mixed lengths are allowed."""
    own = Concordance.from_rows([("7108.12", "7108.12.10", 0.25), ("7108.12", "7108.12.50", 0.75)],
                                from_="HTS 2024", to="HTS 2025", source="made for this test")
    assert own.convert({"710812": 8.0}) == {"71081210": 2.0, "71081250": 6.0}


def test_packaged_rows_are_the_un_table(shared: Path) -> None:
    """But for the codes mended by the WCO tables, backward rows are the UN conversion table."""
    path = shared / "samples" / "unsd_hs2022_to_hs2017_conversion.csv"
    with path.open(encoding="utf-8-sig", newline="") as handle:
        table = {r["hs2022"]: r["hs2017"] for r in csv.DictReader(handle)}
    mine = {s: t for s, t, _ in BACK.rows}
    assert {c for c in table if table[c] != mine[c]} == {"854151", "854159", "911490"}


def test_a_frame_that_says_its_edition_is_held_to_it() -> None:
    """A frame of one edition is not read as another, and says the new one afterwards."""
    frame = _weights({"850760": 1.0}, "HS 2022").to_frame()
    with pytest.raises(NomenclatureMismatch, match="HS 2022"):
        FORWARD.convert(frame)
    back = BACK.convert(frame)
    assert FORWARD.convert(back)["value"].sum() == 1.0
