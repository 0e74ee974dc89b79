"""The borders of the house, held by walking the imports of every module."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import tradescen

HOME = Path(tradescen.__file__).parent

# Lower may not import higher; within a room a module imports only modules left of it.
ROOMS: list[tuple[str, tuple[str, ...] | None]] = [
    ("errors", None),
    ("looks", None),
    ("vocab", ("period", "source", "hs", "groups", "countries", "schedule_c", "units",
               "duty_kinds", "duty_text", "duty")),
    ("law", ("measure", "stacking", "schedule", "nomenclature", "weights", "conversion",
             "concordance", "assumptions")),
    ("timeline", ("targets", "acts", "escalation", "truce", "settle", "spells", "pieces", "tracks",
                  "fold", "fork", "moves", "pruning", "verbs", "rules", "course", "transitions",
                  "answers", "play")),
    ("engine", ("kernel", "grid", "table", "lower", "panel", "exposure", "weighing",
                "loads")),
    ("frames", ("run", "tidy", "placing", "batch", "acts", "rates", "averages",
                "defined", "collected", "sensitivity", "compare", "explain", "odds", "panels",
                "check")),
]
# The facades and what stands beside them are one room: a scenario runs, a run gives a result.
TOP = ("scenario", "attribution", "commuting", "sampling", "futures", "patterns", "draws", "probe",
       "result", "simulation", "files", "packaged", "display", "completing", "cli", "effects",
       "testing", "__init__")
PLAIN = ("errors", "looks", "vocab", "law", "timeline")  # no arrays, no frames
HEAVY = ("numpy", "pandas")


def _modules() -> list[Path]:
    return sorted(p for p in HOME.rglob("*.py"))


def _place(parts: tuple[str, ...]) -> tuple[str, str]:
    """(room, module) of a path relative to the package, or of a dotted name."""
    return (parts[0], parts[1] if len(parts) > 1 else "__init__")


def _type_checking(tree: ast.Module) -> set[ast.AST]:
    out: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            out.update(n for child in node.body for n in ast.walk(child))
    return out


def _imports(path: Path) -> list[tuple[str, int, bool]]:
    """(dotted name, line, whether at module level) of every import but type-only ones."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = _type_checking(tree)
    found: list[tuple[str, int, bool]] = []
    for node in ast.walk(tree):
        if node in skipped:
            continue
        top = node in tree.body
        if isinstance(node, ast.Import):
            found += [(a.name, node.lineno, top) for a in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            found.append((str(node.module), node.lineno, top))
    return found


def test_imports_point_down_and_left() -> None:
    """No module imports a higher room or, in its own room, a module to its right."""
    order = [name for name, _ in ROOMS]
    inner = dict(ROOMS)
    faults = []
    for path in _modules():
        room, module = _place(path.relative_to(HOME).with_suffix("").parts)
        if room not in order:
            continue
        for name, line, _ in _imports(path):
            if not name.startswith("tradescen."):
                continue
            other, target = _place(tuple(name.split(".")[1:]))
            where = f"{path.relative_to(HOME)}:{line} imports {name}"
            if other not in order or order.index(other) > order.index(room):
                faults.append(f"{where}: upward")
            elif other == room and module != "__init__":
                names = inner[room] or ()
                assert module in names, f"{room}/{module} has no place in the order of its room"
                if target != "__init__" and names.index(target) >= names.index(module):
                    faults.append(f"{where}: to the right")
    assert faults == []


def test_every_module_has_a_room() -> None:
    """A new top-level module or package is given its place here before anything imports it."""
    known = {name for name, _ in ROOMS} | set(TOP)
    assert {p.relative_to(HOME).with_suffix("").parts[0] for p in _modules()} <= known


def test_policy_logic_is_plain_values() -> None:
    """The words, the law and the acts import no numpy at module level and no pandas at all
    where a timeline is folded."""
    faults = []
    for path in _modules():
        room, _ = _place(path.relative_to(HOME).with_suffix("").parts)
        if room not in PLAIN:
            continue
        faults += [
            f"{path.relative_to(HOME)}:{line}: {name}"
            for name, line, top in _imports(path)
            if name.split(".")[0] in HEAVY and (top or room == "timeline")
        ]
    assert faults == []


def test_kernel_knows_nothing_of_ours() -> None:
    """The kernel imports numpy and the standard library only."""
    names = [n for n, _, _ in _imports(HOME / "engine" / "kernel.py")]
    assert not [n for n in names if n.startswith("tradescen")]


def test_law_is_data() -> None:
    """No country, list or date of the record stands in the code that reads it."""
    allowed = {HOME / "vocab" / "groups.py", HOME / "vocab" / "schedule_c.py",
               HOME / "packaged" / "whatifs.py"}
    words = ("CHN", "USA", "HKG", "IEEPA", "Section 301", "9903")
    faults = []
    for path in _modules():
        if path in allowed or path.parent.name == "readers" or path.name == "cli.py":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docs = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
            and node.body and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare):
                for part in ast.walk(node):
                    if isinstance(part, ast.Constant) and part.value in words and (
                        id(part) not in docs
                    ):
                        faults.append(f"{path.relative_to(HOME)}:{node.lineno}: {part.value}")
    assert faults == []


def test_import_loads_no_pandas_and_no_numpy() -> None:
    """``import tradescen`` loads neither pandas nor numpy, prints nothing and warns of nothing."""
    code = "import sys, tradescen; print('pandas' in sys.modules, 'numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True,
                          text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
    assert done.stderr == ""


@pytest.mark.parametrize("name", [n for n in tradescen.__all__ if n != "__version__"])
def test_public_name_is_documented(name: str) -> None:
    """Every public name is there and says what it is."""
    assert (getattr(tradescen, name).__doc__ or "").strip()


def test_unknown_public_name_is_an_attribute_error() -> None:
    """A name that is not public fails as for any module."""
    with pytest.raises(AttributeError, match="no attribute 'Tarif'"):
        _ = tradescen.Tarif  # type: ignore[attr-defined]
