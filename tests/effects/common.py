"""What the tests of effects share: small worlds of trade with old and new rates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

KEYS = ["importer", "exporter", "product"]
IMPORTERS = ("USA", "DEU")
EXPORTERS = ("CHN", "VNM", "BRA", "USA")
PRODUCTS = ("090111", "851713", "950300")


def rates(low: float = 0.0, high: float = 2.0) -> Any:
    return st.one_of(st.just(0.0), st.floats(low, high, allow_nan=False))


@st.composite
def worlds(draw: Any, *, importers: tuple[str, ...] = IMPORTERS, top: float = 2.0,
           unknown: bool = False) -> pd.DataFrame:
    """A frame ``importer, exporter, product, value, old, new``; each market trades something."""
    rows = []
    for importer in draw(st.lists(st.sampled_from(importers), min_size=1, unique=True)):
        for product in draw(st.lists(st.sampled_from(PRODUCTS), min_size=1, unique=True)):
            for exporter in draw(st.lists(st.sampled_from(EXPORTERS), min_size=1, unique=True)):
                old, new = draw(rates(high=top)), draw(rates(high=top))
                if exporter == importer:
                    old = new = 0.0
                if unknown and draw(st.booleans()):
                    new = np.nan
                rows.append((importer, exporter, product, draw(st.floats(1.0, 1e6)), old, new))
    return pd.DataFrame(rows, columns=[*KEYS, "value", "old", "new"])


def old_of(world: pd.DataFrame) -> pd.DataFrame:
    return world[[*KEYS, "old"]].rename(columns={"old": "rate"})


def new_of(world: pd.DataFrame) -> pd.DataFrame:
    return world[[*KEYS, "new"]].rename(columns={"new": "rate"})


def frame(*rows: tuple[Any, ...], last: str = "rate") -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=[*KEYS, last])
