"""Activity, shares of placements and unit prices over time, as small multiples or few lines.

Belongs here: specs from `rpt_activity_month`, `rpt_placement_month` and `rpt_activity_year`.
Not here: money against budget.
"""

from typing import Any

import pandas as pd

from exports.charts.figures import floats, persons_at_once, rows, settings, shown_ahead
from exports.charts.theme import Spec, chart, color, configuration, newest, on_halo
from exports.language import Language

_SHARES = (("share_foster", "forecast"), ("share_network", "second"), ("share_internal", "third"))
# Room between small charts for the axis of values, and for the years and the next heading.
_AXIS_SPACE = 46
_HEADER_SPACE = 62


def activity_lines(
    frame: pd.DataFrame, lang: Language, width: int = 640, height: int = 90, columns: int = 3
) -> Spec:
    """Persons present per month and type, one small chart each, with forecast and 80 per cent band.

    `frame`: rpt_activity_month, sector `total`, of the types to show. `height`: of one small chart.
    Each small chart has its own axis from zero: the shape is compared, not the size.
    """
    base = {"x": _years(), "y": _count("persons")}
    known = {"filter": "isValid(datum.persons)"}
    layers: list[Spec] = [
        {"mark": {"type": "area", "color": color("forecast"), "opacity": 0.2, "aria": False},
         "encoding": {"x": _years(), "y": _count("low"), "y2": {"field": "high"}}},
        {"transform": [{"filter": "isValid(datum.expected)"}],
         "mark": {"type": "line", "color": color("forecast"), "strokeWidth": 1.5, "aria": False},
         "encoding": {"x": _years(), "y": _count("expected")}},
        # A line breaks where months are hidden: nothing is drawn that is not known.
        {"mark": {"type": "line", "color": color("actual"), "strokeWidth": 1.5, "aria": False},
         "encoding": base},
        *on_halo(
            {"transform": [known, *newest("month", "name"),
                           {"calculate": "format(datum.persons, ',.0f')", "as": "text"}],
             "encoding": {**base, "text": {"field": "text"}}},
            {"dy": -9, "color": color("actual")},
        ),
    ]  # fmt: skip
    values = activity_rows(frame, lang)
    name, unit = lang.text("charts.activity.name"), lang.text("charts.unit.persons")
    return _multiples(values, layers, name, unit, "persons", (width, height, columns))


def activity_rows(frame: pd.DataFrame, lang: Language) -> list[dict[str, Any]]:
    """name, category, month, persons (actual), expected, low, high: average number present."""
    data = floats(frame[frame["sector"] == "total"], [])
    complete = data["is_complete"].astype(bool)
    result = pd.DataFrame({"name": data[lang.column("label")], "month": data["month"]})
    result["category"] = data["category"]
    result["persons"] = persons_at_once(data, "full_year_persons").where(complete)
    for name, column in (("expected", "mean"), ("low", "p10"), ("high", "p90")):
        result[name] = persons_at_once(data, column).round(2)
    result["persons"] = result["persons"].round(2)
    if complete.any():
        last = data.loc[complete, "month"].max()
        first = pd.Timestamp(last.year - settings()["activity_years_back"], 1, 1)
        result = result[(result["month"] >= first) & shown_ahead(result["month"], last)]
    seen = result.groupby("name")["persons"].transform("sum") > 0
    return rows(result[seen].sort_values(["name", "month"]))


def price_lines(
    frame: pd.DataFrame, lang: Language, width: int = 640, height: int = 80, columns: int = 3
) -> Spec:
    """Unit price per year and type (net expenditure per full-year person), one small chart each.

    `frame`: rpt_activity_year of the types to show. The newest year is labelled with its value.
    """
    x = {"field": "year", "type": "ordinal",
         "axis": {"title": None, "labelAngle": 0, "labelOverlap": True}}  # fmt: skip
    y = {"field": "unit_price", "type": "quantitative", "scale": {"zero": True},
         "axis": {"title": None, "labelExpr": "format(datum.value / 1e3, ',~f')",
                  "tickCount": 3}}  # fmt: skip
    newest = {
        "condition": {"test": "datum.is_newest", "value": color("actual")},
        "value": color("neutral"),
    }
    layers: list[Spec] = [
        {"mark": {"type": "bar", "width": {"band": 0.6}, "aria": False},
         "encoding": {"x": x, "y": y, "color": newest}},
        {"transform": [{"filter": "datum.is_newest"},
                       {"calculate": "format(datum.unit_price / 1e3, ',.0f')", "as": "text"}],
         "mark": {"type": "text", "dy": -8, "fontWeight": 600, "aria": False},
         "encoding": {"x": x, "y": y, "text": {"field": "text"}}},
    ]  # fmt: skip
    values = price_rows(frame, lang)
    name, unit = lang.text("charts.price.name"), lang.text("charts.unit.price")
    return _multiples(values, layers, name, unit, "unit_price", (width, height, columns))


