"""Pricing a quantity, and the origins that the engine wants."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.given import on_grid, origins, price_levels, priced
from forecasting.series import ForecastSettings

INDEX = {2023: 100.0, 2024: 103.0, 2025: 106.0}


def test_wanted_are_the_newest_month_and_the_engines_own_past_origins() -> None:
    wanted = origins(pd.Timestamp(2025, 10, 1), ForecastSettings(horizon=26))
    assert wanted[0].horizon == 26
    assert [f"{one.month:%Y-%m}" for one in wanted] == [
        "2025-10",
        "2024-10",
        "2024-07",
        "2024-04",
        "2024-01",
        "2023-10",
    ]
    assert {one.horizon for one in wanted[1:]} == {12}


def test_prices_go_on_growing_beyond_the_known_years() -> None:
    levels = price_levels(INDEX, 2022 * 12, 60)
    assert levels[12] == 100
    assert levels[0] == pytest.approx(100 / 1.03)
    assert levels[59] == pytest.approx(106 * 106 / 103)
    assert (price_levels({}, 2022 * 12, 3) == 1).all()


@given(
    price=st.floats(1, 1e6),
    quantity=st.floats(0.1, 1e3),
    known=st.integers(12, 60),
    sign=st.sampled_from([1, -1]),
)
@settings(max_examples=50, deadline=None)
def test_an_even_quantity_at_an_even_price_stays(
    price: float, quantity: float, known: int, sign: int
) -> None:
    everything = np.full(known + 24, quantity)
    levels = price_levels(INDEX, 2022 * 12, known + 24)
    money = sign * price * quantity * levels[:known]
    path = priced(everything, money, levels)
    assert path is not None
    assert path == pytest.approx(sign * price * quantity * levels[known:])


def test_a_quarterly_bill_is_forecast_in_the_months_that_it_comes() -> None:
    money = np.tile([0.0, 0.0, 3.0], 12)
    path = priced(np.ones(48), money, np.ones(48))
    assert path is not None
    assert path.sum() == pytest.approx(12)
    assert path[2::3].min() > 2 > path[0::3].max()


def test_no_price_is_told_where_the_money_does_not_follow_the_quantity() -> None:
    levels = np.ones(60)
    quantity = np.r_[np.full(36, 10.0), np.full(12, 0.5), np.full(12, 5.0)]
    assert priced(quantity, np.full(48, 100.0), levels) is None
    assert priced(np.zeros(60), np.full(48, 100.0), levels) is None
    assert priced(np.ones(60), np.zeros(48), levels) is None
    assert priced(np.ones(23), np.ones(11), levels[:23]) is None
    grown = np.r_[np.full(48, 1.0), np.full(12, 50.0)]
    assert priced(grown, np.full(48, 100.0), levels) is None


def test_months_outside_the_grid_are_left_out() -> None:
    frame = pd.DataFrame(
        {"month": pd.date_range("2023-12-01", periods=4, freq="MS"), "value": [9.0, 1.0, 2.0, 9.0]}
    )
    assert on_grid(frame, 2024 * 12, 2).tolist() == [1.0, 2.0]
