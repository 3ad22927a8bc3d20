"""Commands that make BI content: `bi powerbi`, `bi metabase`.

What belongs here: their arguments and what is told. What does not: the content (exports.powerbi,
exports.metabase).
"""

from pathlib import Path
from typing import Annotated

import typer

from orchestration.settings import ConfigurationError, home, secret
from orchestration.state import State

METABASE_KEY = "RAADERUM_SECRET_METABASE_API_KEY"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(help="Make or update the content of BI tools.", no_args_is_help=True)
    group.command()(powerbi)
    group.command()(metabase)
    app.add_typer(group, name="bi")


def powerbi(
    out: Annotated[
        Path | None, typer.Option("--out", help="Where it is written; default ./powerbi.")
    ] = None,
    postgresql: Annotated[
        bool, typer.Option("--postgresql", help="Read from PostgreSQL instead of Parquet files.")
    ] = False,
    config: Annotated[
        Path | None, typer.Option("--config", help="The configuration; default raaderum.toml here.")
    ] = None,
) -> None:
    """Write the Power BI project (PBIP) on the published tables; open Raaderum.pbip in Desktop."""
    from orchestration.powerbi import powerbi_project, project_parameters
    from orchestration.surroundings import configuration

    settings = configuration(config)
    if postgresql and settings.publish.postgresql is None:
        raise ConfigurationError("--postgresql needs a database under [publish.postgresql]")
    parameters = project_parameters(settings, State(home()), postgresql=postgresql)
    typer.echo(powerbi_project(out or Path("powerbi"), parameters)[0])


def metabase(
    out: Annotated[
        Path | None, typer.Option("--out", help="Where the files are written; default ./metabase.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", help="The configuration; default raaderum.toml here.")
    ] = None,
) -> None:
    """Write the Metabase content as files, and put it on the server of metabase.url, if any."""
    from exports.metabase import (
        MetabaseError,
        Subscription,
        apply_content,
        connect,
        read_content,
        write_representation,
    )
    from orchestration.surroundings import configuration

    settings = configuration(config).metabase
    content, folder = read_content(), out or Path("metabase")
    write_representation(content, settings.database, folder)
    typer.echo(folder)
    if not settings.url:
        typer.echo("metabase.url is not set: no server was told")
        return
    key = secret(METABASE_KEY)
    if key is None:
        raise ConfigurationError(
            f"{METABASE_KEY} is not set; make an administrator's key in Metabase (Admin settings > "
            f"Authentication > API keys) and set it, or a file that {METABASE_KEY}_FILE names"
        )
    try:
        with connect(settings.url, key) as api:
            done = apply_content(
                content,
                api,
                settings.database,
                settings.readers,
                [Subscription(**one.model_dump()) for one in settings.subscriptions],
            )
    except MetabaseError as error:
        raise ConfigurationError(str(error)) from error
    for what, names in (("made", done.made), ("changed", done.changed)):
        for name in names:
            typer.echo(f"{what}: {name}")
    typer.echo(f"{len(done.made)} made, {len(done.changed)} changed, {done.same} as they were")
