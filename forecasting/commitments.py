"""Commitments: how long what runs today will go on, what begins beside it, and what both cost.

Belongs here: the life table of measures, the survival of those that run, new inflow. Does not
belong here: reading the case register, what a unit of agreed price is booked as (`given.py`), the
commitments at face value (the warehouse's `committed_amount`).

Planned ends slip: taken at face value they were 37 % too low after three months. So a measure's end
comes from how long its like have lasted (Kaplan-Meier, grouped by months elapsed, over the newest
three years); the months left to its plan only move that risk, by as much as plans that were known
at the time have moved it. Age limits are hard exits, an end that is registered for a coming day is
kept, and what is granted to begin later begins then.

From a past origin only what was known there counts: no measure that had not begun (unless a kept
version of the register shows that it was known), no end that was yet to come, no plan but the one
on record then. A register without history cannot tell its earlier plans, so none is used: the plan
on record today was put off again and again, and gives the end away.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecasting.given import (
    COLUMNS,
    Origin,
    month_number,
    on_grid,
    price_levels,
    priced,
    rows,
)
from forecasting.history import Floats
from forecasting.settings import YEAR

CANDIDATE = "commitments"
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_NEVER = 10**6
"""A month that no measure reaches."""
_WINDOW = 3 * YEAR
"""Newest months that the life table is taken from: practice changes."""
_INFLOW_WINDOW = 2 * YEAR
_INFLOW_HALF_LIFE = 9.0
_PRIOR_EXPOSURE = 12.0
"""Months at risk that the category's life table counts for beside a type's own, per bin."""
_PRIOR_EXITS = 8.0
"""Exits that "a plan says nothing" counts for, per bin of months to plan."""
_ELAPSED = np.array([0, 1, 2, 3, 6, 9, 12, 18, 24, 36, 60, 120])
_TO_PLAN = np.array([-_NEVER, -3, 0, 1, 4, 13])
"""Months from now to the planned end: long past, just past, now, within 3, within 12, later."""
_MOST_FACTOR = 5.0


@dataclass(frozen=True)
class Register:
    """The case register as arrays, one place per measure; months are whole numbers.

    kind, pool: number of its series, and of the category that shares a life table. begin, end:
    months; end is `_NEVER` where none is registered. share_first, share_last: how much of the first
    and last month it is there. known: the month from which it was on record. limit: last month
    before an age limit. counts: whether its end is an end, not a new name for the same. once: paid
    once, in its first month. price: DKK of a whole month at the level of month number 0.
    """

    series: tuple[str, ...]
    kind: Ints
    pool: Ints
    begin: Ints
    end: Ints
    share_first: Floats
    share_last: Floats
    known: Ints
    limit: Ints
    counts: Bools
    once: Bools
    price: Floats
    key: npt.NDArray[np.object_]


@dataclass(frozen=True)
class _Plans:
    """Versions of planned ends: measure's place, known from and until (months), planned month."""

    place: Ints
    since: Ints
    until: Ints
    plan: Ints

    def at(self, size: int, month: int) -> Ints:
        """The plan of every measure as it was on record when `month` began; `_NEVER` for none."""
        out = np.full(size, _NEVER)
        there = (self.since < month) & (self.until >= month)
        out[self.place[there]] = self.plan[there]
        return out


@dataclass(frozen=True)
class _Risk:
    """Monthly risks: pools × elapsed bins of each series, factors by bin of months to plan, and
    how much of its last month an ending measure is there."""

    by_kind: Floats
    by_plan: Floats
    last_share: float
    first_share: float


