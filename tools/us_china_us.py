"""Families of US measures: group, power, goods and precedence of each."""

from __future__ import annotations

import re

from tools.us_china_facts import Row
from tools.us_china_goods import Goods
from tools.us_china_kinds import Family, Part, all_goods, listed, lists
from tradescen.vocab.duty import AdValorem, Compound, Duty, Unknown
from tradescen.vocab.hs import ProductSet


def _over_quota(_goods: Goods, row: Row) -> Duty:
    got = re.search(r"over-quota (\d+)%", row.rate_note)
    if got is None:
        raise ValueError(f"{row.id}: no rate over the quota in {row.rate_note!r}")
    return AdValorem(f"{got.group(1)}%")


def _free(_goods: Goods, _row: Row) -> Duty:
    return AdValorem(0)


def _unopened(_goods: Goods, _row: Row) -> Duty:
    return Unknown("tariff-rate quota; the rates in the annex were not opened")


def _minimum_price(_goods: Goods, row: Row) -> Duty:
    price = Unknown("minimum import price, by kilogram or watt", text=row.scope)
    return Compound("sum", (AdValorem(row.rated), price))


# -- Sections 201 and 232 -------------------------------------------------------------------

_IN_WORDS = "the law names in words a part of these lines"
_STAMPINGS = "bumper and body stampings are a part of their lines: assumed share"
_QUOTA = "fill of the yearly quota, which no list states"


def _metal_family(metal: str, first: str) -> Family:
    spell = "us-232-steel-25b" if metal == "steel" else "us-232-alu-25"
    names = (f"us-232-{metal}-2018", f"us-232-{metal}-deriv-2020")
    more = (f"us-232-{metal}-deriv-2025-03",)
    return Family(
        "232-content",
        "Section 232",
        (
            Part(
                lists(first),
                later={spell: lambda goods, _s: goods.metal(metal, "2025-03", own=True)},
                lists=names[:1],
                note="mill products, from 12 March 2025 also derivatives of the metal's own "
                "chapters: on full value",
            ),
            Part(
                lambda goods, _s: goods.metal(metal, "2025-03", own=False),
                suffix="content",
                since=spell,
                coverage=Unknown(f"{metal} content of the line, declared by each importer"),
                lists=(*names[1:], *more),
                note=f"derivatives outside the chapters of {metal}: on {metal} content only",
            ),
        ),
    )


def _vehicle_parts(name: str, kind: str, prefix: str = "") -> tuple[Part, ...]:
    dash = f"{prefix}-" if prefix else ""
    return (
        Part(
            lambda goods, _s: goods.parts(name, shared=False),
            suffix=prefix,
            lists=(name,),
            note=f"headings of {kind} parts by their own terms, and numbers made for them",
        ),
        Part(
            lambda goods, _s: goods.parts(name, shared=True),
            suffix=f"{dash}shared",
            coverage=Unknown(f"headings named whole of which only parts of {kind} are charged"),
            note="goods of many uses, charged only as parts of vehicles",
        ),
    )


