"""CSV as batches of text: separator, quotes, encoding, row numbers.

What belongs here: the header, rows of another shape, broken quotes and bytes. What does not: what
the text means (values), other formats.
"""

import csv
import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from orchestration.intake.files.header_rows import SEARCHED, header_start, joined, most_known
from orchestration.intake.files.table import (
    CutOffFileError,
    Table,
    UnreadableFileError,
    signs_of,
    without_blank,
)
from orchestration.intake.forms import FileForm
from orchestration.intake.landing import byte_order, encoding_of

_BLOCK = 2 << 20
"""Bytes read at a time: what fits a processor's cache is read twice as fast as more."""
_TAIL = 64 << 10
_END = "\x1a"
"""The sign with which an old system ends a file."""
SEPARATORS = (";", ",", "\t", "|")
"""What `separator: auto` chooses from."""
# A row may reach over two blocks; Python's own limit of 128 kB is below what a long note has.
csv.field_size_limit(2 * _BLOCK)


@dataclass(frozen=True)
class _Reading:
    """How one file is read: what its form declares, and what was found out of it."""

    path: Path
    encoding: str
    separator: str
    quote: str
    top: int = 1
    """The rows down to the header's last one."""

    def records(self, strict: bool) -> Iterator[list[str]]:
        with self.path.open(encoding=self.encoding, newline="") as handle:
            yield from csv.reader(
                handle, delimiter=self.separator, quotechar=self.quote, strict=strict
            )

    def first(self, count: int) -> list[list[str]]:
        """The first rows. Raises UnreadableFileError."""
        try:
            return list(itertools.islice(self.records(strict=False), count))
        except csv.Error as error:
            raise UnreadableFileError(f"its first rows cannot be read: {error}") from error


def open_csv(path: Path, form: FileForm, known: frozenset[str]) -> Table:
    """Open a CSV file; `known` are the normalised headers that the profile knows.

    Raises UnreadableFileError and UnknownEncodingError.
    """
    if path.stat().st_size == 0:
        raise UnreadableFileError("it is empty")
    encoding = encoding_of(path, form.encodings)
    separator = form.separator
    if separator == "auto":
        separator = _separator(path, encoding, form, known)
    reading = _Reading(path, encoding, separator, form.quote)
    rows = reading.first(_searched(form))
    start = header_start(rows, form, known)
    header = _header(rows[start:], form, start)
    table = Table(header=header, batches=iter(()))
    table.batches = _csv_batches(replace(reading, top=start + form.header_rows), table)
    return table


def _searched(form: FileForm) -> int:
    """How many rows are read to find the header and the first row below it."""
    titles = SEARCHED if form.title_rows == "auto" else form.title_rows
    return titles + form.header_rows + 1


def _separator(path: Path, encoding: str, form: FileForm, known: frozenset[str]) -> str:
    """The separator under which the header has the most names that the profile knows."""
    found = {}
    for separator in SEPARATORS:
        rows = _Reading(path, encoding, separator, form.quote).first(_searched(form))
        found[separator] = most_known(rows, form, known)
    most = max(found.values())
    best = [separator for separator in SEPARATORS if found[separator] == most]
    if not most:
        raise UnreadableFileError(
            "under no separator has it a header that the profile knows; set separator in the"
            " profile, or correct its columns"
        )
    if len(best) > 1:
        shown = " and ".join(repr(separator) for separator in best)
        raise UnreadableFileError(
            f"{shown} could all be its separator; set separator in the profile"
        )
    return best[0]


def _header(rows: list[list[str]], form: FileForm, start: int) -> list[str]:
    """The header, widened by nameless columns where every row ends in separators of its own."""
    if not rows:
        raise UnreadableFileError("it has no header")
    header = rows[0] if form.header_rows == 1 else joined(rows, form.header_rows)
    if any("\0" in name for name in header):
        raise UnreadableFileError("it is not a text file")
    if not any(name.strip("\ufeff \t") for name in header):
        raise UnreadableFileError(f"its row {start + 1} is blank, so that it has no header")
    first = rows[form.header_rows] if len(rows) > form.header_rows else []
    beyond = first[len(header) :]
    return header if any(text.strip() for text in beyond) else [*header, *("" for _ in beyond)]


