"""The files that pseudonyms were made from, wherever one of them still is.

What belongs here: delivered copies, then what the sources offer now, read under both keys until
every pseudonym is known. What does not: reading one file (transition).
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.intake.accounts import Chart
from orchestration.intake.arrivals import Source
from orchestration.intake.companions import companions
from orchestration.intake.contract import entities
from orchestration.intake.files import UnreadableFileError
from orchestration.intake.landing import DeliveredFile, UnknownEncodingError
from orchestration.intake.raw_store import RawStore
from orchestration.privacy.landing_at_rest import SEALED, AtRest, copies, opened
from orchestration.privacy.transition import BothKeys, pairs


@dataclass(frozen=True)
class Originals:
    """Where originals are looked for."""

    store: RawStore
    landing: Path
    rest: AtRest
    sources: tuple[Source, ...]
    chart: Chart

    def mapping(self, both: BothKeys, wanted: set[str]) -> dict[str, str]:
        """New tokens by old ones; stops when all that is wanted is known.

        Raises SourceUnavailableError where a source is needed and cannot be reached.
        """
        found: dict[str, str] = {}
        for source, entity, file, names in self._files():
            if wanted <= found.keys():
                break
            found |= self._pairs(both, source, entity, file, names)
        return found

    def _pairs(
        self,
        both: BothKeys,
        source: Source,
        entity: str,
        file: Path,
        names: dict[str, Path],
    ) -> dict[str, str]:
        with ExitStack() as stack:

            def readable(path: Path) -> DeliveredFile | None:
                plain = stack.enter_context(opened(path, self.landing, self.rest))
                if plain is None:
                    return None
                name = path.name.removesuffix(SEALED)
                return DeliveredFile(name, plain, path.parent.name, plain.stat().st_size)

            delivered = readable(file)
            others = {name: readable(path) for name, path in names.items()}
            if delivered is None or None in others.values():
                return {}
            needed = companions(
                source.profile,
                entity,
                lambda other: [name for name in others if source.takes(other, name)],
                lambda name: _there(others[name]),
                others,
            )
            try:
                return pairs(
                    entities()[entity],
                    source.profile,
                    both,
                    self.chart,
                    delivered,
                    needed,
                    self.landing / "spill",
                )
            except (UnreadableFileError, UnknownEncodingError, UnicodeDecodeError):
                return {}

    def _files(self) -> Iterator[tuple[Source, str, Path, dict[str, Path]]]:
        """Source, entity, file, and the files beside it by name: copies first, then the sources."""
        loaded = self._loaded()
        lying = sorted(copies(self.landing), key=lambda path: path.stat().st_mtime, reverse=True)
        for source in self.sources:
            mine = [path for path in lying if (source.name, path.parent.name) in loaded]
            yield from _by_entity(source, mine)
        for source in self.sources:
            yield from _by_entity(source, _fetched(source, self.landing))

    def _loaded(self) -> set[tuple[str, str]]:
        """Source and content of every file that was ever loaded."""
        with duckdb.connect() as connection:
            rows = connection.execute(
                "select distinct source, sha256 from read_parquet(?, union_by_name = true)",
                [self.store.glob("load_files")],
            ).fetchall()
        return {(row[0], row[1]) for row in rows}


def _by_entity(
    source: Source, paths: list[Path]
) -> Iterator[tuple[Source, str, Path, dict[str, Path]]]:
    newest = {path.name.removesuffix(SEALED): path for path in reversed(paths)}
    for entity in source.profile.entities:
        for path in paths:
            if source.takes(entity, path.name.removesuffix(SEALED)):
                yield source, entity, path, newest


def _fetched(source: Source, landing: Path) -> list[Path]:
    """What a source offers now, landed."""
    return [file.path for file in source.everything(landing)]


def _there(file: DeliveredFile | None) -> DeliveredFile:
    if file is None:
        raise RuntimeError("a file that was opened is not there")
    return file
