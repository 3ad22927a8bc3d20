"""What of a delivery has to be read, and in which order.

What belongs here: comparing the files that lie at the source with those that were loaded before.
What does not: fetching files (landing), reading them (entity_load), what their rows replace
(comparison, and the warehouse's macro `current_rows`).
"""

from dataclasses import dataclass

from orchestration.intake.cpr import mask
from orchestration.intake.landing import DeliveredFile
from orchestration.intake.profiles import Delivery
from orchestration.intake.raw_store import LoadedFile

_NOW = 1 << 62
"""The round of what was never read: after everything that was."""


@dataclass(frozen=True)
class Batch:
    """Files of one entity that one load reads, oldest delivery first.

    `rounds` says of each file with which delivery it came: files of one round are parts of one
    delivery, and a later round replaces what an earlier one said.
    """

    files: tuple[DeliveredFile, ...]
    rounds: tuple[int, ...]


def to_read(
    delivery: Delivery,
    files: list[DeliveredFile],
    before: list[LoadedFile],
    reading_hash: str,
) -> Batch | None:
    """Of a snapshot all its files or none; otherwise the files that are new or read anew.

    `before` holds the entity's loaded files, oldest first. A file that lay there before under the
    same name and content is no delivery, and the same content under another name is no news.
    Files that new code or another profile has to read again keep their order of arrival.
    """
    if delivery == "snapshot":
        return _snapshot(files, before, reading_hash)
    newest = {file.name: file for file in before}
    first_seen: dict[str, int] = {}
    for earlier in before:
        first_seen.setdefault(earlier.sha256, earlier.load_seq)
    read = {file.sha256 for file in before if file.reading_hash == reading_hash}
    found = []
    for file in files:
        known = newest.get(mask(file.name))
        if known and known.sha256 == file.sha256:
            if known.reading_hash != reading_hash:
                found.append((known.load_seq, file))
        elif known:
            found.append((_NOW, file))
        elif file.sha256 not in read:
            found.append((first_seen.get(file.sha256, _NOW), file))
    found.sort(key=lambda item: (item[0], item[1].name))
    return _batch(found)


def _snapshot(
    files: list[DeliveredFile], before: list[LoadedFile], reading_hash: str
) -> Batch | None:
    last = [file for file in before if file.load_seq == before[-1].load_seq]
    now = {(mask(file.name), file.sha256) for file in files}
    unchanged = now == {(file.name, file.sha256) for file in last}
    if last and unchanged and last[0].reading_hash == reading_hash:
        return None
    return _batch([(_NOW, file) for file in files])


def _batch(found: list[tuple[int, DeliveredFile]]) -> Batch | None:
    if not found:
        return None
    order = sorted({number for number, _ in found})
    return Batch(
        files=tuple(file for _, file in found),
        rounds=tuple(order.index(number) for number, _ in found),
    )
