"""CSV as batches of text: separator, quotes, encoding, row numbers.

What belongs here: the header, rows of another shape, broken quotes and bytes. What does not: what
the text means (values), other formats.
"""

import csv
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from orchestration.intake.files.table import (
    CutOffFileError,
    Table,
    UnreadableFileError,
    signs_of,
    without_blank,
)
from orchestration.intake.forms import FileForm
from orchestration.intake.landing import encoding_of

_BLOCK = 2 << 20
"""Bytes read at a time: what fits a processor's cache is read twice as fast as more."""
_TAIL = 64 << 10
# No value may be longer than a block; Python's own limit of 128 kB is below what a long note has.
csv.field_size_limit(_BLOCK)


def open_csv(path: Path, form: FileForm) -> Table:
    """Open a CSV file; raises UnreadableFileError and UnknownEncodingError."""
    if path.stat().st_size == 0:
        raise UnreadableFileError("it is empty")
    encoding = encoding_of(path, form.encodings)
    header = _read_header(path, encoding, form)
    table = Table(header=header, batches=iter(()))
    table.batches = _csv_batches(path, encoding, form, table)
    return table


def _records(path: Path, encoding: str, form: FileForm, strict: bool) -> Iterator[list[str]]:
    with path.open(encoding=encoding, newline="") as handle:
        yield from csv.reader(handle, delimiter=form.separator, quotechar=form.quote, strict=strict)


def _read_header(path: Path, encoding: str, form: FileForm) -> list[str]:
    """The header, widened by nameless columns where every row ends in separators of its own."""
    records = _records(path, encoding, form, strict=False)
    try:
        header = next(records)
        first = next(records, [])
    except StopIteration as error:
        raise UnreadableFileError("it has no header") from error
    except csv.Error as error:
        raise UnreadableFileError(f"its first rows cannot be read: {error}") from error
    if any("\0" in name for name in header):
        raise UnreadableFileError("it is not a text file")
    if not any(name.strip("\ufeff \t") for name in header):
        raise UnreadableFileError("its first row is blank, so that it has no header")
    beyond = first[len(header) :]
    return header if any(text.strip() for text in beyond) else [*header, *("" for _ in beyond)]


def _csv_batches(
    path: Path, encoding: str, form: FileForm, table: Table
) -> Iterator[pa.RecordBatch]:
    skipped: list[pacsv.InvalidRow] = []

    def skip(row: pacsv.InvalidRow) -> str:
        skipped.append(row)
        return "skip"

    names = [f"c{i}" for i in range(len(table.header))]
    multiline, last = False, 1
    try:
        reader = pacsv.open_csv(
            path,
            # One thread: only then does pyarrow number the rows that it hands to `skip`.
            read_options=pacsv.ReadOptions(
                use_threads=False,
                block_size=_BLOCK,
                column_names=names,
                encoding="utf-8" if encoding == "utf-8-sig" else encoding,
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=form.separator,
                quote_char=form.quote,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=skip,
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
        for batch in _numbered(reader, skipped):
            signs = [signs_of(column) for column in batch.columns[1:]]
            multiline = multiline or any(b"\n" in data for data in signs)
            damaged = any(b"\0" in data for data in signs)
            last = batch.column(0)[-1].as_py() if batch.num_rows else last
            yield without_blank(_without_nul(batch, table) if damaged else batch)
    except pa.ArrowInvalid as error:
        _verify_quotes(path, encoding, form)
        raise UnreadableFileError(str(error).split("\n")[0]) from error
    if multiline or any("\n" in row.text for row in skipped):
        _verify_quotes(path, encoding, form)
    _refuse_cut_off(path, form, skipped, last, multiline)
    # A spreadsheet ends in rows of separators, and not always as many as the header has.
    blank = f"{form.separator}{form.quote} \t\r\n"
    table.misshapen += [
        (row.number, f"{row.actual_columns} / {row.expected_columns}")
        for row in skipped
        if row.number > 1 and row.text.strip(blank)
    ]


def _refuse_cut_off(
    path: Path, form: FileForm, skipped: list[pacsv.InvalidRow], last: int, multiline: bool
) -> None:
    """Raise CutOffFileError where a file without a line end breaks off within its last row.

    So ends a transfer that stopped: too few fields, or a quotation mark that is not closed. How
    much is missing cannot be known, so nothing is loaded: a part of a ledger has wrong sums.
    """
    with path.open("rb") as handle:
        handle.seek(-min(_TAIL, path.stat().st_size), os.SEEK_END)
        tail = handle.read()
    if tail.rstrip(b"\0").endswith((b"\n", b"\r")):
        return
    final = skipped[-1] if skipped else None
    short = final is not None and final.actual_columns < final.expected_columns
    if final is not None and short and final.number >= last and final.text.strip():
        raise CutOffFileError(
            f"row {final.number}: {final.actual_columns} of {final.expected_columns} fields"
        )
    if multiline:
        return  # Its quotes were verified as a whole.
    line = tail.replace(b"\r", b"\n").rpartition(b"\n")[2].decode("ascii", errors="replace")
    try:
        list(csv.reader([line], delimiter=form.separator, quotechar=form.quote, strict=True))
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise CutOffFileError("the last row ends inside a quoted value") from error


def _verify_quotes(path: Path, encoding: str, form: FileForm) -> None:
    """Raise UnreadableFileError where a quote is opened and not closed.

    Such a quote swallows the rows up to the next one, or to the end of the file, as one value:
    readers that are lenient do not notice. Only a file with a line break in a value needs it.
    """
    number = 0
    try:
        for _ in _records(path, encoding, form, strict=True):
            number += 1
    except csv.Error as error:
        raise UnreadableFileError(
            f"row {number + 1}: a quotation mark is not closed, or stands inside a quoted value"
        ) from error


def _numbered(
    reader: pacsv.CSVStreamingReader, skipped: list[pacsv.InvalidRow]
) -> Iterator[pa.RecordBatch]:
    """Each batch with the numbers of its rows; the header, row 1, is left out."""
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
        yield numbered.slice(1) if len(rows) and rows[0] == 1 else numbered


def _without_nul(batch: pa.RecordBatch, table: Table) -> pa.RecordBatch:
    """The batch without rows that hold a NUL byte: what a broken transfer leaves behind."""
    damaged = pa.array(np.zeros(batch.num_rows, dtype=bool))
    for column in batch.columns[1:]:
        damaged = pc.or_(damaged, pc.match_substring(column, "\0"))
    table.misshapen += [(row, "NUL") for row in batch.column(0).filter(damaged).to_pylist()]
    return batch.filter(pc.invert(damaged))
