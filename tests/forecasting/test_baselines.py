"""The rules of thumb, reckoned by hand, and the scores of engine and rules."""

import numpy as np
import pandas as pd
import pytest

from forecasting.accuracy import COLUMNS, ENGINE, accuracy
from forecasting.baselines import BASELINES, baselines, year_on_year
from forecasting.series import ForecastInputError
from forecasting.settings import ForecastSettings
from tests.forecasting.made_series import long_table, seasonal

LAST_YEAR = np.arange(1.0, 13.0)
FEW = ForecastSettings(samples=100, origins=2)


def test_the_four_rules_in_march() -> None:
    this_year = np.array([2.0, 4.0, 6.0])  # twice as much as last year
    found = baselines(np.concatenate([LAST_YEAR, this_year]), 3, 12)
    assert found["last_year_month"].tolist() == [4, 5, 6, 7, 8, 9, 10, 11, 12, 2, 4, 6]
    assert found["last_year"].tolist() == [6.5] * 12
    assert found["run_rate"].tolist() == [4.0] * 12
    # Next January to March repeat this year's, which need no scaling.
    assert found["profile"].tolist() == [8, 10, 12, 14, 16, 18, 20, 22, 24, 2, 4, 6]


def test_in_december_all_are_last_year() -> None:
    found = baselines(LAST_YEAR, 12, 3)
    assert found["last_year"].tolist() == found["run_rate"].tolist() == [6.5] * 3
    assert found["profile"].tolist() == found["last_year_month"].tolist() == [1, 2, 3]


@pytest.mark.parametrize("so_far", [[0.0], [-1.0]])
def test_years_that_cannot_be_compared_are_not_scaled(so_far: list[float]) -> None:
    assert year_on_year(np.concatenate([LAST_YEAR, so_far]), 1) == 1.0


def test_less_than_a_year_is_no_yardstick() -> None:
    with pytest.raises(ValueError, match="12 months, not 11"):
        baselines(LAST_YEAR[1:], 12, 3)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    history = long_table({"steady": np.tile(LAST_YEAR, 5), "moved": seasonal(1, 60, seed=4)[0]})
    return accuracy(history, 12, 4, FEW, {"total": {"total": ["steady", "moved"]}}, workers=1)


def test_every_end_of_a_quarter_is_tried_once(table: pd.DataFrame) -> None:
    assert list(table.columns) == COLUMNS
    own = table[(table["method"] == ENGINE) & (table["level"] == "series")]
    scored = dict(zip(zip(own["part"], own["bin"], strict=True), own["scored"], strict=True))
    # Two series, four origins: one month ahead, two months in the next bin.
    assert scored["months", "1"] == 8
    assert scored["months", "2-3"] == 16
    assert {place: scored["year_end", place] for place in "0369"} == dict.fromkeys("0369", 2)


def test_scores_stand_beside_each_other_in_one_unit(table: pd.DataFrame) -> None:
    assert set(table["method"]) == {ENGINE, *BASELINES}
    assert (table["wape"] >= 0).all()
    months = table[table["part"] == "months"]
    # A point's CRPS is its absolute error; the engine's interval must earn its difference.
    rules = months[months["method"] != ENGINE]
    assert np.allclose(rules["crps"], rules["mase"], equal_nan=True)
    own = months[months["method"] == ENGINE]
    assert (own["crps"] < own["mase"]).mean() > 0.5
    assert own["coverage_80"].between(0, 1).all()
    assert (own["coverage_90"] >= own["coverage_80"]).all()
    assert rules["coverage_80"].isna().all()


def test_what_repeats_itself_is_forecast_without_error() -> None:
    found = accuracy(long_table({"steady": np.tile(LAST_YEAR, 4)}), 3, 1, FEW, workers=1)
    repeated = found[found["method"] == "last_year_month"]
    assert (repeated["wape"] == 0).all()
    # A series that never moves from year to year has no scale to measure errors in.
    assert repeated["mase"].isna().all()


def test_a_history_too_short_to_look_back_in_is_refused() -> None:
    with pytest.raises(ForecastInputError, match="12 months before the end of a quarter"):
        accuracy(long_table({"a": np.ones(20)}), 12, 1, FEW, workers=1)
