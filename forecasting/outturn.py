"""The year's expected outturn: what is known of it, what is still to come of the months that are
known, and the sample paths of what is left.

Belongs here: years. Does not belong here: budgets' versions, levels' names, months that are not
complete; the caller hands in complete months only. A year's interval is taken from the years'
totals of the paths, never from sums of monthly quantiles, which would be several times too wide.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from forecasting.history import Floats, filled, first_month, tidy
from forecasting.paths import SamplePaths
from forecasting.settings import YEAR
from forecasting.to_come import ToCome

COLUMNS = [
    "series_id",
    "year",
    "months_known",
    "known",
    "to_come",
    "mean",
    "p10",
    "p50",
    "p90",
    "probability_over_budget",
]


def outturn(
    history: pd.DataFrame,
    paths: SamplePaths,
    years: Sequence[int],
    budgets: Mapping[tuple[str, int], float] | None = None,
    late: ToCome | None = None,
) -> pd.DataFrame:
    """One row per series (or sum) of `paths` and year, in the unit of the history.

    history: the bottom series' long table that `paths` was forecast from.
    budgets: (series_id, year) -> budget; without one, probability_over_budget is NaN.
    late: what is still to come of known months; without it, nothing is.
    `known` is the sum of the year's `months_known` months before the forecast; `mean` is `known`
    plus `to_come` plus the forecast means, exactly. Raises ValueError for a year that history and
    horizon do not cover together, or a series that the history lacks.
    """
    by_member = _known_months(history, paths)
    first = first_month(history)
    budgets, late = budgets or {}, late or ToCome()
    rows = []
    for place, series_id in enumerate(paths.series_ids):
        for year in years:
            _check_covered(paths, place, year, first)
            known = _known_in(year, paths, place, by_member)
            row = _year(paths, place, year, known, late, budgets.get((series_id, year)))
            rows.append({"series_id": series_id, **row})
    return pd.DataFrame(rows, columns=COLUMNS)


def year_samples(paths: SamplePaths, place: int, year: int, known: float, late: ToCome) -> Floats:
    """The year's total in each future: `known`, what is still to come of it, and the forecast
    months that lie in the year."""
    inside = paths.months(place).year == year
    open_months = late.drawn(paths.members[place], year)
    total: Floats = known + open_months + paths.samples[place][inside].sum(axis=0)
    return total


def _year(
    paths: SamplePaths, place: int, year: int, known: float, late: ToCome, budget: float | None
) -> dict[str, object]:
    totals = year_samples(paths, place, year, known, late)
    decimals = paths.settings.decimals
    inside = paths.months(place).year == year
    months_known = int(np.clip((paths.starts[place].year - year) * YEAR, 0, YEAR))
    if paths.starts[place].year == year:
        months_known = paths.starts[place].month - 1
    low, middle, high = np.round(np.quantile(totals, [0.1, 0.5, 0.9]), decimals)
    over = float("nan") if budget is None else float((totals > budget).mean())
    still = round(late.expected(paths.members[place], year), decimals)
    ahead = float(paths.mean[place][inside].sum())
    return {
        "year": year,
        "months_known": months_known,
        "known": known,
        "to_come": still,
        "mean": round(known + still + ahead, decimals),
        "p10": low,
        "p50": middle,
        "p90": high,
        "probability_over_budget": over,
    }


def _known_months(history: pd.DataFrame, paths: SamplePaths) -> dict[str, pd.Series]:
    out = {}
    for one in tidy(history, common_end=paths.settings.common_end):
        months = pd.date_range(one.first, periods=len(one.values), freq="MS")
        out[one.series_id] = pd.Series(filled(one.values), index=months)
    return out


def _known_in(
    year: int, paths: SamplePaths, place: int, by_member: Mapping[str, pd.Series]
) -> float:
    total = 0.0
    for member in paths.members[place]:
        if member not in by_member:
            raise ValueError(f"the history has no series '{member}', which was forecast from it")
        known = by_member[member]
        total += float(known[pd.DatetimeIndex(known.index).year == year].sum())
    return round(total, paths.settings.decimals)


def _check_covered(paths: SamplePaths, place: int, year: int, first: pd.Timestamp) -> None:
    months = paths.months(place)
    if year > months[-1].year or (year == months[-1].year and months[-1].month < YEAR):
        raise ValueError(
            f"the forecast of '{paths.series_ids[place]}' ends in {months[-1]:%Y-%m} and does "
            f"not reach the end of {year}; ask for a longer horizon"
        )
    if (year, 1) < (first.year, first.month):
        raise ValueError(f"the history begins in {first:%Y-%m}: {year} is not known as a whole")
