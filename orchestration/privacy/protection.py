"""Children whose name and address are protected: where they live is told by no layer.

What belongs here: taking district and postal code away from every load and from history, once a
child or somebody of its household is protected. What does not: the row in which protection is
delivered, which intake itself empties (contract: minimise).

Protection that comes later counts for what was loaded before. The household counts too: a brother's
district is the child's own.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.intake.column_text import literal
from orchestration.intake.contract import Entity, Minimise, entities
from orchestration.intake.raw_store import RawStore, write
from orchestration.privacy.history import entity_of, history_tables, write_history
from orchestration.state import State

_PROTECTED = "protected_persons"


@dataclass(frozen=True)
class Protected:
    """Rows from which the place was taken: in the raw layer and in history."""

    raw: int
    history: int


def protect(state: State) -> Protected:
    """Empty what tells where protected children and their households live. Needs the lock.

    May be repeated; where anything was found, the older published runs are to go.
    """
    store = RawStore(state.raw)
    raw = history = 0
    for entity in entities().values():
        if entity.minimise is None:
            continue
        with duckdb.connect() as connection:
            _find(connection, store, entity, entity.minimise)
            if not _any(connection, _PROTECTED):
                continue
            for path in sorted((store.root / entity.name).glob("*.parquet")):
                raw += _empty(connection, entity.minimise, path)
            history += _open_history(connection, state, entity, entity.minimise)
    if raw or history:
        state.older_runs_go.write_text("", encoding="utf-8")
    if history:
        _empty_history(state, store)
    return Protected(raw, history)


def _find(
    connection: duckdb.DuckDBPyConnection, store: RawStore, entity: Entity, minimise: Minimise
) -> None:
    """The table of those whose newest row is protected, and of their households.

    Of several sources one is enough. Protection that was lifted since does not count.
    """
    key = ", ".join(entity.stored_name(name) for name in entity.key)
    rows = f"read_parquet({literal(store.glob(entity.name))}, union_by_name = true)"
    newest = (
        f"select * from {rows}"
        f" qualify row_number() over (partition by _source, {key} order by _load_seq desc) = 1"
    )
    connection.execute(
        f"create temp table {_PROTECTED} as with newest as ({newest}),"
        f" flagged as (select person_id, household_id from newest where {minimise.when})"
        " select person_id from flagged union"
        f" select person_id from {rows} where household_id in"
        " (select household_id from flagged where household_id is not null)"
    )


def _any(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    return connection.execute(f"select 1 from {table} limit 1").fetchone() is not None


def _told(minimise: Minimise, columns: list[str]) -> tuple[list[str], str]:
    """The columns that tell the place, and SQL: whether a row tells it of somebody protected."""
    present = [name for name in minimise.drop if name in columns]
    filled = " or ".join(f"{name} is not null" for name in present) or "false"
    return present, f"person_id in (select person_id from {_PROTECTED}) and ({filled})"


def _empty(connection: duckdb.DuckDBPyConnection, minimise: Minimise, path: Path) -> int:
    source = f"read_parquet({literal(path.as_posix())})"
    described = connection.execute(f"describe from {source}").fetchall()
    present, told = _told(minimise, [row[0] for row in described])
    row = connection.execute(f"select count(*) from {source} where {told}").fetchone()
    count = int(row[0]) if row else 0
    if count:
        write(connection, f"{_emptied(present, told, source)} order by _file, _row", path)
    return count


def _emptied(present: list[str], told: str, source: str) -> str:
    columns = ", ".join(f"case when {told} then null else {name} end as {name}" for name in present)
    return f"select * replace ({columns}) from {source}"


def _open_history(
    connection: duckdb.DuckDBPyConnection, state: State, entity: Entity, minimise: Minimise
) -> int:
    """How many rows of history still tell the place."""
    if not state.warehouse.is_file():
        return 0
    count = 0
    connection.execute(f"attach {literal(state.warehouse.as_posix())} as old (read_only)")
    for name in history_tables(connection, "old"):
        if entity_of(name) == entity:
            source = f'old.history."{name}"'
            described = connection.execute(f"describe {source}").fetchall()
            _, told = _told(minimise, [row[0] for row in described])
            row = connection.execute(f"select count(*) from {source} where {told}").fetchone()
            count += int(row[0]) if row else 0
    connection.execute("detach old")
    return count


def _empty_history(state: State, store: RawStore) -> None:
    def query(
        connection: duckdb.DuckDBPyConnection, name: str, source: str, columns: list[str]
    ) -> str:
        entity = entity_of(name)
        if entity is None or entity.minimise is None:
            return f"from {source}"
        connection.execute(f"drop table if exists {_PROTECTED}")
        _find(connection, store, entity, entity.minimise)
        present, told = _told(entity.minimise, columns)
        return _emptied(present, told, source) if present else f"from {source}"

    target = state.warehouse.with_name(state.warehouse.name + ".new")
    write_history(state.warehouse, target, query)
    target.replace(state.warehouse)