def commitments(
    register: pd.DataFrame,
    plans: pd.DataFrame,
    money: pd.DataFrame,
    price_index: Mapping[int, float],
    wanted: Sequence[Origin],
    watched_from: pd.Timestamp | None = None,
) -> pd.DataFrame:
    """The candidate `commitments` and its floor, from each origin.

    register: one row per granted measure: measure_key, series_id (function and type that it is
        booked on), measure_type, category, starts_on, ended_on, is_administrative (it went on under
        another name), age_limit_on (last day), known_from (when it was first on record; empty: from
        its start), month_price (DKK a month), price_on (the day that the price held), is_once.
    plans: versions of planned ends: measure_key, known_from, known_to, expected_end_on.
    money: series_id, month, value (DKK booked, complete months; the newest is now: from there, ends
        that are registered for coming days are known).
    watched_from: the first month in which ends were recorded; earlier ones say nothing.
    Returns the columns of `given.COLUMNS` and `floor`: the part that is committed at the origin,
    without anything that is yet to be granted.
    """
    columns = [*COLUMNS, "floor"]
    if register.empty or money.empty:
        return pd.DataFrame(columns=columns)
    known = _register(register, price_index)
    versions = _plans(plans, known)
    earliest = int(known.begin.min()) if watched_from is None else month_number(watched_from)
    now = month_number(money["month"].max())
    first = min(earliest, month_number(money["month"].min()))
    past = _reckoned(known, first, now)
    booked = {str(name): part for name, part in money.groupby("series_id")}
    tables = []
    for origin in wanted:
        last = month_number(origin.month)
        risk = _risk(known, versions, last, earliest)
        stock, inflow = _to_come(known, versions, risk, origin, last == now, earliest)
        for number, series_id in enumerate(known.series):
            if series_id not in booked:
                continue
            # Before the register was kept, nothing is known of what was agreed.
            began = max(month_number(booked[series_id]["month"].min()), earliest)
            paid = on_grid(booked[series_id], began, max(last - began + 1, 0))
            levels = price_levels(price_index, began, len(paid) + origin.horizon)
            everything = stock[number] + inflow[number]
            quantity = np.r_[past[number, began - first : last - first + 1], everything]
            path = priced(quantity, paid, levels)
            if path is None:
                continue
            share = np.divide(
                stock[number], everything, out=np.zeros_like(everything), where=everything > 0
            )
            tables.append(rows(CANDIDATE, series_id, origin, path).assign(floor=path * share))
    return (
        pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)
    )


def _register(frame: pd.DataFrame, price_index: Mapping[int, float]) -> Register:
    names = sorted(frame["series_id"].astype(str).unique())
    pools = sorted(frame["category"].astype(str).unique())
    begin, end = _months(frame["starts_on"]), _months(frame["ended_on"])
    priced_in = _months(frame["price_on"].fillna(frame["starts_on"]))
    levels = price_levels(price_index, int(priced_in.min()), int(np.ptp(priced_in)) + 1)
    return Register(
        series=tuple(names),
        kind=pd.Categorical(frame["series_id"].astype(str), names).codes.astype(np.int64),
        pool=pd.Categorical(frame["category"].astype(str), pools).codes.astype(np.int64),
        begin=begin,
        end=end,
        share_first=_share(frame["starts_on"], frame["ended_on"], first=True),
        share_last=_share(frame["starts_on"], frame["ended_on"], first=False),
        known=np.minimum(begin, _months(frame["known_from"])),
        limit=_months(frame["age_limit_on"]),
        counts=~frame["is_administrative"].to_numpy(bool),
        once=frame["is_once"].to_numpy(bool),
        price=frame["month_price"].to_numpy(float) / levels[priced_in - priced_in.min()],
        key=frame["measure_key"].to_numpy(object),
    )


def _months(days: pd.Series) -> Ints:
    """Each day's month as a number; `_NEVER` for none."""
    dates = pd.to_datetime(days)
    numbers = YEAR * dates.dt.year + dates.dt.month - 1
    return np.asarray(numbers.fillna(_NEVER).to_numpy(np.int64))


def _share(starts: pd.Series, ends: pd.Series, *, first: bool) -> Floats:
    """How much of the first (last) month a measure is there; 1 in the last month of an open one."""
    start, end = pd.to_datetime(starts), pd.to_datetime(ends)
    same = (start.dt.year == end.dt.year) & (start.dt.month == end.dt.month)
    day = start if first else end
    size = day.dt.days_in_month
    low = start.dt.day.where(same | first, 1)
    high = end.dt.day.where(same | (not first), size)
    return np.asarray(((high - low + 1) / size).fillna(1.0).clip(0.0, 1.0).to_numpy(float))


def _plans(frame: pd.DataFrame, known: Register) -> _Plans:
    place = {key: number for number, key in enumerate(known.key)}
    kept = frame[frame["measure_key"].isin(place) & frame["expected_end_on"].notna()]
    return _Plans(
        place=np.array([place[key] for key in kept["measure_key"]], dtype=np.int64),
        since=_months(kept["known_from"]),
        until=_months(kept["known_to"]),
        plan=_months(kept["expected_end_on"]),
    )


