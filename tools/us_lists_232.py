"""Section 232: metals, vehicles, wood, semiconductors and the headings known without a list."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from pathlib import Path

from tools.codelist import CodeList
from tools.hts_notes import (
    EDITION,
    digits,
    listed_codes,
    prose_codes,
    section,
    text_of,
)

Lines = tuple[str, ...]
WAUGH = "transcription by trade-war-redux-2025 (MIT)"
YALE = "transcription by tariff-rate-tracker (MIT)"

# Proclamation 9705 (83 FR 11625), clause 1, at six digits: 7206.10 through 7216.50, 7216.99
# through 7301.10, 7302.10, 7302.40 through 7302.90, 7304.10 through 7306.90. Written as
# prefixes; 7216.61, .69 and .91 are what the first range leaves out.
_STEEL_2018 = (
    *(f"72{n:02d}" for n in range(6, 16)),
    *("721610", "721621", "721622", "721631", "721632", "721633", "721640", "721650", "721699"),
    *(f"72{n:02d}" for n in range(17, 30)),
    *("730110", "730210", "730240", "730290", "7304", "7305", "7306"),
)
# Proclamation 9980 (85 FR 5281), Annex II, as repeated in CBP's steel lists of 2025.
_STEEL_2020 = (
    *("73170030", "7317005503", "7317005505", "7317005507", "7317005560", "7317005580"),
    *("7317006560", "87081030", "87082921"),
)
# 90 FR 25208 (2025-06-16): eight groups of household appliances, eleven provisions.
_STEEL_2025_06 = (
    *("84181000", "84183000", "84184000", "84221100", "84501100", "84502000", "84512100"),
    *("84512900", "85098020", "85166040", "9403999020"),
)
# What the transcription of the aluminium list of March 2025 misread, against the printed note
# (None: the line stands in the list as well), and the one line it dropped.
_MISREAD_2025_03 = {
    "7610109090": None,
    "7616100090": "7616109090",
    "85171100": "85177100",
    "8708103030": "8708103050",
    "8708103060": "87081060",
}
_DROPPED_2025_03 = ("95065160",)
# 90 FR 14786 (2025-04-04): beer, and empty aluminium cans.
_ALUMINIUM_2025_04 = ("22030000", "76129010")
# Proclamation 10896, Annex I, outside chapter 73: no list at hand. These are the provisions
# of chapters 84, 85 and 94 that Proclamation 11021 kept or removed in April 2026 and that are
# in no other batch; twelve, the number reported of the annex.
_STEEL_2025_03_OTHER = (
    *("84313100", "84314200", "84314910", "84314990", "84321000", "84329000", "85479000"),
    *("94032000", "94059920", "94059940", "94062000", "94069001"),
)


def read_codes(path: Path) -> tuple[str, ...]:
    """First column of a transcribed list, padding to ten digits taken off."""
    with path.open(newline="", encoding="utf-8") as handle:
        rows = [row[0].strip() for row in csv.reader(handle) if row]
    return tuple(digits(code) for code in rows if code.isdigit())


def covered(code: str, scope: Iterable[str]) -> bool:
    """Whether a code is in a scope, itself or under one of the scope's prefixes."""
    wanted = scope if isinstance(scope, (set, frozenset)) else set(scope)
    return any(code[:n] in wanted for n in (2, 4, 6, 8, 10) if n <= len(code))


# ---- metals -------------------------------------------------------------------------------


def metals_2026(lines: Lines) -> dict[str, tuple[str, ...]]:
    """Note 16(c): subdivision -> its codes.

    Subdivisions (iii) to (v) share a two-column page whose lines are interleaved, the left
    column lagging behind, so that codes of (iv) stand before its title. The three are read
    as one block and parted by what they are: copper is chapter 74, articles of steel are
    the mill products of Proclamation 9705, the rest is derivative steel.
    """
    marks = ("i", "ii", "iii", "vi", "vii", "viii", "ix", "x")
    titles = {
        **dict.fromkeys(("ii", "vi", "ix"), "Derivative aluminum"),
        **dict.fromkeys(("vii", "x"), "Derivative steel"),
        "i": "Articles of aluminum",
        "iii": "Articles of steel",
        "viii": "Articles of copper",
    }
    starts = [rf"\({m}\) {titles[m]}" for m in marks] + [r"\(d\) Headings 9903\.82\.04"]
    found: dict[str, tuple[str, ...]] = {}
    for mark, start, end in zip(marks, starts, starts[1:], strict=False):
        block = section(lines, start, end)
        if mark == "iii":
            # codes stand beside the titles on that page, so list lines alone are not enough
            both = {*listed_codes(block), *prose_codes(text_of(block))}
            found["v"] = tuple(c for c in both if c[:2] == "74")
            found["iii"] = tuple(c for c in both if covered(c, _STEEL_2018))
            found["iv"] = tuple(both - {*found["iii"], *found["v"]})
        else:
            found[mark] = listed_codes(block)
    return found


