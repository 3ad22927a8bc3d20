"""The night's own tries told as forecasts."""

import numpy as np
import pandas as pd

from forecasting.series import add_up
from forecasting.tries import COLUMNS, tried_forecasts
from tests.forecasting.conftest import Portfolio


def test_a_try_and_its_error_are_what_came(portfolio: Portfolio) -> None:
    found = tried_forecasts(portfolio.history, portfolio.paths)
    assert list(found.columns) == COLUMNS
    came = portfolio.history.set_index(["series_id", "month"])["value"]
    for place, name in enumerate(portfolio.paths.series_ids):
        own = found[found["series_id"] == name]
        tried = portfolio.paths.errors[place][~np.isnan(portfolio.paths.errors[place][:, 0])]
        assert len(own) == tried.size
        actual = came.loc[[(name, month) for month in own["target_month"]]].to_numpy()
        assert np.allclose(actual - own["mean"], tried.ravel(), atol=0.006), name


def test_origins_are_the_last_known_months(portfolio: Portfolio) -> None:
    found = tried_forecasts(portfolio.history, portfolio.paths)
    ahead = found["target_month"].dt.to_period("M") - found["origin_month"].dt.to_period("M")
    assert [step.n for step in ahead] == found["horizon_months"].tolist()
    # The history ends in May 2022, and every try is scored over a whole year.
    assert found["origin_month"].max() == pd.Timestamp("2021-05-01")
    assert found["target_month"].max() == pd.Timestamp("2022-05-01")


def test_sums_are_tried_as_sums(portfolio: Portfolio) -> None:
    bottom = tried_forecasts(portfolio.history, portfolio.paths)
    pair = ["s00", "s01"]
    sums = tried_forecasts(portfolio.history, add_up(portfolio.paths, {"both": pair}))
    keys = ["origin_month", "target_month"]
    expected = bottom[bottom["series_id"].isin(pair)].groupby(keys)["mean"].sum()
    assert np.allclose(sums.set_index(keys)["mean"].sort_index(), expected, atol=0.011)
