"""Results that reports are made of, and the data read back out of a page."""

from __future__ import annotations

import json
from functools import cache
from html.parser import HTMLParser
from typing import Any

import tradescen as ts
from tradescen.display.report import page
from tradescen.packaged.whatifs import WHATIFS
from tradescen.result import Result

EVIL = "</script><script>window.hacked = 1</script>"


class Read(HTMLParser):
    """What a browser would make of a page: elements with their attributes, text, scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.style = ""
        self._open: str = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open = tag
        if tag == "script":
            self.scripts.append((dict(attrs), ""))

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open == "script":
            attrs, before = self.scripts[-1]
            self.scripts[-1] = (attrs, before + data)
        elif self._open == "style":
            self.style += data
        else:
            self.text.append(data)

    @property
    def data(self) -> Any:
        (found,) = [body for attrs, body in self.scripts if attrs.get("id") == "data"]
        return json.loads(found)


def fork_scenario(name: str = "talks", source: str = "my notes", url: str = "") -> ts.Scenario:
    """Two directions, a threat, a truce, and a fork with odds over two paths."""
    cited = ts.Source(citation=source, url=url)
    measures = [
        ts.Measure(id="us-mfn", authority="MFN", group="mfn", source=cited,
                   scope=ts.Scope(importer="USA"),
                   duty={"0901.11": "Free", "2009.19": "7.85%", "9503.00": "2%"}),
        ts.Measure(id="br-mfn", authority="MFN", group="mfn", source=cited,
                   scope=ts.Scope(importer="BRA"), duty={"8517.13": "16%", "3004.90": "46.3¢/kg"}),
    ]
    extra = ts.Measure(
        id="extra", authority=f"Emergency {name}", group="extra", duty="40%", source=cited,
        scope=ts.Scope(importer="USA", exporters="BRA", products=("0901.11", "2009.19")))
    answer = ts.Measure(
        id="answer", authority="Reply", group="extra", duty="25%", source=cited,
        scope=ts.Scope(importer="BRA", exporters="USA"))
    base = ts.Scenario(
        name=name,
        schedule=ts.TariffSchedule(measures=measures,
                                   plan=ts.StackPlan(groups=["mfn", "extra"])),
        changes=[
            ts.Impose(measure=extra, announced="2025-07-09", enacted="2025-07-30",
                      effective="2025-08-06", source=cited),
            ts.Impose(id="threat", measure=answer, announced="2025-07-20", enacted=None,
                      effective="2025-09-01", source=cited),
            ts.Truce(id="talks", parties=("USA", "BRA"), start="2025-11-13", until="2026-05-13",
                     suspends=["extra"], residual="10%", source=cited),
        ],
        weights=(ts.Weights(name="trade 2024", year=2024, values={
            ("USA", "BRA"): {"0901.11": 2e9, "2009.19": 1e9, "9503.00": 5e7},
            ("BRA", "USA"): {"8517.13": 4e8, "3004.90": 1e8}}),),
    )
    return base.then(ts.Fork(name="answer", branches={
        "reply": (0.25, [ts.Enact(id="threat")]), "calm": (0.75, [])}), name=name)


@cache
def small() -> Result:
    """Two paths with odds, run over 2025 and 2026."""
    return fork_scenario().run(start="2025-07-01", end="2026-12-31")


@cache
def november() -> Result:
    """The packaged what-if: five paths, both directions."""
    whatif = WHATIFS["november-1"]
    return ts.load("november-1").run(start=whatif.start, end=whatif.end)


@cache
def november_page() -> str:
    """Its report; made once for all tests."""
    return page(november(), title=WHATIFS["november-1"].title)


@cache
def evil_page() -> str:
    """A report in which every text a user can give tries to break out."""
    mark = f'{EVIL}<img src=x onerror="window.hacked = 2">&amp;\u2028=1+1'
    result = fork_scenario(mark, mark, "javascript:window.hacked=3").run(
        start="2025-07-01", end="2026-12-31")
    return page(result, title=mark)
