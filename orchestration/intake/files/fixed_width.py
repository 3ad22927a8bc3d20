"""Fixed-width files as batches of text: columns by position, records by their beginning.

What belongs here: lines, their length, header and trailer records. What does not: what the text
means (values), other formats.

Positions count characters, not bytes.
"""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from orchestration.intake.files.table import Table, UnreadableFileError, without_blank
from orchestration.intake.forms import FileForm, FixedWidth
from orchestration.intake.landing import encoding_of

_BATCH = 50_000
_BLANK = " \t\r\n\x1a\ufeff"
"""A file from an old system ends in the sign for its end."""


def open_fixed_width(path: Path, form: FileForm) -> Table:
    """Open a fixed-width file; raises UnreadableFileError and UnknownEncodingError."""
    if form.fixed_width is None:
        raise UnreadableFileError("the profile does not say where its columns are")
    if path.stat().st_size == 0:
        raise UnreadableFileError("it is empty")
    layout = form.fixed_width
    table = Table(header=[column.name for column in layout.columns], batches=iter(()))
    lines = _Lines(layout, table)
    table.batches = lines.batches(path, encoding_of(path, form.encodings))
    return table


class _Lines:
    """The lines of one file, sorted into rows, other records, header and trailer."""

    def __init__(self, layout: FixedWidth, table: Table) -> None:
        self.layout = layout
        self.table = table
        self.width = max(column.start + column.width - 1 for column in layout.columns)
        self.rows = 0
        self.trailer: re.Match[str] | None = None

    def batches(self, path: Path, encoding: str) -> Iterator[pa.RecordBatch]:
        """The rows; raises UnreadableFileError where a header or trailer is not as declared."""
        with path.open(encoding=encoding) as handle:
            numbered = enumerate((line.rstrip("\n") for line in handle), start=1)
            if self.layout.header:
                self._check_header(next(numbered, (1, ""))[1])
            while block := list(itertools.islice(numbered, _BATCH)):
                yield self._batch([item for item in block if self._is_row(*item)])
        self._check_trailer()

    def _check_header(self, line: str) -> None:
        if not re.match(self.layout.header, line.lstrip("\ufeff")):
            raise UnreadableFileError("its first line is not the header that the profile declares")

    def _is_row(self, number: int, line: str) -> bool:
        """Whether a line is a row of ours; what it is otherwise is noted."""
        if not line.strip(_BLANK):
            return False
        if self.trailer:
            raise UnreadableFileError(f"row {number} stands after the trailer")
        self.trailer = self._as_trailer(line)
        if self.trailer:
            return False
        if self.layout.others and re.match(self.layout.others, line):
            self.table.set_aside += 1
            return False
        self.rows += 1
        why = self._misshapen(line)
        if why:
            self.table.misshapen.append((number, why))
        return not why

    def _as_trailer(self, line: str) -> re.Match[str] | None:
        return re.match(self.layout.trailer, line) if self.layout.trailer else None

    def _misshapen(self, line: str) -> str:
        """Why a line cannot be divided into columns; empty where it can."""
        if "\0" in line:
            return "NUL"
        if self.layout.records and not re.match(self.layout.records, line):
            return "?"
        if self.layout.padded and len(line) < self.width:
            return f"{len(line)} / {self.width}"
        return ""

    def _batch(self, rows: list[tuple[int, str]]) -> pa.RecordBatch:
        lines = pa.array((line for _, line in rows), pa.string())
        columns = [
            pc.utf8_slice_codeunits(lines, column.start - 1, column.start - 1 + column.width)
            for column in self.layout.columns
        ]
        numbers = pa.array((number for number, _ in rows), pa.int64())
        names = ["_row", *(f"c{i}" for i in range(len(columns)))]
        return without_blank(pa.RecordBatch.from_arrays([numbers, *columns], names=names))

    def _check_trailer(self) -> None:
        if not self.layout.trailer:
            return
        if not self.trailer:
            raise UnreadableFileError("its trailer is missing: it breaks off before its end")
        counted = self.trailer.groupdict().get("count")
        if counted is not None and int(counted) != self.rows:
            raise UnreadableFileError(
                f"its trailer counts {int(counted)} rows, and it has {self.rows}"
            )
