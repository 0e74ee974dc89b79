"""What a scenario file holds, as classes: its keys are their fields."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

from attrs import field, frozen

from tradescen.errors import one_of
from tradescen.files.window import Window
from tradescen.law.assumptions import Assumptions
from tradescen.law.schedule import TariffSchedule
from tradescen.law.weights import Weights
from tradescen.packaged.store import names, open_pack
from tradescen.packaged.weights import us_duties_collected, us_imports

__all__ = ["FORM", "SUFFIXES", "Facts", "ScenarioFile", "packaged_weights"]

FORM = "tradescen/1"
SUFFIXES = (".yaml", ".yml", ".json")


@frozen(kw_only=True)
class Facts:
    """What a record says of itself.

    Args:
        data_date: The last day it speaks of; what lies later is projected.
        first_day: The day it begins, if it does not hold all that went before.
        editions: Importer → edition of its codes.
        covers: Importer → origins whose duties it holds.
        gaps: What it is known not to hold, in words.
    """

    data_date: dt.date | None = None
    first_day: dt.date | None = None
    editions: tuple[tuple[str, str], ...] = ()
    covers: tuple[tuple[str, tuple[str, ...]], ...] = ()
    gaps: tuple[str, ...] = ()


@frozen(kw_only=True)
class ScenarioFile:
    """A tariff scenario as a file.

    Args:
        schema: The form of the file, tradescen/1.
        name: How its rows are named in tables; by default the name of the file.
        extends: A pack, or a scenario file in the same folder.
        as_known: The evening it is told from: later announcements are gone, later law is a
            threat. It applies to what is extended, not to the changes below.
        drop: Ids of acts or measures of what is extended, taken out as they stand. Unlike the
            verb without, nothing goes with them.
        schedule: The law on day zero and its stacking plan, instead of extends.
        changes: What is changed, in this order.
        assumptions: Shares no act states, in place of those of what is extended.
        weights: Trade values: names of packaged sets, or sets.
        record: What the record says of itself.
        run: The window to run.
    """

    schema: str = field(default=FORM, validator=one_of(FORM))
    name: str | None = None
    extends: str | None = None
    as_known: dt.date | None = None
    drop: tuple[str, ...] = ()
    schedule: TariffSchedule | None = None
    changes: tuple[Any, ...] = ()
    assumptions: Assumptions | None = None
    weights: tuple[Weights | str, ...] = ()
    record: Facts | None = None
    run: Window | None = None


@cache
def packaged_weights() -> dict[str, Weights]:
    """The sets a file may name."""
    sets = [w for name in names() for w in open_pack(name).weights]
    return {w.name: w for w in (*sets, us_imports(), us_duties_collected())}
