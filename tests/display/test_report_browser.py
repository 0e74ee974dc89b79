"""The report in a browser: read, pointed at, typed into, printed; on a desk and on a phone."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.display.reports import evil_page, november, november_page, small
from tradescen.display.report import page as made

sync_api = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed; it drives the browser here")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FOUND = next((p for p in map(shutil.which, BROWSERS) if p), None)
pytestmark = pytest.mark.skipif(
    FOUND is None, reason=f"no browser: none of {', '.join(BROWSERS)} is on the path")

Open = Callable[..., Any]
DESK, PHONE = (1280, 900), (390, 844)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    # Chromium refuses its sandbox to root, which containers run tests as.
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_api.sync_playwright() as tools:
        one = tools.chromium.launch(executable_path=FOUND,
                                    args=["--no-sandbox"] if root else [])
        yield one
        one.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: Any) -> Path:
    home: Path = tmp_path_factory.mktemp("report")
    pages = {"small": made(small()), "november": november_page(), "evil": evil_page()}
    for name, text in pages.items():
        (home / f"{name}.html").write_text(text, encoding="utf-8")
    return home


@pytest.fixture
def opened(browser: Any, files: Path) -> Iterator[Open]:
    """Opens a page; at the end nothing may have been asked of the network or complained of."""
    contexts, faults, asked = [], [], []

    def open_(name: str = "small", size: tuple[int, int] = DESK, scheme: str = "light") -> Any:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]},
                                      color_scheme=scheme, accept_downloads=True)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: faults.append(f"{m.type}: {m.text}"))
        page.on("pageerror", lambda e: faults.append(str(e)))
        page.on("request", lambda r: asked.append(r.url))
        page.goto((files / f"{name}.html").as_uri())
        page.wait_for_selector("html[data-ready]")
        return page

    yield open_
    for one in contexts:
        one.close()
    assert faults == []
    outside = [u for u in asked if not u.startswith(("file:", "data:", "blob:"))]
    assert outside == []


def _shown(value: float) -> str:
    return f"{value * 100:.1f}%"


def _parts(page: Any, n: int = 0) -> dict[str, list[str]]:
    """The table beside the n-th chart: what stands in each row."""
    rows = page.locator("#charts .parts").nth(n).locator("tbody tr, tfoot tr")
    return {
        r.locator("th").inner_text(): r.locator("td").all_inner_texts() for r in rows.all()
    }


def _day(page: Any, day: str) -> None:
    page.fill("#day", day)
    page.locator("#day").dispatch_event("change")


def _settled(page: Any, count: Any, sheet: str = "#lines") -> None:
    """Wait until a table has as many rows as said; typing takes effect after a moment."""
    sync_api.expect(page.locator(f"{sheet} .count")).to_have_text(count)


def test_rates_and_parts_of_a_day_are_those_of_the_frames(opened: Open) -> None:
    """What is read beside the chart on a day are the frames' numbers of that day."""
    page = opened("november")
    _day(page, "2026-04-01")
    means = november().bilateral(on="2026-04-01")
    parts = november().contributions(on="2026-04-01")
    for n, (importer, exporter) in enumerate([("CHN", "USA"), ("USA", "CHN")]):
        shown = _parts(page, n)
        mine = means[(means["importer"] == importer) & (means["exporter"] == exporter)]
        assert shown["All-in rate"] == [_shown(v) for v in mine["rate"]]
        assert shown["Additional rate"] == [_shown(v) for v in mine["additional_rate"]]
        assert shown["Known for"] == [_shown(v) for v in mine["known_share"]]
        own = parts[(parts["importer"] == importer) & (parts["rate"] != 0)]
        names = [n for n in shown if n not in ("All-in rate", "Additional rate", "Known for")]
        assert sorted(names) == sorted(set(own["authority"]))
        for name in names:
            found = own[own["authority"] == name].set_index("path")["rate"]
            assert shown[name] == [_shown(found[p]) if p in found else "" for p in mine["path"]]


