"""The packaged world as data of an equilibrium."""

from __future__ import annotations

import numpy as np

from tradescen.effects.gedata import GEData
from tradescen.errors import InvalidValue
from tradescen.packaged.world import world_trade

__all__ = ["world_data"]


def world_data(year: int = 2023, *, theta: float = 4.0, value_added_share: float = 1.0,
               least_domestic: float = 0.05) -> GEData:
    """The packaged world: goods trade between 194 economies and their GDP, one sector.

    Domestic sales are built, not observed: output is GDP over *value_added_share*, and what
    exports leave of it is sold at home (so absorption is output less exports plus imports). With
    the share at 1 GDP stands for output although exports are gross sales, and services trade is
    not in it: openness, and with it the effects of tariffs, are too high for countries whose
    exports hold much foreign value (Viet Nam, Singapore, Slovakia), and a little too low for
    exporters of services. Where exports leave less than *least_domestic* of GDP, that share of
    GDP is sold at home instead, and ``notes`` name the country.

    Args:
        year: Packaged: 2023.
        theta: Trade elasticity.
        value_added_share: GDP as a share of output; below 1 the rest of output is spent on
            inputs out of the same basket ("roundabout").
        least_domestic: Least share of GDP sold at home.

    Raises:
        MissingData: for a year that is not packaged.
        InvalidValue: for a share that is not above 0 and up to 1.
    """
    if not 0 < value_added_share <= 1 or not 0 < least_domestic < np.inf:
        raise InvalidValue(
            f"value_added_share={value_added_share!r} and least_domestic={least_domestic!r} are "
            "shares of output and of GDP, above 0, the first up to 1"
        )
    world = world_trade(year)
    place = {name: n for n, name in enumerate(world.countries)}
    size = len(place)
    flows = np.zeros((1, size, size))
    for exporter, importer, value in world.flows:
        flows[0, place[importer], place[exporter]] = value
    gdp = np.array(world.gdp)
    home = gdp / value_added_share - flows[0].sum(axis=0)
    raised = home < least_domestic * gdp
    own = np.arange(size)
    flows[0, own, own] = np.where(raised, least_domestic * gdp, home)
    notes = ["domestic sales are GDP / value_added_share less exports, not observed"]
    if raised.any():
        notes.append(
            f"domestic sales set to {least_domestic:.0%} of GDP, since exports leave less: "
            + ", ".join(c for c, r in zip(world.countries, raised, strict=True) if r))
    return GEData(
        countries=world.countries, sectors=("goods",), flows=flows,
        vashare=np.full((1, size), value_added_share),
        inputs=np.full((size, 1, 1), 1.0 - value_added_share), theta=theta,
        name=f"world {year}, 194 economies", year=year, sources=world.sources, notes=tuple(notes),
    )
