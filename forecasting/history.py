"""From anyone's long table `series_id, month, value` to clean, gap-free monthly series.

Belongs here: every rule about what input means and what is refused. Does not belong here:
reading files, or any modelling.

The rules: a month without a row, between a series' first and last, had nothing booked and is 0;
an empty value (NaN) is unknown and stays unknown; a date inside a month stands for its month, but
two rows for one month are an error, never added up; nothing is guessed.
"""

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecasting.settings import YEAR

Floats = npt.NDArray[np.float64]
COLUMNS = ("series_id", "month", "value")
_WRITTEN_MONTH = re.compile(r"^\d{4}-\d{2}(-\d{2}([ T]00:00(:00(\.0+)?)?)?)?$")
_HEADER_ROWS = 1
# Sixteen digits are all that a floating-point number holds; two of them are decimals.
_LARGEST = 1e13


class ForecastInputError(ValueError):
    """The history cannot be read; the message names the column, the row and the remedy."""


@dataclass(frozen=True)
class Series:
    """One monthly series: `values[i]` belongs to month `first` + i; NaN is unknown."""

    series_id: str
    first: pd.Timestamp
    values: Floats

    @property
    def start(self) -> pd.Timestamp:
        """The first month after the history: the first month of a forecast."""
        return self.first + pd.DateOffset(months=len(self.values))


def tidy(history: pd.DataFrame, *, common_end: bool) -> list[Series]:
    """Series sorted by id, from the first month with anything in it.

    history: columns series_id, month, value; other columns are ignored; rows in any order.
    common_end: see `ForecastSettings`. Raises ForecastInputError.
    """
    frame = _checked(history)
    if frame.empty:
        return []
    last = frame["month"].max()
    series = []
    for series_id, rows in frame.groupby("series_id", sort=True):
        known = rows.dropna(subset=["value"])
        if known.empty:
            raise ForecastInputError(
                f"series '{series_id}' has no value in any month; fill in at least one or leave "
                "the series out"
            )
        end = last if common_end else known["month"].max()
        months = pd.date_range(rows["month"].min(), end, freq="MS")
        by_month = rows.set_index("month")["value"]
        empty = by_month.index[by_month.isna()]
        values = by_month.reindex(months).fillna(0.0)
        values[months.isin(empty)] = np.nan
        series.append(_from_first_activity(str(series_id), months[0], values.to_numpy(float)))
    return series


def first_month(history: pd.DataFrame) -> pd.Timestamp:
    """The first month of the table, whether or not anything happened in it; NaT without rows."""
    return pd.Timestamp(_checked(history)["month"].min())


def filled(values: Floats) -> Floats:
    """The values with unknown months replaced: the same month of last year, else a straight line.

    Never raises; an entirely unknown series becomes zeros.
    """
    out = values.copy()
    for i in np.flatnonzero(np.isnan(out)):
        if i >= YEAR:
            out[i] = out[i - YEAR]
    unknown = np.isnan(out)
    if unknown.all():
        return np.zeros_like(out)
    places = np.arange(len(out))
    out[unknown] = np.interp(places[unknown], places[~unknown], out[~unknown])
    return out


def _from_first_activity(series_id: str, first: pd.Timestamp, values: Floats) -> Series:
    """A series begins where something happens; zeros before that say nothing about its level."""
    active = np.flatnonzero(~np.isnan(values) & (values != 0))
    skip = int(active[0]) if len(active) else 0
    return Series(series_id, first + pd.DateOffset(months=skip), values[skip:])


def _checked(history: pd.DataFrame) -> pd.DataFrame:
    missing = [name for name in COLUMNS if name not in history.columns]
    if missing:
        raise ForecastInputError(
            f"column {', '.join(repr(name) for name in missing)} is missing; the table needs the "
            f"columns {', '.join(COLUMNS)}, and has {', '.join(map(str, history.columns))}"
        )
    frame = pd.DataFrame(
        {
            "series_id": _ids(history["series_id"]),
            "month": _months(history["month"]),
            "value": _values(history["value"]),
        }
    )
    twice = np.flatnonzero(frame.duplicated(["series_id", "month"]).to_numpy())
    if len(twice):
        row = frame.iloc[twice[0]]
        raise ForecastInputError(
            f"{_row(twice[0])}: series '{row['series_id']}' has more than one row for month "
            f"{row['month']:%Y-%m}; add them up or remove one"
        )
    return frame


def _row(position: int | np.intp) -> str:
    """A row's number as a spreadsheet shows it: the header is row 1."""
    return f"row {int(position) + 1 + _HEADER_ROWS}"


def _ids(column: pd.Series) -> list[str]:
    empty = np.flatnonzero((column.isna() | (column.astype(str).str.strip() == "")).to_numpy())
    if len(empty):
        raise ForecastInputError(
            f"{_row(empty[0])}, column 'series_id': empty; give every row the name of its series"
        )
    return [str(value) for value in column]


def _months(column: pd.Series) -> pd.DatetimeIndex:
    if isinstance(column.dtype, pd.PeriodDtype):
        column = column.dt.to_timestamp()
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        column = column.dt.tz_localize(None)
    if pd.api.types.is_datetime64_any_dtype(column):
        dates, bad = column, column.isna().to_numpy()
    else:
        text = column.astype(str).str.strip()
        written = text.where(text.str.match(_WRITTEN_MONTH))
        dates = pd.to_datetime(written, format="ISO8601", errors="coerce")
        bad = dates.isna().to_numpy()
    wrong = np.flatnonzero(bad)
    if len(wrong):
        raise ForecastInputError(
            f"{_row(wrong[0])}, column 'month': '{column.iloc[wrong[0]]}' is not a month; write "
            "it as YYYY-MM-DD or YYYY-MM"
        )
    return pd.DatetimeIndex(dates).to_period("M").to_timestamp().as_unit("ns")


def _values(column: pd.Series) -> Floats:
    empty = column.isna()
    if not pd.api.types.is_numeric_dtype(column):
        empty |= column.astype(str).str.strip() == ""
    numbers = pd.to_numeric(column.where(~empty), errors="coerce").astype(float)
    wrong = np.flatnonzero((numbers.isna() & ~empty).to_numpy())
    if len(wrong):
        raise ForecastInputError(
            f"{_row(wrong[0])}, column 'value': '{column.iloc[wrong[0]]}' is not a number; write "
            "it with a decimal point and no thousands separator"
        )
    values: Floats = np.asarray(numbers, dtype=np.float64)
    beyond = np.flatnonzero(np.abs(values) > _LARGEST)
    if len(beyond):
        raise ForecastInputError(
            f"{_row(beyond[0])}, column 'value': {values[beyond[0]]:g} is infinite or too large to "
            f"count exactly; write a number within {_LARGEST:g} or leave it empty"
        )
    return values
