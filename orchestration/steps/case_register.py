"""Forecasts out of the case register: volume × price and commitments, for the engine to weigh.

What belongs here: reading what dbt prepares, the names of the series. What does not: the methods
(forecasting.volume_price, forecasting.commitments), how much they count (the engine).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pandas as pd

from forecasting.commitments import commitments
from forecasting.given import COLUMNS, Origin, given_table, origins
from forecasting.settings import ForecastSettings
from forecasting.volume_price import volume_price
from orchestration.steps.series_names import bottom_name


@dataclass(frozen=True)
class CaseRegister:
    """What the case system tells of money to come.

    `measures`: one row per granted measure (`int_commitment_register`); `plans`: versions of
    planned ends; `persons`: measure_type, month, value; `price_index`: year -> level of prices and
    wages; `watched_from`: the first month that the register tells as a whole.
    """

    measures: pd.DataFrame
    plans: pd.DataFrame
    persons: pd.DataFrame
    price_index: dict[int, float]
    watched_from: pd.Timestamp | None


@dataclass(frozen=True)
class Given:
    """Forecasts that do not come from a series' own history.

    `candidates`: the columns of `forecasting.given.COLUMNS`. `floor`: series_id, month, value: what
    of the months to come is committed by what is granted now.
    """

    candidates: pd.DataFrame
    floor: pd.DataFrame


def read_register(connection: duckdb.DuckDBPyConnection) -> CaseRegister:
    """The case register out of the built warehouse."""

    def table(query: str) -> pd.DataFrame:
        return connection.execute(query + " order by all").fetchdf()

    measures = table(
        "select * replace (month_price::double as month_price)"
        " from intermediate.int_commitment_register"
    )
    names = zip(measures["function"], measures["measure_type"], strict=True)
    index = table("select year, price_index::double as level from reference.ref_price_index")
    watched = connection.execute("select first_activity_month from intermediate.int_run").fetchone()
    return CaseRegister(
        measures=measures.assign(series_id=[bottom_name(*name) for name in names]),
        plans=table("select * from intermediate.int_plan_versions"),
        persons=table(
            "select measure_type, month, full_year_persons::double as value"
            " from intermediate.int_volume_series"
        ),
        price_index=dict(zip(index["year"].astype(int), index["level"], strict=True)),
        watched_from=pd.Timestamp(watched[0]) if watched and watched[0] else None,
    )


def register_forecasts(
    register: CaseRegister, bottoms: pd.DataFrame, wanted: Sequence[Origin]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Volume × price, and commitments, of every bottom series from the wanted origins."""
    by_price = volume_price(bottoms, register.persons, register.price_index, wanted)
    by_case = commitments(
        register.measures,
        register.plans,
        bottoms,
        register.price_index,
        wanted,
        register.watched_from,
    )
    return by_price, by_case


def given_forecasts(
    register: CaseRegister, bottoms: pd.DataFrame, settings: ForecastSettings
) -> Given:
    """What the register forecasts of every bottom series, now and from the engine's past origins.

    bottoms: series_id, measure_type, month, value of complete months.
    """
    if bottoms.empty:
        return Given(
            pd.DataFrame(columns=COLUMNS), pd.DataFrame(columns=["series_id", "month", "value"])
        )
    wanted = origins(pd.Timestamp(bottoms["month"].max()), settings)
    by_price, by_case = register_forecasts(register, bottoms, wanted)
    floor = by_case[by_case["origin_month"] == wanted[0].month]
    return Given(
        given_table([by_price, by_case]),
        floor[["series_id", "month", "floor"]].rename(columns={"floor": "value"}),
    )
