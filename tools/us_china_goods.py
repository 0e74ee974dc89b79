"""The goods of each measure of the US-China record: lists put together into sets of goods."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tools.cn_lists import CnLists, cn_lists
from tools.codelist import CodeList
from tools.tables import MetalShares, UsMfn, hs2022_lines, metal_shares, us_mfn
from tools.us_lists import us_lists
from tradescen.vocab.duty import AdValorem, Duty
from tradescen.vocab.hs import ByProduct, ProductSet

# A share of a line nobody measured. One number for all of them, so that it is easy to see and
# to replace; where a quarter would be absurd the table of shares says another and why.
GUESS = 0.25

# Chapters whose articles bear the metals duty on full value; the rest on metal content.
_OWN_CHAPTERS = {"steel": ("72", "73"), "aluminium": ("76",), "copper": ("74",)}
_METALS = ("steel", "aluminium", "copper")
_BATCHES = {  # metal -> batches of derivatives
    "steel": ("2020", "2025-03", "2025-06", "2025-08"),
    "aluminium": ("2020", "2025-03", "2025-04", "2025-08"),
}
# Stampings in words: bumpers and body parts of motor vehicles, of one metal or the other.
STAMPINGS = ("87081030", "87082921")

# Headings of the two lists of vehicle parts that hold goods of many uses, so that the duty
# falls on an unknown part of them. What else the lists name is a part of vehicles by its own
# terms, or a ten-digit number made for them.
_MANY_USES = (
    *("842549", "842691", "843110", "8471", "8482", "848310", "8501", "850760", "850790"),
    *("853710", "853720", "871690", "9015", "902910"),
)
# Soybeans other than seed: the list names yellow ones, which are all but nothing else.
_NEARLY_WHOLE = ("120190",)


@dataclass(frozen=True)
class Goods:
    """All product lists and tables the record is made of."""

    us: dict[str, CodeList]
    cn: CnLists
    mfn: UsMfn
    metals: MetalShares
    hs6: tuple[str, ...]

    def codes(self, *names: str) -> set[str]:
        """The codes of several US lists."""
        return {code for name in names for code in self.us[name].codes}

    def of(self, *names: str) -> ProductSet:
        """The goods of several US lists."""
        return ProductSet.of(*self.codes(*names))

    def all_but(self, *names: str) -> ProductSet:
        """All goods but those of several US lists."""
        return ProductSet.all() - self.of(*names)

    def without(self, kept: Iterable[str], off: Iterable[str]) -> ProductSet:
        """All goods but *kept*, where *off* names codes no longer among *kept*."""
        return ProductSet.all() - (ProductSet.of(*kept) - ProductSet.of(*off))

    def electronics(self) -> set[str]:
        """The goods of the memorandum of 11 April 2025, by the headings it names.

        They were transcribed by statistical number; the last exempt list prints the headings.
        """
        printed = self.codes("recip-annex2-2025-11")
        return {
            next((c[:n] for n in (4, 6, 8) if c[:n] in printed), c)
            for c in self.codes("recip-electronics-2025-04-11")
        }

    def note(self, *names: str) -> str:
        """Where US lists were read and what they are not."""
        return "; ".join(
            f"{name}: {self.us[name].origin}. {self.us[name].note}".strip() for name in names
        )

    # -- Section 232 metals -----------------------------------------------------------

    def metal(self, metal: str, until: str, *, own: bool) -> ProductSet:
        """Goods under a metal's duty with the batch *until*: its *own* chapters, or the rest."""
        names = [f"us-232-{metal}-2018"]
        for batch in _BATCHES[metal]:
            if batch <= until:
                names.append(f"us-232-{metal}-deriv-{batch}")
        return ProductSet.of(*self._chapters(self.codes(*names), metal, own=own))

    def copper(self, *, own: bool) -> ProductSet:
        """Copper and its derivatives: chapter 74, or the rest."""
        return ProductSet.of(*self._chapters(self.codes("us-232-copper"), "copper", own=own))

    def _chapters(self, codes: Iterable[str], metal: str, *, own: bool) -> list[str]:
        return [c for c in codes if c.startswith(_OWN_CHAPTERS[metal]) is own]

    def content(self, metal: str) -> ByProduct[float]:
        """The estimated share of a metal in the value of each line."""
        at = _METALS.index(metal)
        return ByProduct({code: shares[at] for code, shares in self.metals.shares.items()})

    # -- vehicle parts ----------------------------------------------------------------

    def parts(self, name: str, *, shared: bool) -> ProductSet:
        """Vehicle parts: goods of many uses (*shared*), or parts by their own terms."""
        return ProductSet.of(
            *(c for c in self.codes(name) if c.startswith(_MANY_USES) is shared)
        )

    # -- China ------------------------------------------------------------------------

    def spell(self, spell: str) -> tuple[ProductSet, Duty | ByProduct[Duty]]:
        """Goods and duty of one spell of China's duties of 2018-20."""
        one = self.cn.spells[spell]
        goods = ProductSet.of(*one.rates)
        if set(one.rates.values()) == {one.list_rate}:
            return goods, AdValorem(one.list_rate)
        return goods, ByProduct({c: AdValorem(r) for c, r in one.rates.items()})

    def retaliated(self) -> ProductSet:
        """All goods of the lists against Section 301, which waivers can lift."""
        return ProductSet.of(
            *(c for s in self.cn.spells.values() if s.family.startswith("cn-301") for c in s.rates)
        )

    def layer(self, spell: str) -> ProductSet:
        """The subheadings of one list of early 2025."""
        return ProductSet.of(*self.cn.layers[spell].codes)

    def in_part(self, spell: str) -> dict[str, float]:
        """Subheadings of which such a list holds some lines only, with a guessed share."""
        partial = self.cn.partial[spell].items()
        return {
            code: GUESS
            for code, text in partial
            if text.startswith("in part") and code not in _NEARLY_WHOLE
        }

    def split_codes(self) -> set[str]:
        """Ten-digit numbers some list names: their lines are kept by number in the weights."""
        return {c for one in self.us.values() for c in one.codes if len(c) == 10}

    def dead(self) -> dict[str, int]:
        """List → number of its codes under which the edition of the record has no line."""
        starts = {code[:n] for code in self.mfn.text for n in (2, 4, 6, 8)}
        found = {
            name: sum(c[:8] not in starts for c in one.codes) for name, one in self.us.items()
        }
        return {name: n for name, n in sorted(found.items()) if n}


def read_goods(shared: Path) -> Goods:
    """Read every list and table from the folder of shared inputs."""
    return Goods(
        us=us_lists(shared),
        cn=cn_lists(shared),
        mfn=us_mfn(shared),
        metals=metal_shares(shared),
        hs6=hs2022_lines(shared),
    )
