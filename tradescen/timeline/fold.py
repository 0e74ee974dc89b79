"""What holds when: the fold of a schedule and its acts into spells, one measure at a time."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from tradescen.errors import ConflictingActs, InvalidValue, UnknownName
from tradescen.law.measure import Measure
from tradescen.law.schedule import TariffSchedule
from tradescen.timeline.acts import (
    Act,
    Amend,
    Impose,
    Milestone,
    Only,
    Reschedule,
    Select,
    Suspend,
    Terminate,
)
from tradescen.timeline.pieces import covers_importer
from tradescen.timeline.settle import Record, settle
from tradescen.timeline.spells import DAY_ZERO, Spell, Timeline
from tradescen.timeline.tracks import Meant, Track, same_day, track
from tradescen.vocab.countries import CountrySet

__all__ = ["DAY_ZERO", "Spell", "Timeline", "covers_importer", "fold"]

_NEVER = dt.date.max
MOST_TRACKS = 20_000  # kept for one schedule; then all are forgotten


def _first_imposed(record: Record) -> tuple[Any, ...]:
    """What comes to hold before what never does, then by day."""
    never = record.item.enacted is None or record.withdrawn is not None
    return (never, record.effective or _NEVER, record.item.known, record.item.id)


class _Targets:
    """Which measures each act means."""

    def __init__(self, schedule: TariffSchedule, records: Mapping[str, Record]) -> None:
        self.schedule = schedule
        self.records = records
        self.measures: dict[str, Measure] = {m.id: m for m in schedule.measures}
        self.acted: dict[str, Any] = {}  # act id → its target, for Selects by act id
        for record in records.values():
            item = record.item
            if isinstance(item, Impose):
                self.acted[item.id] = item.measure.id
                schedule.plan.index(item.measure.group)
            elif isinstance(item, (Amend, Suspend, Terminate)):
                self.acted[item.id] = item.target
            elif isinstance(item, Reschedule):
                self.acted[item.id] = item.act
        for record in sorted((r for r in records.values() if isinstance(r.item, Impose)),
                             key=_first_imposed):
            self.measures.setdefault(record.item.measure.id, record.item.measure)
        self.authorities = {m.authority for m in self.measures.values()}

    def of(self, act: Act) -> tuple[list[str], tuple[Any, ...]]:
        """The measures an act may concern, and the targets of other acts this was read from."""
        if isinstance(act, Impose):
            return [act.measure.id], ()
        assert isinstance(act, (Amend, Suspend, Terminate))
        if isinstance(act.target, str) and act.target in self.measures:
            return [act.target], ()
        through: list[Any] = []
        return self._names(_select(act.target), (), through, None), tuple(through)

    def meant(self, act: Act, name: str, through: tuple[Any, ...]) -> Meant:
        """What an act means for one measure."""
        if isinstance(act, Impose):
            return Meant(act, Only())
        assert isinstance(act, (Amend, Suspend, Terminate))
        select = _select(act.target)
        only = act.only
        if select.exporter:
            only = only & Only(exporters=CountrySet((select.exporter,)))
        by_group = any(_select(t).group for t in through)
        return Meant(act, only, select.group, self._inside(select, name) if by_group else None)

    def _inside(self, select: Select, name: str) -> Callable[[frozenset[str]], bool]:
        return partial(self._stands, select, name)

    def _stands(self, select: Select, name: str, groups: frozenset[str]) -> bool:
        return name in self._names(select, (), [], groups)

    def _names(self, select: Select, seen: tuple[str, ...], through: list[Any],
               groups: frozenset[str] | None) -> list[str]:
        """The measures a Select means where they stand in *groups* (``None``: in any)."""
        names: list[str] = []
        for name in select.ids:
            if name in self.measures:
                names.append(name)
            elif name in self.acted and name not in seen:
                through.append(self.acted[name])
                names += self._names(_select(self.acted[name]), (*seen, name), through, groups)
            elif name in self.records:
                continue  # a milestone or a truce bears no rate
            else:
                raise UnknownName.among(
                    "measure or act", name, [*self.measures, *self.records]
                )
        if not select.ids:
            names = sorted(self.measures)
        if select.authority is not None:
            if select.authority not in self.authorities:
                raise UnknownName.among("authority", select.authority, self.authorities)
            names = [n for n in names if self.measures[n].authority == select.authority]
        if select.importer:
            names = [n for n in names if self.measures[n].scope.importer == select.importer]
        if select.group:
            self.schedule.plan.index(select.group)
            if groups is not None and select.group not in groups:
                return []
        return list(dict.fromkeys(names))


def _select(target: Any) -> Select:
    return target if isinstance(target, Select) else Select(ids=(target,))


def _tracks(schedule: TariffSchedule, records: Mapping[str, Record], acts: Iterable[Act],
            targets: _Targets) -> dict[str, Track]:
    """The track of every measure; one already known for the same acts and days is taken."""
    on: dict[str, list[tuple[Act, tuple[Any, ...]]]] = {name: [] for name in targets.measures}
    keys: dict[str, list[Any]] = {name: [] for name in targets.measures}
    for act in acts:
        record = records[act.id]
        names, through = targets.of(act)
        for name in names:
            on[name].append((act, through))
            keys[name].append((id(act), record.effective, record.until, *map(id, through)))
    own = {m.id: m for m in schedule.measures}
    known = schedule.worked_out
    if len(known) > MOST_TRACKS:
        known.clear()
    out: dict[str, Track] = {}
    for name, first in targets.measures.items():
        record_of = records.get(name)
        key = (name, id(first), record_of and record_of.until, frozenset(keys[name]))
        found = known.get(key)
        if found is None:
            meant = [targets.meant(act, name, through) for act, through in on[name]]
            one = track(name, schedule.plan, records, meant, own.get(name), first)
            # What the key names by identity is held, so that no other object takes its place.
            found = known[key] = (one, first, on[name])
        out[name] = found[0]
    return out


def _untouched(acts: Iterable[Act], tracks: Iterable[Track],
               records: Mapping[str, Record]) -> tuple[set[str], list[str]]:
    """Acts that found nothing to act on, where their target allows for it, with notes.

    Raises:
        ConflictingActs: for the first that its target does not excuse.
    """
    touched = {i for t in tracks for i in t.touched}
    idle = [a for a in acts if a.id not in touched and not isinstance(a, Impose)]
    notes = []
    for act in sorted(idle, key=lambda a: (records[a.id].effective, same_day(a))):
        assert isinstance(act, (Amend, Suspend, Terminate))
        said = (f"{act.id} finds nothing in force on {records[act.id].effective} to "
                f"{type(act).__name__.lower()}")
        if _select(act.target).missing != "skip":
            raise ConflictingActs(
                f"{said} ({act.target}); check the day and the target (a duty that has "
                "ended is imposed anew with Impose), or give the target as a Select with "
                "missing='skip'",
                id=act.id, target=act.target,
            )
        notes.append(f"{said} ({act.target}); skipped")
    return {a.id for a in idle}, notes


def _promised(truces: Iterable[str], acts: Iterable[Act]) -> frozenset[str]:
    """Truces that are only announced: they brought acts about, none of them law."""
    caused: dict[str, list[bool]] = defaultdict(list)
    for act in acts:
        if act.cause is not None:
            caused[act.cause].append(act.enacted is not None)
    return frozenset(t for t in truces if caused[t] and not any(caused[t]))


def _refuse_empty(truces: Iterable[str], records: Mapping[str, Record],
                  skipped: set[str]) -> None:
    """A truce may lose parts that found nothing, but not all of them."""
    if not skipped:
        return
    for truce in truces:
        parts = [n for n, r in records.items() if r.item is not None and r.item.cause == truce]
        if parts and skipped.issuperset(parts):
            raise ConflictingActs(
                f"{truce}: nothing it is about is in force on {records[truce].effective} "
                f"({', '.join(parts)} found nothing); check its start and what it selects",
                id=truce,
            )


def fold(schedule: TariffSchedule, acts: Iterable[Act], milestones: Iterable[Milestone] = (),
         truces: Mapping[str, tuple[dt.date, dt.date | None]] | None = None) -> Timeline:
    """Fold acts over a schedule. The order in which acts are given does not matter.

    Args:
        schedule: The law on day zero.
        acts: Plain acts (sugar is expanded before).
        milestones: Milestones, which acts may move.
        truces: Truce id → (start, until), for acts on truces.

    Raises:
        UnknownName: for an unknown measure, act, authority or group.
        ConflictingActs: for acts that cannot hold together.
    """
    acts, milestones = tuple(acts), tuple(milestones)
    for act in acts:
        if isinstance(act, Impose) and act.measure.id in {m.id for m in schedule.measures}:
            raise InvalidValue(
                f"{act.id} imposes {act.measure.id}, which the schedule already holds",
                value=act.id,
            )
    settled = settle(acts, milestones, truces or {}, [m.id for m in schedule.measures])
    targets = _Targets(schedule, settled.records)
    tracks = _tracks(schedule, settled.records, settled.acts, targets)
    skipped, notes = _untouched(settled.acts, tracks.values(), settled.records)
    _refuse_empty(truces or {}, settled.records, skipped)
    seen = {i for t in tracks.values() for i in t.seen}
    overtaken = {
        a.id for a in settled.acts
        if isinstance(a, (Impose, Amend, Suspend)) and a.id not in seen | skipped
    }
    ranked = sorted((one for t in tracks.values() for one in t.ranked), key=lambda one: one[0])
    return Timeline(
        schedule=schedule, spells=tuple(s for _, s in ranked), records=settled.records,
        truces=dict(truces or {}), overtaken=frozenset(overtaken),
        notes=(*settled.notes, *notes),
        promised=_promised(truces or {}, acts), measures=targets.measures,
        tracks={name: t.spells for name, t in tracks.items()},
    )
