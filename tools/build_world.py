"""Write the packaged world trade matrix: ``build_world.py SHARED [--check]``.

SHARED is the folder of inputs: ``data/baci2023_trade_matrix_194.csv.gz`` (goods trade 2023 by
exporter and importer, CEPII BACI) and ``data/baci2023_countries.csv`` (GDP in current USD, World
Bank). With ``--check`` nothing is written; the command fails if what is packaged differs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tools.packing import write_table
from tools.readers import read_rows

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "tradescen" / "packaged" / "data" / "world-2023"
YEAR = 2023
SOURCES = [
    {
        "citation": f"CEPII, BACI: goods trade {YEAR}, summed over products by exporter "
                    "and importer (G. Gaulier and S. Zignago, 2010, BACI: International Trade "
                    "Database at the Product-Level, CEPII Working Paper 2010-23)",
        "url": "https://www.cepii.fr/CEPII/en/bdd_modele/bdd_modele_item.asp?id=37",
        "note": "Etalab Open Licence 2.0; f.o.b. values reconciled from both sides' reports; here "
                "rounded to thousand USD",
    },
    {
        "citation": f"World Bank, World Development Indicators: GDP {YEAR}, current USD "
                    "(NY.GDP.MKTP.CD)",
        "url": "https://data.worldbank.org/indicator/NY.GDP.MKTP.CD",
        "note": "CC BY 4.0; here rounded to thousand USD",
    },
]


def table(shared: Path) -> dict[str, Any]:
    """Economies with GDP and their exports (as steps in the list of economies), thousand USD.

    Raises:
        SystemExit: for a flow that stands twice, has no economy or is no positive number.
    """
    gdp = {row["iso3"]: round(float(row["gdp_usd"]) / 1e3)
           for row in read_rows(shared / "data" / "baci2023_countries.csv")}
    place = {name: n for n, name in enumerate(sorted(gdp))}
    exports: dict[str, dict[int, int]] = {name: {} for name in place}
    for row in read_rows(shared / "data" / "baci2023_trade_matrix_194.csv.gz"):
        held, value = exports[row["exporter"]], float(row["value_kusd"])
        at = place[row["importer"]]
        if at in held or not value > 0 or row["importer"] == row["exporter"]:
            raise SystemExit(f"{row}: stands twice, is not above 0 or is no trade")
        held[at] = round(value)
    rows = {}
    for name, held in exports.items():
        at = [n for n in sorted(held) if held[n]]  # below 500 USD is dropped
        rows[name] = {
            "step": [b - a for a, b in zip([0, *at], at, strict=False)],
            "value": [held[n] for n in at],
        }
    return {
        "form": "tradescen/world/1",
        "year": YEAR,
        "unit": "thousand USD",
        "sources": SOURCES,
        "countries": " ".join(place),
        "gdp": [gdp[name] for name in place],
        "exports": rows,
    }


def _said(body: dict[str, Any]) -> str:
    rows = sum(len(r["value"]) for r in body["exports"].values())
    return f"{len(body['gdp'])} economies, {rows:,} flows"


def main() -> int:
    """Run from the command line."""
    return write_table(__doc__, HOME / "trade.json.gz", table, _said)


if __name__ == "__main__":
    raise SystemExit(main())
