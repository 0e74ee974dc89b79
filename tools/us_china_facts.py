"""Rows of the US-China fact base, as the pack tool reads them: typed, in the order of the files."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from tradescen.vocab.source import Source

FACTS = Path("facts", "us_china")
_TIMELINES = (
    "Global Times timeline of 2019-12-15 (globaltimes.cn/content/1173600); Straits Times timeline "
    "of 2019-05-06"
)
# Rows of acts.csv that cite another row of the fact base: what that row cites. A row that
# points at its own target (None) takes the target's citation.
_CITED: dict[str, str | None] = {
    "truces.csv, Buenos Aires; 83 FR 65198 (to be checked)":
        f"83 FR 65198 (not opened); {_TIMELINES}",
    "truces.csv, sine die 2019-02/03; day to be checked against the notice":
        f"{_TIMELINES}; the day to be checked against the notice",
    "row us-301-l4b-15, truces Phase One (printed in the HTS 2019-12-18)":
        "HTS as printed 2019-12-18 (9903.88.16 marked suspended); S&P Global 2019-12; PIIE Bown "
        "chart 2020-02-14",
    "SCTC [2019] No.7, row source": "SCTC [2019] No. 7 (2019-12-15)",
    "the words of the row in measures.csv": None,
    "the words of the row in measures.csv; day to be checked against the notice": None,
    "as for us-301-excl-164; days to be checked against the notices": None,
}


def day(text: str) -> dt.date | None:
    """A day out of ISO text; nothing out of an empty cell."""
    return dt.date.fromisoformat(text) if text else None


@dataclass(frozen=True)
class Row:
    """One spell of measures.csv. ``end`` is the first day not in force."""

    id: str
    importer: str
    targets: tuple[str, ...]
    authority: str
    scope: str
    rate: float | None
    rate_note: str
    start: dt.date
    start_time: str
    end: dt.date | None
    code: str
    charged: bool
    status: str
    stacking: str
    citation: str
    confidence: str
    family: str
    announced: dt.date | None
    enacted: dt.date | None
    end_announced: dt.date | None
    end_enacted: dt.date | None
    act_until: dt.date | None

    @property
    def rated(self) -> float:
        """The rate, where the row is sure to have one."""
        if self.rate is None:
            raise ValueError(f"{self.id} has no rate")
        return self.rate

    def source(self, *more: str, confidence: str = "") -> Source:
        """The citation of the row; what it says beside its numbers stands in the note."""
        said = [self.authority, self.scope, self.rate_note, self.start_time, self.stacking]
        return Source(
            citation=self.citation,
            note="; ".join(s for s in (*said, *more) if s),
            confidence=confidence or self.confidence,
        )

    def end_source(self) -> Source:
        """The citation of the row, for the act that ended it."""
        return Source(citation=self.citation, note=self.status, confidence=self.confidence)


@dataclass(frozen=True)
class ActRow:
    """One row of acts.csv: an act that is no spell."""

    id: str
    kind: str
    target: str
    rate: float | None
    announced: dt.date
    enacted: dt.date
    start: dt.date
    end: dt.date | None
    source: Source


@dataclass(frozen=True)
class Event:
    """One row of events.csv."""

    date: dt.date
    kind: str
    actors: tuple[str, ...]
    text: str
    related: str
    source: Source


@dataclass(frozen=True)
class TruceRow:
    """One row of truces.csv; what it covers and how it ended stay text."""

    name: str
    expiry: str
    terms: str
    outcome: str
    source: Source


@dataclass(frozen=True)
class Facts:
    """The whole fact base of the two countries."""

    rows: tuple[Row, ...]
    acts: tuple[ActRow, ...]
    events: tuple[Event, ...]
    truces: tuple[TruceRow, ...]

    def row(self, spell: str) -> Row:
        """The row of a spell."""
        return next(r for r in self.rows if r.id == spell)

    def truce(self, start: str) -> TruceRow:
        """The truce whose name begins so."""
        return next(t for t in self.truces if t.name.startswith(start))

    def families(self) -> dict[str, list[Row]]:
        """Rows by family, each in order of their first day."""
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            found.setdefault(row.family, []).append(row)
        return {name: sorted(rows, key=lambda r: r.start) for name, rows in found.items()}


def _table(shared: Path, name: str) -> list[dict[str, str]]:
    with (shared / FACTS / name).open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def _row(r: dict[str, str]) -> Row:
    start = day(r["start_date"])
    if start is None:
        raise ValueError(f"{r['id']} has no first day")
    return Row(
        id=r["id"],
        importer=r["imposing"],
        targets=tuple(r["target"].split(";")),
        authority=r["authority"],
        scope=r["scope"],
        rate=float(r["rate"]) if r["rate"] else None,
        rate_note=r["rate_note"],
        start=start,
        start_time=r["start_time"],
        end=day(r["end_date"]),
        code=r["status_code"],
        charged=r["charged_in_spell"] == "yes",
        status=r["status"],
        stacking=r["stacking_note"],
        citation=r["source"],
        confidence=r["confidence"],
        family=r["family"],
        announced=day(r["announced_date"]),
        enacted=day(r["enacted_date"]),
        end_announced=day(r["end_announced"]),
        end_enacted=day(r["end_enacted"]),
        act_until=day(r["act_until"]),
    )


def _cited(text: str, target: str, rows: tuple[Row, ...]) -> str:
    """The citation itself, where a row of acts.csv only points at another row."""
    cited = _CITED.get(text, text)
    if cited is not None:
        return cited
    own = next(r.citation for r in rows if r.id == target)
    return f"{own} | day to be checked against the notice" if "to be checked" in text else own


def _acts(rows: list[dict[str, str]], spells: tuple[Row, ...]) -> tuple[ActRow, ...]:
    made: list[ActRow] = []
    for r in rows:
        announced, enacted, start = (day(r[f"{n}_date"]) for n in ("announced", "enacted", "start"))
        if announced is None or enacted is None or start is None:
            raise ValueError(f"{r['id']} lacks a clock")
        same = r["source"] == "same"
        citation = (
            made[-1].source.citation if same else _cited(r["source"], r["target"], spells)
        )
        made.append(
            ActRow(
                id=r["id"],
                kind=r["act"],
                target=r["target"],
                rate=float(r["rate"]) if r["rate"] else None,
                announced=announced,
                enacted=enacted,
                start=start,
                end=day(r["end_date"]),
                source=Source(citation=citation, confidence=r["confidence"]),
            )
        )
    return tuple(made)


def read_facts(shared: Path) -> Facts:
    """Read the fact base from the folder of shared inputs."""
    events = tuple(
        Event(
            date=dt.date.fromisoformat(r["date"]),
            kind=r["type"],
            actors=tuple(r["actor"].split(";")),
            text=r["event"],
            related=r["related_measures"],
            source=Source(citation=r["source"], confidence=r["confidence"]),
        )
        for r in _table(shared, "events.csv")
    )
    truces = tuple(
        TruceRow(
            name=r["name"],
            expiry=r["expiry"],
            terms=r["snap_back_terms"],
            outcome=r["outcome"],
            source=Source(
                citation=r["source"],
                note=f"expiry: {r['expiry']}; on lapse: {r['snap_back_terms']}",
                confidence=r["confidence"],
            ),
        )
        for r in _table(shared, "truces.csv")
    )
    rows = tuple(_row(r) for r in _table(shared, "measures.csv"))
    return Facts(
        rows=rows,
        acts=_acts(_table(shared, "acts.csv"), rows),
        events=events,
        truces=truces,
    )
