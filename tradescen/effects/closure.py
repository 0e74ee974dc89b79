"""What a model of equilibrium leaves to the analyst, as one value."""

from __future__ import annotations

import math
from typing import Any

from attrs import field, frozen

from tradescen.errors import InvalidValue, a_name, one_of

__all__ = ["Closure"]


def _zero_or_more(owner: Any, at: Any, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not (
            0 <= value < math.inf):
        raise InvalidValue(f"{at.name}={value!r} is not a number, 0 or more", value=value)


def _a_share(owner: Any, at: Any, value: Any) -> None:
    _zero_or_more(owner, at, value)
    if value >= 1:
        raise InvalidValue(
            f"{at.name}={value!r} leaves no value added; it is the share of output spent on "
            "inputs, below 1",
            value=value,
        )


@frozen(kw_only=True)
class Closure:
    """How revenue is returned, how labour and transfers behave, and in what prices are told.

    Args:
        rebate: ``"lump_sum"``: tariff revenue is paid out to households. ``"income_tax"``: it
            cuts a proportional tax on labour income. With labour in fixed supply the two agree.
        labour_elasticity: Elasticity of hours in the real wage after tax. Utility is consumption
            less a power of hours (Greenwood, Hercowitz and Huffman 1988), and welfare is that
            utility; with 0 it is real consumption.
        deficits: ``"share"``: transfers between countries stay a share of the world's value
            added.
            ``"zero"``: they are taken out before tariffs move, so that changes are against a
            world without them. ``"nominal"``: they stay fixed in the wage of the country named by
            *numeraire*; results then depend on that choice.
        roundabout: Share of output spent on inputs out of the same basket, for data of one
            sector without inputs of their own.
        numeraire: ``"world"``: value added of the world is unchanged; or a country, whose wage
            is unchanged. No real result depends on it unless deficits are nominal.
    """

    rebate: str = field(default="lump_sum", validator=one_of("lump_sum", "income_tax"))
    labour_elasticity: float = field(default=0.0, validator=_zero_or_more)
    deficits: str = field(default="share", validator=one_of("share", "zero", "nominal"))
    roundabout: float = field(default=0.0, validator=_a_share)
    numeraire: str = field(default="world", validator=a_name)

    def __attrs_post_init__(self) -> None:
        if self.deficits == "nominal" and self.numeraire == "world":
            raise InvalidValue(
                "deficits='nominal' fixes transfers in some country's money, and the numeraire is "
                "world income, in which that is deficits='share'; name the country whose wage "
                "they are fixed in: numeraire='USA'",
                value=self.numeraire,
            )
