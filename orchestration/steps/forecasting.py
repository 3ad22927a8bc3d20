"""The forecast step: series out of the warehouse, forecasts and outturns into the raw layer.

What belongs here: reading the tables that dbt prepares, the names of series and levels, writing the
result. What does not: any method (forecasting), budgets and committed amounts (dbt).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from importlib.metadata import version

import duckdb
import pandas as pd

from forecasting.breaks import KnownBreak, events, joined, without_hindsight
from forecasting.changes import BASE
from forecasting.explained import explained
from forecasting.reporting_lag import Bookings, widened
from forecasting.scenarios import Base
from forecasting.series import (
    ForecastSettings,
    SamplePaths,
    add_up,
    forecast,
    quantile_table,
)
from forecasting.settings import LONGEST, YEAR
from forecasting.to_come import to_come
from forecasting.tries import tried_forecasts
from forecasting.volume_price import UNIT_PRICE, unit_prices
from orchestration.intake.raw_store import (
    BACKTESTS,
    FORECASTS,
    INITIATIVE_EFFECTS,
    OPEN_MONTHS,
    OUTTURNS,
    RawStore,
    write,
)
from orchestration.progress import Reporter
from orchestration.settings import Settings
from orchestration.state import State
from orchestration.steps.case_register import CaseRegister, given_forecasts, read_register
from orchestration.steps.explanations import keep_explanations
from orchestration.steps.fitted_history import fitted_money, read_bookings
from orchestration.steps.initiatives import measured_effects
from orchestration.steps.intake import Run, read_run
from orchestration.steps.kept_studies import read_kept, write_kept
from orchestration.steps.known_breaks import MONEY, PERSONS, breaks_of, read_breaks
from orchestration.steps.outturns import open_rows, outturn_rows
from orchestration.steps.scenarios import keep_paths, scenario_levels
from orchestration.steps.series_names import (
    PLACED,
    bottom_series,
    groups,
    type_series,
)

OUTLOOK_YEARS = 4
"""Years after the running one with an expected outturn: the next budget year and three more."""
MODEL_VERSION = f"raaderum {version('raaderum')}, prophet {version('prophet')}"


@dataclass(frozen=True)
class Inputs:
    """What the warehouse hands over.

    `money`: function, measure_type, month, net_expenditure of complete months; `activity`:
    measure_type, month, full_year_persons; `budgets`: year, level, key, adjusted_budget; `homes`:
    measure type -> the function that it is booked on; `register`: the case register; `breaks`: the
    lines of known breaks; `bookings`: when the newest two years' months were booked.
    """

    money: pd.DataFrame
    activity: pd.DataFrame
    budgets: pd.DataFrame
    homes: Mapping[str, str]
    register: CaseRegister
    breaks: pd.DataFrame
    bookings: Bookings
    current_year: int
    last_complete_month: date | None


@dataclass(frozen=True)
class Forecasted:
    """How many bottom series were forecast."""

    series: int


def forecast_night(settings: Settings, state: State, reporter: Reporter) -> Forecasted:
    """Forecast every series of the warehouse; write the tables of `MADE_BY_FORECAST`."""
    run = read_run(state)
    inputs = _read(state)
    years = tuple(range(inputs.current_year, inputs.current_year + OUTLOOK_YEARS + 1))
    chosen = _settings(settings, inputs, years)
    bottoms = bottom_series(inputs.money)
    activity = type_series(inputs.activity.rename(columns={"full_year_persons": "value"}))
    fitted = fitted_money(bottoms, inputs.breaks, inputs.bookings)
    person_breaks = breaks_of(inputs.breaks, PERSONS, activity)
    given = given_forecasts(inputs.register, fitted.history, chosen)
    total = bottoms["series_id"].nunique() + activity["series_id"].nunique()
    reporter.step(f"Forecasting {total} series", total=total)

    def told(done: int, _: int) -> None:
        reporter.advance(done=done)

    workers = settings.forecast.workers or None
    kept = read_kept(state)
    history = fitted.history[["series_id", "month", "value"]]
    closed = forecast(history, chosen, told, workers, given.candidates, kept)
    money_paths = widened(closed, fitted.joined, fitted.still, workers, kept)
    levels = [money_paths, *(add_up(money_paths, sums) for sums in groups(bottoms))]
    persons = replace(chosen, decimals=4)
    volumes = joined(activity, person_breaks)[["series_id", "month", "value"]]
    person_paths = forecast(volumes, persons, None, workers, kept=kept)
    person_levels = [person_paths, *_activity_total(person_paths)]
    tables = _base_tables(levels, person_levels)
    base = Base(money_paths, person_paths, inputs.homes)
    keep_paths(state, run.run_id, base)
    keep_explanations(
        state,
        run.run_id,
        explained(money_paths, events(bottoms, fitted.joined, fitted.breaks)),
        explained(person_paths, events(activity, volumes, person_breaks)),
    )
    for name, measure, level in scenario_levels(state, base, levels, person_levels):
        tables.append(_rows(level, measure, name))
    _write(state, run, "forecasts", FORECASTS, _stamped(_together(tables, FORECASTS), run))
    late = to_come(fitted.still, money_paths)
    outturns = outturn_rows(bottoms, levels[1:], years, inputs.budgets, given.floor, late)
    _write(state, run, "outturns", OUTTURNS, outturns)
    _write(state, run, "open_months", OPEN_MONTHS, open_rows(bottoms, late))
    effects = measured_effects(settings.initiatives, bottoms, chosen, workers, reporter, kept)
    _write(state, run, "initiative_effects", INITIATIVE_EFFECTS, effects)
    tried = [
        *_tried(MONEY, bottoms, levels, fitted.breaks),
        *_tried(PERSONS, activity, person_levels, person_breaks),
    ]
    _write(state, run, "backtests", BACKTESTS, _stamped(_together(tried, BACKTESTS), run))
    write_kept(state, kept)
    return Forecasted(len(money_paths.series_ids) + len(person_paths.series_ids))


def _read(state: State) -> Inputs:
    with duckdb.connect(str(state.warehouse), read_only=True) as connection:

        def table(columns: str, name: str) -> pd.DataFrame:
            query = f"select {columns} from intermediate.{name} order by all"
            return connection.execute(query).fetchdf()

        run = connection.execute(
            "select current_year, last_complete_month, as_of from intermediate.int_run"
        ).fetchone()
        if run is None:
            raise RuntimeError("intermediate.int_run is empty: the warehouse was not built")
        return Inputs(
            money=table(
                "function, measure_type, month, net_expenditure::double as net_expenditure",
                "int_forecast_series",
            ),
            activity=table(
                "measure_type, month, full_year_persons::double as full_year_persons",
                "int_activity_series",
            ),
            budgets=table(
                "year, level, key, adjusted_budget::double as adjusted_budget", "int_budget_level"
            ),
            homes=dict(
                connection.execute(
                    "select measure_type, function from intermediate.int_measure_types"
                    " where function is not null order by all"
                ).fetchall()
            ),
            register=read_register(connection),
            breaks=read_breaks(connection),
            bookings=read_bookings(connection, run[2]),
            current_year=int(run[0]),
            last_complete_month=run[1],
        )


def _settings(settings: Settings, inputs: Inputs, years: tuple[int, ...]) -> ForecastSettings:
    """The night's settings; the horizon reaches at least the end of the last year asked for, where
    a ledger that stopped long ago does not put it beyond any forecast."""
    last = inputs.last_complete_month
    needed = YEAR * (max(years) - last.year) + YEAR - last.month if last else 1
    return ForecastSettings(
        horizon=min(max(settings.forecast.horizon_months, needed), LONGEST),
        samples=settings.forecast.samples,
        seed=settings.forecast.seed,
    )


def _activity_total(paths: SamplePaths) -> list[SamplePaths]:
    return [add_up(paths, {PLACED: list(paths.series_ids)})] if paths.series_ids else []


def _rows(paths: SamplePaths, measure: str, scenario: str = BASE) -> pd.DataFrame:
    """One level's forecasts in the shape of `raw.forecasts`, without the run."""
    table = quantile_table(paths).rename(columns={"month": "target_month"})
    horizon = table.groupby("series_id").cumcount() + 1
    return table.assign(measure=measure, scenario=scenario, horizon_months=horizon)


