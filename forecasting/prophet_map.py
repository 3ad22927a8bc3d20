"""The optimum of Prophet's own model, solved exactly and a thousand times as fast.

Belongs here: the posterior of Prophet's linear trend with changepoints and Fourier seasons, its
features and its maximum. Does not belong here: corrections after the fit, candidates, weights.

Prophet hands its model to a general optimiser. But for a given noise the posterior's maximum is a
lasso (Laplace prior on the changes of slope) within a ridge (normal priors on the rest), and for
given coefficients the best noise has a closed form. So the ridge part is eliminated, the lasso is
solved exactly by feature-sign search (Lee, Battle, Raina & Ng, Efficient sparse coding algorithms,
2007), and the noise is iterated to its fixed point. `tests/forecasting/test_prophet_map.py` holds
the result to Stan's optimum; `ForecastSettings.solver` = "stan" uses Prophet's own solver instead.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numba import njit

from forecasting.history import Floats

CHANGEPOINTS, CHANGEPOINT_RANGE = 25, 0.8
_YEAR_DAYS = 365.25
_TREND_SPREAD, _NOISE_SPREAD = 5.0, 0.5
_TOLERANCE, _MOST_ROUNDS = 1e-8, 500


@dataclass(frozen=True)
class Priors:
    """Prophet's settings of the same meaning: `changepoint_prior_scale`,
    `seasonality_prior_scale`, `yearly_seasonality` (Fourier terms), growth "flat"."""

    change: float
    season: float
    order: int
    flat: bool = False


@dataclass(frozen=True)
class Optimum:
    """Trend and season over history and horizon in the unit of the values, and the parameters on
    Prophet's own scale: `base` (slope unless flat, offset, Fourier terms), `changes`, `noise`."""

    trend: Floats
    season: Floats
    base: Floats
    changes: Floats
    noise: float


@dataclass(frozen=True)
class Features:
    """The design matrices over history and horizon: `line` (t, 1), `season`, `hinges` (t - s)+;
    `known` tells which months of the history have a value."""

    line: Floats
    season: Floats
    hinges: Floats
    known: np.ndarray


def features(values: Floats, first: pd.Timestamp, horizon: int, order: int) -> Features:
    """Prophet's features for a history that begins in month `first` (NaN = unknown)."""
    size = len(values)
    months = np.datetime64(first, "M") + np.arange(size + horizon)
    days = months.astype("datetime64[D]").astype(np.int64).astype(float)
    known = np.flatnonzero(~np.isnan(values))
    begin, end = days[known[0]], days[known[-1]]
    time = (days - begin) / (end - begin)
    count = min(CHANGEPOINTS, math.floor(len(known) * CHANGEPOINT_RANGE) - 1)
    last = math.floor(len(known) * CHANGEPOINT_RANGE) - 1
    places = np.linspace(0, last, max(count, 0) + 1).round().astype(int)[1:]
    angle = 2 * np.pi * days[:, None] / _YEAR_DAYS * np.arange(1, order + 1)
    waves = np.stack([np.sin(angle), np.cos(angle)], axis=2).reshape(len(days), 2 * order)
    hinges = np.maximum(time[:, None] - time[known][places][None, :], 0.0)
    return Features(np.column_stack([time, np.ones(len(days))]), waves, hinges, known)


def optimum(values: Floats, made: Features, priors: Priors) -> Optimum:
    """The maximum of Prophet's posterior on `values` (months; NaN = unknown; at least three known
    that are not all zero)."""
    line = made.line[:, 1:] if priors.flat else made.line
    hinges = made.hinges[:, :0] if priors.flat else made.hinges
    waves = made.season
    base = np.column_stack([line, waves])
    known = values[made.known]
    scale = float(np.abs(known).max()) or 1.0
    ridge = np.r_[
        np.full(line.shape[1], _TREND_SPREAD**-2.0), np.full(waves.shape[1], priors.season**-2.0)
    ]
    theta, changes, noise = _maximum(
        np.ascontiguousarray(base[made.known]),
        np.ascontiguousarray(hinges[made.known]),
        known / scale,
        ridge,
        priors.change,
        _TOLERANCE,
        _MOST_ROUNDS,
    )
    trend = line @ theta[: line.shape[1]] + hinges @ changes
    season = waves @ theta[line.shape[1] :]
    return Optimum(trend * scale, season * scale, theta, changes, float(noise))


