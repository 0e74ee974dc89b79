"""For tests of what is built on tradescen: Hypothesis strategies and assert helpers.

The strategies draw from a small universe on purpose (three importers, a handful of origins,
ten nested codes, a window of some months), so that measures, acts and suspensions overlap.
They need the extra ``test``: ``pip install 'tradescen[test]'``.
"""

from __future__ import annotations

try:
    import hypothesis as _hypothesis  # noqa: F401
except ImportError as error:
    raise ImportError(
        "tradescen.testing needs hypothesis, which is not installed; install it with: "
        "pip install 'tradescen[test]'"
    ) from error

from tradescen.testing.asserts import assert_rates_equal, assert_same_rates
from tradescen.testing.courses import acts, scenarios, truces
from tradescen.testing.values import (
    CODES,
    FIRST,
    IMPORTERS,
    LAST,
    ORIGINS,
    country_sets,
    days,
    duties,
    hs_codes,
    measures,
    periods,
    product_sets,
    schedules,
    stack_plans,
)

__all__ = [
    "CODES",
    "FIRST",
    "IMPORTERS",
    "LAST",
    "ORIGINS",
    "acts",
    "assert_rates_equal",
    "assert_same_rates",
    "country_sets",
    "days",
    "duties",
    "hs_codes",
    "measures",
    "periods",
    "product_sets",
    "scenarios",
    "schedules",
    "stack_plans",
    "truces",
]
