"""The portfolio's whole as one series: what it corrects, and that everything still adds up."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecasting.history import Series
from forecasting.series import ForecastSettings, add_up, forecast
from forecasting.whole import correction, whole_of
from tests.forecasting.made_series import long_table, named, seasonal

SETTINGS = ForecastSettings(samples=100, horizon=18)


def portfolio() -> dict[str, np.ndarray]:
    """Twelve noisy series that share a growing level, which only their sum shows."""
    common = 1 + 0.3 * np.sin(np.arange(72) / 11.0)
    chance = np.random.default_rng(4)
    return named(seasonal(12, 72, seed=3) * common * np.exp(chance.normal(0, 0.15, (12, 72))))


@pytest.fixture(scope="module")
def both():
    """The forecast of series that end together, and of the same ones each on its own."""
    history = long_table(portfolio())
    together = forecast(history, SETTINGS, workers=1)
    return together, forecast(history, replace(SETTINGS, common_end=False), workers=1)


def test_the_whole_begins_with_the_first_series_and_fills_what_is_unknown():
    early = Series("a", pd.Timestamp("2020-01-01"), np.array([1.0, 2.0, 3.0]))
    late = Series("b", pd.Timestamp("2020-02-01"), np.array([10.0, np.nan]))
    found = whole_of([early, late])
    assert found.first == early.first
    assert found.values.tolist() == [1.0, 12.0, 13.0]


def test_means_still_add_up_and_past_errors_of_the_sum_are_no_greater(both):
    together, alone = both
    names = list(together.series_ids)
    total = add_up(together, {"total": names})
    np.testing.assert_allclose(total.mean[0], together.mean.sum(axis=0), atol=0.01)
    assert (together.mean != alone.mean).any()
    before = np.abs(alone.errors.sum(axis=0)).mean()
    assert np.abs(together.errors.sum(axis=0)).mean() < 1.02 * before
    np.testing.assert_allclose(together.samples.mean(axis=2), together.mean, atol=0.01)


def test_the_surest_series_moves_least(both):
    together, alone = both
    moved = np.abs(together.mean - alone.mean).sum(axis=1)
    assert np.corrcoef(moved, together.scales)[0, 1] > 0.99


class _Study:
    def __init__(self, method: str, scale: float) -> None:
        self.method, self.scale = method, scale


def corrected(direct_errors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two pooled parts of scale 1 and 2 and one of a simple rule; the whole says 10 more a month,
    up and down by the month."""
    parts = [_Study("pool", 1.0), _Study("pool", 2.0), _Study("constant", 5.0)]
    mean = np.full((3, 12), 100.0)
    errors = np.full((3, 5, 12), 2.0)
    direct = np.full(12, 310.0) + np.tile([40.0, -40.0], 6)
    return correction(parts, mean, errors, direct, direct_errors, SETTINGS)


def test_the_whole_is_believed_as_far_as_it_was_right():
    even, _ = corrected(np.full((5, 12), 6.0))
    assert even.sum(axis=0) == pytest.approx(5.0)
    assert even[:, 0] == pytest.approx([5 / 3, 10 / 3, 0.0])
    assert corrected(np.full((5, 12), 1.0))[0].sum(axis=0)[0] > 9.0
    assert corrected(np.full((5, 12), 20.0))[0].sum(axis=0)[0] < 1.0


@pytest.mark.parametrize("tried", [0, 2])
def test_a_whole_that_was_hardly_tried_corrects_nothing(tried):
    errors = np.full((5, 12), np.nan)
    errors[:tried] = 0.0
    added, taken = corrected(errors)
    assert not added.any()
    assert not taken.any()


def test_past_errors_become_those_of_the_corrected_forecast():
    _, taken = corrected(np.full((5, 12), 6.0))
    assert not taken.any(), "both missed by the same, so nothing would have been corrected"
    _, taken = corrected(np.zeros((5, 12)))
    left = 6.0 - taken.sum(axis=0)
    assert ((left >= 0) & (left < 0.5)).all()
