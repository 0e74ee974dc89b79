"""The US-China record against headline.csv: additional points of sample lines, day by day."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from tools.us_china_facts import FACTS
from tools.us_china_goods import Goods, read_goods
from tradescen.scenario import Scenario
from tradescen.vocab.hs import ProductSet

if TYPE_CHECKING:
    from tools.us_china import Record

_DIRECTION = {"US on CN": ("USA", "CHN"), "CN on US": ("CHN", "USA")}
_START, _END = dt.date(2018, 1, 1), dt.date(2026, 11, 10)
_FIXED = {"soybeans_120190": ["120190"], "lng_271111": ["271111"]}


@dataclass(frozen=True)
class Difference:
    """A line whose additional duty on a day is not what the headline says, in points."""

    bucket: str
    line: str
    day: dt.date
    said: float
    found: float

    def __str__(self) -> str:
        return f"{self.bucket} {self.line} on {self.day}: {self.found:g}, headline {self.said:g}"


def scenario(record: Record) -> Scenario:
    """The record as a scenario."""
    return Scenario(
        name="us-china",
        schedule=record.schedule,
        changes=record.changes,
        data_date=record.manifest["data_date"],
        assumptions=record.assumptions,
        weights=record.weights,
        editions=record.manifest["editions"],
        gaps=record.manifest["known_gaps"],
    )


def _spread(codes: list[str], most: int) -> list[str]:
    step = max(1, len(codes) // most)
    return codes[::step][:most]


def samples(goods: Goods, most: int = 40) -> dict[str, list[str]]:
    """Lines of each bucket that no narrower measure touches, evenly spread over the schedule."""
    live = sorted(goods.mfn.text)
    names = [n for n in goods.us if not n.startswith("us-301-list")]
    lists = [n for n in goods.us if n.startswith("us-301-list")]
    touched = goods.of(*(n for n in names if "excl" not in n))
    listed = goods.of(*(n for n in lists if "list4b" not in n))
    out: dict[str, list[str]] = {}
    for bucket in ("list1", "list2", "list3", "list4a"):
        mine = goods.of(f"us-301-{bucket}")
        others = goods.of(*(n for n in lists if not n.startswith(f"us-301-{bucket}")))
        out[bucket] = _plain(live, mine - others, touched, most)
    out["unlisted"] = _plain(live, ProductSet.all() - listed, touched, most)
    steel = goods.of("us-232-steel-2018") & goods.of("us-301-2024-steel-alu")
    steel = steel & goods.of("us-301-list4a-review")
    others = goods.of(*(n for n in names if "excl" not in n and "steel" not in n
                        and "metals" not in n))
    out["steel232"] = _plain(live, steel & goods.of("us-232-metals-annex1a"), others, most)
    taken = {c for s in goods.cn.spells.values() for c in s.rates}
    taken |= {c for one in goods.cn.layers.values() for c in one.codes}
    out["all_other"] = _spread([c for c in goods.hs6 if c not in taken and c != "999999"], most)
    return out | _FIXED


def _plain(live: list[str], inside: ProductSet, outside: ProductSet, most: int) -> list[str]:
    codes = [c for c in live if inside.part(c) is True and outside.part(c) is False]
    return _spread(codes, most)


def differences(
    record: Record, shared: Path, most: int = 40
) -> tuple[list[Difference], int]:
    """Differences from headline.csv on each of its days and the day before, and cells compared."""
    lines = samples(read_goods(shared), most)
    with (shared / FACTS / "headline.csv").open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    told = scenario(record)
    found: list[Difference] = []
    cells = 0
    for direction, (importer, exporter) in _DIRECTION.items():
        mine = [r for r in rows if r["direction"] == direction]
        buckets = list(dict.fromkeys(r["bucket"] for r in mine))
        codes = sorted({c for b in buckets for c in lines[b]})
        frame = told.run(
            start=_START, end=_END, importers=[importer], exporters=[exporter]
        ).rates(products=codes)
        by_line = dict(tuple(frame.groupby("asked")))
        for bucket in buckets:
            before: float | None = None
            for row in (r for r in mine if r["bucket"] == bucket):
                day = dt.date.fromisoformat(row["date"])
                said = float(row["total_additional_pp"])
                checks = [(day, said)]
                if before is not None:
                    checks.append((day - dt.timedelta(days=1), before))
                for line in lines[bucket]:
                    for on, points in checks:
                        cells += 1
                        got = _on(by_line[line], on)
                        if not abs(got - points) < 1e-9:
                            found.append(Difference(bucket, line, on, points, got))
                before = said
    return found, cells


def _on(frame: pd.DataFrame, day: dt.date) -> float:
    at = frame[(frame["start"] <= pd.Timestamp(day)) & (frame["end"] > pd.Timestamp(day))]
    return round(float(at["additional_rate"].iloc[0]) * 100, 9)


def report(record: Record, shared: Path) -> str:
    """The sizes of the record and its differences from headline.csv, as text."""
    found, cells = differences(record, shared)
    out = [f"{len(record.changes)} changes, {len(record.disposition)} rows placed"]
    out += [f"assumed enactment: {', '.join(record.manifest['assumed_enactment'])}"]
    out += [f"headline: {cells} cells, {len(found)} differ", *map(str, found[:60])]
    return "\n".join(out)
