"""Scenario files: what is written is what is meant, all faults at once, and back again."""

from __future__ import annotations

import datetime as dt
import json
import pickle
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from attrs import evolve
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import tradescen as ts
from tradescen import testing
from tradescen.cli import main
from tradescen.files.grammar import VERBS
from tradescen.files.layout import FORM
from tradescen.files.nodes import MOST_BYTES, Faults, Items, Node, Table
from tradescen.files.schema import schema
from tradescen.files.window import Window
from tradescen.files.yaml_text import read_json, read_yaml

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
DOCS = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "scenario-files.md").read_text("utf-8"),
                  re.DOTALL)
HEAD = """\
schema: tradescen/1
name: small
schedule:
  plan: [mfn, ex]
  measures:
    - {id: mfn, authority: M, group: mfn, importer: US, source: s, duty: {0101.21: 2%, default: 5%}}
changes:
  - impose: {id: x, authority: A, group: ex, importer: USA, exporters: NO, duty: 25%,
             enacted: 2025-01-02, effective: 2025-02-01, source: made}
"""


def _load(more: str = "") -> ts.Scenario:
    return ts.load(HEAD + more)


def _change(text: str) -> Any:
    """The change a text adds."""
    (found,) = [c for c in _load(f"  - {text}\n").changes if c.id != "x"]
    return found


def _faults(text: str) -> list[tuple[int, int, str, str]]:
    with pytest.raises(ts.ScenarioFileError) as met:
        ts.load(text)
    assert [str(f) for f in met.value.faults] == str(met.value).splitlines()[
        len(met.value.faults) > 1:]
    return [(f.line, f.col, f.path, f.message) for f in met.value.faults]


# -- what is written is what is meant ----------------------------------------------------

CLOCKS: dict[str, Any] = {"enacted": "2025-03-01", "effective": "2025-04-01"}
WRITTEN = "enacted: 2025-03-01, effective: 2025-04-01"


@pytest.mark.parametrize(("text", "change"), [
    (f"amend: {{id: a, target: x, duty: +10pp, {WRITTEN}}}",
     ts.Amend(id="a", target="x", duty="+10pp", **CLOCKS)),
    (f"amend: {{id: a, target: [x], coverage: 50%, only: {{products: 0101}}, {WRITTEN}}}",
     ts.Amend(id="a", target=("x",), coverage=0.5, only={"products": "0101"}, **CLOCKS)),
    (f"amend: {{id: a, target: {{authority: A}}, duty: {{0101: 3%, default: 0.5}}, {WRITTEN}}}",
     ts.Amend(id="a", target=ts.Select(authority="A"),
              duty=ts.ByProduct({"0101": ts.AdValorem(0.03)}, default=ts.AdValorem(0.5)),
              **CLOCKS)),
    (f"terminate: {{id: t, target: x, {WRITTEN}}}", ts.Terminate(id="t", target="x", **CLOCKS)),
    (f"suspend: {{id: s, target: x, duty: 10%, until: 2025-05-01, then: terminate, {WRITTEN}}}",
     ts.Suspend(id="s", target="x", duty="10%", until="2025-05-01", then="terminate", **CLOCKS)),
    ("suspend: {id: s, target: x, enacted: null, announced: 2025-03-01}",
     ts.Suspend(id="s", target="x", enacted=None, announced="2025-03-01")),
    ("reschedule: {id: r, act: x, effective: 2025-03-01, enacted: 2025-01-03}",
     ts.Reschedule(id="r", act="x", effective="2025-03-01", enacted="2025-01-03")),
    ("milestone: {id: m, date: 2025-03-01, actor: [US, CHN], kind: talks, text: 'yes: no'}",
     ts.Milestone(id="m", date="2025-03-01", actor=("USA", "CHN"), kind="talks",
                  text="yes: no")),
    ("truce: {id: t, parties: [USA, NO], start: 2025-03-01, suspends: x, residual: 10%}",
     ts.Truce(id="t", parties=("USA", "NOR"), start="2025-03-01", suspends=("x",),
              residual="10%")),
    ("truce: {id: t, parties: [USA, NO], start: 2025-03-01, suspends: {x: 10%}, "
     "amends: {mfn: x0.5}}",
     ts.Truce(id="t", parties=("USA", "NOR"), start="2025-03-01", suspends={"x": "10%"},
              amends={"mfn": "x0.5"})),
    ("truce: {id: t, parties: [USA, NO], start: 2025-03-01, suspends: [{authority: A, "
     "until: 2025-04-01}, mfn], amends: [{target: {group: mfn}, duty: 1%}]}",
     ts.Truce(id="t", parties=("USA", "NOR"), start="2025-03-01",
              suspends=(ts.Pause(select=ts.Select(authority="A"), until="2025-04-01"), "mfn"),
              amends={ts.Select(group="mfn"): "1%"})),
    ("step: {id: s, effective: 2025-03-01, target: x, add: 0.5}",
     ts.EscalationStep(id="s", effective="2025-03-01", target="x", add="50pp")),
    ("step: {id: s, effective: 2025-03-01, target: x, times: 4}",
     ts.EscalationStep(id="s", effective="2025-03-01", target="x", times=4)),
    ("escalation: {id: e, steps: [{id: s1, effective: 2025-03-01, target: x, to: 84%}, "
     "{id: s2, effective: 2025-03-02, target: x, to: 125%, threat: true}]}",
     ts.Escalation(id="e", steps=(
         ts.EscalationStep(id="s1", effective="2025-03-01", target="x", to="84%"),
         ts.EscalationStep(id="s2", effective="2025-03-02", target="x", to="125%",
                           threat=True)))),
    ("fork: {name: f, branches: {a: [{withdraw: {id: x, on: 2025-01-05}}], "
     "b: {probability: null}, c: }}",
     ts.Fork(name="f", branches={"a": [ts.Withdraw(id="x", on="2025-01-05")], "b": [],
                                 "c": []})),
    ("fork: {name: f, branches: {a: {probability: 60%}, b: {probability: 0.4}}}",
     ts.Fork(name="f", branches={"a": (0.6, []), "b": (0.4, [])})),
    ("retaliation: {id: r, by: NO, against: US, lag: [3, 1], cap: 350%, select: x}",
     ts.Retaliation(id="r", by="NOR", against="USA", lag=(3, 1), cap="350%",
                    select=ts.Select(ids=("x",)))),
    ("trigger: {id: t, when: {importer: USA, exporter: NO, product: 0101.21, above: 50%}, "
     "then: [{milestone: {id: m, date: 2025-01-01}}]}",
     ts.Trigger(id="t", when={"importer": "USA", "exporter": "NO", "product": "0101.21",
                              "above": "50%"},
                then=(ts.Milestone(id="m", date="2025-01-01"),))),
    ("trigger: {id: t, when: 2025-03-01, then: []}",
     ts.Trigger(id="t", when=dt.date(2025, 3, 1), then=())),
])
def test_a_change_is_its_verb_and_its_fields(text: str, change: Any) -> None:
    """Each kind of change reads as its class, in YAML."""
    assert _change(text) == change


