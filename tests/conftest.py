"""What tests of several rooms share: servers, started only where they are used."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.servers.mariadb import MariaDB, server_binary
from tests.servers.postgresql import PostgreSQL, binaries

# How long an example takes says more about the machine than about the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="module")
def postgresql() -> Iterator[PostgreSQL]:
    """A running PostgreSQL server; skips where PostgreSQL is not installed.

    One for each module: roles belong to the server, not to a database, so what one module publishes
    would keep another from beginning without them.
    """
    if binaries() is None:
        pytest.skip("PostgreSQL is not installed")
    # Not under pytest's own folder, which is closed to the account that the server runs as.
    with tempfile.TemporaryDirectory(prefix="postgresql-") as folder:
        Path(folder).chmod(0o711)
        server = PostgreSQL.create(Path(folder) / "cluster")
        server.start()
        yield server
        server.stop()


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDB]:
    """A running MariaDB server; skips where MariaDB is not installed."""
    if server_binary() is None:
        pytest.skip("MariaDB is not installed (apt-get install mariadb-server)")
    # Not under pytest's own folder, which is closed to the account that the server runs as.
    with tempfile.TemporaryDirectory(prefix="mariadb-") as folder:
        Path(folder).chmod(0o711)
        server = MariaDB.create(Path(folder) / "server")
        server.start()
        yield server
        server.stop()
