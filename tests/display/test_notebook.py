"""Values in notebooks: what is shown is what the frames say, escaped, and costs nothing."""

from __future__ import annotations

import importlib.util
import math
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tradescen as ts
from tradescen.display.markup import STYLE
from tradescen.display.results import ways

_spec = importlib.util.spec_from_file_location("_looks", Path(__file__).parent / "conftest.py")
assert _spec is not None
assert _spec.loader is not None
_shared = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_shared)
Page, coffee = _shared.Page, _shared.coffee

printable = st.text(st.characters(min_codepoint=32, exclude_characters="\x7f",
                                  exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), min_size=1)


def _shown(value: Any) -> Any:
    text = value._repr_html_()
    assert text is not None
    return Page(text)


def _values(record: ts.Scenario, november: ts.Scenario) -> dict[str, Any]:
    mirror = ts.Retaliation(id="mirror", by="CHN", against="USA", lag=(1, 3), notice=2,
                            cap="125%", threshold="5%", stand_down=True)
    raised = ts.EscalationStep(id="s", effective="2026-01-01", target="extra", add="50pp")
    return {
        "schedule": record.schedule, "plan": record.schedule.plan,
        "measure": record.schedule.measures[0], "scope": record.schedule.measures[0].scope,
        "truce": next(c for c in record.changes if c.id == "geneva"),
        "fork": november.forks[0], "weights": record.weights[0], "retaliation": mirror,
        "step": raised, "escalation": ts.Escalation(id="e", steps=[raised]),
        "trigger": ts.Trigger(id="t", when="2026-01-01", then=[
            ts.Extend(id="geneva", until="2027-01-01")]),
        "milestone": record.milestones[0], "act": record.plain()[0], "scenario": record,
        "ways": november, "own": coffee(), "ruled": november.along("c-threat").then(mirror),
        "explanation": record.explain(importer="CHN", exporter="USA", product="1201.90",
                                      on="2026-12-01"),
    }


def test_every_kind_of_value_is_well_formed_html(record: ts.Scenario,
                                                 november: ts.Scenario) -> None:
    """Each public value gives markup that nests and uses plain elements only, and no scripts."""
    for name, value in _values(record, november).items():
        page = _shown(value)
        assert page.text, name
        assert not any(a.startswith("on") for _, attrs in page.tags for a in attrs), name


def test_every_kind_of_value_has_a_readable_repr(record: ts.Scenario,
                                                 november: ts.Scenario) -> None:
    """A repr names the value's id and is short: a page for a scenario, else a few lines."""
    for name, value in _values(record, november).items():
        text = repr(value)
        assert len(text.splitlines()) <= 64, name
        own = getattr(value, "id", None)
        assert own is None or own in text, name


@settings(max_examples=20)
@given(printable, printable, printable, printable)
def test_text_is_shown_as_it_is_written(authority: str, citation: str, note: str,
                                        url: str) -> None:
    """Whatever an authority or source is called, it comes out as text and never as markup."""
    plain = _shown(coffee())
    page = _shown(coffee(authority, citation=f"c{citation}c", note=note, url=f"u:{url}"))
    said = "".join(page.text)
    for text in (authority, f"c{citation}c", note, f"u:{url}"):
        assert text in said
    links = [a for t, a in page.tags if t == "a"]
    assert links == []  # an address that is none of the web is no link
    assert {t for t, _ in page.tags} <= {t for t, _ in plain.tags} | {"br"}


def test_hostile_text_stays_text() -> None:
    """Markup in a citation is shown, a web address is a link, and no other scheme ever is."""
    hostile = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    page = _shown(coffee(hostile, citation=hostile, url='https://example.org/?a="b"&c'))
    assert hostile in "".join(page.text)
    links = {a["href"] for t, a in page.tags if t == "a"}
    assert links == {'https://example.org/?a="b"&c'}
    evil = _shown(coffee(citation="c", url="javascript:alert(1)"))
    assert [t for t, _ in evil.tags if t == "a"] == []


