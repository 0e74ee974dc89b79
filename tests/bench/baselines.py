"""The same law as an analyst would write it: pandas, dense numpy, numpy on the flows only.

All three follow the text of the plan, measure by measure: Section 232 by precedence on the
content it covers; of the Section 301 lists the highest; reciprocal rates, floors over MFN,
fentanyl and Section 122 duties on what Section 232 leaves; safeguards on top.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tests.bench.tracker import Case, Spec

Array = NDArray[np.float64]


def lines_of(one: Case, spec: Spec) -> NDArray[np.int64]:
    """The places of the lines a measure covers, by a plain walk over prefixes."""

    def named(codes: tuple[str, ...]) -> NDArray[np.bool_]:
        lengths = {len(c) for c in codes}
        known = set(codes)
        return np.array([any(c[:n] in known for n in lengths) for c in one.lines], dtype=bool)

    inside = named(spec.codes) if spec.codes else np.ones(len(one.lines), dtype=bool)
    return np.flatnonzero(inside & ~named(spec.but) if spec.but else inside)


def shares_of(one: Case, spec: Spec, lines: NDArray[np.int64]) -> Array | float:
    """The share of value covered on these lines: that of the longest code, else 1."""
    if not spec.share:
        return 1.0
    return np.array([
        next((spec.share[c[:n]] for n in (10, 8, 6, 4, 2) if c[:n] in spec.share), 1.0)
        for c in (one.lines[k] for k in lines)
    ])


class Plan:
    """Measures by group in the order they are charged, with their lines, origins, shares."""

    def __init__(self, one: Case) -> None:
        self.case = one
        place = {e: n for n, e in enumerate(one.exporters)}
        self.lines = {s.id: lines_of(one, s) for s in one.specs}
        self.shares = {s.id: shares_of(one, s, self.lines[s.id]) for s in one.specs}
        self.origins = {s.id: np.array([place[e] for e in s.exporters if e in place])
                        for s in one.specs}
        self.groups: dict[str, list[Spec]] = {}
        for s in sorted(one.specs, key=lambda s: -s.precedence):
            self.groups.setdefault(s.group, []).append(s)

    def rates(self, day: dt.date) -> dict[str, float]:
        """The rates in force on a day, by measure."""
        change = self.case.change(day)
        found = {s.id: s.rate(change) for s in self.case.specs}
        return {name: rate for name, rate in found.items() if rate == rate}


Place = Callable[[Spec], tuple[Any, Any]]  # where a measure applies, and its share there


def rule(plan: Plan, rates: dict[str, float], base: Array, where: Place) -> Array:
    """The all-in rate on an array of goods (dense, or flows)."""

    def held(group: str) -> list[tuple[Any, Any, float]]:
        return [(*where(s), rates[s.id]) for s in plan.groups.get(group, ()) if s.id in rates]

    def first(group: str) -> tuple[Array, Array]:
        out, left = np.zeros_like(base), np.ones_like(base)
        for at, share, rate in held(group):
            take = share * left[at]
            out[at] += take * rate
            left[at] -= take
        return out, left

    def highest(group: str) -> Array:
        out = np.zeros_like(base)
        for at, _, rate in held(group):
            out[at] = np.maximum(out[at], rate)
        return out

    def total(group: str) -> Array:
        out = np.zeros_like(base)
        for at, _, rate in held(group):
            out[at] += rate
        return out

    metals, left = first("s232")
    floor = highest("floor")
    rest = total("recip") + np.where(floor > 0, np.maximum(0.0, floor - base), 0.0)
    rest += first("fent")[0] + total("s122")
    return base + metals + highest("s301") + left * rest + total("s201")


class Dense:
    """Numpy on all lines × origins, a block for each measure."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        one = plan.case
        self.base = np.repeat(one.mfn[:, None], len(one.exporters), axis=1)
        self.at = {s.id: (np.ix_(plan.lines[s.id], plan.origins[s.id]),
                          plan.shares[s.id] if isinstance(plan.shares[s.id], float)
                          else np.asarray(plan.shares[s.id])[:, None]) for s in one.specs}

    def rate(self, day: dt.date) -> Array:
        return rule(self.plan, self.plan.rates(day), self.base, lambda s: self.at[s.id])


