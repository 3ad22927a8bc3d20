"""A folder of this machine, or a share that is mounted there.

What belongs here: listing and copying. What does not: fetching over a network (remote).
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from os import stat_result
from pathlib import Path

from orchestration.intake import landing as area
from orchestration.intake.sources.base import (
    Brought,
    Offered,
    SourceUnavailableError,
    StillWrittenError,
    deliverable,
    unsettled,
)
from orchestration.intake.sources.remembered import Extracted

_CHUNK = 1 << 20


class FolderOrigin:
    """The files of one folder."""

    def __init__(self, folder: Path, source: str = "", settle_seconds: int = 0) -> None:
        self.folder = folder
        self.source = source
        self.settle_seconds = settle_seconds

    @property
    def where(self) -> str:
        """The folder's path."""
        return f"the folder {self.folder}"

    def offered(self) -> list[Offered]:
        """The files of the folder itself, not of folders in it."""
        try:
            if not self.folder.is_dir():
                raise SourceUnavailableError(
                    f"source {self.source}: the folder {self.folder} is not there; "
                    "check `location` in raaderum.toml, or that the share is connected"
                )
            paths = sorted(path for path in self.folder.iterdir() if deliverable(path.name))
            return [self._offer(path) for path in paths if path.is_file()]
        except OSError as error:
            raise SourceUnavailableError(
                f"source {self.source}: the folder {self.folder} cannot be read"
                f" ({error.strerror}); check that the share is connected and may be read"
            ) from None

    def bring(self, offered: Offered, landing: Path, last: Extracted | None = None) -> Brought:
        """Copy a file, unless it changes meanwhile."""
        path = self.folder / offered.name
        try:
            file = area.receive(offered.name, _chunks(path), landing, offered.size)
            if _version(path.stat()) != offered.version:
                raise area.IncompleteError
        except (area.IncompleteError, FileNotFoundError) as error:
            raise StillWrittenError(offered.name) from error
        return Brought(file)

    def close(self) -> None:
        """Nothing is held open."""

    def _offer(self, path: Path) -> Offered:
        stat = path.stat()
        modified = datetime.fromtimestamp(stat.st_mtime, UTC)
        return Offered(
            path.name,
            _version(stat),
            stat.st_size,
            modified,
            unsettled=unsettled(modified, self.settle_seconds),
        )


def _version(stat: stat_result) -> str:
    """The moment of the last change to the file is its own; where a system has one, so is that to
    its entry in the folder, which nobody can set back."""
    return f"{stat.st_size}-{stat.st_mtime_ns}-{stat.st_ctime_ns}"


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            yield chunk
