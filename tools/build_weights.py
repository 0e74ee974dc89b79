"""Write the packaged US imports by partner: ``build_weights.py SHARED [--check]``.

SHARED is the folder of inputs: ``data/us_imports_2024_hs6_by_partner.csv.gz`` (customs value
and calculated duty of imports for consumption, US Census Bureau). With ``--check`` nothing is
written; the command fails if what is packaged differs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tools.packing import write_table
from tools.readers import read_rows
from tradescen.vocab.schedule_c import from_schedule_c

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "tradescen" / "packaged" / "data" / "us-imports-2024"
YEAR = 2024
NOTE = (
    "customs value and calculated duty of imports for consumption; 50 countries and the European "
    "Union as one. Slovakia stands beside the European Union it belongs to, so a sum over all "
    "partners counts it twice. Codes of chapters 98 and 99, and 2918.00, are national"
)


def table(shared: Path) -> dict[str, Any]:
    """Partners with their codes (as steps in the list of all codes), values and duties.

    Raises:
        UnknownName: for a partner that is not in Schedule C.
        SystemExit: for a code that stands twice.
    """
    rows: dict[str, dict[str, tuple[int, int]]] = {}
    for row in read_rows(shared / "data" / "us_imports_2024_hs6_by_partner.csv.gz"):
        partner = from_schedule_c(row["cty_code"])
        held = rows.setdefault(partner, {})
        if row["hs6"] in held:
            raise SystemExit(f"{row['hs6']} stands twice for {partner}")
        held[row["hs6"]] = (int(row["value_usd"]), int(row["duty_usd"]))
    codes = sorted({code for held in rows.values() for code in held})
    place = {code: n for n, code in enumerate(codes)}
    partners = {}
    for partner, held in sorted(rows.items()):
        at = [place[code] for code in sorted(held)]
        partners[partner] = {
            "step": [b - a for a, b in zip([0, *at], at, strict=False)],
            "value": [held[codes[n]][0] for n in at],
            "duty": [held[codes[n]][1] for n in at],
        }
    return {
        "form": "tradescen/weights/1",
        "year": YEAR,
        "importer": "USA",
        "nomenclature": "HS 2022",
        "currency": "USD",
        "valuation": "customs",
        "source": {
            "citation": f"US Census Bureau, US imports for consumption {YEAR} by country and HS-6: "
                        "customs value and calculated duty",
            "note": NOTE,
        },
        "codes": " ".join(codes),
        "partners": partners,
    }


def _said(body: dict[str, Any]) -> str:
    rows = sum(len(p["value"]) for p in body["partners"].values())
    return f"{len(body['partners'])} partners, {rows:,} rows"


def main() -> int:
    """Run from the command line."""
    return write_table(__doc__, HOME / "trade.json.gz", table, _said)


if __name__ == "__main__":
    raise SystemExit(main())
