"""Rate frames out of a result: the rates of one path by the codes of its trade.

A rate frame is a table ``importer, exporter, product, rate`` with or without ``start, end``. A
product is a tariff code, or ``"*"`` for all goods. NaN is an unknown rate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tradescen.effects.keys import KEY
from tradescen.errors import InvalidValue, MissingData, UnknownName
from tradescen.frames.placing import place
from tradescen.frames.tidy import Clock, concat, tidy
from tradescen.law.weights import Weights
from tradescen.simulation import check_editions, pick_weights

if TYPE_CHECKING:
    from tradescen.frames.run import Run
    from tradescen.result import Result

__all__ = ["rate_frame"]


def rate_frame(result: Result, scenario: str | None = None, path: str | None = None, *,
               weights: Any = None, level: str | None = None, on: Any = None) -> pd.DataFrame:
    """The rates of one path of a result by the codes of its trade weights.

    Args:
        result: As :func:`tradescen.simulate` gives it.
        scenario, path: Which; may be left out where there is only one.
        weights: Trade whose codes are asked; by default the scenario's own. Directions they do
            not hold are left out.
        level: ``"HS6"`` …: means over the known trade of each code, with ``known_share``.
            ``None``: the codes of the trade.
        on: One day, instead of all intervals of the result.

    Returns:
        ``importer, exporter, product, start, end, rate`` (no times with *on*). Trade whose line
        is not clear is unknown, NaN. ``attrs``: scenario, path, digests, weights and their year.

    Raises:
        UnknownName: for a scenario or path the result does not hold.
        InvalidValue: where it holds several and none is named.
        MissingData: where no weights hold any of its directions.
    """
    run = _one_run(result, scenario, path)
    given = pick_weights(weights) or result.weights
    for one in result.scenarios:
        check_editions(given, dict(one.editions))
    chosen = {pair: w for pair in run.directions()
              if (w := next((w for w in given if pair in w.pairs), None)) is not None}
    if not chosen:
        raise MissingData(
            "no weights hold any direction of this result, and rates are taken by the codes of "
            "trade; pass weights="
        )
    clock = Clock.of("interval", on, "start")
    if clock.on and len(clock.on) > 1:
        raise InvalidValue(f"on= names {len(clock.on)} days; take one frame a day", value=on)
    if level is None:
        parts = [_by_code(run, clock, pair, w) for pair, w in chosen.items()]
        frame = concat(parts, [*KEY, "date", "start", "end", "rate"])
    else:
        frame = result.rates(on=on, level=level, weights=list(chosen.values()))
        frame = frame[(frame["scenario"] == run.scenario) & (frame["path"] == run.path)]
        pairs = pd.MultiIndex.from_frame(frame[["importer", "exporter"]])
        frame = frame[pairs.isin(list(chosen))].assign(
            product=lambda f: f["product"].str.replace(".", "", regex=False))
        frame = frame[[c for c in (*KEY, "start", "end", "rate", "known_share") if c in frame]]
        lost = _without_line(frame, run, chosen, level)
        frame = pd.concat([frame, lost], ignore_index=True) if len(lost) else frame
    frame = frame.drop(columns="date", errors="ignore").reset_index(drop=True)
    one = next(s for s in result.scenarios if s.name == run.scenario)
    frame.attrs = {
        "quantity": "statutory rate by code of the trade", "unit": "fractions of customs value",
        "scenario": run.scenario, "path": run.path, "digest": one.digest,
        "weights": {f"{i} on {e}": w.name for (i, e), w in chosen.items()},
        "weights_year": {f"{i} on {e}": w.year for (i, e), w in chosen.items()},
        "on": None if not clock.on else str(clock.on[0]),
    }
    return frame


def _one_run(result: Result, scenario: str | None, path: str | None) -> Run:
    found = list(result.runs)
    for what, name in (("scenario", scenario), ("path", path)):
        known = list(dict.fromkeys(getattr(r, what) for r in found))
        if name is None and len(known) > 1:
            raise InvalidValue(
                f"the result holds the {what}s {', '.join(known)}, and rates of one are wanted; "
                f"say which: {what}=…"
            )
        if name is not None and name not in known:
            raise UnknownName.among(what, name, known)
        found = [r for r in found if name in (None, getattr(r, what))]
    return found[0]


def _without_line(frame: pd.DataFrame, run: Run, chosen: dict[tuple[str, str], Weights],
                  level: str) -> pd.DataFrame:
    """Codes of the trade that no line of the schedule holds: unknown at all times."""
    held = set(frame[KEY].itertuples(index=False, name=None))
    rows = [(*pair, code) for pair, one in chosen.items()
            for code in one.at(level).aggregate(level)[pair] if (*pair, code) not in held]
    out = pd.DataFrame(rows, columns=KEY).assign(rate=np.nan, known_share=0.0)
    if "start" in frame:
        out["start"], out["end"] = pd.Timestamp(run.start), pd.Timestamp(run.end)
        for name in ("start", "end"):
            out[name] = out[name].astype(frame[name].dtype)
    return out


def _by_code(run: Run, clock: Clock, pair: tuple[str, str], weights: Weights) -> pd.DataFrame:
    piece = run.slice(*pair, clock)
    of = piece.panel.class_of
    placed = place(weights, *pair, piece.lines, of)
    codes = [c for c, _ in weights.lines(importer=pair[0], exporter=pair[1])]
    lost = {c for c, _ in placed.lost}
    kept = np.array([c not in lost for c in codes], dtype=bool)
    rate = np.full((len(codes), len(piece.cuts) - 1), np.nan)
    rate[kept] = piece.of(piece.panel.rate, of[placed.at])
    row, columns = tidy({"rate": rate}, piece.cuts, clock, run.start, run.end)
    columns["product"] = np.array(codes, dtype=object)[row]
    return pd.DataFrame({
        "importer": np.repeat(np.array([pair[0]], dtype=object), len(row)),
        "exporter": np.repeat(np.array([pair[1]], dtype=object), len(row)), **columns,
    }).infer_objects()
