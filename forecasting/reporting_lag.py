"""Months that are not closed: what is still to be booked of them, learnt from earlier loads.

Belongs here: how much of a month used to come later than tonight, the newest months completed by
it, how sure that is. Does not belong here: where what was known when is kept (the caller's), the
year's outturn with it (`to_come.py`, `outturn.py`), what is published as booked.

Of every month that loads have followed since before its end, and that is whole by now, it is known
what was still to come when it was as old as the newest months are tonight: as many months after it,
on the same day of the month, since bills and closings follow the calendar. Its share of the
month is drawn towards the whole portfolio's where few months tell; times the series' usual month
it is what is to come (Bornhuetter and Ferguson: a month whose one bill is late has nothing booked
that could be multiplied).
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from forecasting.history import Floats
from forecasting.kept_studies import KeptStudies
from forecasting.paths import SamplePaths, within
from forecasting.series import forecast
from forecasting.settings import QUARTER, YEAR
from forecasting.to_come import common_factor

COLUMNS = ["series_id", "month", "booked", "to_come", "spread"]
OPEN_MONTHS = QUARTER
"""The newest months that may not be closed."""
_WHOLE_DAYS = 120
_FEWEST_MONTHS = 3
_PRIOR_MONTHS = 6
_LEAST_SHARE = 0.005


@dataclass(frozen=True)
class Bookings:
    """When the months were booked: series_id, month, seen_on, value; of months that loads have
    followed since before their end. as_of: the night."""

    seen: pd.DataFrame
    as_of: pd.Timestamp


def open_months(history: pd.DataFrame, bookings: Bookings) -> pd.DataFrame:
    """What is still to come of the newest complete months: the columns of `COLUMNS`.

    history: series_id, month, value; complete months up to one last one. to_come, spread: expected
    amount and its standard deviation, in the unit of the history. No rows where fewer than three
    months were followed until they were whole, or nothing to speak of used to come late.
    """
    parts = []
    if not (history.empty or bookings.seen.empty):
        last = history["month"].max()
        wide = history.pivot(index="month", columns="series_id", values="value").fillna(0.0)
        whole = _whole(bookings)
        for age in range(OPEN_MONTHS):
            month = last - pd.DateOffset(months=age)
            if month in wide.index and len(whole) >= _FEWEST_MONTHS:
                parts.append(_of_month(month, wide, whole, bookings))
    filled = [part for part in parts if len(part)]
    if not filled:
        return pd.DataFrame(columns=COLUMNS)
    return pd.concat(filled).sort_values(["series_id", "month"], ignore_index=True)


def completed(history: pd.DataFrame, still: pd.DataFrame, deviations: float = 0.0) -> pd.DataFrame:
    """The history with what is still to come in its newest months.

    deviations: so many standard deviations more than expected; for how far a forecast depends on
    it. Other columns and the order of rows stay.
    """
    if still.empty:
        return history
    extra = still.set_index(["series_id", "month"])
    amount = (extra["to_come"] + deviations * extra["spread"]).rename("extra")
    wanted = pd.MultiIndex.from_frame(history[["series_id", "month"]])
    return history.assign(
        value=history["value"].to_numpy() + amount.reindex(wanted, fill_value=0.0).to_numpy()
    )


def widened(
    paths: SamplePaths,
    history: pd.DataFrame,
    still: pd.DataFrame,
    workers: int | None = None,
    kept: KeptStudies | None = None,
) -> SamplePaths:
    """The sample paths with what is not known of the newest months; means stay.

    paths: forecast from `completed(history, still)`. How far a forecast depends on its newest
    months is asked of the engine itself, without tries: once as expected, once with one standard
    deviation more. The series move together, as when a period is closed late for all.
    """
    if still.empty:
        return paths
    unsure = history[history["series_id"].isin(still["series_id"])][["series_id", "month", "value"]]
    settings = replace(paths.settings, origins=0, samples=20)
    usual, more = (
        forecast(completed(unsure, still, by), settings, workers=workers, kept=kept)
        for by in (0.0, 1.0)
    )
    moved = dict(zip(usual.series_ids, more.mean - usual.mean, strict=True))
    drawn = common_factor(paths.settings)
    samples = paths.samples.copy()
    for place, name in enumerate(paths.series_ids):
        if name in moved:
            wider = samples[place] + moved[name][:, None] * drawn
            samples[place] = within(wider, paths.mean[place], paths.signs[place])
    return replace(paths, samples=samples)


def _whole(bookings: Bookings) -> list[pd.Timestamp]:
    """The followed months that nothing more is expected of, the newest year of them."""
    months = sorted(bookings.seen["month"].unique())
    old = [month for month in months if _days(bookings.as_of, month) >= _WHOLE_DAYS]
    return [pd.Timestamp(month) for month in old[-YEAR:]]


def _days(day: pd.Timestamp, month: pd.Timestamp) -> int:
    """Days since the month's last one."""
    return int((day - (pd.Timestamp(month) + pd.offsets.MonthEnd(0))).days)


def _of_month(
    month: pd.Timestamp, wide: pd.DataFrame, whole: list[pd.Timestamp], bookings: Bookings
) -> pd.DataFrame:
    names = list(wide.columns)
    total, late = _late(names, _as_old(whole, month, bookings.as_of), bookings.seen)
    if total.sum() == 0:
        return pd.DataFrame(columns=COLUMNS)
    everywhere = float(late.sum() / total.sum())
    usual = total.mean(axis=0)
    count = len(whole)
    own = np.divide(
        late.sum(axis=0), total.sum(axis=0), out=np.full(len(names), everywhere), where=usual != 0
    )
    share = (count * np.clip(own, 0.0, 1.0) + _PRIOR_MONTHS * everywhere) / (count + _PRIOR_MONTHS)
    spread = np.sqrt(((late - share * usual) ** 2).sum(axis=0) / (count - 1))
    there = (share > _LEAST_SHARE) & (usual != 0)
    table = pd.DataFrame(
        {
            "series_id": names,
            "month": month,
            "booked": wide.loc[month].to_numpy(float),
            "to_come": share * usual,
            "spread": spread,
        }
    )
    return table[there]


def _as_old(
    whole: list[pd.Timestamp], month: pd.Timestamp, night: pd.Timestamp
) -> dict[pd.Timestamp, pd.Timestamp]:
    """The night on which each whole month was as old as `month` is on this one; the last day of a
    month stays a last day."""
    later = YEAR * (night.year - month.year) + night.month - month.month
    last_day = (night + pd.Timedelta(days=1)).day == 1
    nights = {}
    for one in whole:
        end = one + pd.DateOffset(months=later) + pd.offsets.MonthEnd(0)
        nights[one] = end if last_day else end.replace(day=min(night.day, end.day))
    return nights


def _late(
    names: list[str], nights: dict[pd.Timestamp, pd.Timestamp], seen: pd.DataFrame
) -> tuple[Floats, Floats]:
    """Months x series: all that was booked of the whole months, and what of it was first seen after
    each one's night."""
    known = seen[seen["month"].isin(list(nights))]
    after = known[known["seen_on"] > known["month"].map(nights)]

    def grid(rows: pd.DataFrame) -> Floats:
        summed = rows.groupby(["month", "series_id"])["value"].sum().unstack()
        return summed.reindex(index=list(nights), columns=names).fillna(0.0).to_numpy(float)

    return grid(known), grid(after)
