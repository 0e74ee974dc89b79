"""One number explained: each part with its measure, status, act and source."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any

from attrs import field, fields, frozen

from tradescen.engine.grid import Lines
from tradescen.engine.lower import lower
from tradescen.engine.panel import panel
from tradescen.frames.acts import target_names
from tradescen.law.assumptions import Assumptions
from tradescen.law.measure import Measure
from tradescen.looks import Shown
from tradescen.timeline.acts import Amend, Impose, Suspend
from tradescen.timeline.spells import Spell, Timeline
from tradescen.vocab.duty import Unknown, percent
from tradescen.vocab.hs import ByProduct, dotted

__all__ = ["Explanation", "Step", "explain"]

DAY = dt.timedelta(days=1)


@frozen(kw_only=True)
class Step:
    """One measure's part in a rate.

    ``contribution`` is a fraction of customs value (NaN: unknown, with the reason);
    ``coverage`` the share of value the measure covers of what is left to it. ``because`` names
    the acts that set the duty, ``scope_by`` those that only changed its goods or origins. The
    clocks are those of the last act in ``because``; ``until`` is the end of a suspension, else
    the day something about the measure next changes; ``moved_by`` names what moved that act,
    ``snapback`` the suspension that ran out before.
    """

    measure: str
    authority: str
    group: str
    status: str
    duty: str
    coverage: float
    contribution: float
    because: tuple[str, ...]
    source: str
    confidence: str
    announced: dt.date | None = None
    enacted: dt.date | None = None
    effective: dt.date | None = None
    until: dt.date | None = None
    moved_by: tuple[str, ...] = ()
    scope_by: tuple[str, ...] = ()
    snapback: str = ""
    reason: str = ""
    note: str = ""

    @property
    def clocks(self) -> str:
        """The days of the act in words, those that are known."""
        return ", ".join(f"{name} {day}" for name in ("announced", "enacted", "effective", "until")
                         if (day := getattr(self, name)) is not None)


@frozen(kw_only=True)
class Explanation(Shown):
    """A rate and the parts it is the sum of, added left to right.

    Args:
        rate, additional_rate: Fractions of customs value; NaN where unknown.
        steps: The parts, in plan order.
        pending: Threatened and scheduled measures over the same goods; they charge nothing.
        exempt: Measures on all goods but a list that this product is on, with the acts that
            made the list.
        status: ``"projected"`` after the last day the scenario speaks of, else ``"known"``.
        scenario, path, importer, exporter, product, on: What was asked.
        assumptions: The name of the assumption set in use.
        digest: That of the scenario.
    """

    scenario: str
    path: str
    importer: str
    exporter: str
    product: str
    on: dt.date
    rate: float
    additional_rate: float
    steps: tuple[Step, ...]
    pending: tuple[Step, ...] = ()
    exempt: tuple[tuple[str, tuple[str, ...]], ...] = ()
    status: str = ""
    assumptions: str = ""
    digest: str = field(default="", repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; unknown numbers are ``None``. The form has a version."""

        def plain(value: Any) -> Any:
            if isinstance(value, float):
                return None if math.isnan(value) else value
            return value.isoformat() if isinstance(value, dt.date) else (
                list(value) if isinstance(value, tuple) else value
            )

        def step(one: Step) -> dict[str, Any]:
            return {a.name: plain(getattr(one, a.name)) for a in fields(Step)}

        head = ("scenario", "path", "importer", "exporter", "product", "on", "rate",
                "additional_rate", "status", "assumptions", "digest")
        return {
            "schema": "tradescen/explanation/1",
            **{name: plain(getattr(self, name)) for name in head},
            "steps": [step(s) for s in self.steps],
            "pending": [step(s) for s in self.pending],
            "exempt": [{"measure": m, "by": list(by)} for m, by in self.exempt],
        }

    def __str__(self) -> str:
        late = ", projected" if self.status == "projected" else ""
        lines = [
            f"{self.importer} on {self.product} from {self.exporter}, {self.on}{late} "
            f"({self.scenario}{'/' + self.path if self.path else ''}): {percent(self.rate)}, of "
            f"which additional {percent(self.additional_rate)}"
            + (f"; assumptions: {self.assumptions}" if self.assumptions != "none" else "")
        ]
        idle = [s for s in self.steps if s.status == "suspended" and s.contribution == 0]
        for s in self.steps:
            if s not in idle:
                lines += _lines(s, f"{percent(s.contribution):>9}")
        if self.pending or idle or self.exempt:
            lines.append("charging nothing:")
        for s in self.pending:
            lines += _lines(s, f"{s.status:>10}")
        for s in idle:
            lines.append(f" suspended  {s.measure} ({s.authority}): {s.duty}; act: "
                         f"{', '.join(s.because)}")
        for measure, by in self.exempt:
            lines.append(f"    exempt  {measure}: this product is on its list of exceptions; act: "
                         f"{', '.join(by)}")
        return "\n".join(lines)


