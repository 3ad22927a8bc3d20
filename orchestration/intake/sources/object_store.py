"""What S3 and Azure Blob storage have in common: objects under a path, keys as secrets.

What belongs here: listing entries, pieces of an object, the secrets. What does not: credentials of
either, and what its errors mean (s3, azure).
"""

from collections.abc import Iterator
from typing import Any

from fsspec.asyn import AsyncFileSystem

from orchestration.intake.sources.base import Context
from orchestration.intake.sources.remote import Entry, ranges


class ObjectStore:
    """One folder of a bucket or container. Objects appear whole, so none has to settle."""

    settle_seconds = 0
    secret_names: tuple[str, ...]
    modified_key: str
    version_key: str
    """What the service calls the moment of the last change, and the version of the content."""

    def __init__(self, path: str, context: Context) -> None:
        self.path = path.rstrip("/")
        self.context = context

    def entry(self, info: dict[str, Any]) -> Entry | None:
        """What the service says of an object. Markers of folders are none."""
        path = str(info["name"])
        if path.endswith("/") or path == self.path:
            return None
        modified, version = info[self.modified_key], str(info[self.version_key])
        return Entry(path, int(info["size"]), modified, version)

    def chunks(
        self, files: AsyncFileSystem, path: str, size: int, seconds: float
    ) -> Iterator[bytes]:
        """The object in pieces."""
        return ranges(files, path, size, seconds)

    def secrets(self) -> list[str]:
        """The keys."""
        return [found for what in self.secret_names if (found := self.context.secret_of(what))]