def test_impose_takes_the_fields_of_its_measure() -> None:
    """A measure's and its scope's fields stand among the act's, or under their own name."""
    (flat,) = _load().changes
    measure = ts.Measure(id="x", authority="A", group="ex", duty="25%",
                         scope=ts.Scope(importer="USA", exporters="NOR"), source="made")
    assert flat == ts.Impose(measure=measure, enacted="2025-01-02", effective="2025-02-01",
                             source="made")
    nested = _change(
        "impose: {id: i, source: act, enacted: 2025-01-02, effective: 2025-02-01, measure: "
        "{id: y, authority: A, group: ex, scope: {importer: USA}, duty: 46.3¢/kg + 14.9%}}")
    assert (nested.id, nested.measure.id, nested.measure.source) == ("i", "y", None)
    assert nested.measure.duty == ts.duty("46.3¢/kg + 14.9%")


@pytest.mark.parametrize(("text", "verb", "do"), [
    ("enact: t", "enact", lambda s: s.enact("t")),
    ("enact: {id: t, on: 2025-03-05}", "enact", lambda s: s.enact("t", on="2025-03-05")),
    ("withdraw: {id: t, on: 2025-03-20}", "withdraw", lambda s: s.withdraw("t", "2025-03-20")),
    ("extend: {id: s, until: 2025-09-01, announced: 2025-05-01}", "extend",
     lambda s: s.extend("s", "2025-09-01", "2025-05-01")),
    ("collapse: {id: s, on: 2025-04-11}", "collapse", lambda s: s.collapse("s", "2025-04-11")),
    ("shift: {id: x, days: -5}", "shift", lambda s: s.shift("x", -5)),
    ("without: s", "without", lambda s: s.without("s")),
    ("without: [s, t]", "without", lambda s: s.without("s", "t")),
    ("without: {authority: A}", "without", lambda s: s.without(authority="A")),
])
def test_verbs_do_what_the_methods_do(text: str, verb: str, do: Any) -> None:
    """A verb in a file is the method of its name, applied in the order written."""
    more = ("  - amend: {id: t, target: x, duty: 50%, announced: 2025-03-01, enacted: null, "
            "effective: 2025-04-01}\n"
            "  - suspend: {id: s, target: x, enacted: 2025-03-01, effective: 2025-04-01, "
            "until: 2025-06-01}\n")
    assert _load(f"{more}  - {text}\n") == do(_load(more))
    assert verb in VERBS


