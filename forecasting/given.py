"""Forecasts that come from outside a series' own history: their shape, and pricing a quantity.

Belongs here: the origins that such a forecast is wanted from, the table that the engine takes, and
what both candidates share: what is booked for each unit of a quantity (persons, agreed amounts),
over the year, at the price level of the months to come. Does not belong here: the quantities
(`volume_price.py`, `commitments.py`), and how much a candidate is believed (`weights.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecasting.backtest import GivenByStart
from forecasting.history import Floats, ForecastInputError
from forecasting.settings import YEAR, ForecastSettings

COLUMNS = ["series_id", "candidate", "origin_month", "month", "value"]
_SEASON_YEARS = 3
_LEAST_QUANTITY = 1e-6
_MOST_CHANGE = 2.0
_MOST_GROWTH = 3.0
_PRIOR_YEARS = 0.25


@dataclass(frozen=True)
class Origin:
    """A date to forecast from: the last known month, and how many months after it."""

    month: pd.Timestamp
    horizon: int


def origins(last_month: pd.Timestamp, settings: ForecastSettings) -> list[Origin]:
    """The newest complete month over the whole horizon, then the engine's rolling origins, twelve
    months each: what is given must be tried where the engine's own candidates are."""
    tried = [
        Origin(last_month - pd.DateOffset(months=YEAR + number * settings.origin_step), YEAR)
        for number in range(settings.origins)
    ]
    return [Origin(last_month, settings.horizon), *tried]


