"""A municipality of copies is as sound as the one it was made of."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb

from tests.benchmarks.copies import multiply


def write(path: Path, query: str) -> None:
    path.parent.mkdir(parents=True)
    duckdb.sql(query).write_parquet(str(path))


def test_each_copy_has_its_own_identifiers_and_every_count_grows(tmp_path: Path) -> None:
    write(
        tmp_path / "measures" / "1.parquet",
        "select 'M' || i as measure_id, 'P' as person_id, '27' as measure_type, i as _row"
        " from range(3) t(i)",
    )
    write(
        tmp_path / "load_files" / "1.parquet",
        "select entity, 3 as rows_read, 3 as rows_loaded, 0 as rows_rejected,"
        " 0 as rows_superseded, 0 as rows_out_of_scope"
        " from (values ('measures'), ('budget')) t(entity)",
    )
    write(
        tmp_path / "budget" / "1.parquet",
        "select date '2026-01-01' as decided_on, 1.50::decimal(18, 2) as amount, 1 as _row",
    )
    multiply(tmp_path, 2)

    def rows(entity: str, what: str) -> list[tuple[object, ...]]:
        path = tmp_path / entity / "1.parquet"
        return duckdb.sql(f"select {what} from read_parquet('{path.as_posix()}')").fetchall()

    assert rows(
        "measures",
        "count(*), count(distinct measure_id), count(distinct person_id),"
        " count(distinct measure_type), count(distinct _row)",
    ) == [(6, 6, 2, 1, 6)]
    assert rows("load_files", "entity, rows_read, rows_loaded") == [
        ("measures", 6, 6),
        ("budget", 3, 3),
    ]
    assert rows("budget", "*") == [(date(2026, 1, 1), Decimal("3.00"), 1)]
