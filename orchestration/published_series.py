"""The monthly series behind the published forecasts, read from the published run.

What belongs here: what the forecast step reads from the warehouse, for readers of what is served:
the warehouse file is the nightly job's alone. What does not: any method.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pandas as pd

from exports.publish import read_manifest
from orchestration.refusal import Refusal
from orchestration.state import State
from orchestration.steps.series_names import PLACED, bottom_series, groups, type_series

_MONEY = """
    select series_function as function, measure_type, posting_month as month,
        sum(amount)::double as net_expenditure
    from marts.fct_cost
    where posting_month <= $last and posting_date <= $as_of
    group by all order by all
"""
# The newest of both first months: before it the case system tells only what still ran.
_ACTIVITY = """
    with days as (
        select months.measure_type, months.month, sum(months.full_year_persons)::double as value
        from marts.fct_measure_month as months
        join marts.dim_measure_type as types using (measure_type_key)
        where types.category = 'placement' and months.month between $first and $last
        group by all
    )
    select measure_type, month, value from days where value > 0 order by all
"""
_FIRST_END = """
    select coalesce(min(ended_on), min(starts_on)) from marts.fct_measure
    where status <> 'draft' or status is null
"""


@dataclass(frozen=True)
class PublishedSeries:
    """One measure: series_id, month, value; level -> sum -> its series; decimals of the mean."""

    measure: str
    history: pd.DataFrame
    groups: Mapping[str, Mapping[str, Sequence[str]]]
    decimals: int


def published_series(state: State) -> list[PublishedSeries]:
    """Net expenditure, and full-year persons where there are any, of complete months.

    Raises Refusal where nothing is published, or no month of it is complete.
    """
    if read_manifest(state.current) is None:
        raise Refusal("nothing is published yet; run `raaderum run` first")
    with duckdb.connect(str(state.current / "serving.duckdb"), read_only=True) as connection:
        row = connection.execute(
            "select as_of, last_complete_month, first_month from reporting.rpt_run"
        ).fetchone()
        if row is None or row[1] is None:
            raise Refusal("the published run has no complete month; nothing can be tried on it")
        as_of, last, first = row
        money = connection.execute(_MONEY, {"last": last, "as_of": as_of}).fetchdf()
        ended = connection.execute(_FIRST_END).fetchone()
        known = max(first, ended[0].replace(day=1)) if ended and ended[0] else first
        activity = connection.execute(_ACTIVITY, {"first": known, "last": last}).fetchdf()
    bottoms = bottom_series(money)
    levels = dict(zip(("function", "measure_type", "total"), groups(bottoms), strict=True))
    found = [PublishedSeries("net_expenditure", _long(bottoms), levels, 2)] if len(money) else []
    if len(activity):
        persons = _long(type_series(activity))
        placed = {"category": {PLACED: sorted(persons["series_id"].unique())}}
        found.append(PublishedSeries("full_year_persons", persons, placed, 4))
    if not found:
        raise Refusal("the published run has neither postings nor measures to try a forecast on")
    return found


def _long(table: pd.DataFrame) -> pd.DataFrame:
    return table[["series_id", "month", "value"]]
