"""Census Schedule C: the country codes of United States trade statistics.

The codes name customs territories as statistics part them; some share ISO letters (the Gaza
Strip and the West Bank are both ``PSE``), so sum what meets under one code.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from tradescen.errors import InvalidValue, UnknownName

__all__ = ["from_schedule_c", "schedule_c"]


@cache
def _table() -> dict[str, Any]:
    raw = (files("tradescen.vocab") / "data" / "schedule_c.json").read_text(encoding="utf-8")
    table: dict[str, Any] = json.loads(raw)
    return table


@cache
def _spelt() -> dict[str, str]:
    table = _table()
    names = {name.upper(): iso for iso, name in table["codes"].values()}
    names |= {name.upper(): table["codes"][code][0] for name, code in table["aliases"].items()}
    return names | {code: iso for code, (iso, _) in table["codes"].items()}


def schedule_c() -> dict[str, tuple[str, str]]:
    """All codes: ISO letters (or group) and the name Census gives."""
    return {code: (iso, name) for code, (iso, name) in _table()["codes"].items()}


def from_schedule_c(code: str) -> str:
    """The ISO letters (or the group) of a Schedule C code or Census name.

    ``"5700"`` and ``"CHINA"`` are ``CHN``, ``"0003"`` is ``EU``.

    Raises:
        InvalidValue: for a number; codes are text, for some begin with a zero.
        UnknownName: for a code or name Schedule C does not have, with near ones.
    """
    if not isinstance(code, str):
        raise InvalidValue(
            f"{code!r} is not a Schedule C code; codes are text such as '5700' or '0003', whose "
            "zeros a number loses",
            value=code,
        )
    found = _spelt().get(" ".join(code.split()).upper())
    if found is not None:
        return found
    codes = schedule_c()
    near = codes if code.strip().isdigit() else [name for _, name in codes.values()]
    raise UnknownName.among(
        "Schedule C country", code, near, "Give a four-digit code or the name Census prints"
    )
