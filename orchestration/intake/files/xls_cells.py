"""Error cells of an old workbook, which the reading library hands out as empty.

What belongs here: error cells (`#N/A`) in .xls. What does not: reading the sheet (excel).
"""

import os
import struct
from pathlib import Path

import xlrd

from orchestration.intake.files.lost_cells import LostCells

_DAMAGED = (xlrd.XLRDError, xlrd.compdoc.CompDocError, struct.error, AssertionError, LookupError)


def lost_cells(path: Path, sheet: str) -> LostCells:
    """The error cells of a sheet. Raises OSError for a damaged workbook."""
    lost = LostCells()
    try:
        with (
            Path(os.devnull).open("w") as nowhere,
            xlrd.open_workbook(path, logfile=nowhere, on_demand=True) as book,
        ):
            found = book.sheet_by_name(sheet)
            for row in range(found.nrows):
                for column, kind in enumerate(found.row_types(row)):
                    if kind == xlrd.XL_CELL_ERROR:
                        text = xlrd.error_text_from_code.get(found.cell_value(row, column), "#N/A")
                        lost.add(row + 1, column, text)
    except _DAMAGED as error:
        raise OSError(f"its old workbook format is damaged: {error}") from error
    return lost
