"""The outturn of fiscal years, forecast from 0, 3, 6 and 9 known months, from ledgers alone.

What belongs here: Australia's spending on subsidised medicine by fiscal year (July to June, moved
by six months so that it is the calendar year the engine's rules of thumb think in), on three
levels: each series, the middle (payer, kind and main group of medicine), the total; and the ledgers
of simulated municipalities, by measure type and in total. Errors beside the rules of thumb, and how
much the intervals hold. What does not: what the case register adds (municipality), single months
of many sets (public).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from forecasting.baselines import BASELINES, baselines
from forecasting.history import Floats
from forecasting.levels import add_up
from forecasting.paths import SamplePaths
from forecasting.series import ForecastSettings, forecast
from forecasting.settings import YEAR
from tests.benchmarks.forecast.known_effects import kept_ledger
from tests.benchmarks.forecast.public_sets import pbs

KNOWN = (0, 3, 6, 9)
YEARS = tuple(range(1997, 2008))
"""Australia's whole fiscal years that five whole years lie before, by the year in which they end
less one."""
SIMULATED_YEARS = (2023, 2024, 2025)
"""The last three whole years of the simulated ledgers, which begin in 2019."""
_MEMORY = 60
ENGINE = "engine"
SERIES, MIDDLE, TOTAL = ("each series", "the middle level", "the total")
Groups = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Case:
    """One fiscal year from one number of known months, on one level.

    outturns: forecaster -> expected outturn per sum; came: what it was. months, years: whether the
    80 and the 95 % interval held what came (2 x sums x months, 2 x sums).
    """

    year: int
    known: int
    level: str
    outturns: dict[str, Floats]
    came: Floats
    months: np.ndarray
    years: np.ndarray


def fiscal_years() -> pd.DataFrame:
    """Months x series, the fiscal year moved to be the calendar year."""
    wide = pbs()
    wide.columns = ["|".join(column) for column in wide.columns]
    wide.index = wide.index - pd.DateOffset(months=6) + pd.DateOffset(years=1)
    return wide


def _groups(names: Sequence[str]) -> dict[str, Groups]:
    """level -> sum -> its series. The first letter of a medicine's code is its main group."""
    middle: dict[str, list[str]] = {}
    for name in names:
        payer, kind, code = name.split("|")
        middle.setdefault(f"{payer}|{kind}|{code[0]}", []).append(name)
    return {SERIES: {name: [name] for name in names}, MIDDLE: middle, TOTAL: {"all": list(names)}}


def public_cases(workers: int, years: Sequence[int] = YEARS) -> Iterator[Case]:
    """Australia's spending: every year, number of known months and level."""
    wide = fiscal_years()
    for year in years:
        yield from _year(wide, year, _groups, workers)


def simulated_cases(
    folder: Path, municipalities: int, children: int, workers: int
) -> Iterator[Case]:
    """The same of so many municipalities, whose ledgers are kept in `folder`."""
    for seed in range(1, municipalities + 1):
        ledger = kept_ledger(folder, children, seed)
        wide = ledger.pivot(index="month", columns="series_id", values="value").fillna(0.0)
        for year in SIMULATED_YEARS:
            yield from _year(wide, year, _types_and_total, workers)


def _types_and_total(names: Sequence[str]) -> dict[str, Groups]:
    return {SERIES: {name: [name] for name in names}, TOTAL: {"all": list(names)}}


def _year(
    wide: pd.DataFrame,
    year: int,
    groups: Callable[[Sequence[str]], dict[str, Groups]],
    workers: int,
) -> Iterator[Case]:
    for known in KNOWN:
        end = pd.Timestamp(year, 1, 1) + pd.DateOffset(months=known - 1)
        history = wide.loc[end - pd.DateOffset(months=_MEMORY - 1) : end]
        whole = wide[pd.DatetimeIndex(wide.index).year == year]
        kept = history.notna().all() & whole.notna().all() & (history.std() > 0)
        names = [str(name) for name in wide.columns[kept]]
        yield from _cases(year, known, history[names], whole[names], groups(names), workers)


