"""Files on another machine, through fsspec: SFTP, S3 and what speaks it, Azure Blob storage.

What belongs here: listing, fetching in pieces, retrying, time-outs, noticing a file that changes.
What does not: how one kind of server is reached (sftp, s3, azure).

A listing and a fetch can be repeated without harm, so they are retried with back-off, each time on
a new connection. A file whose transfer broke off begins anew: nothing of it has landed.
"""

import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from fsspec.asyn import AsyncFileSystem, sync

from orchestration.intake import landing as area
from orchestration.intake.sources.base import (
    Brought,
    Context,
    Offered,
    SourceUnavailableError,
    StillWrittenError,
    deliverable,
    unsettled,
)
from orchestration.intake.sources.network import attempted, is_local, told
from orchestration.intake.sources.remembered import Extracted

CHUNK = 8 << 20
"""Bytes that are fetched at a time."""

_T = TypeVar("_T")


@dataclass(frozen=True)
class Entry:
    """One file of a remote folder."""

    path: str
    size: int
    modified: datetime | None
    version: str


class Server(Protocol):
    """One kind of server that holds files."""

    where: str
    path: str
    settle_seconds: int

    def connect(self) -> AsyncFileSystem:
        """A new connection."""

    def entry(self, info: dict[str, Any]) -> Entry | None:
        """What the server says of a file; None where it is none."""

    def chunks(
        self, files: AsyncFileSystem, path: str, size: int, seconds: float
    ) -> Iterator[bytes]:
        """A file in pieces, each within its own time-out."""

    def refusal(self, error: BaseException) -> str | None:
        """What to do about an error that another attempt does not mend; None for others."""

    def secrets(self) -> list[str]:
        """What must not be shown."""


class RemoteOrigin:
    """The files of one folder, prefix or container."""

    def __init__(self, server: Server, context: Context) -> None:
        self.server = server
        self.source = context.source
        self.options = context.options
        configured = context.options.settle_seconds
        self.settle_seconds = server.settle_seconds if configured is None else configured
        self._files: AsyncFileSystem | None = None

    @property
    def where(self) -> str:
        """The address, without a password: there is none in it."""
        return self.server.where

    def offered(self) -> list[Offered]:
        """The files of the folder itself, not of folders in it."""
        found = self._attempt("list its files", self._list)
        entries = sorted(found, key=lambda entry: entry.path)
        return [
            Offered(
                posixpath.basename(entry.path),
                entry.version,
                entry.size,
                entry.modified,
                unsettled=unsettled(entry.modified, self.settle_seconds),
            )
            for entry in entries
        ]

    def bring(self, offered: Offered, landing: Path, last: Extracted | None = None) -> Brought:
        """Fetch a file, unless it changes meanwhile."""

        def fetch() -> area.DeliveredFile:
            return self._fetch(offered, landing)

        return Brought(self._attempt("fetch a file", fetch))

    def close(self) -> None:
        """Forget the connection; fsspec closes it."""
        self._files = None

    def _list(self) -> list[Entry]:
        infos = self._call("_ls", self.server.path, detail=True)
        named = [info for info in infos if deliverable(posixpath.basename(info["name"]))]
        links = ("link", "unknown")
        whole = [
            self._call("_info", info["name"]) if info["type"] in links else info for info in named
        ]
        entries = [self.server.entry(info) for info in whole if info["type"] == "file"]
        return [entry for entry in entries if entry is not None]

    def _fetch(self, offered: Offered, landing: Path) -> area.DeliveredFile:
        path = posixpath.join(self.server.path, offered.name)
        size = offered.size or 0
        chunks = self.server.chunks(self._connection(), path, size, self.options.read_seconds)
        try:
            file = area.receive(offered.name, chunks, landing, size)
        except (area.IncompleteError, FileNotFoundError) as error:
            raise StillWrittenError(offered.name) from error
        now = self.server.entry(self._call("_info", path))
        if now is None or now.version != offered.version:
            raise StillWrittenError(offered.name)
        return file

    def _connection(self) -> AsyncFileSystem:
        if self._files is None:
            self._files = self.server.connect()
        return self._files

    def _call(self, method: str, *arguments: object, **named: object) -> Any:
        files = self._connection()
        seconds = self.options.read_seconds
        return sync(files.loop, getattr(files, method), *arguments, timeout=seconds, **named)

    def _attempt(self, what: str, work: Callable[[], _T]) -> _T:
        """Do it, again where the network was at fault; each attempt on a connection that works."""

        def once() -> _T:
            try:
                return work()
            except StillWrittenError:
                raise
            except BaseException:
                self.close()
                raise

        try:
            return attempted(once, self.options.attempts, self.server.refusal)
        except StillWrittenError:
            raise
        except Exception as error:
            if is_local(error):
                raise
            remedy = self.server.refusal(error) or (
                f"tried {self.options.attempts} times; check the network and that the server runs"
            )
            # Without its cause, which may hold what must not be shown.
            raise SourceUnavailableError(
                f"source {self.source}: {self.where} could not {what}"
                f" ({told(error, self.server.secrets())}); {remedy}"
            ) from None


def ranges(files: AsyncFileSystem, path: str, size: int, seconds: float) -> Iterator[bytes]:
    """A file of a server that hands out any part of one."""
    for start in range(0, size, CHUNK):
        end = min(start + CHUNK, size)
        yield sync(files.loop, files._cat_file, path, start=start, end=end, timeout=seconds)
