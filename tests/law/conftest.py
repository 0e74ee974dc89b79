"""The folder of real files beside the repository, where it is there."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def shared() -> Path:
    """``../shared`` beside the repository; tests that need it are skipped without it."""
    folder = Path(__file__).resolve().parents[3] / "shared"
    if not (folder / "samples").is_dir():
        pytest.skip("the real files lie in ../shared beside the repository, which is absent here")
    return folder
