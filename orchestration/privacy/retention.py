"""What is past its retention period, and removing it.

What belongs here: finding what is too old in each layer. What does not: the periods (settings), how
a person is taken out (erasure).
"""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from exports.publish import older_runs, read_manifest
from orchestration.intake.column_text import literal
from orchestration.intake.erased import Erased
from orchestration.intake.raw_store import RawStore, write
from orchestration.privacy import access_log
from orchestration.privacy.erasure import Layers
from orchestration.privacy.landing_at_rest import copies, remove
from orchestration.privacy.traces import log_files
from orchestration.settings import RetentionSettings
from orchestration.state import State


@dataclass(frozen=True)
class Expired:
    """Everything that is past its period on one day."""

    persons: tuple[Erased, ...]
    copies: tuple[Path, ...]
    loads: tuple[tuple[str, str], ...]
    """Load and entity."""
    published: tuple[Path, ...]
    logs: tuple[Path, ...]
    access_lines: int
    dagster_runs: tuple[str, ...]

    def layers(self) -> Layers:
        """The counts."""
        return Layers(
            (
                ("persons whose last case was closed long ago", len(self.persons)),
                ("delivered copies", len(self.copies)),
                ("snapshots that a newer one replaced", len(self.loads)),
                ("published runs", len(self.published)),
                ("log files", len(self.logs)),
                ("lines of the access log", self.access_lines),
                ("Dagster runs with their events", len(self.dagster_runs)),
            )
        )


def find_expired(state: State, periods: RetentionSettings, now: datetime) -> Expired:
    """What is past its period at `now` (UTC). Changes nothing."""
    store = RawStore(state.raw)
    store.prepare()

    def older(paths: Iterable[Path], days: int) -> tuple[Path, ...]:
        return tuple(path for path in paths if days and _age(path, now) > timedelta(days=days))

    lines = periods.access_log_days
    return Expired(
        persons=closed_cases(store, periods.person_months, now.date()),
        copies=older(copies(state.landing), periods.landing_days),
        loads=_superseded(store, periods.superseded_load_days, now),
        published=_published(state.published, periods.published_days, now),
        logs=older(log_files(state), periods.log_days),
        access_lines=access_log.remove_older(state.log, lines, now, dry_run=True) if lines else 0,
        dagster_runs=_dagster_runs(state, periods.dagster_days, now),
    )


def remove_expired(
    state: State, periods: RetentionSettings, expired: Expired, now: datetime
) -> None:
    """Remove all of it but the persons, who are erased (`erase_entries`) by the caller."""
    for path in expired.copies:
        remove(path, state.landing)
    for load_id, entity in expired.loads:
        _remove_load(RawStore(state.raw), load_id, entity)
    for path in expired.logs:
        path.unlink(missing_ok=True)
    for folder in expired.published:
        shutil.rmtree(folder, ignore_errors=True)
    if expired.access_lines:
        access_log.remove_older(state.log, periods.access_log_days, now)
    if expired.dagster_runs:
        from orchestration.surroundings import instance

        with instance(state) as dagster:
            for run_id in expired.dagster_runs:
                dagster.delete_run(run_id)


def closed_cases(store: RawStore, months: int, today: date) -> tuple[Erased, ...]:
    """Persons without an open case or measure, whose last one ended more than `months` ago.

    Each is erased up to the day on which it ended, so that a new case is loaded as anyone's. A
    measure without any end counts as running.
    """
    if not months:
        return ()
    newest = (
        "select * from read_parquet('{glob}', union_by_name = true)"
        " qualify row_number() over (partition by _source, {key} order by _load_seq desc) = 1"
    )
    cases = newest.format(glob=store.glob("cases"), key="case_id")
    measures = newest.format(glob=store.glob("measures"), key="measure_id")
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"with cases as ({cases}), measures as ({measures}),"
            " ends as (select person_id, closed_on as day from cases union all"
            " select person_id, coalesce(ended_on, expected_end_on) from measures)"
            " select person_id, max(day) from ends group by person_id"
            " having count(*) = count(day) and max(day) < $today - to_months($months)"
            " and person_id in (select person_id from cases) order by 1",
            {"today": today, "months": months},
        ).fetchall()
    return tuple(Erased("person", token, until, "retention") for token, until in rows)


def _superseded(store: RawStore, days: int, now: datetime) -> tuple[tuple[str, str], ...]:
    """Load and entity of every snapshot that is older than `days` and set aside by a newer one."""
    if not days:
        return ()
    with duckdb.connect() as connection:
        rows = connection.execute(
            "with files as (select *, max(case when delivery = 'snapshot' and state = 'loaded'"
            " then load_seq end) over (partition by source, entity) as newest"
            " from read_parquet($register, union_by_name = true))"
            " select distinct load_id, entity from files where delivery = 'snapshot'"
            " and load_seq < newest and loaded_at < $oldest order by all",
            {
                "register": store.glob("load_files"),
                "oldest": (now - timedelta(days=days)).replace(tzinfo=None),
            },
        ).fetchall()
    return tuple((row[0], row[1]) for row in rows)


def _remove_load(store: RawStore, load_id: str, entity: str) -> None:
    """Remove an entity's rows and findings of a load; its entry goes last, so that it is found
    again where this was cut off. History was told of it, and is not told a second time."""
    store.path(entity, load_id).unlink(missing_ok=True)
    for table in ("load_errors", "load_files"):
        path = store.path(table, load_id)
        if not path.is_file():
            continue
        rows = f"read_parquet({literal(path.as_posix())})"
        kept = f"select * from {rows} where entity is distinct from {literal(entity)}"
        with duckdb.connect() as connection:
            if connection.execute(f"{kept} and entity is not null limit 1").fetchone():
                write(connection, kept, path)
                continue
        path.unlink()


def _published(published: Path, days: int, now: datetime) -> tuple[Path, ...]:
    if not days:
        return ()
    found = []
    for folder in older_runs(published):
        manifest = read_manifest(folder)
        made = datetime.fromisoformat(manifest.published_at) if manifest else None
        if made is None or now - made > timedelta(days=days):
            found.append(folder)
    return tuple(found)


def _dagster_runs(state: State, days: int, now: datetime) -> tuple[str, ...]:
    if not days or not (state.dagster / "storage").is_dir():
        return ()
    from dagster import RunsFilter

    from orchestration.surroundings import instance

    with instance(state) as dagster:
        records = dagster.get_run_records(RunsFilter(created_before=now - timedelta(days=days)))
    return tuple(record.dagster_run.run_id for record in records)


def _age(path: Path, now: datetime) -> timedelta:
    return now - datetime.fromtimestamp(path.stat().st_mtime, UTC)
