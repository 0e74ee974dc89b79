"""The documentation: nothing public is left out, the record is told whole, and all of it builds."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import tradescen as ts
from tools.api_pages import GROUPS, pages
from tools.record_page import calendar, citations, measures, plain, spells

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def record() -> ts.Scenario:
    return ts.load("us-china")


def test_every_public_name_has_a_page() -> None:
    """Each name of the package, and of its modules, is documented once."""
    documented: list[str] = []
    for slug, text in pages().items():
        if slug != "index":
            documented += re.findall(r"^\.\. (?:auto\w+|py:data):: tradescen\.(\S+)", text, re.M)
    assert len(documented) == len(set(documented))
    public = {name: getattr(ts, name) for name in ts.__all__ if name != "__version__"}
    modules = {name: m for name, m in public.items() if isinstance(m, ModuleType)}
    wanted = set(public) - set(modules)
    wanted |= {f"{name}.{inner}" for name, m in modules.items() for inner in m.__all__}
    assert wanted <= set(documented)


def test_groups_name_what_exists() -> None:
    """A group lists no name twice, and none that another group has."""
    listed = [n for _, names in GROUPS.values() for n in names]
    assert len(listed) == len(set(listed))


def test_the_record_page_holds_every_measure_and_source(record: ts.Scenario) -> None:
    """No measure, no duty and no document of the record is missing from its page."""
    page, frame = measures(record), record.measures()
    assert set(re.findall(r"^\*\*`(\S+)`\*\*", page, re.M)) == set(frame["measure"])
    for source in set(frame["source"]):
        assert all(plain(one) in page for one in citations(source))
    for duty in set(frame["duty"]):
        assert f" {plain(duty)} |" in page


def test_rows_of_a_measure_lose_no_day(record: ts.Scenario) -> None:
    """Rows that differ in goods only become one, over the same days."""
    frame = record.measures()
    held = frame[frame["measure"] == "us-recip-cn"].to_dict("records")
    rows = list(spells(held))
    assert len(rows) < len(held)
    assert [(a, b, d) for a, b, _, d in rows] == [
        ("2025-04-05", "2025-04-09", "10%"), ("2025-04-09", "2025-04-10", "84%"),
        ("2025-04-10", "2025-05-14", "125%"), ("2025-05-14", "2026-02-24", "10%"),
    ]  # EO 14257, 14259, 14266, 14298; ended by the order of 20 February 2026


def test_the_calendar_holds_every_act(record: ts.Scenario) -> None:
    """Each row of the timeline is told, under its year."""
    page, frame = calendar(record), record.timeline()
    for name in frame["id"]:
        assert f"(`{name}`)" in page
    assert re.findall(r"^## (\d+)", page, re.M) == [
        str(y) for y in sorted(set(frame["date"].dt.year))]


def test_text_of_sources_is_printed_as_it_is() -> None:
    """What Markdown would take for markup is escaped."""
    assert plain("a|b <c> [d] _e_ *f* $g") == r"a\|b \<c\> \[d\] \_e\_ \*f\* \$g"


def test_examples_are_listed() -> None:
    """Each example that is a notebook is a page of the site."""
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    for path in (ROOT / "examples").glob("*.md"):
        assert f"\nexamples/{path.stem}\n" in index


@pytest.mark.slow
def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    """All pages are run and built; a warning, an error of a cell or a dead link is an error."""
    for needed in ("furo", "myst_nb", "sphinx"):
        pytest.importorskip(needed, reason=f"{needed} is not installed (extra docs)")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", "-d",
         str(tmp_path / "doctrees"), str(ROOT / "docs"), str(tmp_path / "html")],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    shown = (tmp_path / "html" / "examples" / "tutorial.html").read_text(encoding="utf-8")
    assert "us-recip-cn" in shown
    assert 'class="dataframe"' in shown
    for page in ("index", "record", "calendar", "method", "glossary", "api/index"):
        assert (tmp_path / "html" / f"{page}.html").is_file()
