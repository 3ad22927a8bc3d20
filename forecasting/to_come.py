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
    """by_month: bottom series and month -> the expected amount. futures: bottom series and year ->
    what comes in each future."""

    by_month: Mapping[tuple[str, pd.Timestamp], float] = field(default_factory=dict)
    futures: Mapping[tuple[str, int], Floats] = field(default_factory=dict)

    def expected(self, members: Sequence[str], year: int) -> float:
        """The expected amount of the members' sum in a year."""
        wanted = frozenset(members)
        return sum(
            amount
            for (name, month), amount in self.by_month.items()
            if name in wanted and month.year == year
        )

    def drawn(self, members: Sequence[str], year: int) -> Floats | float:
        """The same in each future; 0 where nothing is to come."""
        found = [self.futures[name, year] for name in members if (name, year) in self.futures]
        total: Floats | float = sum(found, 0.0)
        return total


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
    by_month: dict[tuple[str, pd.Timestamp], float] = {}
    futures: dict[tuple[str, int], Floats] = {}
    for row in still.to_dict("records"):
        name, month = str(row["series_id"]), pd.Timestamp(row["month"])
        mean = round(float(row["to_come"]), settings.decimals)
        around = mean + float(row["spread"]) * drawn[None, :]
        by_month[name, month] = mean
        year = (name, month.year)
        futures[year] = futures.get(year, 0.0) + within(around, np.array([mean]), sides[name])[0]
    return ToCome(by_month, futures)
