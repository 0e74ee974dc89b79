"""Tables of the law itself: spells, acts in their order, measures on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import pandas as pd

from tradescen.frames.tidy import concat
from tradescen.timeline.acts import (
    Amend,
    Impose,
    Milestone,
    Reschedule,
    Select,
    Suspend,
    Terminate,
)
from tradescen.timeline.settle import Record
from tradescen.timeline.spells import DAY_ZERO, Spell, Timeline
from tradescen.timeline.truce import Truce
from tradescen.vocab.duty import said

__all__ = [
    "measure_rows", "said", "spell_rows", "standing", "target_names", "timeline_rows", "truce_rows",
]

TIMELINE = ("date", "id", "actor", "kind", "what", "before", "after", "status", "source")
MEASURES = ("measure", "authority", "group", "importer", "exporters", "products", "status", "duty",
            "start", "end", "because", "source")


def _day(day: dt.date | None) -> Any:
    return pd.NaT if day is None or day == DAY_ZERO else pd.Timestamp(day)


def spell_rows(timeline: Timeline, start: dt.date, end: dt.date,
               horizon: dt.date | None) -> list[dict[str, Any]]:
    """One row per measure piece and spell in the window, and per act not (yet) in effect.

    Spells in force are cut after the horizon; their later part is *projected*.
    """
    rows: list[dict[str, Any]] = []
    late = None if horizon is None else horizon + dt.timedelta(days=1)
    for s in timeline.spells:
        if s.start >= end or (s.end is not None and s.end <= start):
            continue
        base = {
            "measure": s.measure, "authority": s.authority, "group": s.group,
            "importer": s.importer, "exporters": str(s.exporters), "products": str(s.products),
            "duty": said(s.duty), "because": "; ".join(s.because),
        }
        parts = [(s.start, s.end, s.status)]
        if late is not None and s.status == "in force" and (s.end is None or s.end > late):
            parts = [(max(s.start, late), s.end, "projected")]
            if s.start < late:
                parts.insert(0, (s.start, late, s.status))
        rows += [{**base, "start": _day(a), "end": _day(b), "status": what}
                 for a, b, what in parts]
    for name, record in timeline.records.items():
        rows += _pending_rows(timeline, name, record, start, end)
    return rows


def target_names(timeline: Timeline, target: Any, seen: tuple[str, ...] = ()) -> list[str]:
    """The measures a target names, as far as it can be told without its day."""
    ids = target.ids if isinstance(target, Select) else (target,)
    found: list[str] = []
    for name in ids:
        if name in timeline.measures:
            found.append(name)
        elif name in timeline.records and name not in seen:
            item = timeline.records[name].item
            inner = getattr(item, "target", None)
            if isinstance(item, Impose):
                found.append(item.measure.id)
            elif inner is not None:
                found += target_names(timeline, inner, (*seen, name))
    if isinstance(target, Select):
        if not ids:
            found = sorted(timeline.measures)
        measures = timeline.measures
        found = [
            n for n in found
            if target.authority in (None, measures[n].authority)
            and target.importer in (None, measures[n].scope.importer)
            and target.group in (None, measures[n].group)
        ]
    return found


def _pending_rows(timeline: Timeline, name: str, record: Record, start: dt.date,
                  end: dt.date) -> list[dict[str, Any]]:
    """What an act announced but not in effect says of its measures: threatened, then scheduled."""
    item = record.item
    if not isinstance(item, (Impose, Amend, Suspend)):
        return []
    until = record.effective
    if record.withdrawn is not None:
        until = min(record.withdrawn, until or record.withdrawn)
    law = item.enacted
    parts = [("threatened", item.known, until if law is None else law)]
    if law is not None:
        parts.append(("scheduled", law, until))
    names = [item.measure.id] if isinstance(item, Impose) else target_names(timeline, item.target)
    change = item.measure.duty if isinstance(item, Impose) else item.duty
    rows = []
    for what, first, last in parts:
        if first >= end or (last is not None and last <= max(start, first)):
            continue
        for n in names:
            m = timeline.measures[n]
            rows.append({
                "measure": m.id, "authority": m.authority, "group": m.group,
                "importer": m.scope.importer, "exporters": str(m.scope.exporters),
                "products": str(m.scope.products),
                "duty": "" if change is None else said(change), "because": name,
                "start": _day(first), "end": _day(last), "status": what,
            })
    return rows


def _touched(timeline: Timeline, act_id: str, day: dt.date) -> tuple[list[Spell], list[Spell]]:
    """The spells an act begins, and those of the same measures that end there."""
    after = [s for s in timeline.spells if act_id in s.because and s.start == day]
    names = {s.measure for s in after}
    before = [s for s in timeline.spells if s.measure in names and s.end == day]
    return before, after


def _duties(spells: Iterable[Spell], base: bool = False) -> str:
    return "; ".join(dict.fromkeys(said(s.base if base else s.duty) for s in spells))


def _target(target: Any) -> str:
    return str(target) if isinstance(target, Select) else target


_VERBS = {Amend: "amends", Suspend: "suspends"}


def _what(item: Any) -> str:
    if isinstance(item, Impose):
        return f"imposes {item.measure.id}"
    if isinstance(item, Amend):
        return f"amends {_target(item.target)}"
    if isinstance(item, Terminate):
        return f"ends {_target(item.target)}"
    if isinstance(item, Suspend):
        return f"suspends {_target(item.target)}"
    if isinstance(item, Reschedule):
        new = [f"from {item.effective}"] if item.effective else []
        new += [f"until {item.until}"] if item.until else []
        return f"moves {item.act}: {', '.join(new)}"
    return str(item.text)


def _actor(timeline: Timeline, item: Any, seen: tuple[str, ...] = ()) -> str:
    if isinstance(item, Milestone):
        return ", ".join(item.actor)
    if isinstance(item, Impose):
        return item.measure.scope.importer
    names = [item.act] if isinstance(item, Reschedule) else (
        list(item.target.ids) or ([item.target.importer] if item.target.importer else [])
        if isinstance(item.target, Select) else [item.target]
    )
    found: dict[str, None] = {}
    for name in names:
        if name in timeline.measures:
            found[timeline.measures[name].scope.importer] = None
        elif name in timeline.records and name not in seen:
            inner = timeline.records[name].item
            parts = [inner] if inner is not None else [  # a truce: who did what it is made of
                r.item for r in timeline.records.values()
                if r.item is not None and r.item.cause == name]
            for part in parts:
                found.update(dict.fromkeys(_actor(timeline, part, (*seen, name)).split(", ")))
        elif name and len(name) == 3:
            found[name] = None
    return ", ".join(n for n in found if n)


def _citation(item: Any) -> str:
    """Where an act is read; one that imposes a measure and names no source has the measure's."""
    source = item.source or (item.measure.source if isinstance(item, Impose) else None)
    return "" if source is None else source.citation


