"""What input means and what is refused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.history import ForecastInputError, filled, first_month, tidy
from tests.forecasting.made_series import long_table


def table(**columns: list) -> pd.DataFrame:
    return pd.DataFrame(columns)


def two_months(values: list, months: list | None = None) -> pd.DataFrame:
    return table(series_id=["a", "a"], month=months or ["2024-01-01", "2024-02-01"], value=values)


def test_a_month_without_a_row_is_zero_and_an_empty_value_is_unknown():
    history = table(
        series_id=["a"] * 3, month=["2024-01", "2024-03", "2024-04"], value=["5", "", "7"]
    )
    (series,) = tidy(history, common_end=True)
    np.testing.assert_array_equal(series.values, [5.0, 0.0, np.nan, 7.0])
    assert series.start == pd.Timestamp("2024-05-01")


def test_a_portfolio_ends_together_and_separate_series_each_on_their_own():
    history = pd.concat([long_table({"a": np.ones(5)}), long_table({"b": np.ones(3)})])
    together = tidy(history, common_end=True)
    apart = tidy(history, common_end=False)
    assert [len(one.values) for one in together] == [5, 5]
    assert together[1].values.tolist() == [1, 1, 1, 0, 0]
    assert [len(one.values) for one in apart] == [5, 3]


def test_empty_values_at_the_end_are_the_future_of_a_separate_series():
    (series,) = tidy(two_months([3.0, None]), common_end=False)
    assert series.start == pd.Timestamp("2024-02-01")


def test_a_series_begins_where_something_happens():
    history = long_table({"a": np.r_[np.zeros(7), 3.0, 4.0]})
    (series,) = tidy(history, common_end=True)
    assert series.values.tolist() == [3.0, 4.0]
    assert series.first == pd.Timestamp("2017-08-01")
    assert first_month(history) == pd.Timestamp("2017-01-01")


@pytest.mark.parametrize(
    "months",
    [
        ["2024-01-31", "2024-02-29"],
        ["2024-01", "2024-02"],
        [pd.Timestamp("2024-01-15"), pd.Timestamp("2024-02-01")],
        list(pd.period_range("2024-01", periods=2, freq="M")),
        list(pd.to_datetime(["2024-01-31", "2024-02-01"]).tz_localize("Europe/Copenhagen")),
        [pd.Timestamp("2024-01-31").date(), pd.Timestamp("2024-02-01").date()],
    ],
)
def test_every_clear_way_to_write_a_month_is_that_month(months):
    (series,) = tidy(two_months([1.0, 2.0], months), common_end=True)
    assert series.first == pd.Timestamp("2024-01-01")
    assert series.values.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("history", "says"),
    [
        (table(series=["a"], month=["2024-01"], value=[1]), ["'series_id'", "missing"]),
        (two_months([1, 2], ["2024-01-01", "01/02/2024"]), ["row 3", "'month'", "YYYY-MM"]),
        (two_months([1, 2], ["2024-01-01", "2024-13-01"]), ["row 3", "'month'", "2024-13-01"]),
        (two_months([1, 2], [202401, 202402]), ["row 2", "'month'", "202401"]),
        (two_months([1, 2], ["2024-01-01", None]), ["row 3", "'month'"]),
        (two_months(["1.5", "1.234,56"]), ["row 3", "'value'", "1.234,56", "decimal point"]),
        (two_months([1.0, np.inf]), ["row 3", "'value'", "infinite"]),
        (two_months([1.0, 1e20]), ["row 3", "'value'", "too large"]),
        (two_months([None, None]), ["'a'", "no value"]),
        (two_months([1, 2], ["2024-01-01", "2024-01-01"]), ["row 3", "'a'", "2024-01", "more"]),
        (two_months([1, 2], ["2024-01-01", "2024-01-31"]), ["row 3", "'a'", "2024-01", "more"]),
        (table(series_id=["a", None], month=["2024-01"] * 2, value=[1, 2]), ["row 3", "series_id"]),
    ],
)
def test_bad_input_is_one_sentence_with_row_and_remedy(history, says):
    with pytest.raises(ForecastInputError) as error:
        tidy(history, common_end=True)
    message = str(error.value)
    assert "\n" not in message
    for words in says:
        assert words in message


@given(
    st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=1, max_size=40).filter(
        lambda values: any(value is not None for value in values)
    ),
    st.randoms(use_true_random=False),
)
@settings(max_examples=40, deadline=None)
def test_the_order_of_rows_is_of_no_matter_and_known_values_stay(values, random):
    history = long_table({"a": np.array([np.nan if v is None else v for v in values])})
    rows = list(range(len(history)))
    random.shuffle(rows)
    (one,) = tidy(history, common_end=True)
    (other,) = tidy(history.iloc[rows], common_end=True)
    np.testing.assert_array_equal(one.values, other.values)
    whole = filled(one.values)
    known = ~np.isnan(one.values)
    assert not np.isnan(whole).any()
    np.testing.assert_array_equal(whole[known], one.values[known])


def test_an_unknown_month_takes_last_years_value():
    values = np.arange(1.0, 26.0)
    values[20] = np.nan
    assert filled(values)[20] == values[8]
