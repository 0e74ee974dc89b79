"""One importer's rates as arrays and tidy rows agree with the tables by line."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tradescen as ts
from tests.test_draws import _case

WINDOW = {"start": "2025-01-01", "end": "2026-06-30"}


@pytest.fixture(name="result")
def _result() -> ts.Result:
    case = _case().then(ts.Impose(
        measure=ts.Measure(id="unknown", authority="U", group="extra",
                           duty=ts.Unknown(reason="not yet published"),
                           scope=ts.Scope(importer="USA", exporters="VNM", products="9503")),
        announced="2025-03-01", enacted="2025-03-01", effective="2025-03-01"))
    return case.run(importers=["USA"], exporters=["CHN", "VNM"], **WINDOW)


def test_tidy_rows_are_those_of_rates(result: ts.Result) -> None:
    """Interval rows and rows of a day hold what ``rates`` says of each line."""
    panel = result.panel()
    want = result.rates(products=[c for c in panel.lines if c])
    got = panel.to_frame(products=[c for c in panel.lines if c])
    keys = ["product", "exporter", "start"]
    theirs = want.assign(product=want["product"].str.replace(".", ""))[[*keys, "rate"]]
    merged = got.astype({"product": str, "exporter": str}).merge(theirs, on=keys, how="outer")
    # ``rates`` also cuts where a status changes; there our rows go on.
    both = merged.dropna(subset=["end"])
    assert len(both) == len(got) > len(panel.lines)
    np.testing.assert_array_equal(both["rate_x"], both["rate_y"])
    day = panel.to_frame(on="2025-07-15")
    assert list(day.columns) == ["product", "exporter", "date", "rate"]
    assert isinstance(day["product"].dtype, pd.CategoricalDtype)
    assert len(day) == len(panel.lines) * len(panel.exporters)
    for _, row in day.iterrows():
        if row["product"]:
            one = panel.one(product=row["product"], exporter=row["exporter"], on="2025-07-15")
            assert one == row["rate"] or (np.isnan(one) and np.isnan(row["rate"]))


def test_slices_are_parts_of_the_whole(result: ts.Result) -> None:
    """What is named is dropped from the axes; the rest is as in the full array."""
    panel = result.panel("USA")
    full = panel.expand()
    assert full.shape == panel.shape == (len(panel.starts), len(panel.lines), 2)
    code = next(c for c in panel.lines if c)
    at = panel.lines.index(code)
    np.testing.assert_array_equal(panel.one(product=code), full[:, at])
    np.testing.assert_array_equal(panel.one(exporter="VNM"), full[..., 1])
    np.testing.assert_array_equal(panel.one(on=panel.starts[1]), full[1])
    np.testing.assert_array_equal(panel.one(product=code, exporter="CN"), full[:, at, 0])
    assert isinstance(panel.one(product=code, exporter="CHN", on=panel.starts[0]), float)
    assert np.isnan(full).any()
    out = np.empty((1, *full.shape[1:]), dtype=np.float32)
    assert panel.expand(out, on=panel.starts[1]) is out
    np.testing.assert_array_equal(out[0], full[1].astype(np.float32))


@pytest.mark.parametrize(("ask", "said"), [
    (lambda p: p.one(exporter="BRA"), "BRA"),
    (lambda p: p.one(on="2030-01-01"), "outside the window"),
    (lambda p: p.one(product="9503.1"), "not a tariff code"),
])
def test_what_is_not_there_is_named(result: ts.Result, ask: Any, said: str) -> None:
    """Origins, days and codes outside the panel are refused, with the value."""
    with pytest.raises(ts.TradescenError, match=said):
        ask(result.panel())
    with pytest.raises(ts.TradescenError, match="CHN"):
        result.panel("CHN")


def test_arrow_needs_pyarrow_or_says_so(result: ts.Result,
                                        monkeypatch: pytest.MonkeyPatch) -> None:
    """An Arrow stream comes from pyarrow; without it the extra is named."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for value in (result, result.panel()):
        with pytest.raises(ts.TradescenError, match=r"tradescen\[arrow\]"):
            value.__arrow_c_stream__()


def test_an_arrow_stream_holds_the_frame(result: ts.Result) -> None:
    """The stream has the rows of ``to_frame``."""
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table(result)
    assert table.num_rows == len(result.to_frame())
    assert table.column_names == list(result.to_frame().columns)
