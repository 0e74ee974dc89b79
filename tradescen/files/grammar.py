"""The grammar of scenario files, as data: which verbs there are and how classes are spelt.

Forms follow from the annotations of the attrs classes, so a new kind of change needs one line
in :data:`tradescen.timeline.course.CHANGES` and none here.
"""

from __future__ import annotations

import datetime as dt
import re
import types
from collections.abc import Iterable
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from attrs import NOTHING, define, fields, has

from tradescen.errors import UnknownName
from tradescen.files.duty_forms import ByCode, Duties, Share
from tradescen.files.forms import (
    ERRORS,
    Bool,
    Countries,
    Day,
    Defs,
    Form,
    Goods,
    Integer,
    Number,
    Optional,
    Reading,
    Words,
    met,
    wrong_kind,
)
from tradescen.files.nodes import BAD, Items, Node, Table, Text, within
from tradescen.files.shapes import Directions, Factor, Listed, NameOr, Pairs, Target, When
from tradescen.law.measure import Measure
from tradescen.timeline.acts import ACTS, Impose, Milestone, Select
from tradescen.timeline.course import CHANGES
from tradescen.timeline.escalation import EscalationStep
from tradescen.timeline.fork import Branch
from tradescen.timeline.rules import Trigger
from tradescen.timeline.truce import Pause
from tradescen.timeline.verbs import VERBS as MOVES
from tradescen.vocab.countries import CountrySet
from tradescen.vocab.duty import AdValorem, Points, Times, Unknown
from tradescen.vocab.hs import ByProduct, ProductSet

__all__ = ["VERBS", "Class", "changes", "form_of"]

# -- what is not plain from the classes --------------------------------------------------

_SPELT = {EscalationStep: "step"}  # verbs not spelt as their class
# Fields whose own keys may stand in the place of the field: impose: {id, importer, duty, …}
_INLINE: dict[type[Any], str] = {Impose: "measure", Measure: "scope", Pause: "select"}
# The field a bare text or list stands for: enact: us-threat-100, without: [a, b]
_SHORT = ("id", "name", "citation", "ids", "to", "over", "groups", "changes")
_SHORTS = {Pause: "select"}
# Lists of these are mappings by the first field; what is no mapping is the second
_KEYED: dict[Any, tuple[str, str]] = {
    Branch: ("name", "changes"), Pause: ("select", "residual"),
}
_LAST = ("announced", "enacted", "effective", "threat", "source", "cause")


def _verb(kind: type[Any]) -> str:
    return _SPELT.get(kind, kind.__name__.lower())


VERBS: dict[str, type[Any]] = {_verb(kind): kind for kind in (*CHANGES, *MOVES)}


def _implied(value: Any) -> set[str]:
    """Fields that need not be written, since they follow from others."""
    if isinstance(value, ACTS) and value.announced == value.enacted:
        return {"announced"}
    if isinstance(value, Milestone) and value.announced == value.date:
        return {"announced"}
    return set()


# -- forms by type -----------------------------------------------------------------------

_SIMPLE: dict[Any, Form] = {
    str: Words(), int: Integer(), bool: Bool(), float: Number(), dt.date: Day(),
    ProductSet: Goods(), CountrySet: Countries(), Points: Duties(relative=True),
    Times: Factor(),
}


def form_of(hint: Any) -> Form:
    """The form of values with the annotation *hint*."""
    return _form_of(hint)


@cache
def _form_of(hint: Any) -> Form:
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    if isinstance(hint, type) and has(hint):
        return Class(hint)
    args = get_args(hint)
    if get_origin(hint) is tuple and args[-1] is Ellipsis:
        return _listed(args[0])
    if get_origin(hint) is ByProduct:
        return ByCode(form_of(args[0]))
    if get_origin(hint) in (Union, types.UnionType):
        rest = tuple(a for a in args if a is not type(None))
        form = form_of(rest[0]) if len(rest) == 1 else _either(rest)
        return form if len(rest) == len(args) else Optional(form)
    raise TypeError(f"no form for {hint!r}")


