"""What a scenario makes of the forecast, future by future.

Belongs here: the five kinds of change on the base's sample paths, the tables of the difference,
the month in which it has paid for itself. Does not belong here: the shape of a scenario file
(`changes.py`), where paths and results are kept.

Every future of the base gets its own draw of every uncertain number, so that what is not known of
the effect is carried through to months, years and the break-even. The difference is taken future
by future: what the base does not know, both sides share.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np
import pandas as pd

from forecasting.changes import (
    ALL_PLACEMENTS,
    Avert,
    Caseload,
    Convert,
    Inflow,
    Price,
    Scenario,
    Uncertain,
)
from forecasting.history import Floats
from forecasting.paths import SamplePaths
from forecasting.settings import YEAR

MARKS = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
_LEAST_PERSONS = 0.05


class ScenarioError(ValueError):
    """A change does not fit the forecast; the message names it and says what to do."""


@dataclass(frozen=True)
class Base:
    """The forecast that scenarios change.

    money: bottom series `function=…|measure_type=…`, DKK a month. persons: `measure_type=…`,
    full-year persons a month (twelve months of one child are one). homes: measure type -> the
    function that a new series of it is booked on.
    """

    money: SamplePaths
    persons: SamplePaths
    homes: Mapping[str, str]

    @property
    def months(self) -> pd.DatetimeIndex:
        """The forecast months."""
        return self.money.months(0)


@dataclass(frozen=True)
class Changed:
    """Differences to the base: series_id -> months x futures; untouched series are not there."""

    name: str
    months: pd.DatetimeIndex
    money: dict[str, Floats]
    persons: dict[str, Floats]

    def cost(self) -> Floats:
        """The difference of all expenditure, months x futures."""
        return np.sum(list(self.money.values()), axis=0)


def changed(scenario: Scenario, base: Base, seed: int) -> Changed:
    """Apply a scenario. The same base, scenario and seed give the same. Raises ScenarioError."""
    if not base.money.series_ids:
        raise ScenarioError("the forecast has no series of expenditure to change")
    work = _Work(base, np.random.default_rng([seed, crc32(scenario.name.encode())]))
    for number, change in enumerate(scenario.changes, start=1):
        first, last = base.months[0], base.months[-1]
        if pd.Timestamp(change.start) > last:
            raise ScenarioError(
                f"change {number} ({change.kind}) starts in {change.start:%Y-%m}, after the "
                f"forecast ends ({last:%Y-%m}); begin earlier or forecast further ahead"
            )
        since = YEAR * (first.year - change.start.year) + first.month - change.start.month
        work.elapsed = np.maximum(since + np.arange(len(base.months)) + 1.0, 0.0)
        work.ramp = np.minimum(work.elapsed / max(change.ramp_months, 1), 1.0)
        try:
            work.apply(change)
        except ScenarioError as error:
            raise ScenarioError(f"change {number} ({change.kind}): {error}") from error
    return Changed(scenario.name, base.months, work.money, work.persons)


class _Work:
    """The differences so far, and the change that is being made."""

    def __init__(self, base: Base, rng: np.random.Generator) -> None:
        self.base, self.rng = base, rng
        self.money: dict[str, Floats] = {}
        self.persons: dict[str, Floats] = {}
        self.elapsed: Floats = np.zeros(0)
        self.ramp: Floats = np.zeros(0)
        days = base.months.days_in_month.to_numpy(float)
        self.year_share = days / np.where(base.months.is_leap_year, 366.0, 365.0)
        self.shape = base.money.samples.shape[1:]

    def apply(self, change: Convert | Avert | Caseload | Price | Inflow) -> None:
        match change:
            case Convert():
                self._convert(change)
            case Avert():
                self._avert(change)
            case Caseload():
                self._caseload(change)
            case Price():
                for series in self._money_of(change.measure_types):
                    self._add(self.money, series, self._now_money(series), change.change, self.ramp)
            case Inflow():
                follows = self.ramp * (1 - np.exp(-self.elapsed / change.duration_months))
                self._scale(change.measure_types, self._drawn(change.change), follows)

    def _convert(self, change: Convert) -> None:
        price = self._price(change.to, change.unit_price)
        wanted = self._drawn(change.persons) * self._drawn(change.effect)
        moved = self._taken(change.from_type, self._monthly(wanted, self.ramp))
        target = f"measure_type={change.to}"
        self.persons[target] = self.persons.get(target, np.zeros(self.shape)) + moved
        self._book(self._home(change.to), moved * price)

    def _avert(self, change: Avert) -> None:
        places = self._drawn(change.places)
        from_start = (self.elapsed > 0).astype(float)
        cost = self._monthly(places * self._drawn(change.unit_price), from_start)
        fewer = self._monthly(places * self._drawn(change.effect), self.ramp)
        self._taken(change.measure_type, fewer)
        self._book(self._home(change.by), cost)

    def _caseload(self, change: Caseload) -> None:
        fewer = change.cases_per_fte_before - change.cases_per_fte_after
        self._scale(change.measure_types, self._drawn(change.effect) * fewer, self.ramp)
        from_start = (self.elapsed > 0).astype(float)
        cost = self._monthly(change.extra_fte * self._drawn(change.fte_price), from_start)
        self._book(f"function={change.booked_on}|measure_type=unknown", cost)

    def _scale(self, types: Sequence[str] | str, relative: Floats, over: Floats) -> None:
        """Change persons and their money alike."""
        for name in self._types(types):
            series = f"measure_type={name}"
            now = self._now(self.base.persons, self.persons, series)
            self.persons[series] = self.persons.get(series, 0.0) + now * relative * over[:, None]
        for series in self._money_of(types):
            now = self._now_money(series)
            self.money[series] = self.money.get(series, 0.0) + now * relative * over[:, None]

    def _taken(self, name: str, wanted: Floats) -> Floats:
        """Take persons out of a type, never more than are there, and what they cost; how many."""
        price = self._price(name, None)
        series = f"measure_type={name}"
        taken = np.minimum(
            wanted, np.maximum(self._now(self.base.persons, self.persons, series), 0)
        )
        self.persons[series] = self.persons.get(series, 0.0) - taken
        payers = self._money_of((name,))
        means = np.array([max(self._base_mean(one), 0.0) for one in payers])
        for one, share in zip(payers, means / means.sum(), strict=True):
            self._book(one, -np.minimum(taken * price * share, np.maximum(self._now_money(one), 0)))
        return taken

    def _price(self, name: str, given: Uncertain | None) -> Floats:
        """DKK per full-year person, one for each future: as given, or as in the base's mean."""
        if given is not None:
            return self._drawn(given)
        series = f"measure_type={name}"
        if series not in self.base.persons.series_ids:
            raise ScenarioError(
                f"nobody is in measure type '{name}' in the forecast; give its unit_price, or name "
                f"one of {', '.join(self._types(ALL_PLACEMENTS)) or 'none'}"
            )
        place = self.base.persons.series_ids.index(series)
        persons = float(self.base.persons.mean[place].sum())
        cost = sum(self._base_mean(one) for one in self._money_of((name,)))
        if persons < _LEAST_PERSONS or cost <= 0:
            raise ScenarioError(
                f"the forecast has {persons:.2f} full-year persons and {cost:.0f} DKK in measure "
                f"type '{name}', which gives no price; choose another type"
            )
        return np.full(self.shape[1], cost / persons)

    def _types(self, types: Sequence[str] | str) -> list[str]:
        known = [one.partition("=")[2] for one in self.base.persons.series_ids]
        if types == ALL_PLACEMENTS:
            return known
        return [one for one in types if one in known]

    def _money_of(self, types: Sequence[str] | str) -> list[str]:
        """The series of expenditure of some types. Raises ScenarioError for one without any."""
        wanted = self._types(types) if isinstance(types, str) else list(types)
        found = []
        for name in wanted:
            own = [
                one
                for one in self.base.money.series_ids
                if one.rpartition("|measure_type=")[2] == name
            ]
            if not own:
                raise ScenarioError(f"nothing is forecast for measure type '{name}'; correct it")
            found += own
        return found

    def _home(self, name: str) -> str:
        """The series that a type's new cost is booked on: its largest, or its function's."""
        own = [
            one for one in self.base.money.series_ids if one.rpartition("|measure_type=")[2] == name
        ]
        if own:
            return max(own, key=self._base_mean)
        if name not in self.base.homes:
            raise ScenarioError(f"there is no measure type '{name}'; correct its name")
        return f"function={self.base.homes[name]}|measure_type={name}"

    def _book(self, series: str, amount: Floats) -> None:
        self.money[series] = self.money.get(series, np.zeros(self.shape)) + amount

    def _add(
        self, into: dict[str, Floats], series: str, now: Floats, by: Uncertain, over: Floats
    ) -> None:
        into[series] = into.get(series, 0.0) + now * self._drawn(by) * over[:, None]

    def _base_mean(self, series: str) -> float:
        return float(self.base.money.mean[self.base.money.series_ids.index(series)].sum())

    def _now_money(self, series: str) -> Floats:
        return self._now(self.base.money, self.money, series)

    def _now(self, paths: SamplePaths, so_far: Mapping[str, Floats], series: str) -> Floats:
        changed_by: Floats = so_far[series] if series in so_far else np.zeros(self.shape)
        if series not in paths.series_ids:
            return changed_by
        out: Floats = paths.samples[paths.series_ids.index(series)] + changed_by
        return out

    def _monthly(self, a_year: Floats, over: Floats) -> Floats:
        """A yearly amount per future as months x futures."""
        return (self.year_share * over)[:, None] * a_year[None, :]

    def _drawn(self, value: Uncertain) -> Floats:
        """One draw per future."""
        if value.low == value.high:
            return np.full(self.shape[1], value.expected)
        size = (self.shape[1],)
        drawn: Floats = self.rng.triangular(value.low, value.expected, value.high, size)
        return drawn


