"""Commands that use one room alone: `forecast`, `explain`.

What belongs here: their arguments, reading and writing their files. What does not: the method
(forecasting).
"""

from pathlib import Path
from typing import Annotated

import typer

from orchestration.progress import reporter
from orchestration.refusal import Refusal
from orchestration.settings import home
from orchestration.state import State


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(forecast)
    app.command()(explain)


def forecast(
    source: Annotated[
        Path, typer.Option("--input", help="Monthly series: series_id, month, value.")
    ],
    horizon: Annotated[int, typer.Option(min=1, max=60, help="Months ahead.")],
    out: Annotated[Path, typer.Option("--out", help="The forecasts, CSV or Parquet by suffix.")],
    thorough: Annotated[
        bool, typer.Option(help="More candidates and tries: two to five times as long.")
    ] = False,
    explain: Annotated[
        Path | None,
        typer.Option(
            help="Also write weights, trend, season and events, CSV or Parquet by suffix."
        ),
    ] = None,
) -> None:
    """Forecast anyone's monthly series with the night's own engine.

    Writes series_id, month, mean, p05, p10, p25, p50, p75, p90, p95.
    """
    from forecasting.explained import explained
    from forecasting.series import (
        ForecastInputError,
        ForecastSettings,
        public_paths,
        quantile_table,
    )
    from orchestration.series_files import read_table, require_suffix, write_table

    require_suffix(source, out, *([explain] if explain else []))
    history = read_table(source)
    with reporter() as progress:
        series = history["series_id"].nunique() if "series_id" in history else None
        progress.step("Forecasting", total=series)

        def told(done: int, _: int) -> None:
            progress.advance(done=done)

        settings = ForecastSettings(thorough=thorough)
        try:
            paths = public_paths(history, horizon, settings, progress=told)
        except ForecastInputError as error:
            raise Refusal(f"{source}: {error}") from error
    write_table(quantile_table(paths), out, months=("month",))
    typer.echo(out)
    if explain is not None:
        write_table(explained(paths), explain, months=("month",))
        typer.echo(explain)


def explain(
    out: Annotated[
        Path, typer.Option("--out", help="The explanations, CSV or Parquet by suffix.")
    ] = Path("explained.csv"),
) -> None:
    """Write why the published run's forecasts are as they are, series by series.

    Writes series_id, part, name, month, value: the weight of each candidate; trend and season of
    the Prophet model that is believed most; and event, what known breaks added to what was booked.
    """
    from orchestration.series_files import require_suffix, write_table
    from orchestration.steps.explanations import published_explanations

    require_suffix(out)
    write_table(published_explanations(State(home())), out, months=("month",))
    typer.echo(out)
