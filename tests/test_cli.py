"""The command line: tables on stdout, messages on stderr, exit codes that mean something."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

import tradescen as ts
from tradescen.cli import main


def _run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def test_november_1_prints_a_table_per_direction_and_the_acts() -> None:
    """The what-if prints both directions, all five futures, and where snapback bites."""
    done = _run("run", "november-1")
    assert done.exit_code == 0
    for words in ("CHN on goods of USA", "USA on goods of CHN", "a-lapse", "b-prolonged",
                  "c-threat", "d-deal", "e-collapse", "SNAPBACK", "us-ieepa-recip-24-susp1",
                  "THREAT"):
        assert words in done.stdout
    assert "imposes us-threat-2025-11-100: nothing → 100%" in done.stdout  # in c-threat
    assert "Known gap" not in done.stderr  # told from an evening that does not know it
    assert "Known gap" in _run("run", "truce-extended").stderr


def test_out_writes_the_full_tables(tmp_path: Path) -> None:
    """With --out the tables are files, and the averages in them are those printed."""
    done = _run("run", "truce-extended", "--out", str(tmp_path))
    assert done.exit_code == 0
    names = {"bilateral", "rates", "contributions", "status", "timeline"}
    assert {p.stem for p in tmp_path.glob("*.csv")} == names
    frame = pd.read_csv(tmp_path / "bilateral.csv", dtype={"path": str})
    cn = frame[(frame["importer"] == "CHN") & (frame["scenario"] == "us-china")]
    jump = cn[cn["start"] == "2026-11-10"]["rate"].iloc[0] - cn["rate"].iloc[0]
    assert jump == pytest.approx(0.24, abs=1e-9)


def test_explain_names_measures_acts_and_sources() -> None:
    """The explanation of a rate names each measure, its act and its source."""
    words = ("--importer", "USA", "--exporter", "CHN", "--product", "9018.12.00",
             "--on", "2025-11-12")
    done = _run("explain", *words)
    assert done.exit_code == 0
    for said in ("us-301-list1", "us-fent-cn", "us-recip-cn", "suspended from 34%",
                 "us-ieepa-recip-24-susp1", "source:", "enacted"):
        assert said in done.stdout
    plain = json.loads(_run("explain", *words, "--json").stdout)
    assert plain["schema"] == "tradescen/explanation/1"
    assert plain["additional_rate"] == pytest.approx(0.45)
    assert sum(s["contribution"] for s in plain["steps"]) == pytest.approx(plain["rate"])


def test_rates_lists_the_lines_under_a_code() -> None:
    """Each tariff line under a code has its row."""
    done = _run("rates", "--importer", "CHN", "--exporter", "USA", "--product", "1201",
                "--on", "2025-11-12")
    assert done.exit_code == 0
    assert "1201.90" in done.stdout
    assert "37.50%" in done.stdout  # additional: 25 + 2.5 + 10


@pytest.mark.parametrize(("words", "said"), [
    (("run", "november-2"), "november-1"),
    (("run", "us-china", "--start", "2025-02-01", "--end", "2025-01-01"), "2025-01-01"),
    (("explain", "--importer", "USA", "--exporter", "CHX", "--product", "8517.13",
      "--on", "2025-11-12"), "CHN"),
    (("rates", "--importer", "USA", "--exporter", "CHN", "--product", "851", "--on",
      "2025-11-12"), "digits"),
    (("timeline", "november-1/f"), "a-lapse"),
])
def test_bad_input_exits_2_with_the_way_out(words: tuple[str, ...], said: str) -> None:
    """Bad input ends with exit code 2 and one message on stderr that names the way out."""
    done = _run(*words)
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stdout == ""


def test_packs_and_check_speak_of_the_gaps() -> None:
    """``packs`` prints the known gaps, the promised truce extension first; ``check`` passes."""
    packs = _run("packs")
    assert packs.exit_code == 0
    gaps = packs.stdout[packs.stdout.index("known gaps:"):].splitlines()
    assert "2027-01-10" in gaps[1]
    check = _run("check")
    assert check.exit_code == 0
    assert "assumption" in check.stdout


def test_timeline_shows_the_story_in_order() -> None:
    """The calendar of a window lists acts and milestones with their actors in order."""
    done = _run("timeline", "--start", "2025-05-01", "--end", "2025-06-01")
    assert done.exit_code == 0
    assert "us-ieepa-recip-24-susp1" in done.stdout
    days = [line[:10] for line in done.stdout.splitlines()[2:] if not line.startswith(" ")]
    assert days == sorted(days)
    assert min(days) >= "2025-05-01"


CELL = ("--importer", "USA", "--exporter", "CHN", "--product", "9018.12.00", "--on", "2025-11-12")


def _read(form: str, text: str) -> pd.DataFrame:
    return pd.read_csv(StringIO(text)) if form == "csv" else pd.DataFrame(json.loads(text))


@pytest.mark.parametrize("form", ["csv", "json"])
@pytest.mark.parametrize(("words", "frame"), [
    (("rates", *CELL), lambda r: r.run(start="2025-11-12", end="2025-11-13", importers=["USA"],
                                       exporters=["CHN"], products=["9018.12.00"]).rates(
                                           on="2025-11-12")),
    (("timeline", "--start", "2025-05-01", "--end", "2025-06-01"),
     lambda r: r.timeline(start="2025-05-01", end="2025-06-01")),
    (("measures", "--on", "2025-11-12"), lambda r: r.measures(on="2025-11-12")),
    (("check",), lambda r: r.check()),
    (("packs",), lambda r: ts.packs()),
])
def test_forms_for_programs_hold_the_frame(form: str, words: tuple[str, ...],
                                           frame: Callable[[ts.Scenario], pd.DataFrame]) -> None:
    """CSV and JSON hold the rows of the frame behind the table, rates with every digit."""
    done = _run(*words, "--format", form)
    assert done.exit_code == 0
    got, wanted = _read(form, done.stdout), frame(ts.load("us-china"))
    assert len(got) == len(wanted)
    for name in got.columns:
        if wanted[name].dtype.kind == "f":
            assert got[name].tolist() == pytest.approx(wanted[name].tolist(), abs=1e-15)
        elif wanted[name].dtype.kind == "M":
            days = [None if pd.isna(d) else f"{d:%Y-%m-%d}" for d in wanted[name]]
            assert [None if pd.isna(d) else d for d in got[name]] == days


def test_parquet_holds_the_frame_or_says_what_it_needs(tmp_path: Path) -> None:
    """Parquet reads back as the frame; without pyarrow the message names the extra."""
    done = _run("run", "truce-extended", "--format", "parquet", "--out", str(tmp_path))
    if importlib.util.find_spec("pyarrow") is None:
        assert done.exit_code == 2
        assert "tradescen[arrow]" in done.stderr
        return
    assert done.exit_code == 0
    kept = pd.read_parquet(tmp_path / "bilateral.parquet")
    rates = _read("csv", _run("run", "truce-extended", "--format", "csv").stdout)["rate"]
    assert kept["rate"].tolist() == pytest.approx(rates.tolist())


def test_explain_as_rows_sums_to_its_rate() -> None:
    """The parts of an explanation as CSV sum to the rate JSON gives."""
    rows = _read("csv", _run("explain", *CELL, "--format", "csv").stdout)
    whole = json.loads(_run("explain", *CELL, "--format", "json").stdout)
    assert rows["contribution"].sum() == pytest.approx(whole["rate"])
    assert list(rows["measure"])[: len(whole["steps"])] == [s["measure"] for s in whole["steps"]]


def test_run_prints_its_averages_for_programs() -> None:
    """``run --format csv`` prints the averages by direction and nothing else."""
    done = _run("run", "truce-extended", "--format", "csv")
    assert done.exit_code == 0
    frame = _read("csv", done.stdout)
    assert {"scenario", "importer", "rate", "known_share"} <= set(frame.columns)


def test_without_takes_a_measure_out() -> None:
    """``--without`` gives the rate that would be charged without a measure."""
    whole = _read("csv", _run("rates", *CELL, "--format", "csv").stdout)["rate"].iloc[0]
    less = _read("csv", _run("rates", *CELL, "--without", "us-fent-cn", "--format",
                             "csv").stdout)["rate"].iloc[0]
    assert whole - less == pytest.approx(0.10)


@pytest.mark.parametrize(("words", "near"), [
    (("rn",), "'run'"),
    (("timelin",), "'timeline'"),
    (("run", "novembr-1"), "'november-1'"),
    (("timeline", "--without", "us-fent-chn"), "'us-fent-cn'"),
    (("rates", "--importr", "USA"), "--importer"),
    (("packs", "--format", "xml"), "parquet"),
])
def test_near_names_are_offered(words: tuple[str, ...], near: str) -> None:
    """A name nobody knows is answered with the nearest on stderr, and exit code 2."""
    done = _run(*words)
    assert done.exit_code == 2
    assert near in done.stderr
    assert done.stdout == ""


def test_a_folder_that_cannot_be_written_is_bad_input(tmp_path: Path) -> None:
    """Where files cannot be written the message says which, and the exit code is 2."""
    taken = tmp_path / "taken"
    taken.write_text("a file, not a folder")
    done = _run("run", "truce-extended", "--format", "csv", "--out", str(taken / "below"))
    assert done.exit_code == 2
    assert "taken" in done.stderr


def test_check_ends_with_1_where_a_record_holds_an_error(tmp_path: Path) -> None:
    """A law that holds together but names no source is an error of ``check``: exit code 1."""
    path = tmp_path / "bare.yaml"
    path.write_text(
        "schema: tradescen/1\nname: bare\nschedule:\n  plan: [mfn]\n  measures:\n"
        "    - {id: mfn, authority: MFN, group: mfn, importer: USA, duty: 5%}\n")
    done = _run("check", str(path))
    assert done.exit_code == 1
    assert "names no source" in done.stdout
    assert done.stderr == f"{path}: 1 error\n"
    path.write_text(path.read_text().replace("duty: 5%", "duty: 5%, source: notes"))
    assert _run("check", str(path)).exit_code == 0


def test_check_of_a_file_speaks_of_the_file_and_counts_what_the_record_has(
        tmp_path: Path) -> None:
    """What the packaged record has itself is counted and not repeated; CSV holds every row."""
    path = tmp_path / "mine.yaml"
    path.write_text(
        "schema: tradescen/1\nname: mine\nextends: us-china\nas_known: 2026-01-15\nchanges:\n"
        "  - amend: {id: fent-up, target: us-fent-cn, duty: +10pp, enacted: 2026-01-20, "
        "effective: 2026-02-01}\n")
    own, rest = _run("check", str(path)).stdout.splitlines()
    assert own == "warning source fent-up: the act fent-up names no source"
    rows = pd.read_csv(StringIO(_run("check", str(path), "--format", "csv").stdout))
    assert rest == f"{len(rows) - 1} more are those of us-china itself: `tradescen check us-china`"
    assert len(_run("check").stdout.splitlines()) > len(rows) // 2  # the record says it all


def test_goods_are_found_by_words() -> None:
    """All words count, as beginnings of words of a text, and codes are as schedules print them;
    where nothing is found, or a word stands where a code belongs, the way out is named."""
    done = _run("goods", "lithium", "accumul", "--format", "csv")
    found = pd.read_csv(StringIO(done.stdout), dtype=str)
    assert list(found.columns) == ["product", "text"]
    assert found["product"].tolist() == ["8507.60", "8507.80"]
    assert "lithium-ion" in _run("goods", "Lithium").stdout
    nothing = _run("goods", "lithium", "zebra")
    assert nothing.exit_code == 2
    assert "beginnings of words" in nothing.stderr
    said = _run("rates", "--importer", "USA", "--exporter", "CHN", "--product", "lithium",
                "--on", "2025-11-12")
    assert said.exit_code == 2
    assert "tradescen goods" in said.stderr


def test_the_calendar_says_who_breaks_a_truce_and_what_is_to_come(tmp_path: Path) -> None:
    """A truce's end names its parties; acts after the evening told from are not yet announced."""
    path = tmp_path / "mine.yaml"
    path.write_text(ts.dump(ts.load("us-china").as_known("2026-01-15").collapse(
        "geneva", on="2026-04-01", name="mine")))
    done = _run("timeline", str(path), "--start", "2026-04-01", "--end", "2026-04-02")
    row = next(x for x in done.stdout.splitlines() if "moves geneva" in x)
    assert "USA, CHN" in row
    assert row.endswith("not yet announced")


