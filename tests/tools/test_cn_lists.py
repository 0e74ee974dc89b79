"""China's duties on the United States, as the pack tool reads them off the dated table."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import pytest

from tools.cn_lists import CnLists, cn_lists, report
from tools.readers import pad, read_correlation, read_rows

SHARED = Path(__file__).resolve().parents[3] / "shared"
pytestmark = pytest.mark.skipif(
    not (SHARED / "data" / "lists").is_dir(),
    reason="the input lists lie in ../shared beside the repository, which is absent here",
)


@pytest.fixture(scope="module")
def lists() -> CnLists:
    """The lists, read once."""
    return cn_lists(SHARED)


def test_families_and_mfn_rebuild_the_dated_table(lists: CnLists) -> None:
    """MFN plus families give back every cell of the table but for its own rounding noise."""
    assert lists.residual.codes == 5387
    assert lists.residual.dates == 12
    assert lists.residual.over == ()
    assert lists.residual.largest < 1e-9
    assert max(lists.residual.noise.values()) < 1e-7
    assert "over 1e-9: 0" in report(lists)


def test_rates_of_2022_codes_add_up_to_the_table_of_their_source(lists: CnLists) -> None:
    """MFN and additional rate of a HS 2022 code sum to its HS 2017 source's on every date."""
    name = "waugh_china_mfn_and_retaliation_on_us_hs6_2018_2020.csv.gz"
    table: dict[str, dict[str, float]] = {}
    for row in read_rows(SHARED / "data" / "lists" / name):
        if row["tariff"]:
            day = "2019-01-01" if row["time_of_tariff"] == "2019-01-02" else row["time_of_tariff"]
            table.setdefault(day, {})[row["hs6"]] = float(row["tariff"]) / 100
    takes_from = read_correlation(SHARED).takes_from
    for day, rates in table.items():
        mfn, more = lists.mfn_on(day), lists.additional_on(day)
        for new, base in mfn.items():
            assert base + more.get(new, 0.0) == pytest.approx(rates[takes_from[new]], abs=1e-7)


@pytest.mark.parametrize(
    ("bucket", "code"), [("soybeans_120190", "120190"), ("lng_271111", "271111")]
)
def test_headline_rows_before_2025_hold(lists: CnLists, bucket: str, code: str) -> None:
    """The additional rate of soybeans and LNG follows the published headline dates."""
    path = SHARED / "facts" / "us_china" / "headline.csv"
    with open(path, encoding="utf-8", newline="") as handle:
        rows = [r for r in csv.DictReader(handle) if r["bucket"] == bucket]
    before = [r for r in rows if r["date"] < "2025"]
    assert len(before) >= 3
    for row in before:
        have = lists.additional_on(row["date"]).get(code, 0.0)
        assert have * 100 == pytest.approx(float(row["total_additional_pp"]))


def test_soybeans_and_lng_stand_on_their_lists(lists: CnLists) -> None:
    """Soybeans bear list 1 and the five-point tier, LNG the first annex of list 3."""
    spells = lists.spells
    assert spells["cn-301-l1"].rates["120190"] == 0.25
    assert spells["cn-301-l4-1-5"].rates["120190"] == 0.05
    assert spells["cn-301-l4-1-2p5"].rates["120190"] == 0.025
    assert spells["cn-301-l3-10"].rates["271111"] == 0.10
    assert spells["cn-301-l3b-25"].rates["271111"] == 0.25
    assert "271111" in lists.layers["cn-2025-feb-15"].codes
    assert "120190" in lists.layers["cn-2025-mar-10"].codes


def test_clean_codes_bear_the_list_rate(lists: CnLists) -> None:
    """Every code that is not marked bears the list rate of each spell it is in."""
    for spell in lists.spells.values():
        assert set(spell.rates) == set(spell.codes.codes)
        assert set(spell.codes.shares) <= lists.averages
        for code, rate in spell.rates.items():
            if code not in lists.averages:
                assert rate == spell.list_rate


