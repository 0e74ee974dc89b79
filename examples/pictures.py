"""Pictures of a year of threats: rates with their acts, what adds up, both sides step by step.

Each is written as a PNG, by default into a folder that is taken away again; to keep them:
python examples/pictures.py --to FOLDER
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import tradescen as ts


def main(folder: Path) -> None:
    """Draw and write the pictures, and say what they show."""
    record = ts.load("us-china")
    year = record.run(start="2025-01-01", end="2026-12-01")
    futures = ts.load("november-1").run(start="2025-10-01", end="2026-12-01")
    drawn = {
        "rates": year.plot.timeline(),
        "authorities": year.plot.stack(importer="USA"),
        "chapters": year.plot.heatmap(importer="USA"),
        "both-sides": year.plot.ladder(),
        "futures": futures.plot.timeline(importer="USA"),
        "tree": futures.plot.tree(),
    }
    for name, ax in drawn.items():
        path = folder / f"{name}.png"
        ax.figure.savefig(path, dpi=150)
        print(f"{path.name}: {ax.get_title(loc='left')} ({path.stat().st_size // 1024} kB)")

    # A picture says what its table says: the line of each future ends at its last rate.
    last = futures.bilateral(on="2026-11-30")
    rates = last[last["importer"] == "USA"].set_index("path")["rate"]
    for line in drawn["futures"].lines:
        if line.get_label() in rates:
            assert line.get_ydata()[-1] == rates[line.get_label()]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--to"]:
        main(Path(sys.argv[2]))
    else:
        with tempfile.TemporaryDirectory() as made:
            main(Path(made))
