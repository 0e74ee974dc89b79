"""From a printed schedule to the law: MFN duties by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

from tradescen import Unknown, duty
from tradescen.errors import InvalidValue, MissingData
from tradescen.files.readers import Line, Read, find
from tradescen.law.measure import Measure, Scope
from tradescen.law.schedule import TariffSchedule
from tradescen.law.stacking import StackPlan
from tradescen.vocab.hs import ByProduct

__all__ = ["forms", "hts_schedule", "mfn_measure", "mfn_texts"]

# Special classification provisions and temporary legislation: no lines of the general tariff.
_BESIDE = ("98", "99")


def mfn_texts(lines: Iterable[Line]) -> dict[str, str]:
    """The general rate, as printed, of each eight-digit line.

    Ten-digit numbers that print a rate stand for their line. Chapters 98 and 99 are left out:
    what they add or waive is no MFN duty.

    Raises:
        InvalidValue: if two numbers of one line print different rates.
    """
    found: dict[str, str] = {}
    faults = []
    for row in lines:
        if len(row.code) < 8 or row.code.startswith(_BESIDE) or not row.general:
            continue
        code = row.code[:8]
        if found.setdefault(code, row.general) != row.general:
            faults.append(f"{code}: {found[code]!r} and, on line {row.line}, {row.general!r}")
    if faults:
        raise InvalidValue(
            f"{len(faults)} lines bear two general rates: {'; '.join(faults[:12])}; mend the file",
            faults=tuple(faults),
        )
    return found


def mfn_measure(found: Read, *, importer: str, id: str = "mfn") -> Measure:
    """The MFN duties of a schedule as one measure on all origins.

    A rate that cannot be read is unknown with its text, and so is a code no line holds.

    Raises:
        MissingData: if no line prints a rate.
    """
    texts = mfn_texts(cast("tuple[Line, ...]", found.rows))
    if not texts:
        raise MissingData(
            f"no line of {found.report.path} prints a general rate:\n{found.report}",
            report=found.report,
        )
    read_once = {text: duty(text) for text in set(texts.values())}
    return Measure(
        id=id, authority="MFN", group="mfn", scope=Scope(importer=importer),
        duty=ByProduct({c: cast(Any, read_once[t]) for c, t in texts.items()},
                       default=Unknown(f"no line of {found.edition or found.report.path}")),
        source=found.source,
    )


def hts_schedule(path: Path | str, importer: str = "USA", *, plan: StackPlan | None = None,
                 edition: str | None = None, digits: int | None = None) -> TariffSchedule:
    """The MFN duties of an export of the US schedule, as the law on day zero.

    Args:
        path: CSV or JSON export of the USITC (or its annual tariff data base).
        importer: Who charges.
        plan: The stacking plan; by default ``mfn`` alone.
        edition: The edition, where the file name does not tell it.
        digits: How many digits its codes have, if their leading zeros are lost.
    """
    reader = find(path)
    if reader.kind != "schedule":
        raise InvalidValue(
            f"{Path(path).name} holds {reader.kind}, no schedule ({reader.title}); give an export "
            "of the HTS",
            value=reader.kind,
        )
    found = reader.read(path, edition=edition, digits=digits)
    measure = mfn_measure(found, importer=importer)
    return TariffSchedule(measures=(measure,), plan=plan or StackPlan(groups=("mfn",)))


def forms(measure: Measure) -> dict[str, int]:
    """How many lines of a measure bear a duty of which kind; ``Unknown`` is not read."""
    held = measure.duty
    duties = [d for _, d in held.values] if isinstance(held, ByProduct) else [held]
    return dict(Counter(type(d).__name__ for d in duties).most_common())
