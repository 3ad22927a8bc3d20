"""The portfolio's whole forecast as one series, and what that corrects in its parts.

Belongs here: the whole's series, how far it is believed, the spreading of the difference. Does not
belong here: the study of a series (`backtest.py`), sums that the caller names (`levels.py`).

Parts that are forecast one by one err together: what moves all of them a little is noise in each
and plain in their sum. So the sum is forecast too, by the same engine, and believed beside the sum
of the parts as far as it was right from the same past dates. The level of the difference, year by
year, is spread over the parts by their typical error, which moves the surest least, so that
everything still adds up. Its single months are noise: spread too, they made the parts worse.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from forecasting.backtest import Study
from forecasting.history import Floats, Series, filled
from forecasting.settings import YEAR, ForecastSettings

NAME = ""
"""No series of a portfolio has an empty name."""


def whole_of(series: Sequence[Series]) -> Series:
    """The sum of series that end together, from the first month of any of them; a month before a
    series begins had nothing booked on it."""
    first = min(one.first for one in series)
    end = series[0].start
    values = np.zeros(len(pd.period_range(first, end, freq="M")) - 1)
    for one in series:
        values[len(values) - len(one.values) :] += filled(one.values)
    return Series(NAME, first, values)


def correction(
    studies: Sequence[Study],
    mean: Floats,
    errors: Floats,
    direct: Floats,
    direct_errors: Floats,
    settings: ForecastSettings,
) -> tuple[Floats, Floats]:
    """What is to be added to the parts' means (series x horizon) and taken from their past errors
    (series x origins x 12), in the series' unit.

    direct, direct_errors: the whole's own forecast (horizon) and its past errors (origins x 12).
    How far it was right at an origin is judged by the other origins.
    """
    pooled = np.array([one.method == "pool" for one in studies])
    spread = np.where(pooled, [one.scale for one in studies], 0.0)
    summed = _summed(studies, errors, settings)
    missed = summed - direct_errors
    belief = [_belief(summed, direct_errors, settings, origin) for origin in range(len(summed))]
    of_past = np.array(belief)[:, None] * _levels(np.nan_to_num(missed))
    of_now = _belief(summed, direct_errors, settings) * _levels(direct - mean.sum(axis=0))
    share = spread / max(float(spread.sum()), 1e-12)
    return share[:, None] * of_now, share[:, None, None] * of_past


def _levels(months: Floats) -> Floats:
    """Each year's mean in place of its months, along the last axis."""
    out = np.empty_like(months)
    for first in range(0, months.shape[-1], YEAR):
        year = months[..., first : first + YEAR]
        out[..., first : first + YEAR] = year.mean(axis=-1, keepdims=True)
    return out


def _summed(studies: Sequence[Study], errors: Floats, settings: ForecastSettings) -> Floats:
    """The errors of the parts' sum, origins x 12; NaN where too little of it was tried."""
    scales = np.array([one.scale for one in studies])
    tried = np.asarray(np.isfinite(errors).all(axis=2), dtype=bool)
    covered = (tried * scales[:, None]).sum(axis=0)
    total: Floats = np.nansum(errors, axis=0)
    total[covered < settings.covered_share * scales.sum()] = np.nan
    return total


def _belief(
    summed: Floats, direct: Floats, settings: ForecastSettings, without: int | None = None
) -> float:
    """The weight of the whole's own forecast beside the parts' sum: by their errors over the
    origins where both were tried, drawn towards each other; none where they are too few to tell."""
    both = np.asarray(np.isfinite(summed + direct).all(axis=1), dtype=bool)
    if both.sum() < settings.few_origins:
        return 0.0
    both &= np.arange(len(both)) != without
    ours = np.abs(summed[both]).mean(axis=1)
    theirs = np.abs(direct[both]).mean(axis=1)
    common = float(np.r_[ours, theirs].mean())
    count = int(both.sum()) + settings.weight_shrink
    drawn = [(one.sum() + settings.weight_shrink * common) / count for one in (ours, theirs)]
    if common == 0:
        return 0.0
    power = settings.weight_power
    return float(1 / (1 + (drawn[1] / drawn[0]) ** power))
