"""The namespace ``tradescen.effects``."""

from __future__ import annotations

import subprocess
import sys

import pytest

import tradescen as ts

NAMES = ("Bands", "Baseline", "Closure", "GEData", "GEResult", "Nash", "OptimalTariff", "Rates",
         "Theta", "TimePath", "baseline", "nash", "optimal_tariff", "reciprocal", "revise",
         "sector_rates", "solve_ge", "solve_many", "time_path", "world_data")


@pytest.mark.parametrize("name", NAMES)
def test_names_are_there_and_documented(name):
    """Each name is listed, is loaded on use and says what it is."""
    assert name in dir(ts.effects)
    assert (getattr(ts.effects, name).__doc__ or "").strip()


def test_the_namespace_loads_nothing_by_itself():
    """numpy and pandas come with the first name used, not with ``tradescen.effects``."""
    code = ("import sys, tradescen as ts; dir(ts.effects); ts.effects; "
            "print('numpy' in sys.modules, 'pandas' in sys.modules)")
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True,
                          text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_an_unknown_name_is_an_attribute_error():
    """As for any module."""
    with pytest.raises(AttributeError, match="no attribute 'solve_everything'"):
        _ = ts.effects.solve_everything
