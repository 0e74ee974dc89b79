"""Why less duty is collected on China than MFN and Section 301 say: 2024, line by line.

Usage: python -m tools.realised_gap SHARED [--check]

SHARED is the folder of inputs: ``data/us_imports_from_china_2024_hs10.csv`` (customs value and
calculated duty by statistical number, US Census Bureau) and the legal texts from which
``tools.us_lists`` reads the lists. Prints the table and writes docs/realised.md; with
``--check`` nothing is written and the command fails if the page differs.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import tradescen as ts
from tools.hts_notes import digits, note_lines, prose_codes, section, text_of
from tools.readers import read_rows
from tools.us_lists import us_lists

PAGE = Path(__file__).resolve().parent.parent / "docs" / "realised.md"
YEAR = 2024
REVIEW = f"{YEAR}-09-27"
NATIONAL = "98"  # provisions of chapters 98 and 99 are no lines; no list of Section 301 has them
ELSEWHERE = ("Section 232", "Section 201")
PROGRAMMES = ("C", "K", "L")  # civil aircraft, medicines, intermediates of dyes: any origin
EXPIRED = (  # exclusions that ran to 14 June 2024: where their subdivision begins and ends
    (r"\(ttt\)\s+\(i\) The U\.S\.", r"\(uuu\)\s+\(i\) The U\.S\."),
    (r"\(uuu\)\s+\(i\) The U\.S\.", r"\(vvv\)\s+\(i\) The U\.S\."),
)


@dataclass(frozen=True)
class Line:
    """One statistical number: trade, duty, and the rates of 2024 averaged over its days.

    ``mfn`` is NaN where the duty is not ad valorem or the schedule has no line; ``before``
    and ``after`` are the Section 301 rates on the first and the last day of the year.
    """

    code: str
    value: float
    duty: float
    mfn: float
    s301: float
    elsewhere: float
    before: float
    after: float

    @property
    def known(self) -> bool:
        return not math.isnan(self.mfn)


@dataclass(frozen=True)
class Part:
    """A cause with the sums of its lines; ``points`` are fractions of all trade."""

    name: str
    what: str
    lines: int
    value: float
    points: float


@dataclass(frozen=True)
class Gap:
    """Statutory and realised averages, and the parts their difference falls into."""

    total: float
    mfn: float
    s301: float
    known_share: float
    all_in: float
    realised: float
    parts: tuple[Part, ...]
    residual: Part
    inside: tuple[Part, ...]  # the residual by list
    largest: tuple[tuple[str, float], ...]

    @property
    def statutory(self) -> float:
        return self.mfn + self.s301

    @property
    def gap(self) -> float:
        return self.statutory - self.realised


# -- the data ---------------------------------------------------------------------------------


def _rates(record: ts.Scenario, codes: list[str]) -> list[tuple[float, float, float, float]]:
    """(rate, additional rate, additional on the first and on the last day) of each code."""
    run = record.run(start=f"{YEAR}-01-01", end=f"{YEAR + 1}-01-01", importers="USA",
                     exporters="CHN")
    mean = run.rates(freq="YS", how="mean", products=codes)
    ends = run.rates(on=[f"{YEAR}-01-01", f"{YEAR}-12-31"], products=codes)
    if list(mean["asked"]) != codes:
        raise SystemExit("a statistical number has several lines under it, or none")
    day = ends["additional_rate"].to_numpy().reshape(len(codes), 2)
    return list(zip(mean["rate"], mean["additional_rate"], day[:, 0], day[:, 1], strict=True))


@lru_cache(maxsize=2)
def lines(shared: Path) -> tuple[Line, ...]:
    """Every statistical number of the imports of 2024 with its rates."""
    rows = list(read_rows(shared / "data" / f"us_imports_from_china_{YEAR}_hs10.csv"))
    codes = [r["hs10"] for r in rows if r["hs10"] < NATIONAL]
    record = ts.load("us-china")
    alone = record
    for authority in ELSEWHERE:
        alone = alone.without(authority=authority)
    law = {code: (rate - extra, extra, full - extra, before, after)
           for code, (rate, extra, before, after), (_, full, _, _) in zip(
               codes, _rates(alone, codes), _rates(record, codes), strict=True)}
    return tuple(
        Line(r["hs10"], float(r["value_usd"]), float(r["duty_usd"]),
             *law.get(r["hs10"], (math.nan, 0.0, 0.0, 0.0, 0.0)))
        for r in rows
    )


def exclusion_numbers(text: Iterable[str]) -> tuple[set[str], int]:
    """Numbers in which the products of a list of exclusions live, and how many items it has.

    An item may be misnumbered or lack its number; each that begins with a number a little
    above the last is one. Of a number's history the last clause is read.
    """
    items: list[list[str]] = []
    last = 0
    for line in text:
        if re.match(r"\s*(?:\(\w+\)\s+)?\([iv]+\) The U\.S", line):
            last = 0
        start = re.match(r"\s*\(?(\d{1,3})[.)]\s", line)
        if start and last < int(start.group(1)) <= last + 3:
            last = int(start.group(1))
            items.append([])
        if items:
            items[-1].append(line)
    codes: set[str] = set()
    for item in map(text_of, items):
        clause = re.split(r";\s*(?:and )?(?:described|provided)", item)[-1]
        codes |= {digits(c) for c in prose_codes(clause or item)}
    return codes, len(items)


def expired_exclusions(shared: Path) -> tuple[set[str], int]:
    """The same for all 429 exclusions of the first half of 2024 (notes 20(ttt) and (uuu))."""
    text = note_lines(shared / "data" / "legal" / "usitc_hts_chapter99_2026_rev6.txt.gz")
    codes: set[str] = set()
    count = 0
    for start, end in EXPIRED:
        some, n = exclusion_numbers(section(text, start, end))
        codes, count = codes | some, count + n
    return codes, count


def _in(code: str, codes: set[str]) -> bool:
    return any(code[:n] in codes for n in (4, 6, 8, 10))


def _programmes(shared: Path) -> set[str]:
    """Lines whose MFN duty falls away for a use, whatever the origin."""
    rows = read_rows(shared / "data" / "us_hts_2025_rev10_mfn_hs8.csv.gz")
    named = {r["hs8"]: set(re.findall(r"[A-Z]+\*?", r["special"].partition("(")[2]))
             for r in rows}
    return {code for code, names in named.items() if names & set(PROGRAMMES)}


# -- the causes -------------------------------------------------------------------------------

Test = Callable[[Line], bool]


def causes(shared: Path) -> list[tuple[str, str, Test]]:
    """Name, definition and test of each cause; a line falls to the first that fits."""
    lists = us_lists(shared)
    now = set(lists["us-301-excl-164"].codes) | set(lists["us-301-excl-solar14"].codes)
    once, items = expired_exclusions(shared)
    parts = {c for n in ("3", "4a", "4b") for c in lists[f"us-301-list{n}-part"].codes}
    uses = _programmes(shared)
    return [
        ("chapter 98", "goods returned, repaired, or entered under a special provision: little "
         "or no duty, where the statutory side has the average MFN duty",
         lambda x: x.code.startswith("98")),
        ("low-value entries", "estimated informal entries (9999.95): no duty is reported on them",
         lambda x: x.code.startswith("99")),
        ("MFN not ad valorem", "specific and compound duties: unknown without a unit value, so "
         "the average of the known trade stands for them on the statutory side",
         lambda x: not x.known),
        ("exclusions to the year's end", "statistical numbers in which the products of headings "
         "9903.88.69 (164 items) and 9903.88.70 (14) live; a number is mostly wider than its item",
         lambda x: x.s301 > 0 and _in(x.code, now)),
        ("exclusions to 14 June", f"numbers of headings 9903.88.67 and .68 ({items} items read of "
         "429) that are not among the former",
         lambda x: x.s301 > 0 and _in(x.code, once)),
        ("raised on 27 September", "lines whose Section 301 duty the four-year review raised: the "
         "rate is averaged over days, the trade was not spread evenly over them",
         lambda x: x.before != x.after),
        ("lines listed in part", "numbers of lines that Lists 3, 4A and 4B divide in words",
         lambda x: x.code in parts),
        ("MFN free for a use", "lines off every list whose MFN duty falls away for civil aircraft, "
         "medicines or dye intermediates (programmes C, K, L) whatever the origin",
         lambda x: x.s301 == 0 and x.code[:8] in uses),
    ]


def _part(name: str, what: str, total: float, held: list[tuple[Line, float]]) -> Part:
    return Part(name, what, len(held), math.fsum(x.value for x, _ in held),
                math.fsum(g for _, g in held) / total)


def decompose(shared: Path) -> Gap:
    """The gap between the statutory and the realised average, and its parts.

    The duty of Sections 232 and 201 is taken off every line first, since it was collected
    and is in neither MFN nor Section 301. What is left of a line's gap falls whole to the
    first cause that fits the line, or to the residual.
    """
    all_lines = lines(shared)
    total = math.fsum(x.value for x in all_lines)
    known = math.fsum(x.value for x in all_lines if x.known)
    mfn = math.fsum(x.value * x.mfn for x in all_lines if x.known) / known
    s301 = math.fsum(x.value * x.s301 for x in all_lines) / total
    both = math.fsum(x.value * (x.mfn + x.s301) for x in all_lines if x.known) / known
    named = causes(shared)
    held: dict[str, list[tuple[Line, float]]] = {name: [] for name, _, _ in named}
    rest: list[tuple[Line, float]] = []
    for x in all_lines:
        law = (x.mfn if x.known else mfn) + x.s301 + x.elsewhere
        name = next((n for n, _, fits in named if fits(x)), None)
        (rest if name is None else held[name]).append((x, x.value * law - x.duty))
    on_top = [(x, -x.value * x.elsewhere) for x in all_lines if x.elsewhere]
    parts = [_part(name, what, total, held[name]) for name, what, _ in named]
    parts.append(_part(
        "Sections 232 and 201", "collected as well, and in neither MFN nor Section 301: their "
        "statutory rate, on every line that bears them", total, on_top))
    inside = [
        _part("listed at 25 %", "", total, [p for p in rest if p[0].s301 > 0.2 and p[1] > 0]),
        _part("listed at 7.5 %", "", total,
              [p for p in rest if 0 < p[0].s301 < 0.2 and p[1] > 0]),
        _part("on no list", "", total, [p for p in rest if p[0].s301 == 0 and p[1] > 0]),
        _part("more collected than the rate", "", total, [p for p in rest if p[1] <= 0]),
    ]
    largest = sorted(((x.code, g / total) for x, g in rest), key=lambda p: -p[1])[:8]
    return Gap(
        total, mfn, s301, known / total, both, math.fsum(x.duty for x in all_lines) / total,
        tuple(parts), _part("residual", "what no cause above fits", total, rest),
        tuple(inside), tuple(largest),
    )


# -- the page ---------------------------------------------------------------------------------


def _points(value: float) -> str:
    return f"{100 * value:+.3f}"


def _row(part: Part) -> str:
    return (f"| {part.name} | {part.lines:,} | {part.value / 1e9:.1f} | "
            f"{_points(part.points)} | {part.what} |")


def table(gap: Gap) -> str:
    """The decomposition as a table."""
    head = ["| cause | numbers | USD bn | points | what it is |", "|---|---:|---:|---:|---|"]
    last = f"| **gap** | | {gap.total / 1e9:.1f} | {_points(gap.gap)} | statutory less realised |"
    return "\n".join([*head, *map(_row, gap.parts), _row(gap.residual), last])


def page(gap: Gap) -> str:
    """docs/realised.md."""
    def dotted(code: str) -> str:
        return f"{code[:4]}.{code[4:6]}.{code[6:]}"

    inside = "\n".join(
        f"| {p.name} | {p.lines:,} | {p.value / 1e9:.1f} | {_points(p.points)} |"
        for p in gap.inside)
    largest = "\n".join(f"| {dotted(c)} | {_points(g)} |" for c, g in gap.largest)
    return TEMPLATE.format(
        mfn=100 * gap.mfn, s301=100 * gap.s301, statutory=100 * gap.statutory,
        all_in=100 * gap.all_in, known=100 * gap.known_share, realised=100 * gap.realised,
        gap=100 * gap.gap, total=gap.total / 1e9, table=table(gap), inside=inside,
        largest=largest, residual=100 * gap.residual.points,
        share=100 * gap.residual.points / gap.gap, over=_points(gap.inside[-1].points),
    )


TEMPLATE = """\
# Realised against statutory: China, 2024

