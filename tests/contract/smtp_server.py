"""A real SMTP server on loopback (aiosmtpd) that keeps what it gets. Not here: servers that break off (see faults)."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult


class Box:
    """aiosmtpd's handler: (recipient, bytes) of each mail; ``says`` gives other answers, by verb."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, bytes]] = []
        self.peers: set[Any] = set()
        self.encrypted: set[bool] = set()
        self.users: list[str] = []
        self.says: dict[str, str] = {}

    def arrived(self, partner: str) -> list[bytes]:
        return [data for recipient, data in self.mails if recipient == f"{partner}@example.org"]

    async def handle_MAIL(self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        envelope.mail_from = address
        return self.says.get("MAIL", "250 2.1.0 fine")

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if address in self.says or "RCPT" in self.says:
            return self.says.get(address) or self.says["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 fine"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        if "DATA" in self.says:
            return self.says["DATA"]
        self.mails += [(address, envelope.content) for address in envelope.rcpt_tos]
        self.peers.add(session.peer)
        self.encrypted.add(session.ssl is not None)
        return "250 2.0.0 kept for sam@example.org"

    def knows(self, server: SMTP, session: Any, envelope: Any, mechanism: str, auth: Any) -> AuthResult:
        self.users.append(auth.login.decode())
        return AuthResult(success=auth.password == b"pass word", handled=False)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def smtp_server(box: Box, **options: Any) -> Iterator[int]:
    """The port of a server that runs inside the block; ``options`` are aiosmtpd's."""
    # aiosmtpd warns of a login over an open connection, which is just what some of these tests are about.
    login = {"authenticator": box.knows, "auth_require_tls": "tls_context" in options}
    controller = Controller(box, hostname="127.0.0.1", port=free_port(), **{**login, **options})
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def make_certificate(folder: Path) -> Path:
    """A key, a certificate for localhost and the authority that vouches for it, in one file."""
    authority = trustme.CA()
    issued = authority.issue_cert("localhost", "127.0.0.1")
    blobs = [issued.private_key_pem, *issued.cert_chain_pems, authority.cert_pem]
    file = folder / "localhost.pem"
    file.write_bytes(b"".join(blob.bytes() for blob in blobs))
    return file


def tls_of(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
