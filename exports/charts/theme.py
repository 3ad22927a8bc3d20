"""How every chart looks: colours, type, axes, and rendering to SVG.

Belongs here: the palette and the Vega-Lite configuration made of it. The colours themselves are
`palette.yml`. Not here: any single chart.
"""

from functools import cache
from pathlib import Path
from typing import Any, Literal

import vl_convert
import yaml

from exports.language import Language

Spec = dict[str, Any]

VEGA_LITE = "6.4"
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
# Typst falls back to a serif where it does not know the font of an SVG; this one it has.
PRINT_FONT = "DejaVu Sans"
SCREEN_FONT = "system-ui, sans-serif"
SCREEN_FONT_SIZE = 12
UNIT_PLACE = {"anchor": "start", "frame": "bounds", "offset": 10}
LOCALES: dict[str, Literal["da-DK", "en-GB"]] = {"da": "da-DK", "en": "en-GB"}


@cache
def palette() -> dict[str, dict[str, str]]:
    """Token -> {light, dark} as hexadecimal colours."""
    text = Path(__file__).with_name("palette.yml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def color(token: str) -> str:
    """The light colour of a token. KeyError for a token that the palette lacks."""
    return palette()[token]["light"]


def chart(body: Spec, name: str, width: int, height: int, unit: str = "") -> Spec:
    """`body` as a complete chart of that size in pixels.

    `name` is its accessible name, `unit` what the values are in, written over the plot.
    """
    return {
        "$schema": SCHEMA,
        "description": name,
        **({"title": {**UNIT_PLACE, "text": unit}} if unit else {}),
        "width": width,
        "height": height,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "config": configuration(),
        **body,
    }


def newest(time: str, group: str | None = None) -> list[Spec]:
    """Transforms that keep the last row by `time`, of each `group` if given."""
    window: Spec = {
        "window": [{"op": "row_number", "as": "from_end"}],
        "sort": [{"field": time, "order": "descending"}],
    }
    if group:
        window["groupby"] = [group]
    return [window, {"filter": "datum.from_end == 1"}]


def on_halo(layer: Spec, look: Spec) -> list[Spec]:
    """A text layer twice: first as a halo in the paper's colour, so that lines do not cross it."""
    mark = {"type": "text", "fontWeight": 600, "aria": False, **look}
    halo = {**mark, "color": color("paper"), "stroke": color("paper"), "strokeWidth": 4}
    return [{**layer, "mark": halo}, {**layer, "mark": mark}]


def configuration(font: str = PRINT_FONT) -> Spec:
    """Quiet axes, no box around the plot, text in the palette's colours."""
    text = {"labelFont": font, "titleFont": font, "labelColor": color("muted")}
    return {
        "background": None,
        "font": font,
        "view": {"stroke": None},
        "padding": {"left": 4, "right": 8, "top": 6, "bottom": 4},
        "lineBreak": "\n",
        "title": {
            "font": font,
            "fontSize": 11,
            "fontWeight": "normal",
            "color": color("muted"),
        },
        "axis": {
            **text,
            "labelFontSize": 11,
            "titleFontSize": 11,
            "titleFontWeight": "normal",
            "titleColor": color("muted"),
            "domainColor": color("line"),
            "tickColor": color("line"),
            "gridColor": color("grid"),
            "ticks": False,
            "labelPadding": 6,
        },
        "axisY": {"domain": False},
        "header": {**text, "labelColor": color("ink"), "labelFontSize": 11, "title": None},
        "text": {"font": font, "fontSize": 11, "color": color("ink")},
    }


def to_svg(spec: Spec, lang: Language) -> str:
    """The chart as SVG with the language's number and month names. ValueError: not a valid spec."""
    locale = LOCALES[lang.code]
    return vl_convert.vegalite_to_svg(
        spec, vl_version=VEGA_LITE, format_locale=locale, time_format_locale=locale
    )


def for_screen(spec: Spec) -> Spec:
    """The spec for a web page: colours as CSS variables, so that the page can switch its theme,
    and the reader's own system font."""
    names = {values["light"]: f"var(--{token})" for token, values in palette().items()}
    replaced: Spec = _replaced(spec, {**names, PRINT_FONT: SCREEN_FONT})
    config = replaced["config"]
    for part, size in (("title", "fontSize"), ("text", "fontSize"), ("axis", "labelFontSize"),
                       ("axis", "titleFontSize"), ("header", "labelFontSize")):  # fmt: skip
        config[part] = {**config[part], size: SCREEN_FONT_SIZE}
    return replaced


def _replaced(node: Any, names: dict[str, str]) -> Any:
    if isinstance(node, dict):
        return {key: _replaced(value, names) for key, value in node.items()}
    if isinstance(node, list):
        return [_replaced(value, names) for value in node]
    return names.get(node, node) if isinstance(node, str) else node
