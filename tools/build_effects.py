"""Write the packaged tables for effects: ``build_effects.py SHARED [--check]``.

SHARED is the folder of inputs: ``data/bea_io_2024_summary``, ``data/broda_weinstein_…`` and, for
the sectors of products, ``data/lists/yale_metal_content_shares_bea_hs10.csv.gz`` with
``data/us_imports_2024_hts10_by_partner.csv.gz``. With ``--check`` nothing is written; the command
fails if what is packaged differs.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import sys
from pathlib import Path
from typing import Any

from tools.bea_pce import PCE
from tools.readers import read_rows
from tradescen.packaged.tables import FORM

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "tradescen" / "packaged" / "data" / "effects"

# -- input-output ---------------------------------------------------------------------------


def _matrix(path: Path) -> tuple[list[str], list[str], list[list[float]]]:
    rows = list(read_rows(path))
    columns = [c for c in rows[0] if c != "bea_code"]
    return ([r["bea_code"] for r in rows], columns,
            [[_number(float(r[c])) for c in columns] for r in rows])


def _number(value: float) -> float | int:
    return int(value) if value == int(value) else value


def input_output(shared: Path) -> dict[str, Any]:
    """The summary table of the United States, 2024.

    Raises:
        SystemExit: if its parts name different industries or commodities.
    """
    folder = shared / "data" / "bea_io_2024_summary"
    industries, commodities, requirements = _matrix(folder / "bea_requirements_domestic.csv")
    rows, columns, imported = _matrix(folder / "bea_use_import.csv")
    if rows != commodities or columns != industries:
        raise SystemExit("the import matrix and the requirements name different sectors")

    def column(name: str, key: str, over: list[str]) -> list[float]:
        held = {r["bea_code"]: _number(float(r[key])) for r in read_rows(folder / f"{name}.csv")}
        if set(held) != set(over):
            raise SystemExit(f"{name} names other sectors: {sorted(set(held) ^ set(over))}")
        return [held[c] for c in over]

    titles = {r["Commodity Code"]: r["Description"]
              for r in read_rows(folder / "bea_commodity_descriptions.csv")}
    unknown = set(PCE) - set(commodities)
    if unknown:
        raise SystemExit(f"consumption names other commodities: {sorted(unknown)}")
    use = "bea_commodity_use_totals"
    return {
        "form": FORM,
        "name": "US summary input-output table",
        "year": 2024,
        "unit": 1e6,
        "source": {"citation": "US Bureau of Economic Analysis, input-output accounts 2024, "
                               "summary level: domestic requirements, import matrix before "
                               "redefinitions, use of commodities, PCE bridge (public domain)"},
        "titles": titles,
        "industries": industries,
        "commodities": commodities,
        "requirements": requirements,
        "imported_inputs": imported,
        "output": column("bea_industry_output", "output", industries),
        "imports": column(use, "import_total", commodities),
        "domestic": column(use, "domestic_total", commodities),
        "consumption": column("bea_pce_by_commodity", "pce", commodities),
        "consumption_imports": [PCE.get(c, (0, 0))[0] for c in commodities],
        "consumption_producers": [PCE.get(c, (0, 0))[1] for c in commodities],
    }


# -- sectors of products --------------------------------------------------------------------


def summary_code(detail: str) -> str | None:
    """The summary commodity of a detailed one: its first three digits but for a few.

    Manufacturing and mining are grouped by NAICS subsector; ``NA`` has no commodity.
    """
    if detail == "NA":
        return None
    if detail.startswith(("111", "112")):
        return "111CA"
    if detail.startswith(("113", "114", "115")):
        return "113FF"
    if detail.startswith(("3361", "3362", "3363")):
        return "3361MV"
    if detail.startswith("336"):
        return "3364OT"
    pairs = {"311": "311FT", "312": "311FT", "313": "313TT", "314": "313TT", "315": "315AL",
             "316": "315AL"}
    return pairs.get(detail[:3], detail[:3])


def us_sectors(shared: Path) -> dict[str, Any]:
    """HS-6 to summary commodities, divided by US imports of 2024 by statistical number."""
    data = shared / "data"
    sector = {r["hs10"]: summary_code(r["bea_detail_code"])
              for r in read_rows(data / "lists" / "yale_metal_content_shares_bea_hs10.csv.gz")}
    value: dict[str, int] = {}
    for row in read_rows(data / "us_imports_2024_hts10_by_partner.csv.gz"):
        if row["cty_code"] != "4359":  # Slovakia is in the European Union's row already
            value[row["hts10"]] = value.get(row["hts10"], 0) + int(row["value_usd"])
    held: dict[str, dict[str, float]] = {}
    for code in sorted({*sector, *value}):
        to = sector.get(code)
        if to is not None:
            # A number without trade counts a dollar, so that its subheading has a sector.
            parts = held.setdefault(code[:6], {})
            parts[to] = parts.get(to, 0.0) + max(value.get(code, 0), 1)
    names = sorted({s for parts in held.values() for s in parts})
    place = {s: n for n, s in enumerate(names)}
    parts = []
    for code in sorted(held):
        total = math.fsum(held[code].values())
        shares = [(place[s], round(v / total, 6)) for s, v in sorted(held[code].items())]
        shares = [(n, v) for n, v in shares if v > 0]
        rest = round(1 - math.fsum(v for _, v in shares), 6)
        top = max(range(len(shares)), key=lambda k: shares[k][1])
        shares[top] = (shares[top][0], round(shares[top][1] + rest, 6))
        parts.append([list(p) for p in shares])
    total = sum(value.values())
    covered = sum(v for c, v in value.items() if c[:6] in held)
    return {
        "form": FORM,
        "nomenclature": "HS 2022",
        "source": {
            "citation": "US Census Bureau, statistical numbers of the HTS with their NAICS codes; "
                        "BEA, commodities of NAICS codes; as put together in "
                        "github.com/Budget-Lab-Yale/tariff-rate-tracker (MIT)",
            "note": "A subheading whose numbers fall into several commodities is divided by US "
                    "imports of 2024; numbers without a commodity take no part",
        },
        "covered": round(covered / total, 6),
        "sectors": names,
        "codes": " ".join(sorted(held)),
        "parts": parts,
    }


# -- elasticities ---------------------------------------------------------------------------


def elasticities(shared: Path) -> dict[str, Any]:
    """Estimates by importer and three-digit product, four digits each; outliers are kept.

    The 95th percentile over all is packaged with them: the reader caps there and says so.
    """
    name = "broda_weinstein_sigma_hs0_3digit_73countries.csv.gz"
    sigma: dict[str, dict[str, float]] = {}
    for row in read_rows(shared / "data" / name):
        sigma.setdefault(row["iso3c"], {})[row["HS0_3d"]] = float(f"{float(row['sigma']):.4g}")
    every = sorted(v for held in sigma.values() for v in held.values())
    if every[0] <= 1:
        raise SystemExit(f"an elasticity of substitution is {every[0]}")
    return {
        "form": FORM,
        "nomenclature": "HS 1988/92, three digits",
        "source": {"citation": "Broda, Greenfield and Weinstein, \"From Groundnuts to "
                               "Globalization\", NBER Working Paper 12512, 2006: elasticities of "
                               "substitution of 73 importers"},
        "p95": every[math.ceil(0.95 * len(every)) - 1],
        "median": every[len(every) // 2],
        "sigma": {k: dict(sorted(v.items())) for k, v in sorted(sigma.items())},
    }


TABLES = {"us-io-2024": input_output, "us-sectors": us_sectors, "elasticities": elasticities}


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("shared", type=Path, help="folder with data/")
    parser.add_argument("--check", action="store_true", help="compare with what is packaged")
    given = parser.parse_args()
    stale = []
    HOME.mkdir(parents=True, exist_ok=True)
    for name, build in TABLES.items():
        # Through JSON, so that what is compared is what is read.
        body = json.loads(json.dumps(build(given.shared)))
        path = HOME / f"{name}.json.gz"
        if given.check:
            # Compare what is packed, not the packing, which differs between zlib versions.
            if not path.is_file() or json.loads(gzip.decompress(path.read_bytes())) != body:
                stale.append(path.name)
            continue
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        path.write_bytes(gzip.compress(text.encode("utf-8"), compresslevel=9, mtime=0))
        print(f"{path.name}: {path.stat().st_size / 1e3:.1f} kB", file=sys.stderr)
    for one in stale:
        print(f"{one} is not what the tables give; build it again", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
