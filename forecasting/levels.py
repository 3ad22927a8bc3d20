"""Sums of series: every upper level from the same sample paths as the bottom.

Belongs here: adding up, and fitting a level's width to its own past errors. Does not belong here:
what the levels are called or which series belong where; the caller says so.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from forecasting.history import Floats
from forecasting.paths import SamplePaths, within
from forecasting.settings import YEAR

_CHECKED = (1, 3, 6, 9, 12)
_NOMINAL = 0.8


def add_up(paths: SamplePaths, groups: Mapping[str, Sequence[str]]) -> SamplePaths:
    """One level of sums: group name -> the bottom series in it, in the order of `groups`.

    The mean of a sum is the sum of its members' rounded means, to the last decimal. Its interval
    comes from the sum of the members' sample paths, made wider or narrower by how the level's own
    past errors fell, with the mean kept. Raises ValueError for an empty group, an unknown member,
    or members whose forecasts begin in different months.
    """
    places = {name: _places(paths, name, group) for name, group in groups.items()}
    rows = list(places.values())
    decimals = paths.settings.decimals
    mean = np.array([paths.mean[row].sum(axis=0) for row in rows])
    mean = np.round(mean.reshape(-1, paths.settings.horizon), decimals) + 0.0
    drawn = [paths.samples[row].sum(axis=0) for row in rows]
    errors = np.array([_summed_errors(paths, row) for row in rows])
    errors = errors.reshape(-1, paths.settings.origins, YEAR)
    factor = _level_factor(drawn, errors, paths)
    signs = tuple(_common_sign([paths.signs[place] for place in row]) for row in rows)
    samples = [
        _widened(draws, middle, side, factor)
        for draws, middle, side in zip(drawn, mean, signs, strict=True)
    ]
    return SamplePaths(
        series_ids=tuple(groups),
        starts=tuple(paths.starts[row[0]] for row in rows),
        members=tuple(tuple(m for place in row for m in paths.members[place]) for row in rows),
        signs=signs,
        mean=mean,
        samples=np.array(samples).reshape(-1, paths.settings.horizon, paths.settings.samples),
        errors=errors,
        scales=np.array([paths.scales[row].sum() for row in rows]),
        explanation=paths.explanation.iloc[:0],
        weights=paths.weights.iloc[:0],
        settings=paths.settings,
    )


def _places(paths: SamplePaths, name: str, group: Sequence[str]) -> list[int]:
    if not group:
        raise ValueError(f"group '{name}' has no series")
    known = {series_id: place for place, series_id in enumerate(paths.series_ids)}
    unknown = [series_id for series_id in group if series_id not in known]
    if unknown:
        raise ValueError(f"group '{name}': no forecast of series '{unknown[0]}'")
    if len(set(group)) < len(group):
        raise ValueError(f"group '{name}' names a series twice")
    row = [known[series_id] for series_id in group]
    starts = {paths.starts[place] for place in row}
    if len(starts) > 1:
        raise ValueError(
            f"group '{name}': its series' forecasts begin in different months "
            f"({min(starts):%Y-%m} to {max(starts):%Y-%m}) and cannot be added up"
        )
    return row


def _common_sign(signs: Sequence[int]) -> int:
    return signs[0] if len(set(signs)) == 1 else 0


def _summed_errors(paths: SamplePaths, row: Sequence[int]) -> Floats:
    """The sum's own past errors, origins x 12; NaN where too little of it was tried."""
    errors, scales = paths.errors[row], paths.scales[row]
    tried = ~np.isnan(errors[:, :, 0])
    covered = (tried * scales[:, None]).sum(axis=0)
    total: Floats = np.nansum(errors, axis=0)
    total[(covered < paths.settings.covered_share * scales.sum()) | ~tried.any(axis=0)] = np.nan
    return total


def _widened(draws: Floats, mean: Floats, side: int, factor: float) -> Floats:
    centred = mean[:, None] + factor * (draws - draws.mean(axis=1, keepdims=True))
    return within(centred, mean, side)


def _level_factor(drawn: Sequence[Floats], errors: Floats, paths: SamplePaths) -> float:
    """How much wider the level's 80 % interval must be to have held 80 % of its past errors.

    Judged on the sums of the first 1, 3, 6, 9 and 12 months ahead; drawn towards 1 when tries are
    few, and bounded, since a handful of overlapping years can mislead.
    """
    settings = paths.settings
    spans = [span for span in _CHECKED if span <= settings.horizon]
    scores: list[float] = []
    tries = 0
    for draws, tried in zip(drawn, errors, strict=True):
        made = tried[~np.isnan(tried[:, 0])]
        tries += len(made)
        for span in spans:
            low, high = np.quantile(draws[:span].sum(axis=0), [0.1, 0.9])
            half = (high - low) / 2
            if half > 0:
                scores += (np.abs(made[:, :span].sum(axis=1)) / half).tolist()
    if not scores:
        return 1.0
    raw = max(float(np.quantile(scores, _NOMINAL)), 1e-6)
    belief = tries / (tries + settings.level_shrink)
    low, high = settings.level_bounds
    return float(np.clip(raw**belief, low, high))
