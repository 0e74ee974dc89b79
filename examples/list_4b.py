"""December 2019: a duty that was law, printed in the schedule, and never charged.

List 4B was enacted on 30 August 2019 for 15 December and suspended without end on 13 December.
Told from the evening of 12 December it is a step to come; told from the 13th it is not.
"""

from __future__ import annotations

import tradescen as ts

record = ts.load("us-china")
laptops = {"importer": "USA", "exporter": "CHN", "product": "8471.30.01.00", "on": "2019-12-16"}
for evening in ("2019-08-22", "2019-12-12", "2019-12-13"):
    told = record.as_known(evening)
    print(f"as known on {evening}: {told.rate(**laptops):.1%} on laptops from 15 December 2019")

assert record.as_known("2019-12-12").rate(**laptops) == 0.15
assert record.as_known("2019-12-13").rate(**laptops) == 0.0
print(record.explain(**laptops))
