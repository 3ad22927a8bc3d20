"""The year's outturn of simulated municipalities, forecast from 0, 3, 6 and 9 known months.

What belongs here: what the case register forecasts (volume × price, commitments), beside the rules
of thumb and, where asked for, the engine from the ledger alone and as at night, with both. What
does not: public series. The warehouse is built without its tests, once per municipality.
"""

import os
import subprocess
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pandas as pd
from rich.console import Console
from rich.table import Table

from forecasting.baselines import baselines
from forecasting.given import Origin
from forecasting.series import ForecastSettings, forecast
from forecasting.settings import YEAR
from orchestration.manifest import PROJECT, dbt_executable
from orchestration.settings import read_settings
from orchestration.state import State
from orchestration.steps.case_register import (
    CaseRegister,
    given_forecasts,
    read_register,
    register_forecasts,
)
from orchestration.steps.intake import take_in
from orchestration.steps.series_names import bottom_series
from tests.benchmarks.warehouse import CONFIGURATION
from tests.faults.stage import KEY, raaderum

KNOWN = (0, 3, 6, 9)
LEDGER, NIGHT = "engine, ledger alone", "engine, as at night"
_MODELS = (
    "int_forecast_series",
    "int_commitment_register",
    "int_plan_versions",
    "int_volume_series",
    "ref_price_index",
)