def test_a_code_stands_in_one_annex_of_list_3_and_one_tier(lists: CnLists) -> None:
    """No code is in two annexes of list 3, in two tiers, or in autos and its own list."""
    groups = (
        ("cn-301-l3b-25", "cn-301-l3b-20", "cn-301-l3b-10", "cn-301-l3b-5", "cn-301-autos-l3"),
        ("cn-301-l4-1-10", "cn-301-l4-1-5"),
        ("cn-301-l1", "cn-301-autos-l1"),
        ("cn-301-l2", "cn-301-autos-l2"),
        ("cn-232-15", "cn-232-25"),
    )
    for group in groups:
        codes = [c for name in group for c in lists.spells[name].rates]
        assert len(codes) == len(set(codes))


def test_autos_stop_and_keep_their_mfn(lists: CnLists) -> None:
    """Cars lose 25 points on 2019-01-01, parts lose 5, and their MFN does not move."""
    assert lists.additional_on("2018-12-31")["870323"] == 0.25
    assert "870323" not in lists.additional_on("2019-01-01")
    assert lists.spells["cn-301-autos-l3"].rates["870899"] == 0.05
    assert not [c for c in lists.mfn_changes["2019-01-01"] if "8702" <= c[:4] <= "8708"]
    assert lists.mfn_on("2018-07-01")["870323"] == pytest.approx(0.15)


def test_mfn_never_falls_below_nought_and_bounces_are_named(lists: CnLists) -> None:
    """MFN rates stay at or above zero, and a rise in November 2018 is a named bounce."""
    assert min(lists.mfn_on("2019-12-31").values()) >= 0
    rises = {c for c, step in lists.mfn_changes["2018-11-01"].items() if step > 0}
    assert rises == set(lists.mfn_bounce)


def test_2025_lists_keep_their_leading_zeros(lists: CnLists) -> None:
    """The March lists are subheadings of HS 2022, chicken under 0207, nothing in both."""
    subheadings = {
        r["hscode"]
        for r in read_rows(SHARED / "data" / "hs2022_nomenclature.csv.gz")
        if r["level"] == "6"
    }
    for codes in lists.layers.values():
        assert set(codes.codes) <= subheadings
    fifteen, ten = lists.layers["cn-2025-mar-15"], lists.layers["cn-2025-mar-10"]
    assert {"020714", "100119", "520100"} <= set(fifteen.codes)
    assert not set(fifteen.codes) & set(ten.codes)
    assert lists.partial["cn-2025-mar-10"]["120190"].startswith("in part")
    assert len(lists.layers["cn-2025-feb-15"].codes) == 7
    assert set(lists.certain["cn-2025-feb-10"]) < set(lists.layers["cn-2025-feb-10"].codes)


def test_batch_two_is_absent_with_a_reason(lists: CnLists) -> None:
    """The second batch of September 2019 has no codes and a reason."""
    assert not [s for s in lists.spells.values() if "batch2" in s.family]
    assert all("never charged" in reason for reason in lists.absent.values())


def test_merged_codes_are_counted(lists: CnLists) -> None:
    """Codes with several sources are listed and the unequal ones are among them."""
    assert lists.counts["hs2022_merged"] == len(lists.merged)
    assert lists.merged_unequal <= set(lists.merged)
    assert all(len(sources) > 1 for sources in lists.merged.values())


def test_origins_name_public_sources_only(lists: CnLists) -> None:
    """No origin or note names a folder of this machine."""
    codes = [s.codes for s in lists.spells.values()] + list(lists.layers.values())
    assert all(c.origin.startswith("SCTC") for c in codes)
    assert not [c for c in codes if SHARED.parent.as_posix() in c.origin + c.note]


def test_reading_is_quick() -> None:
    """The lists are read in less than ten seconds."""
    start = time.perf_counter()
    cn_lists(SHARED)
    assert time.perf_counter() - start < 10


def test_pad_refuses_what_it_cannot_mend() -> None:
    """A code that lost one zero gets it back, a code that lost more is refused."""
    assert pad("2071100", 8) == "02071100"
    with pytest.raises(ValueError, match="not a code of 8 digits"):
        pad("207110", 8)
