"""Trade response: what a change of rates does to trade flows, revenue and surplus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from attrs import frozen
from numpy.typing import NDArray

from tradescen import __version__
from tradescen.effects.aligning import Aligned, aligned
from tradescen.effects.elasticities import Elasticities
from tradescen.effects.models import MODELS, Answer, Flows
from tradescen.errors import InvalidValue, UnknownName

__all__ = ["Response", "answered", "check_elasticities", "trade_response"]

Array = NDArray[np.float64]
TEXT = {
    "ces": "constant elasticities of substitution, demand and supply; exact for large changes",
    "smart": "SMART: linear creation and diversion; small changes only",
    "gsim": "GSIM: linear, each exporter's variety clears on one world market",
}
_SUMS = ("value_old", "value_new", "change", "creation", "diversion", "price_effect",
         "revenue_old", "revenue_new", "exporter_surplus", "unknown")


@frozen(eq=False, kw_only=True)
class Response:
    """What a change of rates does to trade.

    Args:
        model: ``"ces"``, ``"smart"`` or ``"gsim"``.
        flows: One row an importer, exporter and product: ``value_old, value_new, change,
            creation, diversion, price_effect`` (these three sum to the change),
            ``quantity, border_price, duty_paid_price`` (relative changes), ``rate_old,
            rate_new, revenue_old, revenue_new, exporter_surplus, unknown``. Rows whose rates
            are unknown are NaN, their value stands under ``unknown``; where the rate is that
            of a part of a code, it stands for all of it and the rest counts as unknown.
        markets: One row an importer and product: ``price`` (relative change of the duty-paid
            price of the composite), ``consumer_surplus, revenue_change, supplier_surplus``
            (what the importer's own suppliers gain on all sales of the product in the table)
            and their sum, ``welfare``.
        elasticities: Those used.
        residual: How far markets are from clearing; 0 where exporters' prices do not answer.
        attrs: Definition, elasticities, weights and their year, share unknown.

    Money is that of the trade, a year at its size.
    """

    model: str
    flows: pd.DataFrame
    markets: pd.DataFrame
    elasticities: Elasticities
    residual: float
    attrs: dict[Any, Any]

    def total(self, by: str | Sequence[str] = ("importer",)) -> pd.DataFrame:
        """Sums by ``importer, exporter, product`` and ``HS2, HS4, HS6``.

        Consumers' surplus and welfare belong to markets, so they are shown unless *by* has the
        exporter. ``value_old`` is of all trade, ``value_new`` and the changes of what is known.
        """
        names = [by] if isinstance(by, str) else list(by)
        if not names or len(set(names)) < len(names):
            raise InvalidValue(f"by={by!r} names no key, or one twice", value=by)
        known = ("importer", "exporter", "product", "HS2", "HS4", "HS6")
        for name in names:
            if name not in known:
                raise UnknownName.among("key", name, known)

        def keyed(frame: pd.DataFrame) -> pd.DataFrame:
            extra = {n: frame["product"].str[: int(n[2:])] for n in names if n.startswith("HS")}
            return frame.assign(**extra)

        # What is unknown throughout stays unknown; where some is, sums are over the known.
        out = keyed(self.flows).groupby(names, sort=True)[list(_SUMS)].sum(min_count=1)
        if "exporter" not in names:
            out = out.join(keyed(self.markets).groupby(names)[
                ["consumer_surplus", "revenue_change", "supplier_surplus", "welfare"]].sum())
        out = out.reset_index()
        out.attrs = dict(self.attrs)
        return out

    @property
    def revenue(self) -> pd.DataFrame:
        """Duty before and after by importer."""
        out = self.total("importer")[["importer", "revenue_old", "revenue_new", "revenue_change"]]
        out.attrs = dict(self.attrs)
        return out

    @property
    def welfare(self) -> pd.DataFrame:
        """Consumers' surplus, revenue, own suppliers' surplus and their sum by importer."""
        out = self.total("importer")[["importer", "consumer_surplus", "revenue_change",
                                      "supplier_surplus", "welfare"]]
        out.attrs = dict(self.attrs)
        return out

    def __repr__(self) -> str:
        return (f"<Response {self.model}, {self.elasticities.name} elasticities: "
                f"{len(self.flows):,} flows in {len(self.markets):,} markets>")


def check_elasticities(given: object) -> Elasticities:
    if not isinstance(given, Elasticities):
        raise InvalidValue(
            f"elasticities={given!r} are not Elasticities; write effects.Elasticities(sigma=…, "
            "demand=…, source=…)",
            value=given,
        )
    return given


@frozen(eq=False)
class _Answered:
    """A model's answer, and which rows it is for."""

    rows: NDArray[np.int64]
    answer: Answer
    flows: Flows


def answered(held: Aligned, segment: int, elasticities: Elasticities, model: str) -> _Answered:
    """Ask a model about the known rows at one time.

    Raises:
        UnknownName: for another model.
        InvalidValue: where a linear model drives trade below nothing.
    """
    if model not in MODELS:
        raise UnknownName.among("model", model, MODELS)
    old, new = held.old[:, segment], held.new[:, segment]
    rows = np.flatnonzero(~np.isnan(old) & ~np.isnan(new))
    trade = held.trade
    labels = {name: label[rows] for name, label in held.labels.items()}
    market, _ = pd.factorize(labels["importer"] * (len(trade) + 1) + labels["product"])
    # Elasticities are looked up once a product.
    _, first, at = np.unique(labels["product"], return_index=True, return_inverse=True)
    codes = trade["product"].to_numpy()[rows[first]]
    sigma, demand, supply = (v[at.reshape(-1)] for v in elasticities.of(codes))
    flows = Flows(
        value=held.value[rows], old=1 + old[rows], new=1 + new[rows],
        market=market.astype(np.int64), sigma=sigma, demand=demand, supply=supply, **labels,
    )
    answer = MODELS[model](flows)
    below = (answer.quantity < -1 - 1e-12) & (flows.value > 0)
    if below.any():
        n = int(np.argmin(np.where(below, answer.quantity, 0.0)))
        row = trade.iloc[rows[n]]
        raise InvalidValue(
            f"the linear model {model!r} makes {int(below.sum()):,} flows negative; the worst is "
            f"{row['importer']} from {row['exporter']}, {row['product'] or '*'}: rate "
            f"{old[rows[n]]:.1%} to {new[rows[n]]:.1%}, trade {answer.quantity[n]:+.0%}. It is "
            "made for small changes; take model='ces'",
            rows=int(below.sum()),
        )
    return _Answered(rows, answer, flows)


def trade_response(rates_old: pd.DataFrame, rates_new: pd.DataFrame, trade: Any, *,
                   elasticities: Elasticities, model: str = "ces",
                   missing: float | None = None) -> Response:
    """Trade creation and diversion, prices, revenue and welfare after a change of rates.

    Origins of a product are imperfect substitutes (Armington). ``"ces"`` is exact for any size
    of change. ``"smart"`` is the linear model of WITS. ``"gsim"`` lets each exporter's price
    clear over all importers. Rows of trade in which importer and exporter are one are domestic
    sales; leave them out and all demand that leaves imports is outside the table.

    Args:
        rates_old, rates_new: Rates of two states (:func:`rate_frame` with ``on=``).
        trade: A year's customs values: Weights or ``importer, exporter, product, value``.
        elasticities: Explicit; there is no default.
        model: ``"ces"``, ``"smart"``, ``"gsim"``.
        missing: The rate, in both states, of trade a frame has none for; ``None``: refuse.

    Raises:
        MissingData: for trade without a rate, or a product without an elasticity.
        InvalidValue: for rates that move in time, rates at or below -1, negative trade, or where
            a linear model drives trade below nothing.

    Sources: Francois and Hall, "Global Simulation Analysis of Industry-Level Trade Policy",
    version 3, 2003 (GSIM); Jammes and Olarreaga, "Explaining SMART and GSIM", World Bank, 2005.
    """
    held = aligned(rates_old, rates_new, trade, missing).flat("a trade response")
    got = answered(held, 0, check_elasticities(elasticities), model)
    flows = _flow_frame(held, got)
    markets = _market_frame(held, got, flows)
    total = float(held.value.sum())
    unknown = float(flows["unknown"].sum())
    attrs: dict[Any, Any] = {
        "quantity": "change of trade", "model": model, "definition": TEXT[model],
        "elasticities": elasticities.said(), "unknown_share": unknown / total if total else 0.0,
        "residual": got.answer.residual, "tradescen": __version__, **held.about,
    }
    flows.attrs = dict(attrs)
    markets.attrs = dict(attrs)
    return Response(model=model, flows=flows, markets=markets, elasticities=elasticities,
                    residual=got.answer.residual, attrs=attrs)


def _flow_frame(held: Aligned, got: _Answered) -> pd.DataFrame:
    answer, rows = got.answer, got.rows
    n = len(held.trade)

    def wide(values: Array) -> Array:
        out = np.full(n, np.nan)
        out[rows] = values
        return out

    value = got.flows.value
    after = value * (1 + answer.quantity)
    new = after * (1 + answer.border)
    frame = held.trade.rename(columns={"value": "value_old"})
    frame["value_new"] = wide(new)
    frame["change"] = frame["value_new"] - frame["value_old"]
    frame["creation"] = wide(answer.creation)
    frame["diversion"] = wide(answer.diversion)
    frame["price_effect"] = wide(after * answer.border)
    frame["quantity"] = wide(answer.quantity)
    frame["border_price"] = wide(answer.border)
    frame["duty_paid_price"] = wide(got.flows.new / got.flows.old * (1 + answer.border) - 1)
    frame["rate_old"], frame["rate_new"] = held.old[:, 0], held.new[:, 0]
    frame["revenue_old"] = wide((got.flows.old - 1) * value)
    frame["revenue_new"] = wide((got.flows.new - 1) * new)
    frame["exporter_surplus"] = wide(answer.exporters)
    frame["unknown"] = held.value * (1 - held.known[:, 0])
    return frame


def _market_frame(held: Aligned, got: _Answered, flows: pd.DataFrame) -> pd.DataFrame:
    answer = got.answer
    known = flows.iloc[got.rows]
    first = got.flows.first
    out = known.iloc[first][["importer", "product"]].reset_index(drop=True)
    for name in ("value_old", "value_new"):
        out[name] = got.flows.sums(known[name].to_numpy(dtype=float))
    out["price"] = answer.index
    out["consumer_surplus"] = answer.consumer
    change = (known["revenue_new"] - known["revenue_old"]).to_numpy(dtype=float)
    out["revenue_change"] = got.flows.sums(change)
    # What the importer's own suppliers earn on all sales of the product, at home and abroad.
    earned = known.groupby(["exporter", "product"])["exporter_surplus"].sum()
    own = pd.MultiIndex.from_frame(out[["importer", "product"]])
    out["supplier_surplus"] = earned.reindex(own).fillna(0.0).to_numpy()
    out["welfare"] = out["consumer_surplus"] + out["revenue_change"] + out["supplier_surplus"]
    return out
