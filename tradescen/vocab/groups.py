"""Country groups with dated membership.

A row is a group, its members, their first day, the first day they are no longer members, and
the source. For a trade agreement the first day is that of its entry into force for the member.
A group is not its agreement's every bilateral relation: where a party does not apply the
agreement to another, the source says so. Groups end as far as this record knows: CPTPP has no
thirteenth party in force, Bolivia is in MERCOSUR and the Andean Community at once.
"""

from __future__ import annotations

__all__ = ["MEMBERSHIPS"]

_EU = "Treaties of accession to the European Communities / European Union"
_BREXIT = ("Withdrawal Agreement, OJ C 384 I (2019), midnight in Brussels; the EU tariff was "
           "applied until 2020-12-31")
_EEA = "EEA Agreement, OJ L 1 (1994)"
_EFTA = "Convention establishing EFTA (Stockholm, 1960), depositary Norway (before 2001 Sweden)"
_ASEAN = "ASEAN Declaration (Bangkok, 1967) and declarations on admission"
_CPTPP = "CPTPP, depositary New Zealand: entry into force"
_RCEP = "RCEP, depositary Secretary-General of ASEAN: entry into force"
_MERCOSUR = "Treaty of Asunción (1991), depositary Paraguay"
_ANDEAN = "Cartagena Agreement (1969)"
_SACU = "Southern African Customs Union Agreement (1969; since 2004-07-15 that of 2002)"
_EAEU = "Treaty on the Eurasian Economic Union (Astana, 2014)"

