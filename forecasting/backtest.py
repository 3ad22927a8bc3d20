"""How wrong the engine would have been: every series forecast again from past dates.

Belongs here: rolling origins, the errors they leave, and the weights that follow. Does not belong
here: fitting (`fit.py`), drawing futures from the errors (`paths.py`).

Two levels. The Prophet variants of a series are weighted by that series' own errors into one
candidate. The candidates are weighted by theirs, drawn towards the portfolio's, since a few tries
of one series are mostly luck. A forecast from twelve months back or more is scored over a whole
year; those from three, six and nine months back tell, over what has come since, who has been right
lately. Whatever error a try is remembered by comes from weights that it had no part in.
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
    return _shares(np.mean(means, axis=0), settings.variant_power)


def _shares(error: Floats, power: float) -> Floats:
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


Shares = Mapping[str, Floats]
"""Candidate -> its weight in the near months and in those after (see `by_month`)."""


def weights(
    studies: Sequence[Study], settings: ForecastSettings, without: int | None = None
) -> dict[str, Shares]:
    """series_id -> candidate -> its two weights, each summing to 1 over the candidates; `without`
    leaves one origin out of it.

    A candidate's weight falls with its mean error over the origins, drawn towards its error over
    the whole portfolio. One that was never tried anywhere has none, unless nothing was. The first
    `near_months` go by the errors of those months, all that follow by those of a year.
    """
    spans = (settings.near_months, YEAR)
    halves = [_weights(studies, settings, without, months) for months in spans]
    return {
        one.series.series_id: {
            name: np.array([half[one.series.series_id].get(name, 0.0) for half in halves])
            for name in halves[-1][one.series.series_id]
        }
        for one in studies
    }


def by_month(share: Floats, months: int, settings: ForecastSettings) -> Floats:
    """A candidate's weight in each of so many months ahead."""
    near = np.arange(months) < settings.near_months
    return np.where(near, share[0], share[1])


def _weights(
    studies: Sequence[Study], settings: ForecastSettings, without: int | None, months: int
) -> dict[str, dict[str, float]]:
    """series_id -> candidate -> weight, by the errors of the first so many months."""
    scored = {one.series.series_id: _scores(one, settings, without, months) for one in studies}
    common = _typical_scores([scores for scores, _ in scored.values()])
    result = {}
    for one in studies:
        own, counts = scored[one.series.series_id]
        members = [name for name in one.paths if name in common] or list(one.paths)
        error = np.array(
            [_drawn(own.get(name), counts, common.get(name, 1.0), settings) for name in members]
        )
        share = _shares(error, settings.weight_power)
        result[one.series.series_id] = dict(zip(members, share.tolist(), strict=True))
    return result


def _typical_scores(scored: Sequence[Mapping[str, Floats]]) -> dict[str, float]:
    """candidate -> the median of its errors over all series and origins."""
    names = dict.fromkeys(name for scores in scored for name in scores)
    return {
        name: float(np.median(np.concatenate([one[name] for one in scored if name in one])))
        for name in names
    }


def _drawn(own: Floats | None, counts: Floats, common: float, settings: ForecastSettings) -> float:
    if own is None or not len(own):
        return common
    total = own @ counts + settings.weight_shrink * common
    return float(total / (counts.sum() + settings.weight_shrink))


def _scores(
    one: Study, settings: ForecastSettings, without: int | None, months: int
) -> tuple[dict[str, Floats], Floats]:
    """candidate -> its mean absolute error over the first months, in units of scale, at each origin
    of a pooled series; and how much each origin counts: more where as many months of the year were
    known as now.

    Where a candidate was not tried (one that is given from elsewhere may lack an origin), its error
    is what the others erred by there, times how it compares with them elsewhere: else it would be
    judged by easier or harder months than they.
    """
    if one.method != "pool":
        return {}, np.empty(0)
    older = {origin: attempt for origin, attempt in one.tries.items() if origin != without}
    attempts = [*one.recent.values(), *older.values()]
    back = [*one.recent, *(YEAR + origin * settings.origin_step for origin in older)]
    counts = np.where(np.array(back) % YEAR == 0, settings.same_month_weight, 1.0)
    names = dict.fromkeys(name for attempt in attempts for name in attempt.errors)
    table = np.array(
        [
            [
                np.abs(attempt.errors[name][:months]).mean() / attempt.scale
                if name in attempt.errors
                else np.nan
                for name in names
            ]
            for attempt in attempts
        ]
    ).reshape(len(attempts), len(names))
    everywhere = ~np.isnan(table).any(axis=0)
    if everywhere.any() and not everywhere.all():
        base = np.maximum(table[:, everywhere].mean(axis=1, keepdims=True), 1e-9)
        table = np.where(np.isnan(table), base * np.nanmean(table / base, axis=0), table)
    return dict(zip(names, table.T, strict=True)) if attempts else {}, counts


def past_errors(studies: Sequence[Study], settings: ForecastSettings) -> tuple[Floats, Floats]:
    """The errors that the weighted forecast made: series x origins x 12, NaN where not tried, in
    the series' unit, and the same in units of each origin's scale.

    The weights used at an origin come from the other origins, so no error is looked at twice.
    """
    shape = (len(studies), settings.origins, YEAR)
    plain, scaled = np.full(shape, np.nan), np.full(shape, np.nan)
    for origin in range(settings.origins):
        shares = weights(studies, settings, without=origin)
        for place, one in enumerate(studies):
            attempt = one.tries.get(origin)
            if attempt is None:
                continue
            plain[place, origin] = _weighted(attempt, one, shares[one.series.series_id], settings)
            scaled[place, origin] = plain[place, origin] / attempt.scale
    return plain, scaled


def _weighted(attempt: Try, one: Study, share: Shares, settings: ForecastSettings) -> Floats:
    """The error of the weighted forecast at one origin; what was not tried there has no weight."""
    if one.method != "pool":
        return np.mean(list(attempt.errors.values()), axis=0)
    here = {
        name: by_month(share[name], len(errors), settings)
        for name, errors in attempt.errors.items()
        if name in share
    }
    total: Floats = np.sum(list(here.values()), axis=0)
    path: Floats = np.sum([w / total * attempt.errors[name] for name, w in here.items()], axis=0)
    return path


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
