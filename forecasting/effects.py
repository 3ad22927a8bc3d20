"""What an initiative did: what came against a forecast made from the time before it.

Belongs here: the counterfactual, its interval, the placebos, the verdict. Does not belong here:
which series an initiative is about, what was planned of it (the caller's).

The counterfactual is the engine's own forecast from the last month before the start, added up over
the series that the initiative is about, so that a month's and a cumulative interval come from the
same futures. Placebos ask how often a difference as large turns up where nothing was done
(`placebos.py`); the intervals are as wide as it takes to hold nine in ten of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from forecasting.history import Floats, filled, tidy
from forecasting.kept_studies import KeptStudies
from forecasting.levels import add_up
from forecasting.paths import SamplePaths, within
from forecasting.placebos import BAND, Placebos, placebos_of
from forecasting.series import forecast
from forecasting.settings import YEAR, ForecastSettings

COLUMNS = [
    "month",
    "actual",
    "counterfactual",
    "p05",
    "p95",
    "effect",
    "cumulative_effect",
    "cumulative_p05",
    "cumulative_p95",
    "placebos",
    "placebo_share",
    "verdict",
]
SAVES, COSTS, UNKNOWN = "saves", "costs_more", "not_yet_distinguishable"
_LONGEST = 60


class EffectError(ValueError):
    """No effect can be measured; the message says why."""


@dataclass(frozen=True)
class Before:
    """The forecast of every bottom series from the last month before a start, and what came."""

    paths: SamplePaths
    came: Mapping[str, Floats]
    months: pd.DatetimeIndex


def before(
    history: pd.DataFrame,
    start: pd.Timestamp,
    settings: ForecastSettings,
    workers: int | None,
    kept: KeptStudies | None = None,
) -> Before:
    """Forecast a portfolio from the month before `start` to the end of what is known by now.

    history: series_id, month, value; complete months. Initiatives with one start share it.
    workers, kept: see `forecast`.
    Raises EffectError where no month has come since, or too few lie before.
    """
    months = pd.DatetimeIndex(history["month"]).to_period("M").to_timestamp()
    last = months.max()
    after = YEAR * (last.year - start.year) + last.month - start.month + 1
    known = YEAR * (start.year - months.min().year) + start.month - months.min().month
    if after < 1:
        raise EffectError(f"it starts in {start:%Y-%m}, and nothing is known after {last:%Y-%m}")
    if known < settings.min_fit:
        raise EffectError(
            f"only {max(known, 0)} months lie before {start:%Y-%m}; an effect is measured against "
            f"at least {settings.min_fit}"
        )
    horizon = min(after, _LONGEST)
    chosen = replace(settings, horizon=horizon, common_end=True)
    paths = forecast(history[months < start], chosen, workers=workers, kept=kept)
    span = pd.date_range(start, periods=horizon, freq="MS")
    came: dict[str, Floats] = {}
    for one in tidy(history, common_end=True):
        at = pd.date_range(one.first, periods=len(one.values), freq="MS")
        known_since = pd.Series(filled(one.values), at).reindex(span, fill_value=0.0)
        came[one.series_id] = np.asarray(known_since, dtype=np.float64)
    return Before(paths, came, span)


def effect(
    known: Before, target: Sequence[str], others: Mapping[str, Sequence[str]]
) -> pd.DataFrame:
    """One row per month since the start, in the unit of the history; + is spending.

    target: the bottom series that the initiative is about, also those that began with it.
    others: groups that it does not touch. effect: actual less counterfactual, so below zero it
    saves; its interval is p05 to p95 of the counterfactual turned round. placebo_share: share of
    the placebos that differ at least as much, over the months so far (the first twelve at most).
    verdict: `saves` or `costs_more` where the cumulative 90 % interval leaves zero out and at
    most a tenth of at least five placebos differ as much; else `not_yet_distinguishable`.
    Raises EffectError where none of the target's series was there before.
    """
    mine = _group(known, target)
    if mine is None:
        raise EffectError("none of its series has any history before the start")
    placebos = _placebos(known, mine, others)
    actual = _came(known, target)
    counterfactual = mine.mean[0]
    change = actual - counterfactual
    low, high = _interval(mine, counterfactual, mine.samples[0], placebos.month_factor())
    sums = counterfactual.cumsum()
    sum_low, sum_high = _interval(mine, sums, mine.samples[0].cumsum(axis=0), placebos.sum_factor())
    table = pd.DataFrame(
        {
            "month": known.months,
            "actual": actual,
            "counterfactual": counterfactual,
            "p05": low,
            "p95": high,
            "effect": change,
            "cumulative_effect": change.cumsum(),
            "cumulative_p05": actual.cumsum() - sum_high,
            "cumulative_p95": actual.cumsum() - sum_low,
        }
    )
    table["placebos"], table["placebo_share"] = placebos.beyond(change)
    columns = ["cumulative_p05", "cumulative_p95", "placebos", "placebo_share"]
    table["verdict"] = [_verdict(*row) for row in table[columns].itertuples(index=False)]
    return table[COLUMNS]


def _interval(
    mine: SamplePaths, mean: Floats, samples: Floats, factor: Floats
) -> tuple[Floats, Floats]:
    """The counterfactual's p05 and p95, months or sums of months, at `factor` times the width that
    the samples have; on the spending's own side of zero."""
    at = np.minimum(np.arange(len(mean)), len(factor) - 1)
    spread = factor[at][:, None] * (samples - samples.mean(axis=1, keepdims=True))
    low, high = np.quantile(within(mean[:, None] + spread, mean, mine.signs[0]), BAND, axis=1)
    return low, high


def _placebos(known: Before, mine: SamplePaths, others: Mapping[str, Sequence[str]]) -> Placebos:
    elsewhere = []
    for series in others.values():
        group = _group(known, series)
        if group is not None:
            elsewhere.append((group, _came(known, series) - group.mean[0]))
    return placebos_of(mine, elsewhere)


def _came(known: Before, series: Sequence[str]) -> Floats:
    total: Floats = np.sum([known.came[one] for one in series if one in known.came], axis=0)
    return total


def _group(known: Before, series: Sequence[str]) -> SamplePaths | None:
    there = [one for one in series if one in known.paths.series_ids]
    return add_up(known.paths, {"group": there}) if there else None


_FEWEST, _RARE = 5, 0.1


def _verdict(low: float, high: float, placebos: int, share: float) -> str:
    if placebos < _FEWEST or share > _RARE or low <= 0 <= high:
        return UNKNOWN
    return SAVES if high < 0 else COSTS
