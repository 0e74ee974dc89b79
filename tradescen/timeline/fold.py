"""What holds when: the fold of a schedule and its acts into spells.

A measure may be in several disjoint pieces (countries × goods), each with a base track,
moved by impositions and amendments, under overlays, the suspensions. Nothing changes inside
a spell. When a suspension ends, the base as amended meanwhile is what is seen again.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import evolve

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
from tradescen.timeline.pieces import Overlay, Piece, covers_importer, cut, minus
from tradescen.timeline.settle import Record, settle
from tradescen.timeline.spells import DAY_ZERO, Spell, Timeline
from tradescen.vocab.countries import CountrySet
from tradescen.vocab.duty import Points, Times, changed, residual_of
from tradescen.vocab.source import Source

__all__ = ["DAY_ZERO", "Spell", "Timeline", "fold"]

_NEVER = dt.date.max


def _first_imposed(record: Record) -> tuple[Any, ...]:
    """What comes to hold before what never does, then by day."""
    never = record.item.enacted is None or record.withdrawn is not None
    return (never, record.effective or _NEVER, record.item.known, record.item.id)


class _Fold:
    """The sweep. Mutable while it runs; :func:`fold` returns only frozen values."""

    def __init__(self, schedule: TariffSchedule, records: Mapping[str, Record],
                 acts: Iterable[Act]) -> None:
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
        self.live: dict[str, dict[Piece, dt.date]] = {}
        self.spells: list[Spell] = []
        self.overtaken: set[str] = set()
        self.skipped: set[str] = set()
        self.notes: list[str] = []
        self.days: dict[dt.date, list[Act]] = defaultdict(list)
        for act in acts:
            start = records[act.id].effective
            assert start is not None
            self.days[start].append(act)
        for m in schedule.measures:
            self._begin(m, m.id, m.until or self._until(m.id), DAY_ZERO, m.source)

    def _until(self, act_id: str) -> dt.date | None:
        record = self.records.get(act_id)
        return None if record is None else record.until

    def _begin(self, m: Measure, act_id: str, until: dt.date | None, day: dt.date,
               source: Source | None) -> None:
        piece = Piece(m.scope.exporters, m.scope.products, m.duty, m.coverage, m.group,
                       m.precedence, until or _NEVER, (act_id,), source or m.source)
        self.live.setdefault(m.id, {})[piece] = day

    # -- the sweep --------------------------------------------------------------------

    def run(self) -> None:
        day = min([*self.days, self._next_end()])
        while day != _NEVER:
            before = {name: dict(pieces) for name, pieces in self.live.items()}
            self._expire(day)
            todays = sorted(self.days.pop(day, ()), key=_same_day)
            for act in todays:
                self._apply(act, day)
            self._close(before, day)
            self._find_overtaken(todays)
            day = min([*self.days, self._next_end()])
        for name, pieces in self.live.items():
            for piece, since in pieces.items():
                self._emit(name, piece, since, None)

    def _next_end(self) -> dt.date:
        ends = [_NEVER]
        for pieces in self.live.values():
            for piece in pieces:
                ends.append(piece.until)
                ends += [o.until for o in piece.overlays]
        return min(ends)

    def _expire(self, day: dt.date) -> None:
        for pieces in self.live.values():
            for piece in list(pieces):
                if piece.until <= day:
                    del pieces[piece]
                    continue
                over = [o for o in piece.overlays if o.until <= day]
                if over:
                    since = pieces.pop(piece)
                    if not any(o.then == "terminate" for o in over):
                        left = tuple(o for o in piece.overlays if o.until > day)
                        pieces[evolve(piece, overlays=left)] = since

    def _close(self, before: dict[str, dict[Piece, dt.date]], day: dt.date) -> None:
        for name in {*before, *self.live}:
            old, new = before.get(name, {}), self.live.get(name, {})
            for piece, since in old.items():
                if piece not in new and since < day:
                    self._emit(name, piece, since, day)
            for piece in new:
                new[piece] = old.get(piece, day)

    def _find_overtaken(self, todays: list[Act]) -> None:
        seen = {
            i for pieces in self.live.values() for p in pieces
            for i in (*p.because, *(o.id for o in p.overlays))
        }
        self.overtaken.update(
            a.id for a in todays
            if isinstance(a, (Impose, Amend, Suspend)) and a.id not in seen | self.skipped
        )

    def _emit(self, name: str, piece: Piece, start: dt.date, end: dt.date | None) -> None:
        if not piece.exporters.lasts(start):
            return  # origins that nobody bears any more, as members of the past
        m = self.measures[name]
        governs = max(piece.overlays, key=lambda o: o.key) if piece.overlays else None
        self.spells.append(Spell(
            measure=name, authority=m.authority, importer=m.scope.importer,
            exporters=piece.exporters, products=piece.products, start=start, end=end,
            status="suspended" if governs else "in force",
            duty=residual_of(piece.duty, governs.duty) if governs else piece.duty,
            base=piece.duty, residual=governs.duty if governs else None,
            coverage=piece.coverage, group=piece.group, precedence=piece.precedence,
            because=(*piece.because, *((governs.id,) if governs else ())),
            source=piece.source,
        ))

    # -- one act ----------------------------------------------------------------------

    def _apply(self, act: Act, day: dt.date) -> None:
        if isinstance(act, Impose):
            if any(p.exporters.lasts(day) for p in self.live.get(act.measure.id, ())):
                raise ConflictingActs(
                    f"{act.id} imposes {act.measure.id} on {day}, which is already in force; "
                    "amend it, or give the new measure an id of its own",
                    id=act.id, target=act.measure.id,
                )
            self._begin(act.measure, act.id, self._until(act.id), day, act.source)
            return
        assert isinstance(act, (Amend, Suspend, Terminate))
        names, only, select = self._targets(act, day)
        touched = sum(self._touch(act, name, only, select.group, day) for name in names)
        if not touched:
            said = f"{act.id} finds nothing in force on {day} to {type(act).__name__.lower()}"
            if select.missing != "skip":
                raise ConflictingActs(
                    f"{said} ({act.target}); check the day and the target, or "
                    "give the target as a Select with missing='skip'",
                    id=act.id, target=act.target,
                )
            self.notes.append(f"{said} ({act.target}); skipped")
            self.skipped.add(act.id)

    def _targets(self, act: Amend | Suspend | Terminate,
                 day: dt.date) -> tuple[list[str], Only, Select]:
        select = act.target if isinstance(act.target, Select) else Select(ids=(act.target,))
        only = act.only
        if select.exporter:
            only = only & Only(exporters=CountrySet((select.exporter,)))
        return self._meant(select, ()), only, select

    def _meant(self, select: Select, seen: tuple[str, ...]) -> list[str]:
        """The measures a Select means on this day."""
        names = self._resolve(select, seen)
        if select.importer:
            names = [n for n in names if self.measures[n].scope.importer == select.importer]
        if select.group:
            self.schedule.plan.index(select.group)
            names = [n for n in names
                     if any(p.group == select.group for p in self.live.get(n, ()))]
        return names

    def _resolve(self, select: Select, seen: tuple[str, ...]) -> list[str]:
        names: list[str] = []
        for name in select.ids:
            if name in self.measures:
                names.append(name)
            elif name in self.acted and name not in seen:
                target = self.acted[name]
                inner = target if isinstance(target, Select) else Select(ids=(target,))
                names += self._meant(inner, (*seen, name))
            elif name in self.records:
                continue  # a milestone or a truce bears no rate
            else:
                raise UnknownName.among(
                    "measure or act", name, [*self.measures, *self.records]
                )
        if not select.ids:
            names = sorted(self.measures)
        if select.authority is not None:
            known = {m.authority for m in self.measures.values()}
            if select.authority not in known:
                raise UnknownName.among("authority", select.authority, known)
            names = [n for n in names if self.measures[n].authority == select.authority]
        return list(dict.fromkeys(names))

    def _touch(self, act: Amend | Suspend | Terminate, name: str, only: Only,
               group: str | None, day: dt.date) -> int:
        pieces = self.live.get(name, {})
        if not pieces or not covers_importer(
            only.importers, self.measures[name].scope.importer, day
        ):
            return 0
        inside: list[tuple[Piece, dt.date]] = []
        rest: dict[Piece, dt.date] = {}
        for piece, since in pieces.items():
            part, outside = (None, [piece]) if group and piece.group != group else cut(
                piece, only, day
            )
            rest.update(dict.fromkeys(outside, since))
            if part is not None:
                inside.append((part, since))
        if not inside:
            return 0
        if isinstance(act, Amend) and (act.products is not None or act.exporters is not None):
            rest.update(self._rescoped(act, name, inside, tuple(rest), only, day))
        else:
            for part, since in inside:
                changed_piece = self._change(part, act)
                if changed_piece is not None:
                    rest[changed_piece] = since
        self.live[name] = rest
        return len(inside)

    def _change(self, piece: Piece, act: Amend | Suspend | Terminate) -> Piece | None:
        if isinstance(act, Terminate):
            return None
        if isinstance(act, Suspend):
            start = self.records[act.id].effective
            assert start is not None
            overlay = Overlay(start, act.known, act.id, self._until(act.id) or _NEVER,
                               act.duty, act.then)
            return evolve(piece, overlays=(*piece.overlays, overlay))
        new: dict[str, Any] = {}
        because = (*piece.because, act.id)
        if act.duty is not None:
            new["duty"] = changed(piece.duty, act.duty)
            if not isinstance(act.duty, (Points, Times)):
                because = (act.id,)
        if act.coverage is not None:
            new["coverage"] = act.coverage
        if act.precedence is not None:
            new["precedence"] = act.precedence
        if act.group is not None:
            self.schedule.plan.index(act.group)
            new["group"] = act.group
        until = self._until(act.id)
        if until is not None:
            new["until"] = until
        if act.duty is not None:
            new["source"] = act.source  # the source of a piece is that of its duty
        return evolve(piece, because=because, **new)

    def _rescoped(self, act: Amend, name: str, inside: list[tuple[Piece, dt.date]],
                  outside: tuple[Piece, ...], only: Only,
                  day: dt.date) -> dict[Piece, dt.date]:
        """Give the pieces an act is about a new whole scope: keep what lies in it, add the new."""
        first = inside[0][0]
        exporters, products = first.exporters, first.products
        for piece, _ in inside:
            exporters, products = exporters | piece.exporters, products | piece.products
        scope = Only(exporters=(act.exporters or exporters) & only.exporters,
                     products=(act.products or products) & only.products)
        added: list[Only] = [scope] if scope.exporters and scope.products else []
        out: dict[Piece, dt.date] = {}
        for piece, since in inside:
            part, _ = cut(piece, scope, day)
            if part is not None:
                kept = self._change(part, act)
                assert kept is not None
                out[kept] = since
            added = [r for a in added for r in minus(a, piece)]
        for piece in outside:
            added = [r for a in added for r in minus(a, piece)]
        same = {(p.duty, p.coverage, p.group, p.precedence, p.until) for p, _ in inside}
        if added and len(same) > 1:
            raise ConflictingActs(
                f"{act.id} widens {name} on {day}, whose parts bear different duties, so the "
                "duty of what is added is not determined; amend the parts with only=",
                id=act.id, target=name,
            )
        common = [o for o in first.overlays if all(o in p.overlays for p, _ in inside)]
        for rect in added:
            if not rect.exporters.lasts(day):
                continue
            grown = self._change(evolve(first, exporters=rect.exporters, products=rect.products,
                                        overlays=tuple(common)), act)
            assert grown is not None
            out[grown] = day
        return out


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
    for truce in truces:
        parts = [n for n, r in records.items() if r.item is not None and r.item.cause == truce]
        if parts and skipped.issuperset(parts):
            raise ConflictingActs(
                f"{truce}: nothing it is about is in force on {records[truce].effective} "
                f"({', '.join(parts)} found nothing); check its start and what it selects",
                id=truce,
            )


_ORDER = {Terminate: 0, Impose: 1, Amend: 2, Suspend: 3}


def _same_day(act: Act) -> tuple[Any, ...]:
    return (_ORDER[type(act)], act.known, act.id)


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
    work = _Fold(schedule, settled.records, settled.acts)
    work.run()
    _refuse_empty(truces or {}, settled.records, work.skipped)
    order = schedule.plan.names
    spells = sorted(
        work.spells,
        key=lambda s: (order.index(s.group), s.measure, s.start, str(s.exporters),
                       s.products.codes[:1], len(s.products.codes)),
    )
    return Timeline(
        schedule=schedule, spells=tuple(spells), records=settled.records,
        truces=dict(truces or {}), overtaken=frozenset(work.overtaken),
        notes=(*settled.notes, *work.notes),
        promised=_promised(truces or {}, acts), measures=work.measures,
    )
