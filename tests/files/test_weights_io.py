"""Weights out of files and into them: nothing lost on the way, nothing assumed."""

from __future__ import annotations

import importlib.util
import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradescen import Concordance, Weights, read_weights
from tradescen.errors import InvalidValue, MissingData
from tradescen.files.readers import read
from tradescen.files.weights_io import write_weights
from tradescen.law import nomenclature as hs

ARROW = importlib.util.find_spec("pyarrow") is not None
LINES = st.dictionaries(
    st.one_of(st.sampled_from(hs.codes()), st.sampled_from(["851710", "0101", "98010010"])),
    st.floats(min_value=0, max_value=1e12), min_size=1, max_size=8,
)
KINDS = [".csv", ".csv.gz", *([".parquet"] if ARROW else [])]


def _tidy(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "made.csv"
    path.write_text(text, encoding="utf-8")
    return path


@given(LINES, LINES, st.sampled_from(KINDS))
def test_written_weights_read_back(a: dict[str, float], b: dict[str, float], kind: str) -> None:
    """Values, codes, year and definitions survive every kind of file bit for bit."""
    made = Weights(name="w", year=2024, flow="exports", valuation="f.o.b.", currency="EUR",
                   values={("NAM", "USA"): a, ("EU", "CHN"): b},
                   nomenclature={"NAM": "HS 2022", "EU": "HS 2022"})
    with tempfile.TemporaryDirectory() as folder:
        back = read_weights(write_weights(made, Path(folder) / f"w{kind}"), level="all")
    for name in ("values", "year", "flow", "valuation", "currency", "nomenclature"):
        assert getattr(back, name) == getattr(made, name)


def test_frames_of_text_are_read_and_numbers_refused() -> None:
    """A frame with codes as text is weights; one with numbers says how to read it."""
    frame = pd.DataFrame({"importer": ["USA", "USA"], "exporter": ["NA", "CHN"],
                          "hs6": ["010121", "8517.10"], "value": [1.0, 2.0]})
    made = read_weights(frame, year=2024)
    assert made.pairs == (("USA", "CHN"), ("USA", "NAM"))
    assert made.lines(importer="USA", exporter="CHN") == (("851710", 2.0),)
    assert made.valuation == "unstated"
    frame["hs6"] = [10121, 851710]
    with pytest.raises(InvalidValue, match="dtype=str, keep_default_na=False"):
        read_weights(frame, year=2024)


def test_missing_country_hints_at_namibia() -> None:
    """A partner read as missing is refused with the likely cause, never taken for another."""
    frame = pd.DataFrame({"importer": ["USA"], "exporter": [None], "hs6": ["010121"],
                          "value": [1.0]})
    with pytest.raises(InvalidValue, match=r"Namibia.*line 1"):
        read_weights(frame, year=2024)


def test_tidy_file_with_lost_zeros_names_all_lines(tmp_path: Path) -> None:
    """Every line with a lost zero is named at once."""
    path = _tidy(tmp_path, "importer,exporter,hs,value,year\nUSA,CHN,0101,1,2024\n"
                           "USA,CHN,101,1,2024\nUSA,CHN,20110,1,2024\n")
    with pytest.raises(InvalidValue, match=r"(?s)2 rows .*made\.csv:3: .*made\.csv:4: "):
        read_weights(path)


def test_what_the_file_does_not_say_is_asked_for(tmp_path: Path) -> None:
    """Importer and year are filled in when given and asked for when not."""
    path = _tidy(tmp_path, "exporter,hs,value\nCHN,0101,1\n")
    with pytest.raises(InvalidValue, match="which year"):
        read_weights(path, importer="USA")
    with pytest.raises(InvalidValue, match="line 2 has no importer"):
        read_weights(path, year=2024)
    made = read_weights(path, year=2024, importer="USA", valuation="customs",
                        nomenclature="HTS 2025 rev. 10", name="mine", source="my file")
    assert (made.name, made.year, made.valuation) == ("mine", 2024, "customs")
    assert dict(made.nomenclature) == {"USA": "HS 2022"}, "four digits are the HS's own"
    assert made.source is not None
    assert made.source.citation == "my file"


def test_filters_choose_and_are_told(tmp_path: Path) -> None:
    """Importer, origin and year choose rows; if none is left the report is shown."""
    path = _tidy(tmp_path, "importer,exporter,hs,value,year\nUSA,CHN,0101,1,2023\n"
                           "USA,MEX,0101,2,2024\nCAN,MEX,0101,4,2024\n")
    with pytest.raises(InvalidValue, match="several values of year"):
        read_weights(path)
    assert read_weights(path, year=2024).total() == 6
    assert read_weights(path, year=2024, importer="US").total() == 2
    with pytest.raises(MissingData, match="3 rows of other importers"):
        read_weights(path, importer="JPN")


def test_totals_beside_parts_are_refused(tmp_path: Path) -> None:
    """A heading beside its subheading would count twice; a level settles it."""
    path = _tidy(tmp_path, "importer,exporter,hs,value,year\nUSA,CHN,8517,9,2024\n"
                           "USA,CHN,851713,4,2024\n")
    with pytest.raises(InvalidValue, match=r"8517 \(line 2\) and 851713 \(line 3\)"):
        read_weights(path)
    assert read_weights(path, level="HS6").total() == 4
    assert read_weights(path, level="all").total() == 13


def test_mixed_definitions_are_refused(tmp_path: Path) -> None:
    """A file of two currencies is no set of weights."""
    path = _tidy(tmp_path, "importer,exporter,hs,value,year,currency\nUSA,CHN,8517,9,2024,USD\n"
                           "USA,CHN,8518,4,2024,EUR\n")
    with pytest.raises(InvalidValue, match="several values of currency: EUR, USD"):
        read_weights(path)


def test_values_not_stated_are_dropped_not_zero(tmp_path: Path) -> None:
    """Empty, withheld and negative values are left out with a reason."""
    path = _tidy(tmp_path, "importer,exporter,hs,value,year\nUSA,CHN,8517,,2024\n"
                           "USA,CHN,8518,(D),2024\nUSA,CHN,8519,-5,2024\nUSA,CHN,8520,0,2024\n")
    made = read_weights(path)
    assert made.lines(importer="USA", exporter="CHN") == (("8520", 0.0),)


def test_columns_can_be_named(shared: Path) -> None:
    """A wide table is read by naming its column, and converted without loss."""
    made = read_weights(
        shared / "data" / "us_exports_to_china_hs6_2013_2020.csv", importer="CHN", exporter="USA",
        year=2017, flow="exports", valuation="f.a.s.", nomenclature="H5",
        columns={"value": "value_usd_2017"},
    )
    assert made.total() == 129_035_167_425
    over = Concordance.hs("HS 2017", "HS 2022")
    assert over.convert(made).total() == pytest.approx(made.total(), rel=1e-12)
    assert over.report(made).placed_share == pytest.approx(0.8555, abs=1e-4)
    with pytest.raises(InvalidValue, match="has no column 'usd'"):
        read_weights(made.to_frame(), year=2017, columns={"value": "usd"})


def test_parquet_without_arrow_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where pyarrow is absent, reading and writing parquet name the extra."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    path = tmp_path / "w.parquet"
    path.write_bytes(b"PAR1")
    with pytest.raises(MissingData, match=r"pip install 'tradescen\[arrow\]'"):
        read_weights(path)
    made = Weights(name="w", year=2024, values={("USA", "CHN"): {"0101": 1}})
    with pytest.raises(MissingData, match=r"pip install 'tradescen\[arrow\]'"):
        write_weights(made, path)
    with pytest.raises(InvalidValue, match=r"\.csv"):
        write_weights(made, tmp_path / "w.xlsx")


def test_missing_file_and_options_of_plain_tables(tmp_path: Path) -> None:
    """A file that is not there, and options that do not apply, are said so."""
    with pytest.raises(MissingData, match="there is no file"):
        read_weights(tmp_path / "none.csv")
    path = tmp_path / "BACI_HS17_Y2022.csv"
    path.write_text("t,i,j,k,v,q\n2022,156,842,851713,1,1\n", encoding="utf-8")
    with pytest.raises(InvalidValue, match="reader='tidy'"):
        read_weights(path, countries="un")


def test_editions_by_importer_survive(tmp_path: Path) -> None:
    """Two importers with editions of their own are read back so; one without stays without."""
    made = Weights(name="w", year=2024, nomenclature={"USA": "HTS 2025 rev. 10", "CHN": "HS 2022"},
                   values={("USA", "CHN"): {"01012100": 1.0}, ("CHN", "USA"): {"010121": 2.0},
                           ("NAM", "USA"): {"0101": 3.0}})
    back = read_weights(write_weights(made, tmp_path / "w.csv"))
    assert (back.values, back.nomenclature) == (made.values, made.nomenclature)


def test_decimal_commas_are_refused(tmp_path: Path) -> None:
    """A file of decimal commas is refused: its 1.716 may be 1,716."""
    path = _tidy(tmp_path, "importer;exporter;product;year;value\n"
                           "USA;CHN;0101;2024;1.716\nUSA;CHN;0102;2024;1716,41\n")
    with pytest.raises(InvalidValue, match=r"made\.csv:3: '1716,41' has a decimal comma"):
        read_weights(path)


def test_rows_left_out_and_repeated_are_told(tmp_path: Path) -> None:
    """Weights name in their source what was left out, the report what was summed."""
    path = _tidy(tmp_path, "importer,exporter,product,year,value\n"
                           "USA,CHN,0101,2024,5\nUSA,CHN,0101,2024,5\nUSA,CHN,0102,2024,-\n")
    made = read_weights(path)
    assert made.total() == 10.0
    assert made.source is not None
    assert "1 of 3 rows left out" in made.source.note
    notes = read(path).report.notes
    assert any("1 row with a direction, code and year met before" in n for n in notes)


def test_countries_that_are_none_are_refused_with_their_lines(tmp_path: Path) -> None:
    """A plain table with countries that are none is refused, each with all its lines, even if
    other rows are left: a name left out in silence is trade lost."""
    path = _tidy(tmp_path, "importer,exporter,product,year,value\n"
                           "USA,China,0101,2024,5\nUSA,MEX,0101,2024,5\nUSA,China,0102,2024,7\n"
                           "USA,Atlantis,0102,2024,7\nUSA,World,0102,2024,19\n")
    with pytest.raises(InvalidValue) as caught:
        read_weights(path)
    said = str(caught.value)
    assert "3 rows cannot be read" in said
    assert "'China'; did you mean 'CHN'" in said
    assert "(lines 2, 4)" in said
    assert "'Atlantis'" in said
    assert "(line 5)" in said
    assert [line for line, _ in caught.value.values["faults"]] == [2, 4, 5]
    with pytest.raises(InvalidValue, match=r"lines 1, 3"):
        read_weights(pd.read_csv(path, dtype=str))


def test_a_slip_among_rows_not_asked_for_does_no_harm(tmp_path: Path) -> None:
    """A row whose year or other side is not asked for is left out before its country is read,
    and a total over all partners is no slip."""
    path = _tidy(tmp_path, "importer,exporter,product,year,value\n"
                           "USA,China,0101,2023,5\nUSA,MEX,0101,2024,5\nUSA,World,0101,2024,9\n"
                           "CAN,China,0101,2024,5\n")
    assert read_weights(path, year=2024, importer="USA").total() == 5.0
    with pytest.raises(InvalidValue, match="line 5"):
        read_weights(path, year=2024)


@given(st.lists(st.sampled_from(["CHN", "MEX", "China", "Middle Kingdom", "", "World"]),
                min_size=1, max_size=12))
def test_no_trade_of_a_plain_table_is_lost(partners: list[str]) -> None:
    """Either every row but totals is in the weights, or every row that is not is named."""
    frame = pd.DataFrame({"importer": "USA", "exporter": partners, "hs6": "010121",
                          "value": "2", "year": "2024"})
    wrong = [n for n, p in enumerate(partners, 1) if p not in ("CHN", "MEX", "World")]
    held = sum(p in ("CHN", "MEX") for p in partners)
    if wrong:
        with pytest.raises(InvalidValue) as caught:
            read_weights(frame)
        assert [line for line, _ in caught.value.values["faults"]] == wrong
    elif held:
        assert read_weights(frame).total() == 2.0 * held
    else:
        with pytest.raises(MissingData, match="world"):
            read_weights(frame)


def test_areas_of_a_publisher_are_told_with_their_value(tmp_path: Path) -> None:
    """Areas that are no country are left out of an official file, and what they are worth is
    told by the report and by the source of the weights; a total is no loss."""
    path = tmp_path / "BACI_HS17_Y2022.csv"
    path.write_text("t,i,j,k,v,q\n2022,156,842,851713,1,1\n2022,899,842,851713,2.5,1\n"
                    "2022,837,842,851713,0.5,1\n2022,0,842,851713,4,1\n", encoding="utf-8")
    told = read(path).report
    assert told.lost == 3000.0
    assert "areas not elsewhere specified (first on line 3; 2,500 in value)" in str(told)
    assert told.to_frame()["value"].tolist()[:2] == [2500.0, 500.0]
    assert told.to_frame()["value"].isna().tolist() == [False, False, True]
    made = read_weights(path)
    assert made.total() == 1000.0
    assert made.source is not None
    assert "3 of 4 rows left out" in made.source.note
    assert "3,000 in value is of partners that are no country" in made.source.note
