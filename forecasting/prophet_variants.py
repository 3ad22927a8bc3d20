"""Prophet's model fitted in several ways, and what is done to each fit: the Prophet candidates.

Belongs here: which priors and scales are tried, the corrections after the fit, the readings (trend
and season) that explain a forecast. Does not belong here: how the model is solved
(`prophet_map.py`), which variant is believed (`backtest.py`), other families (`candidates.py`).

Prophet as it comes overshoots on short monthly series. Two corrections repair most of it: the last
slope is damped month by month, and the level is tied to the newest residuals. How strongly differs
between series, so every strength is a variant, and past errors weight them. The fits themselves are
five: linear, on the log scale, with freer changes of slope, and without slope (linear and log).
"""

import logging
from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecasting.history import Floats
from forecasting.prophet_map import Features, Priors, features, optimum
from forecasting.settings import STAN, ForecastSettings

DAMPINGS = (0.7, 0.85, 0.95)
ANCHORS = (0.15, 0.3, 0.6, 1.0)


@dataclass(frozen=True)
class Explanation:
    """Prophet's reading of a series, over history and horizon, in the series' own unit.

    mode "additive": value is about trend + season; "multiplicative": trend x season.
    """

    trend: Floats
    season: Floats
    mode: str


@dataclass(frozen=True)
class Reading:
    """One variant as its fit (history and horizon, on the fit's scale) and its corrected trend over
    the horizon, from which it can be explained. negated: it was fitted to the series' mirror."""

    trend: Floats
    season: Floats
    ahead: Floats
    log: bool
    negated: bool = False

    def told(self) -> Explanation:
        """The explanation in the series' own unit."""
        trend = np.r_[self.trend[: len(self.trend) - len(self.ahead)], self.ahead]
        sign = -1.0 if self.negated else 1.0
        if self.log:
            return Explanation(sign * np.exp(trend), np.exp(self.season), "multiplicative")
        return Explanation(sign * trend, sign * self.season, "additive")


@dataclass(frozen=True)
class Variants:
    """paths: variants x horizon. readings: what each one says of trend and season. season: that of
    the fit on the series' safest scale (log where that is safe), over history and horizon; log:
    whether it is a factor."""

    paths: Floats
    readings: tuple[Reading, ...]
    season: Floats
    log: bool


@dataclass(frozen=True)
class _Way:
    name: str
    log: bool
    free: bool = False
    flat: bool = False


_WAYS = (
    _Way("linear", log=False),
    _Way("log", log=True),
    _Way("free", log=False, free=True),
    _Way("flat", log=False, flat=True),
    _Way("log_flat", log=True, flat=True),
)


def variants(
    values: Floats, first: pd.Timestamp, settings: ForecastSettings, horizon: int
) -> Variants:
    """Every Prophet variant of a series that begins in month `first` (NaN = unknown; at least
    `min_fit` months). The log ways are left out where the series comes near zero."""
    known = values[~np.isnan(values)]
    log = bool(known.min() > 0 and known.min() > settings.log_guard * np.median(known))
    made = features(values, first, horizon, settings.yearly_order)
    paths: list[Floats] = []
    readings: list[Reading] = []
    safest = np.zeros(len(values) + horizon)
    for way in _WAYS:
        if way.log and not log:
            continue
        scaled = np.log(values) if way.log else values
        trend, season = _components(scaled, first, made, way, settings, horizon)
        if way.name == ("log" if log else "linear"):
            safest = np.exp(season) if log else season
        futures = _corrected(scaled, trend, season, way.flat)
        path = futures + season[len(values) :]
        paths.append(np.exp(path) if way.log else path)
        readings += [Reading(trend, season, ahead, way.log) for ahead in futures]
    return Variants(np.concatenate(paths), tuple(readings), safest, log)


def _corrected(values: Floats, trend: Floats, season: Floats, flat: bool) -> Floats:
    """The trend ahead for each strength of the two corrections: strengths x horizon."""
    size = len(values)
    steps = np.arange(1, len(trend) - size + 1)
    dampings = np.array(DAMPINGS[:1] if flat else DAMPINGS)[:, None]
    anchors = np.array(ANCHORS)[:, None]
    damped = (trend[size - 1] - trend[size - 2]) * np.cumsum(dampings**steps, axis=1)
    residuals = values - (trend + season)[:size]
    residuals = residuals[~np.isnan(residuals)]
    age = np.arange(len(residuals))[::-1]
    # An exponentially weighted mean that began at zero; unknown months are passed over.
    levels = (anchors * (1 - anchors) ** age) @ residuals
    ahead: Floats = trend[size - 1] + damped[:, None, :] + levels[None, :, None]
    return ahead.reshape(-1, len(steps))


def _components(
    values: Floats,
    first: pd.Timestamp,
    made: Features,
    way: _Way,
    settings: ForecastSettings,
    horizon: int,
) -> tuple[Floats, Floats]:
    """The fitted trend and season over history and horizon, on the scale of `values`."""
    change = settings.free_change_prior if way.free else settings.change_prior
    priors = Priors(change, settings.seasonality_prior, settings.yearly_order, way.flat)
    if settings.solver == STAN:
        return _by_stan(values, first, priors, settings.seed, horizon)
    found = optimum(values, made, priors)
    return found.trend, found.season


def _by_stan(
    values: Floats, first: pd.Timestamp, priors: Priors, seed: int, horizon: int
) -> tuple[Floats, Floats]:
    """The same from Prophet itself, by its most exact optimiser."""
    _silence()
    from prophet import Prophet

    _silence()  # cmdstanpy sets its own level when it is imported
    months = pd.date_range(first, periods=len(values) + horizon, freq="MS")
    model = Prophet(
        growth="flat" if priors.flat else "linear",
        yearly_seasonality=priors.order,
        weekly_seasonality=False,
        daily_seasonality=False,
        seasonality_prior_scale=priors.season,
        changepoint_prior_scale=priors.change,
        uncertainty_samples=0,
    )
    history = pd.DataFrame({"ds": months[: len(values)], "y": values})
    model.fit(history, algorithm="Newton", seed=seed % 2**31)
    fitted = model.predict(pd.DataFrame({"ds": months}))
    return fitted["trend"].to_numpy(float), fitted["yearly"].to_numpy(float)


def _silence() -> None:
    """Prophet and its solver log every fit; a portfolio would drown the reader in it."""
    for name in ("cmdstanpy", "prophet", "prophet.plot", "prophet.forecaster"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.CRITICAL)
        # cmdstanpy gives itself a level and a handler at its first fit, unless it has one.
        logger.addHandler(logging.NullHandler())
