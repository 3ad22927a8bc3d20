"""The header of a delivered file, matched with what the profile expects.

What belongs here: which column of the file holds what; columns missing, unknown or there twice;
what changed since the last delivery. What does not: reading the rows (entity_load).
"""

import re
from collections import Counter
from collections.abc import Iterator
from difflib import get_close_matches

from orchestration.intake.contract import Entity
from orchestration.intake.cpr import hide
from orchestration.intake.problems import Problem
from orchestration.intake.profiles import ColumnMap, EntityMap

_ALIKE = 0.7
"""How alike two normalised names are (difflib's ratio) for one to be taken for the other's new
form. It only decides what is suggested, never what is read."""


def normalised(header: str) -> str:
    """A header without case, blanks and signs, so that ` Amount ` and `amount` meet.

    One of signs alone, such as `+/-`, is kept.
    """
    bare = header.replace("\ufeff", "").strip()
    return (re.sub(r"[\W_]+", "", bare) or bare).casefold()


def known_headers(entity: Entity, mapped: EntityMap) -> frozenset[str]:
    """Every header that the profile knows of an entity, `normalised`; any other is a new one."""
    maps = [mapped.columns[name] for name in entity.columns if name in mapped.columns]
    if mapped.local_account:
        maps += [mapped.local_account.function, mapped.local_account.grouping]
    names = [name for column in maps for name in column.names]
    names += [name for column in maps if column.sign for name in column.sign.names]
    names += [name for column in maps if column.mapping for by in column.mapping.by for name in by]
    names += [name for part in (mapped.scope, mapped.deleted) if part for name in part.names]
    return frozenset(normalised(name) for name in (*names, *mapped.ignored))


class Header:
    """One header as the profile sees it; files with the same one are read together."""

    def __init__(self, entity: Entity, mapped: EntityMap, names: list[str]) -> None:
        self.entity = entity
        self.mapped = mapped
        self.names = names
        self._positions: dict[str, int] = {}
        for position, name in enumerate(names):
            self._positions.setdefault(normalised(name), position)

    def position(self, names: tuple[str, ...]) -> int | None:
        """Where the first of `names` that the file has stands."""
        found = (self._positions.get(normalised(name)) for name in names)
        return next((position for position in found if position is not None), None)

    def missing(self) -> list[str]:
        """The columns without which the file cannot be read.

        They are the required ones, the scope's, the mark of deleted rows, and
        those that give an amount its sign.
        """
        lacking = [
            column
            for column in self.entity.required
            if not all(self._is_there(mapped) for mapped in self._maps_of(column))
        ]
        scope = self.mapped.scope
        parts = [part.names for part in (scope, self.mapped.deleted) if part]
        beside = [*self._signs(), *parts]
        return lacking + [names[0] for names in beside if self.position(names) is None]

    def twice(self) -> list[str]:
        """Columns that are read and stand there more than once: which one is meant is open."""
        counted = Counter(normalised(name) for name in self.names)
        read = [
            (column, self.position(mapped.names))
            for column in self.entity.columns
            for mapped in self._maps_of(column)
        ]
        read += [(names[0], self.position(names)) for names in self._signs()]
        return [
            column
            for column, position in read
            if position is not None and counted[normalised(self.names[position])] > 1
        ]

    def problems(self, file: str) -> Iterator[Problem]:
        """What is wrong with the header of a file."""
        name = self.entity.name
        found = hide(", ".join(header.strip() for header in self.names))[:200]
        unknown = self.unknown()
        for column in self.missing():
            maps = self._maps_of(column) if column in self.entity.columns else []
            sought = [title for mapped in maps for title in mapped.names]
            meant = next((near for title in sought if (near := alike(title, unknown))), None)
            yield Problem(
                file, "column_missing", name, column=column, detail=found, suggestion=meant
            )
        for column in self.twice():
            yield Problem(file, "column_twice", name, column=column, detail=found)

    def unknown(self) -> list[str]:
        """The columns that the profile does not know, as they may be shown."""
        known = known_headers(self.entity, self.mapped)
        return [
            hide(header.strip())
            for header in self.names
            if header.strip() and normalised(header) not in known
        ]

    def _maps_of(self, column: str) -> list[ColumnMap]:
        local = self.mapped.local_account
        if local and self.entity.columns[column].type == "account":
            return [local.function, local.grouping]
        return [self.mapped.columns.get(column, ColumnMap())]

    def _is_there(self, mapped: ColumnMap) -> bool:
        if mapped.derive is not None or self.position(mapped.names) is not None:
            return True
        if mapped.lookup:
            return self.position(self.names_of(mapped.lookup.by)) is not None
        by = mapped.mapping.by if mapped.mapping else ()
        return bool(by) and any(self.position(names) is not None for names in by)

    def names_of(self, column: str) -> tuple[str, ...]:
        """The headers that a column of the contract goes by."""
        return self.mapped.columns.get(column, ColumnMap()).names

    def _signs(self) -> Iterator[tuple[str, ...]]:
        """The headers of every column that gives a delivered amount its sign."""
        for mapped in self.mapped.columns.values():
            if mapped.sign and self.position(mapped.names) is not None:
                yield mapped.sign.names


def alike(name: str, candidates: list[str]) -> str | None:
    """The one of `candidates` whose name is nearly `name`; None where none is."""
    by_form = {normalised(candidate): candidate for candidate in candidates}
    near = get_close_matches(normalised(name), by_form, n=1, cutoff=_ALIKE)
    return by_form[near[0]] if near else None


def drift(
    entity: str, file: str, before: tuple[str, ...], headers: list[Header]
) -> Iterator[Problem]:
    """How the columns of an entity differ from those of its last delivery, and from the profile.

    `before` are the columns of the last good load, none where there was none. Files of one load
    may differ among themselves: a column is gone where no file has it.
    """
    now = {normalised(name) for header in headers for name in header.names}
    unknown = list(dict.fromkeys(name for header in headers for name in header.unknown()))
    required = {column for header in headers for column in header.missing()}
    for name in before:
        if not name or normalised(name) in now:
            continue
        renamed = alike(name, [column for column in unknown if normalised(column) in now])
        if renamed:
            unknown.remove(renamed)
            yield Problem(file, "column_renamed", entity, column=name, detail=renamed)
        elif not required:
            yield Problem(file, "column_gone", entity, column=name, detail=entity)
    for name in unknown:
        yield Problem(file, "column_unknown", entity, column=name)
