"""What the forecast is fitted to instead of what is booked: breaks joined, newest months whole.

What belongs here: putting the two together for the night, reading when months were booked. What
does not: either method (forecasting.breaks, forecasting.reporting_lag), what is published.
"""

from dataclasses import dataclass
from datetime import date

import duckdb
import pandas as pd

from forecasting.breaks import KnownBreak, joined
from forecasting.reporting_lag import Bookings, completed, open_months
from orchestration.steps.known_breaks import MONEY, breaks_of
from orchestration.steps.series_names import bottom_name


@dataclass(frozen=True)
class FittedHistory:
    """`history`: series_id, function, measure_type, month, value as fitted; `joined`: the same
    before the newest months were completed by `still` (what is to come in them)."""

    history: pd.DataFrame
    joined: pd.DataFrame
    still: pd.DataFrame
    breaks: list[KnownBreak]


def fitted_money(bottoms: pd.DataFrame, lines: pd.DataFrame, bookings: Bookings) -> FittedHistory:
    """The bottom series of money as they are fitted and tried.

    lines: of known breaks. `bottoms` stays as it is, for everything that is published as booked.
    """
    breaks = breaks_of(lines, MONEY, bottoms)
    booked = joined(bottoms, breaks)
    still = open_months(booked, bookings)
    return FittedHistory(completed(booked, still), booked, still, breaks)


def read_bookings(connection: duckdb.DuckDBPyConnection, as_of: date) -> Bookings:
    """When the newest two years' months were first seen, as the night of `as_of` knows it."""
    seen = connection.execute(
        "select function, measure_type, month, seen_on, amount::double as value"
        " from intermediate.int_booking_lags order by all"
    ).fetchdf()
    names = zip(seen["function"], seen["measure_type"], strict=True)
    named = seen.assign(series_id=[bottom_name(*name) for name in names])
    return Bookings(named, pd.Timestamp(as_of))
