"""Placebos: the width that holds nine in ten of them, and how many differ as much."""

from dataclasses import replace

import numpy as np
import pytest

from forecasting.placebos import BAND, placebos_of
from forecasting.series import add_up, forecast
from forecasting.settings import YEAR, ForecastSettings
from tests.forecasting.made_series import long_table, named, seasonal

GROUPS = 12
SETTINGS = ForecastSettings(samples=200)


@pytest.fixture(scope="module")
def groups():
    """One level per series, each of one group."""
    paths = forecast(long_table(named(seasonal(GROUPS, 60, seed=7))), SETTINGS, workers=1)
    return [add_up(paths, {name: [name]}) for name in paths.series_ids]


def half_width(group) -> np.ndarray:
    low, high = np.quantile(group.samples[0].cumsum(axis=0), BAND, axis=1)
    return (high - low) / 2


def gap(group, size: float) -> np.ndarray:
    """Months whose sum is, over any number of them, `size` half-widths."""
    return np.diff(size * half_width(group), prepend=0.0)


def test_the_width_holds_nine_in_ten(groups):
    chance = np.random.default_rng(1)
    found = placebos_of(groups[0], [(one, gap(one, chance.normal())) for one in groups[1:]])
    held = (found.sums <= found.sum_factor()).mean(axis=0)
    assert ((held >= 0.9) & (held <= 0.97)).all()
    held = (found.months <= found.month_factor()).mean(axis=0)
    assert ((held >= 0.9) & (held <= 0.97)).all()


def test_errors_twice_as_large_make_it_twice_as_wide(groups):
    plain = placebos_of(groups[0], [(one, gap(one, 0.5)) for one in groups[1:]])
    doubled = [replace(one, errors=2 * one.errors) for one in groups]
    wider = placebos_of(doubled[0], [(one, gap(one, 1.0)) for one in doubled[1:]])
    np.testing.assert_allclose(wider.sum_factor(), 2 * plain.sum_factor())


def test_too_few_placebos_leave_the_width_as_it_is(groups):
    untried = replace(groups[0], errors=np.full_like(groups[0].errors, np.nan))
    found = placebos_of(untried, [])
    assert (found.sum_factor() == 1).all()
    assert found.beyond(np.ones(YEAR)) == ([0] * YEAR, [1.0] * YEAR)


@pytest.mark.parametrize(("sign", "common"), [(-1, True), (1, False)])
def test_what_happened_everywhere_is_common_only_the_way_it_went(groups, sign, common):
    """Three of eleven other groups fell by much: a fall is nothing rare, a rise is."""
    falls = [-6.0 if place < 3 else 0.1 for place in range(GROUPS - 1)]
    elsewhere = [(one, gap(one, fall)) for one, fall in zip(groups[1:], falls, strict=True)]
    counts, shares = placebos_of(groups[0], elsewhere).beyond(gap(groups[0], sign * 5.0))
    assert counts[-1] == GROUPS * SETTINGS.origins + GROUPS - 1
    assert (shares[-1] == pytest.approx(3 / 11)) == common
    assert (shares[-1] > 0.1) == common


def test_over_a_year_it_is_the_first_year_that_counts(groups):
    found = placebos_of(groups[0], [(one, gap(one, 0.5)) for one in groups[1:]])
    change = gap(groups[0], 2.0)
    counts, shares = found.beyond(np.r_[change, 100 * change])
    assert counts[YEAR:] == [counts[YEAR - 1]] * YEAR
    assert shares[YEAR:] == [shares[YEAR - 1]] * YEAR
