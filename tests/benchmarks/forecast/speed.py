"""Milliseconds per series and core, and memory, by size of the portfolio; beside two peers.

What belongs here: made-up series of 5 to 12 years, the whole engine with its tries on each size,
stock Prophet and AutoETS in the same run (a sample of them: they are slow). What does not: a night
(night). Each size runs in a process of its own, since memory that was once held is not given back.
"""

import resource
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from forecasting.history import Floats
from forecasting.kept_studies import KeptStudies
from forecasting.series import ForecastSettings, forecast
from forecasting.settings import YEAR
from tests.benchmarks.forecast.peers import tell
from tests.benchmarks.forecast.public_sets import PublicSeries

_FIRST = pd.Timestamp("2015-01-01")
_PEERS = {"Prophet": 20, "AutoETS": 100}


def made(count: int, seed: int = 1) -> Iterator[Floats]:
    """Wandering levels with a season, of 60 to 144 months."""
    chance = np.random.default_rng(seed)
    for _ in range(count):
        size = int(chance.integers(60, 145))
        level = 1e6 * np.exp(np.cumsum(chance.normal(0.002, 0.03, size)))
        season = 1 + 0.1 * np.sin(2 * np.pi * (np.arange(size) + chance.integers(YEAR)) / YEAR)
        yield level * season * np.exp(chance.normal(0, 0.05, size))


def measure(count: int) -> tuple[float, float, float]:
    """Milliseconds per series, those of a second time with every fit kept, and megabytes."""
    parts = []
    for number, values in enumerate(made(count)):
        months = pd.date_range(_FIRST, periods=len(values), freq="MS")
        parts.append(pd.DataFrame({"series_id": f"s{number}", "month": months, "value": values}))
    history = pd.concat(parts)
    settings = ForecastSettings(common_end=False, samples=100)
    # What numba compiles once per machine is no part of it.
    forecast(parts[0], settings, workers=1)
    took = []
    kept = KeptStudies()
    for _ in range(2):
        started = time.process_time()
        forecast(history, settings, workers=1, kept=kept)
        took.append(1000 * (time.process_time() - started) / count)
        kept = KeptStudies(before=dict(kept.now))
    return took[0], took[1], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _peer(name: str) -> float:
    series = [
        PublicSeries(str(place), "", _FIRST, values, np.zeros(YEAR))
        for place, values in enumerate(made(_PEERS[name]))
    ]
    tell(name, series[0])
    with threadpool_limits(limits=1):
        started = time.process_time()
        for one in series:
            tell(name, one)
    return 1000 * (time.process_time() - started) / len(series)


def run(console: Console, sizes: tuple[int, ...]) -> None:
    """One row per size, one per peer."""
    table = Table(title="Processor time per series, 60-144 months, horizon 12")
    for heading in ("forecaster", "series", "ms per series", "ms with fits kept", "peak MB"):
        table.add_column(heading, justify="right")
    for count in sizes:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            first, again, memory = pool.submit(measure, count).result()
        table.add_row(
            "engine, fast", f"{count:,}", f"{first:.1f}", f"{again:.2f}", f"{memory:,.0f}"
        )
    for name, count in _PEERS.items():
        table.add_row(name, f"{count:,}", f"{_peer(name):.1f}", "-", "-")
    console.print(table)
