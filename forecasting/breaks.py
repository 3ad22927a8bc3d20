"""Known breaks: a history joined over level shifts, and without months that will not come again.

Belongs here: what a break that somebody has told of does to the months that are fitted and tried.
Does not belong here: finding breaks (nobody is asked to believe a found one), which series a break
is about (the caller's), what is published as booked: that is never touched.

A level shift multiplies the months before it by how much the level changed: as told, or as the
months after it compare with the same months a year before, over all series of the break together,
since the months of a single small series say little. A one-off month is replaced as an unknown one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from forecasting.history import Series, filled, tidy
from forecasting.settings import QUARTER, YEAR

Kind = Literal["level_shift", "one_off"]


@dataclass(frozen=True)
class KnownBreak:
    """One break.

    series: the bottom series that it is about. first, last: its months; of a level shift `first` is
    the first month on the new level, and `last` says nothing. change: relative size of a level
    shift (0.3: thirty per cent more); None: it is estimated once a quarter has come.
    """

    kind: Kind
    series: frozenset[str]
    first: pd.Timestamp
    last: pd.Timestamp
    change: float | None = None


def joined(history: pd.DataFrame, breaks: Sequence[KnownBreak]) -> pd.DataFrame:
    """The history as if its newest level had always held and no one-off had come.

    history: series_id, month, value and any other columns that name the series; complete up to one
    last month. Series without a break come back as they were. Months before a shift are left out
    where its size is no factor (nothing was there before, or the sign turned).
    """
    touched = frozenset[str]().union(*(one.series for one in breaks))
    is_touched = history["series_id"].isin(touched)
    if not is_touched.any():
        return history
    wide = _wide([one for one in tidy(history, common_end=True) if one.series_id in touched])
    for one in breaks:
        if one.kind == "one_off":
            wide.loc[one.first : one.last, _columns(wide, one)] = np.nan
    # The newest first: an older shift is then measured between two sides on today's level.
    for one in sorted(breaks, key=lambda found: found.first, reverse=True):
        if one.kind == "level_shift":
            _join(wide, one)
    mended = wide.apply(_without_gaps).melt(
        ignore_index=False, var_name="series_id", value_name="value"
    )
    values = mended.dropna().rename_axis("month").reset_index()
    names = history[is_touched].drop(columns=["month", "value"]).drop_duplicates("series_id")
    parts = [history[~is_touched], names.merge(values, on="series_id")[list(history.columns)]]
    both = pd.concat([part for part in parts if len(part)])
    return both.sort_values(["series_id", "month"], ignore_index=True)


def events(
    booked: pd.DataFrame, fitted: pd.DataFrame, breaks: Sequence[KnownBreak]
) -> pd.DataFrame:
    """What the breaks added to (or took from) what was booked: series_id, month, name, value.

    booked: series_id, month, value. fitted: the same, `joined` by the breaks. value: booked less
    fitted, in the series' unit; all that was booked in a month that is left out. name:
    `level_shift`, `one_off`, or both with a plus. Rows of the months that a break changes alone.
    """
    keys = ["series_id", "month"]
    both = booked[[*keys, "value"]].merge(
        fitted[[*keys, "value"]], on=keys, how="left", suffixes=("", "_fitted")
    )
    value = both["value"].fillna(0.0) - both["value_fitted"].fillna(0.0)
    told = both[keys].assign(name=_names_of(both, breaks), value=value)
    return told[(told["value"] != 0) & (told["name"] != "")].reset_index(drop=True)


def _names_of(months: pd.DataFrame, breaks: Sequence[KnownBreak]) -> list[str]:
    """Per row of series_id and month: the kinds of the breaks that change it."""
    found = {kind: pd.Series(False, index=months.index) for kind in get_args(Kind)}
    for one in breaks:
        if one.kind == "one_off":
            inside = (months["month"] >= one.first) & (months["month"] <= one.last)
        else:
            inside = months["month"] < one.first
        found[one.kind] |= months["series_id"].isin(one.series) & inside
    kinds = np.array(list(found))
    return ["+".join(kinds[row]) for row in pd.DataFrame(found).to_numpy(bool)]


def without_hindsight(
    tried: pd.DataFrame, members: Mapping[str, Sequence[str]], breaks: Sequence[KnownBreak]
) -> pd.DataFrame:
    """The tries that no break flatters: those of months past a shift that the origin lay before,
    and of one-off months, are left out; what was known of the break only later would count as
    skill.

    tried: series_id, origin_month, target_month, …; members: series (or sum) -> its bottom series.
    """
    months, origins = tried["target_month"], tried["origin_month"]
    flattered = pd.Series(False, index=tried.index)
    for one in breaks:
        hit = {name for name, bottoms in members.items() if one.series & set(bottoms)}
        if one.kind == "one_off":
            inside = (months >= one.first) & (months <= one.last)
        else:
            inside = (origins < one.first) & (months >= one.first)
        flattered |= tried["series_id"].isin(hit) & inside
    return tried[~flattered]


def _wide(series: Sequence[Series]) -> pd.DataFrame:
    """Months x series; before a series' first month, and where it is unknown, NaN."""
    columns = {
        one.series_id: pd.Series(
            one.values, pd.date_range(one.first, periods=len(one.values), freq="MS")
        )
        for one in series
    }
    return pd.DataFrame(columns)


def _columns(wide: pd.DataFrame, one: KnownBreak) -> list[str]:
    return [name for name in wide.columns if name in one.series]


def _join(wide: pd.DataFrame, one: KnownBreak) -> None:
    """Put the months before a shift on the level after it, or empty them where they cannot be."""
    names = _columns(wide, one)
    before = wide.index < one.first
    if not names or not before.any() or before.all():
        return
    times = 1 + one.change if one.change is not None else _factor(wide[names], one.first)
    if times is None:
        return
    wide.loc[before, names] *= times if 0 <= times < np.inf else np.nan


def _factor(wide: pd.DataFrame, first: pd.Timestamp) -> float | None:
    """How many times the level before is the level after: the first year after the shift over the
    same months a year before. Infinite where nothing was there before, negative where the sign
    turned; None where less than a quarter can be compared."""
    months = pd.date_range(first, periods=YEAR, freq="MS")
    after = wide.reindex(months)
    earlier = wide.reindex(months - pd.DateOffset(years=1)).set_axis(months)
    both = after.notna() & earlier.notna()
    if both.any(axis=1).sum() < QUARTER:
        return None
    total, base = (float(side.where(both).sum().sum()) for side in (after, earlier))
    if base == 0:
        return 1.0 if total == 0 else float("inf")
    return total / base


def _without_gaps(column: pd.Series) -> pd.Series:
    """A series with its unknown months replaced, from its first known one on; nothing but unknown
    ones had nothing booked."""
    known = np.flatnonzero(column.notna())
    if not len(known):
        return column.fillna(0.0)
    rest = column.iloc[known[0] :]
    return pd.Series(filled(rest.to_numpy(dtype=float)), rest.index).reindex(column.index)
