"""What an interrupted run leaves, put right before the next one begins.

What belongs here: everything that needs the state folder's lock and no knowledge of the data. What
does not: loads without their register entry (raw_store sweeps them), the run itself.

Only the holder of the lock may call this: what looks abandoned could be another run's work.
"""

import logging
import shutil

import duckdb
from dagster import DagsterInstance, DagsterRunStatus, RunsFilter

from exports.publish import repair_published
from orchestration.intake.raw_store import MADE_BY_FORECAST, RawStore
from orchestration.state import State
from orchestration.steps.intake import published_run, read_run

IN_PROCESS_TAG = "raaderum/started_by"
"""On runs that live and die with a `raaderum run`."""

_UNFINISHED = (
    DagsterRunStatus.NOT_STARTED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
    DagsterRunStatus.CANCELING,
)
_log = logging.getLogger("raaderum.repair")


def repair(state: State) -> list[str]:
    """Remove and mend what an interrupted run left; a sentence for each thing done."""
    done = repair_published(state.published)
    done += _unfinished_files(state)
    done += _unpublished_forecasts(state)
    for sentence in done:
        _log.warning(sentence)
    return done


def end_abandoned_runs(instance: DagsterInstance) -> list[str]:
    """Mark as canceled the in-process runs whose process is gone; their ids.

    Dagster's own monitoring watches only the runs that it launched itself.
    """
    runs = instance.get_runs(
        RunsFilter(statuses=list(_UNFINISHED), tags={IN_PROCESS_TAG: "raaderum run"})
    )
    for run in runs:
        instance.report_run_canceled(run, message="its process ended before it did")
        _log.warning("run %s was interrupted; marked as canceled", run.run_id)
    _free_places(instance)
    return [run.run_id for run in runs]


def _free_places(instance: DagsterInstance) -> None:
    """Give back the places in pools that a dead run still holds: ours would wait for them for ever.

    We have the state folder's lock, so no other run is in a step that could hold one rightly.
    """
    storage = instance.event_log_storage
    if not storage.supports_global_concurrency_limits:
        return
    for run_id in storage.get_concurrency_run_ids():
        storage.free_concurrency_slots_for_run(run_id)
        _log.warning("freed the places in pools that the interrupted run %s held", run_id)


def _unfinished_files(state: State) -> list[str]:
    """Half-written files, and what DuckDB spilled while it loaded."""
    removed = []
    for folder in (state.raw, state.landing):
        for path in folder.rglob("*.part"):
            path.unlink(missing_ok=True)
            removed.append(f"removed the half-written {path.relative_to(state.home)}")
    shutil.rmtree(state.landing / "spill", ignore_errors=True)
    return removed


def _unpublished_forecasts(state: State) -> list[str]:
    """Forecasts of the run that was identified last, where it was never published.

    They would otherwise stand for ever beside those that somebody has seen.
    """
    store, published = RawStore(state.raw), published_run(state)
    if published is None or not store.path("run", "run").is_file():
        return []
    try:
        last = read_run(state).run_id
    except (OSError, ValueError, RuntimeError, duckdb.Error):
        return []
    found = [store.path(name, last) for name in MADE_BY_FORECAST]
    if last == published or not any(path.exists() for path in found):
        return []
    for path in found:
        path.unlink(missing_ok=True)
    return [f"removed the forecast of run {last}, which was never published"]
