"""The year: what is known plus the paths of what is left."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from forecasting.outturn import year_samples
from forecasting.series import add_up, outturn

NAMES = ["s00", "s01", "s02", "s03", "s04"]


@pytest.fixture(scope="module")
def total(portfolio):
    return add_up(portfolio.paths, {"total": NAMES})


def known_sum(history: pd.DataFrame, year: int) -> float:
    rows = history[history["series_id"].isin(NAMES) & (history["month"].dt.year == year)]
    return rows["value"].sum()


def test_mean_is_known_months_plus_forecast_months_exactly(portfolio, total):
    table = outturn(portfolio.history, total, [2022, 2023]).set_index("year")
    assert table["months_known"].tolist() == [5, 0]
    assert table.loc[2022, "known"] == pytest.approx(known_sum(portfolio.history, 2022), abs=0.01)
    for year, months in ((2022, slice(0, 7)), (2023, slice(7, 19))):
        parts = [Decimal(str(value)) for value in total.mean[0, months]]
        known = Decimal(str(table.loc[year, "known"]))
        assert Decimal(str(table.loc[year, "mean"])) == known + sum(parts)


def test_year_totals_are_known_plus_the_paths_and_not_sums_of_quantiles(portfolio, total):
    (row,) = outturn(portfolio.history, total, [2022]).itertuples()
    totals = row.known + total.samples[0, :7].sum(axis=0)
    np.testing.assert_allclose(year_samples(total, 0, 2022, row.known), totals)
    np.testing.assert_allclose(
        [row.p10, row.p50, row.p90], np.quantile(totals, [0.1, 0.5, 0.9]), atol=0.01
    )
    low, high = np.quantile(total.samples[0, :7], [0.1, 0.9], axis=1).sum(axis=1)
    assert row.p90 - row.p10 < high - low


def test_probability_is_the_share_of_futures_over_the_budget(portfolio, total):
    (bare,) = outturn(portfolio.history, total, [2022]).itertuples()
    assert np.isnan(bare.probability_over_budget)
    for budget, low, high in ((bare.p90, 0.05, 0.15), (bare.p10, 0.85, 0.95), (0.0, 1, 1)):
        (row,) = outturn(portfolio.history, total, [2022], {("total", 2022): budget}).itertuples()
        assert low <= row.probability_over_budget <= high


def test_a_closed_year_is_known_and_has_no_spread(portfolio, total):
    (row,) = outturn(portfolio.history, total, [2021], {("total", 2021): 1.0}).itertuples()
    assert row.months_known == 12
    assert row.mean == row.p10 == row.p90 == row.known
    assert row.probability_over_budget == 1.0


def test_more_known_months_leave_less_uncertain(portfolio, total):
    table = outturn(portfolio.history, total, [2022, 2023, 2024])
    width = (table["p90"] - table["p10"]).to_numpy()
    assert width[0] < width[1] < width[2]


def test_a_year_that_cannot_be_known_as_a_whole_is_refused(portfolio, total):
    with pytest.raises(ValueError, match="longer horizon"):
        outturn(portfolio.history, total, [2025])
    with pytest.raises(ValueError, match="2016 is not known"):
        outturn(portfolio.history, total, [2016])
    with pytest.raises(ValueError, match="no series 's00'"):
        outturn(portfolio.history[portfolio.history["series_id"] != "s00"], total, [2022])


def test_a_year_counts_from_the_first_month_of_the_table_not_of_activity(portfolio, total):
    quiet = portfolio.history.copy()
    quiet.loc[quiet["month"] < "2017-04-01", "value"] = 0.0
    (row,) = outturn(quiet, total, [2017]).itertuples()
    assert row.known == pytest.approx(known_sum(quiet, 2017), abs=0.01)
