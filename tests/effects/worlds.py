"""Worlds for the tests: made up at random, and Caliendo and Parro's of 1993."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

import tradescen as ts

E = ts.effects


def names(kind: str, size: int) -> tuple[str, ...]:
    """Names that keep their order when sorted."""
    return tuple(f"{kind}{n:03d}" for n in range(size))


def random_world(seed: int, *, countries: int, sectors: int = 1, linked: bool = False,
                 steep: float = 12.0, most: float = 0.3, touched: float = 0.3,
                 deficits: bool = True):
    """(data, old rates, new rates) of a world drawn at random.

    Sizes differ by orders of magnitude, a tenth of the pairs trade nothing, elasticities run up
    to *steep*, and *touched* of all pairs see up to *most* added to their rate.
    """
    rng = np.random.default_rng(seed)
    shape = (sectors, countries, countries)
    size = np.exp(rng.normal(0.0, 1.2, countries))
    flows = size[None, :, None] * size[None, None, :] * np.exp(rng.normal(0, 1, shape)) * 0.02
    own = np.arange(countries)
    idle = rng.random(shape) < 0.1
    idle[0, own, (own + 1) % countries] = idle[0, (own + 1) % countries, own] = False
    flows[idle] = 0.0  # but for a ring in the first sector, so that everyone trades
    flows[:, own, own] = size * size.sum() * 0.05 * np.exp(rng.normal(0, 0.3, (sectors, countries)))
    theta = np.exp(rng.uniform(np.log(1.0), np.log(steep), sectors))
    vashare = rng.uniform(0.3, 0.8, (sectors, countries)) if linked else np.ones(shape[:2])
    # Sizes drawn apart from trade would leave transfers above some country's income: they are
    # kept below four tenths of it.
    even = _even(flows)
    gap = np.abs(flows.sum(axis=(0, 2)) - flows.sum(axis=(0, 1)))
    earned = (vashare * even.sum(axis=1)).sum(axis=0)
    part = min(0.5, 0.4 * float((earned / np.maximum(gap, 1e-12)).min())) if deficits else 0.0
    flows = (1 - part) * even + part * flows
    inputs = np.zeros((countries, sectors, sectors))
    if linked:
        mix = rng.dirichlet(np.ones(sectors), size=(countries, sectors)).transpose(0, 2, 1)
        inputs = mix * (1 - vashare.T)[:, None, :]
    old = np.where(rng.random(shape) < 0.5, rng.uniform(0, 0.2, shape), 0.0)
    new = old + np.where(rng.random(shape) < touched, rng.uniform(0, most, shape), 0.0)
    old[:, own, own] = new[:, own, own] = 0.0
    data = E.GEData(
        countries=names("C", countries), sectors=names("s", sectors), flows=flows, vashare=vashare,
        inputs=inputs, theta=theta, final=rng.dirichlet(np.ones(sectors), size=countries).T,
        balance="solve" if linked or sectors > 1 else "final_demand", name=f"random {seed}")
    return data, E.Rates(values=old), E.Rates(values=new)


def _even(flows):
    """The flows with exports equal to imports in every country."""
    own = np.arange(flows.shape[1])
    both = 0.5 * (flows + flows.transpose(0, 2, 1))
    both[:, own, own] = flows[:, own, own]
    return both


def nafta(folder: Path):
    """(data, old rates, new rates) of the NAFTA exercise of Caliendo and Parro (2015), section 5.

    One entry of the inputs is below 0 (Canada's basic metals, −9.5 million USD); it is moved to
    value added, so that the account of the sector stays whole.
    """
    trade = pd.read_csv(folder / "trade.csv.gz")
    final, added = (pd.read_csv(folder / f"{n}.csv").rename(columns={"region": "country"})
                    for n in ("final_consumption", "value_added"))
    used = pd.read_csv(folder / "intermediate_consumption.csv.gz").rename(
        columns={"region": "country"})
    below = used[used["value"] < 0].groupby(["sector", "country"])["value"].sum()
    added = added.set_index(["sector", "country"])["value"].add(below, fill_value=0).reset_index()
    data = E.GEData.from_frames(
        trade[["sector", "importer", "exporter", "value"]],
        theta=pd.read_csv(folder / "theta.csv").rename(columns={"value": "theta"}),
        value_added=added, inputs=used.assign(value=used["value"].clip(lower=0)), final=final,
        balance="solve", name="Caliendo and Parro (2015), NAFTA", year=1993)
    return (data, *(trade.rename(columns={f"tariff_{n}": "rate"})[
        ["sector", "importer", "exporter", "rate"]] for n in ("bln", "cfl")))
