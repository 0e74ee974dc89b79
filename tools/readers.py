"""Small readers shared by the pack tools: CSV rows, padded codes, the HS 2022 correlation."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

UN_ORIGIN = (
    "UN Statistics Division, HS 2022 to HS 2017 conversion and correlation tables "
    "(workbook as carried by Harvard Growth Lab, comtrade-conversion-weights, Apache-2.0)"
)

# Where the United Nations tables mislead: HS 2022 code -> the HS 2017 code it is taken from.
CONVERSION_OVERRIDES: dict[str, str] = {
    # The tables take both from mobile phones, 8517.12; the WCO split them out of 8541.50.
    "854151": "854150",
    "854159": "854150",
    # The tables take it from springs, 9114.10, merged into it in 2022; the code itself stays.
    "911490": "911490",
}


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV file, gzipped or not, with header names and cells stripped."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as handle:
        reader = csv.reader(handle, skipinitialspace=True)
        header = [name.strip() for name in next(reader)]
        for row in reader:
            if row:
                yield {name: cell.strip() for name, cell in zip(header, row, strict=False)}


def read_plain(path: Path) -> Iterator[list[str]]:
    """Yield the rows of a CSV file that has no header, cells stripped."""
    with open(path, encoding="utf-8-sig", newline="") as handle:
        for row in csv.reader(handle):
            if row:
                yield [cell.strip() for cell in row]


def pad(code: str, digits: int) -> str:
    """Give back the zeros a code lost at its left; at most one zero can be missing."""
    text = code.strip().replace(".", "")
    if not text.isdigit() or not digits - 1 <= len(text) <= digits:
        raise ValueError(f"not a code of {digits} digits with or without its first zero: {code!r}")
    return text.zfill(digits)


@dataclass(frozen=True)
class Correlation:
    """HS 2022 against HS 2017.

    ``sources`` and ``targets`` hold the many-to-many table, ``takes_from`` the one HS 2017
    code from which each HS 2022 code takes a value, ``gives_to`` the HS 2022 codes among
    which the value of each HS 2017 code is divided equally.
    """

    sources: dict[str, tuple[str, ...]]
    targets: dict[str, tuple[str, ...]]
    takes_from: dict[str, str]
    gives_to: dict[str, tuple[str, ...]]

    def merged(self) -> tuple[str, ...]:
        """HS 2022 codes with several HS 2017 sources."""
        return tuple(sorted(c for c, s in self.sources.items() if len(s) > 1))

    def split(self) -> tuple[str, ...]:
        """HS 2017 codes from which several HS 2022 codes take their value."""
        return tuple(sorted(c for c, n in self._takers().items() if len(n) > 1))

    def untaken(self) -> tuple[str, ...]:
        """HS 2017 codes from which no HS 2022 code takes its value."""
        return tuple(sorted(set(self.targets) - set(self._takers())))

    def _takers(self) -> dict[str, list[str]]:
        return _inverse(self.takes_from)


def _inverse(mapping: dict[str, str]) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {}
    for key, value in mapping.items():
        result.setdefault(value, []).append(key)
    return result


def _heading_first(code: str, targets: list[str]) -> tuple[str, ...]:
    same = [t for t in targets if t[:4] == code[:4]]
    return tuple(sorted(same or targets))


def read_correlation(shared: Path) -> Correlation:
    """Read the United Nations tables and settle who takes from whom.

    A HS 2022 code takes from the HS 2017 code the one-to-one conversion table names
    (``CONVERSION_OVERRIDES`` apart). A HS 2017 code gives to the HS 2022 codes that take
    from it, to those of its own heading only where there are any; one that nobody takes
    from gives to its correlation targets, again those of its own heading first.
    """
    samples = shared / "samples"
    sources: dict[str, set[str]] = {}
    targets: dict[str, set[str]] = {}
    for row in read_rows(samples / "unsd_hs_correlation_2022_2017.csv"):
        sources.setdefault(row["HS2022"], set()).add(row["HS2017"])
        targets.setdefault(row["HS2017"], set()).add(row["HS2022"])
    for new, old in CONVERSION_OVERRIDES.items():
        sources.setdefault(new, set()).add(old)
        targets.setdefault(old, set()).add(new)
    takes_from = {
        row["hs2022"]: row["hs2017"]
        for row in read_rows(samples / "unsd_hs2022_to_hs2017_conversion.csv")
    }
    takes_from.update(CONVERSION_OVERRIDES)
    takers = _inverse(takes_from)
    gives_to = {
        old: _heading_first(old, takers.get(old) or sorted(new)) for old, new in targets.items()
    }
    return Correlation(
        sources={k: tuple(sorted(v)) for k, v in sources.items()},
        targets={k: tuple(sorted(v)) for k, v in targets.items()},
        takes_from=takes_from,
        gives_to=gives_to,
    )