_ANNEXES = {
    "annex1a": (("i", "ii", "iii", "iv", "v"), "16(c)(i)-(v)", "Annex I-A"),
    "annex1b": (("vi", "vii", "viii"), "16(c)(vi)-(viii)", "Annex I-B"),
    "annex3": (("ix", "x"), "16(c)(ix)-(x)", "Annex III"),
}


def metals_annexes(lines: Lines, lists: Path) -> list[CodeList]:
    """The annexes of Proclamation 11021, as in force from 6 April 2026."""
    notes = metals_2026(lines)
    made = [
        CodeList(
            f"us-232-metals-{annex}",
            tuple(code for mark in marks for code in notes[mark]),
            f"{EDITION}, U.S. note {where} (Proc. 11021, {title}); checked with a {WAUGH}",
            "As of April 2026: the moves of 8 June 2026 (Proc. 11032) are not in it. Outside "
            "chapters 72, 73, 74 and 76 only goods with at least 15 percent of the metal by "
            "weight are covered.",
        )
        for annex, (marks, where, title) in _ANNEXES.items()
    ]
    made.append(
        CodeList(
            "us-232-metals-annex2",
            read_codes(lists / "waugh_metals-annex-II-removed.csv"),
            f"Proc. 11021, Annex II; {WAUGH}",
            "Products taken off the metals duties on 6 April 2026; not printed in the notes, so "
            "not checked against the law.",
        )
    )
    return made


def mill_products(lines: Lines) -> list[CodeList]:
    """Steel and aluminium of 2018, and the derivatives of 2020."""
    rates = section(lines, r"\(b\) The rates of duty set forth in heading 9903\.85\.01", r"\(c\)")
    return [
        CodeList(
            "us-232-steel-2018",
            _STEEL_2018,
            "Proc. 9705 (83 FR 11625, 2018-03-15), clause 1",
            "Six-digit ranges of the proclamation written as prefixes; the list of rev. 6 "
            "(note 16(c)(iii)) names the same products.",
        ),
        CodeList(
            "us-232-aluminium-2018",
            (*_headings_named(text_of(rates)), "7616995160", "7616995170"),
            f"Proc. 9704 (83 FR 11619, 2018-03-15), clause 1; headings as in {EDITION}, "
            "U.S. note 19(b)",
            "Castings and forgings by the statistical numbers of the proclamation "
            "(7616.99.5160, .5170); note 19(b)(v) says subheading 7616.99.51.",
        ),
        CodeList(
            "us-232-steel-deriv-2020",
            _STEEL_2020,
            "Proc. 9980 (85 FR 5281, 2020-01-29), Annex II; numbers as repeated in CBP's list of "
            "steel HTS of August 2025",
            "Bumper and body stampings are defined in words within 8708.10.30 and 8708.29.21. "
            "Written down, not parsed.",
        ),
        CodeList(
            "us-232-aluminium-deriv-2020",
            prose_codes(text_of(_aluminium_2020(lines))),
            f"Proc. 9980 (85 FR 5281, 2020-01-29), Annex I, as printed in {EDITION}, "
            "U.S. note 19(a)(iii)(A)-(F)",
            "Bumper and body stampings are defined in words within 8708.10.30 and 8708.29.21.",
        ),
    ]


def _headings_named(text: str) -> tuple[str, ...]:
    return tuple(f"76{n:02d}" for n in range(1, 17) if f"76{n:02d}" in text.replace("7616", ""))


def _aluminium_2020(lines: Lines) -> Lines:
    """Items (A) to (F) of note 19(i), the list of 2020 in its later place."""
    start = r"\(i\) The rates of duty set forth in heading 9903\.85\.04"
    return section(lines, start, r"\(j\) The rates of duty set forth in heading 9903\.85\.07")


def aluminium_derivatives_printed(lines: Lines) -> tuple[str, ...]:
    """Note 19(j) and (k): every aluminium derivative in force from 18 August 2025."""
    start = r"\(j\) The rates of duty set forth in heading 9903\.85\.07"
    block = text_of(section(lines, start, r"For any derivative aluminum product"))
    return prose_codes(block)


