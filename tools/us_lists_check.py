"""Counts of the US lists and what sets them apart from the public transcriptions."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from tools.codelist import CodeList
from tools.us_lists_232 import march_aluminium, read_codes

# list -> (transcriptions that should hold the same codes, why they may not)
_FILES: dict[str, tuple[str, str]] = {
    "us-232-metals-annex1a": ("waugh_metals-annex-IA.csv", ""),
    "us-232-metals-annex1b": ("waugh_metals-annex-IB.csv", ""),
    "us-232-metals-annex3": ("waugh_metals-annex-III-temporary.csv", ""),
    "us-232-autoparts": ("yale_s232_auto_parts.txt", ""),
    "us-232-mhdv-parts": ("yale_s232_mhd_parts.txt", ""),
    "us-232-semi": (
        "yale_s232_semi_products.csv",
        "the transcription writes the three subheadings out in statistical numbers",
    ),
    "us-201-solar": (
        "yale_s201_solar_products.csv",
        "the transcription writes 8541.43.00 out in statistical numbers",
    ),
    "recip-annex2-2025-11": (
        "waugh_annex-II-exemptions-nov14.csv",
        "the transcription takes the eleven particular articles as whole lines, names other wood "
        "than the note, and writes headings out",
    ),
    "s122-exempt": ("waugh_section122-product-exemptions.csv", ""),
    "s122-aircraft": (
        "waugh_section122-aircraft-exemptions.csv",
        "provisions of chapter 98 are left out here",
    ),
}
_301 = {
    "us-301-list1": "1",
    "us-301-list2": "2",
    "us-301-list3": "3",
    "us-301-list4a": "4A",
    "us-301-list4b": "4B",
}
_301_CAUSE = (
    "chapter 98 clauses and, in 3 and 4B, lines swept from the exclusion notes that follow; "
    "lines in part counted as whole"
)


def counts(lists: dict[str, CodeList]) -> list[str]:
    """One line per list: its name and how many codes of each length it holds."""
    lines = []
    for name, made in lists.items():
        by_length = {n: sum(len(c) == n for c in made.codes) for n in (2, 4, 6, 8, 10)}
        detail = ", ".join(f"{k} of {n} digits" for n, k in by_length.items() if k)
        lines.append(f"{name}: {len(made.codes)} ({detail})")
    return lines


def differences(lists: dict[str, CodeList], transcribed: Path) -> list[str]:
    """What each list has that its transcription has not, and the other way, with the cause."""
    found = []
    for name, (file, cause) in _FILES.items():
        found.append(_compare(name, lists[name].codes, read_codes(transcribed / file), cause))
    for name, label in _301.items():
        theirs = _column(transcribed / "yale_s301_product_lists.csv", "hts8", list=label)
        found.append(_compare(name, lists[name].codes, theirs, _301_CAUSE))
    found += _steel_march(lists, transcribed)
    found += _aluminium(lists, transcribed)
    found.append(_union_annexes(lists, transcribed))
    found.append(_prior(lists, transcribed))
    return found


def _column(path: Path, column: str, **where: str) -> tuple[str, ...]:
    with path.open(newline="", encoding="utf-8") as handle:
        rows = csv.DictReader(handle)
        return tuple(r[column] for r in rows if all(r[k] == v for k, v in where.items()))


def _compare(name: str, ours: Iterable[str], theirs: Iterable[str], cause: str) -> str:
    mine, other = set(ours), set(theirs)
    if mine == other:
        return f"{name}: same as the transcription ({len(mine)})"
    text = f"{name}: only here {_some(mine - other)}; only transcribed {_some(other - mine)}"
    return text + (f" - {cause}" if cause else "")


def _some(codes: set[str], most: int = 14) -> str:
    shown = " ".join(sorted(codes)[:most])
    return f"{len(codes)}" + (f" [{shown}{' …' if len(codes) > most else ''}]" if codes else "")


def _steel_march(lists: dict[str, CodeList], transcribed: Path) -> list[str]:
    theirs = read_codes(transcribed / "waugh_steel-tariffs.csv")
    cause = "the transcription is read from an image: a third lost, five misreadings"
    name = "us-232-steel-deriv-2025-03"
    return [_compare(name, lists[name].codes, theirs, cause)]


def _aluminium(lists: dict[str, CodeList], transcribed: Path) -> list[str]:
    file = transcribed / "yale_s232_derivative_products.csv"
    dated = _column(file, "hts_prefix", derivative_type="aluminum", effective_date="2025-08-18")
    august = {c[:8] for c in lists["us-232-aluminium-deriv-2025-08"].codes}
    march = lists["us-232-aluminium-deriv-2025-03"]
    return [
        _compare(
            "us-232-aluminium-deriv-2025-08 at eight digits",
            august,
            dated,
            "chapter 76 dated by elimination here; 7302.90.00 is a misreading of 7308.20.0035",
        ),
        _compare(
            f"{march.name} (misreadings put right)",
            march.codes,
            march_aluminium(transcribed),
            "the transcription pads some lines to ten digits that the note gives wider or finer",
        ),
    ]


def _union_annexes(lists: dict[str, CodeList], transcribed: Path) -> str:
    file = transcribed / "yale_s232_annex_products.csv"
    theirs = {c[:8] for c in _column(file, "hts_prefix")}
    ours = {
        code[:8]
        for annex in ("annex1a", "annex1b", "annex2", "annex3")
        for code in lists[f"us-232-metals-{annex}"].codes
    }
    cause = "the other transcription widens ten digits to six and leaves chapter 72 to a rule"
    return _compare("metals annexes at eight digits, all", ours, theirs, cause)


def _prior(lists: dict[str, CodeList], transcribed: Path) -> str:
    theirs = _column(transcribed / "us_301_prior_list_of_review_lines.csv", "hts8")
    ours = {
        code
        for name, made in lists.items()
        if name.startswith("us-301-2024-")
        for code in made.codes
    }
    cause = "masks, cranes and split batteries are statistical numbers or outside the table"
    return _compare("2024 review, all families", ours, theirs, cause)
