"""How wrong the engine would have been: every series forecast again from past dates.

Belongs here: rolling origins, the errors they leave, and the candidates' weights that follow.
Does not belong here: fitting (`fit.py`), drawing futures from the errors (`paths.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecasting.fit import CANDIDATES, Fit, fit
from forecasting.history import Floats, Series, filled
from forecasting.settings import YEAR, ForecastSettings


@dataclass(frozen=True)
class Try:
    """One rolling origin: its scale (at least a share of today's, since a series that was still
    and then broke would else lend the whole portfolio errors of hundreds of scales), and
    candidate -> twelve errors, actual - forecast."""

    scale: float
    errors: Mapping[str, Floats]


@dataclass(frozen=True)
class Study:
    """All that one series' own history gives: its fit, its typical error, its past tries by
    number of origin (0 is the newest, twelve months back)."""

    series: Series
    fit: Fit
    scale: float
    tries: Mapping[int, Try]


def study(series: Series, settings: ForecastSettings) -> Study:
    """Fit one series and try it from its rolling origins. Depends on this series alone, so it
    gives the same in any process and any order."""
    complete = filled(series.values)
    final = fit(series.values, series.first, settings, settings.horizon)
    now = typical_error(complete, settings)
    tries = {}
    for origin in range(settings.origins):
        size = len(complete) - YEAR - origin * settings.origin_step
        if size < (settings.min_fit if final.method == "pool" else YEAR):
            break
        past = fit(series.values[:size], series.first, settings, YEAR)
        scale = max(settings.least_scale * now, typical_error(complete[:size], settings))
        if scale <= 0 or (final.method == "pool") != (past.method == "pool"):
            continue
        actual = complete[size : size + YEAR]
        tries[origin] = Try(scale, {name: actual - path for name, path in past.paths.items()})
    return Study(series, final, now, tries)


def typical_error(complete: Floats, settings: ForecastSettings) -> float:
    """A series' scale: the mean absolute error of repeating last year's month over the newest
    months; of repeating last month where there is too little for that; a share of the level in a
    history of a few months. Zero for a series that never moved in a year.
    """
    size = len(complete)
    if size >= settings.min_season:
        return float(np.abs(complete[YEAR:] - complete[:-YEAR])[-settings.scale_window :].mean())
    steps = float(np.abs(np.diff(complete)).mean()) if size > 1 else 0.0
    if size >= YEAR:
        return steps
    return max(steps, settings.prior_spread * float(np.abs(complete).mean()))


def weights(
    studies: Sequence[Study], settings: ForecastSettings, without: int | None = None
) -> dict[str, dict[str, float]]:
    """series_id -> candidate -> weight, summing to 1; `without` leaves one origin out of it.

    A candidate's weight falls with its mean error over the origins, drawn towards its error over
    the whole portfolio, since three to five tries of one series are mostly luck.
    """
    scored = {one.series.series_id: _scores(one, without) for one in studies}
    tried = [scores for scores in scored.values() if len(scores)]
    common = np.median(np.concatenate(tried), axis=0) if tried else np.ones(len(CANDIDATES))
    result = {}
    for one in studies:
        if one.fit.method != "pool":
            result[one.series.series_id] = dict.fromkeys(one.fit.paths, 1.0)
            continue
        own = scored[one.series.series_id]
        total = own.sum(axis=0) + settings.weight_shrink * common
        error = np.maximum(total / (len(own) + settings.weight_shrink), 1e-9)
        share = (error / error.min()) ** -settings.weight_power
        share = share / share.sum()
        result[one.series.series_id] = dict(zip(CANDIDATES, share.tolist(), strict=True))
    return result


def _scores(one: Study, without: int | None) -> Floats:
    """Mean absolute error in units of scale: tries x candidates; no rows for a simple rule."""
    rows = [
        [float(np.abs(attempt.errors[name]).mean()) / attempt.scale for name in CANDIDATES]
        for origin, attempt in one.tries.items()
        if one.fit.method == "pool" and origin != without
    ]
    return np.array(rows).reshape(len(rows), len(CANDIDATES))


def past_errors(studies: Sequence[Study], settings: ForecastSettings) -> tuple[Floats, Floats]:
    """The errors that the weighted forecast made: series x origins x 12, NaN where not tried, in
    the series' unit, and the same in units of each origin's scale.

    The weights used at an origin come from the other origins, so no error is looked at twice.
    """
    shape = (len(studies), settings.origins, YEAR)
    plain, scaled = np.full(shape, np.nan), np.full(shape, np.nan)
    for origin in range(settings.origins):
        shares = weights(studies, settings, without=origin)
        for place, one in enumerate(studies):
            attempt = one.tries.get(origin)
            if attempt is None:
                continue
            share = shares[one.series.series_id]
            even = 1.0 / len(attempt.errors)
            error = sum(
                (share.get(name, even) if one.fit.method == "pool" else even) * path
                for name, path in attempt.errors.items()
            )
            plain[place, origin] = error
            scaled[place, origin] = plain[place, origin] / attempt.scale
    return plain, scaled


def explanation(studies: Sequence[Study]) -> pd.DataFrame:
    """Prophet's reading of each series it was fitted to: series_id, month, trend, season, mode
    (`additive` in the series' unit, `multiplicative` as a factor), over history and horizon."""
    parts = []
    for one in studies:
        told = one.fit.explanation
        if told is None:
            continue
        months = pd.date_range(one.series.first, periods=len(told.trend), freq="MS")
        part = {"month": months, "trend": told.trend, "season": told.season, "mode": told.mode}
        parts.append(pd.DataFrame({"series_id": one.series.series_id, **part}))
    columns = ["series_id", "month", "trend", "season", "mode"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
