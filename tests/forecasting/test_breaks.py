"""Known breaks: the joined history forecasts better, and nothing else changes."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from forecasting.breaks import KnownBreak, joined, without_hindsight
from forecasting.series import ForecastSettings, forecast
from tests.forecasting.made_series import long_table, named, seasonal

MONTHS, AHEAD, SHIFT = 66, 12, 63
QUICK = ForecastSettings(horizon=AHEAD, samples=40, origins=1, recent_origins=(3,))


def _month(place: int) -> pd.Timestamp:
    return pd.Timestamp(2017, 1, 1) + pd.DateOffset(months=place)


def _shift(*series: str, change: float | None = None) -> KnownBreak:
    first = _month(SHIFT)
    return KnownBreak("level_shift", frozenset(series), first, first, change)


def _one_off(series: str, place: int) -> KnownBreak:
    return KnownBreak("one_off", frozenset({series}), _month(place), _month(place))


def _error(values: np.ndarray, breaks: Sequence[KnownBreak]) -> float:
    """Mean absolute error over what comes after the first `MONTHS`, of the mean of what came."""
    known = long_table(named(values[:, :MONTHS]))
    paths = forecast(joined(known, breaks), QUICK, workers=1)
    return float(np.abs(paths.mean - values[:, MONTHS:]).mean() / values[:, MONTHS:].mean())


@pytest.fixture(scope="module")
def shifted() -> np.ndarray:
    """Three series that all rise by six tenths a quarter before the forecast."""
    values = seasonal(3, MONTHS + AHEAD, seed=11)
    values[:, SHIFT:] *= 1.6
    return values


@pytest.mark.parametrize("change", [None, 0.6])
def test_a_told_shift_is_forecast_better(shifted: np.ndarray, change: float | None) -> None:
    told = [_shift(*named(shifted), change=change)]
    assert _error(shifted, told) < 0.6 * _error(shifted, [])


def test_a_told_one_off_is_forecast_better() -> None:
    values = seasonal(3, MONTHS + AHEAD, seed=12)
    values[:, MONTHS - 2] *= 6
    told = [_one_off(name, MONTHS - 2) for name in named(values)]
    assert _error(values, told) < 0.75 * _error(values, [])


def test_the_months_before_a_shift_are_put_on_the_level_after_it() -> None:
    history = long_table({"a": np.r_[np.full(SHIFT, 10.0), np.full(3, 25.0)]})
    assert joined(history, [_shift("a")])["value"].tolist() == pytest.approx([25.0] * MONTHS)


def test_one_line_has_one_size_over_all_its_series() -> None:
    """A small series' own months are luck; the line's series together tell its size."""
    step = np.r_[np.full(SHIFT, 90.0), np.full(3, 180.0)]
    history = long_table({"large": step, "small": np.full(MONTHS, 10.0)})
    found = joined(history, [_shift("large", "small")]).set_index("series_id")["value"]
    assert found["small"].iloc[0] == pytest.approx(19.0)


def test_two_shifts_are_joined_one_after_the_other() -> None:
    levels = np.r_[np.full(30, 10.0), np.full(SHIFT - 30, 20.0), np.full(3, 60.0)]
    older = KnownBreak("level_shift", frozenset({"a"}), _month(30), _month(30))
    found = joined(long_table({"a": levels}), [older, _shift("a")])
    assert found["value"].tolist() == pytest.approx([60.0] * MONTHS)


def test_a_shift_that_no_quarter_has_come_of_changes_nothing() -> None:
    history = long_table({"a": np.r_[np.full(SHIFT, 10.0), np.full(2, 25.0)]})
    assert joined(history, [_shift("a")])["value"].tolist() == history["value"].tolist()
    known = joined(history, [_shift("a", change=1.5)])
    assert known["value"].tolist() == pytest.approx([25.0] * (SHIFT + 2))


@pytest.mark.parametrize("before", [0.0, -10.0])
def test_what_no_factor_joins_is_left_out(before: float) -> None:
    history = long_table({"a": np.r_[1.0, np.full(SHIFT - 1, before), np.full(3, 25.0)]})
    told = KnownBreak("level_shift", frozenset({"a"}), _month(SHIFT), _month(SHIFT))
    assert joined(history, [told])["month"].min() == _month(SHIFT)


def test_what_ends_with_a_shift_is_forecast_as_ended() -> None:
    history = long_table({"a": np.r_[np.full(SHIFT, 10.0), np.zeros(3)]})
    assert not joined(history, [_shift("a")])["value"].any()


def test_a_one_off_month_is_replaced_by_last_years() -> None:
    values = np.arange(1.0, MONTHS + 1)
    values[50] = 1e6
    found = joined(long_table({"a": values}), [_one_off("a", 50)])["value"].to_numpy()
    assert found[50] == values[38]
    assert np.array_equal(np.delete(found, 50), np.delete(values, 50))


def test_a_series_of_one_offs_alone_has_nothing_booked() -> None:
    history = long_table({"a": np.r_[np.zeros(5), 7.0], "b": np.ones(6)})
    found = joined(history, [_one_off("a", 5)])
    assert found[found["series_id"] == "a"]["value"].tolist() == [0.0]


def test_other_series_and_columns_come_back_as_they_were() -> None:
    values = seasonal(2, MONTHS, seed=13)
    history = long_table(named(values)).assign(function="5.28.22")
    assert joined(history, []) is history
    assert joined(history, [_shift("elsewhere")]) is history
    found = joined(history, [_shift("s00")])
    assert list(found.columns) == list(history.columns)
    pd.testing.assert_frame_equal(
        found[found["series_id"] == "s01"].reset_index(drop=True),
        history[history["series_id"] == "s01"].reset_index(drop=True),
    )


def test_no_try_is_counted_that_knew_a_break_beforehand() -> None:
    origins = [_month(place) for place in (SHIFT - 3, SHIFT - 3, SHIFT, SHIFT - 9)]
    targets = [_month(place) for place in (SHIFT - 1, SHIFT, SHIFT + 1, SHIFT - 4)]
    tried = pd.concat(
        pd.DataFrame({"series_id": name, "origin_month": origins, "target_month": targets})
        for name in ("a", "other", "total")
    )
    members = {"a": ["a"], "other": ["other"], "total": ["a", "other"]}
    told = [_shift("a"), _one_off("a", SHIFT - 4)]
    left = without_hindsight(tried.reset_index(drop=True), members, told)
    counted = {name: rows["target_month"].tolist() for name, rows in left.groupby("series_id")}
    assert counted["other"] == targets
    assert counted["a"] == counted["total"] == [targets[0], targets[2]]
