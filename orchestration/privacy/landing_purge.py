"""Removing delivered copies that hold erased persons.

What belongs here: which copies go. What does not: how a file is searched (trails).

A copy goes as a whole: to rewrite a system's file without some rows would make a file that nobody
delivered. Nothing is lost by it, because its rows are in the raw layer. A copy that cannot be
looked through (sealed to a key that is not here, an old or nested packed format) goes too.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.intake.raw_store import RawStore
from orchestration.privacy.landing_at_rest import AtRest, copies, opened, remove
from orchestration.privacy.trails import NotSearchableError, Wanted, holds


@dataclass(frozen=True)
class LandingPurge:
    """How many copies went, those that could not be looked through among them."""

    removed: int
    unsearchable: int


def purge_landing(landing: Path, rest: AtRest, wanted: Wanted) -> LandingPurge:
    """Remove every copy that names one of the wanted. May be repeated."""
    removed = unsearchable = 0
    for path in copies(landing):
        with opened(path, landing, rest) as plain:
            try:
                theirs = plain is None or holds(plain, wanted)
                unsearchable += plain is None
            except NotSearchableError:
                theirs = True
                unsearchable += 1
        if theirs:
            remove(path, landing)
            removed += 1
    return LandingPurge(removed, unsearchable)


def purge_delivered_again(landing: Path, store: RawStore, load_ids: list[str]) -> int:
    """Remove the copies of files in which loads found persons who were erased; how many."""
    if not load_ids:
        return 0
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select distinct sha256 from read_parquet($files, union_by_name = true) as f"
            " semi join (select * from read_parquet($errors, union_by_name = true)"
            " where rule = 'person_erased') as e using (load_id, entity, file)"
            " where list_contains($loads, load_id)",
            {
                "files": store.glob("load_files"),
                "errors": store.glob("load_errors"),
                "loads": load_ids,
            },
        ).fetchall()
    theirs = {row[0] for row in rows}
    found = [path for path in copies(landing) if path.parent.name in theirs]
    for path in found:
        remove(path, landing)
    return len(found)