_232: dict[str, Family] = {
    "us-201-solar": Family(
        "201",
        "Section 201",
        (
            Part(lists("us-201-solar"), precedence=11, lists=("us-201-solar",)),
            Part(
                lambda goods, _s: ProductSet.of("85414200"),
                suffix="quota",
                rate=_free,
                coverage=Unknown(_QUOTA),
                precedence=21,
                note="cells inside the yearly quota bear no additional duty",
            ),
        ),
    ),
    "us-201-washers": Family(
        "201",
        "Section 201",
        (
            Part(
                lists("us-201-washers"),
                coverage=Unknown(_QUOTA),
                precedence=22,
                lists=("us-201-washers",),
                note="inside the quota",
            ),
            Part(
                lists("us-201-washers"),
                suffix="over",
                rate=_over_quota,
                precedence=12,
                note="over the quota",
            ),
        ),
    ),
    "us-201-quartz": Family(
        "201",
        "Section 201",
        (
            Part(
                lists("us-201-quartz"),
                rate=_unopened,
                coverage=Unknown(f"quartz surface products: {_IN_WORDS}"),
                precedence=13,
                lists=("us-201-quartz",),
            ),
        ),
    ),
    "us-232-steel": _metal_family("steel", "us-232-steel-2018"),
    "us-232-aluminium": _metal_family("aluminium", "us-232-aluminium-2018"),
    "us-232-steel-deriv-2020": listed(
        "232-content", "Section 232", "us-232-steel-deriv-2020", note=_STAMPINGS
    ),
    "us-232-aluminium-deriv-2020": listed(
        "232-content", "Section 232", "us-232-aluminium-deriv-2020", note=_STAMPINGS
    ),
    "us-232-copper": Family(
        "232-content",
        "Section 232",
        (
            Part(lambda goods, _s: goods.copper(own=True), lists=("us-232-copper",)),
            Part(
                lambda goods, _s: goods.copper(own=False),
                suffix="content",
                coverage=Unknown("copper content of the line, declared by each importer"),
                note="outside chapter 74: on copper content only",
            ),
        ),
    ),
    "us-232-metals-annex1a": listed("232-metals", "Section 232", "us-232-metals-annex1a"),
    "us-232-metals-annex1b": listed("232-metals", "Section 232", "us-232-metals-annex1b"),
    "us-232-metals-annex1c": Family(
        "232-metals",
        "Section 232",
        (
            Part(
                lambda _g, _s: ProductSet.of("8427", "8429", "8430"),
                coverage=Unknown("list not at hand; scope by heading"),
                note="For China the rate is that of Annex I-B, whose list holds these headings.",
            ),
        ),
    ),
    "us-232-metals-annex3": Family(
        "232-metals-floor",
        "Section 232",
        (Part(lists("us-232-metals-annex3"), lists=("us-232-metals-annex3",)),),
        moves={"us-232-metals-annex3-2028": "232-metals"},
    ),
    "us-232-autos": listed("232-vehicles", "Section 232", "us-232-autos"),
    "us-232-autoparts": Family(
        "232-vehicles", "Section 232", _vehicle_parts("us-232-autoparts", "light vehicles")
    ),
    "us-232-mhdv": Family(
        "232-vehicles",
        "Section 232",
        (
            Part(lists("us-232-mhdv"), lists=("us-232-mhdv",)),
            *_vehicle_parts("us-232-mhdv-parts", "heavy vehicles", "parts"),
        ),
    ),
    "us-232-buses": listed("232-vehicles", "Section 232", "us-232-buses"),
    "us-232-lumber": listed("232-wood", "Section 232", "us-232-lumber"),
    "us-232-upholstered": listed("232-wood", "Section 232", "us-232-upholstered"),
    "us-232-cabinets": listed(
        "232-wood",
        "Section 232",
        "us-232-cabinets",
        words=f"completed kitchen cabinets, vanities and their parts: {_IN_WORDS}",
    ),
    "us-232-semi": listed(
        "232-semi",
        "Section 232",
        "us-232-semi",
        words="technical tests and end uses, which no code tells",
    ),
    "us-232-pharma": listed(
        "232-other",
        "Section 232",
        "us-232-pharma",
        words="list not at hand and patents no code tells; scope by heading",
    ),
    "us-232-uas-high": Family(
        "232-other",
        "Section 232",
        (
            Part(
                lambda _g, _s: ProductSet.of("8806"),
                coverage=Unknown("weight and thermal imaging, which no code tells"),
                lists=("us-232-uas",),
            ),
            Part(
                lambda _g, _s: ProductSet.of("8504409580", "8537109170"),
                suffix="docks",
                coverage=Unknown(f"docking stations of drones: {_IN_WORDS}"),
            ),
        ),
    ),
    "us-232-uas-low": Family(
        "232-other",
        "Section 232",
        (
            Part(
                lambda _g, _s: ProductSet.of("8806"),
                coverage=Unknown("weight and thermal imaging, which no code tells"),
            ),
        ),
    ),
    "us-232-uas-parts": Family(
        "232-other",
        "Section 232",
        (
            Part(
                lambda _g, _s: ProductSet.of("8807"),
                coverage=Unknown("list not at hand; only parts of drones; scope by heading"),
            ),
        ),
    ),
    "us-232-polysilicon": Family(
        "232-other",
        "Section 232",
        (
            Part(
                lists("us-232-polysilicon"),
                rate=_minimum_price,
                coverage=Unknown("list not at hand; scope by heading"),
                lists=("us-232-polysilicon",),
            ),
        ),
    ),
}

