"""One published table in PostgreSQL: its definition, rows, keys and comments.

What belongs here: what DuckDB's types are called there, and carrying rows over. What does not:
schemas, roles and the swap (postgresql).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import psycopg
import pyarrow as pa
from psycopg import sql
from pyarrow import csv

from exports.publish.manifest import Manifest

MANIFEST = "published_manifest"
"""In both schemas: which run it is, and every table with its rows."""

_TYPES = {
    "VARCHAR": "text",
    "BIGINT": "bigint",
    "INTEGER": "integer",
    "SMALLINT": "smallint",
    "TINYINT": "smallint",
    "HUGEINT": "numeric(38)",
    "DOUBLE": "double precision",
    "FLOAT": "real",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
}
_DECIMAL = re.compile(r"DECIMAL(\(\d+,\d+\))")
_ROWS_AT_ONCE = 100_000
_Connection = psycopg.Connection[tuple[object, ...]]


@dataclass(frozen=True)
class TableKeys:
    """The columns that identify a row, and (column, table, its column) of every reference."""

    primary: tuple[str, ...] = ()
    references: tuple[tuple[str, str, str], ...] = ()


def copy_tables(
    target_db: _Connection,
    source: duckdb.DuckDBPyConnection,
    schema: str,
    staging: str,
    manifest: Manifest,
) -> None:
    """Carry every table of `schema` over to `staging`, and write its `published_manifest`."""
    target_db.execute(
        sql.SQL("create table {} (run_id text, as_of date, table_name text, rows bigint)").format(
            sql.Identifier(staging, MANIFEST)
        )
    )
    tables = source.execute(
        "select table_name, comment from duckdb_tables() where schema_name = ? order by 1", [schema]
    ).fetchall()
    for name, comment in tables:
        rows = _copy_table(target_db, source, (schema, name), (staging, name), comment)
        target_db.execute(
            sql.SQL("insert into {} values (%s, %s, %s, %s)").format(
                sql.Identifier(staging, MANIFEST)
            ),
            [manifest.run_id, manifest.as_of, name, rows],
        )


def postgresql_type(duckdb_type: str) -> str:
    """What a DuckDB type is called in PostgreSQL. Raises ValueError where it has no counterpart."""
    decimal = _DECIMAL.fullmatch(duckdb_type)
    if decimal:
        return f"numeric{decimal[1]}"
    if duckdb_type not in _TYPES:
        raise ValueError(f"a column of type {duckdb_type} has no counterpart in PostgreSQL")
    return _TYPES[duckdb_type]


def _copy_table(
    target_db: _Connection,
    source: duckdb.DuckDBPyConnection,
    table: tuple[str, str],
    target: tuple[str, str],
    comment: str | None,
) -> int:
    columns = source.execute(
        "select column_name, data_type, comment from duckdb_columns() where schema_name = ?"
        " and table_name = ? order by column_index",
        list(table),
    ).fetchall()
    name = sql.Identifier(*target)
    fields = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(postgresql_type(kind)))
        for column, kind, _ in columns
    )
    target_db.execute(sql.SQL("create table {} ({})").format(name, fields))
    rows = 0
    batches = source.execute(f'select * from {table[0]}."{table[1]}"').to_arrow_reader(
        _ROWS_AT_ONCE
    )
    # Unquoted and empty is null, quoted and empty is an empty text: for both sides of this.
    statement = sql.SQL("copy {} from stdin (format csv)").format(name)
    with target_db.cursor().copy(statement) as copy:
        for batch in batches:
            copy.write(_as_csv(batch))
            rows += batch.num_rows
    comments = [(sql.SQL("table {}").format(name), comment)]
    comments += [
        (sql.SQL("column {}").format(sql.Identifier(*target, column)), text)
        for column, _, text in columns
    ]
    for what, text in comments:
        if text:
            target_db.execute(sql.SQL("comment on {} is {}").format(what, sql.Literal(text)))
    return rows


def _as_csv(batch: pa.RecordBatch) -> bytes:
    sink = pa.BufferOutputStream()
    csv.write_csv(batch, sink, csv.WriteOptions(include_header=False))
    return bytes(sink.getvalue())


def add_keys(
    target_db: _Connection,
    source: duckdb.DuckDBPyConnection,
    keys: Mapping[str, TableKeys],
    staging: Mapping[str, str],
) -> None:
    """Declare primary keys and references, so that tools join the star by themselves."""
    found = source.execute("select table_name, schema_name from duckdb_tables()").fetchall()
    schemas = {name: staging[schema] for name, schema in found if schema in staging}
    declared = {name: key for name, key in keys.items() if name in schemas}
    for name, key in declared.items():
        if key.primary:
            target_db.execute(
                sql.SQL("alter table {} add primary key ({})").format(
                    sql.Identifier(schemas[name], name), _columns(key.primary)
                )
            )
    for name, key in declared.items():
        for column, other, field in key.references:
            if other in declared and declared[other].primary == (field,):
                target_db.execute(
                    sql.SQL("alter table {} add foreign key ({}) references {} ({})").format(
                        sql.Identifier(schemas[name], name),
                        sql.Identifier(column),
                        sql.Identifier(schemas[other], other),
                        sql.Identifier(field),
                    )
                )


def _columns(names: tuple[str, ...]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))
