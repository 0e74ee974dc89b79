"""Reading code lists from the printed U.S. notes of HTS chapter 99.

The text is what comes out of the PDF: page furniture stands in the middle of lists, list
columns follow the page, and nothing but the next subdivision marks the end of a list. The
helpers here know the layout only; which list is wanted is the caller's business.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

EDITION = "HTS 2026 Rev. 6, ch. 99, subch. III"

_FURNITURE = re.compile(
    r"Harmonized Tariff Schedule of the United States Revision \d+ \(\d{4}\)"
    r"|Annotated for Statistical Reporting Purposes"
    r"|U\.S\. Notes \(con\.\)"
    r"|(?<!\S)XXII(?!\S)"
    r"|(?<!\S)99 - [IVX]+ - \d+(?!\S)"
)
_CODE = r"\d{4}(?:\.\d{2}(?:\.\d{2}(?:\.?\d{2})?)?)?"
_PROSE_CODE = re.compile(r"(?<![\d.])(\d{4}\.\d{2}(?:\.\d{2}(?:\.?\d{2})?)?)(?![\d]|\.\d)")
_LIST_LINE = re.compile(rf"\s*(?:\(\d+\)\s+)?({_CODE}(?:[\s;,]+{_CODE})*)[;,.]?\s*")
_SUBDIVISION = re.compile(r"\s*(?:\(?[a-z]{1,6}\)|\d{1,2}\.(?:\s+\(a\)|\s*$|\s+\[))")


def digits(code: str) -> str:
    """``8517.62.0090`` as ``8517620090``; a statistical suffix 00 is only padding and goes."""
    bare = code.replace(".", "")
    return bare[:8] if len(bare) == 10 and bare.endswith("00") else bare


def is_product(code: str) -> bool:
    """Whether a code stands in chapters 1 to 97 (98 and 99 hold provisions, not products)."""
    return "01" <= code[:2] <= "97"


def prose_codes(text: str) -> tuple[str, ...]:
    """Product codes of six digits or more named in running text, in order of appearance.

    Four digits are left out because in prose they are mostly years.
    """
    found = (digits(match) for match in _PROSE_CODE.findall(text))
    return tuple(code for code in found if is_product(code))


def listed_codes(lines: Iterable[str]) -> tuple[str, ...]:
    """Product codes of the lines that hold nothing else (4 to 10 digits), left to right."""
    codes: list[str] = []
    for line in lines:
        match = _LIST_LINE.fullmatch(line)
        if match:
            codes += [digits(code) for code in re.findall(_CODE, match.group(1))]
    return tuple(code for code in codes if is_product(code))


@lru_cache(maxsize=4)
def note_lines(path: Path) -> tuple[str, ...]:
    """The lines of a gzipped Latin-1 chapter text, page furniture removed."""
    raw = gzip.decompress(path.read_bytes()).decode("latin-1")
    bare = (_FURNITURE.sub("", line).rstrip() for line in raw.splitlines())
    return tuple(line for line in bare if line)


def section(lines: tuple[str, ...], start: str, end: str | None = None) -> tuple[str, ...]:
    """Lines from the one matching ``start`` to the next subdivision (or to ``end``).

    The end is sought by the mark of a subdivision, never by a heading number: a list may
    name the heading of the next one, and the next one may begin without naming its own.
    Both patterns are matched at the beginning of a line. ``start`` must match once.
    """
    first = re.compile(r"\s*" + start)
    starts = [i for i, line in enumerate(lines) if first.match(line)]
    if len(starts) != 1:
        raise LookupError(f"{start!r} begins {len(starts)} lines, one expected")
    last = re.compile(r"\s*" + end) if end else _SUBDIVISION
    for stop in range(starts[0] + 1, len(lines)):
        if last.match(lines[stop]):
            return lines[starts[0] : stop]
    raise LookupError(f"no end found for {start!r}")


def text_of(lines: Iterable[str]) -> str:
    """A section as one line of text, so that a sentence can be searched across breaks."""
    return re.sub(r"\s+", " ", " ".join(lines))


def numbered_items(lines: Iterable[str]) -> list[str]:
    """The items ``1.`` or ``(1)`` of an enumeration, each as one line of text."""
    items: list[str] = []
    for line in lines:
        if re.match(rf"\s*(?:{len(items) + 1}\.|\({len(items) + 1}\))\s", line):
            items.append(line)
        elif items:
            items[-1] += " " + line
    return [text_of([item]) for item in items]
