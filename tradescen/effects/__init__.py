"""Effects of tariffs: on prices, trade, revenue and welfare.

Names are loaded when first used, so ``import tradescen`` loads no numpy.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

_HOME = {
    "tradescen.effects.closure": ("Closure",),
    "tradescen.effects.gedata": ("GEData",),
    "tradescen.effects.worlddata": ("world_data",),
    "tradescen.effects.rates": ("Rates", "revise"),
    "tradescen.effects.sectorrates": ("sector_rates",),
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
    from tradescen.effects.closure import Closure as Closure
    from tradescen.effects.equilibrium import Baseline as Baseline
    from tradescen.effects.equilibrium import baseline as baseline
    from tradescen.effects.equilibrium import solve_ge as solve_ge
    from tradescen.effects.gedata import GEData as GEData
    from tradescen.effects.geresult import GEResult as GEResult
    from tradescen.effects.many import Bands as Bands
    from tradescen.effects.many import Theta as Theta
    from tradescen.effects.many import solve_many as solve_many
    from tradescen.effects.optimal import OptimalTariff as OptimalTariff
    from tradescen.effects.optimal import optimal_tariff as optimal_tariff
    from tradescen.effects.players import Nash as Nash
    from tradescen.effects.players import nash as nash
    from tradescen.effects.players import reciprocal as reciprocal
    from tradescen.effects.rates import Rates as Rates
    from tradescen.effects.rates import revise as revise
    from tradescen.effects.sectorrates import sector_rates as sector_rates
    from tradescen.effects.timepath import TimePath as TimePath
    from tradescen.effects.timepath import time_path as time_path
    from tradescen.effects.worlddata import world_data as world_data
