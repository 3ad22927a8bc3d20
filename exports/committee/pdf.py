"""The PDF: one Typst template filled with the report's data.

Belongs here: fonts, standards and the compile call. Not here: content. The result is tagged
PDF/UA-1 and PDF/A-2a; Typst refuses to compile when a figure lacks its alternative text. Same
report and date, same bytes.
"""

import importlib.util
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import typst

TEMPLATE = Path(__file__).parent / "templates" / "report.typ"
STANDARDS: list[Any] = ["ua-1", "a-2a"]

# Packages that bring the fonts as files, so that a page looks the same on every machine.
FONT_PACKAGES = {
    "font_source_sans_pro": Path("files"),
    "matplotlib": Path("mpl-data") / "fonts" / "ttf",
}


def font_folders() -> list[Path]:
    """The folders with fonts of the installed packages, without importing these."""
    folders = []
    for package, inside in FONT_PACKAGES.items():
        spec = importlib.util.find_spec(package)
        if spec and spec.origin:
            folders.append(Path(spec.origin).parent / inside)
    return [folder for folder in folders if folder.is_dir()]


def render_pdf(data: dict[str, Any], as_of: date) -> bytes:
    """The report as PDF. `as_of` is its creation date. Raises typst.TypstError."""
    made = datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC)
    result = typst.compile(
        TEMPLATE,
        font_paths=font_folders(),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        pdf_standards=STANDARDS,
        timestamp=made,
    )
    if not isinstance(result, bytes):
        raise TypeError(f"typst gave {type(result).__name__} where one PDF was expected")
    return result