def test_style_stays_inside_and_sets_no_ground() -> None:
    """Each rule of the style sheet is scoped, and no rule paints words or a ground of its own."""
    rules = re.findall(r"([^{}]+)\{([^{}]*)\}", STYLE)
    assert rules
    for selectors, body in rules:
        for one in selectors.split(","):
            assert one.strip().startswith(".tradescen"), one
        for prop, value in re.findall(r"(?:^|;)\s*(background|color)\s*:\s*([^;]+)", body):
            assert value in ("transparent", "inherit"), (prop, value)


def test_a_scenario_shows_the_rows_of_its_measures(record: ts.Scenario) -> None:
    """The dated lines of the card are those of ``measures(on=…)`` on its last day."""
    frame = record.measures(on=record.horizon)
    frame = frame[frame["group"] != "mfn"]

    def day(value: Any) -> str:
        return "" if pd.isna(value) else f"{value:%Y-%m-%d}"

    expected = {(r.measure, r.status, r.duty, day(r.start), day(r.end))
                for r in frame.itertuples()}
    rows = _shown(record).rows
    shown = {(r[0].split("\n")[0], r[2], r[3], r[4], r[5]) for r in rows
             if len(r) == 7 and r[0] not in ("measure", "")}
    assert shown == expected
    text = repr(record)
    for measure, status, duty, start, _ in list(expected)[:10]:
        line = next((x for x in text.splitlines() if f" {measure} " in x), None)
        if line is not None and len(duty) < 28:
            assert status in line
            assert start in line


def test_a_result_shows_the_numbers_of_its_frame(futures: ts.Result) -> None:
    """First, lowest, highest and last rate of each future are those of ``bilateral()``."""
    frame = futures.bilateral()
    page = _shown(futures)
    cells = [r for r in page.rows if len(r) == 7 and r[0]]
    groups = list(frame.groupby(["importer", "exporter", "path"], sort=False))
    assert len(cells) == len(groups) == len(ways(futures))
    for importer in ("CHN", "USA"):
        part = [(p, g) for (i, _, p), g in groups if i == importer]
        shown = cells[:5] if importer == "CHN" else cells[5:]
        for row, (path, group) in zip(shown, part, strict=True):
            rates = group["rate"].tolist()
            more = group["additional_rate"].tolist()[-1]
            wanted = [rates[0], min(rates), max(rates), rates[-1], more]
            assert row[0] == path
            assert row[2:] == [f"{v * 100:.1f}%" for v in wanted]
    text = str(futures)
    for _, group in groups:
        assert f"{group['rate'].max() * 100:.1f}%" in text


def test_a_repr_of_a_result_evaluates_nothing(november: ts.Scenario) -> None:
    """Debuggers ask for a repr, so it names what there is and computes no rate."""
    result = november.run(start="2025-10-01", end="2026-12-01")
    assert "5 paths" in repr(result)
    assert all(not run._panels for run in result.runs)


def test_a_look_at_the_record_is_quick(record: ts.Scenario) -> None:
    """The card and the repr of the whole record take well under half a second of work."""
    def work(look: Callable[[], Any]) -> float:
        spent = []
        for _ in range(3):
            start = time.process_time()
            look()
            spent.append(time.process_time() - start)
        return min(spent)

    assert work(record._repr_html_) < 0.5
    assert work(lambda: repr(record)) < 0.2


def test_a_look_lets_no_rule_answer(november: ts.Scenario, monkeypatch: Any) -> None:
    """A scenario with rules is shown without playing them, and says so."""
    ruled = november.along("c-threat").then(
        ts.Retaliation(id="mirror", by="CHN", against="USA", cap="125%"))

    def played(*args: Any, **options: Any) -> None:
        raise AssertionError("a rule was let answer")

    monkeypatch.setattr("tradescen.scenario.play", played)
    assert "before any answer" in "".join(_shown(ruled).text)
    assert "before any answer" in repr(ruled)


