"""Which family of the fact base is which measure, for both importers."""

from __future__ import annotations

from tools.us_china_cn import CN_FAMILIES
from tools.us_china_kinds import PLAN, Family, Part
from tools.us_china_us import US_FAMILIES

__all__ = ["FAMILIES", "PLAN", "Family", "Part"]

FAMILIES: dict[str, Family] = {**US_FAMILIES, **CN_FAMILIES}