def derivatives_2025(lines: Lines, lists: Path) -> list[CodeList]:
    """The batches of derivatives of March, June and August 2025."""
    printed = aluminium_derivatives_printed(lines)
    march_al = march_aluminium(lists)
    in_march = tuple(c for c in printed if _in_march(c, march_al))
    renamed = tuple(c for c in march_al if c == "9401999081")
    august_steel = _august_steel(lines, lists)
    notes = metals_2026(lines)
    return [
        CodeList(
            "us-232-steel-deriv-2025-03",
            _march_steel(notes, lists) + _STEEL_2025_03_OTHER,
            "Proc. 10896 (2025-02-10), Annex I (90 FR 11249), reconstructed: chapter 73 from "
            f"{EDITION}, U.S. note 16(c)(iv) and (vii), and Proc. 11021, Annex II ({WAUGH}), "
            "which carry the list on; twelve other provisions from the same and the batches of "
            "June and August 2025",
            "The list is deleted from rev. 6 and its one transcription lacks a third of it. A "
            "published reading counts 155 subheadings in chapter 73 and 12 outside; a few lines "
            "of chapter 73 here may have been first listed later. The articles of 2020 are in "
            "us-232-steel-deriv-2020.",
        ),
        CodeList(
            "us-232-aluminium-deriv-2025-03",
            in_march + renamed,
            f"Proc. 10895 (2025-02-10), Annex I (90 FR 11251): provisions of {EDITION}, U.S. note "
            f"19(j) and (k), that are in a {WAUGH}",
            "Of the printed provisions, those of the list of March 2025 (five misreadings of the "
            "transcription put right from the note), and 9401.99.9081, which the note no longer "
            "prints. The articles of 2020 are in us-232-aluminium-deriv-2020.",
        ),
        CodeList(
            "us-232-aluminium-deriv-2025-04",
            _ALUMINIUM_2025_04,
            "90 FR 14786 (2025-04-04)",
            "Beer and empty aluminium cans, from 4 April 2025. Written down, not parsed.",
        ),
        CodeList(
            "us-232-steel-deriv-2025-06",
            _STEEL_2025_06,
            "90 FR 25208 (2025-06-16), CBP CSMS 65405824",
            "Household appliances, from 23 June 2025. Written down, not parsed.",
        ),
        CodeList(
            "us-232-steel-deriv-2025-08",
            august_steel,
            f"90 FR 40326 (2025-08-19), steel; {YALE}; "
            f"statistical numbers where {EDITION}, U.S. note 16(c), or Proc. 11021, Annex II, "
            "carry the line on only by number",
            "The transcription gives eight digits and is short of the notice (407 numbers for "
            "steel and aluminium together, not told apart in the notice's summary).",
        ),
        CodeList(
            "us-232-aluminium-deriv-2025-08",
            tuple(c for c in printed if not _in_march(c, march_al) and c not in _ALUMINIUM_2025_04),
            f"90 FR 40326 (2025-08-19), aluminium: {EDITION}, U.S. note 19(j) and (k), less the "
            f"list of March 2025; checked with a {YALE}",
            "What the printed note has beyond the batches of March and April 2025; four lines of "
            "chapter 76 (7612.10, 7612.90.50, 7613, 7614.10.10) are dated so by elimination.",
        ),
        CodeList(
            "us-232-copper",
            read_codes(lists / "waugh_copper-list.csv"),
            f"Proc. 10962 (2025-07-30), Annex; {WAUGH}, identical in a {YALE}",
            "In force 1 August 2025 to 5 April 2026, on copper content; note 36 is deleted from "
            "rev. 6.",
        ),
    ]


def march_aluminium(lists: Path) -> set[str]:
    """The transcribed list of March 2025 with its misreadings put right."""
    read = read_codes(lists / "waugh_alu-tariffs.csv")
    right = {_MISREAD_2025_03.get(code, code) for code in read} | set(_DROPPED_2025_03)
    return {code for code in right if code}


def _in_march(code: str, march: set[str]) -> bool:
    """Whether a printed provision was on the March list, which may name it wider or finer."""
    return covered(code, march) or any(old.startswith(code) for old in march)


def _march_steel(notes: dict[str, tuple[str, ...]], lists: Path) -> tuple[str, ...]:
    removed = read_codes(lists / "waugh_metals-annex-II-removed.csv")
    chapter = {c[:8] for c in (*notes["iv"], *notes["vii"], *removed) if c[:2] == "73"}
    return tuple(chapter - {"73170030"})


def _august_steel(lines: Lines, lists: Path) -> tuple[str, ...]:
    """The August batch, narrowed to ten digits where its successor is known by number."""
    with (lists / "yale_s232_derivative_products.csv").open(newline="", encoding="utf-8") as f:
        rows = [r["hts_prefix"] for r in csv.DictReader(f) if r["derivative_type"] == "steel"]
    notes = metals_2026(lines)
    later = (*notes["iv"], *notes["vii"], *notes["x"])
    later += read_codes(lists / "waugh_metals-annex-II-removed.csv")
    narrowed: list[str] = []
    for line in rows:
        numbers = [c for c in later if c[:8] == line]
        finer = numbers and all(len(c) == 10 for c in numbers)
        narrowed += [c for c in numbers if c != "9403999020"] if finer else [line]
    return tuple(narrowed)


