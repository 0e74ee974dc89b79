"""Packaged tables for effects: US input-output, product sectors, import elasticities."""

from __future__ import annotations

import gzip
import json
from functools import cache
from importlib.resources import files
from typing import Any

from tradescen.errors import InvalidValue

__all__ = ["read_table"]

FORM = "tradescen/effects/1"


@cache
def read_table(name: str) -> dict[str, Any]:
    """A table as ``tools/build_effects.py`` wrote it; read once a process."""
    path = files("tradescen.packaged") / "data" / "effects" / f"{name}.json.gz"
    body: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    if body["form"] != FORM:
        raise InvalidValue(
            f"the packaged table {name!r} has the form {body['form']!r}; this version reads "
            f"{FORM!r}: install the package anew"
        )
    return body
