"""Tables and views of a database, through SQLAlchemy.

What belongs here: connecting, which columns are read, how much of a table. What does not: what the
products differ in (dialects), turning rows into a file (extraction).

All tables of a source are read in one read-only transaction, which sees the data of one moment
where the product can do that. A table with a change column is read whole once, and then from the
newest change seen less an overlap: rows that were committed late, or changed while they were read,
come again, and re-delivery changes nothing. What was deleted only a whole reading can notice, which
therefore comes back every so many days.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
from sqlalchemy.exc import (
    ArgumentError,
    NoSuchTableError,
    OperationalError,
    ProgrammingError,
    SQLAlchemyError,
)

from orchestration.intake.contract import entities
from orchestration.intake.headers import known_headers, normalised
from orchestration.intake.sources.base import (
    Brought,
    Context,
    LocationError,
    Offered,
    SourceUnavailableError,
    entity_of,
    table_name,
)
from orchestration.intake.sources.dialects import dialect_of, with_driver
from orchestration.intake.sources.extraction import Extraction, UnusableValueError, local
from orchestration.intake.sources.network import attempted, is_local, told
from orchestration.intake.sources.options import TableOptions
from orchestration.intake.sources.remembered import Extracted

_T = TypeVar("_T")
_TOOK_TOO_LONG = ("statement timeout", "max_statement_time", "maximum statement execution time")
"""How PostgreSQL, MariaDB and MySQL say that a statement was ended."""
_NOT_LET_IN = ("authentication", "denied", '" does not exist')
"""How they say that a user or password is not known; the last is PostgreSQL's role or database."""


@dataclass(frozen=True)
class _Table:
    """A configured table as the database has it."""

    options: TableOptions
    relation: sa.TableClause
    read: dict[str, sa.ColumnElement[Any]]
    """Every column that is read, by name."""
    shown: list[str]
    """Those that the profile knows, in the table's order."""
    absent: list[str]
    """Those that it does not know: named, so that this is reported, and never read."""


