"""Deliveries that come packed: the files inside a .zip or .gz stand beside those that do not.

What belongs here: listing and unpacking members, of whatever source. What does not: reading them
(files), and workbooks, which are archives of another kind.

An archive is fetched into the scratch folder and is gone when the source is closed, so that the
landing area holds the files themselves and a person can be found in them. What cannot be unpacked
is landed as it came, under the name of what should be in it: reading it says what is wrong.
"""

import gzip
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, cast

from orchestration.intake import landing as area
from orchestration.intake.file_names import packed_name
from orchestration.intake.files.kinds import BROKEN_ARCHIVE
from orchestration.intake.landing import DeliveredFile
from orchestration.intake.sources.base import (
    Brought,
    Offered,
    Origin,
    StillWrittenError,
    deliverable,
)
from orchestration.intake.sources.remembered import Extracted

_CHUNK = 1 << 20
_SHARE_OF_DISK = 0.5
"""What is packed may fill this share of the free disk; more is taken for a bomb."""
_BROKEN = (*BROKEN_ARCHIVE, gzip.BadGzipFile)


@dataclass(frozen=True)
class _Member:
    """One file inside an archive; `inside` is its name there, empty for a .gz."""

    archive: Offered
    inside: str


class UnpackedOrigin:
    """A source whose archives are seen as the files inside them."""

    def __init__(self, origin: Origin, landing: Path) -> None:
        self._origin = origin
        self._landing = landing
        self._members: dict[str, _Member] = {}
        self._fetched: dict[str, DeliveredFile] = {}

    @property
    def where(self) -> str:
        """Where it is, for messages."""
        return self._origin.where

    def offered(self) -> list[Offered]:
        """What is ready to be fetched; the members of an archive instead of the archive."""
        return [one for item in self._origin.offered() for one in self._opened(item)]

    def bring(self, offered: Offered, landing: Path, last: Extracted | None) -> Brought:
        """Copy one of them into the landing area."""
        member = self._members.get(offered.name)
        if member is None:
            return self._origin.bring(offered, landing, last)
        archive = self._archive(member.archive)
        try:
            with _inside(archive.path, member) as packed:
                return Brought(area.receive(offered.name, self._bounded(packed), landing))
        except _BROKEN:
            with archive.path.open("rb") as whole:
                return Brought(area.receive(offered.name, _chunks(whole), landing))

    def close(self) -> None:
        """Let go of connections and of the fetched archives."""
        self._origin.close()
        self._fetched.clear()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _folder(self) -> Path:
        return self._landing / "scratch" / "archives"

    def _opened(self, item: Offered) -> Iterator[Offered]:
        suffix = Path(item.name).suffix.casefold()
        if suffix == ".gz":
            yield self._noted(item, "", Path(item.name).stem, "")
        elif suffix == ".zip" and not item.unsettled:
            yield from self._listed(item)
        else:
            yield item

    def _listed(self, item: Offered) -> Iterator[Offered]:
        """The files in a .zip; the .zip itself where it holds none, or cannot be listed."""
        try:
            path = self._archive(item).path
        except StillWrittenError:
            yield replace(item, unsettled=True)
            return
        try:
            with zipfile.ZipFile(path) as archive:
                found = [one for one in archive.infolist() if _counts(one)]
        except _BROKEN:
            found = []
        if not found or len({one.filename for one in found}) < len(found):
            yield item
        for one in sorted(found, key=lambda one: one.filename):
            yield self._noted(item, one.filename, one.filename, f"|{one.CRC}|{one.file_size}")

    def _noted(self, item: Offered, inside: str, own: str, content: str) -> Offered:
        name = packed_name(item.name, own)
        self._members[name] = _Member(item, inside)
        version = item.version + content if item.version else ""
        return Offered(name, version, None, item.modified, item.unsettled)

    def _archive(self, item: Offered) -> DeliveredFile:
        if item.name not in self._fetched:
            file = self._origin.bring(item, self._folder, None).file
            if file is None:
                raise StillWrittenError(item.name)
            self._fetched[item.name] = file
        return self._fetched[item.name]

    def _bounded(self, packed: BinaryIO) -> Iterator[bytes]:
        """The unpacked bytes; raises BadZipFile where they would fill the disk."""
        left = int(shutil.disk_usage(self._landing).free * _SHARE_OF_DISK)
        for chunk in _chunks(packed):
            left -= len(chunk)
            if left < 0:
                raise zipfile.BadZipFile("larger than the disk has room for")
            yield chunk


def _counts(member: zipfile.ZipInfo) -> bool:
    """Whether a member is a delivery: no folder, no hidden file, none of a Mac's own."""
    own = member.filename.replace("\\", "/")
    return not member.is_dir() and not own.startswith("__MACOSX/") and deliverable(own)


@contextmanager
def _inside(path: Path, member: _Member) -> Iterator[BinaryIO]:
    if not member.inside:
        with gzip.open(path, "rb") as handle:
            yield cast(BinaryIO, handle)
        return
    with zipfile.ZipFile(path) as archive, archive.open(member.inside) as handle:
        yield cast(BinaryIO, handle)


def _chunks(handle: BinaryIO) -> Iterator[bytes]:
    while chunk := handle.read(_CHUNK):
        yield chunk
