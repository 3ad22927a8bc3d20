"""The nightly job, the weekly one and the committee's, when they run, and who is told how it went.

What belongs here: what runs together, when, and who is told. What does not: what an asset does.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

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


# Stopped until somebody switches it on: the schedule is enough where exports come once a night.
@dg.sensor(
    job=nightly,
    default_status=dg.DefaultSensorStatus.STOPPED,
    minimum_interval_seconds=300,
)
def files_arrived(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Start the night when a new delivery lies ready and no file of it has moved for a while."""
    from orchestration.intake.sources.base import SourceUnavailableError
    from orchestration.steps.intake import sources
    from orchestration.watch import Watched, arrival

    configured = sources(_surroundings()[0])
    try:
        found = arrival(configured, Watched.of(context.cursor))
    except SourceUnavailableError as error:
        # The night itself tells whoever it concerns; a share that is away by day wakes nobody.
        return dg.SkipReason(str(error))
    finally:
        for source in configured:
            source.origin.close()
    context.update_cursor(found.remember.as_text())
    if not found.new:
        return dg.SkipReason(found.reason)
    return dg.SensorResult([dg.RunRequest(run_key=found.remember.key)])


@dg.op
def thin_out(context: dg.OpExecutionContext) -> None:
    """Remove what is past its period in every layer, then what Dagster keeps of runs now gone."""
    from orchestration.maintenance import tidy_dagster
    from orchestration.privacy.commands import retention
    from orchestration.surroundings import night

    found = night()
    retention(found, lambda layers: context.log.info(str(layers)), dry_run=False)
    for sentence in tidy_dagster(found.state, context.instance):
        context.log.info(sentence)


@dg.job(description="What is past its period goes, Dagster's history is thinned out.")
def maintenance() -> None:
    """One step: it takes the same lock as a night, so it never runs beside one."""
    thin_out()


# On Sunday, when no night runs and nobody waits for one.
maintenance_schedule = dg.ScheduleDefinition(
    name="maintenance_schedule",
    job=maintenance,
    cron_schedule="0 12 * * 0",
    execution_timezone=TIMEZONE,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)


@dg.op
def prepare_meetings(context: dg.OpExecutionContext) -> None:
    """Draft, remind, publish and deliver what is due before the committee's meetings."""
    from orchestration.committee.calendar import due_work
    from orchestration.committee.schedule import do_due
    from orchestration.run_lock import exclusive

    settings, state = _surroundings()
    now = datetime.now(ZoneInfo(TIMEZONE))
    with exclusive(state, settings.night.wait_minutes * 60, "preparing committee meetings"):
        do_due(settings, state, due_work(settings, state, now.date()), now, context.log.info)


@dg.job(
    description="What is due before the committee's meetings: draft, reminder, delivery.",
    executor_def=dg.in_process_executor,
)
def committee() -> None:
    """One step: it takes the same lock as a night."""
    prepare_meetings()


# It looks and starts a run; the work itself may wait for a server longer than a sensor is given.
@dg.sensor(
    job=committee,
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=600,
)
def meeting_calendar(_: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Start the work that is due before a meeting; what failed is tried again some hours later.

    What was done is read from the state folder, not from a cursor: nothing is done twice or
    forgotten when the machine was off.
    """
    from orchestration.committee.calendar import due_work

    settings, state = _surroundings()
    now = datetime.now(ZoneInfo(TIMEZONE))
    due = due_work(settings, state, now.date())
    if not due:
        return dg.SkipReason("nothing is due before a committee meeting")
    attempt = f"{now.date()} {now.hour // settings.committee.retry_hours}"
    return dg.RunRequest(run_key="; ".join([*(one.key for one in due), attempt]))


@dg.run_failure_sensor(
    monitored_jobs=[nightly, maintenance, committee],
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=60,
)
def run_failed(context: dg.RunFailureSensorContext) -> None:
    """Say what failed, since when, what is served and where the runbook is."""
    from orchestration.alerts import tell_failure

    reasons = [failure_reason(event) for event in context.get_step_failure_events()]
    reason = "; ".join(reasons) or context.failure_event.message or "the run ended without a word"
    run = context.dagster_run
    tell_failure(*_surroundings(), reason, run.run_id, run.job_name)


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    monitored_jobs=[nightly, maintenance, committee],
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=60,
)
def works_again(context: dg.RunStatusSensorContext) -> None:
    """Say once, after failed runs, that it works again."""
    from orchestration.alerts import tell_success

    tell_success(*_surroundings(), context.dagster_run.job_name)


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
