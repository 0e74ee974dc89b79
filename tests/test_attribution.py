"""Attribution of a change to what makes it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tradescen as ts

ASK = {"importer": "USA", "exporter": "CHN", "on": "2025-06-01"}


def _base() -> ts.Scenario:
    return ts.Scenario(
        name="base",
        schedule=ts.TariffSchedule(
            measures=[ts.Measure(id="mfn", authority="MFN", group="mfn", duty={"9503": "4%"},
                                 scope=ts.Scope(importer="USA"))],
            plan=ts.StackPlan(groups=["mfn", "extra", ts.StackGroup(name="top", within="max")]),
        ),
        weights=ts.Weights(name="w", year=2024, values={("USA", "CHN"): {"9503": 1.0}}),
    )


def _impose(name: str, rate: float, group: str = "extra") -> ts.Impose:
    measure = ts.Measure(id=name, authority="E", group=group, duty=rate,
                         scope=ts.Scope(importer="USA", exporters="CHN"))
    return ts.Impose(measure=measure, enacted="2025-01-01", effective="2025-01-01")


@given(st.lists(st.tuples(st.integers(0, 120), st.sampled_from(["extra", "top"])), max_size=8),
       st.sampled_from(["shapley", "ordered"]))
def test_shares_sum_to_the_change(duties: list[tuple[int, str]], method: str) -> None:
    """Whatever the acts and the method, the shares sum to the change of the rate."""
    acts = [_impose(f"m{n}", rate / 100, group) for n, (rate, group) in enumerate(duties)]
    frame = ts.attribute(_base(), _base().then(*acts, name="other"), method=method, orders=10,
                         **ASK)
    assert math.isclose(frame["share"].sum(), frame.attrs["change"], abs_tol=1e-12)
    assert len(frame) == len(acts)


def test_acts_that_overlap_share_what_they_bring_together() -> None:
    """Two measures of which the higher counts share it by Shapley, not by order."""
    other = _base().then(_impose("a", 0.3, "top"), _impose("b", 0.2, "top"), name="other")
    frame = ts.attribute(_base(), other, product="9503", **ASK).set_index("change")["share"]
    assert frame.to_dict() == pytest.approx({"a": 0.2, "b": 0.1})
    ordered = ts.attribute(_base(), other, product="9503", method="ordered", **ASK)
    assert ordered.set_index("change")["share"].to_dict() == pytest.approx({"a": 0.3, "b": 0.0})


def test_a_change_that_means_nothing_alone_adds_nothing_until_it_does() -> None:
    """An amendment is credited only in orders in which its measure is there."""
    amend = ts.Amend(id="up", target="a", duty="+10pp", enacted="2025-02-01",
                     effective="2025-02-01")
    other = _base().then(_impose("a", 0.3), amend, name="other")
    frame = ts.attribute(_base(), other, product="9503", **ASK).set_index("change")["share"]
    assert frame.to_dict() == pytest.approx({"a": 0.35, "up": 0.05})


def test_what_cannot_be_attributed_is_refused() -> None:
    """Forks, other schedules and unknown rates are refused with the way out."""
    fork = _base().then(ts.Fork(name="f", branches={"x": [], "y": []}))
    with pytest.raises(ts.InvalidValue, match="along"):
        ts.attribute(_base(), fork, **ASK)
    unknown = _base().then(ts.Impose(measure=ts.Measure(
        id="u", authority="E", group="extra", duty=ts.Unknown("not printed"),
        scope=ts.Scope(importer="USA", exporters="CHN")),
        enacted="2025-01-01", effective="2025-01-01"))
    with pytest.raises(ts.MissingData, match="unknown"):
        ts.attribute(_base(), unknown, **ASK)
