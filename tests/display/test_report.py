"""The report without a browser: its numbers are the frames', its texts escape, it is one file."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import math
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import tradescen as ts
from tests.display.reports import Read, evil_page, fork_scenario, november, november_page, small
from tests.laws.common import DAY, END, START
from tradescen import testing
from tradescen.cli import main
from tradescen.display.palette import DARK, LIGHT
from tradescen.display.report import page
from tradescen.display.report.content import content, differences, labels
from tradescen.display.report.lines import line_data, runs_of
from tradescen.display.report.page import _style, as_script_data
from tradescen.packaged import scenarios
from tradescen.packaged.whatifs import WHATIFS


def _rows(table: dict[str, Any]) -> list[dict[str, Any]]:
    columns = {
        name: one if isinstance(one, list) else [one["of"][n] for n in one["at"]]
        for name, one in table["columns"].items()
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _plain(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return None if value is None or value != value else value


def _framed(data: dict[str, Any], frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A frame's rows as the page holds them."""
    places = {(r["scenario"], r["path"]): n for n, r in enumerate(data["runs"])}
    return [
        {"run": places[row["scenario"], row["path"]],
         **{k: _plain(v) for k, v in row.items() if k not in ("scenario", "path", "probability")}}
        for row in frame.to_dict("records")
    ]


# -- the numbers --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def data() -> Any:
    return Read(november_page()).data


@pytest.mark.parametrize(("name", "get"), [
    ("bilateral", lambda r: r.bilateral()),
    ("authorities", lambda r: r.contributions()),
    ("measures", lambda r: r.contributions(by=("authority", "measure"))),
    ("chapters", lambda r: r.rates(level="HS2")),
    ("status", lambda r: r.status()),
])
def test_tables_of_the_page_are_the_frames(data: Any, name: str,
                                           get: Any) -> None:
    """Each table on the page holds its frame's rows, to the last bit."""
    assert _rows(data[name]) == _framed(data, get(november()))


def test_differences_between_paths_are_against_the_path_named() -> None:
    """Within one scenario each path is compared with the one named: the deal's collapse against
    the deal begins on its day and changes nothing before."""
    frame = differences(november(), labels(november()).index("d-deal"), "HS2")
    rows = frame[frame["path"] == "e-collapse"]
    assert set(rows["start"].astype(str)) == {"2026-04-01"}
    assert (rows["change_rate"] > 0).all()
    assert "d-deal" not in set(frame["path"])


def test_expected_rates_are_those_over_the_paths() -> None:
    """Where every path has odds the page holds the expected rates and names the odds."""
    data = content(small())
    assert [r["probability"] for r in data["runs"]] == [0.25, 0.75]
    assert _rows(data["expected"]) == [
        {k: _plain(v) for k, v in row.items()} for row in small().expected().to_dict("records")]


class _Lines:
    """The page's lines added up as its script does."""

    def __init__(self, data: Any, importer: str, exporter: str) -> None:
        self.lines, self.one = data["lines"], data["lines"]["importers"][importer]
        self.exporter = exporter
        self.of = _unrun(self.one["class"])
        self.codes = self.one["codes"].split(" ")

    def steps(self, run: int, code: str, day: str) -> list[dict[str, Any]]:
        kind = self.of[self.codes.index(code)]
        at = max(n for n, d in enumerate(self.one["days"]) if d <= day)
        out = []
        for base, place, cells in self.one["paths"][run][self.exporter]["groups"]:
            changes = self.lines["cells"][cells][_unrun(self.lines["maps"][place])[kind]]
            here: list[int] = []
            for start, steps in zip(changes[::2], changes[1::2], strict=True):
                here = steps if start <= at else here
            for n in here:
                meta, duty, coverage, part, *reason = self.lines["steps"][n]
                out.append({**self.lines["metas"][meta], "base": bool(base),
                            "duty": self.lines["duties"][duty], "coverage": coverage,
                            "contribution": part, "reason": reason[0] if reason else ""})
        return out

    def layer(self, name: str, run: int, code: str, day: str) -> list[Any]:
        kind = self.of[self.codes.index(code)]
        return [
            (row, value) for row in self.one["paths"][run][self.exporter][name]
            if row[0] <= day < row[1] and (value := _unrun(self.lines["maps"][row[-1]])[kind])
        ]


