"""Azure Blob storage, and Data Lake storage by the same interface.

What belongs here: credentials, the container, what its errors mean. What does not: fetching
(remote).
"""

from urllib.parse import urlsplit

from adlfs import AzureBlobFileSystem
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceNotFoundError,
)
from fsspec.asyn import AsyncFileSystem

from orchestration.intake.sources.base import Context, LocationError
from orchestration.intake.sources.object_store import ObjectStore

_FORBIDDEN = 403


class AzureContainer(ObjectStore):
    """One folder of a container."""

    secret_names = ("CONNECTION_STRING", "ACCOUNT_KEY", "SAS_TOKEN")
    modified_key, version_key = "last_modified", "etag"

    def __init__(self, location: str, context: Context) -> None:
        parts = urlsplit(location)
        # abfss://container@account.dfs.core.windows.net/folder is how Azure's portal writes it.
        container, _, host = parts.netloc.partition("@")
        self.account = context.options.account or host.partition(".")[0] or None
        if not container:
            raise LocationError("location names no container; write az://container/folder")
        if not self.account and not context.secret_of("CONNECTION_STRING"):
            raise LocationError(f"set `account`, or {context.variable('CONNECTION_STRING')}")
        super().__init__(container + parts.path, context)
        self.where = f"az://{self.path}{f' of {self.account}' if self.account else ''}"

    def connect(self) -> AsyncFileSystem:
        """A new session, with the source's secrets or the identity of the machine."""
        options = self.context.options
        connection, key, token = (self.context.secret_of(what) for what in self.secret_names)
        return AzureBlobFileSystem(
            account_name=self.account,
            connection_string=connection,
            account_key=key,
            sas_token=token,
            anon=False,
            connection_timeout=int(options.connect_seconds) or 1,
            read_timeout=int(options.read_seconds) or 1,
            assume_container_exists=True,
            use_listings_cache=False,
            skip_instance_cache=True,
        )

    def refusal(self, error: BaseException) -> str | None:
        """What to do where the container does not know us, or is not there."""
        if (
            isinstance(error, ClientAuthenticationError | PermissionError)
            or _status(error) == _FORBIDDEN
        ):
            return "check the key, and that it may list and read the container"
        if isinstance(error, FileNotFoundError | ResourceNotFoundError):
            return "check container and folder in `location`; a folder without files is not there"
        if isinstance(error, ValueError):
            return f"check {self.context.variable('CONNECTION_STRING')} or the account's key"
        return None


def _status(error: BaseException) -> int | None:
    return error.status_code if isinstance(error, HttpResponseError) else None
