"""How values come to show themselves in a notebook: the door; `tradescen.display` draws.

The words, the law and the acts import nothing above them, so they cannot call what draws them.
They only say that they can be drawn (:class:`Shown`); the package tells once, when it is
imported, who draws (:func:`drawn_by`). Nothing of ``display`` is loaded before a notebook asks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["Shown", "drawn_by"]

Drawing = Callable[[Any], str]
_drawing: list[Drawing] = []


def drawn_by(drawing: Drawing) -> None:
    """Say what makes HTML out of a value; the last one told draws."""
    _drawing[:] = [drawing]


class Shown:
    """A value that a notebook shows as HTML; elsewhere its ``repr`` is shown."""

    __slots__ = ()

    def _repr_html_(self) -> str | None:
        return _drawing[0](self) if _drawing else None
