"""Commands that use one room alone: `forecast`, `committee`.

What belongs here: their arguments, reading and writing their files. What does not: the method
(forecasting), the pack (exports.committee).
"""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from orchestration.progress import reporter
from orchestration.refusal import Refusal
from orchestration.settings import ConfigurationError, home
from orchestration.state import State


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(forecast)
    app.command()(committee)


def forecast(
    source: Annotated[
        Path, typer.Option("--input", help="Monthly series: series_id, month, value.")
    ],
    horizon: Annotated[int, typer.Option(min=1, max=60, help="Months ahead.")],
    out: Annotated[Path, typer.Option("--out", help="The forecasts, CSV or Parquet by suffix.")],
) -> None:
    """Forecast anyone's monthly series with the night's own engine.

    Writes series_id, month, mean, p05, p10, p25, p50, p75, p90, p95.
    """
    from forecasting.series import ForecastInputError, public_forecast
    from orchestration.series_files import read_table, require_suffix, write_table

    require_suffix(source, out)
    history = read_table(source)
    with reporter() as progress:
        series = history["series_id"].nunique() if "series_id" in history else None
        progress.step("Forecasting", total=series)

        def told(done: int, _: int) -> None:
            progress.advance(done=done)

        try:
            found = public_forecast(history, horizon, progress=told)
        except ForecastInputError as error:
            raise Refusal(f"{source}: {error}") from error
    write_table(found, out, months=("month",))
    typer.echo(out)


def committee(
    meeting: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The meeting; default the next in the calendar."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Where the pack is written; default ./committee.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", help="The configuration; default raaderum.toml here.")
    ] = None,
) -> None:
    """Make the committee pack of a meeting from the published run."""
    from orchestration.published_pack import pack_from_published
    from orchestration.steps.publishing import next_meeting
    from orchestration.surroundings import configuration

    settings = configuration(config)
    state = State(home())
    day: date | None = meeting.date() if meeting else next_meeting(settings, date.today())  # noqa: DTZ011 - a calendar day
    if day is None:
        raise ConfigurationError("the calendar has no meeting ahead; name one with --meeting")
    with reporter() as progress:
        progress.step(f"Committee pack for {day}")
        paths = pack_from_published(state, settings, day, out or Path("committee"))
    for path in paths:
        typer.echo(path)
