"""The API reference: one page a group of public names, each name documented by its docstring.

Usage: python -m tools.api_pages FOLDER

``docs/conf.py`` calls it. A public name that no group lists comes under "Further names", so none
is left out.
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import tradescen

GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "scenarios": ("Scenarios and runs", (
        "load", "packs", "dump", "Scenario", "simulate", "ensemble", "Vary", "Uniform",
        "Triangular", "Choice", "attribute")),
    "results": ("Results", (
        "Result", "Explanation", "Ensemble", "realised", "frames.panels.Rates")),
    "law": ("The law", (
        "TariffSchedule", "Measure", "Scope", "CountrySet", "HS", "ProductSet", "ByProduct",
        "Period", "Source", "StackPlan", "StackGroup", "Yield", "Floor")),
    "duties": ("Duties", ("duty", "AdValorem", "Specific", "Compound", "Unknown")),
    "acts": ("Acts", (
        "Impose", "Amend", "Suspend", "Terminate", "Reschedule", "Milestone", "Select", "Only")),
    "composed": ("Truces, steps, rules, forks", (
        "Truce", "Pause", "Escalation", "EscalationStep", "Retaliation", "Trigger", "Fork",
        "Branch", "Enact", "Withdraw", "Extend", "Collapse", "Shift", "Without")),
    "weights": ("Weights and assumptions", (
        "Weights", "read_weights", "write_weights", "Concordance", "Assumptions")),
    "errors": ("Errors", (
        "TradescenError", "InvalidValue", "UnknownName", "MissingData", "AmbiguousProduct",
        "AmbiguousPartner", "ConflictingActs", "NomenclatureMismatch", "RunawayRules",
        "ScenarioFileError")),
    "files": ("Files and packaged trade", (
        "hts_schedule", "us_imports", "us_duties_collected", "files.schedules.mfn_measure",
        "files.readers.read",
        "files.readers.readers", "files.readers.find", "files.readers.Reader",
        "files.readers.Read", "files.readers.Report", "files.readers.Trade",
        "files.readers.Tariff", "files.readers.Line")),
}
FURTHER = "Further names"


def _object(name: str) -> Any:
    found: Any = tradescen
    if "." in name:
        module, _, name = name.rpartition(".")
        found = __import__(f"tradescen.{module}", fromlist=[name])
    return getattr(found, name)


def _first(thing: Any) -> str:
    said = (inspect.getdoc(thing) or "").split("\n\n")[0]
    return " ".join(said.replace("``", "`").split())


def _entry(dotted: str, thing: Any) -> str:
    kind = "class" if inspect.isclass(thing) else "function" if callable(thing) else "data"
    if kind == "data":
        return f".. py:data:: {dotted}\n   :value: {thing!r}\n"
    return f".. auto{kind}:: {dotted}\n"


def _page(title: str, names: list[tuple[str, Any]], text: str = "") -> str:
    parts = [f"# {title}"] + ([text] if text else [])
    for dotted, thing in names:
        short = dotted.removeprefix("tradescen.")
        parts += [f"## {short}", f"```{{eval-rst}}\n{_entry(dotted, thing)}```"]
    return "\n\n".join(parts) + "\n"


def pages() -> dict[str, str]:
    """Page → text, the index first."""
    public = [n for n in tradescen.__all__ if n != "__version__"]
    modules = {n: m for n in public if isinstance(m := _object(n), ModuleType)}
    listed = {n for _, names in GROUPS.values() for n in names}
    groups = dict(GROUPS)
    if further := tuple(n for n in public if n not in listed and n not in modules):
        groups["further"] = (FURTHER, further)
    made: dict[str, str] = {}
    index = ["# API reference", "Every public name of `tradescen`. What is not here is free to "
             "change. Importer and exporter are always given by keyword; rates are fractions of "
             "customs value; days are ISO text, `date`, `datetime` or `Timestamp`."]
    for slug, (title, names) in groups.items():
        things = [(f"tradescen.{n}", _object(n)) for n in names]
        made[slug] = _page(title, things)
        index.append(f"## [{title}]({slug}.md)")
        index.append("\n".join(
            f"* {{py:obj}}`~{dotted}`: {_first(thing)}" for dotted, thing in things))
    for name, module in modules.items():
        things = [(f"tradescen.{name}.{n}", getattr(module, n)) for n in module.__all__]
        made[name] = _page(f"tradescen.{name}", things, inspect.getdoc(module) or "")
        index.append(f"## [tradescen.{name}]({name}.md)\n\n{_first(module)}")
    index.append("```{toctree}\n:hidden:\n\n" + "\n".join(made) + "\n```")
    return {"index": "\n\n".join(index) + "\n", **made}


def write_api(folder: Path) -> None:
    """Write the pages, those that changed."""
    folder.mkdir(exist_ok=True)
    for name, text in pages().items():
        path = folder / f"{name}.md"
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_api(Path(sys.argv[1]))
