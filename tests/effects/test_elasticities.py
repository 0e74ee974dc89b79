"""Elasticities with their sources, and the packaged tables."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradescen import InvalidValue, UnknownName, effects
from tradescen.effects import Elasticities, import_elasticities, published_elasticities
from tradescen.packaged.tables import read_table


def test_outliers_are_capped_and_told() -> None:
    """Estimates above the 95th percentile over all importers are set to it, and named."""
    got = import_elasticities("USA")
    assert got.attrs["cap"] == pytest.approx(25.03)
    assert "010" in got.attrs["capped"]
    assert got.max() == got.attrs["cap"]
    assert got["010"] == got.attrs["cap"]
    raw = import_elasticities("USA", cap=float("inf"))
    assert raw["010"] == pytest.approx(108.2)
    assert raw.attrs["capped"] == []
    assert raw.drop(got.attrs["capped"]).equals(got.drop(got.attrs["capped"]))
    assert "Broda" in got.attrs["source"]


def test_table_is_the_published_one(shared: Path) -> None:
    """11,293 estimates of 73 importers, median 3.39."""
    body = read_table("elasticities")
    values = [v for held in body["sigma"].values() for v in held.values()]
    assert (len(body["sigma"]), len(values)) == (73, 11_293)
    assert np.median(values) == pytest.approx(3.39, abs=0.01)


@pytest.mark.parametrize(("kind", "error"), [({"importer": "PRK"}, UnknownName),
                                             ({"importer": "USA", "cap": 0.5}, InvalidValue),
                                             ({"importer": "USA", "cap": "all"}, InvalidValue)])
def test_what_is_not_there_is_refused(kind: dict[str, object], error: type[Exception]) -> None:
    """Importers the table has not, and caps that mean nothing."""
    with pytest.raises(error):
        import_elasticities(**kind)  # type: ignore[arg-type]


@given(st.dictionaries(st.sampled_from(["8", "85", "8517", "851713", "*"]), st.floats(0.1, 9),
                       min_size=1), st.sampled_from(["851713", "850110", "871000", "010121"]))
def test_longest_prefix_counts(table: dict[str, float], code: str) -> None:
    """A product has the number of the longest leading digits named, else that of ``*``."""
    fits = [k for k in table if k != "*" and code.startswith(k)]
    want = table[max(fits, key=len)] if fits else table.get("*")
    given_ = Elasticities(sigma=table, demand=1.0)
    if want is None:
        with pytest.raises(LookupError):
            given_.of([code])
    else:
        assert given_.of([code])[0].tolist() == [want]


def test_published_ones_have_sources() -> None:
    """Each published number lies in its range and says where it is from."""
    got = published_elasticities()
    assert (got["low"] <= got["value"]).all()
    assert (got["value"] <= got["high"]).all()
    assert (got["source"].str.len() > 20).all()


def test_packaged_tables_are_what_the_sources_give(shared: Path) -> None:
    """The packaged tables are those the tool builds."""
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-m", "tools.build_effects", str(shared), "--check"],
                          cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", effects.__all__)
def test_names_are_loaded_when_used(name: str) -> None:
    """Every name of the namespace is there and says what it is."""
    assert (getattr(effects, name).__doc__ or "").strip()
    assert name in dir(effects)


def test_unknown_name() -> None:
    """A name that is not there fails as for any module."""
    with pytest.raises(AttributeError, match="no attribute 'walras'"):
        _ = effects.walras  # type: ignore[attr-defined]
