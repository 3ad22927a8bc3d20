"""A sample of `make readers`: runs are published under readers, who only ever see whole ones."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.readers.campaign import measured_table, on_database, on_files
from tests.readers.looks import DATABASE, FILES, Seen
from tests.readers.versions import ROWS, is_whole
from tests.servers.postgresql import PostgreSQL

READS, PUBLICATIONS = 300, 3


def assert_only_whole(seen: dict[str, Seen], kinds: list[str]) -> None:
    assert sorted(seen) == sorted(kinds)
    assert [one.halves + one.errors for one in seen.values()] == [[] for _ in seen]
    assert sum(one.reads for one in seen.values()) >= READS
    # Somebody read while versions came and went.
    assert len({version for one in seen.values() for version in one.versions}) > 1
    assert measured_table(seen).row_count == len(kinds)


def test_readers_of_files_see_whole_versions(tmp_path: Path) -> None:
    assert_only_whole(on_files(tmp_path, READS, PUBLICATIONS), list(FILES))


@pytest.fixture
def database(postgresql: PostgreSQL) -> Iterator[str]:
    with psycopg.connect(postgresql.url, autocommit=True) as server:
        server.execute("create database readers")
    yield postgresql.url.rpartition("/")[0] + "/readers"
    with psycopg.connect(postgresql.url, autocommit=True) as server:
        server.execute("drop database readers with (force)")


def test_readers_of_postgresql_see_whole_versions(tmp_path: Path, database: str) -> None:
    assert_only_whole(on_database(tmp_path, database, READS, PUBLICATIONS), list(DATABASE))


def test_half_a_version_is_told_from_a_whole_one() -> None:
    version, rows = 3, ROWS + 3
    assert is_whole(version, rows, 3 * rows, 3 * rows)
    assert not is_whole(version, rows, 3 * rows, 2 * (ROWS + 2))
    assert not is_whole(version, rows - 1, 3 * (rows - 1), 3 * rows)
    assert not is_whole(2, rows, 3 * rows, 3 * rows)
