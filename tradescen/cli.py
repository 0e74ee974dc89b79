"""The command line. Tables go to stdout, messages to stderr; exit 2 for bad input."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tradescen import __version__, completing
from tradescen.display.export import FORMS
from tradescen.errors import TradescenError, UnknownName

if TYPE_CHECKING:
    import pandas as pd

    from tradescen.display.terminal import Look
    from tradescen.result import Result
    from tradescen.scenario import Scenario

__all__ = ["main"]


def _plainly(command: Callable[..., Any]) -> Callable[..., Any]:
    """Our own errors, and those of files, end a command with their message and exit code 2."""

    @wraps(command)
    def wrapped(*args: Any, **options: Any) -> Any:
        try:
            return command(*args, **options)
        except TradescenError as error:
            click.echo(f"tradescen: {error}", err=True)
        except OSError as error:
            if isinstance(error, BrokenPipeError):  # the reader has enough; click ends quietly
                raise
            click.echo(f"tradescen: {error.filename or 'output'}: {error.strerror}", err=True)
        sys.exit(2)

    return wrapped


class _Commands(click.Group):
    """Commands; an unknown one is answered with the nearest."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            raise click.UsageError(str(UnknownName.among("command", args[0], self.commands)), ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=_Commands)
@click.version_option(__version__)
def main() -> None:
    """Tariff scenarios with a legal calendar: threats, truces, snapbacks, both sides."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a "?" where the output cannot hold a sign
            stream.reconfigure(errors="replace")


def _load(names: Sequence[str]) -> tuple[list[Scenario], dict[str, Any]]:
    """The scenarios, and what what-ifs and files say of the window; the first named counts."""
    from tradescen.packaged import scenarios
    from tradescen.packaged.whatifs import WHATIFS

    found: dict[str, Scenario] = {}
    options: dict[str, Any] = {}
    for name in names:
        whatif, future = _future(name)
        for one in [scenarios(whatif)[0].along(future)] if future else scenarios(whatif):
            found.setdefault(one.name, one)
            if one.window is not None:
                options = one.window.options() | options
        if whatif in WHATIFS:
            options = {"start": WHATIFS[whatif].start, "end": WHATIFS[whatif].end} | options
    return list(found.values()), options


def _window(scenarios: Sequence[Scenario]) -> tuple[str, str]:
    """Without a window of its own a record is shown from 2018 to its data date."""
    days = [s.data_date for s in scenarios if s.data_date]
    if not days:
        raise click.UsageError("these scenarios name no window; give --start and --end")
    return "2018-01-01", str(max(days))


@main.command()
@click.argument("names", metavar="SCENARIO...", nargs=-1, required=True,
                shell_complete=completing.scenarios)
@click.option("--start", help="First day shown.")
@click.option("--end", help="First day no longer shown.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path),
              help="Folder for the full tables.")
@click.option("--format", "form", type=click.Choice(["table", *FORMS]), default="table",
              show_default=True, help="Of what is printed and of the files in --out (table: csv).")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path),
              help="File for a page with charts, explanations and tables.")
@_plainly
def run(names: tuple[str, ...], start: str | None, end: str | None, out: Path | None,
        form: str, report: Path | None) -> None:
    """Run packs, what-ifs or scenario files: the rate of each side on the other, by date."""
    from tradescen.display.tables import acts_text, bilateral_text, wrapped
    from tradescen.simulation import simulate

    listed, options = _load(names)
    options |= {k: v for k, v in (("start", start), ("end", end)) if v}
    if not {"start", "end"} <= set(options):
        first, last = _window(listed)
        options = {"start": first, "end": last} | options
    result = simulate(listed, **options)
    look = _look()
    _print(result.bilateral(), form, lambda: "\n".join((
        bilateral_text(result, look.width, look.bars), acts_text(result, look.width))))
    for scenario in listed[:1]:
        for gap in scenario.gaps[: 0 if scenario.known_on else 1]:
            click.echo(wrapped(f"Known gap: {gap} (`tradescen packs` lists all)", look.width),
                       err=True)
    if out is not None:
        for path in _write(result, out, "csv" if form == "table" else form):
            click.echo(f"wrote {path}", err=True)
    if report is not None:
        from tradescen.packaged.whatifs import WHATIFS

        title = WHATIFS[names[0]].title if len(names) == 1 and names[0] in WHATIFS else None
        click.echo(f"wrote {result.report(report, title=title)}", err=True)


def _write(result: Result, out: Path, form: str) -> list[Path]:
    from tradescen.display.export import write_frames
    from tradescen.frames.acts import timeline_rows
    from tradescen.frames.tidy import concat

    acts = []
    for r in result.runs:
        frame = timeline_rows(r.timeline, r.start, r.end, r.horizon or r.end)
        frame.insert(0, "path", r.path)
        frame.insert(0, "scenario", r.scenario)
        acts.append(frame)
    return write_frames({
        "bilateral": result.bilateral(), "rates": result.rates(),
        "contributions": result.contributions(), "status": result.status(),
        "timeline": concat(acts, list(acts[0].columns)),
    }, out, form)


def _print(frame: pd.DataFrame, form: str, text: Callable[[], str]) -> None:
    """A frame on standard output: as text for people, or in a form for programs."""
    if form == "table":
        click.echo(text())
        return
    from tradescen.display.export import as_bytes

    if form == "parquet" and sys.stdout.isatty():
        raise click.UsageError("Parquet is binary; send it to a file: … --format parquet > FILE")
    sys.stdout.flush()
    sys.stdout.buffer.write(as_bytes(frame, form))
    sys.stdout.buffer.flush()


def _look() -> Look:
    from tradescen.display.terminal import Look

    return Look.of(sys.stdout)


_format = click.option("--format", "form", type=click.Choice(["table", *FORMS]), default="table",
                       show_default=True, help="A table for people, or a form for programs.")
_without = click.option("--without", multiple=True, metavar="ID", shell_complete=completing.ids,
                        help="Take a measure, act or truce out first; may be repeated.")
_scenario = click.argument("name", metavar="[SCENARIO]", default="us-china",
                           shell_complete=completing.scenarios)


def _cell_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed((
        click.option("--importer", required=True, help="Who charges (ISO code).",
                     shell_complete=completing.countries),
        click.option("--exporter", required=True, help="Country of origin (ISO code).",
                     shell_complete=completing.countries),
        click.option("--product", required=True, help="Tariff code."),
        click.option("--on", "day", required=True, help="Day, such as 2025-11-12."),
        click.option("--scenario", "name", default="us-china", show_default=True,
                     shell_complete=completing.scenarios),
        click.option("--as-known", help="Told from the evening of this day."),
        _without, _format,
    )):
        command = option(command)
    return command


def _future(name: str) -> tuple[str, str]:
    """A scenario and, after a slash, one of its ways; the folders of a file are no ways."""
    from tradescen.files.scenario_file import is_file

    if is_file(name):
        return name, ""
    file = re.fullmatch(r"(?i)(.+\.(?:ya?ml|json))/(.+)", name)
    if file:
        return file[1], file[2]
    scenario, _, future = name.partition("/")
    return scenario, future


def _one(name: str, as_known: str | None = None, without: Sequence[str] = ()) -> Scenario:
    from tradescen.packaged import scenarios

    whatif, future = _future(name)
    scenario = scenarios(whatif)[0]
    ways = [p.name for p in scenario.paths()]
    if future:
        scenario = scenario.along(future)
    elif len(ways) > 1:
        click.echo(
            f"{whatif} has {len(ways)} paths; showing {ways[0]}. Others: "
            + ", ".join(f"{whatif}/{way}" for way in ways[1:]), err=True)
        scenario = scenario.along(ways[0])
    if without:
        scenario = scenario.without(*without)
    return scenario.as_known(as_known) if as_known else scenario


@main.command()
@_cell_options
@_plainly
def rates(importer: str, exporter: str, product: str, day: str, name: str,
          as_known: str | None, without: tuple[str, ...], form: str) -> None:
    """The rate of each tariff line under a code on a day."""
    from datetime import timedelta

    from tradescen.display.terminal import rates_text
    from tradescen.vocab.period import as_date

    scenario = _one(name, as_known, without)
    on = as_date(day, "--on")
    frame = scenario.run(start=on, end=on + timedelta(days=1), importers=[importer],
                         exporters=[exporter], products=[product]).rates(on=on)
    frame = frame[["importer", "exporter", "product", "date", "rate", "additional_rate", "status"]]
    _print(frame, form, lambda: rates_text(frame, _look()))


@main.command()
@_cell_options
@click.option("--json", "as_json", is_flag=True, help="The whole explanation as JSON.")
@_plainly
def explain(importer: str, exporter: str, product: str, day: str, name: str,
            as_known: str | None, without: tuple[str, ...], form: str, as_json: bool) -> None:
    """One rate with each of its parts: measure, status, act, source."""
    from tradescen.display.terminal import tree_text

    found = _one(name, as_known, without).explain(importer=importer, exporter=exporter,
                                                  product=product, on=day)
    if as_json or form == "json":
        click.echo(json.dumps(found.to_dict(), indent=2, ensure_ascii=False))
    elif form == "table":
        click.echo(tree_text(found, _look()))
    else:
        from tradescen.display.export import parts_frame

        _print(parts_frame(found), form, str)


@main.command()
@_scenario
@click.option("--start", help="First day shown.")
@click.option("--end", help="First day no longer shown.")
@click.option("--as-known", help="Told from the evening of this day.")
@_without
@_format
@_plainly
def timeline(name: str, start: str | None, end: str | None, as_known: str | None,
             without: tuple[str, ...], form: str) -> None:
    """Acts, milestones and snapbacks by day."""
    from tradescen.display.terminal import calendar_text

    frame = _one(name, as_known, without).timeline(start=start, end=end)
    _print(frame, form, lambda: calendar_text(frame, _look()))


@main.command()
@_scenario
@click.option("--on", "day", help="What stood on this day, threats included.")
@_format
@_plainly
def measures(name: str, day: str | None, form: str) -> None:
    """Measures and their spells: what can be named, what it charges, since when."""
    from tradescen.display.terminal import Look, measures_text

    frame = _one(name).measures(on=day)
    _print(frame, form, lambda: measures_text(frame, Look.of(sys.stdout)))


@main.command()
@_format
@_plainly
def packs(form: str) -> None:
    """Packaged records and what-ifs, with their data dates and known gaps."""
    from tradescen.display.terminal import packs_text
    from tradescen.packaged import packs as listed

    frame = listed()
    _print(frame, form, lambda: packs_text(frame, _look()))


@main.command()
@_scenario
@_format
@_plainly
def check(name: str, form: str) -> None:
    """What to know before trusting a record or file; exit code 1 if it holds an error.

    All faults of a scenario file are listed with line and column, and the exit code is 2.
    """
    from tradescen.display.terminal import check_text

    scenario = _one(name)
    frame = scenario.check()
    _print(frame, form, lambda: check_text(*_own(scenario, name, frame), _look()))
    errors = int((frame["severity"] == "error").sum())
    said = f"{errors} error{'s' if errors > 1 else ''}" if errors else "holds together"
    click.echo(f"{name}: {said}", err=True)
    if errors:
        sys.exit(1)


def _own(scenario: Scenario, name: str, frame: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """What is found besides what the packaged record has itself, and a word on the rest."""
    from tradescen.packaged import load

    if scenario.pack in ("", name):
        return frame, ""
    record = load(scenario.pack)
    if scenario.known_on is not None:
        record = record.as_known(scenario.known_on)
    known = set(record.check().itertuples(index=False, name=None))
    own = [row not in known for row in frame.itertuples(index=False, name=None)]
    return frame[own], (f"{len(own) - sum(own)} more are those of {scenario.pack} itself: "
                        f"`tradescen check {scenario.pack}`")


@main.command()
@click.argument("words", nargs=-1, required=True)
@_format
@_plainly
def goods(words: tuple[str, ...], form: str) -> None:
    """Codes of HS 2022 whose text holds all the words, or words that begin so."""
    import pandas as pd

    from tradescen.display.terminal import fitted
    from tradescen.law.nomenclature import search
    from tradescen.vocab.hs import dotted

    found = search(" ".join(words))
    if not found:
        raise UnknownName(f"no text of HS 2022 holds {' '.join(words)!r}; try fewer words, or "
                          "beginnings of words, such as accumul", name=" ".join(words), near=())
    frame = pd.DataFrame({"product": [dotted(c) for c in found], "text": list(found.values())})
    rows = frame.to_numpy().tolist()
    _print(frame, form, lambda: fitted(["product", "text"], rows, _look(), 1))


@main.command()
def schema() -> None:
    """The JSON Schema of scenario files, for editors."""
    from tradescen.files.schema import schema as made

    click.echo(json.dumps(made(), indent=2, ensure_ascii=False))
