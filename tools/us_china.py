"""The cited record of the US-China tariff war, built out of the fact base and the lists.

Run from the repository root: ``python -m tools.us_china [SHARED]`` prints what was made and
how it stands against headline.csv. ``build`` gives the record to the pack builder.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attrs import evolve

from tools.tables import us_exports_to_china, us_weights_from_china_2024
from tools.us_china_events import event_rows, read_events, row_milestones
from tools.us_china_facts import read_facts
from tools.us_china_gaps import known_gaps
from tools.us_china_goods import Goods, read_goods
from tools.us_china_law import PLAN
from tools.us_china_measures import read_measures
from tools.us_china_odd import read_odd_rows
from tools.us_china_scopes import ASSUMED, cn_mfn, more_acts, us_mfn
from tools.us_china_shares import default_assumptions
from tools.us_china_truces import read_truces, truce_rows
from tradescen.law.assumptions import Assumptions
from tradescen.law.schedule import TariffSchedule
from tradescen.law.weights import Weights
from tradescen.timeline.course import Change
from tradescen.vocab.source import Source

FIRST_DAY = "2018-01-01"
DATA_DATE = "2026-11-09"
US_EDITION = "HTS 2025 rev. 10"
CN_EDITION = "HS 2022"


@dataclass
class Record:
    """Everything the pack ``us-china`` holds.

    ``disposition`` says of each row of measures.csv, acts.csv, truces.csv and events.csv what
    it became.
    """

    schedule: TariffSchedule
    changes: tuple[Change, ...]
    weights: tuple[Weights, ...]
    assumptions: Assumptions
    manifest: dict[str, Any]
    disposition: list[dict[str, str]]


def _weights(shared: Path, goods: Goods) -> tuple[Weights, ...]:
    imports = us_weights_from_china_2024(shared, goods.split_codes())
    made = [
        Weights(
            name="US imports from China 2024",
            values={("USA", "CHN"): imports.values},
            year=2024,
            flow="imports",
            valuation="customs",
            nomenclature=(("USA", US_EDITION),),
            source=Source(citation=imports.origin, note=imports.note),
        )
    ]
    for year in (2017, 2020):
        exports = us_exports_to_china(shared, year)
        made.append(
            Weights(
                name=f"US exports to China {year}",
                values={("CHN", "USA"): exports.values},
                year=year,
                flow="exports",
                valuation="f.a.s.",
                nomenclature=(("CHN", CN_EDITION),),
                source=Source(citation=exports.origin, note=exports.note, confidence="medium"),
            )
        )
    return tuple(made)


def _sources(goods: Goods) -> list[str]:
    origins = {one.origin for one in goods.us.values()}
    origins |= {one.codes.origin for one in goods.cn.spells.values()}
    origins |= {one.origin for one in goods.cn.layers.values()}
    origins |= {goods.mfn.origin, goods.metals.origin}
    return ["US-China tariff fact base compiled to 2026-11-23", *sorted(origins)]


def build(shared: Path) -> Record:
    """The record, read from the folder of shared inputs."""
    facts, goods = read_facts(shared), read_goods(shared)
    made = read_measures(facts, goods)
    read_odd_rows(made)
    for act in more_acts(facts, goods):
        made.add(act)
    events = read_events(facts)
    rows = row_milestones(made)
    truces, ends = read_truces(made, events)
    china, china_changes = cn_mfn(goods)
    changes: tuple[Change, ...] = (
        *made.acts.values(),
        *ends,
        *china_changes,
        *truces,
        *events.values(),
        *rows,
    )
    weights = _weights(shared, goods)
    assumed = {*made.assumed, *ASSUMED, *(a.id for a in china_changes)}
    changes = tuple(_doubted(c) if c.id in assumed else c for c in changes)
    manifest = {
        "name": "us-china",
        "version": "1",
        "title": "The cited record of the US-China tariff war, both directions, from 2018",
        "first_day": FIRST_DAY,
        "data_date": DATA_DATE,
        "importers": ["USA", "CHN"],
        "exporters": {"USA": ["CHN", "HKG", "MAC"], "CHN": ["USA"]},
        "editions": {"USA": US_EDITION, "CHN": CN_EDITION},
        "weights": [w.name for w in weights],
        "assumptions": "default",
        "sources": _sources(goods),
        "known_gaps": known_gaps(goods, made.assumed),
        "assumed_enactment": sorted(assumed),
    }
    return Record(
        schedule=TariffSchedule(measures=(us_mfn(goods), china), plan=PLAN),
        changes=tuple(sorted(changes, key=lambda c: c.id)),
        weights=weights,
        assumptions=default_assumptions(goods),
        manifest=manifest,
        disposition=[*made.disposition, *truce_rows(), *event_rows()],
    )


def _doubted(change: Change) -> Change:
    """An act whose day of enactment no source gives: it says so, with lowered confidence."""
    source = getattr(change, "source", None)
    if source is None:
        return change
    note = "; ".join(t for t in (source.note, "enactment assumed: the first day stands in") if t)
    return evolve(change, source=evolve(source, note=note, confidence="low"))


def main() -> None:
    """Print the disposition for the folder named (default: beside the repository)."""
    from tools.us_china_check import report

    beside = Path(__file__).resolve().parents[2] / "shared"
    shared = Path(sys.argv[1]) if len(sys.argv) > 1 else beside
    print(report(build(shared), shared))


if __name__ == "__main__":
    main()
