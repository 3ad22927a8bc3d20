"""Reading all files of one entity into a typed table, and deciding what becomes of each row.

What belongs here: header to columns, the SQL of a whole row, accounts, duplicates, counting.
What does not: single values (values), thresholds and the register (load).
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from orchestration.intake.accounts import AccountError, Chart, parse_account
from orchestration.intake.contract import ACCOUNT_PARTS, METADATA, Column, Entity
from orchestration.intake.cpr import Pseudonymiser, birth_date_sql, digits_sql, mask
from orchestration.intake.landing import DeliveredFile, UnknownEncodingError
from orchestration.intake.problems import Problem, add_problems
from orchestration.intake.profiles import ColumnMap, Profile
from orchestration.intake.tabular import Table, UnreadableFileError, open_table
from orchestration.intake.values import cleaned, literal, reading, shown, translated

_ERROR = "STRUCT(column_name VARCHAR, rule VARCHAR, value VARCHAR)"


@dataclass
class FileCount:
    """What became of the rows of one file."""

    entity: str
    file: str
    sha256: str
    bytes: int
    delivery: str
    failed: bool = False
    rows_read: int = 0
    rows_loaded: int = 0
    rows_rejected: int = 0
    rows_superseded: int = 0
    rows_out_of_scope: int = 0

    def check(self) -> None:
        """Raise RuntimeError where a row is unaccounted for: a defect of ours, never of the data."""
        kept = self.rows_loaded + self.rows_rejected + self.rows_superseded
        if self.rows_read != kept + self.rows_out_of_scope:
            raise RuntimeError(f"{self.file}: rows are unaccounted for: {self}")


def normalised(header: str) -> str:
    """A header without case, blanks and signs, so that ` Amount ` and `amount` meet."""
    return re.sub(r"[\W_]+", "", header.replace("\ufeff", "")).casefold()


class EntityLoad:
    """The rows of one entity in one load, held in the load's own database."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        entity: Entity,
        profile: Profile,
        secret: Pseudonymiser,
    ) -> None:
        self.connection = connection
        self.entity = entity
        self.mapped = profile.entities[entity.name]
        self.form = profile.form_of(entity.name)
        self.delivery = self.mapped.delivery
        self.secret = secret
        self.table = f"rows_{entity.name}"
        self._files: list[FileCount] = []
        self._missing: list[str] = []

    def read(self, files: list[DeliveredFile], chart: Chart) -> None:
        """Read the files, judge every row and count."""
        columns = ", ".join(f"{name} {kind}" for name, kind in self._own_columns().items())
        self.connection.execute(
            f"create temp table {self.table} ({columns}, _file_no INTEGER, _row BIGINT,"
            f" _in_scope BOOLEAN, _errors {_ERROR}[], _warnings {_ERROR}[])"
        )
        for number, file in enumerate(files):
            self._read_file(number, file)
        self._parse_accounts(chart)
        self._judge()
        self._collect_errors()
        self._count()

    def missing_columns(self) -> list[str]:
        """A sentence for every required column that a file lacks."""
        return self._missing

    def counts(self) -> list[FileCount]:
        """The accounting, file by file."""
        return self._files

    def rows_query(self, load_id: str, sequence: int, source: str) -> str:
        """The query that gives the entity's raw table for this load."""
        files = " ".join(
            f"when {number} then {literal(count.file)}" for number, count in enumerate(self._files)
        )
        return (
            f"select {', '.join(self._own_columns())}, {literal(load_id)} as _load_id,"
            f" {sequence}::bigint as _load_seq, {literal(source)} as _source,"
            f" {literal(self.delivery)} as _delivery, case _file_no {files} end as _file, _row"
            f" from {self.table} where _fate = 'loaded' order by _file_no, _row"
        )

    def _own_columns(self) -> dict[str, str]:
        stored = self.entity.stored_columns()
        return {name: kind for name, kind in stored.items() if name not in METADATA}

    # -- one file ---------------------------------------------------------------------------

    def _read_file(self, number: int, file: DeliveredFile) -> None:
        count = FileCount(
            self.entity.name, mask(file.name), file.sha256, file.bytes, self.delivery
        )
        self._files.append(count)
        try:
            table = open_table(file.path, self.form)
            positions = self._positions(table, count.file)
            if positions is None:
                count.failed = True
                return
            self._insert(number, table, positions, file)
        except UnknownEncodingError as error:
            self._fail(number, count, "file_encoding", str(error))
            return
        except (UnreadableFileError, pa.ArrowInvalid, duckdb.Error) as error:
            self._fail(number, count, "file_unreadable", mask(str(error).split("\n")[0]))
            return
        count.rows_rejected = len(table.misshapen)
        count.rows_read = len(table.misshapen)
        self._report(
            Problem(count.file, "row_shape", self.entity.name, row, detail=detail)
            for row, detail in table.misshapen
        )

    def _fail(self, number: int, count: FileCount, rule: str, detail: str) -> None:
        """A file that breaks off half-way fails as a whole: none of its rows is kept."""
        self.connection.execute(f"delete from {self.table} where _file_no = {number}")
        count.failed = True
        self._report([Problem(count.file, rule, self.entity.name, detail=detail)])

    def _report(self, problems: Iterable[Problem]) -> None:
        add_problems(self.connection, list(problems))

    def _positions(self, table: Table, file: str) -> dict[str, int] | None:
        """Where each header stands; None (and reported) where a required column is missing."""
        headers: dict[str, int] = {}
        for position, header in enumerate(table.header):
            headers.setdefault(normalised(header), position)
        missing = [
            column
            for column in self.entity.required
            if not self._is_delivered(column, headers)
        ]
        found = ", ".join(header.strip() for header in table.header)[:200]
        for column in missing:
            self._missing.append(f"{file} has no column {column}")
        self._report(
            Problem(file, "column_missing", self.entity.name, column=column, detail=mask(found))
            for column in missing
        )
        known = {normalised(name) for mapped in self._maps() for name in mapped.names}
        known |= {normalised(name) for name in self.mapped.ignored}
        known |= {normalised(n) for n in (self.mapped.scope.names if self.mapped.scope else ())}
        self._report(
            Problem(file, "column_unknown", self.entity.name, column=mask(header.strip()))
            for header in table.header
            if header.strip() and normalised(header) not in known
        )
        return None if missing else headers

    def _maps(self) -> list[ColumnMap]:
        local = self.mapped.local_account
        own = list(self.mapped.columns.values())
        return [*own, local.function, local.grouping] if local else own

    def _is_delivered(self, column: str, headers: dict[str, int]) -> bool:
        local = self.mapped.local_account
        if local and self.entity.columns[column].type == "account":
            maps = [local.function, local.grouping]
        else:
            maps = [self.mapped.columns.get(column, ColumnMap())]
        return all(
            mapped.derive or any(normalised(name) in headers for name in mapped.names)
            for mapped in maps
        )

    def _source_text(self, mapped: ColumnMap | None, headers: dict[str, int]) -> str:
        """SQL: the cleaned and translated text of a column, null where it is not delivered."""
        for name in mapped.names if mapped else ():
            position = headers.get(normalised(name))
            if position is not None and mapped is not None:
                return translated(cleaned(f"c{position}", self.form), mapped)
        return "null::varchar"

    # -- one row ----------------------------------------------------------------------------

    def _insert(
        self, number: int, table: Table, headers: dict[str, int], file: DeliveredFile
    ) -> None:
        incoming = table.reader()  # found by name in the query
        held = " || ".join(f"c{i}" for i in range(len(table.header)))
        texts = {name: f"t_{name}" for name in self.entity.columns}
        selected = ", ".join(
            f"{self._text(name, headers, file)} as {alias}" for name, alias in texts.items()
        )
        readings = {
            name: reading(texts[name], f"v_{name}", column, self.form, self.secret)
            for name, column in self.entity.columns.items()
        }
        typed = ", ".join(f"{item.value} as v_{name}" for name, item in readings.items())
        broken = {name: item.broken for name, item in readings.items() if item.broken}
        bent = {name: item.warning for name, item in readings.items() if item.warning}
        self.connection.register("incoming", incoming)
        self.connection.execute(
            f"insert into {self.table} by name"
            f" with texts as (select _row, {self._scope(headers)} as _in_scope, {selected}"
            f" {self._local_parts(headers)} from incoming where trim({held}, ' \t') <> ''),"
            f" typed as (select *, {typed} from texts),"
            f" judged as (select *{_flags('b', broken)}{_flags('w', bent)} from typed)"
            f" select {self._stored(texts)}, {number} as _file_no, _row, _in_scope,"
            f" {self._found('b', broken, self._order_errors(texts))} as _errors,"
            f" {self._found('w', bent, [])} as _warnings from judged"
        )
        self.connection.unregister("incoming")

    def _found(self, prefix: str, rules: dict[str, str], more: list[str]) -> str:
        """SQL: the list of what is wrong with a row; built only where something is."""
        found = [
            f"case when {prefix}_{name} is not null then {{'column_name': '{name}',"
            f" 'rule': {prefix}_{name}, 'value':"
            f" {shown(f't_{name}', self.entity.columns[name])}}} end"
            for name in rules
        ]
        if not found and not more:
            return f"[]::{_ERROR}[]"
        items = ", ".join([*found, *more])
        return f"case when _in_scope then list_filter([{items}], e -> e is not null) else [] end"

    def _text(self, name: str, headers: dict[str, int], file: DeliveredFile) -> str:
        mapped = self.mapped.columns.get(name)
        local = self.mapped.local_account
        if local and self.entity.columns[name].type == "account":
            function = self._source_text(local.function, headers)
            return f"{function} || ' / ' || {self._source_text(local.grouping, headers)}"
        if mapped and mapped.derive == "file_and_row":
            return f"{literal(mask(file.path.stem))} || ':' || _row"
        if mapped and mapped.derive == "year_of_posting_date":
            day = self._source_text(self.mapped.columns["posting_date"], headers)
            read = reading(day, day, Column(type="date"), self.form, self.secret).value
            return f"year({read})::varchar"
        return self._source_text(mapped, headers)

    def _local_parts(self, headers: dict[str, int]) -> str:
        local = self.mapped.local_account
        if not local:
            return ""
        function = self._source_text(local.function, headers)
        grouping = self._source_text(local.grouping, headers)
        return f", {function} as l_function, {grouping} as l_grouping"

    def _scope(self, headers: dict[str, int]) -> str:
        scope = self.mapped.scope
        if not scope:
            return "true"
        text = self._source_text(ColumnMap(names=scope.names), headers)
        return f"coalesce(regexp_matches({text}, {literal(scope.pattern)}), false)"

    def _order_errors(self, texts: dict[str, str]) -> list[str]:
        return [
            f"case when v_{end} < v_{start} then {{'column_name': '{end}',"
            f" 'rule': 'date_order', 'value': {texts[end]}}} end"
            for start, end in self.entity.order
        ]

    def _stored(self, texts: dict[str, str]) -> str:
        """SQL: the columns of the raw table, coarsened and minimised as the contract says."""
        minimise = self.entity.minimise
        parts = []
        for name, column in self.entity.columns.items():
            value = f"v_{name}"
            if column.stored_as:
                born = birth_date_sql(digits_sql(texts["cpr"]))
                value = f"cast(date_trunc('month', coalesce({value}, {born})) as date)"
            if minimise and name in minimise.drop:
                value = f"case when coalesce(v_{minimise.when}, false) then null else {value} end"
            parts.append(f"{value} as {self.entity.stored_name(name)}")
            if column.type == "account" and self.mapped.local_account:
                parts += [
                    f"'local' as {name}_scheme",
                    f"l_function as {name}_function",
                    f"l_grouping as {name}_grouping",
                ]
        return ", ".join(parts)

    # -- all rows ---------------------------------------------------------------------------

    def _parse_accounts(self, chart: Chart) -> None:
        """Read every distinct account once and write its parts, or its error, to the rows."""
        if self.mapped.local_account:
            return
        for name, column in self.entity.columns.items():
            if column.type == "account":
                self._parse_account_column(name, chart)

    def _parse_account_column(self, name: str, chart: Chart) -> None:
        found = self.connection.execute(
            f"select distinct {name} from {self.table} where {name} is not null"
        ).fetchall()
        kinds = ", ".join(f"{part} VARCHAR" for part in ACCOUNT_PARTS)
        self.connection.execute(
            f"create or replace temp table parsed_accounts"
            f" (written VARCHAR, {kinds}, rule VARCHAR, suggestion VARCHAR)"
        )
        if not found:
            return
        rows = [_parsed_account(text, chart) for (text,) in found]
        marks = ", ".join("?" * len(rows[0]))
        self.connection.executemany(f"insert into parsed_accounts values ({marks})", rows)
        parts = ", ".join(f"{name}_{part} = a.{part}" for part in ACCOUNT_PARTS)
        error = (
            "list_append(_errors, {'column_name': "
            f"'{name}', 'rule': a.rule, 'value': a.written}})"
        )
        self.connection.execute(
            f"update {self.table} r set {parts},"
            f" _errors = case when a.rule is not null and _in_scope then {error}"
            f" else _errors end from parsed_accounts a where a.written = r.{name}"
        )

    def _judge(self) -> None:
        """Give every row its fate; of rows with the same key the last delivered one is kept."""
        key = ", ".join(self.entity.stored_name(column) for column in self.entity.key)
        self.connection.execute(
            f"create or replace temp table {self.table} as"
            f" select *, case when not _in_scope then 'out_of_scope'"
            f" when len(_errors) > 0 then 'rejected'"
            f" when row_number() over (partition by {key}, _in_scope, len(_errors) > 0"
            f" order by _file_no desc, _row desc) > 1 then 'superseded'"
            f" else 'loaded' end as _fate from {self.table}"
        )

    def _collect_errors(self) -> None:
        files = " ".join(
            f"when {number} then {literal(count.file)}" for number, count in enumerate(self._files)
        )
        has_accounts = any(column.type == "account" for column in self.entity.columns.values())
        parsed = has_accounts and not self.mapped.local_account
        suggestion = (
            "(select a.suggestion from parsed_accounts a where a.written = e.value"
            " and e.rule like 'account%')"
            if parsed
            else "null"
        )
        self.connection.execute(
            "insert into problems by name with found as"
            f" (select _file_no, _row, unnest(list_concat(_errors, _warnings)) as e"
            f" from {self.table} where _fate <> 'out_of_scope'"
            " and (len(_errors) > 0 or len(_warnings) > 0))"
            f" select case _file_no {files} end as file, e.rule as rule,"
            f" '{self.entity.name}' as entity, _row as row_number, e.column_name as column_name,"
            f" e.value as value, {suggestion} as suggestion from found"
        )

    def _count(self) -> None:
        found = self.connection.execute(
            f"select _file_no, _fate, count(*) from {self.table} group by all"
        ).fetchall()
        for number, fate, rows in found:
            count = self._files[number]
            count.rows_read += rows
            setattr(count, f"rows_{fate}", getattr(count, f"rows_{fate}") + rows)


def _flags(prefix: str, rules: dict[str, str]) -> str:
    return "".join(f", {rule} as {prefix}_{name}" for name, rule in rules.items())


def _parsed_account(text: str, chart: Chart) -> tuple[str | None, ...]:
    """One row of `parsed_accounts`: the written account, its parts, or the rule it breaks."""
    try:
        account = parse_account(text, chart)
    except AccountError as error:
        return (text, *(None,) * len(ACCOUNT_PARTS), f"account_{error.part}", error.suggestion)
    return (
        text,
        "authorised",
        account.function,
        account.dranst,
        account.ownership,
        account.grouping,
        account.art,
        None,
        None,
    )


def chart_hash(functions: bytes) -> str:
    """What identifies a chart of accounts."""
    return hashlib.sha256(functions).hexdigest()[:16]
