"""Bands over time: what each authority adds, and quantiles over futures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from tradescen.display.pictures.canvas import (
    COLOURS,
    HATCHES,
    INK,
    caption,
    cut_at,
    dates,
    day_numbers,
    panels,
    percent_text,
    title,
)
from tradescen.display.pictures.chosen import Pair, Series, one_run, pairs_of, series, steps, where
from tradescen.display.pictures.layout import Panel, settle
from tradescen.display.pictures.steps import about, above, direction_text, horizons, top_of
from tradescen.display.pictures.words import End
from tradescen.errors import InvalidValue, MissingData
from tradescen.vocab.countries import country

if TYPE_CHECKING:
    import pandas as pd

    from tradescen.draws import Ensemble
    from tradescen.frames.run import Run
    from tradescen.result import Result

__all__ = ["draws", "fan", "stack"]

# Light and dark in turn, so that neighbours differ in grey; hatches differ too.
BANDS = ("#9ecae1", "#08519c", "#fdbe85", "#a63603", "#c7e9c0", "#006d2c", "#d9d9d9", "#54278f")
FAN = COLOURS[0]
LEAST = 0.0005  # of customs value; thinner bands bear no name


def _on_cuts(rows: pd.DataFrame, starts: Series) -> Series:
    """A part's values from each of *starts* on; rows without it add nothing."""
    days, values = steps(rows)
    if not len(days):
        return np.zeros(len(starts))
    at = np.searchsorted(days[:-1], starts, side="right") - 1
    return np.where(at >= 0, values[at], 0.0)


def _base(result: Result, run: Run, by: str) -> set[str]:
    """The parts that are base duties."""
    plan = next(s.schedule.plan for s in result.scenarios if s.name == run.scenario)
    return {m.id if by == "measure" else getattr(m, by) for m in run.timeline.measures.values()
            if m.group in plan.base}


def _layers(parts: pd.DataFrame, by: str, starts: Series, most: int,
            base: set[str]) -> list[tuple[str, Series]]:
    """The parts as layers, base duties at the bottom, then those that stand longest; small ones
    in one."""
    found = {name: _on_cuts(rows, starts) for name, rows in parts.groupby(by, sort=False)}
    found = {name: v for name, v in found.items() if np.nan_to_num(v).any()}
    spans = np.diff(starts, append=starts[-1])
    weight = {name: float((np.nan_to_num(v) * spans).sum()) for name, v in found.items()}
    first = {name: int(np.flatnonzero(np.nan_to_num(v))[0]) for name, v in found.items()}
    large = sorted(found, key=lambda n: -weight[n])[:most if len(found) <= most else most - 1]
    small = [n for n in found if n not in large]
    out = [(str(n), found[n]) for n in sorted(large, key=lambda n: (
        n not in base, first[n], -weight[n]))]
    if small:
        rest = np.sum([found[n] for n in small], axis=0)
        out.append((f"{len(small)} others", rest))
    return out


def stack(result: Result, ax: Any = None, *, scenario: Any = None, path: Any = None,
          importer: Any = None, exporter: Any = None, product: str | None = None,
          by: str = "authority", average: str = "trade", weights: Any = None, most: int = 8,
          limit: Any = None, figsize: tuple[float, float] | None = None) -> Axes:
    """See :meth:`ResultPictures.stack`."""
    run, pairs = one_run(result, scenario, path, "stack"), pairs_of(result, importer, exporter)
    if by not in ("authority", "group", "measure"):
        raise InvalidValue(f"by={by!r} is not 'authority', 'group' or 'measure'", value=by)
    if not isinstance(most, int) or not 2 <= most <= len(BANDS):
        raise InvalidValue(f"most={most!r} is not a number of bands, from 2 to {len(BANDS)}: "
                           "more could not be told apart", value=most)
    whole, what = series(result, product, average, weights)
    parts = result.average(by=("importer", "exporter", by), within=product, average=average,
                           weights=weights)
    drawn = panels(ax, len(pairs), "stack", figsize, height=2.9)
    made = []
    for one, pair in zip(drawn, pairs, strict=True):
        days, total = steps(where(whole, run, pair))
        layers = _layers(where(parts, run, pair), by, days[:-1], most, _base(result, run, by))
        dates(one, run.start, run.end)
        ends = _bands(one, days, layers, total)
        one.plot(days, total, drawstyle="steps-post", color=INK, linewidth=1.4, label="rate",
                 zorder=4)
        last = float(total[-1]) if len(total) else float("nan")
        ends.append(End(y=last if last == last else 0.0, text=f"rate {percent_text(last)}",
                        colour=INK))
        top = top_of([total], limit)
        notes = horizons(one, result, [run]) + above(days, total, top)
        made.append(Panel(one, 0.0, top, ends, notes))
        cut_at(one, top, [*one.lines, *one.collections])
        name = run.path or run.scenario
        title(one, f"{direction_text(pair)}, by {by}: {name}")
        caption(one, *about(whole, what, pair), "bands sum to the rate",
                f"axis cut at {top:.0%}" if limit else "")
    settle(made, grow=ax is None and figsize is None)
    return drawn[0]