def with_changes(
    paths: SamplePaths, differences: Mapping[str, Floats], groups: Mapping[str, Sequence[str]]
) -> SamplePaths:
    """One level of the forecast under a scenario.

    groups: the level's series -> its bottom series, those that the scenario begins included. A
    sum's mean changes by the sum of its members' rounded changes, so that levels add up.
    """
    settings = paths.settings
    shape = (settings.horizon, paths.samples.shape[2])
    steps = {
        name: np.round(one.mean(axis=1), settings.decimals) for name, one in differences.items()
    }
    mean, samples, signs = [], [], []
    for name, members in groups.items():
        old = paths.series_ids.index(name) if name in paths.series_ids else None
        touched = [one for one in members if one in differences]
        start = np.zeros(shape[0]) if old is None else paths.mean[old]
        drawn = np.zeros(shape) if old is None else paths.samples[old]
        change: Floats = sum((steps[one] for one in touched), np.zeros(shape[0]))
        mean.append(np.round(start + change, settings.decimals) + 0.0)
        samples.append(drawn + sum((differences[one] for one in touched), np.zeros(shape)))
        signs.append(0 if old is None else paths.signs[old])
    return replace(
        paths,
        series_ids=tuple(groups),
        starts=tuple(paths.starts[0] for _ in groups),
        members=tuple(tuple(one) for one in groups.values()),
        signs=tuple(signs),
        mean=np.array(mean).reshape(-1, shape[0]),
        samples=np.array(samples).reshape(-1, *shape),
    )