# (group, members, since, until, source)
MEMBERSHIPS: tuple[tuple[str, str, str, str | None, str], ...] = (
    ("EU", "BEL DEU FRA ITA LUX NLD", "1958-01-01", None, "Treaty of Rome (1957)"),
    ("EU", "DNK IRL", "1973-01-01", None, _EU),
    ("EU", "GBR", "1973-01-01", "2020-02-01", _BREXIT),
    ("EU", "GRC", "1981-01-01", None, _EU),
    ("EU", "ESP PRT", "1986-01-01", None, _EU),
    ("EU", "AUT FIN SWE", "1995-01-01", None, _EU),
    ("EU", "CYP CZE EST HUN LVA LTU MLT POL SVK SVN", "2004-05-01", None, _EU),
    ("EU", "BGR ROU", "2007-01-01", None, _EU),
    ("EU", "HRV", "2013-07-01", None, "Treaty of Accession of Croatia, OJ L 112 (2012)"),

    ("EFTA", "CHE NOR", "1960-05-03", None, _EFTA),
    ("EFTA", "DNK GBR", "1960-05-03", "1973-01-01", _EFTA),
    ("EFTA", "PRT", "1960-05-03", "1986-01-01", _EFTA),
    ("EFTA", "AUT SWE", "1960-05-03", "1995-01-01", _EFTA),
    ("EFTA", "ISL", "1970-03-01", None, _EFTA),
    ("EFTA", "FIN", "1986-01-01", "1995-01-01", f"{_EFTA}; associated from 1961"),
    ("EFTA", "LIE", "1991-09-01", None, f"{_EFTA}; before that covered by Switzerland"),

    ("EEA", "AUT BEL DEU DNK ESP FIN FRA GRC IRL ISL ITA LUX NLD NOR PRT SWE", "1994-01-01",
     None, _EEA),
    ("EEA", "GBR", "1994-01-01", "2020-02-01", _BREXIT),
    ("EEA", "LIE", "1995-05-01", None, f"{_EEA}; EEA Council Decision 1/95"),
    ("EEA", "CYP CZE EST HUN LVA LTU MLT POL SVK SVN", "2004-05-01", None,
     "EEA Enlargement Agreement, OJ L 130 (2004), applied provisionally"),
    ("EEA", "BGR ROU", "2007-08-01", None,
     "EEA Enlargement Agreement (2007), applied provisionally; in force 2011-11-09"),
    ("EEA", "HRV", "2014-04-12", None,
     "EEA Enlargement Agreement, OJ L 170 (2014), applied provisionally"),

    ("NAFTA", "CAN MEX USA", "1994-01-01", "2020-07-01", "NAFTA, 32 ILM 289 (1993)"),
    ("USMCA", "CAN MEX USA", "2020-07-01", None, "USMCA, in force 2020-07-01"),

    ("ASEAN", "IDN MYS PHL SGP THA", "1967-08-08", None, _ASEAN),
    ("ASEAN", "BRN", "1984-01-07", None, f"{_ASEAN}; some give 1984-01-08"),
    ("ASEAN", "VNM", "1995-07-28", None, _ASEAN),
    ("ASEAN", "LAO MMR", "1997-07-23", None, _ASEAN),
    ("ASEAN", "KHM", "1999-04-30", None, _ASEAN),
    ("ASEAN", "TLS", "2025-10-26", None,
     "Declaration on the Admission of Timor-Leste into ASEAN, Kuala Lumpur, 2025-10-26"),

    ("CPTPP", "AUS CAN JPN MEX NZL SGP", "2018-12-30", None, _CPTPP),
    ("CPTPP", "VNM", "2019-01-14", None, _CPTPP),
    ("CPTPP", "PER", "2021-09-19", None, _CPTPP),
    ("CPTPP", "MYS", "2022-11-29", None, _CPTPP),
    ("CPTPP", "CHL", "2023-02-21", None, _CPTPP),
    ("CPTPP", "BRN", "2023-07-12", None, _CPTPP),
    ("CPTPP", "GBR", "2024-12-15", None,
     f"{_CPTPP} of the accession protocol of 2023-07-16; with Australia from 2024-12-24, with "
     "Canada and Mexico only after their ratification"),

    ("RCEP", "AUS BRN CHN JPN KHM LAO NZL SGP THA VNM", "2022-01-01", None, _RCEP),
    ("RCEP", "KOR", "2022-02-01", None, _RCEP),
    ("RCEP", "MYS", "2022-03-18", None, _RCEP),
    ("RCEP", "MMR", "2022-05-01", None,
     "RCEP: the day China began to apply it to Myanmar; several parties do not, and the day of "
     "entry into force is uncertain"),
    ("RCEP", "IDN", "2023-01-02", None, _RCEP),
    ("RCEP", "PHL", "2023-06-02", None, _RCEP),

    ("MERCOSUR", "ARG BRA PRY URY", "1991-11-29", None,
     f"{_MERCOSUR}; Paraguay's suspension from its organs (2012-06-29 to 2013) is left out"),
    ("MERCOSUR", "VEN", "2012-08-12", "2016-12-02",
     f"{_MERCOSUR}, protocol of 2006-07-04 (day of effect uncertain, announced 2012-07-31); "
     "exercise of rights ended 2016-12-02, suspended under the Protocol of Ushuaia 2017-08-05"),
    ("MERCOSUR", "BOL", "2024-08-07", None,
     f"{_MERCOSUR}, protocol of 2015-07-17, 30 days after the deposit of 2024-07-08; four years "
     "to adopt the common tariff"),

    ("ANDEAN", "BOL COL ECU PER", "1969-10-16", None,
     f"{_ANDEAN}; the day of entry into force is from secondary accounts, as are those below"),
    ("ANDEAN", "CHL", "1969-10-16", "1976-10-30", f"{_ANDEAN}; Decision 102 (1976)"),
    ("ANDEAN", "VEN", "1973-02-13", "2006-04-22",
     f"{_ANDEAN}; denounced 2006-04-22, its trade preferences ran five years longer"),

    ("GCC", "ARE BHR KWT OMN QAT SAU", "1981-05-25", None,
     "Charter of the Cooperation Council (Abu Dhabi, 1981); customs union since 2003-01-01"),

    ("SACU", "BWA LSO SWZ ZAF", "1970-03-01", None, f"{_SACU}; the union of 1910 is older"),
    ("SACU", "NAM", "1990-07-10", None, _SACU),

    ("EAEU", "BLR KAZ RUS", "2015-01-01", None, f"{_EAEU}; customs union since 2010"),
    ("EAEU", "ARM", "2015-01-02", None, f"{_EAEU}; accession treaty of 2014-10-10"),
    ("EAEU", "KGZ", "2015-08-12", None,
     f"{_EAEU}; accession treaty of 2014-12-23 (some give 2015-08-06)"),
)
