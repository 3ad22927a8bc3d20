"""A municipality made larger by copies of itself, in the raw layer: simulation takes longer.

What belongs here: rows of every entity, each copy under identifiers of its own. What does not:
building on them (warehouse).
"""

from pathlib import Path

import duckdb

_IDENTIFIERS = [
    "person_id",
    "case_id",
    "measure_id",
    "replaces_measure_id",
    "provider_id",
    "caseworker_id",
    "team",
    "notification_id",
    "assessment_id",
    "plan_id",
    "follow_up_id",
    "posting_id",
    "household_id",
    "cvr",
    "voucher",
]
_SUMS = {"budget": "amount", "order_plan": "full_year_persons"}
"""Entities of the municipality as a whole: no more rows, but the figure grows."""
_COUNTED = ["rows_read", "rows_loaded", "rows_rejected", "rows_superseded", "rows_out_of_scope"]
_ROWS_APART = 100_000_000
"""More than a file has rows: what a copy's row number is moved by."""


def multiply(raw: Path, copies: int) -> None:
    """Make every entity of the raw layer that many times as large, in place."""
    with duckdb.connect() as connection:
        for path in sorted(raw.glob("*/*.parquet")):
            if path.stem != "_schema":
                _multiply_file(connection, path, copies)


def _multiply_file(connection: duckdb.DuckDBPyConnection, path: Path, copies: int) -> None:
    entity = path.parent.name
    rows = connection.read_parquet(str(path))
    types = dict(zip(rows.columns, map(str, rows.types), strict=True))
    source = f"read_parquet('{path.as_posix()}')"
    if entity in _SUMS:
        column = _SUMS[entity]
        replaced = [f"cast({column} * {copies} as {types[column]}) as {column}"]
    elif entity == "load_files":
        once = ", ".join(f"'{name}'" for name in _SUMS)
        replaced = [
            f"cast(case when entity in ({once}) then {name} else {name} * {copies} end"
            f" as {types[name]}) as {name}"
            for name in _COUNTED
        ]
    elif row := {"_row", "row_number"} & set(types):
        [row_number] = row
        source += f", range({copies}) as copies (copy)"
        replaced = [
            f"{name} || case when copy > 0 then '~' || copy else '' end as {name}"
            for name in (*_IDENTIFIERS, "record_id")
            if name in types
        ]
        replaced.append(
            f"cast({row_number} + copy * {_ROWS_APART} as {types[row_number]}) as {row_number}"
        )
    else:
        return
    columns = "* exclude (copy)" if "copies (copy)" in source else "*"
    made = path.with_suffix(".new")
    connection.execute(
        f"copy (select {columns} replace ({', '.join(replaced)}) from {source})"
        f" to '{made.as_posix()}' (format parquet)"
    )
    made.replace(path)
