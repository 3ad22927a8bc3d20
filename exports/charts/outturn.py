"""Expected outturn against budget per function or type, and what changed since the last run.

Belongs here: the bars of `rpt_outturn` and the bridge of `rpt_change`. Not here: time series.
"""

from collections.abc import Iterable
from textwrap import wrap
from typing import Any

import pandas as pd

from exports.charts.figures import change_parts, deviating, rows, settings
from exports.charts.theme import Spec, chart, color
from exports.language import Language
from exports.status import MARKS

_BAR_HEIGHT = 28
_LABEL_WIDTH = 34
_MILLIONS = "datum.value == 0 ? '0' : format(datum.value / 1e6, '+,~f')"
_TEXT = "format(datum.{field} / 1e6, '+,.{decimals}f')"
# Drawn, not written: a letter's size is its font's, and a circle would outgrow its number.
_SHAPES = {
    "over": "triangle-up",
    "risk_over": "triangle-up",
    "on": "circle",
    "risk_under": "triangle-down",
    "under": "triangle-down",
    "undecided": "stroke",
}
_HOLLOW = ("risk_over", "risk_under")
_MARK_AT, _TEXT_AT = 13, 21


def outturn_bars(
    frame: pd.DataFrame, lang: Language, width: int = 640, height: int | None = None
) -> Spec:
    """Deviation from the adjusted budget per key with the 80 per cent interval, largest first.

    `frame`: rpt_outturn of one year and level. A bar has a colour only where its whole interval
    lies on one side of the budget; shape and number say the same without colour.
    """
    data = outturn_rows(frame, lang)
    size = height or max(60, _BAR_HEIGHT * len(data) + 30)
    order = [row["name"] for row in data]
    token = {"over": "over", "under": "under"}
    fill = [color(token.get(status, "neutral")) for status in MARKS]
    decimals = _decimals(row["deviation"] for row in data)
    label = _TEXT.format(field="deviation", decimals=decimals)
    status = {"field": "status", "type": "nominal", "legend": None,
              "scale": {"domain": list(MARKS), "range": fill}}  # fmt: skip
    value = {"type": "quantitative", "axis": {"title": lang.text("charts.deviation_axis"),
             "labelExpr": _MILLIONS, "tickCount": 6}}  # fmt: skip
    interval = {"type": "rule", "strokeWidth": 1.5, "color": color("ink"), "aria": False}
    body = {
        "data": {"values": data},
        "transform": [{"calculate": label, "as": "text"}],
        "encoding": {"y": _names(order)},
        "layer": [
            _zero(),
            {"mark": {"type": "bar", "height": {"band": 0.62}, "aria": False},
             "encoding": {"x": {"field": "deviation", **value}, "color": status}},
            {"mark": interval, "encoding": {"x": {"field": "low", **value},
                                            "x2": {"field": "high"}}},
            _ends("low", value), _ends("high", value),
            *_number(value),
        ],
    }  # fmt: skip
    return chart(body, lang.text("charts.outturn.name"), width, size)


def outturn_rows(frame: pd.DataFrame, lang: Language) -> list[dict[str, Any]]:
    """name, status, deviation, low, high (DKK over budget), shape, hollow, text_at.

    Suppressed rows are left out.
    """
    data = deviating(frame).sort_values("deviation", ascending=False)
    names = data[lang.column("label")].map(_wrapped)
    result = pd.DataFrame({"name": names, "status": data["status"]})
    result["deviation"] = data["deviation"]
    result["low"] = data["p10"] - data["adjusted_budget"]
    result["high"] = data["p90"] - data["adjusted_budget"]
    result["shape"] = data["status"].map(_SHAPES)
    result["hollow"] = data["status"].isin(_HOLLOW)
    result["text_at"] = result[["deviation", "high"]].max(axis=1).clip(lower=0)
    return rows(result)


