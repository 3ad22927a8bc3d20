"""Commitments: survival of what runs, inflow of what is new, and what must never be."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.commitments import commitments
from forecasting.given import COLUMNS, Origin

SERIES = "function=5.28.22|measure_type=23"
MONTHS = pd.date_range("2021-01-01", "2025-09-01", freq="MS")
NOW = Origin(pd.Timestamp(2025, 9, 1), 24)
PRICE = 30_000.0
NO_PLANS = pd.DataFrame(
    {
        "measure_key": pd.Series(dtype=int),
        "known_from": pd.Series(dtype="datetime64[ns]"),
        "known_to": pd.Series(dtype="datetime64[ns]"),
        "expected_end_on": pd.Series(dtype="datetime64[ns]"),
    }
)


def measure(starts: str, ended: str | None = None, **other: object) -> dict[str, object]:
    """A row of the register."""
    return {
        "series_id": SERIES,
        "measure_type": "23",
        "category": "placement",
        "starts_on": starts,
        "ended_on": ended,
        "is_administrative": False,
        "age_limit_on": None,
        "known_from": None,
        "month_price": PRICE,
        "price_on": "2025-09-01",
        "is_once": False,
        **other,
    }


def register(rows: list[dict[str, object]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows)
    for name in ("starts_on", "ended_on", "age_limit_on", "known_from", "price_on"):
        frame[name] = pd.to_datetime(frame[name])
    return frame.assign(measure_key=range(len(frame)))


def booked(frame: pd.DataFrame) -> pd.DataFrame:
    """What was agreed is what was booked, each day its share of the month."""
    days = MONTHS.days_in_month.to_numpy(float)
    month_end = MONTHS + pd.offsets.MonthEnd(0)
    out = np.zeros(len(MONTHS))
    for row in frame.itertuples():
        end = row.ended_on if pd.notna(row.ended_on) else month_end[-1]
        low = np.maximum(MONTHS.to_numpy(), np.datetime64(row.starts_on))
        high = np.minimum(month_end.to_numpy(), np.datetime64(end))
        there = (high - low) / np.timedelta64(1, "D") + 1
        out += np.clip(there, 0, None) / days * row.month_price
    return pd.DataFrame({"series_id": SERIES, "month": MONTHS, "value": out})


@dataclass(frozen=True)
class Found:
    """The candidate's and the floor's months, from one origin."""

    value: np.ndarray
    floor: np.ndarray


def forecast_of(frame: pd.DataFrame, plans: pd.DataFrame = NO_PLANS, origin: Origin = NOW) -> Found:
    table = commitments(frame, plans, booked(frame), {}, [origin], MONTHS[0])
    assert list(table.columns) == [*COLUMNS, "floor"]
    return Found(table["value"].to_numpy(float), table["floor"].to_numpy(float))


def steady(seed: int = 1, months: float = 14.0, a_month: int = 3) -> pd.DataFrame:
    """A register in balance: as many come each month, and each leaves with the same risk."""
    rng = np.random.default_rng(seed)
    rows = []
    for start in pd.date_range("2016-01-01", "2025-09-30", periods=117 * a_month):
        end = start + pd.Timedelta(days=int(rng.exponential(months * 30.4)))
        ended = f"{end:%Y-%m-%d}" if end <= pd.Timestamp(2025, 9, 30) else None
        rows.append(measure(f"{start:%Y-%m-%d}", ended))
    return register(rows)


def test_without_exits_or_new_ones_what_runs_goes_on() -> None:
    """Nobody has ever left: the little that is kept of an unknown risk takes a few per cent."""
    found = forecast_of(register([measure("2020-01-01") for _ in range(200)]))
    assert found.value == pytest.approx(found.floor)
    assert found.value[0] == pytest.approx(200 * PRICE, rel=0.01)
    assert found.value[-1] == pytest.approx(200 * PRICE, rel=0.03)
    assert (np.diff(found.value) <= 1e-6 * found.value[0]).all()


def test_a_register_in_balance_stays_in_balance() -> None:
    frame = steady()
    found = forecast_of(frame)
    level = booked(frame)["value"].tail(12).mean()
    assert found.value.mean() == pytest.approx(level, rel=0.1)
    assert found.floor[-1] < 0.4 * level


@given(seed=st.integers(0, 10_000), months=st.floats(2, 60), a_month=st.integers(1, 3))
@settings(max_examples=6, deadline=None)
def test_the_floor_falls_and_is_never_above_the_whole(
    seed: int, months: float, a_month: int
) -> None:
    found = forecast_of(steady(seed, months, a_month))
    assert (found.floor <= found.value + 1e-6).all()
    assert (found.floor >= 0).all()


@given(limits=st.lists(st.integers(1, 23), min_size=1, max_size=8))
@settings(max_examples=10, deadline=None)
def test_nobody_is_there_beyond_the_age_limit(limits: list[int]) -> None:
    days = [NOW.month + pd.DateOffset(months=left) + pd.offsets.MonthEnd(0) for left in limits]
    found = forecast_of(
        register([measure("2020-01-01", age_limit_on=f"{day:%Y-%m-%d}") for day in days])
    )
    assert (found.value[max(limits) :] == 0).all()
    assert (found.value[: max(limits)] > 0).all()


def test_ends_and_starts_that_are_registered_for_coming_days_are_kept() -> None:
    rows = [measure("2020-01-01") for _ in range(10)]
    plain = forecast_of(register(rows)).value
    stop = forecast_of(register([*rows[:-1], measure("2020-01-01", "2025-12-31")])).value
    # The one that is certain to end has no other risk before.
    assert stop[2] >= plain[2]
    assert plain[3] - stop[3] == pytest.approx(PRICE, rel=0.05)
    start = forecast_of(register([*rows, measure("2026-01-01", known_from="2025-09-15")])).floor
    assert start[2] == pytest.approx(plain[2], rel=0.01)
    assert start[4] - plain[4] == pytest.approx(PRICE, rel=0.05)


def test_a_start_that_is_granted_already_is_no_second_one() -> None:
    frame = steady()
    coming = register(
        [*frame.to_dict("records"), *(measure("2025-11-01", known_from="2025-09-01"),) * 2]
    )
    without, with_two = forecast_of(frame), forecast_of(coming)
    assert with_two.floor[2] > without.floor[2] + 1.5 * PRICE
    assert with_two.value[2] == pytest.approx(without.value[2], abs=0.6 * PRICE)


def test_a_past_origin_knows_nothing_of_what_came_after() -> None:
    past = Origin(pd.Timestamp(2024, 9, 1), 12)
    frame = steady()
    then = frame[frame["starts_on"] <= "2024-09-30"].copy()
    then.loc[then["ended_on"] > "2024-09-30", "ended_on"] = pd.NaT
    money = booked(frame)
    unknown = money["month"] > past.month
    later = money.assign(value=money["value"].mask(unknown, 1.0))
    now = commitments(frame, NO_PLANS, money, {}, [past], MONTHS[0])
    as_then = commitments(then, NO_PLANS, later, {}, [past], MONTHS[0])
    assert now["value"].to_numpy() == pytest.approx(as_then["value"].to_numpy())


def _planned(frame: pd.DataFrame, known_from: pd.Series | str) -> pd.DataFrame:
    """Everyone's plan is the day on which it came to end; nobody knows better."""
    return pd.DataFrame(
        {
            "measure_key": frame["measure_key"],
            "known_from": pd.to_datetime(known_from),
            "known_to": pd.NaT,
            "expected_end_on": frame["ended_on"].fillna(pd.Timestamp(2026, 3, 31)),
        }
    )


