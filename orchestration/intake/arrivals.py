"""What came in tonight: of everything that a source offers, the files that have to be read.

What belongs here: which entity a file is for, what is new, fetching that and no more, what is
remembered afterwards. What does not: reaching a source (sources), reading a file (load).
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from orchestration.intake import landing as area
from orchestration.intake.companions import Companions, companions, is_mapping
from orchestration.intake.cpr import Pseudonymiser, mask
from orchestration.intake.deliveries import Batch, to_read
from orchestration.intake.file_names import lies_in
from orchestration.intake.landing import DeliveredFile
from orchestration.intake.problems import Problem
from orchestration.intake.profiles import Delivery, Profile
from orchestration.intake.raw_store import LoadedFile, RawStore
from orchestration.intake.sources.base import (
    Offered,
    Origin,
    SourceUnavailableError,
    StillWrittenError,
    entity_of,
)
from orchestration.intake.sources.remembered import Extracted, Remembered
from orchestration.intake.sources.unpacked import UnpackedOrigin

_NO_ARCHIVE = "it is no archive, a damaged one, or has no file of its own"
_TICK = timedelta(seconds=2)
"""No clock of a file system is coarser."""


@dataclass(frozen=True)
class Source:
    """A configured source: where its files lie and how they are read."""

    name: str
    profile: Profile
    origin: Origin

    def takes(self, entity: str, name: str) -> bool:
        """Whether a file or table of that name belongs to an entity."""
        return entity == entity_of(name) or self.profile.entities[entity].takes(name)

    def everything(self, landing: Path) -> list[DeliveredFile]:
        """All that is offered now and finished, landed. Raises SourceUnavailableError."""
        found = []
        origin = UnpackedOrigin(self.origin, landing)
        try:
            for item in origin.offered():
                with contextlib.suppress(StillWrittenError):
                    file = None if item.unsettled else origin.bring(item, landing, None).file
                    found += [file] if file else []
        finally:
            origin.close()
        return found


@dataclass(frozen=True)
class Delivered:
    """The files of one entity that have to be read, and what they are read with and by."""

    entity: str
    batch: Batch
    companions: Companions
    reading_hash: str
    part_missing: bool = False
    """Whether an archive that cannot be opened held files of it before."""


@dataclass
class Arrivals:
    """What has to be read, and what was noticed on the way."""

    changed: list[Delivered] = field(default_factory=list)
    controls: list[DeliveredFile] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    """The names of all files of the delivery."""
    delivery: dict[str, Delivery] = field(default_factory=dict)
    """Of the entities whose delivery is another than the profile says."""
    problems: list[Problem] = field(default_factory=list)
    extracted: dict[str, Extracted] = field(default_factory=dict)
    """How far tables were read; to be remembered once the load counts."""


class Reception:
    """Takes in one source for one night."""

    def __init__(
        self,
        source: Source,
        store: RawStore,
        landing: Path,
        secret: Pseudonymiser,
        reading_hash: str,
        report: Callable[[str], None],
    ) -> None:
        self.source = source
        self.store = store
        self.landing = landing
        self.secret = secret
        self.reading_hash = reading_hash
        self.report = report
        self.memory = Remembered.of(source.name, store.root)
        self.origin = UnpackedOrigin(source.origin, landing)
        self.found = Arrivals()
        self.offered: dict[str, Offered] = {}
        self.tonight: dict[str, DeliveredFile] = {}

    def arrivals(self) -> Arrivals:
        """What has to be read. Raises SourceUnavailableError."""
        try:
            self.offered = {item.name: item for item in self.origin.offered()}
            offered = list(self.offered.values())
            self._require_any(offered)
            self.found = Arrivals(
                names=set(self.offered), problems=[*self._unknown(offered), *self._gone(offered)]
            )
            self._forget(offered)
            for entity in self.source.profile.entities:
                if self._of(entity):
                    self._take(entity)
            if self.found.changed:
                self._take_controls()
            return self.found
        finally:
            self.memory.save()
            self.origin.close()

    def remember(self, arrivals: Arrivals, entities: set[str]) -> None:
        """Remember how far the tables of `entities` were read: their load counts now."""
        kept = {name: done for name, done in arrivals.extracted.items() if name in entities}
        if kept:
            self.memory.tables.update(kept)
            self.memory.save()

    # -- what is offered --------------------------------------------------------------------

    def _of(self, entity: str) -> list[Offered]:
        """The files or the table of an entity."""
        return [item for item in self.offered.values() if self.source.takes(entity, item.name)]

    def _is_known(self, offered: Offered) -> bool:
        return any(
            self.source.takes(entity, offered.name) for entity in self.source.profile.entities
        )

    def _require_any(self, offered: list[Offered]) -> None:
        """An unmounted share looks like an empty folder; it must not pass for a quiet night."""
        if any(self._is_known(item) for item in offered):
            return
        if any(self._before(entity) for entity in self.source.profile.entities):
            raise SourceUnavailableError(
                f"source {self.source.name}: {self.origin.where} has no file of its"
                " profile, and had before; check that the share is connected and the export was"
                " made"
            )

    def _unknown(self, offered: list[Offered]) -> list[Problem]:
        """Delivered files that belong to no entity of the profile."""
        return [
            Problem(file=mask(item.name), rule="file_unreadable", detail=_NO_ARCHIVE)
            if Path(item.name).suffix.casefold() == ".zip"
            else Problem(file=mask(item.name), rule="file_unknown")
            for item in offered
            if not self._is_known(item) and not self._is_control(item.name)
            if not is_mapping(self.source.profile, item.name)
        ]

    def _is_control(self, name: str) -> bool:
        control = self.source.profile.control
        return control is not None and control.takes(name)

    def _gone(self, offered: list[Offered]) -> list[Problem]:
        """Snapshots that were delivered before and are no part of this delivery."""
        return [
            Problem(file="", rule="entity_gone", entity=entity, detail=entity)
            for entity, mapped in self.source.profile.entities.items()
            if mapped.delivery == "snapshot"
            and not any(self.source.takes(entity, item.name) for item in offered)
            and self._before(entity)
        ]

    def _forget(self, offered: list[Offered]) -> None:
        """Keep no memory of files that are no longer offered."""
        tokens = {self._token(item) for item in offered}
        self.memory.files = {
            token: digest for token, digest in self.memory.files.items() if token in tokens
        }

    def _before(self, entity: str) -> list[LoadedFile]:
        return self.store.loaded_files(self.source.name, entity)

    # -- what is new ------------------------------------------------------------------------

    def _take(self, entity: str) -> None:
        """Fetch what is new of an entity; nothing where a file that it needs is not finished."""
        try:
            needed = self._companions(entity, self._known)
            # What a row is read by besides its own file decides, too, whether it is read again.
            hashed = self.reading_hash + needed.digest()
            batch = self._batch(entity, hashed)
            if batch:
                needed = self._companions(entity, self._fetched)
                missing = self._part_missing(entity)
                self.found.changed.append(Delivered(entity, batch, needed, hashed, missing))
        except StillWrittenError as error:
            self._leave(entity, str(error))

    def _part_missing(self, entity: str) -> bool:
        """Whether an archive that is offered as such, for want of files in it, had some before."""
        before = [file.name for file in self._before(entity) if file.state == "loaded"]
        return any(
            lies_in(name, mask(archive))
            for archive in self.offered
            if Path(archive).suffix.casefold() == ".zip"
            for name in before
        )

    def _batch(self, entity: str, hashed: str) -> Batch | None:
        mine, before = self._of(entity), self._before(entity)
        if entity_of(mine[0].name):
            return self._table(entity, mine[0], hashed)
        delivery = self.source.profile.entities[entity].delivery
        files = self._finished(entity, mine, whole=delivery == "snapshot")
        batch = to_read(delivery, files, before, hashed)
        if batch is None:
            return None
        return replace(batch, files=tuple(self._fetched(file.name) for file in batch.files))

    def _finished(self, entity: str, mine: list[Offered], whole: bool) -> list[DeliveredFile]:
        """The files of an entity that are finished.

        Of a `whole` snapshot all or none: without one of its files it would say that the rows of
        that file are gone. Raises StillWrittenError.
        """
        files = []
        for item in mine:
            try:
                files.append(self._known(item.name))
            except StillWrittenError as error:
                if whole:
                    raise
                self._leave(entity, str(error))
        return files

    def _table(self, entity: str, item: Offered, hashed: str) -> Batch | None:
        """What a table of a database brings: all of it, or what changed since it was read last."""
        before = self._before(entity)
        read = {file.sha256 for file in before if file.reading_hash == hashed}
        last = self.memory.tables.get(entity)
        if last and (last.reading_hash != hashed or last.sha256 not in read):
            last = None
        brought = self.origin.bring(item, self.landing, last)
        delivery = brought.delivery or self.source.profile.entities[entity].delivery
        files = [brought.file] if brought.file else []
        batch = to_read(delivery, files, before, hashed) if files else None
        if brought.extracted:
            # What there is to load counts when it is loaded, and not before.
            kept = self.found.extracted if batch else self.memory.tables
            kept[entity] = replace(brought.extracted, reading_hash=hashed)
        if batch and brought.delivery:
            self.found.delivery[entity] = brought.delivery
        return batch

    def _take_controls(self) -> None:
        for name in self.offered:
            if self._is_control(name):
                try:
                    self.found.controls.append(self._fetched(name))
                except StillWrittenError as error:
                    self._leave(None, str(error))

    def _companions(self, entity: str, fetch: Callable[[str], DeliveredFile]) -> Companions:
        def names_of(other: str) -> list[str]:
            return [item.name for item in self._of(other)]

        return companions(self.source.profile, entity, names_of, fetch, self.offered)

    # -- fetching ---------------------------------------------------------------------------

    def _leave(self, entity: str | None, name: str) -> None:
        problem = Problem(file=mask(name), rule="file_unfinished", entity=entity)
        if problem not in self.found.problems:
            self.found.problems.append(problem)
            self.report(f"{self.source.name}: {mask(name)} is still being written and waits")

    def _token(self, item: Offered) -> str:
        return self.secret.token(f"{item.name}|{item.version}")

    def _known(self, name: str) -> DeliveredFile:
        """A file by what it held when it was fetched last; fetched where that is not known.

        Its copy need not lie there any more. Raises StillWrittenError.
        """
        item = self.offered[name]
        digest = self.memory.files.get(self._token(item)) if item.version else None
        if digest is None or item.unsettled:
            return self._fetched(name)
        return area.remembered(name, digest, self.landing, item.size or 0)

    def _fetched(self, name: str) -> DeliveredFile:
        """The landed copy of a file. Raises StillWrittenError where it changes meanwhile."""
        item = self.offered[name]
        if item.unsettled:
            raise StillWrittenError(name)
        if name in self.tonight:
            return self.tonight[name]
        digest = self.memory.files.get(self._token(item)) if item.version else None
        file = area.landed(name, digest, self.landing) if digest else None
        if file is None:
            file = self.origin.bring(item, self.landing, None).file
        if file is None:
            raise RuntimeError(f"{name} was not brought, and no reason given")
        if _is_past(item):
            self.memory.files[self._token(item)] = file.sha256
        self.tonight[name] = file
        return file


def _is_past(item: Offered) -> bool:
    """Whether the version is worth remembering: a file of this very moment may change once more
    within the same tick of its clock, and keep its version."""
    if not item.version:
        return False
    return item.modified is None or abs(datetime.now(UTC) - item.modified) > _TICK
