"""The gap between what the law says and what was collected on China in 2024."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import tradescen as ts
from tools.realised_gap import PAGE, Gap, causes, decompose, exclusion_numbers, lines, page

SHARED = Path(__file__).resolve().parents[2].parent / "shared"


@pytest.fixture(scope="module")
def gap() -> Gap:
    if not (SHARED / "data" / "legal").is_dir():
        pytest.skip("the trade and the legal texts in ../shared/data are not beside this checkout")
    return decompose(SHARED)


def test_causes_and_residual_sum_to_the_gap(gap: Gap) -> None:
    """Nothing of the gap is lost between the causes and the residual."""
    summed = math.fsum(p.points for p in (*gap.parts, gap.residual))
    assert summed == pytest.approx(gap.gap, abs=1e-12)


def test_gap_is_about_a_point_and_four_tenths(gap: Gap) -> None:
    """MFN and Section 301 at the weights of 2024 exceed what was collected by 1.4 points."""
    assert gap.gap == pytest.approx(0.014, abs=0.0005)
    assert gap.realised == pytest.approx(0.10865954673194843, abs=1e-12)


def test_known_share_is_stated(gap: Gap) -> None:
    """The share of trade whose MFN duty is known is in the numbers and on the page."""
    assert gap.known_share == pytest.approx(0.96336, abs=1e-4)
    assert f"{100 * gap.known_share:.2f} %" in page(gap)


def test_page_is_what_the_data_give(gap: Gap) -> None:
    """The committed page holds these very numbers."""
    assert PAGE.read_text(encoding="utf-8") == page(gap)


def test_parts_of_the_residual_sum_to_it(gap: Gap) -> None:
    """The residual is shown by kind of line, whole."""
    summed = math.fsum(p.points for p in gap.inside)
    assert summed == pytest.approx(gap.residual.points, abs=1e-12)
    assert sum(p.lines for p in gap.inside) == gap.residual.lines


def test_every_number_has_one_cause(gap: Gap) -> None:
    """Causes exclude each other: their numbers and the residual's make up all numbers."""
    own = [p for p in gap.parts if p.name != "Sections 232 and 201"]
    assert sum(p.lines for p in (*own, gap.residual)) == len(lines(SHARED))
    assert len({name for name, _, _ in causes(SHARED)}) == len(own)


def test_statutory_averages_are_the_results_own(gap: Gap) -> None:
    """The statutory average is what ``bilateral`` gives, so no second arithmetic is at work."""
    record = ts.load("us-china").without(authority="Section 232").without(authority="Section 201")
    row = record.run(start="2024-01-01", end="2025-01-01", importers="USA", exporters="CHN"
                     ).bilateral(freq="YS", how="mean").iloc[0]
    assert row["rate"] == pytest.approx(gap.all_in, abs=1e-12)
    assert row["known_share"] == pytest.approx(gap.known_share, abs=1e-12)
    of_all = row["additional_rate"] * row["additional_known_share"]
    assert of_all == pytest.approx(gap.s301, abs=1e-12)


def test_the_record_hardly_misses_a_duty(gap: Gap) -> None:
    """On lines without a named cause next to nothing is collected beyond the record's rate."""
    assert -1e-5 < gap.inside[-1].points <= 0


def test_a_missing_number_does_not_swallow_the_items_after_it() -> None:
    """An enumeration that skips a number is read to its end, each list from its own first item."""
    text = (
        "(i) The U.S. Trade Representative determined",
        "(1) Pumps (described in statistical reporting number 8413.70.2004)",
        "(3) Valves (described in statistical reporting number 8481.10.0090 prior to July 1, 2020;",
        "described in statistical reporting number 8481.10.0095 effective July 1, 2020)",
        "(ii) The U.S. Trade Representative determined",
        "(1) 9030.90.4600",
    )
    assert exclusion_numbers(text) == ({"8413702004", "8481100095", "90309046"}, 3)
