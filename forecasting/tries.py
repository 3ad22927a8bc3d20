"""What the night's own rolling origins forecast: the engine's memory before it has any.

Belongs here: turning the errors that `weights.py` leaves into the forecasts that were tried.
Does not belong here: measuring them, or scoring them beside rules of thumb (the warehouse does).
"""

import numpy as np
import pandas as pd

from forecasting.history import Floats, filled, tidy
from forecasting.paths import SamplePaths
from forecasting.settings import YEAR

COLUMNS = ["series_id", "origin_month", "target_month", "horizon_months", "mean"]


def tried_forecasts(history: pd.DataFrame, paths: SamplePaths) -> pd.DataFrame:
    """One row per series (or sum), past origin and month ahead: what would have been forecast.

    history: the bottom series' long table that `paths` was forecast from.
    origin_month: the last month that was known. mean: in the unit of the history, with the weights
    that the other origins give, so that no try has chosen its own; a sum's members that were too
    short to be tried (at most `covered_share` of it is) count as they came.
    """
    known = {
        one.series_id: pd.Series(
            filled(one.values), pd.date_range(one.first, periods=len(one.values), freq="MS")
        )
        for one in tidy(history, common_end=paths.settings.common_end)
    }
    parts = [
        _of_series(paths, place, [known[member] for member in members])
        for place, members in enumerate(paths.members)
    ]
    found = [part for part in parts if len(part)]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=COLUMNS)


def _of_series(paths: SamplePaths, place: int, members: list[pd.Series]) -> pd.DataFrame:
    step, rows = paths.settings.origin_step, []
    for number, errors in enumerate(paths.errors[place]):
        if np.isnan(errors).any():
            continue
        first = paths.starts[place] - pd.DateOffset(months=YEAR + number * step)
        months = pd.date_range(first, periods=YEAR, freq="MS")
        came: Floats = np.sum([one.reindex(months, fill_value=0.0) for one in members], axis=0)
        mean = np.round(came - errors, paths.settings.decimals) + 0.0
        rows.append(
            pd.DataFrame(
                {
                    "series_id": paths.series_ids[place],
                    "origin_month": first - pd.DateOffset(months=1),
                    "target_month": months,
                    "horizon_months": np.arange(1, YEAR + 1),
                    "mean": mean,
                }
            )
        )
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=COLUMNS)
