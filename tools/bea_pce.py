"""US household consumption of 2024 by commodity: the imports in it, and producers' values.

From the US Bureau of Economic Analysis (public domain), millions of dollars: the column of
personal consumption in "Import Matrix, Before Redefinitions - Summary", 2024, and producers'
values in "PCE Bridge Table, 2024", summed over categories. Read in the workbooks as kept at
github.com/Budget-Lab-Yale/Tariff-Model, 82cfad3, resources/io. Commodities not named have none.
"""

from __future__ import annotations

__all__ = ["PCE"]

# Commodity: (imports in consumption, consumption at producers' prices).
PCE: dict[str, tuple[int, int]] = {
    "111CA": (33931, 123349),
    "113FF": (4417, 9844),
    "212": (76, 180),
    "22": (1057, 370340),
    "321": (1999, 4206),
    "327": (6626, 15955),
    "331": (511, 1622),
    "332": (14696, 39135),
    "333": (8882, 17688),
    "334": (111129, 120021),
    "335": (56985, 86521),
    "3361MV": (73713, 244061),
    "3364OT": (10567, 37613),
    "337": (30449, 61810),
    "339": (78170, 124540),
    "311FT": (98674, 803145),
    "313TT": (19111, 34397),
    "315AL": (171377, 189160),
    "322": (3327, 25824),
    "323": (499, 4557),
    "324": (11928, 242083),
    "325": (150857, 347765),
    "326": (27412, 54677),
    "4A0": (0, 16101),
    "481": (52541, 263949),
    "482": (0, 1580),
    "483": (0, 31379),
    "484": (0, 13531),
    "485": (0, 84240),
    "487OS": (1, 25892),
    "493": (0, 242),
    "511": (2890, 162365),
    "512": (899, 21832),
    "513": (73, 390577),
    "514": (682, 161330),
    "521CI": (3069, 414809),
    "523": (6, 341004),
    "524": (2703, 518887),
    "525": (0, 285522),
    "HS": (0, 3143691),
    "ORE": (0, 8094),
    "532RL": (0, 106862),
    "5411": (1902, 141844),
    "5412OP": (839, 124768),
    "561": (223, 100664),
    "562": (0, 40766),
    "61": (2208, 476151),
    "621": (294, 1597087),
    "622": (10588, 1547193),
    "623": (84, 339835),
    "624": (0, 357137),
    "711AS": (410, 126227),
    "713": (3, 289916),
    "721": (0, 212299),
    "722": (0, 1188857),
    "81": (0, 935474),
    "GFE": (13, 6649),
    "GSLE": (0, 107343),
    "Used": (6982, 78949),
    "Other": (181169, -36201),
}
