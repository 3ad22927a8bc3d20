"""The raw layer: tables without rows, loads that were killed, and what raw tables look like."""

import duckdb

from orchestration.intake.contract import METADATA, entities
from orchestration.intake.raw_store import table_shapes
from tests.intake.conftest import House, posting, postings


def test_every_table_can_be_read_before_the_first_load(house: House) -> None:
    with duckdb.connect() as connection:
        for table, columns in table_shapes().items():
            found = connection.execute(
                f"describe select * from read_parquet('{house.place.store.glob(table)}')"
            ).fetchall()
            assert {row[0]: row[1] for row in found} == columns


def test_loaded_tables_keep_the_declared_columns(ledger: House) -> None:
    ledger.deliver("postings.csv", postings([posting(1)]))
    ledger.loaded()
    with duckdb.connect() as connection:
        for table in ("postings", "load_files", "load_errors"):
            (path,) = (ledger.place.store.root / table).glob("0*.parquet")
            found = connection.execute(f"describe from '{path.as_posix()}'").fetchall()
            assert {row[0]: row[1] for row in found} == table_shapes()[table]


def test_no_raw_table_has_a_column_for_a_cpr_number_or_a_day_of_birth() -> None:
    for entity in entities().values():
        assert not {"cpr", "birth_date"} & set(entity.stored_columns())
        assert list(entity.stored_columns())[-len(METADATA) :] == list(METADATA)


def test_what_a_killed_load_left_is_dropped(ledger: House) -> None:
    ledger.deliver("postings.csv", postings([posting(1)]))
    report = ledger.loaded()
    store = ledger.place.store
    path = store.path("load_files", report.load_id)
    path.unlink()
    store.path("postings", "half").with_suffix(".parquet.part").write_bytes(b"half")
    store.prepare()
    assert [found.name for found in (store.root / "postings").iterdir()] == ["_schema.parquet"]
    assert ledger.rows("load_errors") == []
    again = ledger.loaded()
    assert again.load_id == report.load_id
    assert ledger.rows("postings", "posting_id") == [("P1",)]


def test_preparing_keeps_what_is_registered(ledger: House) -> None:
    ledger.deliver("postings.csv", postings([posting(1)]))
    ledger.loaded()
    ledger.place.store.prepare()
    assert ledger.rows("postings", "posting_id") == [("P1",)]
    assert ledger.load() is None
