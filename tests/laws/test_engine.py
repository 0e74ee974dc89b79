"""Tables on classes, full arrays, slices and averages are one and the same set of rates."""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.laws.common import grid, importers
from tradescen import Measure, Scenario, Scope, StackPlan, TariffSchedule, testing
from tradescen.engine.exposure import expose
from tradescen.engine.grid import Lines
from tradescen.engine.loads import loads
from tradescen.engine.panel import Panel, settled
from tradescen.engine.table import draw_of
from tradescen.vocab.duty import AdValorem

fewer = settings(max_examples=25)  # each example walks all contributions, several times over


def naive(got: Panel) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Rate and additional rate of every line, origin and column, contribution by contribution."""
    out = np.zeros((2, len(got.class_of), len(got.partner_of), got.program.columns))
    for row in got.program.rows:
        here = got.contribution(row)[got.class_of]
        out[0] += here
        if not row.base:
            out[1] += here
    return out[0], out[1]


@fewer
@given(testing.scenarios(), st.data())
def test_tables_slices_and_full_arrays_are_one(scenario: Scenario, data: st.DataObject) -> None:
    """Class tables, full arrays in either precision and slices hold the sums of contributions."""
    timeline = scenario.fold()
    for importer in importers(timeline):
        got = grid(timeline, importer)
        for more, want in enumerate(naive(got)):
            want = want.transpose(2, 0, 1)
            full = got.expand(additional=bool(more))
            np.testing.assert_array_equal(full, want)
            np.testing.assert_array_equal(
                (got.additional if more else got.rate)[got.class_of].transpose(2, 0, 1), want)
            out = np.empty(want.shape, dtype=np.float32)
            assert got.expand(out=out, additional=bool(more)) is out
            np.testing.assert_array_equal(out, want.astype(np.float32))
            some = [np.array(data.draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=4)))
                    for n in (full.shape[1], full.shape[2], full.shape[0])]
            np.testing.assert_array_equal(got.some_of(some[0], some[1], some[2], bool(more)),
                                          want[np.ix_(some[2], some[0], some[1])])


def means(got: Panel, trade: tuple[Any, ...], labels: int) -> tuple[Any, ...]:
    """Sums of value × rate over known trade and known value, a flow at a time."""
    out = []
    for rate in naive(got):
        total = np.zeros((2, labels, got.program.columns))
        for line, origin, label, value in zip(*trade, strict=True):
            told = ~np.isnan(rate[line, origin])
            total[0, label] += np.where(told, rate[line, origin], 0.0) * value
            total[1, label] += told * value
        out += list(total)
    return tuple(out)


def flows(data: st.DataObject, n_lines: int, n_origins: int) -> tuple[Any, ...]:
    """Some flows: line, origin, label, value."""
    one = st.tuples(st.integers(0, n_lines - 1), st.integers(0, n_origins - 1),
                    st.integers(0, 2), st.floats(0, 9))
    rows = data.draw(st.lists(one, min_size=1, max_size=30))
    return tuple(np.array(x) for x in zip(*rows, strict=True))


@fewer
@given(testing.scenarios(), st.data())
def test_averages_are_sums_over_flows(scenario: Scenario, data: st.DataObject) -> None:
    """Averages from cells, and from the weight of each duty, are those over single flows; what
    is unknown at some times is left out at those."""
    timeline = scenario.fold()
    for importer in importers(timeline):
        got = grid(timeline, importer)
        if not got.program.layers:
            continue
        line, origin, label, value = trade = flows(data, len(got.class_of), len(got.partner_of))
        exposed = expose(got.program, line, origin, label, value, 3)
        states = [x.state for x in got.program.layers]
        weighed = loads(got.program.layers, got.outcomes, exposed, states)
        assert weighed is not None
        want = means(got, trade, 3)
        for way, sums in (("cells", exposed.sums(got.outcomes, states)),
                          ("duties", weighed.sums())):
            for n, what in enumerate(("rate", "known", "additional", "additional_known")):
                np.testing.assert_allclose(getattr(sums, what), want[n], rtol=0, atol=1e-10,
                                           err_msg=f"{what} from {way}")


def test_a_measure_that_covers_nothing_hides_no_other() -> None:
    """Two measures of one duty, of which the first covers none of the value: the second counts."""
    law = TariffSchedule(plan=StackPlan(groups=["extra"]), measures=[
        Measure(id=name, authority="A", group="extra", duty="10%", coverage=share,
                scope=Scope(importer="USA", exporters="CHN", products="01"))
        for name, share in (("a", 0.0), ("b", 1.0))])
    got = grid(Scenario(name="s", schedule=law).fold(), "USA")
    at, one = np.array([got.program.lines.holding("01")]), np.array([1.0])
    origin = np.array([got.program.exporters.index("CHN")])
    exposed = expose(got.program, at, origin, np.array([0]), one, 1)
    weighed = loads(got.program.layers, got.outcomes, exposed,
                    [x.state for x in got.program.layers])
    assert weighed is not None
    np.testing.assert_array_equal(weighed.sums().rate, 0.1)


@fewer
@given(testing.scenarios(), st.data())
def test_drawn_rates_are_the_law_with_each_of_them(scenario: Scenario,
                                                   data: st.DataObject) -> None:
    """Draws of rates give what the law gives with the drawn numbers written into it."""
    timeline = scenario.fold()
    open_to = {s.measure for s in timeline.spells if isinstance(s.duty, AdValorem)
               and s.duty.on == "value" and s.status == "in force"}
    if not open_to:
        return
    rates = {m: np.array(data.draw(st.lists(st.integers(0, 40), min_size=3, max_size=3))) / 40
             for m in sorted(open_to)}

    def law(n: int | None) -> Any:
        def put(s: Any) -> Any:
            if s.measure not in open_to or s.status != "in force" or not isinstance(
                    s.duty, AdValorem):
                return s
            duty = draw_of(s.measure) if n is None else AdValorem(float(rates[s.measure][n]))
            return evolve(s, duty=duty, base=duty)

        return evolve(timeline, tracks={k: tuple(map(put, v)) for k, v in timeline.tracks.items()})

    for importer in importers(timeline):
        drawn = grid(law(None), importer)
        line, origin, label, value = trade = flows(data, len(drawn.class_of),
                                                   len(drawn.partner_of))
        layers = drawn.program.layers
        weighed = loads(layers, settled(drawn.program, drawn=1.0),
                        expose(drawn.program, line, origin, label, value, 3),
                        [x.state for x in layers])
        if weighed is None:  # shares follow from the rates: these are worked out draw by draw
            continue
        columns = drawn.program.columns
        each = np.tile(np.arange(columns), 3)
        sums = weighed.drawn({k: np.repeat(v, columns) for k, v in rates.items()}, each)
        for n in range(3):
            want = means(grid(law(n), importer), trade, 3)
            at = slice(n * columns, (n + 1) * columns)
            for h, w in zip((sums.rate, sums.known, sums.additional, sums.additional_known), want,
                            strict=True):
                np.testing.assert_allclose(h[:, at], w, rtol=0, atol=1e-10)


@given(st.lists(st.sampled_from(["", "01", "0101", "010121", "01012100", "0101210010", "02",
                                 "0299", "99"]), unique=True, min_size=1),
       st.lists(st.sampled_from(["01", "0101", "010129", "0101210010", "0101210090", "99"])))
def test_codes_are_found_as_texts_are(codes: list[str], asked: list[str]) -> None:
    """The lines under a code, and the longest line a code lies in, follow from the texts."""
    lines = Lines(codes)
    low, high, held = lines.locate(asked)
    for code, a, b, at in zip(asked, low, high, held, strict=True):
        assert lines.codes[a:b] == tuple(c for c in lines.codes if c.startswith(code))
        longest = max((c for c in codes if code.startswith(c)), key=len, default=None)
        assert (None if at < 0 else lines.codes[at]) == longest
