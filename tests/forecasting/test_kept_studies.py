"""A series whose data and settings are the same is not fitted again, and nothing else differs."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecasting import studies
from forecasting.history import Series
from forecasting.kept_studies import KeptStudies, study_key
from forecasting.series import ForecastSettings, forecast, quantile_table
from tests.forecasting.made_series import long_table, named, seasonal

SETTINGS = ForecastSettings(samples=100)
VALUES = seasonal(4, 48, seed=8)
WHOLE = 1
"""The portfolio's sum is studied as a series of its own."""


def nights(values, kept):
    return forecast(long_table(named(values)), SETTINGS, kept=kept)


@pytest.fixture(scope="module")
def first():
    kept = KeptStudies()
    return kept, nights(VALUES, kept)


def test_a_second_night_fits_nothing_and_forecasts_the_same(first, monkeypatch):
    kept, before = first
    again = KeptStudies(before=dict(kept.now))
    monkeypatch.setattr(studies, "study", None)
    after = nights(VALUES, again)
    assert again.found == len(VALUES) + WHOLE
    assert again.now == kept.now
    pd.testing.assert_frame_equal(quantile_table(before), quantile_table(after))
    pd.testing.assert_frame_equal(before.weights, after.weights)
    pd.testing.assert_frame_equal(before.explanation, after.explanation)
    np.testing.assert_array_equal(before.errors, after.errors)


def test_only_the_series_that_changed_is_fitted_and_the_whole(first):
    kept, _ = first
    changed = VALUES.copy()
    changed[2, 17] += 1
    again = KeptStudies(before=dict(kept.now))
    nights(changed, again)
    assert again.found == len(VALUES) - 1
    assert len(again.now) == len(VALUES) + WHOLE
    assert len(set(again.now) - set(kept.now)) == 1 + WHOLE


def test_what_a_study_depends_on_is_in_its_key():
    one = Series("a", pd.Timestamp("2020-01-01"), np.arange(30.0))
    key = study_key(one, SETTINGS, {})
    start = {one.start: {"commitments": np.ones(12)}}
    others = [
        study_key(replace(one, values=np.arange(31.0)), SETTINGS, {}),
        study_key(replace(one, first=pd.Timestamp("2020-02-01")), SETTINGS, {}),
        study_key(one, replace(SETTINGS, weight_power=4.0), {}),
        study_key(one, SETTINGS, start),
        study_key(one, SETTINGS, {one.start: {"commitments": np.zeros(12)}}),
    ]
    assert len({key, *others}) == len(others) + 1
    assert study_key(replace(one, series_id="b"), SETTINGS, {}) == key
