"""A schedule of the size of the largest public tracker of US tariffs, through public values.

18,700 HTS-10 lines, 240 origins, 158 measures in 8 stacking groups, 41 revision dates, 377,000
flows. Real, where ``../shared/data`` is at hand: codes of lines, MFN rates, product lists of
Sections 301, 232, 201 and 122, exempt goods, metal content by line, claim shares of the USMCA
(averaged by chapter), flows of 50 partners and of the EU. Synthetic always: which rates which
partner bears and the days they change; the split of the EU's trade on its members; flows of the
remaining partners; MFN rates of lines whose duty is not ad valorem. Without the data all of it
is synthetic, and the head of the table says so. So averages here mean nothing but time.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import tradescen as ts
from tradescen.engine.table import draw_of

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
START, END = dt.date(2025, 1, 1), dt.date(2026, 12, 31)  # 729 days and the last: 730
LINES, PARTNERS, MEASURES, FLOWS = 18_700, 240, 158, 377_000
CHANGES, REVISIONS, SEEN = 29, 41, 24  # days rates change, revisions, changes these see
FIRST = ("CHN", "CAN", "MEX", "JPN", "KOR", "GBR", "CHE", "LIE", "TWN", "HKG")
LISTS_301 = ("1", "2", "3", "4A", "4B", "biden_25", "biden_50_jan25", "3_addl", "biden_100",
             "biden_jan26", "biden_25_jan25", "biden_50", "cranes_301")
Step = tuple[int, float]  # from which change day on, at which rate; NaN: not in force


@dataclass(frozen=True)
class Spec:
    """One measure in plain terms, from which both sides of a comparison are built."""

    id: str
    group: str
    codes: tuple[str, ...]  # () : all goods
    but: tuple[str, ...]
    exporters: tuple[str, ...]
    steps: tuple[Step, ...]
    precedence: int = 0
    share: dict[str, float] = field(default_factory=dict)  # by code; none: 1

    def rate(self, change: int) -> float:
        """The rate after the change of that number; NaN: not in force."""
        held = [rate for at, rate in self.steps if at <= change]
        return held[-1] if held else float("nan")


@dataclass(frozen=True)
class Case:
    """All inputs of a benchmark."""

    real: bool
    lines: tuple[str, ...]
    mfn: NDArray[np.float64]
    exporters: tuple[str, ...]
    specs: tuple[Spec, ...]
    changes: tuple[dt.date, ...]  # days on which some rate changes
    revisions: tuple[dt.date, ...]
    line: NDArray[np.int64]  # of each flow
    exporter: NDArray[np.int64]
    value: NDArray[np.float64]

    def change(self, day: dt.date) -> int:
        """The number of the last change before or on a day."""
        return sum(c <= day for c in self.changes) - 1


def _table(name: str) -> list[dict[str, str]]:
    path = DATA / name
    with gzip.open(path, "rt") if name.endswith(".gz") else path.open() as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def _codes(name: str, column: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(
        c for row in _table(name) if len(c := row[column].replace(".", "")) in (4, 6, 8, 10)))


def _real_lists() -> dict[str, tuple[str, ...]]:
    out: dict[str, list[str]] = defaultdict(list)
    for row in _table("lists/yale_s301_product_lists.csv"):
        out[f"301 {row['list']}"].append(row["hts8"])
    for row in _table("lists/yale_s232_derivative_products.csv"):
        out[f"232 {row['ch99_code']}"].append(row["hts_prefix"])
    for row in _table("lists/yale_s232_annex_products.csv"):
        out[f"232 annex {row['annex']} {row['metal_type']}"].append(row["hts_prefix"])
    for row in _table("lists/yale_floor_exempt_products.csv.gz"):
        out[f"floor {row['country_group']}"].append(row["hts8"])
    for row in _table("lists/yale_fentanyl_carveout_products.csv.gz"):
        out[f"carve {'mx' if 'mx' in row['category'] else 'ca'}"].append(row["hts8"])
    for name in ("auto", "mhd"):
        out[f"232 {name} parts"] = (DATA / f"lists/yale_s232_{name}_parts.txt").read_text().split()
    found = {k: tuple(dict.fromkeys(c for c in v if len(c) in (4, 6, 8, 10)))
             for k, v in out.items()}
    for name, file, column in (
        ("232 steel", "waugh_steel-tariffs.csv", "HTSUS"), ("232 alu", "waugh_alu-tariffs.csv",
                                                            "HTSUS"),
        ("232 auto", "waugh_auto-tariffs.csv", "HTSUS"),
        ("232 copper", "yale_s232_copper_products.csv", "hts10"),
        ("232 semi", "yale_s232_semi_products.csv", "hts10"),
        ("201", "yale_s201_solar_products.csv", "hts10"),
        ("122", "yale_s122_exempt_products.csv", "hts8"),
        ("exempt", "yale_ieepa_exempt_products.csv", "hts10"),
    ):
        found[name] = _codes(f"lists/{file}", column)
    return found


def _lists(lines: tuple[str, ...], rng: np.random.Generator) -> dict[str, tuple[str, ...]]:
    """Lists of about the real sizes, drawn from the lines."""
    sizes = {f"301 {n}": k for n, k in zip(LISTS_301, (
        860, 287, 6190, 2967, 1519, 348, 18, 11, 10, 7, 3, 2, 1), strict=True)}
    sizes |= {f"232 {n}": k for n, k in (
        ("steel", 111), ("alu", 123), ("auto", 145), ("auto parts", 100), ("mhd parts", 140),
        ("copper", 80), ("semi", 10), *((f"derivative {n}", 140) for n in range(4)),
        *((f"annex {n}", 80) for n in range(10)))}
    sizes |= {"floor eu": 1580, "floor swiss": 1681, "floor korea": 554, "floor japan": 8,
              "carve mx": 100, "carve ca": 200, "201": 4, "122": 1656, "exempt": 4297}
    eights = sorted({c[:8] for c in lines})
    return {
        n: tuple(sorted(rng.choice(eights, size=min(k, len(eights)), replace=False)))
        for n, k in sizes.items()
    }


def _partners(n: int) -> tuple[str, ...]:
    import iso3166

    every = [c.alpha3 for c in iso3166.countries if c.alpha3 not in ("USA", *FIRST)]
    members = [c for c in _eu() if c in every]
    rest = [c for c in every if c not in members]
    return (*FIRST, *members, *rest)[:n]


def _eu() -> tuple[str, ...]:
    from tradescen.vocab.countries import members

    return members("EU", START)


def _flows(real: bool, lines: tuple[str, ...], exporters: tuple[str, ...], n: int,
           rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64],
                                              NDArray[np.float64]]:
    at = {c: k for k, c in enumerate(lines)}
    place = {c: k for k, c in enumerate(exporters)}
    held: dict[tuple[int, int], float] = {}
    if real:
        iso = {r["cty_code"]: r["iso3"] for r in _table("census_to_iso3.csv")}
        inside = [place[c] for c in _eu() if c in place]
        for row in _table("us_imports_2024_hts10_by_partner.csv.gz"):
            line, value = at.get(row["hts10"]), float(row["value_usd"])
            if line is None or value <= 0:
                continue
            if row["cty_code"] == "0003" and inside:
                some = rng.choice(inside, size=min(6, len(inside)), replace=False)
                parts = rng.dirichlet(np.ones(len(some))) * value
                held |= {(line, int(e)): float(v) for e, v in zip(some, parts, strict=True)}
            elif (e := place.get(iso.get(row["cty_code"], ""))) is not None:
                held[line, e] = value
    most = len(lines) * len(exporters)
    keys = list(held)
    if len(keys) > n:
        keys = [keys[k] for k in sorted(rng.choice(len(keys), size=n, replace=False))]
    taken = {line * len(exporters) + e for line, e in keys}
    while len(taken) < n:
        taken.update(rng.integers(0, most, size=n - len(taken)).tolist())
    flat = np.array(sorted(taken), dtype=np.int64)
    line, exporter = flat // len(exporters), flat % len(exporters)
    value = rng.lognormal(10.0, 2.0, size=n)
    for k, key in enumerate(zip(line.tolist(), exporter.tolist(), strict=True)):
        value[k] = held.get(key, value[k])
    return line, exporter, value


def case(seed: int = 1) -> Case:
    """The full case."""
    real = DATA.exists()
    rng = np.random.default_rng(seed)
    if real:
        content = {r["hs10"]: float(r["metal_share"]) for r in _table(
            "lists/yale_metal_content_shares_bea_hs10.csv.gz")}
        traded = sorted({r["hts10"] for r in _table("us_imports_2024_hts10_by_partner.csv.gz")})
        codes = traded + sorted(set(content) - set(traded))
        rates = {r["hs8"]: ts.AdValorem(f"{r['mfn_ad_valorem_pct']}%").rate for r in _table(
            "us_hts_2025_rev10_mfn_hs8.csv.gz") if r["mfn_ad_valorem_pct"]}
    else:
        codes = [f"{c:02d}{h:02d}{s:02d}{k:04d}" for c in range(1, 98) for h in range(1, 21)
                 for s in (10, 90) for k in (10, 20, 30, 40, 90)][:LINES]
        rates = {c[:8]: float(r) for c, r in zip(codes, rng.choice(
            np.arange(1, 250) / 1000, size=len(codes)) * (rng.random(len(codes)) > 0.37),
            strict=True)}
        content = {c: float(s) for c, s in zip(codes, rng.choice(
            rng.random(234).round(4), size=len(codes)), strict=True)}
    held = tuple(sorted(codes[:LINES]))
    odd = rng.choice(sorted(set(rates.values())), size=len(held))
    mfn = np.array([rates.get(c[:8], float(o)) for c, o in zip(held, odd, strict=True)])
    lists = _real_lists() if real else _lists(held, rng)
    exporters = _partners(PARTNERS)
    specs = tuple(_specs(lists, content, real, exporters, CHANGES, rng))
    days = [START + dt.timedelta(days=int(d))
            for d in np.linspace(5, 715, CHANGES).round().astype(int)]
    seen = days[:SEEN]
    # Revisions after which no rate had changed since the last.
    again = [seen[k] + dt.timedelta(days=1) for k in range(REVISIONS - SEEN)]
    return Case(real, held, mfn, exporters, specs, tuple(days), tuple(sorted([*seen, *again])),
                *_flows(real, held, exporters, FLOWS, rng))


def part(whole: Case, lines: int = LINES, partners: int = PARTNERS,
         measures: int = MEASURES) -> Case:
    """A smaller case cut out of the whole one, its lines and measures spread over all."""
    kept = np.unique(np.linspace(0, len(whole.lines) - 1, lines).round().astype(int))
    place = np.full(len(whole.lines), -1)
    place[kept] = np.arange(len(kept))
    inside = (place[whole.line] >= 0) & (whole.exporter < partners)
    exporters = whole.exporters[:partners]
    at = np.unique(np.linspace(0, len(whole.specs) - 1, measures - 1).round().astype(int))
    specs = tuple(s for s in (whole.specs[n] for n in at) if set(s.exporters) & set(exporters))
    return replace(
        whole, lines=tuple(whole.lines[n] for n in kept), mfn=whole.mfn[kept],
        exporters=exporters, specs=specs, line=place[whole.line[inside]],
        exporter=whole.exporter[inside], value=whole.value[inside])


def _specs(lists: dict[str, tuple[str, ...]], content: dict[str, float], real: bool,
           partners: tuple[str, ...], changes: int, rng: np.random.Generator) -> list[Spec]:
    """The 157 measures besides MFN."""
    # Enough draws that each change day is somebody's.
    day = iter(np.concatenate([rng.permutation(changes) for _ in range(20)]).tolist())

    def steps(least: float, most: float, moves: int) -> tuple[Step, ...]:
        at = sorted({next(day) for _ in range(moves + 1)})
        return tuple((a, float(r)) for a, r in zip(
            at, (rng.integers(round(least * 200), round(most * 200), size=len(at)) / 200),
            strict=True))

    eu = _eu()
    out: list[Spec] = []
    rank = 0
    metal = [n for n in lists if n.startswith("232 ")]
    metal = sorted(metal)[:20]
    main = ("232 auto", "232 auto parts", "232 mhd parts", "232 steel", "232 alu", "232 copper",
            "232 semi")
    for name in metal:
        rank += 1
        given = lists[name]
        eights = {g[:8] for g in given}
        part = {c: round(content[c], 4) for c in content if c[:8] in eights} if (
            "annex 2" in name or "annex 3" in name or "9903" in name or "deriv" in name) else {}
        out.append(Spec(name.replace(" ", "-"), "s232", given, (), partners, steps(0.1, 0.5, 1),
                        rank, part))
    for name in main:
        for who, side in (("uk", ("GBR",)), ("eu", eu), ("jp", ("JPN",)), ("kr", ("KOR",)),
                          ("us", ("CAN", "MEX"))):
            rank += 1
            out.append(Spec(f"{name.replace(' ', '-')}-{who}", "s232", lists[name], (), side,
                            steps(0.1, 0.25, 1), 100 + rank))
    exempt = lists["exempt"]
    floored = {*eu, "JPN", "KOR", "CHE", "LIE", "TWN", "GBR"}
    plain = [p for p in partners if p not in floored]
    for who in plain[:69]:
        out.append(Spec(f"recip-{who.lower()}", "recip", (), exempt, (who,), steps(0.1, 0.5, 1)))
    out.append(Spec("recip-rest", "recip", (), exempt, tuple(plain[69:]), steps(0.1, 0.15, 2)))
    for who, side, but in (("eu", eu, "floor eu"), ("jp", ("JPN",), "floor japan"),
                           ("kr", ("KOR",), "floor korea"), ("ch", ("CHE", "LIE"), "floor swiss"),
                           ("tw", ("TWN",), "122")):
        out.append(Spec(f"floor-{who}", "floor", (), lists[but], side, steps(0.1, 0.2, 1)))
    for n, name in enumerate(("301 1", "301 2", "301 4B")):
        out.append(Spec(f"floor-goods-{n}", "floor", lists[name], (), (*eu, "GBR"),
                        steps(0.1, 0.2, 1)))
    claimed: dict[str, dict[str, float]] = {"CAN": {}, "MEX": {}}
    if real:
        sums: dict[tuple[str, str], list[float]] = defaultdict(list)
        for row in _table("lists/yale_usmca_product_shares_2025.csv.gz"):
            who = {"1220": "CAN", "2010": "MEX"}.get(row["cty_code"])
            if who:
                sums[who, row["hts10"][:2]].append(float(row["usmca_share"]))
        for (who, chapter), got in sums.items():
            claimed[who][chapter] = round(1 - sum(got) / len(got), 4)
    else:
        for who in claimed:
            claimed[who] = {f"{c:02d}": float(s) for c, s in zip(
                range(1, 98), rng.random(97).round(4), strict=True)}
    for who, carve in (("CAN", "carve ca"), ("MEX", "carve mx")):
        for name, goods, prec in (("all", (), 1), ("carve", lists[carve], 2)):
            out.append(Spec(f"fent-{who.lower()}-{name}", "fent", goods, (), (who,),
                            steps(0.1, 0.35, 2), prec, claimed[who]))
    for who in ("CHN", "HKG"):
        out.append(Spec(f"fent-{who.lower()}", "fent", (), (), (who,), steps(0.1, 0.2, 2), 3))
    for name in LISTS_301:
        out.append(Spec(f"s301-{name.lower().replace('_', '-')}", "s301", lists[f"301 {name}"],
                        (), ("CHN",), steps(0.075, 1.0, 1)))
    for n in (0, 1):  # the two halves of list 3 that were raised apart
        out.append(Spec(f"s301-3-{n}", "s301", lists["301 3"][n::2], (), ("CHN",),
                        steps(0.1, 0.3, 0)))
    out.append(Spec("s122-all", "s122", (), lists["122"], partners, steps(0.1, 0.15, 1)))
    for n, goods in enumerate((lists["201"][:2], lists["201"][2:])):
        out.append(Spec(f"s201-{n}", "s201", goods, (), partners, steps(0.14, 0.2, 1)))
    return out


PLAN = ts.StackPlan(groups=[
    "mfn",
    ts.StackGroup(name="s232", within="first"),
    ts.StackGroup(name="s301", within="max"),
    ts.StackGroup(name="recip", relation=ts.Yield("s232")),
    ts.StackGroup(name="floor", within="max", relation=(ts.Floor("mfn"), ts.Yield("s232"))),
    ts.StackGroup(name="fent", within="first", relation=ts.Yield("s232")),
    ts.StackGroup(name="s122", relation=ts.Yield("s232")),
    "s201",
])


def changes_of(one: Case, drawn: bool = False) -> list[Any]:
    """The acts by which the measures move; with *drawn* the rate of each is left to be drawn."""
    acts: list[Any] = []
    goods: dict[tuple[str, ...], ts.ProductSet] = {}

    def products(spec: Spec) -> ts.ProductSet:
        key = (*spec.codes, "but", *spec.but)
        if key not in goods:
            goods[key] = ts.ProductSet.of(*spec.codes, excluding=spec.but) if spec.codes else (
                ts.ProductSet.all(excluding=spec.but))
        return goods[key]

    for spec in one.specs:
        held = tuple(e for e in spec.exporters if e in one.exporters)
        first = spec.steps[0][0]
        rates: list[Any] = [draw_of(spec.id) if drawn else r for _, r in spec.steps]
        share: Any = 1.0 if not spec.share else ts.ByProduct(spec.share, default=1.0)
        day = one.changes[first]
        acts.append(ts.Impose(
            measure=ts.Measure(
                id=spec.id, authority=spec.group, group=spec.group, duty=rates[0], coverage=share,
                precedence=spec.precedence,
                scope=ts.Scope(importer="USA", exporters=held, products=products(spec))),
            announced=day, enacted=day, effective=day))
        for n, (at, _) in enumerate(spec.steps[1:]):
            day = one.changes[at]
            acts.append(ts.Amend(id=f"{spec.id}-step-{n}", target=spec.id, duty=rates[n + 1],
                                 announced=day, enacted=day, effective=day))
    return acts


def scenario(one: Case, drawn: bool = False) -> ts.Scenario:
    """The case as a scenario."""
    # Written as text, since a number above 3 is taken for a percentage.
    duties = {r: ts.AdValorem(f"{r * 100:.10g}%") for r in set(one.mfn.tolist())}
    mfn = ts.Measure(
        id="mfn", authority="MFN", group="mfn",
        duty=ts.ByProduct({c: duties[r] for c, r in zip(
            one.lines, one.mfn.tolist(), strict=True)}),
        scope=ts.Scope(importer="USA", exporters=one.exporters))
    schedule = ts.TariffSchedule(measures=[mfn], plan=PLAN)
    return ts.Scenario(name="tracker", schedule=schedule, changes=tuple(changes_of(one, drawn)))


def weights(one: Case) -> ts.Weights:
    """The flows as weights."""
    values: dict[tuple[str, str], dict[str, float]] = {("USA", e): {} for e in one.exporters}
    for line, exporter, value in zip(one.line.tolist(), one.exporter.tolist(),
                                     one.value.tolist(), strict=True):
        values["USA", one.exporters[exporter]][one.lines[line]] = value
    return ts.Weights(name="flows", year=2024, values=values)
