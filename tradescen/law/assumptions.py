"""Estimates, kept apart from the law: shares of value that no act states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from tradescen.law.measure import Coverage, as_coverage
from tradescen.vocab.source import Source, as_source

__all__ = ["Assumptions"]


def _shares(value: Any) -> tuple[tuple[str, Coverage], ...]:
    pairs = value.items() if isinstance(value, Mapping) else value
    return tuple(sorted((str(k), as_coverage(v)) for k, v in pairs))


def _notes(value: Any) -> tuple[tuple[str, str], ...]:
    pairs = value.items() if isinstance(value, Mapping) else value
    return tuple(sorted((str(k), str(v)) for k, v in pairs))


@frozen(kw_only=True)
class Assumptions:
    """A named set of shares by measure.

    The share given for a measure stands in place of its ``coverage``: utilisation of a
    preference, metal content, quota fill, waivers granted. The set in use is named with
    every number computed under it.

    Args:
        name: The name of the set.
        shares: Measure id → share (0 to 1), a share by product, or unknown.
        notes: Measure id → what is assumed and why, in words.
        source: Where the set comes from.
    """

    name: str
    shares: tuple[tuple[str, Coverage], ...] = field(default=(), converter=_shares)
    notes: tuple[tuple[str, str], ...] = field(default=(), converter=_notes)
    source: Source | None = field(default=None, converter=as_source)

    def share(self, measure: str) -> Coverage | None:
        """The share assumed for a measure, or ``None`` if the law's own coverage stands."""
        return dict(self.shares).get(measure)

    def note(self, measure: str) -> str:
        """What is assumed of a measure, in words."""
        return dict(self.notes).get(measure, "")
