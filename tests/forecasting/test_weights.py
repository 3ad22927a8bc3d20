"""Weights follow past errors, and nobody is judged by a try that chose it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecasting.backtest import Try, study
from forecasting.candidates import FAST
from forecasting.given import given_paths
from forecasting.history import ForecastInputError, Series
from forecasting.series import ForecastSettings, forecast
from forecasting.weights import by_month, past_errors, weights
from tests.forecasting.made_series import long_table, named, seasonal

SETTINGS = ForecastSettings(samples=100)
FIRST = pd.Timestamp("2017-01-01")


@pytest.fixture(scope="module")
def portfolio():
    return [
        study(Series(name, FIRST, values), SETTINGS)
        for name, values in named(seasonal(3, 60, seed=11, wander=0.04)).items()
    ]


def test_every_candidate_is_weighted_and_the_weights_add_up(portfolio):
    for shares in weights(portfolio, SETTINGS).values():
        assert set(shares) == set(FAST)
        assert sum(shares.values()) == pytest.approx(np.ones(2))
        assert np.min(list(shares.values())) > 0


def test_who_erred_less_counts_for_more(portfolio):
    one = portfolio[0]
    halved = {
        place: Try(tried.scale, tried.errors | {"ces": tried.errors["ces"] / 2})
        for place, tried in one.tries.items()
    }
    better = [replace(one, tries=halved), *portfolio[1:]]
    name = one.series.series_id
    before, after = (weights(made, SETTINGS)[name]["ces"] for made in (portfolio, better))
    assert (after > 1.5 * before).all()


def erring(tried: Try, name: str, factors: np.ndarray) -> Try:
    return Try(tried.scale, tried.errors | {name: tried.errors[name] * factors})


def test_near_months_are_weighted_by_near_errors_and_later_ones_by_the_year(portfolio):
    one = portfolio[0]
    late = np.where(np.arange(12) < SETTINGS.near_months, 0.1, 3.0)
    tries = {place: erring(tried, "ces", late) for place, tried in one.tries.items()}
    found = weights([replace(one, tries=tries, recent={}), *portfolio[1:]], SETTINGS)
    near, far = found[one.series.series_id]["ces"]
    assert near > 3 * far
    settings = replace(SETTINGS, horizon=9)
    share = np.array([near, far])
    assert by_month(share, settings.horizon, settings).tolist() == [near] * 6 + [far] * 3


def test_a_try_from_the_same_month_of_the_year_counts_for_more(portfolio):
    one = portfolio[0]
    name = one.series.series_id

    def said(place: int) -> float:
        alike = dict.fromkeys(one.tries, one.tries[2])
        better = {**alike, place: erring(one.tries[2], "ces", np.zeros(12))}
        before, after = (
            weights([replace(one, tries=tries, recent={}), *portfolio[1:]], SETTINGS)[name]["ces"]
            for tries in (alike, better)
        )
        return float(after[1] / before[1])

    assert said(0) > 1.2 * said(1)


def test_an_origins_own_error_has_no_part_in_the_weights_it_is_judged_by(portfolio):
    wild = []
    for one in portfolio:
        tried = one.tries[1]
        errors = {
            name: error * (50 if name == "ces" else 1) for name, error in tried.errors.items()
        }
        wild.append(replace(one, tries={**one.tries, 1: Try(tried.scale, errors)}))
    judged, unchanged = (weights(made, SETTINGS, without=1) for made in (wild, portfolio))
    for name, shares in unchanged.items():
        assert {key: share.tolist() for key, share in judged[name].items()} == {
            key: share.tolist() for key, share in shares.items()
        }
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
    assert told[["series_id", "from_month"]].to_numpy().tolist() == [["s00", 1], ["s00", 7]]
    assert told["weight"].min() > 0.9
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
