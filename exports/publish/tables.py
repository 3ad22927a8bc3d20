"""The published tables: `serving.duckdb` and one Parquet file per table.

What belongs here: copying the schemas `marts` and `reporting` out of the warehouse, replacing the
reporting tables by their disclosure-controlled values, and auditing the copy. What does not: the
rules of disclosure control (exports.disclosure).
"""

from collections.abc import Mapping
from pathlib import Path

import duckdb
import pandas as pd

SCHEMAS = ("marts", "reporting")
# Power BI's gateway reads V1 encodings and Snappy everywhere; newer encodings it does not.
_PARQUET = "format parquet, compression snappy, parquet_version v1"
_SUPPRESSED = "True where disclosure control has emptied the values of the row."


class AuditError(RuntimeError):
    """What was written is not what the warehouse holds; the run must not be published."""


def reporting_frames(warehouse: Path) -> dict[str, pd.DataFrame]:
    """Every table of `reporting` as a frame, before disclosure control."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return {
            name: connection.execute(f'select * from reporting."{name}" order by all').fetchdf()
            for name in _names(connection, "reporting")
        }


def initiative_effects(warehouse: Path) -> pd.DataFrame:
    """What each adopted initiative has saved by month, with its labels: for economists alone.

    It is a sum over measure types, some of which may rest on few children; disclosure control knows
    no such sums, so it is no table of `reporting`.
    """
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(
            "select initiatives.label_da, initiatives.label_en, effects.*"
            " from marts.fct_initiative_effect as effects"
            " inner join marts.dim_initiative as initiatives using (initiative_key)"
            " order by effects.initiative_id, effects.month"
        ).fetchdf()


def publish_tables(
    warehouse: Path, controlled: Mapping[str, pd.DataFrame], folder: Path
) -> dict[str, int]:
    """Write `serving.duckdb` and `parquet/` into `folder`; rows by relative path.

    `controlled` replaces the tables of `reporting`, each with the columns and types of the
    warehouse. Raises AuditError where a table or a control total differs.
    """
    parquet = folder / "parquet"
    parquet.mkdir(parents=True)
    serving = folder / "serving.duckdb"
    rows: dict[str, int] = {}
    with duckdb.connect(str(serving)) as connection:
        connection.execute(f"attach {_quoted(warehouse)} as warehouse (read_only)")
        for schema in SCHEMAS:
            connection.execute(f"create schema {schema}")
            for name in _names(connection, schema, "warehouse"):
                frame = controlled.get(name) if schema == "reporting" else None
                rows[f"parquet/{name}.parquet"] = _publish_table(
                    connection, schema, name, frame, parquet / f"{name}.parquet"
                )
        _audit(connection)
        connection.execute("detach warehouse")
    rows["serving.duckdb"] = sum(rows.values())
    return rows


def _publish_table(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    name: str,
    frame: pd.DataFrame | None,
    parquet: Path,
) -> int:
    source, target = f'warehouse.{schema}."{name}"', f'{schema}."{name}"'
    if frame is None:
        connection.execute(f"create table {target} as select * from {source} order by all")
    else:
        connection.execute(f"create table {target} as select * from {source} limit 0")
        if "suppressed" in frame and "suppressed" not in _columns(connection, schema, name):
            connection.execute(f"alter table {target} add column suppressed boolean")
            connection.execute(f"comment on column {target}.suppressed is {_quoted(_SUPPRESSED)}")
        connection.register("controlled_frame", frame)
        connection.execute(f"insert into {target} by name select * from controlled_frame")
        connection.unregister("controlled_frame")
    _copy_comments(connection, schema, name)
    connection.execute(f"copy {target} to {_quoted(parquet)} ({_PARQUET})")
    row = connection.execute(f"select count(*) from {target}").fetchone()
    return int(row[0]) if row else 0


def _copy_comments(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> None:
    """A reader of the file sees the same descriptions as a reader of the documentation."""
    found = connection.execute(
        "select column_name, comment from duckdb_columns() where database_name = 'warehouse'"
        " and schema_name = ? and table_name = ? and comment is not null",
        [schema, name],
    ).fetchall()
    for column, comment in found:
        connection.execute(f'comment on column {schema}."{name}"."{column}" is {_quoted(comment)}')
    table = connection.execute(
        "select comment from duckdb_tables() where database_name = 'warehouse'"
        " and schema_name = ? and table_name = ?",
        [schema, name],
    ).fetchone()
    if table and table[0]:
        connection.execute(f'comment on table {schema}."{name}" is {_quoted(table[0])}')


def _audit(connection: duckdb.DuckDBPyConnection) -> None:
    """Row counts of the marts, and the ledger per year and account, against the warehouse.

    `reporting` is not compared: disclosure control empties cells there and may add rows.
    """
    for name in _names(connection, "marts", "warehouse"):
        counts = connection.execute(
            f'select (select count(*) from marts."{name}"),'
            f' (select count(*) from warehouse.marts."{name}")'
        ).fetchone()
        if counts and counts[0] != counts[1]:
            raise AuditError(f"marts.{name}: {counts[0]} rows written, {counts[1]} built")
    ledger = "select year, account_key, sum(amount) as amount from {} group by all"
    differing = connection.execute(
        f"select count(*) from (({ledger.format('marts.fct_cost')} except"
        f" {ledger.format('warehouse.marts.fct_cost')}) union all"
        f" ({ledger.format('warehouse.marts.fct_cost')} except"
        f" {ledger.format('marts.fct_cost')}))"
    ).fetchone()
    if differing and differing[0]:
        raise AuditError(f"fct_cost: {differing[0]} totals per year and account differ")


def _names(
    connection: duckdb.DuckDBPyConnection, schema: str, database: str | None = None
) -> list[str]:
    rows = connection.execute(
        "select table_name from duckdb_tables() where schema_name = ?"
        " and database_name = coalesce(?, current_database()) order by table_name",
        [schema, database],
    ).fetchall()
    return [row[0] for row in rows]


def _columns(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> set[str]:
    rows = connection.execute(
        "select column_name from duckdb_columns() where database_name = current_database()"
        " and schema_name = ? and table_name = ?",
        [schema, name],
    ).fetchall()
    return {row[0] for row in rows}


def _quoted(text: Path | str) -> str:
    plain = text.as_posix() if isinstance(text, Path) else text
    return "'" + plain.replace("'", "''") + "'"