def test_scalars_are_text_until_the_grammar_says_otherwise() -> None:
    """NO is Norway, 0101 and 8517.10 are codes, 1e3, on and yes are names, null is quoted."""
    found = _load(
        "  - impose: {id: 1e3, authority: yes, group: ex, importer: USA, exporters: [NO, SE], "
        "products: [0101, 8517.10, 2009], duty: 0.25, enacted: 2025-01-02, "
        "effective: 2025-02-01}\n"
        "  - milestone: {id: on, date: 2025-03-01, kind: 'null', text: 010}\n")
    imposed, milestone, _ = found.changes
    assert imposed.id == "1e3"
    assert imposed.measure.authority == "yes"
    assert imposed.measure.scope.exporters == ts.CountrySet(("NOR", "SWE"))
    assert imposed.measure.scope.products == ts.ProductSet.of("0101", "8517.10", "2009")
    assert (milestone.id, milestone.kind, milestone.text) == ("on", "null", "010")
    assert ts.load(ts.dump(found)) == found
    typed = ts.dump(found)
    for said in ('"yes"', '"0101"', '"8517.10"', '"1e3"', '"on"', '"null"', '"010"'):
        assert said in typed  # other YAML readers see the same text
    as_json = json.loads(ts.dump(found, format="json"))
    assert as_json["changes"][0]["impose"]["products"] == ["0101", "2009", "8517.10"]
    numbers = ts.dump(found, format="json").replace('"8517.10"', "8517.10")
    assert ts.load(numbers) == found


@pytest.mark.parametrize(("goods", "products"), [
    ("all", ts.ProductSet.all()), ("[]", ts.ProductSet.none()), ("72", ts.ProductSet.of("72")),
    ("{of: ['72', 7304.11], excluding: 7304}",
     ts.ProductSet.of("72", "7304.11", excluding=("7304",))),
    ("{excluding: [72]}", ts.ProductSet.all(excluding=("72",))),
])
def test_sets_of_goods(goods: str, products: ts.ProductSet) -> None:
    """Goods are all, codes, or codes less others, and are written so again."""
    found = _load(f"  - amend: {{id: a, target: x, products: {goods}, {WRITTEN}}}\n")
    assert found.changes[0].products == products  # type: ignore[union-attr]
    assert ts.load(ts.dump(found)) == found


# -- faults -------------------------------------------------------------------------------

VALID = """\
schema: tradescen/1
name: valid
extends: us-china
as_known: 2025-10-24
changes:
  - enact: us-threat-100
  - extend: {id: geneva, until: 2026-11-10}
  - impose:
      id: mine
      authority: Section 301
      group: threat
      importer: USA
      exporters: CHN
      products: [0101, 8517.13]
      duty: 25%
      enacted: 2025-10-31
      effective: 2025-12-01
  - amend: {id: more, target: mine, duty: 30%, enacted: 2025-11-01, effective: 2026-01-01}
  - milestone: {id: talks, date: 2025-12-24}
  - fork:
      name: spring
      branches:
        hold: {probability: 0.5}
        break:
          probability: 0.5
          changes:
            - collapse: {id: geneva, on: 2026-04-01}
run: {start: 2025-10-01, end: 2026-12-31}
"""
# old → new, and what the fault says; one a line, none hides another
INJECTED = [
    ("as_known: 2025-10-24", "as_known: 2025-10-32", "not a day"),
    ("enact: us-threat-100", "enact: us-threat-10", "us-threat-100"),
    ("until: 2026-11-10", "untill: 2026-11-10", "until"),
    ("exporters: CHN", "exporters: China", "'CHN'"),
    ("[0101, 8517.13]", "[0101, 851.33]", "not a tariff code"),
    ("duty: 25%", "duty: 25", "25 looks like percent"),
    ("group: threat", "grup: threat", "group"),
    ("enacted: 2025-10-31", "enacted: soon", "'soon' is not a day"),
    ("effective: 2025-12-01", "efective: 2025-12-01", "effective"),
    ("target: mine, duty: 30%", "target: mine, duty: 3p", "not a rate"),
    ("milestone: {id: talks, date: 2025-12-24}", "milestne: {id: talks}", "'milestone'"),
    ("collapse: {id: geneva, on: 2026-04-01}", "collapse: {id: genf, on: 2026-04-01}",
     "unknown act or truce 'genf'"),
    ("end: 2026-12-31", "end: 2026-12-31, level: HS6", "level"),
]


def test_the_valid_file_is_valid() -> None:
    """The file into which faults are injected has none."""
    assert len(ts.load(VALID).paths()) == 2


@given(st.sets(st.sampled_from(INJECTED), min_size=1))
def test_every_injected_fault_is_reported_with_its_line(
        chosen: set[tuple[str, str, str]]) -> None:
    """A file with k faults reports k, each at its line and with a way out."""
    text = VALID
    for old, new, _ in chosen:
        assert text.count(old) == 1
        text = text.replace(old, new)
    found = _faults(text)
    wanted = sorted(
        (text[: text.index(new)].count("\n") + 1, said) for _, new, said in chosen)
    # What only follows from another fault (the act of a measure that could not be read, a
    # threat that has lapsed without the evening) is not told: k faults, no more and no fewer.
    assert [line for line, _, _, _ in found] == [line for line, _ in wanted]
    for (_, _, path, message), (_, said) in zip(found, wanted, strict=True):
        assert said in message
        assert path.startswith("$.")