def test_plans_move_the_risk_only_where_they_were_on_record_at_the_time() -> None:
    frame = steady()
    plain = forecast_of(frame)
    known = forecast_of(frame, _planned(frame, frame["starts_on"]))
    too_late = forecast_of(frame, _planned(frame, "2025-09-20"))
    assert too_late.floor == pytest.approx(plain.floor)
    # Plans that have always been kept are believed: nobody leaves before March, most then.
    assert known.floor[3] > 1.2 * plain.floor[3]
    assert known.floor[5] - known.floor[6] > 2 * (plain.floor[5] - plain.floor[6])


def test_what_goes_on_under_another_name_has_not_ended() -> None:
    rows = [measure("2020-01-01") for _ in range(50)]
    gone = [measure("2020-01-01", "2025-03-31") for _ in range(50)]
    renamed = [row | {"is_administrative": True} for row in gone]
    ended = forecast_of(register(rows + gone)).floor[-1]
    assert forecast_of(register(rows + renamed)).floor[-1] > 1.3 * ended


def test_what_is_paid_once_is_no_stock() -> None:
    days = pd.date_range("2021-01-01", periods=57, freq="MS") + pd.Timedelta(days=9)
    rows = [measure(f"{day:%Y-%m-%d}", is_once=True) for day in days]
    frame = register(rows)
    money = pd.DataFrame({"series_id": SERIES, "month": MONTHS, "value": PRICE})
    found = commitments(frame, NO_PLANS, money, {}, [NOW], MONTHS[0])
    assert found["value"].to_numpy() == pytest.approx(np.full(24, PRICE), rel=0.05)
    assert (found["floor"] == 0).all()


def test_nothing_registered_gives_nothing() -> None:
    frame = register([measure("2024-01-01")])
    money = booked(frame)
    assert commitments(frame.iloc[:0], NO_PLANS, money, {}, [NOW]).empty
    assert commitments(frame, NO_PLANS, money.iloc[:0], {}, [NOW]).empty
    assert commitments(frame, NO_PLANS, money.assign(series_id="function=x"), {}, [NOW]).empty
