"""April 2025 as rules alone: the United States steps up, China mirrors, each sets the other off.

The US is an escalation of three steps (34 %, +50 points, to 125 %). Only the first is law; each
other waits for China's answer (a trigger). China is one mirror rule. With the days history took,
the levels and dates are those of history: EO 14257 of 2 April, EO 14259 of 8 April, EO 14266 of
9 April 2025; SCTC announcements 2025 No. 4, 5 and 6. With one lag for each side, the levels are
the same and the days are not.
"""

from __future__ import annotations

import tradescen as ts

base = ts.Scenario(
    name="spiral",
    schedule=ts.TariffSchedule(
        measures=[
            ts.Measure(id=f"mfn-{side}", authority="MFN", group="mfn", duty="Free",
                       scope=ts.Scope(importer=side), source="left out: only the new duties")
            for side in ("USA", "CHN")
        ],
        plan=ts.StackPlan(groups=["mfn", "new"]),
    ),
)
reciprocal = ts.Measure(id="us-reciprocal", authority="IEEPA", group="new", duty="34%",
                        scope=ts.Scope(importer="USA", exporters="CHN"))
us = ts.Escalation(id="us", steps=[
    ts.EscalationStep(id="us-34", measure=reciprocal, enacted="2025-04-02",
                      effective="2025-04-09", source="EO 14257"),
    ts.EscalationStep(id="us-84", target="us-reciprocal", add="50pp", enacted="2025-04-08",
                      effective="2025-04-09", source="EO 14259"),
    ts.EscalationStep(id="us-125", target="us-reciprocal", to="125%", enacted="2025-04-09",
                      effective="2025-04-10", source="EO 14266"),
])


def spiral(name: str, us_lags: tuple[int, int], lag: int | tuple[int, ...],
           notice: int | tuple[int, ...]) -> ts.Scenario:
    """The first US step; each next one *us_lags* days after China's answer became law."""
    first, second, third = us.steps
    return base.then(
        first,
        ts.Retaliation(id="cn", by="CHN", against="USA", lag=lag, notice=notice,
                       start="2025-04-01"),
        ts.Trigger(id="up-50", when="cn-1", clock="enacted", then=[second], lag=us_lags[0],
                   start="2025-04-01"),
        ts.Trigger(id="to-125", when="cn-2", clock="enacted", then=[third], lag=us_lags[1],
                   start="2025-04-01"),
        name=name)


history = spiral("days of April 2025", (5, 1), (2, 1, 2), (6, 1, 1))
steady = spiral("five days and two, each time", (5, 5), 2, 0)
frame = ts.simulate([history, steady], start="2025-04-01", end="2025-05-01").bilateral(
    average="simple")
for name, rows in frame.groupby("scenario", sort=False):
    print(name)
    for row in rows.itertuples():
        if row.rate:
            print(f"  {row.importer} on {row.exporter} from {row.start:%d %B}: {row.rate:.0%}")


def course(scenario: ts.Scenario, importer: str) -> list[tuple[str, float]]:
    """First days and levels of one side."""
    rows = frame[(frame["scenario"] == scenario.name) & (frame["importer"] == importer)]
    return [(f"{r.start:%m-%d}", round(r.rate, 9)) for r in rows.itertuples() if r.rate]


assert course(history, "USA") == [("04-09", 0.84), ("04-10", 1.25)]  # 34 % never was charged
assert course(history, "CHN") == [("04-10", 0.84), ("04-12", 1.25)]
assert [level for _, level in course(steady, "CHN")] == [0.34, 0.84, 1.25]
assert course(steady, "USA")[-1][1] == course(steady, "CHN")[-1][1] == 1.25
