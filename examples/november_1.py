"""November 1 as a tree: five futures of the evening of 24 October 2025, compared and explained."""

from __future__ import annotations

import tradescen as ts

tree = ts.load("november-1")
result = tree.run(start="2025-10-01", end="2026-12-01")
wide = result.bilateral(freq="MS", wide=True)["november-1"]
print((wide * 100).round(1).to_string())

# Which of the steps from the status quo to the deal moves the US rate by how much?
lapse, deal = tree.along("a-lapse"), tree.along("d-deal")
shares = ts.attribute(lapse, deal, importer="USA", exporter="CHN", on="2025-11-12")
print(shares[["change", "kind", "share"]].round(4).to_string(index=False))
print(f"together {shares.attrs['change']:.4f}")