# -- the powers that reach all goods --------------------------------------------------------

_FORCED = Part(
    lambda goods, _s: goods.all_but("s122-exempt"),
    lists=("s122-exempt",),
    note="The list of exemptions was not at hand: assumed to be that of Section 122.",
)
_BROAD: dict[str, Family] = {
    "us-fent-cn": Family("fentanyl", "IEEPA fentanyl", (Part(all_goods),)),
    "us-recip-cn": Family(
        "reciprocal",
        "IEEPA reciprocal",
        (
            Part(
                lambda goods, _s: goods.all_but("recip-annex2-2025-04"),
                lists=("recip-annex2-2025-04",),
            ),
        ),
    ),
    "us-122": Family(
        "122",
        "Section 122",
        (
            Part(
                lambda goods, _s: goods.all_but("s122-exempt"),
                lists=("s122-exempt",),
                note="Civil aircraft and their parts (s122-aircraft, by end use) and eleven "
                "articles in words (s122-particular) are exempt within their lines; the lines "
                "are charged whole here.",
            ),
        ),
    ),
    "us-301-forced-labor-cn": Family("301-forced-labor", "Section 301", (_FORCED,)),
    "us-301-forced-labor-hk": Family("301-forced-labor", "Section 301", (_FORCED,)),
    "us-threat-2025-11-100": Family("threat", "Threat", (Part(all_goods),)),
    "us-301-maritime-cranes": listed(
        "301-maritime",
        "Section 301",
        "us-301-maritime",
        words=f"ship-to-shore cranes, intermodal chassis and their parts: {_IN_WORDS}",
    ),
}

# -- Section 301: one "first" group; of two measures on a line the higher precedence charges --


def _list_family(name: str, precedence: int, *parts: str) -> Family:
    """A list for its whole life: lines of today, lines lost to the 2024 review, part lines."""
    return listed(
        "301",
        "Section 301",
        name,
        f"{name}-review",
        *parts,
        precedence=precedence,
        note="Lines the 2024 review took over stay on the list: a review duty in force takes "
        "their value first.",
    )


_REVIEW = (
    *("ev", "solar", "li-ev-batt", "batt-parts", "syringes", "steel-alu", "crit-min"),
    *("semis", "gloves", "textile-masks", "enteral", "li-nonev", "magnets", "graphite"),
    *("wafers-poly", "tungsten"),
)
_301: dict[str, Family] = {
    "us-301-list1": _list_family("us-301-list1", 101),
    "us-301-list2": _list_family("us-301-list2", 102),
    "us-301-list3": _list_family("us-301-list3", 103, "us-301-list3-part"),
    "us-301-list4a": _list_family("us-301-list4a", 104, "us-301-list4a-part"),
    "us-301-list4b": _list_family("us-301-list4b", 105, "us-301-list4b-part"),
    "us-301-exclusions-164": listed(
        "301",
        "Section 301",
        "us-301-excl-164",
        precedence=201,
        words=f"exclusions: {_IN_WORDS}",
    ),
    "us-301-exclusions-solar14": listed(
        "301",
        "Section 301",
        "us-301-excl-solar14",
        precedence=202,
        words=f"solar manufacturing equipment: {_IN_WORDS}",
    ),
    "us-301-2024-sts-cranes": listed(
        "301",
        "Section 301",
        "us-301-2024-sts-cranes",
        precedence=399,
        words=f"ship-to-shore cranes: {_IN_WORDS}",
    ),
    "us-301-2024-masks": Family(
        "301",
        "Section 301",
        (
            Part(
                lists("us-301-2024-masks"),
                # The second step covers the disposable textile masks too.
                later={
                    "us-301-2024-masks-2": lists("us-301-2024-masks", "us-301-2024-textile-masks")
                },
                precedence=398,
                lists=("us-301-2024-masks",),
            ),
        ),
    ),
    **{
        f"us-301-2024-{name}": listed(
            "301", "Section 301", f"us-301-2024-{name}", precedence=380 - n
        )
        for n, name in enumerate(_REVIEW)
    },
}

US_FAMILIES: dict[str, Family] = {**_232, **_BROAD, **_301}