def _lines(s: Step, lead: str) -> list[str]:
    share = "" if s.coverage == 1 else f" on {percent(s.coverage)} of value"
    out = [f"{lead}  {s.measure} ({s.authority}), {s.status}: {s.duty}{share}"]
    pad = " " * 11
    out.append(f"{pad}act: {', '.join(s.because)}" + (f"; {s.clocks}" if s.clocks else ""))
    if s.moved_by:
        out.append(f"{pad}moved by: {', '.join(s.moved_by)}")
    if s.snapback:
        out.append(f"{pad}snapback: {s.snapback}")
    if s.scope_by:
        out.append(f"{pad}goods amended by: {', '.join(s.scope_by)}")
    if s.source:
        doubt = "" if s.confidence in ("", "high") else f" [confidence: {s.confidence}]"
        out.append(f"{pad}source: {s.source}{doubt}")
    if s.reason:
        out.append(f"{pad}unknown: {s.reason}")
    if s.note:
        out.append(f"{pad}assumed: {s.note}")
    return out


def _at(value: Any, code: str) -> Any:
    return value.find(code) if isinstance(value, ByProduct) else value


def _reason(spell: Spell, code: str, share: Any) -> str:
    duty = _at(spell.duty, code)
    if duty is None:
        return "no duty is given for this line"
    if isinstance(duty, Unknown):
        return duty.reason
    if math.isnan(duty.ave()):
        return "a duty per unit needs a unit value, one on a part of the value that part's share"
    if isinstance(share, Unknown):
        return share.reason
    return "a measure it depends on is unknown"


def _said(spell: Spell, code: str) -> str:
    """What a spell charges on a line, in words."""
    duty = _at(spell.duty, code)
    said = "no duty given" if duty is None else str(duty)
    if spell.status == "suspended":
        said += f" (suspended from {_at(spell.base, code)})"
    return said


def _sets_duty(timeline: Timeline, act_id: str) -> bool:
    record = timeline.records.get(act_id)
    item = None if record is None else record.item
    return isinstance(item, (Impose, Suspend)) or (
        isinstance(item, Amend) and item.duty is not None
    )


def _snapback(timeline: Timeline, spell: Spell, on: dt.date) -> str:
    """That a suspension ran out and the duty underneath is charged again, if so."""
    held = [
        s for s in timeline.spells
        if s.measure == spell.measure and s.status == "suspended" and s.end is not None
        and s.end <= on and s.because[0] == spell.because[0]
    ]
    if spell.status != "in force" or not held:
        return ""
    last = max(held, key=lambda s: (s.end or on, s.start))
    by = last.because[-1]
    record = timeline.records.get(by)
    if record is None or record.until != last.end:
        return ""
    return f"the suspension {by} ran out on {last.end}"


def _step(timeline: Timeline, spell: Spell, code: str, contribution: float,
          assumptions: Assumptions, on: dt.date) -> Step:
    assumed = assumptions.share(spell.measure)
    share = _at(spell.coverage if assumed is None else assumed, code)
    setting = [i for i in spell.because if _sets_duty(timeline, i)] or [spell.because[0]]
    act = timeline.records.get(setting[-1])
    item = None if act is None else act.item
    source = spell.source if item is None else item.source
    if source is None and isinstance(item, Impose):
        source = item.measure.source
    return Step(
        measure=spell.measure, authority=spell.authority, group=spell.group,
        status=spell.status, duty=_said(spell, code),
        coverage=math.nan if share is None or isinstance(share, Unknown) else share,
        contribution=contribution, because=tuple(setting),
        scope_by=tuple(i for i in spell.because if i not in setting),
        source="no source given" if source is None else source.citation,
        confidence="" if source is None else source.confidence,
        announced=None if item is None else item.known,
        enacted=None if item is None else item.enacted,
        effective=None if act is None else act.effective,
        until=act.until if act is not None and spell.status == "suspended" else spell.end,
        moved_by=() if act is None else act.by,
        snapback=_snapback(timeline, spell, on),
        reason=_reason(spell, code, share) if math.isnan(contribution) else "",
        note=assumptions.note(spell.measure) if assumed is not None else "",
    )


