"""The year: what is known, what is still to come of it, and the paths of what is left."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from forecasting.outturn import year_samples
from forecasting.series import add_up, outturn
from forecasting.to_come import ToCome, common_factor, to_come

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
    np.testing.assert_allclose(year_samples(total, 0, 2022, row.known, ToCome()), totals)
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


@pytest.fixture(scope="module")
def still(portfolio):
    """Two open months of two of the total's series, one of them hard to tell."""
    ends = [portfolio.paths.starts[0] - pd.DateOffset(months=back) for back in (1, 2)]
    months = [(name, month) for name in ("s00", "s03") for month in ends]
    table = pd.DataFrame(months, columns=["series_id", "month"])
    return table.assign(to_come=[40.005, 10.333, 7.777, 2.0], spread=[12.0, 4.0, 30.0, 1.0])


def test_what_is_still_to_come_is_in_the_outturn_of_every_level_to_the_decimal(
    portfolio, total, still
):
    parts = add_up(portfolio.paths, {"some": NAMES[:3], "rest": NAMES[3:]})
    late = to_come(still, portfolio.paths)
    (row,) = outturn(portfolio.history, total, [2022], late=late).itertuples()
    (bare,) = outturn(portfolio.history, total, [2022]).itertuples()
    assert row.known == bare.known
    assert Decimal(str(row.to_come)) == Decimal("60.12")
    assert Decimal(str(row.mean)) == Decimal(str(bare.mean)) + Decimal("60.12")
    levels = outturn(portfolio.history, parts, [2022], late=late)
    for column in ("known", "to_come", "mean"):
        summed = sum(Decimal(str(value)) for value in levels[column])
        assert summed == Decimal(str(getattr(row, column))), column
    coming = outturn(portfolio.history, total, [2023], late=late)
    pd.testing.assert_frame_equal(coming, outturn(portfolio.history, total, [2023]))


def test_what_is_not_known_of_it_moves_all_series_with_the_sample_paths_factor(portfolio, still):
    late = to_come(still, portfolio.paths)
    factor = common_factor(portfolio.settings)
    surely, hardly = (late.drawn([name], 2022) for name in ("s00", "s03"))
    assert np.corrcoef(surely, factor)[0, 1] > 0.999
    assert np.corrcoef(hardly, surely)[0, 1] > 0.8
    # Never negative, s03 takes nothing back, and expects no more for it.
    assert hardly.min() >= 0
    assert hardly.mean() == pytest.approx(late.expected(["s03"], 2022))
    assert surely.std() == pytest.approx(16 * factor.std(), rel=0.01)


def test_the_years_interval_and_odds_hold_what_is_not_known_of_open_months(portfolio, total, still):
    unsure = still.assign(spread=still["spread"] * 10, to_come=still["to_come"] * 10)
    late = to_come(unsure, portfolio.paths)
    (bare,) = outturn(portfolio.history, total, [2022]).itertuples()
    budgets = {("total", 2022): bare.p90}
    (row,) = outturn(portfolio.history, total, [2022], budgets, late).itertuples()
    (usual,) = outturn(portfolio.history, total, [2022], budgets).itertuples()
    assert row.p90 - row.p10 > 1.05 * (usual.p90 - usual.p10)
    assert row.p10 < row.mean < row.p90
    assert row.probability_over_budget > usual.probability_over_budget


def test_where_nothing_comes_late_every_number_is_as_without(portfolio, total, still):
    plain = outturn(portfolio.history, total, [2022, 2023], {("total", 2022): 1e4})
    empty = to_come(still.iloc[:0], portfolio.paths)
    late = outturn(portfolio.history, total, [2022, 2023], {("total", 2022): 1e4}, empty)
    pd.testing.assert_frame_equal(late, plain, check_exact=True)
    assert not plain["to_come"].any()
