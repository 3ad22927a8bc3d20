"""Delivered files as streams of text columns.

What belongs here: CSV and Parquet, the header, rows of another shape, row numbers.
What does not: what the text means (values).

Every reader yields Arrow batches of strings `c0 … cn` (in the header's order) and `_row`, the row
as a spreadsheet numbers it: the header is row 1. Memory stays bounded by the block size.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from orchestration.intake.landing import encoding_of
from orchestration.intake.profiles import FileForm

_BLOCK = 8 << 20
_BATCH = 200_000


class UnreadableFileError(ValueError):
    """A file from which not even a header can be read; the message says why."""


@dataclass
class Table:
    """An open delivered file. `misshapen` fills while the batches are read."""

    header: list[str]
    batches: Iterator[pa.RecordBatch]
    misshapen: list[tuple[int, str]] = field(default_factory=list)
    """Row number and a detail, for every row with another number of fields than the header."""

    def reader(self) -> pa.RecordBatchReader:
        """The batches as one Arrow stream."""
        return pa.RecordBatchReader.from_batches(_schema(len(self.header)), self.batches)


def open_table(path: Path, form: FileForm) -> Table:
    """Open a delivered CSV or Parquet file. Raises UnreadableFileError."""
    if path.suffix.casefold() == ".parquet":
        return _open_parquet(path)
    return _open_csv(path, form)


def _schema(width: int) -> pa.Schema:
    columns = [(f"c{i}", pa.string()) for i in range(width)]
    return pa.schema([("_row", pa.int64()), *columns])


def _open_csv(path: Path, form: FileForm) -> Table:
    if path.stat().st_size == 0:
        raise UnreadableFileError("it is empty")
    encoding = encoding_of(path, form.encodings)
    header = _read_header(path, encoding, form)
    table = Table(header=header, batches=iter(()))
    table.batches = _csv_batches(path, encoding, form, table)
    return table


def _read_header(path: Path, encoding: str, form: FileForm) -> list[str]:
    with path.open(encoding=encoding, newline="") as handle:
        try:
            header = next(csv.reader(handle, delimiter=form.separator, quotechar=form.quote))
        except (StopIteration, csv.Error) as error:
            raise UnreadableFileError("it has no header") from error
    if any("\0" in name for name in header):
        raise UnreadableFileError("it is not a text file")
    return header


def _csv_batches(
    path: Path, encoding: str, form: FileForm, table: Table
) -> Iterator[pa.RecordBatch]:
    width = len(table.header)

    def skip(row: pacsv.InvalidRow) -> str:
        table.misshapen.append((row.number, f"{row.actual_columns} / {row.expected_columns}"))
        return "skip"

    names = [f"c{i}" for i in range(width)]
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
        yield from _numbered(reader, table)
    except pa.ArrowInvalid as error:
        raise UnreadableFileError(str(error).split("\n")[0]) from error


def _numbered(reader: pacsv.CSVStreamingReader, table: Table) -> Iterator[pa.RecordBatch]:
    """Each batch with the numbers of its rows; the header, row 1, is left out."""
    number = 1
    for batch in reader:
        left_out = [row for row, _ in table.misshapen if row >= number]
        candidates = np.arange(number, number + batch.num_rows + len(left_out))
        rows = candidates[~np.isin(candidates, left_out)][: batch.num_rows]
        number = int(rows[-1]) + 1 if len(rows) else number
        numbered = pa.RecordBatch.from_arrays(
            [pa.array(rows, pa.int64()), *batch.columns], schema=_schema(batch.num_columns)
        )
        yield numbered.slice(1) if len(rows) and rows[0] == 1 else numbered


def _open_parquet(path: Path) -> Table:
    connection = duckdb.connect()
    try:
        relation = connection.read_parquet(str(path))
    except duckdb.Error as error:
        raise UnreadableFileError("it is not a Parquet file") from error
    header = list(relation.columns)
    casts = ", ".join(
        f"""coalesce(cast("{name.replace('"', '""')}" as varchar), '') as c{i}"""
        for i, name in enumerate(header)
    )
    numbered = relation.project(f"row_number() over () + 1 as _row, {casts}")
    return Table(header=header, batches=_closing(numbered, connection))


def _closing(
    relation: duckdb.DuckDBPyRelation, connection: duckdb.DuckDBPyConnection
) -> Iterator[pa.RecordBatch]:
    try:
        yield from relation.fetch_arrow_reader(_BATCH)
    finally:
        connection.close()
