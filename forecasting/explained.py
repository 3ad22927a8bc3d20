"""Why a forecast is as it is: trend, season and events of one Prophet model, and who was believed
how much.

Belongs here: the reading of a portfolio's paths as one long table. Does not belong here: which
Prophet variant is the explanation (`backtest.py`), writing it.
"""

import pandas as pd

from forecasting.paths import SamplePaths

COLUMNS = ["series_id", "part", "name", "month", "value"]


def explained(paths: SamplePaths, events: pd.DataFrame | None = None) -> pd.DataFrame:
    """Long: series_id, part, name, month, value.

    part `weight`: name is the candidate, value its share of the forecast (1 in all), month the
    first that is forecast with it: half a year on the shares change.
    part `trend`, `season`: of the Prophet variant that is believed most, over history and horizon;
    name is `additive` (trend + season, in the series' unit) or `multiplicative` (trend x season).
    part `event`: what known breaks added to what was booked, in the series' unit: booked is trend
    and season, plus event, plus rest. name is the break's kind, or `none` (0) in months without.
    A series with a simple rule has the rule's name as its one candidate, and no trend; of it only
    the months that a break changed have an event.

    events: as of `breaks.events`; None where no break is known.
    """
    weights = paths.weights.rename(columns={"candidate": "name", "weight": "value"})
    shares = weights.assign(part="weight", month=_begins(paths))
    told = paths.explanation.rename(columns={"mode": "name"}).melt(
        ["series_id", "month", "name"], ["trend", "season"], var_name="part"
    )
    changed = _events(paths, events)
    parts = [part[COLUMNS] for part in (shares, told, changed) if len(part)]
    if not parts:
        return pd.DataFrame(columns=COLUMNS)
    found = pd.concat(parts).astype({"value": float})
    return found.sort_values(COLUMNS[:4], na_position="first", ignore_index=True)


def _begins(paths: SamplePaths) -> list[pd.Timestamp]:
    """The month from which each weight holds."""
    starts = dict(zip(paths.series_ids, paths.starts, strict=True))
    return [
        starts[name] + pd.DateOffset(months=ahead - 1)
        for name, ahead in zip(paths.weights["series_id"], paths.weights["from_month"], strict=True)
    ]


def _events(paths: SamplePaths, events: pd.DataFrame | None) -> pd.DataFrame:
    """Events in the months that trend and season are told for, and where else a break changed."""
    quiet = paths.explanation[["series_id", "month"]].assign(name="none", value=0.0)
    if events is not None and len(events):
        own = events[events["series_id"].isin(paths.series_ids)]
        quiet = pd.concat([own, quiet]).drop_duplicates(["series_id", "month"])
    return quiet.assign(part="event")
