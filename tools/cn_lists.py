"""China's additional duties on goods of the United States, from dated tables and lists.

The duties of 2018-20 are read off a table of China's all-in rate on US goods by HS 2017
subheading at twelve dates: each step belongs to the list that took effect that day. The
table carries one rate a subheading although the lists are of 8-digit lines. Where lines
differ it shows the highest all-in rate among them (seen in coal, 2701.12: 31 then 33 %,
coking coal at 3+25+5 overtaking other coal at 6+25), so a step of odd size is what is left
of a list rate after another line stood higher, and a rate of list size need not hold for
every line. Odd codes are marked (``CnLists.averages``) and keep the step the table shows.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tools.codelist import CodeList
from tools.readers import UN_ORIGIN, Correlation, pad, read_correlation, read_plain, read_rows

TABLE_ORIGIN = (
    "table of China's MFN and retaliatory rates by HS-6 at twelve dates compiled from State "
    "Council Tariff Commission (SCTC) lists and WITS MFN by M. Waugh, tradewar-tracker (MIT)"
)
_ANNOUNCEMENTS: dict[str, str] = {
    "cn-232-15": "SCTC notice of 2018-04-01 (suspension of concessions, 128 items)",
    "cn-232-25": "SCTC notice of 2018-04-01 (suspension of concessions, 128 items)",
    "cn-301-list1": "SCTC Announcement [2018] No. 5, list 1",
    "cn-301-list2": "SCTC Announcement [2018] No. 7, list 2",
    "cn-301-list3-annex1": "SCTC Announcements [2018] No. 8 and [2019] No. 3, annex 1",
    "cn-301-list3-annex2": "SCTC Announcements [2018] No. 8 and [2019] No. 3, annex 2",
    "cn-301-list3-annex3": "SCTC Announcements [2018] No. 8 and [2019] No. 3, annex 3",
    "cn-301-list3-annex4": "SCTC Announcements [2018] No. 8 and [2019] No. 3, annex 4",
    "cn-301-list4-batch1-tier10": "SCTC Announcements [2019] No. 4 and [2020] No. 1, annex 1",
    "cn-301-list4-batch1-tier5": "SCTC Announcements [2019] No. 4 and [2020] No. 1, annex 1",
    "cn-301-list1-autos": "SCTC Announcements [2018] No. 5 and No. 10 (autos suspended)",
    "cn-301-list2-autos": "SCTC Announcements [2018] No. 7 and No. 10 (autos suspended)",
    "cn-301-list3-autos": "SCTC Announcements [2018] No. 8 and No. 10 (autos suspended)",
}

# Dates of the table at which a list took effect, and the day autos were suspended. The
# column the table calls 2019-01-02 shows the state from 2019-01-01.
_D232, _DL1, _DL2, _DL3 = "2018-04-02", "2018-07-06", "2018-08-23", "2018-09-24"
_DL3B, _DL4, _DEXCL, _DHALF = "2019-06-01", "2019-09-01", "2019-12-26", "2020-02-14"
_DAUTO, _DAUTO_COLUMN = "2019-01-01", "2019-01-02"
_MFN_DATES = ("2018-05-01", "2018-07-01", "2018-11-01", _DAUTO)

# The annexes of list 3: the step of 2018-09-24 and that of 2019-06-01, in points.
_ANNEXES: tuple[tuple[str, float, float], ...] = (
    ("cn-301-list3-annex4", 5, 0),
    ("cn-301-list3-annex3", 5, 5),
    ("cn-301-list3-annex2", 10, 10),
    ("cn-301-list3-annex1", 10, 15),
)

# spell -> (family, first day, last day excluded, list rate in points)
_SPELLS: dict[str, tuple[str, str, str, float]] = {
    "cn-232-15": ("cn-232-15", _D232, "", 15),
    "cn-232-25": ("cn-232-25", _D232, "", 25),
    "cn-301-l1": ("cn-301-list1", _DL1, "", 25),
    "cn-301-l2": ("cn-301-list2", _DL2, "", 25),
    "cn-301-l3-10": ("cn-301-list3-annex1", _DL3, _DL3B, 10),
    "cn-301-l3-10-a2": ("cn-301-list3-annex2", _DL3, _DL3B, 10),
    "cn-301-l3-5": ("cn-301-list3-annex3", _DL3, _DL3B, 5),
    "cn-301-l3-5-a4": ("cn-301-list3-annex4", _DL3, _DL3B, 5),
    "cn-301-l3b-25": ("cn-301-list3-annex1", _DL3B, "", 25),
    "cn-301-l3b-20": ("cn-301-list3-annex2", _DL3B, "", 20),
    "cn-301-l3b-10": ("cn-301-list3-annex3", _DL3B, "", 10),
    "cn-301-l3b-5": ("cn-301-list3-annex4", _DL3B, "", 5),
    "cn-301-l4-1-10": ("cn-301-list4-batch1-tier10", _DL4, _DHALF, 10),
    "cn-301-l4-1-5": ("cn-301-list4-batch1-tier5", _DL4, _DHALF, 5),
    "cn-301-l4-1-5h": ("cn-301-list4-batch1-tier10", _DHALF, "", 5),
    "cn-301-l4-1-2p5": ("cn-301-list4-batch1-tier5", _DHALF, "", 2.5),
    "cn-301-autos-l1": ("cn-301-list1-autos", _DL1, _DAUTO, 25),
    "cn-301-autos-l2": ("cn-301-list2-autos", _DL2, _DAUTO, 25),
    "cn-301-autos-l3": ("cn-301-list3-autos", _DL3, _DAUTO, 5),
}

# Steps below this many points are the rounding of ad valorem equivalents of specific duties.
_NOISE = 1e-5

_LIST_STEPS: dict[str, tuple[float, ...]] = {
    _D232: (0, 15, 25),
    _DL1: (0, 25),
    _DL2: (0, 25),
    _DL3: (0, 5, 10),
    _DL3B: (0, 5, 10, 15),
    _DL4: (0, 5, 10),
}

# Annex 1 of SCTC Announcement 2025 No. 1: its eight lines.
_FEB15_HS8 = (
    "27011100",
    "27011210",
    "27011290",
    "27011900",
    "27012000",
    "27021000",
    "27022000",
    "27111100",
)

# Annex 2 of the same announcement, 72 lines, known by HS-6 only.
# fmt: off
_FEB10_HS6 = (
    "270900", "841933", "841934", "842441", "842449", "842482", "843210", "843221", "843229",
    "843231", "843239", "843241", "843242", "843280", "843311", "843319", "843320", "843330",
    "843340", "843351", "843352", "843353", "843359", "843360", "843410", "843610", "843621",
    "843629", "843680", "843710", "843780", "843860", "847920", "870110", "870130", "870191",
    "870192", "870193", "870194", "870195", "870323", "870324", "870421", "870431", "870441",
    "870451", "870460", "871620",
)
# fmt: on
_FEB10_CERTAIN = ("270900", "841933")
_FEB10_PARTIAL: dict[str, str] = {
    "841933": "only 8419.33.10, dryers for agricultural products",
    "870323": "only lines of the larger engines (2.5 to 3 litres)",
}

# Numbers of the transcription of March 2025 that no subheading of HS 2022 bears, and the
# subheading their description names.
_MARCH_REPAIRS: dict[str, str] = {
    "030321": "030323",  # frozen tilapia
    "030322": "030324",  # frozen catfish
    "030761": "030760",  # snails other than sea snails
    "030769": "030760",
    "030831": "030830",  # jellyfish, rendered as coral
    "030839": "030830",
    "03090010": "030910",  # meal and pellets of fish
    "03090020": "030990",  # meal and pellets of crustaceans and molluscs
}
_MARCH_MISSING = (
    "items 466 to 485 of annex 2 (between 0812.10 and 2008.11.20) are missing from the "
    "transcription: probably 0812.90, 0813, 0814, fruit of 2006 to 2007 and 2008.11.10"
)


@dataclass(frozen=True)
class CnSpell:
    """One spell of a family: the additional rate of each HS 2022 subheading, a fraction.

    ``codes`` is the same scope as a list; its ``shares`` hold rate over list rate where
    the two differ (marked codes). ``end`` is empty while the spell runs.
    """

    id: str
    family: str
    start: str
    end: str
    list_rate: float
    rates: dict[str, float]
    codes: CodeList


@dataclass(frozen=True)
class Residual:
    """How well MFN plus families rebuild the dated table, in fractions, by HS 2017 code.

    ``noise`` holds the codes whose ad valorem equivalent of a specific duty the table
    rounds differently from date to date (below 1e-7), counted apart from ``largest``.
    """

    codes: int
    dates: int
    cells: int
    largest: float
    over: tuple[tuple[str, str, float], ...]
    noise: dict[str, float]


@dataclass(frozen=True)
class CnLists:
    """China's duties on the United States by HS 2022 subheading.

    ``mfn`` holds the rates of 2018-01-01 and ``mfn_changes`` the later steps by date, as
    fractions. ``mfn_unknown`` are codes without a printed MFN (specific duties of film).
    ``mfn_bounce`` are codes whose MFN rises on 2018-11-01 and falls back by as much on
    2019-01-01: the statutory rate stands there for the interim one. ``exclusions`` lowers
    the additional rate from its date on. ``layers`` holds the flat lists of 2025,
    ``partial`` the codes of each layer that it covers in part or may cover in part.
    """

    spells: dict[str, CnSpell]
    mfn: dict[str, float]
    mfn_changes: dict[str, dict[str, float]]
    mfn_unknown: frozenset[str]
    mfn_bounce: frozenset[str]
    averages: frozenset[str]
    exclusions: dict[str, dict[str, float]]
    layers: dict[str, CodeList]
    layer_rates: dict[str, float]
    partial: dict[str, dict[str, str]]
    certain: dict[str, tuple[str, ...]]
    absent: dict[str, str]
    merged: dict[str, tuple[str, ...]]
    merged_unequal: frozenset[str]
    counts: dict[str, int]
    residual: Residual

    def mfn_on(self, day: str) -> dict[str, float]:
        """The MFN rates on an ISO date, as the table has them."""
        rates = dict(self.mfn)
        for date, steps in self.mfn_changes.items():
            if date <= day:
                for code, step in steps.items():
                    rates[code] = round(rates[code] + step, 10)
        return rates

    def additional_on(self, day: str) -> dict[str, float]:
        """The additional rates of 2018-20 on an ISO date, all families and exclusions."""
        rates: dict[str, float] = {}
        for spell in self.spells.values():
            if spell.start <= day and (not spell.end or day < spell.end):
                for code, rate in spell.rates.items():
                    rates[code] = round(rates.get(code, 0.0) + rate, 10)
        for date, waived in self.exclusions.items():
            if date <= day:
                for code in waived:
                    rates.pop(code, None)
        return rates


@dataclass(frozen=True)
class _Code:
    """One HS 2017 code taken apart, in percentage points."""

    mfn: float | None
    mfn_steps: dict[str, float]
    spells: dict[str, float]
    excluded: float
    odd_size: bool
    odd_pair: bool


def _annex(first: float, second: float) -> str | None:
    """The least annex of list 3 that can bring forth both steps."""
    if not first and not second:
        return None
    for family, top_first, top_second in _ANNEXES:
        if first <= top_first and second <= top_second:
            return family
    raise ValueError(f"no annex of list 3 explains the steps {first} and {second}")


def _take_apart(code: str, row: dict[str, float | None]) -> _Code:
    dates = sorted(row)
    steps: dict[str, float] = {}
    before = row[dates[0]] or 0.0
    for date in dates[1:]:
        value = row[date]
        now = before if value is None else value
        step = round(now - before, 8)
        steps[date] = 0.0 if abs(step) < _NOISE else step
        before = now
    spells: dict[str, float] = {}

    def put(spell: str, points: float) -> None:
        if points:
            spells[spell] = round(points, 8)

    first = steps[_D232]
    put("cn-232-15" if first <= 15 else "cn-232-25", first)
    autos = steps[_DAUTO_COLUMN]
    auto25 = "8702" <= code[:4] <= "8708" and autos == -25
    auto5 = code[:4] in ("8706", "8708") and autos == -5 and steps[_DL3] == 5
    put("cn-301-autos-l1" if auto25 else "cn-301-l1", steps[_DL1])
    put("cn-301-autos-l2" if auto25 else "cn-301-l2", steps[_DL2])
    annex = None
    if auto5:
        put("cn-301-autos-l3", steps[_DL3])
    else:
        annex = _annex(steps[_DL3], steps[_DL3B])
    for spell, (family, start, _, _) in _SPELLS.items():
        if annex and family == annex:
            put(spell, steps[_DL3] + (steps[_DL3B] if start == _DL3B else 0))
    last = steps[_DL4]
    tier10 = last > 5
    put("cn-301-l4-1-10" if tier10 else "cn-301-l4-1-5", last)
    put("cn-301-l4-1-5h" if tier10 else "cn-301-l4-1-2p5", last / 2)
    mfn_steps = {date: steps[_DAUTO_COLUMN if date == _DAUTO else date] for date in _MFN_DATES}
    if auto25 or auto5:
        mfn_steps[_DAUTO] = 0.0
    mfn_steps = {date: step for date, step in mfn_steps.items() if step}
    pair = (steps[_DL3], steps[_DL3B])
    odd_size = any(steps[date] not in sizes for date, sizes in _LIST_STEPS.items())
    known = {(0, 0)} | {(a, b) for _, a, b in _ANNEXES}
    odd_pair = not auto5 and not odd_size and pair not in known
    return _Code(
        mfn=row[dates[0]],
        mfn_steps=mfn_steps,
        spells=spells,
        excluded=-steps[_DEXCL],
        odd_size=odd_size,
        odd_pair=odd_pair,
    )


def _read_table(shared: Path) -> dict[str, dict[str, float | None]]:
    name = "waugh_china_mfn_and_retaliation_on_us_hs6_2018_2020.csv.gz"
    table: dict[str, dict[str, float | None]] = {}
    for row in read_rows(shared / "data" / "lists" / name):
        text = row["tariff"]
        rate = round(float(text), 8) if text else None
        table.setdefault(row["hs6"], {})[row["time_of_tariff"]] = rate
    return table


def _running(spell: str, day: str) -> bool:
    _, start, end, _ = _SPELLS[spell]
    return start <= day and (not end or day < end)


def _residual(table: dict[str, dict[str, float | None]], parts: dict[str, _Code]) -> Residual:
    largest, cells = 0.0, 0
    over: list[tuple[str, str, float]] = []
    noise: dict[str, float] = {}
    dates = sorted({date for row in table.values() for date in row})
    for code, row in table.items():
        part = parts[code]
        for date, value in row.items():
            if value is None:
                continue
            points = part.mfn or 0.0
            points += sum(step for day, step in part.mfn_steps.items() if day <= date)
            points += sum(rate for spell, rate in part.spells.items() if _running(spell, date))
            points -= part.excluded if date >= _DEXCL else 0.0
            gap = abs(points - value) / 100
            cells += 1
            if gap * 100 < _NOISE and gap > 1e-9:
                noise[code] = max(gap, noise.get(code, 0.0))
                continue
            largest = max(largest, gap)
            if gap > 1e-9:
                over.append((code, date, gap))
    return Residual(len(table), len(dates), cells, largest, tuple(over), noise)


def _fraction(points: float) -> float:
    return round(points / 100, 10)


def _build_spells(parts: dict[str, _Code], takes_from: dict[str, str]) -> dict[str, CnSpell]:
    spells: dict[str, CnSpell] = {}
    for spell, (family, start, end, points) in _SPELLS.items():
        rates = {
            new: _fraction(parts[old].spells[spell])
            for new, old in sorted(takes_from.items())
            if spell in parts[old].spells
        }
        top = _fraction(points)
        shares = {c: round(rate / top, 6) for c, rate in rates.items() if rate != top}
        codes = CodeList(
            name=spell,
            codes=tuple(rates),
            origin=f"{_ANNOUNCEMENTS[family]}; {TABLE_ORIGIN}; {UN_ORIGIN}",
            note=(
                "HS-6 scope of lists of 8-digit lines: a code is whole here although lines "
                "of it may lie outside; shares are rate over list rate of marked codes"
            ),
            shares=shares,
        )
        spells[spell] = CnSpell(spell, family, start, end, top, rates, codes)
    return spells


def _coverage(tails: list[str]) -> str:
    """What the 8-digit endings listed say of the coverage of their subheading.

    Endings number from 10; 90, or 99 below it, is the line for the rest. China's full
    nomenclature is not at hand, so this is a reading of the endings, not a comparison.
    """
    if tails == ["00"]:
        return ""
    groups = {t[0] for t in tails}
    if len(groups) == 1:
        return "in part: the other lines of the subheading are not listed"
    open_groups = [g for g in groups if not {f"{g}0", f"{g}9"} & set(tails)]
    if open_groups:
        return "perhaps in part: a line for the rest is not listed"
    return "several lines: whole so far as their endings tell"


def _march_layer(
    shared: Path, name: str, file: str, heading: str, note: str
) -> tuple[CodeList, dict[str, str], Counter[str]]:
    counts: Counter[str] = Counter()
    tails: dict[str, list[str]] = {}
    for row in read_plain(shared / "data" / "lists" / file):
        counts["items"] += 1
        counts["padded"] += len(row[1]) < 8
        hs8 = pad(row[1], 8)
        hs6 = _MARCH_REPAIRS.get(hs8) or _MARCH_REPAIRS.get(hs8[:6]) or hs8[:6]
        if hs6 != hs8[:6]:
            counts["repaired"] += 1
            tails.setdefault(hs6, [])
        else:
            tails.setdefault(hs6, []).append(hs8[6:])
    unseen = "number repaired: coverage unseen"
    texts = {c: _coverage(sorted(set(t))) if t else unseen for c, t in sorted(tails.items())}
    partial = {c: text for c, text in texts.items() if text}
    codes = CodeList(
        name=name,
        codes=tuple(tails),
        origin=(
            f"SCTC Announcement 2025 No. 2 of 2025-03-04, {heading}; 8-digit lines as "
            "transcribed by M. Waugh and others, trade-war-redux-2025 (MIT)"
        ),
        note=note,
    )
    counts["codes"] = len(codes.codes)
    for text in partial.values():
        counts[text.split(":")[0].replace(" ", "_")] += 1
    return codes, partial, counts


def _layers_2025(
    shared: Path,
) -> tuple[dict[str, CodeList], dict[str, dict[str, str]], dict[str, int]]:
    layers: dict[str, CodeList] = {}
    partial: dict[str, dict[str, str]] = {}
    counts: dict[str, int] = {}
    march = (
        ("cn-2025-mar-15", "waugh_china-15-percent-030425.csv", "annex 1 (29 lines)", ""),
        (
            "cn-2025-mar-10",
            "waugh_china-10-percent-030425.csv",
            "annex 2 (711 lines, of which 691 transcribed)",
            f"{_MARCH_MISSING}; eight numbers repaired after their description",
        ),
    )
    for name, file, heading, note in march:
        layers[name], partial[name], tally = _march_layer(shared, name, file, heading, note)
        counts.update({f"{name}:{key}": value for key, value in sorted(tally.items())})
    source = "SCTC Announcement 2025 No. 1 of 2025-02-04"
    layers["cn-2025-feb-15"] = CodeList(
        name="cn-2025-feb-15",
        codes=tuple(code[:6] for code in _FEB15_HS8),
        origin=f"{source}, annex 1 (eight lines), as printed by Energy Now on 2025-02-04",
        note="the eight lines make up the whole of their seven subheadings",
    )
    partial["cn-2025-feb-15"] = {}
    layers["cn-2025-feb-10"] = CodeList(
        name="cn-2025-feb-10",
        codes=_FEB10_HS6,
        origin=(
            f"{source}, annex 2 (72 lines); subheadings as listed in the published chart code "
            "of J. Politano (Apricitas Economics), crude oil and dryers also in the print of "
            "Energy Headlines"
        ),
        note="48 subheadings for 72 lines, one reader's transcription; the annex was not at hand",
    )
    partial["cn-2025-feb-10"] = {code: f"in part: {text}" for code, text in _FEB10_PARTIAL.items()}
    for name in ("cn-2025-feb-15", "cn-2025-feb-10"):
        counts[f"{name}:codes"] = len(layers[name].codes)
    return layers, partial, counts


def _unequal(
    correlation: Correlation, parts: dict[str, _Code], merged: dict[str, tuple[str, ...]]
) -> frozenset[str]:
    """Merged codes whose sources bear different additional duties or MFN."""

    def key(code: str) -> tuple[object, ...]:
        part = parts[code]
        return (part.mfn, sorted(part.mfn_steps.items()), sorted(part.spells.items()))

    return frozenset(
        new for new, sources in merged.items() if any(key(s) != key(sources[0]) for s in sources)
    )


def cn_lists(shared: Path) -> CnLists:
    """Read China's duties on US goods: the lists of 2018-20, its MFN, the layers of 2025.

    A HS 2022 code takes its value from its HS 2017 source; where it has several, from the
    one the conversion table of the United Nations names (``tools.readers``). The steps of
    the dated table go to families by date and size; in list 3 the least annex that can
    bring forth both steps of a code; on 2018-04-02 and 2019-09-01 the least tier not below
    the step. Autos suspended on 2019-01-01 are codes of 8702 to 8708 that fall by 25
    points, and of 8706 and 8708 that fall by the 5 points of 2018-09-24.
    """
    table = _read_table(shared)
    correlation = read_correlation(shared)
    parts = {code: _take_apart(code, row) for code, row in table.items()}
    # 999999, goods not specified, is in the tables of the United Nations but not in this one.
    takes_from = {new: old for new, old in correlation.takes_from.items() if old in parts}
    merged = {new: correlation.sources[new] for new in correlation.merged()}
    unequal = _unequal(correlation, parts, merged)
    mfn: dict[str, float] = {}
    unknown: set[str] = set()
    bounce: set[str] = set()
    averages: set[str] = set()
    changes: dict[str, dict[str, float]] = {date: {} for date in _MFN_DATES}
    excluded: dict[str, float] = {}
    for new, old in sorted(takes_from.items()):
        part = parts[old]
        if part.mfn is None:
            unknown.add(new)
        else:
            mfn[new] = _fraction(part.mfn)
            for date, step in part.mfn_steps.items():
                changes[date][new] = _fraction(step)
        november = part.mfn_steps.get("2018-11-01", 0.0)
        if november > 0 and part.mfn_steps.get(_DAUTO) == -november:
            bounce.add(new)
        if part.odd_size or part.odd_pair:
            averages.add(new)
        if part.excluded:
            excluded[new] = _fraction(part.excluded)
    layers, partial, counts = _layers_2025(shared)
    counts.update(
        {
            "hs2017_codes": len(table),
            "hs2022_codes": len(takes_from),
            "hs2022_renumbered": sum(new != old for new, old in takes_from.items()),
            "hs2022_merged": len(merged),
            "hs2022_merged_unequal": len(unequal),
            "hs2017_split": len(correlation.split()),
            "hs2017_untaken": len(correlation.untaken()),
            "averages_hs2017": sum(p.odd_size or p.odd_pair for p in parts.values()),
            "averages_hs2017_odd_size": sum(p.odd_size for p in parts.values()),
            "averages_hs2017_odd_pair": sum(p.odd_pair for p in parts.values()),
        }
    )
    return CnLists(
        spells=_build_spells(parts, takes_from),
        mfn=mfn,
        mfn_changes=changes,
        mfn_unknown=frozenset(unknown),
        mfn_bounce=frozenset(bounce),
        averages=frozenset(averages),
        exclusions={_DEXCL: excluded},
        layers=layers,
        layer_rates={
            "cn-2025-feb-15": 0.15,
            "cn-2025-feb-10": 0.10,
            "cn-2025-mar-15": 0.15,
            "cn-2025-mar-10": 0.10,
        },
        partial=partial,
        certain={
            "cn-2025-feb-15": layers["cn-2025-feb-15"].codes,
            "cn-2025-feb-10": _FEB10_CERTAIN,
        },
        absent={
            "cn-301-list4-batch2-tier10": "749 and 163 lines, never charged, no transcription",
            "cn-301-list4-batch2-tier5": "634 and 1,815 lines, never charged, no transcription",
        },
        merged=merged,
        merged_unequal=unequal,
        counts=counts,
        residual=_residual(table, parts),
    )


def report(lists: CnLists) -> str:
    """A summary in plain text: the residual of the table, sizes of spells, counts."""
    r = lists.residual
    head = f"residual: {r.codes} codes x {r.dates} dates, {r.cells} cells, "
    out = [head + f"largest {r.largest:.1e}, over 1e-9: {len(r.over)}"]
    out.append(f"noise: {len(r.noise)} codes, largest {max(r.noise.values(), default=0):.1e}")
    for spell in lists.spells.values():
        out.append(
            f"{spell.id}: {spell.family} {spell.start}..{spell.end} {spell.list_rate:.3f} "
            f"codes {len(spell.rates)}, off list rate {len(spell.codes.shares)}"
        )
    for date, steps in lists.mfn_changes.items():
        down = sum(step < 0 for step in steps.values())
        out.append(f"mfn {date}: {down} down, {len(steps) - down} up")
    out.append(f"mfn codes {len(lists.mfn)}, unknown {sorted(lists.mfn_unknown)}")
    out.append(f"mfn bounce {len(lists.mfn_bounce)}, averages {len(lists.averages)}")
    out.append(f"exclusions {lists.exclusions}")
    for name, codes in lists.layers.items():
        parts = sum(t.startswith("in part") for t in lists.partial[name].values())
        out.append(f"{name}: {len(codes.codes)} codes, in part {parts}")
    out.append(str(lists.counts))
    return "\n".join(out)
