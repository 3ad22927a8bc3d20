"""One load of one source: from its delivered files to the raw layer, with every row accounted for.

What belongs here: reading the files that came in, rejecting, superseding, counting, and the
thresholds at which a source fails. What does not: which files are new (arrivals), how a value is
read (values) or where the result lies (raw_store).

Always true, and checked before anything is written:
`rows_read = rows_loaded + rows_rejected + rows_superseded + rows_out_of_scope` for every file.
"""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from orchestration.intake.accounts import Chart
from orchestration.intake.arrivals import Arrivals, Delivered, Reception, Source
from orchestration.intake.comparison import Comparison
from orchestration.intake.contract import Entity, entities
from orchestration.intake.control import disagreements
from orchestration.intake.cpr import Pseudonymiser
from orchestration.intake.entity_load import EntityLoad
from orchestration.intake.erased import Register, new_entries
from orchestration.intake.file_count import FileCount
from orchestration.intake.problems import Problem, create_problems, write_errors
from orchestration.intake.profiles import Profile
from orchestration.intake.raw_store import LOAD_FILES, RawStore, newest_header, write
from orchestration.intake.rules import catalogue

_THREADS = 4


@dataclass(frozen=True)
class Limits:
    """When a source fails as a whole: shares between 0 and 1."""

    max_rejected_share: float = 0.02
    max_row_drop: float = 0.30


@dataclass(frozen=True)
class Workplace:
    """What every load needs and shares."""

    store: RawStore
    landing: Path
    secret: Pseudonymiser
    chart: Chart
    chart_hash: str
    memory_limit: str = "500MB"
    limits: Limits = field(default_factory=Limits)
    silent: frozenset[str] = frozenset()
    """Warnings that are not reported."""


@dataclass(frozen=True)
class LoadReport:
    """What one load did. `stopped_because` is empty for a good load."""

    load_id: str
    source: str
    counts: tuple[FileCount, ...]
    problems: int
    stopped_because: tuple[str, ...] = ()


def load_source(
    source: Source, place: Workplace, report: Callable[[str], None] = lambda _: None
) -> LoadReport | None:
    """Load what is new in a source. None where nothing is.

    Raises SourceUnavailableError. A source past its limits is reported, not raised: its errors
    are kept in the register, its rows are not.
    """
    read_by = reading_hash(source.profile, place)
    reception = Reception(source, place.store, place.landing, place.secret, read_by, report)
    arrivals = reception.arrivals()
    if not arrivals.changed:
        return None
    # Cases before what hangs on them: an erased person's new case is known when that is read.
    arrivals.changed.sort(key=lambda one: list(entities()).index(one.entity))
    profile = source.profile.delivered_as(arrivals.delivery)
    done = _Load(source.name, profile, place, read_by, report).run(arrivals)
    if not done.stopped_because:
        reception.remember(arrivals, {count.entity for count in done.counts if not count.failed})
    return done


