"""Weights out of files and frames, and into files."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union, cast

from attrs import evolve

from tradescen.errors import InvalidValue, MissingData, counted
from tradescen.files.readers import find, named, readers
from tradescen.files.readers.base import Read, Reader, Trade
from tradescen.files.readers.table import need_arrow
from tradescen.files.readers.tidy import read_frame
from tradescen.files.readers.trade import refuse_levels
from tradescen.law.nomenclature import base_edition, digits_of
from tradescen.law.weights import Weights
from tradescen.vocab.source import Source

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["read_weights", "weights_of", "write_weights"]

Given = Union["str", Path, "pd.DataFrame", Read]
_COLUMNS = ("importer", "exporter", "product", "year", "flow", "value", "valuation", "currency",
            "nomenclature")


def read_weights(path_or_frame: Given, *, reader: str | Reader | None = None,
                 name: str | None = None, year: int | None = None,
                 importer: str | Iterable[str] | None = None,
                 exporter: str | Iterable[str] | None = None, flow: str | None = None,
                 valuation: str | None = None, currency: str | None = None,
                 nomenclature: str | None = None, measure: str = "value",
                 level: str | None = None, digits: int | None = None,
                 source: Source | str | None = None,
                 columns: Mapping[str, str] | None = None, countries: str | None = None) -> Weights:
    """Trade values out of a file or a frame.

    What the file says of itself (year, flow, edition …) is taken from it; what you say stands
    in for what it does not. Where it has a column of importers, origins or years, yours choose
    among them.

    Args:
        path_or_frame: A file (CSV, JSON, parquet, gzipped or not), a DataFrame with codes as
            text, or a :class:`~tradescen.files.readers.Read`.
        reader: The reader to use; by default the one the file is for.
        name: How the set is named; by default as the file.
        year, importer, exporter, flow: See above. ``flow``: ``"imports"`` or ``"exports"``.
        valuation, currency, nomenclature: What the values and codes are.
        measure: ``"value"``, or ``"duty"`` for the duties collected.
        level: Keep the codes of one level (``"HS6"``); ``"all"`` takes codes of several
            lengths as they are.
        digits: How many digits the codes have, if their leading zeros are lost.
        source: Where the values come from, if not as the reader says.
        columns: For plain tables: what → name of its column (``{"value": "usd_2017"}``).
        countries: For plain tables: ``"iso"``, ``"un"``, ``"wits"`` or ``"census"``.

    Raises:
        InvalidValue: for codes that are none (all with their lines), several years or flows
            at once, totals beside their parts, values not attributed to a direction; in a plain
            table also for countries that are none. In a publisher's file rows of areas that are
            no country are left out, and the ``source`` of the weights says what they are worth.
        MissingData: if no row is left, or pyarrow is needed and absent.
    """
    options: dict[str, Any] = {
        "year": year, "importer": importer, "exporter": exporter, "flow": flow, "digits": digits,
        "edition": nomenclature,
    }
    plain = {"columns": columns, "countries": countries}
    options |= {what: given for what, given in plain.items() if given is not None}
    read = _read(path_or_frame, reader, options, valuation, currency)
    return weights_of(
        read, name=name, year=year, flow=flow, valuation=valuation, currency=currency,
        nomenclature=nomenclature, measure=measure, level=level, source=source,
    )


def _read(given: Any, reader: str | Reader | None, options: dict[str, Any],
          valuation: str | None, currency: str | None) -> Read:
    if isinstance(given, Read):
        return given
    if hasattr(given, "columns") and hasattr(given, "iloc"):
        return read_frame(given, valuation=valuation, currency=currency, **options)
    path = Path(given)
    if not path.is_file():
        raise MissingData(f"there is no file {str(given)!r} to read weights from", path=str(given))
    chosen = find(path) if reader is None else named(reader)
    if chosen.kind != "trade":
        raise InvalidValue(
            f"{path.name} holds a {chosen.kind}, no trade ({chosen.title}); read it with "
            "tradescen.files.readers.read",
            value=chosen.kind,
        )
    if chosen is readers()["tidy"]:
        options |= {"valuation": valuation, "currency": currency}
    elif "columns" in options or "countries" in options:
        raise InvalidValue(
            f"columns= and countries= are for plain tables, and {path.name} is read by "
            f"{chosen.name!r}; add reader='tidy'",
            value=chosen.name,
        )
    return chosen.read(path, **options)


def weights_of(read: Read, *, name: str | None = None, year: int | None = None,
               flow: str | None = None, valuation: str | None = None,
               currency: str | None = None, nomenclature: str | None = None,
               measure: str = "value", level: str | None = None,
               source: Source | str | None = None) -> Weights:
    """Weights out of what a reader found; arguments as of :func:`read_weights`."""
    where = read.report.path
    if measure not in ("value", "duty"):
        raise InvalidValue(f"measure={measure!r} is neither 'value' nor 'duty'", value=measure)
    rows = cast("tuple[Trade, ...]", read.rows)
    if level not in (None, "all"):
        rows = tuple(r for r in rows if len(r.product) == digits_of(level or ""))
    if not rows:
        raise MissingData(
            f"no row of {where} is left to weigh by:\n{read.report}", report=read.report
        )
    at = _one(where, "year", {r.year for r in rows}, year, "year=2024")
    said = _one(where, "flow", {r.flow for r in rows} - {None} or {read.flow}, flow,
                "flow='imports'")
    lost = [r for r in rows if r.importer is None or r.exporter is None]
    if lost:
        what = "importer" if lost[0].importer is None else "exporter"
        raise InvalidValue(
            f"{where} does not say whose trade it is: line {lost[0].line} has no {what}; give "
            f"{what}=",
            lines=tuple(r.line for r in lost),
        )
    if level is None:
        refuse_levels(rows, where)
    values: dict[tuple[str, str], dict[str, list[float]]] = {}
    for row in rows:
        amount = row.value if measure == "value" else row.duty
        if amount is not None:
            pair = (str(row.importer), str(row.exporter))
            values.setdefault(pair, {}).setdefault(row.product, []).append(amount)
    if not values:
        raise MissingData(f"{where} states no duties collected", path=where)
    edition = nomenclature or read.edition
    editions = {i: edition for i, _ in values} if edition else dict(read.editions)
    for i, one in editions.items():
        if all(len(c) <= 6 for (j, _), lines in values.items() if j == i for c in lines):
            editions[i] = base_edition(one) or one
    usual = "c.i.f." if said == "imports" else "f.o.b."
    worth = valuation or read.valuation or (usual if read.report.reader == "comtrade" else None)
    return Weights(
        name=name or where,
        values={p: {c: sum(v) for c, v in lines.items()} for p, lines in values.items()},
        year=at, flow=said or "imports",
        valuation="duties collected" if measure == "duty" else worth or "unstated",
        currency=currency or read.currency or "USD",
        nomenclature={i: e for i, e in editions.items() if any(i == j for j, _ in values)},
        source=source if source is not None else _left_out(read),
    )


def _left_out(read: Read) -> Source | None:
    """The source, with what was left out of it; the report has the lines."""
    if not read.report.dropped or read.source is None:
        return read.source
    why = list(read.report.reasons.items())
    said = "; ".join(f"{count:,} for {what}" for what, count in why[:3])
    more = f"; and {len(why) - 3} more reasons" if len(why) > 3 else ""
    lost = read.report.lost
    worth = f"; {lost:,.0f} in value is of partners that are no country" if lost else ""
    note = (f"{len(read.report.dropped):,} of {counted(read.report.read, 'row')} left out: "
            f"{said}{more}{worth}")
    return evolve(read.source, note="; ".join(n for n in (read.source.note, note) if n))


def _one(where: str, what: str, found: set[Any], asked: Any, way: str) -> Any:
    """The one year or flow of all rows; what is asked fills in for what is not said."""
    held = sorted(found - {None}, key=str)
    if len(held) > 1:
        raise InvalidValue(
            f"{where} holds several values of {what}: {', '.join(map(str, held))}; weights are "
            f"of one {what}: give {what}=, such as {way}",
            values=tuple(held),
        )
    if held:
        return held[0]
    if asked is None and what == "year":
        raise InvalidValue(f"{where} does not say of which year it is; give {way}")
    return asked


def write_weights(weights: Weights, path: Path | str) -> Path:
    """Write weights as a plain table (``.csv``, ``.csv.gz`` or ``.parquet``), codes as text.

    :func:`read_weights` reads it back to the same values, year, flow, valuation, currency and
    editions.

    Raises:
        InvalidValue: for another kind of file.
        MissingData: if parquet is asked for and pyarrow is absent.
    """
    path = Path(path)
    editions = dict(weights.nomenclature)
    rows = [
        (i, e, c, str(weights.year), weights.flow, repr(v), weights.valuation, weights.currency,
         editions.get(i, ""))
        for (i, e), lines in weights.values for c, v in lines
    ]
    name = path.name.lower()
    if name.endswith((".csv", ".csv.gz")):
        opener: Any = gzip.open if name.endswith(".gz") else open
        with opener(path, "wt", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(_COLUMNS)
            writer.writerows(rows)
        return path
    if not name.endswith((".parquet", ".pq")):
        raise InvalidValue(
            f"{path.name}: weights are written as .csv, .csv.gz or .parquet", path=path.name
        )
    need_arrow(path.name)
    import pandas as pd

    pd.DataFrame(rows, columns=list(_COLUMNS)).astype(str).to_parquet(path, index=False)
    return path
