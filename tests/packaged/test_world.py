"""The packaged world trade, and the equilibrium data made of it."""

from __future__ import annotations

import csv
import gzip

import numpy as np
import pytest

import tradescen as ts
from tradescen.packaged.world import world_trade


def test_it_is_the_table_it_was_made_of(shared):
    """Flows and GDP are those of the source, rounded to thousand USD."""
    world = world_trade()
    held = {(e, i): v for e, i, v in world.flows}
    path = shared / "data" / "baci2023_trade_matrix_194.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        value = float(row["value_kusd"])
        assert held.get((row["exporter"], row["importer"]), 0.0) == 1e3 * round(value)
    with (shared / "data" / "baci2023_countries.csv").open(encoding="utf-8") as file:
        gdp = {row["iso3"]: float(row["gdp_usd"]) for row in csv.DictReader(file)}
    assert dict(zip(world.countries, world.gdp, strict=True)) == pytest.approx(gdp, abs=501)


def test_it_names_its_sources():
    """CEPII and the World Bank, with their licences."""
    world = world_trade()
    said = " ".join(s.citation + s.note for s in world.sources)
    assert "BACI" in said
    assert "Etalab" in said
    assert "World Development" in said
    assert "CC BY" in said
    with pytest.raises(ts.MissingData, match="1999"):
        world_trade(1999)


def test_domestic_sales_are_gdp_less_exports():
    """Output is GDP over the share of value added, but for the countries the notes name."""
    world = world_trade()
    for share in (1.0, 0.5):
        data = ts.effects.world_data(value_added_share=share)
        raised = [c for c in data.countries if any(c in note for note in data.notes[1:])]
        kept = ~np.isin(data.countries, raised)
        made = data.flows[0].sum(axis=0) * share
        assert np.allclose(made[kept], np.array(world.gdp)[kept])
        assert set(raised) == ({"GMB", "MHL"} if share == 1 else {"MHL"})
    with pytest.raises(ts.InvalidValue, match="value_added_share=0"):
        ts.effects.world_data(value_added_share=0)


def test_the_world_solves_whatever_the_closure():
    """A tripling of rates between the two largest, under every closure, to 1e-9."""
    effects = ts.effects
    data = effects.world_data()
    import pandas as pd

    new = effects.revise(data.no_rates(), pd.DataFrame(
        {"importer": ["USA", "CHN"], "exporter": ["CHN", "USA"], "rate": [3.0, 3.0]}))
    for how in (effects.Closure(), effects.Closure(deficits="zero"),
                effects.Closure(deficits="nominal", numeraire="USA"),
                effects.Closure(rebate="income_tax", labour_elasticity=0.5)):
        assert effects.solve_ge(data, data.no_rates(), new, closure=how).residual <= 1e-9
