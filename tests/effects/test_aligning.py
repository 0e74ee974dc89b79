"""Rate frames beside trade: what is found, what is unknown, what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tradescen as ts
from tests.effects.common import KEYS, frame
from tradescen import InvalidValue, MissingData
from tradescen.effects.aligning import aligned
from tradescen.effects.keys import trade_frame

CODES = ("*", "85", "8517", "8518", "851713", "85171300", "851830", "0901")


def _naive(rates: dict[str, float], code: str) -> float | None:
    """The rate of a code, slowly: the longest code that holds it, else one rate of all under it."""
    def digits(c: str) -> str:
        return "" if c == "*" else c

    above = [c for c in rates if digits(code).startswith(digits(c))]
    if above:
        return rates[max(above, key=lambda c: len(digits(c)))]
    under = {repr(rates[c]): rates[c] for c in rates if digits(c).startswith(digits(code))}
    if not under:
        return None
    return next(iter(under.values())) if len(under) == 1 else np.nan


@given(st.dictionaries(st.sampled_from(CODES), st.sampled_from([0.0, 0.1, 0.25, np.nan]),
                       min_size=1),
       st.lists(st.sampled_from(CODES), min_size=1, unique=True))
def test_codes_find_their_rates(rates: dict[str, float], codes: list[str]) -> None:
    """A code has the rate of the longest code that holds it, else the one of those under it."""
    table = frame(*(("USA", "CHN", c, r) for c, r in rates.items()))
    trade = frame(*(("USA", "CHN", c, 1.0) for c in codes), last="value")
    want = {c: _naive(rates, c) for c in codes}
    if any(w is None for w in want.values()):
        with pytest.raises(MissingData, match="has no rate for"):
            aligned(table, table, trade)
    got = aligned(table, table, trade, missing=0.5)
    shown = got.trade["product"].where(got.trade["product"] != "", "*")
    for code, old in zip(shown, got.old[:, 0], strict=True):
        expected = 0.5 if want[code] is None else want[code]
        assert old == expected or (np.isnan(old) and np.isnan(expected))


@given(st.lists(st.tuples(st.sampled_from(["USA", "US", "DEU"]), st.sampled_from(["CHN", "CN"]),
                          st.sampled_from(["8517.13", "851713", "0901"]),
                          st.floats(0, 1e9)), min_size=1))
def test_spellings_of_a_key_are_one_row(rows: list[tuple[str, str, str, float]]) -> None:
    """Countries and codes are read in any spelling, rows of a key are summed, nothing is lost."""
    got, _ = trade_frame(frame(*rows, last="value"))
    assert not got.duplicated(KEYS).any()
    assert got["value"].sum() == pytest.approx(sum(r[3] for r in rows))
    assert set(got["importer"]) <= {"USA", "DEU"}
    assert set(got["product"]) <= {"851713", "0901"}


def test_weights_are_trade() -> None:
    """Weights, or several, are trade; what they are goes along; a direction twice is refused."""
    one = ts.Weights(name="one", year=2023, values={("USA", "CHN"): {"8517.13": 5.0}})
    two = ts.Weights(name="two", year=2024, values={("USA", "VNM"): {"8517.13": 7.0}})
    got, about = trade_frame([one, two])
    assert got["value"].tolist() == [5.0, 7.0]
    assert about["weights_year"] == [2023, 2024]
    with pytest.raises(InvalidValue, match="count twice"):
        trade_frame([one, one])
    with pytest.raises(InvalidValue, match="one money"):
        trade_frame([one, ts.Weights(name="e", year=2024, currency="EUR",
                                     values={("USA", "VNM"): {"8517.13": 7.0}})])


def test_times_become_segments() -> None:
    """Intervals of both frames and turns of the year cut time; each cut is its share of a year."""
    def steps(*parts: tuple[str, str, float]) -> pd.DataFrame:
        return pd.DataFrame([("USA", "CHN", "*", pd.Timestamp(a), pd.Timestamp(b), r)
                             for a, b, r in parts], columns=[*KEYS, "start", "end", "rate"])

    old = steps(("2023-07-01", "2024-07-01", 0.1))
    new = steps(("2023-07-01", "2024-03-01", 0.1), ("2024-03-01", "2024-07-01", 0.3))
    got = aligned(old, new, frame(("USA", "CHN", "8517", 1.0), last="value"))
    assert got.calendar.tolist() == [2023, 2024, 2024]
    np.testing.assert_allclose(got.years, [184 / 365, 60 / 366, 122 / 366])
    assert got.new.tolist() == [[0.1, 0.1, 0.3]]
    gap = steps(("2023-07-01", "2024-03-01", 0.1), ("2024-04-01", "2024-07-01", 0.3))
    with pytest.raises(MissingData):
        aligned(old, gap, frame(("USA", "CHN", "8517", 1.0), last="value"))
    with pytest.raises(InvalidValue, match="over one window"):
        aligned(old, steps(("2023-07-01", "2024-03-01", 0.1)),
                frame(("USA", "CHN", "8517", 1.0), last="value"))
    lapped = steps(("2023-07-01", "2024-03-01", 0.1), ("2024-02-01", "2024-07-01", 0.3))
    with pytest.raises(InvalidValue, match="several rates"):
        aligned(old, lapped, frame(("USA", "CHN", "8517", 1.0), last="value"))


def test_own_goods_bear_no_duty() -> None:
    """Domestic sales need no rate; all else does."""
    table = frame(("USA", "CHN", "*", 0.1))
    trade = frame(("USA", "USA", "8517", 9.0), ("USA", "CHN", "8517", 1.0), last="value")
    assert aligned(table, table, trade).old[:, 0].tolist() == [0.1, 0.0]
    with pytest.raises(MissingData, match=r"1 of 3 rows of trade \(50\.0% of its value\)"):
        aligned(table, table, pd.concat([trade, frame(("USA", "VNM", "8517", 10.0),
                                                      last="value")]))


@pytest.mark.parametrize(("rates", "trade", "words"), [
    (frame(("USA", "CHN", "*", -1.0)), frame(("USA", "CHN", "85", 1.0), last="value"),
     "above -1"),
    (frame(("USA", "CHN", "*", 25.0)), frame(("USA", "CHN", "85", 1.0), last="value"), "0.25"),
    (frame(("USA", "CHN", "*", 0.1)), frame(("USA", "CHN", "85", -1.0), last="value"),
     "0 or more"),
    (frame(("USA", "CHN", "*", 0.1)), frame(("USA", "CHN", "85", np.nan), last="value"),
     "0 or more"),
    (frame(("USA", "CHN", "*", 0.1), ("US", "CN", "*", 0.2)),
     frame(("USA", "CHN", "85", 1.0), last="value"), "several rates"),
    (frame(("USA", "CHN", 8517, 0.1)), frame(("USA", "CHN", "85", 1.0), last="value"),
     "given as an int"),
    (frame(("USA", "CHN", "*", 0.1)).drop(columns="rate"),
     frame(("USA", "CHN", "85", 1.0), last="value"), "no column 'rate'"),
    ([0.1], frame(("USA", "CHN", "85", 1.0), last="value"), "is a list"),
    (frame(("USA", "CHN", "*", 0.1)).assign(lines=3),
     frame(("USA", "CHN", "85", 1.0), last="value"), "class of lines"),
    (frame(("USA", "CHN", "*", 0.1), ("USA", "VNM", "*", 0.1)).assign(scenario=["a", "b"]),
     frame(("USA", "CHN", "85", 1.0), last="value"), "scenarios a, b"),
    (frame(("USA", "CHN", "*", 0.1), ("USA", "VNM", "*", 0.1)).assign(
        date=pd.to_datetime(["2025-01-01", "2025-01-02"])),
     frame(("USA", "CHN", "85", 1.0), last="value"), "rates of 2 days"),
])
def test_nonsense_is_refused(rates: pd.DataFrame, trade: pd.DataFrame, words: str) -> None:
    """Rates at or below -1, percent, negative trade, two rates of one key: refused, and why."""
    with pytest.raises(InvalidValue, match=words):
        aligned(rates, rates, trade)


def test_empty_trade_is_refused() -> None:
    """Trade without a row is missing data, no zero."""
    with pytest.raises(MissingData, match="no row"):
        aligned(frame(("USA", "CHN", "*", 0.1)), frame(("USA", "CHN", "*", 0.1)),
                frame(last="value"))
    with pytest.raises(InvalidValue, match="missing=-2"):
        aligned(frame(("USA", "CHN", "*", 0.1)), frame(("USA", "CHN", "*", 0.1)),
                frame(("USA", "CHN", "85", 1.0), last="value"), missing=-2)
