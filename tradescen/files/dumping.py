"""Scenarios into scenario files."""

from __future__ import annotations

from pathlib import Path

from attrs import fields

from tradescen.errors import InvalidValue
from tradescen.files.emit import to_json, to_yaml
from tradescen.files.grammar import Class
from tradescen.files.layout import FORM, SUFFIXES, Facts, ScenarioFile, packaged_weights
from tradescen.law.weights import Weights
from tradescen.packaged.store import names, open_pack
from tradescen.scenario import Scenario

__all__ = ["dump"]


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
    known: dict[str, Weights] = packaged_weights() if s.weights and s.pack else {}
    return ScenarioFile(
        name=s.name, extends=s.pack if base else None, as_known=s.known_on, drop=tuple(drop),
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
