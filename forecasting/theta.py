"""The Theta models' optimum in compiled code: the least one-step errors, found exactly.

Belongs here: the standard Theta model and its dynamic optimised form (Fiorucci et al., Models for
optimising the theta method and their relationship to state space models, 2016). Does not belong
here: the season (`candidates.py` takes it off and puts it on), other families.

Libraries search all parameters at once, which costs more than everything else in the pool. But the
errors are linear in the first level and in the weight of the line, so for a given smoothing both
have a closed form, and one bounded parameter is left to search. `tests/forecasting/test_theta.py`
holds the result to statsforecast's.
"""

import numpy as np
from numba import njit

from forecasting.history import Floats

_LEAST, _MOST = 0.1, 0.99
"""The smoothing's bounds, as statsforecast has them."""
_PLACES, _HALVINGS = 16, 24
_WARM_UP = 3
"""The first errors are the start's, not the model's."""
_GOLDEN = (np.sqrt(5.0) - 1.0) / 2.0


def theta(values: Floats, horizon: int, dynamic: bool) -> Floats:
    """The path after `values` (at least four, without a season).

    dynamic: the line is fitted anew each month and its weight is optimised (DOTM); else one line
    through all months has half the weight (STM).
    """
    return np.asarray(_forecast(np.ascontiguousarray(values), horizon, dynamic))


@njit(cache=True)
def _forecast(values, horizon, dynamic):  # type: ignore[no-untyped-def]
    offsets, slopes = _lines(values, dynamic)
    smoothing = _best_smoothing(values, offsets, slopes, dynamic)
    _, level, weight = _errors(values, offsets, slopes, dynamic, smoothing)
    size = len(values)
    for i in range(size):
        level = smoothing * values[i] + (1 - smoothing) * level
    offset, slope = offsets[size], slopes[size]
    mean = np.mean(values)
    path = np.empty(horizon)
    for step in range(horizon):
        i = size + step
        path[step] = level + weight * _line(offset, slope, smoothing, i)
        level = smoothing * path[step] + (1 - smoothing) * level
        if dynamic:
            slope, mean = _moved(slope, mean, path[step], i)
            offset = mean - slope * (i + 2) / 2
    return path


@njit(cache=True)
def _lines(values, dynamic):  # type: ignore[no-untyped-def]
    """Offset and slope of the straight line as known before each month, and after the last."""
    size = len(values)
    offsets, slopes = np.empty(size + 1), np.empty(size + 1)
    if not dynamic:
        months = np.arange(1, size + 1)
        mean = np.mean(values)
        slope = 6.0 / (size * size - 1) * (2 * np.mean(months * values) - (1 + size) * mean)
        slopes[:] = slope
        offsets[:] = mean - (size + 1) * slope / 2
        return offsets, slopes
    offsets[0], slopes[0] = 0.0, 0.0
    offsets[1], slopes[1] = values[0], 0.0
    mean = values[0]
    for i in range(1, size):
        slopes[i + 1], mean = _moved(slopes[i], mean, values[i], i)
        offsets[i + 1] = mean - slopes[i + 1] * (i + 2) / 2
    return offsets, slopes


@njit(cache=True)
def _moved(slope, mean, value, i):  # type: ignore[no-untyped-def]
    """Slope and mean when month i's value has come."""
    return ((i - 1) * slope + 6 * (value - mean) / (i + 1)) / (i + 2), (i * mean + value) / (i + 1)


@njit(cache=True)
def _line(offset, slope, smoothing, i):  # type: ignore[no-untyped-def]
    """What the line adds in month i to the smoothed level before it."""
    left = (1 - smoothing) ** i
    return offset * left + slope * (1 - left * (1 - smoothing)) / smoothing


@njit(cache=True)
def _errors(values, offsets, slopes, dynamic, smoothing):  # type: ignore[no-untyped-def]
    """The least sum of squared errors for a smoothing, with the first level and the line's weight
    that give it."""
    first_first, first_line, line_line, first_rest, line_rest, rest_rest = (
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
    )
    smoothed, left = 0.0, 1.0
    for i in range(len(values)):
        if i >= _WARM_UP:
            line = _line(offsets[i], slopes[i], smoothing, i)
            rest = values[i] - smoothed
            first_first += left * left
            first_line += left * line
            line_line += line * line
            first_rest += left * rest
            line_rest += line * rest
            rest_rest += rest * rest
        smoothed = smoothing * values[i] + (1 - smoothing) * smoothed
        left *= 1 - smoothing
    first_first += 1e-12
    weight = 0.5
    if dynamic:
        under = line_line - first_line * first_line / first_first
        over = line_rest - first_line * first_rest / first_first
        weight = min(max(over / under, 0.0), 1.0) if under > 1e-12 * line_line else 0.5
    level = (first_rest - weight * first_line) / first_first
    squares = (
        rest_rest
        + level * level * first_first
        + weight * weight * line_line
        - 2 * level * first_rest
        - 2 * weight * line_rest
        + 2 * level * weight * first_line
    )
    return squares, level, weight


@njit(cache=True)
def _best_smoothing(values, offsets, slopes, dynamic):  # type: ignore[no-untyped-def]
    """The best of a few places, then golden section between its neighbours."""
    step = (_MOST - _LEAST) / (_PLACES - 1)
    best, least = 0, np.inf
    for place in range(_PLACES):
        found = _errors(values, offsets, slopes, dynamic, _LEAST + place * step)[0]
        if found < least:
            best, least = place, found
    low = max(_LEAST, _LEAST + (best - 1) * step)
    high = min(_MOST, _LEAST + (best + 1) * step)
    for _ in range(_HALVINGS):
        one, two = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        at_one = _errors(values, offsets, slopes, dynamic, one)[0]
        at_two = _errors(values, offsets, slopes, dynamic, two)[0]
        if at_one <= at_two:
            high = two
        else:
            low = one
    return (low + high) / 2
