"""Section 301 (China): the product lists of U.S. notes 20 and 31."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from tools.codelist import CodeList
from tools.hts_notes import (
    EDITION,
    digits,
    listed_codes,
    numbered_items,
    prose_codes,
    section,
    text_of,
)

Lines = tuple[str, ...]

_WHOLE = {  # list -> (where its table begins, note, heading)
    "list1": (r"\(b\) Heading 9903\.88\.01 applies", "20(b)", "9903.88.01"),
    "list2": (r"\(d\) Heading 9903\.88\.02 applies", "20(d)", "9903.88.02"),
    "list3": (r"\(f\) Heading 9903\.88\.03 applies", "20(f)", "9903.88.03"),
}
_HALVES = {  # the two batches of List 4: note 20(u) is printed "i)", "ii)"
    "list4a": (r"\(s\) Heading 9903\.88\.15 applies", r"\(t\) For", "20(s)", "9903.88.15"),
    "list4b": (r"\(u\) Heading 9903\.88\.16 applies", r"\(v\) The", "20(u)", "9903.88.16"),
}
_NOTES = {
    "list1": "Renumbered lines of the 2022 HTS are printed in their new form.",
    "list2": "Renumbered lines of the 2022 HTS are printed in their new form.",
    "list3": "Eleven lines covered in part are in us-301-list3-part.",
    "list4a": "Five lines covered in part are in us-301-list4a-part.",
    "list4b": (
        "Never charged (suspended before its first day). The printed table keeps 15 numbers that "
        "the HTS has since deleted; eight lines covered in part are in us-301-list4b-part."
    ),
}
_PRIOR = (
    "HTS subheadings of the 2024 review (89 FR 76581, 89 FR 101682) set against USITC's "
    "China Tariffs table of 1 January 2020"
)


def _halves(lines: Lines, name: str) -> tuple[Lines, Lines]:
    """The table (i) and the items in words (ii) of one batch of List 4."""
    start, end, _, _ = _HALVES[name]
    whole = section(lines, start, end)
    cut = next(i for i, x in enumerate(whole) if re.match(r"\s*\(?ii\) the following", x))
    return whole[:cut], whole[cut:]


def _part_codes(items: list[str], universe: dict[str, set[str]]) -> tuple[str, ...]:
    """Ten-digit scope of items "provided for in X, except for … statistical numbers Y".

    What stays of a line is every statistical number known for it (in any of the three
    lists or in the 2024 imports) less those the item excepts.
    """
    codes: set[str] = set()
    for item in items:
        line, excepted = _split_item(item)
        codes |= universe[line] - excepted
    return tuple(codes)


def _settle(parts: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Give a number that two batches claim to the later one.

    The batches divide a line by excepting each other's numbers of 2018-2019. A number made
    since, by splitting an excepted one, is excepted by neither: it belongs where the number
    it came from does, which is the later batch (2931.90.9051, now .9035, .9040 and .9052).
    """
    later: set[str] = set()
    settled = {}
    for name in reversed(list(parts)):
        settled[name] = tuple(set(parts[name]) - later)
        later |= set(parts[name])
    return settled


def _split_item(item: str) -> tuple[str, set[str]]:
    """The eight-digit line of an item in words and the ten-digit numbers it excepts."""
    named = re.findall(r"(?<![\d.])\d{4}\.\d{2}\.\d{2}(?:\d{2})?(?!\d)", item)
    line, *excepted = [code.replace(".", "") for code in named]
    return line[:8], {code for code in excepted if len(code) == 10}


def _universe(parts: dict[str, list[str]], imports: set[str]) -> dict[str, set[str]]:
    """Every statistical number known of each line that a list covers in part."""
    known: dict[str, set[str]] = {}
    for item in (item for items in parts.values() for item in items):
        line, excepted = _split_item(item)
        known.setdefault(line, {c for c in imports if c.startswith(line)}).update(excepted)
    return known


def lists_1_to_4(lines: Lines, imports: set[str]) -> list[CodeList]:
    """Lists 1 to 4B as printed, whole lines and lines in part apart."""
    made = [
        _list(name, f"us-301-{name}", listed_codes(section(lines, start)), note, heading)
        for name, (start, note, heading) in _WHOLE.items()
    ]
    words_of_3 = section(lines, r"\(g\) For the purposes of heading 9903\.88\.04")
    parts = {"list3": numbered_items(words_of_3)}
    for name, (_, _, note, heading) in _HALVES.items():
        table, words = _halves(lines, name)
        made.append(_list(name, f"us-301-{name}", listed_codes(table), f"{note}(i)", heading))
        parts[name] = numbered_items(words)
    known = _universe(parts, imports)
    scope = _settle({name: _part_codes(items, known) for name, items in parts.items()})
    where = {"list3": "20(g), heading 9903.88.04"}
    where |= {n: f"{note}(ii), heading {hd}" for n, (_, _, note, hd) in _HALVES.items()}
    for name, items in parts.items():
        made.append(
            CodeList(
                name=f"us-301-{name}-part",
                codes=scope[name],
                origin=f"{EDITION}, U.S. note {where[name]}; statistical numbers of 2024 imports",
                note=(
                    f"{len(items)} HTS-8 lines defined in words by excepted statistical numbers, "
                    "given as the ten-digit numbers that remain (those of the notes and of the "
                    "2024 imports; numbers of other years are not known here)."
                    + (_MASKS_BEFORE if name == "list4a" else "")
                ),
            )
        )
    return made


