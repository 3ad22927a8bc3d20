"""The point forecast of one series, by kind of history."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from forecasting.backtest import study
from forecasting.candidates import naive2, seasonal_level, seasonal_naive
from forecasting.fit import fit
from forecasting.history import Series
from forecasting.settings import ForecastSettings
from tests.forecasting.made_series import seasonal

FIRST = pd.Timestamp("2018-01-01")
SETTINGS = ForecastSettings()


def fitted(values, horizon=12):
    return fit(np.asarray(values, dtype=float), FIRST, SETTINGS, horizon)


def studied(values, horizon=12):
    series = Series("one", FIRST, np.asarray(values, dtype=float))
    return study(series, replace(SETTINGS, horizon=horizon))


@pytest.mark.parametrize(
    ("values", "method", "expected"),
    [
        ([7.0], "level", 7.0),
        ([7.0, 9.0], "level", 8.0),
        (np.zeros(40), "zero", 0.0),
        (np.full(40, 12.5), "constant", 12.5),
        (np.full(40, -12.5), "constant", -12.5),
        (np.r_[np.full(30, 5.0), np.zeros(8)], "ended", 0.0),
        (np.tile([0.0, 0.0, 30.0], 12), "intermittent", 10.0),
        (np.tile([0.0, 0.0, -30.0], 12), "intermittent", -10.0),
    ],
)
def test_simple_histories_have_simple_forecasts(values, method, expected):
    result = fitted(values)
    assert result.method == method
    (path,) = result.paths.values()
    np.testing.assert_allclose(path, expected)


def test_a_series_that_has_just_stopped_fades_and_one_that_always_pauses_does_not():
    running = np.r_[np.arange(10.0, 24.0), 0.0, 0.0, 0.0]
    pausing = np.r_[np.arange(10.0, 18.0), 0.0, 0.0, 0.0, np.arange(10.0, 13.0), 0.0, 0.0, 0.0]
    assert fitted(running).paths["level"][0] == pytest.approx(running[-6:].mean() / 4)
    assert fitted(pausing).paths["level"][0] == pytest.approx(pausing[-6:].mean())


def test_short_history_uses_last_years_month_as_soon_as_there_is_one():
    values = 100 + 20 * np.sin(np.arange(20) * np.pi / 6)
    result = fitted(values)
    assert result.method == "season_and_level"
    expected = (values[-6:].mean() + values[-12:]) / 2
    np.testing.assert_allclose(result.paths["season_and_level"], expected)


def test_prophet_finds_trend_and_season_and_tells_them():
    t = np.arange(72)
    truth = (200 + t) * (1 + 0.2 * np.sin(2 * np.pi * t / 12))
    result = studied(truth[:60])
    told = result.reading
    assert result.method == "pool"
    assert told.mode == "multiplicative"
    assert len(told.trend) == len(told.season) == 72
    np.testing.assert_allclose(result.paths["prophet"], truth[60:], rtol=0.05)
    np.testing.assert_allclose((told.trend * told.season)[60:], result.paths["prophet"], rtol=0.03)
    assert told.season.max() == pytest.approx(1.2, abs=0.05)


def test_the_slope_is_damped():
    t = np.arange(48)
    path = studied(1000 + 10.0 * t, horizon=60).paths["prophet"]
    steps = np.diff(path)
    assert steps[0] > 5
    assert abs(steps[-1]) < 0.25 * steps[0] + 3


def test_a_refund_is_the_mirror_of_an_expense():
    values = seasonal(1, 48, seed=3)[0]
    plain, mirrored = fitted(values), fitted(-values)
    assert mirrored.method == plain.method
    for name, path in plain.paths.items():
        np.testing.assert_allclose(mirrored.paths[name], -path)
    np.testing.assert_allclose(mirrored.variants, -plain.variants)
    np.testing.assert_allclose(mirrored.readings[0].told().trend, -plain.readings[0].told().trend)


def test_unknown_months_are_passed_over():
    values = seasonal(1, 60, seed=4)[0]
    holed = values.copy()
    holed[[20, 33, 59]] = np.nan
    whole, result = studied(values), studied(holed)
    np.testing.assert_allclose(result.paths["prophet"], whole.paths["prophet"], rtol=0.15)


def test_prophet_never_leaves_what_has_been_seen_by_more_than_its_width():
    values = 10.0 * 1.6 ** np.arange(24)
    path = studied(values, horizon=60).paths["prophet"]
    assert path.max() <= values.max() + np.ptp(values)
    assert path.min() >= 0


@given(
    st.lists(st.floats(-1e9, 1e9, allow_subnormal=False), min_size=1, max_size=23),
    st.integers(1, 60),
)
@hypothesis_settings(max_examples=60, deadline=None)
def test_short_series_of_any_kind_keep_their_sign_and_length(values, horizon):
    known = np.array(values)
    for path in fitted(known, horizon).paths.values():
        assert path.shape == (horizon,)
        assert np.isfinite(path).all()
        if (known >= 0).all():
            assert (path >= 0).all()
        if (known <= 0).all():
            assert (path <= 0).all()


@given(st.integers(24, 60), st.integers(1, 60), st.booleans())
@hypothesis_settings(max_examples=30, deadline=None)
def test_guards_repeat_a_pure_season(months, horizon, ratio):
    season = np.tile([1.0, 2.0, 3.0, 4.0, 3.0, 2.0], 20)
    values = season if ratio else season - 2.0
    past, future = values[:months], values[months : months + horizon]
    np.testing.assert_allclose(seasonal_naive(past, horizon), future)
    np.testing.assert_allclose(seasonal_level(past, horizon), future, atol=1e-9)


def test_naive2_repeats_a_season_that_shows_and_the_last_value_where_none_does():
    year = 10 + 3 * np.sin(2 * np.pi * np.arange(12) / 12)
    np.testing.assert_allclose(naive2(np.tile(year, 5), 12), year)
    noise = 10 + np.random.default_rng(1).normal(size=60)
    np.testing.assert_array_equal(naive2(noise, 12), np.full(12, noise[-1]))