def standing(timeline: Timeline, name: str, on: dt.date) -> str:
    """Where an act or truce stands on a day, in words for a table."""
    status = timeline.status(name, on)
    return "not yet announced" if status == "unknown" else status


def timeline_rows(timeline: Timeline, start: dt.date | None, end: dt.date | None,
                  on: dt.date) -> pd.DataFrame:
    """Acts, milestones and ends of suspensions in the order of their days.

    Args:
        timeline: What holds when.
        start, end: Limits of the days shown.
        on: The day by which the status of each is given.
    """
    rows: list[dict[str, Any]] = []
    for name, record in timeline.records.items():
        item = record.item
        if item is None:
            rows.append(_truce_row(timeline, name, on))
            continue
        day = record.effective or item.known
        row = {"date": day, "id": name, "actor": _actor(timeline, item),
               "kind": item.kind if isinstance(item, Milestone) else type(item).__name__.lower(),
               "what": _what(item), "before": "", "after": "",
               "status": standing(timeline, name, on), "source": _citation(item)}
        if isinstance(item, (Impose, Amend, Suspend)) and record.effective is not None:
            before, after = _touched(timeline, name, record.effective)
            under = isinstance(item, Amend)  # an amendment moves the base, suspended or not
            row["before"], row["after"] = _duties(before, under), _duties(after, under)
            if isinstance(getattr(item, "target", None), Select) and after:
                touched = ", ".join(dict.fromkeys(s.measure for s in after))
                row["what"] = f"{_VERBS[type(item)]} {touched}"
            if isinstance(item, Amend) and item.duty is None and (item.products or item.exporters):
                row["what"] = str(row["what"]).replace("amends", "amends the scope of")
            if not after and isinstance(item, Impose):
                row["after"] = said(item.measure.duty)
        elif isinstance(item, Terminate) and record.effective is not None:
            names = {_target(item.target)} if not isinstance(item.target, Select) else set(
                item.target.ids
            )
            ended = [s for s in timeline.spells
                     if s.end == record.effective and s.measure in names]
            row["before"] = _duties(ended)
        rows.append(row)
    rows += _snapbacks(timeline, on)
    frame = pd.DataFrame(rows, columns=list(TIMELINE))
    days = frame["date"].tolist()
    keep = [
        (start is None or d >= start) and (end is None or d < end) for d in days
    ]
    frame = frame.loc[keep].sort_values(["date", "id"], kind="stable", ignore_index=True)
    return concat([frame], TIMELINE) if len(frame) else frame