def _base_tables(levels: list[SamplePaths], person_levels: list[SamplePaths]) -> list[pd.DataFrame]:
    """Money and persons on every level, and what a person of each type costs."""
    of_types = [level for level in levels if level.series_ids[:1] and _is_type(level)]
    return [
        *(_rows(level, MONEY) for level in levels),
        *(_rows(level, PERSONS) for level in person_levels),
        *(_unit_price_rows(level, person_levels[0]) for level in of_types),
    ]


def _is_type(paths: SamplePaths) -> bool:
    return all(name.startswith("measure_type=") for name in paths.series_ids)


def _unit_price_rows(money: SamplePaths, persons: SamplePaths) -> pd.DataFrame:
    """What a full-year person costs, by type of placement, in the shape of `raw.forecasts`."""
    table = unit_prices(money, persons).rename(columns={"month": "target_month"})
    return table.assign(measure=UNIT_PRICE, scenario=BASE)


def _tried(
    measure: str, history: pd.DataFrame, levels: list[SamplePaths], breaks: list[KnownBreak]
) -> list[pd.DataFrame]:
    """What the night's own rolling origins forecast, in the shape of `raw.backtests`.

    history: as booked. Where a break was joined, a try is told as what was booked plus its error.
    """
    booked = history[["series_id", "month", "value"]]
    tables = []
    for level in levels:
        members = dict(zip(level.series_ids, level.members, strict=True))
        found = tried_forecasts(booked, level).assign(measure=measure)
        tables.append(without_hindsight(found, members, breaks))
    return tables


def _together(tables: list[pd.DataFrame], columns: Mapping[str, str]) -> pd.DataFrame:
    filled = [table for table in tables if not table.empty]
    return pd.concat(filled) if filled else pd.DataFrame(columns=list(columns))


def _stamped(table: pd.DataFrame, run: Run) -> pd.DataFrame:
    return table.assign(model_version=MODEL_VERSION, data_version=run.data_version)


def _write(
    state: State, run: Run, name: str, columns: Mapping[str, str], frame: pd.DataFrame
) -> None:
    """Write one run's Parquet file of a table, cast to the declared types."""
    casts = ", ".join(f"{column}::{kind} as {column}" for column, kind in columns.items())
    store = RawStore(state.raw)
    with duckdb.connect() as connection:
        connection.register("frame", frame.assign(run_id=run.run_id))
        write(connection, f"select {casts} from frame order by all", store.path(name, run.run_id))
