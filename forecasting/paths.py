"""What may come: sample paths drawn from past errors, and the table of their quantiles.

Belongs here: `SamplePaths`, drawing, quantiles. Does not belong here: fitting and past tries
(`fit.py`, `backtest.py`), sums of series (`levels.py`), years (`outturn.py`).

Prophet's own intervals cover half of what they claim. These are conformal over the whole
portfolio: the error paths of all series at the rolling origins, in units of each series' scale,
are drawn whole (so that months hang together and a year's total is right), from one origin for all
series at a time (so that series err together as they have done, and sums are right). Each path has
its mirror image, so that the samples' mean is the forecast.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import pandas as pd

from forecasting.backtest import Study
from forecasting.history import Floats, filled
from forecasting.settings import QUANTILES, YEAR, ForecastSettings

_TAIL = YEAR // 2
_PRIOR_PATHS = 64


@dataclass(frozen=True)
class SamplePaths:
    """Forecasts of n series (or sums of series) over `horizon` months as `samples` futures.

    series_ids: names, length n. starts: each one's first forecast month. members: the bottom
    series each one sums. signs: +1 never negative, -1 never positive, 0 either.
    mean: n x horizon, rounded to `decimals`. samples: n x horizon x samples.
    errors: n x origins x 12, what the forecast missed by at past origins (NaN: not tried).
    scales: n, typical error. All in the unit of the history.
    explanation: series_id, month, trend, season, mode, of the fitted Prophet models.
    weights: series_id, method, candidate, from_month (months ahead, 1 the first), weight.
    """

    series_ids: tuple[str, ...]
    starts: tuple[pd.Timestamp, ...]
    members: tuple[tuple[str, ...], ...]
    signs: tuple[int, ...]
    mean: Floats
    samples: Floats
    errors: Floats
    scales: Floats
    explanation: pd.DataFrame
    weights: pd.DataFrame
    settings: ForecastSettings

    def months(self, place: int) -> pd.DatetimeIndex:
        """The months that series number `place` is forecast for."""
        return pd.date_range(self.starts[place], periods=self.settings.horizon, freq="MS")


def quantile_table(paths: SamplePaths) -> pd.DataFrame:
    """series_id, month (datetime, first of month), mean, p05, p10, p25, p50, p75, p90, p95; one
    row per series and month, sorted as `paths`; the unit is the history's."""
    columns = ["series_id", "month", "mean", *QUANTILES]
    if not paths.series_ids:
        return pd.DataFrame(columns=columns)
    horizon = paths.settings.horizon
    table = pd.DataFrame(
        {
            "series_id": np.repeat(np.array(paths.series_ids, dtype=object), horizon),
            "month": np.concatenate([paths.months(i) for i in range(len(paths.series_ids))]),
            "mean": paths.mean.ravel(),
        }
    )
    marks = np.quantile(paths.samples, list(QUANTILES.values()), axis=2)
    for name, values in zip(QUANTILES, marks, strict=True):
        table[name] = np.round(values.ravel(), paths.settings.decimals) + 0.0
    return table[columns]


def draw(
    studies: Sequence[Study], mean: Floats, scaled_errors: Floats, settings: ForecastSettings
) -> Floats:
    """Samples, series x horizon x samples, around `mean` (series x horizon).

    scaled_errors: series x origins x 12, in units of scale, NaN where not tried.
    """
    pooled = np.array([one.method == "pool" for one in studies], dtype=bool)
    donors = _donors(scaled_errors[pooled], settings)
    shared = _shared_draws(donors, _dates(studies, settings), settings)
    out = np.empty((len(studies), settings.horizon, settings.samples))
    for place, one in enumerate(studies):
        rng = np.random.default_rng([settings.seed, crc32(one.series.series_id.encode())])
        if one.method == "intermittent":
            out[place] = _replayed(filled(one.series.values), mean[place], rng, settings)
            continue
        short = one.method in ("level", "season_and_level")
        still = one.method in ("zero", "ended", "constant")
        size = 0.0 if still else one.scale * (settings.short_factor if short else 1.0)
        error = _chained(donors, shared, rng, settings) * size
        both = mean[place][:, None] + np.concatenate([error, -error], axis=1)
        out[place] = within(both, mean[place], sign(one.series.values))
    return out


def sign(values: Floats) -> int:
    """+1 if a series was never negative, -1 if never positive (and not just zero), else 0."""
    known = values[~np.isnan(values)]
    if (known >= 0).all():
        return 1
    return -1 if (known <= 0).all() else 0


def within(samples: Floats, mean: Floats, side: int) -> Floats:
    """Samples (months x samples) kept on their side of zero without moving their mean.

    Cutting off at zero alone would lift the mean; all are lowered by what makes up for it, which
    is the projection onto the simplex, month by month.
    """
    if side == 0:
        return samples
    if side < 0:
        return -within(-samples, -mean, 1)
    count = samples.shape[1]
    falling = -np.sort(-samples, axis=1)
    lowering = (np.cumsum(falling, axis=1) - mean[:, None] * count) / np.arange(1, count + 1)
    last = np.maximum((falling > lowering).sum(axis=1) - 1, 0)
    chosen = lowering[np.arange(len(samples)), last]
    kept: Floats = np.maximum(samples - chosen[:, None], 0.0)
    crosses = np.any(samples < 0, axis=1, keepdims=True)
    return np.where(crosses, kept, samples)


