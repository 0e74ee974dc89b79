"""Shapes made of other forms: lists, mappings, ids or the thing itself."""

from __future__ import annotations

from typing import Any

from attrs import define

from tradescen.files.duty_forms import Duties
from tradescen.files.forms import (
    Defs,
    Form,
    Number,
    Optional,
    Reading,
    Words,
    number,
    wrong_kind,
)
from tradescen.files.nodes import BAD, Items, Node, Table, Text, beside, within

__all__ = ["Directions", "Factor", "Listed", "NameOr", "Pairs", "Target", "When"]


@define(frozen=True)
class Listed:
    """A list; one alone needs no brackets. Keyed: a mapping by a field of its items."""

    form: Form
    keyed: str = ""
    inside: str = ""  # the field that stands for an item of a mapping
    own: tuple[str, ...] = ()  # keys by which a mapping is one item, not many

    def read(self, node: Node, path: str, to: Reading) -> Any:
        if isinstance(node, Items):
            got = [self.form.read(n, beside(path, i), to) for i, n in enumerate(node.values)]
        elif self.keyed and isinstance(node, Table) and not any(
            key.value in self.own for key, _ in node.pairs
        ):
            got = []
            for key, one in node.pairs:
                pairs: list[tuple[Text, Node]] = [(Text(self.keyed, key.line, key.col), key)]
                if isinstance(one, Table):
                    pairs += one.pairs
                elif not (isinstance(one, Text) and one.is_null):
                    pairs.append((Text(self.inside, one.line, one.col), one))
                table = Table(pairs, one.line, one.col)
                got.append(self.form.read(table, within(path, key.value), to))
        elif isinstance(node, Text) and node.is_null:
            return wrong_kind(node, path, to, "a list (empty: [])")
        else:
            got = [self.form.read(node, path, to)]
        return BAD if any(g is BAD for g in got) else tuple(got)

    def write(self, value: Any) -> Any:
        said = [self.form.write(v) for v in value]
        names = [getattr(v, self.keyed) for v in value] if self.keyed else []
        if names and all(isinstance(n, str) and n not in self.own for n in names) and (
            len(set(names)) == len(names)
        ):
            out = {}
            for name, body in zip(names, said, strict=True):
                rest = {} if isinstance(body, str) else body
                rest = {k: v for k, v in rest.items() if k != self.keyed}
                alone = set(rest) == {self.inside} and not isinstance(rest[self.inside], dict)
                out[name] = rest[self.inside] if alone else rest or None
            return out if any(body is not None for body in out.values()) else names
        return said[0] if len(said) == 1 and isinstance(said[0], (str, int)) else said

    def schema(self, defs: Defs) -> dict[str, Any]:
        one = self.form.schema(defs)
        many: list[dict[str, Any]] = [{"type": "array", "items": one}]
        if self.keyed:
            many.append({"type": "object", "additionalProperties": True})
        return {"anyOf": [one, *many]}


@define(frozen=True)
class Pairs:
    """A mapping; where values may be left open, also a list of names; and a list of
    ``{target: …, duty: …}`` where the key is more than a name."""

    key: Form
    value: Form
    by_target: bool = False

    def read(self, node: Node, path: str, to: Reading) -> Any:
        got: list[tuple[Any, Any]] = []
        if isinstance(node, Table) and not (self.by_target and node.get("target")):
            for key, one in node.pairs:
                here = within(path, key.value)
                got.append((self.key.read(key, here, to), self.value.read(one, here, to)))
        elif isinstance(node, Text) and node.is_null:
            return wrong_kind(node, path, to, "a mapping")
        else:
            listed = node.values if isinstance(node, Items) else [node]
            for n, one in enumerate(listed):
                here = beside(path, n) if isinstance(node, Items) else path
                got.append(self._item(one, here, to))
        return BAD if any(BAD in pair for pair in got) else tuple(got)

    def _item(self, node: Node, path: str, to: Reading) -> tuple[Any, Any]:
        if self.by_target:
            target, value = (
                (node.get("target"), node.get("duty")) if isinstance(node, Table)
                else (None, None))
            if not isinstance(node, Table) or target is None or value is None or (
                len(node.pairs) > 2
            ):
                return wrong_kind(node, path, to, "{target: …, duty: …}"), BAD
            return (self.key.read(target, within(path, "target"), to),
                    self.value.read(value, within(path, "duty"), to))
        if isinstance(self.value, Optional):
            return self.key.read(node, path, to), None
        return wrong_kind(node, path, to, "a mapping"), BAD

    def write(self, value: Any) -> Any:
        named = all(isinstance(k, str) for k, _ in value) and (
            len({k for k, _ in value}) == len(value))
        if self.by_target and not named:
            return [{"target": self.key.write(k), "duty": self.value.write(v)} for k, v in value]
        if isinstance(self.value, Optional) and all(v is None for _, v in value):
            return [self.key.write(k) for k, _ in value]
        return {k: self.value.write(v) for k, v in value}

    def schema(self, defs: Defs) -> dict[str, Any]:
        value = self.value.schema(defs)
        table = {"type": "object", "additionalProperties": value}
        more: list[dict[str, Any]] = []
        if self.by_target:
            item = {"type": "object", "required": ["target", "duty"],
                    "properties": {"target": self.key.schema(defs), "duty": value},
                    "additionalProperties": False}
            more = [{"type": "array", "items": item}]
        elif isinstance(self.value, Optional):
            name = self.key.schema(defs)
            more = [name, {"type": "array", "items": name}]
        return {"anyOf": [table, *more]} if more else table


