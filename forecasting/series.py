"""The room's front door: monthly history in, sample paths out.

Belongs here: the order of the steps and the spreading over processes. Does not belong here: the
steps themselves. Input: series_id, month, value. Output: see `SamplePaths` and `quantile_table`.
"""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from forecasting.backtest import Study, explanation, past_errors, study, weights
from forecasting.history import Floats, ForecastInputError, Series, tidy
from forecasting.levels import add_up
from forecasting.outturn import outturn
from forecasting.paths import SamplePaths, draw, quantile_table, sign
from forecasting.settings import ForecastSettings

__all__ = [
    "ForecastInputError",
    "ForecastSettings",
    "SamplePaths",
    "add_up",
    "forecast",
    "outturn",
    "public_forecast",
    "quantile_table",
]

Progress = Callable[[int, int], None]
_MOST_WORKERS = 8


def forecast(
    history: pd.DataFrame,
    settings: ForecastSettings | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
) -> SamplePaths:
    """Forecast every series of a portfolio `settings.horizon` months ahead.

    history: series_id, month, value; complete months only; what a missing or empty month means is
        told in `history.py`. No rows: no series.
    progress: called with (series done, series in all) after each one.
    workers: processes to fit in; None: one per core for a large portfolio, else this one. The
        result does not depend on it, nor on the order of rows.
    Raises ForecastInputError (a ValueError) naming column, row and remedy.
    """
    settings = settings or ForecastSettings()
    series = tidy(history, common_end=settings.common_end)
    studies = _studies(series, settings, progress, workers)
    shares = weights(studies, settings)
    mean = _points(studies, shares, settings)
    errors, scaled = past_errors(studies, settings)
    return SamplePaths(
        series_ids=tuple(one.series_id for one in series),
        starts=tuple(one.start for one in series),
        members=tuple((one.series_id,) for one in series),
        signs=tuple(sign(one.values) for one in series),
        mean=mean,
        samples=draw(studies, mean, scaled, settings),
        errors=errors,
        scales=np.array([one.scale for one in studies], dtype=float),
        explanation=explanation(studies),
        weights=_weights_table(studies, shares),
        settings=settings,
    )


def public_forecast(
    history: pd.DataFrame,
    horizon: int,
    settings: ForecastSettings | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Anyone's monthly series, each from the month after its own last value: the table of
    `quantile_table`. Raises ForecastInputError on bad input, and when there is none.
    """
    try:
        chosen = replace(settings or ForecastSettings(), horizon=horizon, common_end=False)
    except (ValueError, TypeError) as error:
        raise ForecastInputError(str(error)) from error
    paths = forecast(history, chosen, progress)
    if not paths.series_ids:
        raise ForecastInputError("the table has no rows; give at least one month of one series")
    return quantile_table(paths)


def _points(
    studies: Sequence[Study], shares: dict[str, dict[str, float]], settings: ForecastSettings
) -> Floats:
    mean = np.zeros((len(studies), settings.horizon))
    for place, one in enumerate(studies):
        for name, share in shares[one.series.series_id].items():
            mean[place] += share * one.paths[name]
    return np.round(mean, settings.decimals) + 0.0


def _weights_table(studies: Sequence[Study], shares: dict[str, dict[str, float]]) -> pd.DataFrame:
    rows = [
        (one.series.series_id, one.method, name, share)
        for one in studies
        for name, share in shares[one.series.series_id].items()
    ]
    return pd.DataFrame(rows, columns=["series_id", "method", "candidate", "weight"])


def _studies(
    series: Sequence[Series],
    settings: ForecastSettings,
    progress: Progress | None,
    workers: int | None,
) -> list[Study]:
    count = _workers(len(series), settings, workers)
    if count > 1:
        try:
            return _collected(_in_processes(series, settings, count), len(series), progress)
        except BrokenProcessPool:
            # A script without a `__main__` guard cannot start processes; the work can be done here.
            pass
    return _collected((_study(one, settings) for one in series), len(series), progress)


def _study(series: Series, settings: ForecastSettings) -> Study:
    # The matrices are small: a linear algebra library's threads would only wait for each other.
    with threadpool_limits(limits=1):
        return study(series, settings)


def _workers(count: int, settings: ForecastSettings, asked: int | None) -> int:
    if asked is not None and asked < 1:
        raise ValueError(f"workers must be at least 1, not {asked}")
    if multiprocessing.parent_process() is not None:
        return 1
    if asked is None:
        asked = min(os.cpu_count() or 1, _MOST_WORKERS) if count >= settings.pool_from else 1
    return min(asked, max(count, 1))


def _in_processes(
    series: Sequence[Series], settings: ForecastSettings, workers: int
) -> Iterator[Study]:
    # "spawn" is what every system has, and does not copy locks of a running host process.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        yield from pool.map(partial(_study, settings=settings), series, chunksize=4)


def _collected(found: Iterator[Study], total: int, progress: Progress | None) -> list[Study]:
    studies = []
    for one in found:
        studies.append(one)
        if progress is not None:
            progress(len(studies), total)
    return studies
