"""The engine beside its peers on public series: OWA, coverage, CRPS and processor time.

What belongs here: running each forecaster over each set, keeping what a peer said (it does not
change with the engine), and the two tables. What does not: sets and scores (public_sets), the
peers (peers).
"""

import resource
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from forecasting.series import ForecastSettings, forecast
from tests.benchmarks.forecast.peers import PEERS, SCUM, Told, median, tell
from tests.benchmarks.forecast.public_sets import (
    LEVELS,
    SETS,
    PublicSeries,
    covered,
    crps,
    owa,
    read_set,
)

FAST, THOROUGH = "fast", "thorough"
OURS = (FAST, THOROUGH)


@dataclass(frozen=True)
class Score:
    """One forecaster on one set."""

    owa: float
    crps: float
    held80: float
    held95: float
    milliseconds: float
    failed: int


def engine(series: Sequence[PublicSeries], thorough: bool, workers: int) -> list[Told]:
    """The engine's forecasts; each portfolio of the set is one call, as a night's would be."""
    told: dict[int, Told] = {}
    frame = pd.DataFrame(
        {"place": range(len(series)), "portfolio": [one.portfolio for one in series]}
    )
    horizon = max(len(one.came) for one in series)
    settings = ForecastSettings(horizon=horizon, thorough=thorough, common_end=False)
    for _, places in frame.groupby("portfolio")["place"]:
        history = pd.concat([_long(str(place), series[place]) for place in places])
        paths = forecast(history, settings, workers=workers)
        marks = np.quantile(paths.samples, LEVELS, axis=2)
        for row, name in enumerate(paths.series_ids):
            size = len(series[int(name)].came)
            told[int(name)] = Told(paths.mean[row, :size], marks[:, row, :size])
    return [told[place] for place in range(len(series))]


def _long(name: str, one: PublicSeries) -> pd.DataFrame:
    months = pd.date_range(one.first, periods=len(one.known), freq="MS")
    return pd.DataFrame({"series_id": name, "month": months, "value": one.known})


def _peer_timed(name: str, one: PublicSeries) -> tuple[Told, float]:
    with threadpool_limits(limits=1):
        started = time.process_time()
        told = tell(name, one)
        return told, time.process_time() - started


def peer(
    name: str, series: Sequence[PublicSeries], keep: Path, workers: int
) -> tuple[list[Told], float]:
    """What a peer says of each series, and its processor milliseconds per series; from the file
    `keep` where it was asked before."""
    if keep.is_file():
        kept = np.load(keep)
        found = [
            (Told(path, marks, bool(failed)), float(took))
            for path, marks, failed, took in zip(
                kept["paths"], kept["quantiles"], kept["failed"], kept["took"], strict=True
            )
        ]
    else:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            found = list(pool.map(partial(_peer_timed, name), series, chunksize=8))
        keep.parent.mkdir(parents=True, exist_ok=True)
        np.savez(
            keep,
            paths=np.array([told.path for told, _ in found]),
            quantiles=np.array([told.quantiles for told, _ in found]),
            failed=np.array([told.failed for told, _ in found]),
            took=np.array([took for _, took in found]),
        )
    return [told for told, _ in found], 1000 * float(np.mean([took for _, took in found]))


def score(series: list[PublicSeries], told: list[Told], milliseconds: float) -> Score:
    """Every figure of one forecaster on one set."""
    quantiles = [one.quantiles for one in told]
    return Score(
        owa(series, [one.path for one in told]),
        crps(series, quantiles),
        covered(series, quantiles, 0.80),
        covered(series, quantiles, 0.95),
        milliseconds,
        sum(one.failed for one in told),
    )


def of_set(
    name: str, peers: Iterable[str], ours: Iterable[str], every: int, folder: Path, workers: int
) -> dict[str, Score]:
    """forecaster -> score, on every `every`-th series of a set."""
    series = read_set(name)[::every]
    scores: dict[str, Score] = {}
    asked: dict[str, list[Told]] = {}
    for one in peers:
        keep = folder / f"{name}-{every}-{one}.npz"
        asked[one], milliseconds = peer(one, series, keep, workers)
        scores[one] = score(series, asked[one], milliseconds)
    if all(member in asked for member in SCUM):
        pooled = [median(list(row)) for row in zip(*(asked[m] for m in SCUM), strict=True)]
        cost = sum(scores[member].milliseconds for member in SCUM)
        scores["SCUM"] = replace(score(series, pooled, cost), milliseconds=cost)
    for one in ours:
        started = _processor_seconds()
        told = engine(series, one == THOROUGH, workers)
        took = 1000 * (_processor_seconds() - started) / len(series)
        scores[one] = score(series, told, took)
    return scores


def _processor_seconds() -> float:
    """Of this process and of those that it has started and seen the end of."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)


def show(found: dict[str, dict[str, Score]], console: Console) -> None:
    """The two tables: accuracy, then intervals."""
    names = list(dict.fromkeys(name for scores in found.values() for name in scores))
    accuracy = Table(title="OWA against Naive2 (less is better); ms per series and core")
    intervals = Table(title="Share held by the 80 / 95 % interval, and CRPS in units of MASE")
    for table in (accuracy, intervals):
        table.add_column("forecaster")
        for name in found:
            table.add_column(name, justify="right")
    accuracy.add_column("mean", justify="right")
    for name in names:
        rows = [scores.get(name) for scores in found.values()]
        whole = [one for one in rows if one is not None]
        mean = f"{np.mean([one.owa for one in whole]):.3f}" if len(whole) == len(rows) else "-"
        accuracy.add_row(name, *map(_accuracy, rows), mean)
        intervals.add_row(name, *map(_interval, rows))
    console.print(accuracy, intervals)


def _accuracy(one: Score | None) -> str:
    if one is None:
        return "-"
    failed = f", {one.failed} failed" if one.failed else ""
    return f"{one.owa:.3f} ({one.milliseconds:.0f} ms{failed})"


def _interval(one: Score | None) -> str:
    return "-" if one is None else f"{one.held80:.0f} / {one.held95:.0f}, {one.crps:.3f}"


def run(
    console: Console,
    folder: Path,
    sets: Sequence[str] = SETS,
    peers: Sequence[str] = tuple(PEERS),
    every: int = 1,
    workers: int = 1,
) -> None:
    """Both tables; each set is shown as soon as it is done, since a run takes hours."""
    found: dict[str, dict[str, Score]] = {}
    for name in sets:
        found[name] = of_set(name, peers, OURS, every, folder, workers)
        show({name: found[name]}, console)
    show(found, console)
