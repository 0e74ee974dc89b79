"""Effects: from rates to duty revenue, prices, trade flows and welfare.

All functions take explicit old and new rate frames and explicit trade; elasticities, shares and
tables are arguments, and what was used stands in ``attrs`` of the result. A rate frame is
``importer, exporter, rate`` with a ``product`` (what :func:`rate_frame` takes out of a result) or,
for an equilibrium, a ``sector``; :func:`sector_rates` makes the second out of the first. NaN is an
unknown rate; ``missing=`` is the rate of what a frame does not hold. Names are loaded when first
used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

_HOME = {
    "tradescen.effects.rateframes": ("rate_frame",),
    "tradescen.effects.elasticities": (
        "Elasticities", "import_elasticities", "published_elasticities",
    ),
    "tradescen.effects.response": ("Response", "trade_response"),
    "tradescen.effects.duties": ("effective_rates", "revenue"),
    "tradescen.effects.acts": ("contributions",),
    "tradescen.effects.prices": ("consumer_prices", "import_prices"),
    "tradescen.effects.inputoutput": ("InputOutput", "cost_push", "us_input_output"),
    "tradescen.effects.sectors": ("sector_rates", "sector_shocks", "us_sectors"),
    "tradescen.effects.closure": ("Closure",),
    "tradescen.effects.gedata": ("GEData",),
    "tradescen.effects.worlddata": ("world_data",),
    "tradescen.effects.rates": ("Rates", "revise"),
    "tradescen.effects.equilibrium": ("Baseline", "baseline", "solve_ge"),
    "tradescen.effects.geresult": ("GEResult",),
    "tradescen.effects.optimal": ("OptimalTariff", "optimal_tariff"),
    "tradescen.effects.players": ("Nash", "nash", "reciprocal"),
    "tradescen.effects.many": ("Bands", "Theta", "solve_many"),
    "tradescen.effects.timepath": ("TimePath", "time_path"),
}
_WHERE = {name: home for home, names in _HOME.items() for name in names}

__all__ = sorted(_WHERE)


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'tradescen.effects' has no attribute {name!r}")
    value = getattr(importlib.import_module(_WHERE[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__


if TYPE_CHECKING:
    from tradescen.effects.acts import contributions as contributions
    from tradescen.effects.closure import Closure as Closure
    from tradescen.effects.duties import effective_rates as effective_rates
    from tradescen.effects.duties import revenue as revenue
    from tradescen.effects.elasticities import Elasticities as Elasticities
    from tradescen.effects.elasticities import import_elasticities as import_elasticities
    from tradescen.effects.elasticities import published_elasticities as published_elasticities
    from tradescen.effects.equilibrium import Baseline as Baseline
    from tradescen.effects.equilibrium import baseline as baseline
    from tradescen.effects.equilibrium import solve_ge as solve_ge
    from tradescen.effects.gedata import GEData as GEData
    from tradescen.effects.geresult import GEResult as GEResult
    from tradescen.effects.inputoutput import InputOutput as InputOutput
    from tradescen.effects.inputoutput import cost_push as cost_push
    from tradescen.effects.inputoutput import us_input_output as us_input_output
    from tradescen.effects.many import Bands as Bands
    from tradescen.effects.many import Theta as Theta
    from tradescen.effects.many import solve_many as solve_many
    from tradescen.effects.optimal import OptimalTariff as OptimalTariff
    from tradescen.effects.optimal import optimal_tariff as optimal_tariff
    from tradescen.effects.players import Nash as Nash
    from tradescen.effects.players import nash as nash
    from tradescen.effects.players import reciprocal as reciprocal
    from tradescen.effects.prices import consumer_prices as consumer_prices
    from tradescen.effects.prices import import_prices as import_prices
    from tradescen.effects.rateframes import rate_frame as rate_frame
    from tradescen.effects.rates import Rates as Rates
    from tradescen.effects.rates import revise as revise
    from tradescen.effects.response import Response as Response
    from tradescen.effects.response import trade_response as trade_response
    from tradescen.effects.sectors import sector_rates as sector_rates
    from tradescen.effects.sectors import sector_shocks as sector_shocks
    from tradescen.effects.sectors import us_sectors as us_sectors
    from tradescen.effects.timepath import TimePath as TimePath
    from tradescen.effects.timepath import time_path as time_path
    from tradescen.effects.worlddata import world_data as world_data
