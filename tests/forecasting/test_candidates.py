"""Which candidates stand in the pool, and when."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecasting.backtest import study
from forecasting.baselines import baselines
from forecasting.candidates import FAST, OF_THE_YEAR, THOROUGH
from forecasting.history import Series
from forecasting.settings import ForecastSettings
from tests.forecasting.made_series import seasonal

SETTINGS = ForecastSettings(samples=100)
FIRST = pd.Timestamp("2017-01-01")


def made(values, **settings):
    return study(Series("one", FIRST, values), replace(SETTINGS, **settings))


def test_the_years_own_rules_count_once_a_quarter_is_known_and_until_it_is_over():
    whole = seasonal(1, 60, seed=2)[0]
    for months, of_the_year in ((50, ()), (51, OF_THE_YEAR), (59, OF_THE_YEAR), (60, ())):
        found = made(whole[:months])
        assert set(found.paths) == {*FAST, *of_the_year}
        expected = baselines(whole[:months], (months - 1) % 12 + 1, SETTINGS.horizon)
        for name in of_the_year:
            assert found.paths[name] == pytest.approx(expected[name])


def test_the_thorough_pool_has_the_simple_combination_between_its_members():
    thorough = made(seasonal(1, 60, seed=2)[0], thorough=True)
    assert set(thorough.paths) == set(THOROUGH)
    combined = thorough.paths["simple_combination"]
    assert np.isfinite(combined).all()
    assert not np.allclose(combined, thorough.paths["optimised_theta"])
