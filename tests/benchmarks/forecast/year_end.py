"""The outturn of fiscal years, forecast from 0, 3, 6 and 9 known months, on public spending.

What belongs here: Australia's spending on subsidised medicine by fiscal year (July to June, moved
by six months so that it is the calendar year the engine's rules of thumb think in), each series and
the total. What does not: simulated municipalities (municipality), single months (public).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from forecasting.baselines import BASELINES, baselines
from forecasting.history import Floats
from forecasting.series import ForecastSettings, forecast
from forecasting.settings import YEAR
from tests.benchmarks.forecast.public_sets import pbs

KNOWN = (0, 3, 6, 9)
YEARS = (2003, 2004, 2005, 2006, 2007)
"""The last five whole fiscal years, by the calendar year in which they end less one."""
_MEMORY = 60
ENGINE = "engine"


@dataclass(frozen=True)
class Case:
    """One fiscal year from one number of known months, of every series that was whole."""

    year: int
    known: int
    outturns: dict[str, Floats]
    """forecaster -> expected outturn per series."""
    came: Floats


def fiscal_years() -> pd.DataFrame:
    """Months x series, the fiscal year moved to be the calendar year."""
    wide = pbs()
    wide.columns = ["|".join(column) for column in wide.columns]
    wide.index = wide.index - pd.DateOffset(months=6) + pd.DateOffset(years=1)
    return wide


def cases(workers: int) -> Iterator[Case]:
    """Every year and number of known months."""
    wide = fiscal_years()
    for year in YEARS:
        for known in KNOWN:
            end = pd.Timestamp(year, 1, 1) + pd.DateOffset(months=known - 1)
            history = wide.loc[end - pd.DateOffset(months=_MEMORY - 1) : end]
            whole = wide.loc[str(year)]
            kept = history.notna().all() & whole.notna().all() & (history.std() > 0)
            yield _case(year, known, history.loc[:, kept], whole.loc[:, kept], workers)


def _case(year: int, known: int, history: pd.DataFrame, whole: pd.DataFrame, workers: int) -> Case:
    to_come = YEAR - known
    settings = ForecastSettings(horizon=to_come, samples=20)
    long = history.rename_axis("month").melt(ignore_index=False, var_name="series_id").reset_index()
    paths = forecast(long, settings, workers=workers)
    booked = whole.iloc[:known].sum()
    expected = pd.Series(paths.mean.sum(axis=1), paths.series_ids)[history.columns]
    outturns = {ENGINE: (booked + expected).to_numpy(float)}
    simple = [baselines(history[name].to_numpy(float), known or YEAR, to_come) for name in history]
    for rule in BASELINES:
        rest = np.array([one[rule].sum() for one in simple])
        outturns[rule] = booked.to_numpy(float) + rest
    return Case(year, known, outturns, whole.sum().to_numpy(float))


def wape(found: list[Case], forecaster: str, total: bool) -> float:
    """Absolute error of the outturn as a share of it, in percent: of the series, or their total."""
    missed = came = 0.0
    for one in found:
        gap = one.outturns[forecaster] - one.came
        missed += abs(float(gap.sum())) if total else float(np.abs(gap).sum())
        came += float(one.came.sum())
    return 100 * missed / came


def run(console: Console, workers: int = 1) -> None:
    """One table of the series, one of their total."""
    found = list(cases(workers))
    for total in (False, True):
        level = "the total of all series" if total else "each series"
        table = Table(title=f"Fiscal year's outturn of {level}: WAPE in percent")
        for heading in ("known months", ENGINE, *BASELINES, "engine / best"):
            table.add_column(heading, justify="right")
        for known in KNOWN:
            here = [one for one in found if one.known == known]
            ours = wape(here, ENGINE, total)
            theirs = [wape(here, rule, total) for rule in BASELINES]
            cells = [f"{value:.2f}" for value in (ours, *theirs, ours / min(theirs))]
            table.add_row(str(known), *cells)
        console.print(table)
