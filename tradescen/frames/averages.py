"""Effective rates by any key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from attrs import frozen
from numpy.typing import NDArray

from tradescen.engine.grid import classes
from tradescen.errors import InvalidValue, UnknownName
from tradescen.frames.batch import Side, summed, together
from tradescen.frames.placing import Placed
from tradescen.frames.rates import Trade, direction, level_digits, limited
from tradescen.frames.run import Run, Slice
from tradescen.frames.tidy import Clock, concat, tidy
from tradescen.law.nomenclature import section
from tradescen.vocab.hs import ProductSet, dotted

__all__ = ["LEVELS", "PARTS", "SIDES", "average", "check_by", "goods_key", "times_on"]

Array = NDArray[np.float64]
SIDES = ("importer", "exporter")
PARTS = ("authority", "group", "measure")
LEVELS = ("HS2", "HS4", "HS6", "HS8", "section")


def goods_key(name: str) -> Callable[[str], str]:
    """The level of goods a code belongs to, by the name of the level."""
    if name == "section":
        return _section
    digits = level_digits(name)
    return lambda code: dotted(code[:digits])


def _section(code: str) -> str:
    try:
        return section(code[:2]).number
    except (InvalidValue, UnknownName):  # chapters 98 and 99 are national; "" is all the rest
        return "none"


@frozen(eq=False)
class _Sums:
    """Sums over (labels, times) of weight × rate and of the weight whose rate is known."""

    labels: dict[tuple[str, ...], int]
    total: Array  # (labels,)
    rate: Array
    rate_known: Array
    additional: Array
    additional_known: Array


def times_on(cuts: Sequence[dt.date], days: Sequence[dt.date]) -> NDArray[np.int64]:
    """The interval each day lies in."""
    edges = np.array([c.isoformat() for c in cuts[:-1]], dtype="datetime64[D]")
    wanted = np.array([d.isoformat() for d in days], dtype="datetime64[D]")
    return np.maximum(np.searchsorted(edges, wanted, side="right") - 1, 0)


def check_by(by: Sequence[str]) -> None:
    """Refuse keys an average cannot be taken by."""
    for name in by:
        if name not in (*SIDES, *PARTS, *LEVELS):
            raise InvalidValue(
                f"by={name!r} is not one of {', '.join((*SIDES, *PARTS, *LEVELS))}", value=name
            )
    if len(set(by)) < len(by):
        raise InvalidValue(f"by={tuple(by)} names a key twice; name each once", value=by)
    if len([n for n in by if n in LEVELS]) > 1 or len([n for n in by if n in PARTS]) > 1:
        raise InvalidValue(
            f"by={tuple(by)}: at most one level of goods and one of {', '.join(PARTS)}", value=by
        )


def average(runs: Sequence[Run], clock: Clock, by: Sequence[str], weights: Trade,
            kind: str, over: str, within: ProductSet | None,
            importer: str | None = None) -> pd.DataFrame:
    """Effective rates by importer, exporter, level of goods or part of the law.

    Args:
        runs: The paths shown.
        clock: How time is shown.
        by: Keys: ``importer, exporter``; one of ``HS2 … HS8, section``; one of
            ``authority, group, measure`` (then the parts sum to the rate).
        weights: Trade by direction.
        kind: ``"trade"`` or ``"simple"``.
        over: ``"known"``: over the trade whose rate is known; ``"all"``: over all trade, where
            an unknown rate adds nothing, so the mean is a lower bound.
        within: Only trade in these goods.
        importer: Only what this side imports.
    """
    check_by(by)
    if over not in ("known", "all"):
        raise InvalidValue(f"over={over!r} is neither 'known' nor 'all'", value=over)
    part = next((n for n in by if n in PARTS), None)
    order = ("scenario", "path", "probability", *by, "date", "start", "end", "rate",
             "additional_rate", "weight_usd", "known_share", "additional_known_share")
    if part is None and together(runs):
        frame = _at_once(runs, clock, by, weights, kind, over, within, importer)
        if frame is not None:
            return concat([frame], order)
    frames = []
    for run in runs:
        pieces = [run.slice(i, e, clock) for i, e in run.directions()
                  if importer in (None, i)]
        cuts = tuple(sorted({c for p in pieces for c in p.cuts}))
        held = [limited(direction(p, kind, weights), p, within) for p in pieces]
        sums = _sums(by, pieces, held, cuts)
        if part is None:
            frames.append(_means(run, by, sums, cuts, clock, over))
            if kind == "simple":  # its weights count lines, not money
                frames[-1]["weight_usd"] = np.nan
        else:
            frames += _parts(run, by, part, pieces, held, cuts, sums, clock, over)
    return concat(frames, order)


def _at_once(runs: Sequence[Run], clock: Clock, by: Sequence[str], weights: Trade, kind: str,
             over: str, within: ProductSet | None, importer: str | None) -> pd.DataFrame | None:
    """All paths in one go; ``None`` where their trade cannot be placed for all at once."""
    pairs = [d for d in runs[0].directions() if importer in (None, d[0])]
    first = runs[0]
    asked = clock.chosen(first.start, first.end)
    if asked is not None and not asked:
        return None  # no day of this frequency lies in the window
    sides = list(dict.fromkeys(i for i, _ in pairs))
    cuts = [] if asked is not None else [
        tuple(sorted({c for i in sides for c in run.cuts(i)})) for run in runs
    ]
    got = summed(
        runs, [c[:-1] for c in cuts] if asked is None else [asked] * len(runs), pairs,
        lambda side: limited(direction(side, kind, weights), side, within),
        lambda side, codes: _labels(by, side, codes),
    )
    if got is None:
        return None
    labels, sums = got
    values = _values(_Sums(labels, *(getattr(sums, what) for what in (
        "total", "rate", "known", "additional", "additional_known"))), over)
    if kind == "simple":  # its weights count lines, not money
        values["weight_usd"] = np.full_like(values["rate"], np.nan)
    if asked is not None:
        shape = (len(labels), len(runs), len(asked))
        flat = {k: v.reshape(shape).transpose(1, 0, 2).reshape(-1) for k, v in values.items()}
        stamps = np.array([d.isoformat() for d in asked], dtype="datetime64[D]")
        flat = {"date": np.tile(stamps, len(runs) * len(labels)), **flat}
        row = np.tile(np.repeat(np.arange(len(labels)), len(asked)), len(runs))
        each = [len(labels) * len(asked)] * len(runs)
    else:
        parts, at = [], 0
        for run, days in zip(runs, cuts, strict=True):
            here = {k: v[:, at : at + len(days) - 1] for k, v in values.items()}
            parts.append(tidy(here, days, clock, run.start, run.end))
            at += len(days) - 1
        row = np.concatenate([r for r, _ in parts])
        flat = {k: np.concatenate([c[k] for _, c in parts]) for k in parts[0][1]}
        each = [len(r) for r, _ in parts]
    head = {
        "scenario": np.repeat(np.array([r.scenario for r in runs], dtype=object), each),
        "path": np.repeat(np.array([r.path for r in runs], dtype=object), each),
        "probability": np.repeat(np.array([r.probability for r in runs], dtype=float), each),
    }
    names = list(labels)
    for n, name in enumerate(by):
        head[name] = np.array([label[n] for label in names], dtype=object)[row]
    return pd.DataFrame({**head, **flat}).infer_objects()


def _labels(by: Sequence[str], piece: Slice | Side,
            codes: Sequence[str]) -> list[tuple[str, ...]]:
    """The label of each code: its side of the direction and its level of goods."""
    sides = {"importer": piece.importer, "exporter": piece.exporter}
    names = [n for n in by if n not in PARTS]
    level = next((n for n in names if n in LEVELS), None)
    if level is None:
        return [tuple(sides[n] for n in names)] * len(codes)
    key = goods_key(level)
    made = {c: key(c) for c in set(codes)}
    return [tuple(made[c] if n == level else sides[n] for n in names) for c in codes]


def _rows(labels: dict[tuple[str, ...], int], by: Sequence[str], piece: Slice,
          codes: Sequence[str]) -> NDArray[np.int64]:
    return np.array([labels.setdefault(label, len(labels)) for label in _labels(by, piece, codes)],
                    dtype=np.int64)


def _classed(piece: Slice, placed: Placed, label: NDArray[np.int64]) -> tuple[
        NDArray[np.int64], Array]:
    """(label, class) pairs that hold trade, and their trade: summed before any rate is met."""
    of = piece.panel.class_of[placed.at]
    which, first = classes([label, of], len(label))
    weight = np.bincount(which, placed.value, minlength=len(first)).astype(float)
    return np.stack([label[first], of[first]]), weight


def _sums(by: Sequence[str], pieces: Sequence[Slice], held: Sequence[Placed],
          cuts: Sequence[dt.date]) -> _Sums:
    labels: dict[tuple[str, ...], int] = {}
    rows = [(_rows(labels, by, piece, placed.codes),
             _rows(labels, by, piece, [c for c, _ in placed.lost]))
            for piece, placed in zip(pieces, held, strict=True)]
    total = np.zeros(len(labels))
    out = [np.zeros((len(labels), len(cuts) - 1)) for _ in range(4)]
    for piece, placed, (label, lost) in zip(pieces, held, rows, strict=True):
        np.add.at(total, label, placed.value)
        np.add.at(total, lost, [v for _, v in placed.lost])
        pairs, weight = _classed(piece, placed, label)
        t = times_on(piece.cuts, cuts[:-1])
        for n, values in enumerate((piece.panel.rate, piece.panel.additional)):
            rate = piece.of(values, pairs[1])[:, t]
            known = ~np.isnan(rate)
            np.add.at(out[2 * n], pairs[0], np.where(known, rate, 0.0) * weight[:, None])
            np.add.at(out[2 * n + 1], pairs[0], known * weight[:, None])
    return _Sums(labels, total, *out)


def _over(over: str, known: Array, total: Array) -> Array:
    return known if over == "known" else np.broadcast_to(total[:, None], known.shape)


def _values(sums: _Sums, over: str) -> dict[str, Array]:
    """The columns of means, by (label, time)."""
    whole = sums.total[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            "rate": sums.rate / _over(over, sums.rate_known, sums.total),
            "additional_rate": sums.additional / _over(over, sums.additional_known, sums.total),
            "weight_usd": np.broadcast_to(whole, sums.rate.shape),
            "known_share": sums.rate_known / whole,
            "additional_known_share": sums.additional_known / whole,
        }


def _means(run: Run, by: Sequence[str], sums: _Sums, cuts: Sequence[dt.date], clock: Clock,
           over: str) -> pd.DataFrame:
    row, columns = tidy(_values(sums, over), cuts, clock, run.start, run.end)
    return _framed(run, by, list(sums.labels), row, columns)


def _framed(run: Run, by: Sequence[str], labels: Sequence[tuple[str, ...]],
            row: NDArray[np.int64], columns: dict[str, Any],
            extra: Mapping[str, str] | None = None) -> pd.DataFrame:
    n = len(row)
    head: dict[str, Any] = {
        "scenario": np.repeat(np.array([run.scenario], dtype=object), n),
        "path": np.repeat(np.array([run.path], dtype=object), n),
        "probability": np.full(n, run.probability),
    }
    for at, name in enumerate(m for m in by if m not in PARTS):
        head[name] = np.array([label[at] for label in labels], dtype=object)[row]
    for name, said in (extra or {}).items():
        head[name] = np.repeat(np.array([said], dtype=object), n)
    return pd.DataFrame({**head, **columns}).infer_objects()


def _parts(run: Run, by: Sequence[str], part: str, pieces: Sequence[Slice],
           held: Sequence[Placed], cuts: Sequence[dt.date], sums: _Sums, clock: Clock,
           over: str) -> list[pd.DataFrame]:
    names = list(sums.labels)
    added: dict[str, Array] = {}
    for piece, placed in zip(pieces, held, strict=True):
        pairs, weight = _classed(piece, placed, _rows(sums.labels, by, piece, placed.codes))
        t = times_on(piece.cuts, cuts[:-1])
        known = ~np.isnan(piece.of(piece.panel.rate, pairs[1])[:, t])
        for row, values in piece.panel.contributions():
            here = np.where(known, piece.of(values, pairs[1])[:, t], 0.0) * weight[:, None]
            total = added.setdefault(getattr(row, part), np.zeros(sums.rate.shape))
            np.add.at(total, pairs[0], here)
    out = []
    with np.errstate(invalid="ignore", divide="ignore"):
        for said, total in added.items():
            some = np.flatnonzero(total.any(axis=1))  # no row for a side it never touches
            mean = (total / _over(over, sums.rate_known, sums.total))[some]
            row_of, columns = tidy({"rate": mean}, cuts, clock, run.start, run.end)
            out.append(_framed(run, by, names, some[row_of], columns, {part: said}))
    return out
