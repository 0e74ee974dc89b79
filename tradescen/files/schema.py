"""The JSON Schema of scenario files, made from the classes, so that editors complete and check.

It says what :mod:`tradescen.files.grammar` reads; what acts mean together only ``load`` knows.
"""

from __future__ import annotations

from typing import Any

from tradescen.files.forms import Defs
from tradescen.files.grammar import Class
from tradescen.files.layout import FORM, ScenarioFile

__all__ = ["ID", "schema"]

ID = f"urn:tradescen:schema:{FORM.partition('/')[2]}"


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of scenario files of this version."""
    defs: Defs = {}
    Class(ScenarioFile).schema(defs)
    (table, _) = defs.pop("ScenarioFile")["anyOf"]
    table["properties"]["$schema"] = {"type": "string", "description": "Read by editors only."}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        "title": f"Tariff scenario, {FORM}",
        **table,
        "required": ["schema"],
        "oneOf": [{"required": ["extends"]}, {"required": ["schedule"]}],
        "$defs": dict(sorted(defs.items())),
    }
