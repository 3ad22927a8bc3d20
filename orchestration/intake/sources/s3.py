"""S3, and what speaks it: MinIO, Ceph and others by `endpoint_url`.

What belongs here: credentials, the bucket, what its errors mean. What does not: fetching (remote).
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError, NoCredentialsError, PartialCredentialsError
from fsspec.asyn import AsyncFileSystem
from s3fs import S3FileSystem

from orchestration.intake.sources.base import Context, LocationError
from orchestration.intake.sources.remote import Entry, ranges

_SECRETS = ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN")


class S3Bucket:
    """One prefix of a bucket. Objects appear whole, so none has to settle."""

    settle_seconds = 0

    def __init__(self, location: str, context: Context) -> None:
        parts = urlsplit(location)
        if not parts.netloc or "@" in parts.netloc:
            raise LocationError("location names no bucket; write s3://bucket/folder")
        self.context = context
        self.path = (parts.netloc + parts.path).rstrip("/")
        if bool(context.secret_of("ACCESS_KEY_ID")) != bool(context.secret_of("SECRET_ACCESS_KEY")):
            needed = " and ".join(context.variable(what) for what in _SECRETS[:2])
            raise LocationError(f"set both {needed}, or neither")
        endpoint = context.options.endpoint_url
        self.where = f"s3://{self.path}{f' at {endpoint}' if endpoint else ''}"

    def connect(self) -> AsyncFileSystem:
        """A new session, with the source's secrets or what the machine offers.

        That is AWS's own chain: its environment variables, its files, the role of the machine.
        """
        options = self.context.options
        key, secret, token = (self.context.secret_of(what) for what in _SECRETS)
        return S3FileSystem(
            key=key,
            secret=secret,
            token=token,
            endpoint_url=options.endpoint_url,
            client_kwargs={"region_name": options.region} if options.region else {},
            config_kwargs={
                "connect_timeout": options.connect_seconds,
                "read_timeout": options.read_seconds,
                # Attempts are counted in one place.
                "retries": {"total_max_attempts": 1},
            },
            use_listings_cache=False,
            skip_instance_cache=True,
        )

    def entry(self, info: dict[str, Any]) -> Entry | None:
        """What the bucket says of an object. Markers of folders are none."""
        path = str(info["name"])
        if path.endswith("/") or path == self.path:
            return None
        return Entry(path, int(info["size"]), info["LastModified"], str(info["ETag"]))

    def chunks(
        self, files: AsyncFileSystem, path: str, size: int, seconds: float
    ) -> Iterator[bytes]:
        """The object in pieces."""
        return ranges(files, path, size, seconds)

    def refusal(self, error: BaseException) -> str | None:
        """What to do where the bucket does not know us, or is not there."""
        code = _code(error)
        if isinstance(error, NoCredentialsError | PartialCredentialsError):
            needed = " and ".join(self.context.variable(what) for what in _SECRETS[:2])
            return f"set {needed}, or give the machine a role"
        if isinstance(error, PermissionError) or code in ("403", "AccessDenied"):
            return "check the key and that it may list and read the bucket"
        if isinstance(error, FileNotFoundError) or code in ("404", "NoSuchBucket"):
            return "check bucket and folder in `location`; a folder without files is not there"
        return None

    def secrets(self) -> list[str]:
        """The keys."""
        return [found for what in _SECRETS if (found := self.context.secret_of(what))]


def _code(error: BaseException) -> str:
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else ""
