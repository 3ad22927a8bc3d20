"""What every reader of delivered files hands out: a header and batches of text.

What belongs here: the shape that the readers share, blank rows and total rows. What does not: any
one format.

Every reader yields Arrow batches of strings `c0 … cn` (in the header's order) and `_row`, the row
as a spreadsheet numbers it: without title rows the header is row 1. Blank rows are numbered but
not handed out, and `open_table` frees texts from surrounding blanks.
Memory stays bounded by the block size.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


class UnreadableFileError(ValueError):
    """A file that cannot be read, or not to its end; the message says why.

    `rule` is the code under which the catalogue lists it.
    """

    rule = "file_unreadable"


class CutOffFileError(UnreadableFileError):
    """A file that ends within a row: what its transfer left out is unknown."""

    rule = "file_cut_off"


@dataclass(frozen=True)
class TotalRow:
    """A row that is a total or a footer: its number, and its texts in the header's order."""

    row: int
    texts: tuple[str, ...]


@dataclass
class Table:
    """An open delivered file. What is not a row of it fills while the batches are read."""

    header: list[str]
    batches: Iterator[pa.RecordBatch]
    misshapen: list[tuple[int, str]] = field(default_factory=list)
    """Row number and a detail, for every row with another number of fields than the header."""
    totals: list[TotalRow] = field(default_factory=list)
    """The rows that the profile declares to be totals; they are out of scope."""
    set_aside: int = 0
    """How many rows the reader took as out of scope: totals, and records of other kinds."""


_BLANKS, _WIDE_BLANKS = " \t\r\n", "\u00a0\ufeff"
_WIDE_BYTES = (b"\xa0", b"\xef")
"""A byte of each wide blank in UTF-8: one byte is found many times as fast as two."""


def trimmed(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with its texts freed from surrounding blanks, non-breaking ones and BOMs too."""
    columns = [_trimmed(column) for column in batch.columns[1:]]
    return pa.RecordBatch.from_arrays([batch.column(0), *columns], names=batch.schema.names)


def _trimmed(column: pa.Array) -> pa.Array:
    """Most columns hold no blank at all, which is quickly seen."""
    data = signs_of(column)
    if any(byte in data for byte in _WIDE_BYTES):
        return pc.utf8_trim(column, _BLANKS + _WIDE_BLANKS)
    if any(sign.encode() in data for sign in _BLANKS):
        return pc.ascii_trim(column, _BLANKS)
    return column


def signs_of(column: pa.Array) -> bytes:
    """All texts of a column one after the other; a slice may show its neighbours' too."""
    data = column.buffers()[2]
    return b"" if data is None else data.to_pybytes()


def without_blank(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch without rows in which nothing stands."""
    blank = None
    for column in batch.columns[1:]:
        candidates = column if blank is None else column.take(pa.array(blank))
        empty = np.asarray(pc.equal(pc.utf8_trim_whitespace(candidates), ""))
        blank = np.flatnonzero(empty) if blank is None else blank[empty]
        if not len(blank):
            return batch
    kept = np.ones(batch.num_rows, dtype=bool)
    kept[blank] = False
    return batch.filter(pa.array(kept))


def totals_aside(table: Table, patterns: tuple[str, ...]) -> Table:
    """The table without the rows whose first value begins as one of `patterns` says.

    Texts are trimmed already. Such rows are kept in `table.totals` and counted in
    `table.set_aside`. Case does not count.
    """
    if patterns:
        joined = "|".join(f"(?:{pattern})" for pattern in patterns)
        table.batches = _without_totals(table, table.batches, f"(?i)^(?:{joined})")
    return table


def _without_totals(
    table: Table, batches: Iterator[pa.RecordBatch], pattern: str
) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        filled = [pc.if_else(pc.equal(text, ""), None, text) for text in batch.columns[1:]]
        first = pc.fill_null(pc.coalesce(*filled), "")
        found = pc.match_substring_regex(first, pattern)
        totals = batch.filter(found)
        for row, *texts in zip(*(column.to_pylist() for column in totals.columns), strict=True):
            table.totals.append(TotalRow(row, tuple(texts)))
        table.set_aside += totals.num_rows
        yield batch.filter(pc.invert(found)) if totals.num_rows else batch
