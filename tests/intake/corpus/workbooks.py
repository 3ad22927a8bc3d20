"""Workbooks of the corpus, as a spreadsheet saves them.

Belongs here: making them from rows of YAML values. Does not: what they hold (corpus.yml).
"""

import datetime
import io
import struct
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

Rows = list[list[Any]]


def workbook(sheets: dict[str, Rows]) -> bytes:
    """A workbook of typed cells. `#N/A` is an error cell, and `<` is merged with its left one."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        day = book.add_format({"num_format": "dd-mm-yyyy"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                _write(sheet, number, row, day)
    return made.getvalue()


def _write(sheet: Worksheet, number: int, row: list[Any], day: Format) -> None:
    for column, value in enumerate(row):
        if value == "<":
            first = max(place for place in range(column) if row[place] != "<")
            if column + 1 == len(row) or row[column + 1] != "<":
                sheet.merge_range(number, first, number, column, row[first])
        elif value == "#N/A":
            sheet.write_formula(number, column, "=NA()", value=value)
        elif isinstance(value, datetime.date):
            sheet.write_datetime(number, column, value, day)
        elif isinstance(value, str):
            sheet.write_string(number, column, value)
        else:
            sheet.write(number, column, value)


_END, _NONE, _TABLE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def encrypted() -> bytes:
    """What a workbook with a password is: a compound file with the encrypted package in it."""
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<10I", 0, 1, 1, 0, 4096, _END, 0, _END, 0, 0)
    header += struct.pack("<I", _NONE) * 108
    table = struct.pack("<II", _TABLE, _END) + struct.pack("<I", _NONE) * 126
    folder = _entry("Root Entry", 5, 1) + _entry("EncryptedPackage", 2, _NONE) + b"\0" * 256
    return header + table + folder


def _entry(name: str, kind: int, child: int) -> bytes:
    text = name.encode("utf-16-le")
    entry = text.ljust(64, b"\0") + struct.pack(
        "<HBB3I", len(text) + 2, kind, 1, *[_NONE] * 2, child
    )
    return entry.ljust(116, b"\0") + struct.pack("<IQ", _END, 0)
