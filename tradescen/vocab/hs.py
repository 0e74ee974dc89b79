"""Goods: tariff codes, sets of goods, and values that differ by line.

A code names everything under it. A set of goods is a tree of signed prefixes in which the
longest prefix decides, so a heading can be taken in, a subheading carved out of it and one
line carved back in.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, Generic, TypeVar

from attrs import field, frozen

from tradescen.errors import InvalidValue, MissingData, counted, with_article

__all__ = [
    "HS",
    "ByProduct",
    "ProductSet",
    "as_products",
    "dotted",
    "normal_code",
    "settled_goods",
    "settled_table",
]

LENGTHS = (2, 4, 6, 8, 10)
T = TypeVar("T")
U = TypeVar("U")


def normal_code(code: object) -> str:
    """The digits of a tariff code, dots and blanks stripped.

    Raises:
        InvalidValue: for a number (leading zeros are lost in numbers), for anything but
            digits, and for a length other than 2, 4, 6, 8 or 10. An odd number of digits
            nearly always is a lost leading zero.
    """
    if type(code) is str and len(code) in LENGTHS and code.isdecimal() and code.isascii():
        return code
    if isinstance(code, HS):
        return code.code
    if not isinstance(code, str):
        raise InvalidValue(
            f"the tariff code {code!r} is given as {with_article(type(code).__name__)}; numbers "
            f"lose their leading zeros: write it as text, such as '0101.21'",
            value=code,
        )
    digits = code.replace(".", "").replace(" ", "")
    if digits.isdigit() and digits.isascii():
        if len(digits) in LENGTHS:
            return digits
        why = f"it has {len(digits)} digits, and codes have 2, 4, 6, 8 or 10"
        if len(digits) % 2 and len(digits) < 10 and code[4:5] != ".":
            why += f" (was a leading zero lost? perhaps {dotted('0' + digits)!r})"
    else:
        why = ("a code is made of digits and dots only; codes are found by words with "
               "`tradescen goods WORDS`")
    raise InvalidValue(f"{code!r} is not a tariff code: {why}", value=code)


def dotted(code: str) -> str:
    """A code as schedules print it: ``8517.13.00.10``; the empty code stands for all goods."""
    if not code:
        return "*"
    parts = [code[:4], code[4:6], code[6:8], code[8:10]]
    return ".".join(p for p in parts if p)


@frozen
class HS:
    """A code of the Harmonized System or of a national schedule built on it.

    Args:
        code: 2, 4, 6, 8 or 10 digits as text; dots are dropped.
    """

    code: str = field(converter=normal_code)

    def __str__(self) -> str:
        return dotted(self.code)

    def __contains__(self, other: object) -> bool:
        return normal_code(other).startswith(self.code)


Entries = tuple[tuple[str, bool], ...]


class _Settled(tuple[tuple[str, Any], ...]):
    """Pairs known to be in normal form, so that a constructor need not look again."""


def _canonical(signs: Mapping[str, bool]) -> Entries:
    """Drop every entry that repeats what its nearest ancestor already says."""
    kept: dict[str, bool] = {}
    for code in sorted(signs):
        above = False
        for cut in range(len(code) - 2, -1, -2):
            got = kept.get(code[:cut])
            if got is not None:
                above = got
                break
        if signs[code] != above:
            kept[code] = signs[code]
    return tuple(kept.items())


def _entries(given: Iterable[tuple[str, bool]]) -> Entries:
    if isinstance(given, _Settled):
        return given
    signs: dict[str, bool] = {}
    for code, sign in given:
        if signs.setdefault(code, sign) != sign:
            raise InvalidValue(
                f"{dotted(code)} is both inside and outside of the same set of goods; "
                "name it once",
                value=code,
            )
    return _canonical(signs)


@frozen(cache_hash=True, repr=False)
class ProductSet:
    """A set of goods: signed prefixes of which the longest that fits a code decides.

    Build it with :meth:`of`, :meth:`all` or :meth:`none`; join sets with ``&``, ``|`` and
    ``-``. Two sets that say the same of every code are equal.
    """

    entries: Entries = field(converter=_entries)
    _sign: dict[str, bool] = field(init=False, eq=False, repr=False)
    _codes: tuple[str, ...] = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_sign", dict(self.entries))
        object.__setattr__(self, "_codes", tuple(c for c, _ in self.entries))

    @classmethod
    def of(cls, *codes: object, excluding: Iterable[object] = ()) -> ProductSet:
        """The goods under *codes*, but for those under *excluding*.

        The longest prefix wins, so what is carved out can be carved back in:

        >>> steel = ProductSet.of("72", "73", "7304.11", excluding=("7304",))
        >>> "7304.19" in steel, "7304.11.00" in steel
        (False, True)
        """
        if isinstance(excluding, str):
            excluding = (excluding,)
        return cls(
            [(normal_code(c), True) for c in codes] + [(normal_code(c), False) for c in excluding]
        )

    @classmethod
    def all(cls, *, excluding: Iterable[object] = ()) -> ProductSet:
        """All goods, but for those under *excluding*."""
        if isinstance(excluding, str):
            excluding = (excluding,)
        return cls([("", True)] + [(normal_code(c), False) for c in excluding])

    @classmethod
    def none(cls) -> ProductSet:
        """No goods."""
        return cls(())

    @property
    def codes(self) -> tuple[str, ...]:
        """The prefixes of the normal form, sorted; the empty one stands for all goods."""
        return self._codes

    @property
    def is_all(self) -> bool:
        return self.entries == (("", True),)

    def __bool__(self) -> bool:
        return bool(self.entries)

    def sign(self, code: str) -> bool:
        """Whether the goods of *code* not named by a longer prefix are inside."""
        signs = self._sign
        for cut in range(len(code), -1, -2):
            got = signs.get(code[:cut])
            if got is not None:
                return got
        return False

    def __contains__(self, code: object) -> bool:
        """Whether all goods under *code* are inside."""
        return self.part(normal_code(code)) is True

    def part(self, code: str) -> bool | None:
        """``True`` if all goods under *code* are inside, ``False`` if none, ``None`` if some."""
        sign = self.sign(code)
        at = bisect_right(self._codes, code)
        while at < len(self._codes) and self._codes[at].startswith(code):
            if self._sign[self._codes[at]] != sign:
                return None
            at += 1
        return sign

    def __and__(self, other: ProductSet) -> ProductSet:
        if self.is_all or self == other or not other:
            return other
        if other.is_all or not self:
            return self
        return _join(self, other, _and)

    def __or__(self, other: ProductSet) -> ProductSet:
        if self.is_all or self == other or not other:
            return self
        if other.is_all or not self:
            return other
        return _join(self, other, _or)

    def __sub__(self, other: ProductSet) -> ProductSet:
        if not other or not self:
            return self
        if other.is_all or self == other:
            return ProductSet.none()
        return _join(self, other, _less)

    def __str__(self) -> str:
        if self.is_all:
            return "all goods"
        if not self:
            return "no goods"
        ins = [dotted(c) for c, s in self.entries if s]
        outs = [dotted(c) for c, s in self.entries if not s]
        said = "all goods" if ins == ["*"] else _few(ins)
        return f"{said} except {_few(outs)}" if outs else said

    def __repr__(self) -> str:
        return f"<ProductSet {self}>"


def _and(a: bool, b: bool) -> bool:
    return a and b


def _or(a: bool, b: bool) -> bool:
    return a or b


def _less(a: bool, b: bool) -> bool:
    return a and not b


@lru_cache(maxsize=1024)  # scenarios of one record ask for the same few sets again and again
def _join(one: ProductSet, other: ProductSet, how: Callable[[bool, bool], bool]) -> ProductSet:
    """Two sets joined in one walk down both trees, in normal form."""
    ours, theirs = one._sign, other._sign
    root = (ours.get("", False), theirs.get("", False))
    above = [("", *root, how(*root))]
    kept = [("", True)] if above[0][3] else []
    for code in sorted({*ours, *theirs} - {""}):
        while not code.startswith(above[-1][0]):
            above.pop()
        _, a, b, said = above[-1]
        a, b = ours.get(code, a), theirs.get(code, b)
        sign = how(a, b)
        if sign != said:
            kept.append((code, sign))
        above.append((code, a, b, sign))
    return ProductSet(_Settled(kept))


def _few(names: list[str], most: int = 6) -> str:
    return ", ".join(names) if len(names) <= most else counted(len(names), "code")


def as_products(value: object) -> ProductSet:
    """A set of goods out of a code, several codes, ``"all"`` or a :class:`ProductSet`."""
    if isinstance(value, ProductSet):
        return value
    if value is None or (isinstance(value, str) and value.strip().lower() == "all"):
        return ProductSet.all()
    if isinstance(value, (str, HS)):
        return ProductSet.of(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return ProductSet.of(*value)
    raise InvalidValue(
        f"{value!r} is not a set of goods; give codes as text, such as ('72', '7304.11')",
        value=value,
    )


def _by_product_values(values: Any) -> tuple[tuple[str, Any], ...]:
    if isinstance(values, _Settled):
        return values
    pairs = values.items() if isinstance(values, Mapping) else values
    found: dict[str, Any] = {}
    for code, value in pairs:
        code = "" if code == "" else normal_code(code)
        if code in found and found[code] != value:
            raise InvalidValue(
                f"{dotted(code)} has two values, {found[code]} and {value}", value=code
            )
        found[code] = value
    return tuple(sorted(found.items(), key=lambda pair: pair[0]))


@frozen(cache_hash=True, repr=False)
class ByProduct(Generic[T]):
    """A duty or a share that differs by line; the longest prefix that fits decides.

    Args:
        values: Codes and their values.
        default: The value of every other code; without it, asking for one is an error.
    """

    values: tuple[tuple[str, T], ...] = field(converter=_by_product_values)
    default: T | None = None
    _index: dict[str, T] = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_index", dict(self.values))

    def find(self, code: str) -> T | None:
        """The value of the longest prefix of *code*, else the default, else ``None``."""
        for cut in range(len(code), -1, -2):
            got = self._index.get(code[:cut])
            if got is not None:
                return got
        return self.default

    def __getitem__(self, code: object) -> T:
        """The value for *code*.

        Raises:
            MissingData: if no prefix fits and there is no default.
        """
        got = self.find(normal_code(code))
        if got is None:
            raise MissingData(
                f"no value for {code}: none of the {len(self.values):,} codes is a prefix of it "
                "and there is no default",
                code=code,
            )
        return got

    def map(self, how: Callable[[T], U]) -> ByProduct[U]:
        """The same codes with *how* applied to every value and to the default."""
        done: dict[T, U] = {}
        for _, value in self.values:  # few distinct values stand on many lines
            if value not in done:
                done[value] = how(value)
        return ByProduct(
            _Settled((c, done[v]) for c, v in self.values),
            default=None if self.default is None else how(self.default),
        )

    def __repr__(self) -> str:
        more = "" if self.default is None else f", else {self.default}"
        return f"<ByProduct {counted(len(self.values), 'code')}{more}>"


def settled_goods(entries: Iterable[tuple[str, bool]]) -> ProductSet:
    """A set of goods from entries written out of one: in normal form already."""
    return ProductSet(_Settled(entries))


def settled_table(values: Iterable[tuple[str, T]], default: T | None) -> ByProduct[T]:
    """A table by product from codes and values written out of one."""
    return ByProduct(_Settled(sorted(values, key=_code)), default=default)


def _code(pair: tuple[str, object]) -> str:
    return pair[0]
