"""Values as HTML for notebooks. One function a kind, found by its type; nothing is simulated."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import singledispatch
from typing import Any

from tradescen.display.markup import (
    Html,
    card,
    details,
    joined,
    lines,
    pairs,
    source,
    table,
    tag,
)
from tradescen.display.phrases import clocks, odds, phrase, target
from tradescen.display.sparks import bar
from tradescen.errors import counted
from tradescen.law.measure import Measure, Scope
from tradescen.law.nomenclature import chapters
from tradescen.law.schedule import TariffSchedule
from tradescen.law.stacking import StackPlan
from tradescen.law.weights import Weights
from tradescen.timeline.acts import Milestone, _Header
from tradescen.timeline.escalation import Escalation, EscalationStep
from tradescen.timeline.fork import Fork
from tradescen.timeline.rules import Retaliation, Trigger
from tradescen.timeline.truce import Truce
from tradescen.vocab.duty import said
from tradescen.vocab.hs import ByProduct, dotted

__all__ = ["MOST", "badge", "dim", "head", "html", "more"]

MOST = 60  # rows of a table
LINES = 40  # lines of a duty by product
OPEN = ("threatened", "scheduled", "projected", "lapsed")


@singledispatch
def html(value: Any) -> str | None:
    """A value as HTML, or ``None`` where it has no form of its own."""
    return None


def head(name: Any, *rest: Any) -> Html:
    """The first line of a card: what it is, and what is to know first."""
    return tag("div", joined((tag("b", name), *(joined((" ", r)) for r in rest))), "ts-head")


def dim(text: Any) -> Html:
    return tag("span", text, "ts-dim")


def badge(status: str) -> Html:
    """A status in a border, dashed where nothing is charged yet."""
    return tag("span", status, f"ts-badge{' ts-open' if status in OPEN else ''}")


def more(rows: Sequence[Any], most: int, where: str) -> Html:
    """What a table leaves out, and the way to it."""
    return dim(f"{len(rows) - most} more: {where}") if len(rows) > most else Html("")


def _duty(duty: Any) -> Html:
    """A duty; by line behind a click, the first lines of it."""
    if not isinstance(duty, ByProduct):
        return joined((said(duty),))
    rows = [(dotted(code) if code else "all others", value) for code, value in duty.values]
    if duty.default is not None:
        rows.append(("all others", duty.default))
    shown = table(("line", "duty"), [(c, str(v)) for c, v in rows[:LINES]], ("ts-id", ""))
    left = dim(f"{len(rows) - LINES:,} more lines") if len(rows) > LINES else ""
    return details(f"{said(duty)} ({len(rows):,})", joined((shown, left)))


def _share(coverage: Any) -> str:
    return "" if coverage == 1.0 else f"{coverage:.4g} of value" if (
        isinstance(coverage, float)) else "by line" if (
        isinstance(coverage, ByProduct)) else str(coverage)


# -- the law ------------------------------------------------------------------------------


@html.register
def _measure(m: Measure) -> str:
    return card(head(m.id, dim(m.authority)), pairs((
        ("importer", m.scope.importer), ("origins", str(m.scope.exporters)),
        ("goods", str(m.scope.products)), ("duty", _duty(m.duty)),
        ("covers", _share(m.coverage)), ("stacks in", m.group), ("until", m.until),
        ("precedence", m.precedence or ""), ("source", source(m.source)),
    )))


@html.register
def _scope(s: Scope) -> str:
    return card(pairs((("importer", s.importer), ("origins", str(s.exporters)),
                       ("goods", str(s.products)))))


def _plan(plan: StackPlan) -> Html:
    def relation(group: Any) -> str:
        said = [f"yields to {', '.join(group.yields)}"] if group.yields else []
        said += [f"tops up {', '.join(group.floors)}"] if group.floors else []
        return "; ".join(said) or ("base" if group.name in plan.base else "adds")

    within = {"sum": "each charges", "max": "highest first", "first": "by precedence"}
    return table(("group", "among its measures", "to the others"),
                 [(g.name, within[g.within], relation(g)) for g in plan.groups], ("ts-id",))


@html.register
def _stack_plan(plan: StackPlan) -> str:
    many = counted(len(plan.groups), "group")
    return card(head("StackPlan", dim(f"{many}, in their order")), _plan(plan))


@html.register
def _schedule(schedule: TariffSchedule) -> str:
    rows = [
        (m.scope.importer, source(m.source, m.id), m.authority, m.group, _duty(m.duty),
         str(m.scope.exporters), str(m.scope.products)) for m in schedule.measures[:MOST]
    ]
    return card(
        head("TariffSchedule", dim(f"{counted(len(schedule.measures), 'measure')} on day zero")),
        table(("importer", "measure", "authority", "group", "duty", "origins", "goods"), rows,
              ("", "ts-id", "", "ts-id")),
        more(schedule.measures, MOST, ".measures holds all"),
        details("how measures stack", _plan(schedule.plan)),
    )


@html.register
def _weights(w: Weights) -> str:
    top = max((math.fsum(v for _, v in held) for _, held in w.values), default=0.0)
    by_chapter = w.aggregate("HS2") if len(w.values) <= MOST else {}
    rows = []
    for (importer, exporter), held in w.values[:MOST]:
        total = math.fsum(v for _, v in held)
        largest = sorted(by_chapter.get((importer, exporter), {}).items(), key=lambda kv: -kv[1])
        rows.append((
            f"{importer} from {exporter}", f"{total / 1e9:,.2f}",
            bar(total / top if top else 0.0, said=f"{total:,.0f} {w.currency}"), f"{len(held):,}",
            lines(f"{c} {_chapter(c)}: {v / total:.1%}" for c, v in largest[:3] if total),
        ))
    editions = "; ".join(f"{i}: {e}" for i, e in w.nomenclature)
    about = [f"{w.year} {w.flow}, {w.valuation} value in {w.currency}", editions]
    return card(
        head(w.name, dim("; ".join(a for a in about if a))),
        table(("direction", f"bn {w.currency}", "", "codes", "largest chapters"), rows,
              ("ts-id", "ts-num", "", "ts-num")),
        more(w.values, MOST, ".to_frame() holds all"), source(w.source),
    )


def _chapter(code: str) -> str:
    text = chapters().get(code, "")
    return text if len(text) <= 44 else text[:43] + "…"


# -- what moves it ------------------------------------------------------------------------


def _dated(act: Any) -> list[tuple[str, Any]]:
    return [(name, day) for name, day in clocks(act) if day]


@html.register
def _act(act: _Header) -> str:
    text = phrase(act)
    return card(head(act.id, dim(type(act).__name__)), pairs((
        ("what", text), *_dated(act), ("caused by", act.cause), ("source", source(act.source)),
    )))


@html.register
def _milestone(m: Milestone) -> str:
    return card(head(m.id, dim(m.kind)), pairs((
        ("what", m.text), ("actors", ", ".join(m.actor)), *_dated(m), ("caused by", m.cause),
        ("source", source(m.source)),
    )))


def _listed(items: Iterable[Any]) -> Html:
    return lines(phrase(i) for i in items)


@html.register
def _truce(t: Truce) -> str:
    at = "" if str(t.residual) == "Free" else f" (still charged: {t.residual})"
    kind = "promised" if t.threat else "agreed"
    return card(
        head(t.id, dim(f"truce of {', '.join(t.parties)}, {kind} {t.known}"),
             f"{t.start} → {t.until or 'no end'}"),
        pairs((
            *_dated(t),
            ("suspends", lines(f"{phrase(p)}{at if p.residual is None else ''}"
                               + (f", until {p.until}" if p.until else "") for p in t.suspends)),
            ("amends", lines(f"{target(k)} to {v}" for k, v in t.amends)),
            ("ends for good", lines(target(k) for k in t.terminates)),
            ("gives up", ", ".join(t.withdraws)),
            ("prolongs", lines(f"{i}, until {d or t.until}" for i, d in t.extends)),
            ("acts", _listed(t.acts)),
            ("beside it", lines(m if isinstance(m, str) else phrase(m) for m in t.also)),
            ("at its end", "" if t.until is None else "duties come back as amended meanwhile" if (
                t.then == "snapback") else "the suspended duties end"),
            ("source", source(t.source)),
        )),
    )


def _steps(held: Sequence[EscalationStep]) -> Html:
    rows = [(s.effective, source(s.source, s.id), phrase(s).split(": ", 1)[1], s.known,
             badge("threatened" if s.threat else "enacted")) for s in held]
    return table(("charged from", "step", "what", "announced", ""), rows,
                 ("ts-day", "ts-id", "", "ts-day"))


@html.register
def _escalation(e: Escalation) -> str:
    first, last = e.steps[0].effective, e.steps[-1].effective
    many = counted(len(e.steps), "step")
    return card(head(e.id, dim(f"escalation in {many}"), f"{first} → {last}"),
                _steps(e.steps))


@html.register
def _step(s: EscalationStep) -> str:
    return card(head(s.id, dim("escalation step")), _steps((s,)))


def _days(value: tuple[int, ...]) -> str:
    return ", ".join(map(str, value)) + (" days" if value != (1,) else " day") + (
        " by round, the last repeats" if len(value) > 1 else "")


@html.register
def _retaliation(r: Retaliation) -> str:
    matches = {
        "mirror": "the points of the rise, on the goods of the rise",
        "points": "the points of the rise, on goods of its own",
        "value": "points such that the trade hit is worth the same",
        "list": "a duty of its own whatever the rise",
    }
    return card(head(r.id, dim("rule"), f"{r.by} answers {r.against}"), pairs((
        ("with", matches[r.match]), ("times", "" if r.scale == 1 else f"{r.scale:g}"),
        ("duty", "" if r.duty is None else _duty(r.duty)),
        ("goods", "" if r.products is None else str(r.products)),
        ("sees", ", ".join(r.answers)), ("enacted after", _days(r.lag)),
        ("charged after", _days(r.notice)),
        ("from a rise of", "" if r.threshold is None else f"{r.threshold * 100:g} points"),
        ("at most", "" if r.cap is None else f"{r.cap * 100:g} points"
         + (" in all additional duties" if r.caps == "total" else " of its own")),
        ("when the other side falls", "falls too" if r.stand_down else ""),
        ("only rises of", "" if r.select is None else str(r.select)),
        ("sees from", r.start), ("sees nothing from", r.until),
        ("source", "" if r.source is None else source(r.source)),
    )))


@html.register
def _trigger(t: Trigger) -> str:
    when = t.when
    if isinstance(when, tuple):
        when = ", ".join(f"{k} {v * 100:g}%" if isinstance(v, float) else f"{k} {v}"
                         for k, v in when)
    return card(head(t.id, dim("trigger")), pairs((
        ("when", str(when)), ("after", _days((t.lag,))), ("then", _listed(t.then)),
        ("sees from", t.start))))


def _branch(name: str, probability: float | None, changes: Sequence[Any]) -> Html:
    share = "" if probability is None else joined((" ", bar(
        probability, said=f"odds of {name}", width=60), f" {odds(probability)}"))
    inner = [_tree(c) if isinstance(c, Fork) else tag("li", phrase(c)) for c in changes]
    return tag("li", joined((tag("b", name), share, tag("ul", joined(
        inner or [tag("li", dim("nothing further"))]), "ts-tree"))))


def _tree(fork: Fork) -> Html:
    return tag("ul", joined(_branch(b.name, b.probability, b.changes) for b in fork.branches),
               "ts-tree")


@html.register
def _fork(fork: Fork) -> str:
    known = fork.branches[0].probability is not None
    note = "" if known else "; nobody puts odds on them"
    return card(head(fork.name, dim(f"fork into {len(fork.branches)} branches{note}")),
                _tree(fork))
