"""Servers that tests of several rooms need, each started once and only where it is used."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.postgresql import PostgreSQL, binaries


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgreSQL]:
    """A running PostgreSQL server; skips where PostgreSQL is not installed."""
    if binaries() is None:
        pytest.skip("PostgreSQL is not installed")
    server = PostgreSQL.create(Path(tmp_path_factory.mktemp("servers")) / "postgresql")
    server.start()
    yield server
    server.stop()