# ---- vehicles, wood, chips ----------------------------------------------------------------

_PRINTED: dict[str, tuple[str, str, str]] = {  # name -> (start, note, what to say)
    "us-232-autos": (
        r"\(b\) The rates of duty set forth in headings 9903\.94\.01",
        "33(b)",
        "Passenger vehicles and light trucks within these lines.",
    ),
    "us-232-autoparts": (
        r"\(g\) Subject to a manufacturer's import adjustment",
        "33(g)",
        "Headings named whole (8471, 8507.60 …) are covered only as parts of vehicles: assumed "
        "coverage.",
    ),
    "us-232-mhdv": (
        r"\(b\) The rate of duty set forth in heading 9903\.74\.01",
        "38(b)",
        "Medium- and heavy-duty vehicles within these lines.",
    ),
    "us-232-buses": (r"\(c\) Heading 9903\.74\.02 applies", "38(c)", ""),
    "us-232-mhdv-parts": (
        r"\(i\) The rates of duty set forth in heading 9903\.74\.08",
        "38(i)",
        "Covered only as parts of medium- and heavy-duty vehicles: assumed coverage.",
    ),
    "us-232-lumber": (
        r"\(b\) The rates of duty set forth in heading 9903\.76\.01",
        "37(b)",
        "Softwood timber and lumber.",
    ),
    "us-232-upholstered": (
        r"\(d\) The rates of duty set forth in headings 9903\.76\.02",
        "37(d)",
        "Upholstered wooden furniture.",
    ),
    "us-232-cabinets": (
        r"\(f\) Except for as provided by 9903\.76\.04, the rates",
        "37(f)",
        "Only completed kitchen cabinets, vanities and their parts within these numbers.",
    ),
    "us-232-semi": (
        r"\(b\) For the purposes of this note, \"semiconductor articles\"",
        "39(b)",
        "Only logic circuits, and articles with one, that meet the technical tests of the note: "
        "a narrow part of these lines.",
    ),
}


# The sentence that opens note 37(d) breaks before "(i), (j), and (l)", as if a subdivision began.
_ENDS = {"us-232-upholstered": r"\(e\) Except for as provided"}


def printed_232(lines: Lines) -> list[CodeList]:
    """Lists of rev. 6 that stand in one table."""
    return [
        CodeList(
            name,
            listed_codes(section(lines, start, _ENDS.get(name))),
            f"{EDITION}, U.S. note {where}",
            say,
        )
        for name, (start, where, say) in _PRINTED.items()
    ]


_NOT_AT_HAND = "List not at hand; scope by heading, coverage unknown: "


def headings_232() -> list[CodeList]:
    """Measures whose lists came after rev. 6: the headings they are said to touch."""
    made: list[tuple[str, tuple[str, ...], str, str]] = [
        (
            "us-232-pharma",
            ("3002", "3003", "3004"),
            "Proc. 11020 (2026-04-02); U.S. note 40(c) came after rev. 6",
            "the note names 131 statistical numbers (149 from 29 September 2026) of chapters 29 "
            "and 30, most of them in 3002, 3003 and 3004; the ingredients of chapter 29 are left "
            "out. Only patented products are charged.",
        ),
        (
            "us-232-uas",
            ("8806", "880710", "880720", "880730", "880790", "8504409580", "8537109170"),
            "Proc. 11055 (2026-08-13), Annexes I-III; U.S. note 43 came after rev. 6",
            "drones of heading 8806 and, only for use with them, docking stations (8504.40.9580, "
            "8537.10.9170) and parts of 8807. Annex I (100 %) and Annex II (25 %) share the "
            "numbers and differ by weight and thermal imaging.",
        ),
        (
            "us-232-polysilicon",
            ("280461", "381800", "854142", "854143"),
            "Proc. 11052 (2026-08-06), scope in words",
            "polysilicon, ingots and wafers, cells and modules put to their headings here.",
        ),
    ]
    return [CodeList(name, codes, origin, _NOT_AT_HAND + say) for name, codes, origin, say in made]


def lists_232(lines: Lines, lists: Path) -> list[CodeList]:
    """Every Section 232 list."""
    parts: tuple[Callable[[], list[CodeList]], ...] = (
        lambda: mill_products(lines),
        lambda: derivatives_2025(lines, lists),
        lambda: metals_annexes(lines, lists),
        lambda: printed_232(lines),
        headings_232,
    )
    return [made for part in parts for made in part()]
