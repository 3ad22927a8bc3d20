"""What the cockpit reads: the reporting tables in one known form, and its own settings.

Belongs here: columns, types and years of the frames. Not here: anything that a reader sees.
"""

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

HERE = Path(__file__).parent
Frames = dict[str, pd.DataFrame]


@cache
def settings() -> dict[str, Any]:
    """The rules of `settings.yml`."""
    return dict(yaml.safe_load((HERE / "settings.yml").read_text(encoding="utf-8")))


def read(frames: Mapping[str, pd.DataFrame]) -> Frames:
    """The tables with the columns of `columns.yml`, years limited to those that are offered.

    Raises ValueError when rpt_run has no row.
    """
    declared = yaml.safe_load((HERE / "columns.yml").read_text(encoding="utf-8"))
    result = {
        name: _typed(frames.get(name, pd.DataFrame()), columns)
        for name, columns in declared.items()
    }
    if result["rpt_run"].empty:
        raise ValueError("rpt_run has no row: there is no run to show")
    first = int(result["rpt_run"]["current_year"].iloc[0]) - settings()["years_back"]
    for name in ("rpt_outturn", "rpt_activity_year"):
        table = result[name]
        result[name] = table[table["year"] >= first].sort_values("year", kind="stable")
    return result


def _typed(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """The frame with at least those columns: decimals as floats, flags as booleans, dates."""
    table = frame.reindex(columns=list(dict.fromkeys([*columns, *frame.columns])))
    table = table.reset_index(drop=True)
    for column in table.columns:
        if any(isinstance(cell, Decimal) for cell in table[column]):
            table[column] = pd.to_numeric(table[column], errors="coerce").astype(float)
    for column in table.columns.intersection(["suppressed", "is_complete"]):
        table[column] = table[column].isin([True])
    for column in table.columns.intersection(["month", "quarter", "loaded_at", "as_of"]):
        table[column] = pd.to_datetime(table[column])
    return table