def test_a_fault_reads_as_file_line_column_path_and_way_out(tmp_path: Path) -> None:
    """The form of a message, its attributes, and that it pickles."""
    path = tmp_path / "my.yaml"
    path.write_text(HEAD.replace("duty: 25%", "duty: 25"), encoding="utf-8")
    with pytest.raises(ts.ScenarioFileError) as met:
        ts.load(path)
    assert str(met.value) == (
        f"{path}:8:82 $.changes[0].impose.duty: 25 looks like percent; rates are fractions of "
        "customs value: write '25%' or 0.25")
    assert pickle.loads(pickle.dumps(met.value)).faults == met.value.faults


def test_what_cannot_hold_is_a_fault_of_its_change_and_the_rest_is_checked() -> None:
    """Acts that conflict, ids that are taken or unknown: each at its line, none twice."""
    found = _faults(HEAD + (
        f"  - amend: {{id: a, target: nothing, duty: 1%, {WRITTEN}}}\n"
        f"  - terminate: {{id: x, target: x, {WRITTEN}}}\n"
        "  - extend: {id: x, until: 2026-01-01}\n"
        f"  - suspend: {{id: s, target: x, until: 2025-06-01, {WRITTEN}}}\n"
        "  - collapse: {id: s, on: 2025-07-01}\n"
        "  - collapse: {id: s, on: 2025-05-01}\n"
        "  - impose: {id: p, authority: A, group: ex, importer: USA, duty: 1%}\n"
        f"  - amend: {{id: b, target: p, duty: 1%, {WRITTEN}}}\n"
        "  - fork: {name: f, branches: {one: [], two: [{enact: s}, {shift: {id: z, days: 1}}]}}\n"
    ))
    assert [(line, path) for line, _, path, _ in found] == [
        (10, "$.changes[1].amend"), (11, "$.changes[2].terminate"), (12, "$.changes[3].extend"),
        (14, "$.changes[5].collapse"), (16, "$.changes[7].impose"),
        (18, "$.changes[9].fork.branches.two.changes[0].enact"),
        (18, "$.changes[9].fork.branches.two.changes[1].shift"),
    ]
    assert "enacted is missing: a day, or null" in found[4][3].replace(" (enacted:", ":")


@pytest.mark.parametrize(("text", "line", "said"), [
    (HEAD + "  - pause: x\n", 10, "unknown verb 'pause'"),
    (HEAD + "  - impoes: {id: y}\n", 10, "did you mean 'impose'"),
    (HEAD + "  - enact: x\n    id: y\n", 11, "indent 'id'"),
    (HEAD + "  - enact: x\n    extend: y\n", 11, "begin it with a dash"),
    (HEAD + "  - x\n", 10, "`verb: id`"),
    (HEAD + "  - withdraw: x\n", 10, "on is missing"),
    (HEAD + "  - step: {id: s, effective: 2025-01-01, target: x}\n", 10, "by how much"),
    (HEAD + "  - impose: \n", 10, "nothing where a mapping with"),
    (HEAD + "  - shift: {id: x, days: 1.5}\n", 10, "a whole number"),
    (HEAD + "  - milestone: {id: m, date: null}\n", 10, "nothing where a day"),
    (HEAD + "  - truce: {id: t, parties: [USA, NO], start: 2025-01-01, threat: yes, also: m}\n",
     10, "true or false"),
    (HEAD + "  - impose: {id: x}\n    <<: {a: b}\n", 11, "one change has one verb"),
    (HEAD + "name: again\n", 10, "here twice, first on line 2"),
    (HEAD.replace("/1", "/2"), 1, "tradescen/1"),
    (HEAD.replace("schema: ", "#"), 2, "schema is missing"),
    (HEAD.replace("duty: {0101.21: 2%,", "duty: {101.21: 2%,"), 6, "leading zero"),
    (HEAD.replace("group: mfn,", "group: mnf,"), 4, "did you mean 'mfn'"),
    (HEAD + "extends: us-china\n", 3, "one of extends and schedule"),
    ("schema: tradescen/1\nname: x\n", 1, "what is the law of day zero"),
    ("schema: tradescen/1\nextends: us-chian\n", 2, "did you mean 'us-china'"),
    ("schema: tradescen/1\nextends: us-china\ndrop: nobody\n", 3, "'nobody'"),
    ("schema: tradescen/1\nextends: us-china\nrun: {start: 2025-02-01, end: 2025-01-01}\n", 3,
     "not after the start"),
    ("schema: tradescen/1\nextends: us-china\nweights: US imports\n", 3,
     "US imports from China 2024"),
    ("- a\n- b\n", 1, "a list where a mapping"),
    ("\n", 1, "nothing where a mapping"),
    ("a: b: c\n", 1, "not YAML"),
    ("schema: tradescen/1\n\tname: x\n", 2, "not tabs"),
    ("schema: tradescen/1\n---\nname: x\n", 2, "one document"),
    ("schema: tradescen/1\nname: !!python/object/apply:os.system [ls]\n", 2, "no tags"),
    ("schema: tradescen/1\nname: !mine x\n", 2, "no tags"),
    ("schema: tradescen/1\nname: &a x\nextends: us-china\n", 2, "no anchors"),
    ("schema: tradescen/1\nname: *a\n", 2, "no anchors"),
    ("schema: tradescen/1\nname: \x07\n", 2, "U+0007"),
    ("schema: tradescen/1\n? [a, b]\n: c\n", 2, "a key is text"),
    ("x: " + "[" * 100 + "\n", 1, "nested more than 40"),
    ("x: " + "[" * 100_000 + "\n", 1, "nest"),
    ('{"a": ' * 5000 + "\n", 1, "nested more than"),
    ('{"schema": "tradescen/1",\n "name" "x"}', 2, "a colon belongs here"),
    ('{"schema": "tradescen/1",\n "name": "x",}', 2, "double quotes belongs here"),
    ('{"schema": "tradescen/1"\n', 1, "ends before"),
    ('{"schema": "tradescen/1"}\n{}', 2, "after the end"),
    ('{"schema": \'tradescen/1\'}\n', 1, "not JSON"),
    ('{"schema": "tradescen/1",\n "schema": "tradescen/1", "extends": "us-china"}', 2, "twice"),
])
def test_faults_of_form(text: str, line: int, said: str) -> None:
    """What cannot be read is told at its line, with the way out."""
    found = _faults(text)
    assert any(at == line and said in message for at, _, _, message in found), found