def _bands(ax: Axes, days: Series, layers: Sequence[tuple[str, Series]],
           total: Series) -> list[End]:
    """Draw layers one upon the other; what is written at their ends."""
    base = np.zeros(max(len(days) - 1, 0))
    ends = []
    for n, (name, values) in enumerate(layers):
        upper = base + values
        low, high = (np.append(v, v[-1]) for v in (base, upper))
        colour, hatch = BANDS[n % len(BANDS)], HATCHES[n % len(HATCHES)]
        edge = "white" if sum(to_rgb(colour)) < 1.6 else "#666666"
        band = ax.fill_between(days, low, high, step="post", facecolor=colour, hatch=hatch,
                               edgecolor=edge, linewidth=0.0, label=name, zorder=2)
        band.set_gid(f"band:{name}")
        base = upper
        if np.nanmax(values, initial=0.0) < LEAST:
            continue  # too thin to be seen, and named as 0.0%
        said = percent_text(float(values[-1]))
        if not values[-1]:
            said += f", at most {percent_text(float(np.nanmax(values)))}"
        ends.append(End(y=float(np.nan_to_num((low[-1] + high[-1]) / 2)), text=f"{name} {said}",
                        colour=colour, hatch=hatch))
    return ends


def _odds(q: Any) -> tuple[float, ...]:
    given = tuple(sorted({float(v) for v in ((q,) if isinstance(q, (int, float)) else q)}))
    if len(given) < 2:
        raise InvalidValue(f"q={q!r} spans no band; give two or more odds such as (0.05, 0.95)",
                           value=q)
    return given


