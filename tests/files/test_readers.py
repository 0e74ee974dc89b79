"""What all readers have in common: the registry, codes, lines, reports."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradescen.errors import InvalidValue, UnknownName
from tradescen.files import readers as room
from tradescen.files.readers.base import Faults
from tradescen.files.readers.codes import Territories
from tradescen.files.readers.table import Codes, amount, read_table
from tradescen.vocab.hs import dotted

ROOT = Path(__file__).resolve().parents[2]
CODES = st.sampled_from((2, 4, 6, 8, 10)).flatmap(
    lambda n: st.text("0123456789", min_size=n, max_size=n)
)


def test_entry_points_are_the_readers_here() -> None:
    """pyproject.toml registers the readers under the group other packages use."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"][room.GROUP] == room.BUILT_IN
    assert list(room.readers()) == list(room.BUILT_IN)
    for name, reader in room.readers().items():
        assert reader.name == name
        assert reader.title
        assert reader.kind in ("trade", "tariff", "schedule")


def test_a_reader_of_another_package_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader registered elsewhere stands before ours; something else is refused."""
    from importlib import metadata

    mine = room.Reader(name="mine", kind="trade", title="my files", read=lambda p: None,  # type: ignore[arg-type, return-value]
                       sniff=lambda head: True)

    class Entry:
        name, value = "mine", "elsewhere:MINE"

        def __init__(self, loaded: object) -> None:
            self.loaded = loaded

        def load(self) -> object:
            return self.loaded

    room.readers.cache_clear()
    monkeypatch.setattr(metadata, "entry_points", lambda group: [Entry(mine)])
    assert next(iter(room.readers())) == "mine"
    room.readers.cache_clear()
    monkeypatch.setattr(metadata, "entry_points", lambda group: [Entry("no reader")])
    with pytest.raises(InvalidValue, match="it is no Reader"):
        room.readers()
    room.readers.cache_clear()


def test_unknown_reader_names_near_ones() -> None:
    """A reader asked for by a wrong name is an error with near names."""
    with pytest.raises(UnknownName, match="comtrade"):
        room.named("comtrad")


@given(CODES)
def test_codes_survive_plain_and_dotted(code: str) -> None:
    """Every code comes through as its digits, dotted or not."""
    faults = Faults("f.csv")
    codes = Codes(faults)
    assert codes(code, 1) == code
    assert codes(dotted(code), 2) == code
    faults.check("")


@pytest.mark.parametrize("text", ["10121", "101", "8517.1", "101.21", "10121.0", "851.71", "x",
                                  "1e5", "01-21", "٠١"])
def test_codes_that_lost_something_are_refused(text: str) -> None:
    """Lost zeros at either end, numbers and other text are faults with their line."""
    faults = Faults("f.csv")
    assert Codes(faults)(text, 7) is None
    with pytest.raises(InvalidValue, match=r"f\.csv:7: "):
        faults.check("why")


def test_stated_digits_put_the_zero_back() -> None:
    """Who says how many digits the codes have gets the lost zero back, and it is counted."""
    codes = Codes(Faults("f.csv"), digits=6)
    assert codes("10121", 1) == "010121"
    assert codes("851713", 2) == "851713"
    assert codes.restored == 1
    with pytest.raises(InvalidValue, match="2, 4, 6, 8 or 10"):
        Codes(Faults("f.csv"), digits=7)


@pytest.mark.parametrize(("text", "number"), [
    ("1,716,414", 1716414.0), ("$5", 5.0), ("", None), ("(D)", None), ("-3.5", -3.5), ("..", None),
    ("1.5e3", 1500.0), ("12,34", None), ("0", 0.0),
])
def test_amounts_as_printed(text: str, number: float | None) -> None:
    """Thousands commas are read; what is no number is none, and never 0."""
    assert amount(text) == number


def test_tables_find_header_encoding_and_lines(tmp_path: Path) -> None:
    """A preamble, Latin-1 and cells of several lines do not shift the line numbers."""
    path = tmp_path / "t.csv"
    path.write_bytes('title\n\ncode;name\n0101;"Pferde\nund Esel"\n0102;Rinder für Zucht\n'
                     .encode("latin-1"))
    table = read_table(path, lambda cells: "code" in cells)
    assert table.encoding == "latin-1"
    assert [(line, cells[0]) for line, cells in table.rows] == [(4, "0101"), (6, "0102")]


def test_countries_are_looked_up_never_guessed() -> None:
    """UN numbers, Census codes and names give ISO codes; aggregates give a reason."""
    un, census, iso = Territories("un"), Territories("census"), Territories("iso")
    assert un("842") == ("USA", "")
    assert un("156")[0] == "CHN"
    assert un("490")[0] == "TWN"
    assert "world" in un("0")[1]
    assert "Belgium-Luxembourg" in un("58")[1]
    assert census("4419") == ("CHE", "")
    assert census("0003")[0] == "EU"
    assert census("Korea, South")[0] == "KOR"
    assert "group of partners" in census("1XXX")[1]
    assert census("Atlantis")[0] is None
    assert iso("NA") == ("NAM", "")
    assert "NA" in iso("")[1]


def test_baci_country_list_is_covered(shared: Path) -> None:
    """Every country of BACI's own list is known, or has a reason why it has no code."""
    table = read_table(shared / "samples" / "baci_country_codes_V202501.csv")
    un = Territories("un")
    unlike = {}
    for _, (number, _name, _iso2, iso3, *_) in table.rows:
        found, why = un(number)
        assert found or "no country number" not in why
        if found and found != iso3:
            unlike[number] = (found, iso3)
    assert unlike == {"490": ("TWN", "S19")}