def test_large_and_strange_files_are_refused(tmp_path: Path) -> None:
    """A file beyond the limit, one that is no UTF-8, and one that is not there."""
    path = tmp_path / "big.yaml"
    path.write_bytes(b"#" * (MOST_BYTES + 1))
    with pytest.raises(ts.ScenarioFileError, match="at most 5,000,000"):
        ts.load(path)
    path.write_bytes("schema: tradescen/1\nname: Köln\n".encode("latin-1"))
    with pytest.raises(ts.ScenarioFileError, match=r"big\.yaml:2:8 .*UTF-8"):
        ts.load(str(path))
    with pytest.raises(ts.UnknownName, match=r"did you mean 'big\.yaml'"):
        ts.load(tmp_path / "bigg.yaml")
    with pytest.raises(ts.UnknownName, match="us-china"):
        ts.load("us-chin")


def test_a_flood_of_faults_ends() -> None:
    """Thousands of faults, and a fault over a very long text, are told briefly."""
    with pytest.raises(ts.ScenarioFileError) as met:
        ts.load(HEAD + "  - enct: x\n" * 20_000)
    assert len(met.value.faults) == 1000
    assert "800 more" in str(met.value)
    ((_, _, _, message),) = _faults(HEAD.replace("25%", "2" * 100_000))
    assert len(message) <= 2000


# -- extends ------------------------------------------------------------------------------


def _write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(f"schema: {FORM}\n{text}", encoding="utf-8")


def test_files_extend_files_beside_them(tmp_path: Path) -> None:
    """What a file extends comes first, its evening next, then the changes as written."""
    (tmp_path / "base.yaml").write_text(HEAD, encoding="utf-8")
    _write(tmp_path, late="extends: base.yaml\nas_known: 2025-01-01\nchanges:\n"
           "  - milestone: {id: m, date: 2025-06-01}\n")
    late = ts.load(tmp_path / "late.yaml")
    assert (late.name, late.known_on, [c.id for c in late.changes]) == (
        "late", dt.date(2025, 1, 1), ["m"])
    _write(tmp_path, over="extends: late.yaml\nname: over\ndrop: m\n")
    assert [c.id for c in ts.load(tmp_path / "over.yaml").changes] == []


def test_faults_of_a_base_bear_its_name(tmp_path: Path) -> None:
    """Faults of the file and of what it extends come together."""
    (tmp_path / "base.yaml").write_text(HEAD.replace("25%", "25"), encoding="utf-8")
    _write(tmp_path, top="extends: base.yaml\nas_known: never\n")
    with pytest.raises(ts.ScenarioFileError) as met:
        ts.load(tmp_path / "top.yaml")
    assert [(Path(f.file).name, f.line) for f in met.value.faults] == [
        ("base.yaml", 8), ("top.yaml", 3)]


@pytest.mark.parametrize("name", ["../base.yaml", "/etc/base.yaml", "sub/base.yaml", "..\\b.yaml",
                                  "./base.yaml", "link.yaml", "C:base.yaml"])
