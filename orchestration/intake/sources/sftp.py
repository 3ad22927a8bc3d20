"""SFTP: who the server is, and who we are.

What belongs here: host keys, passwords, private keys, what to do when they do not fit. What does
not: fetching (remote).

The server's key is always checked, against a pinned one or a file of known hosts: whoever answers
in its place would get the password and could deliver any data.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import asyncssh
from asyncssh.public_key import SSHKey
from fsspec.asyn import AsyncFileSystem
from sshfs import SSHFileSystem

from orchestration.intake.sources.base import LocationError, Reach
from orchestration.intake.sources.remote import CHUNK, Entry

_PORT = 22
_SETTLE_SECONDS = 60
_KEEPALIVE_SECONDS = 15

# asyncssh tells every file that it opens; names may hold CPR numbers.
asyncssh.set_log_level("ERROR")


class SftpServer:
    """One folder of an SFTP server."""

    settle_seconds = _SETTLE_SECONDS

    def __init__(self, location: str, context: Reach) -> None:
        parts = urlsplit(location)
        if parts.password is not None:
            raise LocationError(
                f"a password does not belong in location; set {context.variable('PASSWORD')}"
            )
        if not parts.hostname or not parts.username:
            raise LocationError("location names no host or no user: sftp://user@host/folder")
        try:
            self.port = parts.port or _PORT
        except ValueError as error:
            raise LocationError(f"location: {error}") from error
        self.context = context
        self.host = parts.hostname
        self.user = unquote(parts.username)
        path = unquote(parts.path)
        # As in other clients, /~/ is the folder in which one finds oneself after logging in.
        self.path = path[3:] or "." if path.startswith("/~/") else path or "."
        self.where = f"sftp://{self.user}@{self.host}:{self.port}{path}"
        self.private_key = _file("private_key", context.options.private_key, context)
        self.known_hosts = _file("known_hosts", context.options.known_hosts, context)
        self.pinned = context.options.host_key
        self.offered_key: str | None = None
        self._secrets = [s for w in ("PASSWORD", "KEY") if (s := context.secret_of(w))]

    def connect(self) -> AsyncFileSystem:
        """A new connection to a server that proved who it is."""
        options = self.context.options
        return SSHFileSystem(
            self.host,
            port=self.port,
            username=self.user,
            password=self.context.secret_of("PASSWORD"),
            client_keys=self._client_keys(),
            known_hosts=self._known_hosts(),
            client_factory=self._client,
            agent_path=None,
            config=None,
            connect_timeout=options.connect_seconds,
            login_timeout=options.connect_seconds,
            keepalive_interval=_KEEPALIVE_SECONDS,
            timeout=3 * options.connect_seconds,
            skip_instance_cache=True,
        )

    def entry(self, info: dict[str, Any]) -> Entry | None:
        """What the server says of a file. SFTP has no version but size and moment."""
        size, modified = info["size"], info["mtime"]
        if size is None:
            return None
        moment = modified.isoformat() if modified else ""
        return Entry(info["name"], size, modified, f"{size}-{moment}" if moment else "")

    def chunks(
        self, files: AsyncFileSystem, path: str, size: int, seconds: float
    ) -> Iterator[bytes]:
        """The file in pieces, up to the first that is more than was announced: it grows."""
        left = size
        with files.open(path, "rb") as handle:
            while left >= 0 and (chunk := handle.read(CHUNK, timeout=seconds)):
                left -= len(chunk)
                yield chunk

    def refusal(self, error: BaseException) -> str | None:
        """What to do where the server is not the one we know, or does not know us."""
        if isinstance(error, asyncssh.HostKeyNotVerifiable):
            return self._unknown_key()
        if isinstance(error, asyncssh.PermissionDenied) or _is_denied(error):
            return (
                f"check the user, {self.context.variable('PASSWORD')} or `private_key`, and that"
                " the user may read the folder"
            )
        if isinstance(error, asyncssh.KeyImportError | asyncssh.KeyEncryptionError):
            return (
                "check `private_key`; the passphrase of an encrypted key is"
                f" {self.context.variable('KEY')}"
            )
        if isinstance(error, FileNotFoundError | asyncssh.SFTPNoSuchFile):
            return "check the folder in `location`"
        return None

    def secrets(self) -> list[str]:
        """The password and the passphrase."""
        return self._secrets

    def _client_keys(self) -> list[SSHKey]:
        """The configured key and no other: none of this machine's own are tried."""
        if self.private_key is None:
            return []
        return [asyncssh.read_private_key(self.private_key, self.context.secret_of("KEY"))]

    def _known_hosts(self) -> object:
        """What asyncssh trusts without asking: the file's keys. A pinned key is checked below."""
        path = self.known_hosts or Path.home() / ".ssh" / "known_hosts"
        if self.pinned or not path.is_file():
            return ([], [], [])
        return asyncssh.read_known_hosts(str(path))

    def _client(self) -> asyncssh.SSHClient:
        return _Client(self)

    def accepts(self, key: SSHKey) -> bool:
        """Whether a key that no file knows is the pinned one."""
        line = key.export_public_key("openssh").decode().split()
        self.offered_key = f"{line[0]} {line[1]}"
        self.offered_print = key.get_fingerprint()
        if not self.pinned:
            return False
        if self.pinned.startswith("SHA256:"):
            return self.pinned.rstrip("=") == self.offered_print.rstrip("=")
        return self.pinned.split()[:2] == line[:2]

    def _unknown_key(self) -> str:
        if self.offered_key is None:
            return "the server showed no key of a kind that is known of it; check `known_hosts`"
        found = f"the server's key is {self.offered_print}"
        if self.pinned:
            return (
                f"{found}, not the one in `host_key`; ask the server's owner whether it was"
                " changed, and do not connect before you know"
            )
        return (
            f"{found}; ask the server's owner whether that is right, and then set"
            f' host_key = "{self.offered_print}"'
            " for it in raaderum.toml"
        )


class _Client(asyncssh.SSHClient):
    """Asks the server's settings about a key that is not in the file of known hosts."""

    def __init__(self, server: SftpServer) -> None:
        self.server = server

    def validate_host_public_key(self, host: str, addr: str, port: int, key: SSHKey) -> bool:
        return self.server.accepts(key)


def _is_denied(error: BaseException) -> bool:
    if isinstance(error, asyncio.TimeoutError):
        return False
    return isinstance(error, PermissionError | asyncssh.SFTPPermissionDenied)


def _file(setting: str, named: str | None, context: Reach) -> Path | None:
    """A file that a setting names. Raises LocationError where it is not there."""
    if named is None:
        return None
    path = context.path(named)
    if not path.is_file():
        raise LocationError(f"{setting}: there is no file {path}")
    return path
