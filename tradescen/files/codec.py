"""Our values as plain JSON and back, exactly.

Sets of goods and tables by product are long and shared by many acts, so each is kept once
and named. ``decode(encode(x)) == x`` for every value of the law and of the timeline.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from attrs import NOTHING, fields

from tradescen.errors import InvalidValue
from tradescen.law.assumptions import Assumptions
from tradescen.law.measure import Measure, Scope
from tradescen.law.schedule import TariffSchedule
from tradescen.law.stacking import Floor, StackGroup, StackPlan, Yield
from tradescen.law.weights import Weights
from tradescen.timeline.acts import (
    Amend,
    Impose,
    Milestone,
    Only,
    Reschedule,
    Select,
    Suspend,
    Terminate,
)
from tradescen.timeline.escalation import Escalation, EscalationStep
from tradescen.timeline.fork import Branch, Fork
from tradescen.timeline.rules import Retaliation, Trigger
from tradescen.timeline.truce import Pause, Truce
from tradescen.timeline.verbs import Collapse, Enact, Extend, Shift, Withdraw, Without
from tradescen.vocab.countries import CountrySet
from tradescen.vocab.duty import AdValorem, Compound, Points, Specific, Times, Unknown, exact
from tradescen.vocab.hs import HS, ByProduct, ProductSet, settled_goods, settled_table
from tradescen.vocab.source import Source

__all__ = ["Decoder", "Encoder", "fingerprint"]

_KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        Amend, Assumptions, Branch, Collapse, Compound, Enact, Escalation, EscalationStep,
        Extend, Floor, Fork, HS, Impose, Measure, Milestone, Only, Pause, Points, Reschedule,
        Retaliation, Scope, Select, Shift, Source, Specific, StackGroup, StackPlan, Suspend,
        TariffSchedule, Terminate, Times, Trigger, Truce, Unknown, Withdraw, Without, Yield,
    )
}
_TAG = "~"
_SHORT = 6  # sets of goods up to this many prefixes are written where they stand


def _set_text(products: ProductSet) -> str:
    return " ".join(("" if sign else "-") + (code or "*") for code, sign in products.entries)


def _set_value(text: str) -> ProductSet:
    words = (word.partition("-") for word in text.split())
    return settled_goods(
        [("" if a == "*" else a, True) if not dash else (code, False) for a, dash, code in words]
    )


def _default(attribute: Any, value: Any) -> bool:
    default = attribute.default
    if default is NOTHING:
        return False
    if hasattr(default, "factory"):
        if default.takes_self:
            return False
        default = default.factory()
    return bool(default == value) and type(default) is type(value)


class Encoder:
    """Turns values into JSON data; ``sets`` and ``tables`` collect what is shared."""

    def __init__(self) -> None:
        self.sets: dict[str, str] = {}
        self.tables: dict[str, Any] = {}
        self._known: dict[Any, str] = {}

    def encode(self, value: Any) -> Any:
        """JSON data for *value*.

        Raises:
            InvalidValue: for a value that is none of ours.
        """
        if value is None or isinstance(value, (bool, int, float, str)):
            return value
        if isinstance(value, dt.date):
            return {_TAG: "day", "on": value.isoformat()}
        if isinstance(value, tuple):
            return [self.encode(v) for v in value]
        if isinstance(value, ProductSet):
            return self._products(value)
        if isinstance(value, ByProduct):
            return self._table(value)
        if isinstance(value, AdValorem):
            more = {"on": value.on, "text": value.text}
            return {_TAG: "rate", "of": value.rate, **{k: v for k, v in more.items() if v}}
        if isinstance(value, CountrySet):
            return {_TAG: "countries", "in": list(value.include), "out": list(value.exclude)}
        if isinstance(value, Weights):
            return self._weights(value)
        kind = type(value).__name__
        if _KINDS.get(kind) is not type(value):
            raise InvalidValue(f"{value!r} has no form as text", value=value)
        out: dict[str, Any] = {_TAG: kind}
        for attribute in fields(type(value)):
            got = getattr(value, attribute.name)
            if attribute.init and not _default(attribute, got):
                out[attribute.name] = self.encode(got)
        return out

    def _weights(self, value: Weights) -> dict[str, Any]:
        trade = [
            {"importer": i, "exporter": e, "codes": " ".join(c for c, _ in lines),
             "values": [v for _, v in lines]}
            for (i, e), lines in value.values
        ]
        rest = {a.name: self.encode(getattr(value, a.name)) for a in fields(Weights)
                if a.name != "values"}
        return {_TAG: "weights", "trade": trade, **rest}

    def _products(self, value: ProductSet) -> dict[str, str]:
        text = _set_text(value)
        if len(value.entries) <= _SHORT:
            return {_TAG: "goods", "of": text}
        name = self._known.setdefault(value, f"s{len(self.sets) + 1}")
        self.sets[name] = text
        return {_TAG: "goods", "set": name}

    def _table(self, value: ByProduct[Any]) -> dict[str, str]:
        if value not in self._known:
            grouped: dict[Any, list[str]] = {}
            for code, one in value.values:
                grouped.setdefault(one, []).append(code or "*")
            name = f"t{len(self.tables) + 1}"
            self._known[value] = name
            self.tables[name] = {
                "values": [[self.encode(v), " ".join(codes)] for v, codes in grouped.items()],
                "default": self.encode(value.default),
            }
        return {_TAG: "by product", "table": self._known[value]}


class Decoder:
    """Turns JSON data of an :class:`Encoder` back into values."""

    def __init__(self, sets: dict[str, str], tables: dict[str, Any]) -> None:
        self._sets = sets
        self._tables = tables
        self._done: dict[str, Any] = {}
        self._special: dict[str, Callable[[dict[str, Any]], Any]] = {
            "day": lambda d: dt.date.fromisoformat(d["on"]),
            "goods": self._goods,
            "by product": self._by_product,
            "countries": lambda d: CountrySet(tuple(d["in"]), tuple(d["out"])),
            "weights": self._weights,
            "rate": lambda d: AdValorem(
                exact(d["of"]), on=d.get("on", ""), text=d.get("text", "")
            ),
        }

    def decode(self, data: Any) -> Any:
        """The value *data* stands for."""
        if isinstance(data, list):
            return tuple(self.decode(d) for d in data)
        if not isinstance(data, dict):
            return data
        kind = data[_TAG]
        special = self._special.get(kind)
        if special is not None:
            return special(data)
        return _KINDS[kind](**{n: self.decode(d) for n, d in data.items() if n != _TAG})

    def _weights(self, data: dict[str, Any]) -> Weights:
        rest = {n: self.decode(d) for n, d in data.items() if n not in (_TAG, "trade")}
        return Weights(values={
            (t["importer"], t["exporter"]): zip(t["codes"].split(), t["values"], strict=True)
            for t in data["trade"]
        }, **rest)

    def _goods(self, data: dict[str, Any]) -> ProductSet:
        if "of" in data:
            return _set_value(data["of"])
        name = data["set"]
        if name not in self._done:
            self._done[name] = _set_value(self._sets[name])
        found: ProductSet = self._done[name]
        return found

    def _by_product(self, data: dict[str, Any]) -> ByProduct[Any]:
        name = data["table"]
        if name not in self._done:
            table = self._tables[name]
            pairs = []
            for encoded, codes in table["values"]:
                value = self.decode(encoded)
                pairs += [("" if c == "*" else c, value) for c in codes.split()]
            self._done[name] = settled_table(pairs, self.decode(table["default"]))
        found: ByProduct[Any] = self._done[name]
        return found


@lru_cache(maxsize=4096)  # scenarios share most of their acts
def fingerprint(value: Any) -> str:
    """A digest of one value (hex); equal values have equal digests."""
    encoder = Encoder()
    body = encoder.encode(value)
    text = json.dumps([body, encoder.sets, encoder.tables], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
