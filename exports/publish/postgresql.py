"""The PostgreSQL target: the published tables as schemas that are swapped in as a whole.

What belongs here: connecting, writing aside, the swap, roles, and what of it is retried. What does
not: the definitions and rows of one table (postgresql_tables), what is published (tables).

Tables are written to `marts_new` and `reporting_new` and renamed in one transaction. A reader's
open transaction is not waited for; it keeps the tables that it has read from, now in `marts_old_N`.
They are dropped by the same night, or by a later one where a reader will not let go.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import duckdb
import psycopg
import stamina
from psycopg import sql

from exports.publish.manifest import Manifest
from exports.publish.postgresql_tables import MANIFEST, TableKeys, add_keys, copy_tables
from exports.publish.tables import SCHEMAS

ROLES = {"economist": ("marts", "reporting"), "reader": ("reporting",)}
"""What each role may read (contract 5)."""

_MARK = "Råderum: "
"""How the comment of our own schemas begins: one without it is somebody else's."""
_LOCK_KEY = 0x7261616465
_AT_ONCE, _BEFORE_A_DEADLOCK = "", "200ms"
"""How long a lock on the readers' tables is waited for; a server looks for a deadlock after 1 s."""
_DROP_SECONDS = 2.0
_PASSING = (
    psycopg.OperationalError,
    psycopg.errors.LockNotAvailable,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
)
_Result = TypeVar("_Result")
_Connection = psycopg.Connection[tuple[object, ...]]


class PostgreSQLError(RuntimeError):
    """The target cannot be published to; the message says why and what to do."""


@dataclass(frozen=True)
class Target:
    """A database, and how long it is waited for. The password is never part of the URL."""

    url: str
    password: str | None = None
    attempts: int = 4
    wait_seconds: float = 2.0
    connect_seconds: int = 10
    statement_seconds: int = 900
    lock_seconds: int = 10

    @property
    def name(self) -> str:
        """Host and database, for messages."""
        parts = psycopg.conninfo.conninfo_to_dict(self.url)
        return f"{parts.get('host', 'localhost')}/{parts.get('dbname', '')}"


def publish_to_postgresql(
    serving: Path, target: Target, manifest: Manifest, keys: Mapping[str, TableKeys]
) -> list[str]:
    """Publish the tables of a serving file; what a person should know of, but nothing stopped for.

    What passes by itself (a lock, a connection that broke) is tried again. Readers see the tables
    of the run before or those of this one. Raises PostgreSQLError; nothing is switched then.
    """

    def once() -> list[str]:
        with (
            connection(target) as target_db,
            duckdb.connect(str(serving), read_only=True) as source,
        ):
            _alone(target_db)
            _refuse_others_schemas(target_db)
            warnings = _ensure_roles(target_db)
            with target_db.transaction():
                _stage(target_db, source, manifest, keys)
            _swap_between_readers(target_db, target)
            return warnings + _drop_old(target_db)

    return _retried(once, target)


def published_in_postgresql(target: Target) -> str | None:
    """The run id that the target serves, in both schemas; None where it serves none or two.

    Raises PostgreSQLError where it cannot be asked.
    """

    def once() -> str | None:
        with connection(target) as target_db:
            found: set[object] = set()
            for schema in SCHEMAS:
                known = target_db.execute("select to_regclass(%s)", [f"{schema}.{MANIFEST}"])
                if (row := known.fetchone()) is None or row[0] is None:
                    return None
                query = sql.SQL("select distinct run_id from {}").format(
                    sql.Identifier(schema, MANIFEST)
                )
                found |= {row[0] for row in target_db.execute(query)}
        return str(found.pop()) if len(found) == 1 else None

    return _retried(once, target)


def check_postgresql(target: Target) -> str:
    """Whether a night could publish there, as a sentence. Raises PostgreSQLError."""

    def once() -> str:
        with connection(target) as target_db:
            row = target_db.execute(
                "select current_user, has_database_privilege(current_database(), 'create'),"
                " current_setting('server_version')"
            ).fetchone()
            user, may_create, version = row or ("?", False, "?")
            if not may_create:
                raise PostgreSQLError(
                    f"{target.name}: {user} may not make schemas;"
                    f" grant create on database … to {user}"
                )
            _refuse_others_schemas(target_db)
            missing = _missing_roles(target_db)
            roles = f"; roles not there yet: {', '.join(missing)}" if missing else ""
            return f"{target.name} as {user}, PostgreSQL {version}{roles}"

    return _retried(once, target, attempts=1)


