"""Delivered files as streams of text columns, whatever their format.

What belongs here: one module a format, and choosing it. What does not: what the text means
(values).
"""

from pathlib import Path

from orchestration.intake.files.csv_file import open_csv
from orchestration.intake.files.parquet_file import open_parquet
from orchestration.intake.files.table import Table, UnreadableFileError, trimmed
from orchestration.intake.forms import FileForm

__all__ = ["Table", "UnreadableFileError", "open_table"]


def open_table(path: Path, form: FileForm) -> Table:
    """Open a delivered CSV or Parquet file.

    Raises UnreadableFileError, also while the batches are read, and UnknownEncodingError.
    """
    is_parquet = path.suffix.casefold() == ".parquet"
    table = open_parquet(path, form) if is_parquet else open_csv(path, form)
    table.batches = map(trimmed, table.batches)
    return table
