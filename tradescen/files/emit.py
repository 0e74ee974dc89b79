"""Plain data as YAML: one way to write each value, so that files can be compared line by line.

Text that any YAML reader would take for something else is quoted.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

__all__ = ["to_json", "to_yaml"]

WIDTH = 96
_PLAIN = re.compile(
    r"[^\W\d_][\w/.+'-]*(?:[ ][\w(][\w/.+'%)-]*)*"  # words
    r"|[0-9]+(?:\.[0-9]+)?%|[+-][0-9]+(?:\.[0-9]+)?pp"  # 25%, +10pp
    r"|[0-9]{4}\.[0-9]{2}\.[0-9]{2}(?:\.[0-9]{2})?"  # 8517.13.00
)
_TYPED = {"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"}
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def _text(value: str) -> str:
    if _PLAIN.fullmatch(value) and value.lower() not in _TYPED:
        return value
    said = json.dumps(value, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda m: f"\\u{ord(m.group()):04x}", said)


def _key(value: str) -> str:
    return value if value == "on" else _text(value)  # a key of ours, as everyone writes it


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(int(value) if value == int(value) and abs(value) < 1e15 else float(value))
    return value.isoformat() if isinstance(value, dt.date) else _text(value)


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(k)}: {_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(v) for v in value) + "]"
    return _scalar(value)


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, inner), default=0) if isinstance(value, (dict, list)) else 0


def _size(value: Any) -> int:
    if isinstance(value, dict):
        return sum(_size(v) + 4 for v in value.values())
    return sum(map(_size, value)) if isinstance(value, list) else 3


def _short(value: Any, room: int) -> str | None:
    """On one line, if it is empty, or shallow and fits."""
    if not isinstance(value, (dict, list)) or not value:
        return _flow(value)
    if _size(value) > room or _depth(value) > 2:
        return None
    said = _flow(value)
    return said if len(said) <= room else None


def _codes(value: list[Any], indent: int) -> list[str]:
    """A long list of scalars, as many on a line as fit."""
    lines, line = [], ""
    for one in map(_scalar, value):
        if line and indent + len(line) + len(one) + 2 > WIDTH:
            lines.append(" " * indent + line.rstrip())
            line = ""
        line += f"{one}, "
    return [*lines, " " * indent + line.rstrip(", ") + "]"]


def _block(value: Any, indent: int) -> list[str]:
    pad = " " * indent
    lines: list[str] = []
    if isinstance(value, dict):
        for key, one in value.items():
            name = f"{pad}{_key(key)}:"
            said = _short(one, WIDTH - len(name) - 1)
            if said is not None:
                lines.append(f"{name} {said}")
            elif isinstance(one, list) and not any(isinstance(v, (dict, list)) for v in one):
                lines += [f"{name} [", *_codes(one, indent + 2)]
            else:
                lines += [name, *_block(one, indent + 2)]
        return lines
    for one in value:
        alone = isinstance(one, dict) and len(one) == 1  # a change: its verb begins the line
        said = None if alone else _short(one, WIDTH - indent - 2)
        if said is not None:
            lines.append(f"{pad}- {said}")
        else:
            first, *rest = _block(one, indent + 2)
            lines += [f"{pad}- {first.lstrip()}", *rest]
    return lines


def to_yaml(data: dict[str, Any]) -> str:
    """*data* as YAML."""
    return "\n".join(_block(data, 0)) + "\n"


def to_json(data: dict[str, Any]) -> str:
    """*data* as JSON."""
    return json.dumps(data, ensure_ascii=False, indent=2, default=str) + "\n"
