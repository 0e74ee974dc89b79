"""The data of an equilibrium: who sells what to whom, with which inputs, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from attrs import evolve, field, frozen
from attrs.validators import optional
from numpy.typing import NDArray

from tradescen.effects.rates import labels, places
from tradescen.effects.reading import amounts
from tradescen.errors import InvalidValue, MissingData, UnknownName, a_name, one_of
from tradescen.vocab.source import Source

__all__ = ["GEData"]

Array = NDArray[np.float64]
LEAST, MOST = 0.05, 200.0  # trade elasticities outside make a model of no use
SLACK = 1e-6  # accounts that agree to this agree


def _theta(value: Any) -> Array:
    try:
        given = np.atleast_1d(np.array(value, dtype=float))
    except (TypeError, ValueError):
        raise InvalidValue(f"theta={value!r} is no trade elasticity; give a number, or one by "
                           "sector", value=value) from None
    bad = ~np.isfinite(given) | (given < LEAST) | (given > MOST)
    if bad.any():
        raise InvalidValue(
            f"theta={given[bad][0]:g}: a trade elasticity is between {LEAST:g} and {MOST:g}. At 0 "
            "shares no longer answer prices and the price index has no form (σ = 1, Cobb–Douglas); "
            "without bound goods are the same everywhere. With an elasticity of substitution σ "
            "give theta=σ-1",
            value=float(given[bad][0]),
        )
    return given


@frozen(eq=False, repr=False, kw_only=True)
class GEData:
    """Trade of a year with what its goods are made of. Build it with :meth:`from_frames`.

    Attributes:
        countries, sectors: Names, in the order of the arrays.
        flows: (sector, importer, exporter) in money at customs value, with domestic sales.
        vashare: (sector, country): value added as a share of output.
        inputs: (country, input sector, using sector): shares of output; with *vashare* 1.
        theta: Trade elasticity by sector (σ − 1 of Armington's σ).
        final: (sector, country): final demand in money, or ``None``: what inputs leave over.
        balance: ``None``, ``"final_demand"`` or ``"solve"``; see :meth:`from_frames`.
        name, year, sources, notes: What the data are.
    """

    countries: tuple[str, ...]
    sectors: tuple[str, ...]
    flows: Array
    vashare: Array
    inputs: Array
    theta: Array = field(converter=_theta)
    final: Array | None = None
    balance: str | None = field(default=None, validator=optional(one_of("final_demand", "solve")))
    name: str = field(default="own data", validator=a_name)
    year: int | None = None
    sources: tuple[Source, ...] = ()
    notes: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        self._fits()
        if self.theta.size == 1 and len(self.sectors) > 1:
            object.__setattr__(self, "theta", np.full(len(self.sectors), self.theta[0]))
        if self.theta.shape != (len(self.sectors),):
            raise InvalidValue(
                f"theta has {self.theta.size} values for {len(self.sectors)} sectors; give one, or "
                "one for each"
            )
        idle = [c for c, made in zip(self.countries, self.flows.sum(axis=(0, 1)), strict=True)
                if not made > 0]
        if idle:
            raise InvalidValue(
                f"{', '.join(idle[:6])} {'sells' if len(idle) == 1 else 'sell'} nothing, so no "
                "income is known there; leave the country out or give its domestic sales",
                value=tuple(idle),
            )

    def _fits(self) -> None:
        """Shapes and signs, which frames are read to have."""
        n, j = len(self.countries), len(self.sectors)
        if len(set(self.countries)) < n or len(set(self.sectors)) < j:
            raise InvalidValue("a name stands twice among the countries or the sectors")
        wanted = {"flows": (j, n, n), "vashare": (j, n), "inputs": (n, j, j), "final": (j, n)}
        for name, shape in wanted.items():
            held = getattr(self, name)
            if held is None and name == "final":
                continue
            if held.shape != shape:
                raise InvalidValue(f"{name} has the shape {held.shape}, and {n} countries and {j} "
                                   f"sectors ask for {shape}")
            if not (np.isfinite(held).all() and (held >= 0).all()):
                raise InvalidValue(f"{name} holds a value that is not 0 or more (negative, "
                                   "infinite or unknown); GEData.from_frames says where")
        gap = np.abs(self.vashare + self.inputs.sum(axis=1).T - 1.0).max()
        if gap > SLACK:
            raise InvalidValue(
                f"value added and inputs are shares of output and sum to 1; these are off by up "
                f"to {gap:.3g}", value=float(gap),
            )

    def __repr__(self) -> str:
        low, high = self.theta.min(), self.theta.max()
        theta = f"{low:g}" if low == high else f"{low:g}–{high:g}"
        return (f"<GEData {self.name!r}, {self.year or 'no year'}: {len(self.countries)} "
                f"countries, {len(self.sectors)} sectors, θ {theta}>")

    @classmethod
    def from_frames(cls, flows: pd.DataFrame, *, theta: Any = 4.0,
                    output: pd.DataFrame | None = None,
                    value_added: pd.DataFrame | None = None,
                    inputs: pd.DataFrame | None = None, final: pd.DataFrame | None = None,
                    balance: str | None = None, name: str = "own data", year: int | None = None,
                    source: Any = None, notes: Sequence[str] = ()) -> GEData:
        """Data out of tidy frames, in one money, all flows at customs value (without duty).

        Args:
            flows: ``importer, exporter, value`` and, for several sectors, ``sector``. Domestic
                sales are rows with importer and exporter the same, unless *output* is given.
            theta: One trade elasticity, a mapping by sector, or a frame ``sector, theta``. The
                default 4 is near the estimate of Simonovska and Waugh (2014). Trade before duty
                answers a duty with −(1 + θ), so take 1 off an elasticity of such trade.
            output: ``country[, sector], value``: sales; domestic sales are what exports leave.
            value_added: ``country[, sector], value``. ``None``: output needs no inputs.
            inputs: ``country, input, sector, value``: what each sector spends on inputs. With one
                sector it may be left out: what value added leaves of output is spent on it.
            final: ``country[, sector], value``: final demand. ``None``: what inputs leave of
                spending.
            balance: What to do with accounts that do not add up. ``None``: refuse them.
                ``"final_demand"``: final demand is what inputs leave of spending. ``"solve"``:
                shares stay as given (final demand below 0 is set to 0) and a world in which all
                markets clear is solved first; flows move, and the baseline says by how much.

        Raises:
            InvalidValue: for negative trade, for sectors that do not match, and for accounts that
                do not add up (the error shows where and by how much).
            MissingData: where a sector that sells has no value added.
        """
        several = "sector" in flows
        for column in ("importer", "exporter", "value"):
            if column not in flows:
                raise InvalidValue(f"flows has no column {column!r}; give importer, exporter, "
                                   "value" + (", sector" if several else ""))
        countries = tuple(sorted({*flows["importer"], *flows["exporter"]}))
        sectors = tuple(dict.fromkeys(flows["sector"])) if several else ("goods",)
        n, j = len(countries), len(sectors)
        cube = _filled(flows, (("sector", sectors), ("importer", countries),
                               ("exporter", countries)), "flows")
        keys = (("sector", sectors), ("country", countries))
        if output is not None:
            cube = _domestic(cube, _filled(output, keys, "output"), countries, sectors)
        made = cube.sum(axis=1)
        vashare = np.ones((j, n))
        used = np.zeros((n, j, j))
        if value_added is None and inputs is not None:
            raise MissingData("inputs need value_added beside them: together they are output")
        if value_added is not None:
            added = _filled(value_added, keys, "value_added")
            if inputs is not None:
                spent = _filled(inputs, (("country", countries), ("input", sectors),
                                         ("sector", sectors)), "inputs")
            elif j == 1:
                spent = np.maximum(made - added, 0.0).T[:, :, None]
            else:
                raise MissingData("value_added of several sectors needs inputs beside it: who "
                                  "uses whose goods")
            total = added + spent.sum(axis=1).T
            _agree(made, total, "sales", "value added and inputs", countries, sectors)
            if ((made > 0) & ~(added > 0)).any():
                at, c = np.argwhere((made > 0) & ~(added > 0))[0]
                raise MissingData(
                    f"{countries[c]}, {sectors[at]}: sales without value added; give it, or merge "
                    "the sector with another"
                )
            safe = np.where(total > 0, total, 1.0)
            vashare = np.where(total > 0, added / safe, 1.0)
            used = spent / safe.T[:, None, :]
        return cls(
            countries=countries, sectors=sectors, flows=cube, vashare=vashare, inputs=used,
            theta=_by_sector(theta, sectors), balance=balance,
            final=None if final is None else _filled(final, keys, "final"),
            name=name, year=year, sources=() if source is None else (source,), notes=tuple(notes),
        )

    def with_theta(self, theta: Any) -> GEData:
        """The same data under other elasticities (a number, a mapping or frame by sector)."""
        return evolve(self, theta=_by_sector(theta, self.sectors))

    def merged(self, groups: Mapping[str, Sequence[str]], rest: str | None = None) -> GEData:
        """Countries merged into groups; trade within a group becomes domestic.

        Args:
            groups: Name of the group → its members.
            rest: The name under which all others are merged; ``None``: they stay alone.

        Raises:
            UnknownName: for a member the data do not hold.
            InvalidValue: for a country in two groups.
        """
        member: dict[str, str] = {}
        for name, members in groups.items():
            for n in places(pd.Series(list(members), dtype=object), self.countries, "country"):
                one = self.countries[n]
                if member.setdefault(one, name) != name:
                    raise InvalidValue(f"{one} stands in the groups {member[one]!r} and {name!r}")
        whose = [member.get(c, rest or c) for c in self.countries]
        names = tuple(dict.fromkeys(sorted(whose)))
        into = np.zeros((len(self.countries), len(names)))
        into[np.arange(len(whose)), [names.index(g) for g in whose]] = 1.0
        made = self.flows.sum(axis=1)
        total = made @ into
        safe = np.where(total > 0, total, 1.0)
        spent = np.einsum("nkj,jn,ng->gkj", self.inputs, made, into)
        return evolve(
            self, countries=names, flows=np.einsum("jni,nm,ig->jmg", self.flows, into, into),
            vashare=np.where(total > 0, ((self.vashare * made) @ into) / safe, 1.0),
            inputs=spent / safe.T[:, None, :],
            final=None if self.final is None else self.final @ into,
            name=f"{self.name}, merged",
        )

    def to_frame(self) -> pd.DataFrame:
        """``importer, exporter[, sector], value`` with domestic sales, without empty pairs."""
        frame = labels(self, {"value": self.flows}, home=True)
        return frame[frame["value"] > 0].reset_index(drop=True)

    def no_rates(self, rate: float = 0.0) -> pd.DataFrame:
        """A rate frame with one *rate* for every pair and sector: free trade by default."""
        frame = labels(self, {"rate": np.full_like(self.flows, rate)}, home=False)
        frame.attrs = {"quantity": f"the same rate for all, {rate:g}"}
        return frame


def _filled(frame: pd.DataFrame, keys: tuple[tuple[str, tuple[str, ...]], ...],
            what: str) -> Array:
    """Values of a tidy frame in an array; a key of one name may be left out."""
    columns = [k for k, names in keys if k in frame or len(names) > 1]
    lacking = [c for c in (*columns, "value") if c not in frame]
    if lacking:
        raise InvalidValue(
            f"{what} has no column {', '.join(map(repr, lacking))} (it has: "
            f"{', '.join(map(str, frame.columns))})",
            columns=tuple(lacking),
        )
    at = []
    for key, names in keys:
        kind = "sector" if key in ("sector", "input") else "country"
        if key not in columns:
            at.append(np.zeros(len(frame), dtype=np.intp))
            continue
        if kind == "sector":
            _same_sectors(frame[key], names, what)
        at.append(places(frame[key], names, f"{kind} ({key} in {what})"))
    shown = frame[[k for k, _ in keys if k in frame]]
    value = amounts(frame["value"], what, lambda row: ", ".join(map(str, shown.iloc[row])))
    out = np.zeros([len(names) for _, names in keys])
    np.add.at(out, tuple(at), value)
    return out


def _same_sectors(column: pd.Series[Any], known: tuple[str, ...], what: str) -> None:
    other = [s for s in dict.fromkeys(column) if s not in known]
    if other:
        raise UnknownName.among(
            "sector", str(other[0]), known,
            f"{what} has {len(other)} sectors that flows has not; sectors must match in all frames",
        )


def _by_sector(theta: Any, sectors: tuple[str, ...]) -> Array:
    if isinstance(theta, pd.DataFrame):
        if not {"sector", "theta"} <= set(theta.columns):
            raise InvalidValue("a frame of elasticities has the columns sector, theta")
        theta = dict(zip(theta["sector"], theta["theta"], strict=True))
    if isinstance(theta, Mapping):
        lacking = [s for s in sectors if s not in theta]
        other = [s for s in theta if s not in sectors]
        if other:
            raise UnknownName.among("sector (in theta)", str(other[0]), sectors)
        if lacking:
            raise MissingData(f"theta has no elasticity for {', '.join(lacking[:6])}; sectors must "
                              "match")
        return np.array([float(theta[s]) for s in sectors])
    return np.array(theta, dtype=float)


def _domestic(flows: Array, output: Array, countries: Sequence[str],
              sectors: Sequence[str]) -> Array:
    own = np.arange(len(countries))
    if flows[:, own, own].any():
        raise InvalidValue(
            "flows hold domestic sales, and output is given too, which would count them twice; "
            "give one of the two"
        )
    left = output - flows.sum(axis=1)
    if (left < 0).any():
        at, c = map(int, np.unravel_index(int(np.argmin(left)), left.shape))
        raise InvalidValue(
            f"{int((left < 0).sum())} exports are above output, most in {countries[c]}, "
            f"{sectors[at]}: output {output[at, c]:.4g}, exports {output[at, c] - left[at, c]:.4g} "
            "(re-exports, or value added taken for output); raise output there, and say so in "
            "notes",
            value=float(left[at, c]),
        )
    out = flows.copy()
    out[:, own, own] = left
    return out


def _agree(one: Array, other: Array, what: str, against: str, countries: Sequence[str],
           sectors: Sequence[str]) -> None:
    gap = np.abs(one - other)
    size = np.maximum(one, other)
    if (gap > SLACK * np.maximum(size, size.sum() * 1e-9)).any():
        j, n = map(int, np.unravel_index(int(np.argmax(gap)), gap.shape))
        raise InvalidValue(
            f"{what} and {against} differ by up to {gap[j, n]:.4g} ({countries[n]}, {sectors[j]}: "
            f"{one[j, n]:.6g} and {other[j, n]:.6g}; {gap.sum() / one.sum():.2%} of all {what}). "
            "They are one account; mend the frames, or scale inputs and value added to output",
            value=float(gap[j, n]),
        )