def test_no_file_outside_the_folder(tmp_path: Path, name: str) -> None:
    """Paths, and links that lead out, are refused."""
    home = tmp_path / "home"
    (home / "sub").mkdir(parents=True)
    for folder in (tmp_path, home, home / "sub"):
        (folder / "base.yaml").write_text(HEAD, encoding="utf-8")
    (home / "link.yaml").symlink_to(tmp_path / "base.yaml")
    _write(home, top=f"extends: '{name}'\n")
    with pytest.raises(ts.ScenarioFileError, match="not in the folder"):
        ts.load(home / "top.yaml")
    with pytest.raises(ts.ScenarioFileError, match=r"no file has no folder|A file ends in"):
        ts.load(f"schema: {FORM}\nextends: '{name}'\n")


def test_circles_and_long_chains_are_refused(tmp_path: Path) -> None:
    """Files that extend each other in a circle, or too many of them, or one that is missing."""
    _write(tmp_path, a="extends: b.yaml\n", b="extends: a.yaml\n", c="extends: d.yaml\n",
           **{f"n{n}": f"extends: n{n + 1}.yaml\n" for n in range(12)})
    for name, said in (("a", "circle: a.yaml → b.yaml → a.yaml"), ("n0", "more than 8"),
                       ("c", "unknown scenario file 'd.yaml'")):
        with pytest.raises(ts.ScenarioFileError, match=re.escape(said)):
            ts.load(tmp_path / f"{name}.yaml")


# -- and back again -----------------------------------------------------------------------

WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).map(str.strip).filter(bool)
NAMES = st.one_of(WORDS, st.sampled_from(
    ["null", "NO", "yes", "1e3", "0101", "on", "~", "a: b", "- a", "#", "2025-01-01", "x\ny"]))


@st.composite
def _rich(draw: st.DrawFn) -> ts.Scenario:
    """Drawn scenarios with forks, rules, steps, milestones and awkward text besides."""
    base = draw(testing.scenarios())
    some = [c for c in base.changes if isinstance(c, (ts.Amend, ts.Suspend, ts.Truce))]
    first = testing.FIRST
    more: list[Any] = [ts.Milestone(
        id=draw(NAMES.filter(lambda n: n not in {c.id for c in base.changes})), date=first,
        text=draw(st.one_of(st.just(""), NAMES)), kind=draw(NAMES),
        source=draw(st.one_of(st.none(), NAMES)))]
    if draw(st.booleans()):
        match = draw(st.sampled_from(("mirror", "points", "value", "list")))
        more.append(ts.Retaliation(
            id="rule", by="CHN", against="USA", match=match,
            lag=draw(st.sampled_from((1, (3, 1)))), notice=draw(st.sampled_from((0, (6, 1, 1)))),
            duty=draw(testing.duties()) if match == "list" else None,
            products=draw(testing.product_sets()), scale=draw(st.floats(0, 9)),
            cap=None if match == "list" else draw(st.sampled_from((None, "125%", "400%", 0.3))),
            caps=draw(st.sampled_from(("own", "total"))),
            answers=draw(st.sampled_from(("enacted", ("effective", "resumed"), "truce"))),
            threshold=draw(st.sampled_from((None, "5%"))), stand_down=draw(st.booleans()),
            start=draw(st.sampled_from((None, first))),
            until=draw(st.sampled_from((None, testing.LAST))),
            select=draw(st.sampled_from((None, ts.Select(ids=("s1", "s2")),
                                         ts.Select(authority="x", group="y"))))))
    if draw(st.booleans()):
        more.append(ts.Trigger(
            id="trigger", lag=draw(st.integers(1, 9)),
            clock=draw(st.sampled_from(("announced", "enacted", "effective"))),
            when=draw(st.sampled_from((
                "rule", "rule-2", first, {"importer": "USA", "exporter": "CHN",
                                          "product": "0101", "below": 0.1234567890123}))),
            then=[ts.Shift(id="rule", days=draw(st.integers(-9, 9))),
                  *some[:draw(st.integers(0, 2))]]))
    if draw(st.booleans()):
        odds = draw(st.sampled_from((None, 0.1, 1 / 3)))
        inner = ts.Fork(name="g", branches={"x": [], "y": [ts.Without(ids=(c.id,))
                                                           for c in some[:1]]})
        more.append(ts.Fork(name=draw(st.sampled_from(("f", "talks / spring"))), branches={
            draw(NAMES.filter(lambda n: n != "else")): (odds, [inner]),
            "else": (None if odds is None else 1 - odds, [
                ts.Milestone(id="nested", date=first, actor=("EU", "CHN"))])}))
    if draw(st.booleans()):
        more.append(ts.Escalation(id="up", steps=[
            ts.EscalationStep(id="up-1", target="mfn-usa", add=draw(st.floats(0, 3)),
                              effective=first),
            ts.EscalationStep(id="up-2", target=ts.Select(authority="MFN"),
                              times=draw(st.floats(0, 9)), effective=first, threat=True)]))
    made = evolve(
        base, name=draw(NAMES), changes=(*base.changes, *more),
        known_on=draw(st.one_of(st.none(), testing.days())),
        data_date=draw(st.one_of(st.none(), testing.days())))
    return draw(st.sampled_from((made, made.as_known(testing.LAST))))


