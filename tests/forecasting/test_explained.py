"""What is told of why a forecast is as it is."""

import numpy as np
import pandas as pd
import pytest

from forecasting.explained import COLUMNS, explained
from tests.forecasting.conftest import Portfolio


def test_weights_are_whole_and_trend_and_season_cover_history_and_horizon(
    portfolio: Portfolio,
) -> None:
    table = explained(portfolio.paths)
    assert list(table.columns) == COLUMNS
    weights = table[table["part"] == "weight"]
    shares = weights.groupby(["series_id", "month"])["value"].sum()
    assert set(weights["series_id"]) == set(portfolio.paths.series_ids)
    assert shares.to_numpy() == pytest.approx(1.0)
    near, far = shares["s00"].index
    assert (near, far) == (pd.Timestamp("2022-06-01"), pd.Timestamp("2022-12-01"))
    one = table[table["series_id"] == "s00"]
    trend, season = (one[one["part"] == part] for part in ("trend", "season"))
    assert len(trend) == len(season) == 65 + portfolio.settings.horizon
    assert trend["name"].nunique() == 1
    assert np.isfinite(trend["value"]).all()


def test_a_simple_rule_is_its_own_explanation(portfolio: Portfolio) -> None:
    table = explained(portfolio.paths)
    ended = table[table["series_id"] == "ended"]
    assert ended[["part", "name", "value"]].to_numpy().tolist() == [["weight", "ended", 1.0]]
