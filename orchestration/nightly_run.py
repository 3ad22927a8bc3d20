"""The job `nightly`, once, in this process: what `raaderum run` does.

What belongs here: running the job and finding the reason where it fails. What does not: the job
(jobs), its parts (assets), printing (cli).
"""

import contextlib
import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from orchestration.manifest import ensure_manifest
from orchestration.resources import Night
from orchestration.run_lock import Holder, exclusive
from orchestration.steps.checks import read_checks
from orchestration.steps.intake import sources
from orchestration.surroundings import instance


@dataclass(frozen=True)
class NightResult:
    """How a night went. `reason` says why it failed, in one sentence."""

    succeeded: bool
    published: bool
    reason: str = ""
    log: Path | None = None


def run_night(night: Night) -> NightResult:
    """Run the whole job, alone in its state folder. What it prints goes to a log file, its
    progress to the reporter.

    Raises ConfigurationError for sources that cannot be what they are configured to be, and
    LockHeldError where another run does not end.
    """
    sources(night.settings)

    def waiting(holder: Holder | None) -> None:
        night.reporter.step(f"Waiting for {holder.sentence() if holder else 'another run'}")

    wait_seconds = night.settings.night.wait_minutes * 60
    with exclusive(night.state, wait_seconds, "raaderum run", waiting):
        return _run_alone(night)


def _run_alone(night: Night) -> NightResult:
    log = night.state.log / f"nightly-{datetime.now(UTC):%Y%m%dT%H%M%S}.log"
    with _printing_to(log):
        ensure_manifest()
        # The manifest is read when the definitions are imported, so not before it is made.
        from orchestration.definitions import build_defs

        with instance(night.state) as dagster:
            result = (
                build_defs(night=night)
                .resolve_job_def("nightly")
                .execute_in_process(
                    instance=dagster,
                    raise_on_error=False,
                    run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
                )
            )
        steps = {event.step_key for event in result.all_events if event.is_step_success}
        failures = [event for event in result.all_events if event.is_step_failure]
        for event in failures:
            sys.stdout.write(f"\n{event.step_key} failed\n{event.step_failure_data.error}\n")
    if result.success:
        return NightResult(True, "published__run" in steps, log=log)
    reason = "; ".join(_reason(event) for event in failures) or "the run failed"
    built = any((event.step_key or "").startswith("warehouse") for event in failures)
    # A night that stopped before the warehouse leaves the results of the one before.
    checks = read_checks(night.state).failed if built else ()
    if checks:
        reason = f"{len(checks)} blocking check{'s' * (len(checks) > 1)} failed: " + ", ".join(
            checks[:5]
        )
    return NightResult(False, False, reason, log)


def _reason(event: object) -> str:
    """The innermost error of a failed step, without its class and traceback."""
    error = event.step_failure_data.error  # type: ignore[attr-defined]
    while error.cause:
        error = error.cause
    text = str(error.message).strip().split("\n")[0]
    return text.split(": ", 1)[1] if ": " in text else text


@contextlib.contextmanager
def _printing_to(log: Path) -> Iterator[None]:
    """Send what libraries print and log to a file; the terminal is the reporter's."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as handle, contextlib.redirect_stdout(handle):
        logged = logging.StreamHandler(handle)
        logging.getLogger().addHandler(logged)
        try:
            yield
        finally:
            logging.getLogger().removeHandler(logged)
