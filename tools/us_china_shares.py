"""The default assumptions of the US-China record: shares of value no act states, with reasons."""

from __future__ import annotations

from tools.us_china_goods import GUESS, STAMPINGS, Goods
from tradescen.law.assumptions import Assumptions
from tradescen.law.measure import Coverage
from tradescen.vocab.hs import ByProduct
from tradescen.vocab.source import Source

_CONTENT = (
    "share of {metal} in the line's value from BEA detailed input-output accounts, weighted by "
    "US imports of 2024: an industry's inputs stand for the content declared at the border"
)
_QUARTER = f"no source measures the share; {GUESS:g} stands in for it"

_FLAT: dict[str, tuple[float, str]] = {
    "us-201-solar-quota": (1.0, "all cells entered inside the yearly quota"),
    "us-201-washers": (
        1.0,
        "all washers entered inside the quota; the rate over it stands in us-201-washers-over",
    ),
    "us-232-mhdv-parts-shared": (
        0.05,
        "goods of many uses charged only as parts of heavy vehicles: no source measures the "
        "share; a fifth of that for light vehicles stands in",
    ),
    "us-232-cabinets": (1.0, "the statistical numbers named hold little else"),
    "us-232-semi": (0.0, "advanced chips that meet the tests are not of Chinese origin"),
    "us-232-pharma": (0.0, "imports from China are generics and ingredients, not patented drugs"),
    "us-232-uas-high-docks": (0.0, "docking stations are a sliver of two large numbers"),
    "us-232-metals-annex1b": (
        1.0,
        "goods outside chapters 72, 73, 74 and 76 all hold at least 15 percent metal by weight",
    ),
    "us-232-metals-annex1c": (
        0.0,
        "list not at hand; the headings stand in Annex I-B, at the same 25 % for China",
    ),
    "us-232-metals-annex3": (
        1.0,
        "goods outside chapters 72, 73, 74 and 76 all hold at least 15 percent metal by weight",
    ),
    "us-301-2024-sts-cranes": (1.0, "the line holds little else of Chinese origin"),
    "us-301-exclusions-164": (0.0, "statutory view: no importer uses an exclusion"),
    "us-301-exclusions-solar14": (0.0, "statutory view: no importer uses an exclusion"),
    "cn-exclusions-list1": (0.0, "statutory view: no line is excluded"),
    "cn-exclusions-market": (
        0.0,
        "statutory view: no importer holds a waiver; in practice they lift most farm and energy "
        "duties (soybeans bore 3 + 10 percent in November 2025)",
    ),
}

# Measure → (spell, what some of whose lines the list names).
_IN_PART = {
    "cn-retaliation-2025-02-10": ("cn-2025-feb-10", "cars of larger engines, dryers for farms"),
    "cn-retaliation-2025-03-15": ("cn-2025-mar-15", "one subheading"),
    "cn-retaliation-2025-03-10": ("cn-2025-mar-10", "two subheadings of lobsters and shrimps"),
}
_WORDS: dict[str, str] = {
    "us-301-forced-labor-cn": "the list of exemptions is taken to be that of Section 122",
    "us-301-forced-labor-hk": "the list of exemptions is taken to be that of Section 122",
    "us-122": "civil aircraft, their parts and eleven articles in words are charged as their lines",
}


def default_assumptions(goods: Goods) -> Assumptions:
    """The set named ``default``."""
    shares: dict[str, Coverage] = {name: share for name, (share, _) in _FLAT.items()}
    notes = {name: note for name, (_, note) in _FLAT.items()} | _WORDS
    for metal in ("steel", "aluminium", "copper"):
        name = f"us-232-{metal}-content"
        shares[name] = goods.content(metal)
        notes[name] = _CONTENT.format(metal=metal)
    for metal in ("steel", "aluminium"):
        name = f"us-232-{metal}-deriv-2020"
        shares[name] = ByProduct(dict.fromkeys(STAMPINGS, GUESS), default=1.0)
        notes[name] = f"bumper and body stampings within two lines: {_QUARTER}"
    for name, (spell, what) in _IN_PART.items():
        shares[name] = ByProduct(goods.in_part(spell), default=1.0)
        notes[name] = f"{what}, of which the list names some lines: {_QUARTER}"
    shares["us-232-autoparts-shared"] = ByProduct(
        {"8471": 0.0, "850760": 0.0, "8507600010": 1.0}, default=GUESS
    )
    notes["us-232-autoparts-shared"] = (
        "computers (8471) and lithium batteries but for those of vehicles (8507.60.0010) are "
        "taken not to be vehicle parts: three points of the average hang on it; for other goods "
        + _QUARTER
    )
    shares["us-301-maritime-cranes"] = ByProduct({"8426": 1.0}, default=GUESS)
    notes["us-301-maritime-cranes"] = (
        f"cranes: the line whole; intermodal chassis and parts of trailers: {_QUARTER}"
    )
    return Assumptions(
        name="default",
        shares=shares,
        notes=notes,
        source=Source(citation=goods.metals.origin, note=goods.metals.note, confidence="medium"),
    )
