"""2018 to 2020 as rules: China answers the US Section 301 lists, and history is the judge.

The US side is the record's. China's own answers are taken out and left to one rule per list of its
goods: point for point, on its last two lists at half. What came later (25 % on List 3 in May 2019,
15 % on List 4A, its halving in February 2020) the rules are not told: they answer what they see.

China's tiers and days: SCTC announcements 2018 No. 5, 7 and 8, 2019 No. 3 and 4, 2020 No. 1.
"""

from __future__ import annotations

import datetime as dt

import tradescen as ts

record = ts.load("us-china")
law = record.fold()


def rule(to: str, on: str, scale: float, lag: tuple[int, ...],
         notice: tuple[int, ...]) -> ts.Retaliation:
    """China's answer to one US list, on the goods of one of its own."""
    return ts.Retaliation(
        id=f"to-{on}", by="CHN", against="USA", select=ts.Select(ids=(to,)), match="points",
        products=law.measures[on].scope.products, scale=scale, lag=lag, notice=notice,
        stand_down=True, answers=("enacted", "truce"), start="2018-03-01", until="2020-03-01",
        group="cn-301")


# Days from enactment to China's notice, and from that to its charge; one for each round. On
# 21 September 2018 the US enacted two steps on List 3: 10 % at once and 25 % for January 2019,
# which was put off and in February shelved. The step of May 2019 is the fourth round.
list3 = {"lag": (1, 1, 1, 4), "notice": (2, 101, 0, 19)}
list4 = {"lag": (3, 1, 15), "notice": (9, 1, 8)}
rules = [
    rule("us-301-list1", "cn-301-list1", 1, (1,), (20,)),
    rule("us-301-list2", "cn-301-list2", 1, (1,), (6,)),
    rule("us-301-list3", "cn-301-list3-annex1", 1, **list3),
    rule("us-301-list3", "cn-301-list3-annex2", 1, **list3),
    rule("us-301-list3", "cn-301-list3-annex3", 0.5, **list3),
    rule("us-301-list3", "cn-301-list3-annex4", 0.5, **list3),
    rule("us-301-list4a", "cn-301-list4-batch1-tier10", 1, **list4),
    rule("us-301-list4a", "cn-301-list4-batch1-tier5", 0.5, **list4),
]
replay = record.without(authority="SCTC anti-301").then(*rules, name="replay")
played = replay.fold(until=dt.date(2020, 3, 1))


def tier(timeline: object, name: str, on: dt.date) -> float:
    """The duty of a list on a day. By six digits some codes are only in part on it, and their
    duty is a mean: the tier is the highest."""
    total = 0.0
    for s in timeline.spells:  # type: ignore[attr-defined]
        mine = s.measure == name or s.measure.startswith(f"to-{name}-")
        if mine and s.start <= on and (s.end is None or on < s.end):
            table = isinstance(s.duty, ts.ByProduct)
            top = max(d.ave() for _, d in s.duty.values) if table else s.duty.ave()
            # Parts of one measure are on other goods; answers of one rule are on the same.
            total = max(total, top) if s.measure == name else total + top
    return round(total, 9)


days = [dt.date.fromisoformat(d) for d in (
    "2018-07-05", "2018-07-06", "2018-08-22", "2018-08-23", "2018-09-23", "2018-09-24",
    "2019-01-01", "2019-03-02", "2019-05-31", "2019-06-01", "2019-08-31", "2019-09-01",
    "2020-02-13", "2020-02-14")]
unlike = {}
print("list                         day         the rule   history")
for one in rules:
    name = one.id.removeprefix("to-")
    before = None
    for day in days:
        now = (tier(played, name, day), tier(law, name, day))
        if now != before and any(now):
            if now[0] != now[1]:
                unlike[name, str(day)] = now
            print(f"{name:<28} {day}  {now[0]:>7.1%}   {now[1]:>7.1%}"
                  f"{'' if now[0] == now[1] else '   differs'}")
        before = now

# History agrees on the first answer to every list, its level and its day; on the 25 % of May 2019
# for annex 1, and its day for all; on halving in step in February 2020 (the rule halves what it
# holds). It does not agree where China gave less than it took:
assert unlike == {
    # China waited for the January step, which was put off: a rule does not see a postponement.
    **{(f"cn-301-list3-annex{n}", "2019-01-01"): now for n, now in (
        (1, (0.25, 0.1)), (2, (0.25, 0.1)), (3, (0.125, 0.05)), (4, (0.125, 0.05)))},
    # In June 2019 annex 2 went to 20 %, annex 3 to 10 %, and annex 4 stayed where it was.
    ("cn-301-list3-annex2", "2019-06-01"): (0.25, 0.2),
    ("cn-301-list3-annex3", "2019-06-01"): (0.125, 0.1),
    ("cn-301-list3-annex4", "2019-06-01"): (0.125, 0.05),
    # The US raised 4A from 10 to 15 % before it began; China did not follow.
    ("cn-301-list4-batch1-tier10", "2019-09-01"): (0.15, 0.1),
    ("cn-301-list4-batch1-tier5", "2019-09-01"): (0.075, 0.05),
    ("cn-301-list4-batch1-tier10", "2020-02-14"): (0.075, 0.05),
    ("cn-301-list4-batch1-tier5", "2020-02-14"): (0.0375, 0.025),
}, unlike
