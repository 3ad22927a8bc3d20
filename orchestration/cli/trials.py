"""Commands that try the forecast, on what is known and on what may be done: `backtest`, `scenario`.

What belongs here: their arguments, their files, what is printed. What does not: the method
(forecasting), reading what is published (orchestration.published_series, .steps.scenarios).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer
from rich.console import Console
from rich.table import Table

from orchestration.progress import reporter
from orchestration.refusal import Refusal
from orchestration.settings import ConfigurationError, home
from orchestration.state import State

if TYPE_CHECKING:
    import pandas as pd

    from forecasting.scenarios import BreakEven
    from orchestration.published_series import PublishedSeries


_DECIMALS = 4


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(backtest)
    app.command()(scenario)


def backtest(
    source: Annotated[
        Path | None,
        typer.Option("--input", help="Monthly series; default those of the published run."),
    ] = None,
    horizon: Annotated[int, typer.Option(min=1, max=60, help="Months ahead.")] = 12,
    origins: Annotated[
        int, typer.Option(min=1, max=24, help="Past ends of quarters to forecast from.")
    ] = 4,
    out: Annotated[Path, typer.Option("--out", help="The table, CSV or Parquet by suffix.")] = Path(
        "backtest.csv"
    ),
) -> None:
    """Score the engine from past dates, beside last year, run-rate and last year's profile.

    Four origins see every end of a quarter once: the year-end rows then hold 0, 3, 6 and 9 known
    months. Writes measure, level, part, bin, method, scored, wape, mase, crps, coverage_80,
    coverage_90.
    """
    from orchestration.series_files import require_suffix, write_table

    require_suffix(out, *([source] if source else []))
    found = _scores(_wanted(source), str(source or "the published run"), horizon, origins)
    write_table(found, out)
    _show(found)
    typer.echo(out)


def scenario(
    file: Annotated[
        Path | None, typer.Argument(help="The scenario, YAML; docs/scenarios.md.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="The folder of its tables, CSV.")] = Path(
        "scenario"
    ),
    remove: Annotated[
        str | None, typer.Option(help="Instead: stop making the kept scenario of this name.")
    ] = None,
) -> None:
    """Answer a what-if on the published run, and keep it: every night makes it on the new base.

    Prints cost and activity per year against the base with 80 % intervals, and the break-even
    month; writes <name>_months.csv and <name>_years.csv. `fct_forecast` has it from the next night.
    """
    from forecasting.scenarios import ScenarioError, break_even, changed, month_table, year_table
    from orchestration.scenario_files import forget, keep, read_scenario
    from orchestration.series_files import write_table
    from orchestration.steps.scenarios import published_base

    state = State(home())
    if (file is None) == (remove is None):
        raise ConfigurationError("name a scenario file, or one to --remove")
    if remove is not None:
        forget(state, remove)
        typer.echo(f"{remove} is not made any more")
        return
    found = read_scenario(cast(Path, file))
    base = published_base(state)
    try:
        result = changed(found.scenario, base, base.money.settings.seed)
    except ScenarioError as error:
        raise Refusal(f"{file}: {error}") from error
    years, name = year_table(result, base), found.scenario.name
    months = month_table(result, base).round(_DECIMALS)
    write_table(months, out / f"{name}_months.csv", months=("month",))
    write_table(years.round(_DECIMALS), out / f"{name}_years.csv")
    keep(state, found)
    _show_years(years, found.scenario.title or name)
    typer.echo(_paid(break_even(result)))
    typer.echo(out / f"{name}_months.csv")
    typer.echo(out / f"{name}_years.csv")


def _show_years(years: "pd.DataFrame", title: str) -> None:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for head in ("", "year", "months", "base", "scenario", "difference", "p10", "p90"):
        table.add_column(head, justify="left" if not head else "right")
    for row in years.to_dict("records"):
        form = "{:,.0f}" if row["measure"] == "net_expenditure" else "{:,.2f}"
        numbers = [
            form.format(row[name]) for name in ("base", "scenario", "difference", "p10", "p90")
        ]
        what = f"{row['measure']} {row['series_id']}"
        table.add_row(what, str(row["year"]), str(row["months"]), *numbers)
    Console(width=None if Console().is_terminal else 160).print(table)


def _paid(when: "BreakEven") -> str:
    """The break-even in one sentence."""
    if when.expected is None:
        return f"break-even: not before the forecast ends (probability {when.probability:.0%})"
    early = f"{when.early:%Y-%m}" if when.early is not None else "later"
    late = f"{when.late:%Y-%m}" if when.late is not None else "after the forecast ends"
    return (
        f"break-even: {when.expected:%Y-%m}, with 80 % between {early} and {late}"
        f" (probability {when.probability:.0%} before the forecast ends)"
    )


def _wanted(source: Path | None) -> "list[PublishedSeries]":
    from orchestration.published_series import PublishedSeries, published_series
    from orchestration.series_files import read_table

    if source is None:
        return published_series(State(home()))
    return [PublishedSeries("value", read_table(source), {}, 2)]


def _scores(
    wanted: "Sequence[PublishedSeries]", where: str, horizon: int, origins: int
) -> "pd.DataFrame":
    import pandas as pd

    from forecasting.accuracy import accuracy
    from forecasting.series import ForecastInputError, ForecastSettings

    tables = []
    with reporter() as progress:
        for one in wanted:
            series = one.history["series_id"].nunique() if "series_id" in one.history else 0
            title = f"Trying {series} series from {origins} past dates"
            progress.step(title, total=series * origins)

            def told(done: int, _: int) -> None:
                progress.advance(done=done)

            # Anyone's series may end in different months, as `raaderum forecast` takes them.
            settings = ForecastSettings(decimals=one.decimals, common_end=bool(one.groups))
            try:
                table = accuracy(one.history, horizon, origins, settings, one.groups, told)
            except ForecastInputError as error:
                raise Refusal(f"{where}: {error}") from error
            table.insert(0, "measure", one.measure)
            tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _show(found: "pd.DataFrame") -> None:
    """One table per measure and level: WAPE of every method, then what the engine alone has."""
    from forecasting.accuracy import ENGINE

    for (measure, level), rows in found.groupby(["measure", "level"], sort=False):
        methods = list(dict.fromkeys(rows["method"]))
        title = f"{measure}, {level}: WAPE of each method; of {ENGINE} the rest"
        table = Table(title=title, title_justify="left", box=None, pad_edge=False)
        table.add_column("")
        for head in ("scored", *methods, "MASE", "CRPS", "in 80 %", "in 90 %"):
            table.add_column(head, justify="right")
        for (part, place), cells in rows.groupby(["part", "bin"], sort=False):
            by_method = cells.set_index("method")
            own = by_method.loc[ENGINE].to_dict()
            table.add_row(
                f"{place} months known" if part == "year_end" else f"{place} ahead",
                f"{own['scored']:.0f}",
                *(_share(by_method["wape"][name]) for name in methods),
                _number(own["mase"]),
                _number(own["crps"]),
                _share(own["coverage_80"]),
                _share(own["coverage_90"]),
            )
        Console(width=None if Console().is_terminal else 160).print(table)


def _share(value: float) -> str:
    return f"{value:.1%}" if value == value else "–"


def _number(value: float) -> str:
    return f"{value:.3f}" if value == value else "–"
