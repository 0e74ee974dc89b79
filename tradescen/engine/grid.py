"""Codes as integers: which lines there are, which of them a set of goods holds.

A code is written in base 11 (digit + 1, blanks 0) over ten places, so that numeric order is
the order of texts and all codes under a prefix lie in one range.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradescen.timeline.spells import Spell
from tradescen.vocab.hs import LENGTHS, ByProduct, ProductSet

__all__ = ["Lines", "classes", "encode", "own_lines"]

Ints = NDArray[np.int64]
_PLACES = 10
_POWERS = 11.0 ** np.arange(_PLACES - 1, -1, -1)
_WORD = 16  # masks packed into one number
_DENSE = 1 << 16  # so many keys are ranked by a table rather than by sorting
_SPARSE = 1 << 24  # and so many too, where there are not too few of them
_SPAN = {n: 11 ** (_PLACES - n) for n in (0, *LENGTHS)}


def encode(codes: Sequence[str]) -> Ints:
    """Codes as integers that sort as their texts do."""
    out = np.zeros(len(codes), dtype=np.int64)
    for length, at, some in _by_length(codes):
        out[at] = _numbers(some, length)
    return out


def _by_length(codes: Sequence[str]) -> Iterator[tuple[int, Any, Sequence[str]]]:
    """Codes of one length each, and their places."""
    lengths = set(map(len, codes))
    if len(lengths) == 1:
        yield lengths.pop(), slice(None), codes
        return
    each = np.array(list(map(len, codes)), dtype=np.int64)
    for length in sorted(lengths):
        at = np.flatnonzero(each == length)
        yield length, at, [codes[n] for n in at.tolist()]


def _numbers(codes: Sequence[str], length: int) -> Ints:
    """Codes of one length as integers."""
    digits = np.frombuffer("".join(codes).encode(), dtype=np.uint8).reshape(len(codes), length)
    # Whole numbers below 2 ** 53, so products in floating point are exact.
    value: NDArray[np.float64] = (digits - (ord("0") - 1.0)) @ _POWERS[:length]
    return value.astype(np.int64)


class Lines:
    """Sorted tariff lines; each stands for its goods less those of longer lines under it."""

    def __init__(self, codes: Iterable[str]) -> None:
        self.codes: tuple[str, ...] = tuple(sorted(set(codes)))
        self.keys = encode(self.codes)
        self._places = {code: n for n, code in enumerate(self.codes)}
        self._masks: dict[ProductSet, NDArray[np.bool_]] = {}
        self._marks: dict[ByProduct[Any], Ints] = {}
        self.worked_out: dict[Any, Any] = {}  # tables of measures on these lines

    def __len__(self) -> int:
        return len(self.codes)

    def __reduce__(self) -> tuple[type[Lines], tuple[tuple[str, ...]]]:
        # What is worked out is known by the identity of objects, which a copy does not share.
        return Lines, (self.codes,)

    def _ranges(self, prefixes: Sequence[str]) -> tuple[Ints, Ints]:
        low = encode(prefixes)
        span = np.array([_SPAN[len(p)] for p in prefixes], dtype=np.int64)
        return np.searchsorted(self.keys, low), np.searchsorted(self.keys, low + span)

    def _paint(self, prefixes: Sequence[str], values: Ints, start: int) -> Ints:
        """The value of the longest prefix that fits each line; *start* where none does."""
        out = np.full(len(self.codes), start, dtype=np.int64)
        for length, at, some in _by_length(prefixes):
            first = _numbers(some, length)
            low = np.searchsorted(self.keys, first)
            high = np.searchsorted(self.keys, first + _SPAN[length])
            held = high - low  # prefixes of one length are disjoint
            if len(held) > 1:
                place = np.arange(int(held.sum())) + np.repeat(low - np.cumsum(held) + held, held)
                out[place] = np.repeat(values[at], held)
            else:
                out[low[0] : high[0]] = values[at]
        return out

    def mask(self, products: ProductSet) -> NDArray[np.bool_]:
        """Which lines a set of goods holds."""
        got = self._masks.get(products)
        if got is None:
            if products.is_all:
                got = np.ones(len(self.codes), dtype=bool)
            else:
                codes = products.codes
                signs = np.array(list(map(itemgetter(1), products.entries)), dtype=np.int64)
                got = self._paint(codes, signs, 0) == 1 if codes else np.zeros(
                    len(self.codes), dtype=bool
                )
            self._masks[products] = got
        return got

    def marks(self, values: ByProduct[Any]) -> Ints:
        """For each line the place of its value in ``values.values``; -1: the default."""
        got = self._marks.get(values)
        if got is None:
            distinct: dict[object, int] = {}
            first = [distinct.setdefault(v, n) for n, (_, v) in enumerate(values.values)]
            got = self._paint([c for c, _ in values.values],
                              np.array(first, dtype=np.int64), -1)
            self._marks[values] = got
        return got

    def under(self, code: str) -> range:
        """The places of the lines under *code* (itself included)."""
        low, high = self._ranges([code])
        return range(int(low[0]), int(high[0]))

    def holding(self, code: str) -> int | None:
        """The place of the longest line that *code* lies in, or ``None``."""
        for cut in range(len(code), -1, -2):
            at = self._places.get(code[:cut])
            if at is not None:
                return at
        return None

    def locate(self, codes: Sequence[str]) -> tuple[Ints, Ints, Ints]:
        """For each code the range of lines under it, and the line it lies in (-1: none)."""
        low, high = self._ranges(codes)
        key = encode(codes)
        held = np.full(len(codes), -1, dtype=np.int64)
        for length in reversed(_SPAN):  # the longest first; past its own a code is itself
            cut = key - key % _SPAN[length]
            at = np.minimum(np.searchsorted(self.keys, cut), len(self.codes) - 1)
            found = (held < 0) & (self.keys[at] == cut)
            held[found] = at[found]
        return low, high, held


def classes(columns: Sequence[NDArray[np.generic]], n: int) -> tuple[Ints, Ints]:
    """Lines alike in every column form a class.

    Returns:
        The class of each of *n* lines, and the first line of each class.
    """
    bits = [c for c in columns if c.dtype == np.bool_]
    packed: list[tuple[Ints, int]] = []
    for at in range(0, len(bits), _WORD):
        word = np.zeros(n, dtype=np.int64)
        for bit in bits[at : at + _WORD]:
            word = (word << 1) | bit.astype(np.int64)
        packed.append((word, 1 << len(bits[at : at + _WORD])))
    for column in columns:
        if column.dtype != np.bool_ and n:
            low = int(column.min())
            packed.append((column.astype(np.int64) - low, int(column.max()) - low + 1))
    of, count = np.zeros(n, dtype=np.int64), min(n, 1)
    for value, top in packed:
        of, count = _ranked(of * top + value, count * top)
    first = np.empty(count, dtype=np.int64)
    first[of[::-1]] = np.arange(n - 1, -1, -1)
    return of, first


def _ranked(key: Ints, top: int) -> tuple[Ints, int]:
    """The rank of each key among the different ones, all below *top*, and their number."""
    if top > max(_DENSE, 4 * len(key)):
        if top <= min(_SPARSE, 256 * len(key)):
            there = np.zeros(top, dtype=bool)
            there[key] = True
            values = np.flatnonzero(there)
            place = np.empty(top, dtype=np.int32)  # touched only where there is a key
            place[values] = np.arange(len(values), dtype=np.int32)
            return place[key].astype(np.int64), len(values)
        values, rank = np.unique(key, return_inverse=True)
        return rank.astype(np.int64), len(values)
    there = np.zeros(top, dtype=bool)
    there[key] = True
    rank = np.cumsum(there)
    return rank[key] - 1, int(rank[-1]) if top else 0


def own_lines(spells: Sequence[Spell], base: Sequence[str],
              shares: Iterable[ByProduct[Any]] = (),
              more: Iterable[str] = ()) -> tuple[str, ...]:
    """The schedule's own lines for one importer.

    Where the base duties are given by line (an MFN schedule), these lines, split further
    where some measure names a longer code under one of them; a table with a default lists the
    rest as ``""``. Else every code some measure names, and ``""`` for the rest.

    Args:
        spells: All spells of the importer.
        base: The groups of the base duties.
        shares: Assumed shares by product, whose codes count as named.
        more: Further codes that count as named (those of threats).
    """
    spells = list({id(s): s for s in spells}.values())  # paths share most of them
    sets = {s.products for s in spells}
    tables = {v for s in spells for v in (s.base, s.coverage) if isinstance(v, ByProduct)}
    codes = {c for one in sets for c in one.codes} | set(more)
    codes |= {c for table in (*tables, *shares) for c, _ in table.values}
    bases = {id(s.base): s.base for s in spells
             if s.group in base and isinstance(s.base, ByProduct)}
    listed = {
        c
        for one in bases.values()
        for c in (*(c for c, _ in one.values), *(("",) if one.default is not None else ()))
    }
    if not listed:
        return tuple(sorted(codes | {""}))
    finer = {
        c for c in codes - listed
        if any(c[:cut] in listed for cut in range(0, len(c), 2))
    }
    return tuple(sorted(listed | finer))
