"""Why a run's forecasts are as they are, kept beside its sample paths until the next is published.

What belongs here: writing and reading them. What does not: what is told (forecasting.explained).
"""

import pandas as pd

from orchestration.state import State
from orchestration.steps.run_files import keep_run_file, published_run_file

_SUFFIX = ".explained.parquet"


def keep_explanations(state: State, run_id: str, *portfolios: pd.DataFrame) -> None:
    """Keep a run's explanations (each as of `explained`) beside those of the published run, and no
    others."""
    tables = [table for table in portfolios if len(table)]
    filled = pd.concat(tables) if tables else portfolios[0]
    keep_run_file(state, run_id, _SUFFIX, lambda path: filled.to_parquet(path, index=False))


def published_explanations(state: State) -> pd.DataFrame:
    """The published run's: series_id, part, name, month, value. Raises Refusal where there are
    none."""
    return pd.read_parquet(published_run_file(state, _SUFFIX, "explanations"))
