"""Strategies for acts, truces and scenarios.

What is drawn is a list of moves (:mod:`tradescen.testing.moves`); a writer turns them one by one
into acts that can hold together. A move that does not fit is dropped, so every shorter list is
valid too and examples shrink well.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve
from hypothesis import strategies as st

from tradescen.law.schedule import TariffSchedule
from tradescen.scenario import Scenario
from tradescen.testing import values as v
from tradescen.testing.moves import Move, moves_over, part_moves, truce_moves
from tradescen.testing.writer import Writer, Written
from tradescen.timeline.acts import ACTS, Act, Reschedule
from tradescen.timeline.truce import Truce

__all__ = ["acts", "scenarios", "truces", "with_an_act"]


def _written(schedule: TariffSchedule) -> st.SearchStrategy[tuple[Written, ...]]:
    drawn = moves_over(v.measures(plan=schedule.plan))
    return drawn.map(lambda moves: Writer(schedule).write(moves))


def acts(schedule: TariffSchedule) -> st.SearchStrategy[tuple[Act, ...]]:
    """Well-formed sequences of the five acts over the measures of *schedule*.

    The schedule is one of :func:`~tradescen.testing.schedules`, or like it: base duties that
    cover all goods and origins for two importers.
    """
    return _written(schedule).map(
        lambda changes: tuple(a for a in changes if isinstance(a, ACTS))
        if not any(isinstance(c, Truce) for c in changes)
        else tuple(a for a in changes if isinstance(a, ACTS) and not _needs(a, changes))
    )


def _needs(act: Act, changes: Sequence[Written]) -> bool:
    """Whether an act is about a truce or a step, which are no plain acts."""
    others = {c.id for c in changes if not isinstance(c, ACTS)}
    name = act.act if isinstance(act, Reschedule) else getattr(act, "target", "")
    ids = (name,) if isinstance(name, str) else name.ids
    return bool(others & set(ids))


def truces(schedule: TariffSchedule) -> st.SearchStrategy[Truce]:
    """Snapback truces between USA and CHN over measures of *schedule*, law or promise."""
    move = truce_moves()[0].map(lambda m: {
        **m, "extend": None, "withdraw": None, "amends": [],
        "pauses": [{**p, "then": None} for p in m["pauses"]]})

    def written(m: Move) -> Truce:
        (truce,) = Writer(schedule).write([m])
        assert isinstance(truce, Truce)
        return evolve(truce, id="truce", also=())

    return move.map(written)


@st.composite
def with_an_act(draw: st.DrawFn) -> tuple[Scenario, Act]:
    """A scenario and a partial act in the midst of it that no other act speaks of."""
    law = draw(v.schedules())
    moves = draw(moves_over(v.measures(plan=law.plan)))
    place = draw(st.integers(0, len(moves)))
    writer = Writer(law)
    writer.write(moves[:place])
    amend, suspend, _, terminate = part_moves()
    kinds = (amend, suspend, terminate) if writer.loose(parts=True) else (amend, suspend)
    act = writer.alone(draw(st.one_of(*kinds)))
    return Scenario(schedule=law, changes=writer.write(moves[place:])), act


@st.composite
def scenarios(draw: st.DrawFn, *, schedule: TariffSchedule | None = None,
              name: str = "drawn") -> Scenario:
    """Scenarios of acts, steps and truces over a small universe."""
    law = schedule or draw(v.schedules())
    return Scenario(name=name, schedule=law, changes=draw(_written(law)))
