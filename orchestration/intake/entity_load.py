"""Reading all files of one entity into a typed table, and deciding what becomes of each row.

What belongs here: files to one table, accounts, duplicates, counting. What does not: the SQL of a
row (row_sql), single values (values), thresholds and the register (load).
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.intake.account_columns import make_accounts, translation
from orchestration.intake.accounts import Chart
from orchestration.intake.column_text import literal
from orchestration.intake.companions import Companions, lookups
from orchestration.intake.contract import ACCOUNT_PARTS, METADATA, Entity
from orchestration.intake.cpr import Pseudonymiser, hide, hide_sql, mask
from orchestration.intake.deliveries import Batch
from orchestration.intake.erased import leave_out
from orchestration.intake.fates import decide, fates_of
from orchestration.intake.file_count import FileCount
from orchestration.intake.files import Table, UnreadableFileError
from orchestration.intake.findings import collect
from orchestration.intake.headers import Header, drift
from orchestration.intake.landing import DeliveredFile, UnknownEncodingError
from orchestration.intake.lookups import make_lookup
from orchestration.intake.problems import Problem, add_problems
from orchestration.intake.profiles import Profile, ReadingMap
from orchestration.intake.raw_store import constant
from orchestration.intake.repeated import Repeated, reading_connection
from orchestration.intake.row_sql import ERROR, RowSql
from orchestration.intake.twins import tell, twins
from orchestration.intake.versions import open_file, stricter


@dataclass(frozen=True)
class _OpenFile:
    number: int
    header: Header
    table: Table
    reading: ReadingMap


class EntityLoad:
    """The rows of one entity in one load, held in the load's own database."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        entity: Entity,
        profile: Profile,
        secret: Pseudonymiser,
        companions: Companions | None = None,
        known_columns: tuple[str, ...] = (),
    ) -> None:
        self.connection = connection
        self.known_columns = known_columns
        self.entity = entity
        self.profile = profile
        self.companions = companions or Companions()
        self.mapped = profile.entities[entity.name]
        self.delivery = self.mapped.delivery
        self.secret = secret
        self.table = f"rows_{entity.name}"
        self.judged = f"judged_{entity.name}"
        self.fates = fates_of(entity)
        self._files: list[FileCount] = []
        self._unread: dict[int, int] = {}
        self._missing: list[str] = []
        self._problems: list[Problem] = []

    def read(self, batch: Batch, chart: Chart) -> None:
        """Read the files, judge every row and count."""
        parsed = self._account_columns()
        later = {f"{column}_{part}" for column in parsed for part in ACCOUNT_PARTS}
        own = self._own_columns().items()
        columns = ", ".join(f"{name} {kind}" for name, kind in own if name not in later)
        self.connection.execute(
            f"create temp table {self.table} ({columns}, _deleted BOOLEAN,"
            " _file_no INTEGER, _row BIGINT,"
            f" _errors {ERROR}[], _warnings {ERROR}[])"
        )
        stems = [Path(file.name).stem for file in batch.files]
        answers = self._look_up()
        self._unread = twins(batch.files, self.entity, self.mapped)
        for group in self._grouped(batch.files):
            reading = group[0].reading
            entity = stricter(self.entity, reading)
            self._insert(group, RowSql(entity, reading, self.secret, stems, answers))
        for answer in answers.values():
            self.connection.execute(f"drop table {answer}")
        self._problems += leave_out(
            self.connection, self.entity, self.table, self.secret, self._files
        )
        add_problems(self.connection, self._problems)
        self._parse_accounts(parsed, chart)
        decide(self.connection, self.entity, self.mapped.replaces, batch.rounds, self.judged)
        collect(self.connection, self.entity, self.judged, self.fates, self.file_names())
        self._count()
        add_problems(self.connection, tell(self._files, self._unread))

    def hold_on(self, known: frozenset[str], part_missing: bool) -> None:
        """Set nothing aside where a file that was read before, one of `known`, failed.

        Or where it is missing with the archive that it was in, which cannot be opened.

        Such a delivery is not the whole: what that file told last time still holds.
        """
        failed = any(count.failed and count.file in known for count in self._files)
        if failed or part_missing:
            self.delivery = "changes"
            for count in self._files:
                count.delivery = "changes"

    def missing_columns(self) -> list[str]:
        """A sentence for every required column that a file lacks."""
        return self._missing

    def counts(self) -> list[FileCount]:
        """The accounting, file by file."""
        return self._files

    def total(self, column: str, files: list[int]) -> tuple[Decimal, int]:
        """The sum of a column over files (by number), and how many rows have none that can be read.

        Every row counts, rejected or not.
        """
        # A twin's rows are those of the file that was read for it.
        read = [self._unread.get(number, number) for number in files]
        found = self.connection.execute(
            f"select coalesce(sum({column}), 0), count(*) - count({column}) from {self.table}"
            " join (select unnest(?::integer[]) as _file_no) using (_file_no)",
            [read],
        ).fetchone()
        misshapen = sum(
            problem.rule == "row_shape" and problem.file in {self._files[n].file for n in files}
            for problem in self._problems
        )
        return (found[0], found[1] + misshapen) if found else (Decimal(0), misshapen)

    def file_names(self) -> str:
        """SQL: the list of the files' names, in which `_file_no` is a row's place from 0."""
        return f"[{', '.join(literal(count.file) for count in self._files)}]"

    def rows_query(self, load_id: str, sequence: int, source: str) -> str:
        """The query that gives the entity's raw table for this load."""
        replaces = ",".join(self.mapped.replaces) if self.delivery == "replacement" else ""
        return (
            f"select {', '.join(self._own_columns())}, {constant(load_id)} as _load_id,"
            f" {sequence}::bigint as _load_seq, {constant(source)} as _source,"
            f" {constant(self.delivery)} as _delivery,"
            f" nullif({literal(replaces)}, '') as _replaces, _deleted,"
            f" {self.file_names()}[_file_no + 1] as _file, _row"
            f" from {self.judged} anti join {self.fates} using (_file_no, _row)"
        )

    def _own_columns(self) -> dict[str, str]:
        stored = self.entity.stored_columns()
        return {name: kind for name, kind in stored.items() if name not in METADATA}

    # -- files ------------------------------------------------------------------------------

    def _grouped(self, files: Iterable[DeliveredFile]) -> Iterable[list[_OpenFile]]:
        """The readable files, those with the same header together."""
        groups: dict[tuple[str, ...], list[_OpenFile]] = {}
        headers: list[Header] = []
        for number, file in enumerate(files):
            count = FileCount(
                self.entity.name, mask(file.name), file.sha256, file.bytes, self.delivery
            )
            self._files.append(count)
            opened = None
            if number not in self._unread:
                opened = self._open(number, file, count, headers)
            if opened:
                groups.setdefault(tuple(opened.header.names), []).append(opened)
        if headers:
            first = next(count.file for count in self._files if count.header)
            self._report(drift(self.entity.name, first, self.known_columns, headers))
        return groups.values()

    def _open(
        self, number: int, file: DeliveredFile, count: FileCount, headers: list[Header]
    ) -> _OpenFile | None:
        try:
            opened = open_file(file.path, self.profile, self.entity.name)
        except UnknownEncodingError as error:
            self._fail(number, "file_encoding", str(error))
            return None
        except UnreadableFileError as error:
            self._fail(number, error.rule, str(error))
            return None
        header, version = opened.header, opened.reading.version
        headers.append(header)
        count.header = tuple(hide(name.strip()) for name in header.names)
        self._report(header.problems(count.file))
        nearest = f" (nearest version: {version})" if version else ""
        unusable = [f"{count.file} has no column {column}{nearest}" for column in header.missing()]
        unusable += [f"{count.file} has column {column} twice" for column in header.twice()]
        self._missing += unusable
        count.failed = bool(unusable)
        return None if unusable else _OpenFile(number, header, opened.table, opened.reading)

    def _look_up(self) -> dict[str, str]:
        """Make the tables of what is looked up; their names by column."""
        tables = {}
        for name, lookup in lookups(self.profile, self.entity.name).items():
            tables[name] = f"lookup_{self.entity.name}_{name}"
            asked = lookup.model_copy(update={"column": lookup.column or name})
            files = self.companions.lookups.get(lookup.entity, [])
            make_lookup(self.connection, tables[name], asked, files, self.profile, self.secret)
        return tables

    def _insert(self, group: list[_OpenFile], sql: RowSql) -> None:
        """Read files with the same header in one statement: planning it costs more than a file."""
        header = group[0].header
        texts = [f"c{i}" for i in range(len(header.names))]
        fields = [("_file_no", pa.int32()), ("_row", pa.int64())]
        schema = pa.schema([*fields, *((name, pa.string()) for name in texts)])
        repeated = self._repeated(sql, header)
        for _, column in repeated:
            schema = pa.schema([*schema, *column.schema])
        batches = (
            self._with_repeated(opened.number, batch, repeated, schema)
            for opened in group
            for batch in self._batches(opened)
        )
        incoming = pa.RecordBatchReader.from_batches(schema, batches)
        self.connection.register("incoming", incoming)
        self.connection.execute(f"insert into {self.table} by name {sql.query(header, 'incoming')}")
        self.connection.unregister("incoming")
        for opened in group:
            if self._files[opened.number].failed:
                self.connection.execute(
                    f"delete from {self.table} where _file_no = {opened.number}"
                )

    def _repeated(self, sql: RowSql, header: Header) -> list[tuple[int, Repeated]]:
        connection = reading_connection(self.secret)
        return [
            (position, Repeated(connection, query))
            for position, query in sql.repeated(header).values()
        ]

    def _with_repeated(
        self,
        number: int,
        batch: pa.RecordBatch,
        repeated: list[tuple[int, Repeated]],
        schema: pa.Schema,
    ) -> pa.RecordBatch:
        """The batch with the number of its file, and what its repeated columns say."""
        columns = [pa.array(np.full(batch.num_rows, number), pa.int32()), *batch.columns]
        for position, column in repeated:
            columns += column.columns(batch.column(f"c{position}"))
        return pa.RecordBatch.from_arrays(columns, schema=schema)

    def _batches(self, opened: _OpenFile) -> Iterator[pa.RecordBatch]:
        """The rows of one file that are ours; what happens to the others is counted.

        A file that breaks off half-way fails as a whole: none of its rows is kept.
        """
        count = self._files[opened.number]
        try:
            for batch in opened.table.batches:
                count.rows_read += batch.num_rows
                ours = self._in_scope(batch, opened.header)
                count.rows_out_of_scope += batch.num_rows - ours.num_rows
                yield ours
        except (UnreadableFileError, UnicodeDecodeError) as error:
            count.rows_read = count.rows_out_of_scope = 0
            self._fail(opened.number, getattr(error, "rule", UnreadableFileError.rule), str(error))
            return
        count.rows_out_of_scope += opened.table.set_aside
        misshapen = opened.table.misshapen
        count.rows_rejected = len(misshapen)
        count.rows_read += len(misshapen) + opened.table.set_aside
        self._report(
            Problem(count.file, "row_shape", self.entity.name, row, detail=detail)
            for row, detail in misshapen
        )

    def _in_scope(self, batch: pa.RecordBatch, header: Header) -> pa.RecordBatch:
        scope = header.mapped.scope
        position = header.position(scope.names) if scope else None
        if scope is None or position is None:
            return batch
        text = pc.utf8_trim_whitespace(batch.column(f"c{position}"))
        return batch.filter(pc.match_substring_regex(text, scope.pattern))

    def _fail(self, number: int, rule: str, detail: str) -> None:
        count = self._files[number]
        count.failed = True
        detail = hide(detail.split("\n", maxsplit=1)[0])
        self._report([Problem(count.file, rule, self.entity.name, detail=detail)])

    def _report(self, problems: Iterable[Problem]) -> None:
        """Keep problems for later: the connection is busy while a file is read."""
        self._problems += problems

    # -- all rows ---------------------------------------------------------------------------

    def _account_columns(self) -> list[str]:
        """The columns that hold an account of the authorised chart."""
        if self.mapped.local_account:
            return []
        columns = self.entity.columns.items()
        return [name for name, column in columns if column.type == "account"]

    def _parse_accounts(self, columns: list[str], chart: Chart) -> None:
        """Read every distinct account once; its parts, or its error, join the rows."""
        meant = ", ".join(f"coalesce(a_{name}.meant, r.{name}) as {name}" for name in columns)
        replaced = f" replace ({meant})" if columns else ""
        select, errors, joins = [f"r.* exclude (_errors, _warnings){replaced}"], "r._errors", ""
        for name in columns:
            accounts = f"accounts_{self.entity.name}_{name}"
            translated = translation(
                self.connection, self.profile, self.entity.name, name, self.companions
            )
            make_accounts(self.connection, accounts, self.table, name, chart, translated)
            joins += f" left join {accounts} as a_{name} on a_{name}.written = r.{name}"
            select += [f"a_{name}.{part} as {name}_{part}" for part in ACCOUNT_PARTS]
            errors = (
                f"case when a_{name}.rule is null then {errors} else list_append({errors},"
                f" {{'column_name': '{name}', 'rule': a_{name}.rule, 'value':"
                f" {hide_sql(f'r.{name}')}, 'suggestion': a_{name}.suggestion}}) end"
            )
        self.connection.execute(
            f"create temp view {self.judged} as"
            f" select {', '.join(select)}, {self._of_what_is_kept(errors)} as _errors,"
            f" {self._of_what_is_kept('r._warnings')} as _warnings from {self.table} as r{joins}"
        )

    def _of_what_is_kept(self, findings: str) -> str:
        """SQL: the findings of a row; of a row that is deleted, those of its key alone."""
        if not self.mapped.deleted:
            return findings
        key = ", ".join(literal(column) for column in self.entity.key)
        of_key = f"list_filter({findings}, lambda e: e.column_name in ({key}))"
        return f"case when r._deleted then {of_key} else {findings} end"

    def _count(self) -> None:
        """Count what is kept and what is not, each for itself, so that `check` means something."""
        found = self.connection.execute(
            f"select _file_no, 'loaded', count(*) from {self.table}"
            f" anti join {self.fates} using (_file_no, _row) group by all"
            f" union all select _file_no, _fate, count(*) from {self.fates} group by all"
        ).fetchall()
        for number, fate, rows in found:
            count = self._files[number]
            setattr(count, f"rows_{fate}", getattr(count, f"rows_{fate}") + rows)


def chart_hash(functions: bytes) -> str:
    """What identifies a chart of accounts."""
    return hashlib.sha256(functions).hexdigest()[:16]