def test_classes_of_lines_have_the_frames_rates_to_the_last_bit(opened: Open) -> None:
    """The rates the page adds up for lines are the frame's own numbers, on every path."""
    page = opened("november")
    frame = november().rates(on="2026-04-02").iloc[::5]
    paths = [r.path for r in november().runs]
    cells = [
        [row["importer"], row["exporter"], paths.index(row["path"]),
         row["product"].replace(".", "")] for row in frame.to_dict("records")
    ]
    got = page.evaluate("""([cells, day]) => {
        const places = {};
        for (const [name, one] of Object.entries(LINES)) {
            places[name] = new Map(one.codes.map((c, n) => [c, one.of[n]]));
        }
        return cells.map(([i, e, run, code]) => {
            const r = lineRate(i, e, run, places[i].get(code), dayOf(day));
            return [r.rate, r.additional_rate].map((v) => Number.isNaN(v) ? null : v);
        });
    }""", [cells, "2026-04-02"])
    want = [[None if v != v else v for v in pair]
            for pair in zip(frame["rate"], frame["additional_rate"], strict=True)]
    assert len(want) > 4_000
    assert got == want


def test_scenarios_are_toggled_and_lines_named_at_their_ends(opened: Open) -> None:
    """A scenario taken out leaves chart, parts and calendar; odds stand by the names."""
    page = opened()
    assert "25%" in page.locator("label[for=run0]").inner_text()
    assert page.locator("legend").first.inner_text() == "Paths"  # of one scenario
    assert page.locator("#bilateral th").first.inner_text().startswith("Path")
    first = page.locator(".plot").first
    assert first.locator("path.line").count() == 2
    assert sorted(first.locator("text.end").all_text_contents()) == ["calm", "reply"]
    answers = page.locator("#acts li", has_text="imposes answer")
    assert [m.split()[0] for m in answers.locator(".mark").all_inner_texts()] == [
        "impose", "threat"]
    page.uncheck("#run0")
    assert answers.locator(".mark").all_inner_texts() == ["threat"]
    assert first.locator("path.line").count() == 1
    assert first.locator("text.end").all_text_contents() == ["calm"]
    assert len(_parts(page)["All-in rate"]) == 1
    page.check("#run0")
    assert "40%" in first.locator("text.tick").all_text_contents()  # 16 % and the answer's 25 %
    page.check("input[value=additional_rate]")
    assert "40%" not in first.locator("text.tick").all_text_contents()


def test_pointer_reads_a_day_and_leaves_the_chosen_one(opened: Open) -> None:
    """The crosshair follows the pointer, the parts with it; a pointer gone leaves the day
    chosen before, a click chooses and explains."""
    page = opened()
    before = page.locator("#day").input_value()
    plot = page.locator(".plot").nth(1)
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    page.mouse.move(box["x"] + 90, box["y"] + 100)
    early = plot.get_attribute("aria-valuetext")
    page.mouse.move(box["x"] + 300, box["y"] + 100)
    late = plot.get_attribute("aria-valuetext")
    assert early != late
    day = page.locator("#charts caption").nth(1).inner_text().split(":")[0].split(",")[0]
    assert late.startswith(day)
    iso = page.evaluate("isoOf(dayShown())")
    frame = small().bilateral(on=iso)
    mine = frame[frame["importer"] == "USA"]
    assert _parts(page, 1)["All-in rate"] == [_shown(v) for v in mine["rate"]]
    page.mouse.move(5, 5)
    assert page.evaluate("isoOf(dayShown())") == before
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    page.mouse.click(box["x"] + 300, box["y"] + 100)
    assert page.locator("#day").input_value() == iso
    assert "USA on goods of BRA" in page.locator("#explained h3").inner_text()


def test_explanation_of_an_average_goes_down_to_act_and_source(opened: Open) -> None:
    """Parts by authority and measure are the frame's; each measure opens to its acts."""
    page = opened("november")
    _day(page, "2026-01-01")
    page.locator("#charts .parts").nth(1).locator("thead button", has_text="d-deal").click()
    text = page.locator("#explained").inner_text()
    frame = november().bilateral(on="2026-01-01")
    row = frame[(frame["importer"] == "USA") & (frame["path"] == "d-deal")].iloc[0]
    for name in ("rate", "additional_rate", "known_share"):
        assert _shown(row[name]) in text
    measures = november().contributions(by="measure", on="2026-01-01")
    own = measures[(measures["importer"] == "USA") & (measures["path"] == "d-deal")
                   & (measures["rate"] != 0)].set_index("measure")["rate"]
    page.evaluate("document.querySelectorAll('#explained details').forEach((d) => d.open = true)")
    items = page.locator("#explained details:has(summary:has-text('measure')) .steps > li").all()
    shown = {i.locator("b").first.inner_text(): i.locator(".num").inner_text() for i in items}
    assert shown == {name: _shown(value) for name, value in own.items()}
    recip = page.locator("#explained .steps > li", has=page.get_by_text("us-recip-cn", exact=True))
    said = recip.first.inner_text()
    for words in ("kl/suspend-1", "suspends us-recip-cn", "White House fact sheet",
                  "effective 10 Nov 2025", "until 10 Nov 2026"):
        assert words in said
    page.locator("#explained button", has_text="Back to the chart").click()
    assert page.evaluate("document.activeElement.className") == "plot"