_MASKS_BEFORE = (
    " The masks and respirators excepted from 6307.90.98 stood on the list before the 2024 "
    "review: they are in us-301-list4a-review."
)


def _list(key: str, name: str, codes: tuple[str, ...], note: str, heading: str) -> CodeList:
    return CodeList(
        name=name,
        codes=codes,
        origin=f"{EDITION}, U.S. note {note}, heading {heading}",
        note=_NOTES[key]
        + " As printed after the 2024 review: lines the review took over are in "
        + f"us-301-{key}-review."
        + (" A later general exclusion list is not subtracted." if key != "list4b" else ""),
    )


def review_lists(lines: Lines, prior: Path) -> list[CodeList]:
    """The lines each list lost to the 2024 review, and the review's own families."""
    with prior.open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    masks = _masks(lines)
    made = []
    for name in ("list1", "list2", "list3", "list4a", "list4b"):
        codes = [r["hts8"] for r in rows if r["list_before"] == name]
        made.append(
            CodeList(
                name=f"us-301-{name}-review",
                codes=tuple(codes) + (masks if name == "list4a" else ()),
                origin=_PRIOR,
                note=(
                    f"Lines that stood on {name} before 27 September 2024; add them to the "
                    "printed list for its whole life. Those of headings 9903.91.05, .06 and .08 "
                    "stayed on the list until 1 January 2025 or 2026."
                    + (
                        " The ten-digit mask numbers of note 31(h) are added (their line is on "
                        "List 4A in part)."
                        if name == "list4a"
                        else ""
                    )
                ),
            )
        )
    return made + _families(lines, rows, masks)


def _masks(lines: Lines) -> tuple[str, ...]:
    return prose_codes(text_of(section(lines, r"\(h\) Heading 9903\.91\.07 applies")))


_REVIEW_NOTES = {  # heading -> (start of its subdivision, note)
    "9903.91.01": (r"\(b\) Heading 9903\.91\.01 applies", "31(b)"),
    "9903.91.02": (r"\(c\) Heading 9903\.91\.02 applies", "31(c)"),
    "9903.91.03": (r"\(d\) Heading 9903\.91\.03 applies", "31(d)"),
    "9903.91.05": (r"\(i\) Heading 9903\.91\.05 applies", "31(f)(i)"),
    "9903.91.06": (r"\(g\) Heading 9903\.91\.06 applies", "31(g)"),
    "9903.91.08": (r"\(i\) Heading 9903\.91\.08 applies", "31(i)"),
    "9903.91.11": (r"\(j\) Heading 9903\.91\.11 applies", "31(j)"),
}


def review_codes(lines: Lines) -> dict[str, set[str]]:
    """Heading of the 2024 review -> the product codes its subdivision of note 31 names."""
    found = {h: set(listed_codes(section(lines, s))) for h, (s, _) in _REVIEW_NOTES.items()}
    gloves = section(lines, _REVIEW_NOTES["9903.91.08"][0])
    return found | {"9903.91.08": set(prose_codes(text_of(gloves)))}


def _crane_codes(lines: Lines) -> tuple[str, ...]:
    heading = section(lines, r"9903\.92\.10 1/", r"9903\.\d\d\.\d\d 1/|1/ See")
    return prose_codes(text_of(heading))


_FAMILY_NOTES = {
    "us-301-2024-li-nonev": (
        "From 1 January 2026 note 31(g)(5) prints the whole line 8507.60.00; batteries for "
        "vehicles (8507.60.0010) paid the same rate from 27 September 2024."
    ),
    "us-301-2024-syringes": (
        "Whole lines; enteral syringes (in 9018.31.0080) were exempt until 1 January 2026."
    ),
}


