"""Build the packaged record from the fact base, the legal text and the public lists.

Usage: python -m tools.build_packs FACTS_FOLDER [--check]

FACTS_FOLDER holds ``facts/``, ``data/`` and ``samples/``. With ``--check`` nothing is written;
the command fails if the pack on disk differs from what would be built.
"""

from __future__ import annotations

import argparse
import csv
import filecmp
import sys
import tempfile
from pathlib import Path

from tools.us_china import build
from tradescen.packaged.store import write_pack

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "tradescen" / "packaged" / "data"
TABLE = ROOT / "docs" / "disposition.csv"


def _write(home: Path, table: Path, shared: Path) -> None:
    record = build(shared)
    sizes = write_pack(
        home, "us-china", schedule=record.schedule, changes=record.changes,
        assumptions=record.assumptions, weights=record.weights, manifest=record.manifest,
    )
    table.parent.mkdir(parents=True, exist_ok=True)
    with table.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, fieldnames=list(record.disposition[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(record.disposition)
    for part, size in sizes.items():
        print(f"{part:>9}: {size / 1e3:8.1f} kB", file=sys.stderr)
    print(f"{len(record.disposition)} rows of the fact base placed", file=sys.stderr)


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("shared", type=Path, help="folder with facts/, data/ and samples/")
    parser.add_argument("--check", action="store_true", help="compare with the pack on disk")
    given = parser.parse_args()
    if not given.check:
        _write(HOME, TABLE, given.shared)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        _write(Path(folder), Path(folder) / TABLE.name, given.shared)
        pairs = [(Path(folder) / "us-china" / f"{p}.json", HOME / "us-china" / f"{p}.json")
                 for p in ("law", "weights", "manifest")]
        pairs.append((Path(folder) / TABLE.name, TABLE))
        stale = [str(b.relative_to(ROOT)) for a, b in pairs
                 if not b.is_file() or not filecmp.cmp(a, b, shallow=False)]
    for name in stale:
        print(f"{name} is not what the facts give; build it again", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
