"""A MariaDB server of the tests' own, started from the system's binaries.

What belongs here: starting and stopping. What does not: what is stored in it.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pymysql
import stamina

from tests.servers.postgresql import free_port

_START_SECONDS = 60


def server_binary() -> str | None:
    """The server's program; None where MariaDB is not installed."""
    return shutil.which("mariadbd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@dataclass
class MariaDB:
    """One server in a folder of its own, reached as the user `raaderum`, who may do everything."""

    folder: Path
    port: int
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @classmethod
    def create(cls, folder: Path) -> "MariaDB":
        """Make the server's tables; the server does not run yet."""
        folder.mkdir(parents=True)
        if os.geteuid() == 0:
            # The server refuses to run as root.
            shutil.chown(folder, "mysql", "mysql")
        server = cls(folder, free_port())
        with (folder / "commands.log").open("ab") as log:
            subprocess.run(
                server._as_owner(
                    "mariadb-install-db",
                    "--no-defaults",
                    f"--datadir={folder / 'data'}",
                    "--auth-root-authentication-method=normal",
                    "--skip-test-db",
                ),
                check=True,
                stdout=log,
                stderr=log,
                cwd=folder,
            )
        (folder / "first.sql").write_text(
            "create user if not exists raaderum@'127.0.0.1';\n"
            "grant all on *.* to raaderum@'127.0.0.1';\n",
            encoding="utf-8",
        )
        return server

    @property
    def url(self) -> str:
        """The address for SQLAlchemy."""
        return f"mariadb+pymysql://raaderum@127.0.0.1:{self.port}/"

    def connect(self, database: str | None = None) -> "pymysql.Connection[pymysql.cursors.Cursor]":
        """A connection that commits every statement."""
        return pymysql.connect(
            host="127.0.0.1", port=self.port, user="raaderum", database=database, autocommit=True
        )

    def start(self) -> None:
        """Start the server and wait until it answers."""
        binary = server_binary()
        assert binary is not None
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._as_owner(
                    binary,
                    "--no-defaults",
                    f"--datadir={self.folder / 'data'}",
                    f"--socket={self.folder / 'socket'}",
                    f"--pid-file={self.folder / 'pid'}",
                    f"--init-file={self.folder / 'first.sql'}",
                    f"--port={self.port}",
                    "--bind-address=127.0.0.1",
                    "--skip-name-resolve",
                    "--innodb-flush-log-at-trx-commit=0",
                    "--innodb-log-file-size=4M",
                ),
                stdout=log,
                stderr=log,
                cwd=self.folder,
            )
        for attempt in stamina.retry_context(
            on=pymysql.OperationalError, attempts=200, timeout=_START_SECONDS, wait_max=0.5
        ):
            with attempt:
                self.connect().close()

    def stop(self) -> None:
        """Stop it at once, open connections cut."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def _as_owner(self, *command: str) -> list[str]:
        if os.geteuid() != 0:
            return list(command)
        return ["setpriv", "--reuid=mysql", "--regid=mysql", "--init-groups", *command]