def bridge(
    frame: pd.DataFrame, lang: Language, width: int = 640, height: int | None = None
) -> Spec:
    """What moved the expected outturn since the last run: one step per key, then the sum.

    `frame`: rpt_change of one level, with the total where it is known: what the keys do not explain
    (suppressed ones among them) is then part of the rest. Steps start at no change, so that no
    axis is cut off.
    """
    data = bridge_rows(frame, lang)
    size = height or max(60, _BAR_HEIGHT * len(data) + 30)
    decimals = _decimals(row["change"] for row in data)
    value = {"type": "quantitative", "axis": {"title": lang.text("charts.change_axis"),
             "labelExpr": _MILLIONS, "tickCount": 6}}  # fmt: skip
    tone = {
        "condition": {"test": "datum.is_total", "value": color("actual")},
        "value": color("neutral"),
    }
    label = _TEXT.format(field="change", decimals=decimals)
    body = {
        "data": {"values": data},
        "transform": [
            {"calculate": label, "as": "text"},
            {"calculate": "datum.change > 0 ? 'triangle-up' : 'triangle-down'", "as": "shape"},
            {"calculate": "max(datum.start, datum.end, 0)", "as": "text_at"},
        ],
        "encoding": {"y": _names([row["name"] for row in data])},
        "layer": [
            _zero(),
            {"mark": {"type": "bar", "height": {"band": 0.62}, "aria": False},
             "encoding": {"x": {"field": "start", **value}, "x2": {"field": "end"},
                          "color": tone}},
            *_number(value),
        ],
    }  # fmt: skip
    return chart(body, lang.text("charts.bridge.name"), width, size)


def bridge_rows(frame: pd.DataFrame, lang: Language) -> list[dict[str, Any]]:
    """name, change, start, end, is_total in DKK: the largest steps, the rest as one, the sum."""
    steps, total = change_parts(frame)
    label = lang.column("label")
    largest = steps.head(settings()["bridge_steps"])
    shown = list(zip(largest[label], largest["change"], strict=True))
    rest = total - float(largest["change"].sum())
    if abs(rest) >= 1:
        shown.append((lang.text("charts.bridge.rest"), rest))
    result: list[dict[str, Any]] = []
    at = 0.0
    for name, change in shown:
        step = {"name": _wrapped(name), "change": change, "start": at, "end": at + change}
        result.append({**step, "is_total": False})
        at += change
    if result:
        last = {"change": at, "start": 0.0, "end": at, "is_total": True}
        result.append({"name": lang.text("charts.bridge.total"), **last})
    return result


def _wrapped(name: str) -> str:
    return "\n".join(wrap(name, _LABEL_WIDTH))


def _decimals(values: Iterable[float]) -> int:
    largest = max((abs(value) for value in values), default=0.0)
    return 2 if largest < settings()["two_decimals_below"] else 1


def _names(order: list[str]) -> Spec:
    axis = {"title": None, "labelLimit": 260, "domain": False, "labelColor": color("ink")}
    return {"field": "name", "type": "nominal", "sort": order, "axis": axis}


def _zero() -> Spec:
    """The budget line (or: no change) at zero."""
    return {
        "data": {"values": [{"zero": 0}]},
        "mark": {"type": "rule", "color": color("budget"), "strokeDash": [5, 4], "aria": False},
        "encoding": {"x": {"field": "zero", "type": "quantitative"}, "y": None},
    }


def _number(value: Spec) -> list[Spec]:
    """The row's mark and number, to the right of all that is drawn of it."""
    at = {"field": "text_at", **value}
    look = {"filled": True, "size": 45, "stroke": color("ink"), "strokeWidth": 1.2}
    return [
        {"mark": {"type": "point", "xOffset": _MARK_AT, "color": color("ink"), "opacity": 1,
                  "aria": False, **look},
         "encoding": {"x": at, "shape": {"field": "shape", "type": "nominal", "scale": None},
                      "fillOpacity": {"condition": {"test": "datum.hollow", "value": 0},
                                      "value": 1}}},
        {"mark": {"type": "text", "align": "left", "dx": _TEXT_AT, "fontWeight": 600,
                  "aria": False},
         "encoding": {"x": at, "text": {"field": "text"}}},
    ]  # fmt: skip


def _ends(field: str, value: Spec) -> Spec:
    return {
        "mark": {"type": "tick", "size": 7, "thickness": 1.5, "color": color("ink"),
                 "aria": False},
        "encoding": {"x": {"field": field, **value}},
    }  # fmt: skip
