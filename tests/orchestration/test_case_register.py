"""What the case register gives the engine: read from the warehouse, named as its series."""

import duckdb
import pandas as pd
import pytest

from forecasting.given import COLUMNS
from forecasting.settings import ForecastSettings
from orchestration.steps.case_register import CaseRegister, given_forecasts, read_register

SERIES = "function=5.28.22|measure_type=23"
LAST = pd.Timestamp(2024, 9, 1)


@pytest.fixture(scope="module")
def register() -> CaseRegister:
    """Ten placements since 2020, two of them until 2023, at 30,000 a month."""
    with duckdb.connect() as connection:
        connection.execute(
            """
            create schema intermediate; create schema reference;
            create table intermediate.int_commitment_register as
            select
                n as measure_key, '5.28.22' as function, '23' as measure_type,
                'placement' as category, date '2020-01-01' as starts_on,
                case when n < 2 then date '2023-06-30' end as ended_on,
                false as is_administrative, date '2034-01-31' as age_limit_on,
                date '2024-10-10' as known_from, false as is_once,
                30000::decimal(18, 4) as month_price, date '2024-10-10' as price_on
            from range(10) as t (n);
            create table intermediate.int_plan_versions as
            select
                0 as measure_key, date '2024-10-10' as known_from, null::date as known_to,
                date '2025-01-31' as expected_end_on;
            create table intermediate.int_volume_series as
            select
                '23' as measure_type, month::date as month,
                (case when month < date '2023-07-01' then 10 else 8 end / 12)::decimal(18, 4)
                    as full_year_persons
            from range(date '2020-01-01', date '2024-10-01', interval 1 month) as t (month);
            create table reference.ref_price_index as
            select 2023 as year, 100::decimal(9, 4) as price_index
            union all select 2024, 102;
            create table intermediate.int_run as select date '2020-01-01' as first_activity_month;
            """
        )
        return read_register(connection)


def _booked() -> pd.DataFrame:
    months = pd.date_range("2020-01-01", LAST, freq="MS")
    there = [10 if month < pd.Timestamp(2023, 7, 1) else 8 for month in months]
    table = pd.DataFrame({"month": months, "value": [30_000.0 * number for number in there]})
    pay = table.assign(series_id="function=6.45.58|measure_type=unknown", measure_type="unknown")
    return pd.concat([table.assign(series_id=SERIES, measure_type="23"), pay])


def test_both_candidates_are_given_now_and_from_the_engines_past_origins(
    register: CaseRegister,
) -> None:
    chosen = ForecastSettings(horizon=27, origins=3)
    given = given_forecasts(register, _booked(), chosen)
    assert list(given.candidates.columns) == COLUMNS
    assert set(given.candidates["series_id"]) == {SERIES}
    counts = given.candidates.groupby(["candidate", "origin_month"]).size().unstack()
    assert counts.index.tolist() == ["commitments", "volume_price"]
    assert counts[LAST].tolist() == [27, 27]
    past = [LAST - pd.DateOffset(months=12 + 3 * number) for number in range(3)]
    assert sorted(counts.columns) == sorted([LAST, *past])
    assert (counts[past] == 12).all().all()
    now = given.candidates[given.candidates["origin_month"] == LAST]
    assert now["value"].between(150_000, 330_000).all()


def test_the_floor_is_what_is_granted_today(register: CaseRegister) -> None:
    floor = given_forecasts(register, _booked(), ForecastSettings(horizon=27)).floor
    assert list(floor.columns) == ["series_id", "month", "value"]
    assert floor["month"].tolist() == list(pd.date_range("2024-10-01", periods=27, freq="MS"))
    assert floor["value"].iloc[0] == pytest.approx(240_000, rel=0.05)


def test_nothing_booked_gives_nothing(register: CaseRegister) -> None:
    given = given_forecasts(register, _booked().iloc[:0], ForecastSettings())
    assert given.candidates.empty
    assert given.floor.empty
