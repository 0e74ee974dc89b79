"""The Harmonized System: its editions, and what the codes of HS 2022 stand for.

The texts are packaged and read when first asked for. National schedules add digits to the
six of the Harmonized System; a longer code is described by the subheading it lies under.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from attrs import frozen

from tradescen.errors import InvalidValue, UnknownName
from tradescen.vocab.hs import LENGTHS, dotted, normal_code

__all__ = [
    "EDITIONS", "Section", "base_edition", "chapters", "codes", "describe", "digits_of",
    "edition", "fits", "headings", "packaged", "search", "section", "sections",
]

# Editions in the order they came into force, and the letters UN and World Bank name them by.
EDITIONS = ("HS 1992", "HS 1996", "HS 2002", "HS 2007", "HS 2012", "HS 2017", "HS 2022")
_BY_YEAR = {int(name[3:]): name for name in EDITIONS}
_NUMBERED = re.compile(r"^H([0-9])$", re.IGNORECASE)
_HS = re.compile(r"^(?:HS|H)[\s_-]*((?:19|20)?[0-9]{2})$", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)((?:19|20)[0-9]{2})(?!\d)")
_FORMS = ("tradescen/nomenclature/1", "tradescen/correlation/1")


@cache
def packaged(name: str) -> dict[str, Any]:
    """A packaged table of nomenclature by file name; read once a process."""
    raw = (files("tradescen.law") / "data" / f"{name}.json.gz").read_bytes()
    body: dict[str, Any] = json.loads(gzip.decompress(raw))
    if body["form"] not in _FORMS:
        raise InvalidValue(
            f"the table {name!r} has the form {body['form']!r}; this version reads "
            f"{' and '.join(_FORMS)}: install the package anew"
        )
    return body


# -- editions ---------------------------------------------------------------------------


def edition(text: str) -> str:
    """An edition in the spelling used here: ``"H6"``, ``"HS22"`` and ``"HS2022"`` are one.

    National editions (``"HTS 2025 rev. 10"``) are kept as written.

    Raises:
        UnknownName: for a year in which no edition of the Harmonized System came out.
    """
    cleaned = " ".join(text.split())
    numbered = _NUMBERED.match(cleaned)
    if numbered and int(numbered.group(1)) < len(EDITIONS):
        return EDITIONS[int(numbered.group(1))]
    named = _HS.match(cleaned)
    if not named:
        return cleaned
    year = int(named.group(1))
    if year < 100:
        year += 1900 if year > 80 else 2000
    if year not in _BY_YEAR:
        raise UnknownName.among("edition of the Harmonized System", f"HS {year}", EDITIONS)
    return _BY_YEAR[year]


def base_edition(text: str) -> str | None:
    """The edition of the Harmonized System a national one is built on, by its year.

    ``"HTS 2025 rev. 10"`` gives ``"HS 2022"``. ``None`` where no year is named. A country
    late to adopt an edition says so with the name of the older one (``"HS 2017"``).
    """
    named = edition(text)
    if named in EDITIONS:
        return named
    year = _YEAR.search(named)
    if not year:
        return None
    past = [y for y in _BY_YEAR if y <= int(year.group(1))]
    return _BY_YEAR[max(past)] if past else None


def fits(weights: str, schedule: str) -> bool:
    """Whether codes of one edition can stand beside those of the other.

    They can if the editions are one, or if one of them is the edition of the Harmonized
    System the other is built on (six digits mean the same in both).
    """
    a, b = edition(weights), edition(schedule)
    if a == b:
        return True
    return (a in EDITIONS or b in EDITIONS) and base_edition(a) == base_edition(b)


def digits_of(level: str) -> int:
    """The digits of a level such as ``"HS6"``.

    Raises:
        InvalidValue: for anything but ``"HS2"``, ``"HS4"``, ``"HS6"``, ``"HS8"``, ``"HS10"``.
    """
    for digits in LENGTHS:
        if isinstance(level, str) and level.upper() == f"HS{digits}":
            return digits
    raise InvalidValue(
        f"{level!r} is not a level of goods; write one of "
        f"{', '.join(repr(f'HS{n}') for n in LENGTHS)}",
        value=level,
    )


# -- what codes stand for -----------------------------------------------------------------


@frozen(kw_only=True)
class Section:
    """A section of the Harmonized System: its Roman number, title and chapters."""

    number: str
    title: str
    chapters: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.number}. {self.title}"


@cache
def _texts() -> Mapping[str, str]:
    body = packaged("hs2022")
    return MappingProxyType(dict(zip(body["codes"].split(), body["texts"], strict=True)))


@cache
def sections() -> tuple[Section, ...]:
    """The 21 sections, in their order."""
    return tuple(
        Section(number=number, title=title, chapters=tuple(held.split()))
        for number, title, held in packaged("hs2022")["sections"]
    )


@cache
def _section_of() -> dict[str, Section]:
    return {chapter: one for one in sections() for chapter in one.chapters}


def _under(level: int, parent: str = "") -> dict[str, str]:
    return {c: t for c, t in _texts().items() if len(c) == level and c.startswith(parent)}


def chapters() -> dict[str, str]:
    """Chapters and their titles. ``"99"`` stands for goods not specified."""
    return _under(2)


def headings(chapter: object) -> dict[str, str]:
    """The headings of a chapter and their texts."""
    return _under(4, normal_code(chapter)[:2])


def codes(of: str = "HS 2022", digits: int = 6) -> tuple[str, ...]:
    """All codes of an edition (HS 2022 or HS 2017) at 2, 4 or 6 digits, sorted.

    Raises:
        UnknownName: for an edition that is not packaged.
        InvalidValue: for other digits.
    """
    if digits not in (2, 4, 6):
        raise InvalidValue(
            f"digits={digits!r}: the Harmonized System has 2, 4 and 6 digits; more are national",
            value=digits,
        )
    body = packaged("hs2022-hs2017")
    held = {body["new"]: body["new_codes"], body["old"]: body["old_codes"]}
    name = edition(of)
    if name not in held:
        raise UnknownName.among("packaged edition", name, held)
    return tuple(sorted({c[:digits] for c in held[name].split()}))


def describe(code: object) -> str:
    """What a code of HS 2022 stands for; a longer code stands under its subheading.

    Raises:
        UnknownName: if HS 2022 has no such code.
    """
    digits = normal_code(code)
    found = _texts().get(digits[:6])
    if found is not None:
        return found
    if digits[:6] in codes("HS 2017"):
        raise UnknownName(
            f"{dotted(digits[:6])} is a subheading of HS 2017, not of HS 2022; "
            "Concordance.hs('HS 2017', 'HS 2022').targets(code) names its successors",
            name=digits, near=(),
        )
    near = [c for c in _texts() if len(c) == min(len(digits), 6) and c[:4] == digits[:4]]
    raise UnknownName.among("code of HS 2022", dotted(digits[:6]), [dotted(c) for c in near])


def section(code: object) -> Section:
    """The section a code belongs to.

    Raises:
        UnknownName: for chapters outside the sections (77, 98, 99).
    """
    chapter = normal_code(code)[:2]
    found = _section_of().get(chapter)
    if found is None:
        raise UnknownName(
            f"chapter {chapter} belongs to no section of the Harmonized System: 77 is reserved, "
            "98 and 99 are national or unspecified goods",
            name=chapter, near=(),
        )
    return found


def search(words: str, level: str | None = None) -> dict[str, str]:
    """Codes of HS 2022 whose text holds every word (or beginning of a word), sorted.

    Args:
        words: Such as ``"lithium accumulators"``; capitals do not matter.
        level: ``"HS2"``, ``"HS4"`` or ``"HS6"``; by default all three.
    """
    wanted = [re.compile(rf"\b{re.escape(w)}", re.IGNORECASE) for w in words.split()]
    digits = digits_of(level) if level else None
    return {
        code: text for code, text in _texts().items()
        if wanted and digits in (None, len(code)) and all(w.search(text) for w in wanted)
    }
