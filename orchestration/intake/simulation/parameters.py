"""The simulator's parameters: the request, the two YAML files, and what is read out of them often.

What belongs here: turning declared numbers into arrays and dates. What does not: any number.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from importlib.resources import files
from typing import Any

import numpy as np
import yaml

from orchestration.intake.simulation.months import MonthAxis, day_number, month_index
from orchestration.intake.simulation.types import Floats, Ints

MAX_CHILDREN = 1_000_000
"""The most for which made-up CPR numbers stay unique (see cpr.py)."""


@dataclass(frozen=True)
class SimulationRequest:
    """What to simulate. The same request gives the same bytes.

    `children`: size of the population aged 0-22 (1 to 1,000,000). `first_month`, `last_month`:
    first days of the first and the last month; the exports hold what the systems know on the last
    day of `last_month`. Raises ValueError for anything else.
    """

    children: int = 10_000
    first_month: date = date(2017, 1, 1)
    last_month: date = date(2026, 10, 1)
    seed: int = 1
    municipality_code: str = "390"

    def __post_init__(self) -> None:
        if not 1 <= self.children <= MAX_CHILDREN:
            raise ValueError(f"children must be between 1 and {MAX_CHILDREN:,}")
        if self.first_month.day != 1 or self.last_month.day != 1:
            raise ValueError("first_month and last_month must be the first day of a month")
        if not date(2012, 1, 1) <= self.first_month <= self.last_month <= date(2032, 12, 1):
            raise ValueError("the months must lie in order between 2012-01 and 2032-12")
        if self.seed < 0:
            raise ValueError("seed must not be negative")


@dataclass(frozen=True)
class Parameters:
    """`parameters.yml` and `dirt.yml` for one request, with the arrays that the engine needs."""

    request: SimulationRequest
    model: dict[str, Any]
    dirt: dict[str, Any]

    @classmethod
    def load(cls, request: SimulationRequest) -> "Parameters":
        """Read both files of the package."""
        folder = files("orchestration.intake.simulation")
        model, dirt = (
            yaml.safe_load((folder / name).read_text(encoding="utf-8"))
            for name in ("parameters.yml", "dirt.yml")
        )
        return cls(request, model, dirt)

    def __getitem__(self, section: str) -> Any:
        return self.model[section]

    @cached_property
    def axis(self) -> MonthAxis:
        """Months from the start of the burn-in to the end of the projection."""
        start = month_index(self.request.first_month) - int(self["horizon"]["burn_in_months"])
        end = self.cut_month_index + int(self["horizon"]["future_months"])
        return MonthAxis(start, end - start + 1)

    @cached_property
    def cut_month_index(self) -> int:
        """Absolute index of the last month with data."""
        return month_index(self.request.last_month)

    @property
    def first(self) -> int:
        """Position of the first exported month on the axis."""
        return month_index(self.request.first_month) - self.axis.start

    @property
    def last(self) -> int:
        """Position of the last exported month on the axis."""
        return self.cut_month_index - self.axis.start

    @property
    def cut_day(self) -> int:
        """Day number of the last day that the systems know about."""
        return int(self.axis.first_day[self.last] + self.axis.days[self.last] - 1)

    @property
    def first_day(self) -> int:
        """Day number of the first exported day."""
        return int(self.axis.first_day[self.first])

    @cached_property
    def type_keys(self) -> list[str]:
        """Measure types in the engine's order: placements first."""
        return list(self["types"])

    @cached_property
    def placements(self) -> int:
        """How many of `type_keys` are placements."""
        return sum(t["category"] == "placement" for t in self["types"].values())

    def type_values(self, name: str, default: float = 0.0) -> Floats:
        """One number of every type, in the engine's order."""
        return np.array([float(t.get(name, default)) for t in self["types"].values()])

    def type_index(self, key: str) -> int:
        """Position of a type in the engine's order."""
        return self.type_keys.index(key)

    @cached_property
    def level(self) -> Floats:
        """Price level per year, 1.0 in the base year; index by `year - LEVEL_START`."""
        prices = self["prices"]
        years = range(LEVEL_START, LEVEL_END + 1)
        growth = [prices["growth"].get(y, prices["growth_otherwise"]) for y in years]
        level = np.cumprod(1.0 + np.array(growth))
        return np.asarray(level / level[prices["base_year"] - LEVEL_START])

    @cached_property
    def type_level(self) -> Floats:
        """Price level per (type, year): wages and prices, and the type's own real growth."""
        base = self["prices"]["base_year"]
        real = self["prices"]["real_growth"]
        years = np.arange(LEVEL_START, LEVEL_END + 1) - base
        own = np.array([float(real.get(key, 0.0)) for key in self.type_keys])
        return np.asarray(self.level[None, :] * (1.0 + own[:, None]) ** years[None, :])

    @cached_property
    def delivery_season(self) -> Floats:
        """Delivered share of the usual amount per (type, calendar month - 1), mean 1."""
        season = np.ones((len(self.type_keys), 12))
        for i, (key, kind) in enumerate(self["types"].items()):
            declared = self["prices"]["season"].get(key if key == "respite" else kind["unit"])
            if declared is not None:
                season[i] = np.array(declared) / np.mean(declared)
        return season


LEVEL_START, LEVEL_END = 1995, 2040


def by_age(bands: list[list[float]]) -> Floats:
    """`[[from_age, value], …]` as an array by whole year of age (0-40)."""
    values = np.zeros(41)
    for from_age, value in bands:
        values[int(from_age) :] = value
    return values


def declared_day(value: date) -> int:
    """A date of the YAML files as a day number."""
    return day_number(value)


def season_of(values: list[float]) -> Floats:
    """Twelve factors, scaled to mean 1."""
    season = np.array(values, dtype=float)
    return np.asarray(season / season.mean())


def ramp(months: Ints, start: int, length: int) -> Floats:
    """0 before `start`, then rising in a line to 1 over `length` months."""
    return np.asarray(np.clip((months - start + 1) / max(length, 1), 0.0, 1.0))
