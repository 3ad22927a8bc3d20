"""A mail server and a webhook that really take alerts, and keep what they were sent.

What belongs here: receiving. What does not: what an alert says.
"""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.servers.postgresql import free_port


@dataclass
class Received:
    """Where a server listens, and the texts that it was sent."""

    url: str = ""
    texts: list[str] = field(default_factory=list)
    payloads: list[dict] = field(default_factory=list)
    attachments: list[dict[str, bytes]] = field(default_factory=list)
    refuse: bool = False


@contextmanager
def mail_server() -> Iterator[Received]:
    """An SMTP server; each text is subject and body."""
    received = Received()

    class Handler:
        async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802
            assert isinstance(envelope.content, bytes)
            message = message_from_bytes(envelope.content, policy=policy.default)
            body = message.get_body(("plain", "html"))
            assert body is not None
            if received.refuse:
                return "451 try again later"
            received.texts.append(f"{message['subject']}\n{body.get_content()}")
            files = {part.get_filename(): part.get_content() for part in message.iter_attachments()}
            received.attachments.append(files)
            return "250 taken"

    server = Controller(Handler(), hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        received.url = f"mailto://127.0.0.1:{server.port}?from=night@example.dk&to=duty@example.dk"
        yield received
    finally:
        server.stop()


@contextmanager
def webhook(folder: Path, tls: bool) -> Iterator[Received]:
    """A server that takes JSON; with `tls` as Teams' workflows do, by a certificate of its own."""
    received = Received()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            payload = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if not received.refuse:
                received.payloads.append(payload)
                received.texts.append(json.dumps(payload, ensure_ascii=False))
            self.send_response(503 if received.refuse else 202)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    port = server.server_address[1]
    received.url = f"json://127.0.0.1:{port}/alerts"
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(_certificate(folder))
        server.socket = context.wrap_socket(server.socket, server_side=True)
        received.url = f"workflows://127.0.0.1:{port}/{'a' * 32}/{'b' * 32}?verify=no"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield received
    finally:
        server.shutdown()
        server.server_close()


def _certificate(folder: Path) -> Path:
    """A certificate of its own making, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = folder / "webhook.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path
