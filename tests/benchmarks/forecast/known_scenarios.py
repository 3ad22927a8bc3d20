"""Scenarios whose effect is known: do their intervals hold what came of them?

What belongs here: simulated ledgers of which one measure type is made dearer or cheaper by a share
that is drawn from what the scenario thinks possible, and what `scenarios.changed` said beforehand
of the year's difference and of the year's expenditure. What does not: changes in who is placed,
which a ledger alone does not show; effects measured afterwards (known_effects).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from forecasting.changes import Scenario
from forecasting.history import Floats
from forecasting.scenarios import Base, changed
from forecasting.series import ForecastSettings, forecast
from forecasting.settings import YEAR
from tests.benchmarks.forecast.known_effects import LARGEST, STARTS, kept_ledger

CHANGES = {"cheaper": (-0.35, -0.2, -0.05), "dearer": (0.0, 0.1, 0.3)}
"""Least, likeliest and greatest change of the price."""
_FUNCTION = "function=0|measure_type="


@dataclass(frozen=True)
class Held:
    """Whether the 80 % interval of the year's difference, and of its expenditure, held it."""

    change: str
    difference: bool
    expenditure: bool


def of_municipality(folder: Path, children: int, seed: int) -> Iterator[Held]:
    """Every start, each of the largest types, both changes; the truth is one draw of each."""
    ledger = kept_ledger(folder, children, seed)
    truth = np.random.default_rng(seed)
    for start in STARTS:
        known = ledger[ledger["month"] < start]
        named = known.assign(series_id=_FUNCTION + known["measure_type"])
        base = _base(named[["series_id", "month", "value"]])
        came = ledger[ledger["month"].isin(base.months)].groupby("measure_type")["value"].sum()
        size = known[known["measure_type"] != "other"].groupby("measure_type")["value"].sum()
        for target in map(str, size.nlargest(LARGEST).index):
            for name, marks in CHANGES.items():
                share = float(truth.triangular(*marks))
                yield _held(base, name, target, marks, share * came.get(target, 0.0), came.sum())


def _base(history: pd.DataFrame) -> Base:
    settings = ForecastSettings(horizon=YEAR)
    money = forecast(history, settings, workers=1)
    return Base(money, forecast(history.iloc[:0], settings), {})


def _held(
    base: Base,
    name: str,
    target: str,
    marks: tuple[float, float, float],
    difference: float,
    came: float,
) -> Held:
    low, expected, high = marks
    price = {
        "kind": "price",
        "start": f"{base.months[0]:%Y-%m}",
        "measure_types": [target],
        "change": {"low": low, "expected": expected, "high": high},
    }
    scenario = Scenario.model_validate({"name": name, "changes": [price]})
    cost = changed(scenario, base, ForecastSettings().seed).cost().sum(axis=0)
    year = base.money.samples.sum(axis=(0, 1)) + cost
    return Held(name, _inside(cost, difference), _inside(year, came + difference))


def _inside(futures: Floats, truth: float) -> bool:
    low, high = np.quantile(futures, [0.1, 0.9])
    return bool(low <= truth <= high)


def run(console: Console, municipalities: int, children: int, folder: Path) -> None:
    """One row per change."""
    seeds = range(1, municipalities + 1)
    found = [one for seed in seeds for one in of_municipality(folder, children, seed)]
    table = Table(title=f"Known scenarios over a year: {len(found)} cases, 80 % intervals")
    for heading in ("price of one type", "held the difference", "held the year's expenditure"):
        table.add_column(heading, justify="right")
    for name in CHANGES:
        rows = [one for one in found if one.change == name]
        counts = (sum(one.difference for one in rows), sum(one.expenditure for one in rows))
        table.add_row(name, *(f"{100 * count / len(rows):.1f} %" for count in counts))
    console.print(table)
