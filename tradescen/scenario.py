"""``Scenario``: the law and how it moves, as a value. Every verb returns a new one."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from tradescen.errors import (
    AmbiguousPartner,
    AmbiguousProduct,
    InvalidValue,
    MissingData,
    UnknownName,
    a_name,
)
from tradescen.law.assumptions import Assumptions
from tradescen.law.schedule import TariffSchedule
from tradescen.law.weights import Weights
from tradescen.looks import Shown
from tradescen.timeline import moves
from tradescen.timeline.acts import Act, Milestone
from tradescen.timeline.course import Change, Course, Path
from tradescen.timeline.fork import Fork
from tradescen.timeline.moves import plain_acts
from tradescen.timeline.play import play
from tradescen.timeline.rules import RULES, Retaliation, Trigger
from tradescen.timeline.settle import Record
from tradescen.timeline.spells import Timeline
from tradescen.timeline.verbs import VERBS, Collapse, Enact, Extend, Shift, Verb, Withdraw, Without
from tradescen.vocab.countries import country, is_group, members
from tradescen.vocab.duty import percent
from tradescen.vocab.hs import dotted, normal_code
from tradescen.vocab.period import (
    DateLike,
    as_date,
    maybe_data_date,
    maybe_date,
    maybe_first_day,
    maybe_known_on,
)

if TYPE_CHECKING:
    import pandas as pd

    from tradescen.display.pictures import ScenarioPictures
    from tradescen.files.window import Window
    from tradescen.frames.explain import Explanation
    from tradescen.result import Result

__all__ = ["Scenario"]

YEAR = dt.timedelta(days=366)
CHECKED = 16  # paths folded when a scenario is made; the others when they are asked for


def _tuple(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (list, tuple, set, frozenset)) else (value,)


def _covers(value: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(sorted((country(i), tuple(sorted(map(country, e)))) for i, e in
                        dict(value).items()))


def _by_id(value: Any) -> tuple[Change, ...]:
    changes = value if isinstance(value, (list, tuple, set, frozenset)) else (value,)
    return Course.ordered(changes)


def _is_schedule(owner: Any, field: Any, value: Any) -> None:
    if not isinstance(value, TariffSchedule):
        raise InvalidValue(f"schedule={value!r} is not a TariffSchedule", value=value)


def _none_assumed() -> Assumptions:
    return Assumptions(name="none")


def _editions(value: Any) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(dict(value).items()))


@frozen(kw_only=True, repr=False, slots=False)
class Scenario(Shown):
    """The law on day zero and a course of acts; a value: equal content, equal scenario.

    Args:
        name: How its rows are named in tables.
        schedule: The law on day zero, with the stacking plan.
        changes: Acts, milestones, escalation steps and truces; their order is irrelevant.
        known_on: The evening it is told from, set by :meth:`as_known`.
        data_date: The last day the record speaks of; what lies later is projected.
        assumptions: Shares no act states, used unless a call gives others.
        weights: Trade values for averages, used unless a call gives others.
        editions: Importer → edition of its codes.
        covers: Importer → origins whose duties it holds; without it, all it is asked for.
        first_day: The day the record begins, if it does not hold all that went before.
        gaps: What the record is known not to hold, in words.
        pack: The packaged record it is built on, if any.
        window: What a scenario file asks to be run; the defaults of :meth:`run`.

    Raises:
        InvalidValue, UnknownName, ConflictingActs: if the acts cannot hold together; nothing
            is half-applied.
    """

    name: str = field(default="scenario", validator=a_name)
    schedule: TariffSchedule = field(validator=_is_schedule)
    changes: tuple[Change, ...] = field(default=(), converter=_by_id)
    known_on: dt.date | None = field(default=None, converter=maybe_known_on)
    data_date: dt.date | None = field(default=None, converter=maybe_data_date)
    assumptions: Assumptions = field(factory=_none_assumed, eq=False)
    weights: tuple[Weights, ...] = field(default=(), converter=_tuple, eq=False)
    editions: tuple[tuple[str, str], ...] = field(default=(), converter=_editions, eq=False)
    covers: tuple[tuple[str, tuple[str, ...]], ...] = field(
        default=(), converter=_covers, eq=False
    )
    first_day: dt.date | None = field(default=None, converter=maybe_first_day, eq=False)
    gaps: tuple[str, ...] = field(default=(), converter=_tuple, eq=False)
    pack: str = field(default="", eq=False)
    window: Window | None = field(default=None, eq=False)

    def __attrs_post_init__(self) -> None:
        for path in self.paths()[:CHECKED]:
            if not path.ruled:
                self.fold(path)
            else:  # rules answer when asked; the law they answer to must hold without them
                path.fold()

    # -- what it holds ------------------------------------------------------------------

    @property
    def acts(self) -> tuple[Change, ...]:
        """The acts, truces and escalations, by id."""
        return tuple(c for c in self.changes if not isinstance(c, (Milestone, Fork, *RULES)))

    @property
    def milestones(self) -> tuple[Milestone, ...]:
        """The milestones, with the days and terms that acts gave them."""
        records = self.fold().records
        return tuple(_as_moved(m, records[m.id]) for m in self.paths()[0].milestones)

    @property
    def rules(self) -> tuple[Retaliation | Trigger, ...]:
        """The rules, by id."""
        return tuple(c for c in self.changes if isinstance(c, RULES))

    @property
    def forks(self) -> tuple[Fork, ...]:
        """The forks, by name."""
        return tuple(c for c in self.changes if isinstance(c, Fork))

    @property
    def horizon(self) -> dt.date | None:
        """The last day known of: the evening it is told from, else the data date."""
        days = [d for d in (self.known_on, self.data_date) if d is not None]
        return min(days) if days else None

    @cached_property
    def digest(self) -> str:
        """A fingerprint of the law, the acts and the assumptions (hex)."""
        from tradescen.files.codec import fingerprint

        parts = [fingerprint(v) for v in (self.schedule, *self.changes, self.assumptions)]
        return hashlib.sha256(f"{self.known_on} {parts}".encode()).hexdigest()[:16]

    @cached_property
    def _course(self) -> Course:
        return Course(schedule=self.schedule, changes=self.changes)

    @cached_property
    def _folds(self) -> dict[str, Timeline]:
        return {}

    def paths(self) -> tuple[Path, ...]:
        """The ways things may go, with their probabilities."""
        return self._paths

    @cached_property
    def _paths(self) -> tuple[Path, ...]:
        return self._course.paths()

    def fold(self, path: Path | None = None, until: dt.date | None = None) -> Timeline:
        """What holds when, on one path; folded once.

        Rules answer what they see before *until*, by default a year after the last act.
        """
        path = path or self.paths()[0]
        if not path.ruled:
            until = None
        key = f"{path.name}|{until}"
        if key not in self._folds:
            self._folds[key] = self._played(path, until).fold()
        return self._folds[key]

    def _played(self, path: Path, until: dt.date | None) -> Path:
        if not path.ruled:
            return path
        from tradescen.probe import EngineProbe

        days = [d for a in path.acts for d in (a.effective, a.enacted, a.known) if d is not None]
        last = max([*days, self.horizon or dt.date.min]) + YEAR
        return play(path, self.horizon or dt.date.min, until or last, EngineProbe(self))

    # -- verbs: each returns a new scenario ---------------------------------------------

    def _do(self, verb: Verb, name: str | None) -> Scenario:
        schedule, changes = verb.apply(self.schedule, self.changes)
        return evolve(self, schedule=schedule, changes=changes, name=name or self.name)

    def then(self, *changes: Change | Verb, name: str | None = None) -> Scenario:
        """Add changes, one after the other.

        Raises:
            InvalidValue: for an id that is taken or something that is no change.
            UnknownName, ConflictingActs: for a target that does not exist or cannot be met.
        """
        schedule, made = self.schedule, self.changes
        for change in changes:
            if isinstance(change, VERBS):
                schedule, made = change.apply(schedule, made)
            else:
                made = (*made, change)
        Course(schedule=schedule, changes=made)
        return evolve(self, schedule=schedule, changes=made, name=name or self.name)

    def as_known(self, on: DateLike) -> Scenario:
        """What was known on the evening of a day: later announcements are gone, what became
        law later is a threat. ``as_known(a).as_known(b)`` is ``as_known(min(a, b))``."""
        day = as_date(on, "on")
        known = min(day, self.known_on) if self.known_on else day
        return evolve(self, changes=moves.as_known(self.changes, day), known_on=known)

    def enact(self, id: str, on: DateLike | None = None, *, name: str | None = None) -> Scenario:
        """Make a threat law, by default on the day it would take effect.

        Raises:
            UnknownName: if no act bears the id.
            ConflictingActs: if it is law already or was withdrawn.
        """
        return self._do(Enact(id=id, on=on), name)

    def withdraw(self, id: str, on: DateLike, *, name: str | None = None) -> Scenario:
        """Give up an act that has not yet taken effect."""
        return self._do(Withdraw(id=id, on=on), name)

    def extend(self, truce_id: str, until: DateLike, announced: DateLike | None = None, *,
               name: str | None = None) -> Scenario:
        """Prolong a truce (or one act) to another end.

        It becomes law when announced, by default on the day the truce would have run out.

        Raises:
            ConflictingActs: if it has run out by then.
            InvalidValue: if it has no end, or the new end is not later.
        """
        return self._do(Extend(id=truce_id, until=until, announced=announced), name)

    def collapse(self, truce_id: str, on: DateLike, *, name: str | None = None) -> Scenario:
        """End a truce early: what it holds back is charged again as amended meanwhile.

        Raises:
            InvalidValue: if the truce has ended by then or has not begun.
        """
        return self._do(Collapse(id=truce_id, on=on), name)

    def shift(self, id: str, days: int, *, name: str | None = None) -> Scenario:
        """Move all clocks of an act by some days; a truce's end and what it caused move too."""
        return self._do(Shift(id=id, days=days), name)

    def without(self, *ids: str, authority: str | Iterable[str] | None = None,
                name: str | None = None) -> Scenario:
        """Take measures and acts out, with all acts on them; truces lose those parts.

        Acts that are left without anything to act on (an extension of what has now run out)
        are moot and go too; ``.diff(other)`` lists all that went.

        Args:
            ids: Ids of measures, acts, truces or milestones.
            authority: One or several authorities, all of whose measures go.
        """
        return self._do(Without(ids=ids, authority=authority), name)

    def named(self, name: str) -> Scenario:
        """The same scenario under another name."""
        return evolve(self, name=name)

    def along(self, path: str, *, name: str | None = None) -> Scenario:
        """The scenario along one path: its forks and verbs resolved, named after the path."""
        way = self._path(path)
        return evolve(self, schedule=way.schedule, changes=way.changes, name=name or way.name)

    def covering(self, **origins: Iterable[str]) -> Scenario:
        """The same scenario, said to hold the duties on further origins too.

        A record refuses origins it does not speak of; whoever adds their duties says so here:
        ``record.then(…).covering(USA=("VNM",))``.
        """
        held = {i: set(e) for i, e in self.covers}
        for importer, more in origins.items():
            held.setdefault(importer, set()).update(_tuple(more))
        return evolve(self, covers={i: tuple(e) for i, e in held.items()})

    # -- numbers ------------------------------------------------------------------------

    def _path(self, path: str | None) -> Path:
        for one in self.paths():
            if path is None or one.name == path:
                return one
        raise UnknownName.among("path", str(path), [p.name for p in self.paths()])

    def rate(self, *, importer: str, exporter: str, product: str, on: DateLike,
             path: str | None = None) -> float:
        """The all-in rate on a product (a fraction of customs value); NaN where unknown.

        Raises:
            AmbiguousProduct: if the lines under the code bear different rates.
            AmbiguousPartner: if the members of a group do.
        """
        return self._cell(importer, exporter, product, on, path).rate

    def explain(self, *, importer: str, exporter: str, product: str, on: DateLike,
                path: str | None = None) -> Explanation:
        """The same rate with each of its parts: measure, status, act, source."""
        return self._cell(importer, exporter, product, on, path)

    def _cell(self, importer: str, exporter: str, product: str, on: DateLike,
              path: str | None) -> Explanation:
        from tradescen.frames.explain import explain
        from tradescen.simulation import LATEST, check_reach, lines_of, simulate

        day, digits = as_date(on, "on"), normal_code(product)
        way = self._path(path)
        timeline = self.fold(way, day + dt.timedelta(days=1))
        importer, exporter = country(importer), country(exporter)
        known = sorted({m.scope.importer for m in timeline.measures.values()})
        if importer not in known:
                raise UnknownName.among("importer", importer, known)
        if importer == exporter:
            raise InvalidValue(
                f"importer and exporter are both {importer}; goods of its own are not imports"
            )
        if day > LATEST:
            raise InvalidValue(f"the day {day} is past {LATEST}", value=day)
        check_reach(self, importer, (exporter,), day)
        lines = lines_of([self], [timeline], importer, None)
        under = [lines.codes[n] for n in lines.under(digits)] or [digits]
        if under == [digits] and lines.holding(digits) is None:
            edition = dict(self.editions).get(importer, "as the schedule has it")
            raise MissingData(
                f"the schedule of {importer} has no line under {product}, nor one it lies in; "
                f"check the code and its edition ({edition})",
                code=product,
            )
        group = members(exporter, day) if is_group(exporter) else (exporter,)
        names = {"scenario": self.name, "path": way.name, "digest": self.digest}
        first = explain(timeline, importer=importer, exporter=group[0], line=under[0], on=day,
                        assumptions=self.assumptions, names=names, shown=dotted(digits))
        if len(under) > 1 or len(group) > 1:
            frame = simulate(
                self, start=day, end=day + dt.timedelta(days=1), importers=[importer],
                exporters=list(group), weights=(),
            ).rates(on=day, products=[product])
            self._one_rate(frame[frame["path"] == way.name], importer, exporter, product, day)
        late = self.horizon is not None and day > self.horizon
        return evolve(first, exporter=exporter, status="projected" if late else "known")

    @staticmethod
    def _one_rate(frame: pd.DataFrame, importer: str, exporter: str, product: str,
                  day: dt.date) -> None:
        """Refuse one number for what bears several."""
        for line, part in frame.groupby("product", sort=False):
            values = part["rate"].tolist()
            for other, one in zip(values, part["exporter"], strict=True):
                if not _same(other, values[0]):
                    raise AmbiguousPartner(
                        f"{exporter} is not charged one rate by {importer} on {line} on {day}: "
                        f"{part['exporter'].iloc[0]} {percent(values[0])}, {one} "
                        f"{percent(other)}; ask for one member",
                        group=exporter,
                    )
        frame = frame.drop_duplicates("product")
        values = frame["rate"].tolist()
        if any(not _same(v, values[0]) for v in values):
            codes = frame["product"].tolist()
            table = [f"  {code}  {percent(v)}" + (  # a line of which some numbers stand apart
                "  (the rest of it: ask with all digits)" if after.startswith(code) else "")
                for code, v, after in zip(codes, values, [*codes[1:], ""], strict=True)]
            more = f"\n  … {len(table) - 20} more" if len(table) > 20 else ""
            level = f"HS{min(len(normal_code(product)), 8)}"
            raise AmbiguousProduct(
                f"{product} has {len(values)} lines, which {importer} charges differently on "
                f"{day}; ask for one of them, or average with weights "
                f"(run(…).rates(level={level!r})):\n" + "\n".join(table[:20]) + more,
                code=product, lines=tuple(frame["product"]), rates=tuple(values),
            )

    def run(self, *, start: DateLike | None = None, end: DateLike | None = None,
            **options: Any) -> Result:
        """Simulate this scenario alone; options as in ``simulate``.

        What is not given is taken from its ``window``, if it came from a file that has one.
        """
        from tradescen.simulation import simulate

        given = {} if self.window is None else self.window.options()
        given |= {k: v for k, v in (("start", start), ("end", end)) if v is not None} | options
        if not {"start", "end"} <= set(given):
            raise InvalidValue("no window to run over; give start= and end=")
        return simulate(self, **given)

    # -- tables -------------------------------------------------------------------------

    def timeline(self, start: DateLike | None = None, end: DateLike | None = None,
                 path: str | None = None) -> pd.DataFrame:
        """Acts, milestones and snapbacks by day, with what each changed and its source."""
        from tradescen.frames.acts import timeline_rows

        frame = timeline_rows(self.fold(self._path(path)), maybe_date(start, "start"),
                              maybe_date(end, "end"), self.horizon or dt.date.max)
        return self._stamp(frame, "acts, milestones and snapbacks by day")

    def measures(self, on: DateLike | None = None) -> pd.DataFrame:
        """Measures and their spells; with *on*, what stood on that day, threats included.

        One row a piece: ``products`` and ``exporters`` tell apart those that read alike
        otherwise. ``because`` names the acts a row rests on, which verbs take.
        """
        from tradescen.frames.acts import measure_rows

        frame = measure_rows(self.fold(), maybe_date(on, "on"))
        return self._stamp(frame, "measures and their spells")

    def truces(self, path: str | None = None) -> pd.DataFrame:
        """Truces with their present terms: id, parties, start, until, status, source."""
        from tradescen.frames.acts import truce_rows

        way = self._path(path)
        frame = truce_rows(self.fold(way), way.changes, self.horizon or dt.date.max)
        return self._stamp(frame, "truces")

    def check(self) -> pd.DataFrame:
        """What a careful reader should know before trusting the numbers: rule, severity, id,
        message."""
        from tradescen.frames.check import check

        frame = check(self.fold(), self.plain(), self.assumptions, self.gaps)
        return self._stamp(frame, "what to know before trusting the numbers")

    def clashes(self, *changes: Change | Verb) -> pd.DataFrame:
        """Which of *changes*, made in this order, do not commute.

        Acts always commute: they are held as a set, and their days order them. A verb reads
        what stands when it is made, so ``extend`` then ``collapse`` may come to something else
        than ``collapse`` then ``extend``. Each two of the changes are tried both ways round
        after those before them; the order matters where other duties are charged on some day, or
        an act has other days.

        Args:
            *changes: Acts and verbs; none: those in the branches of the scenario's forks, in
                the order they are written.

        Returns:
            ``where`` (the fork's branch, if any), ``first, second``, ``kind`` (``"order
            matters"`` or ``"needs the first"``), ``message``. Without a row every two of the
            changes may change places.
        """
        from tradescen.commuting import clashes

        return self._stamp(clashes(self, changes), "changes that do not commute")

    def plain(self) -> tuple[Act, ...]:
        """All plain acts, of truces and escalations too."""
        return tuple(a for c in self.changes for a in plain_acts(c))

    def diff(self, other: Scenario) -> pd.DataFrame:
        """Acts in one scenario and not, or not alike, in the other: id, change, here, there."""
        import pandas as pd

        ours = {a.id: a for a in (*self.plain(), *self.milestones)}
        theirs = {a.id: a for a in (*other.plain(), *other.milestones)}
        rows = []
        for name in sorted({*ours, *theirs}):
            a, b = ours.get(name), theirs.get(name)
            if a != b:
                kind = "added" if b is None else "removed" if a is None else "changed"
                rows.append({"id": name, "change": kind, "here": "" if a is None else repr(a),
                             "there": "" if b is None else repr(b)})
        return pd.DataFrame(rows, columns=["id", "change", "here", "there"])

    def _stamp(self, frame: pd.DataFrame, quantity: str) -> pd.DataFrame:
        from tradescen import __version__

        frame.attrs = {
            "quantity": quantity, "scenario": self.name, "digest": self.digest,
            "known_on": str(self.known_on or ""), "data_date": str(self.data_date or ""),
            "tradescen": __version__,
        }
        return frame

    @property
    def plot(self) -> ScenarioPictures:
        """Pictures: ``tree`` (extra ``plot``); what needs rates is drawn of a result."""
        from tradescen.display.pictures import ScenarioPictures

        return ScenarioPictures(self)

    # -- looks --------------------------------------------------------------------------

    def __repr__(self) -> str:
        from tradescen.display.text import scenario_text

        return scenario_text(self)


def _as_moved(m: Milestone, record: Record) -> Milestone:
    day = record.effective or m.date
    until = record.until if record.until is not None and record.until > day else None
    return m if (day, until) == (m.date, m.until) else evolve(m, date=day, until=until)


def _same(a: float, b: float) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b))
