"""The command line. Tables go to stdout, messages to stderr; exit 2 for bad input."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tradescen import __version__
from tradescen.errors import TradescenError

if TYPE_CHECKING:
    from tradescen.result import Result
    from tradescen.scenario import Scenario

__all__ = ["main"]


def _plainly(command: Callable[..., Any]) -> Callable[..., Any]:
    """Our own errors end a command with their message and exit code 2."""

    @wraps(command)
    def wrapped(*args: Any, **options: Any) -> Any:
        try:
            return command(*args, **options)
        except TradescenError as error:
            click.echo(f"tradescen: {error}", err=True)
            sys.exit(2)

    return wrapped


@click.group()
@click.version_option(__version__)
def main() -> None:
    """Tariff scenarios with a legal calendar: threats, truces, snapbacks, both sides."""


def _load(names: Sequence[str]) -> tuple[list[Scenario], dict[str, Any]]:
    """The scenarios, and what what-ifs and files say of the window; the first named counts."""
    from tradescen.packaged import scenarios
    from tradescen.packaged.whatifs import WHATIFS

    found: dict[str, Scenario] = {}
    options: dict[str, Any] = {}
    for name in names:
        for one in scenarios(name):
            found.setdefault(one.name, one)
            if one.window is not None:
                options = one.window.options() | options
        if name in WHATIFS:
            options = {"start": WHATIFS[name].start, "end": WHATIFS[name].end} | options
    return list(found.values()), options


def _window(scenarios: Sequence[Scenario]) -> tuple[str, str]:
    """Without a window of its own a record is shown from 2018 to its data date."""
    days = [s.data_date for s in scenarios if s.data_date]
    if not days:
        raise click.UsageError("these scenarios name no window; give --start and --end")
    return "2018-01-01", str(max(days))


@main.command()
@click.argument("names", metavar="SCENARIO...", nargs=-1, required=True)
@click.option("--start", help="First day shown.")
@click.option("--end", help="First day no longer shown.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path),
              help="Folder for the full tables.")
@click.option("--format", "form", type=click.Choice(["csv", "json", "parquet"]), default="csv",
              show_default=True, help="Of the files in --out.")
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
    click.echo(bilateral_text(result))
    click.echo(acts_text(result))
    for scenario in listed[:1]:
        for gap in scenario.gaps[: 0 if scenario.known_on else 1]:
            click.echo(wrapped(f"Known gap: {gap} (`tradescen packs` lists all)"), err=True)
    if out is not None:
        for path in _write(result, out, form):
            click.echo(f"wrote {path}", err=True)
    if report is not None:
        from tradescen.packaged.whatifs import WHATIFS

        title = WHATIFS[names[0]].title if len(names) == 1 and names[0] in WHATIFS else None
        click.echo(f"wrote {result.report(report, title=title)}", err=True)


def _write(result: Result, out: Path, form: str) -> list[Path]:
    from tradescen.frames.acts import timeline_rows
    from tradescen.frames.tidy import concat

    acts = []
    for r in result.runs:
        frame = timeline_rows(r.timeline, r.start, r.end, r.horizon or r.end)
        frame.insert(0, "path", r.path)
        frame.insert(0, "scenario", r.scenario)
        acts.append(frame)
    tables = {
        "bilateral": result.bilateral(), "rates": result.rates(),
        "contributions": result.contributions(), "status": result.status(),
        "timeline": concat(acts, list(acts[0].columns)),
    }
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for name, frame in tables.items():
        path = out / f"{name}.{form}"
        if form == "csv":
            frame.to_csv(path, index=False)
        elif form == "json":
            frame.to_json(path, orient="records", date_format="iso")
        else:
            try:
                frame.to_parquet(path, index=False)
            except ImportError as error:
                raise click.UsageError(
                    "parquet files need pyarrow: pip install 'tradescen[arrow]'"
                ) from error
        written.append(path)
    return written


def _cell_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed((
        click.option("--importer", required=True, help="Who charges (ISO code)."),
        click.option("--exporter", required=True, help="Country of origin (ISO code)."),
        click.option("--product", required=True, help="Tariff code."),
        click.option("--on", "day", required=True, help="Day, such as 2025-11-12."),
        click.option("--scenario", "name", default="us-china", show_default=True),
        click.option("--as-known", help="Told from the evening of this day."),
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


def _one(name: str, as_known: str | None) -> Scenario:
    from tradescen.packaged import scenarios

    whatif, future = _future(name)
    scenario = scenarios(whatif)[0]
    ways = [p.name for p in scenario.paths()]
    if future:
        scenario = scenario.along(future)
    elif len(ways) > 1:
        click.echo(
            f"{whatif} goes {len(ways)} ways; showing {ways[0]}. Others: "
            + ", ".join(f"{whatif}/{way}" for way in ways[1:]), err=True)
        scenario = scenario.along(ways[0])
    return scenario.as_known(as_known) if as_known else scenario


@main.command()
@_cell_options
@_plainly
def rates(importer: str, exporter: str, product: str, day: str, name: str,
          as_known: str | None) -> None:
    """The rate of each tariff line under a code on a day."""
    from datetime import timedelta

    from tradescen.display.tables import table_text
    from tradescen.vocab.period import as_date

    scenario = _one(name, as_known)
    on = as_date(day, "--on")
    frame = scenario.run(start=on, end=on + timedelta(days=1), importers=[importer],
                         exporters=[exporter], products=[product]).rates(on=on)
    click.echo(table_text(frame[["importer", "exporter", "product", "date", "rate",
                                 "additional_rate", "status"]]))


@main.command()
@_cell_options
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@_plainly
def explain(importer: str, exporter: str, product: str, day: str, name: str,
            as_known: str | None, as_json: bool) -> None:
    """One rate with each of its parts: measure, status, act, source."""
    from tradescen.display.tables import wrapped

    found = _one(name, as_known).explain(importer=importer, exporter=exporter, product=product,
                                         on=day)
    click.echo(json.dumps(found.to_dict(), indent=2) if as_json else wrapped(str(found)))


@main.command()
@click.argument("name", metavar="[SCENARIO]", default="us-china")
@click.option("--start", help="First day shown.")
@click.option("--end", help="First day no longer shown.")
@_plainly
def timeline(name: str, start: str | None, end: str | None) -> None:
    """Acts, milestones and snapbacks by day."""
    from tradescen.display.tables import calendar_text

    frame = _one(name, None).timeline(start=start, end=end)
    click.echo(calendar_text(frame))


@main.command()
@_plainly
def packs() -> None:
    """Packaged records and what-ifs, with their data dates and known gaps."""
    from tradescen.display.tables import wrapped
    from tradescen.packaged import packs as listed

    for row in listed().to_dict("records"):
        click.echo(f"{row['name']}  ({row['kind']}, version {row['version']}, data to "
                   f"{row['data_date']:%Y-%m-%d})")
        click.echo(f"    {row['what']}")
        if row["editions"]:
            click.echo(f"    codes: {row['editions']}")
        if row["known_gaps"]:
            click.echo("    known gaps:")
        for gap in row["known_gaps"].splitlines():
            click.echo(wrapped(f"      - {gap}"))


@main.command()
@click.argument("name", metavar="[SCENARIO]", default="us-china")
@_plainly
def check(name: str) -> None:
    """What to know before trusting a record or file; exit code 1 if it holds an error.

    All faults of a scenario file are listed with line and column, and the exit code is 2.
    """
    from tradescen.display.tables import wrapped

    scenario = _one(name, None)
    frame = scenario.check()
    for row in frame.to_dict("records"):
        named = f" {row['id']}" if row["id"] else ""
        click.echo(wrapped(f"{row['severity']:<8}{row['rule']}{named}: {row['message']}"))
    click.echo(f"{name} holds together; changes: {len(scenario.changes)}", err=True)
    if (frame["severity"] == "error").any():
        sys.exit(1)


@main.command()
def schema() -> None:
    """The JSON Schema of scenario files, for editors."""
    from tradescen.files.schema import schema as made

    click.echo(json.dumps(made(), indent=2, ensure_ascii=False))