*Written by `tools/realised_gap.py`.*

What the law says and what is collected are two numbers. On US imports from China in 2024, at the
trade of that year:

| | % of customs value | over |
|---|---:|---|
| MFN | {mfn:.3f} | the {known:.2f} % of trade whose MFN duty is known |
| Section 301 | {s301:.3f} | all trade (no list names a provision of chapters 98 and 99: 0) |
| **MFN + Section 301** | **{statutory:.3f}** | each over its own known trade |
| the same, both over the trade with a known MFN duty | {all_in:.3f} | {known:.2f} % of trade |
| **duty collected over value** | **{realised:.3f}** | all trade, USD {total:.1f} bn |
| **gap** | **{gap:.3f}** | |

Rates are those in force averaged over the days of the year; the four-year review raised some on
27 September 2024. "Collected" is the calculated duty of the Census Bureau: rate times value as
entered, before refunds and drawback.

## Where the gap comes from

Each statistical number has a gap: value × (statutory rate) − duty. The duty of Sections 232 and
201, which was collected and is in neither MFN nor Section 301, is taken off each line first; what
is left falls whole to the first cause that fits the number, so the causes exclude each other and,
with the residual, sum to the gap. A cause says **on which lines** duty is missing and what is
known to be at work on them; it does not prove that nothing else is.