def reading_hash(profile: Profile, place: Workplace) -> str:
    """What decides how a file is read: profile, contract, chart of accounts and key."""
    parts = [
        profile.model_dump_json(),
        repr(entities()),
        place.chart_hash,
        *sorted(place.silent),
        place.secret.token("reading hash"),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _broken_totals(problems: list[Problem]) -> list[str]:
    """A sentence for every total of a control file that does not agree."""
    return [
        catalogue().rules[problem.rule].message.en.format(detail=problem.detail).rstrip(".")
        for problem in problems
        if problem.rule.startswith("control_")
    ]


class _Load:
    """The work of one load; lives for the duration of `run`."""

    def __init__(
        self,
        source: str,
        profile: Profile,
        place: Workplace,
        reading_hash: str,
        report: Callable[[str], None],
    ) -> None:
        self.source = source
        self.profile = profile
        self.place = place
        self.reading_hash = reading_hash
        self.report = report
        self.hashes: dict[str, str] = {}
        now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        self.sequence, self.loaded_at = place.store.next_load(now)

    def run(self, arrivals: Arrivals) -> LoadReport:
        changed, outside = arrivals.changed, arrivals.problems
        content = "".join(file.sha256 for one in changed for file in one.batch.files)
        content += "".join(one.reading_hash for one in changed)
        digest = hashlib.sha256((content + self.reading_hash).encode()).hexdigest()[:8]
        self.hashes = {one.entity: one.reading_hash for one in changed}
        load_id = f"{self.sequence:06d}-{self.source}-{digest}"
        with self._connection() as connection:
            create_problems(connection)
            loads = [self._read(connection, one) for one in changed]
            counts = [count for load in loads for count in load.counts()]
            outside += disagreements(arrivals.controls, self.profile, loads, arrivals.names)
            compared = [
                Comparison(connection, load, self.place.store, self.source) for load in loads
            ]
            stopped = self._reasons_to_stop(loads, counts, compared)
            stopped += _broken_totals(outside)
            if not stopped:
                for comparison in compared:
                    comparison.tell()
            problems = self._write(connection, load_id, loads, counts, outside, bool(stopped))
        return LoadReport(load_id, self.source, tuple(counts), problems, tuple(stopped))

    def _connection(self) -> duckdb.DuckDBPyConnection:
        """A database in memory; what does not fit spills into the landing area, nowhere else."""
        spill = self.place.landing / "spill"
        spill.mkdir(parents=True, exist_ok=True)
        connection = duckdb.connect(
            config={
                "memory_limit": self.place.memory_limit,
                # Each thread needs its share of the limit.
                "threads": min(_THREADS, os.cpu_count() or 1),
                "temp_directory": str(spill),
                # Memory that was freed goes back at once: the limit does not count it.
                "allocator_background_threads": True,
                "allocator_flush_threshold": "16MB",
            }
        )
        self.place.secret.bind(connection)
        Register(self.place.store.root).put(connection)
        return connection

    def _read(self, connection: duckdb.DuckDBPyConnection, delivered: Delivered) -> EntityLoad:
        name, count = delivered.entity, len(delivered.batch.files)
        entity: Entity = entities()[name]
        self.report(f"{self.source}: {name} ({count} file{'s' * (count > 1)})")
        before = self.place.store.loaded_files(self.source, name)
        load = EntityLoad(
            connection,
            entity,
            self.profile,
            self.place.secret,
            delivered.companions,
            newest_header(before),
        )
        load.read(delivered.batch, self.place.chart)
        known = frozenset(file.name for file in before if file.state == "loaded")
        load.hold_on(known, delivered.part_missing)
        return load

    def _reasons_to_stop(
        self, loads: list[EntityLoad], counts: list[FileCount], compared: list[Comparison]
    ) -> list[str]:
        reasons = [reason for load in loads for reason in load.missing_columns()]
        # What is out of scope says nothing about the quality of what is ours.
        own = (count for count in counts if not count.twin)
        read = sum(count.rows_read - count.rows_out_of_scope for count in own)
        rejected = sum(count.rows_rejected for count in counts)
        limit = self.place.limits.max_rejected_share
        if read and rejected / read > limit:
            reasons.append(f"{rejected} of {read} rows were rejected (limit {limit:.0%})")
        return [*reasons, *(reason for item in compared for reason in self._dropped(item))]

    def _dropped(self, comparison: Comparison) -> list[str]:
        """Whether what is delivered as a whole lost more of its rows than the limit."""
        limit = self.place.limits.max_row_drop
        return [
            f"{comparison.entity.name}{f' of {part.name}' * bool(part.name)} has {part.rows_now}"
            f" rows, the last delivery had {part.rows_before} (limit {limit:.0%} fewer)"
            for part in comparison.parts()
            if part.rows_now < (1 - limit) * part.rows_before
        ]

    def _write(
        self,
        connection: duckdb.DuckDBPyConnection,
        load_id: str,
        loads: list[EntityLoad],
        counts: list[FileCount],
        outside: list[Problem],
        stopped: bool,
    ) -> int:
        store = self.place.store
        for count in counts:
            count.check()
        for load in loads:
            if not stopped:
                query = load.rows_query(load_id, self.sequence, self.source)
                write(connection, query, store.path(load.entity.name, load_id))
        Register(store.root).add(new_entries(connection))
        path = store.path("load_errors", load_id)
        problems = write_errors(
            connection,
            outside,
            path,
            load_id,
            self.sequence,
            self.source,
            self.place.silent,
        )
        self._register(connection, load_id, counts, stopped)
        return problems

    def _register(
        self,
        connection: duckdb.DuckDBPyConnection,
        load_id: str,
        counts: list[FileCount],
        stopped: bool,
    ) -> None:
        """Write the entry that makes the load count."""
        fields = ", ".join(f"{name} {kind}" for name, kind in LOAD_FILES.items())
        connection.execute(f"create or replace temp table register ({fields})")
        connection.executemany(
            f"insert into register values ({', '.join('?' * len(LOAD_FILES))})",
            [
                (
                    load_id,
                    self.sequence,
                    self.source,
                    self.profile.profile,
                    self.hashes[count.entity],
                    count.entity,
                    count.file,
                    count.sha256,
                    count.bytes,
                    count.delivery,
                    "stopped" if stopped else "failed" if count.failed else "loaded",
                    count.rows_read,
                    count.rows_loaded,
                    count.rows_rejected,
                    count.rows_superseded,
                    count.rows_out_of_scope,
                    count.rows_vanished,
                    count.rows_returned,
                    self.loaded_at,
                    list(count.header),
                )
                for count in counts
            ],
        )
        path = self.place.store.path("load_files", load_id)
        write(connection, "select * from register order by entity, file", path)
