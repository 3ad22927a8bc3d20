"""What was wrong in a load: collected while reading, written as `load_errors`.

What belongs here: the problem, its place, and the texts of the catalogue filled in.
What does not: the rules themselves (rules.yml).
"""

from dataclasses import astuple, dataclass, fields
from pathlib import Path

import duckdb
import pyarrow as pa

from orchestration.intake.column_text import literal
from orchestration.intake.raw_store import write
from orchestration.intake.rules import catalogue


@dataclass(frozen=True)
class Problem:
    """One broken rule. `value` is already masked.

    `record_id` and `case_id` are what a team finds the row by in its own system: the row's key,
    where it is no person's, and its case.
    """

    file: str
    rule: str
    entity: str | None = None
    row_number: int | None = None
    column: str | None = None
    value: str | None = None
    detail: str | None = None
    suggestion: str | None = None
    record_id: str | None = None
    case_id: str | None = None


_FIELDS = (
    "file VARCHAR, rule VARCHAR, entity VARCHAR, row_number BIGINT, column_name VARCHAR,"
    " value VARCHAR, detail VARCHAR, suggestion VARCHAR, record_id VARCHAR, case_id VARCHAR"
)


def create_problems(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the empty table in which the problems of a load are collected."""
    connection.execute(f"create or replace temp table problems ({_FIELDS})")
    connection.execute(
        "create or replace temp table catalogue (rule VARCHAR, severity VARCHAR,"
        " message_da VARCHAR, message_en VARCHAR, remedy_da VARCHAR, remedy_en VARCHAR)"
    )
    suggestion = catalogue().suggestion
    connection.executemany(
        "insert into catalogue values (?, ?, ?, ?, ?, ?)",
        [
            (
                code,
                rule.severity,
                rule.message.da,
                rule.message.en,
                rule.remedy.da + "{suggestion}",
                rule.remedy.en + "{suggestion}",
            )
            for code, rule in catalogue().rules.items()
        ],
    )
    connection.execute("set variable suggestion_da = ?", [suggestion.da])
    connection.execute("set variable suggestion_en = ?", [suggestion.en])


def add_problems(connection: duckdb.DuckDBPyConnection, problems: list[Problem]) -> None:
    """Collect problems that were found outside the database."""
    if problems:
        names = [field.name for field in fields(Problem)]
        values = zip(*(astuple(problem) for problem in problems), strict=True)
        found = pa.table(
            {
                name: pa.array(column, pa.int64() if name == "row_number" else pa.string())
                for name, column in zip(names, values, strict=True)
            }
        )
        connection.register("found_problems", found)
        connection.execute(
            'insert into problems by name select * rename ("column" as column_name)'
            " from found_problems"
        )
        connection.unregister("found_problems")


def _filled(template: str) -> str:
    """SQL: a text of the catalogue with the place and value of the problem."""
    text = template
    for mark, column in (("column", "column_name"), ("value", "value"), ("detail", "detail")):
        text = f"replace({text}, '{{{mark}}}', coalesce({column}, ''))"
    return text


def _remedy(language: str) -> str:
    offered = f"replace(getvariable('suggestion_{language}'), '{{suggestion}}', suggestion)"
    return f"replace(remedy_{language}, '{{suggestion}}', coalesce({offered}, ''))"


def write_errors(
    connection: duckdb.DuckDBPyConnection,
    outside: list[Problem],
    path: Path,
    load_id: str,
    sequence: int,
    source: str,
    silent: frozenset[str] = frozenset(),
) -> int:
    """Write all collected problems as one Parquet file; the number of them.

    Warnings in `silent`, which a municipality does not want to be told, are left out.
    """
    add_problems(connection, outside)
    quiet = f"[{', '.join(literal(rule) for rule in sorted(silent))}]::varchar[]"
    write(
        connection,
        f"select '{load_id}' as load_id, {sequence}::bigint as load_seq, '{source}' as source,"
        " entity, file, row_number, column_name, value, rule, severity,"
        f" {_filled('message_da')} as message_da, {_filled('message_en')} as message_en,"
        f" {_remedy('da')} as remedy_da, {_remedy('en')} as remedy_en, record_id, case_id"
        f" from problems join catalogue using (rule) where not list_contains({quiet}, rule)"
        " order by entity, file, row_number, column_name, rule",
        path,
    )
    row = connection.execute(
        f"select count(*) from problems where not list_contains({quiet}, rule)"
    ).fetchone()
    return int(row[0]) if row else 0