def test_one_way_of_a_what_if_or_file_runs_beside_the_record(tmp_path: Path) -> None:
    """``run NAME/WAY`` shows that way alone, over the window of its what-if or file."""
    done = _run("run", "november-1/d-deal", "us-china", "--format", "csv")
    frame = pd.read_csv(StringIO(done.stdout))
    assert set(frame["scenario"]) == {"d-deal", "us-china"}
    assert frame["start"].min() == "2025-10-01"
    path = tmp_path / "mine.yaml"
    path.write_text(
        "schema: tradescen/1\nname: mine\nextends: us-china\nas_known: 2026-01-15\nchanges:\n"
        "  - fork: {name: spring, branches: {calm: {}, broken: {changes: ["
        "{collapse: {id: geneva, on: 2026-04-01}}]}}}\nrun: {start: 2026-03-01, end: 2026-05-01}\n")
    one = pd.read_csv(StringIO(_run("run", f"{path}/broken", "--format", "csv").stdout))
    assert set(one["scenario"]) == {"broken"}
    assert (one["start"].min(), one["end"].max()) == ("2026-03-01", "2026-05-01")
    wrong = _run("run", "november-1/d-dael")
    assert wrong.exit_code == 2
    assert "d-deal" in wrong.stderr


def test_packs_say_in_a_line_what_a_what_if_asks() -> None:
    """Each packaged what-if is listed with what it asks."""
    listed = ts.packs()
    said = " ".join(_run("packs").stdout.split())
    for row in listed[listed["kind"] == "what-if"].itertuples():
        assert f"{row.name}: {row.what}" in said
