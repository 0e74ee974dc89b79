"""The record replayed evening by evening: nothing is known before its day."""

from __future__ import annotations

import datetime as dt

import pytest

import tradescen as ts
from tradescen.timeline.acts import Impose

FIRST, LAST = dt.date(2025, 1, 20), dt.date(2026, 10, 31)


@pytest.mark.slow
def test_no_evening_knows_the_next_day() -> None:
    """On each evening from 20 January 2025 to 31 October 2026 no act announced later is
    visible, none that became law later is law, and no threat is charged on any day."""
    record = ts.load("us-china")
    day = FIRST
    while day <= LAST:
        told = record.as_known(day)
        acts = told.plain()
        assert [a.id for a in acts if a.known > day] == [], day
        assert [a.id for a in acts if a.enacted is not None and a.enacted > day] == [], day
        assert [m.id for m in told.milestones if m.known > day] == [], day
        threats = {a.measure.id for a in acts if isinstance(a, Impose) and a.enacted is None}
        law = {a.measure.id for a in acts if isinstance(a, Impose) and a.enacted is not None}
        charged = {s.measure for s in told.fold().spells}
        assert not charged & (threats - law), day
        day += dt.timedelta(days=1)


@pytest.mark.slow
def test_what_was_known_decides_what_is_told() -> None:
    """For a spread of days the rate told of that day itself is the record's own, unless an act
    of a later day reached back to it."""
    record = ts.load("us-china")
    late = sorted({
        a.effective for a in record.plain()
        if a.effective is not None and a.enacted is not None and a.effective < a.enacted
    })
    asked = {"importer": "USA", "exporter": "CHN", "product": "9018.12.00"}
    day = FIRST
    while day <= LAST:
        if not any(d <= day for d in late if (day - d).days < 45):
            told = record.as_known(day).rate(**asked, on=day)
            assert told == record.rate(**asked, on=day), day
        day += dt.timedelta(days=9)
