"""Rates over time as steps, a line for each path, with the acts that made them move."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes

from tradescen.display.pictures.canvas import (
    FAINT,
    INK,
    Style,
    caption,
    cut_at,
    dates,
    day_number,
    day_of,
    day_text,
    panels,
    percent_text,
    size,
    style,
    title,
)
from tradescen.display.pictures.chosen import (
    Pair,
    Series,
    labels,
    pairs_of,
    runs_of,
    series,
    steps,
    where,
)
from tradescen.display.pictures.layout import Panel, settle
from tradescen.display.pictures.marks import KINDS, Mark, behind, draw_marks, marks_of, said, shared
from tradescen.display.pictures.words import End, Note
from tradescen.errors import InvalidValue, UnknownName
from tradescen.vocab.duty import as_fraction

if TYPE_CHECKING:
    import pandas as pd

    from tradescen.frames.run import Run
    from tradescen.result import Result

__all__ = ["about", "above", "direction_text", "horizons", "step_lines", "timeline", "top_of"]

DAY = dt.timedelta(days=1)
Lines = Mapping[str, tuple[Series, Series]]
NAMED = 0.02  # a move below two points is not named unless asked for


def direction_text(pair: Pair) -> str:
    """A direction in words."""
    return f"{pair[0]} on goods of {pair[1]}"


def about(frame: pd.DataFrame, what: str, pair: Pair | None = None) -> list[str]:
    """What the numbers are, part by part, from what the frame says of itself."""
    out = [f"{frame.attrs['quantity']}{f', {what}' if what else ''}"]
    weights = frame.attrs.get("weights") or {}
    if pair is not None and f"{pair[0]} on {pair[1]}" in weights:
        out.append(f"weights: {weights[f'{pair[0]} on {pair[1]}']}")
        rows = frame[(frame["importer"] == pair[0]) & (frame["exporter"] == pair[1])]
        if "known_share" in rows and len(rows):
            out.append(f"known for {rows['known_share'].min():.1%} of that trade")
    return out


def horizons(ax: Axes, result: Result, runs: Sequence[Run]) -> list[Note]:
    """Notes on where knowledge ends; what lies past the last such day is shaded."""
    told: dict[tuple[dt.date, str], None] = {}
    for run in runs:
        scenario = next(s for s in result.scenarios if s.name == run.scenario)
        if scenario.data_date and scenario.data_date == run.horizon:
            told[scenario.data_date, f"record to {day_text(scenario.data_date)}"] = None
        elif scenario.known_on:
            told[scenario.known_on, f"as known on {day_text(scenario.known_on)}"] = None
    ends = [r.horizon + DAY for r in runs if r.horizon is not None]
    if len(ends) == len(runs) and max(ends) < runs[0].end:
        ax.axvspan(max(day_number(max(ends)), day_number(runs[0].start)),
                   day_number(runs[0].end), color="#f4f4f1", zorder=-1, label="_projected")
    return [Note(day=day + DAY, text=text, colour=INK, line=(0, (4, 2)))
            for day, text in told]


def top_of(values: Iterable[Series], limit: Any) -> float:
    """The top of an axis over all values, or where it is cut.

    Raises:
        InvalidValue: for a limit that is not above zero.
    """
    if limit is not None:
        cut = as_fraction(limit, "limit")
        if not cut > 0:
            raise InvalidValue(f"limit={limit!r} is not above 0; nothing would be seen",
                               value=limit)
        return cut
    known = [float(np.nanmax(v)) for v in values if len(v) and not np.isnan(v).all()]
    return max([*known, 0.01]) * 1.04


def above(days: Series, values: Series, limit: float,
          name: str = "") -> list[Note]:
    """Notes on what a cut axis leaves out: each stretch above it, with its highest value."""
    out: list[Note] = []
    over = values[:-1] > limit
    at = 0
    while at < len(over):
        if not over[at]:
            at += 1
            continue
        last = at
        while last + 1 < len(over) and over[last + 1]:
            last += 1
        most = float(values[at:last + 1].max())
        first, until = (day_of(days[n]) for n in (at, last + 1))
        ends = "" if last + 1 == len(over) else f" to {day_text(until)}"
        out.append(Note(day=first, text=f"▲ {name}{' ' if name else ''}{most:.1%}{ends}",
                        colour=INK))
        at = last + 1
    return out


def _unknown(days: Series, values: Series, name: str) -> list[Note]:
    """Notes on where a rate begins to be unknown: a line has a gap there."""
    gaps = np.isnan(values[:-1])
    first = [n for n in range(len(gaps)) if gaps[n] and (n == 0 or not gaps[n - 1])]
    return [Note(day=day_of(days[n]), text=f"{name} unknown", colour=INK)
            for n in first]


def step_lines(ax: Axes, lines: Lines, styles: Mapping[str, Style],
               sign: bool = False) -> list[End]:
    """Draw lines of steps; what is written at their ends."""
    ends = []
    for name, (days, values) in lines.items():
        s = styles[name]
        ax.plot(days, values, drawstyle="steps-post", color=s.colour, linestyle=s.line,
                linewidth=s.width, label=name, zorder=3)
        known = values[~np.isnan(values)]
        last = float(values[-1]) if len(values) else float("nan")
        ends.append(End(y=last if last == last else float(known[-1]) if len(known) else 0.0,
                        text=f"{name} {percent_text(last, sign)}", colour=s.colour, line=s.line,
                        marker=s.marker))
    return ends


def _moves(lines: Lines, most: int) -> dict[dt.date, tuple[str, ...]]:
    """The days of the largest moves of any line, and the lines that move on them."""
    sizes: dict[dt.date, dict[str, float]] = {}
    for name, (days, values) in lines.items():
        for n in range(1, len(values) - 1):
            moved = abs(float(values[n] - values[n - 1]))
            if moved >= NAMED:
                sizes.setdefault(day_of(days[n]), {})[name] = moved
    largest = sorted(sizes, key=lambda d: -max(sizes[d].values()))[:most]
    return {day: tuple(sizes[day]) for day in sorted(largest)}


def _named(marks: Sequence[Mark], movers: Mapping[dt.date, tuple[str, ...]],
           colours: Mapping[str, str]) -> list[Note]:
    """Notes that name the acts behind the moves of some days."""
    out = []
    for day, moved in movers.items():
        whose: dict[str, set[str]] = {}
        for m in behind(marks, day, moved, list(colours)):
            whose.setdefault(said(m), set()).update(m.of or colours)
        groups: dict[frozenset[str], list[str]] = {}
        for name, paths in whose.items():
            groups.setdefault(frozenset(paths), []).append(name)
        for paths_, names in groups.items():
            more = f" +{len(names) - 1}" if len(names) > 1 else ""
            own = [p for p in colours if p in paths_]
            whose_ = ""
            if len(own) < len(colours):
                whose_ = f" ({', '.join(own)})" if len(own) < 3 else f" ({len(own)} paths)"
            out.append(Note(day=day, text=f"{day_text(day)} {names[0]}{more}{whose_}",
                            colour=colours[own[0]] if len(own) == 1 < len(colours) else FAINT))
        if not groups:
            out.append(Note(day=day, text=f"{day_text(day)} a term ends"))
    return out


def _asked(marks: Sequence[Mark], ids: Sequence[str]) -> list[Note]:
    """Notes on the acts and truces named, on each day they begin, move a rate or lapse.

    Raises:
        UnknownName: for an id without a mark here.
    """
    known = {m.id for m in marks} | {m.name for m in marks}
    for one in ids:
        if one not in known:
            raise UnknownName.among("act or truce in this picture", one, known)
    notes: dict[Note, None] = {}
    for m in marks:
        name = m.id if m.id in ids else m.name
        if name in ids:
            day = m.end if m.kind == "enacted" and m.end is not None else m.start
            what = {"threatened": " threatened", "snapback": " lapses"}.get(m.kind, "")
            notes[Note(day=day, text=f"{day_text(day)} {name}{what}")] = None
    return list(notes)


def timeline(result: Result, ax: Any = None, *, scenario: Any = None, path: Any = None,
             importer: Any = None, exporter: Any = None, product: str | None = None,
             average: str = "trade", weights: Any = None, acts: bool = True,
             names: int | Sequence[str] | None = None, limit: Any = None,
             figsize: tuple[float, float] | None = None) -> Axes:
    """See :meth:`ResultPictures.timeline`."""
    runs, pairs = runs_of(result, scenario, path), pairs_of(result, importer, exporter)
    frame, what = series(result, product, average, weights)
    called = labels(runs)
    styles = {name: style(n) for n, name in enumerate(called)}
    colours = {name: s.colour for name, s in styles.items()}
    drawn = panels(ax, len(pairs), "timeline", figsize, height=2.7)
    made = []
    for one, pair in zip(drawn, pairs, strict=True):
        lines = {name: steps(rows) for name, run in zip(called, runs, strict=True)
                 if len(rows := where(frame, run, pair))}
        marks = shared({name: marks_of(run, *pair)
                        for name, run in zip(called, runs, strict=True)}) if acts else []
        top = top_of((v for _, v in lines.values()), limit)
        dates(one, runs[0].start, runs[0].end)
        most = max(2, int(size(one)[0] / 75)) if names is None else names
        notes = horizons(one, result, runs)
        if isinstance(most, int):
            notes += _named(marks, _moves(lines, most), colours) if acts else []
        elif acts:
            notes += _asked(marks, most)
        for name, (days, values) in lines.items():
            notes += _unknown(days, values, name)
            notes += above(days, values, top, name if len(lines) > 1 else "")
        panel = Panel(one, 0.0, top, step_lines(one, lines, styles), notes,
                      [k for k in KINDS if any(m.kind == k for m in marks)])
        made.append((panel, marks))
        cut_at(one, top, one.lines)
        title(one, direction_text(pair))
        caption(one, *about(frame, what, pair), f"axis cut at {top:.0%}" if limit else "")
    settle([panel for panel, _ in made], grow=ax is None and figsize is None)
    for panel, marks in made:
        draw_marks(panel.ax, marks, panel.rows, colours, runs[0].end)
    return drawn[0]
