"""The nightly job, its schedule, and the sensor that tells of failures.

What belongs here: what runs together, when, and who is told. What does not: what an asset does.
"""

import logging
from datetime import timedelta

import dagster as dg

from orchestration.resources import TIMEZONE

nightly = dg.define_asset_job(
    "nightly",
    selection=dg.AssetSelection.all(),
    description="Exports in, warehouse, forecast, published: the whole night.",
    # A process per step doubles the night: each imports Dagster, dbt's manifest and Prophet anew.
    executor_def=dg.in_process_executor,
)

# 03:30, after the systems' exports and outside 02:00-03:00, an hour that summer time takes away or
# gives twice.
nightly_schedule = dg.ScheduleDefinition(
    name="nightly_schedule",
    job=nightly,
    cron_schedule="30 3 * * *",
    execution_timezone=TIMEZONE,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)

# The published run must be from this night when the house opens.
published_by_morning = dg.FreshnessPolicy.cron(
    deadline_cron="0 7 * * *",
    lower_bound_delta=timedelta(hours=4),
    timezone=TIMEZONE,
)

_log = logging.getLogger("raaderum.failures")


@dg.run_failure_sensor(
    monitored_jobs=[nightly],
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=60,
)
def nightly_failed(context: dg.RunFailureSensorContext) -> None:
    """Say what failed, that the published run stays, and where the runbook is."""
    steps = ", ".join(event.step_key or "the run" for event in context.get_step_failure_events())
    _log.error(failure_message(context.dagster_run.run_id, steps, context.failure_event.message))


def failure_message(run_id: str, steps: str, reason: str | None) -> str:
    """What whoever is woken reads first."""
    return (
        f"The nightly run {run_id} failed in {steps or 'the run'}: {reason or 'no reason given'}. "
        "What was published before is still served. "
        "Runbook: docs/runbooks/nightly-run-failed.md; `raaderum status` tells what is served."
    )
