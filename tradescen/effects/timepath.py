"""A path through time: the dated rates of a scenario as a sequence of equilibria."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from attrs import evolve, frozen
from numpy.typing import NDArray

from tradescen.effects.closure import Closure
from tradescen.effects.equilibrium import Baseline, baseline
from tradescen.effects.geresult import GEResult
from tradescen.effects.rates import Rates, places
from tradescen.effects.reading import rate_numbers, times
from tradescen.errors import InvalidValue, MissingData, UnknownName

if TYPE_CHECKING:
    from tradescen.effects.gedata import GEData
    from tradescen.result import Result

__all__ = ["TimePath", "time_path"]

Array = NDArray[np.float64]
YEAR = 365.25
KEYS = ("scenario", "path")


@frozen(eq=False, repr=False, kw_only=True)
class TimePath:
    """The equilibria of several paths, interval by interval.

    Each is the full response to the rates of its interval: what the rates would come to if they
    stayed. No adjustment, stock-building or expectation lies between two intervals.

    Attributes:
        base: The old equilibrium all are weighed against.
        intervals: ``scenario, path, probability, start, end, days`` and ``solve``, the number
            of the equilibrium in *results* (intervals with the same rates share one).
        results: The equilibria.
    """

    base: Baseline
    intervals: pd.DataFrame
    results: tuple[GEResult, ...]

    def __repr__(self) -> str:
        paths = self.intervals[list(KEYS)].drop_duplicates()
        return (f"<TimePath of {len(paths)} paths, {len(self.intervals)} intervals, "
                f"{len(self.results)} equilibria>")

    def summary(self, countries: Sequence[str] | None = None) -> pd.DataFrame:
        """Path × interval × country, with the columns of :meth:`GEResult.summary`."""
        frames: list[pd.DataFrame] = []
        tables = [r.summary() for r in self.results]
        for row in self.intervals.to_dict("records"):
            table = tables[row["solve"]]
            if countries is not None:
                table = table.set_index("country").loc[
                    _known(countries, self.base.data.countries)].reset_index()
            head = pd.DataFrame({
                name: row[name] for name in (*KEYS, "probability", "start", "end", "days")},
                index=table.index)
            frames.append(pd.concat([head, table], axis=1))
        frame: pd.DataFrame = pd.concat(frames, ignore_index=True)
        frame.attrs = self._attrs()
        return frame

    def average(self, quantity: str = "welfare", *, countries: Sequence[str] | None = None,
                relative_to: str | None = None, discount: float = 0.0) -> pd.DataFrame:
        """The mean of a quantity over each path, weighted with days.

        Args:
            quantity: A column of :meth:`summary`.
            countries: Only these.
            relative_to: A path every other is measured against, day by day; ``None``: the old
                equilibrium.
            discount: Yearly rate at which later days count less.

        Returns:
            ``scenario, path, probability, country, days`` and the quantity. It is a mean over
            the window, not a sum over all time.
        """
        if not 0 <= discount < np.inf:
            raise InvalidValue(f"discount={discount!r} is not a yearly rate, 0 or more",
                               value=discount)
        daily = self.summary(countries)
        if quantity not in daily or not pd.api.types.is_float_dtype(daily[quantity]) or (
                quantity == "probability"):
            raise UnknownName.among("quantity", quantity, [
                c for c in self.results[0].summary().columns if c != "country"])
        if relative_to is not None:
            daily = self._against(daily, quantity, relative_to)
        first = daily["start"].min()
        a = (daily["start"] - first).dt.days.to_numpy() / YEAR
        b = (daily["end"] - first).dt.days.to_numpy() / YEAR
        weight = b - a if discount == 0 else (
            (1 + discount) ** -a - (1 + discount) ** -b) / np.log1p(discount)
        daily = daily.assign(_w=weight, _v=weight * daily[quantity].to_numpy())
        keys = [*KEYS, "probability", "country"]
        frame = daily.groupby(keys, dropna=False, sort=False)[["days", "_w", "_v"]].sum()
        frame[quantity] = frame["_v"] / frame["_w"]
        out = frame.drop(columns=["_w", "_v"]).reset_index()
        out.attrs = self._attrs() | {"quantity": f"mean {quantity} over the window",
                                     "relative_to": relative_to, "discount": discount}
        return out

    def _against(self, daily: pd.DataFrame, quantity: str, name: str) -> pd.DataFrame:
        """Each interval cut at the days on which the reference moves, and measured against it."""
        known = list(dict.fromkeys(daily["path"]))
        if name not in known:
            raise UnknownName.among("path", name, known)
        other = daily[daily["path"] == name]
        if other["scenario"].nunique() > 1:
            raise InvalidValue(f"several scenarios have a path {name!r}; compare one at a time",
                               value=name)
        pairs = daily.merge(other[["start", "end", "country", quantity]], on="country",
                            suffixes=("", "_ref"))
        start = pairs[["start", "start_ref"]].max(axis=1)
        end = pairs[["end", "end_ref"]].min(axis=1)
        pairs = pairs.assign(start=start, end=end, days=(end - start).dt.days)
        pairs = pairs[pairs["days"] > 0]
        if quantity in ("revenue", "revenue_old", "gdp_old"):
            pairs[quantity] = pairs[quantity] - pairs[f"{quantity}_ref"]
        else:
            pairs[quantity] = (1 + pairs[quantity]) / (1 + pairs[f"{quantity}_ref"]) - 1
        return pairs

    def _attrs(self) -> dict[Any, Any]:
        kept = self.results[0].definition
        kept["residual"] = max(r.residual for r in self.results)
        kept["iterations"] = sum(r.iterations for r in self.results)
        return kept


def _known(names: Sequence[str], known: tuple[str, ...]) -> list[str]:
    return [known[n] for n in places(pd.Series(list(names), dtype=object), known, "country")]


def time_path(data: GEData | Baseline, rates_old: Any, rates: pd.DataFrame | Result, *,
              freq: str = "interval", closure: Closure | None = None,
              missing: float | None = None, tol: float = 1e-9) -> TimePath:
    """The dated rates of one or several paths as equilibria.

    Args:
        data: Data, or a baseline of them.
        rates_old: The rates of the data, for all pairs (``None`` with a baseline).
        rates: A :class:`~tradescen.Result`, whose ``bilateral()`` averages are taken; or such a
            frame: ``importer, exporter[, sector], start, end, rate`` and, if there are several,
            ``scenario, path, probability``; the sector ``"*"`` is all without rows of their own.
            Pairs it does not hold keep their old rate.
        freq: ``"interval"``: an equilibrium for each stretch of days with the same rates;
            ``"YS"``, ``"QS"``, ``"MS"`` …: one a period, at rates averaged over its days.
        closure, missing, tol: As for :func:`~tradescen.effects.solve_ge`.

    Raises:
        MissingData: for an unknown (NaN) rate, and where a pair has none for a part of the window.
        NotConverged: if any equilibrium was not found.
    """
    frame = rates if isinstance(rates, pd.DataFrame) else rates.bilateral()
    lacking = [c for c in ("importer", "exporter", "start", "end", "rate") if c not in frame]
    if lacking:
        raise InvalidValue(
            f"dated rates have no column {', '.join(lacking)} (they have: "
            f"{', '.join(map(str, frame.columns))}); take result.bilateral()",
            columns=tuple(lacking),
        )
    base = data if isinstance(data, Baseline) else baseline(
        data, rates_old, closure=closure, missing=missing)
    if base.world.size[0] > 1 and "sector" not in frame:
        raise InvalidValue(
            f"the data have {base.world.size[0]} sectors and the dated rates have no column "
            "'sector'; average the rates by sector first (effects.sector_rates), or write "
            "sector='*'"
        )
    frame = frame.assign(**{k: times(frame[k], f"dated rates: {k}") for k in ("start", "end")})
    frame = frame.assign(**{k: frame.get(k, d) for k, d in (
        ("scenario", "rates"), ("path", "main"), ("probability", np.nan))})
    rows: list[dict[str, Any]] = []
    seen: dict[bytes, int] = {}
    results: list[GEResult] = []
    for (scenario, path), part in frame.groupby(list(KEYS), sort=False):
        for start, end, values in _periods(base, part, freq, f"{scenario}, {path}"):
            key = values.tobytes()
            if key not in seen:
                seen[key] = len(results)
                results.append(base.solve(
                    evolve(base.rates, values=values), tol=tol,
                    start=results[-1] if results else None))
            rows.append({"scenario": scenario, "path": path,
                         "probability": float(part["probability"].iloc[0]), "start": start,
                         "end": end, "days": (end - start).days, "solve": seen[key]})
    return TimePath(base=base, intervals=pd.DataFrame(rows), results=tuple(results))


def _periods(base: Baseline, part: pd.DataFrame, freq: str, whose: str) -> list[
        tuple[pd.Timestamp, pd.Timestamp, Array]]:
    """(start, end, rates of all pairs) of each period of one path."""
    if part["rate"].isna().any():
        row = part[part["rate"].isna()].iloc[0]
        raise MissingData(
            f"{whose}: the rate of {row['importer']} on {row['exporter']} from "
            f"{row['start']:%Y-%m-%d} is unknown (NaN), and an equilibrium needs one"
        )
    stretches, values = _stretches(base, part, whose)
    if freq == "interval":
        return [(stretches[k], stretches[k + 1], v) for k, v in enumerate(values)]
    try:
        inner = pd.date_range(stretches[0], stretches[-1], freq=freq)
    except ValueError as fault:
        raise InvalidValue(f"freq={freq!r} is neither 'interval' nor a frequency such as 'YS', "
                           "'QS' or 'MS'", value=freq) from fault
    cuts = sorted({stretches[0], stretches[-1], *inner})
    out = []
    for a, b in pairwise(cuts):
        total = np.zeros_like(values[0])
        for k, v in enumerate(values):
            days = (min(b, stretches[k + 1]) - max(a, stretches[k])).days
            if days > 0:
                total = total + days * v
        out.append((a, b, total / (b - a).days))
    return out


def _stretches(base: Baseline, part: pd.DataFrame, whose: str) -> tuple[list[pd.Timestamp],
                                                                        list[Array]]:
    names = base.data.countries
    if "sector" in part:
        part = _each_sector(part, base.data.sectors)
    n = places(part["importer"], names, "country (importer in rates)")
    i = places(part["exporter"], names, "country (exporter in rates)")
    j = (places(part["sector"], base.data.sectors, "sector (in rates)") if "sector" in part
         else np.zeros(len(part), dtype=np.intp))
    rate = rate_numbers(part["rate"], "rates")
    start, end = part["start"], part["end"]
    cuts = sorted({*start, *end})
    cell = np.ravel_multi_index((j, n, i), base.rates.values.shape)
    wanted = np.unique(cell)
    values = []
    for a, b in pairwise(cuts):
        now = ((start <= a) & (end >= b)).to_numpy()
        count = np.bincount(np.searchsorted(wanted, cell[now]), minlength=len(wanted))
        if (count != 1).any():
            at = int(np.argmax(count != 1))
            _, to, of = np.unravel_index(wanted[at], base.rates.values.shape)
            raise MissingData(
                f"{whose}: {names[to]} on {names[of]} has {count[at]} rates from {a:%Y-%m-%d} to "
                f"{b:%Y-%m-%d}; each pair needs one on every day of the window"
            )
        filled = base.rates.values.copy()
        filled.reshape(-1)[cell[now]] = rate[now]
        Rates.of(base.data, _frame_of(part[now]), missing=0.0, what=f"rates of {whose}")
        values.append(filled)
    return cuts, values


def _each_sector(part: pd.DataFrame, sectors: Sequence[str]) -> pd.DataFrame:
    """Rows of ``"*"`` as rows of all sectors that have none of their own."""
    wide = part["sector"] == "*"
    keys = ["importer", "exporter", "sector"]
    every = part[wide].drop(columns="sector").merge(
        pd.DataFrame({"sector": list(sectors)}), how="cross")
    own = pd.MultiIndex.from_frame(part.loc[~wide, keys])
    every = every[~pd.MultiIndex.from_frame(every[keys]).isin(own)]
    return pd.concat([part[~wide], every], ignore_index=True)


def _frame_of(rows: pd.DataFrame) -> pd.DataFrame:
    """The columns :meth:`Rates.of` checks."""
    return rows[[c for c in ("importer", "exporter", "product", "sector", "rate")
                 if c in rows]]