@contextmanager
def connection(target: Target) -> Iterator[_Connection]:
    """An open connection with every time-out set; each statement commits by itself."""
    settings = {
        "statement_timeout": target.statement_seconds * 1000,
        "lock_timeout": target.lock_seconds * 1000,
        "idle_in_transaction_session_timeout": target.statement_seconds * 1000,
    }
    opened = psycopg.connect(
        target.url,
        password=target.password,
        autocommit=True,
        connect_timeout=target.connect_seconds,
        application_name="raaderum",
        options=" ".join(f"-c {name}={value}" for name, value in settings.items()),
        # A server that is gone without a word is noticed, not waited for.
        keepalives_idle=30,
        tcp_user_timeout=60_000,
    )
    with opened:
        yield opened


def _retried(once: Callable[[], _Result], target: Target, attempts: int | None = None) -> _Result:
    try:
        for attempt in stamina.retry_context(
            on=_PASSING,
            attempts=attempts or target.attempts,
            timeout=None,
            wait_initial=target.wait_seconds,
            wait_max=target.wait_seconds * 10,
        ):
            with attempt:
                return once()
    except psycopg.Error as error:
        reason = str(error).strip().split("\n")[0] or type(error).__name__
        raise PostgreSQLError(
            f"the PostgreSQL target {target.name} cannot be used: {reason}. Nothing was switched;"
            " docs/runbooks/postgresql-target-down.md"
        ) from error
    raise AssertionError("a retried block returns or raises")


def _alone(target_db: _Connection) -> None:
    """One publisher at a time; the server frees the lock with the connection."""
    target_db.execute("select pg_advisory_lock(%s)", [_LOCK_KEY])


def _refuse_others_schemas(target_db: _Connection) -> None:
    """Raise PostgreSQLError for a schema of our name that we did not make: it would vanish."""
    for schema in (*SCHEMAS, *(f"{schema}_new" for schema in SCHEMAS)):
        row = target_db.execute(
            "select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = %s",
            [schema],
        ).fetchone()
        if row is not None and not str(row[0] or "").startswith(_MARK):
            raise PostgreSQLError(
                f"the database has a schema {schema} that is not ours; rename or drop it, or name"
                " another database in publish.postgresql.url"
            )


def _missing_roles(target_db: _Connection) -> list[str]:
    found = {row[0] for row in target_db.execute("select rolname from pg_roles")}
    return [role for role in ROLES if role not in found]


def _ensure_roles(target_db: _Connection) -> list[str]:
    """Make the roles that are not there, where we may; who still lacks one is told."""
    row = target_db.execute(
        "select rolsuper or rolcreaterole from pg_roles where rolname = current_user"
    ).fetchone()
    missing = _missing_roles(target_db)
    if not (row and row[0]):
        return [
            f"PostgreSQL has no role {role} and we may not make it; nobody was granted its tables"
            for role in missing
        ]
    for role in missing:
        target_db.execute(sql.SQL("create role {} nologin").format(sql.Identifier(role)))
    return []


def _stage(
    target_db: _Connection,
    source: duckdb.DuckDBPyConnection,
    manifest: Manifest,
    keys: Mapping[str, TableKeys],
) -> None:
    """Everything of the new run beside the old: tables, rows, keys, comments, grants."""
    missing = _missing_roles(target_db)
    for schema in SCHEMAS:
        staging = sql.Identifier(f"{schema}_new")
        target_db.execute(sql.SQL("drop schema if exists {} cascade").format(staging))
        target_db.execute(sql.SQL("create schema {}").format(staging))
        mark = f"{_MARK}{schema} of run {manifest.run_id}, as of {manifest.as_of}"
        target_db.execute(sql.SQL("comment on schema {} is {}").format(staging, sql.Literal(mark)))
        copy_tables(target_db, source, schema, f"{schema}_new", manifest)
    add_keys(target_db, source, keys, {schema: f"{schema}_new" for schema in SCHEMAS})
    for role, readable in ROLES.items():
        if role in missing:
            continue
        for schema in readable:
            names = {"schema": sql.Identifier(f"{schema}_new"), "role": sql.Identifier(role)}
            target_db.execute(sql.SQL("grant usage on schema {schema} to {role}").format(**names))
            target_db.execute(
                sql.SQL("grant select on all tables in schema {schema} to {role}").format(**names)
            )


