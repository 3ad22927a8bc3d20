"""Commands that look and change nothing: `check`, `status`, `errors`.

What belongs here: their arguments and how findings are printed. What does not: finding them
(orchestration.inspection, orchestration.error_list).
"""

import csv
import json
import sys
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from orchestration.settings import (
    CONFIG_NAME,
    ConfigurationError,
    Municipality,
    home,
    read_settings,
)
from orchestration.state import State


class _Severity(StrEnum):
    error = "error"
    warning = "warning"


class _Language(StrEnum):
    da = "da"
    en = "en"


_Config = Annotated[
    Path | None, typer.Option("--config", help="The configuration; default raaderum.toml here.")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(check)
    app.command()(status)
    app.command()(errors)


def check(
    config: _Config = None,
    alert: Annotated[
        bool, typer.Option("--alert", help="Send a test message to every alert address.")
    ] = False,
    sample: Annotated[
        Path | None,
        typer.Option(help="Show what a profile makes of this file; propose one if none reads it."),
    ] = None,
    profile: Annotated[
        str | None, typer.Option(help="With --sample: the profile, or profile@version.")
    ] = None,
    entity: Annotated[str | None, typer.Option(help="With --sample: what the file holds.")] = None,
) -> None:
    """Say whether configuration, sources, secrets and targets are usable. Loads nothing.

    With --sample: what a profile makes of one file. A proposed profile is printed to stdout.
    """
    if sample is not None:
        from orchestration.cli.sampling import check_sample

        check_sample(sample, profile, entity, config)
        return
    if profile or entity:
        raise ConfigurationError("--profile and --entity belong to --sample FILE; name the file")
    from orchestration.inspection import usable
    from orchestration.surroundings import configuration

    settings = configuration(config)
    if alert:
        from orchestration.alerts import send_test

        send_test(settings, State(home()))
    findings = usable(settings, State(home()))
    for finding in findings:
        mark = "ok  " if finding.usable else "FAIL"
        typer.echo(f"{mark} {finding.what}: {finding.detail}")
    if not all(finding.usable for finding in findings):
        raise typer.Exit(2)


def status(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Tell the last load, checks, published run, freshness, rejected rows, expected outturn."""
    from orchestration.inspection import current_status

    found = current_status(State(home()))
    if as_json:
        typer.echo(json.dumps(asdict(found), indent=2, ensure_ascii=False, default=str))
        return
    table = Table(show_header=False, box=None, pad_edge=False)
    for label, value in found.lines():
        table.add_row(label, value)
    Console().print(table)


def errors(
    load: Annotated[
        str | None, typer.Option(help="A load's id; default: the newest load of each source.")
    ] = None,
    team: Annotated[
        str | None, typer.Option(help="What this team can put right, of the published run.")
    ] = None,
    rule: Annotated[str | None, typer.Option(help="One rule's code.")] = None,
    severity: Annotated[_Severity | None, typer.Option(help="Errors, or warnings, alone.")] = None,
    language: Annotated[
        _Language | None, typer.Option(help="Default: as configured, else da.")
    ] = None,
    config: _Config = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="All rows as CSV.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Rows shown without --csv.")] = 50,
) -> None:
    """List what is wrong with the data: where, which rule, and what to do about it."""
    from orchestration.error_list import Wanted, findings

    wanted = Wanted(
        language=language.value if language else _configured_language(config),
        load=load,
        team=team,
        rule=rule,
        severity=severity.value if severity else None,
        limit=None if as_csv else limit,
    )
    found = findings(State(home()), wanted)
    if as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(found.columns)
        writer.writerows([_inert(value) for value in row] for row in found.rows)
        return
    for code, rows in found.by_rule:
        typer.echo(f"{rows:>8} {code}")
    for row in found.rows:
        item = dict(zip(found.columns, row, strict=True))
        typer.echo(f"{_place(item)}: {item['message']}")
        typer.echo(f"    {item['remedy']}")
    if found.total > len(found.rows):
        typer.echo(f"{len(found.rows)} of {found.total} shown; --csv gives all of them")
    if not found.total:
        typer.echo("nothing was found")


def _configured_language(config: Path | None) -> Literal["da", "en"]:
    """The municipality's language; the default where there is no configuration, as in the demo."""
    path = config or Path.cwd() / CONFIG_NAME
    if config is None and not path.is_file():
        return Municipality().language
    return read_settings(path).municipality.language


def _place(item: dict[str, object]) -> str:
    """Where a finding is: the record, or the file, row and column."""
    place = [item[name] for name in ("file", "column") if item[name]]
    if item["row_number"] is not None:
        place.insert(1, f"row {item['row_number']}")
    if item["record_id"]:
        place.insert(0, f"{item['entity']} {item['record_id']}")
    return ", ".join(map(str, place)) or str(item["entity"] or "")


def _inert(value: object) -> object:
    """A value that a spreadsheet shows and does not calculate, whatever was delivered in it."""
    risky = isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{value}" if risky else value
