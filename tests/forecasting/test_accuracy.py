"""Does it forecast: against the truth of simulated series, in aggregate, never by a single one."""

import numpy as np
import pytest

from forecasting.series import ForecastSettings, add_up, forecast
from tests.forecasting.made_series import long_table, named, seasonal

HORIZON = 12


def held_back(count: int, months: int, **shape):
    values = seasonal(count, months + HORIZON, **shape)
    return long_table(named(values[:, :months])), values[:, :months], values[:, months:]


@pytest.fixture(scope="module")
def simulated():
    history, _, truth = held_back(50, 54, seed=11)
    settings = ForecastSettings(samples=200)
    return forecast(history, settings, workers=1), truth


def inside(samples, truth, share: float) -> float:
    low, high = np.quantile(samples, [(1 - share) / 2, (1 + share) / 2], axis=-1)
    return float(((truth >= low) & (truth <= high)).mean())


def test_intervals_of_months_and_years_cover_what_they_claim(simulated):
    paths, truth = simulated
    assert 0.65 <= inside(paths.samples, truth, 0.8) <= 0.92
    assert 0.80 <= inside(paths.samples, truth, 0.9) <= 0.98
    assert 0.65 <= inside(paths.samples.sum(axis=1), truth.sum(axis=1), 0.8) <= 0.95


def test_intervals_of_sums_cover_what_they_claim(simulated):
    paths, truth = simulated
    names = list(paths.series_ids)
    groups = {f"g{n}": names[n * 5 : n * 5 + 5] for n in range(10)}
    sums = add_up(paths, groups)
    expected = truth.reshape(10, 5, HORIZON).sum(axis=1)
    assert 0.60 <= inside(sums.samples, expected, 0.8) <= 0.97


def test_it_beats_seasonal_naive_and_stock_prophet_on_damped_trends():
    history, past, truth = held_back(16, 60, seed=12, slope=0.02, damping=0.96, wander=0.03)
    mine = forecast(history, ForecastSettings(samples=20, origins=3), workers=1).mean
    repeated = past[:, -HORIZON:]
    stock = np.array([stock_prophet(row) for row in past])
    error, naive, plain = (np.abs(path - truth).mean(axis=1) for path in (mine, repeated, stock))
    scale = np.abs(np.diff(past, axis=1)).mean(axis=1)
    assert (error / scale).mean() < 0.95 * (naive / scale).mean()
    assert (error / scale).mean() < (plain / scale).mean()


def stock_prophet(values: np.ndarray) -> np.ndarray:
    import pandas as pd
    from prophet import Prophet

    months = pd.date_range("2017-01-01", periods=len(values) + HORIZON, freq="MS")
    model = Prophet(uncertainty_samples=0)
    model.fit(pd.DataFrame({"ds": months[: len(values)], "y": values}), seed=1)
    return model.predict(pd.DataFrame({"ds": months[len(values) :]}))["yhat"].to_numpy()
