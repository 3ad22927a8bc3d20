"""How wrong the candidates would have been: every series forecast again from past dates.

Belongs here: rolling origins and the errors they leave of one series, whose Prophet variants are
weighted by them into one candidate. Does not belong here: fitting (`fit.py`), how the candidates
are weighted (`weights.py`).

A forecast from twelve months back or more is tried over a whole year; those from three, six and
nine months back tell, over what has come since, who has been right lately.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecasting.candidates import PROPHET
from forecasting.fit import fit
from forecasting.history import Floats, Series, filled
from forecasting.prophet_variants import Explanation
from forecasting.settings import YEAR, ForecastSettings

Given = Mapping[str, Floats]
"""Paths that come from elsewhere than the series' own history: candidate -> months."""
GivenByStart = Mapping[pd.Timestamp, Given]
"""The first month forecast -> what is given there, of the present and past origins."""


@dataclass(frozen=True)
class Try:
    """One rolling origin: its scale (at least a share of today's, since a series that was still
    and then broke would else lend the whole portfolio errors of hundreds of scales), and
    candidate -> errors, actual - forecast, of each month that has come (at most twelve)."""

    scale: float
    errors: Mapping[str, Floats]


@dataclass(frozen=True)
class Study:
    """All that one series' own history gives.

    paths: candidate -> its horizon of values. scale: its typical error. tries: its past tries by
    number of origin (0 is twelve months back, each further one `origin_step` before); recent: by
    months back, of those that a year has not passed since. reading: the Prophet variant with the
    greatest weight, as an explanation; None for a simple rule. variant_weights: variant -> weight.
    """

    series: Series
    method: str
    paths: Mapping[str, Floats]
    scale: float
    tries: Mapping[int, Try]
    recent: Mapping[int, Try]
    reading: Explanation | None


def study(series: Series, settings: ForecastSettings, given: GivenByStart | None = None) -> Study:
    """Fit one series and try it from its rolling origins. Depends on this series alone, so it
    gives the same in any process and any order.

    given: candidates from elsewhere; only of use where the present has one.
    """
    given = given or {}
    complete = filled(series.values)
    final = fit(series.values, series.first, settings, settings.horizon)
    now = typical_error(complete, settings)
    past: dict[int, _Past] = {}
    for back in _backs(settings):
        tried = _tried(series, complete, back, final.method, now, settings)
        if tried is not None:
            past[back] = tried
    paths = dict(final.paths)
    reading = None
    if final.method == "pool":
        shares = _variant_weights(
            [one.variants / one.scale for one in past.values()], len(final.variants), settings
        )
        paths[PROPHET] = shares @ final.variants
        reading = final.readings[int(np.argmax(shares))].told()
        paths |= _from_elsewhere(given, series, 0, settings.horizon)
    tries: dict[int, Try] = {}
    for back, one in past.items():
        errors = dict(one.errors)
        if final.method == "pool":
            others = [two.variants / two.scale for place, two in past.items() if place != back]
            errors[PROPHET] = _variant_weights(others, len(one.variants), settings) @ one.variants
            came = complete[len(complete) - back :][: min(back, YEAR)]
            outside = _from_elsewhere(given, series, back, len(came))
            errors |= {name: came - path for name, path in outside.items() if name in paths}
        tries[back] = Try(one.scale, errors)
    return Study(
        series,
        final.method,
        paths,
        now,
        {(back - YEAR) // settings.origin_step: tries[back] for back in tries if back >= YEAR},
        {back: tries[back] for back in tries if back < YEAR},
        reading,
    )


@dataclass(frozen=True)
class _Past:
    """One origin before weighting: errors of the candidates, and of each Prophet variant."""

    scale: float
    errors: Mapping[str, Floats]
    variants: Floats


def _backs(settings: ForecastSettings) -> list[int]:
    """How many months back each origin lies, the newest first."""
    whole = [YEAR + origin * settings.origin_step for origin in range(settings.origins)]
    return [*settings.recent_origins, *whole] if settings.origins else []


def _tried(
    series: Series,
    complete: Floats,
    back: int,
    method: str,
    now: float,
    settings: ForecastSettings,
) -> _Past | None:
    """The origin `back` months ago; None where too little lies before it, or where the series was
    of another kind then, or (within the last year) for a simple rule, which has no weights."""
    pooled = method == "pool"
    size = len(complete) - back
    if size < (settings.min_fit if pooled else YEAR) or (back < YEAR and not pooled):
        return None
    length = min(back, YEAR)
    past = fit(series.values[:size], series.first, settings, length)
    scale = max(settings.least_scale * now, typical_error(complete[:size], settings))
    if scale <= 0 or pooled != (past.method == "pool"):
        return None
    came = complete[size : size + length]
    errors = {name: came - path for name, path in past.paths.items()}
    return _Past(scale, errors, came - past.variants if pooled else past.variants)


def _variant_weights(errors: Sequence[Floats], count: int, settings: ForecastSettings) -> Floats:
    """One weight for each of `count` variants from their errors at origins (variants x months, in
    units of scale); an origin with another number of them (the log scale was safe at one and not
    at the other) says nothing. Even weights where nothing is known."""
    means = [np.abs(one).mean(axis=1) for one in errors if len(one) == count]
    if not means:
        return np.full(count, 1.0 / count)
    return shares_of(np.mean(means, axis=0), settings.variant_power)


def shares_of(error: Floats, power: float) -> Floats:
    """Weights, summing to 1, that fall with errors to a power."""
    share: Floats = (np.maximum(error, 1e-9) / max(float(error.min()), 1e-9)) ** -power
    return share / share.sum()


def _from_elsewhere(
    given: GivenByStart, series: Series, back: int, length: int
) -> dict[str, Floats]:
    """The given candidates' paths from the origin `back` months ago, where they are long enough;
    on the series' own side of zero."""
    found = given.get(series.start - pd.DateOffset(months=back), {}) if given else {}
    if not found:
        return {}
    known = series.values[~np.isnan(series.values)]
    low = 0.0 if (known >= 0).all() else -np.inf
    high = 0.0 if (known <= 0).all() else np.inf
    return {
        name: np.clip(path[:length], low, high)
        for name, path in found.items()
        if len(path) >= length
    }


def typical_error(complete: Floats, settings: ForecastSettings) -> float:
    """A series' scale: the mean absolute error of repeating last year's month over the newest
    months; of repeating last month where there is too little for that; a share of the level in a
    history of a few months. Zero for a series that never moved in a year.
    """
    size = len(complete)
    if size >= settings.min_season:
        return float(np.abs(complete[YEAR:] - complete[:-YEAR])[-settings.scale_window :].mean())
    steps = float(np.abs(np.diff(complete)).mean()) if size > 1 else 0.0
    if size >= YEAR:
        return steps
    return max(steps, settings.prior_spread * float(np.abs(complete).mean()))


def explanation(studies: Sequence[Study]) -> pd.DataFrame:
    """What the most believed Prophet model of each series says: series_id, month, trend, season,
    mode (`additive` in the series' unit, `multiplicative` as a factor), over history and horizon.
    """
    parts = []
    for one in studies:
        told = one.reading
        if told is None:
            continue
        months = pd.date_range(one.series.first, periods=len(told.trend), freq="MS")
        part = {"month": months, "trend": told.trend, "season": told.season, "mode": told.mode}
        parts.append(pd.DataFrame({"series_id": one.series.series_id, **part}))
    columns = ["series_id", "month", "trend", "season", "mode"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
