"""The names of the forecast's series and levels.

What belongs here: how a series is called and what adds up to what. What does not: reading them.
"""

from collections.abc import Sequence

import pandas as pd

TOTAL = "total"
PLACED = "category=placement"
"""The sum of all types of placement, in full-year persons."""


def bottom_name(function: str, measure_type: str) -> str:
    """The name of a bottom series: one function and one measure type."""
    return f"function={function}|measure_type={measure_type}"


def bottom_series(money: pd.DataFrame) -> pd.DataFrame:
    """function, measure_type, net_expenditure -> the same with series_id and value."""
    function = money["function"].astype(str)
    kind = money["measure_type"].astype(str)
    return money.rename(columns={"net_expenditure": "value"}).assign(
        series_id="function=" + function + "|measure_type=" + kind
    )


def type_series(activity: pd.DataFrame) -> pd.DataFrame:
    """measure_type, … -> the same with series_id."""
    return activity.assign(series_id="measure_type=" + activity["measure_type"].astype(str))


def groups(bottoms: pd.DataFrame) -> list[dict[str, list[str]]]:
    """The upper levels over the bottom series: functions, measure types, the total."""
    unique = bottoms.drop_duplicates("series_id")
    levels = []
    for level in ("function", "measure_type"):
        grouped = unique.groupby(level)["series_id"]
        levels.append({f"{level}={key}": sorted(ids) for key, ids in grouped})
    everything = sorted(unique["series_id"])
    return [*levels, {TOTAL: everything} if everything else {}]


def levels_of(bottoms: Sequence[str]) -> list[dict[str, list[str]]]:
    """The bottom series themselves, then the levels of `groups`, from the series' names."""
    names = pd.Series(sorted(bottoms), dtype=str)
    parts = names.str.extract(r"^function=(?P<function>.*)\|measure_type=(?P<measure_type>.*)$")
    return [{name: [name] for name in names}, *groups(parts.assign(series_id=names))]


def placed_levels(types: Sequence[str]) -> list[dict[str, list[str]]]:
    """The types of placement themselves, and the sum of them."""
    return [{name: [name] for name in sorted(types)}, {PLACED: sorted(types)}]
