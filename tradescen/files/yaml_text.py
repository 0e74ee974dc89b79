"""YAML and JSON into nodes: nothing typed, nothing executed, size and depth bounded.

YAML is taken from the event stream (libyaml's where it is there), not from a loader: events
are plain text, and reading stops at the first that goes too deep. Tags, anchors and aliases
are refused, so a file cannot name a Python object nor grow when it is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from tradescen.files.nodes import (
    MOST_BYTES,
    MOST_DEPTH,
    MOST_NODES,
    Faults,
    Items,
    Node,
    Table,
    Text,
    beside,
    within,
)

__all__ = ["decoded", "read_json", "read_yaml"]


def decoded(body: bytes, faults: Faults) -> str:
    """The text of a file.

    Raises:
        ScenarioFileError: for a file too large or not in UTF-8.
    """
    if len(body) > MOST_BYTES:
        raise faults.fatal(
            1, 1, f"the file has {len(body):,} bytes; scenario files have at most "
            f"{MOST_BYTES:,}: split it (extends) or keep its data in a pack")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = body[: error.start].decode("utf-8-sig", "replace")
        line, col = _place(before, len(before))
        raise faults.fatal(line, col, "the file is not in UTF-8; save it as UTF-8") from error


def _place(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


class _Frame:
    """A list or mapping that is still open."""

    def __init__(self, node: Items | Table, path: str) -> None:
        self.node = node
        self.path = path
        self.key: Text | None = None
        self.seen: dict[str, int] = {}


class _Builder:
    """Nodes out of a stream of starts, scalars and ends; knows YAML and JSON alike."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.frames: list[_Frame] = []
        self.root: Node | None = None
        self.count = 0

    def path(self) -> str:
        if not self.frames:
            return "$"
        top = self.frames[-1]
        if isinstance(top.node, Items):
            return beside(top.path, len(top.node.values))
        return within(top.path, top.key.value) if top.key else top.path

    def add(self, node: Node) -> None:
        self.count += 1
        if self.count > MOST_NODES:
            raise self.faults.fatal(node.line, node.col,
                                    f"the file has more than {MOST_NODES:,} values")
        if not self.frames:
            self.root = node
            return
        top = self.frames[-1]
        if isinstance(top.node, Items):
            top.node.values.append(node)
        elif top.key is None:
            self._key(top, node)
        else:
            top.node.pairs.append((top.key, node))
            top.key = None

    def _key(self, top: _Frame, node: Node) -> None:
        if not isinstance(node, Text):
            raise self.faults.fatal(node.line, node.col, "a key is text, not a list or mapping",
                                    top.path)
        if node.value in top.seen:
            self.faults.add(node, within(top.path, node.value),
                            f"the key {node.value!r} is here twice, first on line "
                            f"{top.seen[node.value]}; keep one")
        top.seen.setdefault(node.value, node.line)
        top.key = node

    def open(self, node: Items | Table) -> None:
        path = self.path()
        if len(self.frames) >= MOST_DEPTH:
            raise self.faults.fatal(node.line, node.col,
                                    f"nested more than {MOST_DEPTH} deep")
        self.add(node)
        self.frames.append(_Frame(node, path))

    def close(self) -> None:
        self.frames.pop()


def read_yaml(text: str, faults: Faults) -> Node:
    """The nodes of a YAML text.

    Raises:
        ScenarioFileError: where the text is no YAML, goes too deep or is too long.
    """
    import yaml

    bad = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if bad:
        line, col = _place(text, bad.start())
        raise faults.fatal(line, col, f"the character U+{ord(bad.group()):04X} cannot stand in "
                           "YAML; write it escaped, in double quotes")
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    builder = _Builder(faults)
    documents = 0
    try:
        for event in yaml.parse(text, Loader=loader):
            mark: Any = event.start_mark
            line, col = mark.line + 1, mark.column + 1
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise faults.fatal(line, col, "a scenario file holds one document; a second "
                                       "begins here (---)")
            elif isinstance(event, yaml.AliasEvent):
                raise faults.fatal(line, col, f"the alias *{event.anchor}: scenario files have "
                                   "no anchors and aliases; write it out, or quote text that "
                                   "begins with *", builder.path())
            elif isinstance(event, yaml.CollectionEndEvent):
                builder.close()
            elif isinstance(event, yaml.NodeEvent):
                _refuse(event, Text("", line, col), builder)
                if isinstance(event, yaml.ScalarEvent):
                    builder.add(Text(event.value, line, col, quoted=bool(event.style)))
                elif isinstance(event, yaml.SequenceStartEvent):
                    builder.open(Items([], line, col))
                else:
                    builder.open(Table([], line, col))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark or None
        line, col = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        said = "; ".join(s for s in (error.problem, error.context) if s)
        raise faults.fatal(line, col, f"not YAML: {said}{_hint(text, line)}") from error
    except yaml.YAMLError as error:
        raise faults.fatal(1, 1, f"not YAML: {error}") from error
    return builder.root or Text("", 1, 1)


