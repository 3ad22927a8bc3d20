"""How much spending differs from its forecast where nothing was done, and what that says of widths.

Belongs here: the placebos of an initiative and what is read from them. Does not belong here: the
counterfactual, the verdict (`effects.py`).

A placebo is a forecast whose error is known and that no initiative touches: the engine's tries from
earlier dates, of the same group and of every other one, and the other groups over the same months.
Each is counted in units of half of its own group's 90 % interval, so that one placebo in ten should
be greater than 1. Where it is not so, the initiative's interval is made wider or narrower until it
would have held nine in ten: sample paths are calibrated on all series, large and small, and over
single months; an effect is judged on one group's sum.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from forecasting.history import Floats
from forecasting.paths import SamplePaths
from forecasting.settings import YEAR

BAND = (0.05, 0.95)
_HELD = 0.9
_FEWEST = 5
_INDEPENDENT = 2
"""A group's tries overlap: with the months since the start they count as two placebos apart."""


@dataclass(frozen=True)
class Placebos:
    """sums, months: placebos x months (a year at most), how far each was off over the first months
    together and in the single month, in units of its group's half-width; NaN where it has none.
    since: other groups x months, the sums of the months since the start, with their sign.
    groups: how many they come from. half_width: the initiative's own, of the first months' sum."""

    sums: Floats
    months: Floats
    since: Floats
    groups: int
    half_width: Floats

    def sum_factor(self) -> Floats:
        """Per number of months, the factor on the width of the sum's interval."""
        return self._factor(self.sums)

    def month_factor(self) -> Floats:
        """Per month, the factor on the width of the month's interval."""
        return self._factor(self.months)

    def beyond(self, change: Floats) -> tuple[list[int], list[float]]:
        """Per month since the start: how many placebos there are over as many months (a year at
        most), and the share of them that differ at least as much as `change` summed so far; or,
        where that is more, the share of other groups that have moved as much the same way over the
        same months, since what happened everywhere was not the initiative."""
        counts, shares = [], []
        for place in range(len(change)):
            at = min(place, self.sums.shape[1] - 1)
            found = _known(self.sums[:, at])
            total, half = change[: at + 1].sum(), self.half_width[at]
            if half <= 0 or not len(found):
                counts.append(0)
                shares.append(1.0)
                continue
            size = abs(total) / half
            same_way = _known(self.since[:, at]) * np.sign(total) >= size
            counts.append(len(found))
            shares.append(max(_share(found >= size), _share(same_way)))
        return counts, shares

    def _factor(self, sizes: Floats) -> Floats:
        """The quantile that a new placebo stays under nine times in ten (conformal, so a little
        above nine tenths of those that are known); 1 where they are too few to tell."""
        independent = _INDEPENDENT * self.groups
        share = min(1.0, _HELD * (1 + 1 / independent))
        out = np.ones(sizes.shape[1])
        for at in range(len(out)):
            found = _known(sizes[:, at])
            if len(found) >= _FEWEST:
                out[at] = np.quantile(found, share, method="higher")
        return out


def placebos_of(mine: SamplePaths, elsewhere: Sequence[tuple[SamplePaths, Floats]]) -> Placebos:
    """The placebos of a group: `mine` from earlier dates; elsewhere: other groups, each with what
    came less its forecast since the start. All are levels of one group."""
    length = min(mine.settings.horizon, YEAR)
    sums: list[Floats] = []
    months: list[Floats] = []
    since: list[Floats] = []
    for group, gap in [(mine, None), *elsewhere]:
        tries = group.errors[0][~np.isnan(group.errors[0]).any(axis=1)]
        paths = (tries if gap is None else np.vstack([tries, np.resize(gap, YEAR)]))[:, :length]
        samples = group.samples[0][:length]
        sums.append(_sizes(paths.cumsum(axis=1), samples.cumsum(axis=0)))
        months.append(_sizes(paths, samples))
        if gap is not None:
            since.append(sums[-1][-1] * np.sign(paths[-1].cumsum()))
    groups = sum(len(one) > 0 and bool((~np.isnan(one)).any()) for one in sums)
    half = _half_width(mine.samples[0][:length].cumsum(axis=0))
    return Placebos(
        np.concatenate(sums),
        np.concatenate(months),
        np.reshape(since, (-1, length)),
        max(groups, 1),
        half,
    )


def _sizes(paths: Floats, samples: Floats) -> Floats:
    half = _half_width(samples)
    out: Floats = np.abs(paths) / np.where(half > 0, half, np.nan)
    return out


def _share(beyond: npt.NDArray[np.bool_]) -> float:
    return float(beyond.mean()) if len(beyond) else 0.0


def _known(sizes: Floats) -> Floats:
    out: Floats = sizes[~np.isnan(sizes)]
    return out


def _half_width(samples: Floats) -> Floats:
    low, high = np.quantile(samples, BAND, axis=1)
    out: Floats = (high - low) / 2
    return out
