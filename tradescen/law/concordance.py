"""From one edition of codes to another: values follow the goods, and none is lost.

A :class:`Concordance` says where the goods of each code go, and in which shares. Where one
code becomes several, the shares are an assumption (equal parts, unless weights are given);
what no row places keeps its old code and is reported.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar, cast

from attrs import evolve, field, frozen

from tradescen.errors import InvalidValue, NomenclatureMismatch, UnknownName, counted
from tradescen.law.conversion import ConversionReport, Shares, Tally
from tradescen.law.nomenclature import base_edition, edition, packaged
from tradescen.law.weights import Weights
from tradescen.vocab.countries import country
from tradescen.vocab.hs import dotted, normal_code
from tradescen.vocab.source import Source, as_source

__all__ = ["Concordance", "ConversionReport"]

Row = tuple[str, str, float]
Given = TypeVar("Given")
_LINKS = ("principal", "all")
_MOST = 12  # faults named in one error


def _rows(value: Iterable[Sequence[Any]]) -> tuple[Row, ...]:
    found: dict[tuple[str, str], float] = {}
    sums: dict[str, float] = {}
    faults: list[str] = []
    for n, (source, target, share) in enumerate(value, 1):
        try:
            pair = (normal_code(source), normal_code(target))
        except InvalidValue as error:
            faults.append(f"row {n}: {error.message}")
            continue
        if not (isinstance(share, (int, float)) and 0 <= share <= 1):
            faults.append(f"row {n}: the share {share!r} does not lie between 0 and 1")
        elif pair in found:
            faults.append(f"row {n}: {dotted(pair[0])} to {dotted(pair[1])} stands there twice")
        else:
            found[pair] = float(share)
            sums[pair[0]] = sums.get(pair[0], 0.0) + share
    faults += [
        f"the shares of {dotted(code)} sum to {total:g}, not 1"
        for code, total in sorted(sums.items()) if abs(total - 1) > 1e-9
    ]
    if faults:
        more = f"; and {len(faults) - _MOST} more" if len(faults) > _MOST else ""
        raise InvalidValue(
            f"the concordance has {len(faults)} faults: {'; '.join(faults[:_MOST])}{more}. Every "
            "code gives all of its value away, so its shares sum to 1",
            faults=tuple(faults),
        )
    return tuple((s, t, share) for (s, t), share in sorted(found.items()) if share)


@frozen(kw_only=True, repr=False)
class Concordance:
    """Where the goods of each code of one edition go in another.

    Args:
        from_: The edition of the codes given.
        to: The edition wanted.
        rows: ``(source, target, share)``; the shares of a source sum to 1.
        source: Where it was read, and by which rule values are split.
    """

    from_: str = field(converter=edition)
    to: str = field(converter=edition)
    rows: tuple[Row, ...] = field(converter=_rows)
    source: Source | None = field(default=None, converter=as_source)
    _index: dict[str, Shares] = field(init=False, eq=False, repr=False)
    _sorted: tuple[str, ...] = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        index: dict[str, list[tuple[str, float]]] = {}
        for source, target, share in self.rows:
            index.setdefault(source, []).append((target, share))
        object.__setattr__(self, "_index", {s: tuple(t) for s, t in index.items()})
        object.__setattr__(self, "_sorted", tuple(sorted(index)))

    # -- making one -------------------------------------------------------------------

    @classmethod
    def from_rows(cls, rows: Iterable[Sequence[Any]], *, from_: str, to: str,
                  weights: Weights | Mapping[str, float] | None = None,
                  source: Source | str | None = None) -> Concordance:
        """A concordance out of ``(source, target)`` or ``(source, target, share)`` rows.

        Args:
            rows: Without shares a code that becomes several is split in equal parts.
            from_, to: The editions.
            weights: Trade under the new codes by which to split instead
                (:meth:`split_by`).
            source: Where it was read.

        Raises:
            InvalidValue: for rows with and without shares together, or shares of a code that
                do not sum to 1. All faults are named at once.
        """
        listed = [tuple(r) for r in rows]
        widths = {len(r) for r in listed}
        if not widths <= {2} and not widths <= {3}:
            raise InvalidValue(
                f"the rows of a concordance have {sorted(widths)} fields; give (source, target) "
                "in every row, or (source, target, share) in every row"
            )
        if widths == {2}:
            targets: dict[Any, dict[Any, None]] = {}
            for one, other in listed:
                targets.setdefault(one, {})[other] = None
            listed = [(s, t, 1 / len(ts)) for s, ts in targets.items() for t in ts]
        made = cls(from_=from_, to=to, rows=listed, source=source)
        return made if weights is None else made.split_by(weights)

    @classmethod
    def hs(cls, from_: str, to: str, *, links: str = "principal",
           weights: Weights | Mapping[str, float] | None = None) -> Concordance:
        """The packaged concordance between HS 2022 and HS 2017, either way.

        From HS 2022 each code goes to the one code the United Nations conversion table takes
        it from. From HS 2017 a code that became several is split in equal parts among them.

        Args:
            from_, to: ``"HS 2017"`` and ``"HS 2022"``, either way.
            links: ``"principal"``: as above. ``"all"``: every link of the correlation table,
                in equal parts; it knows where goods *may* have gone (electrical waste takes a
                little from a thousand codes), so equal parts of it are no estimate.
            weights: Trade under the new codes by which to split instead of equally.

        Raises:
            UnknownName: for other editions.
            InvalidValue: for another value of *links*.
        """
        if links not in _LINKS:
            raise InvalidValue(f"links={links!r} is neither 'principal' nor 'all'", value=links)
        made = _packaged(edition(from_), edition(to), links)
        return made if weights is None else made.split_by(weights)

    def split_by(self, weights: Weights | Mapping[str, float]) -> Concordance:
        """The same rows, split by the trade under the new codes.

        Where there is no trade under any of the codes a code goes to, its shares stay.
        """
        if isinstance(weights, Weights):
            value: dict[str, float] = {}
            for _, lines in weights.values:
                for code, amount in lines:
                    value[code] = value.get(code, 0.0) + amount
            said = f"split by {weights.name}"
        else:
            value = {normal_code(c): float(v) for c, v in weights.items()}
            said = "split by the weights given"
        totals = _prefix_sums(value)
        rows: list[Row] = []
        for source, targets in self._index.items():
            held = math.fsum(totals.get(t, 0.0) for t, _ in targets)
            rows += [(source, t, totals.get(t, 0.0) / held if held else s) for t, s in targets]
        old = self.source or Source(citation=f"{self.from_} to {self.to}")
        note = "; ".join(n for n in (old.note, said) if n)
        return evolve(self, rows=rows, source=evolve(old, note=note))

    # -- asking -----------------------------------------------------------------------

    def targets(self, code: object) -> dict[str, float]:
        """The codes the goods of *code* go to, with their shares.

        Raises:
            UnknownName: if no row places the code.
        """
        digits = normal_code(code)
        found, why = self._place(digits)
        if why:
            raise UnknownName(f"{dotted(digits)} is not placed: {why}", name=digits, near=())
        return dict(found)

    def _place(self, code: str) -> tuple[Shares, str]:
        """Targets with shares; or the code itself and why it cannot be placed."""
        found = self._index.get(code)
        if found is not None:
            return found, ""
        for cut in range(len(code) - 2, 0, -2):
            found = self._index.get(code[:cut])
            if found is not None:
                # Unchanged above, so the national digits still mean what they meant.
                return (((code, 1.0),) if found == ((code[:cut], 1.0),) else found), ""
        at = bisect_left(self._sorted, code)
        under = []
        while at < len(self._sorted) and self._sorted[at].startswith(code):
            under.append(self._sorted[at])
            at += 1
        if not under:
            return ((code, 1.0),), f"no code of {self.from_}"
        if all(t.startswith(code) for u in under for t, _ in self._index[u]):
            return ((code, 1.0),), ""
        return ((code, 1.0),), (
            f"goods under it go to other {'chapters' if len(code) == 2 else 'headings'}; give "
            "them by subheading"
        )

    # -- converting -------------------------------------------------------------------

    def convert(self, values: Given, *, value: str | Sequence[str] = "value",
                product: str = "product", importers: Iterable[str] | None = None) -> Given:
        """The same values under codes of the new edition; their sum stays.

        Codes no row places keep their old code (:meth:`report` names them).

        Args:
            values: :class:`Weights`, a mapping of code to value, or a DataFrame.
            value: For a frame: the columns that hold amounts. All others are kept and told
                apart. A rate is no amount and cannot be split.
            product: For a frame: the column of codes, as text.
            importers: For weights: convert these importers' codes only.

        Raises:
            NomenclatureMismatch: if the weights (or a frame's ``attrs["nomenclature"]``) say
                their codes are of another edition.
            InvalidValue: for codes that are not codes, or values that are not numbers.
        """
        if isinstance(values, Weights):
            return cast(Given, self._weights(values, importers)[0])
        if isinstance(values, Mapping):
            return cast(Given, self._mapping(values, Tally()))
        return cast(Given, self._frame(values, value, product)[0])

    def report(self, values: Any, *, value: str = "value", product: str = "product",
               importers: Iterable[str] | None = None) -> ConversionReport:
        """What :meth:`convert` would do with each value: placed, split, merged, unplaced."""
        if isinstance(values, Weights):
            return self._weights(values, importers)[1]
        if isinstance(values, Mapping):
            tally = Tally()
            self._mapping(values, tally)
            return tally.report(self.from_, self.to)
        return self._frame(values, value, product)[1]

    def _placings(self, given: Iterable[Any]) -> dict[Any, tuple[str, Shares, str]]:
        """Each code as given → its digits, where it goes, why it goes nowhere."""
        out: dict[Any, tuple[str, Shares, str]] = {}
        faults = []
        for one in dict.fromkeys(given):
            try:
                code = normal_code(one)
            except InvalidValue as error:
                faults.append(error.message)
            else:
                out[one] = (code, *self._place(code))
        if faults:
            more = f"; and {len(faults) - _MOST} more" if len(faults) > _MOST else ""
            raise InvalidValue("; ".join(faults[:_MOST]) + more, faults=tuple(faults))
        return out

    def _mapping(self, values: Mapping[Any, float], tally: Tally) -> dict[str, float]:
        _all_numbers(values.items())
        placed = self._placings(values)
        parts: dict[str, list[float]] = {}
        for given, amount in values.items():
            tally.note(*placed[given], amount)
            for target, share in placed[given][1]:
                parts.setdefault(target, []).append(amount * share)
        return {c: math.fsum(v) for c, v in sorted(parts.items())}

    def _weights(self, given: Weights, importers: Iterable[str] | None
                 ) -> tuple[Weights, ConversionReport]:
        editions = dict(given.nomenclature)
        only = None if importers is None else {country(i) for i in importers}
        chosen = {i for (i, _), _ in given.values if only is None or i in only}
        wrong = sorted(i for i in chosen if editions.get(i) not in (None, "", self.from_))
        if wrong:
            said = ", ".join(f"{editions[i]} for {i}" for i in wrong)
            way = "name the importers to convert with importers="
            if any(base_edition(editions[i]) == self.from_ for i in wrong):
                way = "take them to six digits first: weights.at('HS6')"
            raise NomenclatureMismatch(
                f"the weights {given.name!r} have codes of {said}; this concordance reads "
                f"{self.from_}. {way[0].upper()}{way[1:]}",
                weights={i: editions[i] for i in wrong}, schedule=self.from_,
            )
        tally = Tally()
        values = {
            pair: self._mapping(dict(lines), tally) if pair[0] in chosen else dict(lines)
            for pair, lines in given.values
        }
        report = tally.report(self.from_, self.to)
        old = given.source or Source(citation=given.name)
        note = "; ".join(n for n in (
            old.note, f"converted from {self.from_} to {self.to}, {report.placed_share:.2%} placed"
        ) if n)
        trust = "low" if old.confidence == "low" else "medium"
        made = evolve(
            given, values=values, source=evolve(old, note=note, confidence=trust),
            nomenclature=editions | dict.fromkeys(chosen, self.to),
        )
        return made, report

    def _frame(self, frame: Any, value: str | Sequence[str], product: str
               ) -> tuple[Any, ConversionReport]:
        amounts = [value] if isinstance(value, str) else list(value)
        absent = [c for c in (product, *amounts) if c not in frame]
        if absent:
            raise InvalidValue(
                f"the frame has no column {' or '.join(map(repr, absent))} (it has: "
                f"{', '.join(map(repr, frame.columns))}); name the column of codes with "
                "product= and those of amounts with value=",
                columns=tuple(absent),
            )
        said = frame.attrs.get("nomenclature")  # as Weights.to_frame and convert write it
        wrong = sorted({e for e in (said.values() if isinstance(said, Mapping) else [said])
                        if e and edition(e) != self.from_})
        if wrong:
            raise NomenclatureMismatch(
                f"the frame says its codes are of {' and '.join(wrong)}; this concordance reads "
                f"{self.from_}. If that is what they are, set frame.attrs['nomenclature']",
                weights=wrong, schedule=self.from_,
            )
        given = list(frame[product])
        for name in amounts:
            _all_numbers(zip(given, frame[name], strict=True))
        placed = self._placings(given)
        at = [n for n, g in enumerate(given) for _ in placed[g][1]]
        out = frame.iloc[at].reset_index(drop=True)
        out[product] = [t for g in given for t, _ in placed[g][1]]
        shares = [s for g in given for _, s in placed[g][1]]
        for name in amounts:
            out[name] = out[name].astype(float) * shares
        keys = [c for c in frame.columns if c not in amounts]
        grouped = out.groupby(keys, sort=False, dropna=False, as_index=False, observed=True)
        out = grouped[amounts].sum()[list(frame.columns)]
        out.attrs = {**frame.attrs, "nomenclature": self.to}
        tally = Tally()
        for one, amount in zip(given, frame[amounts[0]], strict=True):
            tally.note(*placed[one], float(amount))
        return out, tally.report(self.from_, self.to)

    def __repr__(self) -> str:
        several = sum(len(t) > 1 for t in self._index.values())
        return (
            f"<Concordance {self.from_} to {self.to}: {counted(len(self._index), 'code')}, "
            f"{several:,} of them split>"
        )


def _all_numbers(values: Iterable[tuple[Any, Any]]) -> None:
    wrong = [
        f"{code}: {amount!r}" for code, amount in values
        if isinstance(amount, (str, bool)) or amount is None or not math.isfinite(amount)
    ]
    if wrong:
        more = f"; and {len(wrong) - _MOST} more" if len(wrong) > _MOST else ""
        raise InvalidValue(
            f"{len(wrong)} values are no numbers: {'; '.join(wrong[:_MOST])}{more}. A value not "
            "known cannot be split, and is not 0: leave its rows out, or give it",
            faults=tuple(wrong),
        )


def _prefix_sums(value: Mapping[str, float]) -> dict[str, float]:
    """The value of every code together with all that lies under it."""
    parts: dict[str, list[float]] = {}
    for code, amount in value.items():
        for cut in range(2, len(code) + 1, 2):
            parts.setdefault(code[:cut], []).append(amount)
    return {code: math.fsum(v) for code, v in parts.items()}


@cache
def _packaged(from_: str, to: str, links: str) -> Concordance:
    body = packaged("hs2022-hs2017")
    new, old = body["new"], body["old"]
    if {from_, to} != {new, old}:
        raise UnknownName(
            f"no packaged concordance leads from {from_!r} to {to!r}; packaged is {old!r} to "
            f"{new!r} and back. Give your own rows to Concordance.from_rows",
            name=f"{from_} to {to}", near=(new, old),
        )
    forward = from_ == old
    if links == "all":
        froms = {n: body["every_link"].get(n, n).split() for n in body["new_codes"].split()}
        pairs = [(o, n) if forward else (n, o) for n, olds in froms.items() for o in olds]
    elif forward:
        pairs = [(o, n) for o in body["old_codes"].split()
                 for n in body["gives_to"].get(o, o).split()]
    else:
        pairs = [(n, body["takes_from"].get(n, n)) for n in body["new_codes"].split()]
    rule = "principal links, equal parts" if links == "principal" else "every link, equal parts"
    return Concordance.from_rows(
        pairs, from_=from_, to=to,
        source=Source(citation=body["source"], note=f"{rule}; {body['note']}",
                      confidence="medium"),
    )
