"""Moves into acts that can hold together: targets that exist, ends after starts, moves of what
has not run out. A move that does not fit is dropped."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Union

from attrs import define, evolve

from tradescen.law.measure import Measure
from tradescen.law.schedule import TariffSchedule
from tradescen.testing import values as v
from tradescen.testing.moves import Move
from tradescen.timeline.acts import (
    Act,
    Amend,
    Impose,
    Milestone,
    Only,
    Reschedule,
    Select,
    Suspend,
    Target,
    Terminate,
)
from tradescen.timeline.escalation import EscalationStep
from tradescen.timeline.truce import Pause, Truce

__all__ = ["Writer", "Written"]

DAY = dt.timedelta(days=1)
Written = Union[Act, EscalationStep, Truce]


@define
class _Clock:
    """What of an act may still be moved."""

    start: dt.date | None
    until: dt.date | None
    law: bool
    kind: str
    moved: dt.date | None = None  # a day's withdrawals come before its moves


class Writer:
    """Turns moves into changes; mutable while it writes."""

    def __init__(self, schedule: TariffSchedule) -> None:
        self.schedule = schedule
        self.day = v.FIRST
        self.changes: list[Written] = []
        self.measures: dict[str, Measure] = {m.id: m for m in schedule.measures}
        self.fixed = [m.id for m in schedule.measures if m.group in schedule.plan.base]
        self.known: dict[str, dt.date] = dict.fromkeys(self.measures, dt.date.min)
        self.standing: dict[str, str] = {}  # act id → the one measure it stands for
        self.clocks: dict[str, _Clock] = {}
        self.imposed: dict[str, str] = {}  # measure id → the act that imposes it
        self.full = v.full_groups(schedule.plan)

    def write(self, moves: Sequence[Move]) -> tuple[Written, ...]:
        for move in moves:
            self.day += move["gap"] * DAY
            getattr(self, f"_{move['kind']}")(move)
        return tuple(self.changes)

    def alone(self, move: Move) -> Act:
        """Write an act that no later one speaks of, on measures that may be cut up."""
        names = list(self.measures)
        can = [n for n, name in enumerate(names) if not self._whole(name)]
        how = "id" if move.get("how") == "group" else move.get("how")
        self.write([{**move, "how": how, "pick": can[move["pick"] % len(can)], "also": None}])
        act = self.changes[-1]
        assert isinstance(act, (Amend, Suspend, Terminate))
        del self.clocks[act.id]
        self.standing.pop(act.id, None)
        return act

    # -- pieces -----------------------------------------------------------------------

    def _id(self, letter: str) -> str:
        return f"{letter}{len(self.changes) + 1:02d}"

    def _header(self, move: Move, *spoken_of: str, lead: bool = True) -> dict[str, Any]:
        """The clocks: nothing is announced before what it speaks of."""
        announced = self.day - (move["lead"] if lead else 0) * DAY
        announced = max([announced, *(self.known[n] for n in spoken_of)])
        law = not move.get("threat", False)
        return {"announced": announced, "enacted": self.day if law else None,
                "effective": self.day + move["notice"] * DAY}

    def _add(self, change: Any, start: dt.date | None, until: dt.date | None = None) -> None:
        self.changes.append(change)
        self.known[change.id] = change.known
        law = isinstance(change, Truce) or getattr(change, "enacted", None) is not None
        self.clocks[change.id] = _Clock(start, until, law, type(change).__name__)

    def _whole(self, name: str) -> bool:
        return self.measures[name].authority == v.WHOLE

    def _target(self, move: Move) -> tuple[Target, Only, tuple[str, ...]] | None:
        """Target, part, and the ids spoken of; ``None`` if there is nothing to act on."""
        only = move["only"] or Only()
        how, pick = move.get("how", "id"), move["pick"]
        if how == "group":
            name = self.schedule.plan.names[pick % len(self.schedule.plan.names)]
            return Select(group=name, missing="skip"), Only(), ()
        if how == "authority":
            names = sorted({m.authority for m in self.schedule.measures} - {v.WHOLE})
            select = Select(authority=names[pick % len(names)], missing="skip",
                            importer=("USA", None)[pick % 2])
            return select, only, ()
        name = list(self.measures)[pick % len(self.measures)]
        if self._whole(name):
            only = Only()
        spoken = name
        if how == "act":
            acts = [a for a, m in self.standing.items() if m == name]
            spoken = acts[-1] if acts else name
        if name in self.fixed and only.everything:
            return spoken, only, (spoken,)
        return Select(ids=(spoken,), missing="skip"), only, (spoken,)

    def _named(self, target: Target) -> str | None:
        """The one measure a target names; ``None`` for a target that may be several."""
        name = target if isinstance(target, str) else target.ids[0] if target.ids else ""
        return self.standing.get(name, name if name in self.measures else None)

    def loose(self, *, parts: bool = False) -> list[str]:
        """Measures that may end; with *parts*, such as may be cut up as well."""
        return [n for n in self.measures
                if n not in self.fixed and not (parts and self._whole(n))]

    def _runs(self, act: str) -> bool:
        """Whether an act is law and has taken effect."""
        clock = self.clocks.get(act)
        return clock is None or (
            clock.law and clock.start is not None and clock.start <= self.day)

    # -- moves ------------------------------------------------------------------------

    def _impose(self, move: Move) -> None:
        number = len(self.changes) + 1
        until = None if move["term"] is None else (
            self.day + (max(move["notice"], 0) + move["term"]) * DAY)
        measure = evolve(move["measure"], id=f"m{number:02d}", precedence=10 + number,
                         until=until)
        name = measure.id if move["own_id"] else f"i{number:02d}"
        head = self._header(move)
        self.measures[measure.id] = measure
        self.imposed[measure.id] = name
        self._add(Impose(id=name, measure=measure, **head), head["effective"], until)
        self.known[measure.id] = self.known[name]
        self.standing[name] = measure.id

    def _amend(self, move: Move) -> None:
        got = self._target(move)
        if got is None:
            return
        target, only, spoken = got
        one = self._named(target)
        head = self._header(move, *spoken)
        more: dict[str, Any] = {}
        also = move["also"]
        if one is not None:
            free = self.measures[one].group not in self.full
            if also == "coverage" and free:
                more["coverage"] = move["coverage"]
            elif also == "group" and free:
                more["group"] = move["group"]
            elif also == "until" and one not in self.fixed:
                more["until"] = max(head["effective"], self.day) + move["term"] * DAY
            elif also == "precedence":
                more["precedence"] = 100 + len(self.changes)
            elif also in ("products", "exporters") and self._whole(one):
                more[also] = move[also]
        duty = move["duty"] if not more or move["pick"] % 2 else None
        act = Amend(id=self._id("a"), target=target, only=only, duty=duty, **more, **head)
        self._add(act, head["effective"], act.until)
        if one is not None:
            self.standing[act.id] = one

    def _step(self, move: Move) -> None:
        target, only, spoken = self._target(move) or ("", Only(), ())
        head = self._header(move, *spoken)
        step = EscalationStep(
            id=self._id("e"), target=target, only=only, add=f"{move['points']}pp",
            announced=head["announced"], enacted=head["enacted"],
            threat=head["enacted"] is None, effective=head["effective"],
        )
        self._add(step, head["effective"])
        del self.clocks[step.id]

    def _suspend(self, move: Move) -> None:
        got = self._target(move)
        if got is None:
            return
        target, only, spoken = got
        one = self._named(target)
        ends = one is not None and one not in self.fixed
        self._hold(move, target, only, spoken, move["residual"], move["notice"], move["term"],
                   move["then"] if ends else "snapback")

    def _hold(self, move: Move, target: Target, only: Only, spoken: tuple[str, ...],
              residual: Any, notice: int, term: int | None, then: str) -> None:
        head = self._header({**move, "notice": notice}, *spoken)
        until = None if term is None else max(head["effective"], self.day) + term * DAY
        act = Suspend(id=self._id("h"), target=target, only=only, duty=residual, until=until,
                      then=then, **head)
        self._add(act, head["effective"], until)
        one = self._named(target)
        if one is not None:
            self.standing[act.id] = one

    def _nested(self, move: Move) -> None:
        """Two suspensions of the same measures, the second within the term of the first."""
        got = self._target({**move, "how": "id"})
        if got is None:
            return
        target, only, spoken = got
        self._hold(move, target, only, spoken, move["residual"], move["notice"],
                   move["term"] + move["after"], "snapback")
        self._hold(move, target, only, spoken, move["second"],
                   max(move["notice"], 0) + move["after"], move["term2"], "snapback")

    def _pair(self, move: Move) -> None:
        """Two acts of one day on one measure. That announced first becomes law last, and its
        id may be either, so that each order by which they could be taken is another."""
        runs = [n for n in self.measures if n not in self.imposed or self._runs(self.imposed[n])]
        free = [n for n in runs if self.measures[n].group not in self.full]
        what = move["what"] if free or move["what"] != "group" else "amend"
        can = free if what == "group" else runs
        name = can[move["pick"] % len(can)]
        known = max(self.day, self.known[name])
        self.day = known + 2 * DAY
        day = self.day + max(move["notice"], 0) * DAY
        until = None if move["term"] is None else day + move["term"] * DAY
        clocks = ({"announced": known, "enacted": known + 2 * DAY},
                  {"announced": known + DAY, "enacted": known + DAY})
        target = Select(ids=(name,), missing="skip")
        one: list[Callable[..., Act]]
        if what == "begin":  # a measure begins and is amended on its first day
            number = len(self.changes) + 1
            new = evolve(move["measure"], id=f"m{number:02d}", precedence=10 + number)
            self.measures[new.id] = new
            self.known[new.id] = known + DAY
            one = [partial(Amend, duty=move["first"],
                           target=Select(ids=(new.id,), missing="skip")),
                   partial(Impose, measure=new)]
            clocks = clocks[::-1]
        elif what == "amend":
            one = [partial(Amend, target=target, duty=move["first"]),
                   partial(Amend, target=target, duty=move["second"])]
        elif what == "suspend":
            one = [partial(Suspend, target=target, duty=move["residual"], until=until),
                   partial(Suspend, target=target, duty=move["other"], until=until)]
        else:
            group = move["group"]
            one = [partial(Amend, target=target, group=group),
                   partial(Suspend, target=Select(group=group, missing="skip"),
                           duty=move["residual"], until=until)]
        pairs = list(zip(one, clocks, strict=True))
        for act, times in reversed(pairs) if move["swap"] else pairs:
            made = act(id=self._id("p"), effective=day, **times)
            self._add(made, day, made.until if isinstance(made, Suspend) else None)
            del self.clocks[made.id]

    def _terminate(self, move: Move) -> None:
        names = self.loose(parts=move["only"] is not None)
        if not names:
            return
        name = names[move["pick"] % len(names)]
        head = self._header(move, name)
        act = Terminate(id=self._id("x"), target=Select(ids=(name,), missing="skip"),
                        only=move["only"] or Only(), **head)
        self._add(act, head["effective"])
        self.standing[act.id] = name

    def _replace(self, move: Move) -> None:
        """A measure ends and begins anew, on the same day."""
        open_ = [m for m, a in self.imposed.items() if a in self.clocks and self.clocks[a].law]
        if not open_:
            return
        name = open_[move["pick"] % len(open_)]
        before = self.clocks.pop(self.imposed[name])
        head = self._header(move, name, lead=False)
        start = max(head["effective"], (before.start or self.day) + DAY)
        end = Terminate(id=self._id("x"), target=Select(ids=(name,), missing="skip"),
                        **{**head, "effective": start})
        self._add(end, start)
        measure = evolve(self.measures[name], duty=move["duty"], until=None)
        begin = Impose(id=self._id("i"), measure=measure, **{**head, "effective": start})
        self._add(begin, start)
        del self.clocks[end.id], self.clocks[begin.id]
        self.imposed[name] = begin.id
        self.standing[begin.id] = name

    def _reschedule(self, move: Move) -> None:
        can: list[tuple[str, bool]] = []
        for name, c in self.clocks.items():
            if not c.law or (c.until is not None and c.until < self.day):
                continue
            begun = c.start is None or c.start < self.day
            if c.until is not None and (c.kind != "Truce" or begun):
                can.append((name, False))
            if not begun and c.kind != "Truce":
                can.append((name, True))
        can = [c for c in can if c[1] == move["start"]] or can
        if not can:
            return
        name, starts = can[move["pick"] % len(can)]
        clock = self.clocks[name]
        clock.moved = self.day
        head = {**self._header(move, lead=False), "effective": None}
        if starts:
            clock.start = self.day + max(move["notice"], 0) * DAY
            head["effective"] = clock.start
            if clock.until is not None and clock.until <= clock.start:
                clock.until = head["until"] = clock.start + move["term"] * DAY
        else:
            floor = (clock.start or self.day) + DAY
            clock.until = head["until"] = max(self.day + (move["term"] - 1) * DAY, floor)
        act = Reschedule(id=self._id("r"), act=name, **head)
        self._add(act, None)
        del self.clocks[act.id]

    def _pending(self) -> list[str]:
        return [n for n, c in self.clocks.items() if c.kind != "Truce" and c.moved != self.day
                and (c.start is None or c.start >= self.day)]

    def _withdraw(self, move: Move) -> None:
        can = self._pending()
        if not can:
            return
        name = can[move["pick"] % len(can)]
        del self.clocks[name]
        act = Terminate(id=self._id("w"), target=name,
                        **{**self._header(move, lead=False), "effective": self.day})
        self._add(act, self.day)
        del self.clocks[act.id]

    def _truce(self, move: Move) -> None:
        loose = [n for n in self.loose(parts=True)
                 if n not in self.imposed or self._runs(self.imposed[n])]

        def picked(*picks: int) -> tuple[str, ...]:
            return tuple(dict.fromkeys(loose[p % len(loose)] for p in picks)) if loose else ()

        start = self.day + max(move["notice"], 0) * DAY
        until = None if move["term"] is None else start + move["term"] * DAY
        # The first part is about a base duty, so that no truce is over nothing.
        first = self.fixed[move["first"] % len(self.fixed)]
        pauses = [Pause(select=Select(ids=(first, *picked(*move["picks"]))))]
        for one in move["pauses"]:
            late = start + one["late"] * DAY if one["late"] else None
            own = None if one["term"] is None else (late or start) + one["term"] * DAY
            if late is not None and own is None and until is not None and until <= late:
                late = None
            if picked(one["pick"]) and own != until:
                pauses.append(Pause(select=Select(ids=picked(one["pick"])), start=late,
                                    residual=one["residual"], until=own, then=one["then"]))
        name = self._id("t")
        extends: dict[str, dt.date | None] = {}
        withdraws: tuple[str, ...] = ()
        pending = [n for n, c in self.clocks.items() if c.kind == "Truce" and c.law
                   and c.until is not None and c.until >= self.day
                   and c.start is not None and c.start < self.day]
        if pending and move["extend"] is not None and not move["threat"] and until is not None:
            other = pending[move["extend"] % len(pending)]
            extends[other] = None
            self.clocks[other].until = until
        can = self._pending()
        if can and move["withdraw"] is not None and not move["threat"]:
            withdraws = (can[move["withdraw"] % len(can)],)
            del self.clocks[withdraws[0]]
        also: tuple[Milestone, ...] = ()
        if move["milestone"]:
            also = (Milestone(id=f"{name}-talks", announced=self.day, date=start, kind="talks"),)
        truce = Truce(
            id=name, parties=move["parties"], suspends=tuple(pauses), residual=move["residual"],
            amends={Select(ids=picked(p)): d for p, d in move["amends"] if picked(p)},
            extends=extends, withdraws=withdraws, start=start, until=until, also=also,
            announced=self.day, enacted=None if move["threat"] else self.day,
            threat=move["threat"],
        )
        self._add(truce, start, until)
        if move["threat"]:
            del self.clocks[name]
