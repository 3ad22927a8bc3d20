"""Known breaks of the forecast's series: from lines of reference data to the series meant.

What belongs here: reading `ref_known_breaks`, matching a line's scope with names of series. What
does not: what a break does to a history (forecasting.breaks).
"""

import duckdb
import pandas as pd

from forecasting.breaks import KnownBreak

MONEY, PERSONS = "net_expenditure", "full_year_persons"
_LINES = """
    select kind, measure, function, measure_type, relative_change,
        date_trunc('month', valid_from) as first,
        date_trunc('month', coalesce(valid_to, valid_from)) as last
    from reference.ref_known_breaks order by all
"""


def read_breaks(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """The lines of the reference data; dbt has checked them."""
    return connection.execute(_LINES).fetchdf()


def breaks_of(lines: pd.DataFrame, measure: str, series: pd.DataFrame) -> list[KnownBreak]:
    """The breaks of one measure, each with its series; a line that is about none is left out.

    series: series_id, measure_type and (of money) function; an empty cell of a line stands for all.
    """
    found = []
    for line in lines[lines["measure"] == measure].to_dict("records"):
        inside = pd.Series(True, index=series.index)
        for column in ("function", "measure_type"):
            if line[column] and not pd.isna(line[column]):
                inside &= series[column].astype(str) == line[column]
        change = line["relative_change"]
        names = frozenset(series.loc[inside, "series_id"])
        if names:
            known = None if pd.isna(change) else float(change)
            first, last = pd.Timestamp(line["first"]), pd.Timestamp(line["last"])
            found.append(KnownBreak(line["kind"], names, first, last, known))
    return found
