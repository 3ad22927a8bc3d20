"""One load of one source: from its delivered files to the raw layer, with every row accounted for.

What belongs here: which entities changed, reading their files, rejecting, superseding, counting,
and the thresholds at which a source fails. What does not: how a value is read (values) or where
the result lies (raw_store).

Always true, and checked before anything is written:
`rows_read = rows_loaded + rows_rejected + rows_superseded + rows_out_of_scope` for every file.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from orchestration.intake import landing
from orchestration.intake.accounts import Chart
from orchestration.intake.companions import Companions, companions, is_mapping
from orchestration.intake.comparison import Comparison
from orchestration.intake.contract import Entity, entities
from orchestration.intake.control import disagreements
from orchestration.intake.cpr import Pseudonymiser, mask
from orchestration.intake.deliveries import Batch, to_read
from orchestration.intake.entity_load import EntityLoad
from orchestration.intake.erased import Register, new_entries
from orchestration.intake.file_count import FileCount
from orchestration.intake.landing import DeliveredFile
from orchestration.intake.problems import Problem, create_problems, write_errors
from orchestration.intake.profiles import Profile
from orchestration.intake.raw_store import LOAD_FILES, RawStore, newest_header, write
from orchestration.intake.rules import catalogue


@dataclass(frozen=True)
class Limits:
    """When a source fails as a whole: shares between 0 and 1."""

    max_rejected_share: float = 0.02
    max_row_drop: float = 0.30


@dataclass(frozen=True)
class Source:
    """A configured source: where its files lie and how they are read."""

    name: str
    profile: Profile
    folder: Path


@dataclass(frozen=True)
class Workplace:
    """What every load needs and shares."""

    store: RawStore
    landing: Path
    secret: Pseudonymiser
    chart: Chart
    chart_hash: str
    memory_limit: str = "1GB"
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


class SourceUnavailableError(RuntimeError):
    """A configured source that cannot be reached; the message says what to do."""


def load_source(
    source: Source, place: Workplace, report: Callable[[str], None] = lambda _: None
) -> LoadReport | None:
    """Load what is new in a source. None where nothing is.

    Raises SourceUnavailableError. A source past its limits is reported, not raised: its errors
    are kept in the register, its rows are not.
    """
    if not source.folder.is_dir():
        raise SourceUnavailableError(
            f"source {source.name}: the folder {source.folder} is not there; "
            "check `location` in raaderum.toml, or that the share is connected"
        )
    paths = landing.delivered(source.folder)
    if not _delivers(source, paths) and _delivered_before(source, place):
        raise SourceUnavailableError(
            f"source {source.name}: the folder {source.folder} has no file of its profile, and had "
            "before; check that the share is connected and the export was made"
        )
    read_by = reading_hash(source.profile, place)
    changed: list[_Delivered] = []
    named = {path.name: path for path in paths}
    for entity, mapped in source.profile.entities.items():
        mine = [path for path in paths if mapped.takes(path.name)]
        files = [landing.land(path, place.landing) for path in mine]
        needed = companions(
            source.profile, entity, named, lambda name: landing.land(named[name], place.landing)
        )
        # What a row is read by besides its own file decides, too, whether it is read again.
        hashed = read_by + needed.digest()
        before = place.store.loaded_files(source.name, entity)
        batch = to_read(mapped.delivery, files, before, hashed)
        if batch:
            changed.append(_Delivered(entity, batch, needed, hashed))
    if not changed:
        return None
    # Cases before what hangs on them: an erased person's new case is known when that is read.
    changed.sort(key=lambda one: list(entities()).index(one.entity))
    outside = [*_unknown_files(source, paths), *_gone(source, paths, place)]
    control = source.profile.control
    controls = [
        landing.land(path, place.landing) for path in paths if control and control.takes(path.name)
    ]
    names = {path.name for path in paths}
    return _Load(source, place, read_by, report).run(changed, outside, controls, names)


@dataclass(frozen=True)
class _Delivered:
    """The files of one entity that have to be read, and what they are read with and by."""

    entity: str
    batch: Batch
    companions: Companions
    reading_hash: str


def _delivers(source: Source, paths: list[Path]) -> bool:
    mapped = source.profile.entities.values()
    return any(m.takes(path.name) for m in mapped for path in paths)


def _delivered_before(source: Source, place: Workplace) -> bool:
    return any(place.store.loaded_files(source.name, entity) for entity in source.profile.entities)


def _unknown_files(source: Source, paths: list[Path]) -> list[Problem]:
    """Delivered files that belong to no entity of the profile."""
    mapped = source.profile.entities.values()
    return [
        Problem(file=mask(path.name), rule="file_unknown")
        for path in paths
        if not any(m.takes(path.name) for m in mapped)
        and not is_mapping(source.profile, path.name)
        and not (source.profile.control and source.profile.control.takes(path.name))
    ]


def _gone(source: Source, paths: list[Path], place: Workplace) -> list[Problem]:
    """Snapshots that were delivered before and are no part of this delivery."""
    return [
        Problem(file="", rule="entity_gone", entity=entity, detail=entity)
        for entity, mapped in source.profile.entities.items()
        if mapped.delivery == "snapshot"
        and not any(mapped.takes(path.name) for path in paths)
        and place.store.loaded_files(source.name, entity)
    ]


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
        self, source: Source, place: Workplace, reading_hash: str, report: Callable[[str], None]
    ) -> None:
        self.source = source
        self.place = place
        self.reading_hash = reading_hash
        self.report = report
        self.hashes: dict[str, str] = {}
        now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        self.sequence, self.loaded_at = place.store.next_load(now)

    def run(
        self,
        changed: list[_Delivered],
        outside: list[Problem],
        controls: list[DeliveredFile],
        delivered: set[str],
    ) -> LoadReport:
        content = "".join(file.sha256 for one in changed for file in one.batch.files)
        content += "".join(one.reading_hash for one in changed)
        digest = hashlib.sha256((content + self.reading_hash).encode()).hexdigest()[:8]
        self.hashes = {one.entity: one.reading_hash for one in changed}
        load_id = f"{self.sequence:06d}-{self.source.name}-{digest}"
        with self._connection() as connection:
            create_problems(connection)
            loads = [self._read(connection, one) for one in changed]
            counts = [count for load in loads for count in load.counts()]
            outside += disagreements(controls, self.source.profile, loads, delivered)
            compared = [
                Comparison(connection, load, self.place.store, self.source.name) for load in loads
            ]
            stopped = self._reasons_to_stop(loads, counts, compared)
            stopped += _broken_totals(outside)
            if not stopped:
                for comparison in compared:
                    comparison.tell()
            problems = self._write(connection, load_id, loads, counts, outside, bool(stopped))
        return LoadReport(load_id, self.source.name, tuple(counts), problems, tuple(stopped))

    def _connection(self) -> duckdb.DuckDBPyConnection:
        """A database in memory; what does not fit spills into the landing area, nowhere else."""
        spill = self.place.landing / "spill"
        spill.mkdir(parents=True, exist_ok=True)
        connection = duckdb.connect(
            config={"memory_limit": self.place.memory_limit, "temp_directory": str(spill)}
        )
        self.place.secret.bind(connection)
        Register(self.place.store.root).put(connection)
        return connection

    def _read(self, connection: duckdb.DuckDBPyConnection, delivered: _Delivered) -> EntityLoad:
        name, count = delivered.entity, len(delivered.batch.files)
        entity: Entity = entities()[name]
        self.report(f"{self.source.name}: {name} ({count} file{'s' * (count > 1)})")
        before = self.place.store.loaded_files(self.source.name, name)
        load = EntityLoad(
            connection,
            entity,
            self.source.profile,
            self.place.secret,
            delivered.companions,
            newest_header(before),
        )
        load.read(delivered.batch, self.place.chart)
        load.hold_on(frozenset(file.name for file in before if file.state == "loaded"))
        return load

    def _reasons_to_stop(
        self, loads: list[EntityLoad], counts: list[FileCount], compared: list[Comparison]
    ) -> list[str]:
        reasons = [reason for load in loads for reason in load.missing_columns()]
        # What is out of scope says nothing about the quality of what is ours.
        read = sum(count.rows_read - count.rows_out_of_scope for count in counts)
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
                query = load.rows_query(load_id, self.sequence, self.source.name)
                write(connection, query, store.path(load.entity.name, load_id))
        Register(store.root).add(new_entries(connection))
        path = store.path("load_errors", load_id)
        problems = write_errors(
            connection,
            outside,
            path,
            load_id,
            self.sequence,
            self.source.name,
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
                    self.source.name,
                    self.source.profile.profile,
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
