"""What may come: shapes, identities and order of the sample paths and their quantiles."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from forecasting.paths import within
from forecasting.series import ForecastSettings, add_up, forecast, quantile_table
from forecasting.settings import QUANTILES
from tests.forecasting.made_series import long_table, named, seasonal

GROUPS = {
    "first": ["s00", "s01", "refund"],
    "second": ["s02", "s03", "s04"],
    "odd": ["rare", "ended", "late"],
}


def exact(values) -> list[Decimal]:
    return [Decimal(str(value)) for value in values]


def test_the_table_has_the_promised_columns_and_every_month(portfolio):
    table = quantile_table(portfolio.paths)
    assert list(table.columns) == ["series_id", "month", "mean", *QUANTILES]
    assert list(QUANTILES) == ["p05", "p10", "p25", "p50", "p75", "p90", "p95"]
    assert len(table) == 9 * 31
    assert not table.isna().any().any()
    months = table.loc[table["series_id"] == "late", "month"]
    assert months.tolist() == pd.date_range("2022-06-01", "2024-12-01", freq="MS").tolist()


def test_quantiles_rise(portfolio):
    level = add_up(portfolio.paths, GROUPS)
    for paths in (portfolio.paths, level):
        marks = quantile_table(paths)[list(QUANTILES)].to_numpy()
        assert (np.diff(marks, axis=1) >= 0).all()


def test_means_add_up_to_the_last_oere_on_every_level(portfolio):
    paths = portfolio.paths
    everything = [name for group in GROUPS.values() for name in group]
    middle = add_up(paths, GROUPS)
    total = add_up(paths, {"total": everything})
    place = {name: number for number, name in enumerate(paths.series_ids)}
    for number, group in enumerate(GROUPS.values()):
        for month in range(portfolio.settings.horizon):
            parts = exact(paths.mean[[place[name] for name in group], month])
            assert sum(parts) == Decimal(str(middle.mean[number, month]))
    for month in range(portfolio.settings.horizon):
        assert sum(exact(middle.mean[:, month])) == Decimal(str(total.mean[0, month]))


def test_the_samples_mean_is_the_forecast(portfolio):
    level = add_up(portfolio.paths, GROUPS)
    even = [n for n, name in enumerate(portfolio.paths.series_ids) if name != "rare"]
    for mean, samples in (
        (portfolio.paths.mean[even], portfolio.paths.samples[even]),
        (level.mean, level.samples),
    ):
        np.testing.assert_allclose(samples.mean(axis=2), mean, rtol=1e-6, atol=0.01)


def test_signs_are_kept(portfolio):
    sides = dict(zip(portfolio.paths.series_ids, portfolio.paths.samples, strict=True))
    assert (sides["refund"] <= 0).all()
    for name in ("s00", "rare", "late"):
        assert (sides[name] >= 0).all()
    assert (sides["ended"] == 0).all()


def test_uncertainty_grows_with_the_years(portfolio):
    total = add_up(portfolio.paths, {"total": ["s00", "s01", "s02", "s03", "s04"]})
    low, high = np.quantile(total.samples[0], [0.1, 0.9], axis=1)
    width = high - low
    assert width[24:31].mean() > width[12:24].mean() > width[:12].mean()


def test_a_sum_is_surer_than_its_parts_but_not_as_if_they_were_strangers(portfolio):
    names = ["s00", "s01", "s02", "s03", "s04"]
    spread = portfolio.paths.samples[:5, :12].sum(axis=1).std(axis=1)
    total = add_up(portfolio.paths, {"total": names}).samples[0, :12].sum(axis=0).std()
    assert np.sqrt((spread**2).sum()) * 0.9 < total < 2.0 * spread.sum()


@pytest.mark.parametrize(
    ("groups", "says"),
    [
        ({"total": []}, "'total' has no series"),
        ({"total": ["s00", "nobody"]}, "'nobody'"),
        ({"total": ["s00", "s00"]}, "twice"),
    ],
)
def test_senseless_groups_are_refused(portfolio, groups, says):
    with pytest.raises(ValueError, match=says):
        add_up(portfolio.paths, groups)


def test_series_that_begin_in_different_months_cannot_be_added_up():
    history = pd.concat([long_table({"a": np.ones(5)}), long_table({"b": np.ones(3)})])
    paths = forecast(history, ForecastSettings(horizon=2, common_end=False))
    with pytest.raises(ValueError, match="different months"):
        add_up(paths, {"total": ["a", "b"]})


def test_no_groups_and_no_series_are_empty_not_errors(portfolio):
    assert quantile_table(add_up(portfolio.paths, {})).empty
    empty = forecast(portfolio.history.iloc[:0], ForecastSettings(horizon=3))
    assert empty.series_ids == ()
    assert empty.mean.shape == (0, 3)
    assert list(quantile_table(empty).columns) == list(quantile_table(portfolio.paths).columns)


def test_same_input_same_bytes_whatever_the_order_and_the_number_of_processes():
    history = long_table(named(seasonal(4, 40, seed=8)))
    settings = ForecastSettings(horizon=14, samples=60, origins=2)
    alone = forecast(history, settings, workers=1)
    shuffled = forecast(history.sample(frac=1, random_state=1), settings, workers=2)
    for name in ("mean", "samples", "errors", "scales"):
        np.testing.assert_array_equal(getattr(alone, name), getattr(shuffled, name))
    pd.testing.assert_frame_equal(alone.explanation, shuffled.explanation)
    pd.testing.assert_frame_equal(alone.weights, shuffled.weights)
    other = forecast(history, replace(settings, seed=settings.seed + 1), workers=1)
    assert (other.samples != alone.samples).any()


def test_progress_is_told_series_by_series():
    told = []
    history = long_table({"a": np.ones(3), "b": np.ones(3)})
    forecast(history, ForecastSettings(), progress=lambda *step: told.append(step))
    assert told == [(1, 2), (2, 2)]


def test_weights_and_explanations_are_given_for_every_fitted_series(portfolio):
    weights = portfolio.paths.weights
    np.testing.assert_allclose(weights.groupby(["series_id", "from_month"])["weight"].sum(), 1.0)
    assert set(weights["series_id"]) == set(portfolio.paths.series_ids)
    told = portfolio.paths.explanation
    fitted = set(weights.loc[weights["method"] == "pool", "series_id"])
    assert set(told["series_id"]) == fitted == {"s00", "s01", "s02", "s03", "s04", "refund"}
    assert told["month"].max() == pd.Timestamp("2024-12-01")


def test_one_broken_series_does_not_spoil_the_intervals_of_the_others():
    calm = named(seasonal(4, 48, seed=9))
    broken = {"step": np.where(np.arange(48) < 30, 10.0, 900.0) + np.arange(48) % 7 * 0.1}
    begun = {"zz": np.r_[np.zeros(46), 50.0, 60.0]}
    settings = ForecastSettings(horizon=24, samples=200)
    table = quantile_table(forecast(long_table(calm | broken | begun), settings, workers=1))
    first = table[table["month"] == "2021-01-01"].set_index("series_id")
    for name, narrow in [*((name, 0.5) for name in calm), ("zz", 1.0)]:
        mean, low, middle, high = first.loc[name, ["mean", "p10", "p50", "p90"]]
        assert (1 - narrow) * mean < low < middle < high < (1 + narrow) * mean
        assert middle == pytest.approx(mean, rel=0.1)


@given(
    hnp.arrays(float, (3, 20), elements=st.floats(-1e6, 1e6)),
    hnp.arrays(float, 3, elements=st.floats(0, 1e5)),
    st.sampled_from([1, -1]),
)
@hypothesis_settings(max_examples=60, deadline=None)
def test_keeping_the_sign_does_not_move_the_mean(noise, mean, side):
    samples = mean[:, None] + noise - noise.mean(axis=1, keepdims=True)
    kept = within(side * samples, side * mean, side)
    assert (side * kept >= 0).all()
    np.testing.assert_allclose(kept.mean(axis=1), side * mean, rtol=1e-6, atol=1e-4)


@pytest.mark.parametrize(
    "wrong",
    [
        {"horizon": 0},
        {"horizon": 73},
        {"samples": 101},
        {"change_prior": 0.0},
        {"yearly_order": 9},
        {"min_fit": 12},
        {"level_bounds": (1.2, 2.0)},
        {"solver": "newton"},
    ],
)
def test_senseless_settings_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        ForecastSettings(**wrong)


def test_errors_of_many_dates_tell_their_spread_better_than_those_of_one_period():
    """The same series, all ending together or a year and more apart: the latter are surer."""
    history = [long_table({name: one}) for name, one in named(seasonal(6, 60, seed=12)).items()]
    apart = [
        part.assign(month=part["month"] + pd.DateOffset(months=15 * place))
        for place, part in enumerate(history)
    ]
    settings = ForecastSettings(samples=2000, common_end=False)
    widths = []
    for parts in (history, apart):
        paths = forecast(pd.concat(parts), settings, workers=1)
        low, high = np.quantile(paths.samples, [0.025, 0.975], axis=2)
        widths.append(((high - low) / paths.scales[:, None]).mean())
    assert widths[1] < 0.95 * widths[0]
