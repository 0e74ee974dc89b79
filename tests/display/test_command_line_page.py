"""The page on the command line and the README: every command works as it stands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.shell_completion import get_completion_class
from click.testing import CliRunner

import tradescen as ts
from tradescen.cli import main

HOME = Path(__file__).parents[2]
PAGES = (HOME / "docs" / "command-line.md", HOME / "README.md")
LINES = [
    line.partition("#")[0].strip()
    for page in PAGES
    for block in re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    for line in block.splitlines()
]


@pytest.fixture(scope="module")
def mine() -> str:
    """The text of the page's own file."""
    held = ts.load("us-china").as_known("2025-10-24").extend("geneva", until="2026-11-10",
                                                             name="mine")
    return ts.dump(held) + "run: {start: 2025-10-01, end: 2025-12-01}\n"


@pytest.mark.parametrize("line", [x for x in LINES if x.startswith("tradescen ")])
def test_each_command_of_the_page_works(line: str, mine: str, tmp_path: Path,
                                        monkeypatch: pytest.MonkeyPatch) -> None:
    """The command ends with exit code 0 and prints something on standard output."""
    monkeypatch.chdir(tmp_path)
    Path("mine.yaml").write_text(mine, encoding="utf-8")
    words = shlex.split(line.partition(">")[0])[1:]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.stderr
    assert done.stdout.strip()
    if "--out" in words:
        assert {p.stem for p in Path("tables").iterdir()} == {
            "bilateral", "rates", "contributions", "status", "timeline"}


def test_each_shell_of_the_page_is_completed() -> None:
    """The shells named on the page are those completion scripts exist for."""
    shells = re.findall(r"_TRADESCEN_COMPLETE=(\w+)_source tradescen", "\n".join(LINES))
    assert shells == ["bash", "zsh", "fish"]
    for shell in shells:
        found = get_completion_class(shell)
        assert found is not None
        script = found(main, {}, "tradescen", "_TRADESCEN_COMPLETE").source()
        assert f"_TRADESCEN_COMPLETE={shell}_complete" in script
