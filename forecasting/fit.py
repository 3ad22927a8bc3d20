"""What one series' own history says about its future: the pool's paths, or a simple rule where
history is too short or too odd for a pool.

Belongs here: choosing between pool and rule, the rules, and the limits that no path may leave. Does
not belong here: the pool's members (`prophet_variants.py`, `candidates.py`), their weights
(`weights.py`), other series, intervals, sums.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from forecasting.candidates import other_candidates, seasonal_naive
from forecasting.history import Floats, filled
from forecasting.prophet_variants import Reading, variants
from forecasting.settings import YEAR, ForecastSettings


@dataclass(frozen=True)
class Fit:
    """One series' candidate forecasts.

    method: `pool`, or the simple rule used: `season_and_level`, `level`, `intermittent`,
        `constant`, `ended`, `zero`.
    paths: candidate name -> horizon values; a simple rule has one candidate, named as the rule;
        the pool has all but Prophet, which is made of `variants`.
    variants: Prophet variants x horizon; readings: what each says of trend and season.
    """

    method: str
    paths: dict[str, Floats]
    variants: Floats = field(default_factory=lambda: np.empty((0, 0)))
    readings: tuple[Reading, ...] = ()


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
    kept = np.maximum(result.variants * factor, floor)
    return Fit(result.method, paths, kept, result.readings)


def _mirrored(fitted: Fit) -> Fit:
    paths = {name: -path for name, path in fitted.paths.items()}
    readings = tuple(replace(told, negated=True) for told in fitted.readings)
    return Fit(fitted.method, paths, -fitted.variants, readings)


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


def _pool(
    values: Floats,
    complete: Floats,
    first: pd.Timestamp,
    settings: ForecastSettings,
    horizon: int,
) -> Fit:
    told = variants(values, first, settings, horizon)
    last_month = (first + pd.DateOffset(months=len(values) - 1)).month
    others = other_candidates(complete, told, settings, horizon, last_month)
    # No candidate, however odd the history, may run away from what has been seen.
    reach = settings.reach * np.ptp(complete)
    low, high = complete.min() - reach, complete.max() + reach
    paths = {name: np.clip(path, low, high) for name, path in others.items()}
    return Fit("pool", paths, np.clip(told.paths, low, high), told.readings)
