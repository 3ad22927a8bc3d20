"""The nightly job, its schedule, and the sensors that tell how it went.

What belongs here: what runs together, when, and who is told. What does not: what an asset does.
"""

from datetime import timedelta

import dagster as dg

from orchestration.resources import TIMEZONE
from orchestration.settings import CONFIG_NAME, ROOT, Settings, home
from orchestration.state import State

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


@dg.run_failure_sensor(
    monitored_jobs=[nightly],
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=60,
)
def nightly_failed(context: dg.RunFailureSensorContext) -> None:
    """Say what failed, since when, what is served and where the runbook is."""
    from orchestration.alerts import tell_failure

    reasons = [failure_reason(event) for event in context.get_step_failure_events()]
    reason = "; ".join(reasons) or context.failure_event.message or "the run ended without a word"
    tell_failure(*_surroundings(), reason, context.dagster_run.run_id)


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    monitored_jobs=[nightly],
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=60,
)
def nightly_works_again(_: dg.RunStatusSensorContext) -> None:
    """Say once, after failed nights, that it works again."""
    from orchestration.alerts import tell_success

    tell_success(*_surroundings())


def failure_reason(event: dg.DagsterEvent) -> str:
    """The innermost error of a failed step in one line, without its class and traceback."""
    error = event.step_failure_data.error
    if error is None:
        return f"{event.step_key} failed"
    while error.cause:
        error = error.cause
    text = str(error.message).strip().split("\n")[0]
    return text.split(": ", 1)[1] if ": " in text else text


def _surroundings() -> tuple[Settings, State]:
    """The configuration and state that a scheduled night has."""
    from orchestration.surroundings import configuration

    return configuration(ROOT / CONFIG_NAME), State(home())