def municipality(folder: Path, children: int, seed: int) -> State:
    """A simulated municipality with what the forecast reads of its warehouse; kept where it is."""
    state = State(folder / "var")
    if state.warehouse.is_file():
        return state
    folder.mkdir(parents=True, exist_ok=True)
    asked = ["simulate", "--out", "demo", "--children", str(children), "--seed", str(seed)]
    environment = {**os.environ, "RAADERUM_HOME": str(state.home), "RAADERUM_PSEUDONYM_KEY": KEY}
    subprocess.run(
        [raaderum(), *asked], cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL
    )
    (folder / "raaderum.toml").write_text(CONFIGURATION, encoding="utf-8")
    state.prepare()
    take_in(read_settings(folder / "raaderum.toml"), state, KEY.encode(), datetime.now(UTC).date())
    subprocess.run(
        [
            *(dbt_executable(), "build", "--select", *(f"+{model}" for model in _MODELS)),
            *("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"),
            *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
            *("--target-path", str(state.home / "target"), "--log-path", str(state.log)),
        ],
        env={**os.environ, **state.environment()},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return state


def read(state: State) -> tuple[pd.DataFrame, CaseRegister]:
    """The bottom series and the case register."""
    with duckdb.connect(str(state.warehouse), read_only=True) as connection:
        money = connection.execute(
            "select function, measure_type, month, net_expenditure::double as net_expenditure"
            " from intermediate.int_forecast_series order by all"
        ).fetchdf()
        return bottom_series(money), read_register(connection)


def outturns(
    bottoms: pd.DataFrame, register: CaseRegister, years: int, engine: bool
) -> pd.DataFrame:
    """series_id, year, known, method, value (DKK to come), actual (DKK that came), one row each, of
    the last `years` whole years. A method that says nothing of a series takes the engine's word,
    where it runs, else last year's outturn."""
    last = pd.Timestamp(bottoms["month"].max())
    newest = last.year if last.month == YEAR else last.year - 1
    wanted = [
        Origin(pd.Timestamp(year, known + 1, 1) - pd.DateOffset(months=1), YEAR - known)
        for year in range(newest - years + 1, newest + 1)
        for known in KNOWN
    ]
    found = pd.concat(register_forecasts(register, bottoms, wanted))
    given = found.groupby(["origin_month", "series_id", "candidate"])["value"].sum()
    rows = [
        row
        for origin in wanted
        for row in _of_origin(
            bottoms, register if engine else None, origin, given.get(origin.month)
        )
    ]
    columns = ["series_id", "year", "known", "method", "value", "actual", "size"]
    return pd.DataFrame(rows, columns=columns)


def _of_origin(
    bottoms: pd.DataFrame, register: CaseRegister | None, origin: Origin, given: pd.Series | None
) -> Iterator[tuple[object, ...]]:
    """One row per series and method."""
    wide = bottoms.pivot(index="month", columns="series_id", values="value").fillna(0.0)
    past = wide[wide.index <= origin.month]
    year = (origin.month + pd.DateOffset(months=1)).year
    whole = wide[wide.index.year == year]
    known = YEAR - origin.horizon
    ours = _engines(bottoms[bottoms["month"] <= origin.month], register, origin.horizon)
    for name in wide.columns:
        values = past[name].to_numpy(float)
        if not values[-YEAR:].any():
            continue
        came = float(whole[name].iloc[known:].sum())
        rules = baselines(values, origin.month.month, origin.horizon)
        methods = {rule: float(rules[rule].sum()) for rule in ("last_year", "run_rate", "profile")}
        methods |= {engine: told.get(name, 0.0) for engine, told in ours.items()}
        fallback = methods.get(LEDGER, methods["last_year"])
        told = {} if given is None else given.get(name, pd.Series(dtype=float)).to_dict()
        for candidate in ("volume_price", "commitments"):
            methods[candidate] = float(told.get(candidate, fallback))
        size = abs(float(whole[name].sum()))
        for method, value in methods.items():
            yield name, year, known, method, value, came, size


def _engines(
    past: pd.DataFrame, register: CaseRegister | None, horizon: int
) -> dict[str, dict[str, float]]:
    """engine -> series_id -> what it expects of the months to come; nothing without a register."""
    if register is None:
        return {}
    settings = ForecastSettings(horizon=YEAR, samples=20)
    history = past[["series_id", "month", "value"]]
    candidates = given_forecasts(register, past, settings).candidates
    found = {}
    for name, given in ((LEDGER, None), (NIGHT, candidates)):
        paths = forecast(history, settings, workers=1, given=given)
        totals = paths.mean[:, :horizon].sum(axis=1)
        found[name] = dict(zip(paths.series_ids, totals.tolist(), strict=True))
    return found


def errors(table: pd.DataFrame) -> pd.DataFrame:
    """WAPE of the year's outturn in per cent: level × known months and method."""
    miss = table.assign(miss=table["value"] - table["actual"])
    keys = ["known", "method", "year"]
    total = miss.groupby(["municipality", *keys])[["miss", "size"]].sum().reset_index()
    parts = []
    for level, frame in (("series", miss), ("total", total)):
        lost = frame.assign(lost=frame["miss"].abs()).groupby(["known", "method"])
        sums = lost[["lost", "size"]].sum()
        parts.append((100 * sums["lost"] / sums["size"]).rename(level))
    return pd.concat(parts, axis=1).reset_index()


def run(
    console: Console,
    sizes: Sequence[int],
    seeds: Sequence[int],
    years: int,
    engine: bool,
    folder: Path,
) -> None:
    """One table per size: the last `years` whole years of one municipality per seed, which is
    simulated into `folder` and kept there. engine: the engine too, which is much slower."""
    for children in sizes:
        tables = []
        for seed in seeds:
            bottoms, register = read(municipality(folder / f"{children}-{seed}", children, seed))
            found = outturns(bottoms, register, years, engine)
            tables.append(found.assign(municipality=seed))
        title = f"{children:,} children, {len(seeds)} municipalities, {years} years"
        console.print(_shown(errors(pd.concat(tables)), title))


def _shown(table: pd.DataFrame, title: str) -> Table:
    shown = Table(title=f"WAPE of the year's outturn, per cent: {title}")
    shown.add_column("method")
    for level in ("series", "total"):
        for known in KNOWN:
            shown.add_column(f"{level} k={known}", justify="right")
    for method in dict.fromkeys(table["method"]):
        part = table[table["method"] == method].set_index("known")
        cells = [
            f"{part.loc[known, level]:.1f}" for level in ("series", "total") for known in KNOWN
        ]
        shown.add_row(method, *cells)
    return shown
