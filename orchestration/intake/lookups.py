"""Looking a column up in another entity of the same delivery: the CPR number of a case.

What belongs here: the table of answers. What does not: which column is looked up (profiles) and
what becomes of a row without an answer (row_sql).
"""

import duckdb
import pyarrow as pa

from orchestration.intake.contract import entities
from orchestration.intake.cpr import Pseudonymiser
from orchestration.intake.files import UnreadableFileError
from orchestration.intake.landing import DeliveredFile, UnknownEncodingError
from orchestration.intake.profiles import Lookup, Profile
from orchestration.intake.row_sql import RowSql
from orchestration.intake.versions import open_file


def make_lookup(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    lookup: Lookup,
    files: list[DeliveredFile],
    profile: Profile,
    secret: Pseudonymiser,
) -> None:
    """Fill the temporary `table` with `key` and `value`, both text as delivered.

    A key with two answers has none: which one is meant is open. A file that cannot be read gives
    no answers; its own load says why.
    """
    connection.execute(f"create or replace temp table {table}_all (key VARCHAR, value VARCHAR)")
    for file in files:
        try:
            _add(connection, f"{table}_all", lookup, file, profile, secret)
        except (UnreadableFileError, UnknownEncodingError, UnicodeDecodeError):
            continue
    connection.execute(
        f"create or replace temp table {table} as select key, any_value(value) as value"
        f" from {table}_all where key is not null group by key having count(distinct value) = 1"
    )
    connection.execute(f"drop table {table}_all")


def _add(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    lookup: Lookup,
    file: DeliveredFile,
    profile: Profile,
    secret: Pseudonymiser,
) -> None:
    opened = open_file(file.path, profile, lookup.entity)
    if opened.header.missing():
        return
    sql = RowSql(entities()[lookup.entity], opened.reading, secret, [file.name])
    fields = [("_row", pa.int64())]
    fields += [(f"c{i}", pa.string()) for i in range(len(opened.table.header))]
    batches = opened.table.batches
    incoming = pa.RecordBatchReader.from_batches(pa.schema(fields), batches)
    connection.register("looked_up", incoming)
    key = sql.text(lookup.by, opened.header)
    value = sql.text(lookup.column, opened.header)
    try:
        connection.execute(f"insert into {table} select {key}, {value} from looked_up")
    finally:
        connection.unregister("looked_up")
