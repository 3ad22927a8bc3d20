"""What a delivered file is: told by its profile, then by its first bytes, never by its name alone.

What belongs here: CSV, fixed width, workbook or Parquet. What does not: reading any of them.
"""

import zipfile
import zlib
from pathlib import Path
from typing import Literal

from orchestration.intake.files.table import UnreadableFileError
from orchestration.intake.forms import FileForm

Kind = Literal["csv", "fixed_width", "excel", "parquet"]

BROKEN_ARCHIVE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, UnicodeDecodeError)
"""What the standard library says of an archive that is damaged or encrypted, or packed in a way
that it does not know."""

_WORKBOOKS = {".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"}
_PARQUET = b"PAR1"
_ZIP = b"PK\x03\x04"
_GZIP = b"\x1f\x8b"
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WORKBOOK_MEMBERS = {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}


def kind_of(path: Path, form: FileForm) -> Kind:
    """What the file is. Raises UnreadableFileError where its name and its content disagree."""
    if form.format != "auto":
        return form.format
    suffix = path.suffix.casefold()
    with path.open("rb") as handle:
        start = handle.read(512)
    if start.startswith(_PARQUET) or suffix == ".parquet":
        return "parquet"
    if start.startswith(_OLD_WORKBOOK) or (start.startswith(_ZIP) and _is_workbook(path)):
        return "excel"
    if suffix in _WORKBOOKS and start:
        raise UnreadableFileError(_not_a_workbook(start))
    if start.startswith((_ZIP, _GZIP)):
        raise UnreadableFileError(
            "it is packed and could not be unpacked: damaged, encrypted, larger than the disk has "
            "room for, or not named .zip or .gz"
        )
    return "fixed_width" if form.fixed_width else "csv"


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return bool(_WORKBOOK_MEMBERS & set(archive.namelist()))
    except BROKEN_ARCHIVE:
        return path.suffix.casefold() in _WORKBOOKS


def _not_a_workbook(start: bytes) -> str:
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return "it is a web page or XML under a workbook's name; save it as .xlsx or CSV"
    return "it is no workbook; if it is text, name it .csv"
