"""Frames as CSV, JSON and Parquet, the same on standard output and in files."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tradescen.errors import MissingData

if TYPE_CHECKING:
    import pandas as pd

    from tradescen.frames.explain import Explanation

__all__ = ["FORMS", "as_bytes", "parts_frame", "write_frames"]

FORMS = ("csv", "json", "parquet")


def as_bytes(frame: pd.DataFrame, form: str) -> bytes:
    """A frame in one of ``FORMS``: rates as fractions with all digits, days as ISO text, what is
    unknown left empty (CSV) or ``null``.

    Raises:
        MissingData: for Parquet without pyarrow.
    """
    if form == "csv":
        return frame.to_csv(index=False, lineterminator="\n").encode()
    if form == "json":
        days = frame.select_dtypes("datetime").columns
        plain = frame.assign(**{c: frame[c].dt.strftime("%Y-%m-%d") for c in days})
        said = plain.to_json(orient="records", force_ascii=False, double_precision=15, indent=1)
        return f"{said}\n".encode()
    into = io.BytesIO()
    plain = frame.copy()
    plain.attrs = {}  # a definition may hold what Parquet has no place for
    try:
        plain.to_parquet(into, index=False)
    except ImportError as error:
        raise MissingData(
            "Parquet needs pyarrow: pip install 'tradescen[arrow]', or take csv or json"
        ) from error
    return into.getvalue()


def write_frames(frames: Mapping[str, pd.DataFrame], folder: Path, form: str) -> list[Path]:
    """Each frame as a file of its name in *folder*, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, frame in frames.items():
        path = folder / f"{name}.{form}"
        path.write_bytes(as_bytes(frame, form))
        written.append(path)
    return written


def parts_frame(found: Explanation) -> pd.DataFrame:
    """The parts of an explanation, one a row, those that charge nothing yet at the end."""
    import pandas as pd

    said = found.to_dict()
    rows = [{name: "; ".join(v) if isinstance(v, list) else v for name, v in step.items()}
            for step in (*said["steps"], *said["pending"])]
    frame = pd.DataFrame(rows)
    for name in ("coverage", "contribution"):
        frame[name] = frame[name].astype(float)
    return frame
