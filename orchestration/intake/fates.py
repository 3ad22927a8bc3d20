"""Which rows of a load are kept, and what becomes of the others.

What belongs here: rejected and superseded rows of one entity in one load. What does not: what a
load sets aside of earlier loads (comparison).
"""

import duckdb

from orchestration.intake.contract import Entity


def fates_of(entity: Entity) -> str:
    """The name of the table that `decide` makes."""
    return f"fates_{entity.name}"


def decide(
    connection: duckdb.DuckDBPyConnection,
    entity: Entity,
    replaces: tuple[str, ...],
    rounds: tuple[int, ...],
    judged: str,
) -> None:
    """Make the table of the rows that are not kept, each with the file and row that took its place.

    Of rows with the same key the last delivered one is kept. Of replacements that are read
    together (`rounds` of their files) a later one sets aside the whole of each slice it has.

    Putting all rows of a large ledger in order would cost more than reading them. The hash of a key
    is small enough to be counted for each; only rows whose key may occur twice are put in order.
    """
    key = ", ".join(entity.stored_key)
    replaced, by_file = "false", "first_value(_file_no) over later"
    twice = (
        f" and hash({key}) in (select hash({key}) from {judged} group by all having count(*) > 1)"
    )
    if replaces:
        twice = ""
        delivery, slice_ = f"{list(rounds)}[_file_no + 1]", ", ".join(replaces)
        replaced = f"max({delivery}) over (partition by {slice_}) > {delivery}"
        last = f"max(_file_no) over (partition by {slice_})"
        by_file = f"case when row_number() over later > 1 then {by_file} else {last} end"
    connection.execute(
        f"create temp table {fates_of(entity)} as"
        " select _file_no, _row, 'rejected' as _fate, null::integer as _by_file,"
        f" null::bigint as _by_row from {judged} where len(_errors) > 0"
        f" union all select _file_no, _row, 'superseded', {by_file},"
        " case when row_number() over later > 1 then first_value(_row) over later end"
        f" from {judged} where len(_errors) = 0{twice}"
        f" window later as (partition by {key} order by _file_no desc, _row desc)"
        f" qualify {replaced} or row_number() over later > 1"
    )
