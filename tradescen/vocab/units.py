"""Units of quantity as tariffs print them, and what a unit of goods is worth.

A unit is text in one normal form: a count if it is not one, a unit, and what is measured
where that is not the goods as they stand: ``"kg"``, ``"100 kg"``, ``"kg on drained weight"``.
Units of one dimension and one thing measured convert into each other; others never do.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

__all__ = ["as_unit", "contradict", "known_unit", "unit_value", "with_money", "worth"]

# unit: (dimension, size, other spellings). A dimension of its own converts into nothing.
_UNITS: dict[str, tuple[str, float, str]] = {
    "g": ("mass", 0.001, "gm|gram|grams|gramme|grammes"),
    "kg": ("mass", 1.0, "kilo|kilogram|kilograms|kilogramme|kilogrammes|kgm"),
    "t": ("mass", 1000.0, "tonne|tonnes|metric ton|metric tons|tne"),
    "carat": ("mass", 0.0002, "carats|ct"),
    "clean kg": ("clean mass", 1.0, "ckg"),
    "l": ("volume", 1.0, "liter|liters|litre|litres|ltr"),
    "hl": ("volume", 100.0, "hectoliter|hectoliters|hectolitre|hectolitres|hlt"),
    "m3": ("volume", 1000.0, "cubic meter|cubic meters|cubic metre|cubic metres|mtq"),
    "bbl": ("volume", 158.987294928, "barrel|barrels"),
    "proof l": ("proof volume", 1.0, r"pfl|pf\.? ?liters?|proof liters?|proof litres?"),
    "% vol/hl": ("strength", 1.0, "% ?vol/hl|%/hl"),
    "m": ("length", 1.0, r"meter|meters|metre|metres|lin\.? ?m|linear m|mtr"),
    "km": ("length", 1000.0, "kilometer|kilometers|kilometre|kilometres"),
    "m2": ("area", 1.0, "sq m|square meter|square meters|square metre|square metres|mtk"),
    "cm2": ("area", 0.0001, "sq cm|square centimeter|square centimeters"),
    "item": ("count", 1.0, "items|each|no|number|numbers|piece|pieces|pcs|p/st|unit|units|"
             "article|articles|head|nar"),
    "dozen": ("count", 12.0, "doz|dozens|dz"),
    "gross": ("count", 144.0, "gr|grs"),
    "thousand": ("count", 1000.0, "ths|thousands|mil"),
    "pair": ("pairs", 1.0, "pairs|pr|prs|npr"),
    "dozen pairs": ("pairs", 12.0, r"doz\.? ?prs?|dozen pair|dpr"),
    "kWh": ("energy", 1.0, "kilowatt hour|kilowatt hours"),
    "MWh": ("energy", 1000.0, "megawatt hour|megawatt hours"),
    "jewel": ("jewels", 1.0, "jewels"),
    "pack": ("packs", 1.0, "packs"),
    "pin": ("pins", 1.0, "pins"),
    "line/gross": ("lines by gross", 1.0, "line/gr"),
}
_SPELT = [(unit, one) for unit, (_, _, more) in _UNITS.items()
          for one in (re.escape(unit), *more.split("|"))]
_SPELT.sort(key=lambda pair: -len(pair[1]))
_FORMS = [(unit, re.compile(rf"(?:{form})\.?(?![A-Za-z0-9.])", re.IGNORECASE))
          for unit, form in _SPELT]
_COUNT = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(?![\d.,])\s*")
_MONEY = re.compile(r"([A-Z]{3})/(.+)", re.DOTALL)
_NET = ("net", "net weight", "net mass")  # what statistics report anyway
# A thing measured is a phrase, never a condition or a second rate.
_PHRASE = re.compile(r"(?:(?:on|of|in|over|including|net|gross)\b[^%¢$€£;()+]*)?", re.IGNORECASE)
_CONDITION = re.compile(r"\b(?:but|not|less|more|minus|except|whichever|unless|for each|if)\b",
                        re.IGNORECASE)


def is_phrase(text: str) -> bool:
    """Whether *text* may name what is measured or valued: no condition, no second rate."""
    bare = re.sub(r",? if any$", "", text)
    return bool(_PHRASE.fullmatch(text)) and not _CONDITION.search(bare)


@lru_cache(maxsize=1024)
def _split(text: str) -> tuple[int, str, str] | None:
    """(count, unit, what is measured), or ``None`` for a unit that is not known."""
    said = re.sub(r"\s*/\s*", "/", " ".join(text.split()))
    said = said.replace("²", "2").replace("³", "3")
    count = 1
    got = _COUNT.match(said)
    if got:
        count, said = int(got.group(1).replace(",", "")), said[got.end():]
        if count == 0:
            return None
        if not said:
            said = "item"
    for unit, form in _FORMS:
        found = form.match(said)
        if found:
            rest = said[found.end():].lstrip(" ,/")
            if unit == "item" and count == 1000:
                count, unit = 1, "thousand"
            return count, unit, "" if rest.lower() in _NET else rest
    return None


def as_unit(text: str) -> str:
    """The normal form of a unit: ``"doz."`` is ``dozen``, ``"1,000"`` is ``thousand``.

    A unit that is not known stays as it is; it converts into nothing.
    """
    got = _split(text)
    if got is None:
        return " ".join(text.split())
    count, unit, rest = got
    return " ".join(word for word in ("" if count == 1 else str(count), unit, rest) if word)


def known_unit(text: str) -> bool:
    """Whether *text* is a unit known here, with at most a phrase for what is measured."""
    got = _split(text)
    return got is not None and is_phrase(got[2])


def _measure(text: str) -> tuple[tuple[str, str], float]:
    """What is measured, and how much of it the unit holds."""
    got = _split(text)
    if got is None:
        return (as_unit(text), ""), 1.0
    count, unit, rest = got
    dimension, size, _ = _UNITS[unit]
    return (dimension, rest), count * size


def worth(unit: str, currency: str, unit_values: Mapping[str, float] | None) -> float:
    """The value of one *unit* of goods in *currency*, out of the unit values given.

    A key of *unit_values* is a unit (``"kg"``: money of the duty's own currency) or a currency
    and a unit (``"EUR/kg"``). Of several that convert, the one in the very unit counts. NaN if
    none converts, for another currency, and where a unit value is not above 0.
    """
    want, size = _measure(unit)
    found: list[tuple[bool, str, float]] = []
    for key, value in (unit_values or {}).items():
        named = _MONEY.fullmatch(key)
        money, said = (named.group(1), named.group(2)) if named else (currency, key)
        have, each = _measure(said)
        if money == currency and have == want:
            found.append((as_unit(said) != unit, key, value * size / each))
    for _, _, value in sorted(found):  # the duty's own unit before what converts into it
        return value if 0 < value < math.inf else math.nan
    return math.nan


def with_money(key: str, money: str) -> str:
    """A key of unit values that names its money: ``"kg"`` is ``"USD/kg"`` where it is USD."""
    return key if _MONEY.fullmatch(key) else f"{money}/{key}"


def contradict(unit_values: Iterable[tuple[str, float]], money: str,
               close: float = 1e-3) -> bool:
    """Whether some unit values of one money make one quantity worth different things.

    Args:
        unit_values: Units and money per unit.
        money: The money of keys that name none.
        close: What differs by less than this part of the value is taken for rounding.
    """
    said: dict[tuple[str, tuple[str, str]], float] = {}
    for key, value in unit_values:
        named = _MONEY.fullmatch(key)
        of, unit = (named.group(1), named.group(2)) if named else (money, key)
        have, size = _measure(unit)
        each = value / size
        if not math.isclose(said.setdefault((of, have), each), each, rel_tol=close):
            return True
    return False


def unit_value(value: float, quantity: float, unit: str,
               currency: str = "USD") -> dict[str, float]:
    """Unit values out of a trade value and its quantity, as ``ave`` of a duty takes them.

    Empty, hence unknown, where the quantity or the value is not above 0::

        duty("46.3¢/kg").ave(unit_value(12_000, 8_000, "kg"))
    """
    if not (0 < quantity < math.inf and 0 < value < math.inf):
        return {}
    return {f"{currency}/{as_unit(unit)}": value / quantity}
