"""Cells of a workbook that the reading library hands out as empty though they are not.

What belongs here: error cells (`#N/A`) and formulas that were never calculated, in .xlsx and
.xlsm. What does not: reading the sheet (excel), other formats (ods_xml, xls_cells).
"""

import posixpath
import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from pathlib import Path

from orchestration.intake.files.lost_cells import LostCells

MEMBER = "xl/workbook.xml"
UNCALCULATED = "#CALC!"
"""What stands for a formula whose value the file does not hold."""

_CHUNK = 4 << 20
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*[^/>]|)>(.*?)</(?:\w+:)?c>", re.DOTALL)
_ROW_END = re.compile(rb"</(?:\w+:)?row>")
_PLACE = re.compile(rb'\br="([A-Z]{1,3})([0-9]+)"')
_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]+)</")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")


def lost_cells(path: Path, sheet: str) -> LostCells:
    """The error cells and uncalculated formulas of a sheet.

    Raises OSError, BadZipFile, ParseError or KeyError for a damaged workbook.
    """
    lost = LostCells()
    with zipfile.ZipFile(path) as archive:
        member = _member(archive, sheet)
        if member is None:
            return lost
        for block in _blocks(archive, member):
            if b't="e"' in block or _FORMULA.search(block):
                _note(block, lost)
    return lost


def _member(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Where the archive keeps a sheet's cells; None where it tells of no such sheet."""
    # The parser of the standard library limits the growth of entities itself.
    book = ET.fromstring(archive.read(MEMBER))  # noqa: S314
    relations = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    targets = {item.get("Id"): item.get("Target", "") for item in relations}
    for item in book.iter():
        if item.tag.endswith("}sheet") and item.get("name") == sheet:
            key = next((value for name, value in item.items() if name.endswith("}id")), "")
            return posixpath.normpath(posixpath.join("/xl", targets[key])).lstrip("/")
    return None


def _blocks(archive: zipfile.ZipFile, member: str) -> Iterator[bytes]:
    """The sheet's XML in blocks of whole rows."""
    rest = b""
    with archive.open(member) as handle:
        while chunk := handle.read(_CHUNK):
            rest += chunk
            ends = list(_ROW_END.finditer(rest))
            if ends:
                yield rest[: ends[-1].end()]
                rest = rest[ends[-1].end() :]


def _note(block: bytes, lost: LostCells) -> None:
    for attributes, inner in _CELL.findall(block):
        place = _PLACE.search(attributes)
        value = _VALUE.search(inner)
        is_error = b't="e"' in attributes
        uncalculated = _FORMULA.search(inner) and not value and b't="str"' not in attributes
        if place and (is_error or uncalculated):
            text = value.group(1).decode() if is_error and value else UNCALCULATED
            lost.add(int(place[2]), _column(place[1]), text)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1
