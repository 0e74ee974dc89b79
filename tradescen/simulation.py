"""Run scenarios over a window: one ``Result`` of all their paths."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tradescen.engine.grid import Lines, own_lines
from tradescen.errors import InvalidValue, MissingData, NomenclatureMismatch, UnknownName
from tradescen.frames.rates import level_digits
from tradescen.frames.run import Run
from tradescen.law.assumptions import Assumptions
from tradescen.law.nomenclature import fits
from tradescen.law.weights import Weights
from tradescen.timeline.acts import Impose
from tradescen.timeline.fold import Spell, Timeline
from tradescen.vocab.countries import country
from tradescen.vocab.hs import ByProduct, normal_code
from tradescen.vocab.period import DateLike, Period, as_date

if TYPE_CHECKING:
    from tradescen.result import Result
    from tradescen.scenario import Scenario

__all__ = ["pick_weights", "simulate"]


def _territories(value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    return tuple(country(c) for c in ((value,) if isinstance(value, str) else value))


def pick_weights(weights: Any) -> tuple[Weights, ...]:
    """Weights as a tuple: one set, several, or none."""
    if weights is None:
        return ()
    return (weights,) if isinstance(weights, Weights) else tuple(weights)


def _importers(timelines: Iterable[Timeline]) -> tuple[str, ...]:
    return tuple(sorted({m.scope.importer for t in timelines for m in t.measures.values()}))


def _exporters(timelines: Sequence[Timeline], importers: Sequence[str],
               importer: str) -> tuple[str, ...]:
    """By default the other importers of the record; else the origins its measures name."""
    others = tuple(i for i in importers if i != importer)
    if others:
        return others
    named = sorted({
        code for t in timelines for m in t.measures.values()
        if m.scope.importer == importer for code in m.scope.exporters.named
    } - {importer})
    if not named:
        raise InvalidValue(
            f"every measure of {importer} covers all origins, so no origin stands out; say "
            "which you mean with exporters=",
            importer=importer,
        )
    return tuple(named)


def _spells(timelines: Iterable[Timeline], importer: str) -> list[Spell]:
    return [s for t in timelines for s in t.spells if s.importer == importer]


def _threats(timelines: Iterable[Timeline], importer: str) -> set[str]:
    """Codes that threatened measures name, so that enacting them makes no new line."""
    return {
        c for t in timelines for r in t.records.values()
        if isinstance(r.item, Impose) and r.item.measure.scope.importer == importer
        for c in r.item.measure.scope.products.codes if c
    }


def check_editions(weights: Sequence[Weights], editions: dict[str, str]) -> None:
    """Refuse weights whose codes are of another edition than the schedule's."""
    for one in weights:
        for importer, edition in one.nomenclature:
            own = editions.get(importer)
            if own and edition and not fits(edition, own):
                raise NomenclatureMismatch(
                    f"the weights {one.name!r} have codes of {edition} for {importer}, the "
                    f"schedule of {own}; bring them over with Concordance.convert",
                    weights=edition, schedule=own,
                )


def simulate(scenarios: Scenario | Iterable[Scenario], *, start: DateLike, end: DateLike,
             importers: Any = None, exporters: Any = None, products: Any = None,
             weights: Any = None, assumptions: Assumptions | None = None) -> Result:
    """Run one or several scenarios from *start* up to *end*.

    Args:
        scenarios: Scenarios of different names.
        start, end: The window ``[start, end)``; rates on the last day can still be asked.
        importers: Customs territories that charge; by default all of the scenarios.
        exporters: Origins; by default the other importers, else those the measures name.
        products: ``None``: the schedule's own lines, in classes. ``"HS2"`` … ``"HS8"``:
            rates aggregated to that level. Codes: only these.
        weights: Trade values for averages; by default the scenarios' own.
        assumptions: Shares in place of coverages; by default the scenarios' own.

    Raises:
        InvalidValue: for an end not after the start, or two scenarios of one name.
        UnknownName: for an importer no measure belongs to.
    """
    from tradescen.result import Result
    from tradescen.scenario import Scenario

    listed = [scenarios] if isinstance(scenarios, Scenario) else list(scenarios)
    if not listed:
        raise InvalidValue("no scenario to simulate; give one or several")
    names = [s.name for s in listed]
    for name in names:
        if names.count(name) > 1:
            raise InvalidValue(
                f"two scenarios bear the name {name!r}, so their rows could not be told apart; "
                "give one another name: .named('…')",
                value=name,
            )
    window = Period(start=as_date(start, "start"), end=as_date(end, "end"))
    assert window.end is not None
    folded = [(s, p, s.fold(p)) for s in listed for p in s.paths()]
    timelines = [t for _, _, t in folded]
    known = _importers(timelines)
    wanted = _territories(importers) or known
    for name in wanted:
        if name not in known:
            raise UnknownName.among("importer", name, known)
    given = pick_weights(weights) or tuple(
        {w.name: w for s in listed for w in s.weights}.values()
    )
    for one in listed:
        check_editions(given, dict(one.editions))
    level, codes = None, None
    if isinstance(products, str) and products.upper().startswith("HS"):
        level_digits(products)
        level = products.upper()
    elif products is not None:
        codes = (products,) if isinstance(products, str) else tuple(products)
        for code in codes:
            normal_code(code)
    lines: dict[str, Lines] = {}
    own: dict[str, np.ndarray[Any, np.dtype[np.bool_]]] = {}
    origins: dict[str, tuple[str, ...]] = {}
    for importer in wanted:
        asked = _territories(exporters)
        origins[importer] = tuple(
            e for e in (asked or _exporters(timelines, known, importer)) if e != importer
        )
        if not origins[importer]:
            raise InvalidValue(
                f"no origin is left for {importer}: goods of its own are not imports",
                importer=importer,
            )
        lines[importer], own[importer] = _lines(listed, timelines, importer, given, assumptions)
    runs = tuple(
        Run(scenario=s.name, path=p.name, probability=p.probability, timeline=t,
            start=window.start, end=window.end, horizon=s.horizon, lines=lines,
            exporters=origins, assumptions=assumptions or s.assumptions)
        for s, p, t in folded
    )
    return Result(scenarios=tuple(listed), runs=runs, own=own, weights=given, products=codes,
                  level=level)


def _lines(scenarios: Sequence[Scenario], timelines: Sequence[Timeline], importer: str,
           weights: Sequence[Weights],
           assumptions: Assumptions | None) -> tuple[Lines, np.ndarray[Any, Any]]:
    base = scenarios[0].schedule.plan.base
    tables = [
        share for a in ([assumptions] if assumptions else [s.assumptions for s in scenarios])
        for share in (*(v for _, v in a.shares), a.units(importer))
        if isinstance(share, ByProduct)
    ]
    spells = _spells(timelines, importer)
    if not spells and not _threats(timelines, importer):
        raise MissingData(f"{importer} charges nothing in these scenarios", importer=importer)
    mine = own_lines(spells, base, tables, _threats(timelines, importer))
    first = Lines(mine)
    traded = sorted({
        code for one in weights for (i, _), pairs in one.values if i == importer
        for code, _ in pairs
    })
    low, high, held = first.locate(traded)
    more = [traded[n] for n in np.flatnonzero((high == low) & (held < 0))]
    lines = Lines((*mine, *more)) if more else first
    inside = np.isin(lines.keys, first.keys)
    return lines, inside
