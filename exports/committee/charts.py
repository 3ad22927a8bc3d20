"""The figures of a committee pack: which charts, over which rows, in which size.

Belongs here: the choice. Charts, their findings (the title over each) and their alternative texts
are `exports.charts`. Not here: layout.
"""

from collections.abc import Mapping

import pandas as pd

from exports import charts
from exports.charts.theme import configuration
from exports.committee.model import Figure
from exports.committee.rules import committee_rules
from exports.language import Language

Frames = Mapping[str, pd.DataFrame]

# Pixels of the drawing; the page scales it to its width.
FRONT_SIZE = (760, 210)
WIDE_SIZE = (760, 190)
SMALL_HEIGHT = 84
# The font of the page; see `pdf.FONT_PACKAGES`.
FONT = "Source Sans Pro, DejaVu Sans"


def year_figure(frames: Frames, year: int, lang: Language) -> Figure | None:
    """The year added up: budget, actual and expected outturn with its interval."""
    months = _rows(frames.get("rpt_expenditure_month"), level="total")
    outturn = _rows(frames.get("rpt_outturn"), level="total", year=year)
    if not months.empty:
        months = months[pd.to_datetime(months["month"]).dt.year == year]
    if outturn.empty or _blank(months, "actual", "mean"):
        return None
    label = lang.text("committee.figure.total")
    return Figure(
        "year",
        lang.text("committee.figure.year", year=year),
        _svg(charts.cumulative_chart(months, outturn, lang, *FRONT_SIZE), lang),
        charts.alt_text_cumulative(outturn, lang, label, year),
    )


def month_figure(frames: Frames, lang: Language) -> Figure | None:
    """Expenditure by month with the forecast's bands."""
    months = _rows(frames.get("rpt_expenditure_month"), level="total")
    if _blank(months, "actual", "mean"):
        return None
    label = lang.text("committee.figure.total")
    return Figure(
        "months",
        charts.finding_fan(months, lang, label),
        _svg(charts.fan_chart(months, lang, *WIDE_SIZE), lang),
        charts.alt_text_fan(months, lang, label),
    )


def deviation_figure(frames: Frames, year: int, lang: Language) -> Figure | None:
    """Deviation from the budget per function with its interval."""
    functions = _rows(frames.get("rpt_outturn"), level="function", year=year)
    if _blank(functions, "deviation"):
        return None
    return Figure(
        "deviations",
        charts.finding_outturn(functions, lang),
        _svg(charts.outturn_bars(functions, lang, WIDE_SIZE[0]), lang),
        charts.alt_text_outturn(functions, lang),
    )


def activity_figure(frames: Frames, year: int, lang: Language) -> Figure | None:
    """Children present in the dearest types of placement, month by month."""
    activity = _rows(frames.get("rpt_activity_month"), sector="total", category="placement")
    yearly = _rows(frames.get("rpt_activity_year"), year=year, category="placement")
    if _blank(activity, "full_year_persons") or _blank(yearly, "net_expenditure"):
        return None
    dearest = yearly.sort_values("net_expenditure", ascending=False)["measure_type"]
    shown = dearest.head(committee_rules()["types_drawn"])
    activity = activity[activity["measure_type"].isin(shown)]
    spec = charts.activity_lines(activity, lang, WIDE_SIZE[0], SMALL_HEIGHT)
    return Figure(
        "activity",
        charts.finding_activity(activity, lang),
        _svg(spec, lang),
        charts.alt_text_activity(activity, lang),
    )


def _svg(spec: charts.Spec, lang: Language) -> str:
    return charts.to_svg(spec | {"config": configuration(FONT)}, lang)


def _rows(frame: pd.DataFrame | None, **equal: str | int) -> pd.DataFrame:
    if frame is None or frame.empty:
        return pd.DataFrame()
    mask = pd.Series(True, index=frame.index)
    for column, value in equal.items():
        mask &= frame[column] == value
    return frame[mask]


def _blank(frame: pd.DataFrame, *columns: str) -> bool:
    return frame.empty or bool(frame[list(columns)].isna().all(axis=None))
