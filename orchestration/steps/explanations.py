"""Why a run's forecasts are as they are, kept beside its sample paths until the next is published.

What belongs here: the file that they are kept in. What does not: what is told
(forecasting.explained).
"""

from pathlib import Path

import pandas as pd

from forecasting.explained import explained
from forecasting.paths import SamplePaths
from orchestration.refusal import Refusal
from orchestration.state import State
from orchestration.steps.intake import published_run

_SUFFIX = ".explained.parquet"


def keep_explanations(state: State, run_id: str, *portfolios: SamplePaths) -> None:
    """Keep a run's explanations beside those of the published run, and no others."""
    state.paths.mkdir(parents=True, exist_ok=True)
    tables = [explained(paths) for paths in portfolios if paths.series_ids]
    filled = pd.concat(tables) if tables else explained(portfolios[0])
    path = _path(state, run_id)
    partial = path.with_name(path.name + ".part")
    filled.to_parquet(partial, index=False)
    partial.replace(path)
    for other in state.paths.glob("*" + _SUFFIX):
        if other not in (path, _path(state, published_run(state) or run_id)):
            other.unlink()


def published_explanations(state: State) -> pd.DataFrame:
    """The published run's: series_id, part, name, month, value. Raises Refusal where there are
    none."""
    run_id = published_run(state)
    if run_id is None:
        raise Refusal("nothing is published yet; run `raaderum run` first")
    path = _path(state, run_id)
    if not path.is_file():
        raise Refusal(
            f"the explanations of the published run {run_id} are not there; "
            "`raaderum run --full` makes them"
        )
    return pd.read_parquet(path)


def _path(state: State, run_id: str) -> Path:
    return state.paths / (run_id + _SUFFIX)
