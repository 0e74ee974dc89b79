"""Values as text: what a terminal shows for a scenario."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tradescen.display.outline import outline
from tradescen.display.phrases import odds, phrase
from tradescen.display.tables import columns_text
from tradescen.errors import counted

if TYPE_CHECKING:
    from tradescen.scenario import Scenario

__all__ = ["scenario_text"]

MOST = 40  # measures listed
LONG = 28  # characters of a duty


def _short(text: str) -> str:
    return text if len(text) <= LONG else text[: LONG - 1] + "…"


def scenario_text(s: Scenario) -> str:
    """A scenario as a dated table: what is charged on the last day known, and the truces.

    Nothing is simulated and no rule answers.
    """
    held = outline(s)
    known = f", as known on {s.known_on}" if s.known_on else ""
    data = f", data to {s.data_date}" if s.data_date else ""
    out = [f"<Scenario {s.name!r}{known}{data}: "
           f"{counted(len(held.timeline.measures), 'measure')}, {counted(held.acts, 'act')}, "
           f"{counted(held.milestones, 'milestone')}>"]
    ways = s.paths()
    if len(ways) > 1:
        names = [p.name + ("" if math.isnan(p.probability) else f" ({odds(p.probability)})")
                 for p in ways[:12]]
        more = ", …" if len(ways) > 12 else ""
        out.append(f"{len(ways)} paths: {', '.join(names)}{more}; the table shows {ways[0].name}")
    out += [phrase(r) + "; the table shows the law before any answer" for r in s.rules]
    rows = [r for r in held.rows if not r.base]
    if rows:
        day = f"on {held.on}" if held.on else "measure"
        out.append(columns_text(
            ["", day, "status", "duty", "since", "until"],
            [[r.importer, r.measure, r.status, _short(r.duty), str(r.start or ""),
              str(r.end or "")] for r in rows[:MOST]],
        ))
    if len(rows) > MOST:
        out.append(f"… {len(rows) - MOST} more; .measures() lists all")
    out += [f"truce {t.id}: {', '.join(t.parties)}, {t.start} → {t.until or 'no end'}, {t.status}"
            for t in held.truces]
    return "\n".join(out)
