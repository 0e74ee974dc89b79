"""Trade values by which rates are averaged, with all that makes them comparable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen, validators

from tradescen.errors import InvalidValue, MissingData
from tradescen.vocab.countries import country
from tradescen.vocab.hs import normal_code
from tradescen.vocab.source import Source, as_source

__all__ = ["Weights"]

Pair = tuple[str, str]  # importer, exporter
Values = tuple[tuple[str, float], ...]


def _values(value: Any) -> tuple[tuple[Pair, Values], ...]:
    out: list[tuple[Pair, Values]] = []
    pairs = value.items() if isinstance(value, Mapping) else value
    for (importer, exporter), given in pairs:
        lines = given.items() if isinstance(given, Mapping) else given
        found: dict[str, float] = {}
        for code, amount in lines:
            digits = normal_code(code)
            if not amount >= 0:
                raise InvalidValue(
                    f"the weight of {code} is {amount!r}; trade values are 0 or more", value=amount
                )
            found[digits] = found.get(digits, 0.0) + float(amount)
        out.append(((country(importer), country(exporter)), tuple(sorted(found.items()))))
    return tuple(sorted(out))


def _editions(value: Any) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(dict(value).items()))


@frozen(kw_only=True, repr=False)
class Weights:
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
    flow: str = field(default="imports", validator=validators.in_(("imports", "exports")))
    valuation: str = "customs"
    currency: str = "USD"
    nomenclature: tuple[tuple[str, str], ...] = field(default=(), converter=_editions)
    source: Source | None = field(default=None, converter=as_source)

    @property
    def pairs(self) -> tuple[Pair, ...]:
        return tuple(pair for pair, _ in self.values)

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

    def __repr__(self) -> str:
        return f"<Weights {self.name}: {self.year} {self.flow}, {len(self.values)} directions>"
