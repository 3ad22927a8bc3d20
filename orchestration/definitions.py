"""Everything that Dagster is told, made by one factory.

What belongs here: putting the parts together. What does not: the parts.

`build_defs(night=…)` lets a test or the command line hand in its own surroundings instead of
patching. Without them they are read when a run needs them, never at import.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from orchestration import assets, jobs
from orchestration.child_processes import none_left
from orchestration.manifest import MANIFEST
from orchestration.repair import end_abandoned_runs, repair
from orchestration.resources import Night
from orchestration.run_lock import exclusive
from orchestration.time_limit import limited


@dg.resource(description="Settings, state and secrets, read when a run begins.")
def night_from_environment(context: dg.InitResourceContext) -> Iterator[Night]:
    """The surroundings of a scheduled night: `raaderum.toml` of this folder and the environment.

    One process runs all its steps, so the lock is held from the first to the last.
    """
    from orchestration.surroundings import night

    found = night()
    limits = found.settings.night
    wait_seconds = limits.wait_minutes * 60
    with exclusive(found.state, wait_seconds, "a Dagster run"), none_left():
        repair(found.state)
        if context.instance:
            end_abandoned_runs(context.instance)
        # Dagster's monitoring sees that the process is gone, and the sensor tells of it.
        with limited(limits.max_minutes * 60):
            yield found


def build_defs(**overrides: Any) -> dg.Definitions:
    """The definitions; `overrides` replace resources by name (`night`, `dbt`)."""
    if not MANIFEST.is_file():
        raise FileNotFoundError(
            f"{MANIFEST} is not there; make it with `python -m orchestration.manifest`"
        )
    tables = [key for key in assets.warehouse.keys if key.path[0] in ("marts", "reporting")]
    published = assets.build_published(sorted(tables), jobs.published_by_morning)
    return dg.Definitions(
        assets=[assets.raw, assets.warehouse, assets.forecast, published],
        asset_checks=[assets.every_row_is_accounted_for],
        jobs=[jobs.nightly, jobs.maintenance, jobs.committee],
        schedules=[jobs.nightly_schedule, jobs.maintenance_schedule],
        sensors=[jobs.run_failed, jobs.works_again, jobs.files_arrived, jobs.meeting_calendar],
        # What is started by hand from the page holds the lock as a whole, too.
        executor=dg.in_process_executor,
        resources={
            "night": night_from_environment,
            "dbt": assets.dbt_resource(),
            **overrides,
        },
    )


defs = build_defs()
