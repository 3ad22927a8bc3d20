"""Expenditure over time: the fan of months, and the year added up against its budget.

Belongs here: specs from `rpt_expenditure_month` and `rpt_outturn`. Actual is a solid dark line,
the budget dashed grey, the forecast in its own hue with bands. Not here: the sentences.
"""

from typing import Any

import numpy as np
import pandas as pd

from exports.charts.figures import floats, known, rows, settings, shown_ahead
from exports.charts.theme import Spec, chart, color, newest, on_halo
from exports.language import Language

QUANTILES = ["p05", "p10", "p25", "p50", "p75", "p90", "p95"]
BANDS = (("p05", "p95", 0.14), ("p10", "p90", 0.2), ("p25", "p75", 0.28))
_MILLIONS = "format(datum.value / 1e6, ',~f')"


def fan_chart(frame: pd.DataFrame, lang: Language, width: int = 640, height: int = 260) -> Spec:
    """Net expenditure per month with bands of 50, 80 and 90 per cent.

    `frame`: rpt_expenditure_month of one level and key. An empty frame gives a chart without marks.
    """
    months = fan_rows(frame)
    bands = [
        _layer("area", low, "forecast", opacity, y2=high, interpolate="monotone")
        for low, high, opacity in BANDS
    ]
    lines = [
        _line("budget_month", "budget", lang, dash=[5, 4], width=1.5),
        _line("mean", "forecast", lang, width=2),
        _line("actual", "actual", lang, width=2),
    ]
    ends = [
        *_end_label(lang.text("charts.series.actual"), "actual", "actual"),
        *_end_label(lang.text("charts.series.forecast"), "mean", "forecast", "budget_month"),
        *_end_label(lang.text("charts.series.budget"), "budget_month", "budget", "mean"),
    ]
    body = {
        "data": {"values": months},
        "encoding": {"x": _month_axis()},
        "layer": [*bands, *lines, *_cut_off(lang), *ends],
    }
    unit = lang.text("charts.unit.month")
    return chart(body, lang.text("charts.fan.name"), width, height, unit)