def _risk(known: Register, plans: _Plans, origin: int, watched_from: int) -> _Risk:
    """Life tables as they could be made at the end of month `origin`.

    A measure is at risk in every month that it runs in, except one that an age limit ends; it exits
    in the month of an end by then. What runs on, or goes on under another name, is censored.
    """
    kinds, bins = len(known.series), len(_ELAPSED)
    exits, exposed = np.zeros((kinds, bins)), np.zeros((kinds, bins))
    months = range(max(origin - _WINDOW + 1, watched_from), origin + 1)
    lasting = ~known.once
    for month in months:
        there = lasting & (known.begin <= month) & (known.end >= month) & (known.limit > month)
        place = known.kind[there], _bin(month - known.begin[there], _ELAPSED)
        np.add.at(exposed, place, 1.0)
        np.add.at(exits, place, (known.end[there] == month) & known.counts[there])
    by_kind = _shrunk(known, exits, exposed)
    gone = lasting & (known.end <= origin) & (known.end > origin - _WINDOW)
    came = lasting & (known.begin <= origin) & (known.begin > origin - _WINDOW)
    return _Risk(
        by_kind=by_kind,
        by_plan=_plan_factors(known, plans, by_kind, months),
        last_share=float(known.share_last[gone].mean()) if gone.any() else 0.5,
        first_share=float(known.share_first[came].mean()) if came.any() else 0.5,
    )


def _shrunk(known: Register, exits: Floats, exposed: Floats) -> Floats:
    """Each series' monthly risk by elapsed bin, drawn towards its category's at its own level."""
    pool_of = np.zeros(len(known.series), dtype=np.int64)
    pool_of[known.kind] = known.pool
    pools = int(pool_of.max()) + 1
    all_exits, all_exposed = np.zeros((pools, exits.shape[1])), np.zeros((pools, exits.shape[1]))
    np.add.at(all_exits, pool_of, exits)
    np.add.at(all_exposed, pool_of, exposed)
    overall = all_exits.sum(axis=1) / np.maximum(all_exposed.sum(axis=1), 1.0)
    prior = _PRIOR_EXPOSURE * overall[:, None]
    common = ((all_exits + prior) / (all_exposed + _PRIOR_EXPOSURE))[pool_of]
    expected = (exposed * common).sum(axis=1)
    level = (exits.sum(axis=1) + 1.0) / (expected + 1.0)
    usual = np.minimum(common * level[:, None], 1.0)
    return (exits + _PRIOR_EXPOSURE * usual) / (exposed + _PRIOR_EXPOSURE)


def _plan_factors(known: Register, plans: _Plans, by_kind: Floats, months: range) -> Floats:
    """How much the risk differs by the months left to the plan that was on record, against what
    elapsed time alone says; 1 where no plan was known at the time."""
    exits, expected = np.zeros(len(_TO_PLAN)), np.zeros(len(_TO_PLAN))
    since = int(plans.since.min()) if len(plans.since) else _NEVER
    for month in months:
        if month <= since:
            continue
        plan = plans.at(len(known.begin), month)
        there = ~known.once & (known.begin < month) & (known.end >= month) & (known.limit > month)
        there &= plan < _NEVER
        place = _bin(plan[there] - month, _TO_PLAN)
        risk = by_kind[known.kind[there], _bin(month - known.begin[there], _ELAPSED)]
        np.add.at(expected, place, risk)
        np.add.at(exits, place, (known.end[there] == month) & known.counts[there])
    return np.minimum((exits + _PRIOR_EXITS) / (expected + _PRIOR_EXITS), _MOST_FACTOR)


def _bin(values: Ints, edges: Ints) -> Ints:
    return np.searchsorted(edges, values, side="right") - 1


def _to_come(
    known: Register, plans: _Plans, risk: _Risk, origin: Origin, is_now: bool, watched_from: int
) -> tuple[Floats, Floats]:
    """Agreed amounts, series × months after the origin, at level 1: of what is granted at the
    origin, and of what will be."""
    last, horizon = month_number(origin.month), origin.horizon
    on_record = known.known <= last if not is_now else np.ones(len(known.begin), dtype=bool)
    there = np.flatnonzero(on_record & (known.end > last) & ((known.begin > last) | ~known.once))
    # What is registered to end on a coming day ends then; at a past origin it was not known.
    ends = known.end[there] if is_now else np.full(len(there), _NEVER)
    plan = plans.at(len(known.begin), last + 1)[there]
    stock = np.zeros((len(known.series), horizon))
    presence = _presence(known, there, risk, plan, ends, last, horizon)
    np.add.at(stock, known.kind[there], presence * known.price[there, None])
    ahead = known.begin[there] - last - 1
    starts = np.zeros((len(known.series), horizon))
    soon = (ahead >= 0) & (ahead < horizon)
    np.add.at(starts, (known.kind[there][soon], ahead[soon]), 1.0)
    return stock, _inflow(known, risk, starts, last, watched_from)


