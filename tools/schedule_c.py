"""Build the table of Census Schedule C codes that the package carries.

Usage: python -m tools.schedule_c FACTS_FOLDER [--check]

FACTS_FOLDER holds ``data/``. With ``--check`` nothing is written; the command fails if the
table on disk differs from what would be built.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import iso3166

from tools.readers import read_rows

TABLE = (Path(__file__).resolve().parent.parent / "tradescen" / "vocab" / "data"
         / "schedule_c.json")
SOURCE = ("U.S. Census Bureau, Schedule C: Classification of Country and Territory Designations "
          "for U.S. Import/Export Statistics (public domain); ISO 3166 for the letters")

# Codes the list of letters lacks and whose names are not those of ISO 3166.
BY_HAND = {
    "2482": "VGB", "2774": "SXM", "2777": "CUW", "3720": "FLK", "4752": "VAT",
    "5082": "PSE", "5083": "PSE", "6024": "CXR", "6225": "PCN", "6862": "NRU", "7580": "SHN",
    "7660": "COD", "7810": "IOT", "7904": "REU", "7905": "ATF", "9110": "VIR",
}
# Groups that Census reports beside the countries.
GROUPS = {"0003": ("EU", "European Union")}
# Other names in Census files (USA Trade Online, the API) than those of Schedule C.
ALIASES = {
    "Burma": "5460", "Cape Verde": "7643", "Congo (Brazzaville)": "7630",
    "Congo (Kinshasa)": "7660", "Czechia": "4351", "Denmark": "4099",
    "East Timor": "5601", "Falkland Islands": "3720", "Gaza Strip": "5082", "Germany": "4280",
    "Holy See": "4752", "Korea, North": "5790", "Korea, South": "5800", "Laos": "5530",
    "Macau": "5660", "Macedonia": "4794", "Micronesia": "6820", "Moldova": "4641",
    "North Korea": "5790", "Republic of Korea": "5800", "Samoa": "6150", "South Korea": "5800",
    "Swaziland": "7950", "Syria": "5020", "Tanzania": "7830", "Turkiye": "4890",
    "U.S. Virgin Islands": "9110", "United States": "1000", "West Bank": "5083",
    "Yemen": "5210", "Myanmar": "5460", "Ivory Coast": "7480", "Vatican City": "4752",
    "Republic of the Congo": "7630", "Democratic Republic of the Congo": "7660",
}


def build(shared: Path) -> str:
    """The table as JSON text: code → ISO 3166 letters (or group) and Census name."""
    letters = {r["cty_code"]: r["iso3"] for r in read_rows(shared / "data" / "census_to_iso3.csv")}
    named = {}
    for one in iso3166.countries:
        named[one.name.upper()] = named[one.apolitical_name.upper()] = one.alpha3
    codes = dict(GROUPS)
    for row in read_rows(shared / "data" / "census_country_codes.csv"):
        code, name = row["Code"], " ".join(row["Name"].split())
        iso = BY_HAND.get(code) or letters.get(code) or named.get(name.upper())
        if iso is None:
            raise ValueError(f"no letters for {code} {name}; add it to BY_HAND")
        codes[code] = (iso, name.replace("(formerly Za", "(formerly Zaire)"))
    for name, code in ALIASES.items():
        if code not in codes:
            raise ValueError(f"{name} is an alias of {code}, which is no code")
    head = json.dumps({"form": "tradescen/schedule-c/1", "source": SOURCE}, ensure_ascii=False)
    rows = ",\n".join(f"  {json.dumps(c)}: {json.dumps(codes[c], ensure_ascii=False)}"
                      for c in sorted(codes))
    more = ",\n".join(f"  {json.dumps(n)}: {json.dumps(c)}" for n, c in sorted(ALIASES.items()))
    return f'{head[:-1]},\n"codes": {{\n{rows}\n}},\n"aliases": {{\n{more}\n}}}}\n'


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("shared", type=Path, help="folder with data/")
    parser.add_argument("--check", action="store_true", help="compare with the table on disk")
    given = parser.parse_args()
    text = build(given.shared)
    if given.check:
        same = TABLE.is_file() and TABLE.read_text(encoding="utf-8") == text
        if not same:
            print(f"{TABLE.name} is not what the lists give; build it again", file=sys.stderr)
        return 0 if same else 1
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