@given(_rich(), st.sampled_from(("yaml", "json")))
def test_a_dumped_scenario_loads_as_itself(scenario: ts.Scenario, form: str) -> None:
    """load(dump(x)) == x, and what is dumped again is the same text."""
    text = ts.dump(scenario, format=form)
    back = ts.load(text)
    assert back == scenario
    assert (back.rules, back.forks, back.acts, back.schedule) == (
        scenario.rules, scenario.forks, scenario.acts, scenario.schedule)
    assert ts.dump(back, format=form) == text


RECORD_MOVES: list[Any] = [
    lambda s: s.as_known("2025-10-24"), lambda s: s.as_known("2019-06-01"),
    lambda s: s.extend("geneva", until="2026-12-10"), lambda s: s.without("us-fent-cn"),
    lambda s: s.without(authority="Section 232"), lambda s: s.shift("phase-one", 30),
    lambda s: s.without("us-mfn"), lambda s: s.named("another: name"),
    lambda s: s.covering(USA=("VNM",)), lambda s: s.enact("us-threat-100"),
    lambda s: s.then(ts.Fork(name="f", branches={"a": [ts.Enact(id="us-threat-100")]})),
]


@given(st.lists(st.sampled_from(RECORD_MOVES), max_size=4))
def test_a_scenario_on_a_pack_is_told_by_what_differs(moves: list[Any]) -> None:
    """Whatever is done to the record, the file names the pack, is short and loads as itself."""
    scenario = ts.load("us-china")
    for move in moves:
        try:
            scenario = move(scenario)
        except ts.TradescenError:
            continue
    text = str(ts.dump(scenario))
    back = ts.load(text)
    assert back == scenario
    assert back.covers == scenario.covers
    assert back.weights == scenario.weights
    if "extends: us-china" in text:
        assert len(text) < 400_000


def test_a_record_in_full() -> None:
    """full=True writes all, with weights by name, and it loads as the record."""
    record = ts.load("us-china")
    assert str(ts.dump(record)).splitlines() == [
        "schema: tradescen/1", "name: us-china", "extends: us-china"]
    full = str(ts.dump(record, full=True))
    back = ts.load(full)
    assert back == record
    for name in ("assumptions", "weights", "editions", "covers", "first_day", "gaps"):
        assert getattr(back, name) == getattr(record, name)
    assert "US imports from China 2024" in full
    assert len(full) < MOST_BYTES


def test_estimates_weights_and_the_window_come_back(tmp_path: Path) -> None:
    """What takes no part in equality is kept in the file too."""
    found = evolve(
        _load(), data_date="2025-06-01", editions={"USA": "HTS 2025"}, gaps=("a gap: here",),
        covers={"USA": ("NOR",)}, first_day="2024-01-01",
        window=Window(start="2025-01-01", end="2025-03-01", products="hs6"),
        weights=(ts.Weights(name="w", year=2024, values={("USA", "NOR"): {"0101.21": 1.5}},
                            source="made"),),
        assumptions=ts.Assumptions(
            name="mine", shares={"x": 0.5, "mfn": ts.Unknown("not told")}, notes={"x": "why"},
            unit_values={"USA": {"0101.21": {"kg": 2.5}}}))
    for name in ("a.yaml", "b.json", "c.yml"):
        path = ts.dump(found, tmp_path / name)
        back = ts.load(path)
        for one in ("window", "weights", "assumptions", "covers", "editions", "gaps",
                    "first_day", "data_date", "digest"):
            assert getattr(back, one) == getattr(found, one)
    assert back.window is not None
    assert back.window.options() == {"start": dt.date(2025, 1, 1), "end": dt.date(2025, 3, 1),
                                     "products": "HS6"}
    with pytest.raises(ts.InvalidValue, match="'yaml', 'json'"):
        ts.dump(found, format="toml")
    with pytest.raises(ts.InvalidValue, match=r"\*\.json"):
        ts.dump(found, tmp_path / "d.yaml", format="json")


# -- the schema, the examples, the command line ---------------------------------------------


def _plain(node: Node) -> Any:
    """What a reader of YAML 1.2 or JSON would hand to a validator."""
    if isinstance(node, Items):
        return [_plain(n) for n in node.values]
    if isinstance(node, Table):
        return {k.value: _plain(n) for k, n in node.pairs}
    if node.quoted:
        return node.value
    if node.is_null:
        return None
    if node.value in ("true", "false"):
        return node.value == "true"
    if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", node.value):
        return float(node.value)
    return node.value


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    """The published schema, itself valid."""
    made = schema()
    jsonschema.Draft202012Validator.check_schema(made)
    return jsonschema.Draft202012Validator(made)


