"""What an initiative did: what came against a forecast made from the time before it.

Belongs here: the counterfactual, its interval, the placebos, the verdict. Does not belong here:
which series an initiative is about, what was planned of it (the caller's).

The counterfactual is the engine's own forecast from the last month before the start, added up over
the series that the initiative is about, so that a month's and a cumulative interval come from the
same futures. Placebos ask how often a difference as large turns up where nothing was done: the
engine's tries of the same sum from earlier dates, and the other groups over the same months, each
in units of its own interval.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from forecasting.history import Floats, filled, tidy
from forecasting.kept_studies import KeptStudies
from forecasting.levels import add_up
from forecasting.paths import SamplePaths
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
    mine = _group(known, "target", target)
    if mine is None:
        raise EffectError("none of its series has any history before the start")
    actual = np.sum([known.came[one] for one in target if one in known.came], axis=0)
    counterfactual, samples = mine.mean[0], mine.samples[0]
    low, high = np.quantile(samples, [0.05, 0.95], axis=1)
    change = actual - counterfactual
    spent = actual.cumsum()[:, None] - samples.cumsum(axis=0)
    cumulative_low, cumulative_high = np.quantile(spent, [0.05, 0.95], axis=1)
    table = pd.DataFrame(
        {
            "month": known.months,
            "actual": actual,
            "counterfactual": counterfactual,
            "p05": low,
            "p95": high,
            "effect": change,
            "cumulative_effect": change.cumsum(),
            "cumulative_p05": cumulative_low,
            "cumulative_p95": cumulative_high,
        }
    )
    table["placebos"], table["placebo_share"] = _placebos(known, mine, change, others)
    table["verdict"] = [
        _verdict(*row)
        for row in zip(
            cumulative_low, cumulative_high, table["placebos"], table["placebo_share"], strict=True
        )
    ]
    return table[COLUMNS]


def _group(known: Before, name: str, series: Sequence[str]) -> SamplePaths | None:
    there = [one for one in series if one in known.paths.series_ids]
    return add_up(known.paths, {name: there}) if there else None


def _placebos(
    known: Before, mine: SamplePaths, change: Floats, others: Mapping[str, Sequence[str]]
) -> tuple[list[int], list[float]]:
    """How many placebos there are, and the share that differ as much, month by month."""
    counts, shares = [], []
    widths = list(_other_widths(known, others))
    tries = mine.errors[0][~np.isnan(mine.errors[0]).any(axis=1)]
    own_width = _half_width(mine)
    for place in range(len(change)):
        at = min(place, YEAR - 1)
        if own_width[at] <= 0:
            counts.append(0)
            shares.append(1.0)
            continue
        size = abs(change[: at + 1].sum()) / own_width[at]
        found = [abs(one[: at + 1].sum()) / own_width[at] for one in tries]
        found += [abs(gap[: at + 1].sum()) / width[at] for gap, width in widths if width[at] > 0]
        counts.append(len(found))
        shares.append(float(np.mean([one >= size for one in found])) if found else 1.0)
    return counts, shares


def _other_widths(
    known: Before, others: Mapping[str, Sequence[str]]
) -> Iterator[tuple[Floats, Floats]]:
    """Of each untouched group: what it differed by from its own forecast, and its half-widths."""
    for name, series in others.items():
        group = _group(known, name, series)
        if group is not None:
            came = np.sum([known.came[one] for one in series if one in known.came], axis=0)
            yield came - group.mean[0], _half_width(group)


def _half_width(paths: SamplePaths) -> Floats:
    """Half the 90 % interval of the sum of the first months, by how many they are."""
    low, high = np.quantile(paths.samples[0].cumsum(axis=0), [0.05, 0.95], axis=1)
    out: Floats = (high - low) / 2
    return out


_FEWEST, _RARE = 5, 0.1


def _verdict(low: float, high: float, placebos: int, share: float) -> str:
    if placebos < _FEWEST or share > _RARE or low <= 0 <= high:
        return UNKNOWN
    return SAVES if high < 0 else COSTS
