"""The forecasters that the engine is compared with: a path and quantiles for one series.

What belongs here: statsforecast's models as they come, stock Prophet, and their medians. What does
not: the engine. A model that fails on a series is replaced by Naive2 there, and counted.
"""

import logging
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from statsforecast.models import (
    AutoARIMA,
    AutoCES,
    AutoETS,
    DynamicOptimizedTheta,
    SeasonalNaive,
    Theta,
)

from forecasting.candidates import naive2
from forecasting.history import Floats
from forecasting.settings import YEAR
from tests.benchmarks.forecast.public_sets import LEVELS, PublicSeries

SCUM = ("AutoETS", "AutoCES", "AutoARIMA", "DOT")
"""The Simple Combination of Univariate Models (the M4 competition's sixth): their median."""


@dataclass(frozen=True)
class Told:
    """One forecaster's word on one series: path, and LEVELS x months."""

    path: Floats
    quantiles: Floats
    failed: bool = False


def _library(model: Callable[..., Any]) -> Callable[[PublicSeries], Told]:
    def tell(one: PublicSeries) -> Told:
        found = model(season_length=YEAR).forecast(one.known, h=len(one.came), level=[50, 80, 95])
        names = ("lo-95", "lo-80", "lo-50", "mean", "hi-50", "hi-80", "hi-95")
        quantiles = np.stack([np.asarray(found[name], float) for name in names])
        return Told(quantiles[3], quantiles)

    return tell


def _stock_prophet(one: PublicSeries) -> Told:
    from prophet import Prophet

    logging.getLogger("cmdstanpy").disabled = True
    months = pd.date_range(one.first, periods=len(one.known) + len(one.came), freq="MS")
    model = Prophet(uncertainty_samples=200)
    model.fit(pd.DataFrame({"ds": months[: len(one.known)], "y": one.known}))
    future = pd.DataFrame({"ds": months[len(one.known) :]})
    path = model.predict(future)["yhat"].to_numpy(float)
    draws = model.predictive_samples(future)["yhat"]
    return Told(path, np.quantile(draws, LEVELS, axis=1))


PEERS: Mapping[str, Callable[[PublicSeries], Told]] = {
    "SeasonalNaive": _library(SeasonalNaive),
    "Theta": _library(Theta),
    "DOT": _library(DynamicOptimizedTheta),
    "AutoCES": _library(AutoCES),
    "AutoETS": _library(AutoETS),
    "AutoARIMA": _library(AutoARIMA),
    "Prophet": _stock_prophet,
}


def tell(name: str, one: PublicSeries) -> Told:
    """What the peer says of a series; Naive2 where it fails."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            told = PEERS[name](one)
        except Exception:  # whatever a library raises: it is counted, and shown
            told = Told(np.full(1, np.nan), np.full(1, np.nan))
    if np.isfinite(told.path).all() and np.isfinite(told.quantiles).all():
        return told
    path = naive2(one.known, len(one.came))
    return Told(path, np.repeat(path[None], len(LEVELS), axis=0), failed=True)


def median(told: list[Told]) -> Told:
    """The median of several forecasters, month by month and quantile by quantile."""
    return Told(
        np.median([one.path for one in told], axis=0),
        np.median([one.quantiles for one in told], axis=0),
        any(one.failed for one in told),
    )