def _presence(
    known: Register, there: Ints, risk: _Risk, plan: Ints, ends: Ints, last: int, horizon: int
) -> Floats:
    """How much of each month each measure is expected to be there: measures × months."""
    begin, limit, once = known.begin[there], known.limit[there], known.once[there]
    kind, is_set = known.kind[there], ends < _NEVER
    alive, out = np.ones(len(there)), np.zeros((len(there), horizon))
    for ahead in range(horizon):
        month = last + 1 + ahead
        begun = begin <= month
        exits = risk.by_kind[kind, _bin(np.maximum(month - begin, 0), _ELAPSED)]
        factor = risk.by_plan[_bin(plan - month, _TO_PLAN)]
        exits = np.clip(exits * np.where(plan < _NEVER, factor, 1.0), 0.0, 1.0)
        exits = np.where(is_set | ~begun, 0.0, exits)
        stays = 1.0 - exits * (1.0 - risk.last_share)
        stays = np.where(begin == month, stays * known.share_first[there], stays)
        stays = np.where(ends == month, known.share_last[there], stays)
        stays = np.where(once, (begin == month) * 1.0, stays)
        out[:, ahead] = np.where(begun & (month <= limit) & (month <= ends), alive * stays, 0.0)
        alive = alive * (1.0 - exits)
    return out


def _inflow(known: Register, risk: _Risk, starts: Floats, last: int, watched_from: int) -> Floats:
    """Agreed amounts of what is yet to be granted: new ones come at the newest two years' rate,
    the newest months counting most, less those already granted to begin; each costs what the newest
    did, and lasts as its kind does, up to the age limits that the newest had before them."""
    horizon = starts.shape[1]
    first = max(last - _INFLOW_WINDOW + 1, watched_from)
    age = np.arange(last - first + 1)[::-1]
    weight = 0.5 ** (age / _INFLOW_HALF_LIFE)
    new = (known.begin >= first) & (known.begin <= last)
    out = np.zeros_like(starts)
    for number in np.unique(known.kind[new]):
        place = np.flatnonzero(new & (known.kind == number))
        counts = weight[known.begin[place] - first]
        rate = counts.sum() / weight.sum()
        price = float((counts * known.price[place]).sum() / counts.sum())
        lasting = _newcomer(known, place, counts, risk, horizon)
        begun = np.maximum(rate - starts[number], 0.0)
        out[number] = price * np.convolve(begun, lasting)[:horizon]
    return out


def _newcomer(known: Register, place: Ints, counts: Floats, risk: _Risk, horizon: int) -> Floats:
    """How much of each month since its start a new measure is there."""
    elapsed = np.arange(horizon)
    once = float((counts * known.once[place]).sum() / counts.sum())
    exits = risk.by_kind[known.kind[place[0]], _bin(elapsed, _ELAPSED)]
    alive = np.r_[1.0, np.cumprod(1.0 - exits)[:-1]]
    left = (known.limit[place] - known.begin[place])[:, None] >= elapsed
    below_limit = (counts[:, None] * left).sum(axis=0) / counts.sum()
    lasting = alive * (1.0 - exits * (1.0 - risk.last_share)) * below_limit
    lasting[0] *= risk.first_share
    paid_once = np.where(elapsed == 0, 1.0, 0.0)
    return np.asarray(once * paid_once + (1.0 - once) * lasting)


def _reckoned(known: Register, first: int, last: int) -> Floats:
    """Agreed amounts at level 1 of the months from `first` to `last`: series × months."""
    size = last - first + 1
    out = np.zeros((len(known.series), size))
    for month in range(first, last + 1):
        there = (known.begin <= month) & (known.end >= month)
        share = np.where(known.begin == month, known.share_first, 1.0)
        share = np.where(known.end == month, known.share_last, share)
        share = np.where(known.once, (known.begin == month) * 1.0, share)
        np.add.at(out[:, month - first], known.kind[there], (share * known.price)[there])
    return out
