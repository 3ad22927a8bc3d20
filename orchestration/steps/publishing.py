"""The publishing step: tables, cockpit and pack written aside, audited, and switched to as a whole.

What belongs here: the order of the exports and what each is given. What does not: how one of them
is made (exports).
"""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from exports import disclosure
from exports.cockpit import write_cockpit
from exports.publish import (
    Manifest,
    Target,
    initiative_effects,
    new_run_folder,
    older_runs,
    publish_tables,
    publish_to_postgresql,
    published_in_postgresql,
    read_manifest,
    remove_old_runs,
    reporting_frames,
    switch_to,
    write_manifest,
)
from exports.semantics import NAME as SEMANTIC_LAYER
from orchestration.committee.calendar import meetings_with_pack
from orchestration.committee.drafts import write_night_pack
from orchestration.manifest import MANIFEST
from orchestration.powerbi import powerbi_project, project_parameters
from orchestration.progress import Reporter
from orchestration.semantic_layer import semantic_layer
from orchestration.settings import POSTGRESQL_PASSWORD, Settings, secret
from orchestration.state import State
from orchestration.steps.checks import require_all_checks
from orchestration.steps.intake import Run, read_run
from orchestration.steps.table_keys import table_keys

COCKPIT = "cockpit"
# Not suppressed: a folder of its own, so that the other can be shared alone.
ECONOMISTS_COCKPIT = "cockpit-economists"


@dataclass(frozen=True)
class Published:
    """A published run: its manifest, the path of `current`, and what a person should know of."""

    manifest: Manifest
    current: Path
    warnings: tuple[str, ...] = ()


def publish_night(settings: Settings, state: State, reporter: Reporter) -> Published:
    """Publish the newest build of the warehouse.

    Whatever fails before the switch leaves the run that was published before. PostgreSQL comes
    first: where it fails, the files are not switched either; where the night ends between the two,
    the next one finds the files a run behind and publishes both.
    """
    require_all_checks(state)
    run = read_run(state)
    folder = new_run_folder(state.published, run.run_id)
    try:
        rows, warnings = _write(settings, state, run, folder, reporter)
        manifest = write_manifest(folder, _manifest(run), rows)
        warnings += _publish_to_database(settings, folder, manifest)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    current = switch_to(folder, state.published)
    keep = 1 if state.older_runs_go.is_file() else settings.publish.keep_runs
    remove_old_runs(state.published, keep)
    if not older_runs(state.published):
        state.older_runs_go.unlink(missing_ok=True)
    return Published(manifest, current, tuple(warnings))


def database_target(settings: Settings) -> Target | None:
    """The configured PostgreSQL with its password; None where there is none."""
    configured = settings.publish.postgresql
    if configured is None:
        return None
    return Target(
        url=configured.url,
        password=secret(POSTGRESQL_PASSWORD),
        attempts=configured.attempts,
        connect_seconds=configured.connect_seconds,
        statement_seconds=configured.statement_seconds,
    )


def repair_database(settings: Settings, state: State) -> bool:
    """Publish the current files to PostgreSQL where it serves another run; whether it was needed.

    For the night without news: a database that was new, restored or emptied gets its tables.
    """
    target, manifest = database_target(settings), read_manifest(state.current)
    if target is None or manifest is None or published_in_postgresql(target) == manifest.run_id:
        return False
    _publish_to_database(settings, state.current.resolve(), manifest)
    return True


def _publish_to_database(settings: Settings, folder: Path, manifest: Manifest) -> list[str]:
    target = database_target(settings)
    if target is None:
        return []
    keys = table_keys(MANIFEST)
    return publish_to_postgresql(folder / "serving.duckdb", target, manifest, keys)


def _write(
    settings: Settings, state: State, run: Run, folder: Path, reporter: Reporter
) -> tuple[dict[str, int], list[str]]:
    """Everything of a run but its manifest: rows per file, and what a person should know of."""
    uncontrolled = reporting_frames(state.warehouse)
    frames = disclosure.control(uncontrolled)
    rows = publish_tables(state.warehouse, frames, folder)
    semantic_layer(MANIFEST).write(folder / SEMANTIC_LAYER)
    powerbi_project(folder / "powerbi", project_parameters(settings, state, postgresql=False))
    reporter.advance("cockpit")
    language = settings.municipality.language
    now = datetime.now(UTC)
    write_cockpit(frames, language, folder / COCKPIT, now)
    full = {**uncontrolled, "initiative_effects": initiative_effects(state.warehouse)}
    write_cockpit(full, language, folder / ECONOMISTS_COCKPIT, now, edition="economists")
    warnings = []
    for meeting in meetings_with_pack(settings, state, run.as_of):
        reporter.advance("committee pack")
        out = folder / "committee" / meeting.isoformat()
        warnings += write_night_pack(frames, meeting, settings, state, run, out)
    return rows, warnings


def _manifest(run: Run) -> Manifest:
    return Manifest(
        run_id=run.run_id,
        as_of=run.as_of.isoformat(),
        load_ids=run.load_ids,
        code_version=run.code_version,
        data_version=run.data_version,
        published_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
