"""Packs on disk: JSON in, a scenario out; and the way back for the builder."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from tradescen.errors import InvalidValue
from tradescen.files.codec import Decoder, Encoder
from tradescen.law.assumptions import Assumptions
from tradescen.law.schedule import TariffSchedule
from tradescen.law.weights import Weights
from tradescen.scenario import Scenario
from tradescen.timeline.course import Change
from tradescen.timeline.moves import plain_acts

__all__ = ["ids", "names", "open_pack", "read_manifest", "write_pack"]

FORM = "tradescen/pack/1"


def _home() -> Any:
    return files("tradescen.packaged") / "data"


@cache
def names() -> tuple[str, ...]:
    """The packs that are there."""
    return tuple(sorted(p.name for p in _home().iterdir() if (p / "manifest.json").is_file()))


def _read(pack: str, part: str) -> Any:
    return json.loads((_home() / pack / f"{part}.json").read_text(encoding="utf-8"))


@cache
def read_manifest(pack: str) -> dict[str, Any]:
    """What a pack says of itself."""
    manifest: dict[str, Any] = _read(pack, "manifest")
    return manifest


@cache
def ids(pack: str) -> dict[str, str]:
    """Every id in a pack with its kind, as the file has them; nothing is built."""
    found: dict[str, str] = {}
    open_ = [_read(pack, "law")[part] for part in ("changes", "schedule")]
    while open_:
        one = open_.pop()
        if isinstance(one, dict):
            name, kind = one.get("id"), one.get("~")
            # An act may bear the id of the measure it imposes; the measure is what is meant.
            if isinstance(name, str) and kind and (kind == "Measure" or name not in found):
                found[name] = kind.lower()
            open_ += one.values()
        elif isinstance(one, list):
            open_ += one
    return found


@cache
def open_pack(pack: str) -> Scenario:
    """The record of a pack; read once a process, since scenarios are values."""
    manifest = read_manifest(pack)
    law = _read(pack, "law")
    if law["form"] != FORM:
        raise InvalidValue(
            f"the pack {pack!r} has the form {law['form']!r}; this version reads {FORM!r}"
        )
    decoder = Decoder(law["sets"], law["tables"])
    weights = Decoder({}, {})
    return Scenario(
        name=pack,
        pack=pack,
        schedule=decoder.decode(law["schedule"]),
        changes=decoder.decode(law["changes"]),
        data_date=manifest["data_date"],
        assumptions=decoder.decode(law["assumptions"]),
        weights=tuple(weights.decode(w) for w in _read(pack, "weights")),
        editions=manifest["editions"],
        covers=manifest["exporters"],
        first_day=manifest["first_day"],
        gaps=tuple(manifest["known_gaps"]),
    )


def _unsourced(schedule: TariffSchedule, changes: tuple[Change, ...]) -> list[str]:
    bare = [m.id for m in schedule.measures if m.source is None]
    for change in changes:
        bare += [a.id for a in plain_acts(change) if a.source is None]
    return bare


def write_pack(home: Path, name: str, *, schedule: TariffSchedule, changes: tuple[Change, ...],
               assumptions: Assumptions, weights: tuple[Weights, ...],
               manifest: dict[str, Any]) -> dict[str, int]:
    """Write a pack below *home* and return the size of each file.

    Raises:
        InvalidValue: if a measure or act names no source; a pack holds cited facts only.
    """
    bare = _unsourced(schedule, changes)
    if bare:
        raise InvalidValue(
            f"a pack holds cited facts only, and {len(bare)} measures or acts name no source: "
            f"{', '.join(bare[:12])}; give each a Source",
            ids=tuple(bare),
        )
    encoder = Encoder()
    law = {
        "form": FORM,
        "schedule": encoder.encode(schedule),
        "changes": encoder.encode(tuple(sorted(changes, key=lambda c: c.id))),
        "assumptions": encoder.encode(assumptions),
    }
    law |= {"sets": encoder.sets, "tables": encoder.tables}
    folder = home / name
    folder.mkdir(parents=True, exist_ok=True)
    sizes = {}
    for part, body in (("law", law), ("weights", [Encoder().encode(w) for w in weights]),
                       ("manifest", manifest)):
        text = json.dumps(body, ensure_ascii=False, indent=0 if part == "law" else None)
        if part == "manifest":
            text = json.dumps(body, ensure_ascii=False, indent=2)
        path = folder / f"{part}.json"
        path.write_text(text + "\n", encoding="utf-8")
        sizes[part] = path.stat().st_size
    return sizes
