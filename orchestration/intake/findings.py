"""What was found in the rows of one entity, moved to the problems of the load.

What belongs here: broken rules, replaced rows, and by what a team finds such a row again.
What does not: when a rule is broken (values, row_sql), the texts (rules.yml).
"""

import duckdb

from orchestration.intake.contract import Entity
from orchestration.intake.cpr import hide_sql


def collect(
    connection: duckdb.DuckDBPyConnection,
    entity: Entity,
    judged: str,
    fates: str,
    names: str,
) -> None:
    """Add the findings in the rows of `judged`, and the rows that `fates` says were replaced.

    `names` is SQL for the list of the files' names, in the order of `_file_no`.
    """
    record = f"{_record_id(entity)} as record_id, {_case_id(entity)} as case_id"
    connection.execute(
        "insert into problems by name with found as"
        f" (select _file_no, _row, {record}, unnest(list_concat(_errors, _warnings)) as e"
        f" from {judged} where len(_errors) > 0 or len(_warnings) > 0)"
        f" select {names}[_file_no + 1] as file, e.rule as rule,"
        f" '{entity.name}' as entity, _row as row_number, e.column_name as column_name,"
        " e.value as value, e.suggestion as suggestion, record_id, case_id from found"
    )
    connection.execute(
        f"insert into problems by name select {names}[_file_no + 1] as file,"
        f" 'row_superseded' as rule, '{entity.name}' as entity, _row as row_number,"
        f" {names}[_by_file + 1] || coalesce(', ' || _by_row, '') as detail, {record}"
        f" from {fates} join {judged} using (_file_no, _row) where _fate = 'superseded'"
    )


def _record_id(entity: Entity) -> str:
    """SQL: the key of a row as it was delivered; null where it is a person."""
    kinds = {column: entity.columns[column].type for column in entity.key}
    if "cpr" in kinds.values():
        return "null::varchar"
    # An account is kept as it was written, which may be anything.
    parts = [hide_sql(key) if kind == "account" else key for key, kind in kinds.items()]
    return f"nullif(concat_ws(' / ', {', '.join(parts)}), '')"


def _case_id(entity: Entity) -> str:
    return "case_id" if "case_id" in entity.columns else "null::varchar"