def month_table(result: Changed, base: Base) -> pd.DataFrame:
    """measure, series_id, month, base, scenario, difference, p10, p50, p90 (of the difference):
    all expenditure (`total`), then each measure type that changes, in DKK and full-year persons."""
    rows = [_rows("net_expenditure", "total", result, result.cost(), base.money.mean.sum(axis=0))]
    kinds = sorted({one.rpartition("|measure_type=")[2] for one in result.money})
    for kind in kinds:
        end = f"|measure_type={kind}"
        change = np.sum([one for name, one in result.money.items() if name.endswith(end)], axis=0)
        own = [place for place, name in enumerate(base.money.series_ids) if name.endswith(end)]
        mean = base.money.mean[own].sum(axis=0)
        rows.append(_rows("net_expenditure", f"measure_type={kind}", result, change, mean))
    for name, change in sorted(result.persons.items()):
        own = [place for place, known in enumerate(base.persons.series_ids) if known == name]
        mean = base.persons.mean[own].sum(axis=0) if own else np.zeros(len(result.months))
        rows.append(_rows("full_year_persons", name, result, change, mean))
    return pd.concat(rows, ignore_index=True)


def _rows(
    measure: str, series_id: str, result: Changed, change: Floats, mean: Floats
) -> pd.DataFrame:
    marks = np.quantile(change, list(MARKS.values()), axis=1)
    step = change.mean(axis=1)
    return pd.DataFrame(
        {
            "measure": measure,
            "series_id": series_id,
            "month": result.months,
            "base": mean,
            "scenario": mean + step,
            "difference": step,
            **dict(zip(MARKS, marks, strict=True)),
        }
    )


