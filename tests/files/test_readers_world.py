"""Readers of WITS, UN Comtrade and BACI, on real samples and on made data that says so."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import cast

import pytest

from tradescen import read_weights
from tradescen.errors import InvalidValue
from tradescen.files.readers import Tariff, find, read


def test_real_wits_tariffs(shared: Path) -> None:
    """TRAINS rates of 2017: keys in the order written, and an unpriced 0 is unknown."""
    found = read(shared / "samples" / "wits_sdmx_tariff_sample.json.gz")
    rows = {r.product: r for r in cast("tuple[Tariff, ...]", found.rows)}
    assert found.edition == "HS 2017"
    assert (found.report.read, found.report.kept) == (5388, 5388)
    assert rows["010130"][:6] == ("USA", "ALL", "010130", 2017, "MFN", 0.06)
    assert rows["010290"].rate is None, "its only line is charged by the kilogram"
    assert "no national line has an ad valorem rate" in rows["010290"].text
    assert rows["271000"].rate is None, "no line stands behind its 0"
    assert rows["240110"].maximum == 3.5
    assert sum(r.rate is None for r in rows.values()) == 377
    assert any("another order than it declares" in n for n in found.report.notes)
    assert any("decimals seem cut off" in n for n in found.report.notes)


def test_real_wits_groups_of_goods_are_no_codes(shared: Path) -> None:
    """TradeStats speaks of groups of goods: every row is dropped with the reason."""
    found = read(shared / "samples" / "wits_tradestats_sample.json")
    assert found.rows == ()
    assert found.report.reasons == {"a group of goods, no code": 29}


def test_wits_that_does_not_fit_itself_is_refused(tmp_path: Path) -> None:
    """Keys that no order of the dimensions explains are an error, not a guess."""
    body = {
        "header": {"id": "DF_WITS_Tariff_TRAINS"},
        "dataSets": [{"series": {"0:3": {"observations": {"0": [1]}}}}],
        "structure": {
            "dimensions": {
                "series": [{"id": "REPORTER", "values": [{"id": "840"}]},
                           {"id": "PRODUCTCODE", "values": [{"id": "010121"}]}],
                "observation": [{"id": "TIME_PERIOD", "values": [{"id": "2017"}]}]},
            "attributes": {"observation": []}}}
    path = tmp_path / "made.json"
    path.write_text(json.dumps(body), encoding="utf-8")
    with pytest.raises(InvalidValue, match="does not fit its own structure"):
        read(path)
    path.write_text('{"DF_WITS": 1}', encoding="utf-8")
    with pytest.raises(InvalidValue, match=r"no SDMX-JSON of WITS \(KeyError"):
        read(path)


@pytest.mark.parametrize("names", [
    ("Selected Nomen", "Reporter", "Product", "Partner", "Tariff Year", "DutyType",
     "Simple Average", "Minimum Rate", "Maximum Rate", "Nbr of Total Lines", "Nbr of NA Lines"),
    ("NomenCode", "Reporter_ISO_N", "ProductCode", "Partner", "Year", "EstCode",
     "SimpleAverage", "Min_Rate", "Max_Rate", "TotalNoOfLines", "Nbr_NA_Lines"),
])
def test_wits_advanced_query(tmp_path: Path, names: tuple[str, ...]) -> None:
    """Made data: columns are found by either spelling, with numbers or letters of countries."""
    path = tmp_path / "made.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(names)
        writer.writerow(["H6", "918", "010121", "000", "2023", "MFN", "11.5", "11.5", "11.5", 1, 0])
        writer.writerow(["H6", "EUN", "0102", "NAM", "2023", "PRF", "0", "0", "0", 2, 2])
        writer.writerow(["H6", "EUN", "Total", "NAM", "2023", "PRF", "0", "0", "0", 2, 2])
    found = read(path)
    assert found.report.reader == "wits-query"
    assert found.edition == "HS 2022"
    first, second = cast("tuple[Tariff, ...]", found.rows)
    assert first[:6] == ("EU", "ALL", "010121", 2023, "MFN", 0.115)
    assert (second.importer, second.exporter, second.product) == ("EU", "NAM", "0102")
    assert second.rate is None
    assert found.report.reasons == {"a group of goods, no code": 1}


COMTRADE = """\
typeCode,refYear,reporterCode,reporterISO,flowCode,partnerCode,partnerISO,partner2Code,classificationCode,cmdCode,cmdDesc,customsCode,motCode,primaryValue
C,2023,842,USA,M,516,NAM,0,H6,0101,Chevaux vivants,C00,0,10,
C,2023,842,USA,M,0,W00,0,H6,0101,Chevaux vivants,C00,0,99,
C,2023,842,USA,M,516,NAM,0,H6,0101,Chevaux vivants,C00,1000,4,
C,2023,842,USA,M,490,S19,0,H6,8542,Circuits intégrés,C00,0,20,
C,2023,842,USA,M,516,NAM,0,H6,TOTAL,Tous les produits,C00,0,99,
C,2023,842,USA,RX,516,NAM,0,H6,0101,Chevaux vivants,C00,0,99,
C,2023,842,USA,X,516,NAM,0,H6,0101,Chevaux vivants,C00,0,7,
"""


def test_comtrade_web_csv(tmp_path: Path) -> None:
    """Made data: Latin-1, a comma too many, world, Taiwan, parts and re-exports."""
    path = tmp_path / "made.csv"
    path.write_bytes(COMTRADE.encode("latin-1"))
    assert find(path).name == "comtrade"
    found = read(path)
    assert found.edition == "HS 2022"
    assert [r[:5] for r in found.rows] == [
        ("USA", "NAM", "0101", 2023, 10.0), ("USA", "TWN", "8542", 2023, 20.0),
        ("NAM", "USA", "0101", 2023, 7.0)]
    assert [d.line for d in found.report.dropped] == [3, 4, 6, 7]
    imports = read_weights(path, flow="imports")
    assert (imports.total(), imports.valuation) == (30.0, "c.i.f.")
    exports = read_weights(path, flow="exports")
    assert (exports.pairs, exports.valuation) == ((("NAM", "USA"),), "f.o.b.")
    with pytest.raises(InvalidValue, match="several values of flow"):
        read_weights(path)


def test_comtrade_of_two_editions(tmp_path: Path) -> None:
    """Made data: codes of two editions are refused together and kept apart when asked."""
    path = tmp_path / "made.csv"
    path.write_text(COMTRADE + "C,2023,842,USA,M,156,CHN,0,H5,8541,x,C00,0,5,\n", encoding="utf-8")
    with pytest.raises(InvalidValue, match="HS 2017 and HS 2022"):
        read_weights(path, flow="imports")
    made = read_weights(path, flow="imports", nomenclature="H5")
    assert made.pairs == (("USA", "CHN"),)
    assert dict(made.nomenclature) == {"USA": "HS 2017"}


def test_baci(tmp_path: Path) -> None:
    """Made data: thousands become dollars, the file name tells the edition, filters filter."""
    path = tmp_path / "BACI_HS17_Y2022_V202501.csv"
    path.write_text("t,i,j,k,v,q\n2022,156,842,010121,1.5,0.1\n2022,516,842,851770,2,1\n"
                    "2022,699,757,851770,4,NA\n2022,697,842,851770,4,NA\n", encoding="utf-8")
    found = read(path)
    assert found.report.reader == "baci"
    assert found.report.reasons == {"exporter: 697 is EFTA, not elsewhere specified": 1}
    made = read_weights(path, importer="USA")
    assert made.pairs == (("USA", "CHN"), ("USA", "NAM"))
    assert made.total(importer="USA", exporter="CHN") == 1500.0
    assert dict(made.nomenclature) == {"USA": "HS 2017"}
    assert (made.year, made.valuation) == (2022, "f.o.b.")


def test_baci_with_lost_zeros(tmp_path: Path) -> None:
    """Codes of five digits are refused with their lines, or mended on request."""
    path = tmp_path / "BACI_HS17_Y2022_V202501.csv"
    path.write_text("t,i,j,k,v,q\n2022,156,842,851713,1,1\n2022,156,842,10121,1.5,0.1\n",
                    encoding="utf-8")
    with pytest.raises(InvalidValue, match=r"V202501\.csv:3: '10121' has 5 digits"):
        read_weights(path)
    made = read_weights(path, digits=6)
    assert [c for c, _ in made.lines(importer="USA", exporter="CHN")] == ["010121", "851713"]
