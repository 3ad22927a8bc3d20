"""The landing area: an untouched copy of every delivered file, kept by its content.

What belongs here: finding delivered files, copying them, their hash, size and encoding.
What does not: what is in them. This is the only place outside the sources that holds CPR numbers.
"""

import codecs
import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_CHUNK = 1 << 20


class UnknownEncodingError(ValueError):
    """None of the profile's encodings can decode the file."""


@dataclass(frozen=True)
class DeliveredFile:
    """One file of a delivery: its name, where its copy lies, and what identifies it."""

    name: str
    path: Path
    sha256: str
    bytes: int


def delivered(folder: Path) -> list[Path]:
    """The files of a delivery in order of name; hidden and unfinished files are left alone."""
    unfinished = {".part", ".tmp", ".filepart", ".crdownload"}
    return sorted(
        path
        for path in folder.iterdir()
        if path.is_file()
        and not path.name.startswith((".", "~"))
        and path.suffix.casefold() not in unfinished
    )


def content_hash(path: Path) -> str:
    """The SHA-256 of a file, in bounded memory."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def land(path: Path, landing: Path) -> DeliveredFile:
    """Copy a delivered file into `landing`, unless the same content lies there already.

    The copy is hashed again after it was written, so that a source which changes the file while
    it is read is noticed and not half loaded.
    """
    digest = content_hash(path)
    target = landing / digest[:2] / digest / path.name
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(target.name + ".part")
        shutil.copyfile(path, partial)
        digest_of_copy = content_hash(partial)
        if digest_of_copy != digest:
            partial.unlink()
            raise OSError(f"{path.name} changed while it was copied; it is still being written")
        partial.replace(target)
    return DeliveredFile(path.name, target, digest, target.stat().st_size)


def encoding_of(path: Path, candidates: tuple[str, ...]) -> str:
    """The first of `candidates` that decodes the whole file. Raises UnknownEncodingError."""
    for encoding in candidates:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            for chunk in _chunks(path):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise UnknownEncodingError(", ".join(candidates))


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            yield chunk
