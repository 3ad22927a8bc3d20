"""The rows of a query as a Parquet file that has the same bytes whenever the rows are the same.

What belongs here: types, order, exact decimals. What does not: the query, and what is new in it.

A database hands out rows in any order and numbers in any scale. So rows are written aside as they
come, in bounded memory, and then sorted by all they hold; a column of numbers gets the smallest
scale that holds every one of them exactly.
"""

import hashlib
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from orchestration.intake import landing as area

_ROWS = 10_000
_DIGITS = 38


class UnusableValueError(ValueError):
    """A value that cannot be delivered exactly; the message names the column."""


class Extraction:
    """One reading of one table. `columns` are read; `absent` are named, and hold nothing."""

    def __init__(
        self,
        landing: Path,
        columns: dict[str, sa.ColumnElement[Any]],
        absent: list[str],
        zone: ZoneInfo,
        memory_limit: str = "1GB",
    ) -> None:
        self.columns = columns
        self.absent = absent
        self.zone = zone
        self.staged = area.scratch(landing) / "rows.part"
        self.sorted = area.scratch(landing) / "sorted.part"
        self._kinds = [_kind(clause.type) for clause in columns.values()]
        self._connection = duckdb.connect(
            config={
                # One thread, so that the same rows are written in the same groups.
                "threads": 1,
                "memory_limit": memory_limit,
                "temp_directory": str(area.scratch(landing)),
            }
        )

    def close(self) -> None:
        """Remove what was written aside."""
        self._connection.close()
        for path in (self.staged, self.sorted):
            path.unlink(missing_ok=True)

    def stage(self, connection: sa.Connection, query: sa.Select[Any]) -> None:
        """Write the rows of the query aside, as the server hands them out."""
        names = [f"c{number}" for number in range(len(self._kinds))]
        schema = pa.schema(list(zip(names, self._kinds, strict=True)))
        streamed = connection.execution_options(stream_results=True, yield_per=_ROWS)
        with pq.ParquetWriter(self.staged, schema) as writer:
            for rows in streamed.execute(query).partitions(_ROWS):
                writer.write_batch(self._batch(rows, schema))

    def newest(self, column: str, latest: datetime) -> datetime | None:
        """The newest moment in a column that is not after `latest`."""
        place = list(self.columns).index(column)
        row = self._connection.execute(
            f"select max(c{place}::timestamp) from read_parquet(?) where c{place} <= ?",
            [str(self.staged), latest],
        ).fetchone()
        return row[0] if row else None

    def land(
        self, name: str, landing: Path, shown: list[str], first: str | None
    ) -> area.DeliveredFile:
        """The rows with the columns `shown` as a delivered file, `first` deciding their order."""
        self._sort(shown, first, "true")
        return area.adopt(name, self.sorted, landing)

    def digest(self, shown: list[str], first: str, begin: datetime | None) -> str:
        """The content that the rows from `begin` on would have as a file."""
        place = list(self.columns).index(first)
        where = "true"
        if begin is not None:
            # A copy takes no parameters.
            self._connection.execute("set variable beginning = ?::timestamp", [begin])
            where = f"(c{place} >= getvariable('beginning') or c{place} is null)"
        self._sort(shown, first, where)
        with self.sorted.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()

    def _sort(self, shown: list[str], first: str | None, where: str) -> None:
        names = list(self.columns)
        source = str(self.staged).replace("'", "''")
        rows = f"from read_parquet('{source}') where {where}"
        columns = [self._exact(names.index(name), name, rows) for name in shown]
        columns += [f"null::varchar as {_quoted(name)}" for name in self.absent]
        order = [f"c{names.index(first)}"] if first else []
        order += [f"c{number}" for number in range(len(names))]
        self._connection.execute(
            f"copy (select {', '.join(columns)} {rows} order by {', '.join(order)})"
            f" to '{str(self.sorted).replace(chr(39), chr(39) * 2)}' (format parquet)"
        )

    def _exact(self, place: int, name: str, rows: str) -> str:
        """SQL: a column under its own name; numbers in the smallest scale that is exact."""
        if not _is_number(self.columns[name].type):
            return f"c{place} as {_quoted(name)}"
        fraction = f"rtrim(split_part(c{place}, '.', 2), '0')"
        row = self._connection.execute(
            f"select coalesce(max(length({fraction})), 0),"
            f" coalesce(max(length(ltrim(split_part(c{place}, '.', 1), '-'))), 1) {rows}"
        ).fetchone()
        scale, whole = row or (0, 1)
        if scale + whole > _DIGITS:
            raise UnusableValueError(f"column {name} has numbers of more than {_DIGITS} digits")
        return f"c{place}::decimal({_DIGITS}, {scale}) as {_quoted(name)}"

    def _batch(self, rows: Any, schema: pa.Schema) -> pa.RecordBatch:
        arrays = []
        for (name, clause), kind, values in zip(
            self.columns.items(), self._kinds, zip(*rows, strict=True), strict=True
        ):
            plain = list(_plain(values, clause.type, self.zone, name))
            try:
                arrays.append(pa.array(plain, kind))
            except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
                raise UnusableValueError(
                    f"column {name} has a value that is none of its type"
                ) from error
        return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _is_number(kind: sa.types.TypeEngine[Any]) -> bool:
    if isinstance(kind, sa.Numeric):
        return not isinstance(kind, sa.Float)
    # SQL Server's money has four decimals and a type of its own.
    return type(kind).__module__.startswith("sqlalchemy.dialects.mssql") and "MONEY" in str(kind)


def _kind(kind: sa.types.TypeEngine[Any]) -> pa.DataType:
    """How a column is written aside: numbers as text, for their scale is not known yet."""
    kinds: list[tuple[type, pa.DataType]] = [
        (sa.Boolean, pa.bool_()),
        (sa.Integer, pa.int64()),
        (sa.Float, pa.float64()),
        (sa.DateTime, pa.timestamp("us")),
        (sa.Date, pa.date32()),
    ]
    return next((written for kinds_of, written in kinds if isinstance(kind, kinds_of)), pa.string())


def _plain(
    values: tuple[Any, ...], kind: sa.types.TypeEngine[Any], zone: ZoneInfo, name: str
) -> Iterator[Any]:
    for value in values:
        if value is None:
            yield None
        elif isinstance(value, datetime):
            yield local(value, zone)
        elif isinstance(value, Decimal):
            if not value.is_finite():
                raise UnusableValueError(f"column {name} holds {value}, which is no number")
            yield format(value, "f") if _kind(kind) == pa.string() else value
        elif _kind(kind) == pa.string():
            yield value if isinstance(value, str) else _text(value, name)
        else:
            yield value


def _text(value: object, name: str) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        raise UnusableValueError(f"column {name} holds bytes; leave it out, or make it text")
    return value.isoformat() if isinstance(value, date) else str(value)


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    """A moment on the municipality's clock, without its zone."""
    return moment.astimezone(zone).replace(tzinfo=None) if moment.tzinfo else moment


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
