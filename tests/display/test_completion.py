"""Shell completion: scenarios and their ways, countries, ids; and the ids are those of the pack."""

from __future__ import annotations

import pytest
from click.shell_completion import ShellComplete

import tradescen as ts
from tradescen.cli import main
from tradescen.packaged.store import ids
from tradescen.timeline.acts import Impose


def _complete(*words: str) -> list[str]:
    """What is offered for the last word, which may be begun or empty."""
    shell = ShellComplete(main, {}, "tradescen", "_TRADESCEN_COMPLETE")
    return [item.value for item in shell.get_completions(list(words[:-1]), words[-1])]


@pytest.mark.parametrize(("words", "offered"), [
    (("ti",), ["timeline"]),
    (("run", ""), ["us-china", "november-1", "truce-extended"]),
    (("run", "NOV"), ["november-1"]),
    (("run", "us-china", "tr"), ["truce-extended"]),
    (("timeline", "november-1/"), ["november-1/a-lapse", "november-1/b-prolonged",
                                   "november-1/c-threat", "november-1/d-deal",
                                   "november-1/e-collapse"]),
    (("explain", "--scenario", "november-1/c"), ["november-1/c-threat"]),
    (("rates", "--importer", ""), ["USA", "CHN"]),
    (("rates", "--importer", "USA", "--exporter", ""), ["CHN", "HKG", "MAC"]),
    (("rates", "--importer", "CHN", "--exporter", ""), ["USA"]),
    (("rates", "--scenario", "mine.yaml", "--importer", "BR"), ["BRA", "BRB", "BRN"]),
    (("rates", "--without", "us-fent"), ["us-fent-cn"]),
    (("timeline", "november-1", "--without", "kuala"), ["kuala-lumpur"]),
    (("rates", "--scenario", "mine.yaml", "--without", ""), []),
    (("rates", "--format", "p"), ["parquet"]),
])
def test_what_is_offered(words: tuple[str, ...], offered: list[str]) -> None:
    """Each word is completed to what may stand there."""
    assert sorted(_complete(*words)) == sorted(offered)


def test_other_names_are_left_to_the_shell() -> None:
    """What is no pack may be a file, and files are the shell's to complete."""
    shell = ShellComplete(main, {}, "tradescen", "_TRADESCEN_COMPLETE")
    assert [(i.type, i.value) for i in shell.get_completions(["run"], "scen/")] == [
        ("file", "scen/")]


def test_ids_offered_are_those_of_the_record(record: ts.Scenario) -> None:
    """Every measure, act, truce and milestone of the pack is offered, and nothing else."""
    known = set(record.fold().measures) | {c.id for c in record.changes}
    known |= {a.id for a in record.plain()} | {m.id for m in record.milestones}
    known |= {a.measure.id for a in record.plain() if isinstance(a, Impose)}
    offered = set(ids("us-china"))
    assert offered <= known
    made = {n for n in known - offered if "/" in n}  # parts a truce expands to bear its name
    assert known - offered == made