def _unrun(runs: list[int]) -> list[int]:
    return [v for v, n in zip(runs[::2], runs[1::2], strict=True) for _ in range(n)]


@given(st.lists(st.integers(0, 3)))
def test_run_lengths_give_back_what_was_packed(values: list[int]) -> None:
    """Packing in run lengths loses nothing."""
    assert _unrun(runs_of(values)) == values


CELLS = [
    ("USA", "CHN", "9018.12.00", "2025-11-12"), ("USA", "CHN", "8517.13.00", "2026-04-02"),
    ("USA", "CHN", "8703.23.01", "2025-10-01"), ("USA", "CHN", "0201.10.10", "2025-10-30"),
    ("USA", "CHN", "7210.49.00", "2026-01-01"), ("CHN", "USA", "1201.90", "2025-11-12"),
    ("CHN", "USA", "8703.23", "2026-11-30"), ("CHN", "USA", "2711.11", "2025-10-25"),
]


def _compare(held: _Lines, run: int, code: str, day: str, asked: dict[str, Any]) -> None:
    """What the page says of a line, path and day against an explanation."""
    steps = held.steps(run, code, day)
    assert [_filled(s) for s in steps] == asked["steps"]
    parts = [math.nan if s["contribution"] is None else s["contribution"] for s in steps]
    assert _plain(sum(parts)) == asked["rate"]
    more = [p for p, s in zip(parts, steps, strict=True) if not s["base"]]
    assert _plain(float(sum(more))) == asked["additional_rate"]
    ahead = [
        _filled({"coverage": 1.0, "contribution": 0.0, "reason": "",
                 **held.lines["metas"][row[2]], "duty": held.lines["duties"][at - 1]})
        for row, at in held.layer("ahead", run, code, day)
    ]
    assert ahead == asked["pending"]
    assert [{"measure": row[2], "by": row[3]}
            for row, _ in held.layer("exempt", run, code, day)] == asked["exempt"]


@pytest.mark.parametrize(("importer", "exporter", "product", "day"), CELLS)
def test_steps_of_a_line_are_those_of_explain(data: Any, importer: str,
                                              exporter: str, product: str, day: str) -> None:
    """Rate, parts, acts, sources, threats and exceptions of a line are those of ``explain``,
    on every other path: the first, third and fifth of one cell, the rest of the next."""
    held = _Lines(data, importer, exporter)
    odd = CELLS.index((importer, exporter, product, day)) % 2
    for n, run in list(enumerate(data["runs"]))[odd::2]:
        asked = november().explain(importer=importer, exporter=exporter, product=product, on=day,
                                 path=run["path"]).to_dict()
        _compare(held, n, product.replace(".", ""), day, asked)


