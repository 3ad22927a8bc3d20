"""Builds the warehouse once per test session on a few handmade rows, as the nightly job would.

Belongs here: running dbt, and the small municipality the tests reckon with by hand.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.dbt.raw_layer import ROOT, write_raw, write_table
from tests.dbt.small_forecasts import (
    BACKTESTS,
    EARLIER_FORECASTS,
    FORECASTS,
    INITIATIVE_EFFECTS,
    INITIATIVES,
    OUTTURNS,
)
from tests.dbt.small_municipality import FEEDS, LOAD_FILES, RUN

PROJECT = ROOT / "dbt_project"
MADE_BY_FORECAST = ("forecasts", "outturns", "open_months", "backtests", "initiative_effects")
AFTER_FORECAST = " ".join(f"source:raw.{name}+" for name in MADE_BY_FORECAST)
WITHOUT_UNIT_TESTS = ("--exclude-resource-type", "unit_test")


@dataclass(frozen=True)
class Warehouse:
    """A raw layer, the warehouse built on it and dbt's own folders."""

    folder: Path

    @property
    def raw(self) -> Path:
        return self.folder / "raw"

    @property
    def file(self) -> Path:
        return self.folder / "raaderum.duckdb"

    @property
    def manifest(self) -> dict[str, Any]:
        text = (self.folder / "target/manifest.json").read_text(encoding="utf-8")
        manifest: dict[str, Any] = json.loads(text)
        return manifest

    def dbt(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs dbt in a process of its own; never raises on a failing build."""
        command = [sys.executable, "-c", "from dbt.cli.main import cli; cli()"]
        places = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
        outputs = ["--target-path", str(self.folder / "target")]
        outputs += ["--log-path", str(self.folder / "log")]
        return subprocess.run(
            [*command, "--no-use-colors", *arguments, *places, *outputs],
            env={
                **os.environ,
                "RAADERUM_RAW": str(self.raw),
                "RAADERUM_WAREHOUSE": str(self.file),
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def build(self, *arguments: str) -> None:
        """Builds models and runs their tests; what dbt said is the failure's message."""
        done = self.dbt("build", *arguments)
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query, the connection closed again."""
        with duckdb.connect(str(self.file), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def value(self, sql: str) -> Any:
        """The one value of a query with one row."""
        [[value]] = self.rows(sql)
        return value


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Both feeds, built in the nightly job's order: before the forecast, then what rests on it."""
    built = Warehouse(tmp_path_factory.mktemp("warehouse"))
    write_raw(built.raw, {"run": [RUN], "initiatives": INITIATIVES, **FEEDS})
    built.build("--exclude", AFTER_FORECAST)
    write_table(built.raw, "forecasts", FORECASTS, file="run_1")
    write_table(built.raw, "forecasts", EARLIER_FORECASTS, file="run_0")
    write_table(built.raw, "outturns", OUTTURNS, file="run_1")
    write_table(built.raw, "backtests", BACKTESTS, file="run_1")
    write_table(built.raw, "initiative_effects", INITIATIVE_EFFECTS, file="run_1")
    built.build("--select", AFTER_FORECAST)
    return built


@pytest.fixture
def build_with(tmp_path: Path) -> Iterator[Callable[..., Warehouse]]:
    """Builds a warehouse on the given entities alone."""

    def build(*entities: str) -> Warehouse:
        built = Warehouse(tmp_path)
        files = [file for file in LOAD_FILES if file["entity"] in entities]
        feeds = {name: FEEDS[name] for name in entities}
        write_raw(built.raw, {"run": [RUN], "load_files": files, **feeds})
        built.build(*WITHOUT_UNIT_TESTS)
        return built

    yield build