def _fan(ax: Axes, quantiles: Mapping[float, tuple[Series, Series]],
         mean: tuple[Series, Series], stepped: bool, mean_name: str) -> list[End]:
    """Bands between quantiles from both sides inward, lines on them, and the mean."""
    odds = sorted(quantiles)
    ends = []
    style: dict[str, Any] = {"drawstyle": "steps-post"} if stepped else {"marker": "."}
    for n in range(len(odds) // 2):
        (days, low), (_, high) = quantiles[odds[n]], quantiles[odds[-1 - n]]
        ax.fill_between(days, low, high, step="post" if stepped else None, facecolor=FAN,
                        alpha=0.18 + 0.12 * n, linewidth=0, zorder=2,
                        label=f"_{odds[n]:g} to {odds[-1 - n]:g}")
    level: dict[float, list[str]] = {}
    for n, q in enumerate(odds):
        days, values = quantiles[q]
        middle = len(odds) % 2 == 1 and n == len(odds) // 2
        ax.plot(days, values, color=FAN, linewidth=2.0 if middle else 0.9, zorder=3,
                label=f"q={q:g}", **style)
        level.setdefault(float(values[-1]), []).append("median" if q == 0.5 else f"q={q:g}")
    for y, names in level.items():  # quantiles of few paths often coincide: one name for them
        said = names[0] if len(names) == 1 else f"{names[0]} to {names[-1].removeprefix('q=')}"
        ends.append(End(y=y, text=f"{said} {percent_text(y)}", colour=FAN))
    days, values = mean
    ax.plot(days, values, color=INK, linewidth=1.3, linestyle=(0, (4, 1.5)), zorder=4,
            label=mean_name, **style)
    ends.append(End(y=float(values[-1]), text=f"{mean_name} {percent_text(float(values[-1]))}",
                    colour=INK, marker="D"))
    return ends


def _by_days(rows: pd.DataFrame, run: Run) -> tuple[Series, Series]:
    """Rates of days on which some path moves, as steps to the end of the window."""
    frame = rows.sort_values("date")
    ends = [*frame["date"].tolist()[1:], run.end]
    return steps(frame.assign(start=frame["date"], end=ends))


def fan(result: Result, ax: Any = None, *, scenario: Any = None, importer: Any = None,
        exporter: Any = None, product: str | None = None, q: Any = (0.05, 0.25, 0.5, 0.75, 0.95),
        average: str = "trade", weights: Any = None, limit: Any = None,
        figsize: tuple[float, float] | None = None) -> Axes:
    """See :meth:`ResultPictures.fan`."""
    names = [s.name for s in result.scenarios]
    name = scenario if scenario is not None or len(names) > 1 else names[0]
    run = result._run(getattr(name, "name", name))
    pairs, odds = pairs_of(result, importer, exporter), _odds(q)
    options: dict[str, Any] = {"products": product, "average": average, "weights": weights}
    bands, mean = result.quantiles(q=odds, **options), result.expected(**options)
    bands, mean = (f[f["scenario"] == run.scenario] for f in (bands, mean))
    if product is not None and bands["product"].nunique() > 1:
        raise InvalidValue(f"there are {bands['product'].nunique()} lines under {product}; a fan "
                           "is of one line, or of the mean over all goods", value=product)
    paths = [r for r in result.runs if r.scenario == run.scenario]
    drawn = panels(ax, len(pairs), "fan", figsize, height=2.9)
    made = []
    for one, pair in zip(drawn, pairs, strict=True):
        here = _pair(bands, pair)
        lines = {v: _by_days(here[here["q"] == v], run) for v in odds}
        dates(one, run.start, run.end)
        middle = _by_days(_pair(mean, pair), run)
        ends = _fan(one, lines, middle, True, "expected")
        top = top_of([v for _, v in lines.values()], limit)
        notes = horizons(one, result, [run]) + above(*lines[odds[-1]], top, f"q={odds[-1]:g}")
        made.append(Panel(one, 0.0, top, ends, notes))
        cut_at(one, top, [*one.lines, *one.collections])
        title(one, f"{direction_text(pair)}: {run.scenario}, {len(paths)} paths")
        kind = f"line {product}" if product else "trade-weighted mean" if (
            average == "trade") else "simple mean"
        caption(one, f"quantiles over paths of the statutory rate, {kind}",
                f"axis cut at {top:.0%}" if limit else "")
    settle(made, grow=ax is None and figsize is None)
    return drawn[0]


def _pair(frame: pd.DataFrame, pair: Pair) -> pd.DataFrame:
    return frame[(frame["importer"] == pair[0]) & (frame["exporter"] == pair[1])]


def draws(ensemble: Ensemble, ax: Any = None, *, importer: Any = None, exporter: Any = None,
          q: Any = (0.05, 0.25, 0.5, 0.75, 0.95), limit: Any = None,
          figsize: tuple[float, float] | None = None) -> Axes:
    """See :meth:`EnsemblePictures.fan`."""
    if len(ensemble.days) < 2:
        raise InvalidValue("the ensemble was drawn on one day, which makes no fan; give "
                           "ensemble(…, on=[…]) several, or see .quantiles()",
                           value=ensemble.days)
    pairs = [(i, e) for i, e in ensemble.pairs
             if (importer is None or i == country(importer))
             and (exporter is None or e == country(exporter))]
    if not pairs:
        held = ", ".join(direction_text(p) for p in ensemble.pairs)
        raise MissingData(f"the ensemble holds no rates of {importer} on goods of {exporter} (it "
                          f"holds: {held})", importer=importer, exporter=exporter)
    odds = _odds(q)
    table, mean = ensemble.quantiles(odds), ensemble.mean()
    drawn = panels(ax, len(pairs), "fan", figsize, height=2.9)
    days = day_numbers(ensemble.days)
    made = []
    for one, pair in zip(drawn, pairs, strict=True):
        here = _pair(table, pair)
        lines = {v: (days, here[here["q"] == v]["rate"].to_numpy()) for v in odds}
        dates(one, ensemble.days[0], ensemble.days[-1])
        ends = _fan(one, lines, (days, _pair(mean, pair)["rate"].to_numpy()), False, "mean")
        top = top_of([v for _, v in lines.values()], limit)
        last = lines[odds[-1]]
        notes = above(last[0], last[1], top, f"q={odds[-1]:g}")
        made.append(Panel(one, 0.0, top, ends, notes))
        cut_at(one, top, [*one.lines, *one.collections])
        title(one, f"{direction_text(pair)}: {ensemble.draws:,} draws")
        caption(one, f"quantiles over draws of the mean rate on {len(days)} days (dots); between "
                "them lines are drawn, not known", f"axis cut at {top:.0%}" if limit else "")
    settle(made, grow=ax is None and figsize is None)
    return drawn[0]