@settings(max_examples=settings().max_examples // 3)
@given(testing.scenarios(), testing.days(START, END - DAY), st.sampled_from(("CHN", "GBR")))
def test_lines_of_any_scenario_are_explained_as_explain_does(
        scenario: ts.Scenario, day: dt.date, exporter: str) -> None:
    """Whatever acts, steps and truces there are: each line of the page, on any day."""
    result = ts.simulate(scenario, start=START, end=END, importers=["USA"],
                         exporters=[exporter])
    data = {"lines": line_data(result.runs, None)}
    held = _Lines(data, "USA", exporter)
    for code in held.codes[:: max(1, len(held.codes) // 6)]:
        if code == "*" or len(result.runs[0].lines["USA"].under(code)) > 1:
            continue  # an explanation is asked for by a code, and given for its first line
        asked = result.explain(importer="USA", exporter=exporter, product=code, on=day)
        _compare(held, 0, code, str(day), asked.to_dict())


def test_exceptions_end_when_the_origin_leaves_the_group() -> None:
    """A list of exceptions to a duty on goods of the EU is one to British goods until the
    United Kingdom left, on 1 February 2020."""
    both = ts.Measure(id="extra", authority="Emergency", group="extra", source="notes", duty="15%",
                      scope=ts.Scope(importer="USA", exporters=("EU",),
                                     products=ts.ProductSet.all(excluding=["0901.11"])))
    base = ts.Measure(id="mfn", authority="MFN", group="mfn", source="notes",
                      scope=ts.Scope(importer="USA"), duty={"0901.11": "Free", "2009.19": "7%"})
    result = ts.Scenario(schedule=ts.TariffSchedule(
        measures=[base, both], plan=ts.StackPlan(groups=["mfn", "extra"]),
    )).run(start="2020-01-01", end="2020-03-01", exporters=["GBR"])
    held = _Lines({"lines": line_data(result.runs, None)}, "USA", "GBR")
    for day in ("2020-01-31", "2020-02-01"):
        for code in ("090111", "200919"):
            asked = result.explain(importer="USA", exporter="GBR", product=code, on=day)
            _compare(held, 0, code, day, asked.to_dict())
    assert held.layer("exempt", 0, "090111", "2020-01-31")
    assert not held.layer("exempt", 0, "090111", "2020-02-01")


def _filled(step: dict[str, Any]) -> dict[str, Any]:
    """A step of the page with the empty fields it leaves out."""
    empty: dict[str, Any] = {
        "source": "", "confidence": "", "announced": None, "enacted": None, "effective": None,
        "until": None, "moved_by": [], "scope_by": [], "snapback": "", "reason": "", "note": ""}
    return {**empty, **{k: v for k, v in step.items() if k != "base"}}


def test_the_plain_table_for_browsers_without_script_says_the_same(
        ) -> None:
    """The averages also stand in the page as text."""
    text = "|".join(Read(page(small())).text)
    for row in small().bilateral().to_dict("records"):
        rate = "unknown" if math.isnan(row["rate"]) else f"{round(row['rate'] * 100, 4):g}%"
        cells = (row["path"], row["importer"], row["exporter"], str(row["start"])[:10],
                 str(row["end"])[:10], rate)
        assert "|".join(cells) in text


def test_definition_line_names_all_that_makes_numbers_comparable() -> None:
    """Quantity, weights and year, assumptions, digest, version and data date are on the page."""
    text = " ".join(Read(november_page()).text)
    attrs = november().bilateral().attrs
    for said in (attrs["quantity"], "US imports from China 2024", "US exports to China 2017",
                 "default", attrs["digests"]["november-1"], ts.__version__, "9 November 2026",
                 "24 October 2025", november().scenarios[0].gaps[1]):
        assert said in text


def test_calendar_tells_threats_that_were_enacted_from_those_that_were_not(data: Any) -> None:
    """The +100 % is charged in one future, and a threat that charges nothing in the others."""
    rows = [r for r in data["calendar"] if r["id"] == "us-threat-100" and r["kind"] == "impose"]
    labels = [r["label"] for r in data["runs"]]
    assert {labels[n]: r["threat"] for r in rows for n in r["runs"]} == {
        "a-lapse": "lapsed", "b-prolonged": "lapsed", "c-threat": "", "d-deal": "withdrawn",
        "e-collapse": "withdrawn"}


# -- other cases --------------------------------------------------------------------------


def test_without_weights_the_mean_over_lines_is_shown_and_said() -> None:
    """A case without trade weights gets simple means, and the page says so."""
    from attrs import evolve

    result = evolve(_plain_case(), weights=()).run(start="2025-07-01", end="2025-12-31")
    read = Read(page(result))
    assert read.data["average"] == "simple"
    assert read.data["chapters"] is None
    assert _rows(read.data["bilateral"]) == _framed(read.data, result.bilateral(average="simple"))
    assert "none: every tariff line counts the same" in " ".join(read.text)


def _plain_case() -> ts.Scenario:
    scope = ts.Scope(importer="USA", exporters="EU", products=("0901.11",))
    return ts.Scenario(name="mine", schedule=ts.TariffSchedule(
        measures=[
            ts.Measure(id="mfn", authority="MFN", group="mfn", source="notes",
                       scope=ts.Scope(importer="USA"),
                       duty={"0901.11": "Free", "2009.19": "7.85%"}),
            ts.Measure(id="extra", authority="Emergency", group="extra", source="notes",
                       scope=scope, duty="15%")],
        plan=ts.StackPlan(groups=["mfn", "extra"])))


def test_a_group_of_countries_and_chosen_products_have_a_page() -> None:
    """A country group as origin and a result for some codes only are shown too."""
    result = _plain_case().run(start="2025-07-01", end="2025-12-31", exporters=["EU"],
                               products=["0901.11"])
    data = content(result)
    held = _Lines(data, "USA", "EU")
    assert held.codes == ["090111"]
    assert [s["contribution"] for s in held.steps(0, "090111", "2025-08-01")] == [0.0, 0.15]


def test_parts_of_chosen_products_sum_to_their_average() -> None:
    """For a result of some codes the parts are of the average over these, not of each line."""
    result = fork_scenario().run(start="2025-07-01", end="2026-12-31",
                                 products=["0901.11", "2009.19"], importers=["USA"])
    data = content(result)
    whole = result.bilateral(on="2025-09-01")["rate"].tolist()
    for name in ("authorities", "measures"):
        for run in range(2):
            parts = [r["rate"] for r in _rows(data[name])
                     if r["run"] == run and r["start"] <= "2025-09-01" < r["end"]]
            assert sum(parts) == pytest.approx(whole[run], abs=1e-12)
    assert whole[0] == pytest.approx((2 * 0.4 + 1 * 0.4785) / 3)  # trade of 2 and 1 bn
    assert "0901.11, 2009.19" in " ".join(Read(page(result)).text)


def test_unknown_base_is_refused_by_name() -> None:
    """A comparison with what is not shown names what is."""
    with pytest.raises(ts.UnknownName, match="calm"):
        content(small(), vs="calme")


# -- one safe file ------------------------------------------------------------------------


@given(st.recursive(
    st.none() | st.booleans() | st.text() | st.integers(-2**53, 2**53),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8))
def test_script_data_cannot_end_its_element(value: Any) -> None:
    """Whatever the data, it reads back alike and holds no mark that HTML would act on."""
    text = as_script_data(value)
    assert json.loads(text) == value
    assert not set("<>&\u2028\u2029") & set(text)


def test_texts_of_users_stay_texts() -> None:
    """Names, sources and titles that hold markup make no element and no attribute."""
    evil, good = Read(evil_page()), Read(page(small()))
    assert [tag for tag, _ in evil.elements] == [tag for tag, _ in good.elements]
    assert len(evil.scripts) == 2
    assert not any(name.startswith("on") for _, attrs in evil.elements for name in attrs)
    assert "window.hacked" in evil.data["runs"][0]["scenario"]


def test_page_loads_nothing_and_says_so_to_the_browser() -> None:
    """No element points outside, and the page's own policy forbids it; script and style are
    known to the policy by their hashes."""
    read = Read(november_page())
    for tag, attrs in read.elements:
        assert tag not in ("img", "iframe", "object", "embed")
        assert "src" not in attrs
        if tag == "link":
            assert attrs["href"] == "data:,"
    (policy,) = [a["content"] for _, a in read.elements
                 if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None
    assert policy.startswith("default-src 'none';")
    for body in (read.scripts[1][1], read.style):
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest|innerHTML|eval\(",
                         read.scripts[1][1] + read.style)


def test_page_of_the_what_if_is_below_three_megabytes() -> None:
    """Five futures, 17,412 lines and the texts of the nomenclature fit one mail."""
    assert len(november_page().encode()) < 3_000_000


MAKE = """
import hashlib, sys
sys.modules["matplotlib"] = None  # as if it were not installed
from tests.display.reports import fork_scenario
from tradescen.display.report import page
text = page(fork_scenario().run(start="2025-07-01", end="2026-12-31"))
print(hashlib.sha256(text.encode()).hexdigest())
"""


def test_same_result_gives_the_same_file_without_matplotlib() -> None:
    """The text is the same in every process, whatever the order of its sets; no plotting
    library is needed."""
    own = hashlib.sha256(page(small()).encode()).hexdigest()
    done = subprocess.run([sys.executable, "-c", MAKE], capture_output=True, text=True,
                          check=True, env={"PYTHONHASHSEED": "7", "PYTHONPATH": ":".join(sys.path)})
    assert done.stdout.strip() == own


def test_command_line_writes_the_report(tmp_path: Path) -> None:
    """``--report`` writes the page beside the tables on stdout; between the scenarios the
    differences are those of ``result.diff``."""
    target = tmp_path / "page.html"
    done = CliRunner().invoke(main, ["run", "truce-extended", "--report", str(target)])
    assert done.exit_code == 0
    assert f"wrote {target}" in done.stderr
    text = target.read_text(encoding="utf-8")
    assert "The truce prolonged to 10 January 2027" in text
    data = Read(text).data
    first = data["runs"][data["base"]]["label"]
    assert first == "truce-extended"
    whatif = WHATIFS["truce-extended"]
    result = ts.simulate(scenarios("truce-extended"), start=whatif.start, end=whatif.end)
    assert _rows(data["differences"]) == _framed(data, result.diff(vs=first, level="HS2"))


# -- looks --------------------------------------------------------------------------------


def _themes() -> dict[str, dict[str, str]]:
    text = _style()
    found = {}
    for name, head in (("light", r":root \{"), ("dark", r':root\[data-theme="dark"\] \{'),
                       ("system dark", r':root:not\(\[data-theme="light"\]\) \{')):
        block = re.search(head + r"(.*?)\}", text, re.DOTALL)
        assert block
        found[name] = dict(re.findall(r"--([a-z0-9]+): (#[0-9a-f]{6})", block[1]))
    return found


def _light(colour: str) -> float:
    """Relative luminance as the Web Content Accessibility Guidelines 2.2 define it."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def _contrast(a: str, b: str) -> float:
    high, low = sorted((_light(a), _light(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_colours_have_the_contrast_of_level_aa(name: str) -> None:
    """Text has 4.5 : 1 and lines 3 : 1 on every ground they stand on (WCAG 2.2, 1.4.3, 1.4.11)."""
    theme = _themes()[name]
    for ground in ("page", "panel", "late", "own"):
        for ink in ("ink", "faint", "link"):
            assert _contrast(theme[ink], theme[ground]) >= 4.5, (ink, ground)
    for line in [f"s{n}" for n in range(8)] + ["focus", "faint"]:
        assert _contrast(theme[line], theme["page"]) >= 3, line
        assert _contrast(theme[line], theme["late"]) >= 3, line


def test_series_have_the_colours_of_the_palette() -> None:
    """A path has the colour it has in a picture: both take the palette in its order."""
    themes = _themes()
    for name, colours in (("light", LIGHT), ("dark", DARK)):
        assert tuple(themes[name][f"s{n}"] for n in range(8)) == colours


def test_both_ways_into_the_dark_lead_to_the_same_colours() -> None:
    """The system's dark and the button's dark are one theme."""
    themes = _themes()
    assert themes["dark"] == themes["system dark"]
    assert set(themes["dark"]) == set(themes["light"])
