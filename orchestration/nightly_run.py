"""The job `nightly`, once, in this process: what `raaderum run` does.

What belongs here: running the job and finding the reason where it fails. What does not: the job
(jobs), its parts (assets), printing (cli).
"""

import contextlib
import logging
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dagster._core.utils import make_new_run_id

from orchestration import child_processes, time_limit
from orchestration.alerts import alert_urls, tell_failure, tell_success
from orchestration.jobs import failure_reason
from orchestration.manifest import ensure_manifest
from orchestration.repair import IN_PROCESS_TAG, end_abandoned_runs, repair
from orchestration.resources import Night
from orchestration.run_lock import Holder, exclusive
from orchestration.steps.checks import read_checks
from orchestration.steps.intake import sources
from orchestration.surroundings import instance

_LITTLE_MEGABYTES = 100


@dataclass(frozen=True)
class NightResult:
    """How a night went. `reason` says why it failed, in one sentence."""

    succeeded: bool
    published: bool
    reason: str = ""
    log: Path | None = None


def run_night(night: Night) -> NightResult:
    """Run the whole job, alone in its state folder, and tell whom it concerns of a failure.

    What it prints goes to a log file, its progress to the reporter. A night past its time is ended
    with the process. Raises ConfigurationError for sources that cannot be what they are configured
    to be, and LockHeldError where another run does not end.
    """
    sources(night.settings)
    alert_urls()

    def waiting(holder: Holder | None) -> None:
        night.reporter.step(f"Waiting for {holder.sentence() if holder else 'another run'}")

    wait_seconds = night.settings.night.wait_minutes * 60
    run_id = make_new_run_id()
    try:
        with exclusive(night.state, wait_seconds, "raaderum run", waiting):
            result = _run_limited(night, run_id)
    except Exception as error:
        reason = _first_line(str(error)) + _disk(night)
        tell_failure(night.settings, night.state, reason, run_id)
        raise
    if result.succeeded:
        tell_success(night.settings, night.state)
    else:
        tell_failure(night.settings, night.state, result.reason + _disk(night), run_id)
    return result


def _run_limited(night: Night, run_id: str) -> NightResult:
    seconds = night.settings.night.max_minutes * 60

    def at_limit() -> None:
        reason = time_limit.sentence(seconds)
        tell_failure(night.settings, night.state, reason, run_id)
        with instance(night.state) as dagster:
            if run := dagster.get_run_by_id(run_id):
                dagster.report_run_failed(run, message=reason)

    with time_limit.limited(seconds, at_limit):
        return run_alone(night, run_id)


def run_alone(night: Night, run_id: str) -> NightResult:
    """Run the whole job for a caller who holds the state folder's lock; nobody is told."""
    log = night.state.log / f"nightly-{datetime.now(UTC):%Y%m%dT%H%M%S}.log"
    with child_processes.none_left(), _printing_to(log):
        repair(night.state)
        ensure_manifest()
        # The manifest is read when the definitions are imported, so not before it is made.
        from orchestration.definitions import build_defs

        with instance(night.state) as dagster:
            end_abandoned_runs(dagster)
            result = (
                build_defs(night=night)
                .resolve_job_def("nightly")
                .execute_in_process(
                    instance=dagster,
                    raise_on_error=False,
                    run_id=run_id,
                    tags={IN_PROCESS_TAG: "raaderum run"},
                    run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
                )
            )
        steps = {event.step_key for event in result.all_events if event.is_step_success}
        failures = [event for event in result.all_events if event.is_step_failure]
        for event in failures:
            sys.stdout.write(f"\n{event.step_key} failed\n{event.step_failure_data.error}\n")
    if result.success:
        return NightResult(True, "published__run" in steps, log=log)
    reason = "; ".join(failure_reason(event) for event in failures) or "the run failed"
    built = any((event.step_key or "").startswith("warehouse") for event in failures)
    # A night that stopped before the warehouse leaves the results of the one before.
    checks = read_checks(night.state).failed if built else ()
    if checks:
        reason = f"{len(checks)} blocking check{'s' * (len(checks) > 1)} failed: " + ", ".join(
            checks[:5]
        )
    return NightResult(False, False, reason, log)


def _disk(night: Night) -> str:
    """What a full disk adds to a reason: libraries call it by many names."""
    free = shutil.disk_usage(night.state.home).free // 1_000_000
    return f" ({free} MB left on the disk)" if free < _LITTLE_MEGABYTES else ""


def _first_line(text: str) -> str:
    return text.strip().split("\n")[0]


@contextlib.contextmanager
def _printing_to(log: Path) -> Iterator[None]:
    """Send what libraries print and log to a file; the terminal is the reporter's."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as handle, contextlib.redirect_stdout(handle):
        logged = logging.StreamHandler(handle)
        logging.getLogger().addHandler(logged)
        try:
            yield
        finally:
            logging.getLogger().removeHandler(logged)
