"""What rules may ask of the engine and the trade data of a scenario."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from tradescen.engine.grid import Lines
from tradescen.engine.lower import lower
from tradescen.engine.panel import Panel, panel
from tradescen.errors import InvalidValue, MissingData
from tradescen.timeline.spells import Timeline
from tradescen.vocab.countries import country
from tradescen.vocab.duty import as_fraction
from tradescen.vocab.hs import ProductSet, normal_code

if TYPE_CHECKING:
    from tradescen.scenario import Scenario

__all__ = ["EngineProbe"]

DAY = dt.timedelta(days=1)


class EngineProbe:
    """Answers rules out of one scenario's weights, lines and assumptions."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario

    def trade(self, importer: str, exporter: str, products: ProductSet) -> float:
        """The value of a flow of goods, by the scenario's own weights."""
        for one in self.scenario.weights:
            if (importer, exporter) in one.pairs:
                lines = one.lines(importer=importer, exporter=exporter)
                return sum(v for c, v in lines if products.sign(c))
        raise MissingData(
            f"a rule matches trade values, and the scenario has no weights for {importer} from "
            f"{exporter}; give it weights",
            importer=importer, exporter=exporter,
        )

    def _panel(self, timeline: Timeline, importer: str, exporter: str, start: dt.date,
               end: dt.date, codes: Iterable[str] = ()) -> Panel:
        from tradescen.simulation import lines_of

        lines = lines_of([self.scenario], [timeline], importer, None)
        if more := set(codes) - set(lines.codes):  # goods asked for that have no line yet
            lines = Lines((*lines.codes, *more))
        return panel(lower(timeline, importer, (exporter,), lines, start, end,
                           self.scenario.assumptions))

    def additional(self, timeline: Timeline, importer: str, exporter: str,
                   products: ProductSet, on: dt.date) -> list[tuple[ProductSet, float]]:
        """The additional rate on a day, by disjoint sets of goods that cover *products*.

        Lines whose rate is unknown are left out: nobody can tell how much room they have.
        """
        got = self._panel(timeline, importer, exporter, on, on + DAY, products.codes)
        lines = got.program.lines
        inside = lines.mask(products)
        rate = got.additional[got.class_of, 0, 0]
        out = []
        for level in np.unique(rate[inside & ~np.isnan(rate)]):
            here = inside & (rate == level)
            if not (inside & ~here).any():
                out.append((products, float(level)))
                continue
            # A line stands for its goods less those of longer lines: name both.
            signs = [(c, bool(h)) for c, h in zip(lines.codes, here, strict=True)]
            out.append((ProductSet(tuple(signs)) & products, float(level)))
        return out

    def crossing(self, timeline: Timeline, when: dict[str, Any], start: dt.date,
                 end: dt.date) -> dt.date | None:
        """The first day from *start* on which a rate is past a level."""
        known = {"importer", "exporter", "product", "above", "below"}
        if not {"importer", "exporter", "product"} <= set(when) <= known or (
            ("above" in when) == ("below" in when)
        ):
            raise InvalidValue(
                f"when={when!r}: give importer, exporter, product and one of above or below",
                value=when,
            )
        importer, exporter = country(when["importer"]), country(when["exporter"])
        got = self._panel(timeline, importer, exporter, start, end)
        lines = got.program.lines
        digits = normal_code(when["product"])
        at = lines.holding(digits)
        places = list(lines.under(digits)) or ([] if at is None else [at])
        if not places:
            raise MissingData(f"the schedule of {importer} has no line for {digits}", code=digits)
        rate = got.rate[got.class_of[places], 0, :]
        level = as_fraction(when.get("above", when.get("below")), "level")
        past = (rate > level if "above" in when else rate < level).any(axis=0)
        return got.program.cuts[int(past.argmax())] if past.any() else None
