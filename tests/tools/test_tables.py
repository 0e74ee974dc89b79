"""Tables of rates, weights and shares, as the pack tools read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.tables import (
    hs2022_lines,
    metal_shares,
    report,
    us_exports_to_china,
    us_mfn,
    us_weights_from_china_2024,
)

SHARED = Path(__file__).resolve().parents[3] / "shared"
pytestmark = pytest.mark.skipif(
    not (SHARED / "data" / "lists").is_dir(),
    reason="the input tables lie in ../shared beside the repository, which is absent here",
)


def test_us_duties_are_fractions_or_text() -> None:
    """Each HTS-8 line bears either a fraction or its printed text, never both."""
    mfn = us_mfn(SHARED)
    assert len(mfn.text) == 11414
    assert set(mfn.ad_valorem) | set(mfn.other) == set(mfn.text)
    assert not set(mfn.ad_valorem) & set(mfn.other)
    assert sum(mfn.forms.values()) == len(mfn.text)
    assert mfn.text["01013000"] == "6.8%"
    assert mfn.ad_valorem["01013000"] == 0.068
    assert mfn.ad_valorem["01012100"] == 0.0
    assert mfn.other["01022940"] == "1¢/kg"
    assert not [text for text in mfn.text.values() if "<" in text]


def test_weights_from_china_keep_the_total() -> None:
    """US imports from China sum to the Census total, whatever lines are kept apart."""
    plain = us_weights_from_china_2024(SHARED)
    parted = us_weights_from_china_2024(SHARED, {"8517620090", "94016160"})
    assert plain.total == 429_425_828_419
    assert sum(plain.values.values()) == plain.total
    assert sum(parted.values.values()) == parted.total


def test_lines_lists_part_are_kept_by_ten_digits() -> None:
    """A line named by itself or by one of its HTS-10 codes is kept whole by HTS-10."""
    weights = us_weights_from_china_2024(SHARED, {"8517620090", "94016160"})
    for parent in ("85176200", "94016160"):
        assert parent not in weights.values
        assert len([c for c in weights.values if c.startswith(parent)]) > 1
    assert "85171300" in weights.values


def test_lines_outside_the_schedule_are_told() -> None:
    """Only lines of chapters 98 and 99 are absent from the schedule and they have a reason."""
    weights = us_weights_from_china_2024(SHARED)
    assert {c[:2] for c in weights.unplaced} == {"98", "99"}
    assert all(weights.unplaced.values())
    assert weights.unplaced_value() == weights.counts["absent_value_usd"]


@pytest.mark.parametrize(("year", "total"), [(2017, 129_035_167_425), (2020, 124_127_169_805)])
def test_exports_to_china_keep_the_total(year: int, total: int) -> None:
    """US exports to China sum to the Census total and stand under HS 2022 codes."""
    exports = us_exports_to_china(SHARED, year)
    assert exports.total == total
    assert sum(exports.values.values()) == total
    assert set(exports.values) - set(exports.unplaced) <= set(hs2022_lines(SHARED))
    assert exports.values["120190"] > 10e9


def test_split_subheadings_share_equally() -> None:
    """The value of a subheading split in 2022 goes in equal parts to its successors."""
    exports = us_exports_to_china(SHARED, 2017)
    # 8541.40 was split in four; the four took nothing from elsewhere.
    parts = [exports.values[c] for c in ("854141", "854142", "854143", "854149")]
    assert max(parts) - min(parts) <= 1


def test_metal_shares_are_shares() -> None:
    """Steel, aluminium and copper shares lie between nought and one, rounded to 4 places."""
    metal = metal_shares(SHARED)
    assert len(metal.shares) == 11414
    for shares in metal.shares.values():
        assert all(0 <= s <= 1 and round(s, 4) == s for s in shares)
        assert sum(shares) <= 1.0002
    assert metal.shares["85444920"][2] == pytest.approx(0.4914)
    assert metal.shares["72071100"] == (1.0, 0.0, 0.0)
    assert "an assumption" in metal.note


def test_nomenclature_is_whole() -> None:
    """HS 2022 has 5,613 six-digit codes, the one for unspecified goods among them."""
    lines = hs2022_lines(SHARED)
    assert len(lines) == len(set(lines)) == 5613
    assert "999999" in lines


def test_report_says_what_is_conserved() -> None:
    """The report tells of each table of weights that its total is conserved."""
    assert report(SHARED).count("conserved True") == 3
