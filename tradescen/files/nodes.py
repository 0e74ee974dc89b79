"""Text with its place: what a scenario file says before anything is read into it.

Every scalar stays text with its line and column, so ``NO`` is not false and ``0101`` not 65;
what a scalar means is for the grammar to say.
"""

from __future__ import annotations

import re
from typing import Any, Union

from attrs import define, field

from tradescen.errors import Fault, ScenarioFileError

__all__ = ["BAD", "MOST_BYTES", "MOST_DEPTH", "MOST_FAULTS", "MOST_NODES", "Faults", "Items",
           "Node", "Table", "Text", "beside", "within"]

MOST_BYTES = 5_000_000
MOST_DEPTH = 40
MOST_NODES = 1_000_000
MOST_FAULTS = 1000
BAD: Any = type("Bad", (), {"__repr__": lambda self: "BAD"})()  # stands where a fault was met

_NULLS = ("", "~", "null", "Null", "NULL")
_PLAIN_KEY = re.compile(r"[\w-]+")


@define
class Text:
    """A scalar as written."""

    value: str
    line: int
    col: int
    quoted: bool = False

    @property
    def is_null(self) -> bool:
        """Whether nothing is said, or null."""
        return not self.quoted and self.value in _NULLS


@define
class Items:
    """A list."""

    values: list[Node]
    line: int
    col: int


@define
class Table:
    """A mapping, in the order written; keys are unique."""

    pairs: list[tuple[Text, Node]]
    line: int
    col: int

    def get(self, name: str) -> Node | None:
        """The value under a key."""
        return next((node for key, node in self.pairs if key.value == name), None)

    def key(self, name: str) -> Node:
        """The place of a key; of the mapping, if it has none such."""
        return next((key for key, _ in self.pairs if key.value == name), self)


Node = Union[Text, Items, Table]


@define
class Faults:
    """The faults of one file and of those it extends."""

    file: str
    found: dict[Fault, None] = field(factory=dict)

    def add(self, node: Node, path: str, message: str) -> Any:
        """Note a fault at *node*; gives :data:`BAD`.

        Raises:
            ScenarioFileError: when there are too many to go on.
        """
        self._note(node.line, node.col, path, message)
        if len(self.found) >= MOST_FAULTS:
            raise ScenarioFileError.of(self.found)
        return BAD

    def fatal(self, line: int, col: int, message: str, path: str = "$") -> ScenarioFileError:
        """The error for a text that cannot be read on from here."""
        self._note(line, col, path, message)
        return ScenarioFileError.of(self.found)

    def _note(self, line: int, col: int, path: str, message: str) -> None:
        said = message if len(message) <= 2000 else f"{message[:1000]} … {message[-900:]}"
        self.found[Fault(file=self.file, line=line, col=col, path=path, message=said)] = None

    def of(self, file: str) -> Faults:
        """The same faults for another file."""
        return Faults(file, self.found)


def within(path: str, key: str) -> str:
    """The path of what stands under a key."""
    return f"{path}.{key}" if _PLAIN_KEY.fullmatch(key) else f"{path}[{key!r}]"


def beside(path: str, number: int) -> str:
    """The path of an item of a list."""
    return f"{path}[{number}]"
