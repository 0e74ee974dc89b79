"""What every reader gives back, and what a reader is.

A reader takes a file as its publisher prints it and gives a :class:`Read`: plain rows, the
edition of the codes where the file says so, and a :class:`Report` of all rows read, and of
those dropped with line and reason. Nothing is guessed, and nothing touches the network.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Union

from attrs import field, frozen

from tradescen.errors import InvalidValue, counted
from tradescen.vocab.source import Source, as_source

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Dropped", "Faults", "Head", "Line", "Read", "Reader", "Report", "Row", "Tariff", "Trade",
]

_MOST = 12  # faults or rows named in one text


class Trade(NamedTuple):
    """A value of trade. ``None`` is not stated; it is never 0."""

    importer: str | None
    exporter: str | None
    product: str
    year: int | None
    value: float | None
    duty: float | None = None  # duties collected
    flow: str | None = None
    line: int = 0


class Tariff(NamedTuple):
    """A rate as a data base of tariffs gives it. ``rate`` is a fraction; ``None`` unknown."""

    importer: str | None
    exporter: str | None
    product: str
    year: int | None
    kind: str  # MFN, preferential, bound …
    rate: float | None
    minimum: float | None
    maximum: float | None
    lines: int | None  # national lines averaged over
    unpriced: int | None  # of these, lines without an ad valorem rate
    text: str
    line: int = 0


class Line(NamedTuple):
    """A row of a printed schedule. Texts are as printed; the empty text is not stated.

    ``general``, ``special`` and ``column2`` are the rates that hold for the row, its own or
    those of the row it lies under; ``inherited`` is the code of that row, or empty.
    """

    code: str  # empty: a row that only describes
    indent: int
    description: str
    path: tuple[str, ...]  # descriptions from the heading down to the row above
    units: tuple[str, ...]
    general: str
    special: str
    column2: str
    quota: str
    additional: str
    footnotes: tuple[str, ...]
    inherited: str
    line: int = 0


Row = Union[Trade, Tariff, Line]


@frozen
class Dropped:
    """A row that was left out: its line in the file, why, and what it said.

    ``value`` is the trade lost with it, where the row is no total and its partner has no code.
    """

    line: int
    why: str
    text: str = ""
    value: float | None = None


@frozen(kw_only=True)
class Report:
    """What a reader did with a file.

    Args:
        reader: Its name.
        path: The file (its name only).
        read: Rows of data seen.
        kept: Rows given back.
        dropped: Rows left out, each with line and reason.
        notes: What else should be known of the file.
    """

    reader: str
    path: str
    read: int
    kept: int
    dropped: tuple[Dropped, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def reasons(self) -> dict[str, int]:
        """Reasons for dropping → rows, the most frequent first."""
        return dict(Counter(d.why for d in self.dropped).most_common())

    @property
    def lost(self) -> float:
        """The value of trade left out because its partner has no code."""
        return sum(d.value or 0.0 for d in self.dropped)

    def to_frame(self) -> pd.DataFrame:
        """The rows left out: ``line, why, text, value``."""
        import pandas as pd

        return pd.DataFrame(
            [(d.line, d.why, d.text, d.value) for d in self.dropped],
            columns=["line", "why", "text", "value"],
        ).astype({"value": float})

    def __str__(self) -> str:
        out = [f"{self.path} ({self.reader}): {counted(self.read, 'row')} read, {self.kept:,} kept"]
        for why, count in self.reasons.items():
            these = [d for d in self.dropped if d.why == why]
            lost = sum(d.value or 0.0 for d in these)
            worth = f"; {lost:,.0f} in value" if lost else ""
            out.append(f"  {count:,} dropped: {why} (first on line {these[0].line}{worth})")
        return "\n".join(out + [f"  note: {n}" for n in self.notes])


@frozen(kw_only=True, repr=False)
class Read:
    """What a reader found.

    Args:
        kind: ``"trade"``, ``"tariff"`` or ``"schedule"``.
        rows: :class:`Trade`, :class:`Tariff` or :class:`Line` rows.
        report: What was read, dropped and why.
        edition: The edition of the codes, if the file says so.
        editions: Importer and edition, if the file says them apart.
        flow, valuation, currency: What trade values are, if the file says so.
        source: Who published it.
    """

    kind: str
    rows: tuple[Row, ...]
    report: Report
    edition: str | None = None
    flow: str | None = None
    valuation: str | None = None
    currency: str | None = None
    source: Source | None = field(default=None, converter=as_source)
    editions: tuple[tuple[str, str], ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """The rows as a frame, codes as text; ``attrs`` says what they are."""
        import pandas as pd

        kinds: dict[str, type[Any]] = {"trade": Trade, "tariff": Tariff, "schedule": Line}
        frame = pd.DataFrame(self.rows, columns=list(kinds[self.kind]._fields))
        frame.attrs = {
            "quantity": self.kind, "edition": self.edition, "flow": self.flow,
            "valuation": self.valuation, "currency": self.currency,
            "source": self.source.citation if self.source else None,
        }
        return frame

    def __repr__(self) -> str:
        return f"<Read {self.kind}: {self.report}>"


@frozen(kw_only=True)
class Head:
    """The beginning of a file, by which readers tell whether it is theirs."""

    name: str
    text: str

    @property
    def first(self) -> str:
        """The first line that is not blank."""
        return next((row for row in self.text.splitlines() if row.strip()), "")


@frozen(kw_only=True)
class Reader:
    """A way to read one kind of file.

    Registered under the entry-point group ``tradescen.readers``, a reader of another package
    stands beside those here.

    Args:
        name: How it is asked for.
        title: What it reads, in a few words.
        kind: ``"trade"``, ``"tariff"`` or ``"schedule"``.
        read: Path and options → :class:`Read`.
        sniff: Whether a file is of its kind, from its head.
    """

    name: str
    title: str
    kind: str
    read: Callable[..., Read]
    sniff: Callable[[Head], bool]


class Faults:
    """Gathers what is wrong with a file, to say all of it at once."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path).name
        self.found: list[tuple[int, str]] = []

    def add(self, line: int, what: str) -> None:
        self.found.append((line, what))

    def check_alike(self, why: str) -> None:
        """Raise what was gathered, if anything, what is said of several lines being said once.

        Raises:
            InvalidValue: with the lines of each fault.
        """
        if not self.found:
            return
        alike: dict[str, list[int]] = {}
        for line, what in self.found:
            alike.setdefault(what, []).append(line)
        shown = []
        for what, lines in list(alike.items())[:_MOST]:
            more = f" and {len(lines) - _MOST:,} more" if len(lines) > _MOST else ""
            at = ", ".join(map(str, lines[:_MOST])) + more
            shown.append(f"{self.path}: {what} ({'line' if len(lines) == 1 else 'lines'} {at})")
        if len(alike) > _MOST:
            shown.append(f"and {len(alike) - _MOST} more")
        raise InvalidValue(
            f"{counted(len(self.found), 'row')} cannot be read:\n  " + "\n  ".join(shown)
            + f"\n{why}",
            faults=tuple(self.found), path=self.path,
        )

    def check(self, why: str) -> None:
        """Raise what was gathered, if anything.

        Raises:
            InvalidValue: with ``file:line`` of each fault.
        """
        if not self.found:
            return
        shown = [f"{self.path}:{line}: {what}" for line, what in self.found[:_MOST]]
        if len(self.found) > _MOST:
            shown.append(f"and {len(self.found) - _MOST} more")
        raise InvalidValue(
            f"{counted(len(self.found), 'row')} cannot be read:\n  " + "\n  ".join(shown)
            + f"\n{why}",
            faults=tuple(self.found), path=self.path,
        )


def report(reader: str, path: Path | str, read: int, rows: Iterable[Any],
           dropped: Iterable[Dropped], notes: Iterable[str] = ()) -> Report:
    """A report of *rows* kept out of *read*."""
    kept = len(rows) if isinstance(rows, (list, tuple)) else sum(1 for _ in rows)
    return Report(reader=reader, path=Path(path).name, read=read, kept=kept,
                  dropped=tuple(dropped), notes=tuple(notes))