def test_the_schema_takes_what_load_takes(validator: jsonschema.Draft202012Validator) -> None:
    """Examples, documentation and dumps satisfy the schema; common faults do not."""
    faults = Faults("x")
    dumped = [str(ts.dump(ts.load(p))) for p in EXAMPLES]
    texts = [p.read_text("utf-8") for p in EXAMPLES] + [VALID, HEAD, *dumped] + [
        t for t in DOCS if t.startswith("schema:")]
    for text in texts:
        validator.validate(_plain(read_yaml(text, faults)))
    record = str(ts.dump(ts.load("us-china"), full=True, format="json"))
    validator.validate(_plain(read_json(record, faults)))
    for old, new in (("duty: 25%", "duty: 25"), ("enact:", "enct:"), ("until:", "untill:"),
                     ("2025-10-24", "24 October"), ("extends:", "extend:")):
        assert not validator.is_valid(_plain(read_yaml(VALID.replace(old, new), faults)))


@given(_rich())
def test_the_schema_takes_whatever_is_dumped(scenario: ts.Scenario) -> None:
    """No dumped scenario is red in an editor."""
    found = json.loads(str(ts.dump(scenario, format="json")))
    jsonschema.Draft202012Validator(schema()).validate(found)


def test_the_schema_names_every_verb_and_describes_fields() -> None:
    """Each verb and each field with its words from the documentation of its class."""
    made = schema()
    assert made["$id"] == "urn:tradescen:schema:1"
    assert set(made["$defs"]["Change"]["properties"]) == set(VERBS)
    impose = made["$defs"]["Impose"]["anyOf"][0]["properties"]
    assert {"id", "authority", "importer", "exporters", "products", "duty", "enacted"} <= set(
        impose)
    assert impose["authority"]["description"] == "The power it rests on (\"Section 301\")."
    assert made["$defs"]["Suspend"]["anyOf"][0]["properties"]["then"]["enum"] == [
        "snapback", "terminate"]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_examples_run(path: Path) -> None:
    """Each example loads, holds, runs over its own window and comes back from a dump."""
    found = ts.load(path)
    assert not found.run().bilateral().empty
    assert ts.load(ts.dump(found)) == found
    done = CliRunner().invoke(main, ["run", str(path)])
    assert done.exit_code == 0, done.output
    assert found.name in done.stdout or found.paths()[0].name in done.stdout


@pytest.mark.parametrize("text", [t for t in DOCS if t.startswith("schema:")])
def test_documented_files_run(text: str) -> None:
    """The complete files of the documentation run."""
    assert not ts.load(text).run().bilateral().empty


def test_documented_pieces_are_grammar() -> None:
    """The list of changes in the documentation is one that is read."""
    pieces = [t for t in DOCS if t.startswith("changes:")]
    assert pieces
    said = "".join(pieces)
    for verb in VERBS:
        assert f"- {verb}:" in said, f"docs/scenario-files.md shows no {verb}"
    for piece in pieces:
        assert _faults_of_form(piece) == []


def _faults_of_form(piece: str) -> list[str]:
    from tradescen.files.forms import Reading
    from tradescen.files.grammar import changes

    faults = Faults("docs")
    node = read_yaml(piece, faults)
    assert isinstance(node, Table)
    changes().read(node.pairs[0][1], "$.changes", Reading(faults))
    return [str(f) for f in faults.found]


def test_the_command_line_checks_runs_and_prints_the_schema(tmp_path: Path) -> None:
    """Exit 0 for a sound file, 2 with every fault on stderr for a bad one."""
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(HEAD, encoding="utf-8")
    bad.write_text(HEAD.replace("25%", "25").replace("NO,", "XX,"), encoding="utf-8")
    done = CliRunner().invoke(main, ["check", str(good)])
    assert (done.exit_code, done.stderr) == (0, f"{good}: holds together\n")
    for command in (["check"], ["run"], ["timeline"]):
        done = CliRunner().invoke(main, [*command, str(bad)])
        assert (done.exit_code, done.stdout) == (2, "")
        assert f"{bad}:8:72 $.changes[0].impose.exporters" in done.stderr
        assert f"{bad}:8:82 $.changes[0].impose.duty: 25 looks like percent" not in done.stdout
    fork = tmp_path / "fork.yaml"
    tree = "  - fork: {name: f, branches: {a: [], b: [{shift: {id: x, days: 9}}]}}\n"
    fork.write_text(HEAD + tree, encoding="utf-8")
    done = CliRunner().invoke(main, ["timeline", f"{fork}/b"])
    assert done.exit_code == 0
    assert "2025-02-10" in done.stdout
    printed = CliRunner().invoke(main, ["schema"])
    assert json.loads(printed.stdout) == schema()
    done = CliRunner().invoke(main, ["rates", "--importer", "USA", "--exporter", "NO", "--product",
                                     "0101.21", "--on", "2025-02-01", "--scenario", str(good)])
    assert "27.00%" in done.stdout
