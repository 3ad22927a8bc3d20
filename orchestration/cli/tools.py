"""The command that uses one room alone: `forecast`.

What belongs here: its arguments, reading and writing its files. What does not: the method
(forecasting).
"""

from pathlib import Path
from typing import Annotated

import typer

from orchestration.progress import reporter
from orchestration.refusal import Refusal


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(forecast)


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
