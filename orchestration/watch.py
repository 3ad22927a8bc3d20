"""Whether a new delivery lies ready: for the sensor that starts a night when files arrive.

What belongs here: waiting until files settle, and the key that names a delivery. What does not:
Dagster's sensor (jobs), fetching and loading.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from orchestration.intake.arrivals import Source
from orchestration.intake.sources.base import Offered
from orchestration.intake.sources.folder import FolderOrigin


@dataclass(frozen=True)
class Watched:
    """What was seen at the look before, what of it was read, its content, and the last key."""

    seen: str = ""
    read: str = ""
    content: str = ""
    key: str = ""

    def as_text(self) -> str:
        """For the sensor's cursor."""
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, cursor: str | None) -> "Watched":
        """From the sensor's cursor; the beginning where there is none."""
        return cls(**json.loads(cursor)) if cursor else cls()


@dataclass(frozen=True)
class Arrival:
    """What to remember, and whether a new delivery is there; if not, why."""

    remember: Watched
    new: bool
    reason: str = ""


def arrival(sources: Sequence[Source], before: Watched) -> Arrival:
    """Look at every source once.

    A delivery counts when two looks find the same and no file was changed just now: one run for
    all files of an evening, none for half of them. The key is made of the content and of the key
    before it: the same files again start nothing, an earlier delivery that comes back does. Where
    content cannot be had without fetching (servers), the version that the server tells stands for
    it; a database tells none and is not watched. Raises SourceUnavailableError.
    """
    offered = [(source, item) for source in sources for item in source.origin.offered()]
    if not offered:
        return Arrival(before, False, "no file is there")
    seen = _hash(
        [f"{source.name}/{item.name}/{item.version}/{item.size}" for source, item in offered]
    )
    if seen != before.seen or any(item.unsettled for _, item in offered):
        return Arrival(replace(before, seen=seen), False, "files are still arriving")
    if seen == before.read:
        return Arrival(before, False, "no file has changed")
    content = _hash([f"{source.name}/{_content(source, item)}" for source, item in offered])
    read = replace(before, read=seen, content=content)
    if content == before.content:
        return Arrival(read, False, "the same files came again")
    return Arrival(replace(read, key=_hash([before.key, content])), True)


def _content(source: Source, item: Offered) -> str:
    if isinstance(source.origin, FolderOrigin):
        with (source.origin.folder / item.name).open("rb") as handle:
            return f"{item.name}/{hashlib.file_digest(handle, 'sha256').hexdigest()}"
    return f"{item.name}/{item.version}"


def _hash(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
