"""Delivered files as streams of text columns.

What belongs here: CSV and Parquet, the header, rows of another shape, row numbers.
What does not: what the text means (values).

Every reader yields Arrow batches of strings `c0 … cn` (in the header's order) and `_row`, the row
as a spreadsheet numbers it: the header is row 1. Blank rows are numbered but not handed out.
Memory stays bounded by the block size.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from orchestration.intake.landing import encoding_of
from orchestration.intake.profiles import FileForm

_BLOCK = 8 << 20
_BATCH = 200_000
# Whole numbers up to here are exact in a binary number of that width.
_EXACT = {"FLOAT": 1 << 24, "DOUBLE": 1 << 53}


class UnreadableFileError(ValueError):
    """A file that cannot be read, or not to its end; the message says why."""


@dataclass
class Table:
    """An open delivered file. `misshapen` fills while the batches are read."""

    header: list[str]
    batches: Iterator[pa.RecordBatch]
    misshapen: list[tuple[int, str]] = field(default_factory=list)
    """Row number and a detail, for every row with another number of fields than the header."""


def open_table(path: Path, form: FileForm) -> Table:
    """Open a delivered CSV or Parquet file.

    Raises UnreadableFileError, also while the batches are read, and UnknownEncodingError.
    """
    if path.suffix.casefold() == ".parquet":
        return _open_parquet(path, form)
    return _open_csv(path, form)


def _open_csv(path: Path, form: FileForm) -> Table:
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
    except (StopIteration, csv.Error) as error:
        raise UnreadableFileError("it has no header") from error
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
    multiline = False
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
            multiline = multiline or _holds(batch, b"\n")
            yield _without_blank(_without_nul(batch, table))
    except pa.ArrowInvalid as error:
        _verify_quotes(path, encoding, form)
        raise UnreadableFileError(str(error).split("\n")[0]) from error
    if multiline or any("\n" in row.text for row in skipped):
        _verify_quotes(path, encoding, form)
    # A spreadsheet ends in rows of separators, and not always as many as the header has.
    blank = f"{form.separator}{form.quote} \t\r\n"
    table.misshapen += [
        (row.number, f"{row.actual_columns} / {row.expected_columns}")
        for row in skipped
        if row.number > 1 and row.text.strip(blank)
    ]


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
        candidates = np.arange(number, number + batch.num_rows + len(left_out))
        rows = candidates[~np.isin(candidates, left_out)][: batch.num_rows]
        number = int(rows[-1]) + 1 if len(rows) else number
        numbered = pa.RecordBatch.from_arrays(
            [pa.array(rows, pa.int64()), *batch.columns], names=["_row", *batch.schema.names]
        )
        yield numbered.slice(1) if len(rows) and rows[0] == 1 else numbered


def _holds(batch: pa.RecordBatch, sign: bytes) -> bool:
    """Whether any value of the batch holds the sign."""
    buffers = (column.buffers()[2] for column in batch.columns[1:])
    return any(buffer is not None and sign in buffer.to_pybytes() for buffer in buffers)


def _without_nul(batch: pa.RecordBatch, table: Table) -> pa.RecordBatch:
    """The batch without rows that hold a NUL byte: what a broken transfer leaves behind."""
    if not _holds(batch, b"\0"):
        return batch
    damaged = pa.array(np.zeros(batch.num_rows, dtype=bool))
    for column in batch.columns[1:]:
        damaged = pc.or_(damaged, pc.match_substring(column, "\0"))
    table.misshapen += [(row, "NUL") for row in batch.column(0).filter(damaged).to_pylist()]
    return batch.filter(pc.invert(damaged))


def _without_blank(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch without rows in which nothing stands."""
    blank = np.arange(batch.num_rows)
    for column in batch.columns[1:]:
        empty = pc.equal(pc.utf8_trim_whitespace(column.take(pa.array(blank))), "")
        blank = blank[np.asarray(empty)]
        if not len(blank):
            return batch
    kept = np.ones(batch.num_rows, dtype=bool)
    kept[blank] = False
    return batch.filter(pa.array(kept))


def _open_parquet(path: Path, form: FileForm) -> Table:
    connection = duckdb.connect()
    try:
        relation = connection.read_parquet(str(path))
    except duckdb.Error as error:
        connection.close()
        raise UnreadableFileError("it is not a Parquet file") from error
    header = list(relation.columns)
    texts = ", ".join(
        f"coalesce({_as_text(_quoted(name), str(kind), form)}, '') as c{i}"
        for i, (name, kind) in enumerate(zip(header, relation.types, strict=True))
    )
    numbered = relation.project(f"row_number() over () + 1 as _row, {texts}")
    return Table(header=header, batches=_parquet_batches(numbered, connection))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _as_text(column: str, kind: str, form: FileForm) -> str:
    """SQL: a typed column as the profile's CSV files would write it."""
    text = f"cast({column} as varchar)"
    if kind in _EXACT:
        # An account or a year with a gap in its column becomes a binary number on its way.
        whole = f"{column} = trunc({column}) and abs({column}) < {_EXACT[kind]}"
        text = (
            f"case when isnan({column}) then null"
            f" when {whole} then cast(cast({column} as bigint) as varchar) else {text} end"
        )
    if kind in _EXACT or kind.startswith("DECIMAL"):
        return f"replace({text}, '.', '{form.number.decimal}')"
    if kind == "DATE":
        return f"strftime({column}, '{form.dates[0]}')"
    if kind.startswith("TIMESTAMP") and "TIME ZONE" not in kind:
        moment = f"cast({column} as timestamp)"
        midnight = f"{moment} = date_trunc('day', {moment})"
        return (
            f"case when {midnight} then strftime({moment}, '{form.dates[0]}')"
            f" else strftime({moment}, '{form.timestamps[0]}') end"
        )
    if kind == "BOOLEAN":
        return (
            f"case {column} when true then '{form.true[0]}' when false then '{form.false[0]}' end"
        )
    return text


def _parquet_batches(
    relation: duckdb.DuckDBPyRelation, connection: duckdb.DuckDBPyConnection
) -> Iterator[pa.RecordBatch]:
    try:
        for batch in relation.to_arrow_reader(_BATCH):
            yield _without_blank(batch)
    except duckdb.Error as error:
        raise UnreadableFileError(str(error).split("\n")[0]) from error
    finally:
        connection.close()