def given_table(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """One table of the columns of `COLUMNS`, sorted; empty where there is nothing."""
    filled = [table[COLUMNS] for table in tables if not table.empty]
    if not filled:
        return pd.DataFrame(columns=COLUMNS)
    return pd.concat(filled).sort_values(COLUMNS[:4], ignore_index=True)


def month_number(month: pd.Timestamp) -> int:
    """Months since year 0: the calendar as whole numbers."""
    return YEAR * month.year + month.month - 1


def price_levels(index: Mapping[int, float], first: int, count: int) -> Floats:
    """The price-and-wage level of `count` months from month number `first`.

    index: year -> level. Years beyond its ends go on with the growth of its last (first) two; an
    empty one is level. The level of a year holds for all its months, as yearly regulation does.
    """
    years = (first + np.arange(count)) // YEAR
    if not index:
        return np.ones(count)
    known = sorted(index)
    low, high = known[0], known[-1]
    before = index[known[1]] / index[low] if len(known) > 1 else 1.0
    after = index[high] / index[known[-2]] if len(known) > 1 else 1.0
    inside = np.interp(np.clip(years, low, high), known, [index[year] for year in known])
    grown: Floats = (
        inside * before ** np.minimum(years - low, 0) * after ** np.maximum(years - high, 0)
    )
    return grown


def priced(quantity: Floats, money: Floats, levels: Floats) -> Floats | None:
    """What will be booked for a quantity: the months after those of `money`.

    quantity, levels: months known and to come; money: months known, same first month. The price is
    what was booked for a unit in the newest twelve months, at the last known month's level; how it
    is spread over the year comes from up to three years, drawn towards even when they are few.
    None where fewer than twelve months are known, nothing was there to be priced, or the money
    does not follow the quantity (a fixed contribution, for instance), or would reach a multiple of
    what any year has seen.
    """
    known = len(money)
    if known < YEAR or len(quantity) <= known:
        return None
    real = money / levels[:known]
    price = _price(quantity[:known], real)
    if price is None:
        return None
    months = np.arange(known, len(quantity))
    amount: Floats = quantity[known:] * price * _season(quantity, real)[months % YEAR]
    years = np.convolve(real, np.ones(YEAR), mode="valid")
    if abs(amount.mean()) * YEAR > _MOST_GROWTH * np.abs(years).max():
        return None
    return np.asarray(amount * levels[known:])


def _price(quantity: Floats, real: Floats) -> float | None:
    """What was booked for a unit in the newest year, drawn towards the newest three when little was
    there; None where the two are so far apart that the money does not follow the quantity."""
    usual = slice(-min(len(real) // YEAR, _SEASON_YEARS) * YEAR, None)
    recent, everything = float(quantity[-YEAR:].sum()), float(quantity[usual].sum())
    if recent <= _LEAST_QUANTITY or not real[-YEAR:].any() or not real[usual].sum():
        return None
    long = float(real[usual].sum()) / everything
    ratio = float(real[-YEAR:].sum()) / recent / long
    if not 1 / _MOST_CHANGE <= ratio <= _MOST_CHANGE:
        return None
    even = everything / len(quantity[usual]) * YEAR * _PRIOR_YEARS
    return (float(real[-YEAR:].sum()) + even * long) / (recent + even)


def _season(quantity: Floats, real: Floats) -> Floats:
    """Twelve factors, by place of the month counted from the first one: how much of a unit's price
    is booked in each month of the year. Mean 1 over the newest years' quantity."""
    known = len(real)
    years = min(known // YEAR, _SEASON_YEARS)
    places = np.arange(known - years * YEAR, known)
    worth = quantity[places] * (real[places].sum() / max(quantity[places].sum(), _LEAST_QUANTITY))
    booked, expected = np.zeros(YEAR), np.zeros(YEAR)
    np.add.at(booked, places % YEAR, real[places])
    np.add.at(expected, places % YEAR, worth)
    total = expected.sum()
    if total == 0:
        return np.ones(YEAR)
    # A month's expectation counts as at least a third of an even one, so that no factor explodes.
    floor = np.sign(total) * np.maximum(np.abs(expected), abs(total) / YEAR / 3)
    factor = 1.0 + (booked - expected) / floor * years / (years + 1)
    mean = float((factor * expected).sum() / total)
    return factor / mean if mean > 0 else np.ones(YEAR)


def rows(
    candidate: str, series_id: str, origin: Origin, values: Floats | Sequence[float]
) -> pd.DataFrame:
    """One series' forecast from one origin in the shape of `COLUMNS`."""
    first = origin.month + pd.DateOffset(months=1)
    return pd.DataFrame(
        {
            "series_id": series_id,
            "candidate": candidate,
            "origin_month": origin.month,
            "month": pd.date_range(first, periods=len(values), freq="MS"),
            "value": np.asarray(values, dtype=float),
        }
    )


def on_grid(frame: pd.DataFrame, first: int, count: int) -> Floats:
    """The values of month, value on the months from number `first`; a missing month is 0."""
    out = np.zeros(count)
    months = pd.DatetimeIndex(frame["month"])
    place = np.asarray(YEAR * months.year + months.month - 1 - first)
    inside = (place >= 0) & (place < count)
    np.add.at(out, place[inside], frame["value"].to_numpy(float)[inside])
    return out


def given_paths(given: pd.DataFrame | None) -> dict[str, GivenByStart]:
    """series_id -> first month forecast -> candidate -> path, from a long table.

    given: series_id, candidate, origin_month (the last month that was known), month, value; each
    origin's months follow it without a gap. Raises ForecastInputError where they do not.
    """
    found: dict[str, dict[pd.Timestamp, dict[str, Floats]]] = {}
    if given is None or given.empty:
        return {}
    ordered = given.sort_values("month")
    for key, rows in ordered.groupby(["series_id", "candidate", "origin_month"], sort=True):
        series_id, candidate = key[:2]
        origin = pd.Timestamp(rows["origin_month"].iloc[0])
        start = origin + pd.DateOffset(months=1)
        wanted = pd.date_range(start, periods=len(rows), freq="MS")
        values = rows["value"].to_numpy(dtype=float)
        if not (rows["month"].to_numpy() == wanted.to_numpy()).all() or np.isnan(values).any():
            raise ForecastInputError(
                f"candidate '{candidate}' of series '{series_id}' from {origin:%Y-%m} has a gap; "
                "give one value for each month after the origin"
            )
        found.setdefault(str(series_id), {}).setdefault(start, {})[str(candidate)] = values
    return {series_id: dict(by_start) for series_id, by_start in found.items()}