def test_many_directions_are_not_averaged_for_a_look() -> None:
    """A result of more directions than fit a card points to its methods and evaluates nothing."""
    origins = ("BRA", "VNM", "IND", "MEX", "CAN", "JPN", "KOR")
    result = ts.simulate(coffee(), start="2025-07-01", end="2026-07-01", exporters=origins)
    assert ".bilateral()" in "".join(_shown(result).text)
    assert all(not run._panels for run in result.runs)


def test_without_weights_the_mean_is_simple_and_said_so() -> None:
    """A law without weights is shown with the simple mean over its lines."""
    result = coffee().run(start="2025-07-01", end="2026-07-01", exporters=["BRA"])
    said = "".join(_shown(result).text)
    assert "simple over lines" in said
    first = result.bilateral(average="simple")["rate"].iloc[0]
    assert f"{first * 100:.1f}%" in said
    assert "simple over lines" in str(result)


def test_an_explanation_shows_each_part_once(record: ts.Scenario) -> None:
    """The parts in the card are the contributions, and they sum to the rate."""
    found = record.explain(importer="USA", exporter="CHN", product="9018.12.00", on="2025-11-12")
    rows = [r for r in _shown(found).rows if len(r) == 7 and r[0].endswith("%")]
    assert [r[2].split("\n")[0] for r in rows] == [s.measure for s in found.steps]
    shown = [float(r[0].rstrip("%")) / 100 for r in rows]
    assert shown == pytest.approx([s.contribution for s in found.steps])
    assert math.fsum(shown) == pytest.approx(found.rate)


def test_an_ensemble_shows_its_quantiles(record: ts.Scenario) -> None:
    """The numbers under the band are the quantiles and the mean of the draws on the last day."""
    threat = ts.load("november-1").along("a-lapse")

    def sample(rng: np.random.Generator) -> list[Any]:
        return [ts.Enact(id="us-threat-100")] if rng.random() < 0.5 else []

    drawn = ts.ensemble(threat, 4, sample=sample, seed=3, on=["2025-11-20", "2026-01-15"])
    frame = drawn.quantiles()
    last = frame[frame["date"] == frame["date"].max()]
    rows = [r for r in _shown(drawn).rows if len(r) == 7 and r[0]]
    assert len(rows) == len(drawn.pairs)
    for k, (row, (importer, _)) in enumerate(zip(rows, drawn.pairs, strict=True)):
        rates = last[last["importer"] == importer]["rate"].tolist()
        rates.append(float(drawn.rates[:, k, -1].mean()))
        assert row[2:6] == [f"{v * 100:.1f}%" for v in rates]
        line = next(x for x in str(drawn).splitlines() if importer in x.split(" on ")[0]
                    and "2026-01-15" in x)
        assert line.split()[-3:] == row[2:5]


def test_frames_stay_frames(record: ts.Scenario) -> None:
    """Tables are plain pandas frames with pandas' own looks."""
    frame = record.timeline(start="2025-05-01", end="2025-06-01")
    assert type(frame) is pd.DataFrame
    assert "tradescen" not in frame._repr_html_()


def test_nothing_of_display_is_loaded_before_it_is_asked_for() -> None:
    """Making a value loads no display module and no pandas; its repr loads no pandas either."""
    code = (
        "import sys, tradescen as ts\n"
        "m = ts.Measure(id='m', authority='a', group='mfn', scope=ts.Scope(importer='USA'), "
        "duty='5%')\n"
        "s = ts.Scenario(schedule=ts.TariffSchedule(measures=[m], "
        "plan=ts.StackPlan(groups=['mfn'])))\n"
        "assert 'tradescen.display' not in sys.modules\n"
        "repr(m), repr(s)\n"
        "assert 'pandas' not in sys.modules\n"
        "assert m._repr_html_().startswith('<div class=\"tradescen\">')\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
