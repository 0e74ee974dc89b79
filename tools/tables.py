"""Tables of rates, weights and shares, read from statistics into the units of the pack."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tools.readers import UN_ORIGIN, read_correlation, read_rows

_TAG = re.compile(r"</?[a-z]+>")
_PERCENT = re.compile(r"([\d.]+)\s*%")

# Subheadings of HS 2012 under which the United States still reported exports of 2017, and
# the subheadings of HS 2017 that replaced them (WCO correlation HS 2012 to HS 2017).
_HS2012_LEFTOVERS: dict[str, tuple[str, ...]] = {
    "440110": ("440111", "440112"),
    "440310": ("440311", "440312"),
    "440320": ("440321", "440322", "440323", "440324", "440325", "440326"),
    "440392": ("440393", "440394"),
    "440690": ("440691", "440692"),
    "440710": ("440711", "440712", "440719"),
    "441232": ("441233", "441234"),
}

_OUTSIDE_HS: dict[str, str] = {
    "300219": "subheading of HS 2017 that the UN tables do not list",
    "880000": "civilian aircraft, engines and parts, published together by the Census",
    "98": "special transactions of chapter 98, no HS subheading",
    "99": "special transactions of chapter 99, no HS subheading",
}


@dataclass(frozen=True)
class UsMfn:
    """General (most-favoured-nation) duties of the United States by HTS-8.

    ``text`` holds every duty as printed, ``ad_valorem`` the fraction where the duty is
    nothing but a percentage (0 for Free), ``other`` the text of the rest, ``forms`` the
    number of lines by form.
    """

    text: dict[str, str]
    ad_valorem: dict[str, float]
    other: dict[str, str]
    forms: dict[str, int]
    origin: str = "USITC, Harmonized Tariff Schedule of the United States 2025, revision 10"


def _form(text: str) -> str:
    if text == "Free":
        return "free"
    if _PERCENT.fullmatch(text):
        return "ad valorem"
    if not re.match(r"[$\d]", text):
        return "by reference"
    if " less " in text:
        return "sliding"
    money = "¢" in text or "$" in text
    if "%" not in text:
        return "specific"
    if money:
        return "compound"
    return "ad valorem on parts"


def us_mfn(shared: Path) -> UsMfn:
    """Read the general duty of every HTS-8 line of HTS 2025 revision 10."""
    text: dict[str, str] = {}
    ad_valorem: dict[str, float] = {}
    other: dict[str, str] = {}
    forms: Counter[str] = Counter()
    for row in read_rows(shared / "data" / "us_hts_2025_rev10_mfn_hs8.csv.gz"):
        code = row["hs8"]
        duty = " ".join(_TAG.sub("", row["general"]).split())
        text[code] = duty
        form = _form(duty)
        forms[form] += 1
        percent = _PERCENT.fullmatch(duty)
        if form == "free":
            ad_valorem[code] = 0.0
        elif percent:
            ad_valorem[code] = round(float(percent.group(1)) / 100, 10)
        else:
            other[code] = duty
    return UsMfn(text, ad_valorem, other, dict(sorted(forms.items())))


@dataclass(frozen=True)
class Weights:
    """Customs values in US dollars by code, with what could not be placed.

    ``values`` sum to ``total`` exactly. ``unplaced`` is a part of ``values``: codes that
    stand for no line of the nomenclature, with the reason. ``moved`` names each code of
    the source that was carried to another, with where it went.
    """

    values: dict[str, float]
    total: int
    unplaced: dict[str, str]
    moved: dict[str, str]
    counts: dict[str, int]
    origin: str
    note: str

    def unplaced_value(self) -> float:
        """The value that stands under codes outside the nomenclature."""
        return sum(self.values[c] for c in self.unplaced)


def us_weights_from_china_2024(shared: Path, split_codes: Iterable[str] = ()) -> Weights:
    """US imports from China in 2024 by HTS-8, by HTS-10 where lists part the line.

    ``split_codes`` holds 8-digit lines to keep by HTS-10, or 10-digit codes; a 10-digit
    code keeps its whole 8-digit line by HTS-10, so that no code lies within another.
    A line absent from HTS 2025 revision 10 moves to the one live line of its HS-6 where
    there is just one; else its value stays under the six digits with the reason.
    """
    kept = {c[:8] for c in split_codes}
    live: dict[str, list[str]] = {}
    for row in read_rows(shared / "data" / "us_hts_2025_rev10_mfn_hs8.csv.gz"):
        live.setdefault(row["hs8"][:6], []).append(row["hs8"])
    values: Counter[str] = Counter()
    unplaced: dict[str, str] = {}
    moved: dict[str, str] = {}
    absent: set[str] = set()
    absent_value = lines = total = 0
    for row in read_rows(shared / "data" / "us_imports_from_china_2024_hs10.csv"):
        code, value = row["hs10"], int(row["value_usd"])
        hs8, hs6 = code[:8], code[:6]
        total += value
        lines += 1
        candidates = live.get(hs6, [])
        if hs8 in candidates:
            values[code if hs8 in kept else hs8] += value
            continue
        absent.add(code)
        absent_value += value
        if len(candidates) == 1:
            moved[code] = candidates[0]
            values[candidates[0]] += value
        else:
            values[hs6] += value
            unplaced[hs6] = (
                _OUTSIDE_HS[hs6[:2]]
                if hs6[:2] in _OUTSIDE_HS
                else f"line not in HTS 2025 revision 10, {len(candidates)} live lines in its HS-6"
            )
    return Weights(
        values={k: float(values[k]) for k in sorted(values)},
        total=total,
        unplaced=unplaced,
        moved=moved,
        counts={
            "hts10_lines": lines,
            "codes": len(values),
            "absent_hts10": len(absent),
            "absent_value_usd": absent_value,
        },
        origin="US Census Bureau, imports for consumption from China (5700), 2024, by HTS-10",
        note="customs value; absent from the schedule are only lines of chapters 98 and 99",
    )


def us_exports_to_china(shared: Path, year: int) -> Weights:
    """US exports to China of one year by HS 2022 subheading.

    The value of a HS 2017 code goes in equal parts to the HS 2022 codes that take from it
    in the United Nations conversion table, to those of its own heading only where there
    are any. Subheadings of HS 2012 still in use are first divided equally among their
    HS 2017 successors. Codes outside the nomenclature keep their number, with the reason.
    """
    correlation = read_correlation(shared)
    column = f"value_usd_{year}"
    values: Counter[str] = Counter()
    unplaced: dict[str, str] = {}
    moved: dict[str, str] = {}
    total = split = 0
    for row in read_rows(shared / "data" / "us_exports_to_china_hs6_2013_2020.csv"):
        code, value = row["hs6"], round(float(row[column] or 0))
        if not value:
            continue
        total += value
        old = (code,) if code in correlation.targets else _HS2012_LEFTOVERS.get(code, ())
        new = [n for o in old for n in correlation.gives_to[o]]
        if not new:
            key = code if code in _OUTSIDE_HS else code[:2]
            unplaced[code] = _OUTSIDE_HS.get(key, "no HS 2017 subheading")
            values[code] += value
            continue
        if new != [code]:
            moved[code] = ";".join(new)
            split += len(new) > 1
        # Whole dollars, the remainder on the first codes, so that the total is kept exactly.
        part, rest = divmod(value, len(new))
        for i, target in enumerate(new):
            values[target] += part + (i < rest)
    return Weights(
        values={k: float(values[k]) for k in sorted(values)},
        total=total,
        unplaced=unplaced,
        moved=moved,
        counts={"codes": len(values), "moved": len(moved), "split": split},
        origin=f"US Census Bureau, exports to China by HS-6, {year}; {UN_ORIGIN}",
        note="stand-in for China's imports from the United States; equal division is assumed",
    )


@dataclass(frozen=True)
class MetalShares:
    """Shares of steel, aluminium and copper in the value of a HTS-8 line: an estimate.

    ``unweighted`` are lines without imports in 2024, whose shares are plain means.
    ``capped`` are lines whose shares summed to more than one (requirements of the basic
    metal industries): the largest share is held to one, the others to what it leaves.
    """

    shares: dict[str, tuple[float, float, float]]
    unweighted: tuple[str, ...]
    capped: tuple[str, ...]
    not_live: int
    imports_without_share: float
    origin: str = (
        "metal content by HTS-10 from BEA detailed input-output accounts as computed by "
        "tariff-rate-tracker (The Budget Lab at Yale, MIT), weighted by US Census imports 2024"
    )
    note: str = "an assumption, not law: shares of an industry's inputs, one value an industry"


def _capped(shares: list[float]) -> list[float]:
    """Hold shares to one in sum, the largest first."""
    if sum(shares) <= 1:
        return shares
    top = max(shares)
    room, rest = max(0.0, 1 - top), sum(shares) - top
    first = shares.index(top)
    return [min(1.0, x) if i == first else x / rest * room for i, x in enumerate(shares)]


def metal_shares(shared: Path) -> MetalShares:
    """Average the metal shares over HTS-8 by US imports of 2024 from all partners."""
    data = shared / "data"
    imports: Counter[str] = Counter()
    for row in read_rows(data / "us_imports_2024_hts10_by_partner.csv.gz"):
        imports[row["hts10"]] += int(row["value_usd"])
    live = {r["hs8"] for r in read_rows(data / "us_hts_2025_rev10_mfn_hs8.csv.gz")}
    members: dict[str, list[tuple[int, tuple[float, float, float]]]] = {}
    known: set[str] = set()
    not_live: set[str] = set()
    for row in read_rows(data / "lists" / "yale_metal_content_shares_bea_hs10.csv.gz"):
        code = row["hs10"]
        known.add(code)
        if code[:8] not in live:
            not_live.add(code[:8])
            continue
        triple = (
            float(row["steel_share"]),
            float(row["aluminum_share"]),
            float(row["copper_share"]),
        )
        members.setdefault(code[:8], []).append((imports[code], triple))
    shares: dict[str, tuple[float, float, float]] = {}
    unweighted: list[str] = []
    capped: list[str] = []
    for hs8, lines in sorted(members.items()):
        weights = [w for w, _ in lines]
        if not any(weights):
            unweighted.append(hs8)
            weights = [1] * len(lines)
        pairs = list(zip(weights, (triple for _, triple in lines), strict=True))
        mean = [sum(w * t[i] for w, t in pairs) / sum(weights) for i in range(3)]
        if sum(mean) > 1:
            capped.append(hs8)
        steel, aluminium, copper = (round(share, 4) for share in _capped(mean))
        shares[hs8] = (steel, aluminium, copper)
    total = sum(imports.values())
    missing = sum(v for k, v in imports.items() if k not in known)
    return MetalShares(shares, tuple(unweighted), tuple(capped), len(not_live), missing / total)


def hs2022_lines(shared: Path) -> tuple[str, ...]:
    """The 5,613 six-digit codes of HS 2022: its 5,612 subheadings and 999999, unspecified."""
    rows = read_rows(shared / "data" / "hs2022_nomenclature.csv.gz")
    return tuple(sorted(r["hscode"] for r in rows if r["level"] == "6"))


def report(shared: Path) -> str:
    """A summary in plain text of what the tables hold."""
    mfn = us_mfn(shared)
    out = [f"us_mfn: {len(mfn.text)} lines, {mfn.forms}"]
    weights = [us_weights_from_china_2024(shared)]
    weights += [us_exports_to_china(shared, year) for year in (2017, 2020)]
    for w in weights:
        kept = sum(w.values.values()) == w.total
        out.append(f"{w.origin}: total {w.total:,} conserved {kept} {w.counts}")
        out.append(f"  unplaced {len(w.unplaced)}, value {w.unplaced_value():,.0f}")
    metal = metal_shares(shared)
    out.append(
        f"metal_shares: {len(metal.shares)} lines, {len(metal.unweighted)} unweighted, "
        f"{len(metal.capped)} capped, "
        f"{metal.not_live} not live, imports without share {metal.imports_without_share:.4f}"
    )
    out.append(f"hs2022_lines: {len(hs2022_lines(shared))}")
    return "\n".join(out)