@njit(cache=True)
def _maximum(base, hinges, values, ridge, spread, tolerance, most):  # type: ignore[no-untyped-def]
    """Coefficients of `base` and `hinges`, and the noise.

    values: n. base: n x p, normal priors of precision `ridge`. hinges: n x s, Laplace priors of
    scale `spread`. noise: half-normal. Stops when the variance moves less than `tolerance` of it.
    """
    size, wide = base.shape
    count = hinges.shape[1]
    base_base, base_hinge = base.T @ base, base.T @ hinges
    hinge_hinge = hinges.T @ hinges
    right = np.empty((wide, count + 1))
    right[:, :count] = base_hinge
    right[:, count] = base.T @ values
    hinge_values = hinges.T @ values
    changes = np.zeros(count)
    theta = np.zeros(wide)
    variance = max(1e-12, np.mean((values - np.mean(values)) ** 2))
    for _ in range(most):
        left = base_base.copy()
        for i in range(wide):
            left[i, i] += variance * ridge[i]
        inner = _solved(left, right)
        of_hinges = np.ascontiguousarray(inner[:, :count])
        of_values = np.ascontiguousarray(inner[:, count])
        if count > 0:
            gram = hinge_hinge - base_hinge.T @ of_hinges
            pull = hinge_values - base_hinge.T @ of_values
            changes = _lasso(gram, pull, variance / spread, changes)
        theta = of_values - of_hinges @ changes
        left_over = values - base @ theta - hinges @ changes
        squares = np.sum(left_over * left_over)
        # The root of 4 v^2 + n v - squares = 0: likelihood and half-normal(0.5) prior together.
        newer = (-size + np.sqrt(size * size + 4.0 * squares / _NOISE_SPREAD**2)) / (
            2.0 / _NOISE_SPREAD**2
        )
        newer = max(newer, 1e-16)
        moved = abs(newer - variance)
        variance = newer
        if moved <= tolerance * variance:
            break
    return theta, changes, np.sqrt(variance)


@njit(cache=True)
def _lasso(gram, pull, penalty, changes):  # type: ignore[no-untyped-def]
    """min over x of x'Gx/2 - p'x + penalty |x|, from the start `changes` (overwritten)."""
    count = pull.shape[0]
    tolerance = 1e-9 * max(1e-300, np.max(np.abs(pull)))
    for _ in range(200):
        slope = gram @ changes - pull
        worst, enters, settled = penalty + tolerance, -1, True
        for j in range(count):
            if changes[j] == 0.0:
                if abs(slope[j]) > worst:
                    worst, enters = abs(slope[j]), j
            elif abs(slope[j] + penalty * np.sign(changes[j])) > tolerance:
                settled = False
        if settled and enters < 0:
            break
        signs = np.sign(changes)
        if settled:
            signs[enters] = -np.sign(slope[enters])
        _settle(gram, pull, penalty, changes, signs)
    return changes


@njit(cache=True)
def _settle(gram, pull, penalty, changes, signs):  # type: ignore[no-untyped-def]
    """Go to the optimum of the coefficients with a sign; those that would change theirs on the
    way become zero, and the rest goes on. The objective falls all along."""
    for _ in range(60):
        active = np.flatnonzero(signs)
        size = active.shape[0]
        if size == 0:
            return
        left, right = np.empty((size, size)), np.empty((size, 1))
        for i in range(size):
            right[i, 0] = pull[active[i]] - penalty * signs[active[i]]
            for j in range(size):
                left[i, j] = gram[active[i], active[j]]
            left[i, i] += 1e-12 * (1.0 + left[i, i])
        best = _solved(left, right)
        step = 1.0
        for i in range(size):
            old = changes[active[i]]
            if best[i, 0] * signs[active[i]] < 0.0:
                step = min(step, 0.0 if old == 0.0 else old / (old - best[i, 0]))
        for i in range(size):
            j = active[i]
            changes[j] += step * (best[i, 0] - changes[j])
            if step < 1.0 and (changes[j] * signs[j] <= 0.0 or abs(changes[j]) < 1e-14):
                changes[j] = 0.0
                signs[j] = 0.0
        if step >= 1.0:
            return


@njit(cache=True)
def _solved(left, right):  # type: ignore[no-untyped-def]
    """x of left x = right by Cholesky: left k x k symmetric positive definite, right k x r."""
    size, columns = right.shape
    root = np.zeros((size, size))
    for i in range(size):
        for j in range(i + 1):
            rest = left[i, j]
            for q in range(j):
                rest -= root[i, q] * root[j, q]
            root[i, j] = np.sqrt(max(rest, 1e-300)) if i == j else rest / root[j, j]
    out = right.copy()
    for c in range(columns):
        for i in range(size):
            rest = out[i, c]
            for q in range(i):
                rest -= root[i, q] * out[q, c]
            out[i, c] = rest / root[i, i]
        for i in range(size - 1, -1, -1):
            rest = out[i, c]
            for q in range(i + 1, size):
                rest -= root[q, i] * out[q, c]
            out[i, c] = rest / root[i, i]
    return out
