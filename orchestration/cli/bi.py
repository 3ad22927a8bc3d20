"""Commands that make BI content: `bi powerbi`.

What belongs here: their arguments and what is told. What does not: the content (exports.powerbi).
"""

from pathlib import Path
from typing import Annotated

import typer

from orchestration.settings import ConfigurationError, home
from orchestration.state import State


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(help="Make or update the content of BI tools.", no_args_is_help=True)
    group.command()(powerbi)
    # A group of one command would otherwise be called without its name.
    group.callback()(_bi)
    app.add_typer(group, name="bi")


def _bi() -> None:
    """Make or update the content of BI tools."""


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
