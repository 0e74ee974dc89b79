"""Acts of the US-China record that are no rows of measures.csv: changes of scope, and the MFN.

Each is dated by the act or notice named in the row it belongs to or in the list it reads.
"""

from __future__ import annotations

from dataclasses import dataclass

from tools.us_china_facts import Facts
from tools.us_china_goods import Goods
from tradescen.law.measure import Measure, Scope
from tradescen.timeline.acts import Act, Amend, Impose, Reschedule
from tradescen.vocab.duty import AdValorem, Duty, Unknown, duty
from tradescen.vocab.hs import ByProduct, ProductSet
from tradescen.vocab.source import Source

_MFN_CLOCK = (
    "day of enactment not looked up: taken to be the first day; the table is of subheadings"
)
_ANNEX2 = "recip-annex2-2025-04"
_ELECTRONICS = "recip-electronics-2025-04-11"


@dataclass(frozen=True)
class _Widening:
    """A batch of derivatives added to a metals duty between two spells."""

    id: str
    metal: str
    batch: str
    own: bool
    enacted: str
    effective: str
    citation: str


_WIDENINGS = (
    _Widening(
        "us-232-alu-scope-2025-04-04", "aluminium", "2025-04", True, "2025-04-04", "2025-04-04",
        "90 FR 14786 (2025-04-04): empty aluminium cans",
    ),
    _Widening(
        "us-232-alu-scope-2025-04-04-content", "aluminium", "2025-04", False, "2025-04-04",
        "2025-04-04", "90 FR 14786 (2025-04-04): beer",
    ),
    _Widening(
        "us-232-steel-scope-2025-06-23", "steel", "2025-06", False, "2025-06-16", "2025-06-23",
        "90 FR 25208 (2025-06-16): household appliances",
    ),
    _Widening(
        "us-232-steel-scope-2025-08-18", "steel", "2025-08", False, "2025-08-18", "2025-08-18",
        "90 FR 40326 (2025-08-19): 407 codes of steel and aluminium derivatives",
    ),
    _Widening(
        "us-232-alu-scope-2025-08-18", "aluminium", "2025-08", True, "2025-08-18", "2025-08-18",
        "90 FR 40326 (2025-08-19): 407 codes of steel and aluminium derivatives",
    ),
    _Widening(
        "us-232-alu-scope-2025-08-18-content", "aluminium", "2025-08", False, "2025-08-18",
        "2025-08-18", "90 FR 40326 (2025-08-19): 407 codes of steel and aluminium derivatives",
    ),
)


def _metals(goods: Goods) -> list[Act]:
    made: list[Act] = []
    for w in _WIDENINGS:
        made.append(
            Amend(
                id=w.id,
                target=f"us-232-{w.metal}" if w.own else f"us-232-{w.metal}-content",
                products=goods.metal(w.metal, w.batch, own=w.own),
                enacted=w.enacted,
                effective=w.effective,
                source=Source(
                    citation=w.citation,
                    note=goods.note(f"us-232-{w.metal}-deriv-{w.batch}"),
                    confidence="medium",
                ),
            )
        )
    return made


def _reciprocal(goods: Goods) -> list[Act]:
    """The exempt goods of the reciprocal duty: whole list and dates of each version."""
    april = goods.codes(_ANNEX2) | goods.electronics()
    copper = goods.codes("recip-removed-copper-2025-08")
    versions: tuple[tuple[str, ProductSet, str, str, str, str], ...] = (
        (
            "us-recip-electronics-2025-04-11", goods.without(april, ()),
            "2025-04-11", "2025-04-05",
            "White House, Memorandum 2025-04-11 Clarification of Exceptions under EO 14257",
            _ELECTRONICS,
        ),
        (
            "us-recip-copper-2025-08-01", goods.without(april, copper), "2025-07-30", "2025-08-01",
            "White House, Proclamation 2025-07-30 Copper", "recip-removed-copper-2025-08",
        ),
        (
            "us-recip-annex2-2025-09-08", goods.all_but("recip-annex2-2025-09"),
            "2025-09-05", "2025-09-08", "White House, EO 14346 (2025-09-05)",
            "recip-annex2-2025-09",
        ),
        (
            "us-recip-wood-2025-10-14", goods.all_but("recip-annex2-2025-10"),
            "2025-09-29", "2025-10-14", "White House, Proclamation 10976 (2025-09-29), clause 12",
            "recip-annex2-2025-10",
        ),
        (
            "us-recip-farm-2025-11-13", goods.all_but("recip-annex2-2025-11"),
            "2025-11-14", "2025-11-13", "White House, EO 2025-11-14 agricultural scope",
            "recip-annex2-2025-11",
        ),
    )
    return [
        Amend(
            id=name, target="us-recip-cn", products=products, enacted=enacted, effective=effective,
            source=Source(citation=citation, note=goods.note(listed), confidence="medium"),
        )
        for name, products, enacted, effective, citation, listed in versions
    ]


