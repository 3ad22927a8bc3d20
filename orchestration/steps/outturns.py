"""The years' expected outturns of the night, and what is still to come of complete months.

What belongs here: the rows of `raw.outturns` and `raw.open_months`. What does not: the methods
(forecasting.outturn, forecasting.to_come), budgets and committed amounts (dbt), writing.
"""

from collections.abc import Mapping

import pandas as pd

from forecasting.paths import SamplePaths
from forecasting.series import outturn
from forecasting.settings import YEAR
from forecasting.to_come import ToCome
from orchestration.intake.raw_store import OUTTURNS
from orchestration.steps.series_names import TOTAL


def outturn_rows(
    bottoms: pd.DataFrame,
    levels: list[SamplePaths],
    years: tuple[int, ...],
    budgets: pd.DataFrame,
    floor: pd.DataFrame,
    late: ToCome,
) -> pd.DataFrame:
    """Expected outturn per level, key and year, in the shape of `raw.outturns` without the run.

    floor: series_id, month, value: what is committed of the months to come. late: what is still to
    come of complete months.
    """
    history = bottoms[["series_id", "month", "value"]]
    known_years = [year for year in years if _covered(history, year, levels)]
    by_series = _budgets_by_series(budgets)
    found = [
        outturn(history, level, known_years, by_series, late)
        for level in levels
        if level.series_ids
    ]
    if not found:
        return pd.DataFrame(columns=list(OUTTURNS))
    table = _with_floor(pd.concat(found), levels, floor)
    names = table["series_id"].str.partition("=")
    return table.assign(level=names[0], key=names[2].where(names[2] != "", TOTAL)).rename(
        columns={"known": "actual_complete_months", "to_come": "open_amount"}
    )


def open_rows(bottoms: pd.DataFrame, late: ToCome) -> pd.DataFrame:
    """What is still to come by function, measure type and month, in the shape of `raw.open_months`
    without the run."""
    rows = [(name, month, amount) for (name, month), amount in late.by_month.items()]
    table = pd.DataFrame(rows, columns=["series_id", "month", "to_come"])
    names = bottoms[["series_id", "function", "measure_type"]].drop_duplicates()
    return table.merge(names, on="series_id")


def _with_floor(
    table: pd.DataFrame, levels: list[SamplePaths], floor: pd.DataFrame
) -> pd.DataFrame:
    """The outturns with `floor_amount`: what is booked, and what is committed of what is left."""
    committed = _by_year(levels, floor)
    rows = zip(table["series_id"], table["year"], table["known"], strict=True)
    return table.assign(
        floor_amount=[
            round(known + committed.get((name, year), 0.0), 2) for name, year, known in rows
        ]
    )


def _by_year(levels: list[SamplePaths], amounts: pd.DataFrame) -> dict[tuple[str, int], float]:
    """(series or sum, year) -> the sum of the amounts (series_id, month, value) of its members."""
    parts = [
        pd.DataFrame({"sum": name, "series_id": list(members)})
        for level in levels
        for name, members in zip(level.series_ids, level.members, strict=True)
    ]
    found = pd.concat(parts).merge(amounts, on="series_id")
    years = pd.to_datetime(found["month"]).dt.year
    sums = found.assign(year=years).groupby(["sum", "year"], as_index=False)["value"].sum()
    keys = zip(sums["sum"], sums["year"], strict=True)
    return dict(zip(keys, sums["value"], strict=True))


def _covered(history: pd.DataFrame, year: int, levels: list[SamplePaths]) -> bool:
    """Whether the history began before the year (half a year known from nothing is no outturn) and
    the forecast reaches its end."""
    if history.empty or not any(level.series_ids for level in levels):
        return False
    first = history["month"].min()
    end = next(level.months(0)[-1] for level in levels if level.series_ids)
    return (first.year, first.month) <= (year, 1) and (end.year, end.month) >= (year, YEAR)


def _budgets_by_series(budgets: pd.DataFrame) -> Mapping[tuple[str, int], float]:
    names = budgets["level"].where(
        budgets["level"] == TOTAL, budgets["level"] + "=" + budgets["key"]
    )
    keys = zip(names.astype(str), budgets["year"].astype(int), strict=True)
    return dict(zip(keys, budgets["adjusted_budget"].astype(float), strict=True))
