"""Trade values by which rates are averaged, with all that makes them comparable."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen, validators

from tradescen.errors import InvalidValue, MissingData, UnknownName, one_of
from tradescen.law.nomenclature import base_edition, digits_of, edition, section
from tradescen.looks import Shown
from tradescen.vocab.countries import country, is_group, members
from tradescen.vocab.hs import normal_code
from tradescen.vocab.source import Source, as_source

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Weights"]

Pair = tuple[str, str]  # importer, exporter
Values = tuple[tuple[str, float], ...]


def _values(value: Any) -> tuple[tuple[Pair, Values], ...]:
    out: dict[Pair, dict[str, float]] = {}
    pairs = value.items() if isinstance(value, Mapping) else value
    for pair, given in pairs:
        if not (isinstance(pair, tuple) and len(pair) == 2 and not isinstance(given, (int, float))):
            raise InvalidValue(
                f"values are kept by direction, and {pair!r} is none; write "
                "{('USA', 'CHN'): {'8517.13': 1.5e9}} (importer, exporter: code: value)",
                value=pair,
            )
        importer, exporter = pair
        lines = given.items() if isinstance(given, Mapping) else given
        # "US" and "USA" spell one direction, so what stands under both is summed.
        found = out.setdefault((country(importer), country(exporter)), {})
        for code, amount in lines:
            digits = normal_code(code)
            if isinstance(amount, (str, bool)) or amount is None or not 0 <= amount < math.inf:
                raise InvalidValue(
                    f"the weight of {code} is {amount!r}; trade values are 0 or more", value=amount
                )
            found[digits] = found.get(digits, 0.0) + float(amount)
    return tuple(sorted((pair, tuple(sorted(lines.items()))) for pair, lines in out.items()))


def _editions(value: Any) -> tuple[tuple[str, str], ...]:
    if isinstance(value, str):
        raise InvalidValue(
            f"nomenclature={value!r} does not say whose codes are of this edition; write "
            f"{{'USA': {value!r}}}",
            value=value,
        )
    pairs = value.items() if isinstance(value, Mapping) else value
    return tuple(sorted((country(i), edition(e)) for i, e in pairs))


def _apart(pairs: Iterable[Pair], day: dt.date) -> tuple[Pair, ...]:
    """The directions that lie in no other one, by the members of groups on a day."""

    def who(pair: Pair) -> tuple[frozenset[str], ...]:
        return tuple(frozenset(members(c, day)) if is_group(c) else frozenset((c,)) for c in pair)

    sides = {p: who(p) for p in pairs}
    wide = [s for p, s in sides.items() if any(map(is_group, p))]
    return tuple(
        p for p, own in sides.items()
        if not any(own != w and own[0] <= w[0] and own[1] <= w[1] for w in wide)
    )


def _section(code: str) -> str:
    try:
        return section(code).number
    except UnknownName:
        return f"chapter {code[:2]}"


@frozen(kw_only=True, repr=False)
class Weights(Shown):
    """Trade values by importer, country of origin and tariff line.

    Args:
        name: How the set is named in tables.
        values: ``{(importer, exporter): {code: value}}``; values 0 or more.
        year: The year of the trade.
        flow: ``"imports"`` as the importer reports them, or ``"exports"`` of the partner.
        valuation: ``"customs"``, ``"c.i.f."`` or ``"f.o.b."``.
        currency: ISO code of the money.
        nomenclature: Importer → edition of the codes (``"HTS 2025"``, ``"HS 2022"``).
        source: Where they were read.
    """

    name: str
    values: tuple[tuple[Pair, Values], ...] = field(converter=_values)
    year: int = field(validator=validators.instance_of(int))
    flow: str = field(default="imports", validator=one_of("imports", "exports"))
    valuation: str = "customs"
    currency: str = "USD"
    nomenclature: tuple[tuple[str, str], ...] = field(default=(), converter=_editions)
    source: Source | None = field(default=None, converter=as_source)

    @property
    def pairs(self) -> tuple[Pair, ...]:
        return tuple(pair for pair, _ in self.values)

    @property
    def apart(self) -> tuple[Pair, ...]:
        """The directions whose trade no other direction holds: without a member of a group that
        the set holds too (Slovakia beside the European Union), as at the end of the year."""
        return _apart(self.pairs, dt.date(self.year, 12, 31))

    def lines(self, *, importer: str, exporter: str) -> Values:
        """``(code, value)`` of one direction, sorted by code.

        Raises:
            MissingData: if the set holds none.
        """
        for pair, lines in self.values:
            if pair == (importer, exporter):
                return lines
        held = ", ".join(f"{i} from {e}" for i, e in self.pairs)
        raise MissingData(
            f"the weights {self.name!r} hold no trade of {importer} from {exporter} (they hold: "
            f"{held}); give weights= that do, or ask for average='simple'",
            importer=importer,
            exporter=exporter,
        )

    def total(self, *, importer: str | None = None, exporter: str | None = None) -> float:
        """The value of all trade, or of that of one importer, one exporter, one direction.

        No trade counts twice: of a group and a member the set holds beside it, the group.

        Raises:
            MissingData: if an importer or exporter is named of which the set holds nothing.
        """
        asked = (importer and country(importer), exporter and country(exporter))
        meant = _apart((p for p in self.pairs if asked[0] in (None, p[0])
                        and asked[1] in (None, p[1])), dt.date(self.year, 12, 31))
        found = [amount for pair, lines in self.values if pair in meant for _, amount in lines]
        if not found and any(asked):
            self.lines(importer=asked[0] or "any", exporter=asked[1] or "any")
        return math.fsum(found)

    def aggregate(self, by: str) -> dict[Pair, dict[str, float]]:
        """Values of each direction by ``"HS2"`` … ``"HS10"`` or ``"section"``.

        A code shorter than the level keeps its own place, so that the total stays. Goods of
        chapters outside the sections stand under ``"chapter 98"``, ``"chapter 99"``.

        Raises:
            InvalidValue: for another key.
        """
        if by == "section":
            key = _section
        else:
            digits = digits_of(by)

            def key(code: str) -> str:
                return code[:digits]

        out: dict[Pair, dict[str, float]] = {}
        for pair, lines in self.values:
            parts: dict[str, list[float]] = {}
            for code, amount in lines:
                parts.setdefault(key(code), []).append(amount)
            out[pair] = {k: math.fsum(v) for k, v in parts.items()}
        return out

    def at(self, level: str) -> Weights:
        """The same trade by shorter codes: ``"HS2"`` … ``"HS10"``.

        At six digits and fewer the codes are those of the edition of the Harmonized System
        the national schedule is built on.
        """
        editions = self.nomenclature
        if digits_of(level) <= 6:
            editions = tuple((i, base_edition(e) or e) for i, e in editions)
        return evolve(self, values=self.aggregate(level), nomenclature=editions)

    def __add__(self, other: Weights) -> Weights:
        """Both sets as one: directions side by side, values of a direction summed.

        Raises:
            InvalidValue: if they differ in year, flow, valuation, currency or edition, so that
                their sum would have no meaning.
        """
        if not isinstance(other, Weights):
            return NotImplemented
        mine, its = dict(self.nomenclature), dict(other.nomenclature)
        faults = [
            f"{what}: {a!r} and {b!r}"
            for what in ("year", "flow", "valuation", "currency")
            if (a := getattr(self, what)) != (b := getattr(other, what))
        ]
        faults += [f"codes of {i}: {mine[i]!r} and {its[i]!r}"
                   for i in sorted(mine.keys() & its.keys()) if mine[i] != its[i]]
        if faults:
            raise InvalidValue(
                f"the weights {self.name!r} and {other.name!r} cannot be summed, since they "
                f"differ in {'; '.join(faults)}. Bring them to one definition, or pass both to "
                "weights= side by side",
                faults=tuple(faults),
            )
        values: dict[Pair, dict[str, float]] = {p: dict(lines) for p, lines in self.values}
        for pair, lines in other.values:
            into = values.setdefault(pair, {})
            for code, amount in lines:
                into[code] = into.get(code, 0.0) + amount
        return evolve(
            self, values=values, nomenclature={**mine, **its},
            name=" and ".join(dict.fromkeys((self.name, other.name))),
            source=_joined((self.source, other.source)),
        )

    def to_frame(self) -> pd.DataFrame:
        """One row a direction and code: ``importer, exporter, product, value``.

        What the values are (year, flow, valuation, currency, editions, source) is in
        ``attrs``.
        """
        import pandas as pd

        frame = pd.DataFrame({
            "importer": [i for (i, _), lines in self.values for _ in lines],
            "exporter": [e for (_, e), lines in self.values for _ in lines],
            "product": [c for _, lines in self.values for c, _ in lines],
            "value": [v for _, lines in self.values for _, v in lines],
        })
        for name in ("importer", "exporter", "product"):
            frame[name] = frame[name].astype(str)
        frame["value"] = frame["value"].astype(float)
        frame.attrs = {
            "quantity": "trade value", "unit": self.currency, "weights": self.name,
            "year": self.year, "flow": self.flow, "valuation": self.valuation,
            "currency": self.currency, "nomenclature": dict(self.nomenclature),
            "source": self.source.citation if self.source else None,
        }
        return frame

    def __repr__(self) -> str:
        held = [f"{i} from {e} {math.fsum(v for _, v in lines) / 1e9:,.2f}"
                for (i, e), lines in self.values[:4]]
        more = f" and {len(self.values) - 4} more" if len(self.values) > 4 else ""
        return (f"<Weights {self.name}: {self.year} {self.flow}, {self.valuation} value in bn "
                f"{self.currency}: {', '.join(held)}{more}>")


def _joined(sources: Iterable[Source | None]) -> Source | None:
    held = list(dict.fromkeys(s for s in sources if s is not None))
    if len(held) <= 1:
        return held[0] if held else None
    order = ("low", "medium", "high")
    return Source(
        citation="; ".join(s.citation for s in held),
        note="; ".join(s.note for s in held if s.note),
        confidence=min((s.confidence for s in held), key=order.index),
    )
