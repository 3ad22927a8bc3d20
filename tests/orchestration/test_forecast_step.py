"""The forecast step on a made warehouse: breaks and open months change what is fitted, nothing
that is published as booked."""

import json
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from orchestration.intake.raw_store import RawStore
from orchestration.progress import Silent
from orchestration.settings import ForecastSettings, Settings
from orchestration.state import State
from orchestration.steps.forecasting import forecast_night
from orchestration.steps.known_breaks import PERSONS, breaks_of
from tests.forecasting.made_series import seasonal

LAST, MONTHS = pd.Timestamp(2025, 6, 1), 42
KNOWN_BREAKS = """
    kind varchar, measure varchar, function varchar, measure_type varchar, relative_change double,
    valid_from date, valid_to date
"""
SHIFT = "('level_shift', 'net_expenditure', '5.28.22', null, null, date '2025-03-01', null)"
LATE = """
    insert into intermediate.int_booking_lags
    select function, measure_type, month, (last_day(month) + late.days)::date,
        net_expenditure * late.share
    from intermediate.int_forecast_series
    cross join (values (0, 0.7), (45, 0.3)) as late (days, share)
    where month >= date '2024-01-01' and last_day(month) + late.days <= date '2025-06-30'
"""


def _money() -> pd.DataFrame:
    """Two types of one function and one of another; the first function rises by half in March."""
    values = seasonal(3, MONTHS, seed=4)
    values[:2, -4:] *= 1.5
    names = [("5.28.22", "21"), ("5.28.22", "22"), ("5.28.23", "9")]
    months = pd.date_range(end=LAST, periods=MONTHS, freq="MS")
    parts = [
        pd.DataFrame(
            {"function": function, "measure_type": kind, "month": months, "net_expenditure": row}
        )
        for (function, kind), row in zip(names, values.round(2), strict=True)
    ]
    return pd.concat(parts)


