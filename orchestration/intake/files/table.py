"""What every reader of delivered files hands out: a header and batches of text.

What belongs here: the shape that the readers share. What does not: any one format.

Every reader yields Arrow batches of strings `c0 … cn` (in the header's order) and `_row`, the row
as a spreadsheet numbers it: the header is row 1. Blank rows are numbered but not handed out.
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


@dataclass
class Table:
    """An open delivered file. `misshapen` fills while the batches are read."""

    header: list[str]
    batches: Iterator[pa.RecordBatch]
    misshapen: list[tuple[int, str]] = field(default_factory=list)
    """Row number and a detail, for every row with another number of fields than the header."""


def without_blank(batch: pa.RecordBatch) -> pa.RecordBatch:
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