def _listed(item: Any) -> Form:
    if item is Any:
        return changes()
    if get_origin(item) is tuple:
        key, value = get_args(item)
        if get_origin(key) is tuple:
            return Directions(form_of(value))
        return Pairs(form_of(key), form_of(value), by_target=key is not str)
    form = form_of(item)
    own = form.keys if item is Pause and isinstance(form, Class) else ()
    return Listed(form, *_KEYED.get(item, ("", "")), own=own)


def _either(kinds: tuple[Any, ...]) -> Form:
    by_code = any(get_origin(k) is ByProduct for k in kinds)
    if AdValorem in kinds:
        return Duties(relative=Points in kinds, by_code=by_code)
    if Unknown in kinds:
        return Share()
    if set(kinds) == {str, Select}:
        return Target(Class(Select))
    if str in kinds:
        return NameOr(Class(next(k for k in kinds if k is not str)))
    return Tagged(tuple((_verb(k), k) for k in kinds))


@define(frozen=True)
class Tagged:
    """``verb: id`` or ``verb: {id: …, …}``."""

    kinds: tuple[tuple[str, type[Any]], ...]

    def read(self, node: Node, path: str, to: Reading) -> Any:
        known = dict(self.kinds)
        if not isinstance(node, Table) or not node.pairs:
            return wrong_kind(node, path, to, f"`verb: id` or `verb: {{…}}` ({', '.join(known)})")
        key, body = node.pairs[0]
        if key.value not in known:
            said = str(UnknownName.among("verb", key.value, known))
            return to.faults.add(key, within(path, key.value), said)
        if len(node.pairs) > 1:
            extra = node.pairs[1][0]
            also = (f"; {extra.value!r} is a change of its own: begin it with a dash"
                    if extra.value in known else
                    f"; indent {extra.value!r} to put it under {key.value!r}")
            to.faults.add(extra, within(path, extra.value), "one change has one verb" + also)
        value = form_of(known[key.value]).read(body, within(path, key.value), to)
        if len(node.pairs) > 1:
            return BAD
        if value is not BAD:
            to.places[id(value)] = (value, key, within(path, key.value))
        return value

    def write(self, value: Any) -> Any:
        return {_verb(type(value)): form_of(type(value)).write(value)}

    def schema(self, defs: Defs) -> dict[str, Any]:
        name = "Change" if len(self.kinds) == len(VERBS) else "Or".join(
            kind.__name__ for _, kind in self.kinds)
        if name not in defs:
            defs[name] = {}
            defs[name] = {
                "type": "object", "minProperties": 1, "maxProperties": 1,
                "additionalProperties": False,
                "properties": {verb: form_of(kind).schema(defs) for verb, kind in self.kinds},
            }
        return {"$ref": f"#/$defs/{name}"}


@cache
def changes() -> Listed:
    """The form of a list of changes."""
    return Listed(Tagged(tuple(VERBS.items())))


# -- classes ------------------------------------------------------------------------------


