"""Acts as marks under a line of rates: enacted, threatened, suspended, snapback, in rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen
from matplotlib.axes import Axes

from tradescen.display.pictures.canvas import INK, day_number
from tradescen.frames.acts import target_names, timeline_rows
from tradescen.timeline.acts import Amend, Impose, Milestone, Suspend, Terminate
from tradescen.vocab.countries import is_group, members

if TYPE_CHECKING:
    from tradescen.frames.run import Run
    from tradescen.timeline.settle import Record

__all__ = ["KINDS", "Mark", "behind", "draw_marks", "marks_of", "said", "shared"]

KINDS = ("enacted", "threatened", "suspended", "snapback")

@frozen(kw_only=True)
class Mark:
    """What one act did to a direction, in time.

    Args:
        kind: One of :data:`KINDS`.
        id: The act.
        name: The truce or escalation it belongs to, else its own id.
        start: The day it became law (enacted), was announced (threatened), began (suspended)
            or came back (snapback).
        end: The first day charged (enacted; ``None``: never was), the day it would have begun
            or was given up (threatened), the end of the suspension; ``None``: open.
        of: The paths it belongs to; empty: all shown.
    """

    kind: str
    id: str
    name: str
    start: dt.date
    end: dt.date | None
    of: tuple[str, ...] = ()

    @property
    def days(self) -> tuple[dt.date, ...]:
        """The days on which it may move a rate."""
        if self.kind == "threatened":
            return ()
        moves = (self.end,) if self.kind == "enacted" else (self.start, self.end)
        return tuple(d for d in moves if d is not None)


def _touches(run: Run, item: Any, importer: str, exporter: str, day: dt.date) -> bool:
    """Whether an act is about goods of a direction."""
    if isinstance(item, Milestone):
        return importer in item.actor
    names = [item.measure.id] if isinstance(item, Impose) else (
        target_names(run.timeline, item.target))
    codes = members(exporter, day) if is_group(exporter) else (exporter,)
    scopes = [item.measure.scope] if isinstance(item, Impose) else [
        run.timeline.measures[n].scope for n in names]
    return any(s.importer == importer and any(s.exporters.has(c, day) for c in codes)
               for s in scopes)


def _marks(run: Run, name: str, record: Record) -> list[Mark]:
    """What one act says of itself, whatever the direction."""
    item = record.item
    start, gone = record.effective, record.withdrawn

    def mark(kind: str, first: dt.date, last: dt.date | None) -> Mark:
        return Mark(kind=kind, id=name, name=item.cause or name, start=first, end=last)

    if isinstance(item, Milestone):
        last = min((d for d in (start, gone) if d is not None), default=None)
        return [mark("threatened", item.known, last)] if item.kind == "threat" else []
    law = item.enacted
    never = gone is not None and (start is None or gone <= start)
    if law is None:
        ends = [d for d in (start, gone) if d is not None]
        return [mark("threatened", item.known, min(ends, default=None))]
    out = [mark("threatened", item.known, law)] if item.known < law else []
    if isinstance(item, Suspend):
        if start is not None and not never and name not in run.timeline.overtaken:
            out.append(mark("suspended", start, record.until))
    elif not never and name not in run.timeline.overtaken:
        out.append(mark("enacted", min(law, start or law), start))
    else:
        out.append(mark("enacted", law, None))
    return out


def marks_of(run: Run, importer: str, exporter: str) -> list[Mark]:
    """The marks of a path in one direction, those that meet its window, by day."""
    found: list[Mark] = []
    for name, record in run.timeline.records.items():
        item = record.item
        if not isinstance(item, (Impose, Amend, Suspend, Terminate, Milestone)):
            continue
        day = record.effective or item.known
        if _touches(run, item, importer, exporter, day):
            found += _marks(run, name, record)
    back = timeline_rows(run.timeline, run.start, run.end, run.horizon or dt.date.max)
    for row in back.to_dict("records"):
        if row["kind"] == "snapback" and row["actor"] == importer:
            act = run.timeline.records[row["id"]].item
            if not _touches(run, act, importer, exporter, row["date"].date()):
                continue
            found.append(Mark(kind="snapback", id=row["id"], name=act.cause or row["id"],
                              start=row["date"].date(), end=None))
    return sorted(
        (m for m in found if m.start < run.end and (m.end or _last(m)) >= run.start),
        key=lambda m: (KINDS.index(m.kind), m.start, m.id),
    )


def _last(mark: Mark) -> dt.date:
    return dt.date.max if mark.kind in ("threatened", "suspended") else mark.start


def shared(by_path: Mapping[str, Iterable[Mark]]) -> list[Mark]:
    """The marks of several paths, each once, with the paths it belongs to if not to all."""
    held: dict[Mark, list[str]] = {}
    for name, marks in by_path.items():
        for mark in marks:
            held.setdefault(mark, []).append(name)
    return [m if len(names) == len(by_path) else evolve(m, of=tuple(dict.fromkeys(names)))
            for m, names in held.items()]


def behind(marks: Iterable[Mark], day: dt.date, moved: Iterable[str],
           paths: Sequence[str]) -> list[Mark]:
    """The marks behind a move of some paths on a day: their own acts, if only some move."""
    here = [m for m in marks if day in m.days and not (m.kind == "suspended" and day != m.start)]
    movers = set(moved)
    own = [m for m in here if set(m.of) & movers]
    if own and len(movers) < len(paths):
        return own
    return [m for m in here if not m.of or set(m.of) & movers]


def said(mark: Mark) -> str:
    """An act as it is named beside a move."""
    return f"{mark.name} lapses" if mark.kind == "snapback" else mark.name


def draw_marks(ax: Axes, marks: Sequence[Mark], rows: Mapping[str, float],
               colours: Mapping[str, str], end: dt.date) -> None:
    """Draw marks in their rows. Those of some paths bear the colour of the first, those of all
    are dark; of marks that overlap the shorter lie on top."""
    for y in rows.values():
        ax.axhline(y, color="#f0f0f0", linewidth=6, zorder=0.5, label="_row")
    ordered = sorted(marks, key=lambda m: (m.start - (m.end or end)).days)
    for mark in ordered:
        y = rows[mark.kind]
        colour = colours[mark.of[0]] if mark.of else INK
        first, last = day_number(mark.start), day_number(mark.end or end)
        given: dict[str, Any] = {"color": colour, "label": f"_{mark.kind}",
                                "gid": f"{mark.kind}:{mark.id}", "zorder": 4}
        if mark.kind == "enacted":
            if mark.end is None:
                ax.plot([first], [y], marker="x", markersize=4, linestyle="", **given)
            else:
                given["color"] = "#aaaaaa"  # light, or a rug of many acts is one bar
                ax.plot([first, last], [y, y], linewidth=0.8, marker="|", markersize=6.5,
                        markeredgewidth=1.3, markeredgecolor=colour, markevery=[1], **given)
        elif mark.kind == "threatened":
            ax.plot([first, last], [y, y], linewidth=1.0, linestyle=(0, (2, 1.5)), marker="v",
                    markersize=4.5, markerfacecolor="white", markevery=[0], **given)
        elif mark.kind == "suspended":
            ax.plot([first, last], [y, y], linewidth=2.2, solid_capstyle="butt", marker="s",
                    markersize=4, markevery=[0], **given)
        else:
            ax.plot([first], [y], marker="D", markersize=4.5, linestyle="", **given)