def _plastics(goods: Goods) -> Act:
    """The exclusion that the dated table shows on three plastics."""
    (since, codes), = goods.cn.exclusions.items()
    source = Source(
        citation="SCTC exclusion list of 2019-12-19 as a dated table of rates shows it from "
        "2019-12-26",
        note="one year, as the first list; what became of it later is not known here",
        confidence="low",
    )
    measure = Measure(
        id="cn-exclusions-2019-12",
        authority="SCTC anti-301",
        group="cn-waiver",
        scope=Scope(importer="CHN", exporters="USA", products=ProductSet.of(*codes)),
        duty=AdValorem(0),
        until="2020-12-26",
        source=source,
    )
    return Impose(
        id="cn-excl-2019-12", measure=measure, enacted=since, effective=since, source=source
    )


def us_mfn(goods: Goods) -> Measure:
    """The general duties of the United States, one edition for all days."""
    text = goods.mfn.text
    return Measure(
        id="us-mfn",
        authority="MFN",
        group="mfn",
        scope=Scope(importer="USA"),
        # No default: other codes are no lines of the edition, and their duty is unknown.
        duty=ByProduct({code: duty(said) for code, said in text.items()}),
        source=Source(
            citation=goods.mfn.origin,
            note="general rates of one edition for all days; duties by weight or piece are unknown "
            "without a unit value",
        ),
    )


def cn_mfn(goods: Goods) -> tuple[Measure, list[Act]]:
    """China's MFN at HS-6 on 1 January 2018, and its changes to 1 January 2019.

    Left out are codes that rise on 1 November 2018 and fall back as much two months later:
    the table prints there the statutory rate for the interim one.
    """
    cn = goods.cn
    rates = dict(cn.mfn)
    unknown = Unknown("specific duty, not printed in the table")

    def by_line() -> ByProduct[Duty]:
        known: dict[str, Duty] = {code: AdValorem(rate) for code, rate in rates.items()}
        return ByProduct(known | dict.fromkeys(cn.mfn_unknown, unknown))

    source = Source(
        citation="WITS MFN of China by HS 2017 subheading, as compiled in tradewar-tracker (MIT), "
        "carried to HS 2022 by the UN correlation",
        note="one rate a subheading; nothing later than 2019 is in it",
        confidence="medium",
    )
    first = Measure(
        id="cn-mfn", authority="MFN", group="mfn", scope=Scope(importer="CHN"), duty=by_line(),
        source=source,
    )
    acts: list[Act] = []
    for day, steps in sorted(cn.mfn_changes.items()):
        for code, step in steps.items():
            if code not in cn.mfn_bounce:
                rates[code] = round(rates[code] + step, 10)
        acts.append(
            Amend(
                id=f"cn-mfn-{day}", target="cn-mfn", duty=by_line(), enacted=day, effective=day,
                source=Source(citation=source.citation, note=_MFN_CLOCK, confidence="low"),
            )
        )
    return first, acts


def _safeguards(facts: Facts) -> list[Act]:
    """The proclamations that prolonged the Section 201 duties beyond their first end."""
    made: list[Act] = []
    for name, first, last, parts in (
        ("us-201-solar-ext", "us-s201-solar-y4", "us-s201-solar-y8", ("", "-quota")),
        ("us-201-washers-ext", "us-s201-washers-y3", "us-s201-washers-y5", ("", "-over")),
    ):
        row = facts.row(last)
        for part in parts:
            made.append(
                Reschedule(
                    id=f"{name}{part}", act=f"{first}{part}", until=row.end, enacted=row.enacted,
                    source=row.end_source(),
                )
            )
    return made


def _market_waivers_end(facts: Facts) -> Act:
    """The end of China's waiver process, known only since the fact sheet of November 2025."""
    row = facts.row("cn-excl-market")
    return Amend(
        id="cn-excl-market-until",
        target=row.family,
        until=row.end,
        enacted="2025-11-01",
        effective="2025-11-10",
        source=Source(
            citation=row.citation,
            note=f"{row.status}; no Chinese instrument seen: the day of the fact sheet",
            confidence="low",
        ),
    )


ASSUMED = ("cn-excl-market-until", "cn-excl-2019-12")


def more_acts(facts: Facts, goods: Goods) -> list[Act]:
    """Every act of this module but the changes of MFN."""
    return [
        *_metals(goods),
        *_reciprocal(goods),
        *_safeguards(facts),
        _plastics(goods),
        _market_waivers_end(facts),
    ]
