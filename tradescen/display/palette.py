"""The colours of all looks: one order of series, so that a path has the same colour in a picture
and in the report."""

from __future__ import annotations

__all__ = ["ACCENT", "DARK", "LIGHT"]

# Series on a light and on a dark ground, each at least 4.5:1 on its own; the first five are told
# apart by the colour-blind. Dashes and marks differ too, since in grey they do not.
LIGHT = ("#0072b2", "#b84a00", "#1b1f24", "#007a5a", "#a03f78", "#7a5c00", "#5b4bb5", "#5f6b76")
DARK = ("#62b5f0", "#f08a4b", "#f2f2f2", "#3fc79a", "#e58fc0", "#e6c34a", "#ab9ff2", "#9aa5b1")

ACCENT = "#3d85c6"  # where the ground is not ours: about 4:1 on white and on near-black; for
# shapes, never for words
