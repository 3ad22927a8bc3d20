"""The landing area: an untouched copy of every delivered file, kept by its content.

What belongs here: taking delivered files in, their hash, size and encoding. What does not: where
they come from (sources), what is in them. This is the only place of ours that holds CPR numbers.
"""

import codecs
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_CHUNK = 1 << 20
_START = 4096
"""The bytes at the beginning of a file by which its encoding is told."""
_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_WIDE = {"utf-16", *_MARKS.values()}


class UnknownEncodingError(ValueError):
    """None of the profile's encodings can decode the file."""


@dataclass(frozen=True)
class DeliveredFile:
    """One file of a delivery: its name, where its copy lies, and what identifies it."""

    name: str
    path: Path
    sha256: str
    bytes: int


class IncompleteError(OSError):
    """A file that did not come as long as it was announced; nothing of it was kept."""


def receive(
    name: str, chunks: Iterable[bytes], landing: Path, size: int | None = None
) -> DeliveredFile:
    """Land a delivered file from its pieces, hashed while it is written.

    What breaks off never takes its place: it is written aside first. Raises IncompleteError where
    the pieces are not `size` bytes in all.
    """
    partial = scratch(landing) / "incoming.part"
    digest = hashlib.sha256()
    try:
        with partial.open("wb") as handle:
            for chunk in chunks:
                digest.update(chunk)
                handle.write(chunk)
            written = handle.tell()
        if size is not None and written != size:
            raise IncompleteError(f"{written} of {size} bytes")
        return _placed(name, partial, digest.hexdigest(), landing)
    finally:
        partial.unlink(missing_ok=True)


def in_place(path: Path) -> DeliveredFile:
    """A file of our own that is read where it lies."""
    return DeliveredFile(path.name, path, _digest(path), path.stat().st_size)


def adopt(name: str, path: Path, landing: Path) -> DeliveredFile:
    """Land a finished file of this machine by moving it."""
    return _placed(name, path, _digest(path), landing)


def remembered(name: str, sha256: str, landing: Path, size: int) -> DeliveredFile:
    """A file whose content is known; its copy need not lie there any more."""
    return DeliveredFile(name, _place(name, sha256, landing), sha256, size)


def landed(name: str, sha256: str, landing: Path) -> DeliveredFile | None:
    """The copy of a file that lies there already; None where it does not, or no longer."""
    path = _place(name, sha256, landing)
    return DeliveredFile(name, path, sha256, path.stat().st_size) if path.is_file() else None


def scratch(landing: Path) -> Path:
    """The folder for what is not finished; emptied between runs."""
    folder = landing / "scratch"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _digest(path: Path) -> str:
    """The SHA-256 of a file, in bounded memory."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _place(name: str, sha256: str, landing: Path) -> Path:
    return landing / sha256[:2] / sha256 / name


def _placed(name: str, path: Path, sha256: str, landing: Path) -> DeliveredFile:
    target = _place(name, sha256, landing)
    target.parent.mkdir(parents=True, exist_ok=True)
    path.replace(target)
    return DeliveredFile(name, target, sha256, target.stat().st_size)


def encoding_of(path: Path, candidates: tuple[str, ...]) -> str:
    """The first of `candidates` that decodes the whole file. Raises UnknownEncodingError.

    UTF-16 would decode nearly any bytes, and an eight-bit encoding any UTF-16: where a candidate
    is UTF-16, the byte order mark or the zeros beside plain letters decide between them. A file
    with that mark is told to be `utf-16`, so that it is no part of the text.
    """
    for encoding in _likely(path, candidates):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            for chunk in _chunks(path):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise UnknownEncodingError(", ".join(candidates))


def _likely(path: Path, candidates: tuple[str, ...]) -> list[str]:
    """The candidates that the first bytes of the file allow."""
    wide = [name for name in candidates if codecs.lookup(name).name in _WIDE]
    if not wide:
        return list(candidates)
    with path.open("rb") as handle:
        start = handle.read(_START)
    order = byte_order(start)
    if not order:
        return [name for name in candidates if name not in wide]
    if start[:2] in _MARKS:
        fit = any(codecs.lookup(name).name in ("utf-16", order) for name in wide)
        return ["utf-16"] if fit else []
    return [name for name in wide if codecs.lookup(name).name == order]


def byte_order(start: bytes) -> str:
    """The UTF-16 encoding that the first bytes of a file show; empty where they show none."""
    if start[:2] in _MARKS:
        return _MARKS[start[:2]]
    low, high = start[0::2].count(0), start[1::2].count(0)
    pairs = len(start) // 2
    if max(low, high) * 2 <= pairs or min(low, high) * 10 > pairs:
        return ""
    return "utf-16-le" if high > low else "utf-16-be"


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            yield chunk
