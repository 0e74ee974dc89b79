"""Scenario files into scenarios.

Order: ``extends`` → ``as_known`` → ``drop`` → ``changes`` as written → ``run``. Files are data:
nothing in them is executed, and they reach no further than packs and their own folder.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from attrs import evolve, fields

from tradescen.errors import ScenarioFileError, UnknownName
from tradescen.files.applying import Broken, apply
from tradescen.files.forms import ERRORS, Reading, met, wrong_kind
from tradescen.files.grammar import Class, changes
from tradescen.files.layout import FORM, SUFFIXES, Facts, ScenarioFile, packaged_weights
from tradescen.files.nodes import BAD, MOST_BYTES, Faults, Items, Table, Text, beside
from tradescen.files.yaml_text import decoded, read_json, read_yaml
from tradescen.law.schedule import TariffSchedule
from tradescen.packaged.store import names, open_pack
from tradescen.packaged.whatifs import WHATIFS, build
from tradescen.scenario import Scenario

__all__ = ["is_file", "is_text", "read_file", "read_text"]

MOST_FILES = 8  # a chain of extends


def is_text(value: object) -> bool:
    """Whether *value* is the text of a scenario file, not the name of one."""
    return isinstance(value, str) and ("\n" in value or value.lstrip().startswith("{"))


def is_file(value: object) -> bool:
    """Whether *value* names a scenario file."""
    if isinstance(value, Path):
        return True
    text = str(value)
    return not is_text(text) and (text.lower().endswith(SUFFIXES) or Path(text).is_file())


def read_file(path: str | Path) -> Scenario:
    """The scenario of a file.

    Raises:
        ScenarioFileError: with all its faults.
        UnknownName: if there is no such file.
    """
    where = Path(path)
    if not where.is_file():
        raise UnknownName.among("scenario file", where.name, _files(where.parent),
                                f"The folder is {where.parent.resolve()}")
    faults = Faults(str(path))
    return _finished(_read(_bytes(where), where, Reading(faults), (where.resolve(),)), faults)


def read_text(text: str, name: str = "<text>") -> Scenario:
    """The scenario of a text, YAML or JSON; it may extend packs only.

    Raises:
        ScenarioFileError: with all its faults.
    """
    faults = Faults(name)
    return _finished(_read(text.encode("utf-8", "surrogatepass"), None, Reading(faults), ()),
                     faults)


def _finished(found: Scenario | None, faults: Faults) -> Scenario:
    if faults.found or found is None:
        raise ScenarioFileError.of(faults.found)
    return found


def _files(folder: Path) -> list[str]:
    try:
        return sorted(p.name for p in folder.iterdir() if p.suffix.lower() in SUFFIXES)[:200]
    except OSError:
        return []


def _bytes(where: Path) -> bytes:
    with where.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def _read(body: bytes, where: Path | None, to: Reading, stack: tuple[Path, ...]) -> (
    Scenario | None
):
    text = decoded(body, to.faults)
    as_json = where.suffix.lower() == ".json" if where else bool(re.match(r'\s*\{\s*["}]', text))
    node = (read_json if as_json else read_yaml)(text, to.faults)
    if not isinstance(node, Table):
        wrong_kind(node, "$", to, f"a mapping that begins with schema: {FORM}")
        return None
    return _Assembly(node, to, where, stack).scenario()


class _Assembly:
    """Puts the parts of one file together."""

    def __init__(self, node: Table, to: Reading, where: Path | None,
                 stack: tuple[Path, ...]) -> None:
        pairs = [p for p in node.pairs if p[0].value not in ("$schema", "changes")]
        self.node = node
        self.to = to
        self.where = where
        self.stack = stack
        if node.get("schema") is None:
            to.faults.add(node, "$", f"schema is missing; begin with schema: {FORM}")
        self.got = Class(ScenarioFile).read_fields(Table(pairs, node.line, node.col), "$", to)

    def _fault(self, key: str, message: str) -> None:
        self.to.faults.add(self.node.key(key), f"$.{key}", message)

    def _given(self, key: str) -> Any:
        value = self.got.get(key)
        return None if value is BAD else value

    def scenario(self) -> Scenario | None:
        """The scenario, or ``None`` after noting why there is none."""
        items, broken = self._changes()
        base = self._base()
        if base is None:
            return None
        day = self._given("as_known")
        if day is not None:
            base = base.as_known(day)
        facts = self._facts()
        try:
            template = evolve(base, name=self._name(), **facts)
        except ERRORS as error:
            self._fault("record", met(error))
            return None
        law = self._less(base)
        schedule, made = apply(template, law, items, self.to, broken,
                               self.node.key("changes"))
        if self.to.faults.found:
            return None
        return evolve(template, schedule=schedule, changes=made)

    def _name(self) -> str:
        own = self.where.stem.strip() if self.where else ""
        return self._given("name") or own or "scenario"

    def _changes(self) -> tuple[list[Any], Broken]:
        node = self.node.get("changes")
        broken = Broken(all=any(self.got.get(k) is BAD for k in ("as_known", "drop")))
        if node is None or (isinstance(node, Text) and node.is_null):
            return [], broken
        form, found = changes().form, []
        nodes = node.values if isinstance(node, Items) else [node]
        for n, one in enumerate(nodes):
            path = beside("$.changes", n) if isinstance(node, Items) else "$.changes"
            value = form.read(one, path, self.to)
            if value is BAD:
                broken.add(one)
            else:
                found.append(value)
        return found, broken

    def _base(self) -> Scenario | None:
        extends: Any = self.got.get("extends")
        schedule: Any = self.got.get("schedule")
        if extends is not None and schedule is not None:
            self._fault("schedule", "a file that extends another has the schedule of that; "
                        "give one of extends and schedule")
            return None
        if extends is None and schedule is None:
            self.to.faults.add(self.node, "$", "what is the law of day zero? Give extends: (a "
                               f"pack: {', '.join(names())}; or a file in the same folder) or a "
                               "schedule:")
            return None
        if extends is BAD or schedule is BAD:
            return None
        if extends is not None:
            return self._extended(extends)
        try:
            return Scenario(schedule=schedule)
        except ERRORS as error:
            self._fault("schedule", met(error))
            return None

    def _extended(self, name: str) -> Scenario | None:
        if name in names():
            return open_pack(name)
        if name in WHATIFS:
            return build(name)[0]
        if not name.lower().endswith(SUFFIXES):
            said = UnknownName.among("pack", name, [*names(), *WHATIFS],
                                     f"A file ends in {', '.join(SUFFIXES)}")
            self._fault("extends", str(said))
            return None
        if self.where is None:
            self._fault("extends", f"{name!r}: a text that is no file has no folder; extend a "
                        f"pack ({', '.join(names())})")
            return None
        folder = self.where.resolve().parent
        target = self.where.parent / name
        if re.search(r"[/\\:\x00]", name) or target.resolve().parent != folder:
            self._fault("extends", f"{name!r} is not in the folder of this file; a file extends "
                        "packs and files beside it only")
            return None
        if target.resolve() in self.stack:
            chain = " → ".join([*(p.name for p in self.stack), name])
            self._fault("extends", f"the files extend each other in a circle: {chain}")
            return None
        if len(self.stack) >= MOST_FILES:
            self._fault("extends", f"more than {MOST_FILES} files extend each other")
            return None
        if not target.is_file():
            self._fault("extends", str(UnknownName.among("scenario file", name, _files(folder))))
            return None
        to = Reading(self.to.faults.of(str(target)))
        return _read(_bytes(target), target, to, (*self.stack, target.resolve()))

    def _facts(self) -> dict[str, Any]:
        out: dict[str, Any] = {}
        record = self._given("record")
        if record is not None:
            node = self.node.get("record")
            out |= {f.name: getattr(record, f.name) for f in fields(Facts)
                    if isinstance(node, Table) and node.get(f.name) is not None}
        if self._given("assumptions") is not None:
            out["assumptions"] = self.got["assumptions"]
        if self._given("run") is not None:
            out["window"] = self.got["run"]
        weights = self._given("weights")
        if weights is not None:
            known = packaged_weights() if any(isinstance(w, str) for w in weights) else {}
            for one in weights:
                if isinstance(one, str) and one not in known:
                    self._fault("weights", str(UnknownName.among("packaged weights", one, known)))
            out["weights"] = tuple(known.get(w, w) if isinstance(w, str) else w for w in weights)
        return out

    def _less(self, base: Scenario) -> tuple[TariffSchedule, tuple[Any, ...]]:
        """The law of the base without what is dropped."""
        dropped = set(self._given("drop") or ())
        known = {*(m.id for m in base.schedule.measures), *(c.id for c in base.changes)}
        for one in sorted(dropped - known):
            self._fault("drop", str(UnknownName.among("act or measure", one, known)))
        kept = tuple(m for m in base.schedule.measures if m.id not in dropped)
        schedule = evolve(base.schedule, measures=kept) if dropped else base.schedule
        return schedule, tuple(c for c in base.changes if c.id not in dropped)
