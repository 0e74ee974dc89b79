"""Rows of measures.csv that act on measures of other families (DISPOSITION.md)."""

from __future__ import annotations

from tools.us_china_law import FAMILIES
from tools.us_china_measures import Made, end_spell, header
from tradescen.timeline.acts import Amend, Select, Suspend, Terminate
from tradescen.vocab.duty import Unknown
from tradescen.vocab.hs import ProductSet

_LISTS = ("us-301-list1", "us-301-list2", "us-301-list3")
_AUTOS25 = ("cn-301-list1-autos", "cn-301-list2-autos")


def read_odd_rows(made: Made) -> None:
    """Rows that act on measures of several families, or on a part of one."""
    facts = made.facts
    row = facts.row("us-301-l123-30-threat")
    made.add(
        Amend(id=row.id, target=Select(ids=_LISTS), duty=row.rate, **header(made, row))
    )
    end_spell(made, row, row.family)
    made.record(
        row.id, ";".join(_LISTS), row.id, f"threatened Amend; Terminate {row.id}-end",
        "a planned step of three measures, cancelled",
    )
    row = facts.row("us-301-chips-legacy")
    chips = ("us-301-2024-semis", "us-301-2024-wafers-poly")
    clocks = header(made, row) | {"effective": row.end}
    made.add(
        Amend(
            id=row.id,
            target=Select(ids=chips),
            duty=Unknown("an increase of heading 9903.91.05 whose rate is to be announced"),
            **clocks,
        )
    )
    made.record(
        row.id, ";".join(chips), row.id, "Amend (scheduled)",
        "0 % until 23 June 2027 is no measure; the 18 subheadings of heading 9903.91.05 are the "
        "semiconductors and the wafers and polysilicon of the 2024 review",
    )
    for spell, targets in (
        ("cn-301-autos-susp25", _AUTOS25),
        ("cn-301-autos-susp5", ("cn-301-list3-autos",)),
    ):
        row = facts.row(spell)
        target = targets[0] if len(targets) == 1 else Select(ids=targets)
        made.add(Suspend(id=row.id, target=target, **header(made, row)))
        made.record(row.id, ";".join(targets), row.id, "Suspend without end")
    _annex2(made)
    _thirty(made)


def _annex2(made: Made) -> None:
    """Goods of Annex II leave the metals duties; the other goods move to the new annexes."""
    row = made.facts.row("us-232-metals-annex2")
    off = made.goods.of("us-232-metals-annex2")
    olds = ("us-232-steel", "us-232-aluminium", "us-232-copper")
    names = tuple(n for family in olds for n in made.ids(family))
    made.add(
        Terminate(
            id=row.id,
            target=Select(ids=names),
            only=off,
            **header(made, row, made.goods.note("us-232-metals-annex2")),
        )
    )
    rest = ProductSet.all() - off
    for spell in ("us-232-steel-50", "us-232-alu-50", "us-232-copper-50"):
        end = made.acts[f"{spell}-end"]
        assert isinstance(end, Terminate)
        made.acts[end.id] = Terminate(
            id=end.id, target=end.target, announced=end.announced, enacted=end.enacted,
            effective=end.effective, source=end.source, cause=end.cause, only=rest,
        )
    made.record(
        row.id, ";".join(names), row.id, "Terminate of part",
        "taken off: the metals duties end on these goods; on all others they end by the acts "
        "<spell>-end, and the annexes of 2026 begin",
    )


def _thirty(made: Made) -> None:
    """The 30-for-30 lists: waivers both sides recommend, over lists that are not at hand."""
    scopes = {
        "us-30for30": ProductSet.of("8509", "8516", "940180", "9503", "9505"),
        "cn-30for30": ProductSet.of("03", "07", "08", "12", "3303", "3304", "4403", "9018"),
    }
    cn = tuple(
        n for family, spec in FAMILIES.items() if family.startswith("cn-")
        if spec.group != "cn-waiver" for n in made.ids(family)
    )
    us = (*_LISTS, "us-301-list4a", "us-301-forced-labor-cn")
    for spell, names in (("us-30for30", us), ("cn-30for30", cn)):
        row = made.facts.row(spell)
        clocks = header(made, row, "the list is not at hand: headings stand for its words")
        clocks.pop("effective")
        made.add(
            Suspend(
                id=row.id, target=Select(ids=names, missing="skip"), only=scopes[spell], **clocks
            )
        )
        made.record(
            row.id, ";".join(names), row.id, "threatened Suspend of part",
            "recommended, without a day; headings stand for a list that is not at hand",
        )
