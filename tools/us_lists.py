"""Product scopes of US trade measures, read from the legal text and public transcriptions.

Run from the repository root: ``python -m tools.us_lists [SHARED]`` prints counts and the
differences from the transcriptions. ``us_lists`` gives the lists to the pack builder.
"""

from __future__ import annotations

import csv
import gzip
import sys
from pathlib import Path

from tools.codelist import CodeList
from tools.hts_notes import note_lines
from tools.us_lists_232 import lists_232
from tools.us_lists_301 import lists_1_to_4, other_301, review_lists
from tools.us_lists_check import counts, differences
from tools.us_lists_ieepa import lists_ieepa

_TEXT = Path("data", "legal", "usitc_hts_chapter99_2026_rev6.txt.gz")
_IMPORTS = Path("data", "us_imports_2024_hts10_by_partner.csv.gz")
_PRIOR = "us_301_prior_list_of_review_lines.csv"


def us_lists(shared: Path) -> dict[str, CodeList]:
    """Every US list by name, read from the folder of shared inputs."""
    lines = note_lines(shared / _TEXT)
    lists = shared / "data" / "lists"
    made = [
        *lists_1_to_4(lines, _statistical_numbers(shared / _IMPORTS)),
        *review_lists(lines, lists / _PRIOR),
        *other_301(lines),
        *lists_232(lines, lists),
        *lists_ieepa(lines, lists),
    ]
    by_name = {one.name: one for one in made}
    if len(by_name) != len(made):
        raise ValueError("a list name is used twice")
    empty = [name for name, one in by_name.items() if not one.codes]
    if empty:
        raise ValueError(f"nothing read for {empty}")
    return by_name


def _statistical_numbers(path: Path) -> set[str]:
    """The ten-digit numbers under which the United States imported in 2024."""
    with gzip.open(path, "rt", newline="", encoding="utf-8") as handle:
        return {row["hts10"] for row in csv.DictReader(handle)}


def report(shared: Path) -> str:
    """Counts of every list and its differences from the transcriptions, as text."""
    lists = us_lists(shared)
    return "\n".join([*counts(lists), "", *differences(lists, shared / "data" / "lists")])


def main() -> None:
    """Print the report for the folder named on the command line (default: beside the root)."""
    beside = Path(__file__).resolve().parents[2] / "shared"
    print(report(Path(sys.argv[1]) if len(sys.argv) > 1 else beside))


if __name__ == "__main__":
    main()