{table}

## The residual

{residual:.3f} points, {share:.0f} % of the gap, lie on lines for which no reason was read from a
law or a list: claims made entry by entry, such as chapter 98 on part of a line, and anything
unknown. By the rate of the line:

| | numbers | USD bn | points |
|---|---:|---:|---:|
{inside}

Lines on which **more** was collected than the record's rate come to {over} points: the record
hardly ever misses a duty that is charged, or a line that is listed. The largest single numbers:

| number | points |
|---|---:|
{largest}

The first holds lithium-ion batteries other than for vehicles: a third of its Section 301 duty was
collected, while its MFN duty is collected in full on origins without a trade agreement. No
exclusion in force in 2024 names it; the cause was not found.

## Partner by partner

The ratio for every partner and level of goods comes from the packaged trade, as its own frame,
never mixed into rates:

```python
from tradescen import realised, us_duties_collected, us_imports

ratio = realised(us_imports(2024), us_duties_collected(2024)).set_index("exporter")["ratio"]
assert abs(ratio["CHN"] - {realised:.6f} / 100) < 1e-8
chapters = realised(us_imports(2024), us_duties_collected(2024), by=("exporter", "HS2"))
print(ratio.round(4).nlargest(5))
print(chapters[chapters["exporter"] == "CHN"].nlargest(5, "value_usd"))
```

## Sources

* US Census Bureau, imports for consumption 2024 by HTS-10: customs value and calculated duty.
* USITC, Harmonized Tariff Schedule 2025 rev. 10 (MFN duties; programmes in the special column).
* HTS 2026 rev. 6, chapter 99, subchapter III, U.S. notes 20(b) to (www) and 31: lists of Section
  301, lines listed in part, exclusions. Notes 20(ttt) and (uuu) still print the exclusions that
  89 FR 46948 (30 May 2024) let run out on 14 June 2024.
* 89 FR 76581 (18 September 2024): the four-year review.
"""


def main() -> None:
    """Print the table and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shared", type=Path)
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    gap = decompose(asked.shared)
    print(f"statutory {100 * gap.statutory:.4f} (MFN known on {100 * gap.known_share:.2f} % of "
          f"trade), realised {100 * gap.realised:.4f}, gap {100 * gap.gap:.4f} points")
    print(table(gap))
    made = page(gap)
    if not asked.check:
        PAGE.write_text(made, encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != made:
        sys.exit(f"{PAGE.name} is not what the data give; run without --check")


if __name__ == "__main__":
    main()
