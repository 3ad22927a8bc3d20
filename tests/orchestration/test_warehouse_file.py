"""The warehouse's file in another process's hands, cut short, or as a kill left it."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration.steps.warehouse_file import WarehouseError, require_warehouse

_HOLD = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
connection.execute("create or replace table t as select 1 as a")
print("open", flush=True)
sys.stdin.read(1)
"""


def other_process(warehouse: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(warehouse)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    return process


def test_a_file_in_use_is_waited_for(tmp_path: Path) -> None:
    warehouse = tmp_path / "raaderum.duckdb"
    process = other_process(warehouse)
    with pytest.raises(WarehouseError, match=f"open in another process.*{process.pid}"):
        require_warehouse(warehouse, 0.1)
    assert process.stdin is not None
    process.stdin.close()
    require_warehouse(warehouse, 60)
    process.wait()


def test_what_a_killed_process_had_logged_is_there(tmp_path: Path) -> None:
    warehouse = tmp_path / "raaderum.duckdb"
    process = other_process(warehouse)
    process.kill()
    process.wait()
    require_warehouse(warehouse)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        assert connection.execute("select a from t").fetchall() == [(1,)]


def test_a_file_that_is_no_database_is_named_with_its_runbook(tmp_path: Path) -> None:
    warehouse = tmp_path / "raaderum.duckdb"
    warehouse.write_bytes(b"no database" * 2000)
    with pytest.raises(WarehouseError, match=r"cannot be opened .*restore\.md"):
        require_warehouse(warehouse)
