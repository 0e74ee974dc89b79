"""Scenario files: a scenario as text that people write, compare and send to each other.

Order: ``extends`` → ``as_known`` → ``drop`` → ``changes`` as written → ``run``. Files are data:
nothing in them is executed, and they reach no further than packs and their own folder.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from pathlib import Path
from typing import Any

from attrs import evolve, field, fields, frozen

from tradescen.errors import InvalidValue, ScenarioFileError, UnknownName, one_of
from tradescen.files.applying import Broken, apply
from tradescen.files.emit import to_json, to_yaml
from tradescen.files.forms import ERRORS, Reading, met, wrong_kind
from tradescen.files.grammar import Class, changes
from tradescen.files.nodes import BAD, MOST_BYTES, Faults, Items, Table, Text, beside
from tradescen.files.window import Window
from tradescen.files.yaml_text import decoded, read_json, read_yaml
from tradescen.law.assumptions import Assumptions
from tradescen.law.schedule import TariffSchedule
from tradescen.law.weights import Weights
from tradescen.packaged.store import names, open_pack
from tradescen.packaged.weights import us_duties_collected, us_imports
from tradescen.packaged.whatifs import WHATIFS, build
from tradescen.scenario import Scenario

__all__ = ["FORM", "Facts", "ScenarioFile", "dump", "is_file", "is_text", "read_file",
           "read_text"]

FORM = "tradescen/1"
SUFFIXES = (".yaml", ".yml", ".json")
MOST_FILES = 8  # a chain of extends


@frozen(kw_only=True)
class Facts:
    """What a record says of itself.

    Args:
        data_date: The last day it speaks of; what lies later is projected.
        first_day: The day it begins, if it does not hold all that went before.
        editions: Importer → edition of its codes.
        covers: Importer → origins whose duties it holds.
        gaps: What it is known not to hold, in words.
    """

    data_date: dt.date | None = None
    first_day: dt.date | None = None
    editions: tuple[tuple[str, str], ...] = ()
    covers: tuple[tuple[str, tuple[str, ...]], ...] = ()
    gaps: tuple[str, ...] = ()


@frozen(kw_only=True)
class ScenarioFile:
    """A tariff scenario as a file.

    Args:
        schema: The form of the file, tradescen/1.
        name: How its rows are named in tables; by default the name of the file.
        extends: A pack, or a scenario file in the same folder.
        as_known: The evening it is told from: later announcements are gone, later law is a
            threat. It applies to what is extended, not to the changes below.
        drop: Ids of acts or measures of what is extended, taken out as they stand. Unlike the
            verb without, nothing goes with them.
        schedule: The law on day zero and its stacking plan, instead of extends.
        changes: What is changed, in this order.
        assumptions: Shares no act states, in place of those of what is extended.
        weights: Trade values: names of packaged sets, or sets.
        record: What the record says of itself.
        run: The window to run.
    """

    schema: str = field(default=FORM, validator=one_of(FORM))
    name: str | None = None
    extends: str | None = None
    as_known: dt.date | None = None
    drop: tuple[str, ...] = ()
    schedule: TariffSchedule | None = None
    changes: tuple[Any, ...] = ()
    assumptions: Assumptions | None = None
    weights: tuple[Weights | str, ...] = ()
    record: Facts | None = None
    run: Window | None = None


# -- reading ----------------------------------------------------------------------------


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
        extends, schedule = self.got.get("extends"), self.got.get("schedule")
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
            known = _packaged_weights() if any(isinstance(w, str) for w in weights) else {}
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


@cache
def _packaged_weights() -> dict[str, Weights]:
    sets = [w for name in names() for w in open_pack(name).weights]
    return {w.name: w for w in (*sets, us_imports(), us_duties_collected())}


# -- writing ----------------------------------------------------------------------------


def dump(scenario: Scenario, path: str | Path | None = None, format: str | None = None,
         full: bool = False) -> str | Path:
    """A scenario as text, or into a file; ``load(dump(x)) == x``.

    A scenario built on a pack names it and tells only what differs from it.

    Args:
        scenario: The scenario.
        path: The file to write; its path is returned.
        format: ``"yaml"`` or ``"json"``; by default as the suffix of *path* says, else YAML.
        full: Write everything, also of a scenario built on a pack.

    Raises:
        InvalidValue: for another format, or a path that ends otherwise.
    """
    suffix = "" if path is None else Path(path).suffix.lower()
    form = format or ("json" if suffix == ".json" else "yaml")
    if form not in ("yaml", "json"):
        raise InvalidValue(f"format={format!r} is not one of 'yaml', 'json'", value=format)
    if path is not None and suffix not in (SUFFIXES[2:] if form == "json" else SUFFIXES[:2]):
        raise InvalidValue(
            f"{path} does not end as files in {form} do; load() would not read it back: name it "
            f"*.{form}",
            value=str(path),
        )
    data = Class(ScenarioFile).write(_as_file(scenario, full))
    data = {"schema": FORM, **data}
    text = to_json(data) if form == "json" else to_yaml(data)
    if path is None:
        return text
    Path(path).write_text(text, encoding="utf-8", newline="\n")
    return Path(path)


def _as_file(s: Scenario, full: bool) -> ScenarioFile:
    base = None if full else _base_of(s)
    drop: list[str] = []
    kept = s.changes
    if base is not None:
        before = {c.id: c for c in base.changes}
        kept = tuple(c for c in s.changes if before.get(c.id) != c)
        drop = [c.id for c in base.changes if c not in s.changes]
        drop += sorted({m.id for m in base.schedule.measures}
                       - {m.id for m in s.schedule.measures})
    other = base or Scenario(schedule=s.schedule)
    facts = {f.name: getattr(s, f.name) for f in fields(Facts)
             if getattr(s, f.name) != getattr(other, f.name)}
    known: dict[str, Weights] = _packaged_weights() if s.weights and s.pack else {}
    return ScenarioFile(
        name=s.name, extends=base and s.pack, as_known=s.known_on, drop=tuple(drop),
        schedule=None if base else s.schedule, changes=kept,
        assumptions=None if s.assumptions == other.assumptions else s.assumptions,
        weights=() if s.weights == other.weights else tuple(
            w.name if known.get(w.name) == w else w for w in s.weights),
        record=Facts(**facts) if facts else None, run=s.window,
    )


def _base_of(s: Scenario) -> Scenario | None:
    """The pack a scenario can be told from, as known on its evening; ``None`` if it cannot."""
    if s.pack not in names():
        return None
    base = open_pack(s.pack)
    base = base if s.known_on is None else base.as_known(s.known_on)
    law, own = base.schedule, s.schedule
    here, there = {m.id: m for m in own.measures}, {m.id: m for m in law.measures}
    if own.plan != law.plan or any(there.get(name) != m for name, m in here.items()):
        return None
    changed = {c.id for c in base.changes} - {c.id for c in s.changes if c in base.changes}
    if changed & set(here) or (set(there) - set(here)) & {c.id for c in s.changes}:
        return None  # one id for what stays and what goes
    return base