def _families(lines: Lines, rows: list[dict[str, str]], masks: tuple[str, ...]) -> list[CodeList]:
    """The families of the review: codes of the note, told apart by the prior-list table."""
    by_heading = review_codes(lines)
    families = {r["family"]: r["heading"] for r in rows}
    made = []
    for family, heading in sorted(families.items()):
        mine = {r["hts8"] for r in rows if r["family"] == family}
        made.append(
            CodeList(
                name=family,
                codes=tuple(mine & by_heading[heading]),
                origin=f"{EDITION}, U.S. note {_REVIEW_NOTES[heading][1]}, heading {heading}; "
                "grouped as in 89 FR 76581 and 89 FR 101682",
                note=_FAMILY_NOTES.get(family, ""),
            )
        )
    textile = prose_codes(text_of(section(lines, r"\(e\) Heading 9903\.91\.04 applies")))
    enteral = section(lines, r"9903\.91\.10 1/", r"9903\.91\.11 1/")
    return [
        *made,
        CodeList(
            "us-301-2024-masks",
            tuple(set(masks) - set(textile)),
            f"{EDITION}, U.S. note 31(h), heading 9903.91.07, less note 31(e)",
            "Respirators and face masks raised on 27 September 2024; rev. 6 prints only the step "
            "of 2026, which covers the disposable textile masks too (us-301-2024-textile-masks).",
        ),
        CodeList(
            "us-301-2024-textile-masks",
            textile,
            f"{EDITION}, U.S. note 31(e), heading 9903.91.04",
            "Disposable textile face masks: first step on 1 January 2025, then note 31(h).",
        ),
        CodeList(
            "us-301-2024-enteral",
            prose_codes(text_of(enteral)),
            f"{EDITION}, heading 9903.91.10",
            "Enteral syringes are defined in words; the number is where they live, and it holds "
            "other syringes too.",
        ),
        CodeList(
            "us-301-2024-sts-cranes",
            _crane_codes(lines),
            f"{EDITION}, subheading 9903.92.10",
            "Ship-to-shore gantry cranes are defined in words within the line.",
        ),
        CodeList(
            "us-301-2024-li-ev-batt",
            ("8507600010",),
            "89 FR 76581 (2024-09-18), Annex A, heading 9903.91.01: lithium-ion batteries of a "
            "kind used as the primary source of electrical power for electric vehicles",
            "Rev. 6 no longer prints the number (items 1 to 4 of note 31(b) deleted; the whole "
            "line 8507.60.00 is in note 31(g)); written down, not parsed.",
        ),
    ]


def other_301(lines: Lines) -> list[CodeList]:
    """Exclusions, maritime equipment and the legacy-chips increase."""
    legacy = set(listed_codes(section(lines, _REVIEW_NOTES["9903.91.05"][0])))
    chassis = text_of(section(lines, r"\(i\) Heading 9903\.91\.12 applies"))
    ship = text_of(section(lines, r"\(i\) Heading 9903\.91\.14 applies"))
    solar, _ = exclusion_codes(section(lines, r"\(www\) The U\.S\.", r"\(21\) \(a\)"))
    return [
        CodeList(
            "us-301-excl-164",
            _exclusions_164(lines)[0],
            f"{EDITION}, U.S. note 20(vvv)(i)-(iv), heading 9903.88.69",
            "Statistical numbers in which the excluded products live (current numbers where the "
            "item gives a history); items without words exclude the number whole, most are "
            "narrower than their number.",
        ),
        CodeList(
            "us-301-excl-solar14",
            solar,
            f"{EDITION}, U.S. note 20(www), heading 9903.88.70",
            "14 kinds of solar manufacturing equipment defined in words; the numbers are where "
            "they live.",
        ),
        CodeList(
            "us-301-maritime",
            prose_codes(chassis) + prose_codes(ship),
            f"{EDITION}, U.S. note 31(k)(i) and (l)(i), headings 9903.91.12 and 9903.91.14",
            "Intermodal chassis and ship-to-shore cranes are defined in words within these codes.",
        ),
        CodeList(
            "us-301-sts-cranes",
            _crane_codes(lines),
            f"{EDITION}, subheading 9903.92.10",
            "The same scope as us-301-2024-sts-cranes.",
        ),
        CodeList(
            "us-301-legacy-chips",
            tuple(legacy),
            f"{EDITION}, U.S. note 31(f)(ii): increase of heading 9903.91.05 on 23 June 2027",
            "The note raises the whole heading, so the list is that of note 31(f)(i).",
        ),
    ]


def _exclusions_164(lines: Lines) -> tuple[tuple[str, ...], int]:
    block = section(lines, r"\(vvv\)\s+\(i\) The U\.S\.", r"\(www\) The U\.S\.")
    cuts = [i for i, x in enumerate(block) if re.match(r"\s*(\(vvv\)\s+)?\([iv]+\) The U\.S", x)]
    codes: tuple[str, ...] = ()
    count = 0
    for begin, end in zip(cuts, [*cuts[1:], len(block)], strict=True):
        some, n = exclusion_codes(block[begin:end])
        codes, count = codes + some, count + n
    return codes, count


def exclusion_codes(lines: Lines) -> tuple[tuple[str, ...], int]:
    """Codes of a list of exclusions and the number of its items.

    An item that gives the history of its number ("described in … prior to …; described in
    … effective …") is read from the last clause.
    """
    items = numbered_items(lines)
    codes: list[str] = []
    for item in items:
        last = re.split(r";\s*(?:and )?(?:described|provided)", item)[-1]
        codes += [digits(c) for c in prose_codes(last or item)]
    return tuple(codes), len(items)
