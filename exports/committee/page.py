"""The HTML version: one self-contained, print-friendly page.

Belongs here: filling the page template. Not here: content. No script, no external request.
The charts' SVG is ours and goes in unescaped; all text is escaped.
"""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

TEMPLATES = Path(__file__).parent / "templates"


def render_page(data: dict[str, Any]) -> bytes:
    """The report as HTML in UTF-8. Raises jinja2.UndefinedError for data the template misses."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html").render(report=data).encode("utf-8")
