"""Families of China's measures on goods of the United States."""

from __future__ import annotations

from tools.us_china_kinds import Family, Part, all_goods
from tradescen.vocab.duty import Unknown


def _retaliation(authority: str, group: str, spells: tuple[str, ...]) -> Family:
    """A list of 2018-20: goods and duty are read anew at each of its spells."""
    return Family(
        group,
        authority,
        (
            Part(
                lambda goods, spell: goods.spell(spell)[0],
                later={s: lambda goods, spell: goods.spell(spell)[0] for s in spells},
                rate=lambda goods, row: goods.spell(row.id)[1],
                note="HS-6 scope of lists of 8-digit lines, read off a dated table of rates",
            ),
        ),
    )


def _layer(spell: str) -> Family:
    """A list of early 2025; of some subheadings it holds a part (assumed share)."""
    return Family(
        "cn-2025",
        "SCTC 2025",
        (Part(lambda goods, _s: goods.layer(spell), note="HS-6 scope of 8-digit lines"),),
    )


_NO_LIST = Unknown("list not at hand: it was never charged and was not transcribed")
CN_FAMILIES: dict[str, Family] = {
    "cn-232-15": _retaliation("SCTC anti-232", "cn-232", ()),
    "cn-232-25": _retaliation("SCTC anti-232", "cn-232", ()),
    **{
        name: _retaliation("SCTC anti-301", "cn-301", spells)
        for name, spells in {
            "cn-301-list1": (),
            "cn-301-list2": (),
            "cn-301-list3-annex1": ("cn-301-l3b-25",),
            "cn-301-list3-annex2": ("cn-301-l3b-20",),
            "cn-301-list3-annex3": ("cn-301-l3b-10",),
            "cn-301-list3-annex4": ("cn-301-l3b-5",),
            "cn-301-list4-batch1-tier10": ("cn-301-l4-1-5h",),
            "cn-301-list4-batch1-tier5": ("cn-301-l4-1-2p5",),
            "cn-301-list1-autos": (),
            "cn-301-list2-autos": (),
            "cn-301-list3-autos": (),
        }.items()
    },
    "cn-301-list4-batch2-tier10": Family(
        "cn-301", "SCTC anti-301", (Part(all_goods, coverage=_NO_LIST),)
    ),
    "cn-301-list4-batch2-tier5": Family(
        "cn-301", "SCTC anti-301", (Part(all_goods, coverage=_NO_LIST),)
    ),
    "cn-exclusions-list1": Family(
        "cn-waiver",
        "SCTC anti-301",
        (
            Part(
                lambda goods, _s: goods.spell("cn-301-l1")[0],
                coverage=Unknown("the exclusion list of 8-digit lines is not at hand"),
            ),
        ),
    ),
    "cn-exclusions-market": Family(
        "cn-waiver",
        "SCTC anti-301",
        (
            Part(
                lambda goods, _s: goods.retaliated(),
                coverage=Unknown("waivers are granted importer by importer and not published"),
            ),
        ),
    ),
    "cn-retaliation-2025-02-15": _layer("cn-2025-feb-15"),
    "cn-retaliation-2025-02-10": _layer("cn-2025-feb-10"),
    "cn-retaliation-2025-03-15": _layer("cn-2025-mar-15"),
    "cn-retaliation-2025-03-10": _layer("cn-2025-mar-10"),
    "cn-recip-us": Family("cn-reciprocal", "SCTC 2025", (Part(all_goods),)),
}
