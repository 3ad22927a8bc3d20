"""Versions of a small run that can be told apart, and publishing one as the night does.

Belongs here: the tables of version N, whose numbers all follow from N, and exports.publish for
real. Not here: who reads meanwhile.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from exports.publish import (
    Manifest,
    TableKeys,
    Target,
    new_run_folder,
    publish_tables,
    publish_to_postgresql,
    remove_old_runs,
    switch_to,
    write_manifest,
)

ROWS = 2_000
KEEP = 2
"""Published runs that stay: fewer than anyone would configure."""
KEYS = {"fct_cost": TableKeys(primary=("cost_key",)), "dim_run": TableKeys(primary=("run_key",))}

ASKED = (
    "select (select run_key from {run}), (select count(*) from {cost}),"
    " (select sum(amount) from {cost}), (select mean from {outturn})"
)
"""What a reader asks in one statement, over both schemas."""


def is_whole(version: int, rows: int, amount: object, mean: object) -> bool:
    """Whether an answer is all of one version."""
    return (rows, amount, mean) == (ROWS + version, version * rows, version * rows)


def write_warehouse(path: Path, version: int) -> None:
    """The warehouse of a version: as many rows more as its number, each of so many kroner."""
    with duckdb.connect(str(path)) as connection:
        for statement in (
            "create schema marts",
            "create schema reporting",
            f"create table marts.dim_run as select {version} as run_key",
            "create table marts.fct_cost as select range as cost_key, 2026 as year,"
            f" 1::bigint as account_key, {version}::decimal(18,2) as amount"
            f" from range({ROWS + version})",
            "create table reporting.rpt_outturn as select 2026 as year,"
            f" {version * (ROWS + version)}::decimal(18,2) as mean",
        ):
            connection.execute(statement)


@dataclass(frozen=True)
class Publisher:
    """Publishes versions to a folder and, where there is one, to a PostgreSQL."""

    home: Path
    database: str | None = None

    @property
    def published(self) -> Path:
        """The folder that `current` lies in."""
        return self.home / "published"

    def publish(self, version: int) -> None:
        """Publish a version as the nightly job does: aside, whole, then the switch."""
        warehouse = self.home / f"warehouse-{version}.duckdb"
        write_warehouse(warehouse, version)
        manifest = Manifest(
            f"run-{version}", "2026-10-31", ("1",), "code", "data", "2026-11-01T03:40:00+00:00"
        )
        folder = new_run_folder(self.published, manifest.run_id)
        manifest = write_manifest(folder, manifest, publish_tables(warehouse, {}, folder))
        if self.database:
            target = Target(self.database)
            publish_to_postgresql(folder / "serving.duckdb", target, manifest, KEYS)
        switch_to(folder, self.published)
        remove_old_runs(self.published, KEEP)
        warehouse.unlink()
