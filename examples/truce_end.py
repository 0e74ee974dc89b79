"""A truce whose end nobody knows: odds of a break on each day instead of a date.

The record's truce of 10 November 2025 (China's half: SCTC announcement 2025 No. 9) is prolonged as
both sides announced, to 10 January 2027, and may break before. Each day has the same small odds of
a break, chosen so that one truce in three does not live to its end: the reader's own assumption.
China's duty on US goods is averaged with the trade of the record on three days.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

import tradescen as ts

START, END = dt.date(2026, 11, 10), dt.date(2027, 1, 10)
DAYS = (END - START).days
HAZARD = 1 - (2 / 3) ** (1 / DAYS)  # a day's odds, so that the truce lives with odds of 2/3


def ends(rng: np.random.Generator) -> list[Any]:
    """One future: the day the truce breaks, if it does before its end."""
    day = int(rng.geometric(HAZARD))
    return [] if day >= DAYS else [
        ts.Collapse(id="washington-extension", on=START + dt.timedelta(days=day))]


def main(executor: Any = None) -> None:
    """Draw and print; *executor*: any of ``concurrent.futures``, or Dask's (docs/rules.md)."""
    record = ts.load("us-china")
    held = record.enact("washington-extension", on=str(START), name="held")
    on = [START, dt.date(2026, 12, 10), END - dt.timedelta(days=1), END]
    drawn = ts.ensemble(held, 30, sample=ends, seed=20261110, on=on, importers="CHN",
                        executor=executor)
    print(drawn.quantiles((0.05, 0.5, 0.95)).to_string(index=False, float_format="{:.4f}".format))

    # What the draws near, worked out: 24 points come back with the odds of a break by that day.
    mean = drawn.mean().set_index("date")
    low, high = mean["rate"].iloc[0], mean["rate"].iloc[-1]
    for day, row in mean.iterrows():
        broken = 1 - (1 - HAZARD) ** (day.date() - START).days if day.date() < END else 1
        exact = low + broken * (high - low)
        print(f"{day:%d %B %Y}: {row['rate']:.4f} ± {row['error']:.4f}, exactly {exact:.4f}")
        assert abs(row["rate"] - exact) <= 4 * row["error"] + 1e-9
    assert abs(high - low - 0.24) < 1e-9


if __name__ == "__main__":
    main()
