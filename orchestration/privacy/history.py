"""The warehouse file made anew with nothing in it but the history, each row of it seen to.

What belongs here: what survives in the warehouse when persons are erased, a district is taken away
or pseudonyms are exchanged. What does not: the tables that every night builds from the raw layer.

The file is written anew and exchanged, because a database keeps deleted rows in its free pages.
"""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import duckdb

from orchestration.intake.column_text import literal
from orchestration.intake.contract import Entity, entities

SCHEMA = "history"

Query = Callable[[duckdb.DuckDBPyConnection, str, str, list[str]], str]
"""Makes the query of a table's new rows from connection, bare name, full name and columns."""


def history_tables(connection: duckdb.DuckDBPyConnection, database: str) -> list[str]:
    """The names of the tables that keep history."""
    rows = connection.execute(
        "select table_name from duckdb_tables() where database_name = ? and schema_name = ?"
        " order by table_name",
        [database, SCHEMA],
    ).fetchall()
    return [row[0] for row in rows]


def entity_of(table: str) -> Entity | None:
    """The entity whose history a table keeps, by its name."""
    named = [entity for name, entity in entities().items() if table.endswith(name)]
    return max(named, key=lambda entity: len(entity.name), default=None)


def write_history(
    warehouse: Path,
    target: Path,
    query: Query,
    prepare: Callable[[duckdb.DuckDBPyConnection], None] = lambda _: None,
) -> Counter[str]:
    """Write the history of `warehouse`, as `query` gives it, to a new file; rows gone by table."""
    gone: Counter[str] = Counter()
    target.unlink(missing_ok=True)
    with duckdb.connect(str(target)) as connection:
        connection.execute(f"attach {literal(warehouse.as_posix())} as old (read_only)")
        prepare(connection)
        for name in history_tables(connection, "old"):
            connection.execute(f"create schema if not exists {SCHEMA}")
            source, new = f'old.{SCHEMA}."{name}"', f'{SCHEMA}."{name}"'
            described = connection.execute(f"describe {source}").fetchall()
            columns = [row[0] for row in described]
            connection.execute(f"create table {new} as {query(connection, name, source, columns)}")
            counts = connection.execute(
                f"select (select count(*) from {source}), (select count(*) from {new})"
            ).fetchone()
            if counts and counts[0] > counts[1]:
                gone[name] = counts[0] - counts[1]
        connection.execute("detach old")
    return gone
