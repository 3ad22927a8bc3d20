"""Days and months as whole numbers, and their texts.

A day number counts days since 1970-01-01; a month index counts months since 1970-01. What belongs
here: conversion between them. What does not: anything about children or money.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from orchestration.intake.simulation.types import Ints, Texts

_EPOCH = date(1970, 1, 1)
NO_DAY = -(10**6)
"""Stands for a date that is not there."""


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def month_index(day: date) -> int:
    """Months since 1970-01."""
    return (day.year - 1970) * 12 + day.month - 1


def month_start(month: Ints) -> Ints:
    """Day number of the first day of each month index."""
    return np.asarray(month.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64))


def month_of_day(day: Ints) -> Ints:
    """Month index of each day number."""
    return np.asarray(day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64))


def year_of_day(day: Ints) -> Ints:
    """Calendar year of each day number."""
    return np.asarray(month_of_day(day) // 12 + 1970)


def add_months(day: Ints, months: Ints | int) -> Ints:
    """The same day so many months later, or that month's last day."""
    month = month_of_day(day)
    offset = day - month_start(month)
    target = month + months
    last = month_start(target + 1) - month_start(target) - 1
    return np.asarray(month_start(target) + np.minimum(offset, last))


def birthday(birth: Ints, age: int) -> Ints:
    """Day number of the birthday; born on 29 February it is the 28th in common years."""
    return add_months(birth, age * 12)


def day_text(day: Ints) -> Texts:
    """ISO dates; NO_DAY becomes None."""
    text = day.astype("datetime64[D]").astype("U10").astype(object)
    text[day <= NO_DAY] = None
    return np.asarray(text)


def minute_text(minutes: Ints, missing: Ints | None = None) -> Texts:
    """ISO timestamps of minutes since 1970; where `missing` is not 0, None."""
    iso = (minutes * 60).astype("datetime64[s]").astype("U19")
    out = np.array([text.replace("T", " ") for text in iso.tolist()], dtype=object)
    if missing is not None:
        out[missing != 0] = None
    return np.asarray(out)


@dataclass(frozen=True)
class MonthAxis:
    """A run of months: position 0 is month index `start`."""

    start: int
    length: int

    @cached_property
    def index(self) -> Ints:
        """Month index of each position."""
        return np.arange(self.start, self.start + self.length)

    @cached_property
    def first_day(self) -> Ints:
        """Day number of each month's first day."""
        return month_start(self.index)

    @cached_property
    def days(self) -> Ints:
        """Days in each month."""
        return np.asarray(month_start(self.index + 1) - self.first_day)

    @cached_property
    def year(self) -> Ints:
        """Calendar year of each position."""
        return np.asarray(self.index // 12 + 1970)

    @cached_property
    def month(self) -> Ints:
        """Calendar month of each position, 0-11."""
        return np.asarray(self.index % 12)
