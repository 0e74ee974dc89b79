"""One measure through time: its pieces, moved by impositions and amendments, under overlays.

A measure may be in several disjoint pieces (countries × goods), each with a base track, under
overlays, the suspensions. Nothing changes inside a spell. When a suspension ends, the base as
amended meanwhile is what is seen again. No measure's track depends on another's, so paths that
differ in one act share the tracks of all measures the act does not touch.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from attrs import evolve, frozen

from tradescen.errors import ConflictingActs
from tradescen.law.measure import Measure
from tradescen.law.stacking import StackPlan
from tradescen.timeline.acts import Act, Amend, Impose, Only, Suspend, Terminate
from tradescen.timeline.pieces import Overlay, Piece, covers_importer, cut, minus
from tradescen.timeline.settle import Record
from tradescen.timeline.spells import DAY_ZERO, Spell
from tradescen.vocab.duty import Points, Times, changed, residual_of
from tradescen.vocab.source import Source

__all__ = ["Meant", "Track", "same_day", "track"]

_NEVER = dt.date.max


@frozen
class Meant:
    """An act as far as it concerns one measure.

    Args:
        act: The act.
        only: Of which partners and goods.
        group: Only pieces that stand in this stacking group.
        inside: Whether the measure is meant on the day, for a target that names an act whose
            own target goes by group; takes the groups the measure stands in.
    """

    act: Act
    only: Only
    group: str | None = None
    inside: Callable[[frozenset[str]], bool] | None = None


@frozen(eq=False)
class Track:
    """The spells of one measure, and which acts found something to act on.

    Args:
        ranked: Its spells, each with its rank among the spells of all measures.
        spells: Its spells in that order.
        touched: Ids of acts that found a piece.
        seen: Ids of acts that something rested on at the end of their first day.
    """

    ranked: tuple[tuple[Any, Spell], ...]
    spells: tuple[Spell, ...]
    touched: frozenset[str]
    seen: frozenset[str]


_ORDER = {Terminate: 0, Impose: 1, Amend: 2, Suspend: 3}


def same_day(act: Act) -> tuple[Any, ...]:
    """The order in which acts of one day are carried out."""
    return (_ORDER[type(act)], act.known, act.id)


class _Sweep:
    """The sweep. Mutable while it runs; :func:`track` returns only frozen values."""

    def __init__(self, name: str, plan: StackPlan, records: Mapping[str, Record],
                 meant: Iterable[Meant], own: Measure | None, first: Measure) -> None:
        self.name = name
        self.plan = plan
        self.records = records
        self.first = first  # who bears the id: its importer and authority
        self.live: dict[Piece, dt.date] = {}
        self.spells: list[Spell] = []
        self.touched: set[str] = set()
        self.seen: set[str] = set()
        self.days: dict[dt.date, list[Meant]] = defaultdict(list)
        for one in meant:
            start = records[one.act.id].effective
            assert start is not None
            self.days[start].append(one)
        if own is not None:
            self._begin(own, own.id, own.until or self._until(own.id), DAY_ZERO, own.source)

    def _until(self, act_id: str) -> dt.date | None:
        record = self.records.get(act_id)
        return None if record is None else record.until

    def _begin(self, m: Measure, act_id: str, until: dt.date | None, day: dt.date,
               source: Source | None) -> None:
        piece = Piece(m.scope.exporters, m.scope.products, m.duty, m.coverage, m.group,
                       m.precedence, until or _NEVER, (act_id,), source or m.source)
        self.live[piece] = day

    # -- the sweep --------------------------------------------------------------------

    def run(self) -> Track:
        day = min([*self.days, self._next_end()])
        while day != _NEVER:
            before = dict(self.live)
            self._expire(day)
            todays = sorted(self.days.pop(day, ()), key=lambda one: same_day(one.act))
            for one in todays:
                self._apply(one, day)
            self._close(before, day)
            rests = {i for p in self.live for i in (*p.because, *(o.id for o in p.overlays))}
            self.seen.update(m.act.id for m in todays if m.act.id in rests)
            day = min([*self.days, self._next_end()])
        for piece, since in self.live.items():
            self._emit(piece, since, None)
        ranked = sorted(((self._rank(s), s) for s in self.spells), key=lambda one: one[0])
        return Track(tuple(ranked), tuple(s for _, s in ranked), frozenset(self.touched),
                     frozenset(self.seen))

    def _rank(self, s: Spell) -> tuple[Any, ...]:
        return (self.plan.names.index(s.group), s.measure, s.start, str(s.exporters),
                s.products.codes[:1], len(s.products.codes))

    def _next_end(self) -> dt.date:
        ends = [_NEVER]
        for piece in self.live:
            ends.append(piece.until)
            ends += [o.until for o in piece.overlays]
        return min(ends)

    def _expire(self, day: dt.date) -> None:
        for piece in list(self.live):
            if piece.until <= day:
                del self.live[piece]
                continue
            over = [o for o in piece.overlays if o.until <= day]
            if over:
                since = self.live.pop(piece)
                if not any(o.then == "terminate" for o in over):
                    left = tuple(o for o in piece.overlays if o.until > day)
                    self.live[evolve(piece, overlays=left)] = since

    def _close(self, before: dict[Piece, dt.date], day: dt.date) -> None:
        for piece, since in before.items():
            if piece not in self.live and since < day:
                self._emit(piece, since, day)
        for piece in self.live:
            self.live[piece] = before.get(piece, day)

    def _emit(self, piece: Piece, start: dt.date, end: dt.date | None) -> None:
        if not piece.exporters.lasts(start):
            return  # origins that nobody bears any more, as members of the past
        governs = max(piece.overlays, key=lambda o: o.key) if piece.overlays else None
        self.spells.append(Spell(
            measure=self.name, authority=self.first.authority,
            importer=self.first.scope.importer,
            exporters=piece.exporters, products=piece.products, start=start, end=end,
            status="suspended" if governs else "in force",
            duty=residual_of(piece.duty, governs.duty) if governs else piece.duty,
            base=piece.duty, residual=governs.duty if governs else None,
            coverage=piece.coverage, group=piece.group, precedence=piece.precedence,
            because=(*piece.because, *((governs.id,) if governs else ())),
            source=piece.source,
        ))

    # -- one act ----------------------------------------------------------------------

    def _apply(self, meant: Meant, day: dt.date) -> None:
        act = meant.act
        if isinstance(act, Impose):
            if any(p.exporters.lasts(day) for p in self.live):
                raise ConflictingActs(
                    f"{act.id} imposes {act.measure.id} on {day}, which is already in force; "
                    "amend it, or give the new measure an id of its own",
                    id=act.id, target=act.measure.id,
                )
            self._begin(act.measure, act.id, self._until(act.id), day, act.source)
            self.touched.add(act.id)
            return
        assert isinstance(act, (Amend, Suspend, Terminate))
        if meant.inside is not None and not meant.inside(
            frozenset(p.group for p in self.live)
        ):
            return
        if self._touch(act, meant.only, meant.group, day):
            self.touched.add(act.id)

    def _touch(self, act: Amend | Suspend | Terminate, only: Only, group: str | None,
               day: dt.date) -> bool:
        if not self.live or not covers_importer(
            only.importers, self.first.scope.importer, day
        ):
            return False
        inside: list[tuple[Piece, dt.date]] = []
        rest: dict[Piece, dt.date] = {}
        for piece, since in self.live.items():
            part, outside = (None, [piece]) if group and piece.group != group else cut(
                piece, only, day
            )
            rest.update(dict.fromkeys(outside, since))
            if part is not None:
                inside.append((part, since))
        if not inside:
            return False
        if isinstance(act, Amend) and (act.products is not None or act.exporters is not None):
            rest.update(self._rescoped(act, inside, tuple(rest), only, day))
        else:
            for part, since in inside:
                changed_piece = self._change(part, act)
                if changed_piece is not None:
                    rest[changed_piece] = since
        self.live = rest
        return True

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
            self.plan.index(act.group)
            new["group"] = act.group
        until = self._until(act.id)
        if until is not None:
            new["until"] = until
        if act.duty is not None:
            new["source"] = act.source  # the source of a piece is that of its duty
        return evolve(piece, because=because, **new)

    def _rescoped(self, act: Amend, inside: list[tuple[Piece, dt.date]],
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
                f"{act.id} widens {self.name} on {day}, whose parts bear different duties, so the "
                "duty of what is added is not determined; amend the parts with only=",
                id=act.id, target=self.name,
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


def track(name: str, plan: StackPlan, records: Mapping[str, Record], meant: Iterable[Meant],
          own: Measure | None, first: Measure) -> Track:
    """Carry one measure through all acts on it.

    Args:
        name: Its id.
        plan: The stacking plan, which knows the groups.
        records: First days and ends of acts, as settled.
        meant: The acts that may concern it, impositions included.
        own: The measure, if it runs from day zero.
        first: The measure as first imposed.

    Raises:
        ConflictingActs: if it is imposed while in force, or widened where its duty is not one.
    """
    return _Sweep(name, plan, records, meant, own, first).run()
