"""What a measure costs: units, prices by year, cost per month.

Money is whole øre inside the simulator. A price belongs to a unit:

- `day`, `week`, `month`, `year`: price × units for each such unit of time; a part of one counts by
  its days (a month's part: active days ÷ days in that month).
- `hour`: `units` is hours per week.
- `once`: the whole amount in the month in which the measure starts.

What is delivered in a month may differ from this by the season (parameters.yml, prices.season).
"""

import numpy as np

from orchestration.intake.simulation.parameters import LEVEL_START, Parameters
from orchestration.intake.simulation.types import Floats, Ints, Texts

DAYS_PER_YEAR = 365.0


def unit_terms(p: Parameters, kind: Ints, rate: Floats) -> tuple[Floats, Floats]:
    """Price in DKK at the base year's level, and units, for a yearly cost."""
    types = list(p["types"].values())
    per_year = {"day": DAYS_PER_YEAR, "week": DAYS_PER_YEAR / 7, "month": 12.0, "year": 1.0}
    divisor = np.array([per_year.get(t["unit"], 1.0) for t in types])[kind]
    fixed = np.array([float(t.get("days_per_month", 1.0)) for t in types])[kind]
    hourly = p.type_values("hourly")[kind]
    is_hour = hourly > 0
    weekly = rate / (DAYS_PER_YEAR / 7) / np.where(is_hour, hourly, 1.0)
    hours = np.maximum(np.round(weekly * 2) / 2, 0.5)
    price = np.where(is_hour, hourly, rate / divisor / fixed)
    return price, np.where(is_hour, hours, fixed)


def price_ore(p: Parameters, kind: Ints, base_price: Floats, year: Ints) -> Ints:
    """Unit price in øre in a year."""
    return np.round(base_price * p.type_level[kind, year - LEVEL_START] * 100).astype(np.int64)


def month_cost_ore(
    p: Parameters, kind: Ints, price: Ints, units: Floats, active: Ints, position: Ints
) -> Ints:
    """Cost in øre of so many active days in the month at `position` of the axis.

    For `once` the caller passes only the starting month.
    """
    unit = np.array([t["unit"] for t in p["types"].values()])[kind]
    days, year = p.axis.days[position], p.axis.year[position]
    year_days = np.where((year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0)), 366, 365)
    quantity = np.select(
        [unit == "day", (unit == "week") | (unit == "hour"), unit == "month", unit == "year"],
        [active * 1.0, active / 7.0, active / days, active / year_days],
        default=1.0,
    )
    season = p.delivery_season[kind, p.axis.month[position]]
    return np.round(price * units * quantity * season).astype(np.int64)


def money_text(ore: Ints) -> Texts:
    """Øre as DKK with two decimals."""
    return np.array(
        [f"{'-' if v < 0 else ''}{abs(v) // 100}.{abs(v) % 100:02d}" for v in ore.tolist()],
        dtype=object,
    )
