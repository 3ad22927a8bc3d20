"""What an interrupted run leaves, and that the next one puts it right."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import dagster as dg
import duckdb
import psutil

from exports.publish import Manifest, new_run_folder, repair_published, switch_to, write_manifest
from orchestration.intake.raw_store import LOAD_FILES, MADE_BY_FORECAST, RawStore, write
from orchestration.repair import IN_PROCESS_TAG, end_abandoned_runs, repair
from orchestration.state import State
from orchestration.steps.intake import _not_before_the_last_run
from orchestration.surroundings import instance as surroundings_instance


def published_folder(published: Path, run_id: str) -> Path:
    folder = new_run_folder(published, run_id)
    (folder / "serving.duckdb").write_bytes(b"tables")
    made = Manifest(run_id, "2026-10-31", (), "c", "d", "2026-11-01T03:40:00+00:00")
    write_manifest(folder, made, {})
    return folder


def test_a_run_that_was_never_finished_is_removed(tmp_path: Path) -> None:
    good = published_folder(tmp_path, "r1")
    current = switch_to(good, tmp_path)
    cut = published_folder(tmp_path, "r2")
    (cut / "serving.duckdb").write_bytes(b"tab")
    empty = new_run_folder(tmp_path, "r3")
    assert len(repair_published(tmp_path)) == 2
    assert current.resolve() == good.resolve()
    assert not cut.exists()
    assert not empty.exists()
    assert repair_published(tmp_path) == []


def test_a_link_that_leads_nowhere_leads_to_the_newest_finished_run(tmp_path: Path) -> None:
    published_folder(tmp_path, "r1")
    newest = published_folder(tmp_path, "r2")
    gone = new_run_folder(tmp_path, "r3")
    current = switch_to(gone, tmp_path)
    gone.rmdir()
    (done,) = repair_published(tmp_path)
    assert "000002-r2 again" in done
    assert current.resolve() == newest.resolve()
    current.unlink()
    repair_published(tmp_path)
    assert current.resolve() == newest.resolve()


def test_going_back_to_an_earlier_run_by_hand_is_respected(tmp_path: Path) -> None:
    earlier, later = (published_folder(tmp_path, name) for name in ("r1", "r2"))
    current = switch_to(earlier, tmp_path)
    assert repair_published(tmp_path) == []
    assert current.resolve() == earlier.resolve()
    assert later.is_dir()


def identified(state: State, run_id: str) -> None:
    """As if intake had identified a run, and the forecast had been written."""
    store = RawStore(state.raw)
    store.prepare()
    with duckdb.connect() as connection:
        run = f"select '{run_id}' as run_id, date '2026-10-31' as as_of, 'd' as data_version,"
        write(connection, run + " 'c' as code_version", store.path("run", "run"))
        for name in MADE_BY_FORECAST:
            write(connection, f"select '{run_id}' as run_id", store.path(name, run_id))
    (state.raw / "run" / "loads.json").write_text("[]", encoding="utf-8")


def test_the_forecast_of_a_run_that_was_never_published_goes(tmp_path: Path) -> None:
    state = State(tmp_path)
    switch_to(published_folder(state.published, "r1"), state.published)
    identified(state, "r1")
    assert repair(state) == []
    identified(state, "r2")
    assert repair(state) == ["removed the forecast of run r2, which was never published"]
    names = {path.name for path in state.raw.rglob("r?.parquet")}
    assert names == {"r1.parquet"}


def test_half_written_files_go(tmp_path: Path) -> None:
    state = State(tmp_path)
    for path in (state.raw / "postings" / "1.parquet.part", state.landing / "ab" / "x.csv.part"):
        path.parent.mkdir(parents=True)
        path.write_text("half", encoding="utf-8")
    (state.landing / "spill").mkdir()
    (state.landing / "spill" / "duckdb_temp_storage-0.tmp").write_text("x", encoding="utf-8")
    assert len(repair(state)) == 2
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_runs_whose_process_is_gone_are_marked_as_canceled() -> None:
    @dg.op
    def nothing() -> None:
        """Do nothing."""

    @dg.job
    def nightly() -> None:
        nothing()

    with dg.DagsterInstance.ephemeral() as instance:
        ours = instance.create_run_for_job(nightly, tags={IN_PROCESS_TAG: "raaderum run"})
        launched = instance.create_run_for_job(nightly)
        for run in (ours, launched):
            instance.report_engine_event("begins", run)
            instance.handle_new_event(_started(run.run_id))
        assert end_abandoned_runs(instance) == [ours.run_id]
        assert _status(instance, ours.run_id) == dg.DagsterRunStatus.CANCELED
        # One that Dagster launched itself is Dagster's to watch.
        assert _status(instance, launched.run_id) == dg.DagsterRunStatus.STARTED


def test_places_in_pools_of_dead_runs_are_freed(tmp_path: Path) -> None:
    """Found by the campaign: the run after a kill in a pooled step waited for ever."""
    with surroundings_instance(State(tmp_path)) as instance:
        storage = instance.event_log_storage
        storage.set_concurrency_slots("warehouse", 1)
        claim = storage.claim_concurrency_slot("warehouse", "a-dead-run", "warehouse")
        assert claim.is_claimed
        assert not storage.claim_concurrency_slot("warehouse", "tonights", "warehouse").is_claimed
        end_abandoned_runs(instance)
        assert storage.claim_concurrency_slot("warehouse", "tonights", "warehouse").is_claimed


def _started(run_id: str) -> dg.EventLogEntry:
    event = dg.DagsterEvent("PIPELINE_START", "nightly")
    return dg.EventLogEntry(None, 10, "", run_id, 1.0, None, "nightly", event)


def _status(instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRunStatus:
    run = instance.get_run_by_id(run_id)
    assert run is not None
    return run.status


def test_a_clock_that_was_set_back_does_not_take_the_view_back(tmp_path: Path) -> None:
    store = RawStore(tmp_path)
    store.prepare()
    assert _not_before_the_last_run(store, date(2026, 11, 3)) == date(2026, 11, 3)
    fields = ", ".join(f"null::{kind} as {name}" for name, kind in LOAD_FILES.items())
    with duckdb.connect() as connection:
        write(
            connection,
            "select * replace (timestamp '2026-11-02 03:31:00' as loaded_at)"
            f" from (select {fields})",
            store.path("load_files", "000001-x"),
        )
    assert _not_before_the_last_run(store, date(2026, 11, 3)) == date(2026, 11, 3)
    assert _not_before_the_last_run(store, date(2025, 1, 1)) == date(2026, 11, 2)


_TOO_LONG = """
import os, subprocess, sys
from orchestration.time_limit import limited
with limited(float(sys.argv[1]), lambda: print("told", flush=True)):
    # As Dagster does for the length of a step.
    os.dup2(os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT), 2)
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    print(child.pid, flush=True)
    child.wait()
"""


def test_what_hangs_is_ended_with_its_children_and_told(tmp_path: Path) -> None:
    """Found by the campaign: the sentence went into the log of the step that hung."""
    command = [sys.executable, "-c", _TOO_LONG, "1.5", str(tmp_path / "step.err")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    child, told = done.stdout.split()
    assert told == "told"
    assert "night.max_minutes" in done.stderr
    assert not psutil.pid_exists(int(child))