@define(frozen=True)
class Class:
    """An attrs class as a mapping of its fields."""

    kind: Any

    @property
    def forms(self) -> dict[str, Form]:
        """The forms of its fields, by name."""
        return _forms(self.kind)

    @property
    def inline(self) -> Class | None:
        """The class whose keys may stand among its own."""
        form = self.forms.get(_INLINE.get(self.kind, ""))
        inner = form.select if isinstance(form, Target) else form
        return inner if isinstance(inner, Class) else None

    @property
    def keys(self) -> tuple[str, ...]:
        """All keys it may have."""
        inner = self.inline.keys if self.inline else ()
        return tuple(dict.fromkeys((*self.forms, *inner)))

    @property
    def short(self) -> str:
        """The field a bare text or list stands for, if any."""
        return _SHORTS.get(self.kind) or next((n for n in _SHORT if n in self.forms), "")

    def read(self, node: Node, path: str, to: Reading, told: Iterable[str] = ()) -> Any:
        if not isinstance(node, Table):
            table = self._spelt_out(node, path, to)
            if not isinstance(table, Table):
                return BAD
            node = table
        got = self.read_fields(node, path, to, told)
        if any(v is BAD for v in got.values()):
            return BAD
        try:
            return self.kind(**got)
        except ERRORS as error:
            return to.faults.add(node, path, met(error))

    def _spelt_out(self, node: Node, path: str, to: Reading) -> Any:
        """A bare text or list as the mapping it stands for."""
        name = self.short
        fits = isinstance(self.forms.get(name), (Listed, Target))
        if not name or (isinstance(node, Text) and node.is_null) or (
            isinstance(node, Items) and not fits
        ):
            return wrong_kind(node, path, to, f"a mapping with {_few(self.keys)}")
        return Table([(Text(name, node.line, node.col), node)], node.line, node.col)

    @property
    def required(self) -> tuple[str, ...]:
        """The keys it cannot do without, those of an inlined class among them."""
        inner = self.inline
        if inner is None:
            return _required(self.kind)
        own = tuple(n for n in _required(self.kind) if n != _INLINE[self.kind])
        return tuple(dict.fromkeys((*inner.required, *own)))

    def read_fields(self, node: Table, path: str, to: Reading,
                    told: Iterable[str] = ()) -> dict[str, Any]:
        """Field → value, or BAD after a fault; only what is given.

        Of keys in *told* it is known already that they are missing.
        """
        got: dict[str, Any] = {}
        given = {key.value for key, _ in node.pairs}
        name = _INLINE.get(self.kind, "")
        known = tuple(self.forms) if name in given else self.keys
        inner = None if name in given else self.inline
        if inner is not None and isinstance(self.forms[name], Target) and not (
            given & set(inner.keys)
        ):
            inner = None
        missing = set(_required(self.kind) if inner is None else self.required) - given
        told = set(told)
        for key, one in node.pairs:
            here = within(path, key.value)
            if key.value not in known:
                error = UnknownName.among("key", key.value, known)
                got["?"] = to.faults.add(key, here, str(error))
                told |= set(error.values["near"])
            elif key.value in self.forms:
                got[key.value] = self._field(key.value, one, here, to)
        if missing - told:
            said = [n for n in known if n in missing - told]
            got["?"] = to.faults.add(
                node, path, f"{', '.join(said)} {'is' if len(said) == 1 else 'are'} missing"
                + (" (enacted: a day, or null for a threat)" if "enacted" in said else ""))
        if missing:
            got["?"] = BAD
        if inner is not None:
            pairs = [p for p in node.pairs if p[0].value in inner.keys]
            table = Table(pairs, node.line, node.col)
            got[name] = inner.read(table, path, to, told | missing)
        return got

    def _field(self, name: str, node: Node, path: str, to: Reading) -> Any:
        value = self.forms[name].read(node, path, to)
        attribute = getattr(fields(self.kind), name)
        if value is BAD:
            return BAD
        try:
            got = value if attribute.converter is None else attribute.converter(value)
            if attribute.validator is not None:
                attribute.validator(None, attribute, got)
        except ERRORS as error:
            return to.faults.add(node, path, met(error))
        return value

    def write(self, value: Any) -> Any:
        out: dict[str, Any] = {}
        left_out = _implied(value)
        for attribute in fields(self.kind):
            name = attribute.name
            if name not in self.forms or name in left_out:
                continue
            got = getattr(value, name)
            if _is_default(attribute, got, value):
                continue
            if name == _INLINE.get(self.kind) and self._flat(value, got):
                assert self.inline is not None
                out |= self.inline.write(got)
            else:
                out[name] = self.forms[name].write(got)
        if self.kind is Impose and isinstance(out.get("measure"), dict) and (
            value.id == value.measure.id
        ):
            del out["id"]
        if set(out) == {self.short} and isinstance(out[self.short], (str, list)):
            return out[self.short]
        ranked = sorted(out, key=lambda k: (_LAST.index(k) + 1 if k in _LAST else 0, k != "id"))
        return {k: out[k] for k in ranked}

    def _flat(self, value: Any, inner: Any) -> bool:
        """Whether the keys of *inner* may stand among its own: what both have is the same."""
        assert self.inline is not None
        if not isinstance(inner, self.inline.kind):
            return False
        if isinstance(inner, Select):
            return isinstance(self.inline.write(inner), dict)
        return all(getattr(value, n) == getattr(inner, n)
                   for n in self.forms if n in self.inline.forms)

    def schema(self, defs: Defs) -> dict[str, Any]:
        name = self.kind.__name__
        if name not in defs:
            defs[name] = {}
            defs[name] = self._schema(defs)
        return {"$ref": f"#/$defs/{name}"}

    def _schema(self, defs: Defs) -> dict[str, Any]:
        said = described(self.kind)
        table: dict[str, Any] = {
            "type": "object", "description": said[""],
            "properties": self._properties(defs), "additionalProperties": False,
        }
        required = [n for n in _required(self.kind)
                    if n not in (*_INLINE.values(), *_KEYED.get(self.kind, ()))]
        if required:
            table["required"] = required
        short = self.forms.get(self.short)
        return table if short is None else {"anyOf": [table, short.schema(defs)]}

    def _properties(self, defs: Defs) -> dict[str, Any]:
        out = {} if self.inline is None else self.inline._properties(defs)
        said = described(self.kind)
        for name, form in self.forms.items():
            known = getattr(getattr(fields(self.kind), name).validator, "known", None)
            body = {"enum": list(known)} if known else form.schema(defs)
            out[name] = {**body, "description": said[name]} if name in said else body
        return out


