"""The studies of a whole portfolio: kept from before, or made, in as many processes as help.

Belongs here: the spreading over processes, what is fitted anew, progress. Does not belong here: the
study of one series (`backtest.py`), what comes of them all (`series.py`).
"""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial

from threadpoolctl import threadpool_limits

from forecasting.backtest import GivenByStart, Study, study
from forecasting.history import Series
from forecasting.kept_studies import KeptStudies, study_key
from forecasting.settings import ForecastSettings

Progress = Callable[[int, int], None]
_MOST_WORKERS = 8


@dataclass(frozen=True)
class _Task:
    """One series to study, with what is given from elsewhere and the key it is kept under."""

    series: Series
    given: GivenByStart
    key: str


def studies_of(
    series: Sequence[Series],
    settings: ForecastSettings,
    progress: Progress | None,
    workers: int | None,
    given: Mapping[str, GivenByStart],
    kept: KeptStudies | None,
) -> list[Study]:
    """One study per series, in their order: kept ones as they are, the others made, in processes
    where there are many (see `forecast` for progress, workers, given and kept)."""
    kept = kept if kept is not None else KeptStudies()
    found: list[Study | None] = []
    tasks = []
    for one in series:
        outside = given.get(one.series_id, {})
        task = _Task(one, outside, study_key(one, settings, outside))
        found.append(kept.find(task.key, one))
        if found[-1] is None:
            tasks.append(task)
    told = _after(len(series) - len(tasks), len(series), progress)
    made = iter(_made(tasks, settings, told, workers))
    keys = iter(task.key for task in tasks)
    studies = []
    for known in found:
        found_or_made = known or next(made)
        if known is None:
            kept.keep(next(keys), found_or_made)
        studies.append(found_or_made)
    return studies


def _after(done: int, total: int, progress: Progress | None) -> Progress | None:
    """Progress over all series, of which `done` need not be made."""
    if progress is None:
        return None
    told = progress
    if done:
        told(done, total)
    return lambda count, _: told(done + count, total)


def _made(
    tasks: Sequence[_Task],
    settings: ForecastSettings,
    progress: Progress | None,
    workers: int | None,
) -> list[Study]:
    count = _workers(len(tasks), settings, workers)
    if count > 1:
        try:
            return _collected(_in_processes(tasks, settings, count), len(tasks), progress)
        except BrokenProcessPool:
            # A script without a `__main__` guard cannot start processes; the work can be done here.
            pass
    return _collected((_study(task, settings) for task in tasks), len(tasks), progress)


def _study(task: _Task, settings: ForecastSettings) -> Study:
    # The matrices are small: a linear algebra library's threads would only wait for each other.
    with threadpool_limits(limits=1):
        return study(task.series, settings, task.given)


def _workers(count: int, settings: ForecastSettings, asked: int | None) -> int:
    if asked is not None and asked < 1:
        raise ValueError(f"workers must be at least 1, not {asked}")
    if multiprocessing.parent_process() is not None:
        return 1
    if asked is None:
        asked = min(os.cpu_count() or 1, _MOST_WORKERS) if count >= settings.pool_from else 1
    return min(asked, max(count, 1))


def _in_processes(
    tasks: Sequence[_Task], settings: ForecastSettings, workers: int
) -> Iterator[Study]:
    # "spawn" is what every system has, and does not copy locks of a running host process.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        yield from pool.map(partial(_study, settings=settings), tasks, chunksize=4)


def _collected(found: Iterator[Study], total: int, progress: Progress | None) -> list[Study]:
    studies = []
    for one in found:
        studies.append(one)
        if progress is not None:
            progress(len(studies), total)
    return studies
