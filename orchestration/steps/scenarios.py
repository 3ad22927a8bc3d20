"""Scenarios in the night and after it: the base's sample paths, and the kept scenarios on them.

What belongs here: keeping the paths of a run, making every kept scenario's rows of `raw.forecasts`.
What does not: scenario files (orchestration.scenario_files), the method (forecasting.scenarios).
"""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from forecasting.paths import SamplePaths
from forecasting.scenarios import Base, ScenarioError, changed, with_changes
from forecasting.settings import YEAR, ForecastSettings
from orchestration.scenario_files import kept, read_scenario
from orchestration.settings import ConfigurationError
from orchestration.state import State
from orchestration.steps.run_files import keep_run_file, published_run_file
from orchestration.steps.series_names import levels_of, placed_levels

_SUFFIX = ".npz"
MOST_PATHS = 400
"""Sample paths that are kept: so many that a percentile is told, few enough to lie about."""

_log = logging.getLogger("raaderum.scenarios")


def keep_paths(state: State, run_id: str, base: Base) -> None:
    """Keep a run's sample paths beside those of the published run, and no others."""
    arrays = {"homes": np.array(json.dumps(dict(base.homes)))}
    for name, paths in (("money", base.money), ("persons", base.persons)):
        arrays |= {f"{name}_{part}": array for part, array in _arrays(paths).items()}

    def write(path: Path) -> None:
        with path.open("wb") as handle:
            np.savez_compressed(handle, **arrays)  # type: ignore[arg-type]

    keep_run_file(state, run_id, _SUFFIX, write)


def published_base(state: State) -> Base:
    """The published run's forecast as sample paths. Raises Refusal where there is none."""
    path = published_run_file(state, _SUFFIX, "sample paths")
    with np.load(path, allow_pickle=False) as arrays:
        money, persons = (_paths(arrays, name) for name in ("money", "persons"))
        return Base(money, persons, json.loads(str(arrays["homes"])))


def scenario_levels(
    state: State,
    base: Base,
    money_levels: Sequence[SamplePaths],
    person_levels: Sequence[SamplePaths],
) -> Iterator[tuple[str, str, SamplePaths]]:
    """Every kept scenario on every level: its name, the measure, the level's paths.

    One that does not fit this night's forecast is left out with a warning: a what-if stops nothing.
    """
    for path in kept(state):
        try:
            result = changed(read_scenario(path).scenario, base, base.money.settings.seed)
        except (ScenarioError, ConfigurationError) as error:
            _log.warning("the scenario %s is left out: %s", path.stem, error)
            continue
        ids = sorted({*base.money.series_ids, *result.money})
        for level, sums in zip(money_levels, levels_of(ids), strict=True):
            yield result.name, "net_expenditure", with_changes(level, result.money, sums)
        if base.persons.series_ids:
            ids = sorted({*base.persons.series_ids, *result.persons})
            for level, sums in zip(person_levels, placed_levels(ids), strict=True):
                changes = with_changes(level, result.persons, sums)
                yield result.name, "full_year_persons", changes


def _arrays(paths: SamplePaths) -> dict[str, np.ndarray]:
    """A portfolio's paths as arrays: the first of each half, since the halves mirror each other."""
    half = paths.settings.samples // 2
    few = min(half, MOST_PATHS // 2)
    samples = np.concatenate(
        [paths.samples[:, :, :few], paths.samples[:, :, half : half + few]], axis=2
    )
    settings = paths.settings
    return {
        "series": np.array(paths.series_ids, dtype=str),
        "starts": np.array([f"{start:%Y-%m-%d}" for start in paths.starts], dtype=str),
        "signs": np.array(paths.signs, dtype=int),
        "mean": paths.mean,
        "samples": samples.astype(np.float32),
        "settings": np.array([settings.horizon, 2 * few, settings.seed, settings.decimals]),
    }


def _paths(arrays: Mapping[str, np.ndarray], name: str) -> SamplePaths:
    """What a scenario needs of a portfolio; past errors and explanations are not kept."""
    part = {key: arrays[f"{name}_{key}"] for key in ("series", "starts", "signs", "mean")}
    horizon, count, seed, decimals = (int(value) for value in arrays[f"{name}_settings"])
    settings = ForecastSettings(horizon=horizon, samples=count, seed=seed, decimals=decimals)
    series = tuple(str(one) for one in part["series"])
    return SamplePaths(
        series_ids=series,
        starts=tuple(pd.Timestamp(str(one)) for one in part["starts"]),
        members=tuple((one,) for one in series),
        signs=tuple(int(one) for one in part["signs"]),
        mean=part["mean"],
        samples=arrays[f"{name}_samples"].astype(float),
        errors=np.full((len(series), settings.origins, YEAR), np.nan),
        scales=np.zeros(len(series)),
        explanation=pd.DataFrame(),
        weights=pd.DataFrame(),
        settings=settings,
    )
