"""Plain values in scenario files: for each type how it is read, written and described.

A form reads a node into a value (noting faults where they stand), writes a value as plain data
and gives its JSON Schema. Forms of classes are in :mod:`tradescen.files.grammar`.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from decimal import Decimal
from typing import Any, ClassVar, Protocol

from attrs import define, field

from tradescen.errors import TradescenError
from tradescen.files.nodes import BAD, Faults, Items, Node, Table, Text, beside, within
from tradescen.vocab.countries import CountrySet, as_countries
from tradescen.vocab.duty import as_fraction, exact
from tradescen.vocab.hs import ProductSet, dotted, normal_code
from tradescen.vocab.period import as_date

__all__ = ["ERRORS", "Bool", "Countries", "Day", "Defs", "Form", "Goods", "Integer", "Number",
           "Optional", "Reading", "Words", "code", "met", "number", "plain", "wrong_kind"]

ERRORS = (TradescenError, ValueError, TypeError, OverflowError)
Defs = dict[str, Any]  # the $defs of the schema

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_PERCENT = re.compile(r"[0-9]+(?:\.[0-9]+)?\s*%")


@define
class Reading:
    """What is gathered while a file is read: faults, and where each change stands."""

    faults: Faults
    places: dict[int, tuple[Any, Node, str]] = field(factory=dict)


class Form(Protocol):
    """How values of one type stand in a file."""

    def read(self, node: Node, path: str, to: Reading) -> Any:
        """The value, or :data:`BAD` after noting what is wrong."""

    def write(self, value: Any) -> Any:
        """Plain data: text, numbers, days, lists, mappings."""

    def schema(self, defs: Defs) -> dict[str, Any]:
        """Its JSON Schema; classes are put into *defs* and referred to."""


def wrong_kind(node: Node, path: str, to: Reading, wanted: str) -> Any:
    """Note that another kind of value belongs here."""
    found = {Items: "a list", Table: "a mapping"}.get(type(node), "")
    if isinstance(node, Text):
        found = "nothing" if node.is_null else f"{node.value!r}"
    return to.faults.add(node, path, f"{found} where {wanted} belongs")


def met(error: BaseException | str) -> str:
    """What an error says, without the name of the field, which the path gives."""
    return re.sub(r"^(?:rate|points): ", "", str(error))


def number(text: str) -> int | float | None:
    """The number a text is, if it is one."""
    if _WHOLE.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text):
        got = float(text)
        return got if abs(got) < float("inf") else None
    return None


def plain(value: float, shift: int = 0) -> str:
    """A number times ten to the *shift*, with every digit and no exponent."""
    said = format(Decimal(repr(float(value))).scaleb(shift), "f")
    return said.rstrip("0").rstrip(".") if "." in said else said


_ANY_TEXT = {"type": ["string", "number", "boolean"]}  # YAML readers type 2025 and true


@define
class Words:
    """Text: a name, an id, a sentence."""

    known: tuple[str, ...] = ()

    def read(self, node: Node, path: str, to: Reading) -> Any:
        if not isinstance(node, Text):
            return wrong_kind(node, path, to, "text")
        if node.is_null:
            return to.faults.add(node, path, "nothing where text belongs; write it, or quote "
                                 f"{node.value or 'empty text'!r} if that is the text")
        return node.value

    def write(self, value: Any) -> Any:
        return value

    def schema(self, defs: Defs) -> dict[str, Any]:
        return {"enum": list(self.known)} if self.known else dict(_ANY_TEXT)


@define
class Bool:
    """True or false."""

    def read(self, node: Node, path: str, to: Reading) -> Any:
        if isinstance(node, Text) and node.value.lower() in ("true", "false"):
            return node.value.lower() == "true"
        return wrong_kind(node, path, to, "true or false")

    def write(self, value: Any) -> Any:
        return bool(value)

    def schema(self, defs: Defs) -> dict[str, Any]:
        return {"type": "boolean"}


@define
class Integer:
    """A whole number."""

    def read(self, node: Node, path: str, to: Reading) -> Any:
        if isinstance(node, Text) and _WHOLE.fullmatch(node.value):
            return int(node.value)
        return wrong_kind(node, path, to, "a whole number")

    def write(self, value: Any) -> Any:
        return int(value)

    def schema(self, defs: Defs) -> dict[str, Any]:
        return {"type": "integer"}


@define
class Number:
    """A number; ``25%`` is 0.25. As a *rate*, a bare number above 3 is refused."""

    rate: bool = False

    def read(self, node: Node, path: str, to: Reading) -> Any:
        if isinstance(node, Text):
            got = number(node.value)
            try:
                if _PERCENT.fullmatch(node.value):
                    rate = as_fraction(node.value)
                    return exact(rate) if self.rate else rate
                if got is not None:
                    return as_fraction(got) if self.rate else got
            except ERRORS as error:
                return to.faults.add(node, path, met(error))
        return wrong_kind(node, path, to, "a rate such as 25% or 0.25" if self.rate else
                          "a number")

    def write(self, value: Any) -> Any:
        return f"{plain(value, 2)}%" if self.rate else float(value)

    def schema(self, defs: Defs) -> dict[str, Any]:
        return {"anyOf": [{"type": "number"}, {"type": "string", "pattern": "^[0-9.]+ *%$"}]}


@define
class Day:
    """A day, ``2025-11-01``."""

    def read(self, node: Node, path: str, to: Reading) -> Any:
        if not isinstance(node, Text) or node.is_null:
            return wrong_kind(node, path, to, "a day such as 2025-11-01")
        try:
            return as_date(node.value, "this")
        except ERRORS:
            return to.faults.add(node, path, f"{node.value!r} is not a day; write it as "
                                 "2025-11-01 (year-month-day)")

    def write(self, value: Any) -> Any:
        return value

    def schema(self, defs: Defs) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}"}


@define
class Optional:
    """What may be left open with null."""

    form: Form

    def read(self, node: Node, path: str, to: Reading) -> Any:
        if isinstance(node, Text) and node.is_null:
            return None
        return self.form.read(node, path, to)

    def write(self, value: Any) -> Any:
        return None if value is None else self.form.write(value)

    def schema(self, defs: Defs) -> dict[str, Any]:
        return {"anyOf": [self.form.schema(defs), {"type": "null"}]}


class _Sets(ABC):
    """Codes or countries: one, several, ``all``, or ``{of: …, excluding: …}``."""

    what: ClassVar[str]

    @abstractmethod
    def _token(self, text: str) -> str:
        """One code or country, as it is written."""

    @abstractmethod
    def _build(self, inside: list[str], outside: list[str]) -> Any:
        """The set of what is inside less what is outside."""

    @abstractmethod
    def _parts(self, value: Any) -> tuple[list[str], list[str]]:
        """What is inside and what is outside."""

    def _tokens(self, node: Node, path: str, to: Reading) -> Any:
        nodes = node.values if isinstance(node, Items) else [node]
        out: list[str] = []
        bad = False
        for n, one in enumerate(nodes):
            here = beside(path, n) if isinstance(node, Items) else path
            if not isinstance(one, Text) or one.is_null:
                bad = bool(wrong_kind(one, here, to, self.what))
                continue
            try:
                out.append(self._token(one.value))
            except ERRORS as error:
                bad = bool(to.faults.add(one, here, met(error)))
        return BAD if bad else out

    def read(self, node: Node, path: str, to: Reading) -> Any:
        inside: Any = ["all"]
        outside: Any = []
        if isinstance(node, Table):
            for key, one in node.pairs:
                here = within(path, key.value)
                if key.value == "of":
                    inside = self._tokens(one, here, to)
                elif key.value == "excluding":
                    outside = self._tokens(one, here, to)
                else:
                    inside = to.faults.add(key, here, f"the key {key.value!r} is not one of of, "
                                           f"excluding; or give {self.what}, or a list of them")
        else:
            inside = self._tokens(node, path, to)
        if inside is BAD or outside is BAD:
            return BAD
        try:
            return self._build(inside, outside)
        except ERRORS as error:
            return to.faults.add(node, path, met(error))

    def write(self, value: Any) -> Any:
        inside, outside = self._parts(value)
        said = inside[0] if len(inside) == 1 else inside
        if outside:
            return {"of": said, "excluding": outside[0] if len(outside) == 1 else outside}
        return said

    def schema(self, defs: Defs) -> dict[str, Any]:
        one = {"type": ["string", "number"], "description": self.what}
        many = {"anyOf": [one, {"type": "array", "items": one}]}
        table = {"type": "object", "properties": {"of": many, "excluding": many},
                 "additionalProperties": False}
        name = type(self).__name__
        defs[name] = {"anyOf": [one, {"type": "array", "items": one}, table]}
        return {"$ref": f"#/$defs/{name}"}


def code(text: str) -> str:
    """A tariff code as digits; ``all`` is the empty one."""
    return "" if text.strip().lower() in ("all", "*") else normal_code(text)


class Goods(_Sets):
    """Sets of goods."""

    what = "a tariff code or all"

    def _token(self, text: str) -> str:
        return code(text) or "all"

    def _build(self, inside: list[str], outside: list[str]) -> ProductSet:
        signs = [*((c, True) for c in inside), *((c, False) for c in outside)]
        return ProductSet([("" if c == "all" else c, sign) for c, sign in signs])

    def _parts(self, value: ProductSet) -> tuple[list[str], list[str]]:
        said = [(dotted(c) if c else "all", sign) for c, sign in value.entries]
        return [c for c, sign in said if sign], [c for c, sign in said if not sign]


class Countries(_Sets):
    """Sets of countries."""

    what = "a country (ISO code or group) or all"

    def _token(self, text: str) -> str:
        as_countries(text)
        return text

    def _build(self, inside: list[str], outside: list[str]) -> CountrySet:
        return CountrySet(inside, outside)

    def _parts(self, value: CountrySet) -> tuple[list[str], list[str]]:
        return (["all" if c == "ALL" else c for c in value.include],
                ["all" if c == "ALL" else c for c in value.exclude])
