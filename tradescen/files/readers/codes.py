"""How publishers write countries, and what they call by one name that is none.

United Nations numbers are those of ISO 3166 but for a few; Census codes are Schedule C.
Aggregates, areas not specified and states of the past have no code of their own and are
dropped with the reason: a name is never guessed.
"""

from __future__ import annotations

from functools import cache

from tradescen.errors import TradescenError
from tradescen.vocab.countries import country
from tradescen.vocab.schedule_c import from_schedule_c

__all__ = ["Territories"]

# Numbers UN Comtrade and BACI use that differ from ISO 3166, and what they stand for.
_UN: dict[str, str] = {
    "251": "FRA",  # with Monaco and the overseas departments
    "381": "ITA",  # with San Marino and the Holy See
    "490": "TWN",  # "Other Asia, not elsewhere specified" is Taiwan in practice
    "579": "NOR",  # with Svalbard and Jan Mayen
    "699": "IND",
    "736": "SDN",  # until 2011
    "757": "CHE",  # with Liechtenstein
    "842": "USA",  # with Puerto Rico and the Virgin Islands
    "97": "EU",
}
_UN_NONE: dict[str, str] = {
    "0": "all partners together (world)",
    "58": "Belgium-Luxembourg, until 1998",
    "200": "Czechoslovakia, until 1992",
    "278": "the German Democratic Republic, until 1990",
    "280": "the Federal Republic of Germany, until 1990",
    "530": "the Netherlands Antilles, until 2010",
    "697": "EFTA, not elsewhere specified",
    "711": "the Southern African Customs Union, until 1999",
    "810": "the Soviet Union, until 1990",
    "837": "bunkers",
    "838": "free zones",
    "839": "special categories",
    "849": "US miscellaneous Pacific islands",
    "891": "Serbia and Montenegro, until 2005",
    "899": "areas not elsewhere specified",
}
_WORLD = ("W00", "WLD", "WORLD", "TOTAL", "ALL COUNTRIES", "WORLD TOTAL", "TOTAL FOR ALL COUNTRIES")


@cache
def _numbers() -> dict[str, str]:
    import iso3166

    return {c.numeric.lstrip("0"): c.alpha3 for c in iso3166.countries}


def _iso(text: str) -> tuple[str | None, str]:
    try:
        return country(text), ""
    except TradescenError as error:
        return None, error.message


def _un(text: str) -> tuple[str | None, str]:
    number = text.lstrip("0") or "0"
    if number in _UN_NONE:
        return None, f"{text} is {_UN_NONE[number]}"
    found = _UN.get(number) or _numbers().get(number)
    if found:
        return found, ""
    return None, f"{text!r} is no country number of the United Nations"


# Letters of the World Bank that differ from ISO 3166.
_WITS = {"EUN": "EU", "MNT": "MNE", "OAS": "TWN", "ROM": "ROU", "SER": "SRB", "SUD": "SDN",
         "TMP": "TLS", "ZAR": "COD"}


def _wits(text: str) -> tuple[str | None, str]:
    if text.isdigit():
        return ("EU", "") if text == "918" else _un(text)
    return _iso(_WITS.get(text.upper(), text))


def _is_group(text: str) -> bool:
    return text == "-" or (len(text) == 4 and text != "0003" and (
        "X" in text.upper() or text.startswith("00")))


def _census(text: str) -> tuple[str | None, str]:
    if _is_group(text):
        return None, f"{text} is a group of partners"
    try:
        return from_schedule_c(text), ""
    except TradescenError as error:
        return None, error.message


_KINDS = {"iso": _iso, "un": _un, "wits": _wits, "census": _census}


class Territories:
    """Countries out of cells, each spelling looked up once.

    Args:
        by: ``"iso"`` (ISO 3166 codes and groups), ``"un"`` (numbers of UN Comtrade and
            BACI), ``"wits"`` or ``"census"`` (Schedule C codes and names).
    """

    def __init__(self, by: str = "iso") -> None:
        self.by = by
        self._how = _KINDS[by]
        self._known: dict[str, tuple[str | None, str]] = {}

    def __call__(self, text: str) -> tuple[str | None, str]:
        """ISO3 code (or group), or ``None`` and why."""
        got = self._known.get(text)
        if got is None:
            got = self._known[text] = self._read(text)
        return got

    def total(self, text: str) -> bool:
        """Whether a text names partners taken together, whose trade other rows hold too."""
        return text.upper() in _WORLD or (self.by == "census" and _is_group(text)) or (
            self.by in ("un", "wits") and text.isdigit() and not text.strip("0"))

    def stray(self, text: str) -> bool:
        """Whether a text names no country, nor anything known to be none."""
        number = text.lstrip("0")
        area = self.by in ("un", "wits") and number in _UN_NONE
        return self(text)[0] is None and not area and not self.total(text)

    def _read(self, text: str) -> tuple[str | None, str]:
        if not text:
            return None, "no country stated (if it was Namibia, 'NA' was read as missing)"
        if text.upper() in _WORLD:
            return None, "all partners together (world)"
        return self._how(text)
