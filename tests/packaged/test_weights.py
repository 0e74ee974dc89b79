"""The packaged US imports by partner: whole, and equal to the published totals."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from tradescen.errors import MissingData
from tradescen.law import nomenclature as hs
from tradescen.packaged.weights import us_duties_collected, us_imports
from tradescen.vocab.schedule_c import from_schedule_c


def test_the_table_is_whole() -> None:
    """51 partners, six digits, codes of HS 2022 but for national ones, known totals."""
    value, duty = us_imports(), us_duties_collected()
    assert len(value.pairs) == 51
    assert value.pairs == duty.pairs
    assert sum(len(lines) for _, lines in value.values) == 89_334
    assert value.total(importer="USA", exporter="CHN") == 429_425_828_419
    codes = {c for _, lines in value.values for c, _ in lines}
    assert {c for c in codes - set(hs.codes()) if c[:2] < "98"} == {"291800"}
    assert value.nomenclature == (("USA", "HS 2022"),)
    assert value.year == 2024
    assert value.source is not None
    assert "Slovakia" in value.source.note


def test_duty_ratio_of_each_partner_is_the_published_one(shared: Path) -> None:
    """Duties over value through Weights equal the Census totals of all 51 partners."""
    value, duty = us_imports(), us_duties_collected()
    path = shared / "data" / "us_imports_2024_partner_totals.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) == 51
    for row in rows:
        partner = from_schedule_c(row["cty_code"])
        ratio = (duty.total(importer="USA", exporter=partner)
                 / value.total(importer="USA", exporter=partner))
        assert ratio == pytest.approx(float(row["etr_pct"]) / 100, rel=0, abs=1e-12), partner
        published = float(row["duty_usd"]) / float(row["value_usd"])
        assert ratio == pytest.approx(published, rel=0, abs=1e-15)


def test_no_trade_counts_twice() -> None:
    """Slovakia stands beside the European Union; a sum over partners holds it once."""
    value = us_imports()
    slovakia = value.total(exporter="SVK")
    each = sum(value.total(exporter=e) for _, e in value.pairs)
    assert slovakia > 0
    assert value.total() == value.total(importer="USA") == each - slovakia
    assert set(value.pairs) - set(value.apart) == {("USA", "SVK")}


def test_ratios_do_not_depend_on_the_level() -> None:
    """Taken by section or chapter, the same values sum to the same ratio."""
    value, duty = us_imports(), us_duties_collected()
    pair = ("USA", "VNM")
    for by in ("section", "HS2", "HS4"):
        ratio = sum(duty.aggregate(by)[pair].values()) / sum(value.aggregate(by)[pair].values())
        assert ratio == pytest.approx(
            duty.total(exporter="VNM") / value.total(exporter="VNM"), rel=1e-12)


def test_other_years_are_not_there() -> None:
    """A year that is not packaged is an error that names those that are."""
    with pytest.raises(MissingData, match="packaged: 2024"):
        us_imports(2023)


def test_packaged_table_is_what_the_source_gives(shared: Path) -> None:
    """The packaged table is the one the tool builds."""
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-m", "tools.build_weights", str(shared), "--check"],
                          cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
