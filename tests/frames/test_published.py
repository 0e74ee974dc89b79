"""The page of averages: each figure it gives for the record is recomputed."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

import tradescen as ts
from tradescen.frames.collected import realised
from tradescen.packaged.weights import us_duties_collected, us_imports
from tradescen.result import Result

PAGE = Path(__file__).resolve().parents[2] / "docs" / "averages.md"
SIDES = {"US": ("USA", "CHN"), "CN": ("CHN", "USA")}
NAMES = {
    "all-in": "all-in statutory, trade-weighted",
    "all-in, all trade": "all-in statutory, trade-weighted over all trade",
    "all-in, simple": "all-in statutory, simple mean over lines",
}
ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split("|"))
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if re.match(r"\| \d{4}-\d\d-\d\d \|", line)
]


@cache
def record() -> Result:
    return ts.load("us-china").run(start="2018-01-01", end="2026-11-10")


@cache
def collected() -> float:
    ratio = realised(us_imports(2024), us_duties_collected(2024)).set_index("exporter")["ratio"]
    return float(ratio["CHN"])


def figure(by: str, date: str, measure: str) -> float:
    """The record's figure on a day under a measure of the page."""
    if measure == "collected 2024":
        return collected()
    since = None
    start = 0.0
    if measure == "collected and additional":
        measure, start = "additional, since 2024-12-31", collected()
    if found := re.fullmatch(r"(all-in|additional), since (\S+)", measure):
        part = {"all-in": "all-in statutory", "additional": "additional only"}[found.group(1)]
        since = found.group(2)
        name = f"{part}, change since {since}"
    else:
        name = NAMES[measure]
    importer, exporter = SIDES[by]
    frame = record().definitions(importer=importer, exporter=exporter, on=date, since=since)
    return start + float(frame.set_index("definition")["rate"][name])


@pytest.mark.parametrize("row", ROWS, ids=[" ".join(r[:3]) + f" {r[4]}" for r in ROWS])
def test_figure_of_the_record(row: tuple[str, ...]) -> None:
    """The page's figure of the record, and its difference from the published one, hold."""
    date, by, _, published, measure, ours, gap, _ = row
    value = 100 * figure(by, date, measure)
    assert float(ours) == pytest.approx(value, abs=0.0501)
    assert float(gap) == pytest.approx(value - float(published), abs=0.0501)


@pytest.mark.parametrize("row", ROWS, ids=[" ".join(r[:3]) + f" {r[4]}" for r in ROWS])
def test_large_differences_have_a_reason(row: tuple[str, ...]) -> None:
    """A difference of half a point or more is explained, or said to be unmatched."""
    assert abs(float(row[6])) < 0.5 or row[7]


def test_many_figures_of_many_institutions() -> None:
    """The page compares both directions with at least five institutions on eight days."""
    assert len({r[0] for r in ROWS}) >= 8
    assert len({r[2].split(",")[0].split(" [")[0] for r in ROWS}) >= 5
    assert {r[1] for r in ROWS} == set(SIDES)


def test_share_that_bore_the_duties_of_2020() -> None:
    """54.3 % of the imports of 2024 stand on lines that bore an additional duty in 2020."""
    frame = record().definitions(importer="USA", exporter="CHN", on="2020-02-14")
    row = frame.set_index("definition").loc["additional only, over trade that bears it"]
    assert row["known_share"] == pytest.approx(0.543, abs=0.0006)
