"""The command line for people: widths, bars, the tree; and nothing of it where it is piped."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from io import StringIO
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tradescen as ts
from tradescen.display.tables import bilateral_text
from tradescen.display.terminal import (
    Look,
    calendar_text,
    fitted,
    measures_text,
    rates_text,
    tree,
    tree_text,
)
from tradescen.vocab.duty import percent

ANSI = re.compile(r"\x1b\[[0-9;]*m")
COMMAND = [sys.executable, "-c", "from tradescen.cli import main; main(prog_name='tradescen')"]
CELL = ("--importer", "CHN", "--exporter", "USA", "--product", "1201", "--on", "2025-11-12")


def _longest(text: str) -> int:
    return max(len(ANSI.sub("", line)) for line in text.splitlines())


@pytest.fixture(scope="module")
def calendar(record: ts.Scenario) -> pd.DataFrame:
    """The calendar of 2025."""
    return record.timeline(start="2025-01-01", end="2026-01-01")


@settings(max_examples=12)
@given(width=st.integers(60, 180), colour=st.booleans())
def test_a_calendar_fits_its_terminal(calendar: pd.DataFrame, width: int, colour: bool) -> None:
    """No line is longer than the terminal is wide, and every act is there."""
    text = calendar_text(calendar, Look(width=width, colour=colour))
    assert _longest(text) <= width
    for name in calendar["id"]:
        assert name in text or len(name) > 20  # a longer one may be broken


@settings(max_examples=12)
@given(width=st.integers(60, 180), bars=st.booleans())
def test_a_tree_fits_its_terminal(record: ts.Scenario, width: int, bars: bool) -> None:
    """The tree of a rate is no wider than the terminal and has every part and its sources."""
    found = record.explain(importer="CHN", exporter="USA", product="1201.90", on="2026-12-01")
    text = tree_text(found, Look(width=width, bars=bars))
    assert _longest(text) <= width
    plain = re.sub(r"[\s│├└─]+", "", text)
    for step in (*found.steps, *found.pending):
        assert step.measure in plain
        assert re.sub(r"\s+", "", step.source)[:24] in plain
    for step in found.steps:
        if step.contribution > 0:
            assert f"{percent(step.contribution)}" in text


@pytest.mark.parametrize(("width", "bars"), [(80, True), (101, True), (160, False)])
def test_tables_of_futures_fit_their_terminal(futures: ts.Result, width: int, bars: bool) -> None:
    """Futures × dates are broken into as many tables as the width asks for."""
    text = bilateral_text(futures, width, bars)
    assert _longest(text) <= width
    assert bool(set("▂▃▄▅▆▇█") & set(text)) == (bars and width >= 100)
    first = futures.bilateral()["rate"].iloc[0]
    assert f"{first * 100:.1f} (" in text


def test_measures_fit_eighty_columns(record: ts.Scenario) -> None:
    """The list of measures of a day fits a terminal of 80 columns."""
    frame = record.measures(on="2025-11-12")
    text = measures_text(frame, Look(width=80))
    assert _longest(text) <= 80
    assert all(name in text for name in frame["measure"])


@given(st.lists(st.tuples(st.text("abcde ", min_size=1, max_size=60),
                          st.text("xyz", max_size=8)), min_size=1, max_size=5))
def test_wrapping_a_cell_loses_no_word(rows: list[tuple[str, str]]) -> None:
    """A wrapped cell holds the words it held, in their order."""
    text = fitted(["what", "b"], [list(r) for r in rows], Look(width=44), flex=0)
    body = "".join(text.splitlines()[2:])
    assert [c for c in body if c in "abcde"] == [c for a, _ in rows for c in a if c != " "]


@given(st.recursive(st.just([]), lambda inner: st.lists(
    st.tuples(st.text("ab ", min_size=1, max_size=90), inner), max_size=3), max_leaves=8))
def test_a_tree_draws_each_node_once(nodes: list[Any]) -> None:
    """There is one branch for each node, and the last of each level closes it."""
    def count(level: list[Any]) -> tuple[int, int]:
        under = [count(u) for _, u in level]
        return len(level) + sum(n for n, _ in under), bool(level) + sum(k for _, k in under)

    lines = tree(nodes, 60)
    branches = [x for x in lines if "├─ " in x or "└─ " in x]
    closing = [x for x in lines if "└─ " in x]
    assert (len(branches), len(closing)) == count(nodes)


def test_bars_and_colours_are_for_a_terminal_only(record: ts.Scenario) -> None:
    """Bars come with a terminal, colours with one that wants them; a file has neither."""
    on = "2025-11-12"
    frame = record.run(start=on, end="2025-11-13", importers=["CHN"], exporters=["USA"],
                       products=["1201"]).rates(on=on)
    piped = rates_text(frame, Look.of(StringIO()))
    assert "█" not in piped
    assert not ANSI.search(piped)
    shown = rates_text(frame, Look(bars=True, colour=True))
    assert "█" in shown
    assert ANSI.search(shown)
    for value in frame["rate"]:
        assert f"{value * 100:.2f}%" in piped
        assert f"{value * 100:.2f}%" in shown


def _piped(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *words], capture_output=True, text=True, check=False,
                          env={**os.environ, **env})


def _on_terminal(*words: str, **env: str) -> str:
    """What a command prints where its output is a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen([*COMMAND, *words], stdout=theirs, stderr=subprocess.DEVNULL,
                          env={**os.environ, "TERM": "xterm", "COLUMNS": "100", **env}) as done:
        os.close(theirs)
        said = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            said += part
        assert done.wait() == 0
    os.close(ours)
    return said.decode()


def test_piped_output_is_plain_and_a_terminal_gets_more() -> None:
    """The same command prints bars and colours on a terminal, and neither into a pipe, whatever
    the environment says of colours."""
    piped = _piped("rates", *CELL, TERM="xterm-256color", FORCE_COLOR="1", CLICOLOR_FORCE="1")
    assert piped.returncode == 0
    assert "\x1b" not in piped.stdout
    assert "█" not in piped.stdout
    shown = _on_terminal("rates", *CELL, NO_COLOR="")
    assert ANSI.search(shown)
    assert "█" in shown


def test_no_color_leaves_a_terminal_its_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under ``NO_COLOR`` or on a dumb terminal there are bars and no colours."""
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "")
    assert Look.of(Terminal()).colour
    monkeypatch.setenv("NO_COLOR", "1")
    assert (Look.of(Terminal()).bars, Look.of(Terminal()).colour) == (True, False)
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert (Look.of(Terminal()).bars, Look.of(Terminal()).colour) == (True, False)


def test_help_loads_no_pandas_and_no_numpy() -> None:
    """``tradescen --help`` answers at once: it loads neither pandas nor numpy."""
    code = (
        "import sys\n"
        "from tradescen.cli import main\n"
        "try:\n"
        "    main(['--help'], prog_name='tradescen')\n"
        "except SystemExit as done:\n"
        "    assert not done.code\n"
        "assert not {'pandas', 'numpy'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "timeline" in done.stdout


def test_output_that_cannot_hold_a_sign_is_no_crash() -> None:
    """Where the encoding of the output lacks a sign, a question mark stands in its place."""
    done = _piped("timeline", "--start", "2025-11-10", "--end", "2025-11-11",
                  PYTHONIOENCODING="latin-1", PYTHONUTF8="0")
    assert done.returncode == 0
    assert "?" in done.stdout
