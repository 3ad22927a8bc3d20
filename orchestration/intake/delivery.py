"""Writing canonical rows in the shape of a system's own files: a profile, read backwards.

What belongs here: which files an entity is spread over, their headers, and the codes that stand for
accounts. What does not: one value in a system's words (delivery_words), where the rows come from
(simulation), and reading such files (load).

What a shape cannot say is written as it stands, so that dirt stays the dirt it was.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from orchestration.intake.contract import Entity, entities
from orchestration.intake.delivery_words import Word, said, sign_word, word
from orchestration.intake.files.writing import Append, appending, written_path
from orchestration.intake.forms import FileForm
from orchestration.intake.mappings import JOIN
from orchestration.intake.profiles import (
    ColumnMap,
    EntityMap,
    FilePart,
    Profile,
    ProfileError,
    ReadingMap,
    canonical,
    over,
)

EntityWriter = Callable[[str, Iterator[pd.DataFrame]], None]
"""Writes one entity from blocks of canonical rows."""


def writer(profiles: Iterable[Profile], out: Path) -> EntityWriter:
    """What writes each entity in the shape of its feed's profile, to `out/cases` or `out/finance`.

    A feed for which there is no profile is written in canonical shape.
    """
    shapes = {"cases": canonical("cases"), "finance": canonical("finance")}
    shapes |= {profile.feed: profile for profile in profiles}

    def write(entity: str, frames: Iterator[pd.DataFrame]) -> None:
        feed = entities()[entity].feed
        write_entity(shapes[feed], entity, frames, out / feed)

    return write


def write_entity(
    profile: Profile, entity: str, frames: Iterator[pd.DataFrame], folder: Path
) -> list[Path]:
    """Write one entity as the profile's file or files, block by block, and give their paths.

    Frames hold the contract's columns; every value is text in canonical form (ISO dates, decimal
    point, `true`/`false`), and null is None. A mapping table that the rows need is written beside
    them. Raises ProfileError where the profile has no such entity, or derives a required column, so
    that it can be read but not written; UnwritableError where its form does not allow it.
    """
    if entity not in profile.entities:
        raise ProfileError(f"profile {profile.profile} has no entity {entity}")
    folder.mkdir(parents=True, exist_ok=True)
    parts = [_Part.of(profile, entity, part) for part in _parts(profile, entity)]
    with ExitStack() as files:
        for part in parts:
            part.open(folder, files)
        for frame in frames:
            left = frame
            for part in parts:
                mine = part.holds(left)
                part.write(left[mine])
                left = left[~mine]
            if len(left):
                raise ProfileError(f"profile {profile.profile}: no part takes all of {entity}")
    tables = [path for part in parts for path in part.write_mapping(profile, entity, folder)]
    return [written_path(folder / part.file, part.form) for part in parts] + tables


def _parts(profile: Profile, entity: str) -> tuple[FilePart, ...]:
    mapped = profile.entities[entity]
    newest = profile.readings(entity)[0].version
    whole = FilePart(file=mapped.files[0].replace("*", ""), version=newest)
    return mapped.parts or (whole,)


@dataclass
class _Part:
    """One file of an entity, while it is written."""

    file: str
    where: dict[str, str]
    form: FileForm
    mapped: EntityMap
    columns: list[str]
    words: dict[str, Word]
    codes: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    """For every column that is written in codes: its values and their codes."""
    kinds: Mapping[str, str] = field(default_factory=dict)
    """The contract's types by the file's headers."""
    append: Append | None = None

    @classmethod
    def of(cls, profile: Profile, entity: str, part: FilePart) -> "_Part":
        """The part as its version of the profile writes it. Raises ProfileError."""
        reading = _reading(profile, entity, part)
        declared = entities()[entity]
        columns = [
            name
            for name in declared.columns
            if name not in part.without and _writable(reading.mapped.columns.get(name))
        ]
        _refuse_lacking(profile, declared, {*columns, *part.without})
        form = over(part.form, reading.form)
        words = {
            name: word(declared.columns[name], reading.mapped.columns[name], form, profile)
            for name in columns
        }
        named = ((name, reading.mapped.columns[name].names) for name in columns)
        kinds = {names[0]: declared.columns[name].type for name, names in named if names}
        return cls(part.file, part.where, form, reading.mapped, columns, words, kinds=kinds)

    def open(self, folder: Path, files: ExitStack) -> None:
        """Begin the file with its header."""
        path = folder / self.file
        self.append = files.enter_context(appending(path, self.form, self.kinds))
        self.write(pd.DataFrame(columns=pd.Index(self.columns), dtype=object))

    def holds(self, frame: pd.DataFrame) -> "pd.Series[bool]":
        """Which rows belong in this file."""
        mine = pd.Series(True, index=frame.index)
        for column, pattern in self.where.items():
            fits = frame[column].astype("string").str.contains(pattern, regex=True)
            mine &= fits.fillna(False).astype(bool)
        return mine

    def write(self, frame: pd.DataFrame) -> None:
        """Add rows to the file, which is open."""
        written: dict[str, pd.Series] = {}
        for name in self.columns:
            written |= self._written(name, frame[name])
        if self.append:
            self.append(pd.DataFrame(written))

    def _written(self, name: str, values: pd.Series) -> dict[str, pd.Series]:
        """One column of the contract as the file's column or columns."""
        column = self.mapped.columns[name]
        if not column.names and column.mapping:
            codes = self.codes.setdefault(name, {})
            for value in values.dropna().unique():
                codes.setdefault(value, account_codes(value, len(column.mapping.by)))
            return {
                names[0]: values.map({value: parts[i] for value, parts in codes.items()})
                for i, names in enumerate(column.mapping.by)
            }
        written = {column.names[0]: said(values, self.words[name])}
        if column.sign:
            sign = column.sign
            written[sign.names[0]] = said(values, lambda value: sign_word(value, sign))
        return written

    def write_mapping(self, profile: Profile, entity: str, folder: Path) -> list[Path]:
        """Write the tables that say what the codes of this file stand for."""
        written = []
        for name, codes in self.codes.items():
            use = self.mapped.columns[name].mapping
            table = profile.mappings[use.table] if use else None
            if table is None:
                continue
            path = folder / table.files[0].replace("*", f"_{entity}")
            names = [*(names[0] for names in table.keys), table.to[0]]
            rows = [[*parts, value] for value, parts in sorted(codes.items())]
            with appending(path, self.form, {}) as append:
                append(pd.DataFrame(rows, columns=pd.Index(names), dtype=object))
            written.append(written_path(path, self.form))
        return written


