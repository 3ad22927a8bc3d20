"""The weekly maintenance: what nobody needs any more goes, and the databases shrink.

What belongs here: Dagster's own storage. What does not: what is past its period
(privacy.retention), the job and its schedule (jobs).
"""

import logging
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from dagster import DagsterInstance

from orchestration.state import State

_log = logging.getLogger("raaderum.maintenance")


def tidy_dagster(state: State, instance: DagsterInstance) -> list[str]:
    """Remove what deleted runs left in Dagster's folders, and give the space back; what was done.

    Dagster deletes a run's records, but not the files of its events and of what it printed.
    """
    known = {run.run_id for run in instance.get_runs()}
    runs = state.dagster / "storage" / "history" / "runs"
    gone = [
        path
        for folder in (
            state.dagster / "compute_logs",
            state.dagster / "artifacts" / "storage",
            runs,
        )
        if folder.is_dir()
        for path in folder.iterdir()
        if _is_of_a_run(path) and path.name.split(".")[0] not in known
    ]
    for path in gone:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    before = _bytes(state)
    for database in sorted((state.dagster / "storage").rglob("*.db")):
        _vacuum(database)
    freed = before - _bytes(state)
    return [f"removed {len(gone)} files and folders of runs that are gone, freed {freed} bytes"]


def _is_of_a_run(path: Path) -> bool:
    """Whether the name begins with a run's id: index and schedules have names of their own."""
    return len(path.name.split(".")[0]) == 36 and path.name.count("-") == 4


def _vacuum(database: Path) -> None:
    """Give unused pages back; a database that is in use has its turn next week."""
    try:
        with closing(sqlite3.connect(database, timeout=10)) as connection:
            connection.execute("vacuum")
    except sqlite3.OperationalError as error:
        _log.warning("%s was not made smaller: %s", database.name, error)


def _bytes(state: State) -> int:
    return sum(path.stat().st_size for path in (state.dagster / "storage").rglob("*.db"))
