"""Volume × price: full-year persons forecast, times what one costs.

Belongs here: the path of the persons, its money, unit prices out of both measures' sample paths.
Does not belong here: pricing itself (`given.py`), reading persons and ledgers.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from forecasting.given import (
    COLUMNS,
    Origin,
    given_table,
    month_number,
    on_grid,
    price_levels,
    priced,
    rows,
)
from forecasting.history import Floats
from forecasting.paths import SamplePaths
from forecasting.settings import QUANTILES, YEAR

CANDIDATE = "volume_price"
UNIT_PRICE = "unit_price"
_SMOOTHING = 0.6
_SLOPE_WINDOW = 6
_SLOPE_SHARE = 0.5
_DAMPING = 0.85
_LEAST_PERSONS = 1e-3


def volume_path(persons: Floats, horizon: int) -> Floats:
    """Persons at a time over the `horizon` months after the known ones.

    A number of children who are there is a stock: its newest level says most. Half of the slope of
    the last half year against the half year before goes on, fading by 15 % a month. Never negative.
    """
    level = float(persons[0])
    for value in persons[1:]:
        level += _SMOOTHING * (float(value) - level)
    slope = 0.0
    if len(persons) >= 2 * _SLOPE_WINDOW:
        newest = persons[-_SLOPE_WINDOW:].mean()
        before = persons[-2 * _SLOPE_WINDOW : -_SLOPE_WINDOW].mean()
        slope = _SLOPE_SHARE * float(newest - before) / _SLOPE_WINDOW
    path: Floats = level + slope * np.cumsum(_DAMPING ** np.arange(1, horizon + 1))
    return np.maximum(path, 0.0)


def volume_price(
    money: pd.DataFrame,
    persons: pd.DataFrame,
    price_index: Mapping[int, float],
    wanted: Sequence[Origin],
) -> pd.DataFrame:
    """The candidate `volume_price` of every series that has persons behind it, from each origin.

    money: series_id, measure_type, month, value (DKK booked; complete months). persons:
    measure_type, month, value (full-year persons: days of the month over days of the year).
    price_index: year -> level of prices and wages. Returns the columns of `given.COLUMNS`.
    """
    if money.empty or persons.empty:
        return pd.DataFrame(columns=COLUMNS)
    first = month_number(persons["month"].min())
    last = month_number(money["month"].max())
    volumes = {
        str(kind): on_grid(part, first, last - first + 1)
        for kind, part in persons.groupby("measure_type")
    }
    tables = []
    for (series_id, kind), part in money.groupby(["series_id", "measure_type"]):
        if str(kind) not in volumes:
            continue
        # Neither money nor persons tell a price alone.
        began = max(first, month_number(part["month"].min()))
        booked = on_grid(part, began, max(last - began + 1, 0))
        volume = volumes[str(kind)][began - first :]
        for origin in wanted:
            known = month_number(origin.month) - began + 1
            if known < YEAR:
                continue
            path = _money_path(volume[:known], booked[:known], began, price_index, origin.horizon)
            if path is not None:
                tables.append(rows(CANDIDATE, str(series_id), origin, path))
    return given_table(tables)


def _money_path(
    volume: Floats, booked: Floats, began: int, price_index: Mapping[int, float], horizon: int
) -> Floats | None:
    """One series from one origin. Persons are counted per day, so that February is no dip."""
    known = len(volume)
    share = _year_shares(began, known + horizon)
    present = volume / share[:known]
    future = volume_path(present, horizon) * share[known:]
    levels = price_levels(price_index, began, known + horizon)
    return priced(np.r_[volume, future], booked, levels)


def _year_shares(first: int, count: int) -> Floats:
    """The days of each month over the days of its year."""
    start = pd.Timestamp(first // YEAR, first % YEAR + 1, 1)
    months = pd.date_range(start, periods=count, freq="MS")
    days = months.days_in_month.to_numpy(float)
    return np.asarray(days / np.where(months.is_leap_year, 366.0, 365.0), dtype=np.float64)


def unit_prices(money: SamplePaths, persons: SamplePaths) -> pd.DataFrame:
    """What one full-year person costs a year: money over persons, future by future.

    money, persons: series of the same names (`measure_type=…`); those that only one has are left
    out, and so are months without persons. The mean is the money's over the persons', so that
    persons times price gives the money. Columns: series_id, month, mean, the quantiles, and
    horizon_months; DKK. The two forecasts are drawn apart, so that the interval is rather too wide.
    """
    tables = []
    places = {name: place for place, name in enumerate(persons.series_ids)}
    for place, name in enumerate(money.series_ids):
        if name not in places or persons.starts[places[name]] != money.starts[place]:
            continue
        tables.append(_ratio(money, place, persons, places[name]))
    columns = ["series_id", "month", "mean", *QUANTILES, "horizon_months"]
    filled = [table[columns] for table in tables if not table.empty]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=columns)


def _ratio(money: SamplePaths, at: int, persons: SamplePaths, place: int) -> pd.DataFrame:
    months = money.months(at)
    found = []
    for ahead in range(min(money.settings.horizon, persons.settings.horizon)):
        mean = float(persons.mean[place, ahead])
        # A tenth of what is expected is no month without persons, but divides into nonsense.
        there = persons.samples[place, ahead] > max(_LEAST_PERSONS, 0.1 * mean)
        if mean <= _LEAST_PERSONS or not there.any():
            continue
        ratio = money.samples[at, ahead][there] / persons.samples[place, ahead][there]
        marks = np.quantile(ratio, list(QUANTILES.values()))
        centre = float(money.mean[at, ahead]) / mean
        found.append((months[ahead], centre, *np.round(marks, 2), ahead + 1))
    table = pd.DataFrame(found, columns=["month", "mean", *QUANTILES, "horizon_months"])
    return table.assign(series_id=money.series_ids[at], mean=table["mean"].astype(float).round(2))
