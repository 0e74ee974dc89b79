"""US product scopes read from the legal text: counts, members and the traps of the layout."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from tools.codelist import CodeList  # noqa: E402
from tools.hts_notes import (  # noqa: E402
    digits,
    listed_codes,
    numbered_items,
    prose_codes,
    section,
)
from tools.us_lists import report, us_lists  # noqa: E402

needs_shared = pytest.mark.skipif(
    not (SHARED / "data" / "legal").is_dir(),
    reason="the legal texts in ../shared/data are not beside this checkout",
)


@pytest.fixture(scope="module")
def lists() -> dict[str, CodeList]:
    if not (SHARED / "data" / "legal").is_dir():
        pytest.skip("the legal texts in ../shared/data are not beside this checkout")
    return us_lists(SHARED)


COUNTS = {
    "us-301-list1": 856,
    "us-301-list2": 283,
    "us-301-list3": 5906,
    "us-301-list4a": 2958,
    "us-301-list4b": 538,
    "us-301-list1-review": 18,
    "us-301-list2-review": 8,
    "us-301-list3-review": 2,
    "us-301-list4a-review": 304 + 5,
    "us-301-list4b-review": 4,
    "us-301-legacy-chips": 18,
    "us-232-copper": 80,
    "us-232-metals-annex1a": 279,
    "us-232-metals-annex1b": 388,
    "us-232-metals-annex2": 165,
    "us-232-metals-annex3": 47,
    "us-232-autos": 17,
    "us-232-autoparts": 130,
    "us-232-mhdv": 25,
    "us-232-mhdv-parts": 182,
    "us-232-buses": 10,
    "us-232-lumber": 15,
    "us-232-upholstered": 4,
    "us-232-cabinets": 3,
    "us-232-semi": 3,
    "us-232-steel-deriv-2020": 9,
    "us-232-aluminium-deriv-2020": 6,
    "us-232-steel-deriv-2025-06": 11,
    "recip-annex2-2025-11": 1082,
    "recip-electronics-2025-04-11": 109,
    "recip-added-2025-11": 237,
    "recip-added-2025-09": 38,
    "recip-particular": 11,
    "s122-exempt": 1098,
    "s122-particular": 11,
    "us-201-solar": 2,
    "us-201-washers": 4,
    "us-201-washers-parts": 2,
    "us-201-quartz": 3,
}

MEMBERS = {
    "us-301-list1": ("84089090", "85013160"),
    "us-301-list2": ("27101930",),
    "us-301-list3": ("94036080",),
    "us-301-list3-part": ("8517620010", "9401710031"),
    "us-301-list4a": ("01012100",),
    "us-301-list4a-part": ("8517620090", "9401710007", "4901990010"),
    "us-301-list4b-part": ("9401710001", "9403704003"),
    "us-301-list4a-review": ("72104900", "85076000", "6307909870"),
    "us-301-2024-ev": ("87038000",),
    "us-301-2024-syringes": ("90183100",),
    "us-301-2024-masks": ("6307909842",),
    "us-301-maritime": ("84261900", "8716390090"),
    "us-301-excl-164": ("0304831015", "8413919085"),
    "us-301-excl-solar14": ("84861000", "84862000", "8486400030"),
    "us-232-steel-2018": ("7208", "721699", "730210"),
    "us-232-aluminium-2018": ("7601", "7616995160"),
    "us-232-steel-deriv-2025-03": ("73012010", "73181550", "84313100", "94069001"),
    "us-232-aluminium-deriv-2025-03": ("7616109090", "85177100", "76101000"),
    "us-232-aluminium-deriv-2025-04": ("22030000",),
    "us-232-aluminium-deriv-2025-08": ("7308200035", "85043300"),
    "us-232-autoparts": ("8471", "870829"),
    "recip-annex2-2025-04": ("05080000", "81101000", "28459001"),
    "recip-annex2-2025-09": ("8471", "25041010", "44011100"),
    "recip-annex2-2025-11": ("02011005", "31042000", "44072100"),
    "s122-exempt": ("27141000", "8505110070"),
    "s122-aircraft": ("39172100", "90330090"),
}

NOT_MEMBERS = {
    "us-301-list1": ("87038000", "98020040"),
    "us-301-list3": ("29319090", "39019010"),
    "us-301-list3-part": ("8517620090", "9401710007"),
    "us-301-list4a-part": ("4901990040", "6307909870", "8517620010"),
    "us-301-list4b-part": ("9403704001",),
    "us-301-list4b": ("99038816",),
    "us-301-2024-masks": ("6307909870",),
    "us-232-steel-2018": ("7201", "7204", "721661", "7205", "730120"),
    "us-232-aluminium-2018": ("7602", "76169951"),
    "us-232-steel-deriv-2025-03": ("73021010", "71229000"),
    "us-232-aluminium-deriv-2025-08": ("76101000", "22030000"),
    "us-232-metals-annex1b": ("76082000",),
    "us-201-washers-parts": ("85409060",),
    "recip-annex2-2025-04": ("02011005", "25041010"),
    "recip-annex2-2025-10": ("02011005", "44011100"),
    "recip-annex2-2025-11": ("74081130", "08059001"),
    "s122-aircraft": ("98020040",),
}


@pytest.mark.parametrize(("name", "count"), COUNTS.items())
def test_count(lists: dict[str, CodeList], name: str, count: int) -> None:
    """A list has as many codes as its printed table or its transcription."""
    assert len(lists[name].codes) == count


@pytest.mark.parametrize("name", MEMBERS)
def test_members(lists: dict[str, CodeList], name: str) -> None:
    """Known members of a list are in it."""
    assert set(MEMBERS[name]) <= set(lists[name].codes)


@pytest.mark.parametrize("name", NOT_MEMBERS)
def test_non_members(lists: dict[str, CodeList], name: str) -> None:
    """Codes that a careless reading sweeps in are not in the list."""
    assert not set(NOT_MEMBERS[name]) & set(lists[name].codes)


@pytest.mark.parametrize(
    ("name", "lines"),
    [("us-301-list3-part", 11), ("us-301-list4a-part", 5), ("us-301-list4b-part", 8)],
)
def test_part_lists(lists: dict[str, CodeList], name: str, lines: int) -> None:
    """A list of lines in part names the lines of its note, all at ten digits."""
    codes = lists[name].codes
    assert {len(c) for c in codes} == {10}
    assert len({c[:8] for c in codes}) == lines


def test_parts_do_not_overlap(lists: dict[str, CodeList]) -> None:
    """No statistical number falls to two batches of Section 301."""
    parts = [set(lists[f"us-301-{n}-part"].codes) for n in ("list3", "list4a", "list4b")]
    assert len(set().union(*parts)) == sum(map(len, parts))


def test_whole_lists_do_not_overlap(lists: dict[str, CodeList]) -> None:
    """No line stands on two of the Section 301 lists."""
    names = ("list1", "list2", "list3", "list4a", "list4b")
    whole = [{*lists[f"us-301-{n}"].codes, *lists[f"us-301-{n}-review"].codes} for n in names]
    assert len(set().union(*whole)) == sum(map(len, whole))


def test_review_families_make_the_review(lists: dict[str, CodeList]) -> None:
    """The families of the 2024 review add up to the 387 lines of their table."""
    families = [m for n, m in lists.items() if n.startswith("us-301-2024-")]
    eight = {c for m in families for c in m.codes if len(c) == 8}
    assert len(eight - {"84261900"}) == 387


def test_september_list_is_between(lists: dict[str, CodeList]) -> None:
    """The exempt list of October 2025 is that of November without its additions."""
    november = set(lists["recip-annex2-2025-11"].codes)
    added = set(lists["recip-added-2025-11"].codes)
    assert set(lists["recip-annex2-2025-10"].codes) == november - added


def test_every_list_names_a_public_origin(lists: dict[str, CodeList]) -> None:
    """Every list cites a public source and no local path."""
    for made in lists.values():
        assert made.origin
        assert not re.search(r"(^|\s)/\w+/", made.origin + made.note)
        assert ".csv" not in made.origin + made.note


def test_shares_are_shares_of_listed_codes(lists: dict[str, CodeList]) -> None:
    """An estimated share belongs to a code of its list and lies between 0 and 1."""
    for made in lists.values():
        assert set(made.shares) <= set(made.codes)
        assert all(0 < share <= 1 for share in made.shares.values())


@needs_shared
def test_report_gives_counts_and_differences() -> None:
    """The report counts every list and names what differs from the transcriptions."""
    text = report(SHARED)
    assert "us-301-list3: 5906" in text
    assert "us-232-metals-annex1b: same as the transcription (388)" in text
    assert "us-301-list4b: only here 0; only transcribed" in text


def test_padding_is_taken_off() -> None:
    """A statistical suffix 00 goes, any other stays."""
    assert digits("8486.10.0000") == "84861000"
    assert digits("8517.62.0090") == "8517620090"


def test_list_lines_only() -> None:
    """Codes in running text are no list line, codes of four to ten digits in a row are."""
    lines = ["  7601   7616.99.5160  7302.10", "classified in 8517.62.00, except", "(3) 8541.30.00"]
    assert listed_codes(lines) == ("7601", "7616995160", "730210", "85413000")


def test_prose_ignores_years_and_chapter_99() -> None:
    """Years, heading numbers of chapter 99 and soft-hyphen ranges are no product codes."""
    text = "effective 2024 under 9903.82.02\xad9903.82.19, in 8716.39.0090 or 8716.90.30"
    assert prose_codes(text) == ("8716390090", "87169030")


def test_section_ends_at_the_next_subdivision() -> None:
    """A list ends where the next subdivision begins, even one printed without "("."""
    lines = ("(s) Heading A applies to:", " 0101.21.00", "ii) the following:", " 0102.21.00")
    assert listed_codes(section(lines, r"\(s\) Heading A")) == ("01012100",)


def test_section_must_begin_once() -> None:
    """A start that is not there is an error, not an empty list."""
    with pytest.raises(LookupError, match="begins 0 lines"):
        section(("(a) x", "(b) y"), r"\(c\)")


def test_numbered_items_join_their_lines() -> None:
    """An item of an enumeration is read across line breaks."""
    lines = ["intro", "1. Seats, provided for in", "   9401.61.40;", "2. Other"]
    assert numbered_items(lines) == ["1. Seats, provided for in 9401.61.40;", "2. Other"]
