"""Parquet as batches of text, written as the profile's CSV files would write it.

What belongs here: typed columns to text. What does not: other formats.
"""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from orchestration.intake.files.table import Table, UnreadableFileError, without_blank
from orchestration.intake.forms import FileForm

_BATCH = 200_000
# Whole numbers up to here are exact in a binary number of that width.
_EXACT = {"FLOAT": 1 << 24, "DOUBLE": 1 << 53}


def open_parquet(path: Path, form: FileForm) -> Table:
    """Open a Parquet file; raises UnreadableFileError."""
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
            yield without_blank(batch)
    except duckdb.Error as error:
        raise UnreadableFileError(str(error).split("\n")[0]) from error
    finally:
        connection.close()
