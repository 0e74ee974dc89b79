"""The state of play on 9 November 2026: does the truce run on to 10 January 2027?

Both sides announced it, no instrument was found. The record lets the truce run out; the odds below
are the reader's own, and the output shows what they mean for China's duty on US goods.
"""

from __future__ import annotations

import tradescen as ts

record = ts.load("us-china")
print(record.truces()[["id", "start", "until", "status"]].to_string(index=False))

tree = record.then(ts.Fork(name="extension", branches={
    "runs on": (0.7, [ts.Enact(id="washington-extension", on="2026-11-10")]),
    "ran out": (0.3, []),
}), name="state of play")
result = tree.run(start="2026-11-01", end="2027-02-01", importers="CHN")
frame = result.bilateral(on=["2026-11-09", "2026-11-10", "2027-01-10"])
print(frame[["path", "date", "rate", "additional_rate"]].to_string(index=False))
print(result.expected(on="2026-11-10")[["importer", "rate"]].to_string(index=False))
change = frame.pivot(index="date", columns="path", values="rate")
gap = change.loc["2026-11-10", "ran out"] - change.loc["2026-11-10", "runs on"]
assert abs(gap - 0.24) < 1e-9  # China's 24 points