def _night(folder: Path, *statements: str) -> dict[str, pd.DataFrame]:
    """The step on a warehouse of `_money`, changed by statements: its tables by name."""
    state = State(folder)
    state.warehouse.parent.mkdir(parents=True)
    store = RawStore(state.raw)
    store.prepare()
    (state.home / "run").mkdir()
    (store.root / "run" / "loads.json").write_text(json.dumps([]), encoding="utf-8")
    with duckdb.connect(str(state.warehouse)) as connection:
        connection.register("money", _money())
        connection.execute(
            f"""
            create schema intermediate; create schema reference;
            create table intermediate.int_run as select 2025 as current_year,
                date '2025-06-01' as last_complete_month, date '2025-06-30' as as_of,
                date '2022-01-01' as first_activity_month;
            create table intermediate.int_forecast_series as
            select * replace (month::date as month) from money;
            create table intermediate.int_activity_series
                (measure_type varchar, month date, full_year_persons decimal(18, 4));
            create table intermediate.int_budget_level
                (year integer, level varchar, key varchar, adjusted_budget decimal(18, 2));
            create table intermediate.int_measure_types (measure_type varchar, function varchar);
            create table intermediate.int_commitment_register (
                measure_key bigint, function varchar, measure_type varchar, category varchar,
                starts_on date, ended_on date, is_administrative boolean, age_limit_on date,
                known_from date, is_once boolean, month_price decimal(18, 4), price_on date
            );
            create table intermediate.int_plan_versions
                (measure_key bigint, known_from date, known_to date, expected_end_on date);
            create table intermediate.int_volume_series
                (measure_type varchar, month date, full_year_persons decimal(18, 4));
            create table intermediate.int_booking_lags (function varchar, measure_type varchar,
                month date, seen_on date, amount decimal(18, 2));
            create table reference.ref_price_index (year integer, price_index decimal(9, 4));
            create table reference.ref_known_breaks ({KNOWN_BREAKS});
            """
        )
        for statement in statements:
            connection.execute(statement)
    with duckdb.connect() as connection:
        run = store.path("run", "run").as_posix()
        connection.execute(
            "copy (select 'r1' as run_id, date '2025-06-30' as as_of, 'd' as data_version,"
            f" 'c' as code_version) to '{run}' (format parquet)"
        )
        settings = Settings(forecast=ForecastSettings(horizon_months=6, samples=100, workers=1))
        forecast_night(settings, state, Silent())
        tables = {
            name: connection.execute(
                f"select * from read_parquet('{store.path(name, 'r1').as_posix()}')"
            ).fetchdf()
            for name in ("forecasts", "outturns", "open_months", "backtests")
        }
    return tables | {"explained": pd.read_parquet(state.paths / "r1.explained.parquet")}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    return _night(tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    """With a line for the function that rose."""
    insert = f"insert into reference.ref_known_breaks values {SHIFT}"
    return _night(tmp_path_factory.mktemp("told"), insert)


@pytest.fixture(scope="module")
def filling(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    """With loads that tell that three tenths of a month used to come 45 days after its end."""
    return _night(tmp_path_factory.mktemp("filling"), LATE)


def _means(night: dict[str, pd.DataFrame], series: str) -> list[float]:
    table = night["forecasts"]
    return table[table["series_id"] == series].sort_values("target_month")["mean"].tolist()


def _known(night: dict[str, pd.DataFrame]) -> pd.Series:
    keys = ["level", "key", "year"]
    return night["outturns"].set_index(keys)["actual_complete_months"].sort_index()


def test_a_told_shift_moves_its_function_and_no_other(
    plain: dict[str, pd.DataFrame], told: dict[str, pd.DataFrame]
) -> None:
    # Joined, the months before March say that the new level is there to stay.
    series = "function=5.28.22"
    assert sum(_means(told, series)[:12]) > 1.05 * sum(_means(plain, series)[:12])
    pd.testing.assert_series_equal(_known(told), _known(plain))


def test_a_told_shift_is_the_event_of_the_months_before_it(
    plain: dict[str, pd.DataFrame], told: dict[str, pd.DataFrame]
) -> None:
    tables = (night["explained"].query("part == 'event'") for night in (plain, told))
    without, found = tables
    assert not without["value"].any()
    assert len(found) == len(without)
    moved = found[found["value"] != 0]
    assert set(moved["name"]) == {"level_shift"}
    assert set(moved["series_id"]) == {
        f"function=5.28.22|measure_type={kind}" for kind in ("21", "22")
    }
    assert moved["month"].max() == pd.Timestamp(2025, 2, 1)
    assert (moved["value"] < 0).all()


def test_no_try_across_the_shift_is_told(
    plain: dict[str, pd.DataFrame], told: dict[str, pd.DataFrame]
) -> None:
    def months(night: dict[str, pd.DataFrame], series: str) -> pd.Series:
        return night["backtests"].query("series_id == @series")["target_month"]

    shift = pd.Timestamp(2025, 3, 1)
    for series in ("function=5.28.22", "total"):
        assert months(plain, series).max() >= shift
        assert months(told, series).max() < shift
    other = "function=5.28.23"
    assert sorted(months(told, other)) == sorted(months(plain, other))


def test_open_months_are_told_and_forecast_as_whole_ones(
    plain: dict[str, pd.DataFrame], filling: dict[str, pd.DataFrame]
) -> None:
    assert not plain["outturns"]["open_amount"].any()
    now = filling["outturns"].query("level == 'total' and year == 2025")["open_amount"].iloc[0]
    year = _money().query("month > '2024-12-31'").groupby("month")["net_expenditure"].sum()
    # Of the newest two months three tenths are not booked yet.
    assert 0.4 * year.mean() < now < 0.8 * year.mean()
    told = filling["open_months"]
    assert told["to_come"].sum() == pytest.approx(now)
    assert {*told["month"]} == {LAST - pd.DateOffset(months=back) for back in (0, 1)}
    assert plain["open_months"].empty
    assert sum(_means(filling, "total")) > 1.03 * sum(_means(plain, "total"))
    pd.testing.assert_series_equal(_known(filling), _known(plain))


def test_an_outturn_is_booked_to_come_and_forecast_months_on_every_level(
    plain: dict[str, pd.DataFrame], filling: dict[str, pd.DataFrame]
) -> None:
    for night in (plain, filling):
        found = night["outturns"]
        names = (found["level"] + "=" + found["key"]).where(found["level"] != "total", "total")
        ahead = night["forecasts"].assign(year=night["forecasts"]["target_month"].dt.year)
        months = ahead.groupby(["series_id", "year"])["mean"].sum()
        forecast = months.loc[pd.MultiIndex.from_arrays([names, found["year"]])].to_numpy()
        parts = found["actual_complete_months"] + found["open_amount"] + forecast
        assert found["mean"].to_numpy() == pytest.approx(parts.to_numpy(), abs=0.001)
        sums = found.groupby(["year", "level"])[["open_amount", "mean"]].sum().round(2)
        assert (sums.groupby("year").nunique() == 1).all(axis=None)


def test_a_line_is_about_the_series_that_it_names() -> None:
    series = pd.DataFrame({"series_id": ["measure_type=21", "measure_type=9"]})
    series = series.assign(measure_type=["21", "9"])
    line = {"kind": "one_off", "measure": PERSONS, "function": None, "relative_change": None}
    line |= {"first": "2024-02-01", "last": "2024-03-01"}
    lines = pd.DataFrame([line | {"measure_type": kind} for kind in ("21", None, "23")])
    found = breaks_of(lines, PERSONS, series)
    assert [sorted(one.series) for one in found] == [
        ["measure_type=21"],
        ["measure_type=21", "measure_type=9"],
    ]
    assert found[0].last == pd.Timestamp(2024, 3, 1)
    assert breaks_of(lines, "net_expenditure", series) == []
