"""The Theta models' exact optimum against the library that searches all parameters at once."""

import numpy as np
import pytest
from statsforecast.models import DynamicOptimizedTheta, Theta

from forecasting.candidates import other_candidates
from forecasting.prophet_variants import Variants
from forecasting.settings import ForecastSettings
from forecasting.theta import theta
from tests.forecasting.made_series import seasonal

HORIZON = 18
MODELS = {"STM": Theta, "DOTM": DynamicOptimizedTheta}


def wandering(seed: int) -> np.ndarray:
    chance = np.random.default_rng(seed)
    return 100.0 + np.cumsum(chance.normal(0.5, 3.0, 72)) + chance.normal(0, 4.0, 72)


@pytest.mark.parametrize("model", MODELS)
def test_it_goes_where_the_library_goes(model):
    """Ten series; in one or two of them a library's search may stop beside the optimum."""
    gaps = []
    for seed in range(10):
        values = wandering(seed)
        path = theta(values, HORIZON, dynamic=model == "DOTM")
        known = MODELS[model](season_length=1).forecast(values, h=HORIZON)["mean"]
        gaps.append(np.abs(path - known).max() / values.std())
    assert np.quantile(gaps, 0.8) < 0.01


def test_the_season_is_taken_off_and_put_back_as_the_library_does():
    values = seasonal(1, 60, seed=5)[0]
    told = Variants(np.zeros((1, HORIZON)), (), np.zeros(60 + HORIZON), log=False)
    found = other_candidates(values, told, ForecastSettings(), HORIZON, 12)
    for name, model in (("theta", Theta), ("optimised_theta", DynamicOptimizedTheta)):
        known = model(season_length=12).forecast(values, h=HORIZON)["mean"]
        np.testing.assert_allclose(found[name], known, rtol=0.01)


def test_a_straight_line_and_a_level_are_kept():
    np.testing.assert_allclose(theta(np.full(30, 7.0), 5, dynamic=True), 7.0)
    np.testing.assert_allclose(theta(np.full(30, 7.0), 5, dynamic=False), 7.0)
    line = np.arange(40.0)
    steps = np.diff(np.r_[line[-1], theta(line, 6, dynamic=True)])
    assert (steps > 0).all()
