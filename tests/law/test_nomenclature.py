"""The packaged Harmonized System: what it holds and how editions are named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tradescen.errors import InvalidValue, UnknownName
from tradescen.law import nomenclature as hs


def test_whole_of_hs_2022_is_packaged() -> None:
    """HS 2022 has 97 chapters (99 for goods not specified), 1,229 headings, 5,613 subheadings."""
    assert len(hs.chapters()) == 97
    assert len(hs.codes(digits=4)) == 1229
    assert len(hs.codes()) == 5613
    assert len(hs.codes("HS 2017")) == 5387
    assert all(hs.describe(code) for code in hs.codes())


def test_sections_hold_every_chapter_once() -> None:
    """The 21 sections share out the chapters 01 to 97 without 77."""
    held = [c for one in hs.sections() for c in one.chapters]
    assert len(hs.sections()) == 21
    assert sorted(held) == [f"{n:02}" for n in range(1, 98) if n != 77]


def test_codes_are_described_and_placed() -> None:
    """A national code is described by its subheading and belongs to its chapter's section."""
    assert hs.describe("0101").startswith("Horses, asses")
    assert "smartphones" in hs.describe("8517.13.00.10")
    assert hs.section("8517.13").number == "XVI"
    assert "8517" in hs.headings("85")


def test_unknown_codes_say_where_to_look() -> None:
    """A code of HS 2017 points to the concordance, a wrong one to its neighbours."""
    with pytest.raises(UnknownName, match="HS 2017, not of HS 2022"):
        hs.describe("8541.40")
    with pytest.raises(UnknownName, match=r"8517\.79"):
        hs.describe("8517.99")
    with pytest.raises(UnknownName, match="chapter 98"):
        hs.section("9801")


def test_search_finds_all_words() -> None:
    """Search takes beginnings of words, in any case, and keeps to a level if asked."""
    assert list(hs.search("lithium ACCUM")) == ["850760", "850780"]
    assert set(map(len, hs.search("horses"))) == {4, 6}
    assert list(hs.search("horses", level="HS4")) == ["0101", "0205", "0206"]
    assert hs.search("") == {}


@pytest.mark.parametrize(("said", "meant"), [
    ("H6", "HS 2022"), ("HS22", "HS 2022"), ("hs 2017", "HS 2017"), ("H0", "HS 1992"),
    ("HS92", "HS 1992"), ("HTS 2025 rev. 10", "HTS 2025 rev. 10"),
])
def test_editions_have_one_spelling(said: str, meant: str) -> None:
    """UN letters, short and long years name one edition; national names are kept."""
    assert hs.edition(said) == meant


def test_editions_that_fit() -> None:
    """Six digits of the HS fit the national schedules built on them, and nothing else does."""
    assert hs.base_edition("HTS 2025 rev. 10") == "HS 2022"
    assert hs.base_edition("HTS 2019") == "HS 2017"
    assert hs.fits("HS 2022", "HTS 2025 rev. 10")
    assert not hs.fits("HS 2017", "HTS 2025 rev. 10")
    assert not hs.fits("HTS 2024", "HTS 2025 rev. 10")
    with pytest.raises(UnknownName, match="HS 2022"):
        hs.edition("HS 2021")


def test_levels_are_checked() -> None:
    """A level that is none is refused with the levels there are."""
    assert hs.digits_of("hs6") == 6
    with pytest.raises(InvalidValue, match="'HS10'"):
        hs.digits_of("HS5")
    with pytest.raises(InvalidValue, match="more are national"):
        hs.codes(digits=8)


def test_packaged_tables_are_what_the_sources_give(shared: Path) -> None:
    """The packaged tables are those the tool builds from the United Nations' files."""
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "tools.build_nomenclature", str(shared), "--check"],
        cwd=root, capture_output=True, text=True, check=False,
    )
    assert done.returncode == 0, done.stderr
