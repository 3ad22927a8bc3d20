"""The engine on anyone's series, as behind `raaderum forecast`."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from forecasting.series import ForecastInputError, public_forecast
from forecasting.settings import QUANTILES
from tests.forecasting.made_series import long_table, seasonal

COLUMNS = ["series_id", "month", "mean", *QUANTILES]


def test_each_series_is_forecast_from_its_own_end():
    history = pd.concat(
        [
            long_table({"long": seasonal(1, 40, seed=21)[0]}),
            long_table({"short": np.arange(1.0, 6.0)}),
        ]
    )
    table = public_forecast(history, 3)
    assert list(table.columns) == COLUMNS
    begins = table.groupby("series_id")["month"].min()
    assert begins["long"] == pd.Timestamp("2020-05-01")
    assert begins["short"] == pd.Timestamp("2017-06-01")
    assert (table.groupby("series_id").size() == 3).all()


def test_text_as_it_stands_in_a_csv_file_is_read():
    history = pd.DataFrame(
        {"series_id": ["1", "1"], "month": ["2024-01-01", "2024-02-01"], "value": ["10.5", "11"]}
    )
    table = public_forecast(history, 2)
    assert table["series_id"].tolist() == ["1", "1"]
    assert table["mean"].tolist() == [10.75, 10.75]


def test_one_month_of_history_gives_an_honest_interval():
    table = public_forecast(long_table({"a": np.array([100.0])}), 60)
    assert (table["mean"] == 100).all()
    assert (table["p05"] >= 0).all()
    assert (table["p05"] < 90).all()
    assert (table["p95"] > 110).all()


@pytest.mark.parametrize("horizon", [0, 73, 2.5, "x", None])
def test_a_senseless_horizon_is_refused(horizon):
    with pytest.raises(ForecastInputError):
        public_forecast(long_table({"a": np.ones(3)}), horizon)


def test_nothing_to_forecast_is_said():
    with pytest.raises(ForecastInputError, match="no rows"):
        public_forecast(long_table({"a": np.ones(3)}).iloc[:0], 3)


@given(
    st.lists(
        st.lists(st.floats(-1e12, 1e12, allow_subnormal=False), min_size=1, max_size=23),
        min_size=1,
        max_size=4,
    ),
    st.integers(1, 60),
)
@hypothesis_settings(max_examples=25, deadline=None)
def test_short_series_of_any_size_come_out_whole(series, horizon):
    history = long_table({f"s{n}": np.array(values) for n, values in enumerate(series)})
    table = public_forecast(history, horizon)
    assert len(table) == len(series) * horizon
    numbers = table[["mean", *QUANTILES]].to_numpy()
    assert np.isfinite(numbers).all()
    assert (np.diff(numbers[:, 1:], axis=1) >= 0).all()


def test_huge_tiny_and_gappy_series_come_out_in_their_own_size():
    base = seasonal(1, 40, seed=22)[0]
    gappy = long_table({"gappy": base}).drop(index=[5, 17, 30])
    empty = long_table({"empty": np.where(np.arange(40) % 9 == 4, np.nan, base)})
    history = pd.concat([long_table({"huge": base * 1e10, "tiny": base * 1e-1}), gappy, empty])
    table = public_forecast(history, 12)
    level = table.groupby("series_id")["mean"].mean()
    usual = base[-12:].mean()
    assert level["huge"] == pytest.approx(usual * 1e10, rel=0.3)
    assert level["tiny"] == pytest.approx(usual * 1e-1, rel=0.3)
    assert level["gappy"] == pytest.approx(usual, rel=0.4)
    assert level["empty"] == pytest.approx(usual, rel=0.3)
    assert (table[["p05", "p95"]] >= 0).all().all()
