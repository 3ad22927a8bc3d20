"""The room's front door: monthly history in, sample paths out.

Belongs here: the order of the steps. Does not belong here: the steps themselves. Input: series_id,
month, value. Output: see `SamplePaths` and `quantile_table`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from forecasting.backtest import Study, explanation
from forecasting.given import given_paths
from forecasting.history import Floats, ForecastInputError, tidy
from forecasting.kept_studies import KeptStudies
from forecasting.levels import add_up
from forecasting.outturn import outturn
from forecasting.paths import SamplePaths, draw, quantile_table, sign
from forecasting.settings import ForecastSettings
from forecasting.studies import Progress, studies_of
from forecasting.weights import Shares, by_month, past_errors, weights
from forecasting.whole import correction, whole_of

__all__ = [
    "ForecastInputError",
    "ForecastSettings",
    "KeptStudies",
    "SamplePaths",
    "add_up",
    "forecast",
    "outturn",
    "public_forecast",
    "public_paths",
    "quantile_table",
]


def forecast(
    history: pd.DataFrame,
    settings: ForecastSettings | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
    given: pd.DataFrame | None = None,
    kept: KeptStudies | None = None,
) -> SamplePaths:
    """Forecast every series of a portfolio `settings.horizon` months ahead.

    history: series_id, month, value; complete months only; what a missing or empty month means is
        told in `history.py`. No rows: no series.
    progress: called with (series done, series in all) after each one.
    workers: processes to fit in; None: one per core for a large portfolio, else this one. The
        result does not depend on it, nor on the order of rows.
    given: forecasts made from more than the history, as further candidates; see `given_paths`.
    kept: studies of earlier forecasts; a series that is found there is not fitted again.
    Raises ForecastInputError (a ValueError) naming column, row and remedy.
    """
    settings = settings or ForecastSettings()
    series = tidy(history, common_end=settings.common_end)
    studies = studies_of(series, settings, progress, workers, given_paths(given), kept)
    shares = weights(studies, settings)
    mean = _points(studies, shares, settings)
    errors, scaled = past_errors(studies, settings)
    if settings.common_end and sum(one.method == "pool" for one in studies) > 1:
        mean, errors, scaled = _by_the_whole(studies, mean, errors, scaled, settings, kept)
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
        weights=_weights_table(studies, shares, settings),
        settings=settings,
    )


def public_paths(
    history: pd.DataFrame,
    horizon: int,
    settings: ForecastSettings | None = None,
    progress: Progress | None = None,
) -> SamplePaths:
    """Anyone's monthly series, each from the month after its own last value. Raises
    ForecastInputError on bad input, and when there is none.
    """
    try:
        chosen = replace(settings or ForecastSettings(), horizon=horizon, common_end=False)
    except (ValueError, TypeError) as error:
        raise ForecastInputError(str(error)) from error
    paths = forecast(history, chosen, progress)
    if not paths.series_ids:
        raise ForecastInputError("the table has no rows; give at least one month of one series")
    return paths


def public_forecast(
    history: pd.DataFrame,
    horizon: int,
    settings: ForecastSettings | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """The table of `quantile_table` of `public_paths`, which see."""
    return quantile_table(public_paths(history, horizon, settings, progress))


def _points(
    studies: Sequence[Study], shares: Mapping[str, Shares], settings: ForecastSettings
) -> Floats:
    mean = np.zeros((len(studies), settings.horizon))
    for place, one in enumerate(studies):
        for name, share in shares[one.series.series_id].items():
            mean[place] += by_month(share, settings.horizon, settings) * one.paths[name]
    return np.round(mean, settings.decimals) + 0.0


def _by_the_whole(
    studies: Sequence[Study],
    mean: Floats,
    errors: Floats,
    scaled: Floats,
    settings: ForecastSettings,
    kept: KeptStudies | None,
) -> tuple[Floats, Floats, Floats]:
    """Means and past errors, corrected by the forecast of the portfolio's whole (`whole.py`)."""
    whole = whole_of([one.series for one in studies])
    alone = studies_of([whole], settings, None, 1, {}, kept)
    # No portfolio's errors stand beside those of the one whole: its few tries are believed less.
    evenly = replace(settings, weight_power=settings.whole_power)
    direct = _points(alone, weights(alone, evenly), evenly)[0]
    direct_errors = past_errors(alone, evenly)[0][0]
    added, taken = correction(studies, mean, errors, direct, direct_errors, settings)
    sides = np.array([sign(one.series.values) for one in studies])[:, None]
    moved = mean + added
    moved = np.where(sides * moved < 0, 0.0, moved)
    origins = range(settings.origins)
    scales = np.array(
        [
            [one.tries[origin].scale if origin in one.tries else np.nan for origin in origins]
            for one in studies
        ]
    )[:, :, None]
    return np.round(moved, settings.decimals) + 0.0, errors - taken, scaled - taken / scales


def _weights_table(
    studies: Sequence[Study], shares: Mapping[str, Shares], settings: ForecastSettings
) -> pd.DataFrame:
    rows = [
        (one.series.series_id, one.method, name, from_month, weight)
        for one in studies
        for name, share in shares[one.series.series_id].items()
        for from_month, weight in zip((1, settings.near_months + 1), share.tolist(), strict=True)
        # A simple rule is its own and only candidate, however far ahead.
        if from_month <= (settings.horizon if one.method == "pool" else 1)
    ]
    columns = ["series_id", "method", "candidate", "from_month", "weight"]
    return pd.DataFrame(rows, columns=columns)
