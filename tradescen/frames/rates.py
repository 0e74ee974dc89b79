"""Rates by line and averages by direction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tradescen.engine.grid import Lines, classes
from tradescen.errors import InvalidValue, MissingData
from tradescen.frames.batch import Side
from tradescen.frames.placing import Placed, place
from tradescen.frames.run import Run, Slice
from tradescen.frames.tidy import Clock, concat, tidy
from tradescen.law.weights import Weights
from tradescen.vocab.hs import ProductSet, dotted, normal_code

__all__ = [
    "BILATERAL", "RATES", "bilateral", "contributions", "direction", "level_digits", "limited",
    "rates", "spread", "status",
]

KEYS = ("scenario", "path", "probability", "importer", "exporter")
TIMES = ("date", "start", "end")
RATES = (*KEYS, "product", "asked", *TIMES, "rate", "additional_rate", "status", "lines",
         "min_rate", "max_rate", "weight_usd", "known_share", "additional_known_share")
BILATERAL = (*KEYS, *TIMES, "rate", "additional_rate", "min_rate", "max_rate", "weight_usd",
             "known_share", "additional_known_share")
STATUSES = np.array(["none", "in force", "suspended", "projected"], dtype=object)

Array = NDArray[np.float64]
Trade = Mapping[tuple[str, str], Weights]  # by importer and exporter


def level_digits(level: str) -> int:
    """The number of digits a level such as ``"HS6"`` stands for."""
    if isinstance(level, str) and level.upper() in ("HS2", "HS4", "HS6", "HS8"):
        return int(level[2:])
    raise InvalidValue(
        f"level={level!r} is not one of 'HS2', 'HS4', 'HS6', 'HS8'", value=level
    )


def _frame(run: Run, piece: Slice, columns: dict[str, Any]) -> pd.DataFrame:
    head = {
        "scenario": run.scenario, "path": run.path, "probability": run.probability,
        "importer": piece.importer, "exporter": piece.exporter,
    }
    n = len(next(iter(columns.values())))
    frame = pd.DataFrame({**{k: np.repeat(np.array([v], dtype=object), n)
                             for k, v in head.items()}, **columns})
    frame["probability"] = frame["probability"].astype(float)
    return frame.infer_objects()


def _status(run: Run, piece: Slice, k: NDArray[np.int64]) -> NDArray[np.int8]:
    out = piece.of(piece.panel.status(), k).copy()
    late = run.projected(piece.cuts)
    out[:, late] = np.where(out[:, late] > 0, 3, out[:, late])
    return out


def _asked(lines: Lines, codes: Iterable[str]) -> tuple[list[int], list[str], list[str]]:
    """Places, product names and the codes asked for: one per schedule line under each.

    A code with no line under it stands for the line it lies in; one with neither is left out.
    """
    at: list[int] = []
    product: list[str] = []
    asked: list[str] = []
    for code in codes:
        digits = normal_code(code)
        places = list(lines.under(digits))
        names = [dotted(lines.codes[n]) for n in places]
        held = lines.holding(digits)
        if not places and held is not None:
            places, names = [held], [dotted(digits)]
        at += places
        product += names
        asked += [code] * len(places)
    return at, product, asked


def check_asked(runs: Sequence[Run], codes: Iterable[str] | None) -> None:
    """Refuse a code that no importer shown has a line for.

    Raises:
        MissingData: naming the code and the importers.
    """
    for code in codes or ():
        if not any(_asked(lines, [code])[0] for run in runs for lines in run.lines.values()):
            importers = ", ".join(runs[0].importers)
            raise MissingData(
                f"the schedules of {importers} have no line under {code}, nor one it lies in; "
                "check the code and its edition",
                code=code,
            )


def rates(runs: Sequence[Run], clock: Clock, products: Sequence[str] | None,
          level: str | None, weights: Trade, within: ProductSet | None = None,
          directions: Sequence[tuple[str, str]] | None = None) -> pd.DataFrame:
    """Rates by line, by class of lines, or aggregated to a level with weights.

    Where a schedule lists its goods only in part, the row ``*`` stands for all the others.

    Args:
        runs: The paths shown.
        clock: How time is shown.
        products: Codes: one row per schedule line under each. ``None``: one per class.
        level: ``"HS2"`` … ``"HS8"``: aggregate with weights.
        weights: For *level*.
    """
    check_asked(runs, products)
    parts = []
    for run in runs:
        for importer, exporter in directions or run.directions():
            piece = run.slice(importer, exporter, clock)
            if level is not None:
                parts.append(_levels(run, piece, clock, level, weights, within))
                continue
            of = piece.panel.class_of
            if products is None:
                _, first, count = np.unique(of, return_index=True, return_counts=True)
                order = np.argsort(first)
                at = first[order]
                names = [dotted(piece.lines.codes[n]) for n in at]
                extra: dict[str, Any] = {"lines": count[order]}
            else:
                places, names, asked = _asked(piece.lines, products)
                at = np.array(places, dtype=np.int64)
                extra = {"asked": np.array(asked, dtype=object)}
            k = of[at]
            row, columns = tidy(
                {"rate": piece.of(piece.panel.rate, k),
                 "additional_rate": piece.of(piece.panel.additional, k),
                 "status": _status(run, piece, k)},
                piece.cuts, clock, run.start, run.end,
            )
            columns["status"] = STATUSES[columns["status"]]
            columns["product"] = np.array(names, dtype=object)[row]
            columns.update({name: v[row] for name, v in extra.items()})
            parts.append(_frame(run, piece, columns))
    return concat(parts, RATES)


def spread(values: Array, label: NDArray[np.int64], n: int, weight: Array) -> tuple[
        Array, Array, Array]:
    """Sums of weight × value over known values, and of known weight; by label (rows)."""
    known = ~np.isnan(values)
    total = np.zeros((n, values.shape[1]))
    held = np.zeros((n, values.shape[1]))
    np.add.at(total, label, np.where(known, values, 0.0) * weight[:, None])
    np.add.at(held, label, known * weight[:, None])
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(held > 0, total / held, np.nan)
    return mean, held, total


def _extremes(values: Array, label: NDArray[np.int64], n: int) -> tuple[Array, Array]:
    low = np.full((n, values.shape[1]), np.inf)
    high = np.full((n, values.shape[1]), -np.inf)
    np.minimum.at(low, label, np.where(np.isnan(values), np.inf, values))
    np.maximum.at(high, label, np.where(np.isnan(values), -np.inf, values))
    return np.where(np.isinf(low), np.nan, low), np.where(np.isinf(high), np.nan, high)


def _averaged(piece: Slice, placed: Placed, label: NDArray[np.int64], n: int,
              total: Array) -> dict[str, Array]:
    """Weighted means of rate and additional rate on (labels, times), and their shares known.

    An average is over its own known value; the share known says how much that is.
    """
    # Lines of one class and label are summed before any rate is touched.
    of = piece.panel.class_of[placed.at]
    which, first = classes([label, of], len(label))
    pairs = np.stack([label[first], of[first]])
    weight = np.bincount(which, placed.value, minlength=len(first)).astype(float)
    rate = piece.of(piece.panel.rate, pairs[1])
    additional = piece.of(piece.panel.additional, pairs[1])
    mean, held, _ = spread(rate, pairs[0], n, weight)
    more, more_held, _ = spread(additional, pairs[0], n, weight)
    some = weight > 0
    low, high = _extremes(rate[some], pairs[0][some], n)
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            "rate": mean, "additional_rate": more,
            # A mean of equal rates may leave them by its last bit; it lies between them.
            "min_rate": np.fmin(low, mean), "max_rate": np.fmax(high, mean),
            "weight_usd": np.broadcast_to(total[:, None], mean.shape),
            "known_share": held / total[:, None],
            "additional_known_share": more_held / total[:, None],
        }


def _need(weights: Trade, piece: Slice | Side, what: str) -> Placed:
    """The trade of a direction on its lines.

    Raises:
        MissingData: if no weights hold it.
    """
    one = weights.get((piece.importer, piece.exporter))
    if one is None:
        raise MissingData(
            f"{what} needs trade weights of {piece.importer} from {piece.exporter}, and neither "
            "the scenario nor the call gives any; pass weights=, or average='simple' for the "
            "mean over lines",
            importer=piece.importer, exporter=piece.exporter,
        )
    return place(one, piece.importer, piece.exporter, piece.lines, piece.class_of)


def _levels(run: Run, piece: Slice, clock: Clock, level: str, weights: Trade,
            within: ProductSet | None) -> pd.DataFrame:
    digits = level_digits(level)
    placed = limited(_need(weights, piece, f"level={level!r}"), piece, within)
    heads = np.array([code[:digits] for code in placed.codes])
    names, label = np.unique(heads, return_inverse=True)
    total = np.bincount(label, placed.value, minlength=len(names)).astype(float)
    row, columns = tidy(_averaged(piece, placed, label, len(names), total), piece.cuts, clock,
                        run.start, run.end)
    columns["product"] = np.array([dotted(c) for c in names], dtype=object)[row]
    late = STATUSES[np.where(run.projected(piece.cuts), 3, 1)]
    starts = columns["start"] if "start" in columns else columns["date"]
    edges = np.array([c.isoformat() for c in piece.cuts], dtype="datetime64[D]")
    columns["status"] = late[np.searchsorted(edges[:-1], starts, side="right") - 1]
    return _frame(run, piece, columns)


def direction(piece: Slice | Side, average: str, weights: Trade) -> Placed:
    if average == "simple":
        # The rest of a schedule that lists its goods only in part is no tariff line.
        at = np.array([n for n, code in enumerate(piece.lines.codes) if code] or [0])
        return Placed(at, np.ones(len(at)), tuple(piece.lines.codes[n] for n in at))
    if average != "trade":
        raise InvalidValue(f"average={average!r} is neither 'trade' nor 'simple'", value=average)
    return _need(weights, piece, "a trade-weighted average")


def limited(placed: Placed, piece: Slice | Side, within: ProductSet | None) -> Placed:
    """Only the trade in some goods; ``None``: all of it."""
    if within is None:
        return placed
    keep = piece.lines.mask(within)[placed.at]
    for n in np.flatnonzero(~keep):  # the rest of a schedule holds goods of many kinds
        code = placed.codes[n]
        keep[n] = not piece.lines.codes[placed.at[n]] and bool(code) and within.part(code) is True
    codes = tuple(placed.codes[n] for n in np.flatnonzero(keep))
    lost = tuple((c, v) for c, v in placed.lost if within.part(c) is not False)
    return Placed(placed.at[keep], placed.value[keep], codes, lost, placed.several)


def bilateral(runs: Sequence[Run], clock: Clock, average: str, weights: Trade,
              wide: bool, within: ProductSet | None = None,
              directions: Sequence[tuple[str, str]] | None = None,
              min_known: float = 0.0) -> pd.DataFrame:
    """The average rate of each direction: one row a scenario, direction and interval.

    Averages over less than the share *min_known* of the trade are unknown.
    """
    parts = []
    for run in runs:
        for importer, exporter in directions or run.directions():
            piece = run.slice(importer, exporter, clock)
            placed = limited(direction(piece, average, weights), piece, within)
            total = np.array([placed.value.sum() + placed.unplaced])
            values = _averaged(piece, placed, np.zeros(len(placed.at), dtype=np.int64), 1, total)
            for name, share in (("rate", "known_share"), ("min_rate", "known_share"),
                                ("max_rate", "known_share"),
                                ("additional_rate", "additional_known_share")):
                values[name] = np.where(values[share] < min_known, np.nan, values[name])
            if average == "simple":
                values["weight_usd"] = np.full_like(values["rate"], np.nan)
            _, columns = tidy(values, piece.cuts, clock, run.start, run.end)
            parts.append(_frame(run, piece, columns))
    frame = concat(parts, BILATERAL)
    if not wide:
        return frame
    return _wide(frame)


def _wide(frame: pd.DataFrame) -> pd.DataFrame:
    """Times × (scenario, path, importer, exporter) of rates."""
    when = "date" if "date" in frame else "start"
    keys = ["scenario", "path", "importer", "exporter"]
    rows = frame.set_index([when, *keys])["rate"]
    out = rows.unstack(keys, sort=False).sort_index()
    if when == "date":
        return out
    # A step holds until the next, also one that is unknown: only days without a step are filled.
    known = rows.notna().astype(float).unstack(keys, sort=False).sort_index().ffill()
    return out.ffill().where(known == 1.0)


def contributions(runs: Sequence[Run], clock: Clock, by: Sequence[str],
                  products: Sequence[str] | None, average: str, weights: Trade,
                  directions: Sequence[tuple[str, str]] | None = None) -> pd.DataFrame:
    """What each authority, group or measure adds to the rate; the parts sum to the rate.

    With *products* by line; else averaged over the trade (or lines) whose rate is known.
    """
    for name in by:
        if name not in ("authority", "group", "measure"):
            raise InvalidValue(
                f"by={name!r} is not 'authority', 'group' or 'measure'", value=name
            )
    parts = []
    for run in runs:
        for importer, exporter in directions or run.directions():
            piece = run.slice(importer, exporter, clock)
            if products is not None:
                at, names, asked = _asked(piece.lines, products)
                label, n = np.arange(len(at)), len(at)
                placed = Placed(np.array(at, dtype=np.int64), np.ones(len(at)))
                extra: dict[str, Any] = {"product": names, "asked": asked}
            else:
                placed = direction(piece, average, weights)
                label, n, extra = np.zeros(len(placed.at), dtype=np.int64), 1, {}
            of = piece.panel.class_of[placed.at]
            known = ~np.isnan(piece.of(piece.panel.rate, of))
            sums: dict[tuple[str, ...], Array] = {}
            held = np.zeros((n, known.shape[1]))
            np.add.at(held, label, known * placed.value[:, None])
            for row, values in piece.panel.contributions():
                key = tuple(getattr(row, name) for name in by)
                here = np.where(known, piece.of(values, of), 0.0) * placed.value[:, None]
                total = np.zeros((n, known.shape[1]))
                np.add.at(total, label, here)
                with np.errstate(invalid="ignore", divide="ignore"):
                    part = total / held
                sums[key] = sums[key] + part if key in sums else part
            for key, part in sums.items():
                at_row, columns = tidy({"rate": part}, piece.cuts, clock, run.start, run.end)
                for name, said in zip(by, key, strict=True):
                    columns[name] = np.repeat(np.array([said], dtype=object),
                                              len(columns["rate"]))
                for name, said_all in extra.items():
                    columns[name] = np.array(said_all, dtype=object)[at_row]
                parts.append(_frame(run, piece, columns))
    return concat(parts, (*KEYS, "product", "asked", *TIMES, *by, "rate"))


def status(runs: Sequence[Run]) -> pd.DataFrame:
    """One row per measure piece and spell, from the timeline."""
    from tradescen.frames.acts import spell_rows

    parts = []
    for run in runs:
        rows = spell_rows(run.timeline, run.start, run.end, run.horizon)
        frame = pd.DataFrame(rows)
        if len(frame):
            frame.insert(0, "path", run.path)
            frame.insert(0, "scenario", run.scenario)
            parts.append(frame)
    return concat(parts, ("scenario", "path", "measure", "authority", "group", "importer",
                          "exporters", "products", "start", "end", "status", "duty", "because"))