def test_keyboard_alone_reads_and_explains(opened: Open) -> None:
    """Tab reaches the chart; arrows, Page Up and Enter do what the pointer does."""
    page = opened()
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.className") == "plot":
            break
    assert page.evaluate("document.activeElement.className") == "plot"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Home")
    assert page.locator("#day").input_value() == "2025-07-01"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    assert page.locator("#day").input_value() == "2025-08-01"
    page.keyboard.press("PageUp")
    assert page.locator("#day").input_value() == "2025-08-06"
    text = page.evaluate("document.activeElement.getAttribute('aria-valuetext')")
    assert text.startswith("6 August 2025; chosen: reply")
    page.keyboard.press("ArrowDown")
    text = page.evaluate("document.activeElement.getAttribute('aria-valuetext')")
    assert "chosen: calm" in text
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "explanation-h"
    head = page.locator("#explained h3").inner_text()
    assert "6 August 2025" in head
    assert "calm (odds 75%)" in head
    row = small().expected(on="2025-08-06").set_index("importer").loc["BRA"]
    assert f"Expected over the paths of talks: {_shown(row['rate'])}" in page.locator(
        "#explained").inner_text()


def test_goods_are_found_by_code_and_by_words(opened: Open) -> None:
    """The look-up takes codes and beginnings of words, shows the frame's rates, and one line
    down to act and source as ``explain`` has it."""
    page = opened("november")
    _day(page, "2025-11-12")
    page.fill("#lines-find", "medical ultrasonic")
    _settled(page, re.compile("^[1-9] of [1-9] rows"))
    assert "9018.12.00" in page.locator("#lines tbody").inner_text()
    page.fill("#lines-find", "8517.13.00")
    _settled(page, "1 of 1 rows")
    frame = november().rates(products=["8517.13.00"], on="2025-11-12")
    shown = page.locator("#lines tbody td.num").all_inner_texts()
    mine = frame[frame["importer"] == "USA"]
    assert shown == [f"{round(v * 100, 4):g}%" for v in mine["rate"]]
    page.locator("#lines tbody button").click()
    page.locator("#card thead button", has_text="d-deal").click()
    text = page.locator("#explained").inner_text()
    asked = november().explain(importer="USA", exporter="CHN", product="8517.13.00",
                             on="2025-11-12", path="d-deal")
    assert f"8517.13.00: {round(asked.rate * 100, 4):g}%" in text
    for step in asked.steps:
        assert step.measure in text
        assert step.source in text
    for measure, _ in asked.exempt:
        assert measure in text


def test_tables_sort_filter_and_download(opened: Open) -> None:
    """A head sorts both ways, filters narrow, and the CSV holds the frame's numbers."""
    page = opened()
    sheet = page.locator("#bilateral")
    head = sheet.locator("th", has_text="Rate").first
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    column = [re.sub("%", "", t) for t in sheet.locator(
        "tbody tr td:nth-of-type(5)").all_inner_texts() if t != "unknown"]
    assert [float(t) for t in column] == sorted((float(t) for t in column), reverse=True)
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    sheet.locator("select").first.select_option(label="calm")
    sheet.locator("select").nth(1).select_option(label="USA on goods of BRA")
    rows = sheet.locator("tbody tr").count()
    frame = small().bilateral()
    mine = frame[(frame["path"] == "calm") & (frame["importer"] == "USA")].sort_values("rate")
    assert rows == len(mine)
    with page.expect_download() as waiting:
        sheet.get_by_role("button", name="Download CSV").click()
    assert waiting.value.suggested_filename == "bilateral.csv"
    text = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
    got = list(csv.DictReader(io.StringIO(text)))
    assert [float(r["rate"]) for r in got] == mine["rate"].tolist()
    assert [r["start"] for r in got] == [str(d)[:10] for d in mine["start"]]
    sheet.locator("input[type=search]").fill("no such text")
    _settled(page, "No row fits.", "#bilateral")


