"""Taking erased persons out of the raw layer, every load of it.

What belongs here: rows, their errors and the counts of the register of loads. What does not: who is
erased (intake.erased).

Each file is replaced as a whole, and everything is found anew from the erasure register: a purge
that was cut off is finished by the next one.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.intake.column_text import literal
from orchestration.intake.comparison import RETURNED, VANISHED, shown_key
from orchestration.intake.contract import Entity, entities
from orchestration.intake.cpr import Pseudonymiser
from orchestration.intake.erased import KINDS, Register, condition, new_entries, remember
from orchestration.intake.raw_store import LOAD_FILES, RawStore, write


@dataclass(frozen=True)
class RawPurge:
    """Rows removed by entity, rows kept without their person, errors removed, files rewritten."""

    removed: Counter[str]
    emptied: int
    errors: int
    files: int


def purge_raw(store: RawStore, secret: Pseudonymiser) -> RawPurge:
    """Remove or empty the rows of everyone in the erasure register."""
    removed: Counter[str] = Counter()
    emptied = errors = files = 0
    with duckdb.connect() as connection:
        secret.bind(connection)
        register = Register(store.root)
        register.put(connection)
        connection.execute("create temp table gone (entity varchar, key varchar)")
        _grow(connection, store, secret)
        # Before any row goes: what hangs on a case is found by its token when the case is gone.
        register.add(new_entries(connection))
        for entity in entities().values():
            for path in _loads(store, entity.name):
                theirs = condition(entity, secret, _columns(connection, path))
                rows = _count(connection, path, theirs)
                if not rows:
                    continue
                errors += _purge_errors(connection, store, entity, path, theirs)
                connection.execute(
                    f"insert into gone select {literal(entity.name)}, {shown_key(entity, 'gone')}"
                    f" from ({_read(path)} where {theirs}) as gone"
                )
                _rewrite(connection, entity, path, theirs)
                files += 1
                if entity.erase and entity.erase.empty:
                    emptied += rows
                else:
                    removed[entity.name] += rows
        errors += _purge_told(connection, store)
        errors += _purge_findings(connection, store, secret)
        _recount(connection, store)
    return RawPurge(removed, emptied, errors, files)


def _loads(store: RawStore, entity: str) -> list[Path]:
    return sorted(path for path in (store.root / entity).glob("*.parquet") if path.stem[0] != "_")


def _grow(connection: duckdb.DuckDBPyConnection, store: RawStore, secret: Pseudonymiser) -> None:
    """Add the cases, measures and notifications of erased persons to the table `erased`."""
    for entity in entities().values():
        relation = f"read_parquet({literal(store.glob(entity.name))}, union_by_name = true)"
        columns = list(entity.stored_columns())
        theirs = condition(entity, secret, columns)
        remember(connection, entity, relation, columns, theirs, secret)


def _columns(connection: duckdb.DuckDBPyConnection, path: Path) -> list[str]:
    return [row[0] for row in connection.execute(f"describe {_read(path)}").fetchall()]


def _read(path: Path) -> str:
    return f"from read_parquet({literal(path.as_posix())})"


def _count(connection: duckdb.DuckDBPyConnection, path: Path, theirs: str) -> int:
    row = connection.execute(f"select count(*) {_read(path)} where {theirs}").fetchone()
    return int(row[0]) if row else 0


def _rewrite(
    connection: duckdb.DuckDBPyConnection, entity: Entity, path: Path, theirs: str
) -> None:
    order = "order by _file, _row"
    if entity.erase and entity.erase.empty:
        kept = {entity.stored_name(name) for name in entity.erase.empty}
        columns = ", ".join(
            f"case when {theirs} then null else {name} end as {name}" for name in sorted(kept)
        )
        write(connection, f"select * replace ({columns}) {_read(path)} {order}", path)
    else:
        write(connection, f"select * {_read(path)} where not ({theirs}) {order}", path)


def _purge_errors(
    connection: duckdb.DuckDBPyConnection,
    store: RawStore,
    entity: Entity,
    path: Path,
    theirs: str,
) -> int:
    """Remove what was found wrong in the rows that go: it quotes them."""
    errors = store.path("load_errors", path.stem)
    if not errors.is_file():
        return 0
    told = f"entity = {literal(entity.name)} and (file, row_number) in (select (_file, _row)"
    quoting = f"{told} {_read(path)} where {theirs})"
    rows = _count(connection, errors, quoting)
    if rows:
        write(connection, f"select * {_read(errors)} where not coalesce({quoting}, false)", errors)
    return rows


def _purge_told(connection: duckdb.DuckDBPyConnection, store: RawStore) -> int:
    """Remove what later loads told of rows that went: that they vanished or returned, by key."""
    removed = 0
    told = f"rule in ({literal(VANISHED)}, {literal(RETURNED)}) and (entity, value) in (from gone)"
    for errors in _loads(store, "load_errors"):
        rows = _count(connection, errors, told)
        if rows:
            write(connection, f"select * {_read(errors)} where not coalesce({told}, false)", errors)
        removed += rows
    return removed


def _purge_findings(
    connection: duckdb.DuckDBPyConnection, store: RawStore, secret: Pseudonymiser
) -> int:
    """Remove what was found wrong in rows that never came in, by the case or key they name."""
    theirs = " or ".join(
        [
            _named(secret, "case", "case_id"),
            "record_id in (select token from erased where kind = 'person' and until is null)",
            *(
                f"(entity = {literal(entity.name)} and {_named(secret, kind, 'record_id')})"
                for kind, column in KINDS.items()
                for entity in entities().values()
                if entity.key == (column,)
            ),
        ]
    )
    gone = 0
    for path in _loads(store, "load_errors"):
        if not {"record_id", "case_id"} <= set(_columns(connection, path)):
            continue
        rows = _count(connection, path, theirs)
        if rows:
            write(connection, f"select * {_read(path)} where not coalesce({theirs}, false)", path)
            gone += rows
    return gone


def _named(secret: Pseudonymiser, kind: str, column: str) -> str:
    """SQL: whether a column names a case, measure or notification that was erased."""
    told = secret.sql(f"'{kind}:' || {column}")
    return f"{told} in (select token from erased where kind = {literal(kind)})"


def _recount(connection: duckdb.DuckDBPyConnection, store: RawStore) -> None:
    """Let the register of loads count what is there: what was erased is out of scope."""
    for path in _loads(store, "load_files"):
        present = [name for name in entities() if store.path(name, path.stem).is_file()]
        if not present:
            continue
        counts = " union all ".join(
            f"select {literal(name)} as entity, _file as file, count(*) as found"
            f" {_read(store.path(name, path.stem))} group by all"
            for name in present
        )
        entry = f"{_read(path)} left join ({counts}) using (entity, file)"
        there = f"state = 'loaded' and entity in ({', '.join(map(literal, present))})"
        loaded = f"case when {there} then coalesce(found, 0) else rows_loaded end"
        query = (
            f"select * exclude (found) replace ({loaded} as rows_loaded,"
            f" rows_out_of_scope + rows_loaded - {loaded} as rows_out_of_scope) {entry}"
        )
        differing = f"select 1 {entry} where rows_loaded <> {loaded} limit 1"
        if connection.execute(differing).fetchone():
            columns = ", ".join(name for name in LOAD_FILES)
            write(connection, f"select {columns} from ({query}) order by entity, file", path)