def _swap_between_readers(target_db: _Connection, target: Target) -> None:
    """Swap at a moment when nobody reads, or without one where somebody will not let go.

    With the old tables locked, no statement and no transaction can bind one table of the old run
    and one of the new. First the lock is taken at once or not at all, which delays nobody. Where
    readers never pause, those that come meanwhile are made to wait, for less time than a deadlock
    takes to be found: it is we who give way, never a reader.
    """
    for patience in (_AT_ONCE, _BEFORE_A_DEADLOCK):
        try:
            for attempt in _until_free(target.lock_seconds / 2):
                with attempt, target_db.transaction():
                    _lock(target_db, list(SCHEMAS), patience)
                    _swap(target_db)
            return
        except psycopg.errors.LockNotAvailable:
            continue
    with target_db.transaction():
        _swap(target_db)


def _until_free(seconds: float) -> Iterable[stamina.Attempt]:
    return stamina.retry_context(
        on=psycopg.errors.LockNotAvailable,
        attempts=None,
        timeout=seconds,
        wait_initial=0.05,
        wait_max=1.0,
    )


def _lock(target_db: _Connection, schemas: list[str], patience: str) -> None:
    """Lock all tables of some schemas to the transaction's end. Raises LockNotAvailable."""
    tables = _tables(target_db, schemas)
    if tables is None:
        return
    mode = sql.SQL("" if patience else " nowait")
    if patience:
        target_db.execute(sql.SQL("set local lock_timeout = {}").format(sql.Literal(patience)))
    target_db.execute(sql.SQL("lock table {} in access exclusive mode{}").format(tables, mode))


def _tables(target_db: _Connection, schemas: list[str]) -> sql.Composed | None:
    """All tables of some schemas, as a list for a statement; None where there are none."""
    found = target_db.execute(
        "select schemaname, tablename from pg_tables where schemaname = any(%s)", [schemas]
    ).fetchall()
    names = [sql.Identifier(str(schema), str(name)) for schema, name in found]
    return sql.SQL(", ").join(names) if names else None


def _swap(target_db: _Connection) -> None:
    old = _old_schemas(target_db)
    number = 1 + max((int(name.rsplit("_", 1)[1]) for name in old), default=0)
    known = {row[0] for row in target_db.execute("select nspname from pg_namespace")}
    rename = sql.SQL("alter schema {} rename to {}")
    for schema in SCHEMAS:
        if schema in known:
            target_db.execute(
                rename.format(sql.Identifier(schema), sql.Identifier(f"{schema}_old_{number}"))
            )
    for schema in SCHEMAS:
        target_db.execute(rename.format(sql.Identifier(f"{schema}_new"), sql.Identifier(schema)))


def _old_schemas(target_db: _Connection) -> list[str]:
    rows = target_db.execute(
        "select nspname from pg_namespace where nspname ~ %s"
        " and obj_description(oid, 'pg_namespace') like %s order by nspname",
        [f"^({'|'.join(SCHEMAS)})_old_[0-9]+$", f"{_MARK}%"],
    )
    return [str(row[0]) for row in rows]


def _drop_old(target_db: _Connection) -> list[str]:
    """Drop the runs before; what a reader still holds stays, and so does what others built on.

    Never by cascade: a view that somebody made on our tables is theirs.
    """
    old = _old_schemas(target_db)
    if not old:
        return []
    tables = _tables(target_db, old)
    try:
        for attempt in _until_free(_DROP_SECONDS):
            with attempt, target_db.transaction():
                # A statement that is under way may still want another of these tables.
                _lock(target_db, old, _AT_ONCE)
                if tables:
                    target_db.execute(sql.SQL("drop table {}").format(tables))
                for schema in old:
                    target_db.execute(sql.SQL("drop schema {}").format(sql.Identifier(schema)))
    except psycopg.errors.DependentObjectsStillExist as error:
        detail = (error.diag.message_detail or "").split("\n")[0]
        return [
            f"tables of an earlier run stay in PostgreSQL, something is built on them: {detail}"
        ]
    except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
        return []
    return []
