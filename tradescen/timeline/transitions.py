"""What an act moves: the rises and falls of duties it brings about, as law stood when it was seen.

An act is weighed against the law known on that day without it. The US 34 % of April 2025 never
was charged, yet it was answered: on the day it became law it was a rise of 34 points.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable

from attrs import evolve, frozen

from tradescen.errors import ConflictingActs, UnknownName
from tradescen.timeline.acts import Act, Amend, Impose, Reschedule, Suspend, Terminate
from tradescen.timeline.course import Path
from tradescen.timeline.fold import fold
from tradescen.timeline.moves import act_known
from tradescen.timeline.pruning import pruned
from tradescen.timeline.spells import Spell, Timeline
from tradescen.vocab.countries import CountrySet
from tradescen.vocab.duty import Duty
from tradescen.vocab.hs import ByProduct, ProductSet

__all__ = ["MOVING", "Move", "charged_by", "moves_of", "resumptions"]

MOVING = (Impose, Amend, Suspend, Terminate)
_SAME_DAY: tuple[type, ...] = (Terminate, Impose, Amend, Suspend, Reschedule)
Area = tuple[CountrySet, ProductSet]


@frozen
class Move:
    """A duty of one measure rises or falls by *points* on some origins and goods.

    Where a level is not one ad valorem rate ``points`` is NaN, and -inf if the duty is gone.
    """

    measure: str
    importer: str
    exporters: CountrySet
    products: ProductSet
    points: float
    rises: bool


def _rises(old: Duty | ByProduct[Duty], new: Duty | ByProduct[Duty]) -> bool:
    """Whether a duty that is no one rate rises on some line; where nothing is known, it does."""
    codes = {c for d in (old, new) if isinstance(d, ByProduct) for c, _ in d.values}
    pairs = [(_on(old, c), _on(new, c)) for c in (*codes, "")]
    return any(b > a for a, b in pairs) or all(math.isnan(b - a) for a, b in pairs)


def _on(duty: Duty | ByProduct[Duty], code: str) -> float:
    found = duty.find(code) if isinstance(duty, ByProduct) else duty
    return math.nan if found is None else found.ave()


def _level(duty: Duty | ByProduct[Duty]) -> float:
    return math.nan if isinstance(duty, ByProduct) else duty.ave()


def _less(areas: Iterable[Area], exporters: CountrySet, products: ProductSet) -> list[Area]:
    """Areas (origins × goods) less one area."""
    out: list[Area] = []
    for e, p in areas:
        both = e & exporters
        if not both or not (p & products):
            out.append((e, p))
        else:
            out += [(e - exporters, p), (both, p - products)]
    return [(e, p) for e, p in out if e and p]


def _compare(before: list[Spell], after: list[Spell]) -> tuple[Move, ...]:
    """Where both stand, the difference; where only one does, the whole duty."""
    out: list[Move] = []

    def add(spell: Spell, exporters: CountrySet, products: ProductSet, points: float,
            rises: bool) -> None:
        if exporters and products and not abs(points) <= 1e-12:
            out.append(Move(spell.measure, spell.importer, exporters, products,
                            round(points, 12), rises))

    for new in after:
        rest: list[Area] = [(new.exporters, new.products)]
        for old in before:
            if old.measure != new.measure:
                continue
            exporters, products = new.exporters & old.exporters, new.products & old.products
            if not exporters or not products:
                continue
            if new.duty != old.duty:
                points = _level(new.duty) - _level(old.duty)
                add(new, exporters, products, points,
                    _rises(old.duty, new.duty) if math.isnan(points) else points > 0)
            rest = _less(rest, exporters, products)
        for exporters, products in rest:
            add(new, exporters, products, _level(new.duty), True)
    for old in before:
        rest = [(old.exporters, old.products)]
        for new in after:
            if new.measure == old.measure:
                rest = _less(rest, new.exporters, new.products)
        for exporters, products in rest:
            level = _level(old.duty)
            add(old, exporters, products, -math.inf if math.isnan(level) else -level, False)
    return tuple(out)


def _standing(timeline: Timeline, importer: str, day: dt.date) -> list[Spell]:
    return [s for s in timeline.spells
            if s.importer == importer and s.start <= day and (s.end is None or day < s.end)]


def _order(act: Act) -> tuple[int, dt.date, str]:
    """The order of acts of one day, as when a day is folded; moves come last."""
    return (_SAME_DAY.index(type(act)), act.known, act.id)


def _folded(path: Path, acts: list[Act], seen: dt.date, keep: str = "") -> Timeline:
    """What held, told from an evening; acts on what became law later are left out."""
    milestones = [m for m in path.milestones if m.known <= seen]
    while True:
        try:
            return fold(path.schedule, acts, milestones, path.truces)
        except (ConflictingActs, UnknownName) as error:
            name = str(error.values.get("id") or error.values.get("name"))
            left = [p for a in acts if (p := pruned(a, {name})) is not None]
            if left == acts or (keep and all(a.id != keep for a in left)):
                raise
            acts = left


def moves_of(path: Path, act: Act, seen: dt.date, importer: str) -> tuple[Move, ...]:
    """What *act* moves among the duties of *importer*, against the law known when it was seen.

    Of acts of the same day only those that come first (by kind, announcement, id) are weighed
    in. A threat is weighed as if it were law.
    """
    day = act.effective
    if day is None:
        return ()
    if isinstance(act, Terminate):  # what is withdrawn would have been charged from its own day
        days = [a.effective for a in path.acts if a.id == act.target and a.effective is not None]
        day = max([day, *days])
    known = [
        one for a in path.acts
        if a.id != act.id and (one := act_known(a, seen)) is not None
        and not (a.enacted == seen and _order(a) > _order(act))
    ]
    law = act if act.enacted is not None else evolve(act, announced=act.known, enacted=act.known)
    try:
        before = _folded(path, known, seen)
        after = _folded(path, [*known, law], seen, keep=act.id)
    except (ConflictingActs, UnknownName):
        return ()  # without what became law later the act means nothing yet
    return _compare(_standing(before, importer, day), _standing(after, importer, day))


def charged_by(timeline: Timeline, act: Act, importer: str) -> tuple[Move, ...]:
    """What is charged differently from the first day of *act*, where it sets the duty."""
    record = timeline.records[act.id]
    day = record.effective
    if day is None or act.id in timeline.overtaken:
        return ()
    before = _standing(timeline, importer, day - dt.timedelta(days=1))
    after = _standing(timeline, importer, day)
    if isinstance(act, Terminate):
        names = {act.target} if isinstance(act.target, str) else set(act.target.ids)
    else:
        # Of several acts of one day the last to move a measure brings its change about.
        names = {s.measure for s in after if act.id == s.because[-1] and s.start == day}
    return _compare([s for s in before if s.measure in names],
                    [s for s in after if s.measure in names])


def resumptions(timeline: Timeline, importer: str) -> list[tuple[str, dt.date, tuple[Move, ...]]]:
    """Suspensions that ran out: an id, the day, what is charged again."""
    found: dict[tuple[str, dt.date], list[Move]] = {}
    for s in timeline.spells:
        if s.status != "suspended" or s.end is None or s.importer != importer:
            continue
        record = timeline.records.get(s.because[-1])
        if record is None or record.until != s.end:
            continue
        after = [n for n in _standing(timeline, importer, s.end)
                 if n.measure == s.measure and n.because == s.because[:-1]]
        # Of the spells that follow only the part under this one is charged again.
        moves = [m for m in _compare([s], after)
                 if m.rises and m.products & s.products and m.exporters & s.exporters]
        for m in moves:
            part = evolve(m, products=m.products & s.products, exporters=m.exporters & s.exporters)
            found.setdefault((f"{s.because[-1]}@{s.measure}", s.end), []).append(part)
    return [(name, day, tuple(moves)) for (name, day), moves in found.items()]
