"""Country groups with dated membership: group, member, first day, first day out, source."""

from __future__ import annotations

_EU_TREATIES = "Treaties of accession to the European Communities / European Union"
_FOUNDED = "1958-01-01"

# (group, members, since, until, source)
MEMBERSHIPS: tuple[tuple[str, str, str, str | None, str], ...] = (
    ("EU", "BEL DEU FRA ITA LUX NLD", _FOUNDED, None, "Treaty of Rome (1957)"),
    ("EU", "DNK IRL", "1973-01-01", None, _EU_TREATIES),
    ("EU", "GBR", "1973-01-01", "2020-02-01", "Withdrawal Agreement, OJ C 384 I (2019)"),
    ("EU", "GRC", "1981-01-01", None, _EU_TREATIES),
    ("EU", "ESP PRT", "1986-01-01", None, _EU_TREATIES),
    ("EU", "AUT FIN SWE", "1995-01-01", None, _EU_TREATIES),
    ("EU", "CYP CZE EST HUN LVA LTU MLT POL SVK SVN", "2004-05-01", None, _EU_TREATIES),
    ("EU", "BGR ROU", "2007-01-01", None, _EU_TREATIES),
    ("EU", "HRV", "2013-07-01", None, "Treaty of Accession of Croatia, OJ L 112 (2012)"),
    ("NAFTA", "CAN MEX USA", "1994-01-01", "2020-07-01", "NAFTA, 32 ILM 289 (1993)"),
    ("USMCA", "CAN MEX USA", "2020-07-01", None, "USMCA, in force 2020-07-01"),
)
