"""Readers of US files, on real samples and on made data that says so."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import cast

import pytest

from tradescen import AdValorem, Specific, TariffSchedule, Unknown, duty, read_weights
from tradescen.errors import InvalidValue
from tradescen.files.readers import Line, Trade, find, read, read_hts
from tradescen.files.readers.hts import edition_of
from tradescen.files.schedules import forms, hts_schedule, mfn_texts

HEADER = ("HTS Number,Indent,Description,Unit of Quantity,General Rate of Duty,"
          "Special Rate of Duty,Column 2 Rate of Duty,Quota Quantity,Additional Duties\n")
# Made for this test in the form of the USITC's export.
MADE = HEADER + """\
"0101","0","Live horses:","","","","","",""
"","1","Horses:","","","","","",""
"0101.21.00","2","Purebred","","Free","Free (A)","20%","",""
"0101.21.00.10","3","Males","[""No.""]","","","","",""
"8517.10","0","Not to be 8517.1","","","","","",""
"8517.10.00.00","1","Telephones","[""No."",""kg""]","2.5%<u></u>","","35%","",""
"9903.88.03","0","Of China","","The duty provided in the applicable subheading + 25%","","","","x"
"""


def _lines(path: Path) -> dict[str, Line]:
    return {r.code: r for r in cast("tuple[Line, ...]", read_hts(path).rows) if r.code}


def test_hts_rows_inherit_and_keep_their_path(tmp_path: Path) -> None:
    """Ten digits bear the rates of their eight, mark-up goes, chapter 99 keeps its text."""
    path = tmp_path / "hts_2025_revision_3.csv"
    path.write_text("\ufeff" + MADE, encoding="utf-8")
    assert find(path).name == "usitc-hts-csv"
    assert read_hts(path).edition == "HTS 2025 rev. 3"
    got = _lines(path)
    assert set(got) >= {"0101", "851710"}, "codes are text"
    male = got["0101210010"]
    assert (male.general, male.special, male.column2) == ("Free", "Free (A)", "20%")
    assert male.inherited == "01012100"
    assert male.path == ("Live horses:", "Horses:", "Purebred")
    assert got["8517100000"].general == "2.5%"
    assert got["8517100000"].units == ("No.", "kg")
    assert got["99038803"].general.endswith("subheading + 25%")
    assert got["99038803"].additional == "x"


@pytest.mark.parametrize(("name", "edition"), [
    ("finalCopy_2024HTSRev5.csv", "HTS 2024 rev. 5"), ("hts_2018_basic_csv.csv", "HTS 2018 basic"),
    ("htsdata.json", None), ("hts_2022_revision_10_csv.csv", "HTS 2022 rev. 10"),
    ("hts 2021.csv", "HTS 2021"),
])
def test_editions_out_of_file_names(name: str, edition: str | None) -> None:
    """The edition is taken from the file name where it tells one."""
    assert edition_of(name) == edition


def test_hts_with_lost_zeros_is_refused_with_its_lines(tmp_path: Path) -> None:
    """All lines of lost zeros are named; with digits= one length is put right."""
    path = tmp_path / "hts_2025_basic.csv"
    path.write_text(MADE.replace('"0101"', '"101"').replace('"0101.21.00"', '"101.21.00"'),
                    encoding="utf-8")
    with pytest.raises(InvalidValue, match=r"(?s)basic\.csv:2: .*basic\.csv:4: ") as error:
        read_hts(path)
    assert len(error.value.faults) == 2  # type: ignore[attr-defined]


def test_json_knows_both_spellings_of_additional_duties(tmp_path: Path) -> None:
    """The additional duty is found under the right key and under the misspelt one."""
    rows = [
        {"htsno": "9904.01.01", "indent": "0", "description": "a", "general": "5%",
         "additionalDuties": None, "addiitionalDuties": "2.6¢/kg"},
        {"htsno": "9904.01.02", "indent": "0", "description": "b", "general": "5%",
         "additionalDuties": "3¢/kg", "addiitionalDuties": None},
    ]
    path = tmp_path / "made.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    got = _lines(path)
    assert got["99040101"].additional == "2.6¢/kg"
    assert got["99040102"].additional == "3¢/kg"
    assert "tells no edition" in str(read(path).report)


@pytest.mark.parametrize(("name", "edition", "rows"), [
    ("usitc_hts_2025_basic_subset.csv", "HTS 2025 basic", 9499),
    ("usitc_hts_2025_revision_10_ch99.csv", "HTS 2025 rev. 10", 3837),
    ("usitc_hts_2022_revision_3_ch85.csv", "HTS 2022 rev. 3", 1526),
    ("usitc_hts_json_sample.json", None, 6),
    ("usitc_tariff_database_2017_head600.csv", "HTS 2017", 600),
])
def test_real_schedules(shared: Path, name: str, edition: str | None, rows: int) -> None:
    """Real exports are read whole; outside chapters 98 and 99 every line has a rate."""
    found = read(shared / "samples" / name)
    assert found.kind == "schedule"
    assert found.edition == edition
    assert (found.report.read, found.report.kept, found.report.dropped) == (rows, rows, ())
    lines = [r for r in cast("tuple[Line, ...]", found.rows) if len(r.code) >= 8]
    assert not [r for r in lines if not r.general and r.code < "98"]


def test_schedule_is_the_published_table(shared: Path) -> None:
    """MFN texts of the export are those of the table of the same lines, and none becomes 0."""
    found = read(shared / "samples" / "usitc_hts_2025_basic_subset.csv")
    texts = mfn_texts(cast("tuple[Line, ...]", found.rows))
    with gzip.open(shared / "data" / "us_hts_2025_rev10_mfn_hs8.csv.gz", "rt") as handle:
        table = {r["hs8"]: r["general"] for r in csv.DictReader(handle)}
    chapters = {c[:2] for c in texts}
    same = {c: t.replace("<u></u>", "").strip() for c, t in table.items() if c[:2] in chapters}
    assert texts == same


def test_schedule_as_law(shared: Path) -> None:
    """An export becomes one MFN measure whose lines are duties, and strangers are unknown."""
    law = hts_schedule(shared / "samples" / "usitc_hts_2025_basic_subset.csv")
    assert isinstance(law, TariffSchedule)
    (mfn,) = law.measures
    duty = mfn.duty
    assert duty["0101.30.00"] == AdValorem("6.8%")  # type: ignore[index]
    assert isinstance(duty["0102.29.40"], Specific)  # type: ignore[index]
    assert isinstance(duty["6101.20.00"], Unknown)  # type: ignore[index]
    assert sum(forms(mfn).values()) == 1882
    assert mfn.source is not None
    assert "HTS 2025 basic" in mfn.source.citation


def test_two_rates_of_one_line_are_refused(tmp_path: Path) -> None:
    """Two ten-digit numbers of one line with different rates are named, not chosen among."""
    path = tmp_path / "hts_2025.csv"
    path.write_text(HEADER + '"0101.21.00.10","0","a","","5%","","","",""\n'
                             '"0101.21.00.20","0","b","","6%","","","",""\n', encoding="utf-8")
    with pytest.raises(InvalidValue, match="two general rates"):
        hts_schedule(path)


def test_trade_is_no_schedule(tmp_path: Path) -> None:
    """A file of trade is refused as a schedule, and a schedule as trade."""
    path = tmp_path / "t.csv"
    path.write_text("importer,exporter,product,value\nUSA,CHN,0101,1\n", encoding="utf-8")
    with pytest.raises(InvalidValue, match="no schedule"):
        hts_schedule(path)
    path = tmp_path / "hts_2025.csv"
    path.write_text(MADE, encoding="utf-8")
    with pytest.raises(InvalidValue, match="no trade"):
        read_weights(path)


def test_real_usa_trade_online(shared: Path) -> None:
    """Codes glued to texts, thousands commas and the nameless column are read to the last row."""
    path = shared / "samples" / "usatrade_online_imports_2024_head4000.csv"
    found = read(path)
    assert (found.report.reader, found.report.read, found.report.kept) == (
        "usa-trade-online", 3999, 3999)
    first = cast("tuple[Trade, ...]", found.rows)[0]
    assert first[:5] == ("USA", "ZAF", "0101210020", 2024, 1716414.0)
    weights = read_weights(path)
    assert ("USA", "NAM") in weights.pairs
    assert ("USA", "COD") in weights.pairs
    assert weights.total() == sum(r.value or 0 for r in cast("tuple[Trade, ...]", found.rows))
    assert weights.nomenclature == (("USA", "HS 2022"),)  # the edition HTS 2024 is built on


def test_usa_trade_online_drops_totals_and_districts(tmp_path: Path) -> None:
    """Made data: a preamble, world totals, single districts and withheld values are told."""
    path = tmp_path / "made.csv"
    path.write_text(
        "U.S. Census Bureau\nMade for a test\n\n"
        "Commodity,Country,District,Time,Customs Value (Gen) ($US),\n"
        '"0101 Live Horses",Namibia,All Districts,2024,"1,000",\n'
        '"0101 Live Horses",World Total,All Districts,2024,"9,000",\n'
        '"0101 Live Horses",Namibia,"Boston, MA",2024,"10",\n'
        '"0102 Live Cattle",Namibia,All Districts,2024,(D),\n', encoding="utf-8")
    found = read(path)
    assert [r[:5] for r in found.rows] == [("USA", "NAM", "0101", 2024, 1000.0)]
    assert [(d.line, d.why) for d in found.report.dropped] == [
        (6, "exporter: all partners together (world)"), (7, "one district only"),
        (8, "value '(D)' is no number")]


def test_real_census_parquet(shared: Path) -> None:
    """A parquet answer of the Census API is read whole, duties included."""
    pytest.importorskip("pyarrow", reason="parquet needs the extra 'arrow'")
    path = shared / "samples" / "census_hs10_imports_4419_2024.parquet"
    value, duty = read_weights(path), read_weights(path, measure="duty")
    assert value.pairs == (("USA", "CHE"),)
    assert len(value.lines(importer="USA", exporter="CHE")) == 6059
    assert duty.total() / value.total() == pytest.approx(363238855 / 60919464587, rel=1e-12)


def test_census_api_json_keeps_the_last_month(tmp_path: Path) -> None:
    """Made data: year-to-date values of earlier months, groups and totals are dropped."""
    rows = [["CTY_CODE", "CTY_NAME", "I_COMMODITY", "COMM_LVL", "CON_VAL_YR", "CAL_DUT_YR", "YEAR",
             "MONTH"],
            ["7920", "NAMIBIA", "0101", "HS4", "5", "1", "2025", "07"],
            ["7920", "NAMIBIA", "0101", "HS4", "7", "2", "2025", "08"],
            ["-", "TOTAL FOR ALL COUNTRIES", "0101", "HS4", "70", "2", "2025", "08"],
            ["1XXX", "NORTH AMERICA", "0101", "HS4", "70", "2", "2025", "08"],
            ["7920", "NAMIBIA", "-", "HS0", "70", "2", "2025", "08"]]
    path = tmp_path / "made.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    found = read(path)
    assert found.report.reader == "census-api"
    assert [r[:6] for r in found.rows] == [("USA", "NAM", "0101", 2025, 7.0, 2.0)]
    assert len(found.report.dropped) == 4
    assert "2025 is the first 8 months only" in found.report.notes
    assert found.edition == "HS 2022"
    assert read(path, edition="HTS 2025 rev. 10").edition == "HTS 2025 rev. 10"
    path.write_text(json.dumps([["2021" if c == "2025" else c for c in r] for r in rows]),
                    encoding="utf-8")
    assert read(path).edition == "HS 2017"


def test_census_exports_are_the_partners_imports(tmp_path: Path) -> None:
    """Made data: US exports have the partner as importer, and the flow is exports."""
    path = tmp_path / "made.csv"
    path.write_text("CTY_CODE,E_COMMODITY,ALL_VAL_YR,YEAR,MONTH\n5700,120190,8,2024,12\n",
                    encoding="utf-8")
    made = read_weights(path)
    assert made.pairs == (("CHN", "USA"),)
    assert (made.flow, made.valuation) == ("exports", "f.a.s.")
    assert made.nomenclature == (("CHN", "HS 2022"),)
    path.write_text("CTY_CODE,E_COMMODITY,ALL_VAL_YR,YEAR,MONTH\n5700,1201900095,8,2024,12\n",
                    encoding="utf-8")
    assert read_weights(path).nomenclature == ()  # no national codes of the partner


def test_dataweb_like(tmp_path: Path) -> None:
    """Made data: value and duty rows of one line meet, and years stand in columns."""
    path = tmp_path / "made.csv"
    path.write_text(
        "DataWeb (made for a test)\n\nData Type,HTS Number,Country,2023,2024\n"
        'Customs Value,0101210010,Namibia,"1,000","2,000"\n'
        "Calculated Duties,0101210010,Namibia,10,30\n"
        'CIF Import Value,0101210010,Namibia,"1,100","2,100"\n'
        "Customs Value,0101290010,Namibia,5,\n"
        "Customs Value,Total,Namibia,5,6\n", encoding="utf-8")
    found = read(path)
    assert found.report.reader == "dataweb"
    assert found.edition == "HS 2022"  # of 2023 and 2024 alike
    assert read_weights(path, year=2024).total() == 2000
    assert read_weights(path, year=2024, measure="duty").total() == 30
    assert {d.why for d in found.report.dropped} == {
        "'CIF Import Value' is neither customs value nor calculated duties",
        "no value stated for 2024", "the total of all goods"}
    with pytest.raises(InvalidValue, match="several values of year: 2023, 2024"):
        read_weights(path)


def test_a_raised_mark_does_not_join_a_rate(tmp_path: Path) -> None:
    """The mark of a note after a digit keeps the rate unread: 5 with note 1 is not 51 %."""
    path = tmp_path / "hts_2025.csv"
    path.write_text("HTS Number,Indent,Description,General Rate of Duty\n"
                    "0101.21.00,0,Horses,5<sup>1</sup>%\n", encoding="utf-8")
    row = read(path).rows[0]
    assert isinstance(duty(cast(Line, row).general), Unknown)


def test_records_that_are_no_rows_are_refused(tmp_path: Path) -> None:
    """JSON that is no export of the schedule is refused with the record."""
    path = tmp_path / "hts.json"
    path.write_text("[1, 2]", encoding="utf-8")
    with pytest.raises(InvalidValue, match="record 1"):
        read(path, reader="usitc-hts-json")


def test_a_line_without_a_row_in_december_keeps_its_year(tmp_path: Path) -> None:
    """Year-to-date values are taken from the last month each line and partner has."""
    path = tmp_path / "made.json"
    path.write_text(json.dumps([
        ["I_COMMODITY", "CTY_CODE", "CON_VAL_YR", "CON_VAL_MO", "YEAR", "MONTH"],
        ["0101210010", "5700", "3", "3", "2024", "10"],
        ["0101210010", "5700", "7", "4", "2024", "11"],
        ["0101210010", "7920", "5", "5", "2024", "12"],
    ]), encoding="utf-8")
    rows = cast("tuple[Trade, ...]", read(path).rows)
    assert {r.exporter: r.value for r in rows} == {"CHN": 7.0, "NAM": 5.0}
