"""Rates as schedules print them, read into duties.

What is read::

    rate      = bound | part, "or", part, "whichever is higher" (greater, lower, less)
    bound     = sum, { "MIN" sum | "MAX" sum }     also "but not less than", "but not more than"
    sum       = part, { "+" part }
    part      = "Free" | percentage, [ "on" what ] | money, "/" unit | "(" rate ")"

``MIN`` and ``MAX`` bound the whole sum before them. What is charged beside the duty of another
heading ("The duty provided in the applicable subheading + 25%") is read as what it adds, with
the text kept. Anything else is :class:`Unknown` with its text and one of the reasons below.
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from functools import lru_cache

from attrs import evolve

from tradescen.vocab.duty_kinds import (
    AdValorem,
    Compound,
    Duty,
    Specific,
    Unknown,
    exact,
)
from tradescen.vocab.units import is_phrase, known_unit

__all__ = ["AGRICULTURAL", "BARE", "BLANK", "COMMA", "PROGRAMMES", "REFERENCE", "SLIDING",
           "UNREAD", "programmes", "read"]

BLANK = "no rate is printed"
REFERENCE = "set by reference to another provision"
SLIDING = "a sliding rate, which moves with the quality of the goods"
PROGRAMMES = "rates of preference programmes, not one rate; see programmes()"
AGRICULTURAL = "an agricultural component, which depends on the recipe of the goods"
BARE = "a bare number, which may be a percentage or a fraction"
COMMA = "a number whose comma may part decimals or thousands"
UNREAD = "a form of rate that is not read"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Money of countries that write decimals with a comma, and the rest.
_COMMA_MONEY = _words(
    "ARS BRL CLP COP CZK DKK EUR HUF IDR ISK KZT NOK PLN RON RUB SEK TRY UAH VND ZAR"
)
_CURRENCIES = _COMMA_MONEY | _words(
    "AED AUD CAD CHF CNY EGP GBP HKD ILS INR JPY KRW MAD MXN MYR NGN NZD PEN PHP PKR SAR SGD THB "
    "TND TWD USD XDR"
)
_SIGNS = {"US$": "USD", "A$": "AUD", "C$": "CAD", "CA$": "CAD", "NZ$": "NZD", "€": "EUR",
          "£": "GBP", "euro": "EUR", "euros": "EUR", "RMB": "CNY", "yuan": "CNY", "yen": "JPY",
          "won": "KRW"}
_N = r"(?:\d+ \d+/\d+|\d+/\d+|\.\d+|\d(?:[\d.,]*\d)?)"
_SIGN = r"US\$|A\$|CA?\$|NZ\$|\$|€|£|RMB|[A-Z]{3}\b"
_LATE = r"¢|cents?\b|euros?\b|yuan\b|yen\b|won\b|" + _SIGN
_PERCENT = re.compile(
    rf"({_N})\s*(?:%|per ?cent(?:um)?\b)\s*(?:ad\s+val(?:orem\b|\.)?)?\s*(.*)", re.IGNORECASE
)
_MONEY = re.compile(
    rf"(?:(?P<sign>{_SIGN})\s*(?P<n>{_N})|(?P<m>{_N})\s*(?P<late>{_LATE}))\s*"
    r"(?:each|apiece|(?:/|per\b)\s*(?P<unit>.+))"
)
_ZERO = re.compile(r"free|duty[ -]free|nil|zero|0+(?:[.,]0+)?", re.IGNORECASE)
# Free on terms of customs control; any other condition ("free for the first 5 t") is not read.
_FREE_IF = re.compile(
    r"free,? (?:under bond|under the terms of|for such temporary periods as)"
    r"(?!.*\b(?:but|cents?|dollars?|dut(?:y|ies)|except|otherwise|over|per ?cent|plus|quota|"
    r"rates?|then|thereafter|unless)\b)"
    r"(?:(?:(?<=note )|(?<=notes ))\d+|[^\d%¢$€£;+])*",
    re.IGNORECASE,
)
_LESS = r"not less than|no less than|subject to a minimum(?: duty)? of"
_MORE = (r"n?or more than|not more than|not exceeding|not to exceed|"
         r"subject to a maximum(?: duty)? of")
_BOUND = re.compile(
    rf"\bMIN\b\.?|\bMAX\b\.?|,?\s*(?:\bbut\s+)?\b(?:{_LESS}|{_MORE})\b", re.IGNORECASE
)
_PLUS = re.compile(r"\+|,?\s*\bplus\b", re.IGNORECASE)
_OR = re.compile(r"\bor\b|,(?!\d)", re.IGNORECASE)
_WHICHEVER = re.compile(
    r"(.+?),? whichever (?:\w+ )?is (?:the )?(high|great|low|less)(?:er|est)?", re.IGNORECASE
)
_ADDED = re.compile(
    r"the (?:duty|rate|duty rate|rate of duty) (?:provided|applicable)(?: for)? in ?the "
    r"applicable (?:sub)?heading ?(?:\+|plus) ?(.+)", re.IGNORECASE
)
_OTHER = re.compile(r"(?:the (?:duty|rate)|no change|see |a duty |the column )", re.IGNORECASE)
_CODES = re.compile(r"\s*([^()]*(?:\([^A-Z()]*\)[^()]*)*?)\s*"
                    r"\(((?:[A-Z][A-Z]?[+*]?)(?:[ ,.]+[A-Z][A-Z]?[+*]?)*)[ ,]*\)")
_RECIPE = re.compile(r"\bEAR?\b|\bAD ?[SF]/?[ZMR]", re.IGNORECASE)
_LEAD = re.compile(r"an? (?:additional )?(?:ad valorem )?(?:rate of )?duty of ", re.IGNORECASE)
_WHOLE = frozenset(("full value of the imported article", "full value", "value", "customs value",
                    "entire set"))
_RAISED = re.compile(r"\d\s*(?:<sup>|[¹²³⁰-⁹])", re.IGNORECASE)  # the mark of a note, no digit
_LONGEST, _DEEPEST = 2000, 20  # of a text, and of brackets: beyond it is no rate
_UNKNOWN = re.compile(r"unknown \((.+)\)")


class _Unread(Exception):
    """Why a text is not read."""


def _tidy(text: str) -> str:
    """Without the marks, spaces and hyphens of the page; fractions and powers in plain digits."""
    said = re.sub(r"</?[a-z]+>", "", text, flags=re.IGNORECASE)
    said = re.sub(r"(?<=\d)(?=[¼-¾⅐-⅞])", " ", said)
    said = unicodedata.normalize("NFKC", said).replace("\u2044", "/")
    said = re.sub(r"(?<=m[23])(?=o[fn] )", " ", said)
    said = re.sub(r"(?<=[a-z])- (?=[a-z])", "", " ".join(said.split()))
    return said.rstrip(" .;") if len(said) > 1 else said


def _number(said: str, english: bool) -> Fraction:
    """A number as printed. *english*: a comma before three digits parts thousands."""
    mixed = re.fullmatch(r"(?:(\d+) )?(\d+)/(\d+)", said)
    if mixed:
        whole, over, under = (int(part or 0) for part in mixed.groups())
        if under == 0:
            raise _Unread(UNREAD)
        return whole + Fraction(over, under)
    if re.fullmatch(r"\d*\.?\d+", said):
        return Fraction(said)
    if re.fullmatch(r"[1-9]\d{0,2}(,\d{3})+(\.\d+)?", said):
        if english or "." in said or said.count(",") > 1:
            return Fraction(said.replace(",", ""))
        raise _Unread(COMMA)
    if re.fullmatch(r"\d+,\d+|[1-9]\d{0,2}(\.\d{3})+,\d+", said):
        return Fraction(said.replace(".", "").replace(",", "."))
    raise _Unread(UNREAD)


def _pieces(said: str, mark: re.Pattern[str]) -> list[tuple[str, str]]:
    """The text parted at marks outside brackets: (mark before it, piece)."""
    out, start, before = [], 0, ""
    for got in mark.finditer(said):
        if said.count("(", 0, got.start()) == said.count(")", 0, got.start()):
            out.append((before, said[start:got.start()].strip()))
            start, before = got.end(), got.group()
    out.append((before, said[start:].strip()))
    return out


def _joined(op: str, parts: list[Duty]) -> Duty:
    return parts[0] if len(parts) == 1 else Compound(op, tuple(parts))


def _rate(said: str, currency: str) -> Duty:
    either = _WHICHEVER.fullmatch(said)
    if either:
        op = "max" if either.group(2).lower() in ("high", "great") else "min"
        sides = [s for _, s in _pieces(either.group(1), _OR) if s]
        if len(sides) < 2:
            raise _Unread(UNREAD)
        return _joined(op, [_sum(s, currency) for s in sides])
    (_, first), *bounds = _pieces(said, _BOUND)
    out = _sum(first, currency)
    for mark, piece in bounds:
        least = re.search(r"MIN|less|minimum", mark, re.IGNORECASE)
        out = Compound("max" if least else "min", (out, _sum(piece, currency)))
    return out


def _sum(said: str, currency: str) -> Duty:
    return _joined("sum", [_part(piece, currency) for _, piece in _pieces(said, _PLUS)])


def _part(said: str, currency: str) -> Duty:
    if said.startswith("(") and said.endswith(")"):
        return _rate(said[1:-1].strip(), currency)
    said = _LEAD.sub("", said, count=1)
    if said.lower() == "free":
        return AdValorem(0.0)
    got = _PERCENT.fullmatch(said)
    if got:
        rate = exact(float(_number(got.group(1), english=False) / 100))
        out = AdValorem(rate, on=_valued(got.group(2)))
        return AdValorem(rate) if out.on in _WHOLE else out
    got = _MONEY.fullmatch(said)
    if got is None:
        raise _Unread(AGRICULTURAL if _RECIPE.search(said) else UNREAD)
    sign = got["sign"] or got["late"]
    unit = (got["unit"] or "item").strip()
    money = _SIGNS.get(sign, sign)
    cents = money in ("¢", "cent", "cents")
    if cents or money == "$":
        money = currency
    if money not in _CURRENCIES or not known_unit(unit):
        raise _Unread(UNREAD)
    amount = _number(got["n"] or got["m"], money not in _COMMA_MONEY)
    return Specific(float(amount / 100 if cents else amount), unit=unit, currency=money)


def _valued(said: str) -> str:
    """What a percentage is charged on, as printed."""
    if not said:
        return ""
    on = re.fullmatch(r"(?:up)?on (?P<what>\S.*)|of (?P<part>\S.*)", said)
    if on is None or not is_phrase(f"on {on['what'] or on['part']}"):
        raise _Unread(UNREAD)
    return str(on["what"] or on["part"])


@lru_cache(maxsize=4096)
def read(text: str, currency: str = "USD") -> Duty:
    """The duty *text* says, or :class:`Unknown` with its text; never an error, never a guess.

    Args:
        text: A rate as printed.
        currency: The money that ``$`` and ``¢`` stand for.
    """
    kept = " ".join(text.split())
    said = _tidy(text)
    if not said:
        return Unknown(BLANK, text=kept)
    if len(kept) > _LONGEST or said.count("(") > _DEEPEST or _RAISED.search(text):
        return Unknown(UNREAD, text=kept)
    if _UNKNOWN.fullmatch(kept):
        return Unknown(kept[len("unknown ("):-1])
    if _ZERO.fullmatch(said) or _FREE_IF.fullmatch(said):
        return AdValorem(0.0, text="" if kept == "Free" else kept)
    added = _ADDED.fullmatch(said)
    try:
        out = _rate(added.group(1) if added else said, currency)
    except _Unread as why:
        return Unknown(_why(said, str(why)), text=kept)
    except OverflowError:  # more digits than a number of money or percent can have
        return Unknown(UNREAD, text=kept)
    return out if str(out) == kept else _kept(out, kept)


def _why(said: str, found: str) -> str:
    if re.search(r"\bfor each degree\b", said):
        return SLIDING
    if _CODES.search(said):
        return PROGRAMMES
    if _OTHER.match(said):
        return REFERENCE
    return BARE if re.fullmatch(r"[\d.,]+", said) else found


def _kept(duty: Duty, text: str) -> Duty:
    if isinstance(duty, AdValorem):
        return AdValorem(exact(duty.rate), on=duty.on, text=text)
    return evolve(duty, text=text)


def programmes(text: str, currency: str = "USD") -> dict[str, Duty]:
    """The duty of each preference programme: ``"Free (A,AU) 3.95% (KR)"`` by its codes.

    Empty if *text* is not rates followed by codes in brackets. A code that stands beside two
    different rates is unknown.
    """
    out: dict[str, Duty] = {}
    said, at = _tidy(text), 0
    while at < len(said) <= _LONGEST:
        got = _CODES.match(said, at)
        if got is None or not got.group(1):
            return {}
        one = read(got.group(1).lstrip(" ;,"), currency)
        for code in re.split(r"[ ,.]+", got.group(2)):
            if out.setdefault(code, one) != one:
                out[code] = Unknown(f"two rates for {code}", text=said)
        at = got.end()
    return out
