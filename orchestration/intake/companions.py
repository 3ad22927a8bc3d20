"""Files that the rows of another file need: the case file of a lookup, a mapping table.

What belongs here: which files those are, and the tables that are made of them. What does not: the
rows themselves (entity_load).
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from orchestration.intake.file_names import fits
from orchestration.intake.landing import DeliveredFile, in_place
from orchestration.intake.profiles import ColumnMap, Lookup, Mapping, Profile


@dataclass(frozen=True)
class Companions:
    """For one entity: the files of every entity looked up in, and of every mapping table used."""

    lookups: dict[str, list[DeliveredFile]] = field(default_factory=dict)
    mappings: dict[str, list[DeliveredFile]] = field(default_factory=dict)

    def digest(self) -> str:
        """What identifies their content; empty where there are none."""
        named = [*self.lookups.items(), *self.mappings.items()]
        hashes = [f"{name}:{file.sha256}" for name, files in named for file in files]
        return hashlib.sha256("\n".join(hashes).encode()).hexdigest()[:16] if hashes else ""


def lookups(profile: Profile, entity: str) -> dict[str, Lookup]:
    """The columns of an entity that may be looked up, by name."""
    return {name: column.lookup for name, column in _columns(profile, entity) if column.lookup}


def used_mappings(profile: Profile, entity: str) -> dict[str, Mapping]:
    """The mapping tables that an entity's columns use."""
    used = {column.mapping.table for _, column in _columns(profile, entity) if column.mapping}
    return {name: table for name, table in profile.mappings.items() if name in used}


def is_mapping(profile: Profile, filename: str) -> bool:
    """Whether a delivered file is one of the profile's mapping tables."""
    return any(_takes(mapping, filename) for mapping in profile.mappings.values())


def companions(
    profile: Profile,
    entity: str,
    names_of: Callable[[str], Iterable[str]],
    fetch: Callable[[str], DeliveredFile],
    names: Iterable[str],
) -> Companions:
    """What an entity needs of a delivery whose files are called `names`; `fetch` gives one.

    `names_of` gives the names of an entity's files. A mapping table that is delivered counts
    before the one beside the profile.
    """
    names = list(names)
    entities = {lookup.entity for lookup in lookups(profile, entity).values()}
    tables: dict[str, list[DeliveredFile]] = {}
    for name, mapping in used_mappings(profile, entity).items():
        tables[name] = [fetch(one) for one in names if _takes(mapping, one)]
        kept = profile.beside(mapping.beside) if mapping.beside else None
        if not tables[name] and kept:
            tables[name] = [in_place(kept)]
    return Companions(
        {other: [fetch(one) for one in names_of(other)] for other in sorted(entities)}, tables
    )


def _columns(profile: Profile, entity: str) -> Iterator[tuple[str, ColumnMap]]:
    for reading in profile.readings(entity):
        yield from reading.mapped.columns.items()


def _takes(mapping: Mapping, filename: str) -> bool:
    return fits(filename, mapping.files)
