"""Write the packaged nomenclature and correlation: ``build_nomenclature.py SHARED [--check]``.

SHARED is the folder of inputs: ``data/hs2022_nomenclature.csv.gz`` (the codes and texts of
HS 2022), ``samples/hs_sections.csv`` and the correlation tables of the United Nations. With
``--check`` nothing is written; the command fails if what is packaged differs.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from pathlib import Path
from typing import Any

from tools.readers import CONVERSION_OVERRIDES, UN_ORIGIN, read_correlation, read_rows

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "tradescen" / "law" / "data"
HS_ORIGIN = (
    "United Nations Statistics Division, Harmonized System 2022 (codes and texts as carried by "
    "the datasets/harmonized-system project, public domain, PDDL)"
)


def nomenclature(shared: Path) -> dict[str, Any]:
    """Chapters, headings and subheadings of HS 2022 with their texts, and the sections."""
    lines: dict[str, str] = {}
    section_of: dict[str, str] = {}
    for row in read_rows(shared / "data" / "hs2022_nomenclature.csv.gz"):
        code = row["hscode"]
        if not code.isdigit():  # the row for the total of all goods
            continue
        lines[code] = " ".join(row["description"].split())
        if row["level"] == "2" and row["section"] != "TOTAL":
            section_of[code] = row["section"]
    sections = []
    for row in read_rows(shared / "samples" / "hs_sections.csv"):
        title = row["name"].strip()
        chapters = sorted(c for c, s in section_of.items() if s == row["section"])
        sections.append([row["section"], title[0].upper() + title[1:], " ".join(chapters)])
    codes = sorted(lines)
    return {
        "form": "tradescen/nomenclature/1",
        "edition": "HS 2022",
        "source": HS_ORIGIN,
        "sections": sections,
        "codes": " ".join(codes),
        "texts": [lines[c] for c in codes],
    }


def correlation(shared: Path) -> dict[str, Any]:
    """HS 2022 against HS 2017: who takes from whom, and every link the tables know."""
    got = read_correlation(shared)
    changed = {new: old for new, old in got.takes_from.items() if new != old}
    gives = {old: new for old, new in got.gives_to.items() if new != (old,)}
    every = {new: old for new, old in got.sources.items() if old != (new,)}
    return {
        "form": "tradescen/correlation/1",
        "new": "HS 2022",
        "old": "HS 2017",
        "source": UN_ORIGIN,
        "note": "mended against the WCO tables: " + ", ".join(
            f"{new} is taken from {old}" for new, old in CONVERSION_OVERRIDES.items()
        ),
        "new_codes": " ".join(sorted(got.sources)),
        "old_codes": " ".join(sorted(got.targets)),
        "takes_from": dict(sorted(changed.items())),
        "gives_to": {k: " ".join(v) for k, v in sorted(gives.items())},
        "every_link": {k: " ".join(v) for k, v in sorted(every.items())},
    }


def _packed(body: dict[str, Any]) -> bytes:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(text.encode("utf-8"), compresslevel=9, mtime=0)


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("shared", type=Path, help="folder with data/ and samples/")
    parser.add_argument("--check", action="store_true", help="compare with what is packaged")
    given = parser.parse_args()
    stale = []
    for name, body in (("hs2022", nomenclature(given.shared)),
                       ("hs2022-hs2017", correlation(given.shared))):
        path = HOME / f"{name}.json.gz"
        if given.check:
            # Compare what is packed, not the packing, which differs between zlib versions.
            if not path.is_file() or json.loads(gzip.decompress(path.read_bytes())) != body:
                stale.append(path.name)
            continue
        HOME.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_packed(body))
        print(f"{path.name}: {path.stat().st_size / 1e3:.1f} kB", file=sys.stderr)
    for name in stale:
        print(f"{name} is not what the tables give; build it again", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
