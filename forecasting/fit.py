"""The point forecast of one series: Prophet with corrections, guards beside it, simple rules
where history is too short.

Belongs here: what one series' own history says about its future. Does not belong here: other
series, intervals, sums.

Prophet as it comes overshoots on short monthly series. Three corrections after the fit repair most
of it: the last slope is damped, the level is tied to the newest residuals, and positive series are
fitted on the log scale. Two naive guards (last year's month; the seasonally adjusted level) stand
beside Prophet and are weighted by how each has done (`backtest.py`).
"""

import logging
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from forecasting.history import Floats, filled
from forecasting.settings import QUARTER, YEAR, ForecastSettings

CANDIDATES = ("prophet", "seasonal_naive", "naive2")


@dataclass(frozen=True)
class Explanation:
    """Prophet's reading of a series, over history and horizon, in the series' own unit.

    mode "additive": value is about trend + season; "multiplicative": trend x season.
    """

    trend: Floats
    season: Floats
    mode: str


@dataclass(frozen=True)
class Fit:
    """One series' candidate forecasts.

    method: `pool` (Prophet and guards), or the simple rule used: `season_and_level`, `level`,
        `intermittent`, `constant`, `ended`, `zero`.
    paths: candidate name -> horizon values; a simple rule has one candidate, named as the rule.
    """

    method: str
    paths: dict[str, Floats]
    explanation: Explanation | None = field(default=None)


def fit(values: Floats, first: pd.Timestamp, settings: ForecastSettings, horizon: int) -> Fit:
    """Candidate forecasts for the `horizon` months after `values` (NaN = unknown), which begin in
    month `first`. The sign is kept: never negative where the series never was, nor positive.
    """
    known = values[~np.isnan(values)]
    if (known <= 0).all() and (known < 0).any():
        return _mirrored(fit(-values, first, settings, horizon))
    complete = filled(values)
    method = _method(complete, settings)
    if method == "pool":
        result = _pool(values, complete, first, settings, horizon)
    else:
        path = _simple(method, complete, settings, horizon)
        result = Fit(method, {method: path})
    factor = _fading(complete, settings)
    floor = 0.0 if (known >= 0).all() else -np.inf
    paths = {name: np.maximum(path * factor, floor) for name, path in result.paths.items()}
    return Fit(result.method, paths, result.explanation)


def _mirrored(fitted: Fit) -> Fit:
    paths = {name: -path for name, path in fitted.paths.items()}
    told = fitted.explanation
    if told is not None:
        sign = -1.0 if told.mode == "additive" else 1.0
        told = Explanation(-told.trend, sign * told.season, told.mode)
    return Fit(fitted.method, paths, told)


def _method(complete: Floats, settings: ForecastSettings) -> str:
    if not complete.any():
        return "zero"
    if _empty_end(complete) >= max(settings.ended_months, _longest_pause(complete) + 1):
        return "ended"
    recent = complete[-settings.sparse_window :]
    if len(recent) >= YEAR and (recent == 0).mean() > settings.sparse_share:
        return "intermittent"
    if len(complete) >= YEAR and np.ptp(complete) == 0:
        return "constant"
    if len(complete) >= settings.min_fit:
        return "pool"
    return "season_and_level" if len(complete) >= settings.min_season else "level"


def _simple(method: str, complete: Floats, settings: ForecastSettings, horizon: int) -> Floats:
    if method in ("zero", "ended"):
        return np.zeros(horizon)
    if method == "constant":
        return np.full(horizon, complete[-1])
    if method == "intermittent":
        return np.full(horizon, complete[-settings.sparse_window :].mean())
    level = np.full(horizon, complete[-settings.flat_window :].mean())
    if method == "level":
        return level
    return (level + seasonal_naive(complete, horizon)) / 2


def _empty_end(complete: Floats) -> int:
    """Empty months at the end of the series."""
    return len(complete) - 1 - int(np.flatnonzero(complete)[-1]) if complete.any() else 0


def _longest_pause(complete: Floats) -> int:
    """The longest run of empty months that was followed by activity."""
    active = np.flatnonzero(complete)
    return int(np.diff(active).max(initial=1)) - 1


def _fading(complete: Floats, settings: ForecastSettings) -> float:
    """What is left of a series that has just stopped as it never did before: half per month."""
    empty = _empty_end(complete)
    if empty < 2 or empty <= _longest_pause(complete):
        return 1.0
    return 0.5 ** (empty - 1)


