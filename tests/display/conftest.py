"""What the tests of looks share: the record, HTML read back, and hostile text."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

import tradescen as ts

VOID = {"br"}
SHAPES = {"svg", "title", "path", "rect", "circle"}
WORDS = {"div", "span", "b", "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "a",
         "ul", "li", "style", "br"}


class Page(HTMLParser):
    """HTML read back: its text, tags and attributes; badly nested markup is an error."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == [], f"left open: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in WORDS | SHAPES, f"unexpected <{tag}>"
        self.tags.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append("")
        if tag == "br" and self.rows and self.rows[-1]:
            self.rows[-1][-1] += "\n"
        if tag not in VOID and not (self.get_starttag_text() or "").endswith("/>"):
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open.pop() == tag, f"</{tag}> closes another"
        if tag == "summary" and self.rows and self.rows[-1]:
            self.rows[-1][-1] += "\n"  # what opens on a click stands below

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in ("style", "title"):
            return
        self.text.append(data)
        if "td" in self._open or "th" in self._open:
            self.rows[-1][-1] += data


@pytest.fixture(scope="session")
def record() -> ts.Scenario:
    """The packaged record."""
    return ts.load("us-china")


@pytest.fixture(scope="session")
def november() -> ts.Scenario:
    """The packaged what-if with five futures."""
    return ts.load("november-1")


@pytest.fixture(scope="session")
def futures(november: ts.Scenario) -> ts.Result:
    """Its futures, run over its window."""
    return november.run(start="2025-10-01", end="2026-12-01")


def coffee(authority: str = "Emergency", **source: str) -> ts.Scenario:
    """A small law of its own, with a truce."""
    given = ts.Source(citation="the order", **source) if "citation" not in source else ts.Source(
        **source)
    brazil = ts.Scope(importer="USA", exporters="BRA", products=("0901.11", "2009.19"))
    return ts.Scenario(
        name="coffee",
        schedule=ts.TariffSchedule(
            measures=[ts.Measure(id="mfn", authority="MFN", group="mfn", source="notes",
                                 scope=ts.Scope(importer="USA"),
                                 duty={"0901.11": "Free", "2009.19": "7.85%"})],
            plan=ts.StackPlan(groups=["mfn", "extra"]),
        ),
        changes=[
            ts.Impose(measure=ts.Measure(id="extra", authority=authority, group="extra",
                                         scope=brazil, duty="40%", source=given),
                      enacted="2025-07-30", effective="2025-08-06"),
            ts.Truce(id="talks", parties=("USA", "BRA"), start="2025-11-13", until="2026-05-13",
                     suspends=["extra"], residual="10%", source=given),
        ],
    )
