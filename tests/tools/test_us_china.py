"""The US-China record: every fact has its place, and the law folds as known on any day."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest

from tools import us_china_check as check
from tools.us_china import Record, build
from tradescen.timeline.acts import Impose, Milestone
from tradescen.timeline.course import Change, Course
from tradescen.timeline.moves import as_known, plain_acts
from tradescen.timeline.spells import Timeline
from tradescen.timeline.truce import Truce

SHARED = Path(__file__).resolve().parents[3] / "shared"
FACTS = SHARED / "facts" / "us_china"
pytestmark = pytest.mark.skipif(
    not FACTS.is_dir(),
    reason="the fact base lies in ../shared beside the repository, which is absent here",
)

MEASURES = (
    *("us-recip-cn", "us-fent-cn", "us-301-list1", "us-301-list2", "us-301-list3"),
    *("us-301-list4a", "us-301-list4b", "us-122", "us-301-forced-labor-cn", "cn-recip-us"),
)
OCTOBER_2025 = (
    *("2025-10-09-rare-earth-controls", "2025-09-29-bis-50-rule", "2025-10-10-plus-100-threat"),
    *("2025-11-01-us-software-limits", "2025-10-24-phase-one-probe", "2025-10-14-us-port-fees"),
    *("2025-10-14-cn-port-fees", "2025-10-30-busan-leaders-meeting", "us-301-phase-one"),
    *("2025-11-01-soybean-purchases", "2025-11-07-rare-earth-controls-suspended"),
    *("2025-11-10-port-fees-suspended", "2025-11-10-bis-50-rule-stay", "us-threat-100"),
)
DAYS = (
    *("2018-01-21", "2018-03-22", "2018-12-01", "2019-02-24", "2019-05-05", "2019-08-23"),
    *("2019-10-11", "2019-12-13", "2020-01-15", "2021-01-13", "2022-02-03", "2024-09-18"),
    *("2025-04-07", "2025-04-11", "2025-05-12", "2025-07-01", "2025-08-11", "2025-10-24"),
    *("2025-10-30", "2025-11-01", "2025-11-04", "2026-02-20", "2026-06-02", "2026-09-23"),
    "2026-11-09",
)


@pytest.fixture(scope="module")
def record() -> Record:
    """The record, built once."""
    return build(SHARED)


@pytest.fixture(scope="module")
def timeline(record: Record) -> Timeline:
    """What holds when, by the whole record."""
    return _fold(record, record.changes)


def _fold(record: Record, changes: tuple[Change, ...]) -> Timeline:
    return Course(schedule=record.schedule, changes=changes).paths()[0].fold()


def _ids(name: str) -> list[str]:
    with (FACTS / name).open(newline="", encoding="utf-8") as handle:
        return [row["id"] for row in csv.DictReader(handle)]


def test_every_row_of_the_fact_base_has_its_place(record: Record, timeline: Timeline) -> None:
    """Each row of measures.csv and acts.csv stands once in the disposition, with a live act."""
    placed = [row["spell"] for row in record.disposition]
    for name in (*_ids("measures.csv"), *_ids("acts.csv")):
        assert placed.count(name) == 1, name
    for row in record.disposition:
        assert row["became"], row["spell"]
        if row["act"]:
            assert row["act"] in timeline.records, row["spell"]


def test_every_act_and_measure_names_a_source(record: Record) -> None:
    """No measure, act, milestone or truce is without a citation."""
    for change in record.changes:
        for item in (change, *plain_acts(change)):
            if not (isinstance(item, Truce) and item.acts):
                assert getattr(item, "source", None) is not None, item.id
            if isinstance(item, Impose):
                assert item.measure.source is not None, item.id
    assert all(m.source is not None for m in record.schedule.measures)


def test_the_ids_users_type_exist(record: Record, timeline: Timeline) -> None:
    """Measures, acts and truces of the public contract are there under their names."""
    assert set(MEASURES) <= set(timeline.measures)
    assert {"us-threat-100", "stockholm"} <= set(timeline.records)
    truces = {c.id for c in record.changes if isinstance(c, Truce)}
    assert {"phase-one", "geneva", "stockholm", "kuala-lumpur"} <= truces
    assert set(OCTOBER_2025) <= set(timeline.records)
    authorities = {m.authority for m in timeline.measures.values()}
    assert {"IEEPA fentanyl", "IEEPA reciprocal", "Section 301", "Section 232"} <= authorities
    assert {"Section 122", "SCTC 2025", "Section 201", "MFN"} <= authorities


@pytest.mark.parametrize("day", DAYS)
def test_the_law_folds_as_known_on_a_day_and_hides_what_came_later(
    record: Record, day: str
) -> None:
    """As known on an evening the record folds, and nothing announced later is in it."""
    on = dt.date.fromisoformat(day)
    known = as_known(record.changes, on)
    path = Course(schedule=record.schedule, changes=known).paths()[0]
    folded = path.fold()
    assert folded.spells
    assert [a.id for a in (*path.acts, *path.milestones) if a.known > on] == []


def test_the_eve_of_october_2025_knows_the_threat_and_the_end_of_the_truce(
    record: Record,
) -> None:
    """On 24 October 2025 the +100 % is a threat and the truce ends on 10 November."""
    on = dt.date(2025, 10, 24)
    folded = _fold(record, as_known(record.changes, on))
    assert folded.status("us-threat-100", on) == "threatened"
    assert folded.records["geneva"].until == dt.date(2025, 11, 10)
    assert "kuala-lumpur" not in folded.records


def test_headline_rates_are_met_on_their_days_and_the_days_before(record: Record) -> None:
    """Additional points of sample lines of each bucket are those of headline.csv."""
    found, cells = check.differences(record, SHARED, most=8)
    assert cells > 1000
    assert [str(d) for d in found] == []


def test_the_bare_record_returns_the_24_points_and_the_promise_holds_them(
    record: Record,
) -> None:
    """Soybeans bear 37.5 points to 9 November 2026 and 61.5 after, unless the promise is law."""
    told = check.scenario(record)
    ask = {"importer": "CHN", "exporter": "USA", "product": "1201.90"}
    before, after = told.rate(on="2026-11-09", **ask), told.rate(on="2026-11-10", **ask)
    assert after - before == pytest.approx(0.24)
    kept = told.enact("cn-2025-24-susp4", on="2026-11-10")
    assert kept.rate(on="2026-11-10", **ask) == before
    assert kept.rate(on="2027-01-10", **ask) == after


def test_measures_on_a_line_of_a_first_group_never_tie(timeline: Timeline) -> None:
    """Measures of a "first" group bear different precedences, so no line can tie."""
    plan = timeline.schedule.plan
    for group in (g for g in plan.groups if g.within == "first"):
        ranks = {s.measure: s.precedence for s in timeline.spells if s.group == group.name}
        assert len(set(ranks.values())) == len(ranks), group.name


def test_milestones_do_not_end_before_the_world_knew(record: Record) -> None:
    """A milestone's term is known from its announcement or set by an act with its own clocks."""
    stones = [c for c in record.changes if isinstance(c, Milestone)]
    assert len(stones) >= 48
    assert all(m.until is None for m in stones)


def test_manifest_says_what_it_is_and_what_it_lacks(record: Record) -> None:
    """The manifest names editions and data date; its first gap is the promised extension."""
    manifest = record.manifest
    assert manifest["name"] == "us-china"
    assert manifest["data_date"] == "2026-11-09"
    assert set(manifest["editions"]) == {"USA", "CHN"}
    assert "2027-01-10" in manifest["known_gaps"][0]
    assert "us-deminimis-postal-entry" in manifest["assumed_enactment"]
    assert {w.pairs for w in record.weights} == {(("USA", "CHN"),), (("CHN", "USA"),)}
