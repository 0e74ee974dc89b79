"""The packaged record and the what-ifs built on it.

A pack is facts in our own form, apart from the code: ``law.json`` (schedule, acts,
milestones), ``weights.json``, ``manifest.json`` (version, data date, editions, sources,
known gaps). ``tools/build_packs.py`` generates them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tradescen.errors import UnknownName
from tradescen.packaged.store import names, open_pack, read_manifest
from tradescen.packaged.whatifs import WHATIFS, build

if TYPE_CHECKING:
    import pandas as pd

    from tradescen.scenario import Scenario

__all__ = ["load", "packs", "scenarios"]


def load(name_or_path: str | Path) -> Scenario:
    """A packaged record, a packaged what-if or a scenario file as a scenario.

    Args:
        name_or_path: ``"us-china"``, a what-if such as ``"truce-extended"``, a file
            (``"mine.yaml"``), or the text of one, as :func:`~tradescen.dump` gives it.

    Raises:
        UnknownName: if there is no such pack or file.
        ScenarioFileError: with all faults of a file.
    """
    name = str(name_or_path)
    if name in names():
        return open_pack(name)
    if name in WHATIFS:
        return build(name)[0]
    from tradescen.files.scenario_file import is_file, is_text, read_file, read_text

    if isinstance(name_or_path, str) and is_text(name_or_path):
        return read_text(name_or_path)
    if is_file(name_or_path):
        return read_file(name_or_path)
    raise UnknownName.among("pack or what-if", name, [*names(), *WHATIFS],
                            "A scenario file ends in .yaml or .json")


def scenarios(name: str) -> tuple[Scenario, ...]:
    """A what-if and what it is shown against; a pack is alone."""
    return build(name) if name in WHATIFS else (load(name),)


def packs() -> pd.DataFrame:
    """Packs and what-ifs with data dates, editions, sources and known gaps.

    Sources and gaps are one a line.
    """
    import pandas as pd

    rows = []
    for name in names():
        m = read_manifest(name)
        rows.append({
            "name": name, "kind": "record", "version": m["version"],
            "data_date": pd.Timestamp(m["data_date"]), "what": m["title"],
            "editions": "; ".join(f"{k}: {v}" for k, v in m["editions"].items()),
            "sources": "\n".join(m["sources"]), "known_gaps": "\n".join(m["known_gaps"]),
        })
    for name, whatif in WHATIFS.items():
        m = read_manifest(whatif.pack)
        rows.append({
            "name": name, "kind": "what-if", "version": m["version"],
            "data_date": pd.Timestamp(m["data_date"]), "what": whatif.title,
            "editions": "", "sources": f"built on {whatif.pack}", "known_gaps": "",
        })
    frame = pd.DataFrame(rows)
    frame["data_date"] = frame["data_date"].astype("datetime64[us]")
    return frame