def price_rows(frame: pd.DataFrame, lang: Language) -> list[dict[str, Any]]:
    """name, category, year, unit_price (DKK per full-year person), is_newest."""
    data = floats(frame, ["unit_price"])
    data = data[data["unit_price"].notna()]
    result = pd.DataFrame({"name": data[lang.column("label")], "category": data["category"]})
    result["year"] = data["year"].astype(int)
    result["unit_price"] = data["unit_price"].round(0)
    result["is_newest"] = result["year"] == result["year"].max()
    return rows(result.sort_values(["name", "year"]))


def placed_line(frame: pd.DataFrame, lang: Language, width: int = 640, height: int = 180) -> Spec:
    """Share of the children of the municipality that is placed, per month.

    `frame`: rpt_placement_month.
    """
    series = [("share_placed", "actual")]
    return _shares(frame, lang, series, lang.text("charts.placed.name"), width, height)


def placement_lines(
    frame: pd.DataFrame, lang: Language, width: int = 640, height: int = 180
) -> Spec:
    """Shares of the placed who live in foster care, in network care, with own providers, per month.

    `frame`: rpt_placement_month.
    """
    name = lang.text("charts.placement.name")
    return _shares(frame, lang, list(_SHARES), name, width, height)


def _shares(
    frame: pd.DataFrame,
    lang: Language,
    series: list[tuple[str, str]],
    name: str,
    width: int,
    height: int,
) -> Spec:
    columns = [column for column, _ in series]
    data = floats(frame, columns)
    data = data[data["is_complete"].astype(bool)].sort_values("month")
    digits = ".2f" if columns == ["share_placed"] else ",.0f"
    axis = {"title": None, "labelExpr": "format(datum.value * 100, ',~f')", "tickCount": 4}
    layers: list[Spec] = []
    for column, token in series:
        y = {"field": column, "type": "quantitative", "axis": axis, "scale": {"zero": True}}
        only = {"filter": f"isValid(datum['{column}'])"}
        shown = f"{lang.text(f'charts.share.{column}')} "
        text = f"format(datum['{column}'] * 100, '{digits}') + '{lang.text('charts.percent_sign')}'"
        layers.append(
            {"mark": {"type": "line", "color": color(token), "strokeWidth": 2, "aria": False},
             "encoding": {"y": y}}
        )  # fmt: skip
        named = {"calculate": f"'{shown}' + {text}", "as": "text"}
        layers += on_halo(
            {"transform": [only, *newest("month"), named],
             "encoding": {"y": y, "text": {"field": "text"}}},
            {"align": "right", "dy": -14, "color": color(token)},
        )  # fmt: skip
    body = {
        "data": {"values": rows(data[["month", *columns]])},
        "encoding": {"x": {**_years(), "axis": {**_years()["axis"], "labelOverlap": False}}},
        "layer": layers,
    }
    return chart(body, name, width, height, lang.text(f"charts.unit.{columns[0]}"))


def _multiples(
    values: list[dict[str, Any]],
    layers: list[Spec],
    name: str,
    unit: str,
    size_by: str,
    frame: tuple[int, int, int],
) -> Spec:
    """One small chart per `name` in `values`, the one with the largest `size_by` first.

    `frame`: whole width, height of one small chart, columns at most: few charts share the width,
    so that a page that scales to it does not blow them up.
    """
    width, height, columns = frame
    columns = min(columns, len({row["name"] for row in values}) or columns)
    body = chart({}, name, 0, 0, unit)
    for key in ("width", "height", "autosize"):
        del body[key]
    gaps = _AXIS_SPACE * columns
    size = {"width": max(80, (width - gaps) // columns), "height": height}
    return {
        **body,
        "data": {"values": values},
        "columns": columns,
        "bounds": "flush",
        "spacing": {"row": _HEADER_SPACE, "column": _AXIS_SPACE},
        "facet": {"field": "name", "type": "nominal",
                  "sort": {"field": size_by, "op": "max", "order": "descending"},
                  "header": {"title": None, "labelAnchor": "start", "labelFontWeight": 600,
                             "labelLimit": size["width"] + 20}},
        "spec": {**size, "layer": layers},
        "resolve": {"scale": {"y": "independent"}, "axis": {"x": "independent"}},
        "config": configuration(),
    }  # fmt: skip


def _years() -> Spec:
    label = "month(datum.value) == 0 ? timeFormat(datum.value, '%Y') : ''"
    axis = {"title": None, "grid": False, "labelExpr": label, "labelOverlap": True,
            "labelFlush": False, "labelSeparation": 8,
            "tickCount": {"interval": "year", "step": 1}}  # fmt: skip
    return {"field": "month", "type": "temporal", "axis": axis}


def _count(field: str) -> Spec:
    axis = {"title": None, "tickCount": 3, "labelExpr": "format(datum.value, ',~f')"}
    return {"field": field, "type": "quantitative", "axis": axis, "scale": {"zero": True}}
