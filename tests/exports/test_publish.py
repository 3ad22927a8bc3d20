"""Publishing: whole copies, an audit that can fail, one switch, and old readers left in peace."""

import json
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from exports.publish import (
    AuditError,
    Manifest,
    new_run_folder,
    publish_tables,
    read_manifest,
    remove_old_runs,
    reporting_frames,
    switch_to,
    tables,
    write_manifest,
)


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts; create schema reporting")
        connection.execute(
            "create table marts.fct_cost as select * from (values"
            " (2024, 1, 100.10::decimal(18,2)), (2024, 2, -0.01), (2025, 1, 5))"
            " t(year, account_key, amount)"
        )
        connection.execute("comment on column marts.fct_cost.amount is 'Kroner, + is expenditure'")
        connection.execute(
            "create table reporting.rpt_outturn as"
            " select 'total' as level, 1.5::decimal(18,2) as mean"
        )
    return path


def test_tables_and_their_descriptions_are_copied(warehouse: Path, tmp_path: Path) -> None:
    rows = publish_tables(warehouse, {}, tmp_path / "run")
    assert rows == {
        "parquet/fct_cost.parquet": 3,
        "parquet/rpt_outturn.parquet": 1,
        "serving.duckdb": 4,
    }
    with duckdb.connect(str(tmp_path / "run" / "serving.duckdb"), read_only=True) as reader:
        total = reader.execute("select sum(amount) from marts.fct_cost").fetchone()
        comments = reader.execute(
            "select comment from duckdb_columns() where column_name = 'amount'"
        ).fetchone()
    assert str(total) == "(Decimal('105.09'),)"
    assert comments == ("Kroner, + is expenditure",)


def test_controlled_values_replace_the_reporting_tables(warehouse: Path, tmp_path: Path) -> None:
    frame = reporting_frames(warehouse)["rpt_outturn"]
    controlled = frame.assign(mean=float("nan"), suppressed=True)
    publish_tables(warehouse, {"rpt_outturn": controlled}, tmp_path / "run")
    found = pd.read_parquet(tmp_path / "run" / "parquet" / "rpt_outturn.parquet")
    assert found["mean"].isna().all()
    assert found["suppressed"].all()


def test_a_copy_that_differs_is_not_published(
    warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The audit compares with the warehouse itself, so a wrong copy cannot pass."""
    copy = tables._publish_table

    def lose_an_oere(connection, schema, name, frame, parquet):  # type: ignore[no-untyped-def]
        rows = copy(connection, schema, name, frame, parquet)
        if name == "fct_cost":
            connection.execute("update marts.fct_cost set amount = amount + 0.01 where year = 2025")
        return rows

    monkeypatch.setattr(tables, "_publish_table", lose_an_oere)
    with pytest.raises(AuditError, match="totals per year and account differ"):
        publish_tables(warehouse, {}, tmp_path / "run")


def test_the_manifest_has_the_hash_of_every_file(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    (folder / "committee").mkdir(parents=True)
    (folder / "a.txt").write_text("a", encoding="utf-8")
    (folder / "committee" / "manifest.json").write_text("{}", encoding="utf-8")
    manifest = Manifest("r", "2026-10-31", ("l1",), "1", "d", "2026-11-01T00:00:00+00:00")
    written = write_manifest(folder, manifest, {"a.txt": 7})
    assert read_manifest(folder) == written
    listed = {
        item["path"]: item for item in json.loads((folder / "manifest.json").read_text())["files"]
    }
    assert set(listed) == {"a.txt", "committee/manifest.json"}
    assert listed["a.txt"]["rows"] == 7
    assert listed["a.txt"]["sha256"].startswith("ca978112ca1bbdcafac231b39a23dc4da786eff8")


def test_the_switch_keeps_an_open_reader_and_old_runs_go(warehouse: Path, tmp_path: Path) -> None:
    published = tmp_path / "published"
    folders = []
    for _ in range(4):
        folder = new_run_folder(published, "same-run")
        publish_tables(warehouse, {}, folder)
        folders.append(folder)
    assert len(set(folders)) == 4
    switch_to(folders[0], published)
    with duckdb.connect(str(published / "current" / "serving.duckdb"), read_only=True) as reader:
        switch_to(folders[3], published)
        assert (published / "current").resolve() == folders[3].resolve()
        removed = remove_old_runs(published, keep=2)
        assert removed == [folders[1].name, folders[0].name]
        assert reader.execute("select count(*) from marts.fct_cost").fetchone() == (3,)
    switch_to(folders[2], published)
    assert remove_old_runs(published, keep=1) == []
    assert (published / "current" / "serving.duckdb").is_file()
