"""Run scenarios over a window: one ``Result`` of all their paths."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tradescen.engine.grid import Lines, own_lines
from tradescen.errors import InvalidValue, MissingData, NomenclatureMismatch, UnknownName
from tradescen.frames.rates import level_digits
from tradescen.frames.run import Run
from tradescen.law.assumptions import Assumptions
from tradescen.law.nomenclature import fits
from tradescen.law.weights import Weights
from tradescen.timeline.acts import Impose
from tradescen.timeline.spells import Spell, Timeline
from tradescen.vocab.countries import country, is_group, members
from tradescen.vocab.hs import ByProduct, normal_code
from tradescen.vocab.period import DateLike, Period, as_date

if TYPE_CHECKING:
    from tradescen.result import Result
    from tradescen.scenario import Scenario

LATEST = dt.date(2999, 12, 31)  # beyond it dates in frames have no room

__all__ = ["check_editions", "check_reach", "lines_of", "pick_weights", "sides_of",
           "simulate", "unlike_draws"]


def _territories(value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    given = (value,) if isinstance(value, str) else tuple(value)
    return tuple(dict.fromkeys(country(c) for c in given))


def pick_weights(weights: Any) -> tuple[Weights, ...]:
    """Weights as a tuple: one set, several, or none.

    Raises:
        InvalidValue: for anything but :class:`Weights`.
    """
    if weights is None:
        return ()
    given = weights if isinstance(weights, (list, tuple)) else (weights,)
    for one in given:
        if not isinstance(one, Weights):
            raise InvalidValue(
                f"weights={type(one).__name__} are not Weights; write Weights(name='mine', "
                "year=2024, values={('USA', 'CHN'): {'8517.13': 1.5e9}}) or read_weights(…)",
                value=one,
            )
    return tuple(given)


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


def sides_of(timeline: Timeline, importers: Sequence[str], named: tuple[bool, bool]) -> Any:
    """Who charges whom on one path, to tell whether paths are about the same directions.

    Args:
        timeline: What holds when on it.
        importers: Those asked about.
        named: Whether importers, and exporters, were named by who asks.
    """
    own = _importers([timeline])
    held = tuple(i for i in own if i in importers) if named[0] else own
    return held, None if named[1] else tuple(_exporters([timeline], own, i) for i in held)


def unlike_draws() -> InvalidValue:
    """The error for draws that are not about the same directions."""
    return InvalidValue(
        "the draws are not about the same directions: in some of them a side charges duties, or "
        "origins are named, that are not in others, so there is no one distribution; name "
        "importers= and exporters= that are in every draw"
    )


def _spells(timelines: Iterable[Timeline], importer: str) -> list[Spell]:
    return [s for t in timelines for s in t.spells if s.importer == importer]


def _threats(timelines: Iterable[Timeline], importer: str) -> set[str]:
    """Codes that threatened measures name, so that enacting them makes no new line."""
    items = {id(r.item): r.item for t in timelines for r in t.records.values()}
    return {
        c for item in items.values()
        if isinstance(item, Impose) and item.measure.scope.importer == importer
        for c in item.measure.scope.products.codes if c
    }


def check_reach(scenario: Scenario, importer: str, exporters: Iterable[str],
                start: dt.date) -> None:
    """Refuse origins and days a record does not speak of: their rates would read too low.

    Raises:
        MissingData: for an origin not covered, or a day before the record begins.
    """
    if scenario.first_day is not None and start < scenario.first_day:
        raise MissingData(
            f"{scenario.name!r} begins on {scenario.first_day}; what was charged on {start} is "
            "not in it",
            on=start,
        )
    covered = dict(scenario.covers).get(importer)
    for exporter in exporters:
        group = members(exporter, start) if is_group(exporter) else (exporter,)
        missing = [e for e in group if covered is not None and e not in covered]
        if missing:
            raise MissingData(
                f"{scenario.name!r} holds what {importer} charges on goods of "
                f"{', '.join(covered or ())} only, so a rate on goods of {missing[0]} would "
                "leave duties out; add them and say so with "
                f".covering({importer}={tuple(missing)!r})",
                importer=importer, exporter=exporter,
            )


def _held(scenarios: Sequence[Scenario], exporter: str, importer: str,
          importers: Sequence[str]) -> bool:
    """Whether an origin asked for is one to show for an importer: one that the records hold
    for it, or hold for none (which is then refused)."""
    holders = [
        i for i in importers
        if all(exporter in dict(s.covers).get(i, (exporter,)) for s in scenarios)
    ]
    return importer in holders or not holders


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
             weights: Any = None, assumptions: Assumptions | None = None,
             lines: Mapping[str, Lines] | None = None) -> Result:
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
        lines: Tariff lines by importer from an earlier run over the same schedule, used where
            they tell all goods apart that these scenarios do (a shortcut for many runs).

    Raises:
        InvalidValue: for an end not after the start, or two scenarios of one name.
        UnknownName: for an importer no measure belongs to.
    """
    from tradescen.result import Result
    from tradescen.scenario import Scenario

    listed = [scenarios] if isinstance(scenarios, Scenario) else list(scenarios)
    for one in listed:
        if not isinstance(one, Scenario):
            raise InvalidValue(f"{one!r} is not a Scenario; load(…) gives one", value=one)
    if assumptions is not None and not isinstance(assumptions, Assumptions):
        raise InvalidValue(
            f"assumptions={assumptions!r} are not Assumptions; write Assumptions(name='mine', "
            "shares={'measure-id': 0.5})",
            value=assumptions,
        )
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
    if window.end > LATEST:
        raise InvalidValue(f"the end {window.end} is past {LATEST}", value=window.end)
    folded = [
        (s, p, s.fold(p, window.end + dt.timedelta(days=1))) for s in listed for p in s.paths()
    ]
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
    found: dict[str, Lines] = {}
    origins: dict[str, tuple[str, ...]] = {}
    asked = _territories(exporters)
    for importer in wanted:
        origins[importer] = tuple(
            e for e in (asked or _exporters(timelines, known, importer))
            if e != importer and (not asked or _held(listed, e, importer, wanted))
        )
        if not origins[importer] and importers is not None:
            raise InvalidValue(
                f"no origin is left for {importer}: goods of its own are not imports",
                importer=importer,
            )
    wanted = tuple(i for i in wanted if origins[i])
    if not wanted:
        raise InvalidValue(f"nobody here imports from {', '.join(asked or ())}", value=asked)
    for importer in wanted:
        for one in listed:
            check_reach(one, importer, origins[importer], window.start)
        found[importer] = _reused(lines, lines_of(listed, timelines, importer, assumptions),
                                  importer)
    runs = tuple(
        Run(scenario=s.name, path=p.name, probability=p.probability, timeline=t,
            start=window.start, end=window.end, horizon=s.horizon, lines=found,
            exporters=origins, assumptions=assumptions or s.assumptions)
        for s, p, t in folded
    )
    return Result(scenarios=tuple(listed), runs=runs, weights=given, products=codes,
                  level=level)


def _reused(given: Mapping[str, Lines] | None, own: Lines, importer: str) -> Lines:
    """Lines given, if they are the same, for the masks they have worked out already."""
    held = None if given is None else given.get(importer)
    return held if held is not None and held.codes == own.codes else own


def lines_of(scenarios: Sequence[Scenario], timelines: Sequence[Timeline], importer: str,
             assumptions: Assumptions | None) -> Lines:
    """The tariff lines of an importer in these scenarios."""
    base = scenarios[0].schedule.plan.base
    mine = {m.id for t in timelines for m in t.measures.values() if m.scope.importer == importer}
    given = [assumptions] if assumptions else [s.assumptions for s in scenarios]
    tables = [
        share for a in given
        for share in (*(v for name, v in a.shares if name in mine), a.units(importer))
        if isinstance(share, ByProduct)
    ]
    spells = _spells(timelines, importer)
    threats = _threats(timelines, importer)
    if not spells and not threats:
        raise MissingData(f"{importer} charges nothing in these scenarios", importer=importer)
    return Lines(own_lines(spells, base, tables, threats))
