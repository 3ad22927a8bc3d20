"""Small steps that several charts share: rows for Vega-Lite, amounts in words, statistics.

Belongs here: pure helpers over frames. Not here: specs and sentences.
"""

from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from exports.language import Language
from exports.status import status_of


@cache
def settings() -> dict[str, Any]:
    """The chart rules of `settings.yml`."""
    text = Path(__file__).with_name("settings.yml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def known(value: Any) -> bool:
    """Whether a cell holds a value: not None, NaN, NaT or NA."""
    return not bool(pd.isna(value))


def rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The frame as plain records: NaN as None, dates as local midnight.

    A date without time would be read as UTC and land in the month before, west of Greenwich.
    """
    return [
        {str(key): _plain(value) for key, value in record.items()}
        for record in frame.to_dict(orient="records")
    ]


def _plain(value: Any) -> Any:
    if not known(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%dT00:00:00")
    if hasattr(value, "item"):
        value = value.item()
    return value if isinstance(value, str | bool | int) else float(value)


def floats(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """The frame with those columns as floats (from DECIMAL or object) and `month` as a date."""
    result = frame.copy()
    for column in columns:
        if result[column].dtype != float:
            result[column] = pd.to_numeric(result[column], errors="coerce").astype(float)
    if "month" in result and result["month"].dtype.kind != "M":
        result["month"] = pd.to_datetime(result["month"])
    return result


def money(lang: Language, value: Any) -> str:
    """DKK in millions, with a decimal more for small amounts."""
    small = known(value) and abs(float(value)) < settings()["two_decimals_below"]
    return lang.amount(value, 2 if small else 1)


def interval(lang: Language, low: Any, high: Any) -> str:
    """Two amounts as an interval: 134,0 til 142,3 mio. kr."""
    limit = settings()["two_decimals_below"]
    decimals = 2 if max(abs(float(low)), abs(float(high))) < limit else 1
    return lang.text(
        "format.interval", low=lang.millions(low, decimals), high=lang.amount(high, decimals)
    )


def shown_ahead(months: pd.Series, last: pd.Timestamp) -> pd.Series:
    """Whether a chart of months goes as far: to the end of the year after that of the last complete
    month. What may come years later is told by year, and would push what has been to the edge."""
    return pd.to_datetime(months).dt.year <= last.year + settings()["months_years_ahead"]


def with_status(outturn: pd.DataFrame) -> pd.DataFrame:
    """rpt_outturn rows with float amounts and a column `status`."""
    columns = ["adjusted_budget", "mean", "p10", "p90", "deviation", "probability_over_budget"]
    frame = floats(outturn, columns)
    frame["status"] = [status_of(row) for row in frame.to_dict(orient="records")]
    return frame


def deviating(outturn: pd.DataFrame) -> pd.DataFrame:
    """Rows with a deviation to speak of: neither suppressed, nor without money in the year."""
    frame = with_status(outturn)
    with_money = frame[["adjusted_budget", "mean"]].abs().max(axis=1) >= 1
    return frame[frame["deviation"].notna() & with_money]


def change_parts(frame: pd.DataFrame) -> tuple[pd.DataFrame, float]:
    """rpt_change rows of the keys, largest step first, and the change of the total.

    Without a total row, or with a suppressed one, the total is the sum of the keys.
    """
    data = floats(frame, ["change"])
    data = data[data["change"].notna()]
    is_total = data["level"] == "total"
    steps = data[~is_total]
    steps = steps.reindex(steps["change"].abs().sort_values(ascending=False).index)
    total = data.loc[is_total, "change"] if is_total.any() else steps["change"]
    return steps, float(total.sum())


def persons_at_once(frame: pd.DataFrame, column: str) -> pd.Series:
    """Full-year persons of a month as the number present on average through that month."""
    month = pd.to_datetime(frame["month"])
    days = month.dt.is_leap_year.map({True: 366, False: 365}) / month.dt.days_in_month
    return pd.to_numeric(frame[column], errors="coerce").astype(float) * days
