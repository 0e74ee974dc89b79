"""April 2025 as rules: the United States steps up, China mirrors.

The US steps are law (EO 14257 of 2 April, EO 14259 of 8 April, EO 14266 of 9 April 2025). China is
one mirror rule. With the lags history had, its answers fall on the days they fell on (SCTC
announcements 2025 No. 4, 5 and 6); with one lag the levels are the same and the days are not.
"""

from __future__ import annotations

import tradescen as ts

US = ts.Scope(importer="USA", exporters="CHN")
base = ts.Scenario(
    name="spiral",
    schedule=ts.TariffSchedule(
        measures=[
            ts.Measure(id="us-mfn", authority="MFN", group="mfn", duty="Free",
                       scope=ts.Scope(importer="USA"), source="left out: only the new duties"),
            ts.Measure(id="cn-mfn", authority="MFN", group="mfn", duty="Free",
                       scope=ts.Scope(importer="CHN"), source="left out: only the new duties"),
        ],
        plan=ts.StackPlan(groups=["mfn", "new"]),
    ),
    changes=[
        ts.Impose(id="us-34", enacted="2025-04-02", effective="2025-04-09", source="EO 14257",
                  measure=ts.Measure(id="us-reciprocal", authority="IEEPA", group="new",
                                     duty="34%", scope=US)),
        ts.EscalationStep(id="us-84", target="us-reciprocal", add="50pp", announced="2025-04-07",
                          enacted="2025-04-08", effective="2025-04-09", source="EO 14259"),
        ts.EscalationStep(id="us-125", target="us-reciprocal", to="125%", enacted="2025-04-09",
                          effective="2025-04-10", source="EO 14266"),
    ],
)


def mirrored(name: str, lag: int | tuple[int, ...], notice: int | tuple[int, ...]) -> ts.Scenario:
    """The spiral with China as a mirror."""
    return base.then(ts.Retaliation(id="cn", by="CHN", against="USA", lag=lag, notice=notice,
                                    start="2025-04-01"), name=name)


history = mirrored("lags of April 2025", (2, 1, 2), (6, 1, 1))
steady = mirrored("three days each time", 3, 0)
result = ts.simulate([history, steady], start="2025-04-01", end="2025-05-01")
frame = result.bilateral(average="simple")
for name, rows in frame.groupby("scenario", sort=False):
    print(name)
    for row in rows.itertuples():
        if row.rate:
            print(f"  {row.importer} on {row.exporter} from {row.start:%d %B}: {row.rate:.0%}")

china = frame[(frame["scenario"] == history.name) & (frame["importer"] == "CHN")]
assert [(f"{r.start:%m-%d}", round(r.rate, 9)) for r in china.itertuples()] == [
    ("04-01", 0.0), ("04-10", 0.84), ("04-12", 1.25)]
