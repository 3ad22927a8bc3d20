"""What an economist forecasts with a pocket calculator: the yardsticks of every forecast.

Belongs here: the four rules of thumb, for one series. Does not belong here: the engine's own naive
candidates (`fit.py`), scoring (`accuracy.py`). The warehouse has the same rules in SQL
(`fct_forecast_accuracy`). The financial year is the calendar year.
"""

import numpy as np

from forecasting.history import Floats
from forecasting.settings import YEAR

BASELINES = ("last_year_month", "last_year", "run_rate", "profile")


def baselines(values: Floats, last_month: int, horizon: int) -> dict[str, Floats]:
    """The four paths, `horizon` months each, in the unit of `values`.

    values: at least twelve known months. last_month: the calendar month (1-12) of the last one.
    `last_year_month`: the same month of last year, again and again.
    `last_year`: a twelfth of the last whole year's outturn; of the last twelve months where the
        series knows no whole year.
    `run_rate`: the mean of the year's months so far (in December: of the whole year).
    `profile`: last year's months to come, scaled by how this year's months so far compare with
        last year's; unscaled where they cannot be compared. Raises ValueError on a shorter series.
    """
    if len(values) < YEAR:
        raise ValueError(f"a baseline needs {YEAR} months, not {len(values)}")
    repeated = values[-YEAR:][np.arange(horizon) % YEAR]
    whole_year = values[:-last_month] if last_month < YEAR else values
    outturn = whole_year[-YEAR:] if len(whole_year) >= YEAR else values[-YEAR:]
    to_come = (last_month + np.arange(horizon)) % YEAR >= last_month
    scale = np.where(to_come, year_on_year(values, last_month), 1.0)
    return {
        "last_year_month": repeated,
        "last_year": np.full(horizon, outturn.mean()),
        "run_rate": np.full(horizon, values[-last_month:].mean()),
        "profile": repeated * scale,
    }


def year_on_year(values: Floats, last_month: int) -> float:
    """This year's months so far over last year's same months; 1 where that says nothing: in
    December, in a series of less than two Januaries, and where either is zero or they differ in
    sign."""
    if last_month == YEAR or len(values) < last_month + YEAR:
        return 1.0
    now = float(values[-last_month:].sum())
    before = float(values[-last_month - YEAR : -YEAR].sum())
    return now / before if now * before > 0 else 1.0
