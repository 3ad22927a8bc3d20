"""A PostgreSQL server of the tests' own, started from the system's binaries.

What belongs here: starting, stopping, killing. What does not: what is stored in it.
"""

import os
import shutil
import signal
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

import stamina


def binaries() -> Path | None:
    """The folder of the newest server binaries; None where PostgreSQL is not installed."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3])
    )
    if found:
        return found[-1].parent
    known = shutil.which("postgres")
    return Path(known).parent if known else None


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class PostgreSQL:
    """One cluster in a folder of its own, reached as the superuser `raaderum`."""

    folder: Path
    bin: Path
    port: int

    @classmethod
    def create(cls, folder: Path) -> "PostgreSQL":
        """Make a cluster; the server does not run yet."""
        found = binaries()
        assert found is not None
        cluster = cls(folder, found, free_port())
        folder.mkdir(parents=True)
        if os.geteuid() == 0:
            # The server refuses to run as root.
            shutil.chown(folder, "postgres", "postgres")
        cluster._as_owner(
            "initdb", "-D", str(folder / "data"), "-U", "raaderum", "--auth=trust", "-E", "UTF8"
        )
        return cluster

    @classmethod
    def reopen(cls, folder: Path) -> "PostgreSQL":
        """A cluster that was made before; the server does not run yet."""
        found = binaries()
        assert found is not None
        return cls(folder, found, free_port())

    @property
    def url(self) -> str:
        """The address for SQLAlchemy and psycopg."""
        return f"postgresql://raaderum@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c fsync=off -k {self.folder}"
        self._ctl("-o", options, "-l", str(self.folder / "log"), "-w", "start")

    def stop(self) -> None:
        """Stop it at once, open connections cut."""
        self._ctl("-m", "immediate", "-w", "stop")

    def kill(self) -> None:
        """End the server as a power cut would."""
        pid = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)

    def restart(self) -> None:
        """Start it after a kill, when the last of its processes has noticed and ended."""
        for attempt in stamina.retry_context(
            on=subprocess.CalledProcessError, attempts=20, timeout=60, wait_initial=0.2, wait_max=2
        ):
            with attempt:
                self.start()

    def _ctl(self, *arguments: str) -> None:
        self._as_owner("pg_ctl", "-D", str(self.folder / "data"), *arguments)

    def _as_owner(self, program: str, *arguments: str) -> None:
        command = [str(self.bin / program), *arguments]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *command]
        with (self.folder / "commands.log").open("a") as log:
            subprocess.run(command, check=True, stdout=log, stderr=log, cwd=self.folder)
