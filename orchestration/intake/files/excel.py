"""Workbooks as batches of text, written as the profile's CSV files would write them.

What belongs here: the sheet, its header and its typed cells. What does not: what a header means
(headers), what the reading library leaves out (lost_cells).

A sheet is loaded as a whole. A number is written with all its digits and the profile's decimal
mark; a date in the profile's first form. Hidden rows and columns are data like any other.
"""

import datetime
import itertools
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import numpy as np
import pyarrow as pa
import python_calamine as calamine

from orchestration.intake.files import excel_xml, ods_xml, xls_cells
from orchestration.intake.files.header_rows import SEARCHED, header_start, joined, known_in
from orchestration.intake.files.kinds import BROKEN_ARCHIVE
from orchestration.intake.files.lost_cells import LostCells
from orchestration.intake.files.table import Table, UnreadableFileError, without_blank
from orchestration.intake.forms import FileForm

_BATCH = 20_000
_EXACT = 10**15
"""A workbook keeps fifteen digits; what it shows after them is a zero."""
_OPEN_END = datetime.date(9999, 12, 31)
_DAMAGED = (*BROKEN_ARCHIVE, calamine.CalamineError, OSError, ParseError, KeyError)

Rows = Iterator[list[str]]


def open_excel(path: Path, form: FileForm, known: frozenset[str]) -> Table:
    """Open a sheet of a workbook; `known` are the normalised headers that the profile knows.

    Raises UnreadableFileError.
    """
    try:
        _refuse_bombs(path, form)
        with calamine.load_workbook(path) as workbook:
            sheet = _chosen(workbook, path, form, known)
    except calamine.PasswordError as error:
        raise UnreadableFileError("it is protected by a password") from error
    except _DAMAGED as error:
        raise UnreadableFileError(f"it is no workbook, or a damaged one ({error})") from error
    except BaseException as error:
        # On some damage the library panics, which is no Exception and has no name to import.
        if type(error).__name__ != "PanicException":
            raise
        raise UnreadableFileError(f"it is no workbook, or a damaged one ({error})") from None
    return sheet


def _refuse_bombs(path: Path, form: FileForm) -> None:
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(member.file_size for member in archive.infolist()) >> 20
    if unpacked > form.max_workbook_mb:
        raise UnreadableFileError(
            f"it unpacks to {unpacked} MB, and max_workbook_mb is {form.max_workbook_mb}"
        )


def _chosen(
    workbook: calamine.CalamineWorkbook, path: Path, form: FileForm, known: frozenset[str]
) -> Table:
    """The declared sheet, or the only one whose header the profile knows."""
    names = [
        item.name
        for item in workbook.sheets_metadata
        if item.typ == calamine.SheetTypeEnum.WorkSheet
    ]
    if form.sheet:
        names = [name for name in names if name.casefold() == form.sheet.casefold()]
    if not names:
        raise UnreadableFileError(f"it has no sheet {form.sheet or 'with cells'}")
    if len(names) == 1:
        return _sheet(workbook, names[0], path, form, known)
    tables, why = [], ""
    for name in names:
        try:
            table = _sheet(workbook, name, path, form, known)
        except UnreadableFileError as error:
            why = str(error)
            continue
        if not known or known_in(table.header, known):
            tables.append((name, table))
    if len(tables) == 1:
        return tables[0][1]
    if not tables:
        raise UnreadableFileError(f"none of its {len(names)} sheets has a known header; {why}")
    found = ", ".join(name for name, _ in tables)
    raise UnreadableFileError(f"sheets {found} could all be meant; set sheet in the profile")


