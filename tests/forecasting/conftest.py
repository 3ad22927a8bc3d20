"""One small portfolio, forecast once for all tests that look at what came out."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from forecasting.series import ForecastSettings, SamplePaths, forecast
from tests.forecasting.made_series import long_table, named, seasonal


@dataclass(frozen=True)
class Portfolio:
    history: pd.DataFrame
    paths: SamplePaths
    settings: ForecastSettings


@pytest.fixture(scope="session")
def portfolio() -> Portfolio:
    """Five ordinary series, a refund, an intermittent one, an ended one and a late beginner, to
    May 2022; forecast to the end of 2024."""
    rng = np.random.default_rng(5)
    months = 65
    series = named(seasonal(5, months, seed=1, slope=0.002))
    series["refund"] = -seasonal(1, months, seed=2)[0]
    series["rare"] = np.where(rng.random(months) < 0.2, rng.uniform(10, 90, months), 0.0)
    series["ended"] = np.where(np.arange(months) < 50, 40.0 + rng.random(months), 0.0)
    series["late"] = np.where(np.arange(months) < 56, 0.0, 25.0 + rng.random(months))
    settings = ForecastSettings(horizon=31, samples=400, origins=4)
    history = long_table(series)
    return Portfolio(history, forecast(history, settings, workers=1), settings)
