"""Sentences over the tables that have no chart, and when the data were loaded.

Belongs here: wording from frames. Not here: sentences of charts (`exports.charts`).
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pandas as pd

from exports.cockpit.inputs import settings
from exports.language import Language


def load_heading(frame: pd.DataFrame, lang: Language) -> str:
    """Files and rows of the newest load, added up."""
    if frame.empty:
        return ""
    names = ("rows_read", "rows_loaded", "rows_rejected")
    sums = {name.removeprefix("rows_"): lang.number(frame[name].sum()) for name in names}
    return lang.text("cockpit.heading.load", files=lang.number(len(frame)), **sums)


def quality_heading(frame: pd.DataFrame, lang: Language) -> str:
    """How many kinds of findings in how many rows."""
    if frame.empty:
        return ""
    rules, rows = lang.number(frame["rule"].nunique()), lang.number(frame["rows"].sum())
    return lang.text("cockpit.heading.quality", rules=rules, rows=rows)


def loaded(frame: pd.DataFrame, lang: Language) -> dict[str, str] | None:
    """When the newest file was loaded: for the script (UTC) and for the reader (local)."""
    newest = frame["loaded_at"].max() if len(frame) else pd.NaT
    if pd.isna(newest):
        return None
    moment = newest.to_pydatetime().replace(tzinfo=UTC)
    local = local_time(moment)
    shown = lang.text("cockpit.moment", date=lang.date(local), time=f"{local:%H.%M}")
    return {"utc": moment.isoformat(), "text": shown}


def local_time(moment: datetime) -> datetime:
    """The moment in the zone of the settings."""
    return moment.astimezone(ZoneInfo(settings()["time_zone"]))
