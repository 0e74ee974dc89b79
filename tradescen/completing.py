"""What a shell completes: scenarios and their ways, countries, the ids of measures and acts.

Only names are read; a record is opened for nothing but the ways of a what-if.
"""

from __future__ import annotations

from collections.abc import Iterable

import iso3166
from click import Context, Parameter
from click.shell_completion import CompletionItem

__all__ = ["countries", "ids", "scenarios"]

RECORD = "us-china"


def _items(found: Iterable[tuple[str, str]], typed: str) -> list[CompletionItem]:
    return [CompletionItem(name, help=text or None) for name, text in found
            if name.lower().startswith(typed.lower())]


def scenarios(ctx: Context, param: Parameter, typed: str) -> list[CompletionItem]:
    """Packs, what-ifs, after a slash their ways; else files."""
    from tradescen.packaged import load
    from tradescen.packaged.store import names, read_manifest
    from tradescen.packaged.whatifs import WHATIFS

    name, slash, _ = typed.partition("/")
    if slash and (name in WHATIFS or name in names()):
        return _items(((f"{name}/{p.name}", "") for p in load(name).paths() if p.name), typed)
    known = [(n, read_manifest(n)["title"]) for n in names()]
    known += [(n, w.title) for n, w in WHATIFS.items()]
    return _items(known, typed) or [CompletionItem(typed, type="file")]


def _asked(ctx: Context) -> str:
    """The record behind the scenario named so far on the line, if it is a packaged one."""
    from tradescen.packaged.store import names
    from tradescen.packaged.whatifs import WHATIFS

    name = str(ctx.params.get("name") or RECORD).partition("/")[0]
    if name in WHATIFS:
        return WHATIFS[name].pack
    return name if name in names() else ""


def countries(ctx: Context, param: Parameter, typed: str) -> list[CompletionItem]:
    """The importers or origins a packaged record speaks of; for files all ISO codes."""
    from tradescen.packaged.store import read_manifest
    record = _asked(ctx)
    called = {c.alpha3: c.apolitical_name for c in iso3166.countries}
    if not record:
        return _items(called.items(), typed)
    covers = read_manifest(record)["exporters"]
    other = ctx.params.get("exporter" if param.name == "importer" else "importer")
    found = covers if param.name == "importer" else (
        covers.get(str(other).upper()) or sorted({e for many in covers.values() for e in many}))
    return _items(((c, called.get(c, "")) for c in found if c != other), typed)


def ids(ctx: Context, param: Parameter, typed: str) -> list[CompletionItem]:
    """The ids of a packaged record: measures, acts, truces, milestones."""
    from tradescen.packaged.store import ids as held

    record = _asked(ctx)
    return _items(sorted(held(record).items()), typed) if record else []