def _sheet(
    workbook: calamine.CalamineWorkbook,
    name: str,
    path: Path,
    form: FileForm,
    known: frozenset[str],
) -> Table:
    sheet = workbook.get_sheet_by_name(name)
    lost = _lost_cells(path, name)
    width = max(sheet.end[1] + 1 if sheet.end else 0, lost.width)
    first = list(itertools.islice(_texts(sheet, lost, width, form), SEARCHED + form.header_rows))
    if not any(any(row) for row in first):
        raise UnreadableFileError(f"its sheet {name} is empty")
    _spread_merged(first, sheet.merged_cell_ranges or lost.merged)
    start = header_start(first, form, known)
    header = joined(first[start:], form.header_rows)
    if not any(header):
        raise UnreadableFileError(f"row {start + 1} of its sheet {name} is blank and no header")
    skipped = start + form.header_rows
    return Table(header=header, batches=_batches(_texts(sheet, lost, width, form), width, skipped))


def _lost_cells(path: Path, name: str) -> LostCells:
    """What the library does not tell of; of .xlsb nothing is known."""
    if not zipfile.is_zipfile(path):
        return xls_cells.lost_cells(path, name)
    with zipfile.ZipFile(path) as archive:
        members = set(archive.namelist())
    if excel_xml.MEMBER in members:
        return excel_xml.lost_cells(path, name)
    return ods_xml.lost_cells(path, name) if ods_xml.MEMBER in members else LostCells()


def _spread_merged(rows: list[list[str]], merged: list[Any]) -> None:
    """Repeat the text of a cell merged over several columns in each of them."""
    for (top, left), (_, right) in merged:
        if top < len(rows):
            for column in range(left + 1, min(right + 1, len(rows[top]))):
                rows[top][column] = rows[top][left]


def _texts(sheet: calamine.CalamineSheet, lost: LostCells, width: int, form: FileForm) -> Rows:
    """Every row of the sheet from its first, as text."""
    number = 0
    left = [""] * (sheet.start[1] if sheet.start else 0)
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        row = [*left, *(_text(cell, form) for cell in cells)]
        yield lost.put_back(number, row + [""] * (width - len(row)))
    for beyond in range(number + 1, lost.height + 1):
        yield lost.put_back(beyond, [""] * width)


def _batches(rows: Rows, width: int, skipped: int) -> Iterator[pa.RecordBatch]:
    numbered = itertools.islice(enumerate(rows, start=1), skipped, None)
    while block := list(itertools.islice(numbered, _BATCH)):
        numbers = np.array([number for number, _ in block])
        columns = zip(*(row for _, row in block), strict=True)
        yield without_blank(
            pa.RecordBatch.from_arrays(
                [pa.array(numbers, pa.int64()), *(pa.array(c, pa.string()) for c in columns)],
                names=["_row", *(f"c{i}" for i in range(width))],
            )
        )


def _text(cell: object, form: FileForm) -> str:
    """A cell as the profile's CSV files would write it."""
    match cell:
        case str():
            return cell
        case bool():
            return form.true[0] if cell else form.false[0]
        case int() | float():
            return _number(float(cell), form.number.decimal)
        case datetime.datetime():
            if cell.time() == datetime.time():
                return _date(cell.date(), form)
            return cell.strftime(form.timestamps[0])
        case datetime.date():
            return _date(cell, form)
        case _:
            return str(cell)


def _date(day: datetime.date, form: FileForm) -> str:
    if day == _OPEN_END and form.open_ends:
        return form.open_ends[0]
    written = next((form for form in form.dates if "%Y" in form), form.dates[0])
    return day.strftime(written)


def _number(value: float, mark: str) -> str:
    """All digits of a number, so that noise of a binary calculation stays visible.

    Sixteen digits that end in a zero have lost their last one in the workbook. They are written
    as the workbook shows them, 5,28201001000314E+15, which reads as no account and no amount.
    """
    if abs(value) >= _EXACT:
        whole = str(int(value)) if value < 2**53 else "0"
        return f"{value:.14E}".replace(".", mark) if whole.endswith("0") else whole
    if value.is_integer():
        return str(int(value))
    return format(Decimal(repr(value)), "f").replace(".", mark)
