"""HTTP on loopback. Not here: what is answered (service)."""

from __future__ import annotations

import json
import socket
import struct
import sys
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

from tests.servers.google.answers import Answer
from tests.servers.google.service import Raw, Service
from tests.servers.google.trouble import Silence


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    # With the usual 5, a burst of connections waits a second for the kernel's next try.
    request_queue_size = 128

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.broken: list[BaseException] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A fault of ours must reach the test, not only its client."""
        error = sys.exception()
        if error is not None:
            self.broken.append(error)


class Server:
    """One ThreadingHTTPServer in front of a Service; stops at once, whatever still hangs on it."""

    def __init__(self, service: Service) -> None:
        self._open: set[socket.socket] = set()
        handler = type("Handler", (_Handler,), {"service": service, "open": self._open})
        self._service = service
        self._server = _Listener(handler)
        self._stopping = Event()
        self._thread = Thread(target=self._run, daemon=True)

    @property
    def port(self) -> int:
        return self._server.server_port

    def start(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._server.handle_request()

    def stop(self) -> None:
        """Raises AssertionError when an answer could not be made at all."""
        self._service.stop()
        self._stopping.set()
        # A last knock, so that the loop wakes and sees that it is over: quicker than any polling.
        socket.create_connection(("127.0.0.1", self.port)).close()
        self._thread.join()
        for one in list(self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._server.server_close()
        if self._server.broken:
            raise AssertionError("the fake itself broke") from self._server.broken[0]


class _Handler(BaseHTTPRequestHandler):
    service: Service
    open: set[socket.socket]
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.open.add(self.connection)

    def finish(self) -> None:
        self.open.discard(self.connection)
        with suppress(OSError):
            super().finish()

    def handle(self) -> None:
        with suppress(OSError):
            super().handle()

    def log_message(self, *_: Any) -> None:
        """Silent."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _serve(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.service.serve(Raw(self.command, parts.path, parts.query, headers, data))
        if isinstance(answer, Silence):
            self._hang_up(answer)
        else:
            self._send(answer)

    def _hang_up(self, silence: Silence) -> None:
        self.close_connection = True
        if silence.reset:
            # Closing with unsent data to be thrown away makes the kernel send RST instead of FIN.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def _send(self, answer: Answer) -> None:
        data = _dumped(answer.body)
        self.send_response(answer.status)
        for name, value in {"Content-Type": "application/json; charset=UTF-8", **answer.headers}.items():
            self.send_header(name, value)
        if answer.status not in (204, 304):
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _dumped(body: Any) -> bytes:
    if body is None:
        return b""
    return body if isinstance(body, bytes) else json.dumps(body, indent=1, ensure_ascii=False).encode()
