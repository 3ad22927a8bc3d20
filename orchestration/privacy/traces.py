"""What is written beside the data: log files, dbt's artefacts, and the storage of Dagster.

What belongs here: removing what names a person, or what is old. What does not: how a file is
searched (trails). By design none of these name anybody; this is for what was not foreseen.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from orchestration.privacy import access_log
from orchestration.privacy.trails import NotSearchableError, Wanted, holds
from orchestration.state import State


@dataclass(frozen=True)
class Traces:
    """How many log files and Dagster runs went."""

    logs: int
    runs: int


def log_files(state: State) -> Iterator[Path]:
    """Log files and artefacts, the access log excepted."""
    for folder in (state.log, state.dbt, state.dagster / "compute_logs"):
        if folder.is_dir():
            yield from sorted(
                path
                for path in folder.rglob("*")
                if path.is_file() and path.name != access_log.NAME
            )


def purge_logs(state: State, wanted: Wanted) -> Traces:
    """Remove log files, and runs of Dagster, that name one of the wanted."""
    logs = 0
    for path in list(log_files(state)):
        if _holds(path, wanted):
            path.unlink()
            logs += 1
    storage = state.dagster / "storage"
    if not any(_holds(path, wanted) for path in storage.rglob("*") if path.is_file()):
        return Traces(logs, 0)
    return Traces(logs, _purge_runs(state, wanted))


def _holds(path: Path, wanted: Wanted) -> bool:
    try:
        return holds(path, wanted)
    except NotSearchableError:
        return True


def _purge_runs(state: State, wanted: Wanted) -> int:
    """Delete the runs whose events name one of the wanted."""
    from dagster import serialize_value

    from orchestration.surroundings import instance

    gone = 0
    with instance(state) as dagster:
        for run in dagster.get_runs():
            events = dagster.all_logs(run.run_id)
            if any(wanted.found_in(serialize_value(event).encode()) for event in events):
                dagster.delete_run(run.run_id)
                gone += 1
    return gone