def test_unknown_is_said_and_never_drawn_as_nothing(opened: Open) -> None:
    """A duty per kilogram without a unit value is unknown in words, in the line's chart too."""
    page = opened()
    page.fill("#lines-find", "3004.90")
    _settled(page, "1 of 1 rows")
    assert page.locator("#lines tbody td.num").all_inner_texts() == ["unknown", "unknown"]
    page.locator("#lines tbody button").click()
    assert page.locator("#card path.line").first.get_attribute("d") == ""
    assert "calm (unknown)" in page.locator("#card text.end").all_text_contents()


@pytest.mark.parametrize(("name", "size", "scheme"), [
    ("november", DESK, "light"), ("small", DESK, "dark"),
    ("small", PHONE, "light"), pytest.param("november", PHONE, "dark", marks=pytest.mark.slow),
])
def test_page_fits_desk_and_phone_in_both_themes(opened: Open, name: str, size: tuple[int, int],
                                                 scheme: str) -> None:
    """Nothing is wider than the screen; the theme follows the system and the button turns it."""
    page = opened(name, size, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    ground = "getComputedStyle(document.body).backgroundColor"
    own = page.evaluate(ground)
    assert own == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 27)"}[scheme]
    page.locator("#theme").click()
    assert page.evaluate(ground) != own
    for plot in page.locator(".plot svg").all():
        box = plot.bounding_box()
        for label in plot.locator("text.end").all():
            end = label.bounding_box()
            assert end["x"] + end["width"] <= box["x"] + box["width"] + 1
    tops = [label.bounding_box()["y"] for label in
            page.locator(".plot").first.locator("text.end").all()]
    assert all(abs(a - b) >= 10 for n, a in enumerate(tops) for b in tops[:n])


def test_touch_chooses_a_day(opened: Open) -> None:
    """A tap on a phone chooses the day and explains the nearest line."""
    page = opened("small", PHONE)
    plot = page.locator(".plot").first
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    plot.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    assert "BRA on goods of USA" in page.locator("#explained h3").inner_text()


def test_every_control_has_a_name(opened: Open) -> None:
    """Buttons, fields, regions and charts have accessible names; heads do not skip a level."""
    page = opened()
    page.locator("#lines tbody button").first.click()
    page.locator("#card thead button").first.click()
    nameless = page.evaluate("""() => [...document.querySelectorAll(
        'button, input, select, [role=region], [role=slider], table')].filter((e) => {
            if (e.hidden) return false;
            const said = e.getAttribute('aria-label') || e.textContent.trim()
                || [...(e.labels || [])].map((l) => l.textContent.trim()).join('');
            return !said;
        }).map((e) => e.outerHTML.slice(0, 120))""")
    assert nameless == []
    levels = [int(t[1]) for t in page.evaluate(
        "[...document.querySelectorAll('h1, h2, h3, h4')].map((e) => e.tagName)")]
    assert levels[0] == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(ids) == len(set(ids))


def test_hostile_texts_do_nothing(opened: Open) -> None:
    """Markup in names, sources and addresses is shown as text and runs nowhere."""
    page = opened("evil")
    page.locator("#charts thead button").first.click()
    page.locator("#lines tbody button").first.click()
    page.locator("#card thead button").first.click()
    page.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)")
    assert page.evaluate("typeof window.hacked") == "undefined"
    assert page.locator("img").count() == 0
    hrefs = page.evaluate("[...document.querySelectorAll('a')].map((a) => a.getAttribute('href'))")
    assert all(h.startswith("#") for h in hrefs)
    assert "</script><script>window.hacked = 1</script>" in page.locator("h1").inner_text()


def test_page_prints_light_and_whole(opened: Open, tmp_path: Path) -> None:
    """On paper the page is light whatever the theme, without controls, and yields a PDF."""
    page = opened("small", DESK, "dark")
    page.emulate_media(media="print", color_scheme="dark")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(255, 255, 255)"
    assert not page.locator("#theme").is_visible()
    assert not page.locator("#bilateral input").is_visible()
    assert page.locator(".plot svg").first.is_visible()
    target = tmp_path / "page.pdf"
    page.pdf(path=str(target), format="A4")
    assert target.read_bytes().startswith(b"%PDF")
