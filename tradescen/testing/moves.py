"""What is drawn of a course: a list of moves, each a kind of act and what it needs."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st

from tradescen.law.measure import Measure
from tradescen.testing import values as v

__all__ = ["Move", "moves_over", "part_moves", "truce_moves"]

Move = dict[str, Any]


def _move(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Move]:
    clocks = {
        "gap": st.integers(0, 6),
        "lead": st.integers(0, 5),
        "notice": st.one_of(st.integers(0, 9), st.integers(-4, 9)),
    }
    return st.fixed_dictionaries({"kind": st.just(kind), **clocks, **fields})


_pick = st.integers(0, 7)
_term = st.integers(1, 30)
_maybe_term = st.one_of(_term, st.none())
_threat = st.sampled_from((False, False, False, True))
_how = st.sampled_from(("id", "id", "id", "act", "authority", "group"))
_only = st.one_of(st.none(), v.parts(), v.parts())
_then = st.sampled_from(("snapback", "snapback", "terminate"))


def part_moves() -> list[st.SearchStrategy[Move]]:
    target = {"how": _how, "pick": _pick, "only": _only}
    return [
        _move("amend", **target, duty=v.changes_of_duty(), threat=_threat,
              also=st.sampled_from((None, None, "coverage", "group", "until", "precedence",
                                    "products", "exporters")),
              coverage=v.coverages(), term=_term, group=st.sampled_from(
                  ("extra", "remedy", "reciprocal", "metals")),
              products=v.product_sets(), exporters=v.country_sets()),
        _move("suspend", **target, residual=v.residuals(), term=_maybe_term, then=_then,
              threat=_threat),
        _move("nested", **target, residual=v.residuals(), second=v.residuals(), term=_term,
              after=st.integers(0, 12), term2=_maybe_term),
        _move("terminate", pick=_pick, only=_only, threat=_threat),
    ]


@cache
def truce_moves() -> list[st.SearchStrategy[Move]]:
    pause = st.fixed_dictionaries({
        "pick": _pick, "residual": st.one_of(st.none(), v.residuals()),
        "term": st.one_of(st.none(), st.none(), _term),
        "late": st.sampled_from((0, 1, 5)), "then": st.one_of(st.none(), _then, _then)})
    return [_move(
        "truce", parties=st.sampled_from((("USA", "CHN"), ("USA", "CHN", "EU"),
                                          ("USA", "CHN", "GBR"))),
        first=st.integers(0, 1), picks=st.lists(_pick, max_size=2), residual=v.residuals(),
        term=_maybe_term, pauses=st.lists(pause, min_size=1, max_size=2),
        amends=st.lists(st.tuples(_pick, v.changes_of_duty()), max_size=1),
        extend=st.one_of(st.none(), _pick), withdraw=st.one_of(st.none(), _pick),
        milestone=st.booleans(), threat=_threat)]


@cache
def moves_over(measures: st.SearchStrategy[Measure]) -> st.SearchStrategy[list[Move]]:
    impose = _move("impose", measure=measures, own_id=st.booleans(),
                   term=st.one_of(st.none(), st.none(), _term), threat=_threat)
    replace = _move("replace", pick=_pick, duty=v.scheduled())
    kinds = ("amend", "suspend", "amend", "suspend", "group", "begin")
    pair = _move("pair", pick=_pick, what=st.sampled_from(kinds), measure=measures,
                 first=v.changes_of_duty(), second=v.changes_of_duty(), term=_maybe_term,
                 residual=v.residuals(), other=v.residuals(), swap=st.booleans(),
                 group=st.sampled_from(("extra", "remedy", "reciprocal", "metals")))
    step = _move("step", pick=_pick, points=st.integers(1, 10), only=_only, threat=_threat)
    move = _move("reschedule", pick=_pick, term=_term, start=st.booleans())
    withdraw = _move("withdraw", pick=_pick)
    amend, suspend, nested, terminate = part_moves()
    truce, *_ = truce_moves()
    some = (impose, amend, suspend, nested, terminate, amend, truce, nested, suspend, replace,
            move, nested, step, move, truce, withdraw, pair, nested, pair, pair)
    one = st.one_of(*some)
    return st.one_of(  # mostly long, and yet free to shrink
        st.lists(one, min_size=1, max_size=10),
        *(st.lists(one, min_size=n, max_size=10) for n in (4, 6, 8, 7, 9)),
    )
