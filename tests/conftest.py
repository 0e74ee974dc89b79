"""Profiles of Hypothesis, and the fixtures all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

_COMMON = {
    "deadline": None,
    "print_blob": True,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large],
}
# Where CI runs the same tests it must find the same thing twice; at home each run looks anew.
settings.register_profile("dev", max_examples=50, derandomize=bool(os.environ.get("CI")), **_COMMON)
settings.register_profile("ci", max_examples=300, derandomize=True, **_COMMON)
settings.register_profile("thorough", max_examples=3000, **_COMMON)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of facts, data and legal texts beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is not beside this checkout; this test reads its facts and data")
    return SHARED
