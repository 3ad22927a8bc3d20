"""Where state lies: the folders under `RAADERUM_HOME`.

What belongs here: names of folders and files. What does not: what is in them.
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class State:
    """The state folder of one municipality."""

    home: Path

    @property
    def landing(self) -> Path:
        """Untouched copies of what was delivered; the only place with CPR numbers."""
        return self.home / "landing"

    @property
    def raw(self) -> Path:
        """The raw layer: Parquet per load."""
        return self.home / "raw"

    @property
    def warehouse(self) -> Path:
        """The warehouse file: the nightly job's alone."""
        return self.home / "warehouse" / "raaderum.duckdb"

    @property
    def published(self) -> Path:
        """Published runs, and `current`."""
        return self.home / "published"

    @property
    def current(self) -> Path:
        """The newest published run."""
        return self.published / "current"

    @property
    def committee(self) -> Path:
        """Drafts and approved packs of the committee's meetings."""
        return self.home / "committee"

    @property
    def comments(self) -> Path:
        """The economist's comments, one file per meeting, unless the settings name a folder."""
        return self.home / "comments"

    @property
    def scenarios(self) -> Path:
        """The scenarios that every night makes beside the base."""
        return self.home / "scenarios"

    @property
    def paths(self) -> Path:
        """Sample paths of the published run, which scenarios are made on."""
        return self.home / "paths"

    @property
    def dagster(self) -> Path:
        """Dagster's own storage."""
        return self.home / "dagster"

    @property
    def dbt(self) -> Path:
        """dbt's artefacts of the newest run."""
        return self.home / "dbt"

    @property
    def log(self) -> Path:
        """Log files."""
        return self.home / "log"

    @property
    def older_runs_go(self) -> Path:
        """There while persons are out of the raw layer and not yet out of what is published."""
        return self.home / ".older-runs-go"

    @property
    def lock(self) -> Path:
        """Held by whoever works in this folder (run_lock)."""
        return self.home / ".lock"

    def environment(self) -> dict[str, str]:
        """What dbt and Dagster read from the environment."""
        return {
            "RAADERUM_HOME": str(self.home),
            "RAADERUM_RAW": self.raw.as_posix(),
            "RAADERUM_WAREHOUSE": self.warehouse.as_posix(),
            "DBT_LOG_PATH": str(self.log / "dbt"),
        }

    def prepare(self) -> None:
        """Make the folders that others expect to be there."""
        for folder in (self.landing, self.raw, self.warehouse.parent, self.dagster, self.log):
            folder.mkdir(parents=True, exist_ok=True)
