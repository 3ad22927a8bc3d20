"""Plain charts of any table: lines over time, small multiples of them, bars, columns per year.

Belongs here: specs whose series, unit and axis are arguments. The rows that they take are wide, one
column per series. Not here: charts with a story of their own (fan, bridge, outturn), sentences,
which table is shown (`exports.cockpit`).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from exports.charts.theme import Spec, chart, color, configuration, newest, on_halo

Shape = Literal["lines", "multiples", "bars", "columns"]
Form = Literal["number", "decimal", "share", "million", "thousand"]

TOKENS = ("actual", "forecast", "second", "third", "neutral")
DASHES = ([1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [4, 4])
BAR_HEIGHT = 26
_BESIDE = 13
_BAR_SPACE = 40
_MULTIPLE = {"width": 180, "height": 90}
_WRITTEN: dict[Form, str] = {
    "number": "format({0}, ',.0f')",
    "decimal": "format({0}, ',.1f')",
    "share": "format({0} * 100, abs({0}) < 0.1 ? ',.1f' : ',.0f')",
    "million": "format({0} / 1e6, ',.2f')",
    "thousand": "format({0} / 1e3, ',.0f')",
}
_ON_AXIS: dict[Form, str] = {
    "number": "format(datum.value, ',~f')",
    "decimal": "format(datum.value, ',~f')",
    "share": "format(datum.value * 100, ',~f')",
    "million": "format(datum.value / 1e6, ',~f')",
    "thousand": "format(datum.value / 1e3, ',~f')",
}


@dataclass(frozen=True)
class Plain:
    """What a plain chart shows: `series` column -> its name; `time` a column of months or years.

    `band`: columns of an interval's ends. `within_year`: months are named, not years.
    """

    shape: Shape
    series: dict[str, str]
    form: Form
    name: str
    unit: str
    time: str = "month"
    band: tuple[str, str] | None = None
    within_year: bool = False
    percent: str = "%"


def plain_chart(plain: Plain, width: int = 640, height: int = 220) -> Spec:
    """The chart without rows, which the page fills in.

    `lines` and `columns` stand over `plain.time`; `multiples` are one small chart per `name`, with
    lines; `bars` lie beside their `name`, in the order of the rows.
    """
    if plain.shape == "bars":
        return _bars(plain, width)
    layers = _columns(plain) if plain.shape == "columns" else _lines(plain)
    body: Spec = {"data": {"values": []}, "layer": layers}
    if plain.shape != "multiples":
        return chart(body, plain.name, width, height, plain.unit)
    spec = chart({}, plain.name, 0, 0, plain.unit)
    for key in ("width", "height", "autosize"):
        del spec[key]
    header = {"title": None, "labelAnchor": "start", "labelFontWeight": 600, "labelLimit": 200}
    return {
        **spec,
        "data": {"values": []},
        "columns": 3,
        "bounds": "flush",
        "spacing": {"row": 62, "column": 46},
        "facet": {"field": "name", "type": "nominal", "header": header},
        "spec": {**_MULTIPLE, "layer": layers},
        "resolve": {"scale": {"y": "independent"}, "axis": {"x": "independent"}},
        "config": configuration(),
    }


def bars_height(names: Sequence[str], series: int) -> int:
    """Pixels that those names with so many bars each need."""
    lines = max((name.count("\n") + 1 for name in names), default=1)
    return max(70, len(names) * max(BAR_HEIGHT, _BESIDE * series + 8, 15 * lines + 4) + _BAR_SPACE)


def _lines(plain: Plain) -> list[Spec]:
    x = _time(plain)
    layers: list[Spec] = []
    if plain.band:
        low, high = plain.band
        layers.append(
            {"mark": {"type": "area", "color": color("forecast"), "opacity": 0.2, "aria": False},
             "encoding": {"x": x, "y": _value(plain, low), "y2": {"field": high}}}
        )  # fmt: skip
    hue = _hue(plain, "stroke")
    dashes = {**hue, "scale": {"domain": list(plain.series), "range": DASHES[: len(plain.series)]}}
    # A line breaks where a value is hidden; a point keeps one that stands alone between such.
    layers.append(
        {"transform": _long(plain)[:1],
         "mark": {"type": "line", "strokeWidth": 2, "strokeCap": "butt", "aria": False,
                  "point": {"size": 30 if plain.time == "year" else 14}},
         "encoding": {"x": x, "y": _value(plain), "color": hue,
                      "strokeDash": dashes}}
    )  # fmt: skip
    if len(plain.series) == 1:
        layers += _last_value(plain, x)
    return layers


def _last_value(plain: Plain, x: Spec) -> list[Spec]:
    field = next(iter(plain.series))
    group = "name" if plain.shape == "multiples" else None
    text = _text(plain, f"datum['{field}']")
    layer = {
        "transform": [{"filter": f"isValid(datum['{field}'])"}, *newest(plain.time, group),
                      {"calculate": text, "as": "text"}],
        "encoding": {"x": x, "y": _value(plain, field), "text": {"field": "text"}},
    }  # fmt: skip
    return on_halo(layer, {"align": "right", "dy": -9, "color": color("actual")})


def _columns(plain: Plain) -> list[Spec]:
    x = {"field": plain.time, "type": "ordinal", "axis": {"title": None, "labelAngle": 0,
         "labelOverlap": True}, "scale": {"paddingInner": 0.25}}  # fmt: skip
    beside = {"field": "series", "type": "nominal", "sort": list(plain.series)}
    offset = {"xOffset": beside} if len(plain.series) > 1 else {}
    encoding = {"x": x, **offset, "y": _value(plain), "color": _hue(plain, "square")}
    bars: Spec = {"transform": _long(plain), "mark": {"type": "bar", "aria": False},
                  "encoding": encoding}  # fmt: skip
    # Years without a figure keep their place.
    place: Spec = {"mark": {"type": "point", "opacity": 0, "aria": False}, "encoding": {"x": x}}
    return [place, bars]


def _bars(plain: Plain, width: int) -> Spec:
    axis = {"title": None, "labelLimit": 260, "domain": False, "labelColor": color("ink")}
    y = {"field": "name", "type": "nominal", "sort": [], "axis": axis}
    x = {**_value(plain), "axis": {"title": plain.unit, "labelExpr": _ON_AXIS[plain.form],
         "tickCount": 5}}  # fmt: skip
    beside = {"field": "series", "type": "nominal", "sort": list(plain.series)}
    offset = {"yOffset": beside} if len(plain.series) > 1 else {}
    text = {"calculate": _text(plain, "datum.value"), "as": "text"}
    ends: list[tuple[str, Spec]] = [("datum.value >= 0", {"align": "left", "dx": 4}),
                                    ("datum.value < 0", {"align": "right", "dx": -4})]  # fmt: skip
    texts: list[Spec] = [{"transform": [{"filter": test}],
                          "mark": {"type": "text", "aria": False, **look},
                          "encoding": {"x": x, "text": {"field": "text"}}}
                         for test, look in ends]  # fmt: skip
    body: Spec = {
        "data": {"values": []},
        "transform": [*_long(plain), text],
        "encoding": {"y": y, **offset},
        "layer": [
            {"mark": {"type": "bar", "aria": False},
             "encoding": {"x": x, "color": _hue(plain, "square")}},
            *texts,
        ],
    }  # fmt: skip
    return chart(body, plain.name, width, BAR_HEIGHT)


def _text(plain: Plain, value: str) -> str:
    sign = f" + '{plain.percent}'" if plain.form == "share" else ""
    return _WRITTEN[plain.form].format(value) + sign


def _long(plain: Plain) -> list[Spec]:
    """One row per series; a cell without a value has none."""
    return [
        {"fold": list(plain.series), "as": ["series", "value"]},
        {"filter": "isValid(datum.value)"},
    ]


def _value(plain: Plain, field: str = "value") -> Spec:
    axis = {"title": None, "tickCount": 4, "labelExpr": _ON_AXIS[plain.form]}
    return {"field": field, "type": "quantitative", "axis": axis, "scale": {"zero": True}}


def _hue(plain: Plain, symbol: str) -> Spec:
    """Colour by series, named in a legend where there is more than one."""
    words = f"{json.dumps(plain.series, ensure_ascii=False)}[datum.label]"
    legend: dict[str, Any] = {
        "title": None, "orient": "top", "columns": 1, "labelExpr": words, "labelLimit": 420,
        "labelColor": color("ink"), "labelFontSize": 12, "symbolType": symbol, "offset": 4,
    }  # fmt: skip
    names: Sequence[str] = list(plain.series)
    return {
        "field": "series",
        "type": "nominal",
        "scale": {"domain": names, "range": [color(token) for token in TOKENS[: len(names)]]},
        "legend": legend if len(names) > 1 else None,
    }


def _time(plain: Plain) -> Spec:
    if plain.time == "year":
        return {"field": "year", "type": "ordinal",
                "axis": {"title": None, "labelAngle": 0, "labelOverlap": True}}  # fmt: skip
    january = "month(datum.value) == 0 ? timeFormat(datum.value, '%Y') : ''"
    axis: Spec = {"title": None, "grid": False, "labelFlush": False, "labelOverlap": True}
    if plain.within_year:
        axis |= {"labelExpr": "timeFormat(datum.value, '%b')",
                 "tickCount": {"interval": "month", "step": 1}}  # fmt: skip
    else:
        axis |= {"labelExpr": january, "labelSeparation": 8,
                 "tickCount": {"interval": "year", "step": 1}}  # fmt: skip
    return {"field": plain.time, "type": "temporal", "axis": axis}