def _csv_batches(reading: _Reading, table: Table) -> Iterator[pa.RecordBatch]:
    skipped: list[pacsv.InvalidRow] = []

    def skip(row: pacsv.InvalidRow) -> str:
        skipped.append(row)
        return "skip"

    names = [f"c{i}" for i in range(len(table.header))]
    multiline, last = False, reading.top
    try:
        reader = pacsv.open_csv(
            reading.path,
            # One thread: only then does pyarrow number the rows that it hands to `skip`.
            read_options=pacsv.ReadOptions(
                use_threads=False,
                block_size=_BLOCK,
                column_names=names,
                encoding="utf-8" if reading.encoding == "utf-8-sig" else reading.encoding,
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=reading.separator,
                quote_char=reading.quote,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=skip,
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
        for batch in _numbered(reader, skipped, reading.top):
            signs = [signs_of(column) for column in batch.columns[1:]]
            multiline = multiline or any(b"\n" in data for data in signs)
            damaged = any(b"\0" in data for data in signs)
            last = batch.column(0)[-1].as_py() if batch.num_rows else last
            yield without_blank(_without_nul(batch, table) if damaged else batch)
    except pa.ArrowInvalid as error:
        _verify_quotes(reading)
        raise UnreadableFileError(str(error).split("\n")[0]) from error
    if multiline or any("\n" in row.text for row in skipped):
        _verify_quotes(reading)
    _refuse_cut_off(reading, skipped, last, multiline)
    # A spreadsheet ends in rows of separators, and not always as many as the header has.
    blank = f"{reading.separator}{reading.quote} \t\r\n{_END}"
    table.misshapen += [
        (row.number, f"{row.actual_columns} / {row.expected_columns}")
        for row in skipped
        if row.number > reading.top and row.text.strip(blank)
    ]


def _refuse_cut_off(
    reading: _Reading, skipped: list[pacsv.InvalidRow], last: int, multiline: bool
) -> None:
    """Raise CutOffFileError where a file without a line end breaks off within its last row.

    So ends a transfer that stopped: too few fields, or a quotation mark that is not closed. How
    much is missing cannot be known, so nothing is loaded: a part of a ledger has wrong sums.
    """
    tail = _tail(reading)
    if tail.rstrip(f"\0{_END}").endswith(("\n", "\r")):
        return
    final = skipped[-1] if skipped else None
    short = final is not None and final.actual_columns < final.expected_columns
    if final is not None and short and final.number >= last and final.text.strip():
        raise CutOffFileError(
            f"row {final.number}: {final.actual_columns} of {final.expected_columns} fields"
        )
    if multiline:
        return  # Its quotes were verified as a whole.
    line = tail.replace("\r", "\n").rpartition("\n")[2]
    try:
        list(csv.reader([line], delimiter=reading.separator, quotechar=reading.quote, strict=True))
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise CutOffFileError("the last row ends inside a quoted value") from error


def _tail(reading: _Reading) -> str:
    """The end of the file. A letter that its beginning cuts through is left as a sign for it."""
    with reading.path.open("rb") as handle:
        encoding = reading.encoding
        if encoding == "utf-16":
            encoding = byte_order(handle.read(2))
        handle.seek(-min(_TAIL, reading.path.stat().st_size), os.SEEK_END)
        return handle.read().decode(encoding, errors="replace")


def _verify_quotes(reading: _Reading) -> None:
    """Raise UnreadableFileError where a quote is opened and not closed.

    Such a quote swallows the rows up to the next one, or to the end of the file, as one value:
    readers that are lenient do not notice. Only a file with a line break in a value needs it.
    """
    number = 0
    try:
        for _ in reading.records(strict=True):
            number += 1
    except csv.Error as error:
        raise UnreadableFileError(
            f"row {number + 1}: a quotation mark is not closed, or stands inside a quoted value"
        ) from error


def _numbered(
    reader: pacsv.CSVStreamingReader, skipped: list[pacsv.InvalidRow], top: int
) -> Iterator[pa.RecordBatch]:
    """Each batch with the numbers of its rows; those down to the header are left out."""
    number = 1
    for batch in reader:
        left_out = [row.number for row in skipped if row.number >= number]
        rows = np.arange(number, number + batch.num_rows + len(left_out))
        if left_out:
            rows = rows[~np.isin(rows, left_out)][: batch.num_rows]
        number = int(rows[-1]) + 1 if len(rows) else number
        numbered = pa.RecordBatch.from_arrays(
            [pa.array(rows, pa.int64()), *batch.columns], names=["_row", *batch.schema.names]
        )
        above = len(rows) and rows[0] <= top
        yield numbered.slice(int(np.searchsorted(rows, top, "right"))) if above else numbered


def _without_nul(batch: pa.RecordBatch, table: Table) -> pa.RecordBatch:
    """The batch without rows that hold a NUL byte: what a broken transfer leaves behind."""
    damaged = pa.array(np.zeros(batch.num_rows, dtype=bool))
    for column in batch.columns[1:]:
        damaged = pc.or_(damaged, pc.match_substring(column, "\0"))
    table.misshapen += [(row, "NUL") for row in batch.column(0).filter(damaged).to_pylist()]
    return batch.filter(pc.invert(damaged))
