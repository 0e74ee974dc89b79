"""The additional points in force by date, direction and bucket, 2018 to the data date.

The numbers are those of the dated fact base (each row there names its measures and their
sources); they are reproduced on every listed date and on the day before it.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tradescen as ts
from tools.us_lists import us_lists

DAY = dt.timedelta(days=1)
# Lists by which a line is no plain member of its bucket, and why.
SPECIAL = {
    "Section 232 scope of some date": ("us-232-",),
    "2024 review (note 31)": ("us-301-2024-", "us-301-list1-review", "us-301-list2-review",
                              "us-301-list3-review", "us-301-list4a-review",
                              "us-301-list4b-review", "us-301-legacy-chips"),
    "exclusions defined in words": ("us-301-excl-",),
    "lines split in words": ("us-301-list3-part", "us-301-list4a-part", "us-301-list4b-part"),
    "Section 201": ("us-201-",),
    "exemption annexes": ("recip-", "s122-"),
    "maritime heading": ("us-301-maritime", "us-301-sts-cranes"),
}
BUCKETS = {"list1": "us-301-list1", "list2": "us-301-list2", "list3": "us-301-list3",
           "list4a": "us-301-list4a"}


def _headline(shared: Path) -> dict[tuple[str, str], list[tuple[dt.date, float]]]:
    found: dict[tuple[str, str], list[tuple[dt.date, float]]] = defaultdict(list)
    with (shared / "facts" / "us_china" / "headline.csv").open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            found[row["direction"], row["bucket"]].append(
                (dt.date.fromisoformat(row["date"]), float(row["total_additional_pp"]))
            )
    return {k: sorted(v) for k, v in found.items()}


def _days(steps: list[tuple[dt.date, float]]) -> list[tuple[dt.date, float]]:
    """Every listed date with its level, and the day before with the level before."""
    out = []
    for n, (day, level) in enumerate(steps):
        if n:
            out.append((day - DAY, steps[n - 1][1]))
        out.append((day, level))
    return out


def _under(line: str, prefixes: set[str]) -> bool:
    return any(line[:cut] in prefixes for cut in range(2, len(line) + 1, 2))


def _plain_lines(shared: Path, lines: list[str]) -> tuple[dict[str, list[str]], dict[str, int]]:
    """Lines by bucket that nothing special touches, and how many lines each cause takes out."""
    lists = us_lists(shared)
    causes: dict[str, set[str]] = {}
    for why, heads in SPECIAL.items():
        codes = {c for name, one in lists.items() if name.startswith(heads) for c in one.codes}
        # A ten-digit code takes its whole eight-digit line out of the plain ones.
        causes[why] = codes | {c[:8] for c in codes if len(c) == 10}
    member = {bucket: set(lists[name].codes) for bucket, name in BUCKETS.items()}
    buckets: dict[str, list[str]] = defaultdict(list)
    taken: dict[str, int] = defaultdict(int)
    for line in lines:
        why = next((w for w, codes in causes.items() if _under(line, codes)), None)
        if why is not None:
            taken[why] += 1
            continue
        bucket = next((b for b, codes in member.items() if line in codes), "unlisted")
        buckets[bucket].append(line)
    return dict(buckets), dict(taken)


@pytest.fixture(name="record", scope="module")
def _record() -> ts.Scenario:
    return ts.load("us-china")


@pytest.fixture(name="facts", scope="module")
def _facts() -> Path:
    shared = Path(__file__).resolve().parents[3] / "shared"
    if not (shared / "facts").is_dir():
        pytest.skip("the fact base is not beside the project, so its numbers cannot be compared")
    return shared


def _additional(record: ts.Scenario, importer: str, exporter: str, codes: list[str],
                days: list[dt.date]) -> pd.DataFrame:
    result = record.run(start=min(days), end=max(days) + DAY, importers=[importer],
                        exporters=[exporter])
    frame = result.rates(on=sorted(set(days)), products=codes)
    return frame.pivot(index="product", columns="date", values="additional_rate")


def test_every_plain_line_of_every_bucket(record: ts.Scenario, facts: Path,
                                          capsys: pytest.CaptureFixture[str]) -> None:
    """All plain lines of Lists 1, 2, 3, 4A and of none bear the headline points on every date."""
    headline = _headline(facts)
    mfn = next(m for m in record.schedule.measures if m.id == "us-mfn")
    lines = [c for c, _ in mfn.duty.values if c[:2] not in ("98", "99")]
    buckets, taken = _plain_lines(facts, lines)
    total = 0
    for bucket in (*BUCKETS, "unlisted"):
        codes = buckets[bucket]
        days = _days(headline["US on CN", bucket])
        got = _additional(record, "USA", "CHN", codes, [d for d, _ in days])
        assert len(got) == len(codes)
        want = np.array([level / 100 for _, level in days])
        gap = np.abs(got[[pd.Timestamp(d) for d, _ in days]].to_numpy() - want)
        wrong = got.index[(gap > 1e-12).any(axis=1)]
        assert list(wrong[:5]) == [], f"{bucket}: {len(wrong)} of {len(codes)} lines differ"
        total += len(codes)
    with capsys.disabled():
        print(f"\n{total:,} plain lines reproduced "
              f"({', '.join(f'{b} {len(buckets[b]):,}' for b in (*BUCKETS, 'unlisted'))}); "
              f"set apart: {', '.join(f'{n:,} {w}' for w, n in taken.items())}")
    assert total > 8000


def test_unlisted_soybeans_lng_and_the_rest_in_china(record: ts.Scenario, facts: Path) -> None:
    """China's points on soybeans, LNG and plain other lines follow the headline."""
    headline = _headline(facts)
    touched = {
        c for change in record.plain() if isinstance(change, ts.Impose)
        and change.measure.scope.importer == "CHN" and not change.measure.scope.products.is_all
        for c in change.measure.scope.products.codes
    }
    mfn = next(m for m in record.schedule.measures if m.id == "cn-mfn")
    others = [c for c, _ in mfn.duty.values if not _under(c, touched)]
    for bucket, codes in (("soybeans_120190", ["120190"]), ("lng_271111", ["271111"]),
                          ("all_other", others)):
        days = _days(headline["CN on US", bucket])
        got = _additional(record, "CHN", "USA", codes, [d for d, _ in days])
        want = np.array([level / 100 for _, level in days])
        gap = np.abs(got[[pd.Timestamp(d) for d, _ in days]].to_numpy() - want)
        assert gap.max() < 1e-12, (bucket, got.index[(gap > 1e-12).any(axis=1)][:5])
    assert len(others) >= 5


def test_steel_under_section_232(record: ts.Scenario, facts: Path) -> None:
    """Mill products of steel on List 4A and in the 2024 review bear the headline points."""
    lists = us_lists(facts)
    steel = set(lists["us-232-steel-2018"].codes)
    review = set(lists["us-301-2024-steel-alu"].codes) & set(lists["us-301-list4a-review"].codes)
    whole = set(lists["us-232-metals-annex1a"].codes)
    codes = [c for c in sorted(review) if _under(c, steel) and _under(c, whole)]
    assert len(codes) >= 5
    days = _days(_headline(facts)["US on CN", "steel232"])
    got = _additional(record, "USA", "CHN", codes, [d for d, _ in days])
    want = np.array([level / 100 for _, level in days])
    gap = np.abs(got[[pd.Timestamp(d) for d, _ in days]].to_numpy() - want)
    wrong = got.index[(gap > 1e-12).any(axis=1)]
    assert list(wrong) == []