def seasonal_naive(complete: Floats, horizon: int) -> Floats:
    """Last year's month again, year after year."""
    return np.resize(complete[-YEAR:], horizon)


def naive2(complete: Floats, horizon: int) -> Floats:
    """The newest quarter's seasonally adjusted level, with the season put back on.

    The season is the average ratio to (for positive series) or difference from the centred
    twelve-month mean. Needs two years.
    """
    kernel = np.r_[0.5, np.ones(YEAR - 1), 0.5] / YEAR
    half = YEAR // 2
    centre = np.convolve(complete, kernel, mode="valid")
    inner = complete[half : half + len(centre)]
    ratio = bool((complete > 0).all())
    raw = inner / centre if ratio else inner - centre
    place = (np.arange(len(raw)) + half) % YEAR
    season = np.array([raw[place == month].mean() for month in range(YEAR)])
    season = season / season.mean() if ratio else season - season.mean()
    past = season[np.arange(len(complete)) % YEAR]
    future = season[(len(complete) + np.arange(horizon)) % YEAR]
    adjusted = complete / past if ratio else complete - past
    level = adjusted[-QUARTER:].mean()
    path: Floats = level * future if ratio else level + future
    return path


def _pool(
    values: Floats, complete: Floats, first: pd.Timestamp, settings: ForecastSettings, horizon: int
) -> Fit:
    path, told = _prophet(values, first, settings, horizon)
    paths = {
        "prophet": path,
        "seasonal_naive": seasonal_naive(complete, horizon),
        "naive2": naive2(complete, horizon),
    }
    # No candidate, however odd the history, may run away from what has been seen.
    reach = settings.reach * np.ptp(complete)
    low, high = complete.min() - reach, complete.max() + reach
    return Fit("pool", {name: np.clip(path, low, high) for name, path in paths.items()}, told)


def _prophet(
    values: Floats, first: pd.Timestamp, settings: ForecastSettings, horizon: int
) -> tuple[Floats, Explanation]:
    known = values[~np.isnan(values)]
    log = bool(known.min() > 0 and known.min() > settings.log_guard * np.median(known))
    scaled = np.log(values) if log else values
    trend, season = _components(scaled, first, settings, horizon)
    size = len(values)
    slope = trend[size - 1] - trend[size - 2]
    steps = np.cumsum(settings.damping ** np.arange(1, horizon + 1))
    trend = np.r_[trend[:size], trend[size - 1] + slope * steps]
    trend[size:] += _newest_residual(scaled - (trend + season)[:size], settings.anchor)
    path = (trend + season)[size:]
    told = Explanation(trend, season, "additive")
    if log:
        path = np.exp(path)
        told = Explanation(np.exp(trend), np.exp(season), "multiplicative")
    return path, told


def _newest_residual(residuals: Floats, weight: float) -> float:
    """Exponentially weighted mean of the residuals; unknown months are passed over."""
    level = 0.0
    for residual in residuals[~np.isnan(residuals)]:
        level += weight * (float(residual) - level)
    return level


def _components(
    values: Floats, first: pd.Timestamp, settings: ForecastSettings, horizon: int
) -> tuple[Floats, Floats]:
    """Prophet's fitted trend and season over history and horizon, on the scale of `values`."""
    _silence()
    from prophet import Prophet

    _silence()  # cmdstanpy sets its own level when it is imported
    months = pd.date_range(first, periods=len(values) + horizon, freq="MS")
    model = Prophet(
        yearly_seasonality=settings.yearly_order,
        weekly_seasonality=False,
        daily_seasonality=False,
        seasonality_prior_scale=settings.seasonality_prior,
        uncertainty_samples=0,
    )
    history = pd.DataFrame({"ds": months[: len(values)], "y": values})
    model.fit(history, algorithm="LBFGS", seed=settings.seed % 2**31)
    fitted = model.predict(pd.DataFrame({"ds": months}))
    return fitted["trend"].to_numpy(float), fitted["yearly"].to_numpy(float)


def _silence() -> None:
    """Prophet and its solver log every fit; a portfolio would drown the reader in it."""
    for name in ("cmdstanpy", "prophet", "prophet.plot", "prophet.forecaster"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.CRITICAL)
        # cmdstanpy gives itself a level and a handler at its first fit, unless it has one.
        logger.addHandler(logging.NullHandler())
