"""What is written into the page as it stands: style sheet, scripts, data.

Belongs here: making text safe and small inside a `style` or `script` element. Not here: what it
says.
"""

import base64
import gzip
import json
import re
from functools import cache
from typing import Any

import vl_convert
from markupsafe import Markup

from exports.charts import palette
from exports.charts.theme import VEGA_LITE
from exports.cockpit.inputs import HERE


def packed(text: str) -> Markup:
    """The text as letters and digits that cannot end an element: gzip in base64, a fifth as large.

    The same text gives the same letters. `unpacked` reads it back.
    """
    found = gzip.compress(text.encode("utf-8"), compresslevel=9, mtime=0)
    return Markup(base64.b64encode(found).decode("ascii"))  # noqa: S704 - letters and digits


def unpacked(page: str) -> dict[str, Any]:
    """Everything that the charts and filters of a written page can show: its model.

    For whoever must know what is in the file. Raises ValueError for a page without a model.
    """
    found = re.search(r'<script type="text/plain" id="model">([^<]*)</script>', page)
    if not found:
        raise ValueError("the page has no model: it is not a cockpit of this version")
    return dict(json.loads(gzip.decompress(base64.b64decode(found[1]))))


def as_json(model: dict[str, Any]) -> str:
    """Compact JSON; ValueError for a number that JSON has not."""
    return json.dumps(model, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


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
    """Vega, Vega-Lite and vega-embed, packed."""
    return packed(vl_convert.javascript_bundle("window.vegaEmbed=vegaEmbed;", vl_version=VEGA_LITE))


def script() -> Markup:
    """The page's own behaviour."""
    return Markup((HERE / "cockpit.js").read_text(encoding="utf-8"))  # noqa: S704 - our own file
