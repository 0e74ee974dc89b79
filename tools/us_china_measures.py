"""Spells of the fact base turned into acts: imposed, amended, suspended, moved, ended, threatened.

The first enacted spell of a family imposes its measure, the next amend it; the first suspended
spell suspends it, later ones move the end of that suspension; a spell without enactment is a
threat. Every act bears its spell's id. Rows that are something else are in ``_ODD``.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from tools.us_china_facts import ActRow, Facts, Row
from tools.us_china_goods import Goods
from tools.us_china_law import FAMILIES, Family, Part
from tradescen.law.measure import Measure, Scope
from tradescen.timeline.acts import Act, Amend, Impose, Reschedule, Select, Suspend, Terminate
from tradescen.vocab.countries import CountrySet
from tradescen.vocab.hs import ProductSet

RULING = "2026-02-20-learning-resources-ruling"

# What a suspension leaves, where it is not nothing: 24 of 34 points are held back.
_RESIDUALS = {"us-recip-cn": 0.10, "cn-recip-us": 0.10}
# Spells written as what was left of a suspended duty: the law under them is 34 %.
_UNDER = {"us-ieepa-recip-10b": 0.34, "cn-2025-10": 0.34}
# Spells whose end the act that began them fixed, though the row gives no clock for it.
_FIXED_ENDS = {
    "us-s201-solar-y4",
    "us-s201-washers-y3",
    "us-s201-quartz",
    "cn-excl-1",
}
# Spells that end where a later spell begins after acts.csv moved it, by an act of a truce, or
# by the end an extension gave (us_china_scopes).
_MOVED_ENDS = {
    "us-232-upholstered",
    "us-232-cabinets",
    "cn-excl-market",
    "us-s201-solar-y8",
    "us-s201-washers-y5",
}
_MILESTONE = "milestone"
_ODD: dict[str, str] = {
    "us-301-fl-proposal": _MILESTONE,  # also the day us-301-fl-cn was announced
    "us-threat-50-apr7": _MILESTONE,  # also the day us-ieepa-recip-84 was announced
    "us-301-excess-capacity": _MILESTONE,
    "us-301-phase-one": _MILESTONE,
    "us-threat-venezuela-oil": _MILESTONE,
    "us-threat-iran-trade": _MILESTONE,
    "cn-301-l3-announced": _MILESTONE,
    "us-301-l123-30-threat": "special",
    "us-232-metals-annex2": "special",
    "us-301-chips-legacy": "special",
    "cn-301-autos-susp25": "special",
    "cn-301-autos-susp5": "special",
    "us-30for30": "special",
    "cn-30for30": "special",
}
# What the bare word of the disposition does not say.
_NOTES = {
    "us-301-l3-25-2019-01-threat": "a scheduled step of acts.csv, postponed and shelved",
    "us-301-l4a-10-threat": "law overtaken before its first minute",
    "us-301-l4b-15": "law held back before its first day: us-301-l4b-susp",
    "us-301-2024-masks-2": "takes in the disposable textile masks",
    "us-301-2024-enteral": "nothing is left for it: us-301-2024-syringes holds the whole line",
    "us-ieepa-recip-34": "law overtaken before its first minute",
    "us-ieepa-recip-10b": "amended to 34 %, of which 24 points are suspended at once",
    "us-threat-100": "imposes the measure us-threat-2025-11-100; withdrawn",
    "us-122-15-threat": "planned step of an existing measure; it lapsed",
    "cn-301-l4-2": "law held back before its first day: cn-301-l4-2-susp; list not at hand",
    "cn-301-l4-2-5": "law held back before its first day: cn-301-l4-2-5-susp; list not at hand",
    "cn-2025-apr-34": "law overtaken before its first minute",
    "cn-2025-10": "amended to 34 %, of which 24 points are suspended at once",
    "cn-2025-24-susp4": "promised by both sides, no instrument found",
    "us-301-ship-cranes100-susp2": "promised, no instrument found",
    "cn-excl-market": "0 % waiver; its end is the act cn-excl-market-until of the truce",
    "us-232-metals-annex3": "a floor over MFN",
    "us-232-metals-annex3-2028": "moves to the group of the added duties",
    "us-232-uas-hi": "drones; docking stations are a part of the family",
}
# Enacted rows whose end is no act of its own: a suspension of acts.csv holds them.
_HELD = {"never_imposed", "charged_then_suspended"}


@dataclass
class Made:
    """The acts made so far, what each row became, and the days that had to be assumed."""

    facts: Facts
    goods: Goods
    acts: dict[str, Act] = field(default_factory=dict)
    milestones: list[Row] = field(default_factory=list)
    disposition: list[dict[str, str]] = field(default_factory=list)
    assumed: list[str] = field(default_factory=list)

    def add(self, act: Act) -> None:
        """Keep an act; ids are unique."""
        if act.id in self.acts:
            raise ValueError(f"two acts bear the id {act.id}")
        self.acts[act.id] = act

    def record(self, spell: str, measure: str, act: str, became: str, note: str = "") -> None:
        """Say what a row became."""
        self.disposition.append(
            {"spell": spell, "measure": measure, "act": act, "became": became, "note": note}
        )

    def ids(self, family: str, spell: str = "") -> tuple[str, ...]:
        """The measures of a family that have begun by a spell (by the last, if not given)."""
        begun = []
        for part in FAMILIES[family].parts:
            if spell and part.since and not self._begun(family, part.since, spell):
                continue
            name = _id(family, part)
            if self.goods_of(family, part):
                begun.append(name)
        return tuple(begun)

    def goods_of(self, family: str, part: Part) -> ProductSet:
        """The goods of a part when it begins."""
        first = part.since or _first_law(self.facts.families()[family]).id
        return part.goods(self.goods, first)

    def _begun(self, family: str, since: str, spell: str) -> bool:
        order = [r.id for r in self.facts.families()[family]]
        return order.index(since) <= order.index(spell)


def _id(family: str, part: Part) -> str:
    return f"{family}-{part.suffix}" if part.suffix else family


def _act_id(spell: str, part: Part) -> str:
    return f"{spell}-{part.suffix}" if part.suffix else spell


def _first_law(rows: list[Row]) -> Row:
    law = [r for r in rows if r.id not in _ODD and r.code != "suspended" and _enacted(r)]
    return law[0] if law else rows[0]


def _enacted(row: Row) -> dt.date | None:
    """The day a row became law; a charged row without one is taken to be law on its first day."""
    return row.enacted or (row.start if row.charged else None)


def exporters(row: Row) -> CountrySet:
    """The origins a row names."""
    return CountrySet.all() if row.targets == ("ALL",) else CountrySet(row.targets)


def header(made: Made, row: Row, *more: str) -> dict[str, Any]:
    """The clocks and source of a row, as an act takes them."""
    assumed = row.charged and row.enacted is None
    if assumed:
        made.assumed.append(row.id)
        more = (*more, "day of enactment not found: taken to be the first day")
    source = row.source(*more, confidence="low" if assumed else "")
    return {
        "announced": row.announced or _enacted(row) or row.start,
        "enacted": _enacted(row),
        "effective": row.start,
        "source": source,
    }


def _until(made: Made, row: Row, rows: list[Row]) -> dt.date | None:
    """The end the act itself fixed."""
    if row.act_until:
        return row.act_until
    fixed = row.end_enacted is not None and row.end_enacted == row.enacted
    return row.end if fixed or row.id in _FIXED_ENDS else None


def _follows(row: Row, rows: list[Row]) -> bool:
    """Whether another law of the family begins where the row ends."""
    return any(
        r is not row
        and r.id not in _ODD
        and r.code != "suspended"
        and _enacted(r) is not None
        and r.start == row.end
        for r in rows
    )


def _impose(made: Made, row: Row, family: str, spec: Family, part: Part, rows: list[Row]) -> str:
    goods = part.goods(made.goods, row.id)
    if not goods:
        return ""
    source = row.source(*([part.note] if part.note else []), made.goods.note(*part.lists))
    measure = Measure(
        id=_id(family, part),
        authority=spec.authority,
        group=spec.group,
        scope=Scope(importer=row.importer, exporters=exporters(row), products=goods),
        duty=part.rate(made.goods, row),
        coverage=part.coverage,
        until=_until(made, row, rows),
        precedence=part.precedence,
        source=source,
    )
    act = Impose(id=_act_id(row.id, part), measure=measure, **header(made, row))
    made.add(act)
    return act.id


def _amend(made: Made, row: Row, family: str, spec: Family, part: Part, rows: list[Row]) -> str:
    if not made.goods_of(family, part):
        return ""
    later = part.later.get(row.id)
    law = _enacted(row) is not None
    act = Amend(
        id=_act_id(row.id, part),
        target=_id(family, part),
        duty=_UNDER[row.id] if row.id in _UNDER else part.rate(made.goods, row),
        products=later(made.goods, row.id) if later else None,
        group=spec.moves.get(row.id),
        until=_until(made, row, rows) if law else None,
        **header(made, row),
    )
    made.add(act)
    return act.id


def _suspend(made: Made, row: Row, family: str, first: Row | None) -> str:
    clocks = header(made, row)
    until = row.act_until or row.end
    if first is None:
        duty = _RESIDUALS.get(family, 0)
        made.add(Suspend(id=row.id, target=family, until=until, duty=duty, **clocks))
        return "Suspend"
    clocks.pop("effective")
    made.add(Reschedule(id=row.id, act=first.id, until=until, **clocks))
    return f"Reschedule of {first.id}"


def end_spell(made: Made, row: Row, family: str) -> None:
    """The act that ended a spell: of a measure in force, or of a threat."""
    assert row.end_enacted is not None
    law = _enacted(row) is not None
    names: tuple[str, ...] = made.ids(family, row.id) if law else (row.id,)
    effective = row.end if law else row.end_enacted
    made.add(
        Terminate(
            id=f"{row.id}-end",
            target=names[0] if len(names) == 1 else Select(ids=names),
            announced=row.end_announced or row.end_enacted,
            enacted=row.end_enacted,
            effective=effective,
            source=row.end_source(),
            cause=RULING if row.code == "invalidated" else None,
        )
    )


def _ends_by_act(row: Row, rows: list[Row]) -> bool:
    if row.end_enacted is None or row.end is None:
        return False
    if _enacted(row) is None:
        return True
    return row.end_enacted != row.enacted and not _follows(row, rows)


def _family(made: Made, family: str, rows: list[Row]) -> None:
    spec = FAMILIES.get(family)
    imposed = suspended = None
    for row in rows:
        odd = _ODD.get(row.id, "")
        if family == "us-de-minimis-cn" or odd == _MILESTONE:
            made.milestones.append(row)
            continue
        if odd:
            if odd.startswith("announced"):
                made.record(row.id, family, "", odd)
            continue
        assert spec is not None, row.id
        more = "; ".join(made.ids(family, row.id)[1:])
        said = [_NOTES.get(row.id, ""), f"parts of the family: {more}" if more else ""]
        note = "; ".join(s for s in said if s)
        if row.code == "suspended":
            became = _suspend(made, row, family, suspended)
            suspended = suspended or row
            if _enacted(row) is None:
                became = f"threatened {became}"
            made.record(row.id, family, row.id, became, note)
            continue
        law = _enacted(row) is not None
        done = []
        for part in spec.parts:
            if part.since and part.since != row.id and not made._begun(family, part.since, row.id):
                continue
            begins = imposed is None or part.since == row.id
            how = _impose if begins else _amend
            act = how(made, row, family, spec, part, rows)
            if act:
                done.append(f"{'Impose' if begins else 'Amend'}")
        became = done[0] if law else f"threatened {done[0]}"
        if law or imposed is None:
            imposed = imposed or row
        if _ends_by_act(row, rows):
            if row.code not in _HELD or not law:
                end_spell(made, row, family)
                became += f"; Terminate {row.id}-end"
        elif row.end and law and not _follows(row, rows) and row.code not in _HELD:
            open_end = _until(made, row, rows) is None and row.id not in _MOVED_ENDS
            if open_end and row.code != "superseded_before_effect":
                raise ValueError(f"{row.id} ends on {row.end} by no act")
        made.record(row.id, family, row.id, became, note)


def _other_act(made: Made, row: ActRow) -> None:
    header: dict[str, Any] = {
        "id": row.id, "announced": row.announced, "enacted": row.enacted, "source": row.source,
    }
    if row.kind == "Reschedule until":
        made.add(Reschedule(act=row.target, until=row.end, **header))
    elif row.kind == "Reschedule":
        made.add(Reschedule(act=row.target, effective=row.start, **header))
    elif row.kind == "Suspend":
        made.add(
            Suspend(target=row.target, effective=row.start, until=row.end, duty=row.rate, **header)
        )
    elif row.kind == "Terminate":
        made.add(Terminate(target=row.target, effective=row.start, **header))
    else:
        raise ValueError(f"{row.id}: an act of kind {row.kind!r}")
    made.record(row.id, row.target, row.id, row.kind.split()[0])


def read_measures(facts: Facts, goods: Goods) -> Made:
    """The rows of measures.csv and acts.csv as acts; milestones and odd rows are set aside."""
    made = Made(facts, goods)
    for family, rows in facts.families().items():
        _family(made, family, rows)
    for row in facts.acts:
        _other_act(made, row)
    return made
