"""A scenario as HTML for notebooks: what each side charges, the truces, what falls due."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Iterable, Sequence

from tradescen.display.markup import Html, card, details, joined, lines, source, table, tag
from tradescen.display.notebook import MOST, badge, dim, head, html, more
from tradescen.display.outline import Outline, Row, outline, steps
from tradescen.display.phrases import odds, phrase
from tradescen.display.sparks import spark
from tradescen.errors import counted
from tradescen.frames.acts import timeline_rows
from tradescen.scenario import Scenario
from tradescen.timeline.spells import Spell
from tradescen.vocab.duty import duty_range

__all__ = ["html"]

FEW = 16  # measures that are listed one by one at once


def _picture(name: str, spells: Iterable[Spell], held: Outline) -> Html:
    drawn = steps(spells, held.first, held.last)
    known = [s.rate for s in drawn if not math.isnan(s.rate)]
    high = f"highest {max(known) * 100:g}%" if known else "no rate known"
    return spark(drawn, held.first, held.last, mark=held.on,
                 said=f"{name}, {held.first} to {held.last}: {high}")


def _span(spells: Iterable[Spell], on: dt.date | None) -> str:
    """What several measures charge on a day: from the lowest rate of a line to the highest."""
    now = [duty_range(s.duty) for s in spells
           if on is not None and s.start <= on and (s.end is None or on < s.end)]
    known = [r for pair in now for r in pair if not math.isnan(r)]
    if not known:
        return "unknown" if now else "nothing"
    low, high = f"{min(known) * 100:g}%", f"{max(known) * 100:g}%"
    return low if low == high else f"{low} to {high}"


def _authorities(importer: str, rows: Sequence[Row], held: Outline) -> Html:
    """A line for each authority: how many measures, where they stand, what they charge."""
    base = held.timeline.schedule.plan.base
    out = []
    for authority in dict.fromkeys(r.authority for r in rows):
        mine = [r for r in rows if r.authority == authority]
        names = {r.measure for r in mine}
        counts = Counter(status for _, status in dict.fromkeys((r.measure, r.status)
                                                               for r in mine))
        states = joined((badge(s if len(counts) == 1 else f"{n} {s}") for s, n in
                         counts.items()), " ")
        spells = [s for s in held.timeline.spells if s.measure in names]
        out.append((authority, f"{len(names)}", states, _span(spells, held.on),
                    _picture(authority, spells, held)))
    gone = [s for s in held.timeline.spells
            if s.importer == importer and s.group not in base
            and s.authority not in {r.authority for r in rows}]
    for authority in dict.fromkeys(s.authority for s in gone):
        spells = [s for s in gone if s.authority == authority]
        state = badge("ended" if all(s.end and held.on and s.end <= held.on for s in spells)
                      else "not yet")
        out.append((authority, f"{len({s.measure for s in spells})}", state, "nothing",
                    _picture(authority, spells, held)))
    return table(("authority", "measures", "", "charged", f"{held.first.year}–{held.last.year}"),
                 out, ("", "ts-num"))


def _side(importer: str, rows: Sequence[Row], base: Sequence[str], held: Outline,
          folded: bool) -> Html:
    """The additional duties of one importer; many of them folded under their authorities."""
    by: dict[str, list[Spell]] = {}
    for s in held.timeline.spells:
        by.setdefault(s.measure, []).append(s)
    cells, before = [], ""
    for r in rows[:MOST]:
        picture = "" if r.measure == before else _picture(r.measure, by.get(r.measure, ()), held)
        cells.append((source(r.source, r.measure), r.authority, badge(r.status), r.duty, r.start,
                      r.end, picture))
        before = r.measure
    whole = joined((
        table(("measure", "authority", "", "duty", "since", "until",
               f"{held.first.year}–{held.last.year}"), cells,
              ("ts-id", "ts-id", "", "", "ts-day", "ts-day")),
        more(rows, MOST, ".measures() lists all"),
    ))
    day = f" on {held.on}" if held.on else ""
    besides = dim(f" besides {', '.join(base)}") if base else ""
    title = tag("div", joined((tag("b", f"{importer}: additional duties{day}"), besides)),
                "ts-title")
    if not folded:
        return joined((title, whole))
    return joined((title, _authorities(importer, rows, held),
                   details(f"all {counted(len(rows), 'line')}, with days and sources "
                           "(click a name)", whole)))


def _coming(held: Outline) -> Html:
    """What falls due after the last day known: acts, ends of suspensions, milestones."""
    if held.on is None:
        return Html("")
    frame = timeline_rows(held.timeline, held.on + dt.timedelta(days=1), None, held.on)
    frame = frame[frame["status"].isin(["scheduled", "threatened", "in force"])]
    rows = [
        (f"{r['date']:%Y-%m-%d}", r["actor"], joined((
            r["what"], f": {r['before'] or 'nothing'} → {r['after'] or 'nothing'}"
            if r["before"] or r["after"] else "")), badge(r["status"]), r["id"])
        for r in frame.head(12).to_dict("records")
    ]
    if not rows:
        return Html("")
    shown = table(("due", "by", "what", "", "act"), rows, ("ts-day", "", "ts-what", "", "ts-id"))
    rest = more(frame.index.tolist(), 12, f".timeline(start='{held.on}') lists all")
    return joined((shown, rest))


@html.register
def _scenario(s: Scenario) -> str:
    held = outline(s)
    told = [f"as known on {s.known_on}"] if s.known_on else []
    told += [f"data to {s.data_date}"] if s.data_date else []
    told += [counted(len(held.timeline.measures), "measure"), counted(held.acts, "act"),
             counted(held.milestones, "milestone")]
    ways = s.paths()
    parts = [head(s.name, dim(", ".join(told)))]
    if len(ways) > 1:
        parts.append(tag("div", joined((
            f"{len(ways)} paths: ", ", ".join(
                p.name + ("" if math.isnan(p.probability) else f" ({odds(p.probability)})")
                for p in ways[:12]), " … " if len(ways) > 12 else "",
            dim(f" the tables show {ways[0].name}")))))
    if s.rules:
        parts.append(tag("div", joined((
            lines(phrase(r) for r in s.rules), dim(" – the tables show the law before any "
                                                   "answer")))))
    extra = [r for r in held.rows if not r.base]
    for importer in dict.fromkeys(r.importer for r in held.rows):
        base = [r.measure for r in held.rows if r.base and r.importer == importer]
        mine = [r for r in extra if r.importer == importer]
        parts.append(_side(importer, mine, base, held, folded=len(extra) > FEW))
    if held.truces:
        rows = [(source(t.source, t.id), ", ".join(t.parties), t.start, t.until or "no end",
                 badge(t.status)) for t in held.truces]
        parts.append(table(("truce", "parties", "from", "until", ""), rows,
                           ("ts-id", "", "ts-day", "ts-day")))
    coming = _coming(held)
    if coming:
        parts.append(coming)
    if s.gaps and not s.known_on:
        parts.append(details(counted(len(s.gaps), "known gap"), lines(s.gaps)))
    return card(*parts)
