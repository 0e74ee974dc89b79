"""Changes, paths and rates in words, the same in every look."""

from __future__ import annotations

import datetime as dt
from typing import Any

from attrs import fields

from tradescen.errors import counted
from tradescen.timeline.acts import Amend, Impose, Milestone, Reschedule, Select, Suspend, Terminate
from tradescen.timeline.escalation import Escalation, EscalationStep
from tradescen.timeline.fork import Fork
from tradescen.timeline.rules import Retaliation, Trigger
from tradescen.timeline.truce import Pause, Truce
from tradescen.timeline.verbs import VERBS
from tradescen.vocab.duty import said

__all__ = ["clocks", "odds", "path_name", "phrase", "target", "tenth"]


def path_name(scenario: str, path: str, alone: bool) -> str:
    """How a path is named: by itself where one scenario is shown (*alone*), else as the command
    line takes it, ``scenario/path``."""
    return path if path and alone else "/".join(n for n in (scenario, path) if n)


def tenth(rate: float) -> str:
    """A mean rate, to a tenth of a point."""
    return "unknown" if rate != rate else f"{rate:.1%}"


def target(value: Any) -> str:
    """What an act is about, in words."""
    return str(value) if isinstance(value, Select) else value


def odds(probability: float | None) -> str:
    """Odds as text; nothing where nobody puts any."""
    return "" if probability is None else f"{probability:.0%}" if (
        round(probability * 100) == round(probability * 100, 6)
    ) else f"{probability:.1%}"


def clocks(act: Any) -> list[tuple[str, dt.date | str | None]]:
    """The three clocks of an act, or the day of a milestone."""
    if isinstance(act, Milestone):
        return [("announced", act.known), ("day", act.date), ("until", act.until)]
    if isinstance(act, Truce):
        return [("announced", act.known), ("enacted", act.law or "a promise"),
                ("start", act.start), ("until", act.until or "no end")]
    enacted = act.enacted
    if isinstance(act, EscalationStep) and not act.threat:
        enacted = act.enacted or act.known
    return [("announced", act.known), ("enacted", enacted or "a threat"),
            ("effective", act.effective), ("until", getattr(act, "until", None))]


def _act(act: Any) -> str:
    if isinstance(act, Impose):
        m = act.measure
        return f"imposes {m.id}: {said(m.duty)} ({m.authority}; {m.scope})"
    if isinstance(act, Amend):
        new = [said(act.duty)] if act.duty is not None else []
        new += [f"{n} {getattr(act, n)}" for n in ("coverage", "group", "until", "products",
                                                   "exporters") if getattr(act, n) is not None]
        return f"amends {target(act.target)}: {', '.join(new)}"
    if isinstance(act, Terminate):
        return f"ends {target(act.target)}"
    if isinstance(act, Suspend):
        ends = f" until {act.until}" if act.until else ""
        return f"suspends {target(act.target)} to {said(act.duty)}{ends}"
    new = [f"from {act.effective}"] if act.effective else []
    new += [f"until {act.until}"] if act.until else []
    return f"moves {act.act}: {', '.join(new)}"


def _verb(verb: Any) -> str:
    words = [type(verb).__name__.lower()]
    for one in fields(type(verb)):
        value = getattr(verb, one.name)
        if value is None or value == () or value is False:
            continue
        text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        words.append(text if one.name in ("id", "ids") else f"{one.name} {text}")
    return " ".join(words)


def phrase(change: Any) -> str:
    """One change in one line; what has no words of its own stands as it is written."""
    if isinstance(change, VERBS):
        return _verb(change)
    if isinstance(change, (Impose, Amend, Terminate, Suspend, Reschedule)):
        day = f"{change.effective}: " if change.effective else ""
        return f"{day}{_act(change)}" + ("" if change.enacted else " (a threat)")
    if isinstance(change, Milestone):
        return f"{change.date}: {change.text or change.kind}"
    if isinstance(change, EscalationStep):
        what = f"imposes {change.measure.id}: {said(change.measure.duty)}" if change.measure else (
            f"{target(change.target)} {said(change.change())}")
        return f"{change.effective}: {what}" + (" (a threat)" if change.threat else "")
    if isinstance(change, Escalation):
        return f"escalation {change.id} in {counted(len(change.steps), 'step')}"
    if isinstance(change, Truce):
        ends = change.until or "no end"
        return f"truce {change.id}: {', '.join(change.parties)}, {change.start} → {ends}"
    if isinstance(change, Retaliation):
        return f"rule {change.id}: {change.by} answers {change.against} ({change.match})"
    if isinstance(change, Trigger):
        return f"trigger {change.id} on {change.when}"
    if isinstance(change, Fork):
        return f"fork {change.name}: {', '.join(b.name for b in change.branches)}"
    if isinstance(change, Pause):
        rest = "" if change.residual is None else f" to {said(change.residual)}"
        return f"{target(change.select)}{rest}"
    return str(change)
