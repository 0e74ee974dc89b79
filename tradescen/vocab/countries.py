"""Customs territories and sets of them.

Codes are ISO 3166 (three letters; two are accepted). They name customs territories: ``CHN``
never includes ``HKG`` or ``MAC``. A group such as ``EU`` is looked up on each day, so a set
of countries may differ from day to day; its :meth:`CountrySet.cuts` are the days it changes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from functools import cache
from itertools import pairwise

from attrs import field, frozen

from tradescen.errors import InvalidValue, UnknownName
from tradescen.vocab.groups import MEMBERSHIPS

__all__ = ["ALL", "CountrySet", "as_countries", "country", "ever_members", "is_group", "members",
           "membership_cuts"]

ALL = "ALL"
_FIRST, _LAST = dt.date.min, dt.date.max
Track = tuple[tuple[dt.date, dt.date], ...]  # sorted, disjoint periods of membership
_ALWAYS: Track = ((_FIRST, _LAST),)


@cache
def _codes() -> tuple[dict[str, str], dict[str, str]]:
    """Accepted spellings → ISO3, and names → ISO3 for hints only."""
    import iso3166

    spelt: dict[str, str] = {}
    names: dict[str, str] = {}
    for one in iso3166.countries:
        spelt[one.alpha3] = one.alpha3
        spelt[one.alpha2] = one.alpha3
        names[one.name] = one.alpha3
        names[one.apolitical_name] = one.alpha3
    return spelt, names


@cache
def _groups() -> dict[str, dict[str, Track]]:
    found: dict[str, dict[str, list[tuple[dt.date, dt.date]]]] = {}
    for group, codes, since, until, _source in MEMBERSHIPS:
        start = dt.date.fromisoformat(since)
        end = dt.date.fromisoformat(until) if until else _LAST
        for code in codes.split():
            found.setdefault(group, {}).setdefault(code, []).append((start, end))
    return {g: {c: tuple(sorted(t)) for c, t in m.items()} for g, m in found.items()}


def is_group(name: str) -> bool:
    """Whether *name* is a group of countries."""
    return name in _groups()


def members(group: str, on: dt.date) -> tuple[str, ...]:
    """The members of *group* on a day, sorted."""
    return tuple(
        sorted(c for c, t in _groups()[group].items() if any(a <= on < b for a, b in t))
    )


def ever_members(group: str, start: dt.date, end: dt.date) -> tuple[str, ...]:
    """Who belongs to *group* on some day from *start* to *end*, sorted."""
    return tuple(
        sorted(c for c, t in _groups()[group].items() if any(a <= end and start < b for a, b in t))
    )


def membership_cuts(name: str, start: dt.date, end: dt.date) -> list[dt.date]:
    """The days from *start* to *end* on which a group gains or loses a member."""
    tracks = _groups().get(name, {}).values()
    return sorted({d for t in tracks for pair in t for d in pair if start < d < end})


@cache
def country(name: str) -> str:
    """The ISO3 code (or group) that *name* spells.

    Raises:
        UnknownName: for anything but an ISO code or a known group; names are not guessed.
    """
    if not isinstance(name, str):
        raise InvalidValue(f"{name!r} is not a country code; write it as text", value=name)
    spelt, names = _codes()
    upper = name.strip().upper()
    if upper in spelt:
        return spelt[upper]
    if upper in _groups():
        return upper
    for full, code in names.items():
        if full.upper() == upper:
            raise UnknownName(
                f"unknown country {name!r}; did you mean {code!r}? Countries are given by ISO "
                "code",
                name=name,
                near=(code,),
            )
    raise UnknownName.among(
        "country",
        name,
        [*(c for c in spelt if len(c) == 3), *_groups(), *names],
        "Countries are ISO codes such as 'CHN' or groups such as 'EU'",
    )


def _one(token: object) -> tuple[str, dict[str, Track] | None]:
    """A token as written, and the countries it stands for (``None``: all)."""
    if not isinstance(token, str):
        raise InvalidValue(f"{token!r} is not a country code; write it as text", value=token)
    if token.upper() == ALL:
        return ALL, None
    code, _, dated = token.partition("@")
    code = country(code)
    if dated:
        since, _, until = dated.partition("..")
        start = dt.date.fromisoformat(since) if since else _FIRST
        end = dt.date.fromisoformat(until) if until else _LAST
        return f"{code}@{dated}", {code: ((start, end),)}
    if is_group(code):
        return code, _groups()[code]
    return code, {code: _ALWAYS}


def _merge(a: Track, b: Track, how: Callable[[bool, bool], bool]) -> Track:
    cuts = sorted({_FIRST, _LAST, *(d for period in (*a, *b) for d in period)})
    out: list[tuple[dt.date, dt.date]] = []
    for start, end in pairwise(cuts):
        if how(any(s <= start < e for s, e in a), any(s <= start < e for s, e in b)):
            if out and out[-1][1] == start:
                out[-1] = (out[-1][0], end)
            else:
                out.append((start, end))
    return tuple(out)


def _tokens(value: Iterable[str] | str) -> tuple[str, ...]:
    if isinstance(value, str):
        value = (value,)
    return tuple(sorted({_one(t)[0] for t in value}))


@frozen(cache_hash=True, repr=False)
class CountrySet:
    """A set of customs territories: those included, less those excluded, on each day.

    Args:
        include: ISO codes, groups, or ``"ALL"``.
        exclude: ISO codes or groups taken out.

    Closed under ``&``, ``|`` and ``-``; sets with the same members on every day are equal.

    >>> import datetime as dt
    >>> CountrySet.of("EU").has("GBR", dt.date(2020, 1, 31))
    True
    >>> CountrySet.of("EU").has("GBR", dt.date(2020, 2, 1))
    False
    """

    include: tuple[str, ...] = field(converter=_tokens, eq=False)
    exclude: tuple[str, ...] = field(default=(), converter=_tokens, eq=False)
    _open: bool = field(init=False)  # whether a country not named below is inside
    _track: tuple[tuple[str, Track], ...] = field(init=False)  # countries unlike _open

    def __attrs_post_init__(self) -> None:
        opened, track = False, dict[str, Track]()
        for token in self.include:
            named = _one(token)[1]
            if named is None:
                opened, track = True, {}
                break
            for code, periods in named.items():
                track[code] = _merge(track.get(code, ()), periods, lambda a, b: a or b)
        for token in self.exclude:
            named = _one(token)[1]
            if named is None:
                opened, track = False, {}
                break
            for code, periods in named.items():
                here = track.get(code, _ALWAYS if opened else ())
                track[code] = _merge(here, periods, lambda a, b: a and not b)
        self._settle(opened, track)

    def _settle(self, opened: bool, track: dict[str, Track]) -> None:
        usual = _ALWAYS if opened else ()
        kept = tuple(sorted((c, t) for c, t in track.items() if t != usual))
        object.__setattr__(self, "_open", opened)
        object.__setattr__(self, "_track", kept)

    @classmethod
    def of(cls, *tokens: str, excluding: Iterable[str] | str = ()) -> CountrySet:
        """The countries and groups named, but for those excluded."""
        return cls(tokens, excluding)

    @classmethod
    def all(cls, *, excluding: Iterable[str] | str = ()) -> CountrySet:
        """All customs territories, but for those excluded."""
        return cls((ALL,), excluding)

    def _periods(self, code: str) -> Track:
        for known, track in self._track:
            if known == code:
                return track
        return _ALWAYS if self._open else ()

    def has(self, code: str, on: dt.date) -> bool:
        """Whether the customs territory *code* (ISO3) is inside on a day."""
        return any(start <= on < end for start, end in self._periods(code))

    def lasts(self, on: dt.date) -> bool:
        """Whether anyone is inside on a day or later."""
        return self._open or any(end > on for _, track in self._track for _, end in track)

    @property
    def named(self) -> tuple[str, ...]:
        """The countries the set tells apart from all others, sorted."""
        return tuple(code for code, _ in self._track)

    @property
    def is_all(self) -> bool:
        return self._open and not self._track

    def cuts(self) -> tuple[dt.date, ...]:
        """The days on which some country enters or leaves the set."""
        days = {d for _, track in self._track for period in track for d in period}
        return tuple(sorted(days - {_FIRST, _LAST}))

    def __bool__(self) -> bool:
        return self._open or bool(self._track)

    def _join(self, other: CountrySet, how: Callable[[bool, bool], bool]) -> CountrySet:
        opened = how(self._open, other._open)
        track = {
            code: _merge(self._periods(code), other._periods(code), how)
            for code in {*self.named, *other.named}
        }
        usual = _ALWAYS if opened else ()
        inside: list[str] = []
        outside: list[str] = []
        for code, periods in track.items():
            if periods == usual:
                continue
            listed = _merge(usual, periods, lambda a, b: a != b)
            for start, end in listed:
                since = "" if start == _FIRST else start.isoformat()
                until = "" if end == _LAST else end.isoformat()
                token = f"{code}@{since}..{until}" if since or until else code
                (outside if opened else inside).append(token)
        return CountrySet((ALL,) if opened else inside, outside)

    def __and__(self, other: CountrySet) -> CountrySet:
        if self.is_all or self == other:
            return other
        if other.is_all:
            return self
        return self._join(other, lambda a, b: a and b)

    def __or__(self, other: CountrySet) -> CountrySet:
        if self.is_all or self == other:
            return self
        if other.is_all:
            return other
        if not self.exclude and not other.exclude:
            return CountrySet((*self.include, *other.include))
        return self._join(other, lambda a, b: a or b)

    def __sub__(self, other: CountrySet) -> CountrySet:
        if not other or not self:
            return self
        if not other.exclude:
            return CountrySet(self.include, (*self.exclude, *other.include))
        return self._join(other, lambda a, b: a and not b)

    def __str__(self) -> str:
        said = ", ".join(self.include) or "nobody"
        return f"{said} except {', '.join(self.exclude)}" if self.exclude else said

    def __repr__(self) -> str:
        return f"<CountrySet {self}>"


def as_countries(value: object) -> CountrySet:
    """A set of countries out of a code, several codes, ``"ALL"`` or a :class:`CountrySet`."""
    if isinstance(value, CountrySet):
        return value
    if value is None:
        return CountrySet.all()
    if isinstance(value, str):
        return CountrySet((value,))
    if isinstance(value, (list, tuple, set, frozenset)):
        return CountrySet(tuple(value))
    raise InvalidValue(
        f"{value!r} is not a set of countries; give ISO codes such as ('CHN', 'HKG')",
        value=value,
    )
