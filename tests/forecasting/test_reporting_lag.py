"""Months that fill slowly: completed as they used to be, and only where loads have told how."""

import numpy as np
import pandas as pd
import pytest

from forecasting.reporting_lag import Bookings, completed, open_months, widened
from forecasting.series import ForecastSettings, forecast, outturn
from forecasting.to_come import to_come

LAST, MONTHS = pd.Timestamp(2024, 9, 1), 30
QUICK = ForecastSettings(horizon=3, samples=200, origins=1, recent_origins=(3,))
SHARES = (0.6, 0.9, 0.97, 1.0)
"""Of a month, seen by its end, and one, two and three months later."""


def _ledger(as_of: pd.Timestamp, shares: tuple[float, ...] = SHARES, seed: int = 1) -> pd.DataFrame:
    """Two series of about 100 and 10 a month: series_id, month, seen_on, value, seen by `as_of`."""
    rng = np.random.default_rng(seed)
    rows = []
    for month in pd.date_range(end=LAST, periods=MONTHS, freq="MS"):
        for name, size in (("large", 100.0), ("small", 10.0)):
            amount, before = size * rng.uniform(0.9, 1.1), 0.0
            for age, share in enumerate(shares):
                seen = month + pd.offsets.MonthEnd(1 + age)
                rows.append((name, month, seen, amount * (share - before)))
                before = share
    table = pd.DataFrame(rows, columns=["series_id", "month", "seen_on", "value"])
    return table[table["seen_on"] <= as_of]


def _booked(seen: pd.DataFrame) -> pd.DataFrame:
    return seen.groupby(["series_id", "month"], as_index=False)["value"].sum()


NIGHT = LAST + pd.offsets.MonthEnd(1)
SEEN = _ledger(NIGHT)
FULL = _booked(_ledger(NIGHT + pd.DateOffset(years=1)))


def test_the_newest_months_are_completed_by_what_used_to_come_late() -> None:
    history = _booked(SEEN)
    still = open_months(history, Bookings(SEEN, NIGHT))
    assert still["month"].nunique() == 3
    found = completed(history, still)
    newest = found["month"] == LAST
    whole = FULL.loc[newest, "value"].to_numpy()
    before = np.abs(history.loc[newest, "value"].to_numpy() - whole) / whole
    after = np.abs(found.loc[newest, "value"].to_numpy() - whole) / whole
    assert (before > 0.3).all()
    assert (after < 0.1).all()
    older = found["month"] <= LAST - pd.DateOffset(months=3)
    pd.testing.assert_frame_equal(found[older], history[older])


def test_the_spread_tells_how_far_off_it_may_be() -> None:
    history = _booked(SEEN)
    still = open_months(history, Bookings(SEEN, NIGHT)).merge(FULL, on=["series_id", "month"])
    missed = still["value"] - still["booked"] - still["to_come"]
    assert (still["spread"] > 0).all()
    assert (missed.abs() < 4 * still["spread"]).all()
    more = completed(history, still, deviations=1.0)["value"].sum()
    assert more - completed(history, still)["value"].sum() == pytest.approx(still["spread"].sum())


def test_what_is_not_known_of_open_months_widens_the_forecast_alone() -> None:
    history = _booked(SEEN)
    still = open_months(history, Bookings(SEEN, NIGHT))
    unsure = still.assign(spread=still["to_come"])
    paths = forecast(completed(history, unsure), QUICK, workers=1)
    wider = widened(paths, history, unsure, workers=1)
    assert np.array_equal(wider.mean, paths.mean)
    assert np.allclose(wider.samples.mean(axis=2), paths.samples.mean(axis=2))
    assert (wider.samples >= 0).all()
    assert wider.samples[0].std() > 1.1 * paths.samples[0].std()
    assert widened(paths, history, still.iloc[:0]) is paths


def test_a_month_without_its_one_bill_is_completed_too() -> None:
    seen = SEEN[~((SEEN["series_id"] == "small") & (SEEN["month"] == LAST))]
    history = _booked(seen)
    history = pd.concat(
        [history, pd.DataFrame({"series_id": ["small"], "month": [LAST], "value": [0.0]})]
    )
    still = open_months(history, Bookings(seen, NIGHT)).set_index(["series_id", "month"])
    assert still.loc[("small", LAST), "to_come"] == pytest.approx(4.0, rel=0.2)


def test_an_older_month_has_less_to_come() -> None:
    still = open_months(_booked(SEEN), Bookings(SEEN, NIGHT))
    large = still[still["series_id"] == "large"].sort_values("month", ascending=False)
    assert large["to_come"].is_monotonic_decreasing
    later = Bookings(_ledger(NIGHT + pd.DateOffset(days=45)), NIGHT + pd.DateOffset(days=45))
    aged = open_months(_booked(later.seen), later)
    assert aged["to_come"].sum() < still["to_come"].sum()


@pytest.mark.parametrize(
    "seen",
    [
        SEEN.iloc[:0],
        SEEN[SEEN["month"] >= LAST - pd.DateOffset(months=5)],
        _ledger(NIGHT, shares=(1.0,)),
    ],
    ids=["no load but the first", "too few months followed", "nothing comes late"],
)
def test_where_nothing_is_told_nothing_is_completed(seen: pd.DataFrame) -> None:
    history = _booked(SEEN)
    still = open_months(history, Bookings(seen, NIGHT))
    assert still.empty
    assert completed(history, still) is history


def test_the_year_is_expected_as_on_a_night_that_knows_every_bill() -> None:
    history, year = _booked(SEEN), LAST.year
    still = open_months(history, Bookings(SEEN, NIGHT))
    paths = forecast(completed(history, still), QUICK, workers=1)
    whole = outturn(FULL, forecast(FULL, QUICK, workers=1), [year])["mean"].sum()
    without = outturn(history, paths, [year])["mean"].sum()
    told = outturn(history, paths, [year], late=to_come(still, paths))
    assert whole - without > 0.03 * whole
    assert abs(told["mean"].sum() - whole) < 0.01 * whole
    assert (told["p10"] < told["mean"]).all()
    assert (told["mean"] < told["p90"]).all()


@pytest.mark.parametrize(("day", "awaited"), [(8, [LAST]), (12, [])])
def test_a_bill_that_comes_on_a_day_of_the_month_is_awaited_until_that_day(
    day: int, awaited: list[pd.Timestamp]
) -> None:
    """Of long and short months alike: closings follow the calendar, not a number of days."""
    night = LAST + pd.DateOffset(months=1, days=day - 1)
    rows = []
    for month in pd.date_range(end=LAST, periods=MONTHS, freq="MS"):
        rows.append(("a", month, month + pd.offsets.MonthEnd(0), 60.0))
        rows.append(("a", month, month + pd.DateOffset(months=1, days=9), 40.0))
    table = pd.DataFrame(rows, columns=["series_id", "month", "seen_on", "value"])
    seen = table[table["seen_on"] <= night]
    still = open_months(_booked(seen), Bookings(seen, night))
    assert still["month"].tolist() == awaited
    assert still["to_come"].tolist() == pytest.approx([40.0] * len(awaited))
