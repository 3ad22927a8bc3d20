"""Mapping tables: what a system's own codes stand for, a PSP element's account for instance.

What belongs here: reading such a table and finding the row that fits. What does not: which columns
are translated (profiles) and what an account means (accounts).

The row that says most about its keys counts: exact before pattern, longer before shorter pattern,
empty last. Two rows that say equally much and differ make the key ambiguous; it is not guessed.
"""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import translate
from functools import cached_property
from pathlib import Path

from orchestration.intake.files import UnreadableFileError, open_table
from orchestration.intake.forms import FileForm
from orchestration.intake.headers import normalised
from orchestration.intake.landing import UnknownEncodingError
from orchestration.intake.profiles import Mapping

JOIN = " / "
"""Between the parts of a key where it is one text."""

_SUGGESTIONS = 100
"""Unknown keys for which the nearest one is sought; a wholly wrong table has more than it helps."""


class MappingError(ValueError):
    """A mapping table that cannot be used; the message names the file, the row and the remedy."""


class UnmappedError(LookupError):
    """A key without exactly one translation: the rule that it breaks and the nearest known key."""

    def __init__(self, rule: str, suggestion: str | None = None) -> None:
        super().__init__(rule)
        self.rule = rule
        self.suggestion = suggestion


@dataclass
class MappingTable:
    """A table in memory: `rows` are the parts of a key and what they stand for."""

    rows: dict[tuple[str, ...], str]
    _sought: int = field(default=0, init=False)

    def find(self, key: str) -> str:
        """What a key, its parts joined by JOIN, stands for. Raises UnmappedError."""
        parts = tuple(part.strip().casefold() for part in key.split(JOIN))
        exact = self.rows.get(parts)
        if exact is not None:
            return exact
        fitting = [
            (said, to)
            for said, expression, to in self._patterns
            if len(parts) == len(expression)
            and all(one.fullmatch(part) for one, part in zip(expression, parts, strict=True))
        ]
        most = max((said for said, _ in fitting), default=None)
        found = {to for said, to in fitting if said == most}
        if len(found) == 1:
            return found.pop()
        raise UnmappedError("account_ambiguous" if found else "account_unmapped", self._near(key))

    @cached_property
    def _patterns(self) -> list[tuple[tuple[int, int], tuple[re.Pattern[str], ...], str]]:
        """Rows with an open part: how much each says, its expressions and its translation."""
        return [
            (
                (
                    sum(bool(part) and "*" not in part for part in parts),
                    sum(len(part.replace("*", "")) for part in parts),
                ),
                tuple(re.compile(translate(_literally(part) or "*")) for part in parts),
                to,
            )
            for parts, to in self.rows.items()
            if any(not part or "*" in part for part in parts)
        ]

    def _near(self, key: str) -> str | None:
        self._sought += 1
        if self._sought > _SUGGESTIONS:
            return None
        known = {JOIN.join(parts): to for parts, to in self.rows.items()}
        close = difflib.get_close_matches(key.casefold(), known, n=1, cutoff=0.8)
        return f"{close[0].upper()} → {known[close[0]]}" if close else None


def _literally(part: str) -> str:
    """Of fnmatch's signs only the star is one of ours."""
    return part.replace("[", "[[]").replace("?", "[?]")


def read_mapping(paths: Iterable[Path], mapping: Mapping, form: FileForm) -> MappingTable:
    """The table that all of `paths` make together. Raises MappingError."""
    rows: dict[tuple[str, ...], str] = {}
    for path in paths:
        for number, parts, to in _rows(path, mapping, form):
            if rows.setdefault(parts, to) != to:
                raise MappingError(
                    f"{path.name}, row {number}: {JOIN.join(parts)} stands for {rows[parts]} and"
                    f" for {to}; keep one of them"
                )
    return MappingTable(rows)


def no_table(mapping: Mapping) -> str:
    """What to say where the table is nowhere."""
    wanted = [*(f"deliver {name}" for name in mapping.files[:1])]
    wanted += [f"keep {mapping.beside} beside the profile"] if mapping.beside else []
    return f"the mapping table is missing: {' or '.join(wanted)}"


def _rows(
    path: Path, mapping: Mapping, form: FileForm
) -> Iterable[tuple[int, tuple[str, ...], str]]:
    try:
        names = {normalised(name) for column in (*mapping.keys, mapping.to) for name in column}
        table = open_table(path, form, frozenset(names))
        places = {normalised(name): f"c{i}" for i, name in reversed([*enumerate(table.header)])}
        columns = [_place(path, names, places) for names in (*mapping.keys, mapping.to)]
        for batch in table.batches:
            for row in batch.select(["_row", *columns]).to_pylist():
                *parts, to = (row[column].strip() for column in columns)
                if to:
                    yield row["_row"], tuple(part.casefold() for part in parts), to
    except (UnreadableFileError, UnknownEncodingError, UnicodeDecodeError) as error:
        raise MappingError(f"{path.name} cannot be read as a mapping table: {error}") from error
    if table.misshapen:
        number, _ = table.misshapen[0]
        raise MappingError(f"{path.name}, row {number}: another number of fields than the header")


def _place(path: Path, names: tuple[str, ...], places: dict[str, str]) -> str:
    found = (places.get(normalised(name)) for name in names)
    column = next((place for place in found if place), None)
    if column is None:
        raise MappingError(
            f"{path.name} has no column {names[0]}; add it or name it in the profile"
        )
    return column