def _truce_row(timeline: Timeline, name: str, on: dt.date) -> dict[str, Any]:
    """A truce or escalation in the calendar: its first day, its end, the acts it brought about."""
    record = timeline.records[name]
    parts = [(i, r.item) for i, r in timeline.records.items()
             if r.item is not None and r.item.cause == name]
    actors = dict.fromkeys(a for _, item in parts for a in _actor(timeline, item).split(", "))
    sources = [said for _, item in parts if (said := _citation(item))]
    ends = f", until {record.until}" if record.until else ""
    return {
        "date": record.effective, "id": name, "actor": ", ".join(a for a in actors if a),
        "kind": "truce", "what": f"{name} begins{ends}: {', '.join(i for i, _ in parts)}",
        "before": "", "after": "", "status": standing(timeline, name, on),
        "source": sources[0] if sources else "",
    }


def truce_rows(timeline: Timeline, changes: Iterable[Any], on: dt.date) -> pd.DataFrame:
    """Truces with the terms they have come to have, and where they stand on a day."""
    rows = [
        {"id": c.id, "parties": ", ".join(c.parties), "announced": _day(c.known),
         "start": _day(timeline.records[c.id].effective),
         "until": _day(timeline.records[c.id].until),
         "status": standing(timeline, c.id, on), "source": _citation(c)}
        for c in changes if isinstance(c, Truce)
    ]
    names = ("id", "parties", "announced", "start", "until", "status", "source")
    frame = pd.DataFrame(rows, columns=list(names))
    return frame.sort_values(["start", "id"], ignore_index=True)


def _snapbacks(timeline: Timeline, on: dt.date) -> list[dict[str, Any]]:
    """Ends of suspensions that no act of the day brings about: the base is charged again."""
    rows: dict[tuple[dt.date, str], dict[str, Any]] = {}
    for s in timeline.spells:
        if s.status != "suspended" or s.end is None:
            continue
        by = s.because[-1]
        record = timeline.records.get(by)
        if record is None or record.until != s.end:
            continue
        after = [n for n in timeline.spells
                 if n.measure == s.measure and n.start == s.end and n.status == "in force"
                 and n.because == s.because[:-1]]
        if not after:
            continue
        key = (s.end, s.measure)
        rows.setdefault(key, {
            "date": s.end, "id": by, "actor": s.importer, "kind": "snapback",
            "what": f"{s.measure} is charged in full again", "before": said(s.duty),
            "after": _duties(after), "status": "scheduled" if on < s.end else "in force",
            "source": "" if record.item is None else _citation(record.item),
        })
    return list(rows.values())


def measure_rows(timeline: Timeline, on: dt.date | None) -> pd.DataFrame:
    """Measures and their spells; with *on* those of that day, threats included.

    Pieces of a measure that differ in their goods or origins only are rows of their own.
    """
    rows: list[dict[str, Any]] = []
    for s in timeline.spells:
        if on is not None and not (s.start <= on and (s.end is None or on < s.end)):
            continue
        source = "" if s.source is None else s.source.citation
        rows.append({
            "measure": s.measure, "authority": s.authority, "group": s.group,
            "importer": s.importer, "exporters": str(s.exporters), "products": str(s.products),
            "status": s.status, "duty": said(s.duty), "start": _day(s.start), "end": _day(s.end),
            "because": "; ".join(s.because), "source": source,
        })
    for name, record in timeline.records.items():
        item = record.item
        if not isinstance(item, Impose):
            continue
        state = timeline.status(name, on) if on is not None else (
            "threatened" if item.enacted is None else ""
        )
        if state not in ("threatened", "scheduled", "lapsed", "withdrawn") or (
            on is not None and state in ("lapsed", "withdrawn")
        ):
            continue
        m = item.measure
        rows.append({
            "measure": m.id, "authority": m.authority, "group": m.group,
            "importer": m.scope.importer, "exporters": str(m.scope.exporters),
            "products": str(m.scope.products), "status": state, "duty": said(m.duty),
            "start": _day(record.effective), "end": pd.NaT, "because": name,
            "source": _citation(item),
        })
    return concat([pd.DataFrame(rows, columns=list(MEASURES))], MEASURES)
