"""Exemptions from the reciprocal and Section 122 duties, and the Section 201 safeguards."""

from __future__ import annotations

from pathlib import Path

from tools.codelist import CodeList
from tools.hts_notes import (
    EDITION,
    listed_codes,
    numbered_items,
    prose_codes,
    section,
    text_of,
)
from tools.us_lists_232 import WAUGH, covered, read_codes

Lines = tuple[str, ...]

# EO 14346 added 39 HTSUS codes, of chapters 25, 26, 28, 29, 47, 71, 72, 75 and 85 (published
# readings of the order). In 28 and 29 the new lines are lost among those the transcription of
# April dropped, so only the other chapters tell September from April.
_SEPTEMBER_CHAPTERS = {25, 26, 47, 71, 72, 75, 85}
_RECONSTRUCTED = (
    "Reconstructed, confidence medium. The printed list is that of 13 November 2025. What it has "
    "beyond the transcription of April and the electronics counts as added on 13 November in "
    "chapters 2-24 and 31 (237 lines, the number of EO 14360), as added on 8 September in "
    "chapters 25, 26, 47, 71, 72, 75 and 85 (38 lines; EO 14346 added 39), and elsewhere as exempt "
    "since April: Annex II had 1,039 subheadings, the transcription has 720 and lacks whole "
    "blocks of the table."
)


def final_annex(lines: Lines) -> tuple[str, ...]:
    """Note 2(v)(iii)(a): the products exempt from the reciprocal duties at their end."""
    start = r"\(a\) As provided for in heading 9903\.01\.32"
    return listed_codes(section(lines, start, r"\(b\) As provided in heading 9903\.02\.78"))


def _added_in_november(code: str) -> bool:
    """Farm goods and fertilisers came with the order of 14 November 2025."""
    chapter = int(code[:2])
    return 2 <= chapter <= 24 or chapter == 31


def reciprocal_lists(lines: Lines, lists: Path) -> list[CodeList]:
    """The exempt lists of April, September, October and November 2025 and their steps."""
    final = final_annex(lines)
    transcribed = read_codes(lists / "waugh_annex-II-exemptions.csv")
    electronics = read_codes(lists / "waugh_consumer_electronics_EO14257_apr11.csv")
    before = {*transcribed, *electronics}
    new = [c for c in final if not covered(c, before) and not _only_finer(c, before)]
    november = {c for c in new if _added_in_november(c)}
    september = {c for c in new if int(c[:2]) in _SEPTEMBER_CHAPTERS}
    dropped = set(new) - november - september
    gone = [c for c in transcribed if not covered(c, set(final))]
    wood = {c for c in gone if c[:2] == "44"}
    printed = f"{EDITION}, U.S. note 2(v)(iii)(a), heading 9903.01.32"
    minus = f"{printed}, less Annex II of April 2025 and the electronics of 11 April ({WAUGH})"
    made: list[tuple[str, set[str], str, str]] = [
        (
            "recip-annex2-2025-04",
            {*transcribed, *dropped},
            f"EO 14257 (2025-04-02), Annex II; {WAUGH}, completed from {printed}",
            f"Exempt from 5 April 2025, without the electronics of 11 April: {len(transcribed)} "
            f"transcribed lines and {len(dropped)} restored. {_RECONSTRUCTED} Eight lines that "
            "EO 14346 took off (chapters 28, 38, 39) are not at hand.",
        ),
        (
            "recip-electronics-2025-04-11",
            set(electronics),
            f"Presidential memorandum of 11 April 2025; {WAUGH}",
            "Statistical numbers of twenty headings and subheadings, exempt from 5 April 2025.",
        ),
        (
            "recip-annex2-2025-09",
            (set(final) - november) | wood,
            f"{printed}, less what 13 November 2025 added, with the wood of April ({WAUGH})",
            "Whole exempt list from 8 September to 13 October 2025, electronics included. "
            + _RECONSTRUCTED,
        ),
        (
            "recip-annex2-2025-10",
            set(final) - november,
            f"{printed}, less what 13 November 2025 added",
            "Whole exempt list from 14 October 2025, when Proc. 10976 took wood off, to 12 "
            "November. " + _RECONSTRUCTED,
        ),
        (
            "recip-annex2-2025-11",
            set(final),
            f"{printed}; checked with a {WAUGH}",
            "Whole exempt list from 13 November 2025 to 24 February 2026, electronics included; "
            "particular articles are in recip-particular.",
        ),
        ("recip-added-2025-09", september, minus, _RECONSTRUCTED),
        ("recip-added-2025-11", november, minus, _RECONSTRUCTED),
        (
            "recip-removed-wood-2025-10",
            wood,
            f"EO 14257, Annex II ({WAUGH}), less {printed}",
            "Wood exempt in April 2025 and no longer printed; off from 14 October 2025 (Proc. "
            "10976, clause 12).",
        ),
        (
            "recip-removed-copper-2025-08",
            set(gone) - wood,
            f"EO 14257, Annex II ({WAUGH}), less {printed}",
            "Copper exempt in April 2025 and no longer printed; taken to be off from 1 August "
            "2025, when Section 232 duties on copper began (Proc. 10962).",
        ),
        (
            "recip-particular",
            set(_particular(section(lines, r"\(b\) As provided in heading 9903\.02\.78"))),
            f"{EDITION}, U.S. note 2(v)(iii)(b), heading 9903.02.78",
            "Eleven articles defined in words; the codes are where they live. From 13 November "
            "2025.",
        ),
    ]
    return [CodeList(name, tuple(codes), origin, note) for name, codes, origin, note in made]


