"""Delivered files as a form declares them, from rows of text: CSV or a workbook, packed or not.

What belongs here: bytes, so that the same rows give the same file. What does not: which rows and
columns, and a value in a system's words (delivery).
"""

import csv
import functools
import gzip
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pandas as pd
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from orchestration.intake.forms import FileForm

Append = Callable[[pd.DataFrame], None]
"""Adds rows of text; the first ones bring the header with them."""


class UnwritableError(ValueError):
    """A form in which files cannot be written, or rows that it cannot hold."""


_SHEET = "Data"
_LONGEST_TEXT, _LAST_ROW = 32_767, 1_048_576
_MADE = datetime(2000, 1, 1)  # noqa: DTZ001 - the same file from the same rows, whenever it is made
_FIRST_YEAR = 1901
"""Before it, spreadsheets disagree on what a day's number is."""


def written_path(path: Path, form: FileForm) -> Path:
    """Where a file of this form lies: workbooks end in `.xlsx`, packed files in `.zip` or `.gz`."""
    if form.format == "excel":
        path = path.with_suffix(".xlsx")
    ending = {"": "", "zip": ".zip", "gzip": ".gz"}[form.packing]
    return path.with_name(path.name + ending)


@contextmanager
def appending(path: Path, form: FileForm, kinds: Mapping[str, str]) -> Iterator[Append]:
    """Write the file that lies at `written_path(path, form)` when the context ends.

    `kinds` are the contract's types by header; a workbook has dates and numbers as such. Raises
    UnwritableError for a format that cannot be written, and for what no sheet holds.
    """
    if form.format in ("fixed_width", "parquet") or form.fixed_width:
        raise UnwritableError(f"{path.name}: only CSV and workbooks can be written; set format")
    target = written_path(path, form)
    plain = target.with_suffix("") if form.packing else target
    with (_workbook if form.format == "excel" else _csv)(plain, form, kinds) as append:
        yield append
    if form.packing:
        _pack(plain, target)


def _encoding(form: FileForm) -> str:
    first = form.encodings[0]
    return "utf-8" if first == "utf-8-sig" and not form.byte_order_mark else first


def _above(form: FileForm) -> list[list[str]]:
    """The rows above the header's last one: titles, and a header's rows in which nothing stands."""
    titles = 0 if form.title_rows == "auto" else form.title_rows
    return [*([_SHEET] for _ in range(titles)), *([] for _ in range(form.header_rows - 1))]


@contextmanager
def _csv(path: Path, form: FileForm, _: Mapping[str, str]) -> Iterator[Append]:
    separator = ";" if form.separator == "auto" else form.separator
    with path.open("w", encoding=_encoding(form), newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows(_above(form))
        begun = False

        def append(rows: pd.DataFrame) -> None:
            nonlocal begun
            rows.to_csv(
                handle,
                sep=separator,
                quotechar=form.quote,
                index=False,
                header=not begun,
                lineterminator="\n",
            )
            begun = True

        yield append


@contextmanager
def _workbook(path: Path, form: FileForm, kinds: Mapping[str, str]) -> Iterator[Append]:
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        book.set_properties({"created": _MADE})
        day = book.add_format({"num_format": "dd-mm-yyyy"})
        sheet = book.add_worksheet(_SHEET)
        above = _above(form)
        for number, row in enumerate(above):
            sheet.write_row(number, 0, row)
        place = len(above)

        def append(rows: pd.DataFrame) -> None:
            nonlocal place
            if place == len(above):
                sheet.write_row(place, 0, list(rows.columns))
                place += 1
            if place + len(rows) > _LAST_ROW:
                raise UnwritableError(f"{path.name}: a sheet holds {_LAST_ROW} rows; write CSV")
            columns = [_cells(rows[name], kinds.get(name, ""), form) for name in rows.columns]
            for cells in zip(*columns, strict=True):
                for column, cell in enumerate(cells):
                    _write(sheet, place, column, cell, day)
                place += 1

        yield append


def _cells(values: pd.Series, kind: str, form: FileForm) -> list[object]:
    """The values as cells: dates and numbers as such where the reader gives back their text."""
    typed: Callable[[str], object] = str
    if kind in ("decimal", "integer"):
        typed = functools.cache(functools.partial(_number, mark=form.number.decimal))
    elif kind == "date" and not form.serial_dates:
        typed = functools.cache(functools.partial(_date, written=form.dates[0]))
    return [None if pd.isna(value) else typed(value) for value in values]


def _number(text: str, mark: str) -> object:
    if not re.fullmatch(rf"-?\d{{1,12}}({re.escape(mark)}\d{{1,2}})?", text):
        return text
    return float(text.replace(mark, "."))


def _date(text: str, written: str) -> object:
    try:
        day = datetime.strptime(text, written)  # noqa: DTZ007 - a day has no time zone
    except ValueError:
        return text
    return day if day.year >= _FIRST_YEAR and day.strftime(written) == text else text


def _write(sheet: Worksheet, row: int, column: int, cell: object, day: object) -> None:
    match cell:
        case None | "":
            return
        case float():
            sheet.write_number(row, column, cell)
        case datetime():
            sheet.write_datetime(row, column, cell, day)
        case _:
            text = str(cell)
            if len(text) > _LONGEST_TEXT:
                raise UnwritableError(
                    f"row {row + 1}: a cell holds {_LONGEST_TEXT} characters; write CSV"
                )
            sheet.write_string(row, column, text)


def _pack(plain: Path, target: Path) -> None:
    """Pack a file, without its time, and take it away."""
    with plain.open("rb") as content:
        if target.suffix == ".gz":
            with target.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed:
                shutil.copyfileobj(content, packed)
        else:
            member = zipfile.ZipInfo(plain.name)
            member.compress_type = zipfile.ZIP_DEFLATED
            with (
                zipfile.ZipFile(target, "w") as archive,
                archive.open(member, "w", force_zip64=True) as packed,
            ):
                shutil.copyfileobj(content, packed)
    plain.unlink()
