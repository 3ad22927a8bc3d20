"""Weights follow past errors, and nobody is judged by a try that chose it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecasting.backtest import Try, past_errors, study, weights
from forecasting.baselines import baselines
from forecasting.candidates import FAST, OF_THE_YEAR, THOROUGH
from forecasting.given import given_paths
from forecasting.history import ForecastInputError, Series
from forecasting.series import ForecastSettings, forecast
from tests.forecasting.made_series import long_table, named, seasonal

SETTINGS = ForecastSettings(samples=100)
FIRST = pd.Timestamp("2017-01-01")


def made(values, **settings):
    return study(Series("one", FIRST, values), replace(SETTINGS, **settings))


@pytest.fixture(scope="module")
def portfolio():
    return [
        study(Series(name, FIRST, values), SETTINGS)
        for name, values in named(seasonal(3, 60, seed=11, wander=0.04)).items()
    ]


def test_every_candidate_is_weighted_and_the_weights_add_up(portfolio):
    for shares in weights(portfolio, SETTINGS).values():
        assert set(shares) == set(FAST)
        assert sum(shares.values()) == pytest.approx(1)
        assert min(shares.values()) > 0
    thorough = made(seasonal(1, 60, seed=2)[0], thorough=True)
    assert set(thorough.paths) == set(THOROUGH)


def test_the_years_own_rules_count_once_a_quarter_is_known_and_until_it_is_over():
    whole = seasonal(1, 60, seed=2)[0]
    for months, of_the_year in ((50, ()), (51, OF_THE_YEAR), (59, OF_THE_YEAR), (60, ())):
        found = made(whole[:months])
        assert set(found.paths) == {*FAST, *of_the_year}
        expected = baselines(whole[:months], (months - 1) % 12 + 1, SETTINGS.horizon)
        for name in of_the_year:
            assert found.paths[name] == pytest.approx(expected[name])


def test_who_erred_less_counts_for_more(portfolio):
    one = portfolio[0]
    halved = {
        place: Try(tried.scale, tried.errors | {"ces": tried.errors["ces"] / 2})
        for place, tried in one.tries.items()
    }
    better = [replace(one, tries=halved), *portfolio[1:]]
    name = one.series.series_id
    before, after = (weights(made, SETTINGS)[name]["ces"] for made in (portfolio, better))
    assert after > 1.5 * before


def test_an_origins_own_error_has_no_part_in_the_weights_it_is_judged_by(portfolio):
    wild = []
    for one in portfolio:
        tried = one.tries[1]
        errors = {
            name: error * (50 if name == "ces" else 1) for name, error in tried.errors.items()
        }
        wild.append(replace(one, tries={**one.tries, 1: Try(tried.scale, errors)}))
    assert weights(wild, SETTINGS, without=1) == weights(portfolio, SETTINGS, without=1)
    plain, _ = past_errors(portfolio, SETTINGS)
    other, _ = past_errors(wild, SETTINGS)
    assert not np.allclose(plain[:, 1], other[:, 1])


def truth_given(values, backs, months=12):
    start = FIRST + pd.DateOffset(months=len(values) - months)
    rows = []
    for back in backs:
        origin = start - pd.DateOffset(months=back + 1)
        for ahead in range(months):
            place = len(values) - months - back + ahead
            rows.append(
                ("s00", "oracle", origin, origin + pd.DateOffset(months=ahead + 1), values[place])
            )
    return pd.DataFrame(rows, columns=["series_id", "candidate", "origin_month", "month", "value"])


def test_a_given_forecast_is_believed_as_far_as_it_was_right():
    values = seasonal(2, 72, seed=6, wander=0.08)
    known = long_table(named(values[:, :60]))
    given = truth_given(values[0], backs=(0, 12, 15, 18, 21, 24))
    settings = replace(SETTINGS, horizon=12)
    paths = forecast(known, settings, given=given)
    told = paths.weights[paths.weights["candidate"] == "oracle"]
    assert told["series_id"].tolist() == ["s00"]
    assert told["weight"].item() > 0.9
    np.testing.assert_allclose(paths.mean[0], values[0, 60:], rtol=0.05)
    alone = forecast(known, settings)
    np.testing.assert_allclose(paths.mean[1], alone.mean[1], rtol=0.02)


def test_a_given_forecast_without_a_past_has_no_say():
    values = seasonal(1, 72, seed=7)
    paths = forecast(
        long_table(named(values[:, :60])), SETTINGS, given=truth_given(values[0], backs=(0,))
    )
    assert "oracle" not in set(paths.weights["candidate"])


def test_a_given_forecast_with_a_gap_is_refused():
    holed = truth_given(np.arange(72.0), backs=(0,)).drop(index=3)
    with pytest.raises(ForecastInputError, match="has a gap"):
        given_paths(holed)
