"""Tables of text: opened, decoded, their header found, their cells taken as text.

No cell is ever turned into a number on the way in, so ``0101`` stays a heading and ``NA``
stays Namibia.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import importlib.util
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, cast

from attrs import frozen

from tradescen.errors import InvalidValue, MissingData
from tradescen.files.readers.base import Faults, Head
from tradescen.vocab.hs import LENGTHS, dotted

__all__ = [
    "LOST", "Codes", "Table", "amount", "frame_table", "head", "need_arrow", "parquet_table",
    "picked", "read_table", "refuse_numbers", "text_of", "whole",
]

_HEAD = 1 << 16
_PLAIN = re.compile(r"\d{1,10}$", re.ASCII)
_DOTTED = re.compile(r"\d{4}\.\d{2}(?:\.?\d{2}(?:\.?\d{2})?)?$", re.ASCII)
_NUMBER = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d*)?(?:[eE][+-]?\d+)?$", re.ASCII)
LOST = (
    "Codes have 2, 4, 6, 8 or 10 digits; an odd number nearly always is a zero lost in a "
    "spreadsheet. Mend the file (read codes as text), or say how many digits its codes have "
    "with digits=, and the zero at their left is put back"
)


# -- opening ------------------------------------------------------------------------------


def _open(path: Path) -> BinaryIO:
    return cast(BinaryIO, gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb"))


def _encoding(path: Path) -> str:
    """UTF-8, or Latin-1 where the bytes are no UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with _open(path) as raw:
        try:
            while block := raw.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "latin-1"
    return "utf-8-sig"


def text_of(path: Path) -> str:
    """The whole text of a file, gzipped or not."""
    with _open(path) as raw:
        return raw.read().decode(_encoding(path))


def head(path: Path) -> Head:
    """The first 64 kB of a file as text."""
    with _open(path) as raw:
        text = raw.read(_HEAD).decode("utf-8-sig", errors="replace")
    return Head(name=path.name.removesuffix(".gz"), text=text)


@frozen
class Table:
    """Rows of text under a header, each with its line in the file."""

    path: Path
    columns: tuple[str, ...]
    rows: Iterable[tuple[int, list[str]]]
    encoding: str = "utf-8-sig"

    @property
    def notes(self) -> tuple[str, ...]:
        """What is odd about the file."""
        return ("read as Latin-1, for it is no UTF-8",) if self.encoding == "latin-1" else ()

    def find(self, *names: str, need: bool = False, what: str = "") -> int | None:
        """The place of the first column that bears one of *names*; spelling is forgiven.

        Raises:
            InvalidValue: if *need* and there is none.
        """
        plain = [_bare(c) for c in self.columns]
        for name in names:
            if _bare(name) in plain:
                return plain.index(_bare(name))
        if need:
            raise InvalidValue(
                f"{self.path.name} has no column {what or names[0]!r} (looked for: "
                f"{', '.join(names)}; it has: {', '.join(c for c in self.columns if c)})",
                columns=self.columns,
            )
        return None


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", name.lower())


def _delimiter(line: str) -> str:
    return max((",", ";", "\t", "|"), key=line.count)


def read_table(path: Path, header: Callable[[Sequence[str]], bool] | None = None) -> Table:
    """A file of delimited text whose header is its first row, or the first that fits.

    Rows are read as they are asked for, once.

    Raises:
        InvalidValue: if no row is a header.
    """
    encoding = _encoding(path)
    with _open(path) as raw:
        sample = raw.read(_HEAD).decode(encoding, errors="replace")
    lines = sample.splitlines()
    delimiter = _delimiter(max(lines[:20], key=lambda x: max(map(x.count, ",;\t|")), default=""))
    rows = _rows(path, encoding, delimiter)
    for line, cells in rows:
        if header is None or header(cells):
            return Table(path, tuple(cells), rows, encoding)
        if line > 200:
            break
    raise InvalidValue(
        f"{path.name} has no header this reader knows in its first lines; name another reader "
        "with reader=",
        path=path.name,
    )


