"""Readers of files as their publishers print them; no network, nothing guessed.

``readers()`` lists them, ``read(path)`` finds the one a file is for. Another package adds its
own :class:`Reader` under the entry-point group ``tradescen.readers``.
"""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path
from typing import Any

from tradescen.errors import InvalidValue, UnknownName
from tradescen.files.readers.base import (
    Dropped,
    Head,
    Line,
    Read,
    Reader,
    Report,
    Tariff,
    Trade,
)
from tradescen.files.readers.hts import read_hts
from tradescen.files.readers.table import head

__all__ = [
    "BUILT_IN", "GROUP", "Dropped", "Head", "Line", "Read", "Reader", "Report", "Tariff", "Trade",
    "find", "named", "read", "read_hts", "readers",
]

GROUP = "tradescen.readers"
# Name → where it is. The same stands in pyproject.toml, so that others see how it is done.
# The order is that of asking whose a file is; the plain one takes what nobody else does.
BUILT_IN = {
    "usitc-hts-csv": "tradescen.files.readers.hts:HTS_CSV",
    "usitc-hts-json": "tradescen.files.readers.hts:HTS_JSON",
    "usitc-tariff-database": "tradescen.files.readers.tariff_database:TARIFF_DATABASE",
    "census-api": "tradescen.files.readers.census:CENSUS_API",
    "usa-trade-online": "tradescen.files.readers.census:USA_TRADE",
    "dataweb": "tradescen.files.readers.census:DATAWEB",
    "wits-sdmx": "tradescen.files.readers.wits:WITS_SDMX",
    "wits-query": "tradescen.files.readers.wits:WITS_QUERY",
    "comtrade": "tradescen.files.readers.comtrade:COMTRADE",
    "baci": "tradescen.files.readers.comtrade:BACI",
    "tidy": "tradescen.files.readers.tidy:TIDY",
}


@cache
def readers() -> dict[str, Reader]:
    """All readers by name: those of other packages first, then ours, the plain one last.

    Raises:
        InvalidValue: if another package registers something that is no :class:`Reader`, or
            under a name that is taken.
    """
    from importlib.metadata import entry_points

    found: dict[str, Reader] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda e: e.name):
        if entry.value == BUILT_IN.get(entry.name):
            continue
        loaded = entry.load()
        if not isinstance(loaded, Reader) or entry.name in (*found, *BUILT_IN):
            why = "its name is taken" if isinstance(loaded, Reader) else "it is no Reader"
            raise InvalidValue(
                f"the entry point {entry.name!r} = {entry.value!r} of the group {GROUP!r} cannot "
                f"be used: {why}; mend or remove the package that registers it",
                value=entry.value,
            )
        found[entry.name] = loaded
    for name, where in BUILT_IN.items():
        module, _, attribute = where.partition(":")
        found[name] = getattr(importlib.import_module(module), attribute)
    return found


def find(path: Path | str) -> Reader:
    """The reader a file is for, by its name and head.

    Raises:
        InvalidValue: if no reader knows it.
    """
    path = Path(path)
    name = path.name.lower().removesuffix(".gz")
    if name.endswith((".parquet", ".pq")):
        from tradescen.files.readers.census import is_api_parquet

        return readers()["census-api" if is_api_parquet(path) else "tidy"]
    seen = head(path)
    for reader in readers().values():
        if reader.sniff(seen):
            return reader
    raise InvalidValue(
        f"no reader knows {path.name}; name one with reader= ({', '.join(readers())}), or bring "
        "the data into a plain table with the columns importer, exporter, product, year, value",
        path=path.name,
    )


def named(reader: str | Reader) -> Reader:
    """A reader by its name.

    Raises:
        UnknownName: if there is none.
    """
    if isinstance(reader, Reader):
        return reader
    if reader not in readers():
        raise UnknownName.among("reader", reader, readers())
    return readers()[reader]


def read(path: Path | str, *, reader: str | Reader | None = None, **options: Any) -> Read:
    """Read a file with the reader named, or the one it is for.

    Args:
        path: The file; gzipped files are opened as they are.
        reader: A name out of :func:`readers`, or a reader.
        **options: ``digits=`` (how many digits the codes have, if their leading zeros are
            lost), ``edition=``; for trade ``importer=``, ``exporter=``, ``year=``, ``flow=``.

    Raises:
        UnknownName: for a reader there is not.
        InvalidValue: for a file that cannot be read; all faults with their lines.
    """
    chosen = find(path) if reader is None else named(reader)
    return chosen.read(path, **options)
