"""The forecasters that stand beside Prophet: naive guards, the Theta family, exponential smoothing.

Belongs here: every candidate of one series but Prophet's own (`prophet_variants.py`), each a path
over the horizon. Does not belong here: how they are weighted (`weights.py`), series too short or
too odd for any of this (`fit.py`).

Guards keep the pool near what an economist would write down without a model; on public spending
they are the largest single gain. The Theta family is the strongest simple forecaster of the M
competitions. Complex exponential smoothing runs on the series less Prophet's season, whose priors
estimate a season from a few years better than ratios to a moving average do. The simple combination
is the median of two kinds of exponential smoothing and the dynamic optimised Theta: the M4
competition's sixth (Petropoulos and Svetunkov 2020), less its ARIMA, which costs most.
"""

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from forecasting.baselines import baselines
from forecasting.history import Floats
from forecasting.prophet_variants import Variants
from forecasting.settings import QUARTER, YEAR, ForecastSettings
from forecasting.theta import theta

PROPHET = "prophet"
FAST = (PROPHET, "seasonal_naive", "naive2", "seasonal_level", "theta", "optimised_theta", "ces")
OF_THE_YEAR = ("run_rate", "profile")
"""What an economist goes by once a quarter of the financial year is known, and until it is over."""
THOROUGH = (*FAST, "simple_combination")
_CENTRED_YEAR = np.r_[0.5, np.ones(YEAR - 1), 0.5] / YEAR
_SEASON_TEST = 1.645
"""The 90 % point of the normal distribution, as in the M4 competition's test for a season."""


def candidate_names(settings: ForecastSettings, last_month: int) -> tuple[str, ...]:
    """The pool's members in order, without those that are given from outside.

    last_month: the calendar month (1-12) of the last known value.
    """
    names = THOROUGH if settings.thorough else FAST
    return (*names, *OF_THE_YEAR) if QUARTER <= last_month < YEAR else names


def other_candidates(
    complete: Floats,
    told: Variants,
    settings: ForecastSettings,
    horizon: int,
    last_month: int,
) -> dict[str, Floats]:
    """name -> path, for every member of the pool but Prophet itself (see `candidate_names`)."""
    makers = _makers(complete, told, horizon)
    for name in OF_THE_YEAR:
        makers[name] = partial(_of_the_year, name, complete, last_month, horizon)
    names = candidate_names(settings, last_month)
    return {name: makers[name]() for name in names if name != PROPHET}


def _of_the_year(name: str, complete: Floats, last_month: int, horizon: int) -> Floats:
    return baselines(complete, last_month, horizon)[name]


def _makers(complete: Floats, told: Variants, horizon: int) -> dict[str, Callable[[], Floats]]:
    # statsforecast takes seconds to import; a night that refits nothing does without.
    from statsforecast.models import AutoCES, AutoETS

    ratio = bool((complete > 0).all())
    season = _season(complete, horizon, ratio)
    # Prophet's, over history and horizon.
    told_season = told.season[: len(complete)], told.season[len(complete) :]

    def seasonal(dynamic: bool) -> Floats:
        if _has_season(complete, years=2):
            return _on_season(partial(theta, dynamic=dynamic), complete, season, ratio)
        return theta(complete, horizon, dynamic)

    def on_season(model: Callable[[Floats, int], Floats]) -> Floats:
        return _on_season(model, complete, told_season, told.log)

    def simple_combination() -> Floats:
        smoothing = (AutoETS(season_length=YEAR), AutoCES(season_length=YEAR))
        paths = [_library(model, complete, horizon) for model in smoothing]
        middle: Floats = np.median([*paths, seasonal(dynamic=True)], axis=0)
        return middle

    return {
        "seasonal_naive": lambda: seasonal_naive(complete, horizon),
        "naive2": lambda: naive2(complete, horizon),
        "seasonal_level": lambda: seasonal_level(complete, horizon),
        "theta": lambda: seasonal(dynamic=False),
        "optimised_theta": lambda: seasonal(dynamic=True),
        "ces": lambda: on_season(partial(_library, AutoCES(season_length=1))),
        "simple_combination": simple_combination,
    }


def _on_season(
    model: Callable[[Floats, int], Floats],
    complete: Floats,
    season: tuple[Floats, Floats],
    ratio: bool,
) -> Floats:
    """A model's path on the series less its season (over history and horizon), which is put back
    on."""
    past, future = season
    path = model(complete / past if ratio else complete - past, len(future))
    return path * future if ratio else path + future


def _library(model: Any, values: Floats, horizon: int) -> Floats:
    """A statsforecast model's path; where its optimiser fails on a degenerate history, the last
    value, so that a guard and not an error stands in the pool."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            path = np.asarray(model.forecast(values, h=horizon)["mean"], dtype=np.float64)
        except (ValueError, ZeroDivisionError, IndexError, np.linalg.LinAlgError):
            path = np.full(horizon, np.nan)
    return np.where(np.isfinite(path), path, values[-1])


def seasonal_naive(complete: Floats, horizon: int) -> Floats:
    """Last year's month again, year after year."""
    return np.resize(complete[-YEAR:], horizon)


def naive2(complete: Floats, horizon: int) -> Floats:
    """The last seasonally adjusted value with the season put back on, as the M competitions do;
    no season where three years do not show one."""
    if not _has_season(complete, years=3) or not (complete > 0).all():
        return np.full(horizon, complete[-1])
    past, future = _season(complete, horizon, ratio=True)
    path: Floats = complete[-1] / past[-1] * future
    return path


def seasonal_level(complete: Floats, horizon: int) -> Floats:
    """The newest quarter's seasonally adjusted level, with the season put back on. Needs two
    years."""
    ratio = bool((complete > 0).all())
    past, future = _season(complete, horizon, ratio)
    adjusted = complete / past if ratio else complete - past
    level = adjusted[-QUARTER:].mean()
    path: Floats = level * future if ratio else level + future
    return path


def _season(complete: Floats, horizon: int, ratio: bool) -> tuple[Floats, Floats]:
    """The mean ratio to (or difference from) the centred twelve-month mean per calendar month,
    over the history and over the horizon."""
    half = YEAR // 2
    centre = np.convolve(complete, _CENTRED_YEAR, mode="valid")
    inner = complete[half : half + len(centre)]
    raw = inner / centre if ratio else inner - centre
    place = (np.arange(len(raw)) + half) % YEAR
    season = np.bincount(place, raw, YEAR) / np.bincount(place, minlength=YEAR)
    season = season / season.mean() if ratio else season - season.mean()
    months = np.arange(len(complete) + horizon) % YEAR
    return season[months[: len(complete)]], season[months[len(complete) :]]


def _has_season(complete: Floats, years: int) -> bool:
    """Whether the correlation with last year's month stands out (M4's test), in a history of at
    least so many years."""
    if len(complete) < years * YEAR:
        return False
    centred = complete - complete.mean()
    power = float(centred @ centred)
    if power == 0:
        return False
    found = [float(centred[lag:] @ centred[:-lag]) / power for lag in range(1, YEAR + 1)]
    limit = _SEASON_TEST * np.sqrt((1 + 2 * np.square(found[:-1]).sum()) / len(complete))
    return bool(abs(found[-1]) > limit)