def _refuse(event: Any, node: Text, builder: _Builder) -> None:
    if event.tag is not None:
        builder.faults.add(node, builder.path(),
                           f"the tag {event.tag!r}: scenario files are data and have no tags; "
                           "take it away")
    if event.anchor is not None:
        builder.faults.add(node, builder.path(),
                           f"the anchor &{event.anchor}: scenario files have no anchors and "
                           "aliases; take it away, or quote text that begins with &")


def _hint(text: str, line: int) -> str:
    lines = text.splitlines()
    here = lines[line - 1] if 0 < line <= len(lines) else ""
    if "\t" in here[: len(here) - len(here.lstrip())]:
        return " (indent with blanks, not tabs)"
    if re.search(r"[{\[,:]\s*[%@`]", here):
        return " (quote text that begins with %, @ or `)"
    return ""


# -- JSON -------------------------------------------------------------------------------

_TOKEN = re.compile(
    r'[ \t\r\n]*(?:(?P<string>"[^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*")'
    r"|(?P<word>-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)"
    r"|(?P<mark>[\[\]{},:]))"
)


def _tokens(text: str, faults: Faults) -> Iterator[tuple[str, str, int, int]]:
    """(kind, text, line, column) of every token."""
    at, line, start = 0, 1, 0  # start: where the present line begins
    size = len(text.rstrip(" \t\r\n"))
    while at < size:
        got = _TOKEN.match(text, at)
        begin = got.start(got.lastgroup or 0) if got else size - len(text[at:size].lstrip())
        line += text.count("\n", at, begin)
        start = max(start, text.rfind("\n", at, begin) + 1)
        col = begin - start + 1
        if got is None or got.lastgroup is None:
            raise faults.fatal(line, col, f"not JSON: {text[begin : begin + 12]!r} has no place "
                               "here")
        yield got.lastgroup, got.group(got.lastgroup), line, col
        at = got.end()


def read_json(text: str, faults: Faults) -> Node:
    """The nodes of a JSON text; numbers stay text.

    Raises:
        ScenarioFileError: where the text is no JSON, goes too deep or is too long.
    """
    builder = _Builder(faults)
    expect = "value"  # value, key, colon, after; "-or-end" where it may close
    last = (1, 1)
    for kind, token, line, col in _tokens(text, faults):
        last = (line, col)
        if expect == "done":
            raise faults.fatal(line, col, "not JSON: text after the end")
        if kind == "mark":
            expect = _mark(builder, token, expect, line, col)
            continue
        if expect.startswith("key"):
            if kind != "string":
                raise faults.fatal(line, col, f"not JSON: a key in double quotes belongs here, "
                                   f"not {token}")
        elif not expect.startswith("value"):
            raise faults.fatal(line, col, f"not JSON: {_wanted(expect)} belongs here, not {token}")
        builder.add(Text(_string(token, line, col, faults) if kind == "string" else token,
                         line, col, quoted=kind == "string"))
        expect = "colon" if expect.startswith("key") else _after(builder)
    if expect != "done":
        raise faults.fatal(*last, "not JSON: the text ends before its value does")
    assert builder.root is not None
    return builder.root


def _string(token: str, line: int, col: int, faults: Faults) -> str:
    try:
        return str(json.loads(token))
    except ValueError as error:
        raise faults.fatal(line, col, f"not JSON: {error}") from error


def _after(builder: _Builder) -> str:
    return "after" if builder.frames else "done"


def _wanted(expect: str) -> str:
    return {"colon": "a colon", "after": "a comma or a closing bracket"}.get(
        expect, "a value" if expect.startswith("value") else "a key in double quotes")


def _mark(builder: _Builder, token: str, expect: str, line: int, col: int) -> str:
    inside = builder.frames[-1].node if builder.frames else None
    if token in "[{" and expect.startswith("value"):
        builder.open(Items([], line, col) if token == "[" else Table([], line, col))
        return "value-or-end" if token == "[" else "key-or-end"
    if token in "]}" and isinstance(inside, Items if token == "]" else Table) and (
        expect == "after" or expect.endswith("-or-end")
    ):
        builder.close()
        return _after(builder)
    if token == ":" and expect == "colon":
        return "value"
    if token == "," and expect == "after":
        return "value" if isinstance(inside, Items) else "key"
    raise builder.faults.fatal(line, col,
                               f"not JSON: {_wanted(expect)} belongs here, not {token!r}")
