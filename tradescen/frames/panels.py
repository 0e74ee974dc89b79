"""One importer's rates on lines × origins × time: sliced without being expanded, or in full."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from attrs import frozen
from numpy.typing import NDArray

from tradescen.engine.panel import Panel
from tradescen.errors import AmbiguousProduct, InvalidValue, MissingData, UnknownName
from tradescen.frames.run import Run
from tradescen.frames.tidy import stamped
from tradescen.vocab.countries import country
from tradescen.vocab.hs import normal_code
from tradescen.vocab.period import as_date

__all__ = ["Rates", "arrow_stream"]

Ints = NDArray[np.int64]


@frozen(eq=False, repr=False)
class Rates:
    """The rates of one importer on one path, by date, line and origin.

    Rates are fractions of customs value; NaN is unknown. Nothing is expanded before it is
    asked for. Axes are always in the order (date, line, origin).
    """

    run: Run
    importer: str

    @cached_property
    def _panel(self) -> Panel:
        return self.run.panel(self.importer)

    @property
    def lines(self) -> tuple[str, ...]:
        """The tariff lines (digits only; ``""`` stands for all other goods)."""
        return self._panel.program.lines.codes

    @property
    def exporters(self) -> tuple[str, ...]:
        """The origins; groups are given by their members."""
        return self._panel.program.exporters

    @property
    def starts(self) -> tuple[dt.date, ...]:
        """The first day of each interval in which no rate moves."""
        return tuple(c for c in self._panel.program.cuts[:-1] if c < self.run.end)

    @property
    def shape(self) -> tuple[int, int, int]:
        """How many intervals, lines and origins there are."""
        return len(self.starts), len(self.lines), len(self.exporters)

    def _columns(self, on: Any) -> Ints:
        if on is None:
            return np.arange(len(self.starts))
        days = [as_date(d, "on") for d in (on if isinstance(on, (list, tuple)) else [on])]
        for day in days:
            if not self.run.start <= day <= self.run.end:
                raise InvalidValue(
                    f"on={day} lies outside the window of this result, {self.run.start} to "
                    f"{self.run.end}; run it over a longer one", value=day)
        cuts = np.array(self._panel.program.cuts[:-1], dtype="datetime64[D]")
        return np.searchsorted(cuts, np.array(days, dtype="datetime64[D]"), side="right") - 1

    def _places(self, products: Any) -> Ints:
        if products is None:
            return np.arange(len(self.lines))
        lines = self._panel.program.lines
        out = []
        for given in products if isinstance(products, (list, tuple)) else [products]:
            code = normal_code(given)
            under = [n for n in lines.under(code) if lines.codes[n] != code]
            at = lines.holding(code)
            if len(under) > 1 or (under and at is not None and lines.codes[at] == code):
                raise AmbiguousProduct(
                    f"{given} has {len(under)} lines; ask for one of them, such as "
                    f"{lines.codes[under[0]]}", code=given)
            if not under and at is None:
                raise UnknownName.among("line", code, lines.codes)
            out.append(under[0] if under else at)
        return np.array(out, dtype=np.int64)

    def _origins(self, exporters: Any) -> Ints:
        if exporters is None:
            return np.arange(len(self.exporters))
        asked = [exporters] if isinstance(exporters, str) else list(exporters)
        known = {e: n for n, e in enumerate(self.exporters)}
        for one in asked:
            if country(one) not in known:
                raise UnknownName.among("origin", one, known)
        return np.array([known[country(e)] for e in asked], dtype=np.int64)

    def one(self, *, product: Any = None, exporter: str | None = None, on: Any = None,
            additional: bool = False) -> Any:
        """The rates of one line, of one origin, of one day, or of any of these together.

        What is named is dropped from the axes, so with all three it is a float.

        Raises:
            AmbiguousProduct: for a code with several lines under it.
            UnknownName: for a line or an origin that is not here.
            InvalidValue: for a day outside the window.
        """
        lines, origins, columns = (self._places(product), self._origins(exporter),
                                   self._columns(on))
        got: NDArray[np.float64]
        if product is None and exporter is None:
            got = self._panel.expand(columns, additional=additional)
        else:
            got = self._panel.some_of(lines, origins, columns, additional)
        drop = tuple(n for n, given in enumerate((on, product, exporter))
                     if given is not None and not isinstance(given, (list, tuple)))
        out = got.squeeze(axis=drop)
        return float(out) if out.ndim == 0 else out

    def expand(self, out: NDArray[Any] | None = None, on: Any = None, additional: bool = False,
               dtype: Any = np.float64) -> NDArray[Any]:
        """All rates in full, on (dates, lines, origins).

        Args:
            out: Where to write, float64 or float32; a buffer used again saves most of the time.
            on: One day or several; ``None``: each interval.
            additional: The rate outside the plan's base instead.
            dtype: Of the result where *out* is not given.
        """
        return self._panel.expand(self._columns(on), out, additional, dtype)

    def to_frame(self, *, on: Any = None, products: Any = None,
                 exporters: Any = None) -> pd.DataFrame:
        """Tidy rows: ``product, exporter, date, rate`` with *on*, else one row an interval in
        which the rate does not move: ``product, exporter, start, end, rate``.

        Products and origins are categoricals.
        """
        lines, origins = self._places(products), self._origins(exporters)
        if on is None:
            return self._intervals(lines, origins)
        columns = self._columns(on)
        whole = products is None and exporters is None
        rate = self._panel.expand(columns) if whole else self._panel.some_of(
            lines, origins, columns)
        return self._framed(rate, on, lines, origins)

    def framed(self, rate: NDArray[Any], on: Any) -> pd.DataFrame:
        """Tidy rows out of an array that :meth:`expand` made for the days *on*; it is not
        copied."""
        return self._framed(rate, on, self._places(None), self._origins(None))

    def _framed(self, rate: NDArray[Any], on: Any, lines: Ints, origins: Ints) -> pd.DataFrame:
        days = stamped([as_date(d, "on")
                        for d in (on if isinstance(on, (list, tuple)) else [on])])
        n, k, e = rate.shape
        return pd.DataFrame({
            "product": _text(np.tile(np.repeat(_small(lines, self.lines), e), n), self.lines),
            "exporter": _text(np.tile(_small(origins, self.exporters), n * k), self.exporters),
            "date": days.repeat(k * e), "rate": rate.reshape(-1),
        }, copy=False)

    def _intervals(self, lines: Ints, origins: Ints) -> pd.DataFrame:
        panel, t = self._panel, len(self.starts)
        kinds, row = np.unique(panel.class_of[lines], return_inverse=True)
        values = panel.some_of(panel.first[kinds], origins, np.arange(t))  # (times, kinds, …)
        keep = np.ones(values.shape, dtype=bool)
        np.not_equal(values[1:], values[:-1], out=keep[1:])
        if np.isnan(values).any():
            keep[1:] &= ~(np.isnan(values[1:]) & np.isnan(values[:-1]))
        kind, origin, at = np.nonzero(np.moveaxis(keep, 0, 2))
        held = values[at, kind, origin]
        edges = np.array([*self.starts, self.run.end], dtype="datetime64[us]")
        last = np.append((np.diff(kind) != 0) | (np.diff(origin) != 0), True)
        stop = np.where(last, t, np.append(at[1:], 0))
        # The rows of all lines of one kind are the same.
        count = np.bincount(kind, minlength=len(kinds))
        start = np.cumsum(count) - count
        each = count[row]
        take = np.arange(int(each.sum())) + np.repeat(start[row] - np.cumsum(each) + each, each)
        return pd.DataFrame({
            "product": _text(np.repeat(_small(lines, self.lines), each), self.lines),
            "exporter": _text(_small(origins, self.exporters)[origin][take], self.exporters),
            "start": edges[at][take], "end": edges[stop][take], "rate": held[take],
        }, copy=False)

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return arrow_stream(self.to_frame, requested_schema)

    def __repr__(self) -> str:
        return (f"<Rates of {self.importer} in {self.run.scenario}, path {self.run.path}: "
                f"{len(self.lines):,} lines, {len(self.exporters)} origins, "
                f"{len(self.starts)} intervals from {self.run.start} to {self.run.end}>")


def _small(codes: Ints, names: Sequence[str]) -> NDArray[Any]:
    """Places among some names, in as few bytes as pandas keeps them."""
    size: Any = np.int8 if len(names) < 2**7 else np.int16 if len(names) < 2**15 else np.int32
    got: NDArray[Any] = codes.astype(size)
    return got


def _text(codes: NDArray[Any], names: Sequence[str]) -> Any:
    return pd.Categorical.from_codes(
        codes, dtype=pd.CategoricalDtype(pd.Index(names)), validate=False)


def arrow_stream(frame: Callable[[], pd.DataFrame], requested_schema: Any = None) -> Any:
    """A frame as an Arrow stream (the PyCapsule protocol).

    Raises:
        MissingData: without pyarrow; the frame is not made then.
    """
    try:
        import pyarrow  # type: ignore[import-not-found,unused-ignore]
    except ImportError as error:
        raise MissingData(
            "an Arrow stream is made by pyarrow, which is not installed: "
            "pip install 'tradescen[arrow]'"
        ) from error
    table = pyarrow.Table.from_pandas(frame(), preserve_index=False)
    return table.__arrow_c_stream__(requested_schema)
