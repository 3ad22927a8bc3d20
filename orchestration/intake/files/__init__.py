"""Delivered files as streams of text columns, whatever their format.

What belongs here: one module a format, and choosing it. What does not: what the text means
(values).
"""

from pathlib import Path

from orchestration.intake.files.csv_file import open_csv
from orchestration.intake.files.excel import open_excel
from orchestration.intake.files.fixed_width import open_fixed_width
from orchestration.intake.files.kinds import kind_of
from orchestration.intake.files.parquet_file import open_parquet
from orchestration.intake.files.table import (
    Table,
    TotalRow,
    UnreadableFileError,
    totals_aside,
    trimmed,
)
from orchestration.intake.forms import FileForm

__all__ = ["Table", "TotalRow", "UnreadableFileError", "open_table"]


def open_table(path: Path, form: FileForm, known: frozenset[str] = frozenset()) -> Table:
    """Open a delivered file, whatever its format.

    `known` are the headers that the profile knows (`headers.known_headers`): by them the header,
    the sheet and an automatic separator are told. Raises UnreadableFileError, also while the
    batches are read, and UnknownEncodingError.
    """
    table = _opened(path, form, known)
    table.batches = map(trimmed, table.batches)
    return totals_aside(table, form.totals)


def _opened(path: Path, form: FileForm, known: frozenset[str]) -> Table:
    match kind_of(path, form):
        case "parquet":
            return open_parquet(path, form)
        case "excel":
            return open_excel(path, form, known)
        case "fixed_width":
            return open_fixed_width(path, form)
        case "csv":
            return open_csv(path, form, known)
