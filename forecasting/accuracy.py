"""How well the engine would have done from past dates, beside the rules of thumb.

Belongs here: rolling origins over whole portfolios, the scores, and the table of them. Does not
belong here: the engine's own inner tries, which choose its weights (`weights.py`).

Nothing after an origin is seen by the forecast made there: weights and intervals come from tries
that lie before it. Origins are ends of quarters, so that the year's outturn at 0, 3, 6 and 9 known
months comes from the same forecasts.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from forecasting.baselines import BASELINES, baselines
from forecasting.history import Floats, ForecastInputError, Series, filled, tidy
from forecasting.levels import add_up
from forecasting.paths import SamplePaths
from forecasting.series import forecast
from forecasting.settings import QUANTILES, QUARTER, YEAR, ForecastSettings

ENGINE = "raaderum"
BINS = ((1, 1), (2, 3), (4, 6), (7, 9), (10, 12), (13, 24), (25, 60))
BOTTOM = "series"
COLUMNS = [
    "level",
    "part",
    "bin",
    "method",
    "scored",
    "wape",
    "mase",
    "crps",
    "coverage_80",
    "coverage_90",
]
_SCORES = [
    "level",
    "part",
    "bin",
    "method",
    "ahead",
    "actual",
    "error",
    "scaled",
    "crps",
    "in_80",
    "in_90",
]
Groups = Mapping[str, Mapping[str, Sequence[str]]]


@dataclass(frozen=True)
class _Unit:
    """One series or sum at one origin: all its months, and how many of them lie before."""

    level: str
    first: pd.Timestamp
    values: Floats
    known: int

    @property
    def past(self) -> Floats:
        return filled(self.values[: self.known])

    @property
    def last_month(self) -> int:
        return int((self.first + pd.DateOffset(months=self.known - 1)).month)


def accuracy(
    history: pd.DataFrame,
    horizon: int,
    origins: int,
    settings: ForecastSettings | None = None,
    groups: Groups | None = None,
    progress: Callable[[int, int], None] | None = None,
    workers: int | None = None,
) -> pd.DataFrame:
    """Forecast from `origins` past ends of quarters, three months apart, and score what came.

    history: series_id, month, value. groups: level -> sum's name -> its series; sums are forecast
    by the engine and by each rule on the sum's own history.
    One row per level (`series` is the bottom), part (`months` by months ahead, `year_end` by
    months known of the year), bin and method (`raaderum` and the baselines):
    scored: forecasts; wape: sum of absolute errors over sum of absolute actuals; mase: mean error
    in units of the past mean change from year to year; crps: in the same unit, of a point its
    absolute error; coverage_80, coverage_90: share of what came inside the interval.
    A series is scored from its twelfth month on. Raises ForecastInputError where none can be.
    """
    chosen = replace(settings or ForecastSettings(), horizon=max(horizon, YEAR))
    series = tidy(history, common_end=chosen.common_end)
    by_id = {one.series_id: one for one in series}
    total = origins * len(series)
    rows: list[tuple[object, ...]] = []
    for number in range(origins):
        cut = {one.series_id: _known(one, horizon, number) for one in series}
        table = _table([one for one in series if cut[one.series_id] > 0], cut)
        told = _shifted(progress, number * len(series), total)
        paths = forecast(table, chosen, told, workers)
        for level, sums, members in _levels(paths, groups or {}):
            rows += _scored(level, sums, members, by_id)
    scores = pd.DataFrame(rows, columns=_SCORES)
    scores = scores[(scores["part"] == "year_end") | (scores["ahead"] <= horizon)]
    if scores.empty:
        raise ForecastInputError(
            f"no series has {YEAR} months before the end of a quarter that lies {horizon} months "
            "back; give a longer history or a shorter horizon"
        )
    return _summed_up(scores)


def _shifted(
    progress: Callable[[int, int], None] | None, before: int, total: int
) -> Callable[[int, int], None] | None:
    if progress is None:
        return None
    told = progress
    return lambda done, _: told(before + done, total)


def _known(one: Series, horizon: int, number: int) -> int:
    """How many months of a series lie up to origin `number`; 0 newest. Below 1: none do."""
    newest = one.start - pd.DateOffset(months=horizon + 1)
    behind = newest.month % QUARTER + QUARTER * number
    known = len(one.values) - horizon - behind
    return known if known > 0 and not np.isnan(one.values[:known]).all() else 0


def _table(series: Sequence[Series], cut: Mapping[str, int]) -> pd.DataFrame:
    parts = [
        pd.DataFrame(
            {
                "series_id": one.series_id,
                "month": pd.date_range(one.first, periods=cut[one.series_id], freq="MS"),
                "value": one.values[: cut[one.series_id]],
            }
        )
        for one in series
    ]
    empty = pd.DataFrame({"series_id": [], "month": pd.DatetimeIndex([]), "value": []})
    return pd.concat(parts, ignore_index=True) if parts else empty


def _levels(
    paths: SamplePaths, groups: Groups
) -> Iterator[tuple[str, SamplePaths, Sequence[Sequence[str]]]]:
    """Each level with all that its sums hold, also the series that began after the origin."""
    yield BOTTOM, paths, paths.members
    here = set(paths.series_ids)
    for level, sums in groups.items():
        known = {name: [one for one in ids if one in here] for name, ids in sums.items()}
        kept = {name: ids for name, ids in known.items() if ids}
        if kept:
            yield level, add_up(paths, kept), [sums[name] for name in kept]


def _scored(
    level: str, paths: SamplePaths, members: Sequence[Sequence[str]], by_id: Mapping[str, Series]
) -> Iterator[tuple[object, ...]]:
    for place, names in enumerate(members):
        unit = _unit(level, [by_id[name] for name in names], paths.starts[place])
        if unit.known >= YEAR:
            yield from _months(unit, paths, place)
            yield from _year_end(unit, paths, place)


def _unit(level: str, members: Sequence[Series], start: pd.Timestamp) -> _Unit:
    if len(members) == 1:
        first, values = members[0].first, members[0].values
    else:
        first = min(one.first for one in members)
        months = pd.date_range(first, max(one.start for one in members), freq="MS")[:-1]
        values = np.zeros(len(months))
        for one in members:
            place = _months_between(first, one.first)
            values[place : place + len(one.values)] += filled(one.values)
    return _Unit(level, first, values, _months_between(first, start))


def _months_between(first: pd.Timestamp, later: pd.Timestamp) -> int:
    return YEAR * (later.year - first.year) + later.month - first.month


def _months(unit: _Unit, paths: SamplePaths, place: int) -> Iterator[tuple[object, ...]]:
    """One row per method and month ahead that is known by now."""
    actual = unit.values[unit.known :][: paths.settings.horizon]
    past = unit.past
    scale = float(np.abs(past[YEAR:] - past[:-YEAR]).mean()) if len(past) > YEAR else 0.0
    samples = paths.samples[place][: len(actual)]
    marks = np.quantile(samples, list(QUANTILES.values()), axis=1)
    methods = {ENGINE: paths.mean[place], **baselines(past, unit.last_month, len(actual))}
    for name, path in methods.items():
        for ahead in np.flatnonzero(~np.isnan(actual)):
            came, error = actual[ahead], path[ahead] - actual[ahead]
            own = name == ENGINE
            lost = _crps(marks[:, ahead], came) if own else abs(error)
            inside = _inside(marks[:, ahead], came) if own else (np.nan, np.nan)
            scaled = (abs(error) / scale, lost / scale) if scale > 0 else (np.nan, np.nan)
            where = (unit.level, "months", _bin(int(ahead) + 1), name, int(ahead) + 1)
            yield (*where, came, error, *scaled, *inside)


def _year_end(unit: _Unit, paths: SamplePaths, place: int) -> Iterator[tuple[object, ...]]:
    """One row per method for the year that the forecast begins in, where all of it is known."""
    known = unit.last_month % YEAR
    before = unit.known - known
    year = unit.values[before : before + YEAR]
    if known % QUARTER or before < 0 or len(year) < YEAR or np.isnan(year).any():
        return
    left = YEAR - known
    so_far, came = float(year[:known].sum()), float(year.sum())
    totals = so_far + paths.samples[place][:left].sum(axis=0)
    marks = np.quantile(totals, list(QUANTILES.values()))
    methods = {ENGINE: paths.mean[place], **baselines(unit.past, unit.last_month, left)}
    for name, path in methods.items():
        total = so_far + float(path[:left].sum())
        inside = _inside(marks, came) if name == ENGINE else (np.nan, np.nan)
        where = (unit.level, "year_end", str(known), name, 0)
        yield (*where, came, total - came, np.nan, np.nan, *inside)


def _crps(marks: Floats, came: float) -> float:
    """Twice the mean pinball loss over the published quantiles."""
    levels = np.array(list(QUANTILES.values()))
    miss = came - marks
    return float(2 * np.maximum(levels * miss, (levels - 1) * miss).mean())


def _inside(marks: Floats, came: float) -> tuple[float, float]:
    by_name = dict(zip(QUANTILES, marks, strict=True))
    in_80 = by_name["p10"] <= came <= by_name["p90"]
    return float(in_80), float(by_name["p05"] <= came <= by_name["p95"])


def _bin(ahead: int) -> str:
    low, high = next(limits for limits in BINS if limits[0] <= ahead <= limits[1])
    return f"{low}" if low == high else f"{low}-{high}"


def _summed_up(scores: pd.DataFrame) -> pd.DataFrame:
    scores = scores.assign(lost=scores["error"].abs(), size=scores["actual"].abs())
    grouped = scores.groupby(["level", "part", "bin", "method"], sort=False)
    table = grouped.agg(
        scored=("error", "size"),
        lost=("lost", "sum"),
        size=("size", "sum"),
        mase=("scaled", "mean"),
        crps=("crps", "mean"),
        coverage_80=("in_80", "mean"),
        coverage_90=("in_90", "mean"),
    ).reset_index()
    table["wape"] = table["lost"] / table["size"].where(table["size"] > 0)
    bins = [f"{low}" if low == high else f"{low}-{high}" for low, high in BINS]
    order = {
        "level": list(dict.fromkeys(scores["level"])),
        "part": ["months", "year_end"],
        "bin": [*bins, "0", "3", "6", "9"],
        "method": [ENGINE, *BASELINES],
    }
    keys = [table[name].map(values.index) for name, values in order.items()]
    return table.iloc[np.lexsort(keys[::-1])][COLUMNS].reset_index(drop=True)
