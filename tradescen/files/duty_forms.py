"""Duties and shares in scenario files, alone or by tariff code."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from attrs import define

from tradescen.errors import InvalidValue, TradescenError
from tradescen.files.forms import (
    ERRORS,
    Defs,
    Form,
    Number,
    Reading,
    Words,
    code,
    met,
    number,
    plain,
    wrong_kind,
)
from tradescen.files.nodes import BAD, Items, Node, Table, Text, beside, within
from tradescen.vocab.duty import (
    AdValorem,
    Compound,
    Points,
    Specific,
    Times,
    Unknown,
    as_change,
    as_duty,
    exact,
)
from tradescen.vocab.hs import ByProduct, dotted

__all__ = ["ByCode", "Duties", "Share"]


@define
class ByCode:
    """A value by tariff code: ``{8517.13: 10%, default: 0%}``."""

    form: Form

    def read(self, node: Node, path: str, to: Reading) -> Any:
        if not isinstance(node, Table):
            return wrong_kind(node, path, to, "a mapping of tariff codes")
        pairs, default, bad = [], None, False
        for key, one in node.pairs:
            here = within(path, key.value)
            got = self.form.read(one, here, to)
            bad = bad or got is BAD
            if key.value == "default":
                default = got
                continue
            try:
                pairs.append((code(key.value), got))
            except ERRORS as error:
                bad = bool(to.faults.add(key, here, met(error)))
        if bad:
            return BAD
        try:
            return ByProduct(pairs, default=default)
        except ERRORS as error:
            return to.faults.add(node, path, met(error))

    def write(self, value: ByProduct[Any]) -> Any:
        out = {dotted(c) if c else "all": self.form.write(v) for c, v in value.values}
        return out if value.default is None else {**out, "default": self.form.write(value.default)}

    def schema(self, defs: Defs) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": self.form.schema(defs),
                "propertyNames": {"pattern": "^([0-9][0-9. ]*|all|[*]|default)$"}}


# -- duties -----------------------------------------------------------------------------

MOST_LETTERS = 1000
_KINDS = ("rate", "amount", "unknown", "sum", "max", "min")


def _duty_data(value: Any) -> Any:
    return _duty_said(value, getattr(value, "text", ""))


@lru_cache(maxsize=4096)  # a table by line repeats few duties
def _duty_said(value: Any, printed: str) -> Any:
    if isinstance(value, Points):
        return f"{'' if value.points < 0 else '+'}{plain(value.points, 2)}pp"
    if isinstance(value, Times):
        return f"x{plain(value.factor)}"
    for said in (printed, str(value)):
        try:
            got = as_duty(said) if said else None
        except TradescenError:
            continue
        if got is not None and got == value and got.text == printed:
            return said
    more = {"text": printed} if printed else {}
    if isinstance(value, AdValorem):
        on = {"on": value.on} if value.on else {}
        return {"rate": f"{plain(value.rate, 2)}%", **on, **more}
    if isinstance(value, Specific):
        return {"amount": float(value.amount), "unit": value.unit, "currency": value.currency,
                **more}
    if isinstance(value, Unknown):
        return {"unknown": value.reason, **more}
    return {value.op: [_duty_data(p) for p in value.parts], **more}


@define
class Duties:
    """A duty: ``25%``, ``0.25``, ``46.3¢/kg``, by tariff code, and ``+10pp`` or ``x1.1`` where
    it changes one."""

    relative: bool = False
    by_code: bool = False

    def _text(self, text: str) -> Any:
        if len(text) > MOST_LETTERS:
            raise InvalidValue(f"{len(text):,} letters are no rate", value=text)
        got = number(text)
        given: Any = text if got is None else got
        return as_change(given) if self.relative else as_duty(given)

    def read(self, node: Node, path: str, to: Reading) -> Any:
        try:
            if isinstance(node, Text) and not node.is_null:
                return self._text(node.value)
            if isinstance(node, Table):
                if any(key.value in _KINDS for key, _ in node.pairs):
                    return self._kind(node, path, to)
                if self.by_code:
                    return ByCode(Duties()).read(node, path, to)
        except ERRORS as error:
            return to.faults.add(node, path, met(error))
        return wrong_kind(node, path, to, "a duty such as 25% or 46.3¢/kg")

    def _kind(self, node: Table, path: str, to: Reading) -> Any:
        kind = next(key.value for key, _ in node.pairs if key.value in _KINDS)
        more = {"rate": ("on",), "amount": ("unit", "currency")}.get(kind, ())
        got: dict[str, Any] = {}
        for key, one in node.pairs:
            name, here = key.value, within(path, key.value)
            if name == kind and kind in ("sum", "max", "min"):
                parts = one.values if isinstance(one, Items) else [one]
                read = [Duties().read(p, beside(here, n), to) for n, p in enumerate(parts)]
                got[name] = BAD if any(r is BAD for r in read) else read
            elif name == "amount":
                got[name] = Number().read(one, here, to)
            elif name == "rate":
                got[name] = Number(rate=True).read(one, here, to)
            elif name in (kind, "text", *more):
                got[name] = Words().read(one, here, to)
            else:
                got[name] = to.faults.add(key, here, f"the key {name!r} does not go with "
                                          f"{kind!r}; known: {', '.join((kind, *more, 'text'))}")
        if any(v is BAD for v in got.values()):
            return BAD
        value = got.pop(kind)
        if kind == "rate":
            return AdValorem(exact(value), **got)
        if kind == "amount":
            return Specific(value, **got)
        return Unknown(value, **got) if kind == "unknown" else Compound(kind, value, **got)

    def write(self, value: Any) -> Any:
        if isinstance(value, ByProduct):
            return ByCode(self).write(value)
        return _duty_data(value)

    def schema(self, defs: Defs) -> dict[str, Any]:
        text = {"type": "string", "description": "25%, 46.3¢/kg, 10% + $2/kg, Free"
                + (", +10pp, x1.1" if self.relative else "")}
        bare = {"type": "number", "minimum": 0, "maximum": 3}
        defs["Duty"] = {"anyOf": [text, bare, {
            "type": "object", "anyOf": [{"required": [k]} for k in _KINDS],
            "properties": {
                "rate": Number().schema(defs), "on": {"type": "string"},
                "amount": {"type": "number"}, "unit": {"type": "string"},
                "currency": {"type": "string"}, "unknown": {"type": "string"},
                "text": {"type": "string"},
                **{k: {"type": "array", "items": {"$ref": "#/$defs/Duty"}}
                   for k in ("sum", "max", "min")},
            },
            "additionalProperties": False,
        }]}
        one = {"$ref": "#/$defs/Duty"}
        if not self.by_code:
            return one
        return {"anyOf": [one, ByCode(Duties()).schema(defs)]}


@define
class Share:
    """A share of value: 0 to 1, by tariff code, or ``{unknown: why}``."""

    def read(self, node: Node, path: str, to: Reading) -> Any:
        if isinstance(node, Table):
            if node.get("unknown") is not None:
                return Duties().read(node, path, to)
            return ByCode(Number()).read(node, path, to)
        return Number().read(node, path, to)

    def write(self, value: Any) -> Any:
        if isinstance(value, ByProduct):
            return ByCode(Number()).write(value)
        if isinstance(value, Unknown):
            more = {"text": value.text} if value.text else {}
            return {"unknown": value.reason, **more}
        return float(value)

    def schema(self, defs: Defs) -> dict[str, Any]:
        unknown = {"type": "object", "required": ["unknown"], "additionalProperties": False,
                   "properties": {"unknown": {"type": "string"}, "text": {"type": "string"}}}
        return {"anyOf": [Number().schema(defs), unknown, ByCode(Number()).schema(defs)]}