def year_table(result: Changed, base: Base) -> pd.DataFrame:
    """As `month_table` by year: measure, series_id, year, months (of it that are forecast), base,
    scenario, difference, p10, p50, p90. The interval is of the year's own futures."""
    whole = [("net_expenditure", "total", result.cost(), base.money.mean.sum(axis=0))]
    for name, change in sorted(result.persons.items()):
        own = [place for place, known in enumerate(base.persons.series_ids) if known == name]
        mean = base.persons.mean[own].sum(axis=0) if own else np.zeros(len(result.months))
        whole.append(("full_year_persons", name, change, mean))
    rows = []
    for measure, series_id, change, mean in whole:
        for year in sorted(set(result.months.year)):
            inside = result.months.year == year
            total, expected = change[inside].sum(axis=0), float(mean[inside].sum())
            marks = dict(zip(MARKS, np.quantile(total, list(MARKS.values())), strict=True))
            step = float(total.mean())
            head = {"measure": measure, "series_id": series_id, "year": year}
            told = {"base": expected, "scenario": expected + step, "difference": step}
            rows.append({**head, "months": int(inside.sum()), **told, **marks})
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class BreakEven:
    """When the scenario has paid for itself: the month from which it has cost nothing in all.

    expected: by the mean of all futures. early, late: by the earliest and the latest tenth of
    them. None: not before the forecast ends. probability: of breaking even before it ends.
    """

    expected: pd.Timestamp | None
    early: pd.Timestamp | None
    late: pd.Timestamp | None
    probability: float


def break_even(result: Changed) -> BreakEven:
    """The break-even of a scenario; in the first month of one that never costs anything."""
    cost = result.cost().cumsum(axis=0)
    places = _paid_from(cost)
    expected = _paid_from(cost.mean(axis=1)[:, None])[0]
    months = len(result.months)
    early, late = np.quantile(places, [0.1, 0.9], method="higher").astype(int)

    def month(place: int) -> pd.Timestamp | None:
        return result.months[place] if place < months else None

    share = float((places < months).mean())
    return BreakEven(month(int(expected)), month(int(early)), month(int(late)), share)


def _paid_from(cost: Floats) -> np.ndarray:
    """Per column: the place after the last month in which more was spent than saved."""
    owing = cost > 1e-6
    after = len(cost) - np.argmax(owing[::-1], axis=0)
    return np.where(owing.any(axis=0), after, 0)