def explain(timeline: Timeline, *, importer: str, exporter: str, line: str, on: dt.date,
            assumptions: Assumptions, names: Mapping[str, str], shown: str = "") -> Explanation:
    """Explain the rate of one line, origin and day.

    The rate is computed by the same kernel and added in the same order as in the frames, so
    both are equal to the last bit.
    """
    program = lower(timeline, importer, (exporter,), Lines([line]), on, on + DAY, assumptions)
    got = panel(program)
    holding = {
        (s.group, s.measure): s for s in timeline.spells
        if s.importer == importer and s.start <= on and (s.end is None or on < s.end)
        and s.exporters.has(exporter, on) and s.products.sign(line)
    }
    steps = []
    for row in program.rows:
        spell = holding.get((row.group, row.measure))
        if spell is not None:
            value = float(got.contribution(row)[0, 0, 0])
            steps.append(_step(timeline, spell, line, value, assumptions, on))
    return Explanation(
        importer=importer, exporter=exporter, product=shown or dotted(line), on=on,
        rate=float(got.rate[0, 0, 0]), additional_rate=float(got.additional[0, 0, 0]),
        steps=tuple(steps), pending=_pending(timeline, importer, exporter, line, on),
        exempt=_exempt(timeline, importer, exporter, line, on),
        assumptions=assumptions.name, **names,
    )


def _exempt(timeline: Timeline, importer: str, exporter: str, line: str,
            on: dt.date) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Measures on all goods but a list, of which the line is on the list."""
    return tuple(
        (s.measure, s.because) for s in timeline.spells
        if s.importer == importer and s.start <= on and (s.end is None or on < s.end)
        and s.exporters.has(exporter, on) and s.products.sign("") and not s.products.sign(line)
    )


def _pending(timeline: Timeline, importer: str, exporter: str, line: str,
             on: dt.date) -> tuple[Step, ...]:
    """Threatened and scheduled acts over the cell: new measures, and changes of old ones."""
    out = []
    for name in timeline.records:
        status = timeline.status(name, on) if _targets(timeline, name) else ""
        if status not in ("threatened", "scheduled"):
            continue
        for m in _targets(timeline, name):
            if m.scope.importer == importer and m.scope.exporters.has(exporter, on) and (
                m.scope.products.sign(line)
            ):
                out.append(_ahead(timeline, name, m, status, line))
    return tuple(out)


def _targets(timeline: Timeline, name: str) -> list[Measure]:
    """The measures an act would charge or change."""
    item = timeline.records[name].item
    if isinstance(item, Impose):
        return [item.measure]
    if isinstance(item, (Amend, Suspend)):
        return [timeline.measures[n] for n in target_names(timeline, item.target)]
    return []


def _change(timeline: Timeline, name: str) -> Any:
    """The duty an act would bring, ``None`` if it moves goods or origins only."""
    item = timeline.records[name].item
    return item.measure.duty if isinstance(item, Impose) else item.duty


def _ahead(timeline: Timeline, name: str, m: Measure, status: str, line: str) -> Step:
    """What an act not yet in effect would do to a line; it charges nothing so far."""
    record = timeline.records[name]
    item, change = record.item, _change(timeline, name)
    source = item.source or (m.source if isinstance(item, Impose) else None)
    verb = "suspended to " if isinstance(item, Suspend) else ""
    return Step(
        measure=m.id, authority=m.authority, group=m.group, status=status,
        duty=f"{verb}{'other goods' if change is None else _at(change, line)}",
        coverage=1.0, contribution=0.0, because=(name,),
        source="no source given" if source is None else source.citation,
        confidence="" if source is None else source.confidence, announced=item.known,
        enacted=item.enacted, effective=record.effective,
    )