def fan_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The months that the fan shows, oldest first: some years back and to the end of next year."""
    columns = ["actual", "budget_month", "mean", *QUANTILES]
    data = floats(frame, columns).sort_values("month")
    complete = data["is_complete"].astype(bool)
    data.loc[~complete, "actual"] = float("nan")
    if complete.any():
        last = data.loc[complete, "month"].max()
        first = pd.Timestamp(last.year - settings()["fan_years_back"], 1, 1)
        data = data[(data["month"] >= first) & shown_ahead(data["month"], last)]
        data["is_last"] = data["month"] == last
    else:
        data["is_last"] = False
    return rows(data[["month", *columns, "is_last"]])


def cumulative_chart(
    months: pd.DataFrame,
    outturn: pd.DataFrame,
    lang: Language,
    width: int = 640,
    height: int = 260,
) -> Spec:
    """A year added up: budget, actual, and expected outturn with its 80 per cent interval.

    `months`: rpt_expenditure_month of one year, level and key. `outturn`: the same in rpt_outturn.
    The interval belongs to the year's end; the band is drawn straight towards it.
    """
    band = _layer("area", "low", "forecast", 0.2, y2="high")
    lines = [
        _line("budget", "budget", lang, dash=[5, 4], width=1.5),
        _line("expected", "forecast", lang, width=2),
        _line("actual", "actual", lang, width=2.5),
    ]
    ends = [
        *_end_label(lang.text("charts.series.actual"), "actual", "actual"),
        *_end_label(lang.text("charts.series.expected"), "expected", "forecast", "budget", True),
        *_end_label(lang.text("charts.series.budget"), "budget", "budget", "expected", True),
    ]
    body = {
        "data": {"values": cumulative_rows(months, outturn)},
        "encoding": {"x": _month_axis(yearly=False)},
        "layer": [band, *lines, *ends],
    }
    unit = lang.text("charts.unit.year")
    return chart(body, lang.text("charts.cumulative.name"), width, height, unit)


def cumulative_rows(months: pd.DataFrame, outturn: pd.DataFrame) -> list[dict[str, Any]]:
    """month, budget, actual, expected, low, high: each added up from January, in DKK.

    The expected line ends in the year's mean, which also holds what is booked after the last
    complete month, and what is still to be booked of months before it; the months between share
    the rest as the monthly forecast does.
    """
    data = floats(months, ["actual", "budget_month", "mean"]).sort_values("month")
    complete = data["is_complete"].astype(bool).to_numpy()
    result = pd.DataFrame({"month": data["month"].to_numpy()})
    result["budget"] = data["budget_month"].cumsum().to_numpy()
    result["actual"] = data["actual"].where(complete).cumsum().to_numpy()
    ends = floats(outturn, ["mean", "p10", "p90"]).iloc[:1]
    if len(ends) and known(ends["mean"].iloc[0]) and not complete.all():
        ahead = data["mean"].where(~complete, 0.0).fillna(0.0).cumsum().to_numpy()
        total = ahead[-1]
        steps = (~complete).cumsum()
        share = ahead / total if total else steps / steps[-1]
        start = float(result["actual"].dropna().iloc[-1]) if complete.any() else 0.0
        shown = np.arange(len(result)) >= complete.sum() - 1
        for name, column in (("expected", "mean"), ("low", "p10"), ("high", "p90")):
            end = float(ends[column].iloc[0])
            along = steps / steps[-1] if column != "mean" else share
            middle = start + (float(ends["mean"].iloc[0]) - start) * share
            values = middle + (end - float(ends["mean"].iloc[0])) * along
            result[name] = pd.Series(values).where(shown)
    return rows(result.reindex(columns=["month", "budget", "actual", "expected", "low", "high"]))


def _month_axis(yearly: bool = True) -> Spec:
    label = (
        "month(datum.value) == 0 ? timeFormat(datum.value, '%Y') : ''"
        if yearly
        else "timeFormat(datum.value, '%b')"
    )
    axis: Spec = {"title": None, "labelExpr": label, "grid": False, "labelOverlap": True}
    if yearly:
        axis["tickCount"] = {"interval": "month", "step": 1}
        axis["labelOverlap"] = False
    return {"field": "month", "type": "temporal", "axis": axis}


def _amount_axis() -> Spec:
    return {"title": None, "labelExpr": _MILLIONS, "tickCount": 5}


def _layer(
    mark: str, field: str, token: str, opacity: float, y2: str, interpolate: str = "linear"
) -> Spec:
    return {
        "mark": {"type": mark, "color": color(token), "opacity": opacity,
                 "interpolate": interpolate, "tooltip": False, "aria": False},
        "encoding": {
            "y": {"field": field, "type": "quantitative", "axis": _amount_axis(),
                  "scale": {"zero": True, "nice": True}},
            "y2": {"field": y2},
        },
    }  # fmt: skip


def _line(
    field: str, token: str, lang: Language, dash: list[int] | None = None, width: float = 2
) -> Spec:
    title = lang.text(f"charts.column.{field}")
    return {
        "transform": [{"filter": f"isValid(datum['{field}'])"}],
        "mark": {"type": "line", "color": color(token), "strokeWidth": width,
                 "strokeDash": dash or [1, 0], "strokeCap": "butt", "aria": False},
        "encoding": {
            "y": {"field": field, "type": "quantitative", "axis": _amount_axis(), "title": title}
        },
    }  # fmt: skip


def _end_label(
    text: str, field: str, token: str, other: str | None = None, value: bool = False
) -> list[Spec]:
    """The name of a line (and its `value` in millions) beside its last point, in its colour.

    With `other`, the two names stand to the right of the plot and move apart: the higher line's
    name up, the lower line's down. Without it the name stands over the line.
    """
    shown = f" + ' ' + format(datum['{field}'] / 1e6, ',.1f')" if value else ""
    if other is None:
        return _at_end(field, text, shown, {"align": "right", "dy": -18, "color": color(token)})
    beside = {"align": "left", "dx": 6, "color": color(token)}
    ours, theirs = (f"(isValid(datum['{name}']) ? datum['{name}'] : 0)" for name in (field, other))
    higher = f"{ours} > {theirs} || ({ours} == {theirs} && '{field}' < '{other}')"
    return [
        *_at_end(field, text, shown, {**beside, "dy": -7}, higher),
        *_at_end(field, text, shown, {**beside, "dy": 7}, f"!({higher})"),
    ]


def _at_end(field: str, text: str, shown: str, look: Spec, only: str = "true") -> list[Spec]:
    layer = {
        "transform": [
            {"filter": f"isValid(datum['{field}'])"},
            *newest("month"),
            {"filter": only},
            {"calculate": f"'{text}'{shown}", "as": "text"},
        ],
        "encoding": {
            "y": {"field": field, "type": "quantitative", "axis": _amount_axis()},
            "text": {"field": "text"},
        },
    }
    return on_halo(layer, look)


def _cut_off(lang: Language) -> list[Spec]:
    """The last complete month: to its left what is known, to its right what is expected."""
    here = [{"filter": "datum.is_last"}]
    named = {
        "transform": [
            *here,
            {"calculate": f"'{lang.text('charts.last_month')} ' + timeFormat(datum.month, '%b %Y')",
             "as": "name"},
        ],
        "mark": {"type": "text", "align": "right", "dx": -6, "baseline": "top",
                 "color": color("muted"), "aria": False},
        "encoding": {"y": {"value": 0}, "text": {"field": "name"}},
    }  # fmt: skip
    rule = {"type": "rule", "color": color("muted"), "strokeWidth": 1, "aria": False}
    return [{"transform": here, "mark": rule, "encoding": {"y": {"value": 0}}}, named]
