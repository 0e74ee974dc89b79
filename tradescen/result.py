"""``Result``: what scenarios come to, as tables. Each method is one call to a layer below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from tradescen import __version__
from tradescen.errors import InvalidValue, MissingData, UnknownName
from tradescen.frames import averages, compare, defined, odds, panels, rates, sensitivity
from tradescen.frames.run import Run
from tradescen.frames.tidy import Clock
from tradescen.law.weights import Weights
from tradescen.looks import Shown
from tradescen.simulation import check_editions, pick_weights
from tradescen.timeline.spells import DAY_ZERO
from tradescen.vocab.countries import country
from tradescen.vocab.duty import as_fraction
from tradescen.vocab.hs import HS, ProductSet, as_products
from tradescen.vocab.period import DateLike, as_date, maybe_date

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from tradescen.display.pictures import ResultPictures
    from tradescen.frames.explain import Explanation
    from tradescen.scenario import Scenario

__all__ = ["Result"]

Chosen = dict[tuple[str, str], Weights]  # by importer and exporter
UNIT = "fractions of customs value"


def _codes(products: Any) -> tuple[str, ...] | None:
    if products is None:
        return None
    if isinstance(products, ProductSet):
        raise InvalidValue(
            "products= takes codes, and a ProductSet is a set; give its codes, or restrict an "
            "average with within=",
            value=products,
        )
    many = isinstance(products, (list, tuple, set, frozenset))
    given = tuple(products) if many else (products,)
    return tuple(dict.fromkeys(str(c) if isinstance(c, HS) else c for c in given))


def _years(frame: pd.DataFrame, chosen: Chosen) -> list[int | None]:
    """The year of the weights under each row; ``None`` where several years meet in one."""
    sides = [n for n, side in enumerate(("importer", "exporter")) if side in frame]
    held: dict[tuple[str, ...], set[int]] = {}
    for pair, one in chosen.items():
        held.setdefault(tuple(pair[n] for n in sides), set()).add(one.year)
    only = {key: years.pop() if len(years) == 1 else None for key, years in held.items()}
    names = [("importer", "exporter")[n] for n in sides]
    keys = zip(*(frame[name] for name in names), strict=True) if names else [()] * len(frame)
    return [only.get(key) for key in keys]


@frozen(eq=False, repr=False, kw_only=True)
class Result(Shown):
    """The paths of one or several scenarios over a window.

    All frames are plain pandas; ``frame.attrs`` holds the definition of the numbers: their
    quantity, unit, weights and their year, assumption set, digests, library version, and the
    least ``known_share`` of its rows. Rates are fractions of customs value; NaN is unknown,
    never 0.
    """

    scenarios: tuple[Scenario, ...]
    runs: tuple[Run, ...]
    weights: tuple[Weights, ...]
    products: tuple[str, ...] | None = None
    level: str | None = None

    def _stamp(self, frame: pd.DataFrame, quantity: str,
               weights: Chosen | None = None) -> pd.DataFrame:
        used = weights or {}
        frame.attrs = {
            "quantity": quantity,
            "unit": UNIT,
            "weights": {f"{i} on {e}": w.name for (i, e), w in used.items()} or None,
            "weights_year": {f"{i} on {e}": w.year for (i, e), w in used.items()} or None,
            "known_share": None if "known_share" not in frame or not len(frame) else float(
                frame["known_share"].min()),
            "assumptions": sorted({r.assumptions.name for r in self.runs}),
            "digests": {s.name: s.digest for s in self.scenarios},
            "known_on": {s.name: str(s.known_on) for s in self.scenarios if s.known_on},
            "data_date": {s.name: str(s.data_date) for s in self.scenarios if s.data_date},
            "tradescen": __version__,
        }
        return frame

    def _weigh(self, weights: Any) -> Chosen:
        """The weights of each direction: the first set given that holds it."""
        given = pick_weights(weights) or self.weights
        for scenario in self.scenarios:
            check_editions(given, dict(scenario.editions))
        return {
            pair: one for pair in self._pairs()
            if (one := next((w for w in given if pair in w.pairs), None)) is not None
        }

    def chosen(self) -> Chosen:
        """The weights that averages of each direction are taken with."""
        return self._weigh(None)

    def _pairs(self) -> list[tuple[str, str]]:
        return list(dict.fromkeys(p for r in self.runs for p in r.directions()))

    def rates(self, on: Any = None, freq: str = "interval", products: Any = None,
              level: str | None = None, weights: Any = None,
              how: str = "start") -> pd.DataFrame:
        """Rates by line.

        Args:
            on: One day or several; gives ``date`` in place of ``start, end``.
            freq: ``"interval"``, or ``"D"``, ``"MS"`` …: the rate on that day.
            products: Codes: one row per schedule line under each. ``None``: one row per
                class of lines that no measure tells apart. The row ``*`` stands for the goods
                a schedule or list does not name.
            level: ``"HS6"`` …: aggregated with weights, with ``min_rate, max_rate,
                known_share``.
            how: ``"mean"`` averages the period of *freq*.
        """
        codes = _codes(products) or self.products
        level = level or (self.level if products is None else None)
        chosen = self._weigh(weights) if level else {}
        within = ProductSet.of(*codes) if codes and level else None
        frame = rates.rates(self.runs, Clock.of(freq, on, how), None if level else codes, level,
                            chosen, within)
        kind = f"trade-weighted mean rate at {level}" if level else "statutory rate by line"
        return self._stamp(frame, kind, chosen)

    def bilateral(self, freq: str = "interval", average: str = "trade", weights: Any = None,
                  wide: bool = False, on: Any = None, how: str = "start",
                  min_known: float | None = None) -> pd.DataFrame:
        """The average rate of each direction, one row a scenario, direction and interval.

        An average is over its own known value; ``known_share`` (of the rate) and
        ``additional_known_share`` say how much of ``weight_usd`` that is.

        Args:
            average: ``"trade"``, weighted with trade values; ``"simple"``, over tariff lines:
                the rest of a schedule that lists its goods only in part is none.
            wide: Periods × (scenario, path, importer, exporter) of rates.
            min_known: Averages over less than this share of the trade (or lines) are unknown.
                By default 0, and with *wide*, which hides the shares, 0.5.

        Raises:
            InvalidValue: for a share that is not from 0 to 1.
        """
        least = (0.5 if wide else 0.0) if min_known is None else as_fraction(min_known, "min_known")
        if not 0 <= least <= 1:
            raise InvalidValue(
                f"min_known={min_known!r} is not a share of the trade, from 0 to 1",
                value=min_known,
            )
        chosen = self._weigh(weights) if average == "trade" else {}
        frame = rates.bilateral(self.runs, Clock.of(freq, on, how), average, chosen, wide,
                                self._within(), min_known=least)
        kind = "trade-weighted" if average == "trade" else "simple"
        self._stamp(frame, f"{kind} mean statutory rate", chosen)
        frame.attrs["min_known"] = least
        return frame

    def contributions(self, by: Any = ("authority",), freq: str = "interval",
                      products: Any = None, average: str = "trade", weights: Any = None,
                      on: Any = None, how: str = "start") -> pd.DataFrame:
        """What each authority (or ``"group"``, ``"measure"``) adds; the parts sum to the rate."""
        names = (by,) if isinstance(by, str) else tuple(by)
        codes = _codes(products) or self.products
        chosen = self._weigh(weights) if codes is None and average == "trade" else {}
        frame = rates.contributions(self.runs, Clock.of(freq, on, how), names, codes, average,
                                    chosen)
        return self._stamp(frame, "contribution to the statutory rate", chosen)

    def sensitivities(self, freq: str = "interval", average: str = "trade", weights: Any = None,
                      on: Any = None, how: str = "start", within: Any = None) -> pd.DataFrame:
        """How much each average moves per point on one measure, all else as it stands.

        An average is piecewise linear in a measure's duty, so its slopes are exact: ``up`` is
        that of a higher duty, ``down`` of a lower one. They differ at a kink: where two
        measures of a ``"max"`` group are level, or a duty is level with what it tops up.
        Coverage and stacking are in them. A slope of 0 may mean a measure that others fill up
        to a floor of their own; one below 0, a measure that several top up.

        The duty is the one in effect: of a suspended measure what is left of it, of a measure
        with duties by line all of them alike. Rows are for measures in force on goods that
        are traded. Slopes have no unit: points of the average per point of the duty.
        Arguments as in :meth:`bilateral` and :meth:`average`.

        Returns:
            ``scenario, path, probability, importer, exporter, measure, authority``, the times,
            ``up, down, weight_usd, known_share``.
        """
        chosen = self._weigh(weights) if average == "trade" else {}
        frame = sensitivity.sensitivities(self.runs, Clock.of(freq, on, how), average, chosen,
                                          self._goods(within), self._side(within))
        self._stamp(frame, "slope of the mean statutory rate in one measure's duty", chosen)
        frame.attrs["unit"] = "points of the average per point of the duty"
        return frame

    def _by_path(self, freq: str, on: Any, products: Any, average: str,
                 weights: Any) -> pd.DataFrame:
        """Averages (or rates of products) of all paths on the same days."""
        if on is None and freq == "interval":
            first = self.runs[0]
            on = sorted({c for r in self.runs for i in r.importers for c in r.cuts(i)
                         if first.start <= c < first.end})
        if products is not None:
            return self.rates(freq=freq, on=on, products=products)
        return self.average(freq=freq, on=on, average=average, weights=weights)

    def expected(self, freq: str = "interval", on: Any = None, products: Any = None,
                 average: str = "trade", weights: Any = None) -> pd.DataFrame:
        """Expected rates over the paths of each scenario: Σ probability × rate.

        With *products* by line, else averages by direction. ``freq="interval"`` gives a row
        for each day on which some path moves.

        Raises:
            MissingData: where some path has no odds.
        """
        frame = odds.expected(self._by_path(freq, on, products, average, weights))
        return self._stamp(frame, "expected rate over paths")

    def quantiles(self, q: Any = (0.05, 0.5, 0.95), freq: str = "interval", on: Any = None,
                  products: Any = None, average: str = "trade",
                  weights: Any = None) -> pd.DataFrame:
        """The rates that paths stay at or below with odds *q*; arguments as in ``expected``."""
        wanted = (q,) if isinstance(q, (int, float)) else tuple(q)
        frame = odds.quantiles(self._by_path(freq, on, products, average, weights), wanted)
        return self._stamp(frame, "quantiles of the rate over paths")

    def chance(self, above: Any, freq: str = "interval", on: Any = None, products: Any = None,
               average: str = "trade", weights: Any = None) -> pd.DataFrame:
        """The odds that the rate is above a level; arguments as in ``expected``."""
        frame = odds.chance(self._by_path(freq, on, products, average, weights),
                            as_fraction(above, "above"))
        return self._stamp(frame, f"odds that the rate is above {above}")

    def average(self, weights: Any = None, by: Any = ("importer", "exporter"),
                freq: str = "interval", on: Any = None, how: str = "start",
                average: str = "trade", over: str = "known", within: Any = None,
                current: bool = False) -> pd.DataFrame:
        """Effective rates by any key.

        Args:
            weights: Trade values; by default the scenarios' own.
            by: ``importer, exporter``; one of ``HS2, HS4, HS6, HS8, section``; one of
                ``authority, group, measure`` (then the parts sum to the rate). Without
                ``importer`` and ``exporter`` among them all directions are one mean.
            average: ``"trade"``, or ``"simple"`` over lines.
            over: ``"known"``: over the trade whose rate is known. ``"all"``: over all trade,
                where an unknown rate adds nothing, so the mean is a lower bound.
            within: Only trade in these goods: codes, or the id of a measure: the goods it was
                first imposed on, as its importer imports them, whatever came off its list or
                onto it later: one list throughout, so that the rates of two days compare. The
                attribute ``within`` of the frame says so.
            current: Of several *weights*, those of the year of each day, else of the last year
                before it (of the first, where none is before); the column ``weights_year`` tells
                which. Otherwise weights are fixed.
        """
        names = (by,) if isinstance(by, str) else tuple(by)
        if current:
            frame = self._current(weights, by=by, freq=freq, on=on, how=how, average=average,
                                  over=over, within=within)
            frame.attrs["within"] = self._told(within)
            return frame
        chosen = self._weigh(weights) if average == "trade" else {}
        frame = averages.average(self.runs, Clock.of(freq, on, how), names, chosen,
                                 average, over, self._goods(within), self._side(within))
        kind = "trade-weighted" if average == "trade" else "simple"
        frame = self._stamp(frame, f"{kind} mean statutory rate over {over} trade", chosen)
        frame.attrs["within"] = self._told(within)
        return frame

    def _current(self, weights: Any, **options: Any) -> pd.DataFrame:
        """Averages under each year's own weights, one after the other."""
        import pandas as pd

        if options["average"] != "trade":
            raise InvalidValue(
                f"current=True chooses among weights, and average={options['average']!r} has "
                "none; leave one of the two out",
                value=options["average"],
            )
        pairs = self._pairs()
        sets = [w for w in pick_weights(weights) or self.weights
                if any(p in w.pairs for p in pairs)]
        years = sorted({w.year for w in sets})
        frames = []
        used: list[Chosen] = []
        for n, year in enumerate(years):
            # The year's own first, then the last before it, then the first after it.
            ranked = sorted(sets, key=lambda w: (w.year > year, abs(w.year - year)))
            frame = self.average(weights=ranked, **options)
            low = pd.Timestamp.min if n == 0 else pd.Timestamp(year=year, month=1, day=1)
            high = pd.Timestamp.max if n + 1 == len(years) else pd.Timestamp(
                year=years[n + 1], month=1, day=1)
            if "date" in frame:
                frame = frame[(frame["date"] >= low) & (frame["date"] < high)]
            else:
                frame = frame[(frame["end"] > low) & (frame["start"] < high)]
                frame = frame.assign(
                    start=frame["start"].where(frame["start"] >= low, low),
                    end=frame["end"].where(frame["end"] <= high, high))
            chosen = self._weigh(ranked)
            held = _years(frame, chosen)
            kind = "Int64" if None in held else "int64"
            frames.append(frame.assign(
                weights_year=pd.Series(held, index=frame.index, dtype=kind)))
            if len(frame):
                used.append(chosen)
        if not frames:  # no weights hold a direction: say so as any other average does
            return self.average(weights=weights, **options)
        whole = pd.concat([f for f in frames if len(f)] or frames[:1], ignore_index=True)
        self._stamp(whole, "mean statutory rate under each year's own weights")
        for what, of in (("weights", "name"), ("weights_year", "year")):
            whole.attrs[what] = {
                f"{i} on {e}": list(dict.fromkeys(
                    getattr(c[i, e], of) for c in used if (i, e) in c))
                for i, e in pairs
            }
        return whole

    def _within(self) -> ProductSet | None:
        """The goods the result was asked for, if it was asked for some only."""
        return ProductSet.of(*self.products) if self.products else None

    def _told(self, within: Any) -> str | None:
        """In words, the goods a mean is taken over; ``None`` for all of the result."""
        if within is None:
            return None
        timeline = self.runs[0].timeline
        if not isinstance(within, str) or within not in timeline.measures:
            return str(as_products(within))
        begun = [s.start for s in timeline.spells if s.measure == within]
        day = min(begun, default=None)
        if day is None or day == DAY_ZERO:
            return f"the goods of {within} as first imposed"
        return f"the goods of {within} as first imposed, on {day}"

    def _side(self, within: Any) -> str | None:
        """The importer of the measure whose goods are meant."""
        measures = self.runs[0].timeline.measures
        if isinstance(within, str) and within in measures:
            return measures[within].scope.importer
        return None

    def _goods(self, within: Any) -> ProductSet | None:
        """The goods asked for, of those the result was asked for."""
        own = self._within()
        if within is None:
            return own
        measures = self.runs[0].timeline.measures
        if isinstance(within, str) and within in measures:
            goods = measures[within].scope.products
        else:
            goods = as_products(within)
        if own is not None:
            goods = goods & own
        if not goods:
            raise InvalidValue(
                f"within={within!r} holds no goods"
                + ("" if own is None else f" among those of this result ({own})")
                + "; a mean over nothing has no meaning",
                value=within,
            )
        return goods

    def definitions(self, *, importer: str, exporter: str, on: DateLike,
                    since: DateLike | None = None, scenario: str | None = None,
                    weights: Any = None) -> pd.DataFrame:
        """One direction's rate on one day under each common definition, side by side.

        All-in or additional, over known or all trade, over trade that bears it, simple over
        lines, change since a day: published figures differ by a factor of two for that alone.
        """
        run = self._run(scenario)
        pair = (country(importer), country(exporter))
        if pair not in run.directions():
            held = ", ".join(f"{i} from {e}" for i, e in run.directions())
            raise MissingData(
                f"this result holds no rates of {pair[0]} on goods of {pair[1]} (it holds: "
                f"{held}); run it with importers= and exporters= that do",
                importer=pair[0], exporter=pair[1],
            )
        chosen = {p: w for p, w in self._weigh(weights).items() if p == pair}
        frame = defined.definitions(run, *pair, as_date(on, "on"), maybe_date(since, "since"),
                                     chosen, self._within())
        return self._stamp(frame, "one rate under several definitions", chosen)

    def _run(self, scenario: str | None, path: str | None = None) -> Run:
        known = [s.name for s in self.scenarios]
        if scenario is None:
            if len(known) > 1:
                raise InvalidValue(
                    f"this result holds the scenarios {', '.join(known)}; say which: scenario=…"
                )
            scenario = known[0]
        if scenario not in known:
            raise UnknownName.among("scenario", scenario, known)
        runs = [r for r in self.runs if r.scenario == scenario]
        if path is None:
            return runs[0]
        if path not in [r.path for r in runs]:
            raise UnknownName.among("path", path, [r.path for r in runs])
        return next(r for r in runs if r.path == path)

    def status(self) -> pd.DataFrame:
        """One row per measure piece and spell, with the acts it rests on."""
        return self._stamp(rates.status(self.runs), "status of measures")

    def diff(self, vs: str | Scenario, freq: str = "interval", products: Any = None,
             on: Any = None, unknown: bool = False, level: str | None = None,
             weights: Any = None) -> pd.DataFrame:
        """Where rates differ from those of the scenario *vs*: points and relative change.

        Differences are taken contribution by contribution, so an unknown common to both
        cancels. Rows without a change are left out; ``unknown=True`` keeps unknown ones. With
        ``level="HS2"`` … the rows are trade-weighted means of the lines' changes.
        """
        name = vs if isinstance(vs, str) else vs.name
        known = [s.name for s in self.scenarios]
        if name not in known:
            raise UnknownName.among("scenario", name, known)
        bases = [r for r in self.runs if r.scenario == name]
        others = [r for r in self.runs if r.scenario != name]
        level = level or (self.level if products is None else None)
        chosen = self._weigh(weights) if level else {}
        frame = compare.diff(others, bases, Clock.of(freq, on, "start"),
                             _codes(products) or self.products, level, chosen, unknown)
        return self._stamp(frame, f"change of the statutory rate against {name}", chosen)

    def explain(self, *, importer: str, exporter: str, product: str, on: DateLike,
                scenario: str | None = None, path: str | None = None) -> Explanation:
        """One number explained down to the acts; ``.rate`` equals the frame's cell."""
        run = self._run(scenario)
        one = next(s for s in self.scenarios if s.name == run.scenario)
        return evolve(one, assumptions=run.assumptions).explain(
            importer=importer, exporter=exporter, product=product, on=on, path=path
        )

    @property
    def plot(self) -> ResultPictures:
        """Pictures: ``timeline, diff, stack, fan, heatmap, ladder, tree`` (extra ``plot``)."""
        from tradescen.display.pictures import ResultPictures

        return ResultPictures(self)

    def to_frame(self) -> pd.DataFrame:
        """The intervals by line with text columns as categoricals."""
        frame = self.rates()
        for name in ("scenario", "path", "importer", "exporter", "product", "asked", "status"):
            if name in frame:
                frame[name] = frame[name].astype("category")
        return frame

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """:meth:`to_frame` as an Arrow stream; needs the extra ``arrow``."""
        return panels.arrow_stream(self.to_frame, requested_schema)

    def panel(self, importer: str | None = None, scenario: str | None = None,
              path: str | None = None) -> panels.Rates:
        """One importer's rates by line, origin and time, for work on the whole schedule.

        Slices are made without expanding it: ``.one(product=…, exporter=…, on=…)``; arrays in
        full by ``.expand()``, tidy rows by ``.to_frame()``.

        Args:
            importer: Who charges; may be left out where the result has one.
            scenario, path: Which of them; by default the only scenario, its first path.
        """
        run = self._run(scenario, path)
        known = run.importers
        if importer is None and len(known) > 1:
            raise InvalidValue(
                f"this result holds rates of {', '.join(known)}; say whose: importer=…"
            )
        asked = known[0] if importer is None else country(importer)
        if asked not in known:
            raise UnknownName.among("importer", asked, known)
        return panels.Rates(run, asked)

    def __str__(self) -> str:
        from tradescen.display.results import result_text

        return result_text(self)

    def report(self, path: str | Path, *, title: str | None = None,
               vs: str | None = None) -> Path:
        """Write everything to one HTML file that needs no network and nothing installed.

        Charts, explanations down to the act, a calendar, a look-up of every tariff line,
        tables with their CSV. The same result gives the same file.

        Args:
            path: The file; one that is there is replaced.
            title: The heading; by default the names of the scenarios.
            vs: The scenario (or path) that differences are against; by default the first.

        Raises:
            UnknownName: for a *vs* that is not among the scenarios and paths.
        """
        from tradescen.display.report import write

        return write(self, path, title=title, vs=vs)

    def __repr__(self) -> str:
        # Nothing is evaluated here: debuggers and failing tests ask for it. ``str`` has rates.
        first = self.runs[0]
        names = ", ".join(s.name for s in self.scenarios)
        many = len(self.runs) > len(self.scenarios)
        ways = f", {len(self.runs)} paths" if many else ""
        pairs = "; ".join(f"{i} on {e}" for i, e in self._pairs())
        return f"<Result of {names}{ways}, {first.start} → {first.end}: {pairs}>"