def _donors(errors: Floats, settings: ForecastSettings) -> list[Floats]:
    """Per origin, the error paths of all series tried there."""
    found = [errors[~np.isnan(errors[:, o, 0]), o] for o in range(errors.shape[1])]
    found = [_capped(paths, settings.largest_error) for paths in found if len(paths)]
    return _not_falling(found) if found else [_prior_paths(settings)]


def _not_falling(donors: list[Floats]) -> list[Floats]:
    """Error paths whose size does not fall with the months ahead: where few dates were tried, some
    calendar months were easy by luck, and would be promised so again."""
    # scipy takes half a second to import; what forecasts nothing does without.
    from scipy.optimize import isotonic_regression

    sizes = np.abs(np.concatenate(donors)).mean(axis=0)
    if not (sizes > 0).all():
        return donors
    factor = isotonic_regression(sizes).x / sizes
    return [paths * factor for paths in donors]


def _capped(paths: Floats, largest: float) -> Floats:
    """Paths shrunk, whole, to at most `largest`: one series' break is not everyone's risk."""
    peak = np.abs(paths).max(axis=1, keepdims=True)
    return paths * np.minimum(1.0, largest / np.maximum(peak, largest))


def _prior_paths(settings: ForecastSettings) -> Floats:
    """Stand-in error paths where nothing could be tried: half lasting, half of the month."""
    rng = np.random.default_rng([settings.seed, 0])
    lasting = rng.standard_normal((_PRIOR_PATHS, 1))
    passing = rng.standard_normal((_PRIOR_PATHS, YEAR))
    return settings.prior_error * (lasting + passing) / np.sqrt(2)


@dataclass(frozen=True)
class _Shared:
    """What all series have in common in a future: origins (blocks x samples/2), their signs, and
    how much wider than measured the errors are."""

    origins: np.ndarray
    signs: np.ndarray
    widening: np.ndarray


def _dates(studies: Sequence[Study], settings: ForecastSettings) -> int:
    """From how many dates, `origin_step` months apart, the pooled series were tried: as many as
    there are origins where all end together, more where they end in different years."""
    months = [
        YEAR * one.series.start.year + one.series.start.month - settings.origin_step * origin
        for one in studies
        if one.method == "pool"
        for origin in one.tries
    ]
    return len({month // settings.origin_step for month in months})


def _shared_draws(donors: Sequence[Floats], dates: int, settings: ForecastSettings) -> _Shared:
    """However many series there are, those of one portfolio share the same few years. These tell
    the errors' spread badly, so that, as with Student's t, the width itself is drawn; and one more
    date differs from the mean of few by more than these did: the factor of a prediction interval.
    """
    rng = np.random.default_rng([settings.seed, 1])
    counts = np.array([len(paths) for paths in donors])
    shape = (-(-settings.horizon // YEAR), settings.samples // 2)
    origins = rng.choice(len(donors), size=shape, p=counts / counts.sum())
    signs = rng.choice([-1.0, 1.0], size=shape)
    freedom = max(settings.least_freedom, dates)
    one_more = np.sqrt(1 + 1 / max(dates, 1))
    widening = one_more * np.sqrt(freedom / rng.chisquare(freedom, size=shape))
    return _Shared(origins, signs, np.minimum(widening, 4.0))


def _chained(
    donors: Sequence[Floats], shared: _Shared, rng: np.random.Generator, settings: ForecastSettings
) -> Floats:
    """Errors in units of scale, horizon x samples/2.

    Errors are known for a year ahead; each further year begins where the last one ended (its mean
    error of the last half year) and errs anew from there, so that uncertainty grows.
    """
    blocks, count = shared.origins.shape
    carried = np.zeros(count)
    years = []
    for block in range(blocks):
        lengths = np.array([len(paths) for paths in donors])[shared.origins[block]]
        picked = np.minimum((rng.random(count) * lengths).astype(int), lengths - 1)
        path = np.empty((count, YEAR))
        for origin, paths in enumerate(donors):
            here = shared.origins[block] == origin
            path[here] = paths[picked[here]]
        path *= (shared.signs[block] * shared.widening[block])[:, None]
        years.append((path + carried[:, None]).T)
        carried = carried + path[:, -_TAIL:].mean(axis=1)
    return np.concatenate(years)[: settings.horizon]


def _replayed(
    complete: Floats, mean: Floats, rng: np.random.Generator, settings: ForecastSettings
) -> Floats:
    """An intermittent series' futures: its own newest months again, from a drawn place on."""
    recent = complete[-settings.sparse_window :]
    level = recent.mean()
    if level == 0:
        return np.zeros((settings.horizon, settings.samples))
    blocks = -(-settings.horizon // YEAR)
    begins = rng.integers(len(recent), size=(blocks, 1, settings.samples))
    steps = np.arange(YEAR)[None, :, None]
    replay = recent[(begins + steps) % len(recent)].reshape(-1, settings.samples)
    out: Floats = replay[: settings.horizon] * (mean / level)[:, None]
    return out