def described(kind: type[Any]) -> dict[str, str]:
    """What the docstring of a class says of it (under ``""``) and of its fields."""
    text = " ".join(line.strip() or "\n" for line in (kind.__doc__ or "").splitlines())
    out = {"": text.split("\n")[0].strip().replace("`", "")}
    part = re.search(r"Args: (.*?)(?:\n|$)", text)
    names = [f.name for f in fields(kind)]
    if part:
        pieces = re.split(rf"(?:^|(?<= ))((?:(?:{'|'.join(names)})(?:, )?)+): ", part.group(1))
        for said, what in zip(pieces[1::2], pieces[2::2], strict=True):
            out |= {n: what.strip().replace("`", "") for n in said.split(", ") if n in names}
    return out


def _few(names: tuple[str, ...]) -> str:
    return ", ".join(names[:8]) + (" …" if len(names) > 8 else "")


@cache
def _required(kind: Any) -> tuple[str, ...]:
    return tuple(a.name for a in fields(kind) if a.init and a.default is NOTHING)


@cache
def _forms(kind: Any) -> dict[str, Form]:
    hints = get_type_hints(kind)
    out: dict[str, Form] = {}
    for attribute in fields(kind):
        if not attribute.init:
            continue
        form = When() if (kind, attribute.name) == (Trigger, "when") else form_of(
            hints[attribute.name])
        inner = form.form if isinstance(form, Optional) else form
        if inner == Number() and attribute.converter is not None:  # fractions are checked there
            rate = Number(rate=True)
            form = Optional(rate) if isinstance(form, Optional) else rate
        out[attribute.name] = form
    return out


def _is_default(attribute: Any, got: Any, owner: Any) -> bool:
    default = attribute.default
    if default is NOTHING:
        return False
    if hasattr(default, "factory"):
        default = default.factory(owner) if default.takes_self else default.factory()
    return bool(default == got) and type(default) is type(got)