@define(frozen=True)
class Directions:
    """Values by importer, then exporter: ``{USA: {CHN: …}}``."""

    value: Form

    def read(self, node: Node, path: str, to: Reading) -> Any:
        got = Pairs(Words(), Pairs(Words(), self.value)).read(node, path, to)
        if got is BAD:
            return BAD
        return tuple(((i, e), value) for i, held in got for e, value in held)

    def write(self, value: Any) -> Any:
        out: dict[str, dict[str, Any]] = {}
        for (importer, exporter), held in value:
            out.setdefault(importer, {})[exporter] = self.value.write(held)
        return out

    def schema(self, defs: Defs) -> dict[str, Any]:
        return Pairs(Words(), Pairs(Words(), self.value)).schema(defs)


@define(frozen=True)
class Target:
    """An id, several ids, or conditions: ``{authority: Section 301, importer: USA}``."""

    select: Form

    def read(self, node: Node, path: str, to: Reading) -> Any:
        if isinstance(node, Text):
            return Words().read(node, path, to)
        return self.select.read(node, path, to)

    def write(self, value: Any) -> Any:
        if isinstance(value, str):
            return value
        said = self.select.write(value)
        return [said] if isinstance(said, str) else said

    def schema(self, defs: Defs) -> dict[str, Any]:
        return self.select.schema(defs)


@define(frozen=True)
class NameOr:
    """A name, or the thing itself."""

    form: Form

    def read(self, node: Node, path: str, to: Reading) -> Any:
        return (Words() if isinstance(node, Text) else self.form).read(node, path, to)

    def write(self, value: Any) -> Any:
        return value if isinstance(value, str) else self.form.write(value)

    def schema(self, defs: Defs) -> dict[str, Any]:
        return {"anyOf": [Words().schema(defs), self.form.schema(defs)]}


@define(frozen=True)
class Factor:
    """A factor: ``1.1`` or ``x1.1``."""

    def read(self, node: Node, path: str, to: Reading) -> Any:
        if not isinstance(node, Text) or node.is_null:
            return wrong_kind(node, path, to, "a factor such as x1.1")
        got = number(node.value)
        return node.value if got is None else got

    def write(self, value: Any) -> Any:
        return Duties(relative=True).write(value)

    def schema(self, defs: Defs) -> dict[str, Any]:
        return {"type": ["string", "number"]}


@define(frozen=True)
class When:
    """What sets a trigger off: an id, a day, or a rate past a level."""

    def read(self, node: Node, path: str, to: Reading) -> Any:
        if not isinstance(node, Table):
            return Words().read(node, path, to)
        got = {}
        for key, one in node.pairs:
            form: Form = Number(rate=True) if key.value in ("above", "below") else Words()
            got[key.value] = form.read(one, within(path, key.value), to)
        return BAD if any(v is BAD for v in got.values()) else got

    def write(self, value: Any) -> Any:
        if not isinstance(value, tuple):
            return value
        return {k: Number(rate=True).write(v) if k in ("above", "below") else v
                for k, v in value}

    def schema(self, defs: Defs) -> dict[str, Any]:
        text, level = Words().schema(defs), Number().schema(defs)
        return {"anyOf": [text, {
            "type": "object", "required": ["importer", "exporter", "product"],
            "properties": {"importer": text, "exporter": text, "product": text, "above": level,
                           "below": level}, "additionalProperties": False}]}
