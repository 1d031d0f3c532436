"""A web server on loopback that answers as it is told, byte by byte if need be. Not here: any judgement of answers.

One request a connection; each connection is counted before anything of it is read, so it also serves as a trap.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Thread
from typing import Any

_REASONS = {200: "OK", 304: "Not Modified"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request; header names in lower case."""

    target: str
    headers: Mapping[str, str]


Answer = Callable[[Asked], Iterable[bytes]]


def answer(status: int = 200, body: bytes = b"", **headers: str) -> list[bytes]:
    """A whole answer; ``last_modified="..."`` is the header Last-Modified."""
    given = {"Content-Length": str(len(body)), **{name.replace("_", "-").title(): headers[name] for name in headers}}
    lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Said')}", *(f"{name}: {given[name]}" for name in given)]
    return ["\r\n".join([*lines, "Connection: close", "", ""]).encode(), body]


class Published:
    """A context manager. ``asked`` are the requests, ``connections`` how often anybody came, ``sent`` bytes out."""

    def __init__(
        self, says: Answer, *, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
    ) -> None:
        self.says = says
        self.tls = tls
        self.asked: list[Asked] = []
        self.connections = 0
        self.sent = 0
        self.over = Event()  # answers that drip wait on it
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        server = type("Server", (_Server,), {"address_family": family, "published": self})
        self._server = server((host, port), _Handler)
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def url(self, path: str = "/calendar.ics", host: str = "127.0.0.1") -> str:
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{path}"

    def __enter__(self) -> Published:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingTCPServer):
    allow_reuse_address = True
    published: Published

    def get_request(self) -> tuple[socket.socket, Any]:
        found = super().get_request()
        self.published.connections += 1
        return found

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up in the middle is part of the play."""


class _Handler(StreamRequestHandler):
    server: _Server

    def setup(self) -> None:
        published = self.server.published
        self.request.settimeout(10)
        if published.tls:
            self.request = published.tls.wrap_socket(self.request, server_side=True, suppress_ragged_eofs=True)
        super().setup()

    def handle(self) -> None:
        published = self.server.published
        lines: list[str] = []
        while line := self.rfile.readline().decode("latin-1").rstrip("\r\n"):
            lines.append(line)
        if not lines:
            return
        headers = dict(line.split(": ", 1) for line in lines[1:])
        asked = Asked(lines[0].split(" ")[1], {name.lower(): headers[name] for name in headers})
        published.asked.append(asked)
        for chunk in published.says(asked):
            self.wfile.write(chunk)
            published.sent += len(chunk)

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()
        if isinstance(self.request, ssl.SSLSocket):
            self.request.close()