def _reading(profile: Profile, entity: str, part: FilePart) -> ReadingMap:
    found = {reading.version: reading for reading in profile.readings(entity)}
    if part.version not in found:
        raise ProfileError(f"profile {profile.profile}: no version {part.version} of {entity}")
    return found[part.version]


def _writable(column: ColumnMap | None) -> bool:
    return column is not None and bool(column.names or column.mapping)


def _refuse_lacking(profile: Profile, declared: Entity, there: set[str]) -> None:
    unwritable = set(declared.required) - there
    if unwritable:
        raise ProfileError(
            f"profile {profile.profile} cannot be written: {declared.name} derives"
            f" {sorted(unwritable)}"
        )


def account_codes(account: str, keys: int) -> tuple[str, ...]:
    """Codes that stand for an account in the look of SAP's: PSP element first, Artskonto last.

    They depend on the account alone, so that every file says the same. Of a 16-digit account the
    art is in the Artskonto and the rest in the PSP element; of any other text they are its hash.
    """
    if re.fullmatch(r"\d{16}", account):
        first, last = f"XG-{account[:10]}-0{account[10:14]}", f"{account[14:]}000000"
    else:
        number = int.from_bytes(hashlib.sha256(account.encode()).digest()[:8]) % 10**14
        first, last = f"XG-9{number // 10**5:09d}-{number % 10**5:05d}", "99000000"
    if keys == 1:
        return (first + JOIN.strip() + last,)
    return (first, *("" for _ in range(keys - 2)), last)
