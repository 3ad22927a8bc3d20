"""Volume × price: persons times what one costs."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.given import COLUMNS, Origin
from forecasting.series import ForecastSettings, forecast
from forecasting.volume_price import unit_prices, volume_path, volume_price

MONTHS = pd.date_range("2022-01-01", "2025-09-01", freq="MS")
NOW = Origin(pd.Timestamp(2025, 9, 1), 12)
SERIES = "function=5.28.22|measure_type=23"


def _persons(values: np.ndarray) -> pd.DataFrame:
    days = MONTHS.days_in_month / np.where(MONTHS.is_leap_year, 366, 365)
    return pd.DataFrame({"measure_type": "23", "month": MONTHS, "value": values * days})


def _money(values: np.ndarray, series: str = SERIES, kind: str = "23") -> pd.DataFrame:
    return pd.DataFrame(
        {"series_id": series, "measure_type": kind, "month": MONTHS, "value": values}
    )


@given(level=st.floats(0, 1e4), size=st.integers(1, 60), horizon=st.integers(1, 60))
@settings(max_examples=50, deadline=None)
def test_a_still_number_of_persons_stays(level: float, size: int, horizon: int) -> None:
    assert volume_path(np.full(size, level), horizon) == pytest.approx(np.full(horizon, level))


@given(persons=st.lists(st.floats(0, 1e3), min_size=1, max_size=60))
@settings(max_examples=50, deadline=None)
def test_persons_are_never_negative_nor_run_away(persons: list[float]) -> None:
    path = volume_path(np.array(persons), 60)
    assert path.min() >= 0
    assert path.max() <= 2 * max(persons) + 1e-6


def test_the_forecast_follows_persons_where_the_money_has_not_seen_them_yet() -> None:
    """Twice as many since a month ago: twelve months of money hardly show it."""
    persons = np.where(MONTHS < "2025-08-01", 10.0, 20.0)
    money = persons * 30_000.0
    found = volume_price(_money(money), _persons(persons), {}, [NOW])
    assert list(found.columns) == COLUMNS
    assert found["month"].min() == pd.Timestamp(2025, 10, 1)
    assert len(found) == 12
    assert found["value"].mean() > 1.7 * 300_000


def test_next_year_is_dearer_by_prices_and_wages() -> None:
    index = {2024: 100.0, 2025: 102.0, 2026: 105.0}
    levels = np.array(
        [{2022: 100 / 1.02**2, 2023: 100 / 1.02}.get(m.year) or index[m.year] for m in MONTHS]
    )
    found = volume_price(_money(levels * 3_000), _persons(np.full(len(MONTHS), 10.0)), index, [NOW])
    by_year = found.groupby(found["month"].dt.year)["value"].mean()
    assert by_year[2026] / by_year[2025] == pytest.approx(105 / 102, rel=0.02)


def test_a_past_origin_knows_nothing_of_what_came_after() -> None:
    past = Origin(pd.Timestamp(2024, 9, 1), 12)
    persons = np.full(len(MONTHS), 10.0)
    later = np.where(past.month < MONTHS, 99.0, persons)
    before = volume_price(_money(persons * 3e4), _persons(persons), {}, [past])
    after = volume_price(_money(later * 5e4), _persons(later), {}, [past])
    money = np.where(past.month < MONTHS, 7.0, persons * 3e4)
    assert before.equals(volume_price(_money(money), _persons(later), {}, [past]))
    assert not before.equals(after)


def test_a_series_without_persons_is_left_to_the_engine() -> None:
    pay = _money(np.full(len(MONTHS), 1e5), "function=6.45.58|measure_type=unknown", "unknown")
    assert volume_price(pay, _persons(np.full(len(MONTHS), 10.0)), {}, [NOW]).empty
    assert volume_price(pay.iloc[:0], pay.iloc[:0], {}, [NOW]).empty


def test_unit_prices_times_persons_are_the_money() -> None:
    rng = np.random.default_rng(1)
    names = ["measure_type=23", "measure_type=27"]
    tables = []
    for scale in (400_000.0, 1.0):
        values = [
            (5 + place) * scale * (1 + 0.1 * rng.standard_normal(len(MONTHS))) / 12
            for place in range(2)
        ]
        tables.append(
            pd.concat(
                [
                    pd.DataFrame({"series_id": name, "month": MONTHS, "value": value})
                    for name, value in zip(names, values, strict=True)
                ]
            )
        )
    chosen = ForecastSettings(horizon=12, samples=200, min_fit=60, decimals=4)
    money, persons = (forecast(table, chosen, workers=1) for table in tables)
    found = unit_prices(money, persons)
    assert found.groupby("series_id").size().tolist() == [12, 12]
    assert found["mean"].to_numpy() == pytest.approx((money.mean / persons.mean).ravel(), abs=0.01)
    assert (found["p10"] <= found["p50"]).all() and (found["p50"] <= found["p90"]).all()
    assert found["p50"].mean() == pytest.approx(400_000, rel=0.1)
    assert found["horizon_months"].tolist() == [*range(1, 13)] * 2


def test_a_type_without_persons_has_no_unit_price() -> None:
    chosen = ForecastSettings(horizon=3, samples=20)
    empty = pd.DataFrame({"series_id": "measure_type=23", "month": MONTHS, "value": 0.0})
    some = empty.assign(value=1000.0)
    assert unit_prices(forecast(some, chosen), forecast(empty, chosen)).empty