class Flows:
    """Numpy on the flows only, with the flows of each measure found beforehand."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        one = plan.case
        self.base = one.mfn[one.line]
        self.at: dict[str, tuple[Any, Any]] = {}
        for s in one.specs:
            inside = np.zeros(len(one.lines), dtype=bool)
            inside[plan.lines[s.id]] = True
            among = np.zeros(len(one.exporters), dtype=bool)
            among[plan.origins[s.id]] = True
            at = np.flatnonzero(inside[one.line] & among[one.exporter])
            share: Any = plan.shares[s.id]
            if not isinstance(share, float):
                wide = np.ones(len(one.lines))
                wide[plan.lines[s.id]] = share
                share = wide[one.line[at]]
            self.at[s.id] = (at, share)
        self.weight = np.bincount(one.exporter, one.value, minlength=len(one.exporters))

    def rate(self, rates: dict[str, float]) -> Array:
        return rule(self.plan, rates, self.base, lambda s: self.at[s.id])

    def by_partner(self, rates: dict[str, float]) -> Array:
        """The trade-weighted mean of each origin."""
        one = self.plan.case
        with np.errstate(invalid="ignore"):
            return np.bincount(one.exporter, one.value * self.rate(rates),
                               minlength=len(one.exporters)) / self.weight

    def overall(self, rates: dict[str, float]) -> float:
        return float(self.plan.case.value @ self.rate(rates) / self.plan.case.value.sum())


class Frame:
    """Pandas, with ``isin`` and ``.loc`` for each measure on rows of codes as text."""

    def __init__(self, plan: Plan, line: NDArray[np.int64], exporter: NDArray[np.int64]) -> None:
        one = plan.case
        self.plan = plan
        lines, origins = np.array(one.lines, dtype=object), np.array(one.exporters, dtype=object)
        self.frame = pd.DataFrame({"hts10": lines[line], "partner": origins[exporter],
                                   "base": one.mfn[line]})
        self.codes = {s.id: [one.lines[k] for k in plan.lines[s.id]] for s in one.specs}
        self.shares = {
            s.id: dict(zip(self.codes[s.id], np.asarray(plan.shares[s.id]), strict=True))
            for s in one.specs if not isinstance(plan.shares[s.id], float)}

    def rate(self, day: dt.date) -> Array:
        """The rate of each row."""
        df = self.frame.copy()
        rates = self.plan.rates(day)
        for name in ("s232", "s301", "recip", "floor", "fent", "s122", "s201"):
            df[name] = 0.0
        everyone = len(self.plan.case.exporters)
        for group in ("s232", "fent"):
            df["left"] = 1.0
            for s in self.plan.groups.get(group, ()):
                if s.id in rates:
                    at = self._where(df, s, everyone)
                    share = df.loc[at, "hts10"].map(self.shares[s.id]) if (
                        s.id in self.shares) else 1.0
                    take = df.loc[at, "left"] * share
                    df.loc[at, group] += take * rates[s.id]
                    df.loc[at, "left"] -= take
            if group == "s232":
                df["free"] = df["left"]
        for group in ("s301", "floor"):
            for s in self.plan.groups.get(group, ()):
                if s.id in rates:
                    at = self._where(df, s, everyone)
                    df.loc[at, group] = df.loc[at, group].clip(lower=rates[s.id])
        for group in ("recip", "s122", "s201"):
            for s in self.plan.groups.get(group, ()):
                if s.id in rates:
                    df.loc[self._where(df, s, everyone), group] += rates[s.id]
        df["floor"] = (df["floor"] - df["base"]).clip(lower=0.0).where(df["floor"] > 0, 0.0)
        rest = df["recip"] + df["floor"] + df["fent"] + df["s122"]
        got = df["base"] + df["s232"] + df["s301"] + df["free"] * rest + df["s201"]
        return got.to_numpy()

    def _where(self, df: pd.DataFrame, s: Spec, everyone: int) -> Any:
        at = None
        if len(self.codes[s.id]) < len(self.plan.case.lines):
            at = df["hts10"].isin(self.codes[s.id])
        if len(self.plan.origins[s.id]) < everyone:
            among = df["partner"].isin(s.exporters)
            at = among if at is None else at & among
        return slice(None) if at is None else at
