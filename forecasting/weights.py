"""Who is believed how much: candidates weighted by their past errors, and what remains of these.

Belongs here: the weights of a portfolio's candidates, the errors of the weighted forecast. Does not
belong here: making the tries (`backtest.py`), drawing futures from the errors (`paths.py`).

A candidate's errors are drawn towards those it made in the whole portfolio, since a few tries of
one series are mostly luck. Near months are weighted by the errors of near months, and a try from
which as many months of the year were known as now counts for more: that is the question asked.
Whatever error a try is remembered by comes from weights that it had no part in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.backtest import Study, Try, shares_of
from forecasting.history import Floats
from forecasting.settings import YEAR, ForecastSettings

Shares = Mapping[str, Floats]
"""Candidate -> its weight in the near months and in those after (see `by_month`)."""
_RECENT = -1


@dataclass(frozen=True)
class _Record:
    """How the candidates of one pooled series have erred.

    errors: spans x tries x names, mean absolute over the first months of a try, in units of its
    scale; NaN where not tried. counts: how much each try counts. origins: its number, _RECENT for
    one that a year has not passed since.
    """

    names: tuple[str, ...]
    errors: Floats
    counts: Floats
    origins: np.ndarray


def weights(
    studies: Sequence[Study], settings: ForecastSettings, without: int | None = None
) -> dict[str, Shares]:
    """series_id -> candidate -> its two weights, each summing to 1 over the candidates; `without`
    leaves one origin out of it.

    A candidate's weight falls with its mean error over the tries, drawn towards its error over the
    whole portfolio. One that was never tried anywhere has none, unless nothing was. The first
    `near_months` go by the errors of those months, all that follow by those of a year.
    """
    return _weighed(studies, _records(studies, settings), settings, without)


def by_month(share: Floats, months: int, settings: ForecastSettings) -> Floats:
    """A candidate's weight in each of so many months ahead."""
    near = np.arange(months) < settings.near_months
    return np.where(near, share[0], share[1])


def past_errors(studies: Sequence[Study], settings: ForecastSettings) -> tuple[Floats, Floats]:
    """The errors that the weighted forecast made: series x origins x 12, NaN where not tried, in
    the series' unit, and the same in units of each origin's scale.

    The weights used at an origin come from the other origins, so no error is looked at twice.
    """
    records = _records(studies, settings)
    shape = (len(studies), settings.origins, YEAR)
    plain, scaled = np.full(shape, np.nan), np.full(shape, np.nan)
    for origin in range(settings.origins):
        shares = _weighed(studies, records, settings, origin)
        for place, one in enumerate(studies):
            attempt = one.tries.get(origin)
            if attempt is None:
                continue
            plain[place, origin] = _remaining(attempt, one, shares[one.series.series_id], settings)
            scaled[place, origin] = plain[place, origin] / attempt.scale
    return plain, scaled


def _records(studies: Sequence[Study], settings: ForecastSettings) -> list[_Record | None]:
    """One per study; None for a simple rule, and where nothing was tried."""
    return [
        _record(one, settings) if one.method == "pool" and (one.tries or one.recent) else None
        for one in studies
    ]


def _record(one: Study, settings: ForecastSettings) -> _Record:
    tries = [*one.recent.values(), *one.tries.values()]
    origins = np.array([*(_RECENT for _ in one.recent), *one.tries])
    back = np.array([*one.recent, *(YEAR + origin * settings.origin_step for origin in one.tries)])
    counts = np.where(back % YEAR == 0, settings.same_month_weight, 1.0)
    names = tuple(dict.fromkeys(name for tried in tries for name in tried.errors))
    spans = (settings.near_months, YEAR)
    errors = np.array([_sizes(tried, names, spans) for tried in tries]).transpose(1, 0, 2)
    return _Record(names, errors, counts, origins)


def _sizes(tried: Try, names: Sequence[str], spans: Sequence[int]) -> Floats:
    """Spans x names: mean absolute error of each, in units of scale."""
    nothing = np.full(len(next(iter(tried.errors.values()))), np.nan)
    sizes = np.abs([tried.errors.get(name, nothing) for name in names]) / tried.scale
    return np.array([sizes[:, :months].mean(axis=1) for months in spans])


def _weighed(
    studies: Sequence[Study],
    records: Sequence[_Record | None],
    settings: ForecastSettings,
    without: int | None,
) -> dict[str, Shares]:
    spans = [_of_span(studies, records, settings, without, span) for span in range(2)]
    return {
        one.series.series_id: {name: np.array([near[name], far[name]]) for name in near}
        for one, near, far in zip(studies, *spans, strict=True)
    }


def _of_span(
    studies: Sequence[Study],
    records: Sequence[_Record | None],
    settings: ForecastSettings,
    without: int | None,
    span: int,
) -> list[dict[str, float]]:
    """candidate -> weight of each study, by the errors of one span."""
    scored = [_scores(record, without, span) for record in records]
    common = _typical_scores([scores for scores, _ in scored])
    result = []
    for one, (own, counts) in zip(studies, scored, strict=True):
        members = [name for name in one.paths if name in common] or list(one.paths)
        error = np.array(
            [_drawn(own.get(name), counts, common.get(name, 1.0), settings) for name in members]
        )
        result.append(dict(zip(members, shares_of(error, settings.weight_power), strict=True)))
    return result


def _typical_scores(scored: Sequence[Mapping[str, Floats]]) -> dict[str, float]:
    """candidate -> the median of its errors over all series and tries."""
    names = dict.fromkeys(name for scores in scored for name in scores)
    return {
        name: float(np.median(np.concatenate([one[name] for one in scored if name in one])))
        for name in names
    }


def _drawn(own: Floats | None, counts: Floats, common: float, settings: ForecastSettings) -> float:
    if own is None:
        return common
    total = own @ counts + settings.weight_shrink * common
    return float(total / (counts.sum() + settings.weight_shrink))


def _scores(
    record: _Record | None, without: int | None, span: int
) -> tuple[dict[str, Floats], Floats]:
    """candidate -> its error at each try but those from one origin, and how much these count.

    Where a candidate was not tried (one that is given from elsewhere may lack an origin), its error
    is what the others erred by there, times how it compares with them elsewhere: else it would be
    judged by easier or harder months than they.
    """
    if record is None:
        return {}, np.empty(0)
    kept = record.origins != without
    table = record.errors[span][kept]
    tried = ~np.isnan(table).all(axis=0)
    table = table[:, tried]
    everywhere = ~np.isnan(table).any(axis=0)
    if everywhere.any() and not everywhere.all():
        base = np.maximum(table[:, everywhere].mean(axis=1, keepdims=True), 1e-9)
        table = np.where(np.isnan(table), base * np.nanmean(table / base, axis=0), table)
    names = (name for name, known in zip(record.names, tried, strict=True) if known)
    return dict(zip(names, table.T, strict=True)), record.counts[kept]


def _remaining(attempt: Try, one: Study, share: Shares, settings: ForecastSettings) -> Floats:
    """The error of the weighted forecast at one origin; what was not tried there has no weight."""
    if one.method != "pool":
        return np.mean(list(attempt.errors.values()), axis=0)
    names = [name for name in attempt.errors if name in share]
    of_months = np.array([by_month(share[name], YEAR, settings) for name in names])
    errors = np.array([attempt.errors[name] for name in names])
    left: Floats = (of_months * errors).sum(axis=0) / of_months.sum(axis=0)
    return left
