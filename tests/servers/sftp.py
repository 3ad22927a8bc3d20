"""An SFTP server of the tests' own, in a thread of this process.

What belongs here: starting, stopping, users, and what goes wrong on request: a connection that is
cut in mid-file, a file that grows while it is read. What does not: what lies in its folder.
"""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh

USER = "raaderum"
PASSWORD = "correct horse"  # noqa: S105 - of a server that lives for one test


@dataclass
class SftpServer:
    """A folder behind SFTP on the loopback interface."""

    folder: Path
    host_key: asyncssh.SSHKey = field(
        default_factory=lambda: asyncssh.generate_private_key("ssh-ed25519")
    )
    authorized: asyncssh.SSHKey | None = None
    """The private key of a user who may come in without a password."""
    on_read: Callable[["SftpServer", Path], None] | None = None
    """Called at every reading request, with the file that is read."""
    port: int = 0
    reads: int = 0
    logins: int = 0
    _loop: asyncio.AbstractEventLoop | None = None
    _connections: list[asyncssh.SSHServerConnection] = field(default_factory=list)

    def start(self) -> None:
        """Listen on a port of its own, or on the one it had before."""
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._run(self._listen())

    def stop(self) -> None:
        """Cut every connection and stop listening."""
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)

    def cut(self) -> None:
        """Abort every connection, as a network that fails does."""
        for connection in self._connections:
            connection.abort()

    @property
    def url(self) -> str:
        return f"sftp://{USER}@127.0.0.1:{self.port}/"

    @property
    def fingerprint(self) -> str:
        return str(self.host_key.get_fingerprint())

    @property
    def public_line(self) -> str:
        return self.host_key.export_public_key().decode().strip()

    def _run(self, work: object) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)  # type: ignore[arg-type]

    async def _listen(self) -> None:
        def connected() -> asyncssh.SSHServer:
            return _Gate(self)

        def opened(channel: asyncssh.SSHServerChannel) -> asyncssh.SFTPServer:
            return _Files(self, channel)

        self._acceptor = await asyncssh.listen(
            "127.0.0.1",
            self.port,
            server_host_keys=[self.host_key],
            server_factory=connected,
            sftp_factory=opened,
        )
        self.port = self._acceptor.get_port()

    async def _close(self) -> None:
        self._acceptor.close()
        self.cut()
        await self._acceptor.wait_closed()


class _Gate(asyncssh.SSHServer):
    def __init__(self, server: SftpServer) -> None:
        self.server = server

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self.server._connections.append(conn)

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        self.server.logins += 1
        return (username, password) == (USER, PASSWORD)

    def public_key_auth_supported(self) -> bool:
        return self.server.authorized is not None

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        mine = self.server.authorized
        return mine is not None and key.public_data == mine.public_data


class _Files(asyncssh.SFTPServer):
    def __init__(self, server: SftpServer, channel: asyncssh.SSHServerChannel) -> None:
        super().__init__(channel, chroot=str(server.folder).encode())
        self.server = server

    def read(self, file_obj: object, offset: int, size: int) -> bytes:
        self.server.reads += 1
        if self.server.on_read:
            self.server.on_read(self.server, Path(file_obj.name.decode()))  # type: ignore[attr-defined]
        return super().read(file_obj, offset, size)  # type: ignore[return-value]
