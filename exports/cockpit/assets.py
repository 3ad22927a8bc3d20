"""What is written into the page as it stands: style sheet, scripts, data.

Belongs here: making text safe inside a `style` or `script` element. Not here: what it says.
"""

import json
from functools import cache
from typing import Any

import vl_convert
from markupsafe import Markup

from exports.charts import palette
from exports.charts.theme import VEGA_LITE
from exports.cockpit.inputs import HERE


def embedded(model: dict[str, Any]) -> Markup:
    """JSON that cannot end the script element it stands in."""
    text = json.dumps(model, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - what could break out is escaped above


def styles() -> Markup:
    """The style sheet with the palette as variables: light, dark, and light again on paper."""
    light = "".join(f"--{name}:{tones['light']};" for name, tones in palette().items())
    dark = "".join(f"--{name}:{tones['dark']};" for name, tones in palette().items())
    return Markup(  # noqa: S704 - our own file and palette
        f":root{{color-scheme:light;{light}}}\n"
        f":root[data-theme=dark]{{color-scheme:dark;{dark}}}\n"
        f"@media (prefers-color-scheme:dark){{:root:not([data-theme=light])"
        f"{{color-scheme:dark;{dark}}}}}\n"
        + (HERE / "style.css").read_text(encoding="utf-8")
        + f"\n@media print{{:root,:root[data-theme],:root:not([data-theme=light])"
        f"{{color-scheme:light;{light}}}}}\n"
    )


@cache
def bundle() -> Markup:
    """Vega, Vega-Lite and vega-embed as one module, safe inside a script element."""
    code = vl_convert.javascript_bundle("window.vegaEmbed=vegaEmbed;", vl_version=VEGA_LITE)
    return Markup(code.replace("</script", "<\\/script"))  # noqa: S704 - a pinned library


def script() -> Markup:
    """The page's own behaviour."""
    return Markup((HERE / "cockpit.js").read_text(encoding="utf-8"))  # noqa: S704 - our own file
