"""Finding persons in files of any kind: delivered copies, logs, the orchestrator's storage.

What belongs here: looking through a file for CPR numbers and pseudonyms. What does not: what
becomes of a file that holds one.
"""

import gzip
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import duckdb

_CHUNK = 1 << 20
_OVERLAP = 64
_NUMBER = re.compile(rb"(?<![0-9])[0-9]{5,6}[ ./-]{0,3}[0-9A-Za-z]{4}(?![0-9])")
_TOKEN = re.compile(rb"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
_SEPARATORS = re.compile(rb"[ ./-]")
_ZIP, _GZIP, _PARQUET = b"PK\x03\x04", b"\x1f\x8b", b"PAR1"
_SEALED_FORMATS = (b"\xd0\xcf\x11\xe0",)
"""Formats whose content is packed in a way that is not searched (Excel's before 2007)."""


class NotSearchableError(ValueError):
    """A file whose content cannot be looked through; treat it as if it held everybody."""


@dataclass(frozen=True)
class Wanted:
    """CPR numbers (ten signs) and pseudonyms (32 hexadecimal digits) to look for."""

    marks: frozenset[bytes]

    @staticmethod
    def of(numbers: list[str], tokens: list[str]) -> "Wanted":
        """What to look for."""
        return Wanted(frozenset(mark.encode() for mark in (*numbers, *tokens)))

    def found_in(self, content: bytes) -> bool:
        """Whether one of them stands in `content`, whatever its hyphen or lost leading zero."""
        # UTF-16 writes a plain sign as itself and a zero byte.
        plain = content.replace(b"\0", b"")
        return any(self._is_wanted(match) for match in _NUMBER.findall(plain)) or any(
            match in self.marks for match in _TOKEN.findall(plain)
        )

    def _is_wanted(self, match: bytes) -> bool:
        bare = _SEPARATORS.sub(b"", match).upper()
        return bare in self.marks or b"0" + bare in self.marks


def holds(path: Path, wanted: Wanted) -> bool:
    """Whether a file, or what is packed in it, names one of the wanted. Its name counts too.

    Raises NotSearchableError.
    """
    if wanted.found_in(path.name.encode()):
        return True
    try:
        return any(wanted.found_in(piece) for piece in _pieces(path))
    except (OSError, EOFError, zipfile.BadZipFile, RuntimeError, duckdb.Error) as error:
        raise NotSearchableError(path.name) from error


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as handle:
        head = handle.read(4)
        handle.seek(0)
        if head in _SEALED_FORMATS:
            raise NotSearchableError(path.name)
        if head == _ZIP:
            with zipfile.ZipFile(handle) as archive:
                for name in archive.namelist():
                    yield name.encode()
                    with archive.open(name) as member:
                        yield from _member(cast(BinaryIO, member))
        elif head.startswith(_GZIP):
            with gzip.open(handle) as member:
                yield from _chunks(cast(BinaryIO, member))
        elif head == _PARQUET:
            yield from _parquet(path)
        else:
            yield from _chunks(handle)


def _member(handle: BinaryIO) -> Iterator[bytes]:
    """A packed file; one that is packed itself is not followed further."""
    first = handle.read(_CHUNK)
    if first.startswith((_ZIP, _GZIP, _PARQUET, *_SEALED_FORMATS)):
        raise NotSearchableError("a packed file in a packed file")
    yield first
    yield from _chunks(handle, first[-_OVERLAP:])


def _chunks(handle: BinaryIO, before: bytes = b"") -> Iterator[bytes]:
    """The content in pieces that overlap, so that nothing is cut in two unseen."""
    while chunk := handle.read(_CHUNK):
        yield before + chunk
        before = chunk[-_OVERLAP:]


def _parquet(path: Path) -> Iterator[bytes]:
    with duckdb.connect() as connection:
        found = connection.execute("from read_parquet(?)", [str(path)])
        while rows := found.fetchmany(10_000):
            yield repr(rows).encode()
