"""Servers that speak S3 and Azure Blob storage, on the loopback interface.

What belongs here: starting, stopping, filling. What does not: what is delivered.
"""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
from azure.storage.blob import BlobServiceClient
from moto.server import ThreadedMotoServer

from tests.servers.postgresql import free_port

KEY, SECRET = "the-key", "the-secret"
# The account and key that every installation of the emulator has.
_ACCOUNT = "devstoreaccount1"
_ACCOUNT_KEY = (
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)


@dataclass
class Bucket:
    """One bucket of a running server."""

    endpoint: str

    def put(self, key: str, content: bytes) -> None:
        self._client().put_object(Bucket="deliveries", Key=key, Body=content)

    def make(self) -> None:
        self._client().create_bucket(Bucket="deliveries")

    def _client(self) -> object:
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            region_name="us-east-1",
        )


@contextmanager
def s3() -> Iterator[Bucket]:
    """A server with an empty bucket `deliveries`."""
    port = free_port()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    bucket = Bucket(f"http://127.0.0.1:{port}")
    bucket.make()
    try:
        yield bucket
    finally:
        server.stop()


def azurite() -> str | None:
    """The emulator of Azure's storage; None where it is not installed."""
    return shutil.which("azurite-blob")


@dataclass
class Container:
    """One container of a running emulator."""

    connection: str

    def put(self, name: str, content: bytes) -> None:
        with BlobServiceClient.from_connection_string(self.connection) as service:
            service.get_blob_client("deliveries", name).upload_blob(content, overwrite=True)

    def make(self) -> None:
        with BlobServiceClient.from_connection_string(self.connection) as service:
            service.create_container("deliveries")


@contextmanager
def azure(folder: Path) -> Iterator[Container]:
    """A running emulator with an empty container `deliveries`."""
    port = free_port()
    program = azurite()
    assert program is not None
    command = [program, "--location", str(folder), "--blobHost", "127.0.0.1"]
    command += ["--blobPort", str(port), "--skipApiVersionCheck", "--disableTelemetry"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        for line in server.stdout:
            if "successfully listens" in line:
                break
        container = Container(
            f"DefaultEndpointsProtocol=http;AccountName={_ACCOUNT};AccountKey={_ACCOUNT_KEY};"
            f"BlobEndpoint=http://127.0.0.1:{port}/{_ACCOUNT};"
        )
        container.make()
        try:
            yield container
        finally:
            server.terminate()