def _only_finer(code: str, before: set[str]) -> bool:
    """Whether a printed line was exempt before by its statistical numbers."""
    return any(old.startswith(code) for old in before)


def _particular(block: Lines) -> tuple[str, ...]:
    return tuple(c for item in numbered_items(block) for c in prose_codes(item))


def section122_lists(lines: Lines, lists: Path) -> list[CodeList]:
    """What the surcharge of February 2026 did not reach."""
    exempt = listed_codes(section(lines, r"\(ii\) As provided in heading 9903\.03\.03"))
    aircraft = prose_codes(
        text_of(
            section(
                lines,
                r"\(iv\) As provided in heading 9903\.03\.05",
                r"\(v\) As provided in heading 9903\.03\.06",
            )
        )
    )
    return [
        CodeList(
            "s122-exempt",
            exempt,
            f"{EDITION}, U.S. note 2(aa)(ii), heading 9903.03.03; checked with a {WAUGH}",
            "8505.11.0070 is the one statistical number; the rest are whole lines.",
        ),
        CodeList(
            "s122-aircraft",
            aircraft,
            f"{EDITION}, U.S. note 2(aa)(iv), heading 9903.03.05; checked with a {WAUGH}",
            "Exempt only as civil aircraft and their parts. The provisions of chapter 98 that "
            "the note names are left out: they are no product lines.",
        ),
        CodeList(
            "s122-particular",
            _particular(section(lines, r"\(iii\) As provided in heading 9903\.03\.04")),
            f"{EDITION}, U.S. note 2(aa)(iii), heading 9903.03.04",
            "Eleven articles defined in words; the codes are where they live.",
        ),
    ]


def section201_lists(lines: Lines) -> list[CodeList]:
    """Solar cells and modules, washing machines and their parts, quartz."""
    cells = text_of(section(lines, r"\(c\) \(i\)\s+For the purposes of subheadings 9903\.45\.21"))
    modules = text_of(
        section(lines, r"\(h\) For purposes of subheading 9903\.45\.25", r"If entered")
    )
    washers = text_of(
        section(
            lines,
            r"\(c\) \(1\)\s+For the purposes of subheadings 9903\.45\.01",
            r"\(2\) Subheadings 9903\.45\.01",
        )
    )
    parts = text_of(
        section(lines, r"\(f\) For purposes of subheadings 9903\.45\.05", r"\(1\) all cabinets")
    )
    return [
        CodeList(
            "us-201-solar",
            _finest(prose_codes(cells)) + prose_codes(modules),
            f"{EDITION}, U.S. note 18(c)(i) and (h)",
            "Crystalline silicon cells (8541.42.0010) and modules (8541.43.00); before 2022 both "
            "were in 8541.40.60. Cells attached to goods of 8501 and 8507 and the exclusions in "
            "words are not told apart.",
        ),
        CodeList(
            "us-201-washers",
            _finest(prose_codes(washers)),
            f"{EDITION}, U.S. note 17(c)(1)",
            "Large residential washers, by the statistical numbers of the note; its exclusions "
            "in words are not told apart.",
        ),
        CodeList(
            "us-201-washers-parts",
            prose_codes(parts),
            f"{EDITION}, U.S. note 17(f)",
            "Cabinets, tubs and baskets within these lines.",
        ),
        CodeList(
            "us-201-quartz",
            ("6810990020", "6810990040", "7020006000"),
            "Proc. 11051 (2026-07-31), headings 9903.45.30 and .31; U.S. note 41 came after rev. 6",
            "Quartz surface products within these numbers. Written down, not parsed.",
        ),
    ]


def _finest(codes: tuple[str, ...]) -> tuple[str, ...]:
    """Codes of which no finer one is named."""
    return tuple(c for c in codes if not any(o != c and o.startswith(c) for o in codes))


def lists_ieepa(lines: Lines, lists: Path) -> list[CodeList]:
    """Every list of this module."""
    return [
        *reciprocal_lists(lines, lists),
        *section122_lists(lines, lists),
        *section201_lists(lines),
    ]