def _rows(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    with _open(path) as raw, io.TextIOWrapper(raw, encoding=encoding, newline="") as text:
        reader = csv.reader(text, delimiter=delimiter)
        before = 0
        for cells in reader:
            line, before = before + 1, reader.line_num
            if any(cells) and any(stripped := [c.strip() for c in cells]):
                yield line, stripped


def frame_table(frame: Any, name: str = "frame") -> Table:
    """A DataFrame as a table of text.

    Raises:
        InvalidValue: for numbers where codes are wanted, since their zeros are lost.
    """
    columns = tuple(str(c) for c in frame.columns)
    cells = [[_cell(v) for v in frame.iloc[:, n]] for n in range(len(columns))]
    rows = ((n, list(row)) for n, row in enumerate(zip(*cells, strict=True), 1))
    return Table(Path(name), columns, rows)


def _cell(value: Any) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def parquet_table(path: Path, codes: Iterable[str]) -> Table:
    """A parquet file as a table of text.

    Raises:
        MissingData: if pyarrow is not installed.
        InvalidValue: if a column of codes holds numbers.
    """
    need_arrow(path.name)
    import pandas as pd

    frame = pd.read_parquet(path)
    refuse_numbers(frame, codes, path.name)
    return frame_table(frame, str(path))


def need_arrow(name: str) -> None:
    """Refuse parquet where pyarrow is absent.

    Raises:
        MissingData: saying how to install it.
    """
    if importlib.util.find_spec("pyarrow") is None:
        raise MissingData(
            f"{name} is a parquet file, which needs pyarrow: pip install 'tradescen[arrow]', or "
            "use CSV",
            path=name,
        )


def refuse_numbers(frame: Any, codes: Iterable[str], name: str) -> None:
    """Refuse columns of codes that hold numbers: their leading zeros are lost.

    Raises:
        InvalidValue: naming the columns.
    """
    import pandas as pd

    wanted = {_bare(c) for c in codes}
    wrong = [
        str(c) for c in frame.columns
        if _bare(str(c)) in wanted and pd.api.types.is_numeric_dtype(frame[c])
    ]
    if wrong:
        raise InvalidValue(
            f"{name}: the codes in {' and '.join(map(repr, wrong))} are numbers, so leading zeros "
            "are lost (0101 became 101); read them as text: dtype=str, keep_default_na=False",
            columns=tuple(wrong),
        )


# -- cells --------------------------------------------------------------------------------


def amount(text: str) -> float | None:
    """A number as printed: ``"1,716,414"``; ``None`` where the cell holds no number."""
    if text.isascii() and text.replace(".", "", 1).isdigit():
        return float(text)
    cleaned = text.replace("$", "").replace("\xa0", "").replace(" ", "")
    if not cleaned or not any(c.isdigit() for c in cleaned) or not _NUMBER.match(cleaned):
        return None
    return float(cleaned.replace(",", ""))


def whole(text: str | None) -> int | None:
    """A whole number such as a year, or the year a date begins with."""
    found = re.match(r"\s*(\d{4})(?!\d)", text or "")
    return int(found.group(1)) if found else None


class Codes:
    """Tariff codes out of cells: checked once each, their faults gathered.

    Args:
        faults: Where faults go.
        digits: How many digits the codes of the file have; one short gets its zero back.
    """

    def __init__(self, faults: Faults, digits: int | None = None) -> None:
        if digits is not None and digits not in LENGTHS:
            raise InvalidValue(
                f"digits={digits!r}: codes have 2, 4, 6, 8 or 10 digits", value=digits
            )
        self.faults = faults
        self.digits = digits
        self.restored = 0
        self._known: dict[str, tuple[str | None, str]] = {}

    def __call__(self, text: str, line: int) -> str | None:
        """The digits of a code, or ``None`` with a fault noted."""
        got = self._known.get(text)
        if got is None:
            got = self._known[text] = self._read(text)
        code, fault = got
        if code is None:
            self.faults.add(line, fault)
        elif fault:
            self.restored += 1
        return code

    def _read(self, text: str) -> tuple[str | None, str]:
        if not (_PLAIN.match(text) or _DOTTED.match(text)):
            bare = text.replace(".", "")
            if bare.isdigit() and bare.isascii():
                return None, (
                    f"{text!r} is no code as printed: it looks like a number, and numbers lose "
                    "zeros at either end"
                )
            return None, f"{text!r} is not a tariff code"
        code = text.replace(".", "")
        if self.digits and len(code) == self.digits - 1:
            return "0" + code, "restored"
        if len(code) not in LENGTHS:
            return None, (
                f"{text!r} has {len(code)} digits: a leading zero is lost (perhaps "
                f"{dotted('0' + code)!r})"
            )
        return code, ""


def picked(cells: Sequence[str], at: int | None) -> str:
    """A cell by its place; the empty text where the row has none."""
    return cells[at] if at is not None and at < len(cells) else ""
