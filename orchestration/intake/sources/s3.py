"""S3, and what speaks it: MinIO, Ceph and others by `endpoint_url`.

What belongs here: credentials, the bucket, what its errors mean. What does not: fetching (remote).
"""

from urllib.parse import urlsplit

from botocore.exceptions import ClientError, NoCredentialsError, PartialCredentialsError
from fsspec.asyn import AsyncFileSystem
from s3fs import S3FileSystem

from orchestration.intake.sources.base import Context, LocationError
from orchestration.intake.sources.object_store import ObjectStore


class S3Bucket(ObjectStore):
    """One prefix of a bucket."""

    secret_names = ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN")
    modified_key, version_key = "LastModified", "ETag"

    def __init__(self, location: str, context: Context) -> None:
        parts = urlsplit(location)
        if not parts.netloc or "@" in parts.netloc:
            raise LocationError("location names no bucket; write s3://bucket/folder")
        super().__init__(parts.netloc + parts.path, context)
        if bool(context.secret_of("ACCESS_KEY_ID")) != bool(context.secret_of("SECRET_ACCESS_KEY")):
            needed = " and ".join(context.variable(what) for what in self.secret_names[:2])
            raise LocationError(f"set both {needed}, or neither")
        endpoint = context.options.endpoint_url
        self.where = f"s3://{self.path}{f' at {endpoint}' if endpoint else ''}"

    def connect(self) -> AsyncFileSystem:
        """A new session, with the source's secrets or what the machine offers.

        That is AWS's own chain: its environment variables, its files, the role of the machine.
        """
        options = self.context.options
        key, secret, token = (self.context.secret_of(what) for what in self.secret_names)
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

    def refusal(self, error: BaseException) -> str | None:
        """What to do where the bucket does not know us, or is not there."""
        code = _code(error)
        if isinstance(error, NoCredentialsError | PartialCredentialsError):
            needed = " and ".join(self.context.variable(what) for what in self.secret_names[:2])
            return f"set {needed}, or give the machine a role"
        if isinstance(error, PermissionError) or code in ("403", "AccessDenied"):
            return "check the key and that it may list and read the bucket"
        if isinstance(error, FileNotFoundError) or code in ("404", "NoSuchBucket"):
            return "check bucket and folder in `location`; a folder without files is not there"
        return None


def _code(error: BaseException) -> str:
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else ""
