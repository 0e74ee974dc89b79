"""Everything that can go wrong, said so that it can be mended.

One root, :class:`TradescenError`; each child also is the builtin error it refines, so
``except ValueError`` keeps working. A message says what is wrong (with the value), why it
matters and the way out. The values themselves are attributes of the error.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from typing import Any

from attrs import frozen

__all__ = [
    "AmbiguousPartner",
    "AmbiguousProduct",
    "ConflictingActs",
    "Fault",
    "InvalidValue",
    "MissingData",
    "NomenclatureMismatch",
    "NotConverged",
    "RunawayRules",
    "ScenarioFileError",
    "TradescenError",
    "UnknownName",
    "counted",
    "with_article",
]


def counted(n: int, noun: str) -> str:
    """A number of things in words: ``"1 row"``, ``"1,200 rows"``."""
    return f"{n:,} {noun if n == 1 else noun + 's'}"


def with_article(noun: str) -> str:
    """A noun after its article: ``"an int"``, ``"a float"``."""
    return f"{'an' if noun[:1].lower() in ('a', 'e', 'i', 'o', 'u') else 'a'} {noun}"


class TradescenError(Exception):
    """The root of all errors raised on purpose by tradescen.

    Args:
        message: What is wrong, why it matters, the way out.
        **values: What the message speaks of; each becomes an attribute.
    """

    def __init__(self, message: str, **values: Any) -> None:
        super().__init__(message)
        self.message = message
        self.values = values
        for key, value in values.items():
            setattr(self, key, value)

    def __str__(self) -> str:  # KeyError would print the repr
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.message, self.values)


def _rebuild(kind: type[TradescenError], message: str, values: dict[str, Any]) -> TradescenError:
    return kind(message, **values)


class InvalidValue(TradescenError, ValueError):
    """A value that cannot mean what its place asks for. Mend the value named."""


class UnknownName(TradescenError, KeyError):
    """A name nothing is known by. Take one of the near names, or define it first."""

    @classmethod
    def among(cls, kind: str, name: str, known: Iterable[str], hint: str = "") -> UnknownName:
        """The error for *name*, with up to three near names out of *known*."""
        names = sorted({str(k) for k in known})
        lower = {n.lower(): n for n in names}
        near = [n for n in names if name and name.lower() in n.lower()][:4]
        if not near:
            near = [lower[n] for n in difflib.get_close_matches(name.lower(), lower, 3, 0.5)]
        said = f"unknown {kind} {name!r}"
        if near:
            said += f"; did you mean {' or '.join(repr(n) for n in near)}?"
        if 0 < len(names) <= 24:
            said += f"{' ' if near else '; '}known: {', '.join(names)}"
        if hint:
            said += f" {hint}" if said.endswith("?") else f". {hint}"
        return cls(said, name=name, near=tuple(near))


class AmbiguousProduct(TradescenError, ValueError):
    """One number was asked for a code whose tariff lines bear different rates."""


class AmbiguousPartner(TradescenError, ValueError):
    """One number was asked for a group of countries whose members bear different rates."""


class ConflictingActs(TradescenError, ValueError):
    """Acts that cannot all hold: remove one, or give it another day, target or precedence."""


class MissingData(TradescenError, LookupError):
    """A number needs data (weights, unit values, a share) that were not given."""


class NomenclatureMismatch(TradescenError, ValueError):
    """Codes of one edition meet codes of another. Convert them first (``Concordance``)."""


class NotConverged(TradescenError, RuntimeError):
    """An equilibrium was not found, so there are no numbers. Take smaller steps or other data."""


class RunawayRules(TradescenError, RuntimeError):
    """Rules answer each other without end. Give them a cap, a threshold or an end."""


@frozen(kw_only=True)
class Fault:
    """One fault of a scenario file: where it stands and what is wrong."""

    file: str
    line: int
    col: int
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.col} {self.path}: {self.message}"


class ScenarioFileError(TradescenError, ValueError):
    """All faults of one scenario file, each with ``file:line:col`` and its path.

    The attribute *faults* holds them, in the order of the file. Mend the places named.
    """

    faults: tuple[Fault, ...] = ()

    @classmethod
    def of(cls, found: Iterable[Fault]) -> ScenarioFileError:
        """The error for *found*; its message has one line for each fault."""
        faults = tuple(sorted(found, key=lambda f: (f.file, f.line, f.col)))
        said = [str(f) for f in faults[:200]]
        if len(faults) > 200:
            said.append(f"… {len(faults) - 200:,} more")
        if len(faults) > 1:
            said.insert(0, f"{len(faults):,} faults:")
        return cls("\n".join(said), faults=faults)


@frozen
class _OneOf:
    known: tuple[str, ...]  # the schema of scenario files tells them, too

    def __call__(self, owner: Any, field: Any, value: Any) -> None:
        if value not in self.known:
            raise InvalidValue(
                f"{field.name}={value!r} is not one of {', '.join(map(repr, self.known))}",
                value=value,
            )


def one_of(*known: str) -> Callable[[Any, Any, Any], None]:
    """A field validator: the value is one of *known*."""
    return _OneOf(known)


def a_name(owner: Any, field: Any, value: Any) -> None:
    """A field validator: the value is a name, text that is neither empty nor padded."""
    if not isinstance(value, str) or not value or value != value.strip():
        raise InvalidValue(
            f"{field.name}={value!r} is not a name; give text without blanks at its ends",
            value=value,
        )