class DatabaseOrigin:
    """The configured tables of one database."""

    def __init__(self, location: str, context: Context) -> None:
        self.context = context
        self.options = context.options
        self.url = _url(location, context)
        self.dialect = dialect_of(self.url)
        self.zone = _zone(context.options.time_zone)
        self._engine = self._made_engine()
        self._connection: sa.Connection | None = None
        _check_tables(context)

    @property
    def where(self) -> str:
        """The address, without a password."""
        return self.url.set(password=None).render_as_string()

    def offered(self) -> list[Offered]:
        """The configured tables, each looked at."""

        def look() -> list[Offered]:
            for entity in self.options.tables:
                self._table(entity)
            tables = self.options.tables.items()
            return [Offered(table_name(entity, table.table), "") for entity, table in tables]

        return self._attempt("show its tables", look)

    def bring(self, offered: Offered, landing: Path, last: Extracted | None) -> Brought:
        """Read a table, or what changed in it since `last`."""
        entity = entity_of(offered.name)

        def extract() -> Brought:
            table = self._table(entity)
            extraction = Extraction(landing, table.read, table.absent, self.zone)
            with contextlib.closing(extraction):
                if table.options.changed_by is None:
                    extraction.stage(self._open(), _query(table))
                    return Brought(extraction.land(offered.name, landing, table.shown, None))
                return self._changed(table, extraction, offered.name, landing, last)

        return self._attempt(f"give {self.options.tables[entity].table}", extract)

    def close(self) -> None:
        """End the transaction and the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            # A server that is gone has ended it already.
            with contextlib.suppress(SQLAlchemyError):
                connection.close()
        self._engine.dispose()

    # -- how much is read -------------------------------------------------------------------

    def _changed(
        self, table: _Table, rows: Extraction, name: str, landing: Path, last: Extracted | None
    ) -> Brought:
        column = str(table.options.changed_by)
        now, latest = datetime.now(UTC), self._clock()
        full = last is None or _is_due(last, table.options, now)
        since = datetime.fromisoformat(last.watermark) if last and last.watermark else None
        begin = None if full else _beginning(since, table.options)
        rows.stage(self._open(), _query(table, self._bound(table.read[column], begin)))
        # A change dated in the future must not hide what changes until then.
        newest = rows.newest(column, latest)
        known = [moment for moment in (newest, since) if moment is not None]
        watermark = max(known) if known else None
        expected = rows.digest(table.shown, column, _beginning(watermark, table.options))
        # Under another name: what changed may hold what the whole holds, and yet says less.
        kind = name if full else name.replace(".parquet", ".changes.parquet")
        file = rows.land(kind, landing, table.shown, column)
        done = Extracted(
            reading_hash="",
            sha256=file.sha256,
            watermark=watermark.isoformat() if watermark else None,
            expected=expected,
            full_at=now.isoformat() if full or last is None else last.full_at,
        )
        if not full and last and file.sha256 == last.expected:
            return Brought(None, extracted=replace(done, sha256=last.sha256))
        return Brought(file, "snapshot" if full else "changes", done)

    def _bound(
        self, column: sa.ColumnElement[Any], begin: datetime | None
    ) -> sa.ColumnElement[bool] | None:
        """Rows from `begin` on; rows without a date of change cannot be told, and always come."""
        if begin is None:
            return None
        moment: date = begin
        if isinstance(column.type, sa.DateTime):
            moment = begin.replace(tzinfo=self.zone) if column.type.timezone else begin
        else:
            moment = begin.date()
        return sa.or_(column >= sa.bindparam("begin", moment, column.type), column.is_(None))

    def _clock(self) -> datetime:
        """The server's own time, on the municipality's clock."""
        now = self._open().execute(sa.select(sa.func.current_timestamp())).scalar_one()
        return local(now, self.zone) if isinstance(now, datetime) else datetime.now(self.zone)

    # -- the database -----------------------------------------------------------------------

    def _made_engine(self) -> sa.Engine:
        options = self.options
        arguments = self.dialect.arguments(options.connect_seconds, options.read_seconds)
        try:
            engine = sa.create_engine(self.url, connect_args=arguments, poolclass=sa.NullPool)
        except ModuleNotFoundError as error:
            raise LocationError(
                f"the driver {error.name} is not installed; install raaderum[{self.dialect.extra}]"
            ) from error

        def connected(connection: Any, _: object) -> None:
            self.dialect.prepare(connection, options.read_seconds)
            with contextlib.closing(connection.cursor()) as cursor:
                for statement in self.dialect.session(options.read_seconds):
                    cursor.execute(statement)

        sa.event.listen(engine, "connect", connected)
        return engine

    def _open(self) -> sa.Connection:
        if self._connection is None:
            connection = self._engine.connect()
            self._connection = connection.execution_options(**self.dialect.options)
        return self._connection

    def _table(self, entity: str) -> _Table:
        """The table of an entity, and those of its columns that are needed."""
        options = self.options.tables[entity]
        schema, _, name = options.table.rpartition(".")
        found = sa.inspect(self._open()).get_columns(name, schema=schema or None)
        types = {str(column["name"]): column["type"] for column in found}
        known = _known_headers(self.context, entity)
        shown = [column for column in types if normalised(column) in known]
        extra = [options.changed_by] if options.changed_by else []
        for column in extra:
            if not isinstance(types.get(column), sa.DateTime | sa.Date):
                raise UnusableValueError(
                    f"{options.table} has no column {column} with a date or moment (`changed_by`)"
                )
        clauses: dict[str, sa.ColumnElement[Any]] = {
            column: sa.column(column, types[column]) for column in dict.fromkeys([*shown, *extra])
        }
        absent = [column for column in types if column not in clauses]
        relation = sa.table(name, *map(sa.column, types), schema=schema or None)
        return _Table(options, relation, clauses, shown, absent)

    def _attempt(self, what: str, work: Callable[[], _T]) -> _T:
        def once() -> _T:
            try:
                return work()
            except BaseException:
                self.close()
                raise

        try:
            return attempted(once, self.options.attempts, self._refusal)
        except (SQLAlchemyError, UnusableValueError, OSError) as error:
            if is_local(error):
                raise
            remedy = self._refusal(error) or (
                f"tried {self.options.attempts} times; check the network and that the server runs"
            )
            cause = getattr(error, "orig", None) or error
            secrets = [self.context.secret_of("PASSWORD") or ""]
            # Without its cause, which may hold what must not be shown.
            raise SourceUnavailableError(
                f"source {self.context.source}: {self.where} could not {what}"
                f" ({told(cause, secrets)}); {remedy}"
            ) from None

    def _refusal(self, error: BaseException) -> str | None:
        """What to do about an error that another attempt does not mend; None for others."""
        if isinstance(error, NoSuchTableError | ProgrammingError):
            return "check the table's name, and that the user may read it"
        if isinstance(error, UnusableValueError):
            return "mend that in a view, and name the view"
        text = str(error).casefold()
        if isinstance(error, OperationalError) and any(words in text for words in _NOT_LET_IN):
            return f"check the user, the database and {self.context.variable('PASSWORD')}"
        if any(words in text for words in _TOOK_TOO_LONG):
            return "raise read_seconds, or read by `changed_by`"
        return None if isinstance(error, OperationalError | OSError) else "check the source"


def _query(table: _Table, where: sa.ColumnElement[bool] | None = None) -> sa.Select[Any]:
    query = sa.select(*table.read.values()).select_from(table.relation)
    return query if where is None else query.where(where)


def _beginning(watermark: datetime | None, options: TableOptions) -> datetime | None:
    return None if watermark is None else watermark - timedelta(hours=options.overlap_hours)


def _is_due(last: Extracted, options: TableOptions, now: datetime) -> bool:
    """Whether the whole table is to be read again."""
    if last.watermark is None:
        return True
    passed = now - datetime.fromisoformat(last.full_at)
    return bool(options.full_every_days) and passed >= timedelta(days=options.full_every_days)


def _known_headers(context: Context, entity: str) -> set[str]:
    """The columns that the profile reads, as headers are compared."""
    known: set[str] = set()
    for reading in context.profile.readings(entity):
        mapped = reading.mapped
        ignored = {normalised(name) for name in mapped.ignored}
        known |= known_headers(entities()[entity], mapped) - ignored
    return known


def _url(location: str, context: Context) -> sa.URL:
    try:
        url = sa.make_url(location)
    except (ArgumentError, ValueError) as error:
        raise LocationError(
            "location is no SQLAlchemy URL: dialect://user@host/database"
        ) from error
    if url.password is not None:
        raise LocationError(
            f"a password does not belong in location; set {context.variable('PASSWORD')}"
        )
    return with_driver(url).set(password=context.secret_of("PASSWORD"))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise LocationError(f"time_zone {name} is not known") from error


def _check_tables(context: Context) -> None:
    """Raise LocationError where tables and profile do not fit."""
    if not context.options.tables:
        raise LocationError("a database needs `tables`: [sources.NAME.tables.ENTITY] table = …")
    for entity, options in context.options.tables.items():
        if entity not in context.profile.entities:
            known = ", ".join(context.profile.entities)
            raise LocationError(f"tables.{entity}: the profile has {known}")
        derived = [
            name
            for reading in context.profile.readings(entity)
            for name, column in reading.mapped.columns.items()
            if column.derive == "file_and_row"
        ]
        if options.changed_by and derived:
            raise LocationError(
                f"tables.{entity}.changed_by: the profile numbers {derived[0]} by rows, which"
                " are others in every extraction; read the table whole"
            )
