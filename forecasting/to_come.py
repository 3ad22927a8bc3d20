"""What is still to be booked of complete months, in every future of a forecast.

Belongs here: amounts to come as whole øre and as futures, by series and year, and the one draw that
they share with the sample paths. Does not belong here: how much is to come, and how sure that is
(`reporting_lag.py`), the year that it is part of (`outturn.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from forecasting.history import Floats
from forecasting.paths import SamplePaths, within
from forecasting.settings import ForecastSettings


@dataclass(frozen=True)
class ToCome:
    """By bottom series and year: the expected amount, and what comes in each future."""

    expected: Mapping[tuple[str, int], float] = field(default_factory=dict)
    futures: Mapping[tuple[str, int], Floats] = field(default_factory=dict)

    def of(self, members: Sequence[str], year: int) -> tuple[float, Floats | float]:
        """Expected amount of the members' sum in a year, and the futures of it; 0 where none."""
        keys = [(name, year) for name in members if (name, year) in self.expected]
        amount = sum(self.expected[key] for key in keys)
        return amount, sum((self.futures[key] for key in keys), 0.0)


def common_factor(settings: ForecastSettings) -> Floats:
    """By how many standard deviations more than expected is still to come, in each future.

    One draw for all series and months: a period that is closed late is late for all. The second
    half mirrors the first, as the sample paths do, so that means stay.
    """
    half = np.random.default_rng(settings.seed).standard_normal(settings.samples // 2)
    return np.r_[half, -half]


def to_come(still: pd.DataFrame, paths: SamplePaths) -> ToCome:
    """What is still to come of complete months, in the futures of `paths`.

    still: series_id, month, to_come, spread (as of `reporting_lag.open_months`), of bottom series.
    paths: the bottom series' forecast. Amounts are rounded to its decimals month by month, so that
    every level's sum is the same. Nothing is taken back of a series that was never negative.
    """
    settings, drawn = paths.settings, common_factor(paths.settings)
    sides = dict(zip(paths.series_ids, paths.signs, strict=True))
    expected: dict[tuple[str, int], float] = {}
    futures: dict[tuple[str, int], Floats] = {}
    years = pd.to_datetime(still["month"]).dt.year
    for (series, year), rows in still.groupby(["series_id", years]):
        mean = rows["to_come"].to_numpy(float).round(settings.decimals)
        around = mean[:, None] + rows["spread"].to_numpy(float)[:, None] * drawn
        key = (str(series), int(year))
        expected[key] = float(mean.sum())
        futures[key] = within(around, mean, sides[key[0]]).sum(axis=0)
    return ToCome(expected, futures)
