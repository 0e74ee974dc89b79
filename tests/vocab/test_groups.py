"""Country groups on each day, and the codes of United States trade statistics."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import iso3166
import pytest

import tradescen as ts
from tradescen.vocab.countries import country, is_group, members
from tradescen.vocab.groups import MEMBERSHIPS
from tradescen.vocab.schedule_c import from_schedule_c, schedule_c

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
GROUPS = sorted({row[0] for row in MEMBERSHIPS})
ISO = {c.alpha3 for c in iso3166.countries}
DAY = dt.date.fromisoformat


@pytest.mark.parametrize(
    ("group", "code", "day", "inside"),
    [
        ("EU", "HRV", "2013-06-30", False),
        ("EU", "HRV", "2013-07-01", True),
        ("EU", "GBR", "2020-01-31", True),
        ("EU", "GBR", "2020-02-01", False),
        ("EEA", "HRV", "2014-04-11", False),
        ("EEA", "NOR", "2026-01-01", True),
        ("EFTA", "SWE", "1994-12-31", True),
        ("EFTA", "SWE", "1995-01-01", False),
        ("NAFTA", "MEX", "2020-06-30", True),
        ("NAFTA", "MEX", "2020-07-01", False),
        ("USMCA", "MEX", "2020-07-01", True),
        ("ASEAN", "TLS", "2025-10-25", False),
        ("ASEAN", "TLS", "2025-10-26", True),
        ("CPTPP", "GBR", "2024-12-14", False),
        ("CPTPP", "GBR", "2024-12-15", True),
        ("CPTPP", "CRI", "2026-01-01", False),
        ("RCEP", "PHL", "2023-06-01", False),
        ("RCEP", "PHL", "2023-06-02", True),
        ("MERCOSUR", "VEN", "2016-12-01", True),
        ("MERCOSUR", "VEN", "2016-12-02", False),
        ("MERCOSUR", "BOL", "2024-08-07", True),
        ("ANDEAN", "VEN", "2006-04-22", False),
        ("EAEU", "ARM", "2015-01-01", False),
        ("EAEU", "ARM", "2015-01-02", True),
    ],
)
def test_membership_begins_and_ends(group: str, code: str, day: str, inside: bool) -> None:
    """A country is inside from its first day on, and no longer on the day it is out."""
    assert (code in members(group, DAY(day))) is inside
    assert ts.CountrySet.of(group).has(code, DAY(day)) is inside


@pytest.mark.parametrize(
    ("group", "number"),
    [("EU", 27), ("EEA", 30), ("EFTA", 4), ("USMCA", 3), ("NAFTA", 0), ("ASEAN", 11),
     ("CPTPP", 12), ("RCEP", 15), ("MERCOSUR", 5), ("ANDEAN", 4), ("GCC", 6), ("SACU", 5),
     ("EAEU", 5)],
)
def test_members_today(group: str, number: int) -> None:
    """Each group has as many members at the end of 2025 as it counts itself."""
    assert len(members(group, DAY("2025-12-31"))) == number


def test_every_group_is_counted() -> None:
    """No group is without a test of its number."""
    assert len(GROUPS) == 13


@pytest.mark.parametrize("group", GROUPS)
def test_days_of_change_are_cuts(group: str) -> None:
    """Every first day and last day of a member is a day on which the set changes."""
    days = {DAY(d) for g, _, since, until, _ in MEMBERSHIPS if g == group
            for d in (since, until) if d}
    assert set(ts.CountrySet.of(group).cuts()) == days
    for day in days:
        assert members(group, day) != members(group, day - dt.timedelta(days=1))


def test_members_are_iso_codes() -> None:
    """Every member is a country by its three letters, and no group bears such letters."""
    for _, codes, *_ in MEMBERSHIPS:
        assert set(codes.split()) <= ISO
    taken = ISO | {c.alpha2 for c in iso3166.countries}
    assert not taken & set(GROUPS)


def test_memberships_do_not_overlap() -> None:
    """No country is twice in one group on one day, and each membership ends after it began."""
    spans: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for group, codes, since, until, _ in MEMBERSHIPS:
        assert DAY(since) < DAY(until or "9999-12-31")
        for code in codes.split():
            spans.setdefault((group, code), []).append((since, until or "9999-12-31"))
    for track in spans.values():
        for (a, b), (c, d) in combinations(track, 2):
            assert b <= c or d <= a


def test_every_membership_has_a_source() -> None:
    """Each row names the treaty or act it was read from."""
    assert all(len(source) > 10 for *_, source in MEMBERSHIPS)


# --- Schedule C ---


@pytest.mark.parametrize(
    ("code", "iso"),
    [("5700", "CHN"), ("5820", "HKG"), ("5660", "MAC"), ("5830", "TWN"), ("1220", "CAN"),
     ("0003", "EU"), ("4803", "XKX"), ("9030", "PRI"), ("KOREA, SOUTH", "KOR"),
     ("China", "CHN"), ("European Union", "EU"), (" Congo  (Kinshasa) ", "COD")],
)
def test_census_code_or_name(code: str, iso: str) -> None:
    """A Schedule C code or a name as Census prints it gives the ISO letters or the group."""
    assert from_schedule_c(code) == iso


def test_census_codes_are_countries() -> None:
    """Every code is of four digits and stands for a country or group known here."""
    table = schedule_c()
    assert len(table) == 241
    for code, (iso, name) in table.items():
        assert len(code) == 4
        assert code.isdigit()
        assert country(iso) == iso
        assert from_schedule_c(code) == from_schedule_c(name) == iso
    assert [c for c, (iso, _) in table.items() if is_group(iso)] == ["0003"]


def test_unknown_census_code_names_near_ones() -> None:
    """A code or name that Schedule C lacks is an error that names near ones."""
    with pytest.raises(ts.UnknownName) as wrong:
        from_schedule_c("5701")
    assert "5700" in wrong.value.near  # type: ignore[attr-defined]
    with pytest.raises(ts.UnknownName, match="Switzerland"):
        from_schedule_c("Switserland")


def test_census_code_is_text() -> None:
    """A number is refused: it loses the zeros some codes begin with."""
    with pytest.raises(ts.InvalidValue, match="zeros"):
        from_schedule_c(3)  # type: ignore[arg-type]


def test_packaged_table_is_what_the_lists_give() -> None:
    """The packaged table of codes is the one the public lists give."""
    if not (SHARED / "data" / "census_to_iso3.csv").is_file():
        pytest.skip("the lists lie in ../shared beside the repository, which is absent here")
    done = subprocess.run(
        [sys.executable, "-m", "tools.schedule_c", str(SHARED), "--check"], cwd=ROOT, check=False
    )
    assert done.returncode == 0
