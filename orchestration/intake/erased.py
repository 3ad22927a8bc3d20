"""Persons who were erased: the register of them, and which delivered rows are theirs.

What belongs here: the register on disk, and the one condition that finds an erased person's rows in
a delivery, in the raw layer and in history alike. What does not: erasing (privacy.erasure).

The register holds keyed tokens alone: of the person, and of the cases, measures and notifications
that were erased, because follow-ups and postings name those and no person. `until` is null where a
person is erased for good; else rows dated up to and on that day are (the retention period ran
out), and what comes later is loaded as anyone's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

import duckdb

from orchestration.intake.contract import PERSON_ID, Entity
from orchestration.intake.cpr import Pseudonymiser
from orchestration.intake.problems import Problem
from orchestration.intake.raw_store import write

KINDS = {"case": "case_id", "measure": "measure_id", "notification": "notification_id"}
"""Identifiers by which rows without a person are found."""

_COLUMNS = {"kind": "VARCHAR", "token": "VARCHAR", "until": "DATE", "reason": "VARCHAR"}


@dataclass(frozen=True)
class Erased:
    """One entry: `kind` is `person` or one of KINDS."""

    kind: str
    token: str
    until: date | None
    reason: str


class Register:
    """The erasure register in the raw layer: one Parquet file per erasure, never rewritten."""

    def __init__(self, raw: Path) -> None:
        self.folder = raw / "erased"

    def is_empty(self) -> bool:
        """Whether nobody was ever erased."""
        return not any(self.folder.glob("*.parquet"))

    def entries(self) -> set[Erased]:
        """All that was ever erased."""
        if self.is_empty():
            return set()
        with duckdb.connect() as connection:
            rows = connection.execute(
                f"select distinct {', '.join(_COLUMNS)} from read_parquet(?)",
                [(self.folder / "*.parquet").as_posix()],
            ).fetchall()
        return {Erased(*row) for row in rows}

    def add(self, entries: Iterable[Erased]) -> int:
        """Write the entries that are not there yet; how many they were."""
        new = sorted(set(entries) - self.entries(), key=repr)
        if new:
            self.folder.mkdir(parents=True, exist_ok=True)
            number = 1 + max((int(path.stem) for path in self.folder.glob("*.parquet")), default=0)
            self.write(new, self.folder / f"{number:06d}.parquet")
        return len(new)

    @staticmethod
    def write(entries: Iterable[Erased], path: Path) -> None:
        """Write entries as one file; readers see all or nothing."""
        fields = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
        with duckdb.connect() as connection:
            connection.execute(f"create table entries ({fields})")
            connection.executemany(
                "insert into entries values (?, ?, ?, ?)",
                [(item.kind, item.token, item.until, item.reason) for item in entries],
            )
            write(connection, "from entries", path)

    def put(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make the register the temporary table `erased` of a connection."""
        fields = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
        connection.execute(f"create or replace temp table erased ({fields})")
        if not self.is_empty():
            path = (self.folder / "*.parquet").as_posix().replace("'", "''")
            connection.execute(f"insert into erased by name from read_parquet('{path}')")


def token(secret: Pseudonymiser, kind: str, identifier: str) -> str:
    """The token of a case, measure or notification."""
    return secret.token(f"{kind}:{identifier}")


def condition(entity: Entity, secret: Pseudonymiser, columns: Iterable[str]) -> str:
    """SQL: whether a row of `entity` with these columns is an erased person's.

    Needs the table of `Register.put` and the variables of `Pseudonymiser.bind`.
    """
    present = set(columns)
    found = []
    if PERSON_ID in present:
        dated = entity.erase.dated if entity.erase else None
        until = f" or cast({dated} as date) <= e.until" if dated in present else ""
        found.append(
            f"exists (select 1 from erased as e where e.kind = 'person' and e.token = {PERSON_ID}"
            f" and (e.until is null{until}))"
        )
    for kind, column in KINDS.items():
        if column in present:
            told = secret.sql(f"'{kind}:' || {column}")
            found.append(
                f"coalesce({told} in (select token from erased where kind = '{kind}'), false)"
            )
    return f"({' or '.join(found)})" if found else "false"


class Counted(Protocol):
    """The count of one file, in the order of the files' numbers."""

    file: str
    rows_out_of_scope: int


def leave_out(
    connection: duckdb.DuckDBPyConnection,
    entity: Entity,
    table: str,
    secret: Pseudonymiser,
    files: Sequence[Counted],
) -> list[Problem]:
    """Take erased persons' rows out of a load's table: they are out of scope, each file is named.

    Rows that bookkeeping needs stay, with what names the person emptied, and count as loaded.
    """
    if not connection.execute("select 1 from erased limit 1").fetchone():
        return []
    columns = [row[0] for row in connection.execute(f"describe {table}").fetchall()]
    theirs = condition(entity, secret, columns)
    remember(connection, entity, table, columns, theirs, secret)
    counted = connection.execute(
        f"select _file_no, count(*) from {table} where {theirs} group by 1 order by 1"
    ).fetchall()
    if entity.erase and entity.erase.empty:
        empty = ", ".join(f"{entity.stored_name(name)} = null" for name in entity.erase.empty)
        connection.execute(f"update {table} set {empty} where {theirs}")
    else:
        connection.execute(f"delete from {table} where {theirs}")
        for number, rows in counted:
            files[number].rows_out_of_scope += rows
    return [
        Problem(files[number].file, "person_erased", entity.name, detail=str(rows))
        for number, rows in counted
    ]


def remember(
    connection: duckdb.DuckDBPyConnection,
    entity: Entity,
    relation: str,
    columns: Iterable[str],
    theirs: str,
    secret: Pseudonymiser,
) -> None:
    """Add the identifiers of an erased person's own rows to the table `erased`."""
    for kind, column in KINDS.items():
        if entity.key == (column,) and PERSON_ID in set(columns):
            told = secret.sql(f"'{kind}:' || {column}")
            connection.execute(
                f"insert into erased select distinct '{kind}', {told}, null::date, 'link'"
                f" from {relation} where {theirs} and {told} not in (select token from erased)"
            )


def new_entries(connection: duckdb.DuckDBPyConnection) -> set[Erased]:
    """What the table `erased` holds now."""
    rows = connection.execute(f"select {', '.join(_COLUMNS)} from erased").fetchall()
    return {Erased(*row) for row in rows}