def _cases(
    year: int,
    known: int,
    history: pd.DataFrame,
    whole: pd.DataFrame,
    levels: Mapping[str, Groups],
    workers: int,
) -> Iterator[Case]:
    to_come = YEAR - known
    long = history.rename_axis("month").melt(ignore_index=False, var_name="series_id").reset_index()
    paths = forecast(long, ForecastSettings(horizon=to_come), workers=workers)
    simple = {
        str(name): baselines(history[name].to_numpy(float), known or YEAR, to_come)
        for name in history
    }
    for level, groups in levels.items():
        yield _case(year, known, level, add_up(paths, groups), whole, simple)


def _case(
    year: int,
    known: int,
    level: str,
    paths: SamplePaths,
    whole: pd.DataFrame,
    simple: Mapping[str, Mapping[str, Floats]],
) -> Case:
    came = np.array([whole[list(members)].sum(axis=1).to_numpy(float) for members in paths.members])
    booked, to_come = came[:, :known].sum(axis=1), came[:, known:]
    outturns = {ENGINE: booked + paths.mean.sum(axis=1)}
    for rule in BASELINES:
        rest = [sum(simple[name][rule].sum() for name in members) for members in paths.members]
        outturns[rule] = booked + np.array(rest)
    return Case(
        year,
        known,
        level,
        outturns,
        came.sum(axis=1),
        _held(paths.samples, to_come),
        _held(paths.samples.sum(axis=1), to_come.sum(axis=1)),
    )


def _held(samples: Floats, came: Floats) -> np.ndarray:
    """Whether the 80 and the 95 % interval of the samples (last axis) hold what came."""
    marks = np.quantile(samples, [0.1, 0.9, 0.025, 0.975], axis=-1)
    return np.array([(low <= came) & (came <= high) for low, high in (marks[:2], marks[2:])])


def wape(found: Sequence[Case], forecaster: str) -> float:
    """Absolute error of the outturn as a share of it, in percent."""
    missed = sum(float(np.abs(one.outturns[forecaster] - one.came).sum()) for one in found)
    return 100 * missed / sum(float(one.came.sum()) for one in found)


def run(
    console: Console, municipalities: int, children: int, folder: Path, workers: int = 1
) -> None:
    """For each of the two kinds of ledger: one table of errors per level, one of the intervals."""
    public = list(public_cases(workers))
    _show(console, public, "public spending")
    simulated = list(simulated_cases(folder, municipalities, children, workers))
    _show(console, simulated, f"{municipalities} simulated municipalities of {children} children")


def _show(console: Console, found: Sequence[Case], whose: str) -> None:
    for level in dict.fromkeys(one.level for one in found):
        console.print(_errors([one for one in found if one.level == level], whose, level))
    console.print(_intervals(found, whose))


def _errors(found: Sequence[Case], whose: str, level: str) -> Table:
    table = Table(title=f"Outturn of {whose}, {level}: WAPE in percent")
    for heading in ("known months", ENGINE, *BASELINES, "engine / best", "better than it"):
        table.add_column(heading, justify="right")
    for known in KNOWN:
        here = [one for one in found if one.known == known]
        theirs = {rule: wape(here, rule) for rule in BASELINES}
        best = min(theirs, key=lambda rule: theirs[rule])
        ours = wape(here, ENGINE)
        better = sum(wape([one], ENGINE) < wape([one], best) for one in here)
        cells = [f"{value:.2f}" for value in (ours, *theirs.values(), ours / theirs[best])]
        table.add_row(str(known), *cells, f"{better} of {len(here)}")
    return table


def _intervals(found: Sequence[Case], whose: str) -> Table:
    table = Table(title=f"Share held by the 80 / 95 % interval, in percent: {whose}")
    for heading in ("level", "months to come", "their sum to the year's end"):
        table.add_column(heading, justify="right")
    for level in dict.fromkeys(one.level for one in found):
        here = [one for one in found if one.level == level]
        months = [np.concatenate([one.months[i].ravel() for one in here]) for i in (0, 1)]
        years = [np.concatenate([one.years[i] for one in here]) for i in (0, 1)]
        cells = [
            " / ".join(f"{100 * held.mean():.1f}" for held in both) for both in (months, years)
        ]
        table.add_row(level, *cells)
    return table


def _shares(held: Sequence[np.ndarray]) -> str:
    return " / ".join(f"{100 * one.mean():.1f}" for one in held)
