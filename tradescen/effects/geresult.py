"""``GEResult``: what an equilibrium comes to, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from attrs import frozen
from numpy.typing import NDArray

from tradescen import __version__
from tradescen.effects.decompose import decompose
from tradescen.effects.hats import Levels, System
from tradescen.effects.rates import Rates, labels
from tradescen.errors import InvalidValue

if TYPE_CHECKING:
    from tradescen.effects.equilibrium import Baseline

__all__ = ["GEResult"]

Array = NDArray[np.float64]


@frozen(eq=False, repr=False, kw_only=True)
class GEResult:
    """An equilibrium under new rates, beside the old one. Changes are fractions: 0.01 is 1 %.

    Attributes:
        base: The old equilibrium, its data and closure.
        rates: The new rates.
        iterations: Steps the solver took.
        levels, system, point: Arrays, for whoever goes on from here.
    """

    base: Baseline
    rates: Rates
    system: System
    point: Array
    levels: Levels
    iterations: int

    def __repr__(self) -> str:
        return (f"<GEResult of {self.base.data.name!r}: {len(self.base.data.countries)} countries, "
                f"residual {self.residual:.0e}, {self.iterations} iterations>")

    @property
    def residuals(self) -> dict[str, float]:
        """Relative errors left: in price indices, goods, labour, and Walras' law (imports less
        exports against the transfer, over income; not used in solving)."""
        return self.levels.residuals

    @property
    def residual(self) -> float:
        """The largest of :attr:`residuals`."""
        return self.levels.residual

    @property
    def definition(self) -> dict[Any, Any]:
        """What the numbers are: data, year, elasticities, closure, residual."""
        data, how = self.base.data, self.base.closure
        return {
            "quantity": "changes from the old equilibrium to the new one",
            "definition": "exact changes as fractions, 0.01 is 1 %; welfare is real consumption, "
                          "less the cost of added work",
            "data": data.name, "weights_year": data.year, "notes": data.notes,
            "sources": [s.citation for s in data.sources],
            "theta": dict(zip(data.sectors, self.base.world.theta.tolist(), strict=True)),
            "closure": {a: getattr(how, a) for a in ("rebate", "labour_elasticity", "deficits",
                                                     "roundabout", "numeraire")},
            "missing": {"old": self.base.rates.missing, "new": self.rates.missing},
            "missing_share": {"old": self.base.rates.filled, "new": self.rates.filled},
            "balancing_moved": self.base.moved,
            "residual": self.residual, "iterations": self.iterations, "tradescen": __version__,
        }

    def _shift(self) -> float:
        """Log of the numeraire: what all values are told in."""
        name = self.base.closure.numeraire
        return 0.0 if name == "world" else float(
            self.levels.wage[self.base.data.countries.index(name)])

    def _series(self, values: Array, name: str) -> pd.Series[Any]:
        index = pd.Index(list(self.base.data.countries), name="country")
        return pd.Series(values, index=index, name=name)

    @property
    def welfare(self) -> pd.Series[Any]:
        """Change of welfare by country, exact: of real consumption, less the cost of more work."""
        return self._series(np.expm1(self.system.welfare(self.levels)), "welfare")

    @property
    def real_wage(self) -> pd.Series[Any]:
        """Change of the wage over the price of final demand."""
        return self._series(np.expm1(self.levels.wage - self.levels.cpi), "real_wage")

    @property
    def terms_of_trade(self) -> pd.Series[Any]:
        """Change of export prices over import prices before duty, old trade as weights."""
        flows = self.base.world.flows.copy()
        own = np.arange(flows.shape[1])
        flows[:, own, own] = 0.0
        cost = self.levels.cost
        sold, bought = flows.sum(axis=(0, 1)), flows.sum(axis=(0, 2))
        out = (flows.sum(axis=1) * cost).sum(axis=0) / np.where(sold > 0, sold, 1.0)
        into = np.matmul(flows, cost[:, :, None])[:, :, 0].sum(axis=0) / np.where(
            bought > 0, bought, 1.0)
        return self._series(np.expm1(out - into), "terms_of_trade")

    def summary(self) -> pd.DataFrame:
        """One row a country: changes as fractions, revenue and trade as levels.

        ``welfare, real_income, real_wage, wage, price_index, labour, terms_of_trade, exports,
        imports`` are changes; ``revenue_old, revenue`` and ``gdp_old`` (value added) are in the
        money of the data under the numeraire.
        """
        w, v, shift = self.base.world, self.levels, self._shift()
        own = np.arange(w.flows.shape[1])

        def abroad(flows: Array, axis: int) -> Array:
            total: Array = flows.sum(axis=(0, axis)) - flows[:, own, own].sum(axis=0)
            return total

        trade = {}
        for name, axis in (("exports", 1), ("imports", 2)):
            before, after = abroad(w.flows, axis), abroad(v.flows, axis) * np.exp(-shift)
            trade[name] = np.divide(after, before, out=np.full_like(after, np.nan),
                                    where=before > 0) - 1.0
        frame = pd.DataFrame({
            "country": list(self.base.data.countries),
            "welfare": self.welfare.to_numpy(),
            "real_income": np.expm1(np.log(v.income / w.income) - v.cpi),
            "real_wage": self.real_wage.to_numpy(),
            "wage": np.expm1(v.wage - shift),
            "price_index": np.expm1(v.cpi - shift),
            "labour": np.expm1(v.hours),
            "terms_of_trade": self.terms_of_trade.to_numpy(),
            **trade,
            "revenue_old": w.revenue,
            "revenue": v.revenue * np.exp(-shift),
            "gdp_old": w.labour,
        })
        frame.attrs = self.definition
        return frame

    def flows(self, by: Any = ("importer", "exporter")) -> pd.DataFrame:
        """Trade at customs value before and after: ``…, old, new, change``.

        Args:
            by: ``importer, exporter, sector``, any of them.

        Raises:
            InvalidValue: for another key.
        """
        names = (by,) if isinstance(by, str) else tuple(by)
        if not names or not set(names) <= {"importer", "exporter", "sector"}:
            raise InvalidValue(f"by={by!r} names no keys of trade; take importer, exporter, sector",
                               value=by)
        new = self.levels.flows * np.exp(-self._shift())
        frame = labels(self.base.data, {"old": self.base.world.flows, "new": new}, home=False)
        if "sector" in names and "sector" not in frame:
            frame["sector"] = self.base.data.sectors[0]
        frame = frame.groupby(list(names), as_index=False, sort=False)[["old", "new"]].sum()
        frame["change"] = np.divide(frame["new"], frame["old"], where=frame["old"] > 0,
                                    out=np.full(len(frame), np.nan)) - 1.0
        frame.attrs = self.definition
        return frame

    def against(self, other: GEResult) -> pd.DataFrame:
        """Changes of welfare, real wage and prices from *other* to this one, by country.

        Raises:
            InvalidValue: if the two do not start from one old equilibrium.
        """
        if other.base is not self.base:
            raise InvalidValue(
                "the two results start from different baselines; solve both from one: base = "
                "baseline(data, rates_old), base.solve(rates)"
            )
        mine, others = self.summary(), other.summary()
        frame = pd.DataFrame({"country": mine["country"]})
        for name in ("welfare", "real_income", "real_wage", "wage", "price_index", "labour",
                     "terms_of_trade", "exports", "imports"):
            frame[name] = (1 + mine[name]) / (1 + others[name]) - 1
        frame["revenue_change"] = mine["revenue"] - others["revenue"]
        frame.attrs = self.definition
        return frame

    def decompose(self, kind: str = "path", *, steps: int = 16) -> pd.DataFrame:
        """What makes up the change of welfare; see :mod:`tradescen.effects.decompose`."""
        return decompose(self, kind, steps)
