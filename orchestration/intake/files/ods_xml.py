"""Cells of an OpenDocument sheet that the reading library hands out as empty, or does not tell of.

What belongs here: error cells (`#N/A`) and merged cells in .ods. What does not: reading the sheet
(excel).
"""

import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

from orchestration.intake.files.lost_cells import LostCells

MEMBER = "content.xml"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_VALUE_TYPE = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")


def lost_cells(path: Path, sheet: str) -> LostCells:
    """The error cells and merged cells of a sheet.

    Raises OSError, BadZipFile or ParseError for a damaged workbook.
    """
    lost = LostCells()
    place, inside = 0, False
    with zipfile.ZipFile(path) as archive, archive.open(MEMBER) as handle:
        # The parser of the standard library limits the growth of entities itself.
        for event, item in ET.iterparse(handle, ("start", "end")):  # noqa: S314
            if item.tag == f"{_TABLE}table":
                inside = event == "start" and item.get(f"{_TABLE}name") == sheet
            elif event == "end" and item.tag == f"{_TABLE}table-row":
                if inside:
                    _note(item, place, lost)
                    place += _times(item, "rows")
                item.clear()
    return lost


def _note(row: ET.Element, place: int, lost: LostCells) -> None:
    """Note what is lost of a row that begins at `place`, from 0; it may stand for several."""
    column = 0
    for cell in row:
        if cell.tag not in _CELLS:
            continue
        wide = int(cell.get(f"{_TABLE}number-columns-spanned", "1"))
        if wide > 1:
            lost.merged.append(((place, column), (place, column + wide - 1)))
        times = _times(cell, "columns")
        if cell.get(_VALUE_TYPE) == "error":
            text = "".join(part for shown in cell.iter(f"{_TEXT}p") for part in shown.itertext())
            for number in range(place + 1, place + 1 + _times(row, "rows")):
                for beside in range(column, column + times):
                    lost.add(number, beside, text or "#N/A")
        column += times


def _times(item: ET.Element, what: str) -> int:
    return int(item.get(f"{_TABLE}number-{what}-repeated", "1"))
